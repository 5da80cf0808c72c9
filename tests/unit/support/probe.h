/* SPDX-License-Identifier: MIT */
/*
 * Calls objects without a server: arguments are Python literals, answers come back as repr()s, and
 * time stands still until it is advanced.
 */
#ifndef SUPPORT_PROBE_H
#define SUPPORT_PROBE_H

#include "object/call.h"
#include "object/registry.h"

/* The Python whose texts the next calls expect; 13 at the start. */
extern unsigned probe_python;

/* The process that the next calls come from; NULL, as at the start: not known. */
extern struct account *probe_account;

/* Told when the manager begins and ends to work on a call, or on what time brings; NULL: nobody. */
extern void (*probe_watch)(bool running);

/* A registry with every type, and nothing in it. For cmocka's setup and teardown. */
int probe_setup(void **state);
int probe_teardown(void **state);

struct registry *probe_registry(void);

/* Make an object, from a tuple of literals: probe_object("Semaphore", "(0,)"). */
struct object *probe_object(const char *typeid, const char *args);

/* Make what --register NAME=LITERAL would; the caller owns the one reference. */
struct object *probe_registered(const char *literal);

/* The same, or NULL when that fails. */
struct object *probe_try_object(const char *typeid, const char *args);

/* The answer of create() as text, where it is expected to fail: "RemoteError(...)". */
const char *probe_create_error(const char *typeid, const char *args, const char *kwds);

/* Call a method; each call comes over a connection of its own unless `caller` says otherwise. */
struct call *probe_call(struct object *object, const char *method, const char *args);
struct call *probe_call_as(uint64_t caller, struct object *object, const char *method,
                           const char *args);
struct call *probe_call_kwds(struct object *object, const char *method, const char *args,
                             const char *kwds);

/*
 * Open a connection: calls of `caller` are made over it from now on, by the process of
 * probe_account. It has a cell, if there are any. Valid until the test ends.
 */
const struct call *probe_connect(uint64_t caller);

/*
 * The answer so far: repr of what was returned, "TypeName('message')" of what was raised,
 * "RemoteError: last line" of a failure, "<proxy of typeid>" of a proxy; NULL while it is parked.
 * Valid until the test ends.
 */
const char *probe_reply(struct call *call);

/* Shorthand: the answer of a call that does not park. */
const char *probe_ask(struct object *object, const char *method, const char *args);

/* A conversation: what is asked, in order, and what is answered. */
struct probe_line {
    const char *method;
    const char *args;
    const char *answer;
};
void probe_talk(struct object *object, const struct probe_line *lines, size_t n);
#define PROBE_TALK(object, ...)                                                                    \
    probe_talk(object, (const struct probe_line[]){__VA_ARGS__},                                   \
               ARRAY_SIZE(((const struct probe_line[]){__VA_ARGS__})))

/* The object of the proxy that a call returned; borrowed. */
struct object *probe_proxy(struct call *call);

/* A literal that stands for a proxy of `object`, to be put among arguments with %s. */
const char *probe_literal(struct object *object);

/* Let time pass, and what is due happen. */
void probe_advance(nsec time);

/* The connection of `caller` ends: its parked call is withdrawn, what it owned is let go. */
void probe_disconnect(uint64_t caller);

/* The answer of this call could not be delivered. */
void probe_undelivered(struct call *call);

#endif
