/* SPDX-License-Identifier: MIT */
/*
 * RLock: held by a connection, any number of levels deep. It goes to the next waiter when its owner
 * has released every level, or has gone.
 */
#include "object/answer.h"
#include "types/lockable.h"
#include "types/types.h"

#include <errno.h>
#include <inttypes.h>

struct rlock {
    struct lockable lockable;
    uint64_t levels; /* 0 exactly when nobody holds it */
};

static const struct rlock *rlock_of(const struct lockable *lockable)
{
    return container_of(lockable, const struct rlock, lockable);
}

static struct rlock *rlock_of_object(struct object *self)
{
    return container_of(self, struct rlock, lockable.object);
}

static bool rlock_is_free(const struct lockable *lockable, uint64_t caller)
{
    return lockable->holder.caller == 0 || lockable->holder.caller == caller;
}

static uint64_t rlock_held(const struct lockable *lockable, uint64_t caller)
{
    return lockable->holder.caller == caller ? rlock_of(lockable)->levels : 0;
}

static uint64_t rlock_take(struct lockable *lockable, struct call *call, uint64_t levels)
{
    struct rlock *rlock = container_of(lockable, struct rlock, lockable);

    if (!rlock->levels)
        lockable_hold(lockable, call, call->owned);
    rlock->levels += levels;
    return levels;
}

static void let_go(struct rlock *rlock, uint64_t levels)
{
    rlock->levels -= levels;
    if (rlock->levels)
        return;
    lockable_let_go(&rlock->lockable);
    lockable_serve(&rlock->lockable);
}

static void rlock_drop(struct lockable *lockable)
{
    struct rlock *rlock = container_of(lockable, struct rlock, lockable);

    let_go(rlock, rlock->levels);
}

static void rlock_untake(struct lockable *lockable, struct call *call, uint64_t levels)
{
    struct rlock *rlock = container_of(lockable, struct rlock, lockable);

    if (lockable->holder.caller == call->caller && rlock->levels >= levels)
        let_go(rlock, levels);
}

static const struct lockable_ops rlock_ops = {
    .is_free = rlock_is_free,
    .held = rlock_held,
    .take = rlock_take,
    .drop = rlock_drop,
    .untake = rlock_untake,
};

/* Python's takes any arguments, and ignores them. */
static bool rlock_init(struct object *self, struct call *call)
{
    (void)call;
    lockable_init(&rlock_of_object(self)->lockable, &rlock_ops);
    return true;
}

static int rlock_repr(struct object *self, struct buffer *out, unsigned python)
{
    const struct rlock *rlock = rlock_of_object(self);

    (void)python;
    buffer_addf(out,
                "<%s _thread.RLock object owner=%" PRIu64 " count=%" PRIu64 " at 0x%" PRIx64 ">",
                rlock->levels ? "locked" : "unlocked", rlock->lockable.holder.caller, rlock->levels,
                self->ident);
    return out->failed ? -ENOMEM : 0;
}

static void rlock_acquire(struct object *self, struct call *call)
{
    nsec timeout;

    if (call_lock_wait(call, call->arg[0], call->arg[1], &timeout))
        lockable_acquire(&rlock_of_object(self)->lockable, call, timeout);
}

static void rlock_release(struct object *self, struct call *call)
{
    struct rlock *rlock = rlock_of_object(self);

    if (!rlock_held(&rlock->lockable, call->caller)) {
        call_raise(call, "RuntimeError", "cannot release un-acquired lock");
        return;
    }
    let_go(rlock, 1);
    call_return_none(call);
}

static bool rlock_pack(struct object *self, uint64_t *ret)
{
    struct rlock *rlock = rlock_of_object(self);

    if (!lockable_pack(&rlock->lockable, rlock->levels, ret))
        return false;
    rlock->levels = 0;
    return true;
}

static struct list *rlock_owner(const struct call *call)
{
    return call->owned;
}

static void rlock_unpack(struct object *self, uint64_t word)
{
    struct rlock *rlock = rlock_of_object(self);

    if (lockable_unpack(&rlock->lockable, word, rlock_owner))
        rlock->levels = word_levels(word);
}

static void rlock_locked(struct object *self, struct call *call)
{
    call_return_bool(call, rlock_of_object(self)->levels != 0);
}

static const struct method rlock_methods[] = {
    {"acquire",
     rlock_acquire,
     {SIGNATURE_KEYWORDS,
      {"blocking", "timeout"},
      .ints = SIGNATURE_PARAM(0),
      .numbers = SIGNATURE_PARAM(1)}},
    {"release", rlock_release, {SIGNATURE_NONE}},
    {"locked", rlock_locked, {SIGNATURE_NONE}, .since = 14, .exposed_since = 14, .reads = true},
    {0},
};

const struct object_type rlock_type = {
    .name = "RLock",
    .size = sizeof(struct rlock),
    .create = {SIGNATURE_RAW},
    .methods = rlock_methods,
    .init = rlock_init,
    .deinit = lockable_deinit,
    .repr = rlock_repr,
    .unpicklable = "_thread.RLock",
    .give_back = lockable_give_back,
    .owner_gone = lockable_owner_gone,
    .pack = rlock_pack,
    .unpack = rlock_unpack,
    .word = WORD_RLOCK,
};
