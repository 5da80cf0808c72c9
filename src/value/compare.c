/* SPDX-License-Identifier: MIT */
/*
 * Equality: numbers by their value, whatever their kind; text and bytes by content; sets and dicts
 * regardless of order, through a table of one side's keys; objects of the standard library by their
 * plain forms (plain.c), all others by their recipes, since the class's own __eq__ cannot be run
 * here. Hashes follow the same rules (hash.c).
 *
 * A value that is recursive, or grows by sharing, runs into the bounds of the walk.
 */
#include "value/compare.h"

#include "base/map.h"
#include "value/known.h"
#include "value/number.h"
#include "value/numpy.h"
#include "value/plain.h"
#include "value/table.h"
#include "value/walk.h"

static bool same_bytes(const void *a, size_t a_len, const void *b, size_t b_len)
{
    return a_len == b_len && (a_len == 0 || memcmp(a, b, a_len) == 0);
}

static bool is_bytes(struct sm_value v)
{
    return v.kind == SM_KIND_BYTES || v.kind == SM_KIND_BYTEARRAY;
}

static bool is_set(struct sm_value v)
{
    return v.kind == SM_KIND_SET || v.kind == SM_KIND_FROZENSET;
}

static int equal_sequences(struct walk *walk, const struct sm_items *a, const struct sm_items *b)
{
    int r = 1;

    if (a == b)
        return 1;
    if (a->len != b->len)
        return 0;
    for (size_t i = 0; i < a->len && r > 0; i++)
        r = walk_equal(walk, a->item[i], b->item[i]);
    return r;
}

/* Whether every key of `a` is in the table, with an equal value behind it, and none is left. */
static int equal_to_table(struct walk *walk, const struct sm_items *a, struct table *table)
{
    size_t stride = table->stride;
    size_t found;
    int r;

    if (a->len / stride != table->len)
        return 0;
    for (size_t i = 0; i < a->len; i += stride) {
        r = table_find(table, walk, a->item[i], &found);
        if (r < 0)
            return r;
        if (found == TABLE_NONE)
            return 0;
        if (stride == 1)
            continue;
        r = walk_equal(walk, a->item[i + 1], table->item[found + 1]);
        if (r <= 0)
            return r;
    }
    return 1;
}

static int equal_tables(struct walk *walk, const struct sm_items *a, const struct sm_items *b,
                        size_t stride)
{
    CLEANUP(table_deinit) struct table table = {0};
    int r;

    if (a == b)
        return 1;
    if (a->len != b->len)
        return 0;
    r = table_fill(&table, walk, b, stride);
    return r < 0 ? r : equal_to_table(walk, a, &table);
}

static int equal_globals(const struct sm_global *a, const struct sm_global *b)
{
    return same_bytes(a->module, a->module_len, b->module, b->module_len) &&
           same_bytes(a->name, a->name_len, b->name, b->name_len);
}

static int equal_steps(struct walk *walk, const struct sm_object *a, const struct sm_object *b)
{
    int r = a->steps_len == b->steps_len;

    for (size_t i = 0; i < a->steps_len && r > 0; i++) {
        if (a->steps[i].kind != b->steps[i].kind)
            return 0;
        r = walk_equal(walk, a->steps[i].value, b->steps[i].value);
        if (r > 0 && a->steps[i].kind == SM_STEP_SETITEM)
            r = walk_equal(walk, a->steps[i].key, b->steps[i].key);
    }
    return r;
}

static int equal_recipes(struct walk *walk, const struct sm_object *a, const struct sm_object *b)
{
    struct value_proxy proxy;
    int r;

    if (a->make != b->make || value_is_proxy(a, &proxy))
        return 0;
    r = walk_equal(walk, a->callable, b->callable);
    if (r > 0)
        r = walk_equal(walk, a->args, b->args);
    if (r > 0 && a->make == SM_MAKE_NEW_EX)
        r = walk_equal(walk, a->kwargs, b->kwargs);
    return r > 0 ? equal_steps(walk, a, b) : r;
}

/* Order counts between two OrderedDicts, not between one and another mapping. */
static int equal_plain(struct walk *walk, struct sm_value a, struct sm_value b, bool ordered)
{
    if (ordered && a.kind == SM_KIND_DICT && b.kind == SM_KIND_DICT)
        return equal_sequences(walk, a.items, b.items);
    return walk_equal(walk, a, b);
}

/*
 * Whether an object may be an instance of a subclass of what it is made of, which compares as that
 * does: of an int, of a str, or of a tuple, as a named tuple is.
 */
static int resembles(struct walk *walk, struct sm_value v, struct sm_value part)
{
    const struct sm_items *args;

    if (walk->unknown == UNKNOWN_GUESS || v.kind != SM_KIND_OBJECT || part.kind == SM_KIND_OBJECT ||
        v.object->args.kind != SM_KIND_TUPLE || v.object->make == SM_MAKE_NEW_EX)
        return 0;
    args = v.object->args.items;
    if (args->len == 1)
        return walk_equal(walk, args->item[0], part);
    return args->len && part.kind == SM_KIND_TUPLE ? equal_sequences(walk, args, part.items) : 0;
}

/* An object of a class that is not known, and something else. */
static int equal_unknown(struct walk *walk, struct sm_value a, struct sm_value b)
{
    int r = resembles(walk, a, b);

    if (r == 0)
        r = resembles(walk, b, a);
    return r > 0 ? -ENOTSUP : r;
}

/* Where at least one is an object: by what they compare as, if that is known. */
static int equal_objects(struct walk *walk, struct sm_value a, struct sm_value b)
{
    CLEANUP(tree_deinit) struct tree scratch = {0};
    bool ordered =
        value_known_class(a) == KNOWN_ORDERED_DICT && value_known_class(b) == KNOWN_ORDERED_DICT;
    struct sm_value plain_a = a, plain_b = b;
    int r, known;

    if (a.kind == b.kind && a.object == b.object)
        return 1;
    r = value_plain(&scratch, a, &plain_a);
    known = r;
    if (r >= 0)
        r = value_plain(&scratch, b, &plain_b);
    walk_charge(walk, plain_steps(&scratch));
    if (r < 0)
        return r;
    if (walk->unknown == UNKNOWN_ASK && ((!known && value_known(a)) || (!r && value_known(b))))
        return -ENOTSUP; /* its recipe is an odd one */
    numpy_round(a, b, &plain_a, &plain_b);
    if (known || r)
        return equal_plain(walk, plain_a, plain_b, ordered);
    return a.kind == b.kind ? equal_recipes(walk, a.object, b.object) : equal_unknown(walk, a, b);
}

static int equal_here(struct walk *walk, struct sm_value a, struct sm_value b)
{
    if (a.len == b.len)
        walk_charge(walk, a.len / WALK_BYTES_COMPARED);
    if (value_is_number(a) && value_is_number(b))
        return number_compare(a, b) == 0;
    if (walk_asks(walk, a) || walk_asks(walk, b))
        return -ENOTSUP;
    if (is_bytes(a) && is_bytes(b))
        return same_bytes(a.bytes, a.len, b.bytes, b.len);
    if (is_set(a) && is_set(b))
        return equal_tables(walk, a.items, b.items, 1);
    if (a.kind == SM_KIND_OBJECT || b.kind == SM_KIND_OBJECT)
        return equal_objects(walk, a, b);
    if (a.kind != b.kind)
        return 0;
    switch (a.kind) {
    case SM_KIND_STR:
        return same_bytes(a.text, a.len, b.text, b.len);
    case SM_KIND_TUPLE:
    case SM_KIND_LIST:
        return equal_sequences(walk, a.items, b.items);
    case SM_KIND_DICT:
        return equal_tables(walk, a.items, b.items, 2);
    case SM_KIND_GLOBAL:
        return equal_globals(a.global, b.global);
    default:
        return 1; /* None, or no value at all */
    }
}

int walk_equal(struct walk *walk, struct sm_value a, struct sm_value b)
{
    int r;

    r = walk_enter(walk);
    if (r < 0)
        return r;
    r = equal_here(walk, a, b);
    walk_leave(walk);
    return r;
}

int value_equal(struct sm_value a, struct sm_value b)
{
    struct walk walk = {0};

    return walk_equal(&walk, a, b);
}
