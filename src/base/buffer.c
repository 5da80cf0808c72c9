/* SPDX-License-Identifier: MIT */
/*
 * Growing byte buffers, doubled when full, in larger steps by a quarter. A failure sticks to the
 * buffer, so that a long row of appends is checked once, at its end.
 */
#include "base/buffer.h"

#include "base/memory.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#define BUFFER_FIRST ((size_t)64)
#define BUFFER_LARGE ((size_t)1024 * 1024)
#define BUFFER_SPARE ((size_t)8192)

void buffer_deinit(struct buffer *b)
{
    memory_free(b->data);
    *b = (struct buffer){0};
}

static void kept_release(struct ref *ref)
{
    struct kept_buffer *kept = container_of(ref, struct kept_buffer, ref);

    buffer_deinit(&kept->buffer);
    memory_free(kept);
}

int buffer_keep(struct buffer *b, struct kept_buffer **ret)
{
    struct kept_buffer *kept = memory_new(sizeof(*kept));

    if (!kept)
        return -ENOMEM;
    *kept = (struct kept_buffer){.ref = {.count = 1, .release = kept_release}, .buffer = *b};
    *b = (struct buffer){0};
    *ret = kept;
    return 0;
}

void buffer_clear(struct buffer *b)
{
    b->len = 0;
    b->failed = false;
}

int buffer_reserve_within(struct buffer *b, size_t n, size_t most)
{
    size_t cap = b->cap;
    uint8_t *data;

    if (b->max && n > b->max - b->len)
        b->failed = true;
    if (b->failed)
        return -ENOMEM;
    if (n <= b->cap - b->len)
        return 0;
    if (n <= SIZE_MAX / 4 && cap <= SIZE_MAX / 4) {
        cap = cap < BUFFER_LARGE ? MAX(cap * 2, BUFFER_FIRST) : cap + cap / 4;
        cap = MIN(MAX(cap, b->len + n + MIN(n, BUFFER_FIRST)), most);
        data = memory_lend_more(b->data, cap);
    } else {
        data = NULL;
    }
    if (!data) {
        b->failed = true;
        return -ENOMEM;
    }
    b->data = data;
    b->cap = cap;
    return 0;
}

void buffer_add_growing(struct buffer *b, const void *bytes, size_t n)
{
    size_t wanted = b->max ? MIN(n, b->max - b->len) : n;

    if (!wanted || buffer_reserve(b, wanted) < 0) {
        b->failed |= n > wanted;
        return;
    }
    memcpy(b->data + b->len, bytes, wanted);
    b->len += wanted;
    b->failed = n > wanted;
}

/* What is there already is doubled, so that long runs are copied in long pieces. */
void buffer_add_times(struct buffer *b, const void *bytes, size_t n, size_t times)
{
    size_t whole = n * times, done = n;
    uint8_t *to;

    if (!whole)
        return;
    if (times > SIZE_MAX / n || buffer_reserve(b, whole) < 0) {
        b->failed = true;
        return;
    }
    to = b->data + b->len;
    memcpy(to, bytes, n);
    for (; done < whole; done += MIN(done, whole - done))
        memcpy(to + done, to, MIN(done, whole - done));
    b->len += whole;
}

void buffer_add_str(struct buffer *b, const char *text)
{
    buffer_add(b, text, strlen(text));
}

void buffer_addf(struct buffer *b, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0 || buffer_reserve(b, (size_t)n + 1) < 0)
        return;
    va_start(args, format);
    vsnprintf((char *)b->data + b->len, (size_t)n + 1, format, args);
    va_end(args);
    b->len += (size_t)n;
}

void buffer_fit(struct buffer *b)
{
    uint8_t *data;

    if (b->cap - b->len < BUFFER_SPARE)
        return;
    data = memory_lend_more(b->data, b->len);
    if (!data)
        return;
    b->data = data;
    b->cap = b->len;
}

void buffer_consume(struct buffer *b, size_t n)
{
    if (n == 0)
        return; /* there may be no data at all */
    b->len -= n;
    memmove(b->data, b->data + n, b->len);
}
