/* SPDX-License-Identifier: MIT */
/* Where the daemon's own client reaches its server. */
#ifndef DAEMON_PRIVATE_H
#define DAEMON_PRIVATE_H

#include "syncmanager/server.h"

/*
 * The first address of the server that has no TLS: the page has no certificates. If there is none,
 * listen at one that is the process's alone: a Unix socket whose file is gone before it is used,
 * so that nobody else finds it, and nothing is left of it, whatever ends the process. Returns NULL
 * when that fails, after it has said why on stderr.
 */
const char *private_address(struct sm_server *server);

#endif
