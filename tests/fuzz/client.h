/* SPDX-License-Identifier: MIT */
/*
 * A client of a server in the same thread: whatever it waits for, it lets the server's loop turn.
 * Every message that comes is held against what all replies have in common.
 */
#ifndef FUZZ_CLIENT_H
#define FUZZ_CLIENT_H

#include "base/buffer.h"
#include "server/server.h"

#include <stdatomic.h>

extern atomic_bool server_runs; /* the server's loop is turning */
extern bool server_may_fail;    /* its memory runs out: it may close any connection */

struct client {
    struct sm_server *server; /* outlives the client */
    int fd;                   /* -1: not connected, or no more */
    bool hurries;             /* does not wait for what is done aside */
    struct buffer in;
    size_t asked; /* frames sent since the handshake */
    size_t answered;
    struct sm_value answer; /* the payload of the last #RETURN, in `tree` */
    struct tree tree;
    struct buffer reply; /* what `answer` points into */
};

void client_init(struct client *client, struct sm_server *server);

/* Close, and forget what came. */
void client_close(struct client *client);

/*
 * Connect to the server's first address, and authenticate. Returns whether the server let us:
 * always, unless server_may_fail.
 */
bool client_open(struct client *client, const struct auth_key *key);

/* Connect, and no more. */
void client_connect(struct client *client);

/* Let the server do what it can do now, and ignore what it says. */
void client_turn_deaf(struct client *client);

/* Send bytes, as they are. */
void client_send(struct client *client, const void *bytes, size_t len);

/* Send a message. */
void client_ask(struct client *client, const void *payload, size_t len);

/* Let the server do what it can do now, and take its answers. */
void client_turn(struct client *client);

#endif
