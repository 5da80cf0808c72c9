/* SPDX-License-Identifier: MIT */
/*
 * Code points in UTF-8 as Python's str needs it: lone surrogates are encoded like any other code
 * point. Bytes that are no such text are never read past, and give one U+FFFD each.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

#define UTF8_MAX 4
#define UTF8_REPLACEMENT 0xfffd

static inline unsigned utf8_width(uint8_t first)
{
    return first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* The code point that starts at text[*at], at < len; *at moves behind it. */
static inline uint32_t utf8_next(const char *text, size_t len, size_t *at)
{
    const uint8_t *p = (const uint8_t *)text + *at;
    unsigned width = utf8_width(p[0]);
    uint32_t c;

    if (width == 1) {
        (*at)++;
        return p[0];
    }
    if (width == 0 || width > len - *at) {
        (*at)++;
        return UTF8_REPLACEMENT;
    }
    c = p[0] & (0x7fu >> width);
    for (unsigned i = 1; i < width; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            (*at)++;
            return UTF8_REPLACEMENT;
        }
        c = c << 6 | (p[i] & 0x3f);
    }
    *at += width;
    return c;
}

/* The length of a text that was cut somewhere, less the character at its end that is not whole. */
static inline size_t utf8_whole(const char *text, size_t len)
{
    size_t rest = 1; /* bytes from the beginning of the last character on */

    while (rest < UTF8_MAX && rest < len && ((uint8_t)text[len - rest] & 0xc0) == 0x80)
        rest++;
    return len && utf8_width((uint8_t)text[len - rest]) > rest ? len - rest : len;
}

/* Returns the number of bytes written. */
static inline unsigned utf8_encode(uint32_t c, char ret[UTF8_MAX])
{
    unsigned width = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

    if (width == 1) {
        ret[0] = (char)c;
        return 1;
    }
    for (unsigned i = width - 1; i > 0; i--) {
        ret[i] = (char)(0x80 | (c & 0x3f));
        c >>= 6;
    }
    ret[0] = (char)((0xf00u >> width & 0xff) | c);
    return width;
}

static inline bool utf8_is_surrogate(uint32_t c)
{
    return c >= 0xd800 && c <= 0xdfff;
}

#endif
