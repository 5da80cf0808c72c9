/* SPDX-License-Identifier: MIT */
/*
 * Lock: held or not. Whoever likes may release it, and it stays held when the connection that
 * acquired it ends, for another thread may mean to release it; but not when the whole process does,
 * where that is known. Another process may have meant to release it even then: as long as nobody
 * has taken it since, it may.
 */
#include "object/answer.h"
#include "types/lockable.h"
#include "types/types.h"

#include <errno.h>
#include <inttypes.h>

struct lock {
    struct lockable lockable;
    uint64_t turn;    /* counts the times it was taken, to tell one holding from a later one */
    uint64_t lent_to; /* while it is lent: the caller that held it */
    bool let_go_for_the_dead; /* by us, and neither taken nor released by anyone since */
};

static const struct lock *lock_of(const struct lockable *lockable)
{
    return container_of(lockable, const struct lock, lockable);
}

static struct lock *lock_of_object(struct object *self)
{
    return container_of(self, struct lock, lockable.object);
}

static bool lock_is_free(const struct lockable *lockable, uint64_t caller)
{
    (void)caller;
    return !lockable->holder.caller;
}

static uint64_t lock_held(const struct lockable *lockable, uint64_t caller)
{
    (void)caller;
    return lockable->holder.caller != 0;
}

/* The process, whichever of its connections it was taken over. */
static struct list *lock_owner(const struct call *call)
{
    return call->account && !call->account->closed ? &call->account->owned : NULL;
}

static uint64_t lock_take(struct lockable *lockable, struct call *call, uint64_t levels)
{
    struct lock *lock = container_of(lockable, struct lock, lockable);

    (void)levels;
    lock->let_go_for_the_dead = false;
    lockable_hold(lockable, call, lock_owner(call));
    return ++lock->turn;
}

static void lock_drop(struct lockable *lockable)
{
    lockable_let_go(lockable);
    lockable_serve(lockable);
}

static void lock_untake(struct lockable *lockable, struct call *call, uint64_t turn)
{
    const struct lock *lock = lock_of(lockable);

    (void)call;
    if (lock_held(lockable, 0) && lock->turn == turn)
        lock_drop(lockable);
}

static const struct lockable_ops lock_ops = {
    .is_free = lock_is_free,
    .held = lock_held,
    .take = lock_take,
    .drop = lock_drop,
    .untake = lock_untake,
};

/* What makes a Lock is a C function up to 3.12, and the class from 3.13 on. */
static void raise_no_arguments(struct call *call)
{
    const char *name = call->python >= 13  ? "lock"
                       : call->python >= 9 ? "_thread.allocate_lock"
                                           : "allocate_lock";

    if (sm_len(call->kwds))
        call_raise(call, "TypeError", "%s() takes no keyword arguments", name);
    else if (call->python >= 15)
        call_raise(call, "TypeError", "%s() takes no positional arguments", name);
    else if (call->python >= 13)
        call_raise(call, "TypeError", "lock expected 0 arguments, got %zu", sm_len(call->args));
    else
        call_raise(call, "TypeError", "%s() takes no arguments (%zu given)", name,
                   sm_len(call->args));
}

static bool lock_init(struct object *self, struct call *call)
{
    lockable_init(&lock_of_object(self)->lockable, &lock_ops);
    if (!sm_len(call->args) && !sm_len(call->kwds))
        return true;
    raise_no_arguments(call);
    return false;
}

static int lock_repr(struct object *self, struct buffer *out, unsigned python)
{
    (void)python;
    buffer_addf(out, "<%s _thread.lock object at 0x%" PRIx64 ">",
                lock_held(&lock_of_object(self)->lockable, 0) ? "locked" : "unlocked", self->ident);
    return out->failed ? -ENOMEM : 0;
}

static void lock_acquire(struct object *self, struct call *call)
{
    nsec timeout;

    if (call_lock_wait(call, call->arg[0], call->arg[1], &timeout))
        lockable_acquire(&lock_of_object(self)->lockable, call, timeout);
}

static void lock_release(struct object *self, struct call *call)
{
    struct lock *lock = lock_of_object(self);

    if (lock->let_go_for_the_dead) {
        lock->let_go_for_the_dead = false;
        call_return_none(call);
        return;
    }
    if (!lock_held(&lock->lockable, 0)) {
        call_raise(call, "RuntimeError", "release unlocked lock");
        return;
    }
    lock_drop(&lock->lockable);
    call_return_none(call);
}

static void lock_owner_gone(struct object *self, bool keep)
{
    struct lock *lock = lock_of_object(self);

    lockable_owner_gone(self, keep);
    lock->let_go_for_the_dead = !lock_held(&lock->lockable, 0);
}

/* One that was let go for the dead may be released once more, which no word says. */
static bool lock_pack(struct object *self, uint64_t *ret)
{
    struct lock *lock = lock_of_object(self);
    uint64_t holder = lock->lockable.holder.caller;

    if (lock->let_go_for_the_dead || !lockable_pack(&lock->lockable, 1, ret))
        return false;
    lock->lent_to = holder;
    return true;
}

/* Whoever held it when it was lent may have released and taken it, but has read its answer then. */
static void lock_unpack(struct object *self, uint64_t word)
{
    struct lock *lock = lock_of_object(self);
    const struct call *call = lockable_unpack(&lock->lockable, word, lock_owner);

    if (call && call->caller != lock->lent_to)
        lock->turn++;
}

static void lock_locked(struct object *self, struct call *call)
{
    call_return_bool(call, lock_held(&lock_of_object(self)->lockable, 0));
}

static const struct method lock_methods[] = {
    {"acquire",
     lock_acquire,
     {SIGNATURE_KEYWORDS,
      {"blocking", "timeout"},
      .ints = SIGNATURE_PARAM(0),
      .numbers = SIGNATURE_PARAM(1)}},
    {"release", lock_release, {SIGNATURE_NONE}},
    {"locked", lock_locked, {SIGNATURE_NONE}, .exposed_since = 14, .reads = true},
    {"acquire_lock",
     lock_acquire,
     {SIGNATURE_KEYWORDS,
      {"blocking", "timeout"},
      .ints = SIGNATURE_PARAM(0),
      .numbers = SIGNATURE_PARAM(1)},
     .exposed_since = EXPOSED_NEVER},
    {"release_lock", lock_release, {SIGNATURE_NONE}, .exposed_since = EXPOSED_NEVER},
    {"locked_lock", lock_locked, {SIGNATURE_NONE}, .exposed_since = EXPOSED_NEVER, .reads = true},
    {0},
};

const struct object_type lock_type = {
    .name = "lock",
    .size = sizeof(struct lock),
    .create = {SIGNATURE_RAW},
    .methods = lock_methods,
    .init = lock_init,
    .deinit = lockable_deinit,
    .repr = lock_repr,
    .unpicklable = "_thread.lock",
    .give_back = lockable_give_back,
    .owner_gone = lock_owner_gone,
    .pack = lock_pack,
    .unpack = lock_unpack,
    .word = WORD_LOCK,
};
