/* SPDX-License-Identifier: MIT */
/* What the locks under Conditions need to know of them. */
#ifndef TYPES_CONDITION_H
#define TYPES_CONDITION_H

#include "object/object.h"

/* The lock that a Condition works through; lives as long as the Condition. */
struct lockable *condition_lock(struct object *self);

/* One who was notified will never know: notify the next who waits. */
void condition_pass_on(struct object *self);

#endif
