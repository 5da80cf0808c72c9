/* SPDX-License-Identifier: MIT */
/*
 * Works on what clients wait for. Where two take turns, each turn of one ends the other's wait, so
 * that every turn is a hand-over and none is luck.
 */
#include "sm.h"

/* How long a consumer waits before it looks whether time is over. */
#define LOOK_S 0.05

int lock_prepare(struct client *first)
{
    struct stage *stage;

    if (stage_open(first, &stage) < 0)
        return -1;
    return check(sm_lock(stage->manager, &stage->proxy[0]));
}

int lock_turn(struct client *client)
{
    struct stage *stage = client->common;

    if (check(sm_lock_acquire(stage->proxy[0], SM_FOREVER)) < 0 ||
        check(sm_lock_release(stage->proxy[0])) < 0)
        return -1;
    return 1;
}

int rlock_prepare(struct client *first)
{
    struct stage *stage;

    if (stage_open(first, &stage) < 0)
        return -1;
    return check(sm_rlock(stage->manager, &stage->proxy[0]));
}

/* Clients that do something with the lock, and more without it. */
int turns_turn(struct client *client)
{
    struct stage *stage = client->common;

    if (check(sm_lock_acquire(stage->proxy[0], SM_FOREVER)) < 0)
        return -1;
    work_ns(HOLD_NS);
    if (check(sm_lock_release(stage->proxy[0])) < 0)
        return -1;
    work_ns(OUT_NS);
    return 1;
}

/* Two locks, both taken: each client releases the other's and waits for its own. */
int handover_prepare(struct client *first)
{
    struct stage *stage;

    if (stage_open(first, &stage) < 0)
        return -1;
    for (int i = 0; i < 2; i++)
        if (check(sm_lock(stage->manager, &stage->proxy[i])) < 0 ||
            check(sm_lock_acquire(stage->proxy[i], SM_FOREVER)) < 0)
            return -1;
    return 0;
}

/* The same with semaphores, which are acquired and released by the same calls. */
int semaphore_handover_prepare(struct client *first)
{
    struct stage *stage;

    if (stage_open(first, &stage) < 0)
        return -1;
    for (int i = 0; i < 2; i++)
        if (check(sm_semaphore(stage->manager, 0, &stage->proxy[i])) < 0)
            return -1;
    return 0;
}

int handover_turn(struct client *client)
{
    struct stage *stage = client->common;
    struct sm_proxy *mine = stage->proxy[client->index];
    struct sm_proxy *other = stage->proxy[1 - client->index];

    if (client->index == 0) {
        if (check(sm_lock_release(other)) < 0 || check(sm_lock_acquire(mine, SM_FOREVER)) < 0)
            return -1;
        return 2;
    }
    if (check(sm_lock_acquire(mine, SM_FOREVER)) < 0 || check(sm_lock_release(other)) < 0)
        return -1;
    return 0;
}

int semaphore_prepare(struct client *first)
{
    struct stage *stage;

    if (stage_open(first, &stage) < 0)
        return -1;
    return check(sm_semaphore(stage->manager, first->options->clients, &stage->proxy[0]));
}

int semaphore_turn(struct client *client)
{
    struct stage *stage = client->common;

    if (check(sm_semaphore_acquire(stage->proxy[0], SM_FOREVER)) < 0 ||
        check(sm_semaphore_release(stage->proxy[0], 1)) < 0)
        return -1;
    return 1;
}

/* Nobody waits for a Counter, but clients are at it as they are at a lock. */
int counter_prepare(struct client *first)
{
    struct stage *stage;

    if (stage_open(first, &stage) < 0)
        return -1;
    return check(sm_counter(stage->manager, 0, &stage->proxy[0]));
}

int counter_turn(struct client *client)
{
    struct stage *stage = client->common;

    return check(sm_counter_add(stage->proxy[0], 1, NULL)) < 0 ? -1 : 1;
}

int condition_prepare(struct client *first)
{
    struct stage *stage;

    if (stage_open(first, &stage) < 0)
        return -1;
    return check(sm_condition(stage->manager, NULL, &stage->proxy[0]));
}

/* Whose turn it is stands in memory that both share; the condition tells that it has changed. */
int condition_turn(struct client *client)
{
    struct stage *stage = client->common;
    struct sm_proxy *condition = stage->proxy[0];
    atomic_ullong *whose = &client->shared->word[0];

    if (check(sm_condition_acquire(condition, SM_FOREVER)) < 0)
        return -1;
    while (atomic_load(whose) != client->index)
        if (check(sm_condition_wait(condition, SM_FOREVER)) < 0)
            return -1;
    atomic_store(whose, 1 - client->index);
    if (check(sm_condition_notify(condition, 1)) < 0 || check(sm_condition_release(condition)) < 0)
        return -1;
    return client->index == 0 ? 2 : 0;
}

int barrier_prepare(struct client *first)
{
    struct stage *stage;

    if (stage_open(first, &stage) < 0)
        return -1;
    return check(sm_barrier(stage->manager, first->options->clients, SM_FOREVER, &stage->proxy[0]));
}

int barrier_turn(struct client *client)
{
    struct stage *stage = client->common;

    if (check(sm_barrier_wait(stage->proxy[0], SM_FOREVER, NULL)) < 0)
        return -1;
    return client->index == 0;
}

int queue_prepare(struct client *first)
{
    struct stage *stage;

    if (stage_open(first, &stage) < 0)
        return -1;
    return check(sm_queue(stage->manager, 0, &stage->proxy[0]));
}

/* The first half puts, the second half gets; what is got counts. */
int queue_turn(struct client *client)
{
    struct stage *stage = client->common;
    struct sm_reply *reply;
    int r;

    if (client->index < client->options->clients / 2)
        return check(sm_queue_put(stage->proxy[0], sm_int(1), SM_FOREVER));
    r = sm_queue_get(stage->proxy[0], LOOK_S, &reply);
    if (r == SM_OK)
        sm_reply_free(reply);
    return check(r) < 0 ? -1 : r == SM_OK;
}

int bulk_turn(struct client *client)
{
    struct stage *stage = client->common;
    struct sm_value all = sm_bytes(stage->bytes, client->options->bytes);
    struct sm_reply *reply;

    if (check(sm_queue_put(stage->proxy[0], all, SM_FOREVER)) < 0 ||
        check(sm_queue_get(stage->proxy[0], SM_FOREVER, &reply)) < 0)
        return -1;
    sm_reply_free(reply);
    return 1;
}
