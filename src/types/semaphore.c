/* SPDX-License-Identifier: MIT */
/*
 * Semaphore, BoundedSemaphore: a count of free units. An acquire that finds none parks, first come
 * first served; a release hands its units to the oldest parked calls, so none is overtaken. Units
 * have no owner. A Condition over a semaphore takes it for held when no unit is free.
 *
 * Python counts in whatever number it is given: from a Semaphore(1.5) every acquire succeeds, as
 * its count passes 0 by. A double does the same, and is exact beyond any honest count.
 */
#include "object/answer.h"
#include "object/args.h"
#include "object/ask.h"
#include "types/lockable.h"
#include "types/types.h"
#include "value/number.h"
#include "value/repr.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>

struct semaphore {
    struct lockable lockable;
    double units; /* free now; calls wait only while it is 0 */
    double bound; /* the most that may be free; infinite for a plain Semaphore */
    bool real;    /* a float had a part in the count: it prints as one */
    bool bound_real;
};

static const struct semaphore *semaphore_of(const struct lockable *lockable)
{
    return container_of(lockable, const struct semaphore, lockable);
}

static struct semaphore *semaphore_of_object(struct object *self)
{
    return container_of(self, struct semaphore, lockable.object);
}

static bool semaphore_is_free(const struct lockable *lockable, uint64_t caller)
{
    (void)caller;
    return semaphore_of(lockable)->units != 0;
}

/* A bound of 0 leaves nothing that a wait could release. */
static uint64_t semaphore_held(const struct lockable *lockable, uint64_t caller)
{
    const struct semaphore *sem = semaphore_of(lockable);

    (void)caller;
    return sem->units == 0 && sem->bound > 0;
}

static uint64_t semaphore_take(struct lockable *lockable, struct call *call, uint64_t levels)
{
    (void)call, (void)levels;
    container_of(lockable, struct semaphore, lockable)->units--;
    return 0;
}

static void add_units(struct semaphore *sem, double n)
{
    sem->units += n;
    lockable_serve(&sem->lockable);
}

static void semaphore_drop(struct lockable *lockable)
{
    add_units(container_of(lockable, struct semaphore, lockable), 1);
}

static void semaphore_untake(struct lockable *lockable, struct call *call, uint64_t taken)
{
    struct semaphore *sem = container_of(lockable, struct semaphore, lockable);

    (void)call, (void)taken;
    if (!(sem->units + 1 > sem->bound))
        add_units(sem, 1);
}

static const struct lockable_ops semaphore_ops = {
    .is_free = semaphore_is_free,
    .held = semaphore_held,
    .take = semaphore_take,
    .drop = semaphore_drop,
    .untake = semaphore_untake,
};

/* A number of at least `least`. False: the call has been answered. */
static bool count_of(struct call *call, struct sm_value v, double least, const char *too_small,
                     double *ret)
{
    if (!value_is_number(v)) {
        if (call_asks(call, v, call->object ? SM_ASK_UNITS : SM_ASK_NUMBER, 0))
            return false;
        call_raise(call, "TypeError", "'<' not supported between instances of '%s' and 'int'",
                   call_type_name(call, v));
        return false;
    }
    *ret = number_to_double(v);
    if (!(*ret < least))
        return true;
    call_raise(call, "ValueError", "%s", too_small);
    return false;
}

static bool semaphore_init(struct object *self, struct call *call)
{
    struct semaphore *sem = semaphore_of_object(self);

    lockable_init(&sem->lockable, &semaphore_ops);
    sem->units = 1;
    sem->bound = HUGE_VAL;
    sem->real = call->arg[0].kind == SM_KIND_FLOAT;
    return call->arg[0].kind == SM_KIND_MISSING ||
           count_of(call, call->arg[0], 0, "semaphore initial value must be >= 0", &sem->units);
}

static bool bounded_semaphore_init(struct object *self, struct call *call)
{
    struct semaphore *sem = semaphore_of_object(self);

    if (!semaphore_init(self, call))
        return false;
    sem->bound = sem->units;
    sem->bound_real = sem->real;
    return true;
}

static void add_count(struct buffer *out, double count, bool real)
{
    if (real)
        repr_float(out, count);
    else
        buffer_addf(out, "%.0f", count);
}

static int semaphore_repr(struct object *self, struct buffer *out, unsigned python)
{
    const struct semaphore *sem = semaphore_of_object(self);

    buffer_addf(out, "<threading.%s%s at 0x%" PRIx64, self->type->name,
                python >= 11 ? "" : " object", self->ident);
    if (python >= 11) {
        buffer_add_str(out, ": value=");
        add_count(out, sem->units, sem->real);
        if (self->type == &bounded_semaphore_type) {
            buffer_add_byte(out, '/');
            add_count(out, sem->bound, sem->bound_real);
        }
    }
    buffer_add_byte(out, '>');
    return out->failed ? -ENOMEM : 0;
}

/* Python looks at the timeout only when it comes to waiting. */
static void semaphore_acquire(struct object *self, struct call *call)
{
    struct semaphore *sem = semaphore_of_object(self);
    bool blocks = true;
    nsec timeout = 0;

    if (call->arg[0].kind != SM_KIND_MISSING && !call_truth(call, call->arg[0], &blocks))
        return;
    if (!blocks && call->arg[1].kind != SM_KIND_MISSING && call->arg[1].kind != SM_KIND_NONE) {
        call_raise(call, "ValueError", "can't specify timeout for non-blocking acquire");
        return;
    }
    if (sem->units == 0 && blocks && !call_wait_until(call, call->arg[1], &timeout))
        return;
    lockable_acquire(&sem->lockable, call, timeout);
}

/* 3.9 to 3.11 count first, and then find that they cannot wake 1.5 waiters. */
static void semaphore_release(struct object *self, struct call *call)
{
    static const struct signature takes_count = {
        SIGNATURE_PYTHON, {"n"}, .numbers = SIGNATURE_PARAM(0)};
    static const struct signature takes_nothing = {SIGNATURE_PYTHON};
    struct semaphore *sem = semaphore_of_object(self);
    bool real;
    double n = 1;

    if (!call_bind(call, call->python >= 9 ? &takes_count : &takes_nothing, self->type->name,
                   "release"))
        return;
    if (call->arg[0].kind != SM_KIND_MISSING &&
        !count_of(call, call->arg[0], 1, "n must be one or more", &n))
        return;
    if (self->type == &bounded_semaphore_type && sem->units + n > sem->bound) {
        call_raise(call, "ValueError", "Semaphore released too many times");
        return;
    }
    real = call->arg[0].kind == SM_KIND_FLOAT;
    sem->real |= real;
    add_units(sem, n);
    if (real && call->python < 12)
        call_raise(call, "TypeError", "'float' object cannot be interpreted as an integer");
    else
        call_return_none(call);
}

/* The most units that a word may say there are. */
static uint64_t semaphore_word_max(const struct object *self)
{
    const struct semaphore *sem = container_of(self, const struct semaphore, lockable.object);

    return sem->bound < (double)WORD_COUNT_MAX ? (uint64_t)sem->bound : WORD_COUNT_MAX;
}

/* A count that was a float is for the manager alone, and what comes near the bound of a word. */
static bool semaphore_pack(struct object *self, uint64_t *ret)
{
    struct semaphore *sem = semaphore_of_object(self);

    if (!waitq_empty(&sem->lockable.waiters) || sem->lockable.serving || sem->real ||
        sem->bound_real || !(sem->units >= 0 && sem->units < (double)WORD_COUNT_MAX / 2))
        return false;
    *ret = (uint64_t)sem->units;
    return true;
}

static void semaphore_unpack(struct object *self, uint64_t word)
{
    semaphore_of_object(self)->units = (double)MIN(word, semaphore_word_max(self));
}

/* 3.14 lists the method for every lock; Python's semaphores do not have it. */
static void semaphore_locked(struct object *self, struct call *call)
{
    (void)self;
    call_fail(call, "KeyError", "'locked'");
}

static const struct method semaphore_methods[] = {
    {"acquire",
     semaphore_acquire,
     {SIGNATURE_PYTHON, {"blocking", "timeout"}, .numbers = SIGNATURE_PARAM(1)},
     "Semaphore"},
    {"release", semaphore_release, {SIGNATURE_RAW}},
    {"locked", semaphore_locked, {SIGNATURE_RAW}, .exposed_since = 14, .harmless = true},
    {0},
};

const struct object_type semaphore_type = {
    .name = "Semaphore",
    .size = sizeof(struct semaphore),
    .create = {SIGNATURE_PYTHON, {"value"}, .numbers = SIGNATURE_PARAM(0)},
    .methods = semaphore_methods,
    .init = semaphore_init,
    .repr = semaphore_repr,
    .unpicklable = "_thread.lock",
    .give_back = lockable_give_back,
    .pack = semaphore_pack,
    .unpack = semaphore_unpack,
    .word = WORD_COUNT,
    .word_max = semaphore_word_max,
};

const struct object_type bounded_semaphore_type = {
    .name = "BoundedSemaphore",
    .size = sizeof(struct semaphore),
    .create = {SIGNATURE_PYTHON, {"value"}, .numbers = SIGNATURE_PARAM(0)},
    .methods = semaphore_methods,
    .init = bounded_semaphore_init,
    .repr = semaphore_repr,
    .unpicklable = "_thread.lock",
    .give_back = lockable_give_back,
    .pack = semaphore_pack,
    .unpack = semaphore_unpack,
    .word = WORD_COUNT,
    .word_max = semaphore_word_max,
};
