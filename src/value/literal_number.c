/* SPDX-License-Identifier: MIT */
/*
 * Numbers of a literal: ints in every base and of any size, floats, and complex numbers as the
 * sum that Python writes them as.
 */
#include "value/literal.h"

#include "base/limits.h"
#include "value/number.h"

#include <ctype.h>
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>

bool literal_at_number(const struct literal *l)
{
    char c = literal_peek(l, 0);

    return isdigit((uint8_t)c) || c == '-' || c == '+' ||
           (c == '.' && isdigit((uint8_t)literal_peek(l, 1)));
}

static unsigned digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned)(c - 'a') + 10;
    if (c >= 'A' && c <= 'F')
        return (unsigned)(c - 'A') + 10;
    return 99;
}

/* Append a run of digits, without its underscores. They stand between digits only. */
static int take_digits(struct literal *l, unsigned base, struct buffer *digits)
{
    for (bool after_digit = false;; l->at++) {
        char c = literal_peek(l, 0);

        if (digit_value(c) < base) {
            buffer_add_byte(digits, (uint8_t)c);
            after_digit = true;
        } else if (c == '_' && after_digit && digit_value(literal_peek(l, 1)) < base) {
            after_digit = false;
        } else {
            break;
        }
    }
    if (literal_peek(l, 0) == '_')
        return literal_fail(l, l->at, "misplaced underscore in a number");
    return digits->failed ? -ENOMEM : 0;
}

/* Digits as a two's complement integer in the tree. The number of digits is bounded. */
static int build_int(struct literal *l, const struct buffer *digits, unsigned base, bool minus,
                     struct sm_value *ret)
{
    size_t room = digits->len / 2 + 2; /* half a byte a digit, and the sign */
    uint8_t *bytes = (uint8_t *)arena_alloc(&l->tree->arena, room);
    size_t used = 0;
    unsigned carry;

    if (!bytes)
        return -ENOMEM;
    memset(bytes, 0, room);
    for (size_t i = 0; i < digits->len; i++) {
        carry = digit_value((char)digits->data[i]);
        for (size_t k = 0; k < used || carry; k++) {
            carry += bytes[k] * base;
            bytes[k] = (uint8_t)carry;
            carry >>= 8;
            used = MAX(used, k + 1);
        }
    }
    carry = 1;
    for (size_t i = 0; i < room && minus; i++) {
        carry += (uint8_t)~bytes[i];
        bytes[i] = (uint8_t)carry;
        carry >>= 8;
    }
    *ret = number_from_bytes(bytes, room);
    return 0;
}

static int build_float(const struct buffer *text, bool minus, struct sm_value *ret)
{
    locale_t plain = newlocale(LC_NUMERIC_MASK, "C", NULL);
    double number;

    if (!plain)
        return -ENOMEM;
    number = strtod_l((const char *)text->data, NULL, plain);
    freelocale(plain);
    *ret = sm_float(minus ? -number : number);
    return 0;
}

/* 'x', 'o' or 'b' after a 0, or decimal. */
static unsigned take_base(struct literal *l)
{
    unsigned base = 10;

    if (literal_peek(l, 0) != '0')
        return base;
    switch (tolower((uint8_t)literal_peek(l, 1))) {
    case 'x':
        base = 16;
        break;
    case 'o':
        base = 8;
        break;
    case 'b':
        base = 2;
        break;
    default:
        return base;
    }
    l->at += 2;
    if (literal_peek(l, 0) == '_')
        l->at++;
    return base;
}

/* What may follow the digits before the point. *ret_whole is left as it is when nothing does. */
static int take_fraction(struct literal *l, struct buffer *text, bool *ret_whole)
{
    int r = 0;

    if (literal_peek(l, 0) == '.') {
        *ret_whole = false;
        buffer_add_byte(text, '.');
        l->at++;
        r = isdigit((uint8_t)literal_peek(l, 0)) ? take_digits(l, 10, text) : 0;
    }
    if (r == 0 && tolower((uint8_t)literal_peek(l, 0)) == 'e') {
        *ret_whole = false;
        buffer_add_byte(text, 'e');
        l->at++;
        if (literal_peek(l, 0) == '-' || literal_peek(l, 0) == '+')
            buffer_add_byte(text, (uint8_t)l->text[l->at++]);
        if (!isdigit((uint8_t)literal_peek(l, 0)))
            return literal_fail(l, l->at, "expected the digits of an exponent");
        r = take_digits(l, 10, text);
    }
    return r;
}

static bool leads_with_zero(const struct buffer *digits)
{
    for (size_t i = 0; i < digits->len; i++) {
        if (digits->data[i] != '0')
            return digits->data[0] == '0';
    }
    return false;
}

static int real_number(struct literal *l, bool minus, struct buffer *text, struct sm_value *ret)
{
    size_t start = l->at;
    unsigned base = take_base(l);
    bool whole = true;
    int r;

    r = take_digits(l, base, text);
    if (r < 0)
        return r;
    if (base == 10)
        r = take_fraction(l, text, &whole);
    else if (text->len == 0)
        return literal_fail(l, l->at, "expected a digit");
    if (r < 0)
        return r;
    buffer_add_byte(text, '\0');
    if (text->failed)
        return -ENOMEM;
    text->len--;
    if (!whole || tolower((uint8_t)literal_peek(l, 0)) == 'j')
        return build_float(text, minus, ret);
    if (base == 10 && leads_with_zero(text))
        return literal_fail(l, start, "leading zeros are not permitted; use 0o for octal");
    if (text->len > LIMIT_INT_DIGITS)
        return literal_fail(l, start, "too many digits in an integer");
    return build_int(l, text, base, minus, ret);
}

bool literal_at_special_float(const struct literal *l)
{
    const char *here = l->text + l->at;
    char after = literal_peek(l, 3);

    return l->len - l->at >= 3 && (memcmp(here, "inf", 3) == 0 || memcmp(here, "nan", 3) == 0) &&
           (after == 'j' || !isalnum((uint8_t)after));
}

/* Signs and a number; *ret_imaginary when a j follows. */
static int signed_number(struct literal *l, struct sm_value *ret, bool *ret_imaginary)
{
    CLEANUP(buffer_deinit) struct buffer text = {0};
    bool minus = false;
    int r = 0;

    while (literal_peek(l, 0) == '-' || literal_peek(l, 0) == '+') {
        minus ^= literal_peek(l, 0) == '-';
        l->at++;
        literal_skip_space(l);
    }
    if (literal_at_special_float(l)) {
        double special = literal_peek(l, 0) == 'i' ? INFINITY : NAN;

        *ret = sm_float(minus ? -special : special);
        l->at += 3;
    } else if (literal_at_number(l)) {
        r = real_number(l, minus, &text, ret);
    } else {
        r = literal_fail(l, l->at, "expected a number");
    }
    if (r < 0)
        return r;
    *ret_imaginary = tolower((uint8_t)literal_peek(l, 0)) == 'j';
    l->at += *ret_imaginary;
    if (isalnum((uint8_t)literal_peek(l, 0)))
        return literal_fail(l, l->at, "unexpected character in a number");
    return 0;
}

static int build_complex(struct literal *l, double real, double imaginary, struct sm_value *ret)
{
    struct sm_value callable, args;
    int r;

    r = tree_global(l->tree, "builtins", "complex", &callable);
    if (r == 0)
        r = tree_items(l->tree, SM_KIND_TUPLE, 2, &args);
    if (r < 0)
        return r;
    args.items->item[0] = sm_float(real);
    args.items->item[1] = sm_float(imaginary);
    return tree_object(l->tree, SM_MAKE_NEW, callable, args, ret);
}

/* The float that a real number is. */
static double as_float(struct sm_value v)
{
    double number = 0;

    if (v.kind == SM_KIND_FLOAT)
        return v.number;
    if (v.kind == SM_KIND_INT)
        return (double)v.integer;
    for (size_t i = v.len; i-- > 0;)
        number = number * 256 + (i == v.len - 1 ? (int8_t)v.bytes[i] : v.bytes[i]);
    return number;
}

int literal_number(struct literal *l, struct sm_value *ret)
{
    struct sm_value first, second;
    bool imaginary;
    size_t end;
    int r;

    r = signed_number(l, &first, &imaginary);
    if (r < 0)
        return r;
    if (imaginary)
        return build_complex(l, 0, as_float(first), ret);
    end = l->at;
    literal_skip_space(l);
    if (literal_peek(l, 0) != '-' && literal_peek(l, 0) != '+') {
        l->at = end;
        *ret = first;
        return 0;
    }
    r = signed_number(l, &second, &imaginary);
    if (r < 0)
        return r;
    if (!imaginary)
        return literal_fail(l, end, "only the two parts of a complex number can be added");
    return build_complex(l, as_float(first), as_float(second), ret);
}
