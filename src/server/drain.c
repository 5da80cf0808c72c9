/* SPDX-License-Identifier: MIT */
/*
 * How a server ends: nothing new, nothing lost. It takes no connections any more. Requests that are
 * on their way when it is told to stop are still served: for them the loop looks at every
 * connection once more. Then calls that wait fail, all before the first connection closes: a lock
 * that goes with its owner's is for nobody any more. Each connection closes as soon as its last
 * answer has been sent. Calls that the program is at work on are waited for, those of guests for a
 * shorter time of their own once there is nothing else to wait for: their methods may block for
 * ever. What is left when the time is over, or at the second wish to stop, is cut.
 */
#include "object/place.h"
#include "server/server.h"

static void drain_end_soon(struct sm_server *server)
{
    if (list_empty(&server->crowd.peers))
        loop_halt(&server->loop);
}

static void drain_timed_out(struct timer *timer)
{
    struct sm_server *server = container_of(timer, struct sm_server, drain_deadline);

    crowd_log(&server->crowd, SM_LOG_WARNING,
              "%zu connections cut: they were not done within the %u ms to the end",
              server->crowd.peers_len,
              server->only_guests ? server->host.ops->drain_ms : server->options.drain_ms);
    drain_cut(server);
}

static void drain_set_deadline(struct sm_server *server, nsec deadline)
{
    struct timers *timers = &server->registry.timers;

    timers_cancel(timers, &server->drain_deadline);
    if (timers_set(timers, &server->drain_deadline, deadline) < 0)
        drain_cut(server);
}

void drain_begin(struct sm_server *server)
{
    if (server->crowd.phase != CROWD_SERVES)
        return;
    server->crowd.phase = CROWD_LOOKS_ONCE_MORE;
    for (size_t i = 0; i < server->listeners_len; i++)
        listener_close(&server->listeners[i]->listener);
    server->listeners_len = 0;
    place_recall_object(&server->registry, NULL);
    transits_close(&server->registry);
    server->drain_deadline.fire = drain_timed_out;
    server->drain_end = loop_now(&server->loop) + server->options.drain_ms * MSEC;
    drain_set_deadline(server, server->drain_end);
    loop_wake(&server->loop);
}

void drain_looked(struct sm_server *server)
{
    if (server->crowd.phase == CROWD_LOOKS_ONCE_MORE)
        server->crowd.phase = CROWD_HAS_LOOKED;
}

static size_t calls_that_wait(const struct sm_server *server)
{
    struct peer *peer;
    size_t n = 0;

    list_for_each(peer, &server->crowd.peers, link)
        n += peer->in_call;
    return n;
}

/* Whether nothing is waited for but guests' methods. */
static bool only_guests_are_left(const struct sm_server *server)
{
    struct peer *peer;

    list_for_each(peer, &server->crowd.peers, link) {
        if (!stream_is_closing(&peer->stream) &&
            (peer->call.queue != &server->host.waiters || stream_backlog(&peer->stream)))
            return false;
    }
    return true;
}

/* What is left to wait for has changed, perhaps. */
static void drain_look(struct sm_server *server)
{
    unsigned ms = server->host.ops ? server->host.ops->drain_ms : 0;
    bool only_guests = ms && only_guests_are_left(server);
    nsec end = server->drain_end;

    if (only_guests == server->only_guests || !server->drain_deadline.at)
        return;
    server->only_guests = only_guests;
    drain_set_deadline(server, only_guests ? MIN(end, loop_now(&server->loop) + ms * MSEC) : end);
}

static void drain_peers(struct sm_server *server)
{
    struct peer *peer;

    server->crowd.phase = CROWD_DRAINS;
    leases_end(&server->registry.leases);
    crowd_log(&server->crowd, SM_LOG_INFO, "ending: %zu connections are open, %zu calls wait",
              server->crowd.peers_len, calls_that_wait(server));
    list_for_each(peer, &server->crowd.peers, link)
        peer_end_wait(peer);
    list_for_each(peer, &server->crowd.peers, link)
        peer_shut_down(peer);
    drain_end_soon(server);
}

void drain_continue(struct sm_server *server)
{
    if (server->crowd.phase == CROWD_HAS_LOOKED)
        drain_peers(server);
    if (server->crowd.phase == CROWD_DRAINS)
        drain_look(server);
}

void drain_cut(struct sm_server *server)
{
    struct peer *peer;

    server->crowd.phase = CROWD_DRAINS;
    leases_end(&server->registry.leases);
    timers_cancel(&server->registry.timers, &server->drain_deadline);
    list_for_each(peer, &server->crowd.peers, link)
        peer_end_call(peer);
    list_for_each(peer, &server->crowd.peers, link)
        peer_cut(peer);
    drain_end_soon(server);
}
