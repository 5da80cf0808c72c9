/* SPDX-License-Identifier: MIT */
/*
 * float and complex. A float's exact value is its 53-bit fraction times a power of two, which
 * as_integer_ratio() and hex() show.
 */
#include "object/answer.h"
#include "object/clinic.h"
#include "scalar/plain.h"
#include "scalar/scalar.h"
#include "value/known.h"
#include "value/number.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

static bool float_self(struct object *self, struct call *call, double *ret)
{
    struct sm_value v;

    if (!plain_value(self, call, &v))
        return false;
    *ret = v.number;
    return true;
}

static void float_conjugate(struct object *self, struct call *call)
{
    double x;

    if (float_self(self, call, &x))
        call_return(call, sm_float(x));
}

static void float_is_integer(struct object *self, struct call *call)
{
    double x;

    if (float_self(self, call, &x))
        call_return_bool(call, isfinite(x) && x == floor(x));
}

/* 2 ** power */
static struct sm_value power_of_two(unsigned power, uint8_t room[NUMBER_WHOLE_SIZE])
{
    memset(room, 0, NUMBER_WHOLE_SIZE);
    room[power / 8] = (uint8_t)(1 << power % 8);
    return number_from_bytes(room, NUMBER_WHOLE_SIZE);
}

static void float_as_integer_ratio(struct object *self, struct call *call)
{
    uint8_t room[NUMBER_WHOLE_SIZE];
    int64_t fraction;
    int exponent;
    double x;

    if (!float_self(self, call, &x))
        return;
    if (isnan(x)) {
        call_raise(call, "ValueError", "cannot convert NaN to integer ratio");
        return;
    }
    if (isinf(x)) {
        call_raise(call, "OverflowError", "cannot convert Infinity to integer ratio");
        return;
    }
    if (x == floor(x)) {
        call_return(call, SM_TUPLE(number_whole(x, room), sm_int(1)));
        return;
    }
    fraction = (int64_t)ldexp(frexp(x, &exponent), 53);
    exponent -= 53;
    while (fraction % 2 == 0) {
        fraction /= 2;
        exponent++;
    }
    call_return(call, SM_TUPLE(sm_int(fraction), power_of_two((unsigned)-exponent, room)));
}

static void float_hex(struct object *self, struct call *call)
{
    const char *sign;
    uint64_t bits, fraction;
    int exponent;
    char text[40];
    double x;

    if (!float_self(self, call, &x))
        return;
    memcpy(&bits, &x, sizeof(bits));
    sign = signbit(x) && !isnan(x) ? "-" : "";
    fraction = bits & ((UINT64_C(1) << 52) - 1);
    exponent = (int)(bits >> 52 & 0x7ff);
    if (isnan(x))
        snprintf(text, sizeof(text), "nan");
    else if (isinf(x))
        snprintf(text, sizeof(text), "%sinf", sign);
    else if (x == 0)
        snprintf(text, sizeof(text), "%s0x0.0p+0", sign);
    else
        snprintf(text, sizeof(text), "%s0x%d.%013llxp%+d", sign, exponent > 0,
                 (unsigned long long)fraction, exponent > 0 ? exponent - 1023 : -1022);
    call_return(call, sm_str(text));
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static const char *skip_space(const char *p)
{
    while (is_space(*p))
        p++;
    return p;
}

static const char *skip_digits(const char *p, const char *digits)
{
    return p + strspn(p, digits);
}

/* The end of the number that Python's grammar sees at p, after the sign and 0x; NULL: none. */
static const char *hex_end(const char *p)
{
    static const char hex[] = "0123456789abcdefABCDEF";
    const char *end = skip_digits(p, hex), *exponent;
    size_t digits = (size_t)(end - p);

    if (*end == '.') {
        const char *fraction = end + 1;

        end = skip_digits(fraction, hex);
        digits += (size_t)(end - fraction);
    }
    if (!digits)
        return NULL;
    if (*end != 'p' && *end != 'P')
        return end;
    exponent = end + 1;
    exponent += *exponent == '+' || *exponent == '-';
    end = skip_digits(exponent, "0123456789");
    return end > exponent ? end : NULL;
}

/* Why a text is not a hexadecimal number. */
enum hex {
    HEX_MALFORMED = 1,
    HEX_TOO_LARGE,
};

/* Returns 0, an enum hex, or -ENOMEM. The C library rounds as Python does: half to even. */
static int parse_digits(const char *p, const char *end, double *ret)
{
    char *text = NULL;

    if (asprintf(&text, "0x%.*s", (int)(end - p), p) < 0)
        return -ENOMEM;
    *ret = strtod(text, NULL);
    free(text);
    return isinf(*ret) ? HEX_TOO_LARGE : 0;
}

static int parse_hex(const char *p, const char *end, double *ret)
{
    bool negative;
    int r = 0;

    p = skip_space(p);
    negative = *p == '-';
    p += *p == '-' || *p == '+';
    if (strncasecmp(p, "nan", 3) == 0) {
        *ret = NAN;
        p += 3;
    } else if (strncasecmp(p, "inf", 3) == 0) {
        *ret = INFINITY;
        p += strncasecmp(p, "infinity", 8) == 0 ? 8 : 3;
    } else {
        const char *number;

        p += p[0] == '0' && (p[1] == 'x' || p[1] == 'X') ? 2 : 0;
        number = p;
        p = hex_end(number);
        if (!p)
            return HEX_MALFORMED;
        r = parse_digits(number, p, ret);
    }
    if (skip_space(p) != end)
        return HEX_MALFORMED;
    if (negative)
        *ret = -*ret;
    return r;
}

static void float_fromhex(struct object *self, struct call *call)
{
    struct sm_value v = call->arg[0];
    const char *text;
    double x = 0;
    int r;

    (void)self;
    if (v.kind != SM_KIND_STR) {
        call_raise(call, "TypeError", "bad argument type for built-in operation");
        return;
    }
    if (!clinic_check_utf8(call, v))
        return;
    text = arena_copy(&call->tree->arena, v.text, v.len);
    r = text ? parse_hex(text, text + v.len, &x) : -ENOMEM;
    if (r == HEX_MALFORMED)
        call_raise(call, "ValueError", "invalid hexadecimal floating-point string");
    else if (r == HEX_TOO_LARGE)
        call_raise(call, "OverflowError", "hexadecimal value too large to represent as a float");
    else if (r < 0)
        call_raise_errno(call, r);
    else
        call_return(call, sm_float(x));
}

/* No int of more bytes is a float. */
#define FLOAT_BYTES 129

static bool raise_too_large(struct call *call)
{
    call_raise(call, "OverflowError", "int too large to convert to float");
    return false;
}

/* A big int as the nearest float: its digits in hexadecimal, which the C library rounds. */
static bool big_to_float(struct call *call, struct sm_value v, double *ret)
{
    struct buffer text CLEANUP(buffer_deinit) = {0};
    bool negative = v.bytes[v.len - 1] & 0x80;
    uint8_t *bytes = arena_alloc(&call->tree->arena, v.len);
    unsigned carry = 1;

    for (size_t i = 0; bytes && i < v.len; i++) {
        unsigned byte = negative ? (v.bytes[i] ^ 0xffU) + carry : v.bytes[i];

        bytes[i] = (uint8_t)byte;
        carry = byte >> 8;
    }
    buffer_add_str(&text, negative ? "-0x" : "0x");
    for (size_t i = v.len; bytes && i--;)
        buffer_addf(&text, "%02x", bytes[i]);
    buffer_add_byte(&text, 0);
    if (!bytes || text.failed) {
        call_raise_errno(call, -ENOMEM);
        return false;
    }
    *ret = strtod((char *)text.data, NULL);
    if (isfinite(*ret))
        return true;
    return raise_too_large(call);
}

static bool take_real(struct call *call, struct sm_value v, double *ret)
{
    if (v.kind == SM_KIND_BIGINT)
        return v.len > FLOAT_BYTES ? raise_too_large(call) : big_to_float(call, v, ret);
    if (v.kind == SM_KIND_FLOAT)
        *ret = v.number;
    else if (v.kind == SM_KIND_INT)
        *ret = (double)v.integer;
    else if (v.kind == SM_KIND_BOOL)
        *ret = v.boolean;
    else
        call_raise(call, "TypeError", "must be real number, not %s", call_type_name(call, v));
    return !call->answered;
}

static void float_from_number(struct object *self, struct call *call)
{
    double x;

    (void)self;
    if (take_real(call, call->arg[0], &x))
        call_return(call, sm_float(x));
}

static void return_complex(struct call *call, struct sm_value real, struct sm_value imag)
{
    struct sm_value type, args, v;
    int r = tree_global(call->tree, "builtins", "complex", &type);

    if (r == 0)
        r = tree_items(call->tree, SM_KIND_TUPLE, 2, &args);
    if (r == 0) {
        args.items->item[0] = real;
        args.items->item[1] = imag;
        r = tree_object(call->tree, SM_MAKE_CALL, type, args, &v);
    }
    if (r < 0)
        call_raise_errno(call, r);
    else
        call_return(call, v);
}

static void complex_conjugate(struct object *self, struct call *call)
{
    const struct sm_items *parts;
    struct sm_value v;

    if (!plain_value(self, call, &v))
        return;
    parts = value_made_by(v, "builtins", "complex");
    return_complex(call, parts->item[0], sm_float(-parts->item[1].number));
}

static void complex_from_number(struct object *self, struct call *call)
{
    struct sm_value v = call->arg[0];
    double x;

    (void)self;
    if (value_made_by(v, "builtins", "complex"))
        call_return(call, v);
    else if (take_real(call, v, &x))
        return_complex(call, sm_float(x), sm_float(0));
}

static const struct method float_methods[] = {
    {"as_integer_ratio", float_as_integer_ratio, {SIGNATURE_NONE}},
    {"conjugate", float_conjugate, {SIGNATURE_NONE}},
    {"from_number", float_from_number, {SIGNATURE_ONE, {""}, 1}, .since = 14},
    {"fromhex", float_fromhex, {SIGNATURE_ONE, {""}, 1}},
    {"hex", float_hex, {SIGNATURE_NONE}},
    {"is_integer", float_is_integer, {SIGNATURE_NONE}},
    {0},
};

const struct object_type float_type = {
    .name = "float",
    PLAIN_TYPE_FIELDS,
    .methods = float_methods,
};

static const struct method complex_methods[] = {
    {"conjugate", complex_conjugate, {SIGNATURE_NONE}},
    {"from_number", complex_from_number, {SIGNATURE_ONE, {""}, 1}, .since = 14},
    {0},
};

const struct object_type complex_type = {
    .name = "complex",
    PLAIN_TYPE_FIELDS,
    .methods = complex_methods,
};
