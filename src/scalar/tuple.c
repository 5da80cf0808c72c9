/* SPDX-License-Identifier: MIT */
/* tuple: looking for an item, by the equality that holds across kinds. */
#include "object/answer.h"
#include "object/args.h"
#include "scalar/plain.h"
#include "scalar/scalar.h"
#include "value/compare.h"
#include "value/number.h"

static void tuple_count(struct object *self, struct call *call)
{
    struct sm_value v;
    int64_t n = 0;

    if (!plain_value(self, call, &v))
        return;
    for (size_t i = 0; i < v.items->len; i++) {
        int r = value_equal(v.items->item[i], call->arg[0]);

        if (r < 0) {
            call_raise_errno(call, r);
            return;
        }
        n += r;
    }
    call_return_int(call, n);
}

/* One end of the slice to look in, within the tuple. */
static bool take_end(struct call *call, struct sm_value v, int64_t len, int64_t *ret)
{
    if (v.kind == SM_KIND_MISSING)
        return true;
    if (!value_is_int(v)) {
        call_raise(call, "TypeError", "slice indices must be integers or have an __index__ method");
        return false;
    }
    if (!call_clamped_int(call, v, ret))
        return false;
    if (*ret < 0)
        *ret = MAX(*ret + len, 0);
    *ret = MIN(*ret, len);
    return true;
}

static void tuple_index(struct object *self, struct call *call)
{
    int64_t start = 0, end;
    struct sm_value v;

    if (!plain_value(self, call, &v))
        return;
    end = (int64_t)v.items->len;
    if (!take_end(call, call->arg[1], (int64_t)v.items->len, &start) ||
        !take_end(call, call->arg[2], (int64_t)v.items->len, &end))
        return;
    for (int64_t i = start; i < end; i++) {
        int r = value_equal(v.items->item[i], call->arg[0]);

        if (r < 0)
            call_raise_errno(call, r);
        else if (r)
            call_return_int(call, i);
        if (r)
            return;
    }
    call_raise(call, "ValueError", "tuple.index(x): x not in tuple");
}

static const struct method tuple_methods[] = {
    {"count", tuple_count, {SIGNATURE_ONE, {""}, 1}},
    {"index", tuple_index, {SIGNATURE_UNPACK, {"value", "start", "stop"}, 1}},
    {0},
};

const struct object_type tuple_type = {
    .name = "tuple",
    PLAIN_TYPE_FIELDS,
    .methods = tuple_methods,
};
