/* SPDX-License-Identifier: MIT */
/*
 * Storage of fragments. A blob is one allocation: header, bytes, then the references to the shared
 * objects whose proxies are inside, so that a stored proxy keeps its object alive.
 */
#include "value/frozen.h"

#include "base/memory.h"

#include <errno.h>
#include <stdalign.h>
#include <string.h>

static struct blob *blob_new(const struct fragment *fragment)
{
    size_t len = fragment->len + fragment->more_len;
    size_t refs_at = (len + alignof(struct ref *) - 1) & ~(alignof(struct ref *) - 1);
    struct blob *blob;

    blob = memory_new(sizeof(*blob) + refs_at + fragment->refs_len * sizeof(struct ref *));
    if (!blob)
        return NULL;
    *blob = (struct blob){
        .count = 1,
        .memos = fragment->memos,
        .unequal = fragment->unequal,
        .exact = fragment->exact,
        .refs_len = fragment->refs_len,
        .len = len,
    };
    memcpy(blob->bytes, fragment->bytes, fragment->len);
    if (fragment->more_len)
        memcpy(blob->bytes + fragment->len, fragment->more, fragment->more_len);
    blob->refs = (struct ref **)(void *)(blob->bytes + refs_at);
    for (size_t i = 0; i < fragment->refs_len; i++)
        blob->refs[i] = ref_take(fragment->refs[i]);
    return blob;
}

int frozen_new(const struct fragment *fragment, struct frozen *ret)
{
    struct blob *blob;

    if (fragment->len + fragment->more_len <= FROZEN_SMALL_MAX && !fragment->unequal &&
        !fragment->shared && !fragment->refs_len) {
        *ret = (struct frozen){.len = (uint8_t)(fragment->len + fragment->more_len)};
        memcpy(ret->small, fragment->bytes, fragment->len);
        if (fragment->more_len)
            memcpy(ret->small + fragment->len, fragment->more, fragment->more_len);
        return 0;
    }
    blob = blob_new(fragment);
    if (!blob)
        return -ENOMEM;
    *ret = (struct frozen){.blob = blob};
    ret->len = FROZEN_BLOB;
    return 0;
}

struct frozen frozen_copy(const struct frozen *f)
{
    if (f->len == FROZEN_BLOB)
        f->blob->count++;
    return *f;
}

void frozen_free(struct frozen *f)
{
    struct blob *blob = f->len == FROZEN_BLOB ? f->blob : NULL;

    *f = (struct frozen){0};
    if (!blob || --blob->count)
        return;
    for (size_t i = 0; i < blob->refs_len; i++)
        ref_drop(blob->refs[i]);
    memory_free(blob);
}
