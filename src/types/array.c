/* SPDX-License-Identifier: MIT */
/*
 * Array: machine numbers in a row, as array.array holds them. What comes out of it by value, whole
 * or as a slice, is an array.array.
 */
#include "base/memory.h"
#include "base/utf8.h"
#include "object/answer.h"
#include "object/args.h"
#include "object/ask.h"
#include "object/span.h"
#include "object/stored.h"
#include "pickle/opcodes.h"
#include "types/array_item.h"
#include "types/types.h"
#include "value/repr.h"

#include <errno.h>

struct array {
    struct object object;
    uint8_t *items; /* owned */
    size_t len;
    size_t size; /* of one item */
    char typecode;
};

static struct array *array_of(struct object *self)
{
    return container_of(self, struct array, object);
}

/* Make room for `len` items in all. False: the call has been answered. */
static bool array_resize(struct array *a, struct call *call, size_t len)
{
    uint8_t *items;

    if (len == 0)
        len = 1;
    items = len > PTRDIFF_MAX / a->size ? NULL : memory_resize(a->items, len * a->size);
    if (!items) {
        call_raise_errno(call, -ENOMEM);
        return false;
    }
    a->items = items;
    return true;
}

static bool fill_from_bytes(struct array *a, struct call *call, struct sm_value v)
{
    if (v.len % a->size) {
        call_raise(call, "ValueError", "bytes length not a multiple of item size");
        return false;
    }
    if (!array_resize(a, call, v.len / a->size))
        return false;
    if (v.len)
        memcpy(a->items, v.bytes, v.len);
    a->len = v.len / a->size;
    return true;
}

static bool fill_from_items(struct array *a, struct call *call, const struct sm_items *items)
{
    if (!array_resize(a, call, items->len))
        return false;
    for (; a->len < items->len; a->len++) {
        if (!array_item_set(call, a->typecode, items->item[a->len], a->items + a->len * a->size))
            return false;
    }
    return true;
}

/* What an array is made from, of whatever kind that is. `source` has been dereferenced. */
static bool array_fill(struct array *a, struct call *call, struct sm_value source)
{
    struct value_array other;
    struct sm_value list;

    if (source.kind == SM_KIND_BYTES || source.kind == SM_KIND_BYTEARRAY)
        return fill_from_bytes(a, call, source);
    if (value_is_array(source, &other) && other.typecode == a->typecode)
        return fill_from_bytes(a, call, other.bytes);
    return call_iterate(call, source, &list) && fill_from_items(a, call, list.items);
}

/* The one character of a typecode argument. False: the call has been answered. */
static bool typecode_argument(struct call *call, struct sm_value v, struct sm_value *ret)
{
    size_t at = 0;

    if (v.kind == SM_KIND_STR && v.len)
        utf8_next(v.text, v.len, &at);
    *ret = v;
    if ((at && at == v.len) || (v.kind == SM_KIND_STR && call->python >= 15))
        return true;
    if (call_asks(call, v, SM_ASK_TEXT, 0))
        return false;
    call_raise(call, "TypeError", "array() argument 1 must be %s, not %s",
               call->python >= 15 ? "str" : "a unicode character",
               v.kind == SM_KIND_NONE ? "None" : array_item_name(call, v));
    return false;
}

/* Whether items of this typecode are characters. */
static bool is_text(struct call *call, char typecode)
{
    return typecode == 'u' || (typecode == 'w' && call->python >= 13);
}

/* Text goes into arrays of characters alone. False: the call has been answered. */
static bool check_text_source(struct call *call, struct sm_value typecode, struct sm_value source)
{
    struct value_array other;
    const char *what = NULL;

    if (source.kind == SM_KIND_STR)
        what = "str";
    else if (value_is_array(source, &other) && strchr("uw", other.typecode))
        what = "unicode array";
    if (!what || (typecode.len == 1 && is_text(call, typecode.text[0])))
        return true;
    call_raise(call, "TypeError", "cannot use a %s to initialize an array with typecode '%.*s'",
               what, (int)typecode.len, typecode.text);
    return false;
}

static bool check_typecode(struct call *call, struct sm_value typecode)
{
    char c = typecode.len == 1 ? typecode.text[0] : '\0';

    if (c && value_array_item_size(c) && (c != 'w' || is_text(call, c)))
        return true;
    call_raise(call, "ValueError", "bad typecode (must be b, B, u, %sh, H, i, I, l, L, q, Q, %s)",
               call->python >= 13 ? "w, " : "",
               call->python >= 15 ? "e, f, d, Zf or Zd" : "f or d");
    return false;
}

static bool array_init(struct object *self, struct call *call)
{
    static const struct signature takes = {
        SIGNATURE_PYTHON, {"typecode", "sequence", "lock"}, 2, .beside = -1};
    struct array *a = array_of(self);
    struct sm_value typecode, source, list;

    if (!call_bind(call, &takes, NULL, "Array") ||
        !typecode_argument(call, call->arg[0], &typecode) ||
        !call_dereference(call, call->arg[1], &source) ||
        !check_text_source(call, typecode, source))
        return false;
    if (source.kind != SM_KIND_BYTES && source.kind != SM_KIND_BYTEARRAY &&
        !call_iterate(call, source, &list))
        return false;
    if (!check_typecode(call, typecode))
        return false;
    a->typecode = typecode.text[0];
    a->size = value_array_item_size(a->typecode);
    return array_fill(a, call, source);
}

static void array_deinit(struct object *self)
{
    memory_free(array_of(self)->items);
}

/* An item's value. False: the call has been answered. */
static bool get_item(const struct array *a, struct call *call, size_t at,
                     uint8_t room[ARRAY_ITEM_ROOM], struct sm_value *ret)
{
    const uint8_t *item = a->items + at * a->size;
    uint32_t c;

    if (array_item_get(a->typecode, item, room, ret))
        return true;
    memcpy(&c, item, sizeof(c));
    call_raise(call, "ValueError", "character U+%x is not in range [U+0000; U+10ffff]", c);
    return false;
}

/* The characters of an array of them; what is none shows as U+FFFD. */
static void repr_characters(const struct array *a, struct buffer *out)
{
    CLEANUP(buffer_deinit) struct buffer text = {0};
    uint8_t room[ARRAY_ITEM_ROOM];
    struct sm_value v;

    for (size_t i = 0; i < a->len; i++) {
        if (!array_item_get(a->typecode, a->items + i * a->size, room, &v))
            v = sm_str("\xef\xbf\xbd");
        buffer_add(&text, v.text, v.len);
    }
    repr_text(out, (char *)text.data, text.len);
    out->failed |= text.failed;
}

static void array_measure(struct object *self, struct extent *extent)
{
    struct array *a = array_of(self);

    extent->items += a->len;
    extent->bytes += a->len * a->size;
}

static int array_newest(struct object *self, size_t *at, struct buffer *out, unsigned python)
{
    const struct array *a = array_of(self);
    uint8_t room[ARRAY_ITEM_ROOM];
    struct sm_value v;

    if (*at >= a->len)
        return 0;
    if (!array_item_get(a->typecode, a->items + (a->len - ++*at) * a->size, room, &v))
        v = sm_str("\xef\xbf\xbd");
    return value_repr(out, v, python) < 0 ? -ENOMEM : 1;
}

static int array_repr(struct object *self, struct buffer *out, unsigned python)
{
    struct array *a = array_of(self);
    uint8_t room[ARRAY_ITEM_ROOM];
    struct sm_value v;
    int r = 0;

    buffer_addf(out, "array('%c'", a->typecode);
    if (a->len)
        buffer_add_str(out, ", ");
    if (a->len && strchr("uw", a->typecode)) {
        repr_characters(a, out);
    } else if (a->len) {
        for (size_t i = 0; i < a->len && r == 0; i++) {
            buffer_add_str(out, i ? ", " : "[");
            array_item_get(a->typecode, a->items + i * a->size, room, &v);
            r = value_repr(out, v, python);
        }
        buffer_add_byte(out, ']');
    }
    buffer_add_byte(out, ')');
    return r < 0 ? r : out->failed ? -ENOMEM : 0;
}

static void write_array(struct pickler *p, char typecode, const uint8_t *items, size_t size)
{
    write_global(p, "array", "array");
    pickler_value(p, NULL, sm_strn(&typecode, 1));
    pickler_value(p, NULL, sm_bytes(items, size));
    pickler_op(p, TUPLE2);
    pickler_op(p, REDUCE);
}

static void array_getvalue(struct object *self, struct pickler *p)
{
    struct array *a = array_of(self);

    write_array(p, a->typecode, a->items, a->len * a->size);
}

static void array_len(struct object *self, struct call *call)
{
    call_return_int(call, (int64_t)array_of(self)->len);
}

static void get_slice(const struct array *a, struct call *call, const struct span *span)
{
    uint8_t *items = arena_alloc(&call->tree->arena, span->len * a->size + 1);

    if (!items) {
        call_raise_errno(call, -ENOMEM);
        return;
    }
    for (size_t i = 0; i < span->len; i++)
        memcpy(items + i * a->size, a->items + span_at(span, i) * a->size, a->size);
    write_array(call_return_begin(call), a->typecode, items, span->len * a->size);
    call_return_end(call);
}

static void raise_no_index(struct call *call)
{
    call_raise(call, "TypeError", "array indices must be integers");
}

static void array_getitem(struct object *self, struct call *call)
{
    struct array *a = array_of(self);
    struct sm_value key = call->arg[0], item;
    uint8_t room[ARRAY_ITEM_ROOM];
    struct value_slice slice;
    struct span span;
    size_t at;

    if (value_is_int(key)) {
        if (index_of(call, key, a->len, "array index out of range", &at) &&
            get_item(a, call, at, room, &item))
            call_return(call, item);
    } else if (!value_is_slice(key, &slice)) {
        if (!call_asks(call, key, SM_ASK_INDEX, 0))
            raise_no_index(call);
    } else if (span_of(call, &slice, a->len, &span)) {
        get_slice(a, call, &span);
    }
}

/* Replace the items from `start` on; all are in a row. */
static bool replace_items(struct array *a, struct call *call, size_t start, size_t removed,
                          struct sm_value with)
{
    size_t added = with.len / a->size, tail = a->len - start - removed;

    if (added > removed && !array_resize(a, call, a->len - removed + added))
        return false;
    memmove(a->items + (start + added) * a->size, a->items + (start + removed) * a->size,
            tail * a->size);
    if (added)
        memcpy(a->items + start * a->size, with.bytes, with.len);
    a->len = start + added + tail;
    return true;
}

/* Remove items that are not in a row, in one pass. */
static void remove_items(struct array *a, struct span span)
{
    size_t to = 0, gone = 0;

    span = span_forwards(span);
    for (size_t from = 0; from < a->len; from++) {
        if (gone < span.len && from == span_at(&span, gone))
            gone++;
        else
            memmove(a->items + to++ * a->size, a->items + from * a->size, a->size);
    }
    a->len = to;
}

static void set_slice(struct array *a, struct call *call, const struct span *span)
{
    struct value_array with;
    size_t len;

    if (!value_is_array(call->arg[1], &with)) {
        call_raise(call, "TypeError", "can only assign array (not \"%s\") to array slice",
                   call_type_name(call, call->arg[1]));
        return;
    }
    if (with.typecode != a->typecode || with.bytes.len % a->size) {
        call_raise(call, "TypeError", "bad argument type for built-in operation");
        return;
    }
    len = with.bytes.len / a->size;
    if (span->step == 1) {
        if (!replace_items(a, call, (size_t)span->start, span->len, with.bytes))
            return;
    } else if (len == 0) {
        remove_items(a, *span);
    } else if (len != span->len) {
        call_raise(call, "ValueError",
                   "attempt to assign array of size %zu to extended slice of size %zu", len,
                   span->len);
        return;
    } else {
        for (size_t i = 0; i < len; i++)
            memcpy(a->items + span_at(span, i) * a->size, with.bytes.bytes + i * a->size, a->size);
    }
    call_return_none(call);
}

static void array_setitem(struct object *self, struct call *call)
{
    struct array *a = array_of(self);
    struct sm_value key = call->arg[0];
    struct value_slice slice;
    struct span span;
    size_t at;

    if (value_is_int(key)) {
        if (index_of(call, key, a->len, "array assignment index out of range", &at) &&
            array_item_set(call, a->typecode, call->arg[1], a->items + at * a->size))
            call_return_none(call);
    } else if (!value_is_slice(key, &slice)) {
        if (!call_asks(call, key, SM_ASK_INDEX, 0))
            raise_no_index(call);
    } else if (span_of(call, &slice, a->len, &span)) {
        set_slice(a, call, &span);
    }
}

static const struct method array_methods[] = {
    {"__len__", array_len, {SIGNATURE_SLOT}, .reads = true},
    {"__getitem__",
     array_getitem,
     {SIGNATURE_SLOT, {"key"}, 1, .ints = SIGNATURE_PARAM(0)},
     .reads = true},
    {"__setitem__",
     array_setitem,
     {SIGNATURE_SLOT2,
      {"key", "value"},
      2,
      .ints = SIGNATURE_PARAM(0),
      .numbers = SIGNATURE_PARAM(1)}},
    {0},
};

const struct object_type array_type = {
    .name = "array",
    .size = sizeof(struct array),
    .create = {SIGNATURE_RAW},
    .methods = array_methods,
    .init = array_init,
    .deinit = array_deinit,
    .measure = array_measure,
    .repr = array_repr,
    .newest = array_newest,
    .getvalue = array_getvalue,
};
