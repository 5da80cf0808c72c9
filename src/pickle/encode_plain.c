/* SPDX-License-Identifier: MIT */
/*
 * What lists of very many values are mostly made of: small tuples, lists and dicts of numbers and
 * short text. Nothing in them is written but once, nor wants a note; so no more is needed than a
 * few bytes to write to. The form is encode.c's.
 */
#include "pickle/encode.h"

#include "pickle/opcodes.h"

#include <math.h>
#include <string.h>

/* What is deeper is not plain. */
#define PLAIN_DEPTH 8

/* Room for a number, or for the opcodes before and behind a container's items. */
#define PLAIN_ROOM SCALAR_MAX

struct plain_writer {
    const struct tree *tree;
    uint8_t *next;
    const uint8_t *end;
    bool exact;
    unsigned depth;
};

static bool write_plain(struct plain_writer *w, const struct sm_value *v);

static bool write_row(struct plain_writer *w, const struct sm_items *items)
{
    bool plain = w->depth++ < PLAIN_DEPTH;

    for (size_t i = 0; plain && i < items->len; i++)
        plain = write_plain(w, &items->item[i]);
    w->depth--;
    return plain && w->end - w->next >= PLAIN_ROOM;
}

static bool write_tuple(struct plain_writer *w, const struct sm_items *items)
{
    static const uint8_t closes[] = {EMPTY_TUPLE, TUPLE1, TUPLE2, TUPLE3};
    bool marked = items->len >= ARRAY_SIZE(closes);

    if (marked)
        *w->next++ = MARK;
    if (!write_row(w, items))
        return false;
    *w->next++ = marked ? TUPLE : closes[items->len];
    return true;
}

static bool write_items(struct plain_writer *w, const struct sm_items *items, size_t stride,
                        uint8_t empty, uint8_t add_one, uint8_t add)
{
    bool marked = items->len > stride;

    *w->next++ = empty;
    if (marked)
        *w->next++ = MARK;
    if (!write_row(w, items))
        return false;
    if (items->len)
        *w->next++ = marked ? add : add_one;
    return true;
}

static bool write_text(struct plain_writer *w, const struct sm_value *v, uint8_t opcode)
{
    if (v->len > UINT8_MAX || v->len + 2 > (size_t)(w->end - w->next) ||
        (v->len >= SHARED_MIN && tree_is_shared(w->tree, *v)))
        return false;
    w->next[0] = opcode;
    w->next[1] = (uint8_t)v->len;
    if (v->len)
        memcpy(w->next + 2, v->bytes, v->len);
    w->next += v->len + 2;
    return true;
}

static bool write_plain(struct plain_writer *w, const struct sm_value *v)
{
    if (w->end - w->next < PLAIN_ROOM)
        return false;
    switch (v->kind) {
    case SM_KIND_NONE:
    case SM_KIND_BOOL:
    case SM_KIND_INT:
    case SM_KIND_FLOAT:
        w->exact = w->exact && v->kind != SM_KIND_BOOL && v->kind != SM_KIND_FLOAT;
        w->next += encode_scalar(*v, w->next);
        return v->kind != SM_KIND_FLOAT || !isnan(v->number);
    case SM_KIND_STR:
        return write_text(w, v, SHORT_BINUNICODE);
    case SM_KIND_BYTES:
        return write_text(w, v, SHORT_BINBYTES);
    case SM_KIND_TUPLE:
        return !tree_is_shared(w->tree, *v) && write_tuple(w, v->items);
    case SM_KIND_LIST:
        return !tree_is_shared(w->tree, *v) &&
               write_items(w, v->items, 1, EMPTY_LIST, APPEND, APPENDS);
    case SM_KIND_DICT:
        w->exact = false;
        return !tree_is_shared(w->tree, *v) &&
               write_items(w, v->items, 2, EMPTY_DICT, SETITEM, SETITEMS);
    default:
        return false;
    }
}

size_t encode_plain(const struct tree *tree, struct sm_value v, uint8_t out[PLAIN_MAX],
                    bool *ret_exact)
{
    struct plain_writer w = {.tree = tree, .next = out, .end = out + PLAIN_MAX, .exact = true};

    if (!write_plain(&w, &v))
        return 0;
    *ret_exact = w.exact;
    return (size_t)(w.next - out);
}
