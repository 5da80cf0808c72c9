/* SPDX-License-Identifier: MIT */
/*
 * A call that would run Python code, as list.sort(key=f) does, goes to the host with a copy of its
 * object's value, and all calls of the object that come meanwhile follow it there. What the last of
 * them leaves of the copy is the object's value again. A copy that cannot be pickled does not come
 * back: the object is served there from then on. The public header calls this a visit.
 *
 * What is not a call, and looks at the object meanwhile, sees it as it was.
 */
#include "place/host_copy.h"

#include "object/args.h"
#include "object/caller.h"
#include "place/host.h"

#include <stdlib.h>

struct host_copy {
    struct stay stay;
    uint64_t number;
    size_t calls; /* that the host has now */
};

static struct host_copy *host_copy_of(const struct object *object)
{
    return container_of(object->where, struct host_copy, stay);
}

static int write_value(struct object *object, struct buffer *out)
{
    struct pickler p;
    int r;

    pickler_init(&p, out);
    pickler_start(&p);
    object->type->getvalue(object, &p);
    r = pickler_finish(&p);
    pickler_deinit(&p);
    return r;
}

struct host_copy *host_copy_join(struct host *host, struct object *object, struct buffer *value)
{
    if (!object->where) {
        struct host_copy *copy = calloc(1, sizeof(*copy));

        if (!copy || write_value(object, value) < 0) {
            free(copy);
            return NULL;
        }
        copy->stay.place = &host->place;
        copy->number = ++host->copies;
        object->where = &copy->stay;
        version_hide(object);
    }
    host_copy_of(object)->calls++;
    return host_copy_of(object);
}

uint64_t host_copy_number(const struct host_copy *copy)
{
    return copy->number;
}

void host_copy_forget(struct host *host, struct object *object)
{
    struct host_copy *copy = host_copy_of(object);

    object->where = NULL;
    version_show(object);
    host->ops->returned(host->context, copy->number);
    free(copy);
}

/* What the types that may change abroad hold is one block without pointers into itself. */
static void swap_content(struct object *a, struct object *b)
{
    uint8_t *x = (uint8_t *)(a + 1), *y = (uint8_t *)(b + 1);

    for (size_t i = 0; i < a->type->size - sizeof(struct object); i++) {
        uint8_t byte = x[i];

        x[i] = y[i];
        y[i] = byte;
    }
}

/* An object like this one, made of a pickled value; NULL: it cannot be. */
static struct object *make_like(struct host *host, const struct object *object,
                                const struct buffer *value)
{
    CLEANUP(buffer_deinit) struct buffer out = {0};
    struct object *made = NULL;
    struct pickle_error error;
    struct sm_items none = {0}, one = {.len = 1};
    struct sm_value v;
    struct call call;

    tree_reset(host->tree);
    if (pickle_decode(host->tree, value->data, value->len, &v, &error) < 0)
        return NULL;
    one.item = &v;
    call_init(&call, object->registry, host->tree, &out, &caller_none);
    call.python = 13;
    call.args = sm_container(SM_KIND_TUPLE, &one);
    call.kwds = sm_container(SM_KIND_DICT, &none);
    if (call_bind(&call, &object->type->create, NULL, object->type->name))
        made = object_new(object->registry, object->type, &call);
    call_deinit(&call);
    return made;
}

void host_copy_leave(struct host *host, struct object *object, const struct buffer *value,
                     bool unchanged)
{
    struct object *made;

    if (--host_copy_of(object)->calls)
        return;
    if (unchanged || object->type->visits == OBJECT_VISITS_UNCHANGED) {
        host_copy_forget(host, object);
        return;
    }
    made = value->len && !value->failed ? make_like(host, object, value) : NULL;
    if (!made)
        return;
    swap_content(object, made);
    object_unref(made);
    host_copy_forget(host, object);
}
