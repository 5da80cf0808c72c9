/* SPDX-License-Identifier: MIT */
/*
 * How much work a pickle is, told by its opcodes: text and bytes are skipped, however long. Opcodes
 * whose arguments end with a line take a while to skip, and no large pickle of today has them: they
 * count as many.
 */
#include "pickle/pickle.h"

#include "pickle/opcodes.h"

/* The bytes behind an opcode: so many, or a number of so many bytes that counts what follows it. */
#define FIXED(n) (1 + (n))
#define COUNTED(n) (0x80 | (n))

static const uint8_t forms[256] = {
    [MARK] = FIXED(0),
    [EMPTY_TUPLE] = FIXED(0),
    [STOP] = FIXED(0),
    [POP] = FIXED(0),
    [POP_MARK] = FIXED(0),
    [DUP] = FIXED(0),
    [NONE] = FIXED(0),
    [REDUCE] = FIXED(0),
    [EMPTY_LIST] = FIXED(0),
    [APPEND] = FIXED(0),
    [BUILD] = FIXED(0),
    [DICT] = FIXED(0),
    [APPENDS] = FIXED(0),
    [LIST] = FIXED(0),
    [SETITEM] = FIXED(0),
    [TUPLE] = FIXED(0),
    [SETITEMS] = FIXED(0),
    [EMPTY_DICT] = FIXED(0),
    [NEWOBJ] = FIXED(0),
    [NEWOBJ_EX] = FIXED(0),
    [TUPLE1] = FIXED(0),
    [TUPLE2] = FIXED(0),
    [TUPLE3] = FIXED(0),
    [NEWTRUE] = FIXED(0),
    [NEWFALSE] = FIXED(0),
    [EMPTY_SET] = FIXED(0),
    [ADDITEMS] = FIXED(0),
    [FROZENSET] = FIXED(0),
    [STACK_GLOBAL] = FIXED(0),
    [MEMOIZE] = FIXED(0),
    [BININT1] = FIXED(1),
    [BINGET] = FIXED(1),
    [BINPUT] = FIXED(1),
    [PROTO] = FIXED(1),
    [BININT2] = FIXED(2),
    [BININT] = FIXED(4),
    [LONG_BINGET] = FIXED(4),
    [LONG_BINPUT] = FIXED(4),
    [BINFLOAT] = FIXED(8),
    [FRAME] = FIXED(8),
    [LONG1] = COUNTED(1),
    [SHORT_BINBYTES] = COUNTED(1),
    [SHORT_BINSTRING] = COUNTED(1),
    [SHORT_BINUNICODE] = COUNTED(1),
    [LONG4] = COUNTED(4),
    [BINBYTES] = COUNTED(4),
    [BINSTRING] = COUNTED(4),
    [BINUNICODE] = COUNTED(4),
    [BINBYTES8] = COUNTED(8),
    [BINUNICODE8] = COUNTED(8),
    [BYTEARRAY8] = COUNTED(8),
};

/* How many bytes the piece takes that begins here, if it is all there. */
static uint64_t piece_len(const uint8_t *data, size_t len, uint8_t form)
{
    size_t width = form & 0x7f;
    uint64_t n = 0;

    if (!(form & 0x80))
        return form;
    for (size_t i = 0; i < width && 1 + i < len; i++)
        n |= (uint64_t)data[1 + i] << (8 * i);
    return n > len ? len : 1 + width + n;
}

bool pickle_has_many(const uint8_t *data, size_t len, size_t many)
{
    for (size_t pieces = 0; len; pieces++) {
        uint64_t n;

        if (!forms[data[0]] || pieces > many)
            return true;
        n = piece_len(data, len, forms[data[0]]);
        if (n >= len)
            return false;
        data += n;
        len -= n;
    }
    return false;
}
