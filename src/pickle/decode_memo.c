/* SPDX-License-Identifier: MIT */
/*
 * Values that are in more than one place. Whatever can be fetched again, from the memo or by DUP,
 * gets an id before, so that all its copies carry the same; fetching marks the id as shared.
 *
 * Text so short that a stored value holds it in its handle has no id: keys and names are fetched
 * again and again, and are as cheap to write anew.
 *
 * One case is crooked. A call that makes a plain container of another (decode_plain.c) shares the
 * items between them, and as a rule nobody sees the other again: CPython only wrote it for the
 * call. So it is marked as spent; should it be fetched after all, its items turn out to be in two
 * places, and are marked as shared too.
 */
#include "pickle/decode.h"

#include <errno.h>

static bool is_short_text(const struct sm_value *v)
{
    return (v->kind == SM_KIND_STR || v->kind == SM_KIND_BYTES) && v->len + 2 <= FROZEN_SMALL_MAX;
}

int decode_identify(struct decoder *d, struct sm_value *v)
{
    if (v->id || v->kind <= SM_KIND_INT || v->kind == SM_KIND_FLOAT || is_short_text(v))
        return 0;
    v->id = tree_new_id(d->tree);
    return v->id ? 0 : -ENOMEM;
}

static void items_fetched(struct decoder *d, const struct sm_items *items)
{
    for (size_t i = 0; i < items->len; i++)
        decode_fetched(d, items->item[i]);
}

/*
 * Recursion ends after two levels: arguments, and the container among them. What is in that came
 * there before it was spent, or was fetched.
 */
void decode_fetched_first(struct decoder *d, struct sm_value v)
{
    bool spent;

    spent = d->tree->shared[v.id] == SHARED_SPENT;
    d->tree->shared[v.id] = SHARED_YES;
    d->tree->sharing = true;
    if (spent)
        items_fetched(d, v.items);
}

int decode_spend(struct decoder *d, struct sm_value *v)
{
    int r = decode_identify(d, v);

    for (size_t i = 0; r == 0 && i < v->items->len; i++)
        r = decode_identify(d, &v->items->item[i]);
    if (r < 0)
        return r;
    if (d->tree->shared[v->id] == SHARED_YES)
        items_fetched(d, v->items);
    else
        d->tree->shared[v->id] = SHARED_SPENT;
    return 0;
}

int decode_dup(struct decoder *d)
{
    struct sm_value *top;
    int r = decode_top(d, &top);

    if (r == 0)
        r = decode_identify(d, top);
    if (r < 0)
        return r;
    decode_fetched(d, *top);
    return decode_push(d, *top);
}

int decode_get_index(struct decoder *d, int64_t index)
{
    const struct sm_value *v = index < 0 ? NULL : memo_get(&d->memo, (size_t)index);

    if (!v)
        return decode_fail(d, "_pickle.UnpicklingError", "Memo value not found at index %lld",
                           (long long)index);
    decode_fetched(d, *v);
    return decode_push(d, *v);
}

int decode_put_index(struct decoder *d, size_t index)
{
    struct sm_value *top;
    int r = decode_top(d, &top);

    if (r == 0)
        r = decode_identify(d, top);
    return r < 0 ? r : memo_put(&d->memo, index, *top);
}

int decode_memoize(struct decoder *d)
{
    struct sm_value *top;
    int r = decode_need(d, 1);

    if (r < 0)
        return r;
    top = &d->stack[d->stack_len - 1];
    r = decode_identify(d, top);
    return r < 0 ? r : memo_append(&d->memo, *top);
}

static int get_number(struct decoder *d, size_t width)
{
    uint64_t index;
    int r = decode_number(d, width, &index);

    return r < 0 ? r : decode_get_index(d, (int64_t)index);
}

int decode_binget(struct decoder *d)
{
    return get_number(d, 1);
}

int decode_long_binget(struct decoder *d)
{
    return get_number(d, 4);
}

static int put_number(struct decoder *d, size_t width)
{
    uint64_t index;
    int r = decode_number(d, width, &index);

    return r < 0 ? r : decode_put_index(d, index);
}

int decode_binput(struct decoder *d)
{
    return put_number(d, 1);
}

int decode_long_binput(struct decoder *d)
{
    return put_number(d, 4);
}
