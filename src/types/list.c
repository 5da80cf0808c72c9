/* SPDX-License-Identifier: MIT */
/*
 * list: a row of stored values. Reading an element copies its bytes into the answer; only methods
 * that must look inside (index, count, remove, sort, `in`) decode, and only where bytes do not
 * tell.
 */
#include "types/list.h"

#include "base/limits.h"
#include "object/answer.h"
#include "object/args.h"
#include "object/ask.h"
#include "object/clinic.h"
#include "object/dispatch.h"
#include "object/span.h"
#include "object/stored.h"
#include "pickle/opcodes.h"
#include "types/types.h"

#include <errno.h>

static struct pylist *pylist_of(struct object *self)
{
    return container_of(self, struct pylist, object);
}

static bool pylist_init(struct object *self, struct call *call)
{
    return call->arg[0].kind == SM_KIND_MISSING ||
           slots_freeze_iterable(&pylist_of(self)->slots, call, call->arg[0]);
}

static void pylist_deinit(struct object *self)
{
    slots_deinit(&pylist_of(self)->slots);
}

static void pylist_measure(struct object *self, struct extent *extent)
{
    slots_measure(&pylist_of(self)->slots, extent);
}

static size_t pylist_values(const struct object *self)
{
    return container_of(self, const struct pylist, object)->slots.len;
}

static int pylist_repr(struct object *self, struct buffer *out, unsigned python)
{
    return slots_repr(&pylist_of(self)->slots, out, python, self);
}

static int pylist_newest(struct object *self, size_t *at, struct buffer *out, unsigned python)
{
    const struct slots *s = &pylist_of(self)->slots;

    if (*at >= s->len)
        return 0;
    return stored_show(out, python, self, NULL, &s->at[s->len - ++*at]);
}

static void pylist_getvalue(struct object *self, struct pickler *p)
{
    struct slots *s = &pylist_of(self)->slots;

    slots_write(s->at, s->len, p);
}

static void pylist_copy(struct object *self, struct call *call)
{
    pylist_getvalue(self, call_return_begin(call));
    call_return_end(call);
}

static void pylist_len(struct object *self, struct call *call)
{
    call_return_int(call, (int64_t)pylist_of(self)->slots.len);
}

static void pylist_append(struct object *self, struct call *call)
{
    struct slots *s = &pylist_of(self)->slots;
    int r = slots_reserve(s, 1);

    if (r < 0) {
        call_raise_errno(call, r);
        return;
    }
    if (!call_freeze(call, call->arg[0], &s->at[s->len]))
        return;
    s->len++;
    call_return_none(call);
}

static void pylist_extend(struct object *self, struct call *call)
{
    if (slots_freeze_iterable(&pylist_of(self)->slots, call, call->arg[0]))
        call_return_none(call);
}

static void pylist_insert(struct object *self, struct call *call)
{
    struct slots *s = &pylist_of(self)->slots;
    int64_t at, len = (int64_t)s->len;
    int r;

    if (!clinic_size(call, call->arg[0], &at))
        return;
    if (at < 0)
        at = MAX(at + len, 0);
    at = MIN(at, len);
    r = slots_reserve(s, 1);
    if (r < 0) {
        call_raise_errno(call, r);
        return;
    }
    if (!call_freeze(call, call->arg[1], &s->at[s->len]))
        return;
    if (at < len) {
        struct frozen item = s->at[s->len];

        memmove(s->at + at + 1, s->at + at, (size_t)(len - at) * sizeof(item));
        s->at[at] = item;
    }
    s->len++;
    call_return_none(call);
}

/* Take one value out of the row; the caller owns it. */
static struct frozen pylist_take(struct slots *s, size_t at)
{
    struct frozen item = s->at[at];

    s->len--;
    memmove(s->at + at, s->at + at + 1, (s->len - at) * sizeof(item));
    slots_trim(s);
    return item;
}

static void pylist_pop(struct object *self, struct call *call)
{
    struct slots *s = &pylist_of(self)->slots;
    CLEANUP(frozen_free) struct frozen item = {0};
    int64_t at = -1;

    if (!clinic_size(call, call->arg[0], &at))
        return;
    if (s->len == 0) {
        call_raise(call, "IndexError", "pop from empty list");
        return;
    }
    if (at < 0)
        at += (int64_t)s->len;
    if (at < 0 || at >= (int64_t)s->len) {
        call_raise(call, "IndexError", "pop index out of range");
        return;
    }
    item = pylist_take(s, (size_t)at);
    call_return_frozen(call, &item);
}

/* Find the first argument. Returns 1 with *ret_at, 0, or -1 after the call has been answered. */
static int pylist_find(struct slots *s, struct call *call, size_t start, size_t stop,
                       size_t *ret_at)
{
    CLEANUP(frozen_free) struct frozen needle = {0};
    int r;

    if (!call_freeze(call, call->arg[0], &needle))
        return -1;
    r = slots_find(s, call, &needle, start, stop, ret_at);
    if (r >= 0)
        return r;
    call_raise_errno(call, r);
    return -1;
}

static void pylist_contains(struct object *self, struct call *call)
{
    size_t at;
    int found = pylist_find(&pylist_of(self)->slots, call, 0, SIZE_MAX, &at);

    if (found >= 0)
        call_return_bool(call, found);
}

static void pylist_count(struct object *self, struct call *call)
{
    struct slots *s = &pylist_of(self)->slots;
    CLEANUP(frozen_free) struct frozen needle = {0};
    CLEANUP(needle_deinit) struct needle sought = {0};
    int64_t count = 0;
    int r = 0;

    if (!call_freeze(call, call->arg[0], &needle))
        return;
    needle_init(&sought, &needle, call->tree->unknown);
    for (size_t at = 0; at < s->len && r >= 0; at++) {
        r = needle_equal(&sought, &s->at[at]);
        count += r > 0;
    }
    if (r < 0)
        call_raise_errno(call, r);
    else
        call_return_int(call, count);
}

/* A bound of index(): clamped, negative ones counted from the end. */
static bool index_bound(struct call *call, struct sm_value v, size_t len, size_t otherwise,
                        size_t *ret)
{
    int64_t at;

    *ret = otherwise;
    if (v.kind == SM_KIND_MISSING)
        return true;
    if (!value_is_int(v)) {
        if (call_asks(call, v, SM_ASK_INDEX, 0))
            return false;
        call_raise(call, "TypeError", "slice indices must be integers or have an __index__ method");
        return false;
    }
    at = integer_clamped(v);
    *ret = (size_t)MAX(at < 0 ? at + (int64_t)len : at, 0);
    return true;
}

static void pylist_index(struct object *self, struct call *call)
{
    struct slots *s = &pylist_of(self)->slots;
    size_t start, stop, at;
    const char *repr;
    int found;

    if (!index_bound(call, call->arg[1], s->len, 0, &start) ||
        !index_bound(call, call->arg[2], s->len, SIZE_MAX, &stop))
        return;
    found = pylist_find(s, call, start, stop, &at);
    if (found > 0) {
        call_return_int(call, (int64_t)at);
    } else if (found == 0 && call->python >= 14) {
        call_raise(call, "ValueError", "list.index(x): x not in list");
    } else if (found == 0) {
        repr = call_repr(call, call->arg[0]);
        if (repr)
            call_raise(call, "ValueError", "%s is not in list", repr);
    }
}

static void pylist_remove(struct object *self, struct call *call)
{
    struct slots *s = &pylist_of(self)->slots;
    CLEANUP(frozen_free) struct frozen item = {0};
    size_t at;
    int found = pylist_find(s, call, 0, SIZE_MAX, &at);

    if (found < 0)
        return;
    if (!found) {
        call_raise(call, "ValueError", "list.remove(x): x not in list");
        return;
    }
    item = pylist_take(s, at);
    call_return_none(call);
}

static void pylist_clear(struct object *self, struct call *call)
{
    slots_deinit(&pylist_of(self)->slots);
    call_return_none(call);
}

static void pylist_reverse(struct object *self, struct call *call)
{
    slots_reverse(&pylist_of(self)->slots);
    call_return_none(call);
}

/* A list_reverseiterator: it starts at the last element, of an empty list nowhere. */
static void pylist_reversed(struct object *self, struct call *call)
{
    struct slots *s = &pylist_of(self)->slots;
    struct pickler *p = call_return_begin(call);

    write_global(p, "builtins", "reversed");
    slots_write(s->at, s->len, p);
    pickler_op(p, TUPLE1);
    pickler_op(p, REDUCE);
    if (s->len || call->python < 13) {
        pickler_value(p, NULL, sm_int((int64_t)s->len - 1));
        pickler_op(p, BUILD);
    }
    call_return_end(call);
}

/* Another handle of each value. False: the call has been answered. */
static bool copy_slots(struct call *call, const struct slots *s, struct slots *ret)
{
    int r = slots_reserve(ret, s->len);

    if (r < 0) {
        call_raise_errno(call, r);
        return false;
    }
    for (size_t i = 0; i < s->len; i++)
        ret->at[ret->len++] = frozen_copy(&s->at[i]);
    return true;
}

static void pylist_add(struct object *self, struct call *call)
{
    struct slots *s = &pylist_of(self)->slots;
    struct sm_value other = call->arg[0];
    CLEANUP(slots_deinit) struct slots sum = {0};

    if (other.kind != SM_KIND_LIST) {
        if (call_needs_python_for(call, other))
            return;
        call_raise(call, "TypeError", "can only concatenate list (not \"%s\") to list",
                   call_type_name(call, other));
        return;
    }
    if (!copy_slots(call, s, &sum) || !slots_freeze(&sum, call, other.items))
        return;
    slots_write(sum.at, sum.len, call_return_begin(call));
    call_return_end(call);
}

/* How often to repeat the row, whose values are then known by their handles. False: the call has
 * been answered. */
static bool repeat_count(struct call *call, struct slots *s, size_t *ret)
{
    struct sm_value v = call->arg[0];
    int64_t times;
    int r = 0;

    if (v.kind == SM_KIND_BIGINT) {
        call_raise(call, "OverflowError", "cannot fit 'int' into an index-sized integer");
        return false;
    }
    if (!call_clamped_int(call, v, &times))
        return false;
    *ret = times < 0 ? 0 : (size_t)times;
    if (s->len && *ret > LIMIT_REPEAT / s->len)
        r = -ENOMEM;
    for (size_t i = 0; *ret > 1 && r == 0 && i < s->len; i++)
        r = frozen_share(&s->at[i]);
    if (r < 0)
        call_raise_errno(call, r);
    return r == 0;
}

/* The second handle of each value makes the pickler note that it comes again. */
static void pylist_mul(struct object *self, struct call *call)
{
    struct slots *s = &pylist_of(self)->slots;
    CLEANUP(slots_deinit) struct slots again = {0};
    struct pickler_batch batch;
    struct pickler *p;
    size_t times;

    if (!repeat_count(call, s, &times) || !copy_slots(call, s, &again))
        return;
    p = call_return_begin(call);
    pickler_op(p, EMPTY_LIST);
    pickler_batch_begin(&batch, p, APPENDS);
    for (size_t i = 0; i < times * again.len; i++) {
        pickler_batch_item(&batch);
        pickler_item(p, &again.at[i % again.len]);
    }
    pickler_batch_end(&batch);
    call_return_end(call);
}

static void pylist_imul(struct object *self, struct call *call)
{
    struct slots *s = &pylist_of(self)->slots;
    CLEANUP(slots_deinit) struct slots removed = {0};
    size_t times, len = s->len;
    int r;

    if (!repeat_count(call, s, &times))
        return;
    r = times ? slots_reserve(s, len * (times - 1)) : slots_exchange(s, 0, len, &removed);
    if (r < 0) {
        call_raise_errno(call, r);
        return;
    }
    while (s->len < len * times) {
        s->at[s->len] = frozen_copy(&s->at[s->len - len]);
        s->len++;
    }
    pylist_copy(self, call);
}

static const struct method pylist_methods[] = {
    {"__add__", pylist_add, {SIGNATURE_SLOT, {"value"}, 1}, .reach = REACH_LOOK, .reads = true},
    {"__contains__",
     pylist_contains,
     {SIGNATURE_SLOT, {"key"}, 1},
     .reach = REACH_LOOK,
     .reads = true},
    {"__delitem__",
     pylist_delitem,
     {SIGNATURE_SLOT, {"key"}, 1, .ints = SIGNATURE_PARAM(0)},
     .reach = REACH_TAIL},
    {"__getitem__",
     pylist_getitem,
     {SIGNATURE_ONE, {"index"}, 1, .ints = SIGNATURE_PARAM(0)},
     .reach = REACH_SLICE,
     .reads = true},
    {"__imul__",
     pylist_imul,
     {SIGNATURE_SLOT2, {"value"}, 1, .ints = SIGNATURE_PARAM(0)},
     .exposed_since = 14,
     .reach = REACH_ALL},
    {"__len__", pylist_len, {SIGNATURE_SLOT}, .reads = true},
    {"__mul__",
     pylist_mul,
     {SIGNATURE_SLOT2, {"value"}, 1, .ints = SIGNATURE_PARAM(0)},
     .reach = REACH_ALL,
     .reads = true},
    {"__reversed__", pylist_reversed, {SIGNATURE_NONE}, .reach = REACH_ALL, .reads = true},
    {"__rmul__",
     pylist_mul,
     {SIGNATURE_SLOT2, {"value"}, 1, .ints = SIGNATURE_PARAM(0)},
     .reach = REACH_ALL,
     .reads = true},
    {"__setitem__",
     pylist_setitem,
     {SIGNATURE_SLOT2, {"key", "value"}, 2, .ints = SIGNATURE_PARAM(0)},
     .reach = REACH_SLICE},
    {"append", pylist_append, {SIGNATURE_ONE, {"object"}, 1}, .reach = REACH_ARGUMENTS},
    {"clear", pylist_clear, {SIGNATURE_NONE}, .exposed_since = 14, .reach = REACH_LOOK},
    {"copy",
     pylist_copy,
     {SIGNATURE_NONE},
     .exposed_since = 14,
     .reach = REACH_LOOK,
     .reads = true},
    {"count", pylist_count, {SIGNATURE_ONE, {"value"}, 1}, .reach = REACH_LOOK, .reads = true},
    {"extend", pylist_extend, {SIGNATURE_ONE, {"iterable"}, 1}, .reach = REACH_ARGUMENTS},
    {"index",
     pylist_index,
     {SIGNATURE_UNPACK,
      {"value", "start", "stop"},
      1,
      .ints = SIGNATURE_PARAM(1) | SIGNATURE_PARAM(2)},
     .reach = REACH_LOOK,
     .reads = true},
    {"insert",
     pylist_insert,
     {SIGNATURE_UNPACK, {"index", "object"}, 2, .ints = SIGNATURE_PARAM(0)},
     .reach = REACH_TAIL},
    {"pop",
     pylist_pop,
     {SIGNATURE_UNPACK, {"index"}, 0, .ints = SIGNATURE_PARAM(0)},
     .reach = REACH_TAIL},
    {"remove", pylist_remove, {SIGNATURE_ONE, {"value"}, 1}, .reach = REACH_LOOK},
    {"reverse", pylist_reverse, {SIGNATURE_NONE}, .reach = REACH_MOVE},
    {"sort",
     pylist_sort,
     {SIGNATURE_KEYWORDS, {"key", "reverse"}, 0, 2, .ints = SIGNATURE_PARAM(1)},
     .reach = REACH_LOOK},
    {"__imul__",
     pylist_imul,
     {SIGNATURE_SLOT2, {"value"}, 1, .ints = SIGNATURE_PARAM(0)},
     .exposed_until = 13,
     .reach = REACH_ALL},
    {0},
};

const struct object_type list_type = {
    .name = "list",
    .size = sizeof(struct pylist),
    .create = {SIGNATURE_UNPACK, {"iterable"}, 0},
    .methods = pylist_methods,
    .visits = OBJECT_VISITS,
    .init = pylist_init,
    .deinit = pylist_deinit,
    .measure = pylist_measure,
    .repr = pylist_repr,
    .newest = pylist_newest,
    .count = pylist_values,
    .getvalue = pylist_getvalue,
};
