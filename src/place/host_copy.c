/* SPDX-License-Identifier: MIT */
/*
 * A call that would run Python code, as list.sort(key=f) does, takes its object along: the object
 * visits the host, which has a copy of its value, and all calls that come meanwhile follow it
 * there. What the last of them leaves is the object's value again. A value that cannot be pickled
 * does not come back: the object stays where it is, and is served there from then on.
 *
 * What is not a call, and looks at the object meanwhile, sees it as it was.
 */
#include "place/host_copy.h"

#include "object/args.h"
#include "object/caller.h"
#include "place/host.h"

#include <stdlib.h>

struct visit {
    struct stay stay;
    uint64_t number;
    size_t calls; /* that the host has now */
};

static struct visit *visit_of(const struct object *object)
{
    return container_of(object->where, struct visit, stay);
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

struct visit *visit_join(struct guests *guests, struct object *object, struct buffer *value)
{
    if (!object->where) {
        struct visit *visit = calloc(1, sizeof(*visit));

        if (!visit || write_value(object, value) < 0) {
            free(visit);
            return NULL;
        }
        visit->stay.place = &guests->place;
        visit->number = ++guests->visits;
        object->where = &visit->stay;
    }
    visit_of(object)->calls++;
    return visit_of(object);
}

uint64_t visit_number(const struct visit *visit)
{
    return visit->number;
}

void visit_forget(struct guests *guests, struct object *object)
{
    struct visit *visit = visit_of(object);

    object->where = NULL;
    guests->host->returned(guests->context, visit->number);
    free(visit);
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
static struct object *make_like(struct guests *guests, const struct object *object,
                                const struct buffer *value)
{
    CLEANUP(buffer_deinit) struct buffer out = {0};
    struct object *made = NULL;
    struct pickle_error error;
    struct sm_items none = {0}, one = {.len = 1};
    struct sm_value v;
    struct call call;

    tree_reset(guests->tree);
    if (pickle_decode(guests->tree, value->data, value->len, &v, &error) < 0)
        return NULL;
    one.item = &v;
    call_init(&call, object->registry, guests->tree, &out, &caller_none);
    call.python = 13;
    call.args = sm_container(SM_KIND_TUPLE, &one);
    call.kwds = sm_container(SM_KIND_DICT, &none);
    if (call_bind(&call, &object->type->create, NULL, object->type->name))
        made = object_new(object->registry, object->type, &call);
    call_deinit(&call);
    return made;
}

void visit_leave(struct guests *guests, struct object *object, const struct buffer *value,
                 bool unchanged)
{
    struct object *made;

    if (--visit_of(object)->calls)
        return;
    if (unchanged || object->type->visits == OBJECT_VISITS_UNCHANGED) {
        visit_forget(guests, object);
        return;
    }
    made = value->len && !value->failed ? make_like(guests, object, value) : NULL;
    if (!made)
        return;
    swap_content(object, made);
    object_unref(made);
    visit_forget(guests, object);
}
