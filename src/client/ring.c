/* SPDX-License-Identifier: MIT */
/*
 * The answer to sm_ring is the last that comes by the socket. If the memory cannot be used, the
 * socket goes on: the manager turns to a ring only when there is something in it.
 */
#include "client/ring.h"

/* The manager may be cutting the connection, by what carries it, at the same time. */
static void use_ring(struct connection *c)
{
    pthread_mutex_lock(&c->manager->lock);
    (void)!channel_use_ring(&c->channel, c->descriptors[0]);
    pthread_mutex_unlock(&c->manager->lock);
}

int ring_join(struct connection *c)
{
    struct outgoing request = server_function("sm_ring", no_args());
    struct sm_reply *reply;
    int r;

    if (!c->id || c->manager->sockets_only || c->manager->address.sockaddr.ss_family != AF_UNIX)
        return SM_OK;
    connection_drop_descriptors(c);
    channel_expect(&c->channel, c->descriptors, 1);
    r = connection_call(c, &request, &reply);
    if (r < 0 && r != SM_ERAISED)
        return r;
    channel_expect(&c->channel, NULL, 0);
    if (r == SM_OK) {
        if (reply->value.kind == SM_KIND_BOOL && c->descriptors[0] >= 0)
            use_ring(c);
        sm_reply_free(reply);
    }
    connection_drop_descriptors(c);
    return SM_OK;
}
