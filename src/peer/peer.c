/* SPDX-License-Identifier: MIT */
/*
 * A connection's life: it comes in, shows that it knows the key, is ended by its peer or by the
 * manager, and lets go of everything that it stood for. requests.c is what it is used for.
 *
 * An answer counts as delivered once the next request comes, or the peer closes in good order:
 * a connection that breaks with an answer unread reports that it was reset.
 */
#include "peer/peer.h"

#include "base/memory.h"
#include "net/transport_tls.h"
#include "object/access.h"
#include "object/answer.h"
#include "object/place.h"
#include "object/waitq.h"
#include "peer/deaths.h"
#include "peer/process.h"
#include "peer/requests.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

static void peer_closed(struct stream *stream)
{
    struct peer *peer = container_of(stream, struct peer, stream);
    struct crowd *crowd = peer->crowd;

    list_remove(&peer->link);
    if (peer->listed)
        map_remove(&crowd->peers_by_id, map_hash_int(peer->call.caller), peer);
    crowd->peers_len--;
    memory_free(peer);
    crowd->changed = true;
}

/* Where the peer was, while that can be asked: it is wanted only if it leaves something behind. */
static void note_host(const struct peer *peer, char ret[ADDRESS_TEXT_MAX])
{
    struct identity identity;

    ret[0] = '\0';
    if (list_empty(&peer->owned))
        return;
    stream_identify(&peer->stream, &identity);
    if (identity.kind == IDENTITY_REMOTE)
        address_format(&identity.address, ret);
}

static void peer_disown(struct peer *peer, const char host[ADDRESS_TEXT_MAX])
{
    char name[128], process[64] = "";
    struct departed who;

    if (list_empty(&peer->owned))
        return;
    if (peer->process)
        process_describe(peer->process, process, sizeof(process));
    snprintf(name, sizeof(name), "connection %" PRIu64 "%s%s", peer->call.caller,
             peer->process ? " of " : "", process);
    peer->crowd->registry->now = loop_now(peer->crowd->loop);
    process_departs(peer->process, &who);
    who.client = peer->call.caller;
    memcpy(who.host, host, ADDRESS_TEXT_MAX);
    process_release(peer->crowd, &peer->owned, &who, name);
}

void peer_close(struct peer *peer)
{
    struct crowd_counts *counts = &peer->crowd->counts;
    char host[ADDRESS_TEXT_MAX];

    if (stream_is_closing(&peer->stream))
        return;
    place_recall(&peer->call);
    if (stream_is_closing(&peer->stream))
        return; /* what was taken back was broken */
    note_host(peer, host);
    counts->bytes_in += stream_bytes_in(&peer->stream);
    counts->bytes_out += stream_bytes_out(&peer->stream);
    stream_close(&peer->stream);
    list_remove(&peer->answered);
    timers_cancel(&peer->crowd->registry->timers, &peer->deadline);
    cell_end(&peer->call);
    call_deinit(&peer->call);
    peer_disown(peer, host);
    place_ended(&peer->call);
    process_leave(peer);
    lobby_leave(peer);
}

static void peer_ended(struct stream *stream, int r)
{
    struct peer *peer = container_of(stream, struct peer, stream);

    if (stream_is_closing(stream))
        return;
    if (r == -ECONNABORTED)
        lobby_note(peer, transport_tls_why());
    else
        crowd_log(peer->crowd, r == -ETIMEDOUT ? SM_LOG_WARNING : SM_LOG_DEBUG,
                  "connection %" PRIu64 " ended: %s", peer->call.caller,
                  r < 0 ? uv_strerror(r) : "closed by the peer");
    if (peer->unconfirmed && stream_undelivered(stream, r)) {
        peer->crowd->counts.undelivered++;
        call_undelivered(&peer->call);
    }
    peer_close(peer);
}

void peer_lost(struct peer *peer, int r)
{
    peer_ended(&peer->stream, r);
}

static int peer_set_deadline(struct peer *peer)
{
    nsec deadline = loop_now(peer->crowd->loop) + peer->crowd->options->handshake_ms * MSEC;

    return timers_set(&peer->crowd->registry->timers, &peer->deadline, deadline);
}

/* A first request may be long, and its way slow: it is waited for while it comes in. */
static void peer_timed_out(struct timer *timer)
{
    struct peer *peer = container_of(timer, struct peer, deadline);
    size_t left = stream_missing(&peer->stream);

    if (peer->state == PEER_GREETING && left && left != peer->progress) {
        peer->progress = left;
        if (peer_set_deadline(peer) == 0)
            return;
    }
    lobby_cut(peer);
}

void peer_authenticate(struct peer *peer, const struct frame *frame)
{
    int r = auth_feed(&peer->auth, frame->payload, frame->len, stream_out(&peer->stream));

    /* Its place is that key's only now: the keys may change before the handshake is over. */
    if (r == AUTH_MORE && peer->auth.key && peer->call.key == &key_of_none)
        call_take_key(&peer->call, peer->crowd->keyring.keys[peer->auth.index]);
    switch (r) {
    case AUTH_MORE:
        return;
    case AUTH_DONE:
        peer->state = PEER_GREETING;
        lobby_leave(peer);
        return;
    case AUTH_REFUSED:
        peer->call.errors = CALL_FAILS;
        call_fail(&peer->call, "multiprocessing.context.AuthenticationError", "%s",
                  peer->auth.reason);
        lobby_refuse(peer, peer->auth.reason);
        return;
    default:
        peer_close(peer);
    }
}

void peer_finish(struct peer *peer)
{
    peer->state = PEER_CLOSING;
    if (stream_out(&peer->stream)->failed) {
        peer_close(peer);
        return;
    }
    stream_flush(&peer->stream);
    if (!stream_is_closing(&peer->stream) && !stream_backlog(&peer->stream))
        peer_close(peer);
}

static void peer_drained(struct stream *stream)
{
    struct peer *peer = container_of(stream, struct peer, stream);

    if (!peer->in_call)
        frozen_free(&peer->call.lent);
    if (peer->state != PEER_CLOSING)
        stream_poke(stream);
    else if (!peer->in_call)
        peer_close(peer);
}

bool peer_withdraw(struct peer *peer)
{
    struct call *call = &peer->call;

    place_recall(&peer->call);
    if (!call->queue)
        return false;
    waitq_withdraw(call);
    call->errors = CALL_RAISES;
    call_raise(call, "TimeoutError", "the call was withdrawn");
    return true;
}

/* Stock clients know the exception: a manager that is gone gives it, too. */
void peer_end_call(struct peer *peer)
{
    struct call *call = &peer->call;

    place_recall(&peer->call);
    if (!peer->in_call)
        return;
    waitq_withdraw(call);
    call->errors = CALL_RAISES;
    call_raise(call, "EOFError", "the manager is shutting down");
}

void peer_end_wait(struct peer *peer)
{
    if (!peer->call.record)
        peer_end_call(peer);
}

void peer_shut_down(struct peer *peer)
{
    if (stream_is_closing(&peer->stream) || peer->in_call)
        return;
    timers_cancel(&peer->crowd->registry->timers, &peer->deadline);
    peer_finish(peer);
}

void peer_cut(struct peer *peer)
{
    if (!stream_out(&peer->stream)->failed)
        stream_flush(&peer->stream);
    peer_close(peer);
}

static const struct stream_events peer_events = {
    .received = peer_received,
    .starved = peer_starved,
    .skipped = peer_skipped,
    .drained = peer_drained,
    .ended = peer_ended,
    .closed = peer_closed,
};

static void peer_init(struct peer *peer, struct crowd *crowd)
{
    struct call *call = &peer->call;

    peer->crowd = crowd;
    list_init(&peer->link);
    list_init(&peer->answered);
    list_init(&peer->lobby);
    list_init(&peer->owned);
    list_init(&peer->of_process);
    peer->since = loop_now(peer->crowd->loop);
    list_append(&crowd->peers, &peer->link);
    crowd->counts.connections++;
    crowd->peers_len++;
    call_init(call, crowd->registry, crowd->tree, stream_out(&peer->stream),
              crowd->meter ? &peer_ops_counted : &peer_ops);
    call_take_key(call, &key_of_none);
    call->caller = crowd->next_caller++;
    call->owned = &peer->owned;
    call->out_room = FRAME_ROOM;
    call->python = 13;
    call->lends = true;
    auth_init_keys(&peer->auth, crowd->keyring.secrets, crowd->keyring.len);
    peer->deadline.fire = peer_timed_out;
}

void peer_open(struct crowd *crowd, struct transport *transport)
{
    struct peer *peer = memory_lend_zeroed(1, sizeof(*peer));

    if (!peer) {
        transport->ops->close(transport);
        return;
    }
    peer_init(peer, crowd);
    stream_init(&peer->stream, crowd->loop, transport, &peer_events);
    peer->listed = map_add(&crowd->peers_by_id, map_hash_int(peer->call.caller), peer) == 0;
    if (!peer->listed || peer_set_deadline(peer) < 0 ||
        auth_start(&peer->auth, stream_out(&peer->stream)) < 0) {
        peer_close(peer);
        return;
    }
    lobby_enter(peer);
    if (crowd->options->keepalive_ms != UINT_MAX)
        stream_set_patience(&peer->stream, crowd->options->keepalive_ms * MSEC);
    stream_flush(&peer->stream);
    stream_resume(&peer->stream);
}

static bool is_full(const struct crowd *crowd)
{
    size_t taken = crowd->peers_len + crowd->processes_by_key.len;

    return crowd->peers_len >= crowd->options->max_connections || taken >= crowd->descriptors;
}

/* Whoever comes waits for a place, as with CPython's server: in the socket's queue. */
static void wait_for_room(struct crowd *crowd)
{
    if (!crowd->full)
        crowd->counts.full++;
    crowd->full = true;
    if (crowd->said_full)
        return;
    crowd->said_full = true;
    crowd_log(crowd, SM_LOG_ERROR,
              "%zu connections are open, which is the limit: others wait until one ends",
              crowd->peers_len);
}

void peer_accept(struct crowd *crowd, struct listener *listener)
{
    struct transport *transport;
    int r;

    if (is_full(crowd) && !lobby_make_room(crowd)) {
        wait_for_room(crowd);
        return;
    }
    crowd->full = false;
    if (crowd->peers_len < MIN(crowd->options->max_connections, crowd->descriptors) / 4 * 3)
        crowd->said_full = false;
    r = listener_accept(listener, &transport);
    if (r == 0)
        peer_open(crowd, transport);
    else if (r != -ENOMEM)
        crowd_log(crowd, SM_LOG_ERROR, "accept: %s", uv_strerror(r));
}
