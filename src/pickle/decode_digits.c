/* SPDX-License-Identifier: MIT */
/*
 * Numbers of protocols 0 and 1, which are lines of text. What may stand there is what C's strtol
 * and Python's int() and float() take, oddities included.
 */
#include "pickle/decode.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "value/number.h"
#include "value/repr.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <openssl/bn.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A line that needs at least one character. */
static int take_filled_line(struct decoder *d, const char **ret, size_t *ret_len)
{
    int r = decode_line(d, ret, ret_len);

    if (r == 0 && *ret_len == 0)
        return decode_unpickling_error(d, "pickle data was truncated");
    return r;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 36;
}

/* The magnitude of an int in text: digits of one base, without underscores, NUL-terminated. */
struct digits {
    char *digits; /* in the arena */
    size_t len;
    int base; /* 10 or 16 */
    bool negative;
    bool zero_first; /* as C writes octals, which Python does not read */
};

/* The text is no int, or one that is not read. */
#define DIGITS_NONE 1

/*
 * Take int(text, base) apart, base being 10 or 0. Returns 0, -ENOMEM, or DIGITS_NONE. Bases 2 and
 * 8, which no pickler writes, are not read.
 */
static int scan_int(struct decoder *d, const char *text, size_t len, int base, struct digits *ret)
{
    const char *end = text + len;
    bool after_digit = false;

    while (text < end && is_space(*text))
        text++;
    while (text < end && is_space(end[-1]))
        end--;
    ret->negative = text < end && *text == '-';
    if (text < end && (*text == '-' || *text == '+'))
        text++;
    ret->base = 10;
    ret->len = 0;
    ret->zero_first = base == 0 && end - text > 1 && text[0] == '0';
    if (base == 0 && end - text > 2 && text[0] == '0' && (text[1] | 0x20) == 'x') {
        ret->base = 16;
        ret->zero_first = false;
        text += 2;
    }
    ret->digits = arena_alloc(&d->tree->arena, (size_t)(end - text) + 1);
    if (!ret->digits)
        return -ENOMEM;
    for (; text < end; text++) {
        bool underscore = *text == '_';

        if (underscore ? !after_digit : digit(*text) >= ret->base)
            return DIGITS_NONE;
        if (!underscore)
            ret->digits[ret->len++] = *text;
        after_digit = !underscore;
    }
    ret->digits[ret->len] = '\0';
    if (ret->zero_first && strspn(ret->digits, "0") < ret->len)
        return DIGITS_NONE;
    return after_digit ? 0 : DIGITS_NONE;
}

static int int_from_bn(struct decoder *d, const BIGNUM *bn, struct sm_value *ret)
{
    size_t len = (size_t)BN_num_bytes(bn) + 1;
    uint8_t *bytes = arena_alloc(&d->tree->arena, len);

    if (!bytes || BN_bn2lebinpad(bn, bytes, (int)len) < 0)
        return -ENOMEM;
    if (BN_is_negative(bn)) {
        unsigned carry = 1;

        for (size_t i = 0; i < len; i++) {
            carry += (uint8_t)~bytes[i];
            bytes[i] = (uint8_t)carry;
            carry >>= 8;
        }
    }
    *ret = number_from_bytes(bytes, len);
    return 0;
}

static void free_bn(BIGNUM **bn)
{
    BN_free(*bn);
}

static int int_from_digits(struct decoder *d, const struct digits *digits, struct sm_value *ret)
{
    BIGNUM *bn CLEANUP(free_bn) = NULL;

    if (digits->len > INT_MAX / 4)
        return DIGITS_NONE;
    if (digits->base == 16 ? !BN_hex2bn(&bn, digits->digits) : !BN_dec2bn(&bn, digits->digits))
        return -ENOMEM;
    BN_set_negative(bn, digits->negative);
    return int_from_bn(d, bn, ret);
}

static bool too_many_digits(const struct digits *digits)
{
    return digits->base == 10 && digits->len > LIMIT_INT_DIGITS;
}

/* strtol(text, base 0): true when that is all of the text, and fits. */
static bool c_int(const char *text, size_t len, int64_t *ret)
{
    char copy[64];
    char *end;

    if (len >= sizeof(copy))
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    errno = 0;
    *ret = strtoll(copy, &end, 0);
    return !errno && end == copy + len;
}

int decode_int_text(struct decoder *d)
{
    struct digits digits;
    struct sm_value v;
    const char *text;
    size_t len;
    int64_t number;
    int r = take_filled_line(d, &text, &len);

    if (r < 0)
        return r;
    if (c_int(text, len, &number)) {
        /* Protocol 0 has no other way to write a bool than I00 and I01. */
        if (len == 2 && (number == 0 || number == 1))
            return decode_push(d, sm_bool(number == 1));
        return decode_push(d, sm_int(number));
    }
    r = scan_int(d, text, len, 0, &digits);
    if (r == 0)
        r = too_many_digits(&digits) ? DIGITS_NONE : int_from_digits(d, &digits, &v);
    if (r == DIGITS_NONE)
        return decode_fail(d, "ValueError", "could not convert string to int");
    return r < 0 ? r : decode_push(d, v);
}

/* "invalid literal for int() with base 10: 'x\n'", the text as repr() shows it. */
static int fail_literal(struct decoder *d, const char *text, size_t len, int base)
{
    CLEANUP(buffer_deinit) struct buffer shown = {0};
    int r = decode_utf8(d, (const uint8_t *)text, len);

    if (r < 0)
        return r;
    repr_text(&shown, text, len);
    if (shown.failed)
        return -ENOMEM;
    return decode_fail(d, "ValueError", "invalid literal for int() with base %d: %.*s", base,
                       (int)MIN(shown.len, sizeof(d->error->message)), (char *)shown.data);
}

/* An int as LONG, GET and PUT have it. */
static int read_int(struct decoder *d, const char *text, size_t len, int base, struct sm_value *ret)
{
    struct digits digits;
    int r = scan_int(d, text, len, base, &digits);

    if (r == 0 && too_many_digits(&digits))
        return decode_fail(d, "ValueError",
                           "Exceeds the limit (%d digits) for integer string conversion: value has "
                           "%zu digits; use sys.set_int_max_str_digits() to increase the limit",
                           LIMIT_INT_DIGITS, digits.len);
    if (r == 0)
        r = int_from_digits(d, &digits, ret);
    return r == DIGITS_NONE ? fail_literal(d, text, len, digits.zero_first ? 0 : digits.base) : r;
}

int decode_long_text(struct decoder *d)
{
    struct sm_value v;
    const char *text;
    size_t len;
    int r = take_filled_line(d, &text, &len);

    if (r < 0)
        return r;
    /* Without the L the newline is what int() is given last; it tells so in its errors. */
    r = read_int(d, text, text[len - 1] == 'L' ? len - 1 : len + 1, 0, &v);
    return r < 0 ? r : decode_push(d, v);
}

/* A memo index. */
static int read_index(struct decoder *d, const char *text, size_t len, int64_t *ret)
{
    struct sm_value v;
    int r = read_int(d, text, len + 1, 10, &v);

    if (r < 0)
        return r;
    if (v.kind != SM_KIND_INT)
        return decode_fail(d, "OverflowError", "Python int too large to convert to C ssize_t");
    *ret = v.integer;
    return 0;
}

int decode_get(struct decoder *d)
{
    const char *text;
    size_t len;
    int64_t index;
    int r = take_filled_line(d, &text, &len);

    if (r < 0)
        return r;
    r = read_index(d, text, len, &index);
    return r < 0 ? r : decode_get_index(d, index);
}

int decode_put(struct decoder *d)
{
    const char *text;
    size_t len;
    int64_t index;
    int r = take_filled_line(d, &text, &len);

    if (r == 0)
        r = decode_need(d, 1);
    if (r < 0)
        return r;
    r = read_index(d, text, len, &index);
    if (r < 0)
        return r;
    if (index < 0)
        return decode_fail(d, "ValueError", "negative PUT argument");
    return decode_put_index(d, (size_t)index);
}

static size_t skip_digits(const char *text, size_t at, size_t len)
{
    while (at < len && text[at] >= '0' && text[at] <= '9')
        at++;
    return at;
}

/* How much of the text is a float; 0: none of it. */
static size_t scan_float(const char *text, size_t len)
{
    static const char *const names[] = {"infinity", "inf", "nan"};
    size_t start = len && (text[0] == '-' || text[0] == '+');
    size_t whole, fraction, exponent;

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        size_t n = strlen(names[i]);

        if (len - start >= n && strncasecmp(text + start, names[i], n) == 0)
            return start + n;
    }
    fraction = whole = skip_digits(text, start, len);
    if (whole < len && text[whole] == '.')
        fraction = skip_digits(text, whole + 1, len);
    if (whole == start && fraction <= whole + 1)
        return 0;
    if (fraction < len && (text[fraction] | 0x20) == 'e') {
        size_t sign = fraction + 1;

        sign += sign < len && (text[sign] == '-' || text[sign] == '+');
        exponent = skip_digits(text, sign, len);
        if (exponent > sign)
            return exponent;
    }
    return fraction;
}

static void free_locale_at(locale_t *locale)
{
    if (*locale)
        freelocale(*locale);
}

/* strtod() with a point, whatever locale the program has set. */
static int parse_float(struct decoder *d, const char *text, size_t len, double *ret)
{
    locale_t c_locale CLEANUP(free_locale_at) = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    char *copy = arena_copy(&d->tree->arena, text, len);

    if (!c_locale || !copy)
        return -ENOMEM;
    *ret = strtod_l(copy, NULL, c_locale);
    return 0;
}

int decode_float_text(struct decoder *d)
{
    const char *text;
    size_t len, good;
    double number;
    int r = take_filled_line(d, &text, &len);

    if (r < 0)
        return r;
    good = scan_float(text, len);
    if (!good) {
        r = decode_utf8(d, (const uint8_t *)text, len);
        return r < 0 ? r
                     : decode_fail(d, "ValueError", "could not convert string to float: '%.*s\n'",
                                   (int)utf8_whole(text, MIN(len, (size_t)160)), text);
    }
    if (good < len)
        return decode_fail(d, "ValueError", "could not convert string to float");
    r = parse_float(d, text, len, &number);
    if (r < 0)
        return r;
    if (isinf(number) && digit(text[len - 1]) < 10)
        return decode_fail(d, "OverflowError", "value too large to convert to float: '%.*s\n'",
                           (int)utf8_whole(text, MIN(len, (size_t)160)), text);
    return decode_push(d, sm_float(number));
}
