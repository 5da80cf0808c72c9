/* SPDX-License-Identifier: MIT */
/* list[...], list[...] = x and del list[...]. */
#include "types/list.h"

#include "object/answer.h"
#include "object/args.h"
#include "object/ask.h"
#include "object/span.h"
#include "pickle/opcodes.h"

#include <errno.h>

static struct slots *slots_of(struct object *self)
{
    return &container_of(self, struct pylist, object)->slots;
}

/* What stands in the brackets: an index or a slice. False: the call has been answered. */
static bool check_key(struct call *call, struct sm_value key, bool *ret_is_slice,
                      struct value_slice *ret_slice)
{
    *ret_is_slice = value_is_slice(key, ret_slice);
    if (*ret_is_slice || value_is_int(key))
        return true;
    if (call_asks(call, key, SM_ASK_INDEX, 0))
        return false;
    call_raise(call, "TypeError", "list indices must be integers or slices, not %s",
               call_type_name(call, key));
    return false;
}

static void get_slice(const struct slots *s, struct call *call, const struct span *span)
{
    struct pickler *p = call_return_begin(call);
    struct pickler_batch batch;

    pickler_op(p, EMPTY_LIST);
    pickler_batch_begin(&batch, p, APPENDS);
    for (size_t i = 0; i < span->len; i++) {
        pickler_batch_item(&batch);
        pickler_item(p, &s->at[span_at(span, i)]);
    }
    pickler_batch_end(&batch);
    call_return_end(call);
}

void pylist_getitem(struct object *self, struct call *call)
{
    struct slots *s = slots_of(self);
    struct sm_value key = call->arg[0];
    struct value_slice slice;
    struct span span;
    bool is_slice = false;
    size_t at;

    if (key.kind != SM_KIND_INT && !check_key(call, key, &is_slice, &slice))
        return;
    if (is_slice) {
        if (span_of(call, &slice, s->len, &span))
            get_slice(s, call, &span);
    } else if (index_of(call, key, s->len, "list index out of range", &at)) {
        call_return_frozen(call, &s->at[at]);
    }
}

static void set_index(struct slots *s, struct call *call)
{
    CLEANUP(frozen_free) struct frozen old = {0};
    struct frozen item;
    size_t at;

    if (!index_of(call, call->arg[0], s->len, "list assignment index out of range", &at) ||
        !call_freeze(call, call->arg[1], &item))
        return;
    old = s->at[at];
    s->at[at] = item;
    call_return_none(call);
}

/* The values to assign. False: the call has been answered. */
static bool slice_values(struct call *call, bool extended, struct slots *ret)
{
    struct sm_value v, list;

    if (!call_dereference(call, call->arg[1], &v))
        return false;
    if (value_iterate(call->tree, v, &list) == ITERATE_NOT) {
        call_raise(call, "TypeError",
                   extended || call->python >= 13 ? "must assign iterable to extended slice"
                                                  : "can only assign an iterable");
        return false;
    }
    return slots_freeze_iterable(ret, call, v);
}

static void set_slice(struct slots *s, struct call *call, const struct span *span)
{
    CLEANUP(slots_deinit) struct slots values = {0};
    int r;

    if (!slice_values(call, span->step != 1, &values))
        return;
    if (span->step == 1) {
        r = slots_exchange(s, (size_t)span->start, span->len, &values);
        if (r < 0)
            call_raise_errno(call, r);
        else
            call_return_none(call);
        return;
    }
    if (values.len != span->len) {
        call_raise(call, "ValueError",
                   "attempt to assign sequence of size %zu to extended slice of size %zu",
                   values.len, span->len);
        return;
    }
    for (size_t i = 0; i < span->len; i++) {
        struct frozen old = s->at[span_at(span, i)];

        s->at[span_at(span, i)] = values.at[i];
        values.at[i] = old;
    }
    call_return_none(call);
}

void pylist_setitem(struct object *self, struct call *call)
{
    struct slots *s = slots_of(self);
    struct value_slice slice;
    struct span span;
    bool is_slice;

    if (!check_key(call, call->arg[0], &is_slice, &slice))
        return;
    if (!is_slice)
        set_index(s, call);
    else if (span_of(call, &slice, s->len, &span))
        set_slice(s, call, &span);
}

/* Move what is to go to `removed` and close the gaps, in one pass. */
static void take_span(struct slots *s, struct span span, struct slots *removed)
{
    size_t to, from;

    if (!span.len)
        return;
    span = span_forwards(span);
    to = (size_t)span.start;
    for (from = to; from < s->len; from++) {
        if (removed->len < span.len && from == span_at(&span, removed->len))
            removed->at[removed->len++] = s->at[from];
        else
            s->at[to++] = s->at[from];
    }
    s->len = to;
    slots_trim(s);
}

void pylist_delitem(struct object *self, struct call *call)
{
    struct slots *s = slots_of(self);
    CLEANUP(slots_deinit) struct slots removed = {0};
    struct value_slice slice;
    struct span span = {.step = 1, .len = 1};
    bool is_slice;
    size_t at;
    int r;

    if (!check_key(call, call->arg[0], &is_slice, &slice))
        return;
    if (is_slice) {
        if (!span_of(call, &slice, s->len, &span))
            return;
    } else {
        if (!index_of(call, call->arg[0], s->len, "list assignment index out of range", &at))
            return;
        span.start = (int64_t)at;
    }
    r = slots_reserve(&removed, span.len);
    if (r < 0) {
        call_raise_errno(call, r);
        return;
    }
    take_span(s, span, &removed);
    call_return_none(call);
}
