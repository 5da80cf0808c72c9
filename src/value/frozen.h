/* SPDX-License-Identifier: MIT */
/*
 * The stored form of a value: its canonical pickle fragment, without PROTO, FRAME and STOP. A
 * fragment is complete in itself: it starts its memo indices at 0 and sets each with BINPUT before
 * use, so fragments can be strung together in any order. Equal plain values (None, str, bytes, int)
 * have equal fragments.
 *
 * Up to 15 bytes are kept in the handle, with zeros behind them; longer ones in a counted blob.
 * What need not be equal to its own copy (a NaN, a proxy, what Python is asked about) is always a
 * blob, and marked; so is what has an identity and several handles, whose blob tells that they are
 * of one value.
 *
 * A large fragment may stay in the memory that it came in, which the blob then keeps.
 *
 * Handles of one blob may be copied and freed on different threads. The shared objects may not.
 */
#ifndef VALUE_FROZEN_H
#define VALUE_FROZEN_H

#include "base/ref.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#define FROZEN_SMALL_MAX 15

/* The handle's len where the fragment is in a blob. */
#define FROZEN_BLOB 0xff

struct blob {
    union {
        atomic_size_t count; /* handles that share it; 0 from the last one's end on */
        struct blob *next;   /* then: in a row of frozen_put_off() */
    };
    uint32_t memos;  /* memo indices that the fragment sets */
    bool unequal;    /* equal bytes do not make a copy equal: a NaN or a proxy is in it */
    bool exact;      /* equal to no other exact value: its bytes decide */
    bool apart;      /* the bytes are elsewhere: the last of `refs` keeps them there */
    size_t refs_len; /* shared objects that the fragment's proxies stand for */
    size_t len;
    const uint8_t *bytes; /* behind `refs`, or elsewhere */
    struct ref *refs[];   /* one reference each: to the objects, and to what keeps the bytes */
};

/* Zeroed memory is the absent value: it holds nothing. */
struct frozen {
    union {
        struct {
            uint8_t small[FROZEN_SMALL_MAX];
            uint8_t len; /* 1 to FROZEN_SMALL_MAX, FROZEN_BLOB, or 0 for absent */
        };
        struct blob *blob; /* shared */
    };
};

_Static_assert(sizeof(struct frozen) == 16, "a slot is 16 bytes");

/* What a fragment is made of. */
struct fragment {
    const uint8_t *bytes;
    size_t len;
    const uint8_t *more; /* the bytes behind these, where they are elsewhere */
    size_t more_len;
    uint32_t memos;
    bool unequal;
    bool exact;
    bool shared; /* of a value that has an identity and several handles: in a blob, if short */
    struct ref *const *refs; /* borrowed; the frozen value takes references of its own */
    size_t refs_len;
    struct ref *keeper; /* of `bytes`, which stay where they are, as another of these; NULL: copy */
};

/* Returns 0 or -ENOMEM. */
int frozen_new(const struct fragment *fragment, struct frozen *ret);

/* Another handle of the same value. */
struct frozen frozen_copy(const struct frozen *f);

/* Drop the value; the handle is absent afterwards. */
void frozen_free(struct frozen *f);

/*
 * From now on what this thread frees stays in *row, an empty one, if it holds references, to shared
 * objects or to what keeps its bytes: these belong to another thread, which frees the row. NULL: it
 * does not.
 */
void frozen_put_off(struct blob **row);
void frozen_free_row(struct blob **row);

/* Whether it is in a blob that other handles share. */
static inline bool frozen_is_shared(const struct frozen *f)
{
    return f->len == FROZEN_BLOB &&
           atomic_load_explicit(&f->blob->count, memory_order_relaxed) != 1;
}

/* Whether two handles are the same: then their values are one, or short and equal. */
static inline bool frozen_is_same(const struct frozen *a, const struct frozen *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

static inline bool frozen_is_absent(const struct frozen *f)
{
    return f->len == 0;
}

static inline const uint8_t *frozen_bytes(const struct frozen *f)
{
    return f->len == FROZEN_BLOB ? f->blob->bytes : f->small;
}

static inline size_t frozen_len(const struct frozen *f)
{
    return f->len == FROZEN_BLOB ? f->blob->len : f->len;
}

#endif
