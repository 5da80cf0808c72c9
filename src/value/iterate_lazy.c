/* SPDX-License-Identifier: MIT */
/*
 * zip, enumerate, chain and islice of what is plain data: what they give follows from that alone.
 * They nest a few levels, as programs have them; and what they give is bounded, as one value may be
 * referred to from many places in them.
 */
#include "value/iterate.h"

#include "base/limits.h"
#include "value/known.h"

#include <errno.h>

/* What an iterator that is given to one of these goes on with. */
static int iterate_part(struct tree *tree, struct sm_value v, unsigned levels, struct sm_value *ret)
{
    int r = levels ? iterate_within(tree, v, levels - 1, ret) : ITERATE_NEEDS_PYTHON;

    return r == ITERATE_NOT ? ITERATE_NEEDS_PYTHON : r;
}

/* The one state that an object was given; missing where there is none, or something else. */
static struct sm_value state_of(const struct sm_object *object)
{
    return object->steps_len == 1 && object->steps[0].kind == SM_STEP_STATE ? object->steps[0].value
                                                                            : sm_missing();
}

static int zip_row(struct tree *tree, const struct sm_value *lists, size_t n, size_t at,
                   struct sm_value *ret)
{
    int r = tree_items(tree, SM_KIND_TUPLE, n, ret);

    for (size_t i = 0; i < n && r == 0; i++)
        ret->items->item[i] = lists[i].items->item[at];
    return r;
}

static int iterate_zip(struct tree *tree, const struct sm_object *object, unsigned levels,
                       struct sm_value *ret)
{
    const struct sm_items *args = object->args.items;
    bool strict = object->steps_len > 0; /* its state is True */
    size_t len = args->len ? SIZE_MAX : 0, longest = 0;
    struct sm_value lists, list;
    int r = tree_items(tree, SM_KIND_LIST, args->len, &lists);

    for (size_t i = 0; i < args->len && r == 0; i++) {
        r = iterate_part(tree, args->item[i], levels, &lists.items->item[i]);
        if (r)
            return r;
        len = MIN(len, lists.items->item[i].items->len);
        longest = MAX(longest, lists.items->item[i].items->len);
    }
    if (r == 0 && strict && len != longest)
        return ITERATE_NEEDS_PYTHON; /* it raises on the way */
    if (r == 0 && len && args->len > LIMIT_RANGE / len)
        return -ENOMEM;
    if (r == 0)
        r = tree_items(tree, SM_KIND_LIST, len, &list);
    for (size_t i = 0; i < len && r == 0; i++)
        r = zip_row(tree, lists.items->item, args->len, i, &list.items->item[i]);
    if (r == 0)
        *ret = list;
    return r;
}

static int iterate_enumerate(struct tree *tree, const struct sm_object *object, unsigned levels,
                             struct sm_value *ret)
{
    const struct sm_items *args = object->args.items;
    struct sm_value numbers, lists[2], list;
    int64_t first, last;
    int r;

    if (args->len != 2 || args->item[1].kind != SM_KIND_INT || object->steps_len)
        return ITERATE_NEEDS_PYTHON;
    first = args->item[1].integer;
    r = iterate_part(tree, args->item[0], levels, &lists[1]);
    if (r)
        return r;
    if (__builtin_add_overflow(first, (int64_t)lists[1].items->len, &last))
        return ITERATE_NEEDS_PYTHON;
    r = tree_items(tree, SM_KIND_LIST, lists[1].items->len, &numbers);
    if (r == 0)
        r = tree_items(tree, SM_KIND_LIST, lists[1].items->len, &list);
    lists[0] = numbers;
    for (size_t i = 0; r == 0 && i < list.items->len; i++) {
        numbers.items->item[i] = sm_int(first + (int64_t)i);
        r = zip_row(tree, lists, 2, i, &list.items->item[i]);
    }
    if (r == 0)
        *ret = list;
    return r;
}

static int add_all(struct tree *tree, struct sm_items *to, const struct sm_items *more)
{
    int r = to->len + more->len > LIMIT_RANGE ? -ENOMEM : 0;

    for (size_t i = 0; i < more->len && r == 0; i++)
        r = tree_items_push(tree, to, more->item[i]);
    return r;
}

/* chain()'s state: an iterator over what is to come, and what it is in the middle of. */
static int iterate_chain(struct tree *tree, const struct sm_object *object, unsigned levels,
                         struct sm_value *ret)
{
    struct sm_value state = state_of(object), source, part, list;
    int r = tree_items(tree, SM_KIND_LIST, 0, &list);

    if (r < 0)
        return r;
    *ret = list;
    if (object->args.items->len || (object->steps_len && state.kind != SM_KIND_TUPLE))
        return ITERATE_NEEDS_PYTHON;
    if (!object->steps_len)
        return 0; /* exhausted */
    if (state.items->len < 1 || state.items->len > 2)
        return ITERATE_NEEDS_PYTHON;
    if (state.items->len == 2) {
        r = iterate_part(tree, state.items->item[1], levels, &part);
        if (r == 0)
            r = add_all(tree, list.items, part.items);
    }
    if (r == 0)
        r = iterate_part(tree, state.items->item[0], levels, &source);
    for (size_t i = 0; r == 0 && i < source.items->len; i++) {
        r = iterate_part(tree, source.items->item[i], levels, &part);
        if (r == 0)
            r = add_all(tree, list.items, part.items);
    }
    return r;
}

/* islice(iterator, next, stop, step), of which so many have been taken: its state. */
static int iterate_islice(struct tree *tree, const struct sm_object *object, unsigned levels,
                          struct sm_value *ret)
{
    const struct sm_value *arg = object->args.items->item;
    size_t n = object->args.items->len;
    struct sm_value taken = object->steps_len ? state_of(object) : sm_int(0);
    struct sm_value next = n > 2 ? arg[1] : sm_int(0);
    struct sm_value stop = n > 2 ? arg[2] : n == 2 ? arg[1] : sm_missing();
    struct sm_value step = n > 3 ? arg[3] : sm_int(1);
    struct sm_value all, list;
    int64_t end = stop.kind == SM_KIND_INT ? stop.integer : INT64_MAX;
    int r;

    if (n < 2 || n > 4 || taken.kind != SM_KIND_INT || next.kind != SM_KIND_INT ||
        (stop.kind != SM_KIND_INT && stop.kind != SM_KIND_NONE) || step.kind != SM_KIND_INT ||
        taken.integer < 0 || next.integer < taken.integer || end < 0 || step.integer < 1)
        return n == 2 && end == 0 ? tree_items(tree, SM_KIND_LIST, 0, ret) : ITERATE_NEEDS_PYTHON;
    r = iterate_part(tree, arg[0], levels, &all);
    if (r == 0)
        r = tree_items(tree, SM_KIND_LIST, 0, &list);
    for (int64_t at = next.integer; r == 0 && at < end; at += step.integer) {
        if ((uint64_t)(at - taken.integer) >= all.items->len)
            break;
        r = tree_items_push(tree, list.items, all.items->item[at - taken.integer]);
        if (at > INT64_MAX - step.integer)
            break;
    }
    if (r == 0)
        *ret = list;
    return r;
}

int iterate_lazy(struct tree *tree, enum known_class class, const struct sm_object *object,
                 unsigned levels, struct sm_value *ret)
{
    switch (class) {
    case KNOWN_CHAIN:
        return iterate_chain(tree, object, levels, ret);
    case KNOWN_ENUMERATE:
        return iterate_enumerate(tree, object, levels, ret);
    case KNOWN_ISLICE:
        return iterate_islice(tree, object, levels, ret);
    case KNOWN_ZIP:
        return iterate_zip(tree, object, levels, ret);
    default:
        return ITERATE_NEEDS_PYTHON;
    }
}
