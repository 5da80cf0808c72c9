/* SPDX-License-Identifier: MIT */
/*
 * Containers, and what is added to them. An object of an unknown class is told what to do in the
 * same words; it keeps them as the steps of its recipe.
 */
#include "pickle/decode.h"

#include "value/compare.h"

#include <errno.h>
#include <string.h>

const char *decode_type_name(struct decoder *d, struct sm_value v)
{
    struct sm_value name = value_type_name(v);
    const char *text = arena_copy(&d->tree->arena, name.text, name.len);

    return text ? text : "object";
}

int decode_check_keys(struct decoder *d, const struct sm_value *items, size_t n, size_t stride)
{
    for (size_t i = 0; i < n; i += stride) {
        switch (items[i].kind) {
        case SM_KIND_BYTEARRAY:
        case SM_KIND_LIST:
        case SM_KIND_SET:
        case SM_KIND_DICT:
            return decode_fail(d, "TypeError", "unhashable type: '%s'",
                               decode_type_name(d, items[i]));
        default:
            break;
        }
    }
    return 0;
}

int decode_pack(struct decoder *d, enum sm_kind kind, size_t n)
{
    struct sm_value v;
    int r = tree_items(d->tree, kind, n, &v);

    if (r < 0)
        return r;
    if (!n)
        return decode_push(d, v);
    d->stack_len -= n;
    for (size_t i = 0; i < n; i++)
        v.items->item[i] = d->stack[d->stack_len + i];
    d->stack[d->stack_len++] = v; /* where the first of them was */
    return 0;
}

static int pack_to_mark(struct decoder *d, enum sm_kind kind)
{
    size_t at;
    int r = decode_pop_mark(d, &at);

    return r < 0 ? r : decode_pack(d, kind, d->stack_len - at);
}

static int pack_last(struct decoder *d, size_t n)
{
    int r = decode_need(d, n);

    return r < 0 ? r : decode_pack(d, SM_KIND_TUPLE, n);
}

int decode_empty_tuple(struct decoder *d)
{
    return decode_pack(d, SM_KIND_TUPLE, 0);
}

int decode_tuple(struct decoder *d)
{
    return pack_to_mark(d, SM_KIND_TUPLE);
}

int decode_tuple1(struct decoder *d)
{
    return pack_last(d, 1);
}

int decode_tuple2(struct decoder *d)
{
    return pack_last(d, 2);
}

int decode_tuple3(struct decoder *d)
{
    return pack_last(d, 3);
}

int decode_empty_list(struct decoder *d)
{
    return decode_pack(d, SM_KIND_LIST, 0);
}

int decode_list(struct decoder *d)
{
    return pack_to_mark(d, SM_KIND_LIST);
}

int decode_empty_dict(struct decoder *d)
{
    return decode_pack(d, SM_KIND_DICT, 0);
}

int decode_dict(struct decoder *d)
{
    size_t at;
    int r = decode_pop_mark(d, &at);

    if (r < 0)
        return r;
    if ((d->stack_len - at) % 2)
        return decode_unpickling_error(d, "odd number of items for DICT");
    r = decode_check_keys(d, d->stack + at, d->stack_len - at, 2);
    return r < 0 ? r : decode_pack(d, SM_KIND_DICT, d->stack_len - at);
}

int decode_empty_set(struct decoder *d)
{
    return decode_pack(d, SM_KIND_SET, 0);
}

int decode_frozenset(struct decoder *d)
{
    size_t at;
    int r = decode_pop_mark(d, &at);

    if (r == 0)
        r = decode_check_keys(d, d->stack + at, d->stack_len - at, 1);
    return r < 0 ? r : decode_pack(d, SM_KIND_FROZENSET, d->stack_len - at);
}

static int items_extend(struct decoder *d, struct sm_items *items, const struct sm_value *more,
                        size_t n)
{
    if (n > items->cap - items->len) {
        size_t cap = MAX(items->cap * 2, items->len + n);
        struct sm_value *item = arena_alloc(&d->tree->arena, cap * sizeof(*item));

        if (!item)
            return -ENOMEM;
        if (items->len)
            memcpy(item, items->item, items->len * sizeof(*item));
        items->item = item;
        items->cap = cap;
    }
    memcpy(items->item + items->len, more, n * sizeof(*more));
    items->len += n;
    return 0;
}

static int object_extend(struct decoder *d, struct sm_object *object, enum sm_step_kind kind,
                         const struct sm_value *more, size_t n)
{
    size_t stride = kind == SM_STEP_SETITEM ? 2 : 1;
    int r = 0;

    for (size_t i = 0; r == 0 && i < n; i += stride) {
        struct sm_step step = {.kind = kind, .value = more[i + stride - 1]};

        if (kind == SM_STEP_SETITEM)
            step.key = more[i];
        r = tree_object_step(d->tree, object, step);
    }
    return r;
}

/* What each kind of addition is for, and what it is called when it finds something else. */
struct addition {
    enum sm_kind kind;
    enum sm_step_kind step;
    size_t stride;     /* which of the values are hashed; 0: none */
    const char *error; /* its format takes the type's name */
    const char *error_type;
};

static const struct addition add_append = {
    SM_KIND_LIST, SM_STEP_APPEND, 0, "'%s' object has no attribute 'append'", "AttributeError",
};
static const struct addition add_setitem = {
    SM_KIND_DICT, SM_STEP_SETITEM, 2, "'%s' object does not support item assignment", "TypeError",
};
static const struct addition add_add = {
    SM_KIND_SET, SM_STEP_ADD, 1, "'%s' object has no attribute 'add'", "AttributeError",
};

/* Add what stands on the stack from `at` on to the value below it. */
static int add_from(struct decoder *d, const struct addition *add, size_t at)
{
    size_t n = d->stack_len - at;
    const struct sm_value *more = d->stack + at;
    struct sm_value to;
    int r = 0;

    if (at > d->stack_len || at <= (d->marks_len ? d->marks[d->marks_len - 1] : 0))
        return decode_underflow(d);
    if (!n)
        return 0;
    if (add->kind == SM_KIND_DICT && n % 2)
        return decode_unpickling_error(d, "odd number of items for SETITEMS");
    to = d->stack[at - 1];
    if (to.kind == add->kind && add->stride)
        r = decode_check_keys(d, more, n, add->stride);
    if (r < 0)
        return r;
    if (to.kind == add->kind)
        r = items_extend(d, to.items, more, n);
    else if (to.kind == SM_KIND_OBJECT)
        r = object_extend(d, to.object, add->step, more, n);
    else
        r = decode_fail(d, add->error_type, add->error, decode_type_name(d, to));
    d->stack_len = at;
    return r;
}

static int add_last(struct decoder *d, const struct addition *add, size_t n)
{
    return d->stack_len < n ? decode_underflow(d) : add_from(d, add, d->stack_len - n);
}

static int add_to_mark(struct decoder *d, const struct addition *add)
{
    size_t at;
    int r = decode_pop_mark(d, &at);

    return r < 0 ? r : add_from(d, add, at);
}

int decode_append(struct decoder *d)
{
    return add_last(d, &add_append, 1);
}

int decode_appends(struct decoder *d)
{
    return add_to_mark(d, &add_append);
}

int decode_setitem(struct decoder *d)
{
    return add_last(d, &add_setitem, 2);
}

int decode_setitems(struct decoder *d)
{
    return add_to_mark(d, &add_setitem);
}

int decode_additems(struct decoder *d)
{
    return add_to_mark(d, &add_add);
}
