/* SPDX-License-Identifier: MIT */
/*
 * Requests and their answers. A call goes over its thread's connection. When its wait ends early,
 * by its deadline, an interrupt, or because the program says so, it is withdrawn in the manager by
 * a request on the side: so it takes no lock and no item later, and the connection lives on with
 * the RLocks it owns. A stock manager cannot do that: the connection is given up.
 *
 * Large arguments are sent from where the program has them: only what is around them is written.
 */
#include "client/client.h"
#include "client/ring.h"

#include "base/error.h"
#include "net/transport_tls.h"
#include "pickle/opcodes.h"

#include <errno.h>

/* How long the manager may take to withdraw a call, before the connection is given up. */
#define WITHDRAW_TIME (1 * SEC)

/*
 * The most answers to leave in a socket: a few kilobytes, so that the manager never waits for room.
 */
#define OWED_MAX 32

/* A connection that makes so many calls asks whether memory may carry the others. */
#define RING_AFTER 32

/* The most memory that a connection keeps for its next request. */
#define KEEP_MAX (256 * 1024)

static int out_of_memory(void)
{
    return error_set_memory();
}

int channel_error(struct sm_manager *manager, int r, const char *why)
{
    switch (r) {
    case -ENOMEM:
        return out_of_memory();
    case -ETIMEDOUT:
        return error_set(SM_ETIMEDOUT, "%s: no answer within %u ms", manager->text,
                         atomic_load(&manager->timeout_ms));
    case -EINTR:
        return error_set(SM_EINTERRUPTED, "%s: the call was interrupted", manager->text);
    case -EACCES:
        return error_set_reason(SM_EREFUSED, 0, why, "%s: the key is not the manager's (%s)",
                                manager->text, why);
    case -EPROTO:
        return error_set_reason(SM_EPROTOCOL, 0, why, "%s: %s", manager->text, why);
    case -ECONNABORTED:
        return error_set(SM_ETLS, "%s: %s", manager->text, transport_tls_why());
    case -EMSGSIZE:
        return error_set(SM_EPROTOCOL, "%s: an answer over the size limit", manager->text);
    case -ECONNREFUSED:
    case -ENOENT:
        return error_set_reason(SM_ECLOSED, -r, "", "%s: no manager is there", manager->text);
    case -EHOSTUNREACH:
    case -ENETUNREACH:
        return error_set_reason(SM_ECLOSED, -r, "", "%s: the manager is out of reach",
                                manager->text);
    case -EPIPE:
    case -ECONNRESET:
        return error_set_reason(SM_ECLOSED, -r, "", "%s: the manager went away", manager->text);
    default:
        return error_set_reason(SM_ESYSTEM, -r, "", "%s: %s", manager->text, error_text(-r));
    }
}

/* The frame is whole, but for the inserts; a long header has moved what they stand in. */
static int end_frame(struct buffer *out, size_t mark, struct inserts *inserts)
{
    size_t len = out->len;

    frame_end_before(out, mark, inserts ? inserts->size : 0);
    for (size_t i = 0; inserts && i < inserts->count; i++)
        inserts->insert[i].at += out->len - len;
    return out->failed ? -ENOMEM : 0;
}

int request_write(struct buffer *out, const struct outgoing *request, struct inserts *inserts)
{
    struct pickler p;
    size_t mark = frame_begin(out);
    int r;

    pickler_init(&p, out);
    p.inserts = inserts;
    pickler_start(&p);
    pickler_op(&p, MARK);
    pickler_value(&p, NULL, request->target);
    pickler_value(&p, NULL, sm_str(request->name));
    pickler_value(&p, NULL, request->args);
    pickler_value(&p, NULL, request->kwargs);
    pickler_op(&p, TUPLE);
    r = pickler_finish(&p);
    pickler_deinit(&p);
    if (r == 0)
        r = end_frame(out, mark, inserts);
    if (r == 0)
        return SM_OK;
    frame_cancel(out, mark);
    if (r == -ELOOP || r == -E2BIG)
        return error_set(SM_EARG, "an argument nests too deep");
    if (r == -EINVAL)
        return error_set(SM_EARG, "an argument is missing");
    return out_of_memory();
}

/* The frame of a request that came pickled. */
static void write_pickled(struct buffer *out, const struct outgoing *request,
                          struct inserts *inserts)
{
    uint8_t header[FRAME_HEADER_MAX];

    if (request->pickle_len < INSERT_MIN) {
        frame_add(out, request->pickle, request->pickle_len);
        return;
    }
    buffer_add(out, header, frame_header(request->pickle_len, header));
    inserts->insert[inserts->count++] =
        (struct insert){out->len, request->pickle, request->pickle_len};
}

/* Write the request's frame, less what is sent from where it is. */
static int write_request(struct buffer *out, const struct outgoing *request,
                         struct inserts *inserts)
{
    int r = SM_OK;

    inserts->count = inserts->size = 0;
    buffer_clear(out);
    if (request->pickle)
        write_pickled(out, request, inserts);
    else
        r = request_write(out, request, inserts);
    return r < 0 ? r : out->failed ? out_of_memory() : SM_OK;
}

/* Returns 0 or a negative errno. */
static int send_request(struct channel *channel, const struct buffer *out,
                        const struct inserts *inserts, const struct channel_wait *wait)
{
    struct iovec part[2 * INSERTS_MAX + 1];
    size_t count = 0, done = 0;

    if (!inserts->count)
        return channel_send(channel, out->data, out->len, wait);
    for (size_t i = 0; i < inserts->count; i++) {
        const struct insert *insert = &inserts->insert[i];

        part[count++] = (struct iovec){out->data + done, insert->at - done};
        part[count++] = (struct iovec){(void *)insert->bytes, insert->len};
        done = insert->at;
    }
    part[count++] = (struct iovec){out->data + done, out->len - done};
    return channel_send_parts(channel, part, count, wait);
}

int request_exchange(struct sm_manager *manager, struct channel *channel, struct buffer *out,
                     const struct channel_wait *wait, const struct outgoing *request,
                     struct frame *ret)
{
    struct inserts inserts;
    int r = write_request(out, request, &inserts);

    if (r < 0)
        return r;
    r = send_request(channel, out, &inserts, wait);
    if (r == 0)
        r = channel_receive(channel, wait, ret);
    return r < 0 ? channel_error(manager, r, "not a message") : SM_OK;
}

struct outgoing server_function(const char *name, struct sm_value args)
{
    return (struct outgoing){.name = name, .args = args, .kwargs = no_kwargs()};
}

/* Hand the answer on to who wants it. */
static int give_reply(struct channel *channel, const struct frame *frame, bool raw,
                      struct sm_reply **ret)
{
    struct sm_reply *reply;
    int r = reply_take(channel, frame, raw, &reply);

    if (r < 0)
        return r;
    if (ret)
        *ret = reply;
    else
        sm_reply_free(reply);
    return SM_OK;
}

int manager_request_once(struct sm_manager *manager, const struct outgoing *request,
                         const struct channel_wait *wait, struct sm_reply **ret)
{
    CLEANUP(channel_close) struct channel channel;
    CLEANUP(buffer_deinit) struct buffer out = {0};
    struct frame frame;
    const char *why;
    int r;

    r = manager_open_channel(manager, &channel, wait, &why);
    if (r < 0)
        return channel_error(manager, r, why);
    r = request_exchange(manager, &channel, &out, wait, request, &frame);
    return r < 0 ? r : give_reply(&channel, &frame, request->raw, ret);
}

int connection_settle(struct connection *c, const struct channel_wait *wait)
{
    struct frame frame;
    int r = 0;

    for (; c->owed && r == 0; c->owed -= r == 0)
        r = channel_receive(&c->channel, wait, &frame);
    return r;
}

/* Receive the answer to our request. */
static int receive(struct connection *c, const struct channel_wait *wait, struct frame *ret)
{
    int r = connection_settle(c, wait);

    return r < 0 ? r : channel_receive(&c->channel, wait, ret);
}

/* Ask the manager to end the call of a connection. Returns whether there was one to end. */
static int request_withdrawal(struct connection *c, const struct channel_wait *wait,
                              bool *ret_withdrawn)
{
    struct outgoing request = server_function("sm_withdraw", SM_TUPLE(sm_int((int64_t)c->id)));
    struct sm_reply *reply;
    int r;

    if (!c->id)
        return SM_ETIMEDOUT; /* a stock server cannot */
    r = manager_request_once(c->manager, &request, wait, &reply);
    if (r < 0)
        return r;
    *ret_withdrawn = reply->value.kind == SM_KIND_BOOL && reply->value.boolean;
    sm_reply_free(reply);
    return SM_OK;
}

/*
 * The deadline has passed, or an interrupt came, while the manager worked on our call. Withdraw it;
 * then its answer, be it the real one that was quicker, must come. Returns SM_OK with the real one.
 */
static int withdraw(struct connection *c, int reason, struct frame *ret)
{
    struct sm_manager *manager = c->manager;
    struct channel_wait wait = {.deadline = channel_deadline(WITHDRAW_TIME)};
    bool withdrawn = false;
    int r;

    r = request_withdrawal(c, &wait, &withdrawn);
    if (r == SM_OK)
        r = receive(c, &wait, ret);
    if (r == SM_OK && !withdrawn)
        return SM_OK;
    c->broken = r < 0;
    return channel_error(manager, reason, "");
}

static int receive_answer(struct connection *c, const struct channel_wait *wait, struct frame *ret)
{
    int r = receive(c, wait, ret);

    if (r == 0)
        return SM_OK;
    if (r == -ETIMEDOUT || r == -EINTR)
        return withdraw(c, r, ret);
    c->broken = true;
    return channel_error(c->manager, r, "the answer is not a message");
}

/* Memory that one large request needed is not kept for all the small ones to come. */
static void clean_up(struct connection *c)
{
    if (c->out.cap > KEEP_MAX)
        buffer_deinit(&c->out);
}

static int call(struct connection *c, const struct outgoing *request,
                const struct channel_wait *wait, struct frame *ret)
{
    struct inserts inserts;
    int r = write_request(&c->out, request, &inserts);

    if (r < 0)
        return r;
    r = send_request(&c->channel, &c->out, &inserts, wait);
    clean_up(c);
    if (r == 0)
        return receive_answer(c, wait, ret);
    c->broken = true;
    return channel_error(c->manager, r, "");
}

int connection_call(struct connection *c, const struct outgoing *request, struct sm_reply **ret)
{
    struct channel_wait wait;
    struct frame frame;
    int r;

    if (c->calls++ == RING_AFTER) {
        r = ring_join(c);
        if (r < 0)
            return r;
    }
    wait = manager_wait(c->manager);
    c->busy = true;
    r = call(c, request, &wait, &frame);
    c->busy = false;
    if (r == SM_OK)
        r = give_reply(&c->channel, &frame, request->raw, ret);
    if (c->broken)
        connection_free(c);
    return r;
}

int manager_post(struct sm_manager *manager, const struct outgoing *request)
{
    struct channel_wait wait = manager_wait(manager);
    struct inserts inserts;
    struct connection *c;
    int r = connection_get(manager, &c);

    if (r < 0)
        return r;
    if (!c->id || c->owed == OWED_MAX)
        return manager_request(manager, request, NULL);
    c->busy = true;
    r = write_request(&c->out, request, &inserts);
    if (r == SM_OK)
        c->broken = send_request(&c->channel, &c->out, &inserts, &wait) < 0;
    c->owed += r == SM_OK; /* else it closes, and would wait for this answer */
    c->busy = false;
    if (r < 0 || c->broken)
        connection_free(c);
    return r;
}

bool manager_is_ours(struct sm_manager *manager)
{
    struct connection *c;

    return connection_get(manager, &c) == SM_OK && c->id;
}

int manager_request(struct sm_manager *manager, const struct outgoing *request,
                    struct sm_reply **ret)
{
    struct channel_wait wait = manager_wait(manager);
    struct connection *c;
    int r = connection_get(manager, &c);

    if (r < 0)
        return r;
    if (c->id)
        return connection_call(c, request, ret);
    return manager_request_once(manager, request, &wait, ret);
}
