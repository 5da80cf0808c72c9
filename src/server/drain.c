/* SPDX-License-Identifier: MIT */
/*
 * How a server ends: nothing new, nothing lost. It takes no connections any more. Requests that are
 * on their way when it is told to stop are still served: for them the loop looks at every
 * connection once more. Then calls that wait fail, all before the first connection closes: a lock
 * that goes with its owner's is for nobody any more. Each connection closes as soon as its last
 * answer has been sent. Calls that the program is at work on are waited for. What is left when the
 * time is over, or at the second wish to stop, is cut.
 */
#include "server/server.h"

#include "base/clock.h"

static void drain_end_soon(struct sm_server *server)
{
    if (list_empty(&server->peers))
        loop_halt(&server->loop);
}

static void drain_timed_out(struct timer *timer)
{
    struct sm_server *server = container_of(timer, struct sm_server, drain_deadline);

    server_log(server, SM_LOG_WARNING,
               "%zu connections cut: they were not done within the %u ms to the end",
               server->peers_len, server->options.drain_ms);
    drain_cut(server);
}

void drain_begin(struct sm_server *server)
{
    struct timers *timers = &server->registry.timers;

    if (server->phase != SERVER_SERVES)
        return;
    server->phase = SERVER_LOOKS_ONCE_MORE;
    for (size_t i = 0; i < server->listeners_len; i++)
        listener_close(&server->listeners[i]->listener);
    server->listeners_len = 0;
    guests_recall_all(&server->guests);
    server->drain_deadline.fire = drain_timed_out;
    if (timers_set(timers, &server->drain_deadline, clock_now() + server->options.drain_ms * MSEC) <
        0)
        drain_cut(server);
    else
        loop_wake(&server->loop);
}

void drain_looked(struct sm_server *server)
{
    if (server->phase == SERVER_LOOKS_ONCE_MORE)
        server->phase = SERVER_HAS_LOOKED;
}

static size_t calls_that_wait(const struct sm_server *server)
{
    struct peer *peer;
    size_t n = 0;

    list_for_each(peer, &server->peers, link)
        n += peer->in_call;
    return n;
}

void drain_continue(struct sm_server *server)
{
    struct peer *peer;

    if (server->phase != SERVER_HAS_LOOKED)
        return;
    server->phase = SERVER_DRAINS;
    server_log(server, SM_LOG_INFO, "ending: %zu connections are open, %zu calls wait",
               server->peers_len, calls_that_wait(server));
    list_for_each(peer, &server->peers, link)
        peer_end_wait(peer);
    list_for_each(peer, &server->peers, link)
        peer_shut_down(peer);
    drain_end_soon(server);
}

void drain_cut(struct sm_server *server)
{
    struct peer *peer;

    server->phase = SERVER_DRAINS;
    timers_cancel(&server->registry.timers, &server->drain_deadline);
    list_for_each(peer, &server->peers, link)
        peer_end_call(peer);
    list_for_each(peer, &server->peers, link)
        peer_cut(peer);
    drain_end_soon(server);
}
