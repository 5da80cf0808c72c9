/* SPDX-License-Identifier: MIT */
/*
 * sm_clients(): a row for each connection, in the order they came in. sm_kill(): end connections,
 * as if they had broken: what they wait for is withdrawn, what they own goes to the next.
 */
#include "server/view.h"

#include "object/answer.h"
#include "pickle/opcodes.h"

#include <inttypes.h>

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

static void write_waits_for(struct pickler *p, const struct peer *peer)
{
    const struct call *call = &peer->call;

    if (!call->queue || !call->object) {
        view_none(p, "waits_for");
        return;
    }
    view_key(p, "waits_for");
    view_dict_begin(p);
    view_object(p, call->object);
    view_wait(p, call);
    view_dict_end(p);
}

static void write_client(struct pickler *p, const struct peer *peer)
{
    const struct stream *stream = &peer->stream;
    struct identity identity;

    view_dict_begin(p);
    view_client(p, peer);
    stream_identify(stream, &identity);
    if (identity.kind == IDENTITY_LOCAL && identity.user >= 0)
        view_int(p, "uid", (uint64_t)identity.user);
    else
        view_none(p, "uid");
    view_text(p, "state", state_name(peer));
    view_time(p, "since_s", peer->call.registry->now - peer->since);
    view_int(p, "calls", peer->calls);
    view_int(p, "bytes_in", stream->bytes_in);
    view_int(p, "bytes_out", stream->bytes_out);
    view_int(p, "unsent", stream_backlog(stream));
    write_waits_for(p, peer);
    view_dict_end(p);
}

/* The answer: (where to go on or None, rows). */
void serve_clients(struct peer *peer, struct call *call)
{
    uint64_t start, next = 0;
    struct pickler *p;
    struct peer *other;
    size_t rows = 0;

    if (!view_start(call, call->arg[0], &start))
        return;
    list_for_each(other, &peer->crowd->peers, link) {
        if (other->call.caller >= start && !other->stream.closing && rows++ == VIEW_ROWS_MAX) {
            next = other->call.caller;
            break;
        }
    }
    p = call_return_begin(call);
    pickler_value(p, NULL, next ? sm_int((int64_t)next) : sm_none());
    view_list_begin(p);
    list_for_each(other, &peer->crowd->peers, link) {
        if (other->call.caller >= start && !other->stream.closing &&
            (!next || other->call.caller < next))
            write_client(p, other);
    }
    view_list_end(p);
    pickler_op(p, TUPLE2);
    call_return_end(call);
}

static void end_connection(struct peer *peer, const struct peer *by)
{
    char who[64] = "";

    if (peer->process)
        process_describe(peer->process, who, sizeof(who));
    crowd_log(peer->crowd, SM_LOG_WARNING,
              "connection %" PRIu64 "%s%s ended: connection %" PRIu64 " asked for it",
              peer->call.caller, *who ? " of " : "", who, by->call.caller);
    peer->crowd->counts.killed++;
    peer_lost(peer, 0);
}

static bool is_meant(const struct peer *peer, struct sm_value client, struct sm_value pid)
{
    if (client.kind == SM_KIND_INT)
        return peer->call.caller == (uint64_t)client.integer;
    return peer->process && peer->process->pid && peer->process->pid == pid.integer;
}

/* One of the two tells which: exactly one is given. */
static bool check_target(struct call *call, struct sm_value client, struct sm_value pid)
{
    bool by_client = client.kind != SM_KIND_NONE && client.kind != SM_KIND_MISSING;
    struct sm_value given = by_client ? client : pid;

    if (given.kind == SM_KIND_INT && given.integer > 0 &&
        (!by_client || pid.kind == SM_KIND_NONE || pid.kind == SM_KIND_MISSING))
        return true;
    call_fail(call, "TypeError", "sm_kill() takes the number of a client, or a pid");
    return false;
}

/* sm_kill(client=None, pid=None): how many connections that has ended, the asking one never. */
void serve_kill(struct peer *peer, struct call *call)
{
    struct sm_value client = call->arg[0], pid = call->arg[1];
    struct peer *other;
    size_t n = 0;

    if (!check_target(call, client, pid))
        return;
    list_for_each(other, &peer->crowd->peers, link) {
        if (other != peer && !other->stream.closing && is_meant(other, client, pid)) {
            end_connection(other, peer);
            n++;
        }
    }
    call_return_int(call, (int64_t)n);
}
