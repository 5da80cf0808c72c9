/* SPDX-License-Identifier: MIT */
/*
 * Counter: a signed number of 64 bits that clients change together, each by one operation. The
 * standard SyncManager has nothing like it.
 *
 * The number is here, or in a word of the memory that clients share, as long as one of them has the
 * word. They change it there at any time, without asking. So each method is one atomic operation on
 * it, wherever it is.
 */
#include "object/answer.h"
#include "object/args.h"
#include "object/lease.h"
#include "types/types.h"

#include <errno.h>
#include <inttypes.h>

struct counter {
    struct object object;
    _Atomic uint64_t number; /* two's complement; while it is in no word */
};

static struct counter *counter_of(struct object *self)
{
    return container_of(self, struct counter, object);
}

static _Atomic uint64_t *number_of(struct object *self)
{
    const struct lease *lease = self->lease;

    return lease && lease->lent ? &lease->word->state : &counter_of(self)->number;
}

static int64_t counter_read(struct object *self)
{
    return (int64_t)atomic_load(number_of(self));
}

/* An argument that must be an int. False: the call has been answered. */
static bool int_of(struct call *call, struct sm_value v, int64_t *ret)
{
    if (v.kind == SM_KIND_BIGINT) {
        call_raise(call, "OverflowError", "a Counter has 64 bits: the int does not fit");
        return false;
    }
    return call_clamped_int(call, v, ret);
}

static bool counter_init(struct object *self, struct call *call)
{
    int64_t value = 0;

    if (call->arg[0].kind != SM_KIND_MISSING && !int_of(call, call->arg[0], &value))
        return false;
    atomic_init(&counter_of(self)->number, (uint64_t)value);
    return true;
}

static int counter_repr(struct object *self, struct buffer *out, unsigned python)
{
    (void)python;
    buffer_addf(out, "Counter(%" PRId64 ")", counter_read(self));
    return out->failed ? -ENOMEM : 0;
}

static void counter_getvalue(struct object *self, struct pickler *p)
{
    pickler_value(p, NULL, sm_int(counter_read(self)));
}

static void counter_get(struct object *self, struct call *call)
{
    call_return_int(call, counter_read(self));
}

static void counter_add(struct object *self, struct call *call)
{
    int64_t n = 1, sum;

    if (call->arg[0].kind != SM_KIND_MISSING && !int_of(call, call->arg[0], &n))
        return;
    if (number_add(number_of(self), n, &sum))
        call_return_int(call, sum);
    else
        call_raise(call, "OverflowError", "a Counter has 64 bits: the sum does not fit");
}

static void counter_compare_and_set(struct object *self, struct call *call)
{
    int64_t old, value;

    if (int_of(call, call->arg[0], &old) && int_of(call, call->arg[1], &value))
        call_return_bool(call, number_replace(number_of(self), old, value));
}

static bool counter_pack(struct object *self, uint64_t *ret)
{
    *ret = atomic_load(&counter_of(self)->number);
    return true;
}

static void counter_unpack(struct object *self, uint64_t word)
{
    atomic_store(&counter_of(self)->number, word);
}

static const struct method counter_methods[] = {
    {"add", counter_add, {SIGNATURE_PYTHON, {"n"}, .ints = SIGNATURE_PARAM(0)}},
    {"compare_and_set",
     counter_compare_and_set,
     {SIGNATURE_PYTHON, {"old", "new"}, 2, .ints = SIGNATURE_PARAM(0) | SIGNATURE_PARAM(1)}},
    {"get", counter_get, {SIGNATURE_PYTHON}, .reads = true},
    {0},
};

const struct object_type counter_type = {
    .name = "Counter",
    .size = sizeof(struct counter),
    .create = {SIGNATURE_PYTHON, {"value"}, .ints = SIGNATURE_PARAM(0)},
    .methods = counter_methods,
    .init = counter_init,
    .repr = counter_repr,
    .getvalue = counter_getvalue,
    .pack = counter_pack,
    .unpack = counter_unpack,
    .word = WORD_NUMBER,
};
