/* SPDX-License-Identifier: MIT */
/* A growing row of stored values. Zeroed memory is an empty row. */
#ifndef TYPES_SLOTS_H
#define TYPES_SLOTS_H

#include "object/call.h"

struct slots {
    struct frozen *at; /* owned, and so is each value */
    size_t len;
    size_t cap;
};

/* Free every value. They are out of the row before the first is freed. */
void slots_deinit(struct slots *s);

/* Make room for n more values. Returns 0 or -ENOMEM. */
int slots_reserve(struct slots *s, size_t n);

/* Give back memory when most of the row is unused. */
void slots_trim(struct slots *s);

/*
 * Exchange the `removed` values from `start` on for those of `with`, which holds the removed ones
 * afterwards. Returns 0, or -ENOMEM with nothing changed.
 */
int slots_exchange(struct slots *s, size_t start, size_t removed, struct slots *with);

/* Store the values given, behind those in the row. False: none was, and the call is answered. */
bool slots_freeze(struct slots *s, struct call *call, const struct sm_items *items);

/* The same for whatever v can be iterated for. */
bool slots_freeze_iterable(struct slots *s, struct call *call, struct sm_value v);

/*
 * The first value from `start` to before `stop` that equals `needle`. Returns 1 with *ret_at, 0,
 * or a negative errno.
 */
int slots_find(const struct slots *s, struct call *call, const struct frozen *needle, size_t start,
               size_t stop, size_t *ret_at);

void slots_reverse(struct slots *s);

void slots_measure(const struct slots *s, struct extent *extent);

/* Append "[1, 2]", of the object `of`. Returns 0 or a negative errno. */
int slots_repr(const struct slots *s, struct buffer *out, unsigned python, const struct object *of);

/* Write n stored values as a list. */
void slots_write(const struct frozen *at, size_t n, struct pickler *p);

#endif
