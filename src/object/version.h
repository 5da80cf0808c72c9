/* SPDX-License-Identifier: MIT */
/*
 * The manager's side of the versions in base/word.h: which objects clients watch. An object keeps
 * its place as long as it lives. So a client that asks an object cannot take another's version for
 * its: the only one that it asks in vain, by an ident that is no more, answers with an error.
 */
#ifndef OBJECT_VERSION_H
#define OBJECT_VERSION_H

#include "base/word.h"
#include "object/call.h"

struct versions {
    struct version *row; /* shared memory; NULL: none */
    size_t len;
    size_t fresh;   /* the first place that was nobody's yet */
    uint32_t *left; /* owned; places whose objects are no more, to be given first */
    size_t left_len;
};

/* From now on there is memory to share; it outlives the objects. Returns 0 or -ENOMEM. */
int versions_begin(struct versions *versions, struct version *row, size_t len);

/* After the last object, or before the first is watched. */
void versions_deinit(struct versions *versions);

/* Objects that are watched. */
size_t versions_watched(const struct versions *versions);

/* A client is to watch an object. Returns 0 with its place in the row, or -ENOSPC. */
int version_watch(struct object *object, size_t *ret);

/* The object is no more. */
void version_end(struct object *object);

/* From now on it is changed elsewhere; it is here again. */
void version_hide(struct object *object);
void version_show(struct object *object);

void version_raise(struct version *version);

/* Before a call changes its object, as any may whose method is not known to read. */
static inline void version_raise_for(const struct call *call)
{
    if (call->object && call->object->version && !(call->method && call->method->reads))
        version_raise(call->object->version);
}

#endif
