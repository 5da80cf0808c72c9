/* SPDX-License-Identifier: MIT */
/*
 * Prometheus' text format: of each metric a line of HELP and one of TYPE, then its samples, all in
 * one place. What is one number of sm_info() is a row of a table; the histograms are of
 * sm_metrics(), whose counts are of one bucket each, and add up here.
 */
#include "cli/metrics.h"

#include "cli/fields.h"

#include <inttypes.h>
#include <string.h>

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

/* A number of sm_info(). Rows of one name stand together: they differ in their label. */
struct figure {
    const char *name; /* without what all names begin with */
    const char *label;
    const char *dict; /* where it is; NULL: in the outermost */
    const char *key;
    const char *help;
};

static const struct figure gauges[] = {
    {"uptime_seconds", NULL, NULL, "uptime_s", "Time since the manager was started."},
    {"connections", NULL, NULL, "connections", "Connections that are open."},
    {"processes", NULL, NULL, "processes",
     "Processes of this host that are connected, or hold something."},
    {"calls_waiting", NULL, NULL, "waiting", "Calls that wait now."},
    {"objects", NULL, NULL, "objects_alive", "Shared objects."},
    {"objects_referred", NULL, NULL, "objects", "Shared objects that clients refer to."},
    {"objects_in_transit", NULL, NULL, "objects_in_transit",
     "Objects that are kept for a proxy that is on its way."},
    {"objects_watched", NULL, NULL, "watched", "Objects that clients keep answers of."},
    {"references", NULL, NULL, "references", "References that clients have to objects."},
    {"words", NULL, NULL, "words", "Objects whose state clients have in shared memory."},
    {"words_lent", NULL, NULL, "lent", "Objects whose state is in shared memory now."},
    {"rings", NULL, NULL, "rings", "Connections that shared memory carries, or may."},
    {"memory_bytes", "objects", "memory", "objects", "Memory in use, by what it is used for."},
    {"memory_bytes", "connections", "memory", "connections", NULL},
    {"memory_bytes", "tables", "memory", "tables", NULL},
    {"memory_bytes", "shared", "memory", "shared", NULL},
    {"memory_used_bytes", NULL, "memory", "used", "Memory in use, as far as it is limited."},
    {"memory_limit_bytes", NULL, "memory", "limit", "Memory that may be in use."},
    {"memory_resident_bytes", NULL, "memory", "resident",
     "Memory that the process has, as the kernel counts it."},
};

static const struct figure counters[] = {
    {"requests_total", NULL, NULL, "calls", "Requests, of objects and of the server."},
    {"requests_by_ring_total", NULL, NULL, "by_rings", "Requests that shared memory carried."},
    {"connections_accepted_total", NULL, NULL, "connections_ever", "Connections that came in."},
    {"connections_refused_total", "key", NULL, "refused",
     "Connections that were not served, by the reason."},
    {"connections_refused_total", "silent", NULL, "cut", NULL},
    {"connections_refused_total", "full", NULL, "full", NULL},
    {"connections_killed_total", NULL, NULL, "killed", "Connections that a client has ended."},
    {"received_bytes_total", NULL, NULL, "bytes_in", "Bytes that came in."},
    {"sent_bytes_total", NULL, NULL, "bytes_out", "Bytes that were sent."},
    {"owner_deaths_total", NULL, NULL, "owner_deaths",
     "Locks whose owner ended while it held them."},
    {"references_dropped_total", NULL, NULL, "references_dropped",
     "References of processes that ended without giving them back."},
    {"answers_undelivered_total", NULL, NULL, "undelivered",
     "Answers that did not arrive, so that what they handed over went back."},
    {"words_recalled_total", NULL, NULL, "recalls",
     "How often the state of an object was taken back from shared memory."},
};

static void write_head(FILE *out, const char *name, const char *type, const char *help)
{
    fprintf(out, "# HELP syncmanager_%s %s\n# TYPE syncmanager_%s %s\n", name, help, name, type);
}

/* A label's value: the three characters that would end it, or its line, are escaped. */
static void write_text(FILE *out, struct sm_value text)
{
    for (size_t i = 0; text.kind == SM_KIND_STR && i < text.len; i++) {
        if (text.text[i] == '\n')
            fputs("\\n", out);
        else if (text.text[i] == '\\' || text.text[i] == '"')
            fprintf(out, "\\%c", text.text[i]);
        else
            putc(text.text[i], out);
    }
}

static void write_number(FILE *out, struct sm_value v)
{
    int64_t n;
    double seconds;

    if (sm_as_int(v, &n) == SM_OK)
        fprintf(out, "%" PRId64 "\n", n);
    else if (sm_as_float(v, &seconds) == SM_OK)
        fprintf(out, "%.9f\n", seconds);
    else
        fputs("NaN\n", out);
}

static void write_figure(FILE *out, const struct figure *figure, const char *label,
                         struct sm_value info)
{
    struct sm_value dict = figure->dict ? field(info, figure->dict) : info;

    fprintf(out, "syncmanager_%s", figure->name);
    if (figure->label)
        fprintf(out, "{%s=\"%s\"}", label, figure->label);
    putc(' ', out);
    write_number(out, field(dict, figure->key));
}

/* `label` is the name of those labels that rows have. */
static void write_figures(FILE *out, const struct figure *figures, size_t len, const char *type,
                          const char *label, struct sm_value info)
{
    for (size_t i = 0; i < len; i++) {
        if (figures[i].help)
            write_head(out, figures[i].name, type, figures[i].help);
        write_figure(out, &figures[i], label, info);
    }
}

static void write_version(FILE *out, struct sm_value info)
{
    write_head(out, "build_info", "gauge", "The version of the manager, as a label.");
    fputs("syncmanager_build_info{version=\"", out);
    write_text(out, field(info, "version"));
    fputs("\"} 1\n", out);
}

static void write_label(FILE *out, const char *name, struct sm_value row)
{
    fprintf(out, "%s=\"", name);
    write_text(out, field(row, name));
    putc('"', out);
}

struct series {
    const char *name;
    struct sm_value row;
    bool has_object;
};

/* The name of a sample, with its labels but the last brace. */
static void write_sample(FILE *out, const struct series *series, const char *suffix)
{
    fprintf(out, "syncmanager_%s%s{", series->name, suffix);
    write_label(out, "type", series->row);
    putc(',', out);
    write_label(out, "method", series->row);
    if (series->has_object) {
        putc(',', out);
        write_label(out, "object", series->row);
    }
}

static void write_histogram(FILE *out, const struct series *series, struct sm_value bounds)
{
    struct sm_value counts = field(series->row, "counts");
    int64_t total = 0, n = 0;
    double bound = 0;

    for (size_t i = 0; i < sm_len(counts); i++) {
        sm_as_int(sm_item(counts, i), &n);
        total += n;
        write_sample(out, series, "_bucket");
        if (i < sm_len(bounds) && sm_as_float(sm_item(bounds, i), &bound) == SM_OK)
            fprintf(out, ",le=\"%.9g\"} %" PRId64 "\n", bound, total);
        else
            fprintf(out, ",le=\"+Inf\"} %" PRId64 "\n", total);
    }
    write_sample(out, series, "_sum");
    fputs("} ", out);
    write_number(out, field(series->row, "sum_s"));
    write_sample(out, series, "_count");
    fprintf(out, "} %" PRId64 "\n", total);
}

static void write_histograms(FILE *out, struct sm_value metrics)
{
    struct sm_value calls = field(metrics, "calls"), waits = field(metrics, "waits");

    write_head(out, "call_duration_seconds", "histogram",
               "Time from a request to its answer, by type and method.");
    for (size_t i = 0; i < sm_len(calls); i++)
        write_histogram(out, &(struct series){"call_duration_seconds", sm_item(calls, i), false},
                        field(metrics, "call_bounds_s"));
    write_head(out, "wait_duration_seconds", "histogram",
               "The same of calls that waited, by the registered name of what they waited for.");
    for (size_t i = 0; i < sm_len(waits); i++)
        write_histogram(out, &(struct series){"wait_duration_seconds", sm_item(waits, i), true},
                        field(metrics, "wait_bounds_s"));
}

/* What there is of registered objects, each number a metric. */
static const struct figure object_gauges[] = {
    {"object_items", NULL, NULL, "items", "What a registered object holds, in values."},
    {"object_bytes", NULL, NULL, "bytes", "The same in bytes, estimated if it is much."},
    {"object_calls_waiting", NULL, NULL, "waiting", "Calls of a registered object that wait now."},
};

static const struct figure object_counters[] = {
    {"object_calls_total", NULL, NULL, "calls", "Calls of a registered object that were answered."},
};

static void write_object(FILE *out, const struct figure *figure, struct sm_value object)
{
    fprintf(out, "syncmanager_%s{", figure->name);
    write_label(out, "object", object);
    putc(',', out);
    write_label(out, "type", object);
    fputs("} ", out);
    write_number(out, field(object, figure->key));
}

static void write_objects(FILE *out, const struct figure *figures, size_t len, const char *type,
                          struct sm_value objects)
{
    for (size_t i = 0; i < len; i++) {
        write_head(out, figures[i].name, type, figures[i].help);
        for (size_t j = 0; j < sm_len(objects); j++)
            write_object(out, &figures[i], sm_item(objects, j));
    }
}

static void write_deadlocks(FILE *out, struct sm_value metrics)
{
    write_head(out, "deadlocks", "gauge", "Circles of clients that wait for each other now.");
    fputs("syncmanager_deadlocks ", out);
    write_number(out, field(metrics, "deadlocks_now"));
    if (field(metrics, "deadlocks").kind == SM_KIND_NONE)
        return;
    write_head(out, "deadlocks_closed_total", "counter",
               "How often clients came to wait for each other in a circle.");
    fputs("syncmanager_deadlocks_closed_total ", out);
    write_number(out, field(metrics, "deadlocks"));
}

static void write_all(FILE *out, struct sm_value info, struct sm_value metrics)
{
    struct sm_value objects = field(metrics, "objects");
    bool counts = false;

    write_version(out, info);
    write_figures(out, gauges, LEN(gauges), "gauge", "use", info);
    write_figures(out, counters, LEN(counters), "counter", "reason", info);
    write_deadlocks(out, metrics);
    write_objects(out, object_gauges, LEN(object_gauges), "gauge", objects);
    sm_as_bool(field(metrics, "counts_calls"), &counts);
    if (!counts)
        return;
    write_objects(out, object_counters, LEN(object_counters), "counter", objects);
    write_histograms(out, metrics);
}

int metrics_write(FILE *out, struct sm_manager *manager)
{
    struct sm_reply *info, *metrics;
    int r = sm_manager_call(manager, "sm_info", sm_missing(), sm_missing(), &info);

    if (r < 0)
        return r;
    r = sm_manager_call(manager, "sm_metrics", sm_missing(), sm_missing(), &metrics);
    if (r == SM_OK) {
        write_all(out, sm_reply_value(info), sm_reply_value(metrics));
        sm_reply_free(metrics);
    }
    sm_reply_free(info);
    return r < 0 ? r : SM_OK;
}
