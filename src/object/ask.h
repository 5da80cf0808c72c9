/* SPDX-License-Identifier: MIT */
/* Arguments that Python is asked about. */
#ifndef OBJECT_ASK_H
#define OBJECT_ASK_H

#include "object/call.h"
#include "syncmanager/value.h"

/*
 * A method needs to know something of an argument, `v`, or of a part of one, as of a slice. True:
 * v is an object, and Python tells what it is here: the call goes there, now or with its object.
 * The method returns without an answer, and nothing may have been changed. False: v is as plain as
 * it will be.
 */
bool call_asks(struct call *call, struct sm_value v, enum sm_ask ask, char typecode);

/* bool(v) of an argument. False: the call has been answered, or Python is asked. */
bool call_truth(struct call *call, struct sm_value v, bool *ret);

/* What is asked of Python. */
struct question {
    enum sm_ask ask;
    char typecode;
    struct sm_value about; /* of the call's tree */
};
const struct question *asked_question(const struct asked *asked);

/* The value that the host has given. False: the call has been answered. */
bool call_answered_plain(struct call *call, struct sm_value plain);

/*
 * Put the plain values in their places, as a request is served, again perhaps. Returns 0 or
 * -ENOMEM.
 */
int call_put_plain(struct call *call);

/* Forget what Python was asked. NULL is allowed. */
void asked_free(struct asked *asked);

#endif
