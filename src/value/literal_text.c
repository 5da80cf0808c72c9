/* SPDX-License-Identifier: MIT */
/* Strings of a literal: str and bytes, with every prefix, quote and escape. */
#include "value/literal.h"

#include "base/utf8.h"

#include <ctype.h>
#include <errno.h>
#include <uniname.h>
#include <unistr.h>

struct text_style {
    bool raw;
    bool bytes;
    char quote;
    bool triple;
};

/* Read a prefix and its quote; returns their length, 0 if no string starts here. */
static size_t read_prefix(const struct literal *l, struct text_style *ret)
{
    struct text_style style = {0};
    bool unicode = false;
    size_t n = 0;

    for (;; n++) {
        char c = (char)tolower((uint8_t)literal_peek(l, n));

        if (c == 'r' && !style.raw && !unicode)
            style.raw = true;
        else if (c == 'b' && !style.bytes && !unicode)
            style.bytes = true;
        else if (c == 'u' && n == 0)
            unicode = true;
        else
            break;
    }
    style.quote = literal_peek(l, n);
    if (style.quote != '"' && style.quote != '\'')
        return 0;
    style.triple = literal_peek(l, n + 1) == style.quote && literal_peek(l, n + 2) == style.quote;
    *ret = style;
    return n + (style.triple ? 3 : 1);
}

bool literal_at_string(const struct literal *l)
{
    struct text_style style;

    return read_prefix(l, &style) > 0;
}

static void add_code(struct buffer *out, uint32_t code, const struct text_style *style)
{
    char text[UTF8_MAX];

    if (style->bytes)
        buffer_add_byte(out, (uint8_t)code);
    else
        buffer_add(out, text, utf8_encode(code, text));
}

/* Exactly `digits` hexadecimal digits. */
static int hex_escape(struct literal *l, unsigned digits, uint32_t *ret)
{
    size_t start = l->at - 2;
    uint32_t code = 0;

    for (unsigned i = 0; i < digits; i++) {
        char c = literal_peek(l, 0);

        if (!isxdigit((uint8_t)c))
            return literal_fail(l, start, "truncated escape");
        code =
            code << 4 | (uint32_t)(isdigit((uint8_t)c) ? c - '0' : tolower((uint8_t)c) - 'a' + 10);
        l->at++;
    }
    if (code > 0x10ffff)
        return literal_fail(l, start, "no such Unicode character");
    *ret = code;
    return 0;
}

static uint32_t octal_escape(struct literal *l, char first)
{
    uint32_t code = (uint32_t)(first - '0');

    for (int i = 0; i < 2 && literal_peek(l, 0) >= '0' && literal_peek(l, 0) <= '7'; i++)
        code = code << 3 | (uint32_t)(l->text[l->at++] - '0');
    return code;
}

static int name_escape(struct literal *l, uint32_t *ret)
{
    char name[UNINAME_MAX];
    size_t start = l->at - 2;
    size_t n = 0;

    if (literal_peek(l, 0) != '{')
        return literal_fail(l, start, "malformed \\N character escape");
    for (l->at++; literal_peek(l, 0) != '}'; l->at++) {
        if (n == sizeof(name) - 1 || literal_peek(l, 0) == '\0')
            return literal_fail(l, start, "unknown Unicode character name");
        name[n++] = literal_peek(l, 0);
    }
    l->at++;
    name[n] = '\0';
    *ret = unicode_name_character(name);
    return *ret == UNINAME_INVALID ? literal_fail(l, start, "unknown Unicode character name") : 0;
}

/* The escapes of one character, as pairs. */
static const char simple_escapes[] = "\\\\''\"\"a\ab\bf\fn\nr\rt\tv\v";

static int take_escape(struct literal *l, const struct text_style *style, struct buffer *out)
{
    char c = literal_peek(l, 1);
    uint32_t code = 0;
    int r = 0;

    l->at += 2;
    for (const char *pair = simple_escapes; *pair; pair += 2) {
        if (*pair == c) {
            buffer_add_byte(out, (uint8_t)pair[1]);
            return 0;
        }
    }
    if (c == '\n')
        return 0;
    if (c >= '0' && c <= '7')
        code = octal_escape(l, c);
    else if (c == 'x')
        r = hex_escape(l, 2, &code);
    else if (c == 'u' && !style->bytes)
        r = hex_escape(l, 4, &code);
    else if (c == 'U' && !style->bytes)
        r = hex_escape(l, 8, &code);
    else if (c == 'N' && !style->bytes)
        r = name_escape(l, &code);
    else {
        l->at--; /* not an escape: the backslash stands for itself */
        code = '\\';
    }
    if (r == 0)
        add_code(out, code, style);
    return r;
}

static bool at_end(const struct literal *l, const struct text_style *style)
{
    return literal_peek(l, 0) == style->quote &&
           (!style->triple ||
            (literal_peek(l, 1) == style->quote && literal_peek(l, 2) == style->quote));
}

static int take_string(struct literal *l, const struct text_style *style, struct buffer *out)
{
    size_t start = l->at;
    int r;

    while (!at_end(l, style)) {
        char c = literal_peek(l, 0);

        if (l->at >= l->len || (c == '\n' && !style->triple))
            return literal_fail(l, start, "unterminated string");
        if ((c & 0x80) && style->bytes)
            return literal_fail(l, l->at, "bytes can only contain ASCII characters");
        if (c != '\\') {
            buffer_add_byte(out, (uint8_t)c);
            l->at++;
        } else if (l->len - l->at < 2) {
            return literal_fail(l, start, "unterminated string");
        } else if (style->raw) {
            buffer_add(out, l->text + l->at, 2);
            l->at += 2;
        } else {
            r = take_escape(l, style, out);
            if (r < 0)
                return r;
        }
    }
    l->at += style->triple ? 3 : 1;
    return 0;
}

/* Neighbouring strings are one. */
int literal_strings(struct literal *l, struct sm_value *ret)
{
    CLEANUP(buffer_deinit) struct buffer out = {0};
    struct text_style first, style;
    size_t prefix = read_prefix(l, &first);
    size_t end;
    int r;

    style = first;
    do {
        if (style.bytes != first.bytes)
            return literal_fail(l, l->at, "cannot mix bytes and nonbytes literals");
        l->at += prefix;
        r = take_string(l, &style, &out);
        if (r < 0)
            return r;
        end = l->at;
        literal_skip_space(l);
        prefix = read_prefix(l, &style);
    } while (prefix > 0);
    l->at = end;
    if (out.failed)
        return -ENOMEM;
    return first.bytes ? tree_bytes(l->tree, out.data, out.len, ret)
                       : tree_str(l->tree, out.data, out.len, ret);
}
