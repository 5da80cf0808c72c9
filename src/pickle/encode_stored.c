/* SPDX-License-Identifier: MIT */
/*
 * Stored values in a message. A fragment is copied as it is: its memo indices start at 0 and are
 * its own affair. A blob that is an item more than once is written once, and put in the memo at an
 * index above those that fragments use; should a fragment use that many, what was put there is
 * forgotten, and written again when it is met again.
 */
#include "pickle/encode.h"

#include "pickle/opcodes.h"

#include <errno.h>

struct shared_blob {
    const struct blob *blob;
    uint32_t index;
};

void pickler_memos_used(struct pickler *p, uint32_t memos)
{
    if (memos > PICKLER_BLOB_MEMO && p->blobs.len)
        map_deinit(&p->blobs);
}

void pickler_frozen(struct pickler *p, const struct frozen *f)
{
    buffer_add(p->out, frozen_bytes(f), frozen_len(f));
    if (f->len != FROZEN_BLOB)
        return;
    pickler_memos_used(p, f->blob->memos);
    if (!p->notes)
        return;
    p->notes->unequal |= f->blob->unequal;
    for (size_t i = 0; i < f->blob->refs_len; i++)
        pickler_note_ref(p, f->blob->refs[i]);
}

static bool blob_matches(const void *item, const void *key)
{
    return ((const struct shared_blob *)item)->blob == key;
}

void pickler_blob_item(struct pickler *p, const struct frozen *f)
{
    struct shared_blob *shared;
    uint64_t hash;

    if (!frozen_is_shared(f) || (f->blob->len < SHARED_MIN && !frozen_has_identity(f))) {
        pickler_frozen(p, f);
        return;
    }
    hash = map_hash_int((uintptr_t)f->blob);
    shared = map_find(&p->blobs, hash, blob_matches, f->blob);
    if (shared) {
        pickler_op(p, LONG_BINGET);
        pickler_number(p, shared->index, 4);
        return;
    }
    pickler_frozen(p, f);
    shared = arena_alloc(&p->arena, sizeof(*shared));
    if (!shared || map_add(&p->blobs, hash, shared) < 0) {
        p->error = -ENOMEM;
        return;
    }
    *shared = (struct shared_blob){.blob = f->blob, .index = p->blob_memos++};
    pickler_op(p, LONG_BINPUT);
    pickler_number(p, shared->index, 4);
}

void pickler_batch_begin(struct pickler_batch *b, struct pickler *p, uint8_t add)
{
    *b = (struct pickler_batch){.pickler = p, .add = add};
}

void pickler_batch_end(struct pickler_batch *b)
{
    if (b->open)
        pickler_op(b->pickler, b->add);
    b->open = 0;
}
