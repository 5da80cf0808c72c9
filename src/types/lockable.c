/* SPDX-License-Identifier: MIT */
/*
 * Hand-off of locks. A lock that is let go belongs at once to the oldest call that waits for it, so
 * nobody who comes later can snatch it. Two kinds of calls wait in the one row: those that acquire,
 * and those that come back from waiting for a Condition. The latter want the lock as deep as they
 * held it, and have their answer already; both are packed into call->number.
 */
#include "types/lockable.h"

#include "object/answer.h"
#include "object/registry.h"
#include "types/condition.h"
#include "types/types.h"

/* What brings a call here; the low bits of its number. */
enum claim {
    CLAIM_ACQUIRE,
    CLAIM_NOTIFIED,
    CLAIM_TIMED_OUT,
};

#define CLAIM_BITS 2

/* `with`: the levels wanted while the call waits, what `take` returned once it was handed them. */
static uint64_t claim_pack(enum claim claim, uint64_t with)
{
    return with << CLAIM_BITS | claim;
}

static enum claim claim_of(const struct call *call)
{
    return (enum claim)(call->number & ((1 << CLAIM_BITS) - 1));
}

static uint64_t claim_with(const struct call *call)
{
    return call->number >> CLAIM_BITS;
}

static void waiter_expired(struct waitq *queue, struct call *call)
{
    (void)queue;
    call_return_bool(call, false);
}

/* A notification goes to one who can use it: a waiter that vanished leaves it to the next. */
static void waiter_withdrawn(struct waitq *queue, struct call *call)
{
    (void)queue;
    if (claim_of(call) == CLAIM_NOTIFIED)
        condition_pass_on(call->object);
}

static const struct waitq_ops waiters_ops = {
    .expired = waiter_expired,
    .withdrawn = waiter_withdrawn,
};

void lockable_init(struct lockable *lock, const struct lockable_ops *ops)
{
    lock->ops = ops;
    list_init(&lock->held);
    waitq_init(&lock->waiters, &waiters_ops);
}

void lockable_deinit(struct object *self)
{
    struct lockable *lock = container_of(self, struct lockable, object);

    if (lock->held.next)
        list_remove(&lock->held);
}

struct lockable *lockable_of(struct object *object)
{
    if (object->type == &condition_type)
        return condition_lock(object);
    if (object->type->give_back ==
        lockable_give_back) /* as every lockable's type says, and no other */
        return container_of(object, struct lockable, object);
    return NULL;
}

struct lockable *lockable_waited_for(const struct call *call)
{
    struct lockable *lock = call->queue && call->object ? lockable_of(call->object) : NULL;

    return lock && call->queue == &lock->waiters ? lock : NULL;
}

static void hand_over(struct lockable *lock, struct call *call)
{
    enum claim claim = claim_of(call);

    call->number = claim_pack(claim, lock->ops->take(lock, call, claim_with(call)));
    call->handed = true;
    call_return_bool(call, claim != CLAIM_TIMED_OUT);
}

static void claim_lock(struct lockable *lock, struct call *call, nsec timeout)
{
    if (lock->ops->is_free(lock, call->caller))
        hand_over(lock, call);
    else if (timeout == 0)
        call_return_bool(call, false);
    else
        waitq_park(&lock->waiters, call, timeout);
}

void lockable_acquire(struct lockable *lock, struct call *call, nsec timeout)
{
    call->number = claim_pack(CLAIM_ACQUIRE, 1);
    claim_lock(lock, call, timeout);
}

void lockable_reacquire(struct lockable *lock, struct call *call, uint64_t levels, bool notified)
{
    lease_recall(&lock->object);
    call->number = claim_pack(notified ? CLAIM_NOTIFIED : CLAIM_TIMED_OUT, levels);
    claim_lock(lock, call, FOREVER);
}

/* An answer that fails lets go of the lock again: the loop that is under way goes on with that. */
void lockable_serve(struct lockable *lock)
{
    struct call *call;

    if (lock->serving)
        return;
    lock->serving = true;
    while ((call = waitq_peek(&lock->waiters)) && lock->ops->is_free(lock, call->caller))
        hand_over(lock, waitq_take(&lock->waiters));
    lock->serving = false;
}

void lockable_give_back(struct object *self, struct call *call)
{
    struct lockable *lock = container_of(self, struct lockable, object);

    lease_recall(self);
    lock->ops->untake(lock, call, claim_with(call));
}

void lockable_hold(struct lockable *lock, const struct call *call, struct list *owner)
{
    lock->holder = (struct holder){
        .caller = call->caller,
        .account = call->account,
        .since = call->registry->now,
        .cell = call->cell,
        .generation = call->generation,
    };
    list_remove(&lock->held);
    list_append(&call->registry->held, &lock->held);
    if (owner)
        object_own(&lock->object, owner);
}

void lockable_let_go(struct lockable *lock)
{
    lock->holder = (struct holder){0};
    list_remove(&lock->held);
    object_disown(&lock->object);
}

bool lockable_pack(struct lockable *lock, uint64_t levels, uint64_t *ret)
{
    const struct holder *holder = &lock->holder;
    struct lease *lease = lock->object.lease;

    if (!waitq_empty(&lock->waiters) || lock->serving)
        return false;
    if (!holder->caller) {
        *ret = WORD_FREE;
        return true;
    }
    if (!holder->cell || levels > WORD_LEVELS_MAX ||
        !cell_is(&lock->object.registry->leases, holder->cell - 1, holder->generation))
        return false;
    *ret = word_owned(holder->cell - 1, holder->generation, levels);
    atomic_store_explicit(&lease->word->since, holder->since, memory_order_relaxed);
    lockable_let_go(lock);
    return true;
}

/* The connection that owns the lock, by its word. */
static const struct call *owner_by_word(const struct lockable *lock, uint64_t word)
{
    return word == WORD_FREE ? NULL : cell_tenant(&lock->object.registry->leases, word);
}

/* The time is the client's word: it is for people to see, and may be a little old. */
static nsec held_since(const struct lockable *lock)
{
    nsec now = lock->object.registry->now;
    nsec since = atomic_load_explicit(&lock->object.lease->word->since, memory_order_relaxed);

    return since > 0 && since < now ? since : now;
}

bool lockable_lent_to(const struct lockable *lock, struct holder *ret)
{
    const struct call *call;

    if (lock->object.type->word == WORD_COUNT)
        return false;
    call = owner_by_word(lock, atomic_load(&lock->object.lease->word->state));
    if (!call)
        return false;
    *ret = (struct holder){
        .caller = call->caller, .account = call->account, .since = held_since(lock)};
    return true;
}

const struct call *lockable_unpack(struct lockable *lock, uint64_t word,
                                   struct list *(*owner)(const struct call *call))
{
    const struct call *call = owner_by_word(lock, word);

    if (!call)
        return NULL;
    lockable_hold(lock, call, owner(call));
    lock->holder.since = held_since(lock);
    return call;
}

/* A lock that is kept outlives the record of its owner. */
void lockable_owner_gone(struct object *self, bool keep)
{
    struct lockable *lock = container_of(self, struct lockable, object);

    lock->holder.account = NULL;
    if (!keep)
        lock->ops->drop(lock);
}

bool lockable_was_notified(const struct call *call)
{
    return claim_of(call) == CLAIM_NOTIFIED;
}
