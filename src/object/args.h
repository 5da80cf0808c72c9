/* SPDX-License-Identifier: MIT */
/*
 * The arguments of a call: bound to a method's parameters, made plain, stored, and read back.
 */
#ifndef OBJECT_ARGS_H
#define OBJECT_ARGS_H

#include "object/call.h"

/*
 * Make args and kwds a tuple or list, and a dict, as f(*args, **kwds) does. What messages call the
 * function differs for the two stars; from 3.15 on they do not tell it. False: the call has been
 * answered.
 */
bool call_spread(struct call *call, const char *starred, const char *function);

/*
 * Bind args and kwds to a signature, into call->arg. False: the call has been answered with the
 * TypeError that Python raises. `name` is the function's, `owner` its class's.
 */
bool call_bind(struct call *call, const struct signature *takes, const char *owner,
               const char *name);

/* Make plain numbers of numpy's where the parameters say so. False: the call has been answered. */
bool call_take_numbers(struct call *call, const struct signature *takes);

/* Store a value of the request. False: the call has been answered. */
bool call_freeze(struct call *call, struct sm_value v, struct frozen *ret);

/* A stored value in the call's tree, valid while `f` is. False: the call has been answered. */
bool call_thaw(struct call *call, const struct frozen *f, struct sm_value *ret);

/*
 * If v is a proxy of an object of this manager, the object's value in its place; any other v as it
 * is. False: the call has been answered.
 */
bool call_dereference(struct call *call, struct sm_value v, struct sm_value *ret);

/* The object that v is a proxy of, borrowed from v; NULL when v is something else. */
struct object *call_proxied(struct sm_value v);

/*
 * The elements of v as a list (list(v)), also of a proxy's object. False: the call has been
 * answered, with TypeError("'int' object is not iterable") where v is none.
 */
bool call_iterate(struct call *call, struct sm_value v, struct sm_value *ret);

/* Arguments with Python's conversions; each says false after answering with Python's error. */

/* An index or count: int, bool. "'str' object cannot be interpreted as an integer". */
bool call_int(struct call *call, struct sm_value v, int64_t *ret);

/* The same, but what does not fit 64 bits is clamped. */
bool call_clamped_int(struct call *call, struct sm_value v, int64_t *ret);

#endif
