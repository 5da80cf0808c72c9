/* SPDX-License-Identifier: MIT */
/*
 * Which locks are held, who waits for locks, semaphores and Conditions, and who waits for each
 * other. There can be as many rows as connections. Where a walk starts is the place of a held lock
 * in its row; from START_LENT on the number of a word, for a lock that is held by its word; from
 * START_WAITING on the number of a client that waits. Words are read where they are: whoever uses
 * one does not notice.
 */
#include "object/access.h"
#include "object/lease.h"
#include "peer/peer.h"
#include "peer/process.h"
#include "peer/waits.h"
#include "types/lockable.h"
#include "view/gather.h"

#define START_LENT (UINT64_C(1) << 61)
#define START_WAITING (UINT64_C(1) << 62)

static size_t calls_in(const struct waitq *queue)
{
    struct call *call;
    size_t n = 0;

    list_for_each(call, &queue->calls, link)
        n++;
    return n;
}

void lock_rows_begin(struct lock_rows *rows, const struct crowd *crowd, uint64_t start,
                     const struct key *key)
{
    const struct list *held = &crowd->registry->held;
    const size_t words = crowd->registry->leases.words_len;

    *rows = (struct lock_rows){
        .crowd = crowd,
        .key = key,
        .first_waiting = start >= START_WAITING ? start - START_WAITING : 0,
        .left = ROWS_MAX,
        .held_at = held->next,
        .word = start < START_LENT ? 0 : MIN(start - START_LENT, words),
        .waiting_at = crowd->peers.next,
        .circle_at = crowd->peers.next,
    };
    for (; rows->held_at != held && rows->place < start; rows->place++)
        rows->held_at = rows->held_at->next;
}

/*
 * Where the connection has ended, and the process behind it is not known, or has ended too, nobody
 * is left of whom the server knew that he would release the lock.
 */
static void name_holder(const struct crowd *crowd, const struct holder *holder,
                        struct row_texts *texts, struct held_figures *ret)
{
    const struct peer *peer = crowd_find(crowd, holder->caller);
    const struct process *process = process_of(holder->account);

    if (peer) {
        gather_client_name(peer, texts, &ret->holder);
        return;
    }
    ret->holder = (struct client_name){.number = holder->caller};
    ret->gone = !process;
    if (process) {
        ret->holder.pid = process->pid;
        ret->holder.process = process->name;
    }
}

/* The next lock that is held, and whose state is here. NULL: there is none. */
static struct lockable *next_held(struct lock_rows *rows, struct holder *ret)
{
    while (rows->held_at != &rows->crowd->registry->held) {
        struct lockable *lock = container_of(rows->held_at, struct lockable, held);

        rows->held_at = rows->held_at->next;
        rows->place++;
        *ret = lock->holder;
        if (key_may_use(rows->key, &lock->object))
            return lock;
    }
    return NULL;
}

/* The next one that is lent. */
static struct lockable *next_lent(struct lock_rows *rows, struct holder *ret)
{
    const struct leases *leases = &rows->crowd->registry->leases;

    while (rows->word < leases->words_len) {
        const struct lease *lease = leases->by_word[rows->word++];
        struct lockable *lock = lease && lease->lent ? lockable_of(lease->object) : NULL;

        if (lock && key_may_use(rows->key, &lock->object) && lockable_lent_to(lock, ret))
            return lock;
    }
    return NULL;
}

bool lock_rows_held(struct lock_rows *rows, struct held_figures *ret)
{
    bool lent = rows->held_at == &rows->crowd->registry->held;
    struct lockable *lock;
    struct holder holder;

    if (!rows->left) {
        rows->next = lent ? START_LENT + rows->word : rows->place;
        return false;
    }
    lock = lent ? next_lent(rows, &holder) : next_held(rows, &holder);
    if (!lock)
        return false;
    rows->left--;
    *ret = (struct held_figures){
        .held = rows->crowd->registry->now - holder.since,
        .waiting = calls_in(&lock->waiters),
    };
    gather_object_name(&lock->object, &rows->texts, &ret->object);
    name_holder(rows->crowd, &holder, &rows->texts, ret);
    return true;
}

/* Its call waits for a lock, a semaphore or a Condition. */
static bool is_of_locks(const struct lock_rows *rows, const struct call *call)
{
    return call->queue && call->object && lockable_of(call->object) &&
           key_may_use(rows->key, call->object);
}

static void gather_waiting(const struct peer *peer, struct row_texts *texts,
                           struct waiting_figures *ret)
{
    const struct lockable *lock = lockable_waited_for(&peer->call);

    *ret = (struct waiting_figures){.held_by = lock ? lock->holder.caller : 0};
    gather_client_name(peer, texts, &ret->client);
    gather_wait(&peer->call, texts, &ret->wait);
    if (lock)
        gather_object_name(&lock->object, texts, &ret->wait.object);
}

bool lock_rows_waiting(struct lock_rows *rows, struct waiting_figures *ret)
{
    const struct list *end = &rows->crowd->peers;

    for (; rows->waiting_at != end && !rows->next; rows->waiting_at = rows->waiting_at->next) {
        const struct peer *peer = container_of(rows->waiting_at, struct peer, link);

        if (peer->call.caller < rows->first_waiting || !is_of_locks(rows, &peer->call))
            continue;
        if (!rows->left) {
            rows->next = START_WAITING + peer->call.caller;
            return false;
        }
        rows->left--;
        rows->waiting_at = rows->waiting_at->next;
        gather_waiting(peer, &rows->texts, ret);
        return true;
    }
    return false;
}

static void note_who_waits_for_whom(const struct crowd *crowd)
{
    struct peer *peer;

    list_for_each(peer, &crowd->peers, link) {
        const struct lockable *lock = lockable_waited_for(&peer->call);
        struct peer *holder = lock ? crowd_find(crowd, lock->holder.caller) : NULL;

        peer->waiter = (struct waiter){.holder = holder ? &holder->waiter : NULL};
    }
}

/* Whether all that the clients of the circle wait for is shown. */
static bool may_see_circle(const struct lock_rows *rows)
{
    const struct waiter *waiter = rows->circle;

    do {
        if (!is_of_locks(rows, &container_of(waiter, struct peer, waiter)->call))
            return false;
        waiter = waiter->holder;
    } while (waiter != rows->circle);
    return true;
}

bool lock_rows_circle(struct lock_rows *rows)
{
    if (rows->next)
        return false;
    if (!rows->walks)
        note_who_waits_for_whom(rows->crowd);
    while (rows->circle_at != &rows->crowd->peers) {
        struct peer *peer = container_of(rows->circle_at, struct peer, link);

        rows->circle_at = rows->circle_at->next;
        rows->circle = rows->waiter = waits_walk(&peer->waiter, ++rows->walks);
        if (rows->circle && may_see_circle(rows))
            return true;
    }
    return false;
}

bool lock_rows_circled(struct lock_rows *rows, struct waiting_figures *ret)
{
    if (!rows->waiter)
        return false;
    gather_waiting(container_of(rows->waiter, struct peer, waiter), &rows->texts, ret);
    rows->waiter = rows->waiter->holder == rows->circle ? NULL : rows->waiter->holder;
    return true;
}
