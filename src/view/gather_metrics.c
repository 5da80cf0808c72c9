/* SPDX-License-Identifier: MIT */
/*
 * What calls have come to, a row for each type and method, and for waits each registered object, in
 * the order of these names. Two types of a program may have the same name: their times are one row.
 * And the deaths of owners.
 */
#include "base/memory.h"
#include "object/access.h"
#include "peer/deaths.h"
#include "peer/meter.h"
#include "peer/peer.h"
#include "view/gather.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What is in no table; and the server, as the type that has the server functions. */
#define OTHERS "other"
#define SERVER "Server"

static size_t count_circles(const struct crowd *crowd)
{
    struct lock_rows rows;
    size_t n = 0;

    lock_rows_begin(&rows, crowd, 0, &key_of_all);
    while (lock_rows_circle(&rows))
        n++;
    return n;
}

/* A circle that is there has closed: as long as none has, nobody is asked. */
void gather_metrics(const struct crowd *crowd, struct metrics_figures *ret)
{
    const struct meter *meter = crowd->meter;

    *ret = (struct metrics_figures){
        .counts = meter != NULL,
        .deadlocks = meter ? meter->deadlocks : 0,
        .deadlocks_now = !meter || meter->deadlocks ? count_circles(crowd) : 0,
        .call_least = METER_CALL_LEAST,
        .wait_least = METER_WAIT_LEAST,
    };
}

static void name_series(const struct registry *registry, const struct meter_key *key,
                        struct series_figures *ret)
{
    ret->type = key->type ? key->type->name : SERVER;
    ret->method = key->method ? key->method->name : OTHERS;
    ret->object = key->object ? registry_name(registry, key->object) : NULL;
    if (!ret->object)
        ret->object = "";
}

static int compare(const void *a, const void *b)
{
    const struct series_figures *x = a, *y = b;
    int r = strcmp(x->type, y->type);

    if (!r)
        r = strcmp(x->method, y->method);
    return r ? r : strcmp(x->object, y->object);
}

static void add_others(struct series_rows *rows, const struct meter_table *table)
{
    if (histogram_total(&table->others.times))
        rows->all[rows->len++] = (struct series_figures){
            .type = OTHERS, .method = OTHERS, .object = "", .times = &table->others.times};
}

static void begin(struct series_rows *rows, const struct crowd *crowd,
                  const struct meter_table *table, const struct key *key)
{
    const struct meter_series *series;
    size_t at = 0;

    *rows = (struct series_rows){0};
    if (!table)
        return;
    rows->all = memory_lend((table->series.len + 1) * sizeof(*rows->all));
    if (!rows->all) {
        rows->error = -ENOMEM;
        return;
    }
    while ((series = map_next(&table->series, &at))) {
        struct series_figures *row;

        if (series->key.object && !key_may_use(key, series->key.object))
            continue;
        row = &rows->all[rows->len++];
        name_series(crowd->registry, &series->key, row);
        row->times = &series->times;
    }
    add_others(rows, table);
    qsort(rows->all, rows->len, sizeof(*rows->all), compare);
}

void call_rows_begin(struct series_rows *rows, const struct crowd *crowd, const struct key *key)
{
    begin(rows, crowd, crowd->meter ? &crowd->meter->calls : NULL, key);
}

void wait_rows_begin(struct series_rows *rows, const struct crowd *crowd, const struct key *key)
{
    begin(rows, crowd, crowd->meter ? &crowd->meter->waits : NULL, key);
}

bool series_rows_next(struct series_rows *rows, struct series_figures *ret)
{
    if (rows->at == rows->len)
        return false;
    *ret = rows->all[rows->at++];
    rows->sum = *ret->times;
    while (rows->at < rows->len && compare(ret, &rows->all[rows->at]) == 0)
        histogram_merge(&rows->sum, rows->all[rows->at++].times);
    ret->times = &rows->sum;
    return true;
}

void series_rows_end(struct series_rows *rows)
{
    memory_free(rows->all);
}

bool gather_death(const struct crowd *crowd, size_t n, struct row_texts *texts,
                  struct death_figures *ret)
{
    const struct death *death = deaths_last(crowd->deaths, n);

    if (!death)
        return false;
    ident_format(death->ident, texts->ident);
    *ret = (struct death_figures){
        .date = loop_date(crowd->loop, death->at),
        .who = {.number = death->who.client,
                .pid = death->who.pid,
                .process = *death->who.process ? death->who.process : NULL,
                .host = *death->who.host ? death->who.host : "local"},
        .object = {.ident = texts->ident, .type = death->type->name},
        .registered = death->registered,
        .kept = death->kept,
    };
    return true;
}
