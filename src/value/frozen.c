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

static _Thread_local struct blob **put_off;

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
        atomic_fetch_add_explicit(&f->blob->count, 1, memory_order_relaxed);
    return *f;
}

static void blob_free(struct blob *blob)
{
    for (size_t i = 0; i < blob->refs_len + blob->apart; i++)
        ref_drop(blob->refs[i]);
    memory_free(blob);
}

/* A blob with one handle is nobody else's, and to find that out is cheaper than to count. */
static bool blob_drop(struct blob *blob)
{
    return atomic_load_explicit(&blob->count, memory_order_acquire) == 1 ||
           atomic_fetch_sub_explicit(&blob->count, 1, memory_order_acq_rel) == 1;
}

void frozen_free(struct frozen *f)
{
    struct blob *blob = f->len == FROZEN_BLOB ? f->blob : NULL;

    *f = (struct frozen){0};
    if (!blob || !blob_drop(blob))
        return;
    if (put_off && blob->refs_len + blob->apart) {
        blob->next = *put_off;
        *put_off = blob;
        return;
    }
    blob_free(blob);
}

void frozen_put_off(struct blob **row)
{
    put_off = row;
}

void frozen_free_row(struct blob **row)
{
    while (*row) {
        struct blob *blob = *row;

        *row = blob->next;
        blob_free(blob);
    }
}
