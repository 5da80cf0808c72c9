/* SPDX-License-Identifier: MIT */
/*
 * A reference to an object, held by a thread that knows its ident alone. Taking and giving back are
 * both posted, and what is posted is delivered in order: the object is there as long as whoever
 * told the ident kept it until the hold was posted.
 */
#include "place/host.h"
#include "place/post.h"
#include "syncmanager/guest.h"

#include <stdlib.h>

struct sm_hold {
    struct post take, release;
    struct host *host;     /* outlives the hold */
    struct object *object; /* the loop's; one reference, or NULL */
    atomic_uint sent;      /* how often its proxy was */
    char ident[];
};

static void take(struct post *post)
{
    struct sm_hold *hold = container_of(post, struct sm_hold, take);

    atomic_fetch_sub(&hold->host->holds, 1);
    hold->object = registry_find(hold->host->place.registry, hold->ident, strlen(hold->ident));
    if (hold->object)
        object_ref(hold->object);
}

static void release(struct post *post)
{
    struct sm_hold *hold = container_of(post, struct sm_hold, release);

    if (hold->object)
        transit_sent(hold->object, atomic_load(&hold->sent));
    object_unref(hold->object);
    free(hold);
}

struct sm_hold *host_ref_new(struct host *host, const char *ident)
{
    struct sm_hold *hold = calloc(1, sizeof(*hold) + strlen(ident) + 1);

    if (!hold)
        return NULL;
    strcpy(hold->ident, ident);
    hold->host = host;
    hold->take.deliver = take;
    hold->release.deliver = release;
    atomic_fetch_add(&host->holds, 1);
    post_send(host->posts, &hold->take);
    return hold;
}

void sm_hold_sent(struct sm_hold *hold)
{
    if (hold)
        atomic_fetch_add(&hold->sent, 1);
}

void sm_hold_release(struct sm_hold *hold)
{
    if (hold)
        post_send(hold->host->posts, &hold->release);
}
