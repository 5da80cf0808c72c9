/* SPDX-License-Identifier: MIT */
/*
 * Union, intersection, difference, symmetric difference: as operators, reflected operators and
 * in-place operators on sets, and as methods on anything iterable. Where equal elements are
 * spelled differently (1, 1.0, True) the one that CPython keeps is kept.
 */
#include "types/set.h"

#include "object/answer.h"
#include "object/args.h"
#include "object/dispatch.h"
#include "pickle/opcodes.h"

enum combine { COMBINE_AND, COMBINE_OR, COMBINE_SUB, COMBINE_XOR };

/* An entry's key, to look it up elsewhere; borrowed. */
static struct stored_key key_of(const struct keys_entry *entry)
{
    return (struct stored_key){.hash = entry->hash, .value = entry->key};
}

/* Change `k` by one element of the other operand. Returns 0 or more, or a negative errno. */
static int combine_one(enum combine how, struct call *call, struct keys *k,
                       const struct keys_entry *entry)
{
    struct stored_key key = key_of(entry);
    struct frozen absent = {0};
    size_t at;
    int found = keys_find(k, call->tree, &key, &at);

    if (found > 0 && how != COMBINE_OR) {
        struct keys_entry taken = keys_take(k, at);

        keys_entry_deinit(&taken);
    }
    if (found == 0 && how != COMBINE_SUB)
        return keys_add(k, &key, &absent);
    return found;
}

/* The elements of `from` that are in `in`. */
static int intersect(struct call *call, const struct keys *from, const struct keys *in,
                     struct keys *ret)
{
    const struct keys_entry *entry;
    struct frozen absent = {0};
    size_t at = 0, there;
    int r = 0;

    while (r >= 0 && (entry = keys_next(from, &at))) {
        struct stored_key key = key_of(entry);

        r = keys_find(in, call->tree, &key, &there);
        if (r > 0)
            r = keys_add(ret, &key, &absent);
    }
    return r;
}

static void replace(struct keys *k, struct keys *with)
{
    struct keys old = *k;

    *k = *with;
    *with = old;
}

/* An intersection with a set is of the elements of the smaller one. */
static int combine_and(struct call *call, struct keys *k, const struct keys *other)
{
    CLEANUP(keys_deinit) struct keys common = {0};
    int r;

    if (other->len > k->len)
        r = intersect(call, k, other, &common);
    else
        r = intersect(call, other, k, &common);
    if (r < 0)
        return r;
    replace(k, &common);
    return 0;
}

/* An intersection with another iterable is of the elements of that. */
static bool keep_common(struct call *call, struct keys *k, struct sm_value iterable)
{
    CLEANUP(keys_deinit) struct keys common = {0};

    if (!set_include_common(&common, call, iterable, k))
        return false;
    replace(k, &common);
    return true;
}

/* Combine into `k`. False: the call has been answered. */
static bool combine(enum combine how, struct call *call, struct keys *k, const struct keys *other)
{
    const struct keys_entry *entry;
    size_t at = 0;
    int r = 0;

    if (how == COMBINE_AND)
        r = combine_and(call, k, other);
    while (how != COMBINE_AND && r >= 0 && (entry = keys_next(other, &at)))
        r = combine_one(how, call, k, entry);
    if (r >= 0)
        return true;
    call_raise_errno(call, r);
    return false;
}

static void return_keys(struct call *call, const struct keys *k)
{
    keys_write_set(k, call_return_begin(call));
    call_return_end(call);
}

static bool copy_keys(struct call *call, const struct keys *k, struct keys *ret)
{
    int r = keys_copy(k, ret);

    if (r < 0)
        call_raise_errno(call, r);
    return r == 0;
}

bool set_operand(struct call *call, struct keys *ret)
{
    struct sm_value v = call->arg[0];

    if (v.kind == SM_KIND_SET || v.kind == SM_KIND_FROZENSET)
        return set_include(ret, call, v, SET_ELEMENT);
    if (call_needs_python_for(call, v))
        return false;
    call_return_not_implemented(call);
    return false;
}

static void operate(struct object *self, struct call *call, enum combine how)
{
    CLEANUP(keys_deinit) struct keys other = {0}, result = {0};

    if (set_operand(call, &other) && copy_keys(call, set_keys(self), &result) &&
        combine(how, call, &result, &other))
        return_keys(call, &result);
}

/* The other operand comes first, and the result is of its type. */
static void operate_reflected(struct object *self, struct call *call, enum combine how)
{
    CLEANUP(keys_deinit) struct keys result = {0};
    const struct keys_entry *entry;
    struct pickler *p;
    size_t at = 0;

    if (!set_operand(call, &result) || !combine(how, call, &result, set_keys(self)))
        return;
    if (call->arg[0].kind == SM_KIND_SET) {
        return_keys(call, &result);
        return;
    }
    p = call_return_begin(call);
    pickler_op(p, MARK);
    while ((entry = keys_next(&result, &at)))
        pickler_frozen(p, &entry->key);
    pickler_op(p, FROZENSET);
    call_return_end(call);
}

static void operate_in_place(struct object *self, struct call *call, enum combine how)
{
    CLEANUP(keys_deinit) struct keys other = {0};

    if (set_operand(call, &other) && combine(how, call, set_keys(self), &other))
        return_keys(call, set_keys(self));
}

void set_and(struct object *self, struct call *call)
{
    operate(self, call, COMBINE_AND);
}

void set_or(struct object *self, struct call *call)
{
    operate(self, call, COMBINE_OR);
}

void set_sub(struct object *self, struct call *call)
{
    operate(self, call, COMBINE_SUB);
}

void set_xor(struct object *self, struct call *call)
{
    operate(self, call, COMBINE_XOR);
}

void set_rand(struct object *self, struct call *call)
{
    operate_reflected(self, call, COMBINE_AND);
}

void set_ror(struct object *self, struct call *call)
{
    operate_reflected(self, call, COMBINE_OR);
}

void set_rsub(struct object *self, struct call *call)
{
    operate_reflected(self, call, COMBINE_SUB);
}

void set_rxor(struct object *self, struct call *call)
{
    operate_reflected(self, call, COMBINE_XOR);
}

void set_iand(struct object *self, struct call *call)
{
    operate_in_place(self, call, COMBINE_AND);
}

void set_ior(struct object *self, struct call *call)
{
    operate_in_place(self, call, COMBINE_OR);
}

void set_isub(struct object *self, struct call *call)
{
    operate_in_place(self, call, COMBINE_SUB);
}

void set_ixor(struct object *self, struct call *call)
{
    operate_in_place(self, call, COMBINE_XOR);
}

/* Take out each element of an iterable; as in Python, those before a mistake are gone. */
static bool exclude(struct keys *k, struct call *call, struct sm_value iterable)
{
    struct sm_value list;

    if (!call_iterate(call, iterable, &list))
        return false;
    for (size_t i = 0; i < list.items->len; i++) {
        CLEANUP(keys_entry_deinit) struct keys_entry taken = {0};
        size_t at;
        int found = keys_lookup(k, call, list.items->item[i], SET_ELEMENT, &at);

        if (found < 0)
            return false;
        if (found > 0)
            taken = keys_take(k, at);
    }
    return true;
}

/* Combine with an iterable. False: the call has been answered. */
static bool combine_iterable(enum combine how, struct call *call, struct keys *k,
                             struct sm_value iterable)
{
    CLEANUP(keys_deinit) struct keys other = {0};
    struct sm_value v;
    bool is_set;

    if (how == COMBINE_OR)
        return set_include(k, call, iterable, SET_ELEMENT);
    if (how == COMBINE_SUB)
        return exclude(k, call, iterable);
    if (!call_dereference(call, iterable, &v))
        return false;
    is_set = v.kind == SM_KIND_SET || v.kind == SM_KIND_FROZENSET;
    if (how == COMBINE_AND && !is_set)
        return keep_common(call, k, v);
    return set_include(&other, call, v, SET_ELEMENT) && combine(how, call, k, &other);
}

/* Combine with each positional argument. False: the call has been answered. */
static bool combine_all(struct call *call, struct keys *k, enum combine how)
{
    if (sm_len(call->kwds)) {
        call_raise(call, "TypeError", "%s%s() takes no keyword arguments",
                   call->python >= 13 ? "set." : "", call->method->name);
        return false;
    }
    for (size_t i = 0; i < sm_len(call->args); i++) {
        if (!combine_iterable(how, call, k, call->args.items->item[i]))
            return false;
    }
    return true;
}

static void return_combined(struct object *self, struct call *call, enum combine how)
{
    CLEANUP(keys_deinit) struct keys result = {0};

    if (copy_keys(call, set_keys(self), &result) && combine_all(call, &result, how))
        return_keys(call, &result);
}

static void update_combined(struct object *self, struct call *call, enum combine how)
{
    if (combine_all(call, set_keys(self), how))
        call_return_none(call);
}

void set_intersection(struct object *self, struct call *call)
{
    return_combined(self, call, COMBINE_AND);
}

void set_union(struct object *self, struct call *call)
{
    return_combined(self, call, COMBINE_OR);
}

void set_difference(struct object *self, struct call *call)
{
    return_combined(self, call, COMBINE_SUB);
}

void set_symmetric_difference(struct object *self, struct call *call)
{
    return_combined(self, call, COMBINE_XOR);
}

/* Nothing changes unless all arguments can be taken, as in CPython, which intersects a copy. */
void set_intersection_update(struct object *self, struct call *call)
{
    CLEANUP(keys_deinit) struct keys result = {0};
    struct keys *k = set_keys(self);

    if (!copy_keys(call, k, &result) || !combine_all(call, &result, COMBINE_AND))
        return;
    replace(k, &result);
    call_return_none(call);
}

void set_update(struct object *self, struct call *call)
{
    update_combined(self, call, COMBINE_OR);
}

void set_difference_update(struct object *self, struct call *call)
{
    update_combined(self, call, COMBINE_SUB);
}

void set_symmetric_difference_update(struct object *self, struct call *call)
{
    update_combined(self, call, COMBINE_XOR);
}
