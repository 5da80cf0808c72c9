/* SPDX-License-Identifier: MIT */
/* Types whose methods are the program's own. */
#ifndef SERVER_HOST_H
#define SERVER_HOST_H

#include "base/list.h"

/* Free the types that were registered, after their objects. */
void host_free_types(struct list *types);

#endif
