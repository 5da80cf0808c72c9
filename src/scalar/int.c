/* SPDX-License-Identifier: MIT */
/*
 * int and bool. What they can do beyond arithmetic is all about their bits, and an int of any size
 * is stored as its bits: two's complement, little-endian. So no big-number arithmetic is needed.
 */
#include "object/answer.h"
#include "object/args.h"
#include "object/clinic.h"
#include "scalar/plain.h"
#include "scalar/scalar.h"
#include "scalar/text.h"
#include "value/known.h"
#include "value/number.h"

#include <errno.h>

/* The bits of an int, without end: beyond its bytes there are only copies of the sign. */
struct bits {
    const uint8_t *bytes;
    size_t len;
    bool negative;
    uint8_t room[8];
};

static bool int_self(struct object *self, struct call *call, struct bits *ret)
{
    struct sm_value v;
    uint64_t n;

    if (!plain_value(self, call, &v))
        return false;
    if (v.kind == SM_KIND_BIGINT) {
        ret->bytes = v.bytes;
        ret->len = v.len;
    } else {
        n = v.kind == SM_KIND_BOOL ? v.boolean : (uint64_t)v.integer;
        for (unsigned i = 0; i < 8; i++)
            ret->room[i] = (uint8_t)(n >> 8 * i);
        ret->bytes = ret->room;
        ret->len = 8;
    }
    ret->negative = ret->bytes[ret->len - 1] & 0x80;
    return true;
}

static uint8_t bits_byte(const struct bits *b, size_t i)
{
    return i < b->len ? b->bytes[i] : b->negative ? 0xff : 0;
}

/* Bytes of the absolute value, from the lowest: a negative one's are inverted, plus one. */
struct magnitude {
    const struct bits *bits;
    size_t at;
    unsigned carry;
};

static uint8_t magnitude_next(struct magnitude *m)
{
    unsigned byte = bits_byte(m->bits, m->at++);

    if (!m->bits->negative)
        return (uint8_t)byte;
    byte = (byte ^ 0xff) + m->carry;
    m->carry = byte >> 8;
    return (uint8_t)byte;
}

static void int_bit_count(struct object *self, struct call *call)
{
    struct bits b;
    struct magnitude m = {.bits = &b, .carry = 1};
    int64_t n = 0;

    if (!int_self(self, call, &b))
        return;
    while (m.at < b.len)
        n += __builtin_popcount(magnitude_next(&m));
    call_return_int(call, n);
}

static void int_bit_length(struct object *self, struct call *call)
{
    struct bits b;
    struct magnitude m = {.bits = &b, .carry = 1};
    int64_t n = 0;

    if (!int_self(self, call, &b))
        return;
    while (m.at < b.len) {
        unsigned byte = magnitude_next(&m);

        if (byte)
            n = (int64_t)m.at * 8 - (__builtin_clz(byte) - 24);
    }
    call_return_int(call, n);
}

/* The value as an int: of a bool too. */
static bool int_value(struct object *self, struct call *call, struct sm_value *ret)
{
    if (!plain_value(self, call, ret))
        return false;
    if (ret->kind == SM_KIND_BOOL)
        *ret = sm_int(ret->boolean);
    return true;
}

static void int_conjugate(struct object *self, struct call *call)
{
    struct sm_value v;

    if (int_value(self, call, &v))
        call_return(call, v);
}

static void int_as_integer_ratio(struct object *self, struct call *call)
{
    struct sm_value v;

    if (int_value(self, call, &v))
        call_return(call, SM_TUPLE(v, sm_int(1)));
}

static void int_is_integer(struct object *self, struct call *call)
{
    (void)self;
    call_return_bool(call, true);
}

/* False: the call has been answered. */
static bool take_byteorder(struct call *call, bool *ret_big)
{
    struct sm_value v = call->arg[1];

    *ret_big = true;
    if (v.kind == SM_KIND_MISSING)
        return true;
    if (v.kind != SM_KIND_STR) {
        clinic_raise_not_str(call, "'byteorder'", v);
        return false;
    }
    *ret_big = v.len == 3 && memcmp(v.text, "big", 3) == 0;
    if (*ret_big || (v.len == 6 && memcmp(v.text, "little", 6) == 0))
        return true;
    call_raise(call, "ValueError", "byteorder must be either 'little' or 'big'");
    return false;
}

/* Both of these have had defaults since 3.11. */
static bool bind(struct object *self, struct call *call, const char *first, uint8_t required_before)
{
    struct signature takes = {
        SIGNATURE_KEYWORDS, {first, "byteorder", "signed"}, required_before, 1};

    if (call->python >= 11)
        takes.required = required_before - (first[0] == 'l' ? 2 : 1);
    return call_bind(call, &takes, self->type->name, call->method->name);
}

static bool check_fits(struct call *call, const struct bits *b, size_t length, bool is_signed)
{
    bool fits = true;

    if (b->negative && !is_signed) {
        call_raise(call, "OverflowError", "can't convert negative int to unsigned");
        return false;
    }
    for (size_t i = length; fits && i < b->len; i++)
        fits = b->bytes[i] == (b->negative ? 0xff : 0);
    if (fits && is_signed && length)
        fits = (bits_byte(b, length - 1) & 0x80) == (b->negative ? 0x80 : 0);
    else if (!length && b->negative && call->python >= 13)
        fits = false; /* -1 of no bytes: the last patch releases of 3.13 are the first to say so */
    if (!fits)
        call_raise(call, "OverflowError", "int too big to convert");
    return fits;
}

static void int_to_bytes(struct object *self, struct call *call)
{
    struct buffer out CLEANUP(buffer_deinit) = {0};
    bool big, is_signed = false;
    int64_t length = 1;
    struct bits b;

    if (!bind(self, call, "length", 2) || !clinic_size(call, call->arg[0], &length) ||
        !take_byteorder(call, &big) || !clinic_flag(call, call->arg[2], false, &is_signed))
        return;
    if (length < 0) {
        call_raise(call, "ValueError",
                   call->python >= 15 ? "length cannot be negative"
                                      : "length argument must be non-negative");
        return;
    }
    if (!text_affordable(call, (size_t)length) || !int_self(self, call, &b) ||
        !check_fits(call, &b, (size_t)length, is_signed))
        return;
    buffer_add_times(&out, b.negative ? "\xff" : "\0", 1, (size_t)length);
    for (size_t i = 0; !out.failed && i < MIN((size_t)length, b.len); i++)
        out.data[big ? (size_t)length - 1 - i : i] = bits_byte(&b, i);
    text_return_buffer(call, SM_KIND_BYTES, &out);
}

static bool byte_of_item(struct call *call, struct sm_value v, uint8_t *ret)
{
    int64_t n;

    if (!call_clamped_int(call, v, &n))
        return false;
    if (n < 0 || n > 255) {
        call_raise(call, "ValueError", "bytes must be in range(0, 256)");
        return false;
    }
    *ret = (uint8_t)n;
    return true;
}

/* What bytes(v) makes of a bytes-like object or an iterable of ints; nothing else will do. */
static bool take_bytes(struct call *call, struct sm_value v, struct buffer *out)
{
    static const struct text bytes = {.kind = SM_KIND_BYTES};
    struct sm_value list;
    struct text t;
    uint8_t byte;

    if (text_of(&bytes, v, &t)) {
        buffer_add(out, t.p, t.len);
        return true;
    }
    if (v.kind == SM_KIND_STR || value_iterate(call->tree, v, &list)) {
        call_raise(call, "TypeError", "cannot convert '%s' object to bytes",
                   call_type_name(call, v));
        return false;
    }
    for (size_t i = 0; i < list.items->len; i++) {
        if (!byte_of_item(call, list.items->item[i], &byte))
            return false;
        buffer_add_byte(out, byte);
    }
    return true;
}

/* bool.from_bytes() makes a bool of the int. */
static void return_as(struct object *self, struct call *call, struct sm_value v)
{
    if (self->type == &bool_type)
        call_return_bool(call, v.kind == SM_KIND_BIGINT || v.integer);
    else
        call_return(call, v);
}

static void int_from_bytes(struct object *self, struct call *call)
{
    struct buffer bytes CLEANUP(buffer_deinit) = {0};
    bool big, is_signed = false;

    if (!bind(self, call, "bytes", 2) || !take_byteorder(call, &big) ||
        !clinic_flag(call, call->arg[2], false, &is_signed) ||
        !take_bytes(call, call->arg[0], &bytes))
        return;
    for (size_t i = 0; big && i < bytes.len / 2; i++) {
        uint8_t byte = bytes.data[i];

        bytes.data[i] = bytes.data[bytes.len - 1 - i];
        bytes.data[bytes.len - 1 - i] = byte;
    }
    if (!is_signed || !bytes.len)
        buffer_add_byte(&bytes, 0);
    if (bytes.failed)
        call_raise_errno(call, -ENOMEM);
    else
        return_as(self, call, number_from_bytes(bytes.data, bytes.len));
}

static const struct method int_methods[] = {
    {"as_integer_ratio", int_as_integer_ratio, {SIGNATURE_NONE}},
    {"bit_count", int_bit_count, {SIGNATURE_NONE}, .since = 10},
    {"bit_length", int_bit_length, {SIGNATURE_NONE}},
    {"conjugate", int_conjugate, {SIGNATURE_NONE}},
    {"from_bytes", int_from_bytes, {SIGNATURE_RAW}},
    {"is_integer", int_is_integer, {SIGNATURE_NONE}, .since = 12},
    {"to_bytes", int_to_bytes, {SIGNATURE_RAW}},
    {0},
};

const struct object_type int_type = {
    .name = "int",
    PLAIN_TYPE_FIELDS,
    .methods = int_methods,
};

const struct object_type bool_type = {
    .name = "bool",
    PLAIN_TYPE_FIELDS,
    .methods = int_methods,
};
