/* SPDX-License-Identifier: MIT */
/*
 * numpy pickles a scalar as scalar(dtype('i8', False, True), bytes), and the dtype's state after
 * that, which has the byte order. All of it is looked at before anything is read: a recipe with
 * anything unusual in it is left to whoever has numpy.
 */
#include "value/numpy.h"

#include "base/utf8.h"
#include "value/known.h"
#include "value/number.h"

#include <errno.h>
#include <math.h>

#define BIG_ENDIAN_HERE (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
#define UNICODE_MAX 0x10ffff

enum { DTYPE_VERSION = 3, DTYPE_STATE_LEN = 8, CODE_DIGITS_MAX = 9 };

/* The places of what is looked at in the state. */
enum { STATE_VERSION, STATE_ORDER, STATE_SUBTYPE, STATE_NAMES, STATE_FIELDS, STATE_SIZE };

static bool is_small(struct sm_value v)
{
    return v.kind == SM_KIND_BOOL || v.kind == SM_KIND_INT;
}

static bool is_int(struct sm_value v, int64_t expected)
{
    return v.kind == SM_KIND_INT && v.integer == expected;
}

static bool is_none(struct sm_value v)
{
    return v.kind == SM_KIND_NONE;
}

/* "i8", "U12": the kind, and how many; of text in characters. */
static bool read_code(struct sm_value code, struct numpy *ret)
{
    size_t size = 0;

    if (code.kind != SM_KIND_STR || code.len < 2 || code.len > 1 + CODE_DIGITS_MAX)
        return false;
    for (size_t i = 1; i < code.len; i++) {
        if (code.text[i] < '0' || code.text[i] > '9')
            return false;
        size = size * 10 + (size_t)(code.text[i] - '0');
    }
    ret->kind = code.text[0];
    ret->size = ret->kind == 'U' ? size * sizeof(uint32_t) : size;
    return true;
}

static bool is_size_of(char kind, size_t size)
{
    switch (kind) {
    case 'b':
        return size == 1;
    case 'i':
    case 'u':
        return size == 1 || size == 2 || size == 4 || size == 8;
    case 'f':
        return size == 2 || size == 4 || size == 8;
    case 'c':
        return size == 8 || size == 16;
    default:
        return kind == 'U' || kind == 'S';
    }
}

static bool read_order(struct sm_value order, struct numpy *ret)
{
    bool one = ret->kind == 'b' || ret->kind == 'S' || ret->size == 1;

    if (order.kind != SM_KIND_STR || order.len != 1)
        return false;
    ret->swapped = order.text[0] == (BIG_ENDIAN_HERE ? '<' : '>');
    return order.text[0] == '<' || order.text[0] == '>' || (order.text[0] == '|' && one);
}

static bool read_state(const struct sm_object *dtype, struct numpy *ret)
{
    const struct sm_value *state;
    bool text = ret->kind == 'U' || ret->kind == 'S';

    if (dtype->steps_len != 1 || dtype->steps[0].kind != SM_STEP_STATE ||
        dtype->steps[0].value.kind != SM_KIND_TUPLE ||
        dtype->steps[0].value.items->len != DTYPE_STATE_LEN)
        return false;
    state = dtype->steps[0].value.items->item;
    return is_int(state[STATE_VERSION], DTYPE_VERSION) && read_order(state[STATE_ORDER], ret) &&
           is_none(state[STATE_SUBTYPE]) && is_none(state[STATE_NAMES]) &&
           is_none(state[STATE_FIELDS]) &&
           is_int(state[STATE_SIZE], text ? (int64_t)ret->size : -1);
}

static bool read_dtype(struct sm_value dtype, struct numpy *ret)
{
    const struct sm_items *args = value_made_by(dtype, "numpy", "dtype");

    return args && args->len == 3 && dtype.object->make == SM_MAKE_CALL &&
           is_small(args->item[1]) && is_small(args->item[2]) && read_code(args->item[0], ret) &&
           is_size_of(ret->kind, ret->size) && read_state(dtype.object, ret);
}

bool numpy_read(struct sm_value v, struct numpy *ret)
{
    const struct sm_items *args = value_made_by(v, "numpy._core.multiarray", "scalar");
    struct numpy scalar = {.since_2 = args};

    if (!args)
        args = value_made_by(v, "numpy.core.multiarray", "scalar");
    if (!args || args->len != 2 || v.object->make != SM_MAKE_CALL || v.object->steps_len ||
        args->item[1].kind != SM_KIND_BYTES || !read_dtype(args->item[0], &scalar) ||
        args->item[1].len != scalar.size)
        return false;
    scalar.bytes = args->item[1].bytes;
    if (scalar.kind == 'b' && scalar.bytes[0] > 1)
        return false;
    *ret = scalar;
    return true;
}

/* A part of so many bytes, up to eight, in this machine's order. */
static uint64_t bits_of(const struct numpy *scalar, size_t at, size_t size)
{
    bool big = BIG_ENDIAN_HERE != scalar->swapped;
    uint64_t bits = 0;

    for (size_t i = 0; i < size; i++)
        bits = bits << 8 | scalar->bytes[at + (big ? i : size - 1 - i)];
    return bits;
}

/* A half float: a sign, five bits of exponent, ten of fraction. */
static double half(uint64_t bits)
{
    int exponent = (int)(bits >> 10 & 31);
    double fraction = (double)(bits & 1023);
    double number;

    if (exponent == 31)
        number = fraction != 0 ? NAN : INFINITY;
    else
        number = ldexp(exponent ? fraction + 1024 : fraction, (exponent ? exponent : 1) - 25);
    return bits >> 15 ? -number : number;
}

/* Bytes of a float, or of a part of a complex number; 0: it is neither. */
static size_t float_size(const struct numpy *scalar)
{
    return scalar->kind == 'c' ? scalar->size / 2 : scalar->kind == 'f' ? scalar->size : 0;
}

double numpy_float(const struct numpy *scalar, size_t part)
{
    size_t size = float_size(scalar);
    uint64_t bits = bits_of(scalar, part * size, size);
    uint32_t narrow_bits = (uint32_t)bits;
    float narrow;
    double number;

    switch (size) {
    case 2:
        return half(bits);
    case sizeof(narrow):
        memcpy(&narrow, &narrow_bits, sizeof(narrow));
        return narrow;
    default:
        memcpy(&number, &bits, sizeof(number));
        return number;
    }
}

bool numpy_is_nan(const struct numpy *scalar)
{
    return float_size(scalar) && (isnan(numpy_float(scalar, 0)) ||
                                  (scalar->kind == 'c' && isnan(numpy_float(scalar, 1))));
}

double numpy_narrow(double number, size_t size)
{
    int exponent;
    double unit;

    if (size == sizeof(float))
        return (float)number;
    if (size != 2 || !isfinite(number) || number == 0)
        return number;
    frexp(number, &exponent);
    unit = ldexp(1, MAX(exponent - 11, -24)); /* between two neighbours */
    number = nearbyint(number / unit) * unit;
    return fabs(number) > 65504 ? copysign(INFINITY, number) : number;
}

struct sm_value numpy_type_name(const struct numpy *scalar)
{
    static const struct {
        char kind;
        size_t size; /* 0: whatever it is */
        const char *name;
    } names[] = {
        {'i', 1, "numpy.int8"},        {'i', 2, "numpy.int16"},   {'i', 4, "numpy.int32"},
        {'i', 8, "numpy.int64"},       {'u', 1, "numpy.uint8"},   {'u', 2, "numpy.uint16"},
        {'u', 4, "numpy.uint32"},      {'u', 8, "numpy.uint64"},  {'f', 2, "numpy.float16"},
        {'f', 4, "numpy.float32"},     {'f', 8, "numpy.float64"}, {'c', 8, "numpy.complex64"},
        {'c', 16, "numpy.complex128"}, {'U', 0, "numpy.str_"},    {'S', 0, "numpy.bytes_"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (names[i].kind == scalar->kind && (!names[i].size || names[i].size == scalar->size))
            return sm_str(names[i].name);
    }
    return sm_str(scalar->since_2 ? "numpy.bool" : "numpy.bool_");
}

/* Characters of four bytes each, without those that fill the room they had. */
static int plain_text(struct tree *tree, const struct numpy *scalar, struct sm_value *ret)
{
    size_t len = scalar->size / sizeof(uint32_t);
    size_t filled = 0;
    char *text;

    while (len && bits_of(scalar, (len - 1) * sizeof(uint32_t), sizeof(uint32_t)) == 0)
        len--;
    text = arena_alloc(&tree->arena, len * UTF8_MAX + 1);
    if (!text)
        return -ENOMEM;
    for (size_t i = 0; i < len; i++) {
        uint64_t c = bits_of(scalar, i * sizeof(uint32_t), sizeof(uint32_t));

        if (c > UNICODE_MAX)
            return 0;
        filled += utf8_encode((uint32_t)c, text + filled);
    }
    *ret = sm_strn(text, filled);
    return 1;
}

/* One past 63 bits has a byte more than it came with. */
static int plain_int(struct tree *tree, const struct numpy *scalar, struct sm_value *ret)
{
    uint64_t bits = bits_of(scalar, 0, scalar->size);
    unsigned unused = 64 - 8 * (unsigned)scalar->size;
    uint8_t *bytes;

    if (scalar->kind == 'i') {
        *ret = sm_int((int64_t)(bits << unused) >> unused);
        return 1;
    }
    if (bits <= INT64_MAX) {
        *ret = sm_int((int64_t)bits);
        return 1;
    }
    bytes = arena_alloc(&tree->arena, sizeof(bits) + 1);
    if (!bytes)
        return -ENOMEM;
    for (size_t i = 0; i < sizeof(bits); i++)
        bytes[i] = (uint8_t)(bits >> (8 * i));
    bytes[sizeof(bits)] = 0;
    *ret = sm_bigint(bytes, sizeof(bits) + 1);
    return 1;
}

int numpy_plain(struct tree *tree, const struct numpy *scalar, struct sm_value *ret)
{
    size_t len = scalar->size;

    switch (scalar->kind) {
    case 'b':
        *ret = sm_bool(scalar->bytes[0]);
        return 1;
    case 'i':
    case 'u':
        return plain_int(tree, scalar, ret);
    case 'f':
        *ret = sm_float(numpy_float(scalar, 0));
        return 1;
    case 'U':
        return plain_text(tree, scalar, ret);
    case 'S':
        while (len && scalar->bytes[len - 1] == 0)
            len--;
        *ret = sm_bytes(scalar->bytes, len);
        return 1;
    default:
        return NUMPY_COMPLEX;
    }
}

/* An int as a float; one of more than 64 bits stays what it is. */
static struct sm_value as_float(struct sm_value v)
{
    uint64_t bits = 0;

    switch (v.kind) {
    case SM_KIND_BOOL:
        return sm_float(v.boolean);
    case SM_KIND_INT:
        return sm_float((double)v.integer);
    case SM_KIND_BIGINT:
        if (v.len != sizeof(bits) + 1 || v.bytes[sizeof(bits)])
            return v;
        for (size_t i = sizeof(bits); i-- > 0;)
            bits = bits << 8 | v.bytes[i];
        return sm_float((double)bits);
    default:
        return v;
    }
}

static void round_to(const struct numpy *scalar, struct sm_value *other)
{
    if (scalar->since_2 && float_size(scalar) && other->kind == SM_KIND_FLOAT)
        other->number = numpy_narrow(other->number, float_size(scalar));
}

void numpy_round(struct sm_value a, struct sm_value b, struct sm_value *plain_a,
                 struct sm_value *plain_b)
{
    struct numpy x, y;
    bool is_x = numpy_read(a, &x), is_y = numpy_read(b, &y);

    if (!(is_x || is_y) || !value_is_number(*plain_a) || !value_is_number(*plain_b) ||
        (plain_a->kind != SM_KIND_FLOAT && plain_b->kind != SM_KIND_FLOAT))
        return;
    *plain_a = as_float(*plain_a);
    *plain_b = as_float(*plain_b);
    if (is_x && !is_y)
        round_to(&x, plain_b);
    if (is_y && !is_x)
        round_to(&y, plain_a);
}
