/* SPDX-License-Identifier: MIT */
/*
 * Items have this machine's sizes and byte order, as in CPython, which is what travels. What does
 * not fit is refused with the words that CPython's conversion of that typecode has.
 */
#include "types/array_item.h"

#include "base/utf8.h"
#include "object/answer.h"
#include "object/ask.h"
#include "value/known.h"
#include "value/number.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>

#define CODE_POINT_MAX 0x10ffff

static bool is_signed(char typecode)
{
    return strchr("bhilq", typecode) != NULL;
}

/* The bits of a whole number of `size` bytes. */
static uint64_t read_bits(const void *item, size_t size)
{
    uint8_t byte;
    uint16_t two;
    uint32_t four;
    uint64_t eight;

    switch (size) {
    case 1:
        memcpy(&byte, item, sizeof(byte));
        return byte;
    case 2:
        memcpy(&two, item, sizeof(two));
        return two;
    case 4:
        memcpy(&four, item, sizeof(four));
        return four;
    default:
        memcpy(&eight, item, sizeof(eight));
        return eight;
    }
}

static void write_bits(void *item, size_t size, uint64_t bits)
{
    uint8_t byte = (uint8_t)bits;
    uint16_t two = (uint16_t)bits;
    uint32_t four = (uint32_t)bits;

    memcpy(item,
           size == 1   ? &byte
           : size == 2 ? (void *)&two
           : size == 4 ? (void *)&four
                       : (void *)&bits,
           size);
}

static struct sm_value get_whole(char typecode, const void *item, uint8_t room[ARRAY_ITEM_ROOM])
{
    size_t size = value_array_item_size(typecode);
    uint64_t bits = read_bits(item, size);
    unsigned unused = 64 - 8 * (unsigned)size;

    if (is_signed(typecode))
        return sm_int((int64_t)(bits << unused) >> unused);
    if (bits <= INT64_MAX)
        return sm_int((int64_t)bits);
    for (size_t i = 0; i < 8; i++)
        room[i] = (uint8_t)(bits >> 8 * i);
    room[8] = 0; /* the sign */
    return (struct sm_value){.kind = SM_KIND_BIGINT, .bytes = room, .len = 9};
}

bool array_item_get(char typecode, const void *item, uint8_t room[ARRAY_ITEM_ROOM],
                    struct sm_value *ret)
{
    uint32_t c;
    float f;
    double d;

    switch (typecode) {
    case 'f':
        memcpy(&f, item, sizeof(f));
        *ret = sm_float((double)f);
        return true;
    case 'd':
        memcpy(&d, item, sizeof(d));
        *ret = sm_float(d);
        return true;
    case 'u':
    case 'w':
        memcpy(&c, item, sizeof(c));
        if (c > CODE_POINT_MAX)
            return false;
        *ret = sm_strn((char *)room, utf8_encode(c, (char *)room));
        return true;
    default:
        *ret = get_whole(typecode, item, room);
        return true;
    }
}

static bool refuse(struct call *call, const char *type, const char *message)
{
    call_raise(call, type, "%s", message);
    return false;
}

static bool refuse_no_integer(struct call *call, char typecode, struct sm_value v)
{
    if (call->python >= 10)
        call_raise(call, "TypeError", "'%s' object cannot be interpreted as an integer",
                   call_type_name(call, v));
    else if (value_made_by(v, "builtins", "complex"))
        call_raise(call, "TypeError", "can't convert complex to int");
    else if (v.kind != SM_KIND_FLOAT)
        call_raise(call, "TypeError", "an integer is required (got type %s)",
                   call_type_name(call, v));
    else
        call_raise(call, "TypeError", "%s",
                   strchr("ILQ", typecode) ? "array item must be integer"
                                           : "integer argument expected, got float");
    return false;
}

/* What a typecode holds, and the words for what it does not, in the order of CPython's checks. */
static const struct range {
    char typecode;
    int64_t min;
    int64_t max;
    const char *below;
    const char *above;
} ranges[] = {
    {'b', SHRT_MIN, SHRT_MAX, "signed short integer is less than minimum",
     "signed short integer is greater than maximum"},
    {'b', SCHAR_MIN, SCHAR_MAX, "signed char is less than minimum",
     "signed char is greater than maximum"},
    {'B', 0, UCHAR_MAX, "unsigned byte integer is less than minimum",
     "unsigned byte integer is greater than maximum"},
    {'h', SHRT_MIN, SHRT_MAX, "signed short integer is less than minimum",
     "signed short integer is greater than maximum"},
    {'H', INT_MIN, INT_MAX, "signed integer is less than minimum",
     "signed integer is greater than maximum"},
    {'H', 0, USHRT_MAX, "unsigned short is less than minimum",
     "unsigned short is greater than maximum"},
    {'i', INT_MIN, INT_MAX, "signed integer is less than minimum",
     "signed integer is greater than maximum"},
    {'I', 0, UINT_MAX, "can't convert negative value to unsigned int",
     "unsigned int is greater than maximum"},
    {'L', 0, INT64_MAX, "can't convert negative value to unsigned int", ""},
    {'Q', 0, INT64_MAX, "can't convert negative int to unsigned", ""},
};

static bool check_range(struct call *call, char typecode, int64_t number)
{
    for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
        const struct range *r = &ranges[i];

        if (r->typecode != typecode)
            continue;
        if (number < r->min)
            return refuse(call, "OverflowError", r->below);
        if (number > r->max)
            return refuse(call, "OverflowError", r->above);
    }
    return true;
}

/* Integers past 64 bits with a sign: unsigned typecodes may still hold them. */
static bool set_big(struct call *call, char typecode, struct sm_value v, void *item)
{
    bool negative = v.bytes[v.len - 1] & 0x80, fits = !negative && v.len == 9 && v.bytes[8] == 0;
    uint64_t bits = 0;

    if (typecode == 'q')
        return refuse(call, "OverflowError", "int too big to convert");
    if (!strchr("ILQ", typecode))
        return refuse(call, "OverflowError", "Python int too large to convert to C long");
    if (negative)
        return check_range(call, typecode, -1);
    if (!fits)
        return refuse(call, "OverflowError",
                      typecode == 'Q' ? "int too big to convert"
                                      : "Python int too large to convert to C unsigned long");
    if (typecode == 'I')
        return check_range(call, typecode, INT64_MAX);
    for (size_t i = 0; i < 8; i++)
        bits |= (uint64_t)v.bytes[i] << 8 * i;
    write_bits(item, sizeof(bits), bits);
    return true;
}

static bool set_whole(struct call *call, char typecode, struct sm_value v, void *item)
{
    int64_t number;

    if (!value_is_int(v))
        return !call_asks(call, v, SM_ASK_ITEM, typecode) && refuse_no_integer(call, typecode, v);
    if (v.kind == SM_KIND_BIGINT)
        return set_big(call, typecode, v, item);
    number = v.kind == SM_KIND_BOOL ? v.boolean : v.integer;
    if (!check_range(call, typecode, number))
        return false;
    write_bits(item, value_array_item_size(typecode), (uint64_t)number);
    return true;
}

/*
 * The double nearest to a big integer, infinite past the largest: its top 64 bits, whose last one
 * stands for all that follows so that a tie is seen as one.
 */
static double big_to_double(struct sm_value v)
{
    bool negative = v.bytes[v.len - 1] & 0x80, rest = false;
    unsigned carry = negative;
    uint64_t top = 0;
    double magnitude;
    int exponent = 0;

    if (v.len > 256)
        return INFINITY;
    for (size_t i = 0; i < v.len; i++) {
        unsigned byte = (negative ? 0xff ^ v.bytes[i] : v.bytes[i]) + carry;

        carry = byte >> 8;
        for (unsigned bit = 0; bit < 8; bit++, exponent++) {
            rest |= top & 1;
            top = top >> 1 | (uint64_t)(byte >> bit & 1) << 63;
        }
    }
    while (!(top >> 63)) {
        top <<= 1;
        exponent--;
    }
    magnitude = ldexp((double)(top | rest), exponent - 64);
    return negative ? -magnitude : magnitude;
}

static bool set_float(struct call *call, char typecode, struct sm_value v, void *item)
{
    double d;
    float f;

    switch (v.kind) {
    case SM_KIND_FLOAT:
        d = v.number;
        break;
    case SM_KIND_INT:
        d = (double)v.integer;
        break;
    case SM_KIND_BOOL:
        d = v.boolean;
        break;
    case SM_KIND_BIGINT:
        d = big_to_double(v);
        if (!isinf(d))
            break;
        return refuse(call, "OverflowError", "int too large to convert to float");
    default:
        if (call_asks(call, v, SM_ASK_ITEM, typecode))
            return false;
        if (call->python < 10 && value_made_by(v, "builtins", "complex"))
            call_raise(call, "TypeError", "can't convert complex to float");
        else
            call_raise(call, "TypeError", "must be real number, not %s", call_type_name(call, v));
        return false;
    }
    f = (float)d;
    if (typecode == 'f')
        memcpy(item, &f, sizeof(f));
    else
        memcpy(item, &d, sizeof(d));
    return true;
}

const char *array_item_name(struct call *call, struct sm_value v)
{
    char text[64];
    const char *copy;
    size_t length = 0;

    if (v.kind != SM_KIND_STR || call->python < 14)
        return call_type_name(call, v);
    for (size_t at = 0; at < v.len; length++)
        utf8_next(v.text, v.len, &at);
    snprintf(text, sizeof(text), "a string of length %zu", length);
    copy = arena_copy(&call->tree->arena, text, strlen(text) + 1);
    return copy ? copy : "a string";
}

static bool set_character(struct call *call, char typecode, struct sm_value v, void *item)
{
    size_t at = 0;
    uint32_t c = 0;

    if (v.kind == SM_KIND_STR && v.len)
        c = utf8_next(v.text, v.len, &at);
    if ((!at || at != v.len) && call_asks(call, v, SM_ASK_ITEM, typecode))
        return false;
    if (!at || at != v.len) {
        if (call->python >= 14)
            call_raise(call, "TypeError", "array item must be a unicode character, not %s",
                       array_item_name(call, v));
        else
            call_raise(call, "TypeError", "array item must be unicode character");
        return false;
    }
    memcpy(item, &c, sizeof(c));
    return true;
}

bool array_item_set(struct call *call, char typecode, struct sm_value v, void *item)
{
    switch (typecode) {
    case 'f':
    case 'd':
        return set_float(call, typecode, v, item);
    case 'u':
    case 'w':
        return set_character(call, typecode, v, item);
    default:
        return set_whole(call, typecode, v, item);
    }
}
