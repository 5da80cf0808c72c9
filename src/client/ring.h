/* SPDX-License-Identifier: MIT */
/* Connections that memory carries. */
#ifndef CLIENT_RING_H
#define CLIENT_RING_H

#include "client/client.h"

/*
 * Ask the manager for memory to carry the connection, if it is one that may share some. Without it,
 * all is as before. Returns SM_OK, or SM_E... if the connection was lost, or the wait has ended.
 */
int ring_join(struct connection *c);

#endif
