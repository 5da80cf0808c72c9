/* SPDX-License-Identifier: MIT */
/*
 * A peer is driven by what its stream brings: frames are taken one by one and each runs to its
 * answer, or parks. While a call is parked no further frame is taken, but the connection is read,
 * because that is how its end is noticed.
 *
 * Answering a parked call only puts its peer in a row: the loop settles those before it waits. So
 * while a method runs, nothing is sent, no connection ends and no other request runs, however many
 * it wakes; and a chain of wakers, each with the next request already sent, takes no stack.
 */
#include "peer/requests.h"

#include "base/limits.h"
#include "object/access.h"
#include "object/answer.h"
#include "object/ask.h"
#include "object/dispatch.h"
#include "object/place.h"
#include "peer/meter.h"
#include "peer/peer.h"
#include "peer/process.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* A peer that has this much to read gets no further answers until it has read. */
#define PEER_BACKLOG_MAX (256 * 1024)

/* Have the peer's turn come after those of others. */
static void peer_take_up(struct peer *peer)
{
    list_remove(&peer->answered);
    list_append(&peer->crowd->answered, &peer->answered);
}

static void peer_answered(struct call *call)
{
    struct peer *peer = container_of(call, struct peer, call);

    peer->in_call = false;
    if (!call->out->failed) {
        size_t more = frozen_is_absent(&call->lent) ? 0 : frozen_len(&call->lent);

        frame_end_before(call->out, call->out_start, more ? more + strlen(CALL_LENT_END) : 0);
        if (more)
            stream_lend(&peer->stream, frozen_bytes(&call->lent), more, CALL_LENT_END);
        peer->unconfirmed = true;
    }
    if (!stream_is_offering(
            &peer->stream)) /* else what runs now sends it, with whatever else it answers */
        peer_take_up(peer);
}

/* An answer to the handshake is none to a call. */
static void peer_answered_counted(struct call *call)
{
    struct peer *peer = container_of(call, struct peer, call);
    struct crowd *crowd = peer->crowd;

    if (peer->in_call)
        meter_add(crowd->meter, call, loop_now(crowd->loop) - call->now, peer->waited);
    peer->waited = false;
    peer_answered(call);
}

/* Somebody may be at work on it: then it does not wait for others. */
static void peer_parked_counted(struct call *call)
{
    struct peer *peer = container_of(call, struct peer, call);

    peer->waited |= !call->record;
    peer->crowd->meter->deadlocks += meter_closes_circle(peer);
}

void peer_settle(struct peer *peer)
{
    list_remove(&peer->answered);
    if (stream_out(&peer->stream)->failed) {
        peer_close(peer);
        return;
    }
    if (peer->state == PEER_CLOSING) {
        peer_finish(peer);
        return;
    }
    if (peer->crowd->phase == CROWD_DRAINS) {
        peer_shut_down(peer);
        return;
    }
    stream_flush(&peer->stream);
    stream_poke(&peer->stream);
}

static void peer_call_begin(struct peer *peer)
{
    struct call *call = &peer->call;

    call_reset(call);
    tree_reset(call->tree);
    peer->unconfirmed = false;
    peer->in_call = true;
    peer->calls++;
    peer->crowd->counts.calls++;
    peer->crowd->counts.by_rings += stream_uses_ring(&peer->stream);
    call->now = call->registry->now = loop_now(peer->crowd->loop);
    transits_yield(call->registry);
}

static void peer_request_failed(struct peer *peer, int r, const struct pickle_error *error)
{
    if (r == REQUEST_EMPTY && peer->state == PEER_CALLS) {
        peer_close(peer);
        return;
    }
    if (r == -ENOMEM) {
        peer->call.errors = peer->state == PEER_CALLS ? CALL_RAISES : CALL_FAILS;
        call_raise_errno(&peer->call, r);
    } else if (strcmp(error->type, "PermissionError") == 0) {
        access_refuse(&peer->call, "anything with this argument", error->message);
    } else {
        peer->call.errors = CALL_FAILS;
        call_fail(&peer->call, error->type, "%s", error->message);
    }
    if (peer->state == PEER_GREETING)
        peer->state = PEER_CLOSING;
}

/* Which Python the client is, as far as its handshake and pickles tell. */
static unsigned client_python(const struct peer *peer, const struct request *request)
{
    unsigned stated = peer->crowd->options->python_minor;

    if (request->protocol >= 5)
        return MAX(stated, 14);
    if (peer->auth.legacy)
        return stated && stated <= 11 ? stated : 11;
    return stated == 12 ? 12 : 13;
}

/* A request to no object. */
static void peer_ask_server(struct peer *peer, const struct request *request)
{
    peer->call.function = request->name;
    place_carry(&peer->call, NULL, NEED_SERVER);
}

static void peer_greet(struct peer *peer, struct request *request)
{
    timers_cancel(&peer->crowd->registry->timers, &peer->deadline);
    peer->call.python = client_python(peer, request);
    peer->state = PEER_CLOSING;
    peer->call.account = key_account(peer->call.key);
    process_join(peer);
    peer_ask_server(peer, request);
}

static void peer_call(struct peer *peer, struct request *request)
{
    struct call *call = &peer->call;
    struct object *object;

    call->errors = CALL_FAILS;
    if (request->target.kind == SM_KIND_NONE) {
        peer_ask_server(peer, request);
        return;
    }
    call_drop_sent(call);
    object = registry_find_value(call->registry, request->target);
    if (object)
        call_method(call, object, request->name);
    else
        call_raise_key(call, request->target);
}

static void peer_serve(struct peer *peer, struct decoded *decoded)
{
    struct request *request = &decoded->request;
    int r = decoded->outcome;

    if (r == 0) {
        peer->call.args = request->args;
        peer->call.kwds = request->kwds;
        r = call_put_plain(&peer->call);
    }
    if (r)
        peer_request_failed(peer, r, &decoded->error);
    else if (peer->state == PEER_GREETING)
        peer_greet(peer, request);
    else if (peer->state == PEER_CALLS)
        peer_call(peer, request);
    else
        peer_ask_server(peer, request); /* it was greeted, and has waited for an object */
}

static void decode(struct call *call, struct decoded *ret)
{
    call->registry->key = call->key;
    ret->outcome =
        request_parse(call->tree, call->message, call->message_len, &ret->request, &ret->error);
    call->registry->key = &key_of_all;
}

static void peer_again(struct call *call, struct decoded *decoded)
{
    struct decoded anew;

    object_unref(TAKE_PTR(call->object));
    if (!decoded) {
        tree_reset(call->tree);
        decode(call, &anew);
    }
    peer_serve(container_of(call, struct peer, call), decoded ? decoded : &anew);
}

static void peer_request(struct peer *peer, const struct frame *frame)
{
    struct call *call = &peer->call;
    struct decoded decoded;

    peer_call_begin(peer);
    call->message = frame->payload;
    call->message_len = frame->len;
    if (frame->len >= call->registry->many &&
        place_decode(call, stream_buffer_of(&peer->stream, frame->payload))) {
        timers_cancel(&peer->crowd->registry->timers, &peer->deadline);
        return;
    }
    decode(call, &decoded);
    peer_serve(peer, &decoded);
}

/* The values in a large one may stay where they are: then they take the stream's buffer along. */
static void peer_large_request(struct peer *peer, const struct frame *frame)
{
    struct buffer *in = stream_buffer_of(&peer->stream, frame->payload);
    struct tree *tree = peer->call.tree;

    if (in && frame->payload + frame->len == in->data + in->len)
        tree_lend(tree, in);
    peer_request(peer, frame);
    tree_lend_no_more(tree);
}

/* Whether a TLS client begins so: a message of a handshake, in a record of SSL 3 or later. */
static bool is_tls(const uint8_t *data, size_t len)
{
    return len >= 2 && data[0] == 22 && data[1] == 3;
}

/* A frame that is none: say so where the peer may still listen, and close. */
static void peer_bad_frame(struct peer *peer, int r, bool is_tls)
{
    const char *what = r == -EMSGSIZE ? "a message over the size limit" : "not a message";

    if (is_tls && peer->state == PEER_AUTH)
        what = "it speaks TLS, and an address without tls:// does not";

    if (r == -EMSGSIZE) {
        peer_call_begin(peer);
        peer->call.errors = CALL_FAILS;
        call_fail(&peer->call, "OSError", "bad message length");
    }
    if (peer->state == PEER_AUTH) {
        lobby_refuse(peer, what);
        return;
    }
    crowd_log(peer->crowd, SM_LOG_WARNING, "connection %" PRIu64 " closed: %s", peer->call.caller,
              what);
    peer->state = PEER_CLOSING;
}

static size_t peer_frame_max(const struct peer *peer)
{
    return peer->state == PEER_AUTH ? LIMIT_AUTH_FRAME : peer->crowd->options->max_message;
}

/* Whether what comes in is of no interest any more. */
static bool peer_is_over(const struct peer *peer)
{
    return peer->state == PEER_CLOSING || peer->state == PEER_REFUSED;
}

/* Send what has been answered to what came in. */
static void peer_send(struct peer *peer)
{
    if (stream_out(&peer->stream)->failed)
        peer_close(peer);
    else if (!peer_is_over(peer))
        stream_flush(&peer->stream);
    else if (!peer->in_call && peer->state == PEER_CLOSING)
        peer_finish(peer);
}

/* Whether another request may be taken now. */
static bool peer_takes(struct peer *peer)
{
    return !stream_is_closing(&peer->stream) && !peer_is_over(peer) && !peer->in_call &&
           !stream_out(&peer->stream)->failed && !stream_lends(&peer->stream) &&
           stream_backlog(&peer->stream) < PEER_BACKLOG_MAX;
}

/* Whether the requests of this turn, the first of which sets *began, have had their time. */
static bool turn_is_over(const struct peer *peer, nsec *began)
{
    nsec now = loop_now(peer->crowd->loop);

    if (!*began)
        *began = peer->call.now ? peer->call.now : now; /* 0: this is still the handshake */
    return now - *began >= LIMIT_TURN_TIME;
}

/*
 * Run the requests in these bytes, but not for too long: others wait. Returns how many bytes were
 * taken; *ret_more: there may be another request in the rest.
 */
static size_t peer_take(struct peer *peer, const uint8_t *data, size_t len, size_t *ret_need,
                        bool *ret_more)
{
    nsec began = 0;
    struct frame frame;
    size_t taken = 0;
    int r;

    *ret_more = false;
    while (taken < len && peer_takes(peer)) {
        *ret_more = taken && turn_is_over(peer, &began);
        if (*ret_more)
            break;
        r = frame_parse(data + taken, len - taken, peer_frame_max(peer), &frame, ret_need);
        if (r == FRAME_MORE)
            break;
        if (r < 0) {
            peer_bad_frame(peer, r, is_tls(data + taken, len - taken));
            break;
        }
        taken += frame.size;
        peer->has_more = taken < len;
        if (peer->state == PEER_AUTH)
            peer_authenticate(peer, &frame);
        else if (frame.len >= LIMIT_COPY)
            peer_large_request(peer, &frame);
        else
            peer_request(peer, &frame);
        *ret_more = taken < len;
    }
    return taken;
}

size_t peer_received(struct stream *stream, const uint8_t *data, size_t len, size_t *ret_need)
{
    struct peer *peer = container_of(stream, struct peer, stream);
    size_t taken;
    bool more;

    peer->has_more |= peer->in_call;
    taken = peer_take(peer, data, len, ret_need, &more);
    peer->crowd->loop->lively |= peer->looks;
    peer_send(peer);
    if (more && peer_takes(peer))
        peer_take_up(peer);
    return stream_is_closing(stream) || peer_is_over(peer) ? len : taken;
}

/* A message that there is no memory for: it is answered when all of it is over. */
bool peer_starved(struct stream *stream)
{
    struct peer *peer = container_of(stream, struct peer, stream);

    return peer->state == PEER_GREETING || peer->state == PEER_CALLS;
}

void peer_skipped(struct stream *stream)
{
    struct peer *peer = container_of(stream, struct peer, stream);

    peer_call_begin(peer);
    peer_request_failed(peer, -ENOMEM, NULL);
    peer_send(peer);
}

static void peer_end(struct call *call)
{
    peer_close(container_of(call, struct peer, call));
}

static int peer_hand_over(struct call *call)
{
    struct peer *peer = container_of(call, struct peer, call);
    int fd = stream_may_hand_over(&peer->stream);

    if (fd < 0 || peer->has_more || stream_backlog(&peer->stream) ||
        peer->crowd->phase != CROWD_SERVES)
        return -1;
    stream_hand_over(&peer->stream);
    return fd;
}

/* The call was answered on the connection itself, by another thread. */
static void peer_answered_there(struct peer *peer, const struct handed_back *back)
{
    struct stream *stream = &peer->stream;
    int r = stream_add_in(stream, back->unread->data, back->unread->len);

    buffer_add(peer->call.out, back->unsent->data, back->unsent->len);
    peer->call.out->failed |= back->unsent->failed;
    if (back->failed_to_send)
        stream_note_loss(stream);
    peer->in_call = false;
    peer->unconfirmed = true;
    peer_take_up(peer);
    if (back->error)
        r = back->error;
    if (r < 0)
        peer_lost(peer, r); /* the client waits for what it has asked there */
}

static void peer_take_back(struct call *call, const struct handed_back *back)
{
    struct peer *peer = container_of(call, struct peer, call);
    struct stream *stream = &peer->stream;

    peer->calls += back->calls;
    peer->crowd->counts.calls += back->calls;
    stream_add_counts(stream, back->bytes_in, back->bytes_out);
    if (back->calls)
        call->now = back->began;
    stream_take_back(stream);
    if (back->answered)
        peer_answered_there(peer, back);
    else
        stream_resume(stream);
}

const struct caller_ops peer_ops = {
    .answered = peer_answered,
    .again = peer_again,
    .close = peer_end,
    .hand_over = peer_hand_over,
    .take_back = peer_take_back,
};

/* How long those took that were answered there, nobody has seen. */
static void peer_take_back_counted(struct call *call, const struct handed_back *back)
{
    call->object->calls += back->calls + back->answered;
    peer_take_back(call, back);
}

const struct caller_ops peer_ops_counted = {
    .answered = peer_answered_counted,
    .parked = peer_parked_counted,
    .again = peer_again,
    .close = peer_end,
    .hand_over = peer_hand_over,
    .take_back = peer_take_back_counted,
};
