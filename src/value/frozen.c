/* SPDX-License-Identifier: MIT */
/*
 * Storage of fragments. A blob is one allocation: header, references, bytes. The references are to
 * the shared objects whose proxies are inside, so that a stored proxy keeps its object alive, and,
 * instead of the bytes, to what keeps those elsewhere.
 */
#include "value/frozen.h"

#include "base/memory.h"

#include <errno.h>
#include <string.h>

static struct blob *blob_new(const struct fragment *fragment)
{
    size_t len = fragment->len + fragment->more_len;
    size_t refs_len = fragment->refs_len;
    bool apart = fragment->keeper != NULL;
    struct blob *blob;
    uint8_t *bytes;

    blob =
        memory_new(sizeof(*blob) + (refs_len + apart) * sizeof(struct ref *) + (apart ? 0 : len));
    if (!blob)
        return NULL;
    *blob = (struct blob){
        .count = 1,
        .memos = fragment->memos,
        .unequal = fragment->unequal,
        .exact = fragment->exact,
        .apart = apart,
        .refs_len = refs_len,
        .len = len,
        .bytes = fragment->bytes,
    };
    for (size_t i = 0; i < refs_len; i++)
        blob->refs[i] = ref_take(fragment->refs[i]);
    if (apart) {
        blob->refs[refs_len] = ref_take(fragment->keeper);
        return blob;
    }
    blob->bytes = bytes = (uint8_t *)(blob->refs + refs_len);
    memcpy(bytes, fragment->bytes, fragment->len);
    if (fragment->more_len)
        memcpy(bytes + fragment->len, fragment->more, fragment->more_len);
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
    for (size_t i = 0; i < blob->refs_len + blob->apart; i++)
        ref_drop(blob->refs[i]);
    memory_free(blob);
}
