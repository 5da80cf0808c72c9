/* SPDX-License-Identifier: MIT */
/*
 * Text of protocols 0 and 1: a line with escapes, those of Python 2's repr(str) or those of the
 * raw-unicode-escape codec.
 */
#include "pickle/decode.h"

#include "base/utf8.h"

#include <string.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

/* One escape of Python 2's repr(str), behind its backslash at text[*at]; writes to *out. */
static int unescape(struct decoder *d, const char *text, size_t len, size_t *at, char **out)
{
    static const char plain[] = "\\'\"bfntrva";
    static const char means[] = "\\'\"\b\f\n\t\r\v\a";
    const char *known;
    size_t start = *at - 1;

    if (*at == len)
        return decode_fail(d, "ValueError", "Trailing \\ in string");
    known = text[*at] ? strchr(plain, text[*at]) : NULL;
    if (known) {
        *(*out)++ = means[known - plain];
        ++*at;
    } else if (hex_digit(text[*at]) < 8) {
        unsigned byte = 0;

        for (size_t end = *at + 3; *at < MIN(end, len) && hex_digit(text[*at]) < 8; ++*at)
            byte = byte << 3 | (unsigned)hex_digit(text[*at]);
        *(*out)++ = (char)byte;
    } else if (text[*at] == 'x') {
        if (len - *at < 3 || hex_digit(text[*at + 1]) == 16 || hex_digit(text[*at + 2]) == 16)
            return decode_fail(d, "ValueError", "invalid \\x escape at position %zu", start);
        *(*out)++ = (char)(hex_digit(text[*at + 1]) << 4 | hex_digit(text[*at + 2]));
        *at += 3;
    } else {
        *(*out)++ = '\\';
    }
    return 0;
}

int decode_string_text(struct decoder *d)
{
    const char *text;
    size_t len;
    char *bytes, *out;
    int r = decode_line(d, &text, &len);

    if (r < 0)
        return r;
    if (len < 2 || text[0] != text[len - 1] || (text[0] != '\'' && text[0] != '"'))
        return decode_unpickling_error(d, "the STRING opcode argument must be quoted");
    text++;
    len -= 2;
    bytes = out = arena_alloc(&d->tree->arena, len + 1);
    if (!bytes)
        return -ENOMEM;
    for (size_t at = 0; at < len;) {
        if (text[at] != '\\') {
            *out++ = text[at++];
            continue;
        }
        at++;
        r = unescape(d, text, len, &at, &out);
        if (r < 0)
            return r;
    }
    return decode_push_ascii(d, (uint8_t *)bytes, (size_t)(out - bytes));
}

static int fail_unicode_escape(struct decoder *d, size_t start, size_t end, const char *why)
{
    return decode_fail(d, "UnicodeDecodeError",
                       "'rawunicodeescape' codec can't decode bytes in position %zu-%zu: %s", start,
                       end - 1, why);
}

/* \uXXXX or \UXXXXXXXX, whose letter is at text[*at]. */
static int unescape_unicode(struct decoder *d, const char *text, size_t len, size_t *at, char **out)
{
    bool wide = text[*at] == 'U';
    size_t start = *at - 1;
    size_t n = wide ? 8 : 4;
    uint32_t point = 0;

    for (++*at; n; n--, ++*at) {
        if (*at == len || hex_digit(text[*at]) == 16)
            return fail_unicode_escape(
                d, start, *at, wide ? "truncated \\UXXXXXXXX escape" : "truncated \\uXXXX escape");
        point = point << 4 | (uint32_t)hex_digit(text[*at]);
    }
    if (point > 0x10ffff)
        return fail_unicode_escape(d, start, *at, "\\Uxxxxxxxx out of range");
    *out += utf8_encode(point, *out);
    return 0;
}

/* Latin-1 with escapes of other characters. Two backslashes are two; they only escape nothing. */
int decode_unicode_text(struct decoder *d)
{
    const char *text;
    size_t len;
    char *bytes, *out;
    int r = decode_line(d, &text, &len);

    if (r < 0)
        return r;
    bytes = out = arena_alloc(&d->tree->arena, 2 * len + 1);
    if (!bytes)
        return -ENOMEM;
    for (size_t at = 0; at < len;) {
        uint8_t c = (uint8_t)text[at++];

        if (c != '\\' || at == len) {
            out += utf8_encode(c, out);
        } else if (text[at] == 'u' || text[at] == 'U') {
            r = unescape_unicode(d, text, len, &at, &out);
            if (r < 0)
                return r;
        } else {
            *out++ = '\\';
            out += utf8_encode((uint8_t)text[at++], out);
        }
    }
    return decode_push(d, sm_strn(bytes, (size_t)(out - bytes)));
}
