/* SPDX-License-Identifier: MIT */
/* A growing run of bytes. Zeroed memory is an empty buffer. */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include "base/ref.h"

#include <stdbool.h>
#include <string.h>

struct buffer {
    uint8_t *data; /* owned */
    size_t len;
    size_t cap;
    size_t max;  /* the most that is wanted of a long text, 0: all; what is more is cut off */
    bool failed; /* memory, or what is wanted, ran out in an append: no more is taken */
};

void buffer_deinit(struct buffer *b);

/* A buffer that several hold: its bytes stay where they are, and are gone with the last one. */
struct kept_buffer {
    struct ref ref;
    struct buffer buffer;
};

/*
 * Make a kept buffer of one that is empty afterwards; the caller owns the first reference. Returns
 * 0 or -ENOMEM.
 */
int buffer_keep(struct buffer *b, struct kept_buffer **ret);

/* Forget the content, keep the memory. */
void buffer_clear(struct buffer *b);

/* Make room for n more bytes. Returns 0 or -ENOMEM. */
static inline int buffer_reserve(struct buffer *b, size_t n);

/* The same of a buffer that will never have more than `most` bytes. */
int buffer_reserve_within(struct buffer *b, size_t n, size_t most);

/*
 * Appends never fail one by one: running out of memory sets `failed`, later appends do nothing,
 * and whoever uses the result looks once. So does reaching `max`, with the content up to there.
 */
static inline void buffer_add(struct buffer *b, const void *bytes, size_t n);
static inline void buffer_add_byte(struct buffer *b, uint8_t byte);
void buffer_add_str(struct buffer *b, const char *text);
void buffer_add_times(struct buffer *b, const void *bytes, size_t n, size_t times);
void buffer_addf(struct buffer *b, const char *format, ...) PRINTF_LIKE(2, 3);

/* Give back what is free at the end, if it is more than a page or two. */
void buffer_fit(struct buffer *b);

/* Drop the first n bytes. */
void buffer_consume(struct buffer *b, size_t n);

/* What buffer_add() does where there may be no room. */
void buffer_add_growing(struct buffer *b, const void *bytes, size_t n);

/* Whether n bytes can be appended with no more ado, as they almost always can. */
static inline bool buffer_has_room(const struct buffer *b, size_t n)
{
    return n <= b->cap - b->len && !b->max && !b->failed;
}

static inline int buffer_reserve(struct buffer *b, size_t n)
{
    return buffer_has_room(b, n) ? 0 : buffer_reserve_within(b, n, SIZE_MAX);
}

static inline void buffer_add(struct buffer *b, const void *bytes, size_t n)
{
    if (!n)
        return;
    if (!buffer_has_room(b, n)) {
        buffer_add_growing(b, bytes, n);
        return;
    }
    memcpy(b->data + b->len, bytes, n);
    b->len += n;
}

static inline void buffer_add_byte(struct buffer *b, uint8_t byte)
{
    if (buffer_reserve(b, 1) == 0)
        b->data[b->len++] = byte;
}

#endif
