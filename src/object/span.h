/* SPDX-License-Identifier: MIT */
/* Indices and slices, as Python's sequences take them. */
#ifndef OBJECT_SPAN_H
#define OBJECT_SPAN_H

#include "object/call.h"
#include "value/known.h"
#include "value/number.h"

/* An integer, but what does not fit is as far out as can be. */
int64_t integer_clamped(struct sm_value v);

/*
 * The place of element v of `len`; negative ones count from the end. v is an integer. False: the
 * call has been answered with IndexError(`complaint`).
 */
bool index_of(struct call *call, struct sm_value v, size_t len, const char *complaint, size_t *ret);

/* The elements start, start + step, ..., `len` of them; all are there. */
struct span {
    int64_t start;
    int64_t step;
    size_t len;
};

/* What a slice means for a sequence of `len`. False: the call has been answered. */
bool span_of(struct call *call, const struct value_slice *slice, size_t len, struct span *ret);

/* The same elements, first to last. */
struct span span_forwards(struct span span);

static inline size_t span_at(const struct span *span, size_t i)
{
    return (size_t)(span->start + span->step * (int64_t)i);
}

#endif
