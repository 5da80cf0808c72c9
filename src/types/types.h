/* SPDX-License-Identifier: MIT */
/* The types of a SyncManager: each is a table in a file of its own. */
#ifndef TYPES_TYPES_H
#define TYPES_TYPES_H

#include "object/object.h"

extern const struct object_type array_type;
extern const struct object_type barrier_type;
extern const struct object_type bounded_semaphore_type;
extern const struct object_type condition_type;
extern const struct object_type counter_type;
extern const struct object_type dict_type;
extern const struct object_type event_type;
extern const struct object_type iterator_type;
extern const struct object_type list_type;
extern const struct object_type lock_type;
extern const struct object_type namespace_type;
extern const struct object_type queue_type;
extern const struct object_type rlock_type;
extern const struct object_type semaphore_type;
extern const struct object_type set_type;
extern const struct object_type value_type;

/* Add all typeids of a SyncManager to a registry. Returns 0 or -ENOMEM. */
int types_register(struct registry *registry);

/* The type of one of these typeids, or NULL. */
const struct object_type *type_of_typeid(const char *typeid);

#endif
