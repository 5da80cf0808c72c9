/* SPDX-License-Identifier: MIT */
/* The process of a manager that was started here. */
#ifndef CLIENT_PROCESS_H
#define CLIENT_PROCESS_H

#include "client/client.h"

/* A manager that is not connected yet. `options` is not NULL. */
int manager_new(const char *address, const struct sm_manager_options *options,
                struct sm_manager **ret);

/* Make the process end: ask it, then make it. Returns when it has ended. */
void process_end(struct sm_manager *manager);

/* Give back what is held of the process. */
void process_forget(struct sm_manager *manager);

#endif
