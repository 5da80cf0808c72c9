/* SPDX-License-Identifier: MIT */
/*
 * Arguments that are numbers and nothing else: an index, a count, a time. Where numpy's scalars are
 * given for them, they become the ints and floats that Python's C code would take them for.
 */
#include "object/call.h"

#include "object/answer.h"
#include "object/args.h"
#include "value/known.h"
#include "value/numpy.h"

static bool is_whole(const struct numpy *scalar)
{
    return scalar->kind == 'i' || scalar->kind == 'u' || (scalar->kind == 'b' && !scalar->since_2);
}

/* numpy.float64 alone is a Python float. */
static bool is_float(const struct numpy *scalar)
{
    return scalar->kind == 'f' && scalar->size == sizeof(double);
}

static int take_number(struct call *call, struct sm_value *v, bool floats)
{
    struct numpy scalar;
    int r;

    if (v->kind != SM_KIND_OBJECT || !numpy_read(*v, &scalar) ||
        !(is_whole(&scalar) || (floats && is_float(&scalar))))
        return 0;
    r = numpy_plain(call->tree, &scalar, v);
    return r < 0 ? r : 0;
}

/* The parts of a slice are ints, too. */
static int take_object(struct call *call, struct sm_value *v, bool floats)
{
    struct value_slice slice;
    int r = 0;

    if (!value_is_slice(*v, &slice))
        return take_number(call, v, floats);
    for (size_t i = 0; i < v->object->args.items->len && r == 0; i++)
        r = take_number(call, &v->object->args.items->item[i], false);
    return r;
}

bool call_take_numbers(struct call *call, const struct signature *takes)
{
    unsigned numbers = takes->ints | takes->numbers;
    int r = 0;

    for (size_t i = 0; numbers >> i && r == 0; i++) {
        if (numbers >> i & 1 && call->arg[i].kind == SM_KIND_OBJECT)
            r = take_object(call, &call->arg[i], takes->numbers >> i & 1);
    }
    if (r < 0)
        call_raise_errno(call, r);
    return r == 0;
}
