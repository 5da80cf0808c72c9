/* SPDX-License-Identifier: MIT */
/*
 * sm_locks(): which locks are held, who waits for locks, semaphores and Conditions, and who waits
 * for each other. A row stands for one holding or one waiting call: {"held": [...], "waiting":
 * [...], "deadlocks": [[...], ...], "next": where to go on or None}.
 *
 * There can be as many rows as connections, so an answer holds some of them: first what is held, by
 * its place in that row, then who waits, by its number, and with the last of them the deadlocks.
 */
#include "server/view.h"

#include "object/answer.h"
#include "types/lockable.h"

/* From here on, where to go on is the number of one who waits. */
#define START_WAITING (UINT64_C(1) << 62)

struct part {
    uint64_t start;
    uint64_t next; /* 0: this is the last part */
    size_t left;   /* rows that there is room for */
};

/* The lock that a call waits for. NULL: it waits for something else, such as a notification. */
static struct lockable *lock_waited_for(const struct call *call)
{
    struct lockable *lock = call->queue && call->object ? lockable_of(call->object) : NULL;

    return lock && call->queue == &lock->waiters ? lock : NULL;
}

static void write_holder(struct pickler *p, struct sm_server *server, const struct holder *holder)
{
    const struct peer *peer = crowd_find(&server->crowd, holder->caller);

    if (peer) {
        view_client(p, peer);
        return;
    }
    view_caller(p, holder->caller, process_of(holder->account));
    view_none(p, "host");
}

/*
 * Whether the connection has ended and the process behind it is not known, or has ended too: nobody
 * is left of whom the server knew that he would release it.
 */
static bool is_gone(struct sm_server *server, const struct holder *holder)
{
    return !holder->account && !crowd_find(&server->crowd, holder->caller);
}

static size_t calls_in(const struct waitq *queue)
{
    struct call *call;
    size_t n = 0;

    list_for_each(call, &queue->calls, link)
        n++;
    return n;
}

static void write_held_row(struct pickler *p, struct sm_server *server, struct lockable *lock)
{
    view_dict_begin(p);
    view_object(p, &lock->object);
    write_holder(p, server, &lock->holder);
    view_key(p, "gone");
    pickler_value(p, NULL, sm_bool(is_gone(server, &lock->holder)));
    view_time(p, "held_s", server->registry.now - lock->holder.since);
    view_int(p, "waiting", calls_in(&lock->waiters));
    view_dict_end(p);
}

static void write_held(struct pickler *p, struct sm_server *server, struct part *part)
{
    struct lockable *lock;
    uint64_t place = 0;

    view_key(p, "held");
    view_list_begin(p);
    list_for_each(lock, &server->registry.held, held) {
        if (place++ < part->start)
            continue;
        if (!part->left) {
            part->next = place - 1;
            break;
        }
        part->left--;
        write_held_row(p, server, lock);
    }
    view_list_end(p);
}

static void write_waiting_row(struct pickler *p, const struct peer *peer)
{
    const struct call *call = &peer->call;
    const struct lockable *lock = lock_waited_for(call);

    view_dict_begin(p);
    view_object(p, lock ? &lock->object : call->object);
    view_client(p, peer);
    view_wait(p, call);
    if (lock && lock->holder.caller)
        view_int(p, "held_by", lock->holder.caller);
    else
        view_none(p, "held_by");
    view_dict_end(p);
}

static void write_waiting(struct pickler *p, struct sm_server *server, struct part *part)
{
    uint64_t first = part->start >= START_WAITING ? part->start - START_WAITING : 0;
    struct peer *peer;

    view_key(p, "waiting");
    view_list_begin(p);
    list_for_each(peer, &server->crowd.peers, link) {
        const struct call *call = &peer->call;

        if (part->next)
            break;
        if (call->caller < first || !call->queue || !call->object || !lockable_of(call->object))
            continue;
        if (part->left) {
            part->left--;
            write_waiting_row(p, peer);
        } else {
            part->next = START_WAITING + call->caller;
        }
    }
    view_list_end(p);
}

static void note_who_waits_for_whom(struct sm_server *server)
{
    struct peer *peer;

    list_for_each(peer, &server->crowd.peers, link) {
        const struct lockable *lock = lock_waited_for(&peer->call);
        struct peer *holder = lock ? crowd_find(&server->crowd, lock->holder.caller) : NULL;

        peer->waiter = (struct waiter){.holder = holder ? &holder->waiter : NULL};
    }
}

/* Each waits for what the next one holds, the last for what the first one does. */
static void write_circle(struct pickler *p, const struct waiter *first)
{
    const struct waiter *waiter = first;

    view_list_begin(p);
    do {
        const struct peer *peer = container_of(waiter, const struct peer, waiter);

        view_dict_begin(p);
        view_object(p, &lock_waited_for(&peer->call)->object);
        view_client(p, peer);
        view_wait(p, &peer->call);
        view_dict_end(p);
        waiter = waiter->holder;
    } while (waiter != first);
    view_list_end(p);
}

static void write_circles(struct pickler *p, struct sm_server *server)
{
    struct peer *peer;
    size_t turn = 0;

    note_who_waits_for_whom(server);
    list_for_each(peer, &server->crowd.peers, link) {
        const struct waiter *first = waits_walk(&peer->waiter, ++turn);

        if (first)
            write_circle(p, first);
    }
}

void serve_locks(struct peer *peer, struct call *call)
{
    struct part part = {.left = VIEW_ROWS_MAX};
    struct pickler *p;

    if (!view_start(call, call->arg[0], &part.start))
        return;
    p = call_return_begin(call);
    view_dict_begin(p);
    write_held(p, server_of_peer(peer), &part);
    write_waiting(p, server_of_peer(peer), &part);
    view_key(p, "deadlocks");
    view_list_begin(p);
    if (!part.next)
        write_circles(p, server_of_peer(peer));
    view_list_end(p);
    if (part.next)
        view_int(p, "next", part.next);
    else
        view_none(p, "next");
    view_dict_end(p);
    call_return_end(call);
}
