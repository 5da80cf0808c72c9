/* SPDX-License-Identifier: MIT */
/* The parts of the decoder: one function an opcode, in files by what they make. */
#ifndef PICKLE_DECODE_H
#define PICKLE_DECODE_H

#include "pickle/memo.h"
#include "pickle/pickle.h"

#include <errno.h>
#include <string.h>

#define DECODE_STACK_FIRST 32
#define DECODE_MARKS_FIRST 8

struct decoder {
    struct tree *tree;
    struct pickle_error *error;
    const uint8_t *next; /* what is left of the pickle */
    const uint8_t *end;
    size_t size; /* of the whole pickle */
    unsigned proto;
    bool trusted; /* written here: a stored value */
    bool stopped;
    struct sm_value *stack; /* owned unless it is `stack_first` */
    size_t stack_len;
    size_t stack_cap;
    size_t *marks; /* heights of the stack; owned unless it is `marks_first` */
    size_t marks_len;
    size_t marks_cap;
    struct memo memo;
    size_t copied; /* what calls have copied: see decode_plain.c */
    struct sm_value stack_first[DECODE_STACK_FIRST];
    size_t marks_first[DECODE_MARKS_FIRST];
};

/*
 * What an opcode does, its argument being next in the pickle. Returns 0, -ENOMEM, or -EINVAL with
 * d->error filled. All functions below that return int return the same.
 */
typedef int (*decode_fn)(struct decoder *d);

/* Fill the error, and be -EINVAL. */
#define decode_fail(d, ...) (decode_raise((d), __VA_ARGS__), -EINVAL)
void decode_raise(struct decoder *d, const char *type, const char *format, ...) PRINTF_LIKE(3, 4);

static inline int decode_unpickling_error(struct decoder *d, const char *text)
{
    return decode_fail(d, "_pickle.UnpicklingError", "%s", text);
}

/* Whether text of at most 16 bytes is ASCII: two words, which may overlap, tell of all of it. */
static inline bool decode_is_ascii(const uint8_t *text, size_t len)
{
    uint64_t first = 0, last = 0;
    uint32_t low, high;

    if (len > 2 * sizeof(first))
        return false;
    if (len >= sizeof(first)) {
        memcpy(&first, text, sizeof(first));
        memcpy(&last, text + len - sizeof(last), sizeof(last));
    } else if (len >= sizeof(low)) {
        memcpy(&low, text, sizeof(low));
        memcpy(&high, text + len - sizeof(high), sizeof(high));
        first = low | high;
    } else {
        for (size_t i = 0; i < len; i++)
            first |= text[i];
    }
    return !((first | last) & UINT64_C(0x8080808080808080));
}

/* Whether str data is what it must be. */
int decode_utf8(struct decoder *d, const uint8_t *text, size_t len);

/* Input: n bytes, a little-endian number of n bytes, a line without its end. */
static inline int decode_take(struct decoder *d, size_t n, const uint8_t **ret)
{
    if ((size_t)(d->end - d->next) < n)
        return decode_unpickling_error(d, "pickle data was truncated");
    *ret = d->next;
    d->next += n;
    return 0;
}

static inline int decode_number(struct decoder *d, size_t n, uint64_t *ret)
{
    const uint8_t *bytes;
    uint64_t number = 0;
    int r = decode_take(d, n, &bytes);

    if (r < 0)
        return r;
    for (size_t i = 0; i < n; i++)
        number |= (uint64_t)bytes[i] << (8 * i);
    *ret = number;
    return 0;
}

int decode_line(struct decoder *d, const char **ret, size_t *ret_len);

/* The stack. Nothing below the last mark can be reached. */
int decode_underflow(struct decoder *d);
int decode_grow_stack(struct decoder *d);

static inline int decode_push(struct decoder *d, struct sm_value v)
{
    if (d->stack_len == d->stack_cap && decode_grow_stack(d) < 0)
        return -ENOMEM;
    d->stack[d->stack_len++] = v;
    return 0;
}

/* The height of the stack at the last mark. */
static inline size_t decode_fence(const struct decoder *d)
{
    return d->marks_len ? d->marks[d->marks_len - 1] : 0;
}

static inline int decode_need(struct decoder *d, size_t n)
{
    return d->stack_len - decode_fence(d) < n ? decode_underflow(d) : 0;
}

int decode_pop(struct decoder *d, struct sm_value *ret);
int decode_top(struct decoder *d, struct sm_value **ret);

/* Close the last mark; *ret is the height of the stack where it was. */
int decode_pop_mark(struct decoder *d, size_t *ret);

/* A value is about to be known in two places. */
void decode_fetched_first(struct decoder *d, struct sm_value v);

static inline void decode_fetched(struct decoder *d, struct sm_value v)
{
    if (v.id && d->tree->shared[v.id] != SHARED_YES)
        decode_fetched_first(d, v);
}

/* Give a value an id, if it is of a kind that is worth sharing. */
int decode_identify(struct decoder *d, struct sm_value *v);

/* The items of a container, or arguments, are used for another container. */
int decode_spend(struct decoder *d, struct sm_value *v);

/* The n values from the stack's top, as a container, which is left in their place. */
int decode_pack(struct decoder *d, enum sm_kind kind, size_t n);

/* Whether keys, every `stride`th of the items, are of kinds that have a hash. */
int decode_check_keys(struct decoder *d, const struct sm_value *items, size_t n, size_t stride);

/* type(v).__name__ */
const char *decode_type_name(struct decoder *d, struct sm_value v);

/* Python 2's str: text if it is ASCII, as the standard unpickler has it unless told otherwise. */
int decode_push_ascii(struct decoder *d, const uint8_t *text, size_t len);

/*
 * The plain value that callable(*args) is, if it is one: then *ret_plain is true. See
 * decode_plain.c.
 */
int decode_plain(struct decoder *d, struct sm_value callable, struct sm_value *args,
                 struct sm_value *ret, bool *ret_plain);

/* Opcodes: numbers, text and bytes. */
int decode_none(struct decoder *d);
int decode_newtrue(struct decoder *d);
int decode_newfalse(struct decoder *d);
int decode_binint(struct decoder *d);
int decode_binint1(struct decoder *d);
int decode_binint2(struct decoder *d);
int decode_long1(struct decoder *d);
int decode_long4(struct decoder *d);
int decode_binfloat(struct decoder *d);
int decode_binstring(struct decoder *d);
int decode_short_binstring(struct decoder *d);
int decode_binbytes(struct decoder *d);
int decode_short_binbytes(struct decoder *d);
int decode_binbytes8(struct decoder *d);
int decode_bytearray8(struct decoder *d);
int decode_binunicode(struct decoder *d);
int decode_short_binunicode(struct decoder *d);
int decode_binunicode8(struct decoder *d);

/* Opcodes: the same as text. */
int decode_int_text(struct decoder *d);
int decode_long_text(struct decoder *d);
int decode_float_text(struct decoder *d);
int decode_string_text(struct decoder *d);
int decode_unicode_text(struct decoder *d);
int decode_get(struct decoder *d);
int decode_put(struct decoder *d);

/* Opcodes: the memo. */
int decode_binget(struct decoder *d);
int decode_long_binget(struct decoder *d);
int decode_binput(struct decoder *d);
int decode_long_binput(struct decoder *d);
int decode_memoize(struct decoder *d);
int decode_dup(struct decoder *d);
int decode_get_index(struct decoder *d, int64_t index);
int decode_put_index(struct decoder *d, size_t index);

/* Opcodes: containers. */
int decode_empty_tuple(struct decoder *d);
int decode_tuple(struct decoder *d);
int decode_tuple1(struct decoder *d);
int decode_tuple2(struct decoder *d);
int decode_tuple3(struct decoder *d);
int decode_empty_list(struct decoder *d);
int decode_list(struct decoder *d);
int decode_append(struct decoder *d);
int decode_appends(struct decoder *d);
int decode_empty_dict(struct decoder *d);
int decode_dict(struct decoder *d);
int decode_setitem(struct decoder *d);
int decode_setitems(struct decoder *d);
int decode_empty_set(struct decoder *d);
int decode_frozenset(struct decoder *d);
int decode_additems(struct decoder *d);

/* Opcodes: globals and objects. */
int decode_global(struct decoder *d);
int decode_stack_global(struct decoder *d);
int decode_reduce(struct decoder *d);
int decode_newobj(struct decoder *d);
int decode_newobj_ex(struct decoder *d);
int decode_obj(struct decoder *d);
int decode_inst(struct decoder *d);
int decode_build(struct decoder *d);
int decode_ext1(struct decoder *d);
int decode_ext2(struct decoder *d);
int decode_ext4(struct decoder *d);
int decode_persid(struct decoder *d);
int decode_next_buffer(struct decoder *d);
int decode_readonly_buffer(struct decoder *d);

#endif
