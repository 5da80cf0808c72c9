/* SPDX-License-Identifier: MIT */
/*
 * The stack machine that a pickle is a program for. One function an opcode, in a table; nothing
 * recurses, so that depth costs no stack. A value is built where it stands: a container is a node
 * in the tree from its first opcode on, and whoever fetched it from the memo sees it grow.
 *
 * No memory is taken for what a pickle only claims to hold: lengths are checked against what is
 * left of it. Each byte of a pickle makes at most one value, of a fixed size, so what is built is
 * bounded by the length times a small constant.
 *
 * Errors are those of CPython's C unpickler, as of 3.11.
 */
#include "pickle/decode.h"

#include "base/memory.h"
#include "base/utf8.h"
#include "pickle/opcodes.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void decode_raise(struct decoder *d, const char *type, const char *format, ...)
{
    struct pickle_error *error = d->error;
    size_t last = sizeof(error->message) - 1;
    va_list args;
    int n;

    snprintf(error->type, sizeof(error->type), "%s", type);
    va_start(args, format);
    n = vsnprintf(error->message, sizeof(error->message), format, args);
    va_end(args);
    if (n > (int)last)
        error->message[utf8_whole(error->message, last)] = '\0';
}

int decode_line(struct decoder *d, const char **ret, size_t *ret_len)
{
    const uint8_t *end = memchr(d->next, '\n', (size_t)(d->end - d->next));

    if (!end)
        return decode_unpickling_error(d, "pickle data was truncated");
    *ret = (const char *)d->next;
    *ret_len = (size_t)(end - d->next);
    d->next = end + 1;
    return 0;
}

int decode_underflow(struct decoder *d)
{
    return decode_unpickling_error(d, d->marks_len ? "unexpected MARK found"
                                                   : "unpickling stack underflow");
}

/* Make an array twice as large; `first` is where it began, which is not on the heap. */
static void *grow(void *array, const void *first, size_t *cap, size_t size)
{
    void *grown =
        array == first ? memory_lend(*cap * 2 * size) : memory_lend_more(array, *cap * 2 * size);

    if (!grown)
        return NULL;
    if (array == first)
        memcpy(grown, first, *cap * size);
    *cap *= 2;
    return grown;
}

int decode_grow_stack(struct decoder *d)
{
    struct sm_value *stack = grow(d->stack, d->stack_first, &d->stack_cap, sizeof(*stack));

    if (!stack)
        return -ENOMEM;
    d->stack = stack;
    return 0;
}

int decode_pop(struct decoder *d, struct sm_value *ret)
{
    int r = decode_need(d, 1);

    if (r == 0)
        *ret = d->stack[--d->stack_len];
    return r;
}

int decode_top(struct decoder *d, struct sm_value **ret)
{
    int r = decode_need(d, 1);

    if (r == 0)
        *ret = &d->stack[d->stack_len - 1];
    return r;
}

static int decode_mark(struct decoder *d)
{
    if (d->marks_len == d->marks_cap) {
        size_t *marks = grow(d->marks, d->marks_first, &d->marks_cap, sizeof(*marks));

        if (!marks)
            return -ENOMEM;
        d->marks = marks;
    }
    d->marks[d->marks_len++] = d->stack_len;
    return 0;
}

int decode_pop_mark(struct decoder *d, size_t *ret)
{
    if (!d->marks_len)
        return decode_unpickling_error(d, "could not find MARK");
    *ret = d->marks[--d->marks_len];
    return 0;
}

static int decode_pop_one(struct decoder *d)
{
    struct sm_value dropped;

    if (d->marks_len && decode_fence(d) == d->stack_len) {
        d->marks_len--;
        return 0;
    }
    return decode_pop(d, &dropped);
}

static int decode_pop_to_mark(struct decoder *d)
{
    return decode_pop_mark(d, &d->stack_len);
}

static int decode_proto(struct decoder *d)
{
    uint64_t proto;
    int r = decode_number(d, 1, &proto);

    if (r < 0)
        return r;
    if (proto > PICKLE_PROTOCOL_HIGHEST)
        return decode_fail(d, "ValueError", "unsupported pickle protocol: %d", (int)proto);
    d->proto = (unsigned)proto;
    return 0;
}

/* A frame is a hint to those who read from a file: only that it is all there is checked. */
static int decode_frame(struct decoder *d)
{
    const uint8_t *frame;
    uint64_t len;
    int r = decode_number(d, 8, &len);

    if (r < 0)
        return r;
    if (len > INT64_MAX)
        return decode_fail(d, "OverflowError",
                           "FRAME length exceeds system's maximum of %" PRId64 " bytes", INT64_MAX);
    r = decode_take(d, len, &frame);
    if (r == 0)
        d->next = frame;
    return r;
}

static int decode_stop(struct decoder *d)
{
    int r = decode_need(d, 1);

    d->stopped = r == 0;
    return r;
}

static int decode_unknown(struct decoder *d)
{
    uint8_t opcode = d->next[-1];

    if (opcode >= 0x20 && opcode <= 0x7e && opcode != '\'' && opcode != '\\')
        return decode_fail(d, "_pickle.UnpicklingError", "invalid load key, '%c'.", opcode);
    return decode_fail(d, "_pickle.UnpicklingError", "invalid load key, '\\x%02x'.", opcode);
}

static const decode_fn opcodes[256] = {
    [MARK] = decode_mark,
    [EMPTY_TUPLE] = decode_empty_tuple,
    [STOP] = decode_stop,
    [POP] = decode_pop_one,
    [POP_MARK] = decode_pop_to_mark,
    [DUP] = decode_dup,
    [BINBYTES] = decode_binbytes,
    [SHORT_BINBYTES] = decode_short_binbytes,
    [FLOAT] = decode_float_text,
    [BINFLOAT] = decode_binfloat,
    [INT] = decode_int_text,
    [BININT] = decode_binint,
    [BININT1] = decode_binint1,
    [LONG] = decode_long_text,
    [BININT2] = decode_binint2,
    [NONE] = decode_none,
    [PERSID] = decode_persid,
    [BINPERSID] = decode_persid,
    [REDUCE] = decode_reduce,
    [STRING] = decode_string_text,
    [BINSTRING] = decode_binstring,
    [SHORT_BINSTRING] = decode_short_binstring,
    [UNICODE] = decode_unicode_text,
    [BINUNICODE] = decode_binunicode,
    [EMPTY_LIST] = decode_empty_list,
    [APPEND] = decode_append,
    [BUILD] = decode_build,
    [GLOBAL] = decode_global,
    [DICT] = decode_dict,
    [APPENDS] = decode_appends,
    [GET] = decode_get,
    [BINGET] = decode_binget,
    [INST] = decode_inst,
    [LONG_BINGET] = decode_long_binget,
    [LIST] = decode_list,
    [OBJ] = decode_obj,
    [PUT] = decode_put,
    [BINPUT] = decode_binput,
    [LONG_BINPUT] = decode_long_binput,
    [SETITEM] = decode_setitem,
    [TUPLE] = decode_tuple,
    [SETITEMS] = decode_setitems,
    [EMPTY_DICT] = decode_empty_dict,
    [PROTO] = decode_proto,
    [NEWOBJ] = decode_newobj,
    [EXT1] = decode_ext1,
    [EXT2] = decode_ext2,
    [EXT4] = decode_ext4,
    [TUPLE1] = decode_tuple1,
    [TUPLE2] = decode_tuple2,
    [TUPLE3] = decode_tuple3,
    [NEWTRUE] = decode_newtrue,
    [NEWFALSE] = decode_newfalse,
    [LONG1] = decode_long1,
    [LONG4] = decode_long4,
    [SHORT_BINUNICODE] = decode_short_binunicode,
    [BINUNICODE8] = decode_binunicode8,
    [BINBYTES8] = decode_binbytes8,
    [EMPTY_SET] = decode_empty_set,
    [ADDITEMS] = decode_additems,
    [FROZENSET] = decode_frozenset,
    [NEWOBJ_EX] = decode_newobj_ex,
    [STACK_GLOBAL] = decode_stack_global,
    [MEMOIZE] = decode_memoize,
    [FRAME] = decode_frame,
    [BYTEARRAY8] = decode_bytearray8,
    [NEXT_BUFFER] = decode_next_buffer,
    [READONLY_BUFFER] = decode_readonly_buffer,
};

static inline int decode_step(struct decoder *d)
{
    decode_fn fn = opcodes[*d->next++];

    return fn ? fn(d) : decode_unknown(d);
}

static void decoder_init(struct decoder *d, struct tree *tree, const uint8_t *data, size_t len,
                         struct pickle_error *error)
{
    d->tree = tree;
    d->error = error;
    d->next = data;
    d->end = data + len;
    d->size = len;
    d->proto = 0;
    d->trusted = false;
    d->stopped = false;
    d->stack = d->stack_first;
    d->stack_len = 0;
    d->stack_cap = DECODE_STACK_FIRST;
    d->marks = d->marks_first;
    d->marks_len = 0;
    d->marks_cap = DECODE_MARKS_FIRST;
    d->copied = 0;
    memo_init(&d->memo, &tree->arena, len);
    tree->message_len += len;
}

static void decoder_deinit(struct decoder *d)
{
    if (d->stack != d->stack_first)
        memory_free(d->stack);
    if (d->marks != d->marks_first)
        memory_free(d->marks);
    if (d->memo.near != d->memo.first || d->memo.far.cap)
        memo_deinit(&d->memo);
}

int pickle_decode(struct tree *tree, const uint8_t *data, size_t len, struct sm_value *ret,
                  struct pickle_error *error)
{
    struct decoder d CLEANUP(decoder_deinit);

    decoder_init(&d, tree, data, len, error);
    while (!d.stopped) {
        int r;

        if (d.next == d.end)
            return decode_fail(&d, "EOFError", "Ran out of input");
        r = decode_step(&d);
        if (r < 0)
            return r;
    }
    *ret = d.stack[d.stack_len - 1];
    return 0;
}

/* What is one short value, as most are, is read without a decoder; false: it is not. */
static bool thaw_short(const struct frozen *f, struct sm_value *ret)
{
    const uint8_t *bytes = frozen_bytes(f);
    size_t len = frozen_len(f);
    uint64_t bits = 0;

    switch (bytes[0] << 8 | (len < 16 ? (int)len : 0)) {
    case NONE << 8 | 1:
        *ret = sm_none();
        return true;
    case NEWTRUE << 8 | 1:
    case NEWFALSE << 8 | 1:
        *ret = sm_bool(bytes[0] == NEWTRUE);
        return true;
    case BININT1 << 8 | 2:
        *ret = sm_int(bytes[1]);
        return true;
    case BININT2 << 8 | 3:
        *ret = sm_int(bytes[1] | bytes[2] << 8);
        return true;
    case BININT << 8 | 5:
        *ret =
            sm_int((int32_t)(bytes[1] | bytes[2] << 8 | bytes[3] << 16 | (uint32_t)bytes[4] << 24));
        return true;
    case BINFLOAT << 8 | 9:
        for (size_t i = 1; i <= sizeof(bits); i++)
            bits = bits << 8 | bytes[i];
        *ret = sm_float(0);
        memcpy(&ret->number, &bits, sizeof(bits));
        return true;
    default:
        if (bytes[0] != SHORT_BINUNICODE || len != 2 + (size_t)bytes[1])
            return false;
        *ret = sm_strn((const char *)bytes + 2, bytes[1]);
        return true;
    }
}

static int thaw(struct tree *tree, const struct frozen *f, struct sm_value *ret)
{
    struct decoder d CLEANUP(decoder_deinit);
    struct pickle_error error;
    int r;

    decoder_init(&d, tree, frozen_bytes(f), frozen_len(f), &error);
    d.proto = PICKLE_PROTOCOL_WRITTEN;
    d.trusted = true;
    while (d.next < d.end) {
        r = decode_step(&d);
        assert(r != -EINVAL);
        if (r < 0)
            return r;
    }
    return decode_pop(&d, ret);
}

int tree_thaw(struct tree *tree, const struct frozen *f, struct sm_value *ret)
{
    if (!thaw_short(f, ret))
        return thaw(tree, f, ret);
    tree->message_len += frozen_len(f);
    return 0;
}
