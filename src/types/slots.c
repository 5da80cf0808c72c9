/* SPDX-License-Identifier: MIT */
/*
 * Rows grow by a quarter, so that a long one wastes little, and appending stays cheap on average.
 *
 * Freeing a value can free shared objects, and with them values elsewhere: never this row's own,
 * whose object is held by the call under way. Still, values leave the row first and are freed
 * afterwards, so that a row is whole whenever anything else runs.
 */
#include "types/slots.h"

#include "base/memory.h"
#include "object/answer.h"
#include "object/args.h"
#include "object/stored.h"
#include "pickle/opcodes.h"

#include <errno.h>

void slots_deinit(struct slots *s)
{
    struct slots old = *s;

    *s = (struct slots){0};
    for (size_t i = 0; i < old.len; i++)
        frozen_free(&old.at[i]);
    memory_free(old.at);
}

static int slots_resize(struct slots *s, size_t cap)
{
    struct frozen *at;

    if (cap > PTRDIFF_MAX / sizeof(*at))
        return -ENOMEM;
    at = memory_resize(s->at, cap * sizeof(*at));
    if (!at)
        return -ENOMEM;
    s->at = at;
    s->cap = cap;
    return 0;
}

int slots_reserve(struct slots *s, size_t n)
{
    if (n <= s->cap - s->len)
        return 0;
    if (n > PTRDIFF_MAX)
        return -ENOMEM;
    return slots_resize(s, MAX(s->len + n, s->len + s->len / 4 + 4));
}

void slots_trim(struct slots *s)
{
    if (s->cap > 64 && s->len < s->cap / 4)
        slots_resize(s, s->cap / 2); /* failure leaves more room than needed */
}

int slots_exchange(struct slots *s, size_t start, size_t removed, struct slots *with)
{
    struct slots out = {0};
    size_t added = with->len;
    int r;

    r = slots_reserve(s, added > removed ? added - removed : 0);
    if (r < 0)
        return r;
    r = slots_reserve(&out, removed);
    if (r < 0)
        return r;
    if (removed)
        memcpy(out.at, s->at + start, removed * sizeof(*s->at));
    out.len = removed;
    if (s->len > start + removed)
        memmove(s->at + start + added, s->at + start + removed,
                (s->len - start - removed) * sizeof(*s->at));
    if (added)
        memcpy(s->at + start, with->at, added * sizeof(*s->at));
    s->len = s->len - removed + added;
    memory_free(with->at);
    *with = out;
    slots_trim(s);
    return 0;
}

bool slots_freeze(struct slots *s, struct call *call, const struct sm_items *items)
{
    size_t before = s->len;
    int r = slots_reserve(s, items->len);

    if (r < 0) {
        call_raise_errno(call, r);
        return false;
    }
    for (size_t i = 0; i < items->len; i++) {
        if (call_freeze(call, items->item[i], &s->at[s->len])) {
            s->len++;
            continue;
        }
        while (s->len > before)
            frozen_free(&s->at[--s->len]);
        return false;
    }
    return true;
}

bool slots_freeze_iterable(struct slots *s, struct call *call, struct sm_value v)
{
    struct sm_value list;

    return call_iterate(call, v, &list) && slots_freeze(s, call, list.items);
}

int slots_find(const struct slots *s, struct call *call, const struct frozen *needle, size_t start,
               size_t stop, size_t *ret_at)
{
    CLEANUP(needle_deinit) struct needle sought;

    needle_init(&sought, needle, call->tree->unknown);
    for (size_t i = start; i < MIN(stop, s->len); i++) {
        int r = needle_equal(&sought, &s->at[i]);

        if (r < 0)
            return r;
        if (r > 0) {
            *ret_at = i;
            return 1;
        }
    }
    return 0;
}

void slots_reverse(struct slots *s)
{
    for (size_t i = 0, j = s->len; i + 1 < j; i++) {
        struct frozen swapped = s->at[i];

        s->at[i] = s->at[--j];
        s->at[j] = swapped;
    }
}

static const struct frozen *slot_at(const void *row, size_t i)
{
    return &((const struct slots *)row)->at[i];
}

void slots_measure(const struct slots *s, struct extent *extent)
{
    extent->items += s->len;
    extent->bytes += s->cap * sizeof(*s->at);
    stored_measure(extent, s->len, slot_at, s);
}

int slots_repr(const struct slots *s, struct buffer *out, unsigned python, const struct object *of)
{
    CLEANUP(stored_text_deinit) struct stored_text text;

    stored_text_init(&text, out, python, of);
    buffer_add_byte(out, '[');
    for (size_t i = 0; i < s->len; i++) {
        int r;

        if (i)
            buffer_add_str(out, ", ");
        r = stored_text_add(&text, &s->at[i]);
        if (r < 0)
            return r;
    }
    buffer_add_byte(out, ']');
    return out->failed ? -ENOMEM : 0;
}

void slots_write(const struct frozen *at, size_t n, struct pickler *p)
{
    struct pickler_batch batch;

    pickler_op(p, EMPTY_LIST);
    pickler_batch_begin(&batch, p, APPENDS);
    for (size_t i = 0; i < n; i++) {
        pickler_batch_item(&batch);
        pickler_item(p, &at[i]);
    }
    pickler_batch_end(&batch);
}
