/* SPDX-License-Identifier: MIT */
/* What several types do with a stored value. */
#ifndef OBJECT_STORED_H
#define OBJECT_STORED_H

#include "object/call.h"
#include "value/repr.h"

/* Stored values that are printed into one text. */
struct stored_text {
    struct repr_row row;
    struct tree scratch; /* emptied now and then */
};

/*
 * `of` is the object whose values they are. Where there is a Python to ask, what only that can
 * print is refused with -ENOTSUP, but in a text that is cut, for people.
 */
void stored_text_init(struct stored_text *text, struct buffer *out, unsigned python,
                      const struct object *of);
void stored_text_deinit(struct stored_text *text);

/* Append repr(f), or, of a large value where the text is to be cut, its size. Returns 0 or a
 * negative errno. */
int stored_text_add(struct stored_text *text, const struct frozen *f);

/* Append repr(f) for people; of an entry with its key, which is NULL where there is none. */
int stored_show(struct buffer *out, unsigned python, const struct object *of,
                const struct frozen *key, const struct frozen *value);

/* Add the bytes that n stored values take; of many, some are looked at. `at` gives the i-th. */
void stored_measure(struct extent *extent, size_t n,
                    const struct frozen *(*at)(const void *row, size_t i), const void *row);

void stored_measure_one(const struct frozen *f, struct extent *extent);

/* A value of a call, ready to be looked up among keys. */
struct stored_key {
    uint64_t hash;
    struct frozen value; /* owned */
};

/*
 * Hash and store a key. `role` is what 3.14's message about unhashable values says of it: "a dict
 * key". False: the call has been answered.
 */
bool stored_key(struct call *call, struct sm_value v, const char *role, struct stored_key *ret);

static inline void stored_key_deinit(struct stored_key *key)
{
    frozen_free(&key->value);
}

/* Write the global `module`.`name`. */
void write_global(struct pickler *p, const char *module, const char *name);

/* Answer with NotImplemented, which the caller's interpreter turns into a TypeError. */
void call_return_not_implemented(struct call *call);

#endif
