/* SPDX-License-Identifier: MIT */
/* Subsets, supersets and disjoint sets. */
#include "object/answer.h"
#include "object/args.h"
#include "types/set.h"

static int is_subset(struct call *call, const struct keys *a, const struct keys *b)
{
    const struct keys_entry *entry;
    size_t at = 0, there;
    int r = a->len <= b->len;

    while (r > 0 && (entry = keys_next(a, &at))) {
        struct stored_key key = {.hash = entry->hash, .value = entry->key}; /* borrowed */

        r = keys_find(b, call->tree, &key, &there);
    }
    return r;
}

static void return_subset(struct call *call, const struct keys *a, const struct keys *b)
{
    int r = is_subset(call, a, b);

    if (r < 0)
        call_raise_errno(call, r);
    else
        call_return_bool(call, r);
}

/* What compares the two with the right operand in its place. */
static void compare(struct object *self, struct call *call, bool reversed, bool proper)
{
    CLEANUP(keys_deinit) struct keys other = {0};
    const struct keys *k = set_keys(self);

    if (!set_operand(call, &other))
        return;
    if (proper && k->len == other.len)
        call_return_bool(call, false);
    else if (reversed)
        return_subset(call, &other, k);
    else
        return_subset(call, k, &other);
}

void set_ge(struct object *self, struct call *call)
{
    compare(self, call, true, false);
}

void set_gt(struct object *self, struct call *call)
{
    compare(self, call, true, true);
}

void set_le(struct object *self, struct call *call)
{
    compare(self, call, false, false);
}

void set_lt(struct object *self, struct call *call)
{
    compare(self, call, false, true);
}

#define STOPS_EARLY 12 /* what follows when all elements have been met is not looked at */

void set_issubset(struct object *self, struct call *call)
{
    CLEANUP(keys_deinit) struct keys other = {0};
    const struct keys *k = set_keys(self);
    struct sm_value v;

    if (!call_dereference(call, call->arg[0], &v))
        return;
    if (call->python >= STOPS_EARLY && v.kind != SM_KIND_SET && v.kind != SM_KIND_FROZENSET) {
        if (set_include_common(&other, call, v, k))
            call_return_bool(call, other.len == k->len);
    } else if (set_include(&other, call, v, NULL)) {
        return_subset(call, k, &other);
    }
}

/*
 * Whether every (or no) element of the argument is in the set; elements after the first that
 * decides are not looked at.
 */
static void return_if_all(struct object *self, struct call *call, int wanted)
{
    struct sm_value list;
    size_t at;

    if (!call_iterate(call, call->arg[0], &list))
        return;
    for (size_t i = 0; i < list.items->len; i++) {
        int found = keys_lookup(set_keys(self), call, list.items->item[i], SET_ELEMENT, &at);

        if (found < 0)
            return;
        if (found != wanted) {
            call_return_bool(call, false);
            return;
        }
    }
    call_return_bool(call, true);
}

void set_isdisjoint(struct object *self, struct call *call)
{
    return_if_all(self, call, 0);
}

/* Before 3.11 the argument is made a set first. */
void set_issuperset(struct object *self, struct call *call)
{
    CLEANUP(keys_deinit) struct keys other = {0};

    if (call->python >= 11 || set_include(&other, call, call->arg[0], NULL))
        return_if_all(self, call, 1);
}
