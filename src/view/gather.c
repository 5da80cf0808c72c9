/* SPDX-License-Identifier: MIT */
/* What rows have in common: the names of objects and clients, and the calls that wait. */
#include "view/gather.h"

#include "peer/peer.h"
#include "peer/process.h"
#include "place/guest.h"
#include "place/host.h"

#include <stdio.h>

void gather_object_name(const struct object *object, struct row_texts *texts,
                        struct object_name *ret)
{
    const char *typeid = guest_typeid(object);

    ident_format(object->ident, texts->ident);
    *ret =
        (struct object_name){.ident = texts->ident, .type = typeid ? typeid : object->type->name};
}

void gather_client_name(const struct peer *peer, struct row_texts *texts, struct client_name *ret)
{
    struct identity identity;

    *ret = (struct client_name){.number = peer->call.caller};
    if (peer->process) {
        ret->pid = peer->process->pid;
        ret->process = peer->process->name;
    }
    stream_identify(&peer->stream, &identity);
    if (identity.kind == IDENTITY_LOCAL) {
        ret->host = "local";
    } else if (identity.kind == IDENTITY_REMOTE) {
        address_format(&identity.address, texts->host);
        ret->host = texts->host;
    }
}

void gather_wait(const struct call *call, struct row_texts *texts, struct wait_figures *ret)
{
    nsec now = call->registry->now;
    size_t len = 0;
    const char *hosted = call->method ? NULL : host_method(call, &len);

    snprintf(texts->method, sizeof(texts->method), "%.*s", (int)len, hosted ? hosted : "");
    *ret = (struct wait_figures){
        .method = call->method ? call->method->name
                  : hosted     ? texts->method
                               : NULL,
        .waits = now - call->now,
        .left = call->timer.at ? call->timer.deadline - now : FOREVER,
    };
    gather_object_name(call->object, texts, &ret->object);
}
