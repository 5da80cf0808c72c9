/* SPDX-License-Identifier: MIT */
/*
 * The driver of the C client: libsyncmanager against any manager. The key is $SYNCMANAGER_AUTHKEY.
 */
#include "sm.h"

#include <stdlib.h>

int check(int status)
{
    return status < 0 ? -sm_complain("bench-sm") : 0;
}

int stage_open(struct client *first, struct stage **ret)
{
    struct stage *stage = calloc(1, sizeof(*stage));

    if (!stage)
        return -1;
    stage->bytes = calloc(1, first->options->bytes + 1);
    first->common = stage;
    *ret = stage;
    return check(sm_manager_connect(first->options->address, NULL, &stage->manager));
}

void stage_leave(struct client *client)
{
    struct stage *stage = client->common;

    if (client->options->threads)
        return;
    sm_proxy_free(stage->proxy[0]);
    sm_proxy_free(stage->proxy[1]);
}

void stage_close(struct client *first)
{
    struct stage *stage = first->common;

    /* A crowd is left to the manager, which drops what a process held that has ended. */
    sm_proxy_free(stage->proxy[0]);
    sm_proxy_free(stage->proxy[1]);
    sm_batch_free(stage->batch);
    sm_manager_free(stage->manager);
    free(stage->bytes);
    free(stage);
}

/* The thread's connection is opened before time counts. */
static int stage_enter(struct client *client)
{
    struct stage *stage = client->common;

    return check(sm_manager_call(stage->manager, "dummy", sm_missing(), sm_missing(), NULL));
}

static int stage_prepare(struct client *first)
{
    struct stage *stage;

    return stage_open(first, &stage);
}

#define WORK(name_, prepare_, turn_, ...)                                                          \
    {                                                                                              \
        .name = name_, .prepare = prepare_, .open = stage_enter, .turn = turn_,                    \
        .close = stage_leave, .finish = stage_close, __VA_ARGS__                                   \
    }

const struct work works[] = {
    WORK("list_get", list_prepare, list_get),
    WORK("pipeline", list_prepare, pipeline_turn),
    WORK("list_set", list_prepare, list_set),
    WORK("list_set_seldom", list_prepare, list_set, .pause_us = 10000),
    WORK("list_read", list_prepare, list_read),
    WORK("dict_get", dict_prepare, dict_get),
    WORK("dict_set", dict_prepare, dict_set),
    WORK("value", value_prepare, value_turn),
    WORK("lock", lock_prepare, lock_turn),
    WORK("rlock", rlock_prepare, lock_turn),
    WORK("turns", lock_prepare, turns_turn),
    WORK("handover", handover_prepare, handover_turn, .lockstep = true, .clients = 2),
    WORK("semaphore", semaphore_prepare, semaphore_turn),
    WORK("semaphore_handover", semaphore_handover_prepare, handover_turn, .lockstep = true,
         .clients = 2),
    WORK("counter", counter_prepare, counter_turn),
    WORK("condition", condition_prepare, condition_turn, .lockstep = true, .clients = 2),
    WORK("barrier", barrier_prepare, barrier_turn, .lockstep = true),
    WORK("queue", queue_prepare, queue_turn),
    WORK("bulk", queue_prepare, bulk_turn),
    WORK("create", stage_prepare, create_turn),
    WORK("connect", stage_prepare, connect_turn),
    {0},
};
