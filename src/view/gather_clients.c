/* SPDX-License-Identifier: MIT */
/* A row for each connection, in the order they came in, which is that of their numbers. */
#include "object/access.h"
#include "peer/peer.h"
#include "view/gather.h"

static const char *state_name(const struct peer *peer)
{
    switch (peer->state) {
    case PEER_GREETING:
        return "greeting";
    case PEER_CALLS:
        return peer->call.queue ? "waiting" : peer->in_call ? "calling" : "idle";
    case PEER_CLOSING:
        return "closing";
    default:
        return "authenticating";
    }
}

/* The connection after `at` that is in the walk, or NULL. */
static struct peer *next_peer(const struct client_rows *rows, const struct list *at)
{
    for (at = at->next; at != &rows->crowd->peers; at = at->next) {
        struct peer *peer = container_of(at, struct peer, link);

        if (peer->call.caller >= rows->start && !stream_is_closing(&peer->stream) &&
            (rows->key->governs || rows->key == peer->call.key))
            return peer;
    }
    return NULL;
}

void client_rows_begin(struct client_rows *rows, const struct crowd *crowd, uint64_t start,
                       const struct key *key)
{
    const struct peer *peer;
    size_t n = 0;

    rows->crowd = crowd;
    rows->key = key;
    rows->start = start;
    rows->next = 0;
    rows->at = &crowd->peers;
    for (const struct list *at = rows->at; (peer = next_peer(rows, at)); at = &peer->link) {
        if (n++ == ROWS_MAX) {
            rows->next = peer->call.caller;
            break;
        }
    }
}

bool client_rows_next(struct client_rows *rows, struct client_figures *ret)
{
    const struct peer *peer = next_peer(rows, rows->at);
    const struct stream *stream;
    struct identity identity;

    if (!peer || peer->call.caller == rows->next)
        return false;
    rows->at = &peer->link;
    stream = &peer->stream;
    stream_identify(stream, &identity);
    *ret = (struct client_figures){
        .uid = identity.kind == IDENTITY_LOCAL ? identity.user : -1,
        .key = peer->call.key->name,
        .right = peer->call.key->right,
        .state = state_name(peer),
        .since = rows->crowd->registry->now - peer->since,
        .calls = peer->calls,
        .bytes_in = stream_bytes_in(stream),
        .bytes_out = stream_bytes_out(stream),
        .unsent = stream_backlog(stream),
        .shares = peer->call.cell != 0,
        .ring = stream_uses_ring(stream),
        .tls = identity.tls ? identity.name ? identity.name : "" : NULL,
        .is_waiting = peer->call.queue && peer->call.object,
    };
    gather_client_name(peer, &rows->texts, &ret->name);
    if (ret->is_waiting)
        gather_wait(&peer->call, &rows->texts, &ret->wait);
    return true;
}
