/* SPDX-License-Identifier: MIT */
/*
 * From values in flight to stored ones. Most values that are stored are small: scalars and short
 * text become their fragments without any memory being taken.
 *
 * Large ones are not copied, as that would keep everybody waiting: the fragment of a text stands in
 * the message already, and what is written anew stays where it was written to.
 */
#include "pickle/encode.h"

#include "base/limits.h"
#include "base/memory.h"
#include "pickle/opcodes.h"

#include <errno.h>
#include <math.h>
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
    if (v.kind > SM_KIND_FLOAT || (v.kind == SM_KIND_FLOAT && isnan(v.number)))
        return false;
    *ret = (struct frozen){0};
    ret->len = (uint8_t)encode_scalar(v, ret->small);
    return ret->len != 0;
}

/* Account for what was stored; see LIMIT_GROWTH. Only what is shared can grow. */
static int account(struct tree *tree, size_t len)
{
    if (!tree->sharing)
        return 0;
    tree->grown += len;
    return tree->grown / LIMIT_GROWTH > MAX(tree->message_len, LIMIT_GROWTH_FLOOR / LIMIT_GROWTH)
               ? -E2BIG
               : 0;
}

/* Have the fragment stay in the message, which has it as it must be, unless a peer is odd. */
static void stay_in_message(struct tree *tree, struct fragment *fragment)
{
    struct ref *keeper =
        tree_keep(tree, fragment->bytes, fragment->len, fragment->more, fragment->more_len);

    if (!keeper)
        return;
    fragment->bytes = fragment->more - fragment->len;
    fragment->len += fragment->more_len;
    fragment->more_len = 0;
    fragment->keeper = keeper;
}

/* Text and bytes are copied once at most, to where they stay. */
static int freeze_text(struct tree *tree, struct sm_value v, struct frozen *ret)
{
    bool text = v.kind == SM_KIND_STR;
    uint8_t head[9] = {text ? SHORT_BINUNICODE : SHORT_BINBYTES};
    size_t width = v.len <= UINT8_MAX ? 1 : v.len <= UINT32_MAX ? 4 : 8;
    struct fragment fragment = {
        .bytes = head,
        .len = 1 + width,
        .more = v.bytes,
        .more_len = v.len,
        .exact = true,
    };
    int r = account(tree, v.len);

    if (width == 4)
        head[0] = text ? BINUNICODE : BINBYTES;
    else if (width == 8)
        head[0] = text ? BINUNICODE8 : BINBYTES8;
    for (size_t i = 0; i < width; i++)
        head[1 + i] = (uint8_t)((uint64_t)v.len >> (8 * i));
    if (v.len >= LIMIT_COPY)
        stay_in_message(tree, &fragment);
    return r < 0 ? r : frozen_new(&fragment, ret);
}

static void kept_drop(struct kept_buffer **kept)
{
    if (*kept)
        ref_drop(&(*kept)->ref);
}

static void notes_deinit(struct pickle_notes *notes)
{
    memory_free(notes->refs);
}

static int freeze_blob(struct tree *tree, struct sm_value v, struct frozen *ret)
{
    struct buffer *out = &tree->draft;
    CLEANUP(notes_deinit) struct pickle_notes notes = {0};
    CLEANUP(pickler_deinit) struct pickler p;
    CLEANUP(kept_drop) struct kept_buffer *kept = NULL;
    struct fragment fragment;
    int r;

    buffer_clear(out);
    pickler_init(&p, out);
    p.notes = &notes;
    pickler_value(&p, tree, v);
    r = out->failed ? -ENOMEM : p.error;
    if (r == 0)
        r = account(tree, out->len);
    if (r < 0)
        return r;
    fragment = (struct fragment){
        .bytes = out->data,
        .len = out->len,
        .memos = p.memos,
        .unequal = notes.unequal,
        .exact = fragment_is_exact(out->data, out->len),
        .refs = notes.refs,
        .refs_len = notes.refs_len,
    };
    if (out->len >= LIMIT_COPY) {
        buffer_fit(out);
        r = buffer_keep(out, &kept);
        if (r < 0)
            return r;
        fragment.keeper = &kept->ref;
    }
    return frozen_new(&fragment, ret);
}

static int freeze_long(struct tree *tree, struct sm_value v, struct frozen *ret)
{
    uint8_t bytes[PLAIN_MAX];
    struct fragment fragment = {.bytes = bytes};
    int r;

    if (v.kind == SM_KIND_STR || v.kind == SM_KIND_BYTES)
        return freeze_text(tree, v, ret);
    fragment.len = encode_plain(tree, v, bytes, &fragment.exact);
    if (!fragment.len)
        return freeze_blob(tree, v, ret);
    r = account(tree, fragment.len);
    if (r < 0 || fragment.len > FROZEN_SMALL_MAX)
        return r < 0 ? r : frozen_new(&fragment, ret);
    *ret = (struct frozen){.len = (uint8_t)fragment.len};
    memcpy(ret->small, bytes, fragment.len);
    return 0;
}

/* Where the tree keeps what was stored of a shared value; NULL when memory runs out. */
static struct frozen *stored_slot(struct tree *tree, uint32_t id)
{
    if (id >= tree->stored_cap) {
        struct frozen *stored = memory_lend_more(tree->stored, tree->ids * sizeof(*stored));

        if (!stored)
            return NULL;
        memset(stored + tree->stored_cap, 0, (tree->ids - tree->stored_cap) * sizeof(*stored));
        tree->stored = stored;
        tree->stored_cap = tree->ids;
    }
    return &tree->stored[id];
}

int frozen_share(struct frozen *f)
{
    struct fragment fragment;
    struct frozen shared;
    int r;

    if (f->len == FROZEN_BLOB || !frozen_has_identity(f))
        return 0;
    fragment = (struct fragment){
        .bytes = f->small,
        .len = f->len,
        .memos = FROZEN_SMALL_MAX, /* to set one takes more than a byte */
        .exact = fragment_is_exact(f->small, f->len),
        .shared = true,
    };
    r = frozen_new(&fragment, &shared);
    if (r == 0)
        *f = shared;
    return r;
}

int tree_freeze(struct tree *tree, struct sm_value v, struct frozen *ret)
{
    struct frozen *slot;
    int r;

    if (freeze_small(v, ret))
        return 0;
    if (!tree_is_shared(tree, v))
        return freeze_long(tree, v, ret);
    slot = stored_slot(tree, v.id);
    if (!slot)
        return -ENOMEM;
    if (frozen_is_absent(slot)) {
        r = freeze_long(tree, v, slot);
        if (r == 0)
            r = frozen_share(slot);
        if (r < 0)
            return r;
    }
    *ret = frozen_copy(slot);
    return 0;
}
