/* SPDX-License-Identifier: MIT */
/*
 * Many calls for few system calls. Requests gather, and go out in windows, each of which is
 * answered before the next is sent: so much fits into any socket's buffers, and neither end can
 * come to wait for the other to read. The answers are kept as they came, and decoded when they are
 * asked for.
 */
#include "base/error.h"
#include "client/proxy.h"

#include <errno.h>
#include <stdlib.h>

/* The most that is sent ahead of the answers, in bytes; a longer request goes alone. */
#define WINDOW 16384

struct sm_batch {
    struct sm_manager *manager; /* a handle */
    struct buffer out;          /* the requests, framed */
    struct batched {
        size_t end;             /* of the request in `out` */
        struct sm_reply *reply; /* owned; NULL: not there, or handed out */
    } * calls;                  /* owned */
    size_t len, cap;
    size_t answered; /* so many have their answer */
    size_t taken;    /* and so many were handed out */
    bool ran;
};

int sm_batch_new(struct sm_manager *manager, struct sm_batch **ret)
{
    struct sm_batch *batch;

    if (!manager)
        return error_set(SM_EARG, "no manager");
    batch = calloc(1, sizeof(*batch));
    if (!batch)
        return error_set_memory();
    batch->manager = manager_hold(manager);
    *ret = batch;
    return SM_OK;
}

static void batch_clear(struct sm_batch *batch)
{
    for (size_t i = 0; i < batch->len; i++)
        sm_reply_free(batch->calls[i].reply);
    batch->len = batch->answered = batch->taken = 0;
    batch->ran = false;
    buffer_clear(&batch->out);
}

void sm_batch_free(struct sm_batch *batch)
{
    if (!batch)
        return;
    batch_clear(batch);
    manager_drop(batch->manager);
    buffer_deinit(&batch->out);
    free(batch->calls);
    free(batch);
}

static int batch_reserve(struct sm_batch *batch)
{
    size_t cap = batch->cap ? batch->cap * 2 : 16;
    struct batched *calls;

    if (batch->len < batch->cap)
        return SM_OK;
    calls = realloc(batch->calls, cap * sizeof(*calls));
    if (!calls)
        return error_set_memory();
    batch->calls = calls;
    batch->cap = cap;
    return SM_OK;
}

int sm_batch_call(struct sm_batch *batch, struct sm_proxy *proxy, const char *method,
                  struct sm_value args)
{
    struct outgoing request = {.name = method, .args = args, .kwargs = no_kwargs()};
    int r;

    if (!batch || !proxy || !method)
        return error_set(SM_EARG, "no batch, no proxy, or no method");
    if (proxy->manager != batch->manager)
        return error_set(SM_EARG, "the object is in another manager than the batch is for");
    if (check_args(&request.args, &request.kwargs) < 0)
        return SM_EARG;
    if (batch->ran)
        batch_clear(batch);
    r = batch_reserve(batch);
    if (r == SM_OK)
        r = proxy_ready(proxy);
    if (r < 0)
        return r;
    request.target = proxy->ident;
    r = request_write(&batch->out, &request, NULL);
    if (r == SM_OK)
        batch->calls[batch->len++] = (struct batched){.end = batch->out.len};
    return r;
}

/* Send as much as a window takes, and receive the answers. Returns SM_OK or SM_E... */
static int run_window(struct sm_batch *batch, struct connection *c, const struct channel_wait *wait)
{
    size_t start = batch->answered ? batch->calls[batch->answered - 1].end : 0;
    size_t stop = batch->answered + 1;
    struct frame frame;
    int r;

    while (stop < batch->len && batch->calls[stop].end - start <= WINDOW)
        stop++;
    r = channel_send(&c->channel, batch->out.data + start, batch->calls[stop - 1].end - start,
                     wait);
    if (r == 0)
        r = connection_settle(c, wait);
    while (r == 0 && batch->answered < stop) {
        r = channel_receive(&c->channel, wait, &frame);
        if (r == 0 &&
            reply_take(&c->channel, &frame, true, &batch->calls[batch->answered].reply) < 0)
            r = -ENOMEM;
        batch->answered += r == 0;
    }
    return r < 0 ? channel_error(batch->manager, r, "the answer is not a message") : SM_OK;
}

int sm_batch_run(struct sm_batch *batch)
{
    struct channel_wait wait;
    struct connection *c;
    int r;

    if (!batch)
        return error_set(SM_EARG, "no batch");
    wait = manager_wait(batch->manager);
    r = connection_get(batch->manager, &c);
    if (r < 0)
        return r;
    c->busy = true;
    while (r == SM_OK && batch->answered < batch->len)
        r = run_window(batch, c, &wait);
    c->busy = false;
    batch->ran = true;
    batch->len = batch->answered;
    if (r < 0) {
        c->broken = true; /* answers are still to come, which nobody could tell from others */
        connection_free(c);
    }
    return r;
}

int sm_batch_next(struct sm_batch *batch, struct sm_reply **ret)
{
    struct batched *call;

    if (!batch)
        return error_set(SM_EARG, "no batch");
    if (!batch->ran || batch->taken == batch->answered)
        return SM_NOT_YET;
    call = &batch->calls[batch->taken++];
    return reply_finish(TAKE_PTR(call->reply), ret);
}
