/* SPDX-License-Identifier: MIT */
/*
 * A server that follows a process ends with it. If it may linger, it stays while anybody else is
 * connected, and for a while after: a program that daemonizes goes on with it, and workers that
 * outlive the program say their last words. What the process referred to is then kept for them, as
 * they may have come by it by fork, and take references of their own only when they use it.
 *
 * A server that is asked to resign, by SIGTERM, ends as soon as nobody needs it: such a signal goes
 * to a whole group of processes, and those that use the server are still at their last words. If
 * the process that it serves for asks, it ends when nobody else is connected, and soon in any case.
 */
#include "server/follow.h"

#include "base/error.h"
#include "base/limits.h"
#include "peer/process.h"
#include "server/server.h"

#include <errno.h>

/* Not those who have not shown the key. */
static bool anybody_is_connected(const struct sm_server *server)
{
    return server->crowd.peers_len > server->crowd.lobby.len;
}

static bool others_are_connected(struct sm_server *server)
{
    struct peer *peer;

    list_for_each(peer, &server->crowd.peers, link) {
        if (list_empty(&peer->lobby) && peer->state != PEER_REFUSED &&
            !(peer->process && peer->process->pid == server->crowd.followed))
            return true;
    }
    return false;
}

static void on_idle(struct timer *timer)
{
    struct follow *follow = container_of(timer, struct follow, idle);

    drain_begin(container_of(follow, struct sm_server, follow));
}

static void on_last(struct timer *timer)
{
    struct follow *follow = container_of(timer, struct follow, last);

    drain_begin(container_of(follow, struct sm_server, follow));
}

void follow_review(struct sm_server *server)
{
    struct timers *timers = &server->registry.timers;
    struct follow *follow = &server->follow;
    nsec linger = follow->in_haste ? 0 : server->options.linger_ms * MSEC;

    if (server->crowd.phase != CROWD_SERVES)
        return;
    if (follow->resigned && !others_are_connected(server)) {
        drain_begin(server);
        return;
    }
    if (!server->crowd.followed_ended)
        return;
    if (anybody_is_connected(server))
        timers_cancel(timers, &follow->idle);
    else if (!follow->idle.at &&
             timers_set(timers, &follow->idle, loop_now(&server->loop) + linger) < 0)
        drain_begin(server);
}

static void on_followed_ended(struct watch *watch)
{
    struct follow *follow = container_of(watch, struct follow, watch);
    struct sm_server *server = container_of(follow, struct sm_server, follow);

    server->crowd.followed_ended = loop_now(&server->loop);
    if (server->options.linger_ms)
        follow_review(server);
    else
        drain_begin(server);
}

/* Its second wish, or one while the server ends, is not put off. */
static void followed_asked(struct sm_server *server)
{
    struct follow *follow = &server->follow;

    if (server->crowd.phase != CROWD_SERVES)
        drain_cut(server);
    else if (follow->resigned || timers_set(&server->registry.timers, &follow->last,
                                            loop_now(&server->loop) + LIMIT_RESIGN_TIME) < 0)
        drain_begin(server);
    follow->resigned = true;
}

void follow_woken(struct sm_server *server)
{
    struct follow *follow = &server->follow;
    int asked = atomic_exchange(&follow->asked, 0);

    if (!asked)
        return;
    follow->in_haste = true;
    if (!server->crowd.followed)
        drain_begin(server);
    else if (asked == server->crowd.followed && !server->crowd.followed_ended)
        followed_asked(server);
    follow_review(server);
}

int sm_server_follow(struct sm_server *server, int pid)
{
    struct follow *follow = &server->follow;
    int r = watch_process(&follow->watch, &server->loop, pid, on_followed_ended);

    if (r < 0)
        return error_set_reason(SM_ESYSTEM, -r, "", "cannot watch process %d: %s", pid,
                                error_text(-r));
    server->crowd.followed = pid;
    follow->idle.fire = on_idle;
    follow->last.fire = on_last;
    return SM_OK;
}

void sm_server_resign(struct sm_server *server, int pid)
{
    atomic_store(&server->follow.asked, pid > 0 ? pid : -1);
    loop_wake(&server->loop);
}
