/* SPDX-License-Identifier: MIT */
/* Values that hold no others, each in the shortest form that protocol 4 has for it. */
#include "pickle/encode.h"

#include "pickle/opcodes.h"

#include <errno.h>
#include <math.h>
#include <string.h>

void pickler_number(struct pickler *p, uint64_t number, size_t width)
{
    uint8_t bytes[8];

    for (size_t i = 0; i < width; i++)
        bytes[i] = (uint8_t)(number >> (8 * i));
    buffer_add(p->out, bytes, width);
}

void encode_sized(struct pickler *p, uint8_t byte_op, uint8_t word_op, uint8_t quad_op, uint64_t n)
{
    if (n <= UINT8_MAX && byte_op) {
        pickler_op(p, byte_op);
        pickler_number(p, n, 1);
    } else if (n <= UINT32_MAX) {
        pickler_op(p, word_op);
        pickler_number(p, n, 4);
    } else {
        pickler_op(p, quad_op);
        pickler_number(p, n, 8);
    }
}

static size_t scalar_int(int64_t number, uint8_t *out)
{
    size_t width = number >= 0 && number <= UINT8_MAX           ? 1
                   : number >= 0 && number <= UINT16_MAX        ? 2
                   : number >= INT32_MIN && number <= INT32_MAX ? 4
                                                                : 8;

    if (width < 8) {
        *out++ = width == 1 ? BININT1 : width == 2 ? BININT2 : BININT;
    } else {
        /* The sign must not need the last byte. */
        while (number >> (8 * width - 9) == 0 || number >> (8 * width - 9) == -1)
            width--;
        *out++ = LONG1;
        *out++ = (uint8_t)width;
    }
    for (size_t i = 0; i < width; i++)
        out[i] = (uint8_t)((uint64_t)number >> (8 * i));
    return width + (width > 4 ? 2 : 1);
}

static size_t scalar_float(double number, uint8_t *out)
{
    uint64_t bits;

    memcpy(&bits, &number, sizeof(bits));
    *out++ = BINFLOAT;
    for (size_t i = 0; i < 8; i++)
        out[i] = (uint8_t)(bits >> (56 - 8 * i));
    return 9;
}

size_t encode_scalar(struct sm_value v, uint8_t out[SCALAR_MAX])
{
    switch (v.kind) {
    case SM_KIND_NONE:
        out[0] = NONE;
        return 1;
    case SM_KIND_BOOL:
        out[0] = v.boolean ? NEWTRUE : NEWFALSE;
        return 1;
    case SM_KIND_INT:
        return scalar_int(v.integer, out);
    case SM_KIND_FLOAT:
        return scalar_float(v.number, out);
    default:
        return 0;
    }
}

static void write_scalar(struct pickler *p, struct sm_value v)
{
    size_t len;

    if (buffer_reserve(p->out, SCALAR_MAX) < 0)
        return;
    len = encode_scalar(v, p->out->data + p->out->len);
    if (len == 0)
        p->error = -EINVAL;
    if (p->notes && v.kind == SM_KIND_FLOAT && isnan(v.number))
        p->notes->unequal = true;
    p->out->len += len;
}

static void write_content(struct pickler *p, const void *bytes, size_t len)
{
    struct inserts *inserts = p->inserts;

    if (len < INSERT_MIN || !inserts || inserts->count == INSERTS_MAX) {
        buffer_add(p->out, bytes, len);
        return;
    }
    inserts->insert[inserts->count++] = (struct insert){p->out->len, bytes, len};
    inserts->size += len;
}

static void write_text(struct pickler *p, const char *text, size_t len)
{
    struct buffer *out = p->out;

    if (len <= UINT8_MAX && buffer_has_room(out, len + 2)) { /* as most is */
        out->data[out->len] = SHORT_BINUNICODE;
        out->data[out->len + 1] = (uint8_t)len;
        if (len)
            memcpy(out->data + out->len + 2, text, len);
        out->len += len + 2;
        return;
    }
    encode_sized(p, SHORT_BINUNICODE, BINUNICODE, BINUNICODE8, len);
    write_content(p, text, len);
}

static void write_bytes(struct pickler *p, const uint8_t *bytes, size_t len)
{
    encode_sized(p, SHORT_BINBYTES, BINBYTES, BINBYTES8, len);
    write_content(p, bytes, len);
}

static void write_bytearray(struct pickler *p, struct sm_value v)
{
    write_text(p, "builtins", strlen("builtins"));
    write_text(p, "bytearray", strlen("bytearray"));
    pickler_op(p, STACK_GLOBAL);
    if (v.len) {
        write_bytes(p, v.bytes, v.len);
        pickler_op(p, TUPLE1);
    } else {
        pickler_op(p, EMPTY_TUPLE);
    }
    pickler_op(p, REDUCE);
}

static void write_global(struct pickler *p, const struct sm_global *global)
{
    write_text(p, global->module, global->module_len);
    write_text(p, global->name, global->name_len);
    pickler_op(p, STACK_GLOBAL);
}

void encode_leaf(struct pickler *p, struct sm_value v)
{
    switch (v.kind) {
    case SM_KIND_BIGINT:
        encode_sized(p, LONG1, LONG4, 0, v.len);
        buffer_add(p->out, v.bytes, v.len);
        break;
    case SM_KIND_STR:
        write_text(p, v.text, v.len);
        break;
    case SM_KIND_BYTES:
        write_bytes(p, v.bytes, v.len);
        break;
    case SM_KIND_BYTEARRAY:
        write_bytearray(p, v);
        break;
    case SM_KIND_GLOBAL:
        write_global(p, v.global);
        break;
    default:
        write_scalar(p, v);
    }
}
