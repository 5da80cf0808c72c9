/* SPDX-License-Identifier: MIT */
/*
 * Answers: values (answer.c) and exceptions (exception.c). Each ends the call.
 */
#ifndef OBJECT_ANSWER_H
#define OBJECT_ANSWER_H

#include "object/call.h"

/* A value: of the call's tree, or it carries no ids. */
void call_return(struct call *call, struct sm_value v);
void call_return_none(struct call *call);
void call_return_bool(struct call *call, bool v);
void call_return_int(struct call *call, int64_t v);
void call_return_frozen(struct call *call, const struct frozen *f);

/* The answer at hand gives the client a reference; taken back if it is not delivered. */
void call_grant(struct call *call, struct object *object);

/* #PROXY of a new object whose typeid is `typeid`; the client gets a reference. */
void call_return_proxy(struct call *call, struct object *object, const char *typeid);

/* The reply of create: (ident, exposed names); the client gets a reference. */
void call_return_created(struct call *call, struct object *object);

/* A whole message, written elsewhere. */
void call_answer(struct call *call, const struct buffer *message);

/* The answer that another call has, which ran aside; that one's buffer is left with another's. */
void call_take_answer(struct call *call, struct call *from);

/* Any other value, piece by piece: write exactly one value between begin and end. */
struct pickler *call_return_begin(struct call *call);
void call_return_end(struct call *call);

/*
 * Raise an exception. `type` is a builtin's name or has its module: "queue.Full". The message is
 * formatted; without one, pass NULL. Text that is not UTF-8 must not get in.
 */
void call_raise(struct call *call, const char *type, const char *format, ...) PRINTF_LIKE(3, 4);

/* The same with these args: KeyError(key), StopIteration(value). */
void call_raise_args(struct call *call, const char *type, struct sm_value args);

/* The same, with a note that a traceback shows below it; Pythons have these from 3.11 on. */
void call_raise_args_note(struct call *call, const char *type, struct sm_value args,
                          const char *note);

/* What 3.14's messages about unhashable values call them. */
#define DICT_KEY "a dict key"
#define SET_ELEMENT "a set element"

/*
 * TypeError: v cannot be hashed, because of `blame`, which is v or inside it. `role` is what v was
 * to be; NULL: 3.14 does not say so either.
 */
void call_raise_unhashable(struct call *call, struct sm_value v, const char *role,
                           struct sm_value blame);

/* KeyError(key) of a dict that has no such key, or the TypeError of a key that cannot be one. */
void call_raise_key(struct call *call, struct sm_value key);

/* KeyError(key) and the like, the one argument being a stored value. */
void call_raise_frozen(struct call *call, const char *type, const struct frozen *arg);

/* TypeError: what was to be an index of a slice is none. */
void call_raise_slice_index(struct call *call);

/*
 * AttributeError about `name`, with the state that 3.12 and later pickle. None: one that was raised
 * without telling its name, as those of setting and deleting.
 */
void call_raise_attribute(struct call *call, struct sm_value message, struct sm_value name);

/* The same: an object of this type has no attribute of this name, which may be told. */
void call_raise_missing(struct call *call, const char *type, struct sm_value name, bool told);

/* The same with a note, by add_note(): what 3.14 says beside some messages. */
void call_raise_note(struct call *call, const char *type, const char *message, const char *note,
                     ...) PRINTF_LIKE(4, 5);

/* #TRACEBACK whose last line is "type: message". */
void call_fail(struct call *call, const char *type, const char *format, ...) PRINTF_LIKE(3, 4);

/* #UNSERIALIZABLE */
void call_unserializable(struct call *call, const char *format, ...) PRINTF_LIKE(2, 3);

/*
 * Answer with what a negative errno of the floors below means: MemoryError, RecursionError, ...
 * With -ENOTSUP, what only Python tells, the call leaves if it can.
 */
void call_raise_errno(struct call *call, int r);

/* The name of v's type, for messages; in the call's tree. */
const char *call_type_name(struct call *call, struct sm_value v);

/* repr(v) as text in the call's tree; NULL after the call has been answered with the reason. */
const char *call_repr(struct call *call, struct sm_value v);

/*
 * A message of any kind. Between begin and end its payload is written, one value. Where that cannot
 * be written, the message is taken back, end returns a negative errno, and another may be begun.
 */
struct pickler *answer_begin(struct call *call, const char *kind);
int answer_end(struct call *call);

/* Write a global, as in a message: module, name, STACK_GLOBAL. */
void answer_global(struct pickler *p, const char *module, size_t module_len, const char *name);

/* There is no memory to say anything: the connection ends. */
void answer_lost(struct call *call);

#endif
