/* SPDX-License-Identifier: MIT */
/*
 * A guest: an object that the host has, of which the server knows its number at the host and its
 * typeid. All its calls are the host's.
 *
 * Which guest has an object is known to the loop alone. A host that gives a guest twice gives two
 * references, and gets one back if the first object is still there: no moment is left in which one
 * side takes for alive what the other has dropped.
 */
#include "object/answer.h"
#include "pickle/opcodes.h"
#include "place/host.h"
#include "place/host_request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct hosted {
    struct object object;
    struct host *host; /* outlives the object */
    void *guest;       /* one reference of the host's */
    char *typeid;      /* owned: what it was made as */
    char **exposed;    /* owned: names and their text in one block, NULL at the end */
};

static bool is_of_guest(const void *item, const void *guest)
{
    return ((const struct hosted *)item)->guest == guest;
}

static uint64_t hosted_hash(const void *guest)
{
    return map_hash_int((uint64_t)(uintptr_t)guest);
}

static void hosted_deinit(struct object *self)
{
    struct hosted *object = container_of(self, struct hosted, object);
    struct host *host = object->host;

    if (object->guest) {
        map_remove(&host->objects, hosted_hash(object->guest), object);
        host->ops->dropped(host->context, TAKE_PTR(object->guest));
    }
    free(TAKE_PTR(object->exposed));
    free(TAKE_PTR(object->typeid));
}

static bool hosted_init(struct object *self, struct call *call)
{
    (void)self;
    (void)call;
    return true;
}

static void hosted_write_exposed(const struct object *self, struct pickler *p)
{
    const struct hosted *object = container_of(self, struct hosted, object);

    pickler_op(p, MARK);
    for (char **name = object->exposed; name && *name; name++)
        pickler_value(p, NULL, sm_str(*name));
    pickler_op(p, TUPLE);
}

static void hosted_call(struct object *self, struct call *call)
{
    struct hosted *object = container_of(self, struct hosted, object);
    struct host_request *request;

    if (tree_keep_ref(call->tree, ref_take(&self->ref)) < 0) {
        call_raise_errno(call, -ENOMEM);
        return;
    }
    request = host_request_new(object->host, call, SM_REQUEST_CALL);
    if (!request)
        return;
    request->asked.guest = object->guest;
    buffer_add(&request->message, call->message, call->message_len);
    host_request_serve(request, call);
}

static const struct method no_methods[] = {{0}};

static const struct object_type hosted_type = {
    .name = "guest",
    .size = sizeof(struct hosted),
    .methods = no_methods,
    .init = hosted_init,
    .deinit = hosted_deinit,
    .serve = hosted_call,
    .write_exposed = hosted_write_exposed,
};

void *host_guest(const struct object *object)
{
    return object->type == &hosted_type ? container_of(object, struct hosted, object)->guest : NULL;
}

const char *host_typeid(const struct object *object)
{
    return host_guest(object) ? container_of(object, struct hosted, object)->typeid : NULL;
}

struct object *host_object(struct host_request *request, struct call *call)
{
    struct host *host = request->host;
    uint64_t hash = hosted_hash(request->guest);
    struct hosted *object = map_find(&host->objects, hash, is_of_guest, request->guest);
    struct object *made;

    if (object) {
        free(object->exposed);
        object->exposed = TAKE_PTR(request->exposed);
        return object_ref(&object->object);
    }
    made = object_new(call->registry, &hosted_type, call);
    if (!made)
        return NULL;
    object = container_of(made, struct hosted, object);
    object->host = host;
    object->typeid = strdup(request->typeid);
    if (!object->typeid || map_add(&host->objects, hash, object) < 0) {
        object_unref(made);
        call_raise_errno(call, -ENOMEM);
        return NULL;
    }
    object->guest = TAKE_PTR(request->guest);
    object->exposed = TAKE_PTR(request->exposed);
    return made;
}
