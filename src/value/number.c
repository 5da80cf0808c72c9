/* SPDX-License-Identifier: MIT */
/*
 * Numbers are compared as the exact values they stand for. A float is taken apart into the integer
 * below it and whether a fraction is left, so that every comparison is one of integers: converting
 * the integer to a float instead would make 2**53 + 1 equal to 2.0**53.
 */
#include "value/number.h"

#include "base/limits.h"
#include "base/map.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#define MANTISSA_BITS 53

static bool negative(struct sm_value bigint)
{
    return bigint.bytes[bigint.len - 1] & 0x80;
}

struct sm_value number_from_bytes(const uint8_t *bytes, size_t len)
{
    uint64_t small;

    while (len > 1 && bytes[len - 1] == (bytes[len - 2] & 0x80 ? 0xff : 0))
        len--;
    if (len > sizeof(small)) {
        return (struct sm_value){.kind = SM_KIND_BIGINT, .bytes = bytes, .len = len};
    }
    small = len && bytes[len - 1] & 0x80 ? UINT64_MAX : 0;
    for (size_t i = len; i-- > 0;)
        small = small << 8 | bytes[i];
    return sm_int((int64_t)small);
}

struct sm_value number_whole(double whole, uint8_t room[NUMBER_WHOLE_SIZE])
{
    uint64_t mantissa;
    int exponent;
    size_t at;

    if (whole >= -0x1p63 && whole < 0x1p63)
        return sm_int((int64_t)whole);
    mantissa = (uint64_t)ldexp(frexp(fabs(whole), &exponent), MANTISSA_BITS);
    exponent -= MANTISSA_BITS;
    at = (size_t)exponent / 8;
    mantissa <<= exponent % 8; /* 53 bits and up to 7 more: it stays within 64 */
    memset(room, 0, NUMBER_WHOLE_SIZE);
    for (size_t i = 0; i < sizeof(mantissa); i++)
        room[at + i] = (uint8_t)(mantissa >> (8 * i));
    if (whole < 0) {
        unsigned carry = 1;

        for (size_t i = 0; i < NUMBER_WHOLE_SIZE; i++) {
            carry += (uint8_t)~room[i];
            room[i] = (uint8_t)carry;
            carry >>= 8;
        }
    }
    return number_from_bytes(room, NUMBER_WHOLE_SIZE);
}

static int compare_bigints(struct sm_value a, struct sm_value b)
{
    int sign = negative(a) ? -1 : 1;

    if (negative(a) != negative(b))
        return sign;
    if (a.len != b.len)
        return a.len > b.len ? sign : -sign;
    for (size_t i = a.len; i-- > 0;) {
        if (a.bytes[i] != b.bytes[i])
            return a.bytes[i] > b.bytes[i] ? 1 : -1;
    }
    return 0;
}

static int64_t small_int(struct sm_value v)
{
    return v.kind == SM_KIND_BOOL ? v.boolean : v.integer;
}

static int compare_ints(struct sm_value a, struct sm_value b)
{
    int64_t m, n;

    if (a.kind == SM_KIND_BIGINT && b.kind == SM_KIND_BIGINT)
        return compare_bigints(a, b);
    if (a.kind == SM_KIND_BIGINT)
        return negative(a) ? -1 : 1;
    if (b.kind == SM_KIND_BIGINT)
        return negative(b) ? 1 : -1;
    m = small_int(a);
    n = small_int(b);
    return (m > n) - (m < n);
}

static int compare_int_to_float(struct sm_value a, double b)
{
    uint8_t room[NUMBER_WHOLE_SIZE];
    double below = floor(b);
    int order;

    if (isnan(b))
        return NUMBER_UNORDERED;
    if (isinf(b))
        return b > 0 ? -1 : 1;
    order = compare_ints(a, number_whole(below, room));
    return order ? order : below < b ? -1 : 0;
}

int number_compare(struct sm_value a, struct sm_value b)
{
    int order;

    if (a.kind != SM_KIND_FLOAT && b.kind != SM_KIND_FLOAT)
        return compare_ints(a, b);
    if (a.kind != SM_KIND_FLOAT)
        return compare_int_to_float(a, b.number);
    if (b.kind != SM_KIND_FLOAT) {
        order = compare_int_to_float(b, a.number);
        return order == NUMBER_UNORDERED ? order : -order;
    }
    if (isunordered(a.number, b.number))
        return NUMBER_UNORDERED;
    return (a.number > b.number) - (a.number < b.number);
}

static uint64_t hash_int(struct sm_value v)
{
    if (v.kind == SM_KIND_BIGINT)
        return map_hash_bytes(v.bytes, v.len);
    return map_hash_int((uint64_t)small_int(v));
}

uint64_t number_hash(struct sm_value v)
{
    uint8_t room[NUMBER_WHOLE_SIZE];
    uint64_t bits;

    if (v.kind != SM_KIND_FLOAT)
        return hash_int(v);
    if (isfinite(v.number) && v.number == floor(v.number))
        return hash_int(number_whole(v.number, room));
    memcpy(&bits, &v.number, sizeof(bits));
    return map_hash_int(bits);
}

static int print_bigint(struct buffer *out, BIGNUM *n)
{
    char *text = BN_bn2dec(n);
    int r = 0;

    if (!text)
        return -ENOMEM;
    if (strlen(text) - BN_is_negative(n) > LIMIT_INT_DIGITS)
        r = -ERANGE;
    else
        buffer_add_str(out, text);
    OPENSSL_free(text);
    return r;
}

/* More bytes than this have more digits than are printed; conversion takes quadratic time. */
#define PRINTED_BYTES_MAX (LIMIT_INT_DIGITS / 2)

static void bn_freep(BIGNUM **n)
{
    BN_free(*n);
}

static BIGNUM *small_to_bn(int64_t n)
{
    CLEANUP(bn_freep) BIGNUM *bn = BN_new();

    if (!bn || !BN_set_word(bn, n < 0 ? -(uint64_t)n : (uint64_t)n))
        return NULL;
    BN_set_negative(bn, n < 0);
    return TAKE_PTR(bn);
}

BIGNUM *number_to_bn(struct sm_value v)
{
    CLEANUP(bn_freep) BIGNUM *n = NULL;
    CLEANUP(bn_freep) BIGNUM *modulus = NULL;

    if (v.kind != SM_KIND_BIGINT)
        return small_to_bn(small_int(v));
    if (v.len > INT_MAX / 8)
        return NULL;
    n = BN_lebin2bn(v.bytes, (int)v.len, NULL);
    modulus = BN_new();
    if (!n || !modulus)
        return NULL;
    if (negative(v) && (!BN_set_bit(modulus, (int)v.len * 8) || !BN_sub(n, n, modulus)))
        return NULL;
    return TAKE_PTR(n);
}

/* Lists are full of these, and printf() takes ten times as long. */
static void print_small(struct buffer *out, int64_t n)
{
    char text[20]; /* a sign and 19 digits */
    char *first = text + sizeof(text);
    uint64_t rest = n < 0 ? -(uint64_t)n : (uint64_t)n;

    do {
        *--first = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (n < 0)
        *--first = '-';
    buffer_add(out, first, (size_t)(text + sizeof(text) - first));
}

int number_print_int(struct buffer *out, struct sm_value v)
{
    CLEANUP(bn_freep) BIGNUM *n = NULL;

    if (v.kind != SM_KIND_BIGINT) {
        print_small(out, small_int(v));
        return 0;
    }
    if (v.len > PRINTED_BYTES_MAX)
        return -ERANGE;
    n = number_to_bn(v);
    return n ? print_bigint(out, n) : -ENOMEM;
}

int number_print_bits(struct buffer *out, struct sm_value v, unsigned bits, bool upper)
{
    const char *letters = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    CLEANUP(bn_freep) BIGNUM *n = number_to_bn(v);
    int places = n ? MAX((BN_num_bits(n) + (int)bits - 1) / (int)bits, 1) : 0;

    for (int i = places; i-- > 0;) {
        unsigned digit = 0;

        for (unsigned bit = bits; bit-- > 0;)
            digit = digit << 1 | (unsigned)BN_is_bit_set(n, i * (int)bits + (int)bit);
        buffer_add_byte(out, (uint8_t)letters[digit]);
    }
    return n ? 0 : -ENOMEM;
}

/* More bytes than this are more than any float can be. */
#define DOUBLE_BYTES_MAX 130

/* The highest eight bytes; what is below them matters only where it decides a tie. */
static double big_to_double(struct sm_value v)
{
    unsigned carry = negative(v);
    uint64_t top = 0;
    bool has_more = false;

    if (v.len > DOUBLE_BYTES_MAX)
        return negative(v) ? -HUGE_VAL : HUGE_VAL;
    for (size_t i = 0; i < v.len; i++) {
        carry += negative(v) ? (uint8_t)~v.bytes[i] : v.bytes[i];
        has_more |= top & 0xff;
        top = top >> 8 | (uint64_t)(carry & 0xff) << 56;
        carry >>= 8;
    }
    return ldexp((negative(v) ? -1.0 : 1.0) * (double)(top | has_more), ((int)v.len - 8) * 8);
}

double number_to_double(struct sm_value v)
{
    if (v.kind == SM_KIND_FLOAT)
        return v.number;
    return v.kind == SM_KIND_BIGINT ? big_to_double(v) : (double)small_int(v);
}

size_t number_to_count(struct sm_value v)
{
    double number = number_to_double(v);

    if (!(number > 0))
        return 0;
    return number >= 0x1p63 ? SIZE_MAX : (size_t)ceil(number);
}
