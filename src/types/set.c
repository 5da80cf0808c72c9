/* SPDX-License-Identifier: MIT */
/*
 * set: a table of stored keys. Unlike CPython's it keeps the order of insertion, which no program
 * may rely on. Operators take sets and frozensets and leave all else to the caller's interpreter;
 * the methods of the same meaning take anything iterable.
 */
#include "types/set.h"

#include "object/answer.h"
#include "object/args.h"
#include "pickle/opcodes.h"
#include "types/types.h"

#include <errno.h>

bool set_include(struct keys *k, struct call *call, struct sm_value iterable, const char *role)
{
    struct sm_value list;

    if (!call_iterate(call, iterable, &list))
        return false;
    for (size_t i = 0; i < list.items->len; i++) {
        if (!keys_include(k, call, list.items->item[i], role))
            return false;
    }
    return true;
}

bool set_include_common(struct keys *k, struct call *call, struct sm_value iterable,
                        const struct keys *in)
{
    struct sm_value list;
    size_t at;

    if (!call_iterate(call, iterable, &list))
        return false;
    for (size_t i = 0; i < list.items->len; i++) {
        int found = keys_lookup(in, call, list.items->item[i], NULL, &at);

        if (found < 0 || (found > 0 && !keys_include(k, call, list.items->item[i], NULL)))
            return false;
        if (found > 0 && k->len == in->len && call->python >= 11)
            break;
    }
    return true;
}

static bool set_init(struct object *self, struct call *call)
{
    return call->arg[0].kind == SM_KIND_MISSING ||
           set_include(set_keys(self), call, call->arg[0], SET_ELEMENT);
}

static void set_deinit(struct object *self)
{
    keys_deinit(set_keys(self));
}

static void set_measure(struct object *self, struct extent *extent)
{
    keys_measure(set_keys(self), extent);
}

static size_t set_values(const struct object *self)
{
    return container_of(self, const struct set, object)->keys.used;
}

static int set_newest(struct object *self, size_t *at, struct buffer *out, unsigned python)
{
    return keys_newest(set_keys(self), self, at, out, python);
}

static int set_repr(struct object *self, struct buffer *out, unsigned python)
{
    CLEANUP(stored_text_deinit) struct stored_text text;
    const struct keys_entry *entry;
    size_t at = 0;

    stored_text_init(&text, out, python, self);
    if (!set_keys(self)->len)
        buffer_add_str(out, "set()");
    for (const char *before = "{"; (entry = keys_next(set_keys(self), &at)); before = ", ") {
        int r;

        buffer_add_str(out, before);
        r = stored_text_add(&text, &entry->key);
        if (r < 0)
            return r;
    }
    if (set_keys(self)->len)
        buffer_add_byte(out, '}');
    return out->failed ? -ENOMEM : 0;
}

static void set_getvalue(struct object *self, struct pickler *p)
{
    keys_write_set(set_keys(self), p);
}

static void return_set(struct call *call, const struct keys *k)
{
    keys_write_set(k, call_return_begin(call));
    call_return_end(call);
}

static void set_copy(struct object *self, struct call *call)
{
    return_set(call, set_keys(self));
}

static void set_len(struct object *self, struct call *call)
{
    call_return_int(call, (int64_t)set_keys(self)->len);
}

static void set_iter(struct object *self, struct call *call)
{
    struct pickler *p = call_return_begin(call);
    const struct keys_entry *entry;
    struct pickler_batch batch;
    size_t at = 0;

    write_global(p, "builtins", "iter");
    pickler_op(p, EMPTY_LIST);
    pickler_batch_begin(&batch, p, APPENDS);
    while ((entry = keys_next(set_keys(self), &at))) {
        pickler_batch_item(&batch);
        pickler_item(p, &entry->key);
    }
    pickler_batch_end(&batch);
    pickler_op(p, TUPLE1);
    pickler_op(p, REDUCE);
    call_return_end(call);
}

static void set_add(struct object *self, struct call *call)
{
    if (keys_include(set_keys(self), call, call->arg[0], SET_ELEMENT))
        call_return_none(call);
}

/* Find the first argument; a set among sets is looked for as the frozenset of its elements. */
static int set_find(const struct keys *k, struct call *call, size_t *ret_at)
{
    struct sm_value v = call->arg[0];

    if (v.kind == SM_KIND_SET)
        v.kind = SM_KIND_FROZENSET;
    return keys_lookup(k, call, v, SET_ELEMENT, ret_at);
}

static void set_contains(struct object *self, struct call *call)
{
    size_t at;
    int found = set_find(set_keys(self), call, &at);

    if (found >= 0)
        call_return_bool(call, found);
}

static void set_remove(struct object *self, struct call *call)
{
    CLEANUP(keys_entry_deinit) struct keys_entry entry = {0};
    size_t at;
    int found = set_find(set_keys(self), call, &at);

    if (found > 0) {
        entry = keys_take(set_keys(self), at);
        call_return_none(call);
    } else if (found == 0) {
        call_raise_args(call, "KeyError", SM_TUPLE(call->arg[0]));
    }
}

static void set_discard(struct object *self, struct call *call)
{
    CLEANUP(keys_entry_deinit) struct keys_entry entry = {0};
    size_t at;
    int found = set_find(set_keys(self), call, &at);

    if (found > 0)
        entry = keys_take(set_keys(self), at);
    if (found >= 0)
        call_return_none(call);
}

static void set_pop(struct object *self, struct call *call)
{
    CLEANUP(keys_entry_deinit) struct keys_entry entry = {0};
    struct keys *k = set_keys(self);

    if (!k->len) {
        call_raise_args(call, "KeyError", SM_TUPLE(sm_str("pop from an empty set")));
        return;
    }
    entry = keys_take(k, k->first);
    call_return_frozen(call, &entry.key);
}

static void set_clear(struct object *self, struct call *call)
{
    keys_deinit(set_keys(self));
    call_return_none(call);
}

/* set[int]: a types.GenericAlias, whatever the parameters are. */
static void set_class_getitem(struct object *self, struct call *call)
{
    struct pickler *p = call_return_begin(call);

    (void)self;
    write_global(p, "types", "GenericAlias");
    write_global(p, "builtins", "set");
    pickler_value(p, call->tree, call->arg[0]);
    if (call->arg[0].kind != SM_KIND_TUPLE)
        pickler_op(p, TUPLE1);
    pickler_op(p, TUPLE2);
    pickler_op(p, REDUCE);
    call_return_end(call);
}

static const struct method set_methods[] = {
    {"__and__", set_and, {SIGNATURE_SLOT, {"value"}, 1}, .reach = REACH_ALL, .reads = true},
    {"__class_getitem__", set_class_getitem, {SIGNATURE_ONE, {"item"}, 1}, .reads = true},
    {"__contains__",
     set_contains,
     {SIGNATURE_ONE, {"key"}, 1},
     .reach = REACH_ARGUMENTS,
     .reads = true},
    {"__iand__", set_iand, {SIGNATURE_SLOT, {"value"}, 1}, .reach = REACH_ALL},
    {"__ior__", set_ior, {SIGNATURE_SLOT, {"value"}, 1}, .reach = REACH_ARGUMENTS},
    {"__isub__", set_isub, {SIGNATURE_SLOT, {"value"}, 1}, .reach = REACH_ARGUMENTS},
    {"__iter__", set_iter, {SIGNATURE_SLOT}, .reach = REACH_LOOK, .reads = true},
    {"__ixor__", set_ixor, {SIGNATURE_SLOT, {"value"}, 1}, .reach = REACH_ALL},
    {"__len__", set_len, {SIGNATURE_SLOT}, .reads = true},
    {"__or__", set_or, {SIGNATURE_SLOT, {"value"}, 1}, .reach = REACH_ALL, .reads = true},
    {"__rand__", set_rand, {SIGNATURE_SLOT, {"value"}, 1}, .reach = REACH_ALL, .reads = true},
    {"__ror__", set_ror, {SIGNATURE_SLOT, {"value"}, 1}, .reach = REACH_ALL, .reads = true},
    {"__rsub__", set_rsub, {SIGNATURE_SLOT, {"value"}, 1}, .reach = REACH_ALL, .reads = true},
    {"__rxor__", set_rxor, {SIGNATURE_SLOT, {"value"}, 1}, .reach = REACH_ALL, .reads = true},
    {"__sub__", set_sub, {SIGNATURE_SLOT, {"value"}, 1}, .reach = REACH_ALL, .reads = true},
    {"__xor__", set_xor, {SIGNATURE_SLOT, {"value"}, 1}, .reach = REACH_ALL, .reads = true},
    {"__ge__", set_ge, {SIGNATURE_SLOT, {"value"}, 1}, .reach = REACH_ALL, .reads = true},
    {"__gt__", set_gt, {SIGNATURE_SLOT, {"value"}, 1}, .reach = REACH_ALL, .reads = true},
    {"__le__", set_le, {SIGNATURE_SLOT, {"value"}, 1}, .reach = REACH_ALL, .reads = true},
    {"__lt__", set_lt, {SIGNATURE_SLOT, {"value"}, 1}, .reach = REACH_ALL, .reads = true},
    {"add", set_add, {SIGNATURE_ONE, {"object"}, 1}, .reach = REACH_ARGUMENTS},
    {"clear", set_clear, {SIGNATURE_NONE}, .reach = REACH_LOOK},
    {"copy", set_copy, {SIGNATURE_NONE}, .reach = REACH_LOOK, .reads = true},
    {"difference", set_difference, {SIGNATURE_RAW}, .reach = REACH_ALL, .reads = true},
    {"difference_update", set_difference_update, {SIGNATURE_RAW}, .reach = REACH_ARGUMENTS},
    {"discard", set_discard, {SIGNATURE_ONE, {"object"}, 1}, .reach = REACH_ARGUMENTS},
    {"intersection", set_intersection, {SIGNATURE_RAW}, .reach = REACH_ALL, .reads = true},
    {"intersection_update", set_intersection_update, {SIGNATURE_RAW}, .reach = REACH_ALL},
    {"isdisjoint",
     set_isdisjoint,
     {SIGNATURE_ONE, {"other"}, 1},
     .reach = REACH_ARGUMENTS,
     .reads = true},
    {"issubset", set_issubset, {SIGNATURE_ONE, {"other"}, 1}, .reach = REACH_ALL, .reads = true},
    {"issuperset",
     set_issuperset,
     {SIGNATURE_ONE, {"other"}, 1},
     .reach = REACH_ARGUMENTS,
     .reads = true},
    {"pop", set_pop, {SIGNATURE_NONE}, .reach = REACH_ARGUMENTS},
    {"remove", set_remove, {SIGNATURE_ONE, {"object"}, 1}, .reach = REACH_ARGUMENTS},
    {"symmetric_difference",
     set_symmetric_difference,
     {SIGNATURE_ONE, {"other"}, 1},
     .reach = REACH_ALL,
     .reads = true},
    {"symmetric_difference_update",
     set_symmetric_difference_update,
     {SIGNATURE_ONE, {"other"}, 1},
     .reach = REACH_ALL},
    {"union", set_union, {SIGNATURE_RAW}, .reach = REACH_ALL, .reads = true},
    {"update", set_update, {SIGNATURE_RAW}, .reach = REACH_ARGUMENTS},
    {0},
};

const struct object_type set_type = {
    .name = "set",
    .size = sizeof(struct set),
    .create = {SIGNATURE_UNPACK, {"iterable"}, 0},
    .methods = set_methods,
    .visits = OBJECT_VISITS,
    .init = set_init,
    .deinit = set_deinit,
    .measure = set_measure,
    .repr = set_repr,
    .newest = set_newest,
    .count = set_values,
    .getvalue = set_getvalue,
};
