/* SPDX-License-Identifier: MIT */
/*
 * After l *= n a row has few values and many handles of each. What looks into every element
 * decodes each blob once, and so takes time in proportion to what is stored, not to n times that.
 *
 * Where there is no memory for a note there is none: the blob is decoded again.
 */
#include "pickle/encode.h"

/* To decode fewer bytes takes no longer than to find the note. */
#define NOTED_MIN 32

void blob_notes_deinit(struct blob_notes *notes)
{
    map_deinit(&notes->by_blob);
    arena_deinit(&notes->arena);
}

static bool is_of_blob(const void *item, const void *blob)
{
    return ((const struct blob_note *)item)->blob == blob;
}

struct blob_note *blob_notes_get(struct blob_notes *notes, const struct frozen *f)
{
    struct blob_note *note;
    uint64_t hash;

    if (!frozen_is_shared(f) || f->blob->len < NOTED_MIN)
        return NULL;
    hash = map_hash_int((uintptr_t)f->blob);
    note = map_find(&notes->by_blob, hash, is_of_blob, f->blob);
    if (note)
        return note;
    note = arena_alloc(&notes->arena, sizeof(*note));
    if (!note || map_add(&notes->by_blob, hash, note) < 0)
        return NULL;
    *note = (struct blob_note){.blob = f->blob, .value = sm_missing()};
    return note;
}
