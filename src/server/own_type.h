/* SPDX-License-Identifier: MIT */
/* Types whose methods are the program's own. */
#ifndef SERVER_OWN_TYPE_H
#define SERVER_OWN_TYPE_H

#include "base/list.h"

/* Free the types that were registered, after their objects. */
void own_free_types(struct list *types);

#endif
