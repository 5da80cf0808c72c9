/* SPDX-License-Identifier: MIT */
/*
 * What calls come to, and the deaths of owners, as dicts. The names of types, methods and objects
 * are the program's own, and tell rows from each other: they are written as they are, but that a
 * byte which is no UTF-8 becomes \xNN.
 */
#include "view/pickle.h"

#include "base/utf8.h"

static bool is_character(uint32_t c, size_t width)
{
    char shortest[UTF8_MAX];

    return c <= 0x10ffff && !utf8_is_surrogate(c) && utf8_encode(c, shortest) == width;
}

static void add_name(struct buffer *out, const char *name, size_t len)
{
    for (size_t at = 0; at < len;) {
        size_t start = at;
        uint32_t c = utf8_next(name, len, &at);

        if (is_character(c, at - start)) {
            buffer_add(out, name + start, at - start);
            continue;
        }
        buffer_addf(out, "\\x%02x", (unsigned)(uint8_t)name[start]);
        at = start + 1;
    }
}

static void write_name(struct pickler *p, const char *key, const char *name)
{
    CLEANUP(buffer_deinit) struct buffer text = {0};

    add_name(&text, name, strlen(name));
    p->out->failed |= text.failed;
    pickle_key(p, key);
    pickler_value(p, NULL, sm_strn((const char *)text.data, text.len));
}

static void write_bounds(struct pickler *p, const char *key, nsec least)
{
    pickle_key(p, key);
    pickle_list_begin(p);
    for (size_t i = 0; i < HISTOGRAM_BOUNDS; i++)
        pickler_value(p, NULL, sm_float((double)histogram_bound(least, i) / SEC));
    pickle_list_end(p);
}

void pickle_metrics(struct pickler *p, const struct metrics_figures *metrics)
{
    pickle_entry(p, "counts_calls", sm_bool(metrics->counts));
    pickle_entry(p, "deadlocks", metrics->counts ? pickle_number(metrics->deadlocks) : sm_none());
    pickle_entry(p, "deadlocks_now", pickle_number(metrics->deadlocks_now));
    write_bounds(p, "call_bounds_s", metrics->call_least);
    write_bounds(p, "wait_bounds_s", metrics->wait_least);
}

static void write_times(struct pickler *p, const struct histogram *times)
{
    pickle_entry(p, "sum_s", sm_float(times->sum / SEC));
    pickle_key(p, "counts");
    pickle_list_begin(p);
    for (size_t i = 0; i < HISTOGRAM_LEN; i++)
        pickler_value(p, NULL, pickle_number(times->counts[i]));
    pickle_list_end(p);
}

void pickle_call_series(struct pickler *p, const struct series_figures *series)
{
    pickle_dict_begin(p);
    write_name(p, "type", series->type);
    write_name(p, "method", series->method);
    write_times(p, series->times);
    pickle_dict_end(p);
}

void pickle_wait_series(struct pickler *p, const struct series_figures *series)
{
    pickle_dict_begin(p);
    write_name(p, "type", series->type);
    write_name(p, "method", series->method);
    write_name(p, "object", series->object);
    write_times(p, series->times);
    pickle_dict_end(p);
}

void pickle_registered(struct pickler *p, const struct object_figures *object)
{
    pickle_dict_begin(p);
    write_name(p, "object", object->registered);
    write_name(p, "type", object->name.type);
    pickle_entry(p, "waiting", pickle_number(object->waiting));
    pickle_entry(p, "items", pickle_number(object->items));
    pickle_entry(p, "bytes", pickle_number(object->bytes));
    pickle_entry(p, "calls", object->counts ? pickle_number(object->calls) : sm_none());
    pickle_dict_end(p);
}
