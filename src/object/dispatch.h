/* SPDX-License-Identifier: MIT */
/* From a request to the method that answers it, here, on another thread or at a host. */
#ifndef OBJECT_DISPATCH_H
#define OBJECT_DISPATCH_H

#include "object/call.h"

/*
 * Run the request in call->args and call->kwds: a method of an object, by name, or the making of
 * an object of a typeid. Answers or parks. Names that no object exposes but every object has
 * (__str__, __repr__, #GETVALUE) are served too.
 */
void call_method(struct call *call, struct object *object, struct sm_value name);
void call_create(struct call *call, struct sm_value name);

/* The same for a call that has its object: the rest of call_method(). */
void call_serve(struct call *call, struct sm_value name);

/*
 * A method finds that it has more to do with its object's values than to look at them. True: there
 * are many, and it runs at a place that has time, from its beginning: it returns without an answer.
 */
bool call_needs_time(struct call *call);

/*
 * Whether the call must wait until it can look into this object; then it will be made again, from
 * its beginning, and returns without an answer. It has changed nothing, or will do it again.
 */
bool call_awaits(struct call *call, struct object *object);

/* Make the object of a typeid, or take its singleton. NULL: the call has been answered. */
struct object *call_construct(struct call *call, const char *name, size_t len);

/*
 * The call would run Python code. True: there is a place that does, and carries the call out, from
 * its beginning: nothing may have been changed, and the method returns without an answer. False:
 * there is none, and the call is to be answered with a refusal.
 */
bool call_needs_python(struct call *call);

/*
 * The same where a method does not know v for what it needs, because Python alone knows its class.
 */
bool call_needs_python_for(struct call *call, struct sm_value v);

#endif
