/* SPDX-License-Identifier: MIT */
/*
 * Numbers, text and bytes of the binary protocols. Text and bytes stay where they are: the value
 * points into the pickle.
 */
#include "pickle/decode.h"

#include "pickle/opcodes.h"
#include "value/number.h"

#include <inttypes.h>
#include <string.h>

int decode_none(struct decoder *d)
{
    return decode_push(d, sm_none());
}

int decode_newtrue(struct decoder *d)
{
    return decode_push(d, sm_bool(true));
}

int decode_newfalse(struct decoder *d)
{
    return decode_push(d, sm_bool(false));
}

/* The longest opcode of a number of fixed size, with its argument. */
#define NUMBER_SIZE 9

static double read_double(const uint8_t *bytes)
{
    uint64_t bits = 0;
    double number;

    for (size_t i = 0; i < sizeof(bits); i++)
        bits = bits << 8 | bytes[i];
    memcpy(&number, &bits, sizeof(number));
    return number;
}

/* The number that begins here; returns its size in the pickle, or 0 when something else does. */
static inline size_t read_number(const uint8_t *next, struct sm_value *ret)
{
    switch (*next) {
    case BININT1:
        *ret = sm_int(next[1]);
        return 2;
    case BININT2:
        *ret = sm_int(next[1] | next[2] << 8);
        return 3;
    case BININT:
        *ret = sm_int((int32_t)(next[1] | next[2] << 8 | next[3] << 16 | (uint32_t)next[4] << 24));
        return 5;
    case BINFLOAT:
        *ret = sm_float(read_double(next + 1));
        return NUMBER_SIZE;
    default:
        return 0;
    }
}

/* A number, and those behind it: long lists are made of them, and a call for each takes longer. */
static int push_numbers(struct decoder *d, struct sm_value first)
{
    int r = decode_push(d, first);
    size_t len = d->stack_len;

    while (r == 0 && len < d->stack_cap && d->end - d->next >= NUMBER_SIZE) {
        size_t size = read_number(d->next, &d->stack[len]);

        if (!size)
            break;
        d->next += size;
        len++;
    }
    d->stack_len = len;
    return r;
}

int decode_binint(struct decoder *d)
{
    uint64_t number;
    int r = decode_number(d, 4, &number);

    return r < 0 ? r : push_numbers(d, sm_int((int32_t)number));
}

int decode_binint1(struct decoder *d)
{
    uint64_t number;
    int r = decode_number(d, 1, &number);

    return r < 0 ? r : push_numbers(d, sm_int((int64_t)number));
}

int decode_binint2(struct decoder *d)
{
    uint64_t number;
    int r = decode_number(d, 2, &number);

    return r < 0 ? r : push_numbers(d, sm_int((int64_t)number));
}

static int push_long(struct decoder *d, size_t len)
{
    const uint8_t *bytes;
    int r = decode_take(d, len, &bytes);

    return r < 0 ? r : decode_push(d, number_from_bytes(bytes, len));
}

int decode_long1(struct decoder *d)
{
    uint64_t len;
    int r = decode_number(d, 1, &len);

    return r < 0 ? r : push_long(d, len);
}

int decode_long4(struct decoder *d)
{
    uint64_t len;
    int r = decode_number(d, 4, &len);

    if (r < 0)
        return r;
    if (len > INT32_MAX)
        return decode_unpickling_error(d, "LONG pickle has negative byte count");
    return push_long(d, len);
}

int decode_binfloat(struct decoder *d)
{
    const uint8_t *bytes;
    int r = decode_take(d, sizeof(double), &bytes);

    return r < 0 ? r : push_numbers(d, sm_float(read_double(bytes)));
}

/* Text or bytes whose length is a number of `width` bytes; `what` is CPython's name for them. */
static int take_counted(struct decoder *d, size_t width, const char *what, const uint8_t **ret,
                        size_t *ret_len)
{
    uint64_t len;
    int r = decode_number(d, width, &len);

    if (r < 0)
        return r;
    if (len > INT64_MAX)
        return decode_fail(d, "OverflowError",
                           "%s exceeds system's maximum size of %" PRId64 " bytes", what,
                           INT64_MAX);
    *ret_len = len;
    return decode_take(d, len, ret);
}

int decode_push_ascii(struct decoder *d, const uint8_t *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] & 0x80)
            return decode_fail(d, "UnicodeDecodeError",
                               "'ascii' codec can't decode byte 0x%02x in position %zu: "
                               "ordinal not in range(128)",
                               text[i], i);
    }
    return decode_push(d, sm_strn((const char *)text, len));
}

static int push_string(struct decoder *d, size_t width)
{
    const uint8_t *text;
    size_t len;
    int r = take_counted(d, width, "BINSTRING", &text, &len);

    return r < 0 ? r : decode_push_ascii(d, text, len);
}

int decode_binstring(struct decoder *d)
{
    return push_string(d, 4);
}

int decode_short_binstring(struct decoder *d)
{
    return push_string(d, 1);
}

static int push_bytes(struct decoder *d, size_t width, const char *what, enum sm_kind kind)
{
    const uint8_t *bytes;
    size_t len;
    int r = take_counted(d, width, what, &bytes, &len);

    return r < 0 ? r : decode_push(d, (struct sm_value){.kind = kind, .bytes = bytes, .len = len});
}

int decode_binbytes(struct decoder *d)
{
    return push_bytes(d, 4, "BINBYTES", SM_KIND_BYTES);
}

int decode_short_binbytes(struct decoder *d)
{
    return push_bytes(d, 1, "BINBYTES", SM_KIND_BYTES);
}

int decode_binbytes8(struct decoder *d)
{
    return push_bytes(d, 8, "BINBYTES", SM_KIND_BYTES);
}

int decode_bytearray8(struct decoder *d)
{
    return push_bytes(d, 8, "BYTEARRAY8", SM_KIND_BYTEARRAY);
}

static int push_text(struct decoder *d, size_t width)
{
    const uint8_t *text;
    size_t len;
    int r = take_counted(d, width, "BINUNICODE", &text, &len);

    if (r == 0)
        r = decode_utf8(d, text, len);
    return r < 0 ? r : decode_push(d, sm_strn((const char *)text, len));
}

int decode_binunicode(struct decoder *d)
{
    return push_text(d, 4);
}

/* Most text is short and ASCII. */
int decode_short_binunicode(struct decoder *d)
{
    size_t left = (size_t)(d->end - d->next), len = left ? d->next[0] : 0;
    const char *text;

    if (left <= len || !decode_is_ascii(d->next + 1, len))
        return push_text(d, 1);
    text = (const char *)d->next + 1;
    d->next += 1 + len;
    return decode_push(d, sm_strn(text, len));
}

int decode_binunicode8(struct decoder *d)
{
    return push_text(d, 8);
}
