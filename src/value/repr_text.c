/* SPDX-License-Identifier: MIT */
/* repr() of str, bytes and float, letter for letter as Python has them. */
#include "value/repr_walk.h"

#include "base/utf8.h"
#include "value/number.h"
#include "value/numpy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unictype.h>

/* Double quotes only where that saves escaping. */
static char choose_quote(const void *text, size_t len)
{
    return len && memchr(text, '\'', len) && !memchr(text, '"', len) ? '"' : '\'';
}

static bool printable(uint32_t code)
{
    const uint32_t unprintable = UC_CATEGORY_MASK_C | UC_CATEGORY_MASK_Z;

    return !uc_is_general_category_withtable(code, unprintable);
}

/* What is escaped alike in str and bytes; false: nothing was done. */
static bool escape_ascii(struct buffer *out, uint32_t code, char quote)
{
    const char *letters = "\tt\nn\rr";

    for (const char *pair = letters; *pair; pair += 2) {
        if ((uint32_t)*pair == code) {
            buffer_addf(out, "\\%c", pair[1]);
            return true;
        }
    }
    if (code == '\\' || code == (uint32_t)quote)
        buffer_addf(out, "\\%c", (int)code);
    else if (code < ' ' || code == 0x7f)
        buffer_addf(out, "\\x%02x", (unsigned)code);
    else
        return false;
    return true;
}

#define RUN_MAX 4096

/* Whether a byte stands for itself in every str and bytes. */
static bool plain(uint8_t byte, char quote)
{
    return byte >= ' ' && byte < 0x7f && byte != '\\' && byte != (uint8_t)quote;
}

/* The bytes from `at` on that stand for themselves; no more at a time than are soon looked at. */
static size_t plain_run(const void *text, size_t len, size_t at, char quote)
{
    size_t end = at;

    len = MIN(len, at + RUN_MAX);
    while (end < len && plain(((const uint8_t *)text)[end], quote))
        end++;
    return end - at;
}

void repr_text(struct buffer *out, const char *text, size_t len)
{
    char quote = choose_quote(text, len);
    size_t at = 0;

    buffer_add_byte(out, (uint8_t)quote);
    while (at < len && !out->failed) {
        size_t run = plain_run(text, len, at, quote);
        size_t start;
        uint32_t code;

        buffer_add(out, text + at, run);
        at += run;
        if (at == len || run == RUN_MAX)
            continue;
        start = at;
        code = utf8_next(text, len, &at);
        if (escape_ascii(out, code, quote))
            continue;
        if (printable(code))
            buffer_add(out, text + start, at - start);
        else
            buffer_addf(out,
                        code < 0x100     ? "\\x%02x"
                        : code < 0x10000 ? "\\u%04x"
                                         : "\\U%08x",
                        (unsigned)code);
    }
    buffer_add_byte(out, (uint8_t)quote);
}

void repr_bytes(struct buffer *out, const uint8_t *bytes, size_t len)
{
    char quote = choose_quote(bytes, len);

    buffer_addf(out, "b%c", quote);
    for (size_t at = 0; at < len && !out->failed;) {
        size_t run = plain_run(bytes, len, at, quote);

        buffer_add(out, bytes + at, run);
        at += run;
        if (at == len || run == RUN_MAX)
            continue;
        if (!escape_ascii(out, bytes[at], quote))
            buffer_addf(out, "\\x%02x", bytes[at]);
        at++;
    }
    buffer_add_byte(out, (uint8_t)quote);
}

#define DIGITS_MAX 17  /* enough to tell any two floats apart */
#define DIGITS_KEPT 15 /* a float keeps so many, whatever they are */

/* A float in decimal: 0.d1d2d3... times 10 to the power of `point`. */
struct decimal {
    char digits[DIGITS_MAX + 1];
    int len;
    int point;
};

/* Take apart what "%e" made; the byte between the digits is the locale's. */
static struct decimal take_apart(const char *text)
{
    struct decimal d = {0};
    const char *c = text;

    for (; *c != 'e'; c++) {
        if (*c >= '0' && *c <= '9')
            d.digits[d.len++] = *c;
    }
    d.point = atoi(c + 1) + 1;
    while (d.len > 1 && d.digits[d.len - 1] == '0')
        d.digits[--d.len] = '\0';
    return d;
}

/* The last of the digits in "%e" text, counted up by one; false when that carries. */
static bool next_up(char *text)
{
    char *last = strchr(text, 'e') - 1;

    if (*last == '9')
        return false;
    ++*last;
    return true;
}

/*
 * Most floats that people write have few digits, and are found without printf() and strtod(): a
 * whole number below 2^53 divided by a power of ten below 10^23 is what its digits read back as,
 * both being exact and the quotient rounded once. Returns whether the number is such.
 */
static bool has_few_digits(double number, int exponent, struct decimal *ret)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    int places = DIGITS_KEPT - (int)floor(exponent * 0.30103); /* or one too many */
    double whole;
    uint64_t digits;

    places -= number * powers[places] >= 1e15;
    whole = rint(number * powers[places]);
    if (whole / powers[places] != number)
        return false;
    *ret = (struct decimal){.point = -places};
    for (digits = (uint64_t)whole; digits % 10 == 0; digits /= 10)
        ret->point++;
    for (uint64_t rest = digits; rest; rest /= 10)
        ret->len++;
    for (int i = ret->len; i-- > 0; digits /= 10)
        ret->digits[i] = (char)('0' + digits % 10);
    ret->point += ret->len;
    return true;
}

/*
 * The fewest digits that read back as the same number, in a float of so many bytes. The correctly
 * rounded ones are these, but for powers of two: the floats below one lie closer than those above,
 * so that the digits next up can be near enough where the nearest, which lie below, are not.
 * Numbers near zero have less precision, and so have narrow floats: they may need fewer digits than
 * any float of Python's is sure to keep.
 */
static struct decimal shortest(double number, size_t size)
{
    struct decimal few;
    char text[40];
    int exponent;
    bool power_of_two = frexp(number, &exponent) == 0.5;
    int least = size < sizeof(number) || number < 0x1p-1022 ? 1 : DIGITS_KEPT;

    if (size == sizeof(number) && number >= 1e-7 && number < 1e15) {
        if (has_few_digits(number, exponent, &few))
            return few;
        least++;
    }
    for (int n = least; n < DIGITS_MAX; n++) {
        snprintf(text, sizeof(text), "%.*e", n - 1, number);
        if (numpy_narrow(strtod(text, NULL), size) == number)
            return take_apart(text);
        if (power_of_two && next_up(text) && numpy_narrow(strtod(text, NULL), size) == number)
            return take_apart(text);
    }
    snprintf(text, sizeof(text), "%.*e", DIGITS_MAX - 1, number);
    return take_apart(text);
}

static void add_zeros(struct buffer *out, int n)
{
    for (int i = 0; i < n; i++)
        buffer_add_byte(out, '0');
}

static void print_fixed(struct buffer *out, const struct decimal *d)
{
    int whole = MIN(MAX(d->point, 0), d->len); /* digits before the point */

    buffer_add(out, d->digits, (size_t)whole);
    add_zeros(out, whole ? d->point - whole : 1);
    buffer_add_byte(out, '.');
    add_zeros(out, -d->point);
    buffer_add(out, d->digits + whole, (size_t)(d->len - whole));
    if (whole == d->len)
        buffer_add_byte(out, '0');
}

static void print_exponent(struct buffer *out, const struct decimal *d)
{
    buffer_add_byte(out, (uint8_t)d->digits[0]);
    if (d->len > 1) {
        buffer_add_byte(out, '.');
        buffer_add(out, d->digits + 1, (size_t)d->len - 1);
    }
    buffer_addf(out, "e%+03d", d->point - 1);
}

void repr_narrow_float(struct buffer *out, double number, size_t size)
{
    struct decimal d;

    if (isnan(number)) {
        buffer_add_str(out, "nan");
        return;
    }
    if (signbit(number))
        buffer_add_byte(out, '-');
    number = fabs(number);
    if (isinf(number)) {
        buffer_add_str(out, "inf");
    } else if (number == 0 ||
               (size == sizeof(number) && number < 0x1p53 && number == floor(number))) {
        number_print_int(out, sm_int((int64_t)number));
        buffer_add_str(out, ".0");
    } else {
        d = shortest(number, size);
        if (number >= 1e-4 && number < 1e16)
            print_fixed(out, &d);
        else
            print_exponent(out, &d);
    }
}

void repr_float(struct buffer *out, double number)
{
    repr_narrow_float(out, number, sizeof(number));
}
