/* SPDX-License-Identifier: MIT */
/*
 * Between values in flight and stored ones. Most values that are stored are small: scalars and
 * short text become their fragments without any memory being taken.
 */
#include "pickle/encode.h"

#include "base/limits.h"
#include "pickle/opcodes.h"
#include "value/compare.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool freeze_small(struct sm_value v, struct frozen *ret)
{
    if (v.kind == SM_KIND_STR || v.kind == SM_KIND_BYTES) {
        if (v.len + 2 > FROZEN_SMALL_MAX)
            return false;
        *ret = (struct frozen){.len = (uint8_t)(v.len + 2)};
        ret->small[0] = v.kind == SM_KIND_STR ? SHORT_BINUNICODE : SHORT_BINBYTES;
        ret->small[1] = (uint8_t)v.len;
        if (v.len)
            memcpy(ret->small + 2, v.bytes, v.len);
        return true;
    }
    if (v.kind == SM_KIND_FLOAT && isnan(v.number))
        return false;
    *ret = (struct frozen){0};
    ret->len = (uint8_t)encode_scalar(v, ret->small);
    return ret->len != 0;
}

/* Account for what was stored; see LIMIT_GROWTH. */
static int account(struct tree *tree, size_t len)
{
    tree->grown += len;
    return tree->grown / LIMIT_GROWTH > MAX(tree->message_len, LIMIT_GROWTH_FLOOR / LIMIT_GROWTH)
               ? -E2BIG
               : 0;
}

static void notes_deinit(struct pickle_notes *notes)
{
    free(notes->refs);
}

static int freeze_blob(struct tree *tree, struct sm_value v, struct frozen *ret)
{
    CLEANUP(buffer_deinit) struct buffer out = {0};
    CLEANUP(notes_deinit) struct pickle_notes notes = {0};
    CLEANUP(pickler_deinit) struct pickler p;
    struct fragment fragment;
    int r;

    pickler_init(&p, &out);
    p.notes = &notes;
    pickler_value(&p, tree, v);
    r = out.failed ? -ENOMEM : p.error;
    if (r == 0)
        r = account(tree, out.len);
    if (r < 0)
        return r;
    fragment = (struct fragment){
        .bytes = out.data,
        .len = out.len,
        .memos = p.memos,
        .unequal = notes.unequal,
        .refs = notes.refs,
        .refs_len = notes.refs_len,
    };
    return frozen_new(&fragment, ret);
}

/* Where the tree keeps what was stored of a shared value; NULL when memory runs out. */
static struct frozen *stored_slot(struct tree *tree, uint32_t id)
{
    if (id >= tree->stored_cap) {
        struct frozen *stored = realloc(tree->stored, tree->ids * sizeof(*stored));

        if (!stored)
            return NULL;
        memset(stored + tree->stored_cap, 0, (tree->ids - tree->stored_cap) * sizeof(*stored));
        tree->stored = stored;
        tree->stored_cap = tree->ids;
    }
    return &tree->stored[id];
}

int tree_freeze(struct tree *tree, struct sm_value v, struct frozen *ret)
{
    struct frozen *slot;
    int r;

    if (freeze_small(v, ret))
        return 0;
    if (!tree_is_shared(tree, v))
        return freeze_blob(tree, v, ret);
    slot = stored_slot(tree, v.id);
    if (!slot)
        return -ENOMEM;
    if (frozen_is_absent(slot)) {
        r = freeze_blob(tree, v, slot);
        if (r < 0)
            return r;
    }
    *ret = frozen_copy(slot);
    return 0;
}

/* The length of what follows the opcode, as the first `width` bytes of it tell. */
static size_t counted(const uint8_t *p, size_t len, size_t width)
{
    uint64_t n = 0;

    if (len <= width)
        return 0;
    for (size_t i = 0; i < width; i++)
        n |= (uint64_t)p[1 + i] << (8 * i);
    return width + n;
}

/* The kind of a fragment that is all of None, an int, a str or a bytes; missing for others. */
static enum sm_kind plain_kind(const struct frozen *f)
{
    const uint8_t *p = frozen_bytes(f);
    size_t len = frozen_len(f);
    enum sm_kind kind;
    size_t tail;

    switch (p[0]) {
    case NONE:
        kind = SM_KIND_NONE;
        tail = 0;
        break;
    case BININT1:
    case BININT2:
    case BININT:
        kind = SM_KIND_INT;
        tail = p[0] == BININT1 ? 1 : p[0] == BININT2 ? 2 : 4;
        break;
    case LONG1:
    case LONG4:
        kind = SM_KIND_INT;
        tail = counted(p, len, p[0] == LONG1 ? 1 : 4);
        break;
    case SHORT_BINUNICODE:
    case BINUNICODE:
    case BINUNICODE8:
        kind = SM_KIND_STR;
        tail = counted(p, len, p[0] == SHORT_BINUNICODE ? 1 : p[0] == BINUNICODE ? 4 : 8);
        break;
    case SHORT_BINBYTES:
    case BINBYTES:
    case BINBYTES8:
        kind = SM_KIND_BYTES;
        tail = counted(p, len, p[0] == SHORT_BINBYTES ? 1 : p[0] == BINBYTES ? 4 : 8);
        break;
    default:
        return SM_KIND_MISSING;
    }
    return tail + 1 == len ? kind : SM_KIND_MISSING;
}

static bool is_unequal(const struct frozen *f)
{
    return f->len == FROZEN_BLOB && f->blob->unequal;
}

int frozen_equal(struct tree *scratch, const struct frozen *a, const struct frozen *b)
{
    struct sm_value x, y;
    int r;

    if (a->len == FROZEN_BLOB && b->len == FROZEN_BLOB && a->blob == b->blob)
        return 1;
    if (!is_unequal(a) && !is_unequal(b) && frozen_len(a) == frozen_len(b) &&
        memcmp(frozen_bytes(a), frozen_bytes(b), frozen_len(a)) == 0)
        return 1;
    if (plain_kind(a) != SM_KIND_MISSING && plain_kind(b) != SM_KIND_MISSING)
        return 0;
    r = tree_thaw(scratch, a, &x);
    if (r == 0)
        r = tree_thaw(scratch, b, &y);
    return r < 0 ? r : value_equal(x, y);
}
