/* SPDX-License-Identifier: MIT */
/*
 * repr() and str(): one walk over the tree. The containers that are open are kept in a chain on
 * the stack, so that one that holds itself shows as [...]; the walk's bounds stop everything else
 * that does not end.
 */
#include "value/repr_walk.h"

#include "base/map.h"
#include "value/number.h"

/* Looking through the chain is counted too, or deep values could take quadratic time. */
#define CHAIN_LINKS_A_STEP 8

static bool is_open(struct repr *repr, const void *content)
{
    size_t links = 0;

    for (const struct repr_open *o = repr->open; o; o = o->outer, links++) {
        if (o->content == content)
            return true;
    }
    repr->walk.steps += links / CHAIN_LINKS_A_STEP;
    return false;
}

int repr_items(struct repr *repr, const struct sm_value *item, size_t len, size_t stride)
{
    int r = 0;

    for (size_t i = 0; i < len && r == 0; i++) {
        if (i)
            buffer_add_str(repr->out, i % stride ? ": " : ", ");
        r = repr_value(repr, item[i]);
    }
    return r;
}

static const struct {
    const char *before, *after, *empty, *recursive;
} brackets[] = {
    [SM_KIND_TUPLE] = {"(", ")", "()", "(...)"},
    [SM_KIND_LIST] = {"[", "]", "[]", "[...]"},
    [SM_KIND_SET] = {"{", "}", "set()", "set(...)"},
    [SM_KIND_FROZENSET] = {"frozenset({", "})", "frozenset()", "frozenset(...)"},
    [SM_KIND_DICT] = {"{", "}", "{}", "{...}"},
};

static int repr_container(struct repr *repr, struct sm_value v)
{
    int r;

    if (v.items->len == 0) {
        buffer_add_str(repr->out, brackets[v.kind].empty);
        return 0;
    }
    buffer_add_str(repr->out, brackets[v.kind].before);
    r = repr_items(repr, v.items->item, v.items->len, v.kind == SM_KIND_DICT ? 2 : 1);
    if (v.kind == SM_KIND_TUPLE && v.items->len == 1)
        buffer_add_byte(repr->out, ',');
    buffer_add_str(repr->out, brackets[v.kind].after);
    return r;
}

/* What may hold itself. */
static int repr_compound(struct repr *repr, struct sm_value v)
{
    const void *content = v.kind == SM_KIND_OBJECT ? (const void *)v.object : v.items;
    struct repr_open here = {.content = content, .outer = repr->open};
    int r;

    if (is_open(repr, content)) {
        buffer_add_str(repr->out, v.kind != SM_KIND_OBJECT              ? brackets[v.kind].recursive
                                  : value_known_class(v) == KNOWN_DEQUE ? "[...]"
                                                                        : "...");
        return 0;
    }
    repr->open = &here;
    r = v.kind == SM_KIND_OBJECT ? repr_object(repr, v) : repr_container(repr, v);
    repr->open = here.outer;
    return r;
}

static int repr_scalar(struct repr *repr, struct sm_value v)
{
    switch (v.kind) {
    case SM_KIND_BOOL:
        buffer_add_str(repr->out, v.boolean ? "True" : "False");
        return 0;
    case SM_KIND_INT:
    case SM_KIND_BIGINT:
        return number_print_int(repr->out, v);
    case SM_KIND_FLOAT:
        repr_float(repr->out, v.number);
        return 0;
    case SM_KIND_STR:
        repr_text(repr->out, v.text, v.len);
        return 0;
    case SM_KIND_BYTES:
        repr_bytes(repr->out, v.bytes, v.len);
        return 0;
    case SM_KIND_BYTEARRAY:
        buffer_add_str(repr->out, "bytearray(");
        repr_bytes(repr->out, v.bytes, v.len);
        buffer_add_byte(repr->out, ')');
        return 0;
    case SM_KIND_GLOBAL:
        repr_global(repr, v.global);
        return 0;
    default:
        buffer_add_str(repr->out, "None");
        return 0;
    }
}

int repr_value(struct repr *repr, struct sm_value v)
{
    int r;

    if (walk_asks(&repr->walk, v))
        return -ENOTSUP;
    r = walk_enter(&repr->walk);
    if (r < 0)
        return r;
    if (sm_is_container(v) || v.kind == SM_KIND_OBJECT)
        r = repr_compound(repr, v);
    else
        r = repr_scalar(repr, v);
    walk_leave(&repr->walk);
    if (r == 0 && repr->out->failed)
        return -ENOMEM;
    if (r == 0 && repr->out->len - repr->start > repr->max)
        return -ELOOP;
    return r;
}

void repr_address(struct repr *repr, const void *of)
{
    uint64_t number = map_hash_bytes(&of, sizeof(of));

    buffer_addf(repr->out, "0x7f%010llx", (unsigned long long)(number >> 24 & ~UINT64_C(15)));
}

int repr_str(struct repr *repr, struct sm_value v)
{
    int r = REPR_OPAQUE;

    if (v.kind == SM_KIND_STR) {
        buffer_add(repr->out, v.text, v.len);
        r = 0;
    } else if (v.kind == SM_KIND_OBJECT) {
        r = walk_enter(&repr->walk);
        if (r == 0) {
            r = repr_known_str(repr, v);
            walk_leave(&repr->walk);
        }
    }
    if (r == REPR_OPAQUE)
        r = repr_value(repr, v);
    return r == 0 && repr->out->failed ? -ENOMEM : r;
}

void repr_row_init(struct repr_row *row, struct buffer *out, unsigned python)
{
    *row = (struct repr_row){.out = out, .start = out->len, .python = python};
}

static int row_add(struct repr_row *row, struct sm_value v, size_t size,
                   int (*print)(struct repr *repr, struct sm_value v))
{
    struct repr repr = {.out = row->out, .start = row->start, .python = row->python};
    int r;

    row->size += size;
    repr.max = LIMIT_REPR_BYTES + LIMIT_REPR_GROWTH * row->size;
    repr.walk.steps = row->steps;
    repr.walk.unknown = row->unknown;
    r = print(&repr, v);
    walk_again(&repr.walk, size);
    row->steps = repr.walk.steps;
    return r;
}

int repr_row_add(struct repr_row *row, struct sm_value v, size_t size)
{
    return row_add(row, v, size, repr_value);
}

int repr_row_add_str(struct repr_row *row, struct sm_value v, size_t size)
{
    return row_add(row, v, size, repr_str);
}

int value_repr(struct buffer *out, struct sm_value v, unsigned python)
{
    struct repr_row row;

    repr_row_init(&row, out, python);
    return repr_row_add(&row, v, 0);
}

int value_str(struct buffer *out, struct sm_value v, unsigned python)
{
    struct repr_row row;

    repr_row_init(&row, out, python);
    return repr_row_add_str(&row, v, 0);
}

const char *repr_range_message(unsigned python)
{
    return python < 11 ? "Exceeds the limit (4300) for integer string conversion; "
                         "use sys.set_int_max_str_digits() to increase the limit"
                       : "Exceeds the limit (4300 digits) for integer string conversion; "
                         "use sys.set_int_max_str_digits() to increase the limit";
}
