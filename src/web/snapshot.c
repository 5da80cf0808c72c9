/* SPDX-License-Identifier: MIT */
/* A walk is a call for each thousand rows; between two of them others are served. */
#include "snapshot.h"

#include <math.h>
#include <time.h>

#define EVERY_S 2.0
#define SHARE 20 /* one part of so many of the time */
#define KEPT_S 60

static double clock_s(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double now_s(void)
{
    return clock_s(CLOCK_MONOTONIC);
}

double date_s(void)
{
    return clock_s(CLOCK_REALTIME);
}

/* Add a part, and give where the next one begins; None at the end. */
static int add_part(struct rows *rows, struct sm_manager *manager, const char *function,
                    struct sm_value *start)
{
    struct sm_value part;
    struct sm_reply *reply;
    int r;

    r = sm_manager_call(manager, function,
                        start->kind == SM_KIND_INT ? SM_TUPLE(*start) : sm_missing(), sm_missing(),
                        &reply);
    if (r < 0)
        return r;
    part = sm_item(sm_reply_value(reply), 1);
    for (size_t i = 0; r == 0 && i < sm_len(part) && rows->len < SNAPSHOT_ROWS_MAX; i++)
        r = rows_add(rows, sm_item(part, i)) < 0 ? SM_ENOMEM : SM_OK;
    *start = sm_item(sm_reply_value(reply), 0); /* an int, which stands in itself */
    sm_reply_free(reply);
    return r;
}

static int take(struct snapshot *snapshot, struct sm_manager *manager,
                void (*between)(void *context), void *context)
{
    struct sm_value start = sm_none();
    struct rows rows = {0};
    int r;

    do {
        r = add_part(&rows, manager, snapshot->function, &start);
        between(context);
    } while (r == SM_OK && start.kind == SM_KIND_INT && rows.len < SNAPSHOT_ROWS_MAX);
    if (r < 0) {
        rows_deinit(&rows);
        return r;
    }
    rows_trim(&rows);
    rows_deinit(&snapshot->rows);
    snapshot->rows = rows;
    return SM_OK;
}

int snapshot_refresh(struct snapshot *snapshot, struct sm_manager *manager,
                     void (*between)(void *context), void *context)
{
    double begin = now_s();
    int r;

    snapshot->used = begin;
    if (snapshot->taken && begin < snapshot->next)
        return SM_OK;
    r = take(snapshot, manager, between, context);
    if (r < 0)
        return r;
    snapshot->taken = true;
    snapshot->at = date_s();
    snapshot->next = now_s() + fmax(EVERY_S, SHARE * (now_s() - begin));
    return SM_OK;
}

void snapshot_age(struct snapshot *snapshot)
{
    if (snapshot->taken && now_s() - snapshot->used > KEPT_S)
        snapshot_deinit(snapshot);
}

void snapshot_deinit(struct snapshot *snapshot)
{
    rows_deinit(&snapshot->rows);
    snapshot->taken = false;
}
