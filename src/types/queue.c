/* SPDX-License-Identifier: MIT */
/*
 * Queue, JoinableQueue: both are Python's queue.Queue. Calls wait in three rows: to get while there
 * is nothing, to put while it is full, to join while tasks are unfinished. Whoever makes one of
 * them possible completes the oldest: a put hands its item straight to the oldest getter, a get
 * lets the oldest putter's item in. So nobody waits to get while there are items, and nobody waits
 * to put unless it is full.
 *
 * Each item carries its turn, so that one which was handed to a caller that never got it returns to
 * the place it had. A full queue may so grow beyond its limit for a while.
 */
#include "object/answer.h"
#include "object/args.h"
#include "object/ask.h"
#include "object/stored.h"
#include "object/waitq.h"
#include "types/ring.h"
#include "types/types.h"
#include "value/number.h"

#include <errno.h>
#include <inttypes.h>

struct queue {
    struct object object;
    struct ring items;
    uint64_t turns;      /* items ever put */
    uint64_t unfinished; /* items put and not reported done */
    size_t limit;        /* how many items make it full; 0: it never is */
    struct frozen
        odd;      /* a maxsize that is no number, which fails when it is looked at; or absent */
    bool shut;    /* nothing more may be put */
    bool drained; /* and what was in it is void */
    bool serving; /* items are being handed to those who wait: see queue_give_back() */
    struct waitq getters;
    struct waitq putters; /* their items are in call->item */
    struct waitq joiners;
};

#define EMPTY "_queue.Empty"
#define FULL "queue.Full"

static struct queue *queue_of(struct object *self)
{
    return container_of(self, struct queue, object);
}

static bool is_full(const struct queue *queue)
{
    return queue->limit && queue->items.len >= queue->limit;
}

static void getter_expired(struct waitq *waiters, struct call *call)
{
    (void)waiters;
    call_raise(call, EMPTY, NULL);
}

static void putter_expired(struct waitq *waiters, struct call *call)
{
    (void)waiters;
    call_raise(call, FULL, NULL);
}

static const struct waitq_ops getters_ops = {.expired = getter_expired};
static const struct waitq_ops putters_ops = {.expired = putter_expired};
static const struct waitq_ops joiners_ops = {0}; /* join() has no timeout */

static bool queue_init(struct object *self, struct call *call)
{
    struct queue *queue = queue_of(self);
    struct sm_value maxsize = call->arg[0];

    waitq_init(&queue->getters, &getters_ops);
    waitq_init(&queue->putters, &putters_ops);
    waitq_init(&queue->joiners, &joiners_ops);
    if (call_asks(call, maxsize, SM_ASK_NUMBER, 0))
        return false;
    if (value_is_number(maxsize))
        queue->limit = number_to_count(maxsize);
    else if (maxsize.kind != SM_KIND_MISSING)
        return call_freeze(call, maxsize, &queue->odd);
    return true;
}

static void queue_deinit(struct object *self)
{
    ring_deinit(&queue_of(self)->items);
    frozen_free(&queue_of(self)->odd);
}

static void queue_measure(struct object *self, struct extent *extent)
{
    ring_measure(&queue_of(self)->items, extent);
}

static int queue_newest(struct object *self, size_t *at, struct buffer *out, unsigned python)
{
    const struct ring *items = &queue_of(self)->items;

    if (*at >= items->len)
        return 0;
    return stored_show(out, python, self, NULL,
                       &items->slots[(items->head + items->len - ++*at) & (items->cap - 1)].item);
}

static int queue_repr(struct object *self, struct buffer *out, unsigned python)
{
    (void)python;
    buffer_addf(out, "<queue.Queue object at 0x%" PRIx64 ">", self->ident);
    return out->failed ? -ENOMEM : 0;
}

/* queue.ShutDown came with 3.13; older Pythons cannot load it. */
static void raise_shut(struct call *call, const char *before)
{
    call_raise(call, call->python >= 13 ? "queue.ShutDown" : before, NULL);
}

/*
 * False: maxsize is no number, and the call has been answered. Python finds out as it compares
 * `maxsize > 0` in put() and `0 < maxsize` in full().
 */
static bool check_maxsize(struct queue *queue, struct call *call, const char *comparison)
{
    struct sm_value maxsize;

    if (frozen_is_absent(&queue->odd))
        return true;
    if (!call_thaw(call, &queue->odd, &maxsize))
        return false;
    if (strcmp(comparison, ">") == 0)
        call_raise(call, "TypeError", "'>' not supported between instances of '%s' and 'int'",
                   call_type_name(call, maxsize));
    else
        call_raise(call, "TypeError", "'<' not supported between instances of 'int' and '%s'",
                   call_type_name(call, maxsize));
    return false;
}

static void hand_over(struct call *call, struct slot slot)
{
    frozen_free(&call->item);
    call->item = slot.item;
    call->number = slot.turn;
    call->handed = true;
    call_return_frozen(call, &call->item);
}

/* Take in the item that a call brings, for the oldest getter if there is one, and answer it. */
static void accept(struct queue *queue, struct call *putter)
{
    struct slot slot = {.item = putter->item, .turn = queue->turns};
    struct call *getter = waitq_take(&queue->getters);

    if (!getter && ring_push(&queue->items, slot) < 0) {
        call_raise_errno(putter, -ENOMEM);
        return;
    }
    putter->item = (struct frozen){0};
    queue->turns++;
    queue->unfinished++;
    if (getter)
        hand_over(getter, slot);
    call_return_none(putter);
}

static void put(struct object *self, struct call *call, bool blocks, struct sm_value limit)
{
    struct queue *queue = queue_of(self);
    bool full = is_full(queue);
    nsec timeout = 0;

    if (queue->shut) {
        raise_shut(call, FULL);
        return;
    }
    if (!check_maxsize(queue, call, ">"))
        return;
    if (queue->limit && blocks && !call_queue_wait(call, limit, full, &timeout))
        return;
    if (full && timeout == 0) {
        call_raise(call, FULL, NULL);
        return;
    }
    if (!call_freeze(call, call->arg[0], &call->item))
        return;
    if (full)
        waitq_park(&queue->putters, call, timeout);
    else
        accept(queue, call);
}

static void get(struct object *self, struct call *call, bool blocks, struct sm_value limit)
{
    struct queue *queue = queue_of(self);
    bool empty = queue->items.len == 0;
    nsec timeout = 0;

    if (queue->shut && empty) {
        raise_shut(call, EMPTY);
        return;
    }
    if (blocks && !call_queue_wait(call, limit, empty, &timeout))
        return;
    if (!empty) {
        hand_over(call, ring_pop(&queue->items));
        while (!waitq_empty(&queue->putters) && !is_full(queue))
            accept(queue, waitq_take(&queue->putters));
    } else if (timeout) {
        waitq_park(&queue->getters, call, timeout);
    } else {
        call_raise(call, EMPTY, NULL);
    }
}

/* `block`, true unless it is given. False: the call has been answered, or Python is asked. */
static bool block_argument(struct call *call, struct sm_value v, bool *ret)
{
    *ret = true;
    return v.kind == SM_KIND_MISSING || call_truth(call, v, ret);
}

/* Python looks at these arguments only where the queue has a limit. */
static void queue_put(struct object *self, struct call *call)
{
    bool blocks = true;

    if (!queue_of(self)->limit || block_argument(call, call->arg[1], &blocks))
        put(self, call, blocks, call->arg[2]);
}

static void queue_put_nowait(struct object *self, struct call *call)
{
    put(self, call, false, sm_none());
}

static void queue_get(struct object *self, struct call *call)
{
    bool blocks;

    if (block_argument(call, call->arg[0], &blocks))
        get(self, call, blocks, call->arg[1]);
}

static void queue_get_nowait(struct object *self, struct call *call)
{
    get(self, call, false, sm_none());
}

static void queue_qsize(struct object *self, struct call *call)
{
    call_return_int(call, (int64_t)queue_of(self)->items.len);
}

static void queue_empty(struct object *self, struct call *call)
{
    call_return_bool(call, queue_of(self)->items.len == 0);
}

static void queue_full(struct object *self, struct call *call)
{
    struct queue *queue = queue_of(self);

    if (check_maxsize(queue, call, "<"))
        call_return_bool(call, is_full(queue));
}

static void finish(struct queue *queue, uint64_t n)
{
    queue->unfinished -= MIN(n, queue->unfinished);
    if (queue->unfinished == 0)
        waitq_wake(&queue->joiners, SIZE_MAX, sm_none());
}

static void queue_task_done(struct object *self, struct call *call)
{
    struct queue *queue = queue_of(self);

    if (queue->unfinished == 0) {
        call_raise(call, "ValueError", "task_done() called too many times");
        return;
    }
    finish(queue, 1);
    call_return_none(call);
}

static void queue_join(struct object *self, struct call *call)
{
    struct queue *queue = queue_of(self);

    if (queue->unfinished)
        waitq_park(&queue->joiners, call, FOREVER);
    else
        call_return_none(call);
}

/* At once, what is left counts as done. */
static void queue_shutdown(struct object *self, struct call *call)
{
    struct queue *queue = queue_of(self);
    struct call *waiter;
    bool at_once = false;

    if (call->arg[0].kind != SM_KIND_MISSING && !call_truth(call, call->arg[0], &at_once))
        return;
    queue->shut = true;
    if (at_once) {
        size_t left = queue->items.len;

        queue->drained = true;
        ring_deinit(&queue->items);
        finish(queue, left);
    }
    while ((waiter = waitq_take(&queue->getters)))
        raise_shut(waiter, EMPTY);
    while ((waiter = waitq_take(&queue->putters)))
        raise_shut(waiter, FULL);
    call_return_none(call);
}

/* Hand out an item, and what comes back meanwhile. */
static void serve_getters(struct queue *queue, struct call *getter, struct slot slot)
{
    queue->serving = true;
    hand_over(getter, slot);
    while (queue->items.len && (getter = waitq_take(&queue->getters)))
        hand_over(getter, ring_pop(&queue->items));
    queue->serving = false;
}

/*
 * The item returns to its place; it still counts as unfinished. Whoever waits gets it at once. When
 * memory is short that fails as well, and it comes back, as often as there are getters: those are
 * served in a loop by the first to be here, as they may be more than the stack has room for.
 */
static void queue_give_back(struct object *self, struct call *call)
{
    struct queue *queue = queue_of(self);
    struct slot slot = {.item = call->item, .turn = call->number};
    struct call *getter;

    call->item = (struct frozen){0};
    getter = queue->drained || queue->serving ? NULL : waitq_take(&queue->getters);
    if (getter) {
        serve_getters(queue, getter, slot);
    } else if (queue->drained || ring_restore(&queue->items, slot) < 0) {
        frozen_free(&slot.item);
        finish(queue, 1);
    }
}

static const struct method queue_methods[] = {
    {"empty", queue_empty, {SIGNATURE_PYTHON}, .reads = true},
    {"full", queue_full, {SIGNATURE_PYTHON}, .reads = true},
    {"get", queue_get, {SIGNATURE_PYTHON, {"block", "timeout"}, .numbers = SIGNATURE_PARAM(1)}},
    {"get_nowait", queue_get_nowait, {SIGNATURE_PYTHON}},
    {"join", queue_join, {SIGNATURE_PYTHON}, .harmless = true},
    {"put",
     queue_put,
     {SIGNATURE_PYTHON,
      {"item", "block", "timeout"},
      .required = 1,
      .numbers = SIGNATURE_PARAM(2)}},
    {"put_nowait", queue_put_nowait, {SIGNATURE_PYTHON, {"item"}, .required = 1}},
    {"qsize", queue_qsize, {SIGNATURE_PYTHON}, .reads = true},
    {"shutdown", queue_shutdown, {SIGNATURE_PYTHON, {"immediate"}}, .since = 13},
    {"task_done", queue_task_done, {SIGNATURE_PYTHON}},
    {0},
};

const struct object_type queue_type = {
    .name = "Queue",
    .size = sizeof(struct queue),
    .create = {SIGNATURE_PYTHON, {"maxsize"}, .numbers = SIGNATURE_PARAM(0)},
    .methods = queue_methods,
    .init = queue_init,
    .deinit = queue_deinit,
    .measure = queue_measure,
    .repr = queue_repr,
    .newest = queue_newest,
    .unpicklable = "_thread.lock",
    .give_back = queue_give_back,
};
