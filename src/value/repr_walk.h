/* SPDX-License-Identifier: MIT */
/* One repr() under way: what its parts share. */
#ifndef VALUE_REPR_WALK_H
#define VALUE_REPR_WALK_H

#include "value/known.h"
#include "value/repr.h"
#include "value/walk.h"

/* A container that is being printed; one that comes up again inside itself is not entered. */
struct repr_open {
    const void *content;
    const struct repr_open *outer;
};

struct repr {
    struct buffer *out;
    size_t start; /* where in `out` the text begins */
    size_t max;   /* how long it may be */
    struct walk walk;
    const struct repr_open *open;
    unsigned python;
};

/* Append repr(v). Returns 0 or what value_repr() does. */
int repr_value(struct repr *repr, struct sm_value v);

/* Append str(v). */
int repr_str(struct repr *repr, struct sm_value v);

/* Append `stride` to a value each: "a, b" or "a: b, c: d". */
int repr_items(struct repr *repr, const struct sm_value *item, size_t len, size_t stride);

/* Append an object, by its recipe. */
int repr_object(struct repr *repr, struct sm_value v);

/*
 * Append an object of a known class; one that holds values of any kind, and one that does not.
 * Return 0, a negative errno, or REPR_OPAQUE with nothing written: the class is of another sort,
 * or the recipe is not what Python makes of it.
 */
#define REPR_OPAQUE 1
int repr_holder(struct repr *repr, enum known_class class, struct sm_value v);
int repr_known(struct repr *repr, enum known_class class, struct sm_value v);

/* Append str() of an object whose class has one that is not its repr(); else REPR_OPAQUE. */
int repr_known_str(struct repr *repr, struct sm_value v);

/* The same of numpy's scalars. */
int repr_numpy(struct repr *repr, struct sm_value v);
int str_numpy(struct repr *repr, struct sm_value v);

/* Append a complex number whose parts are floats of so many bytes. */
void repr_complex(struct buffer *out, double real, double imaginary, size_t size);

/* "name(" args ")" */
int repr_call(struct repr *repr, struct sm_value name, const struct sm_items *args);

/*
 * "name(" attributes as name=value, in order of insertion, ")"; `hide` leaves out names with a
 * leading _.
 */
int repr_attributes(struct repr *repr, struct sm_value name, struct sm_value state, bool hide);

/* Append a class or function. */
void repr_global(struct repr *repr, const struct sm_global *global);

/* Append "0x7f...": a number that stands for an address, and tells nothing of one. */
void repr_address(struct repr *repr, const void *of);

/* Append repr() of bytes. */
void repr_bytes(struct buffer *out, const uint8_t *bytes, size_t len);

#endif
