/* SPDX-License-Identifier: MIT */
/*
 * Exact rational numbers, by OpenSSL's integers: Decimal('0.1') == Fraction(1, 10), and neither is
 * the float 0.1. Each number has one form: the int, else the float, else the lowest terms, so that
 * equality and hashes of forms are those of the numbers.
 */
#include "value/rational.h"

#include "base/limits.h"
#include "value/number.h"
#include "value/plain.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <openssl/bn.h>
#include <stdlib.h>

#define CLASS "rational"
#define EXPONENT_MAX LIMIT_INT_DIGITS

struct rational {
    BIGNUM *num, *den; /* owned */
    BN_CTX *ctx;       /* owned: OpenSSL's scratch */
};

static void rational_deinit(struct rational *q)
{
    BN_free(q->num);
    BN_free(q->den);
    BN_CTX_free(q->ctx);
}

static bool rational_init(struct rational *q)
{
    q->num = BN_new();
    q->den = BN_new();
    q->ctx = BN_CTX_new();
    return q->num && q->den && q->ctx && BN_one(q->den);
}

static void bn_freep(BIGNUM **n)
{
    BN_free(*n);
}

/* n as an int in the tree. */
static int int_in_tree(struct tree *tree, const BIGNUM *n, struct sm_value *ret)
{
    size_t len = (size_t)BN_num_bytes(n) + 1;
    uint8_t *bytes = arena_alloc(&tree->arena, len);
    unsigned carry = 1;

    if (!bytes || BN_bn2lebinpad(n, bytes, (int)len) < 0)
        return -ENOMEM;
    for (size_t i = 0; BN_is_negative(n) && i < len; i++) {
        carry += (uint8_t)~bytes[i];
        bytes[i] = (uint8_t)carry;
        carry >>= 8;
    }
    *ret = number_from_bytes(bytes, len);
    return 0;
}

/* Euclid's way takes quadratic time, 7 to 14 ms for two of 14,000 bits. */
#define BITS_SQUARED_A_STEP 512

/* OpenSSL's own takes as long for small numbers as for large ones, to tell nothing of keys. */
static bool greatest_common_divisor(struct rational *q, BIGNUM *ret)
{
    CLEANUP(bn_freep) BIGNUM *rest = BN_dup(q->num);

    if (!rest || !BN_copy(ret, q->den))
        return false;
    while (!BN_is_zero(rest)) {
        if (!BN_mod(ret, ret, rest, q->ctx))
            return false;
        BN_swap(ret, rest);
    }
    BN_set_negative(ret, 0);
    return true;
}

static bool reduce(struct rational *q)
{
    CLEANUP(bn_freep) BIGNUM *divisor = BN_new();

    return divisor && greatest_common_divisor(q, divisor) &&
           BN_div(q->num, NULL, q->num, divisor, q->ctx) &&
           BN_div(q->den, NULL, q->den, divisor, q->ctx);
}

/* The float that equals q in lowest terms, if there is one. */
static bool exact_float(const struct rational *q, double *ret)
{
    int shift = BN_num_bits(q->den) - 1;
    double number;

    if (BN_num_bits(q->num) > 53 || shift > 1074)
        return false;
    for (int i = 0; i < shift; i++) {
        if (BN_is_bit_set(q->den, i))
            return false;
    }
    number = ldexp((double)BN_get_word(q->num), -shift);
    if (ldexp(number, shift) != (double)BN_get_word(q->num))
        return false;
    *ret = BN_is_negative(q->num) ? -number : number;
    return true;
}

static int rational_form(struct tree *tree, struct rational *q, struct sm_value *ret)
{
    struct sm_value *part;
    struct sm_value form;
    double number;
    size_t bits;
    int r;

    bits = (size_t)BN_num_bits(q->num) + (size_t)BN_num_bits(q->den);
    tree->walked += bits * bits / BITS_SQUARED_A_STEP;
    if (!reduce(q))
        return -ENOMEM;
    if (BN_is_one(q->den)) {
        r = int_in_tree(tree, q->num, ret);
        return r < 0 ? r : 1;
    }
    if (exact_float(q, &number)) {
        *ret = sm_float(number);
        return 1;
    }
    r = plain_tuple(tree, CLASS, 2, &part, &form);
    if (r == 0)
        r = int_in_tree(tree, q->num, &part[0]);
    if (r == 0)
        r = int_in_tree(tree, q->den, &part[1]);
    if (r < 0)
        return r;
    *ret = form;
    return 1;
}

/* Decimal digits, `len` of them, which may be none; returns 1, 0 or -ENOMEM. */
static int read_digits(const char *text, size_t len, BIGNUM **n)
{
    char digits[LIMIT_INT_DIGITS + 1];
    size_t kept = 0;

    for (size_t i = 0; i < len; i++) {
        if (text[i] == '.')
            continue;
        if (!isdigit((uint8_t)text[i]) || kept == LIMIT_INT_DIGITS)
            return 0;
        digits[kept++] = text[i];
    }
    if (!kept)
        return 0;
    digits[kept] = '\0';
    return BN_dec2bn(n, digits) ? 1 : -ENOMEM;
}

static int scale(struct rational *q, long exponent)
{
    CLEANUP(bn_freep) BIGNUM *ten = BN_new();
    CLEANUP(bn_freep) BIGNUM *power = BN_new();
    BIGNUM *scaled = exponent < 0 ? q->den : q->num;

    if (labs(exponent) > EXPONENT_MAX)
        return 0;
    if (!ten || !power || !BN_set_word(ten, 10) || !BN_set_word(power, (BN_ULONG)labs(exponent)) ||
        !BN_exp(power, ten, power, q->ctx) || !BN_mul(scaled, scaled, power, q->ctx))
        return -ENOMEM;
    return 1;
}

/* An exponent's digits behind the 'E', or nothing. */
static bool read_exponent(const char *text, size_t len, long *ret)
{
    char copy[16];

    *ret = 0;
    if (!len)
        return true;
    if (len == 1 || len > sizeof(copy))
        return false;
    memcpy(copy, text + 1, len - 1);
    copy[len - 1] = '\0';
    *ret = atol(copy);
    return true;
}

/* What Decimal's str() gives: -1.50E+3, Infinity, NaN. */
static int decimal_form(struct tree *tree, const char *text, size_t len, struct sm_value *ret)
{
    CLEANUP(rational_deinit) struct rational q = {0};
    bool minus = len && *text == '-';
    const char *e, *point;
    size_t coefficient;
    long exponent;
    int r;

    text += minus;
    len -= minus;
    if (len == 8 && memcmp(text, "Infinity", 8) == 0) {
        *ret = sm_float(minus ? -INFINITY : INFINITY);
        return 1;
    }
    if (len >= 3 && memcmp(text, "NaN", 3) == 0) {
        *ret = sm_float(NAN);
        return 1;
    }
    e = len ? memchr(text, 'E', len) : NULL;
    coefficient = e ? (size_t)(e - text) : len;
    point = coefficient ? memchr(text, '.', coefficient) : NULL;
    if (!read_exponent(text + coefficient, len - coefficient, &exponent))
        return 0;
    if (point)
        exponent -= (long)(text + coefficient - point - 1);
    if (!rational_init(&q))
        return -ENOMEM;
    r = read_digits(text, coefficient, &q.num);
    if (r <= 0)
        return r;
    BN_set_negative(q.num, minus);
    r = BN_is_zero(q.num) ? 1 : scale(&q, exponent);
    return r <= 0 ? r : rational_form(tree, &q, ret);
}

int rational_from_decimal(struct tree *tree, const struct sm_items *args, struct sm_value *ret)
{
    if (args->len != 1 || args->item[0].kind != SM_KIND_STR)
        return 0;
    return decimal_form(tree, args->item[0].text, args->item[0].len, ret);
}

static int set_int(BIGNUM **n, struct sm_value v)
{
    if (!value_is_int(v) || (v.kind == SM_KIND_BIGINT && v.len > LIMIT_INT_DIGITS))
        return 0;
    BN_free(*n);
    *n = number_to_bn(v);
    return *n ? 1 : -ENOMEM;
}

/* Fraction('1/2'), as up to 3.11, or Fraction(1, 2). */
int rational_from_fraction(struct tree *tree, const struct sm_items *args, struct sm_value *ret)
{
    CLEANUP(rational_deinit) struct rational q = {0};
    int r = 0;

    if (!rational_init(&q))
        return -ENOMEM;
    if (args->len == 2) {
        r = set_int(&q.num, args->item[0]);
        if (r > 0)
            r = set_int(&q.den, args->item[1]);
    } else if (args->len == 1 && args->item[0].kind == SM_KIND_STR) {
        const char *text = args->item[0].text;
        size_t len = args->item[0].len;
        const char *bar = len ? memchr(text, '/', len) : NULL;
        bool minus = len && *text == '-';
        size_t num_len = bar ? (size_t)(bar - text) : len;

        r = read_digits(text + minus, num_len - minus, &q.num);
        if (r > 0 && bar)
            r = read_digits(bar + 1, len - num_len - 1, &q.den);
        BN_set_negative(q.num, minus);
    }
    if (r <= 0 || BN_is_zero(q.den) || BN_is_negative(q.den))
        return r < 0 ? r : 0;
    return rational_form(tree, &q, ret);
}

bool rational_is(struct sm_value v)
{
    return value_is_number(v) || plain_parts(v, CLASS);
}

/* A float in its own terms. It must be finite. */
static bool set_float(struct rational *q, double number)
{
    int exponent;
    double mantissa = ldexp(frexp(fabs(number), &exponent), 53);

    exponent -= 53;
    if (!BN_set_word(q->num, (BN_ULONG)mantissa))
        return false;
    BN_set_negative(q->num, number < 0);
    return exponent < 0 ? BN_set_bit(q->den, -exponent) && BN_clear_bit(q->den, 0)
                        : BN_lshift(q->num, q->num, exponent);
}

static bool rational_read(struct rational *q, struct sm_value v)
{
    const struct sm_value *part = plain_parts(v, CLASS);

    if (!rational_init(q))
        return false;
    if (v.kind == SM_KIND_FLOAT)
        return set_float(q, v.number);
    BN_free(q->num);
    q->num = number_to_bn(part ? part[0] : v);
    if (part) {
        BN_free(q->den);
        q->den = number_to_bn(part[1]);
    }
    return q->num && q->den;
}

int rational_compare(struct sm_value a, struct sm_value b)
{
    CLEANUP(rational_deinit) struct rational p = {0};
    CLEANUP(rational_deinit) struct rational q = {0};

    if (value_is_number(a) && value_is_number(b))
        return number_compare(a, b);
    if (a.kind == SM_KIND_FLOAT && !isfinite(a.number))
        return number_compare(a, sm_int(0));
    if (b.kind == SM_KIND_FLOAT && !isfinite(b.number))
        return number_compare(sm_int(0), b);
    if (!rational_read(&p, a) || !rational_read(&q, b) || !BN_mul(p.num, p.num, q.den, p.ctx) ||
        !BN_mul(q.num, q.num, p.den, p.ctx))
        return RATIONAL_FAILED;
    return BN_cmp(p.num, q.num);
}
