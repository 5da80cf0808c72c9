/* SPDX-License-Identifier: MIT */
/*
 * Plain objects: registered literals of a kind that has no proxy class of its own. Each is one
 * immutable value, which its methods take out of storage to compute with.
 */
#ifndef SCALAR_PLAIN_H
#define SCALAR_PLAIN_H

#include "object/call.h"
#include "object/object.h"

struct plain {
    struct object object;
    struct frozen value;
};

/* What an object_type of plain objects needs; call->arg[0] is the value. */
bool plain_init(struct object *self, struct call *call);
void plain_deinit(struct object *self);
int plain_repr(struct object *self, struct buffer *out, unsigned python);
int plain_str(struct object *self, struct buffer *out, unsigned python);
void plain_measure(struct object *self, struct extent *extent);
void plain_getvalue(struct object *self, struct pickler *p);

/* The fields of an object_type that all plain types share. */
#define PLAIN_TYPE_FIELDS                                                                          \
    .size = sizeof(struct plain), .create = {SIGNATURE_ONE, {"value"}, 1}, .init = plain_init,     \
    .deinit = plain_deinit, .measure = plain_measure, .repr = plain_repr, .str = plain_str,        \
    .getvalue = plain_getvalue, .constant = true

/* The object's value in the call's tree. False: the call has been answered. */
bool plain_value(struct object *self, struct call *call, struct sm_value *ret);

#endif
