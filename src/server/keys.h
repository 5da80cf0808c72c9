/* SPDX-License-Identifier: MIT */
/* The server's keys, and the objects that are registered for some of them. */
#ifndef SERVER_KEYS_H
#define SERVER_KEYS_H

#include "base/macros.h"

#include <stdlib.h>

struct audience;
struct sm_server;
struct sm_server_options;

/* The keys that a server begins with. Returns a status. */
int keys_begin(struct sm_server *server, const struct sm_server_options *options);

/* What an object is registered as. */
struct registered {
    char *name;                /* owned */
    struct audience *audience; /* of the registry; NULL: all */
};

static inline void registered_deinit(struct registered *registered)
{
    free(registered->name);
}

/* Read NAME or NAME@KEY,KEY. Returns a status. What was filled in is to be freed in any case. */
int keys_read_name(struct sm_server *server, const char *text, struct registered *ret);

/* The loop was woken: perhaps to have the program read anew what may have changed. */
void keys_woken(struct sm_server *server);

#endif
