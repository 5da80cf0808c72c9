/* SPDX-License-Identifier: MIT */
/*
 * A guest: an object that the host has. The server knows the host's pointer to it, and the typeid
 * under which it was made. All its calls are the host's.
 *
 * Which guest has an object is known to the loop alone. A host that gives a guest twice gives two
 * references, and gets one back if the first object is still there: no moment is left in which one
 * side takes for alive what the other has dropped.
 */
#include "place/guest.h"

#include "object/answer.h"
#include "pickle/opcodes.h"
#include "place/host.h"
#include "place/host_request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct guest {
    struct object object;
    struct host *host; /* outlives the object */
    void *guest;       /* one reference of the host's */
    char *typeid;      /* owned: what it was made as */
    char **exposed;    /* owned: names and their text in one block, NULL at the end */
};

static bool is_of_guest(const void *item, const void *guest)
{
    return ((const struct guest *)item)->guest == guest;
}

static uint64_t guest_hash(const void *guest)
{
    return map_hash_int((uint64_t)(uintptr_t)guest);
}

static void guest_deinit(struct object *self)
{
    struct guest *object = container_of(self, struct guest, object);
    struct host *host = object->host;

    if (object->guest) {
        map_remove(&host->objects, guest_hash(object->guest), object);
        host->ops->dropped(host->context, TAKE_PTR(object->guest));
    }
    free(TAKE_PTR(object->exposed));
    free(TAKE_PTR(object->typeid));
}

static bool guest_init(struct object *self, struct call *call)
{
    (void)self;
    (void)call;
    return true;
}

static void guest_write_exposed(const struct object *self, struct pickler *p)
{
    const struct guest *object = container_of(self, struct guest, object);

    pickler_op(p, MARK);
    for (char **name = object->exposed; name && *name; name++)
        pickler_value(p, NULL, sm_str(*name));
    pickler_op(p, TUPLE);
}

static void guest_call(struct object *self, struct call *call)
{
    struct guest *object = container_of(self, struct guest, object);
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

static const struct object_type guest_type = {
    .name = "guest",
    .size = sizeof(struct guest),
    .methods = no_methods,
    .init = guest_init,
    .deinit = guest_deinit,
    .serve = guest_call,
    .write_exposed = guest_write_exposed,
};

void *guest_of(const struct object *object)
{
    return object->type == &guest_type ? container_of(object, struct guest, object)->guest : NULL;
}

const char *guest_typeid(const struct object *object)
{
    return guest_of(object) ? container_of(object, struct guest, object)->typeid : NULL;
}

struct object *guest_take(struct host_request *request, struct call *call)
{
    struct host *host = request->host;
    uint64_t hash = guest_hash(request->guest);
    struct guest *object = map_find(&host->objects, hash, is_of_guest, request->guest);
    struct object *made;

    if (object) {
        free(object->exposed);
        object->exposed = TAKE_PTR(request->exposed);
        return object_ref(&object->object);
    }
    made = object_new(call->registry, &guest_type, call);
    if (!made)
        return NULL;
    object = container_of(made, struct guest, object);
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
