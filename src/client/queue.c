/* SPDX-License-Identifier: MIT */
/* Queue, JoinableQueue. What raises Full or Empty in Python has not happened yet in C. */
#include "client/typed.h"

int sm_queue(struct sm_manager *manager, int64_t maxsize, struct sm_proxy **ret)
{
    return typed_create(manager, "Queue", sm_int(maxsize), ret);
}

int sm_joinable_queue(struct sm_manager *manager, int64_t maxsize, struct sm_proxy **ret)
{
    return typed_create(manager, "JoinableQueue", sm_int(maxsize), ret);
}

int sm_queue_put(struct sm_proxy *queue, struct sm_value item, double timeout_s)
{
    int r;

    if (typed_forever(timeout_s))
        r = typed_call(queue, "put", SM_TUPLE(item));
    else if (timeout_s == 0)
        r = typed_call(queue, "put", SM_TUPLE(item, sm_bool(false)));
    else
        r = typed_call(queue, "put", SM_TUPLE(item, sm_bool(true), sm_float(timeout_s)));
    return r == SM_ERAISED && typed_raised("queue.Full") ? SM_NOT_YET : r;
}

int sm_queue_get(struct sm_proxy *queue, double timeout_s, struct sm_reply **ret)
{
    int r;

    if (typed_forever(timeout_s))
        r = sm_call(queue, "get", sm_missing(), ret);
    else if (timeout_s == 0)
        r = sm_call(queue, "get", SM_TUPLE(sm_bool(false)), ret);
    else
        r = sm_call(queue, "get", SM_TUPLE(sm_bool(true), sm_float(timeout_s)), ret);
    /* The queue module has Empty from _queue, where that was built. */
    if (r == SM_ERAISED && (typed_raised("_queue.Empty") || typed_raised("queue.Empty")))
        return SM_NOT_YET;
    return r;
}

int sm_queue_qsize(struct sm_proxy *queue, size_t *ret)
{
    return typed_size(queue, "qsize", sm_missing(), ret);
}

int sm_queue_empty(struct sm_proxy *queue, bool *ret)
{
    return typed_bool(queue, "empty", sm_missing(), ret);
}

int sm_queue_full(struct sm_proxy *queue, bool *ret)
{
    return typed_bool(queue, "full", sm_missing(), ret);
}

int sm_queue_task_done(struct sm_proxy *queue)
{
    return typed_call(queue, "task_done", sm_missing());
}

int sm_queue_join(struct sm_proxy *queue)
{
    return typed_call(queue, "join", sm_missing());
}

int sm_queue_shutdown(struct sm_proxy *queue, bool immediate)
{
    return typed_call(queue, "shutdown", SM_TUPLE(sm_bool(immediate)));
}
