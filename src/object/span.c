/* SPDX-License-Identifier: MIT */
/*
 * Python clamps a slice's numbers rather than refuse them, however large. The largest that has a
 * meaning is the length of a sequence, far below 2^63, so clamping to 64 bits loses nothing.
 */
#include "object/span.h"

#include "object/answer.h"
#include "object/ask.h"

int64_t integer_clamped(struct sm_value v)
{
    switch (v.kind) {
    case SM_KIND_BOOL:
        return v.boolean;
    case SM_KIND_BIGINT:
        return v.bytes[v.len - 1] & 0x80 ? -INT64_MAX : INT64_MAX;
    default:
        return MAX(v.integer, -INT64_MAX);
    }
}

bool index_of(struct call *call, struct sm_value v, size_t len, const char *complaint, size_t *ret)
{
    int64_t i = v.kind == SM_KIND_INT ? v.integer : integer_clamped(v);

    if (v.kind == SM_KIND_BIGINT) {
        call_raise(call, "IndexError", "cannot fit 'int' into an index-sized integer");
        return false;
    }
    if (i < 0)
        i += (int64_t)len;
    if (i < 0 || i >= (int64_t)len) {
        call_raise(call, "IndexError", "%s", complaint);
        return false;
    }
    *ret = (size_t)i;
    return true;
}

static bool slice_number(struct call *call, struct sm_value v, int64_t otherwise, int64_t *ret)
{
    if (v.kind != SM_KIND_NONE && !value_is_int(v)) {
        if (call_asks(call, v, SM_ASK_INDEX, 0))
            return false;
        call_raise_slice_index(call);
        return false;
    }
    *ret = v.kind == SM_KIND_NONE ? otherwise : integer_clamped(v);
    return true;
}

/* Where a bound lies once negative ones are counted from the end, within the sequence. */
static int64_t slice_bound(int64_t at, int64_t len, int64_t step)
{
    if (at < 0)
        at += len;
    if (at < 0)
        return step < 0 ? -1 : 0;
    if (at >= len)
        return step < 0 ? len - 1 : len;
    return at;
}

bool span_of(struct call *call, const struct value_slice *slice, size_t size, struct span *ret)
{
    int64_t start, stop, step, len = (int64_t)size;

    if (!slice_number(call, slice->step, 1, &step))
        return false;
    if (step == 0) {
        call_raise(call, "ValueError", "slice step cannot be zero");
        return false;
    }
    if (!slice_number(call, slice->start, step < 0 ? INT64_MAX : 0, &start) ||
        !slice_number(call, slice->stop, step < 0 ? -INT64_MAX : INT64_MAX, &stop))
        return false;
    start = slice_bound(start, len, step);
    stop = slice_bound(stop, len, step);
    *ret = (struct span){.start = start, .step = step};
    if (step > 0 && start < stop)
        ret->len = (size_t)((stop - start - 1) / step + 1);
    if (step < 0 && start > stop)
        ret->len = (size_t)((start - stop - 1) / -step + 1);
    return true;
}

struct span span_forwards(struct span span)
{
    if (span.step > 0)
        return span;
    if (span.len)
        span.start += span.step * (int64_t)(span.len - 1);
    span.step = -span.step;
    return span;
}
