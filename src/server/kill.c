/* SPDX-License-Identifier: MIT */
/*
 * sm_kill(): end connections, as if they had broken: what they wait for is withdrawn, what they own
 * goes to the next.
 */
#include "server/kill.h"
#include "object/answer.h"
#include "peer/peer.h"
#include "peer/process.h"

#include <inttypes.h>

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

void serve_kill(struct peer *peer, struct call *call)
{
    struct sm_value client = call->arg[0], pid = call->arg[1];
    struct peer *other;
    size_t n = 0;

    if (!check_target(call, client, pid))
        return;
    list_for_each(other, &peer->crowd->peers, link) {
        if (other != peer && !stream_is_closing(&other->stream) && is_meant(other, client, pid)) {
            end_connection(other, peer);
            n++;
        }
    }
    call_return_int(call, (int64_t)n);
}
