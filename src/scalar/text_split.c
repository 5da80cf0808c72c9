/* SPDX-License-Identifier: MIT */
/*
 * Cutting a text into a list and putting one together: split, rsplit, splitlines, join, replace.
 * The pieces of a cut text are views of it.
 */
#include "object/answer.h"
#include "object/args.h"
#include "object/clinic.h"
#include "scalar/text.h"
#include "value/known.h"

#include <errno.h>

/* A list that grows; it fails as a whole. */
struct pieces {
    struct tree *tree;
    struct sm_value list;
    int error;
};

static void pieces_init(struct pieces *pieces, struct call *call)
{
    *pieces = (struct pieces){.tree = call->tree};
    pieces->error = tree_items(call->tree, SM_KIND_LIST, 0, &pieces->list);
}

static void pieces_add(struct pieces *pieces, struct text t)
{
    if (!pieces->error)
        pieces->error = tree_items_push(pieces->tree, pieces->list.items, text_value(t));
}

/* What was found from the back goes in the order of the text. */
static void pieces_reverse(struct pieces *pieces)
{
    struct sm_items *items = pieces->list.items;

    if (pieces->error)
        return;
    for (size_t i = 0; i < items->len / 2; i++) {
        struct sm_value v = items->item[i];

        items->item[i] = items->item[items->len - 1 - i];
        items->item[items->len - 1 - i] = v;
    }
}

static void pieces_return(const struct pieces *pieces, struct call *call)
{
    if (pieces->error)
        call_raise_errno(call, pieces->error);
    else
        call_return(call, pieces->list);
}

static void split_words(struct pieces *pieces, struct text t, uint64_t cuts)
{
    size_t from, at = 0, next = 0;

    for (;;) {
        do {
            at = next;
        } while (at < t.len && text_is_space(&t, text_next(t, &next)));
        if (at == t.len)
            return;
        from = at;
        if (!cuts--)
            break;
        do {
            at = next;
        } while (at < t.len && !text_is_space(&t, text_next(t, &next)));
        pieces_add(pieces, text_part(t, from, at));
    }
    pieces_add(pieces, text_part(t, from, t.len));
}

static void split_words_back(struct pieces *pieces, struct text t, uint64_t cuts)
{
    size_t to, at = t.len, next = t.len;

    for (;;) {
        do {
            at = next;
        } while (at && text_is_space(&t, text_previous(t, &next)));
        if (!at)
            return;
        to = at;
        if (!cuts--)
            break;
        do {
            at = next;
        } while (at && !text_is_space(&t, text_previous(t, &next)));
        pieces_add(pieces, text_part(t, at, to));
    }
    pieces_add(pieces, text_part(t, 0, to));
}

static void split_at(struct pieces *pieces, struct call *call, struct text t, struct text separator,
                     uint64_t cuts, bool back)
{
    struct finder finder;
    size_t from = 0, to = t.len, at;

    if (!finder_init(&finder, call, t, separator, back))
        return;
    while (cuts-- && (at = finder_next(&finder)) != FINDER_END) {
        if (back) {
            pieces_add(pieces, text_part(t, at + separator.len, to));
            to = at;
        } else {
            pieces_add(pieces, text_part(t, from, at));
            from = at + separator.len;
        }
    }
    pieces_add(pieces, text_part(t, from, to));
}

/* False: the call has been answered. */
static bool take_separator(struct call *call, const struct text *t, struct text *ret)
{
    struct sm_value v = call->arg[0];

    if (!text_of(t, v, ret)) {
        if (t->kind == SM_KIND_STR)
            call_raise(call, "TypeError", "must be str or None, not %s", call_type_name(call, v));
        else
            text_bytes_like(call, v, ret);
        return false;
    }
    if (ret->len)
        return true;
    call_raise(call, "ValueError", "empty separator");
    return false;
}

static void split(struct object *self, struct call *call, bool back)
{
    bool words = call->arg[0].kind == SM_KIND_NONE || call->arg[0].kind == SM_KIND_MISSING;
    struct pieces pieces;
    struct text t, separator;
    int64_t cuts = -1;

    if (!clinic_size(call, call->arg[1], &cuts) || !text_self(self, call, &t))
        return;
    if (!words && !take_separator(call, &t, &separator))
        return;
    pieces_init(&pieces, call);
    if (!words)
        split_at(&pieces, call, t, separator, cuts < 0 ? UINT64_MAX : (uint64_t)cuts, back);
    else if (back)
        split_words_back(&pieces, t, cuts < 0 ? UINT64_MAX : (uint64_t)cuts);
    else
        split_words(&pieces, t, cuts < 0 ? UINT64_MAX : (uint64_t)cuts);
    if (call->answered)
        return;
    if (back)
        pieces_reverse(&pieces);
    pieces_return(&pieces, call);
}

void text_split(struct object *self, struct call *call)
{
    split(self, call, false);
}

void text_rsplit(struct object *self, struct call *call)
{
    split(self, call, true);
}

static bool ends_line(const struct text *t, uint32_t c)
{
    if (c == '\n' || c == '\r')
        return true;
    if (t->kind != SM_KIND_STR)
        return false;
    return c == '\v' || c == '\f' || (c >= 0x1c && c <= 0x1e) || c == 0x85 || c == 0x2028 ||
           c == 0x2029;
}

void text_splitlines(struct object *self, struct call *call)
{
    struct pieces pieces;
    bool keep = false;
    struct text t;
    size_t from = 0;

    if (!clinic_flag(call, call->arg[0], true, &keep) || !text_self(self, call, &t))
        return;
    pieces_init(&pieces, call);
    while (from < t.len) {
        size_t end = from, next = from;
        uint32_t c = 0;

        while (end < t.len && !ends_line(&t, c = text_next(t, &next)))
            end = next;
        if (end < t.len && c == '\r' && next < t.len && t.p[next] == '\n')
            next++;
        pieces_add(&pieces, text_part(t, from, keep ? next : end));
        from = next;
    }
    pieces_return(&pieces, call);
}

static bool join_item(struct call *call, const struct text *t, size_t i, struct sm_value v,
                      struct text *ret)
{
    if (text_of(t, v, ret))
        return true;
    call_raise(call, "TypeError",
               t->kind == SM_KIND_STR ? "sequence item %zu: expected str instance, %s found"
                                      : "sequence item %zu: expected a bytes-like object, %s found",
               i, call_type_name(call, v));
    return false;
}

void text_join(struct object *self, struct call *call)
{
    struct buffer out CLEANUP(buffer_deinit) = {0};
    struct sm_value list;
    struct text t, item;
    int r = value_iterate(call->tree, call->arg[0], &list);

    if (r == ITERATE_NOT) {
        call_raise(call, "TypeError", "can only join an iterable");
        return;
    }
    if (r) {
        if (call_iterate(call, call->arg[0], &list))
            call_raise_errno(call, r < 0 ? r : -ENOTSUP);
        return;
    }
    if (!text_self(self, call, &t))
        return;
    for (size_t i = 0; i < list.items->len; i++) {
        if (!join_item(call, &t, i, list.items->item[i], &item) ||
            !text_affordable(call, out.len + item.len + t.len))
            return;
        if (i)
            buffer_add(&out, t.p, t.len);
        buffer_add(&out, item.p, item.len);
    }
    text_return_buffer(call, t.kind, &out);
}

/* Between all characters, before the first and after the last. */
static void weave(struct buffer *out, struct call *call, struct text t, struct text with,
                  uint64_t count)
{
    uint64_t places = MIN(count, text_length(t) + 1);
    size_t at = 0;

    if (!text_affordable(call, places) || !text_affordable(call, with.len) ||
        !text_affordable(call, t.len + places * with.len))
        return;
    while (count) {
        size_t step = at < t.len ? text_step(t, at) : 0;

        buffer_add(out, with.p, with.len);
        count--;
        if (at == t.len)
            return;
        buffer_add(out, t.p + at, step);
        at += step;
    }
    buffer_add(out, t.p + at, t.len - at);
}

static void replace(struct buffer *out, struct call *call, struct text t, struct text what,
                    struct text with, uint64_t count)
{
    struct finder finder;
    size_t from = 0, at;

    if (!finder_init(&finder, call, t, what, false))
        return;
    while (count-- && (at = finder_next(&finder)) != FINDER_END) {
        if (!text_affordable(call, out->len + (at - from) + with.len))
            return;
        buffer_add(out, t.p + from, at - from);
        buffer_add(out, with.p, with.len);
        from = at + what.len;
    }
    buffer_add(out, t.p + from, t.len - from);
}

static bool replace_arg(struct call *call, const struct text *t, unsigned i, struct text *ret)
{
    if (text_of(t, call->arg[i], ret))
        return true;
    if (t->kind == SM_KIND_STR)
        clinic_raise_not_str(call, i == 0 ? "1" : "2", call->arg[i]);
    else
        text_bytes_like(call, call->arg[i], ret);
    return false;
}

/* The str method takes its count by keyword from 3.13 on. */
static bool replace_bind(struct call *call, const struct text *t)
{
    static const struct signature unpack = {SIGNATURE_UNPACK, {"old", "new", "count"}, 2};
    static const struct signature keywords = {SIGNATURE_KEYWORDS, {"", "", "count"}, 2};
    bool is_str = t->kind == SM_KIND_STR;

    return call_bind(call, is_str && call->python >= 13 ? &keywords : &unpack,
                     call->object->type->name, "replace");
}

void text_replace(struct object *self, struct call *call)
{
    struct buffer out CLEANUP(buffer_deinit) = {0};
    struct text t, what, with;
    int64_t count = -1;

    if (!text_self(self, call, &t) || !replace_bind(call, &t) || !replace_arg(call, &t, 0, &what) ||
        !replace_arg(call, &t, 1, &with) || !clinic_size(call, call->arg[2], &count))
        return;
    if (!t.len && count >= 0 && call->python < 9)
        text_return(call, t); /* a flaw that 3.9 mended */
    else if (what.len)
        replace(&out, call, t, what, with, count < 0 ? UINT64_MAX : (uint64_t)count);
    else
        weave(&out, call, t, with, count < 0 ? UINT64_MAX : (uint64_t)count);
    if (!call->answered)
        text_return_buffer(call, t.kind, &out);
}
