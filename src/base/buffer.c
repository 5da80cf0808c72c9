/* SPDX-License-Identifier: MIT */
/*
 * Growing byte buffers, doubled when full. A failure sticks to the buffer, so that a long row of
 * appends is checked once, at its end.
 */
#include "base/buffer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void buffer_deinit(struct buffer *b)
{
    free(b->data);
    *b = (struct buffer){0};
}

void buffer_clear(struct buffer *b)
{
    b->len = 0;
    b->failed = false;
}

int buffer_reserve(struct buffer *b, size_t n)
{
    size_t cap = b->cap ? b->cap : 64;
    uint8_t *data;

    if (b->max && n > b->max - b->len)
        b->failed = true;
    if (b->failed)
        return -ENOMEM;
    if (n <= b->cap - b->len)
        return 0;
    while (cap - b->len < n) {
        if (cap > SIZE_MAX / 4) {
            b->failed = true;
            return -ENOMEM;
        }
        cap *= 2;
    }
    data = realloc(b->data, cap);
    if (!data) {
        b->failed = true;
        return -ENOMEM;
    }
    b->data = data;
    b->cap = cap;
    return 0;
}

void buffer_add(struct buffer *b, const void *bytes, size_t n)
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

void buffer_add_byte(struct buffer *b, uint8_t byte)
{
    if (buffer_reserve(b, 1) < 0)
        return;
    b->data[b->len++] = byte;
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

void buffer_consume(struct buffer *b, size_t n)
{
    if (n == 0)
        return; /* there may be no data at all */
    b->len -= n;
    memmove(b->data, b->data + n, b->len);
}
