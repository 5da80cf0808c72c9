/* SPDX-License-Identifier: MIT */
/* Values as text, as Python's repr() and str() have it, and Python literals as values. */
#ifndef VALUE_REPR_H
#define VALUE_REPR_H

#include "base/buffer.h"
#include "syncmanager/value.h"
#include "value/tree.h"

/*
 * Append repr(v) as Python 3.`python` has it. Recursive containers show [...] as in Python. Returns
 * 0, -ENOMEM, or
 *   -ELOOP   v is too deep, or the text is longer than any honest value's: RecursionError
 *   -ERANGE  v holds an int of more digits than Python prints: ValueError, repr_range_message()
 */
int value_repr(struct buffer *out, struct sm_value v, unsigned python);

/* Values that are printed into one text, and bounded together. */
struct repr_row {
    struct buffer *out;
    size_t start; /* where in `out` the text begins */
    size_t size;  /* bytes of the pickles of all values so far */
    size_t steps; /* walked beyond one a byte */
    unsigned python;
    enum unknown unknown; /* UNKNOWN_ASK: what only Python prints is refused with -ENOTSUP */
};

void repr_row_init(struct repr_row *row, struct buffer *out, unsigned python);

/* Append repr(v), or str(v), of a value whose pickle has `size` bytes: it may be as much longer. */
int repr_row_add(struct repr_row *row, struct sm_value v, size_t size);
int repr_row_add_str(struct repr_row *row, struct sm_value v, size_t size);

/* Append str(v): text as it is, dates and the like in their own way, the rest as repr(). */
int value_str(struct buffer *out, struct sm_value v, unsigned python);

/* The words of the ValueError that Python 3.`python` raises for -ERANGE. Static text. */
const char *repr_range_message(unsigned python);

/* Append repr() of one float, or of len bytes of UTF-8 text. */
void repr_float(struct buffer *out, double number);
void repr_narrow_float(struct buffer *out, double number, size_t size); /* of so many bytes */
void repr_text(struct buffer *out, const char *text, size_t len);

/* Where and why a literal is wrong. */
struct literal_error {
    size_t at;        /* offset in the text */
    const char *what; /* static text: "expected ']'" */
};

/*
 * Parse a Python literal: None, True, False, numbers, strings and bytes with every prefix and
 * escape, tuples, lists, sets, dicts, in any nesting; also what repr() prints where there is no
 * literal: inf, nan, set(), frozenset({1}), bytearray(b'').
 *
 * Any other constructor call with literal arguments, such as Queue(100) or set([1]), becomes an
 * object whose callable is the global ("builtins", name), or (module, name) when the name has dots;
 * positional arguments are in args and keywords in kwargs (SM_MAKE_NEW_EX then).
 *
 * The result lives in the tree. Returns 0, -ENOMEM, or -EINVAL with *error filled.
 */
int literal_parse(struct tree *tree, const char *text, size_t len, struct sm_value *ret,
                  struct literal_error *error);

#endif
