/* SPDX-License-Identifier: MIT */
/*
 * Order, for sort(), and the other questions that sorting and messages ask: names of types, truth.
 * Sequences are ordered by their first unequal elements, sets by inclusion, text by code points,
 * which is the order of its UTF-8.
 */
#include "value/compare.h"
#include "value/known.h"
#include "value/number.h"
#include "value/numpy.h"
#include "value/plain.h"
#include "value/rational.h"
#include "value/table.h"
#include "value/walk.h"

struct order {
    struct walk *walk;
    struct sm_value *ret_a, *ret_b; /* where the pair that has no order goes */
};

static int less(struct order *order, struct sm_value a, struct sm_value b);

static int refuse(struct order *order, struct sm_value a, struct sm_value b)
{
    *order->ret_a = a;
    *order->ret_b = b;
    return -EINVAL;
}

static int less_bytes(struct sm_value a, struct sm_value b)
{
    size_t shared = a.len < b.len ? a.len : b.len;
    int c = shared ? memcmp(a.bytes, b.bytes, shared) : 0;

    return c ? c < 0 : a.len < b.len;
}

static int less_sequences(struct order *order, const struct sm_items *a, const struct sm_items *b)
{
    int r;

    for (size_t i = 0; i < a->len && i < b->len; i++) {
        r = walk_equal(order->walk, a->item[i], b->item[i]);
        if (r < 0)
            return r;
        if (r == 0)
            return less(order, a->item[i], b->item[i]);
    }
    return a->len < b->len;
}

/* Whether a is a true subset of b. */
static int less_sets(struct order *order, const struct sm_items *a, const struct sm_items *b)
{
    CLEANUP(table_deinit) struct table table = {0};
    size_t found;
    int r;

    if (a->len >= b->len)
        return 0;
    r = table_fill(&table, order->walk, b, 1);
    for (size_t i = 0; i < a->len && r == 0; i++) {
        r = table_find(&table, order->walk, a->item[i], &found);
        if (r == 0 && found == TABLE_NONE)
            return 0;
    }
    return r < 0 ? r : 1;
}

static bool is_bytes(struct sm_value v)
{
    return v.kind == SM_KIND_BYTES || v.kind == SM_KIND_BYTEARRAY;
}

static bool is_set(struct sm_value v)
{
    return v.kind == SM_KIND_SET || v.kind == SM_KIND_FROZENSET;
}

/* What holds values of any kind: the pair in it that has no order is to blame, not the holders. */
static bool is_holder(struct sm_value v)
{
    enum known_class class = value_known_class(v);

    return class == KNOWN_DEQUE || class == KNOWN_USER_LIST || v.kind == SM_KIND_LIST;
}

/* By what they compare as: numbers of every class, or instances of the classes that are ordered. */
static int less_plain(struct order *order, struct sm_value a, struct sm_value b)
{
    int r;

    if (rational_is(a) && rational_is(b)) {
        r = rational_compare(a, b);
        return r == RATIONAL_FAILED ? -ENOMEM : r == -1;
    }
    if (plain_ordered(a, b))
        return less_sequences(order, a.items, b.items);
    if ((a.kind == SM_KIND_STR && b.kind == SM_KIND_STR) || (is_bytes(a) && is_bytes(b)))
        return less_bytes(a, b);
    return a.kind == SM_KIND_LIST && b.kind == SM_KIND_LIST
               ? less_sequences(order, a.items, b.items)
               : -EINVAL;
}

static bool is_complex(struct sm_value v)
{
    struct numpy scalar;

    return value_known_class(v) == KNOWN_COMPLEX || (numpy_read(v, &scalar) && scalar.kind == 'c');
}

static int less_objects(struct order *order, struct sm_value a, struct sm_value b)
{
    CLEANUP(tree_deinit) struct tree scratch = {0};
    struct sm_value plain_a = a, plain_b = b;
    int r, known;

    *order->ret_a = sm_missing();
    if (is_complex(a) || is_complex(b))
        return refuse(order, a, b);
    r = value_plain(&scratch, a, &plain_a);
    known = r;
    if (r >= 0)
        r = value_plain(&scratch, b, &plain_b);
    walk_charge(order->walk, plain_steps(&scratch));
    if (order->walk->unknown == UNKNOWN_ASK &&
        ((known == 0 && value_known(a)) || (r == 0 && value_known(b))))
        return -ENOTSUP;
    numpy_round(a, b, &plain_a, &plain_b);
    if (r >= 0)
        r = less_plain(order, plain_a, plain_b);
    if (r != -EINVAL)
        return r;
    if (is_holder(a) && is_holder(b) && order->ret_a->kind != SM_KIND_MISSING)
        return r;
    return refuse(order, a, b);
}

static int less_here(struct order *order, struct sm_value a, struct sm_value b)
{
    walk_charge(order->walk, MIN(a.len, b.len) / WALK_BYTES_COMPARED);
    if (value_is_number(a) && value_is_number(b))
        return number_compare(a, b) == -1;
    if (walk_asks(order->walk, a) || walk_asks(order->walk, b))
        return -ENOTSUP;
    if (is_bytes(a) && is_bytes(b))
        return less_bytes(a, b);
    if (is_set(a) && is_set(b))
        return less_sets(order, a.items, b.items);
    if (a.kind == b.kind && a.kind == SM_KIND_STR)
        return less_bytes(a, b);
    if (a.kind == b.kind && (a.kind == SM_KIND_TUPLE || a.kind == SM_KIND_LIST))
        return less_sequences(order, a.items, b.items);
    if (a.kind == SM_KIND_OBJECT || b.kind == SM_KIND_OBJECT)
        return less_objects(order, a, b);
    return refuse(order, a, b);
}

static int less(struct order *order, struct sm_value a, struct sm_value b)
{
    int r;

    r = walk_enter(order->walk);
    if (r < 0)
        return r;
    r = less_here(order, a, b);
    walk_leave(order->walk);
    return r;
}

int walk_less(struct walk *walk, struct sm_value a, struct sm_value b, struct sm_value *ret_a,
              struct sm_value *ret_b)
{
    struct order order = {.walk = walk, .ret_a = ret_a, .ret_b = ret_b};

    return less(&order, a, b);
}

int value_less(struct sm_value a, struct sm_value b, struct sm_value *ret_a, struct sm_value *ret_b)
{
    struct walk walk = {0};

    return walk_less(&walk, a, b, ret_a, ret_b);
}

/* By kind; objects are told by their class. */
static const char *const kind_names[] = {
    [SM_KIND_NONE] = "NoneType", [SM_KIND_BOOL] = "bool",
    [SM_KIND_INT] = "int",       [SM_KIND_BIGINT] = "int",
    [SM_KIND_FLOAT] = "float",   [SM_KIND_STR] = "str",
    [SM_KIND_BYTES] = "bytes",   [SM_KIND_BYTEARRAY] = "bytearray",
    [SM_KIND_TUPLE] = "tuple",   [SM_KIND_LIST] = "list",
    [SM_KIND_SET] = "set",       [SM_KIND_FROZENSET] = "frozenset",
    [SM_KIND_DICT] = "dict",     [SM_KIND_GLOBAL] = "type",
    [SM_KIND_OBJECT] = "object", [SM_KIND_MISSING] = "object",
};

/* Of what iter() or reversed() gives for a value of each kind. */
static const char *iterator_name(const struct sm_object *object)
{
    bool reversed = value_is_global(object->callable, "builtins", "reversed");
    struct sm_value over = object->args.items->len ? object->args.items->item[0] : sm_none();

    switch (over.kind) {
    case SM_KIND_LIST:
        return reversed ? "list_reverseiterator" : "list_iterator";
    case SM_KIND_TUPLE:
        return reversed ? "reversed" : "tuple_iterator";
    case SM_KIND_STR:
        return reversed ? "reversed" : "str_iterator";
    case SM_KIND_BYTES:
        return reversed ? "reversed" : "bytes_iterator";
    case SM_KIND_BYTEARRAY:
        return reversed ? "reversed" : "bytearray_iterator";
    case SM_KIND_OBJECT:
        if (value_known_class(over) == KNOWN_ARRAY)
            return reversed ? "reversed" : "array.arrayiterator";
        return "range_iterator";
    default:
        return reversed ? "reversed" : "iterator";
    }
}

static struct sm_value global_type_name(struct sm_value v)
{
    switch (value_global_sort(v.global)) {
    case GLOBAL_SINGLETON:
        return sm_str(v.global->name[0] == 'E' ? "ellipsis" : "NotImplementedType");
    case GLOBAL_FUNCTION:
        return sm_str("function");
    case GLOBAL_BUILTIN_FUNCTION:
        return sm_str("builtin_function_or_method");
    default:
        return sm_str("type");
    }
}

struct sm_value value_type_name(struct sm_value v)
{
    const struct known *known = value_known(v);
    struct value_proxy proxy;
    struct numpy scalar;

    if (known && known->class == KNOWN_NUMPY && numpy_read(v, &scalar))
        return numpy_type_name(&scalar);
    if (v.kind == SM_KIND_OBJECT && value_is_proxy(v.object, &proxy) &&
        proxy.factory.kind == SM_KIND_GLOBAL)
        return value_last_name(proxy.factory.global);
    if (known && (known->class == KNOWN_ITERATOR || known->class == KNOWN_REVERSED))
        return sm_str(iterator_name(v.object));
    if (known && known->type_name)
        return sm_str(known->type_name);
    if (v.kind == SM_KIND_OBJECT && v.object->callable.kind == SM_KIND_GLOBAL)
        return value_last_name(v.object->callable.global);
    return v.kind == SM_KIND_GLOBAL ? global_type_name(v) : sm_str(kind_names[v.kind]);
}

/* Of an object: that of what it holds, or of the number it is. */
static bool object_truth(struct sm_value v)
{
    CLEANUP(tree_deinit) struct tree scratch = {0};
    const struct sm_value *part;
    struct sm_value plain;

    if (value_plain(&scratch, v, &plain) <= 0)
        return true;
    part = plain_parts(plain, "timedelta");
    if (part)
        return value_truth(part[0]) || value_truth(part[1]) || value_truth(part[2]);
    part = plain_parts(plain, "deque");
    if (!part)
        part = plain_parts(plain, "array");
    if (!part)
        part = plain_parts(plain, "range");
    return part ? value_truth(part[0]) : value_truth(plain);
}

bool value_truth(struct sm_value v)
{
    switch (v.kind) {
    case SM_KIND_NONE:
    case SM_KIND_MISSING:
        return false;
    case SM_KIND_BOOL:
        return v.boolean;
    case SM_KIND_INT:
        return v.integer != 0;
    case SM_KIND_FLOAT:
        return v.number != 0;
    case SM_KIND_OBJECT:
        return object_truth(v);
    case SM_KIND_BIGINT:
    case SM_KIND_GLOBAL:
        return true;
    default:
        return sm_len(v) > 0;
    }
}
