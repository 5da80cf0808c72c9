/* SPDX-License-Identifier: MIT */
/*
 * sm_objects(): a row for each object alive, held by clients or not. A manager can have millions,
 * so an answer holds some of them, from a place in the table of objects on; with none made or
 * removed meanwhile, all answers together have each object once.
 */
#include "server/view.h"

#include "object/answer.h"
#include "pickle/opcodes.h"
#include "types/types.h"

#include <errno.h>
#include <stdlib.h>

static int compare_idents(const void *a, const void *b)
{
    const struct object *x = *(struct object *const *)a, *y = *(struct object *const *)b;

    return (x->ident > y->ident) - (x->ident < y->ident);
}

static void write_name(struct pickler *p, const struct object *object)
{
    const char *name = registry_name(object->registry, object);

    if (name)
        view_text(p, "name", name);
    else
        view_none(p, "name");
}

/* What guests print, and take, only their host knows. */
static int write_object(struct pickler *p, struct object *object, unsigned python)
{
    CLEANUP(buffer_deinit) struct buffer text = {0};
    struct extent extent = {.bytes = object->type->size};
    int r = 0;

    if (object->type->measure && !object_missed(object))
        object->type->measure(object, &extent);
    if (!guest_of(object))
        r = object_describe(object, python, &text);
    view_dict_begin(p);
    view_object(p, object);
    write_name(p, object);
    view_int(p, "references", object->clients);
    view_int(p, "waiting", object->waiting);
    view_int(p, "items", extent.items);
    view_int(p, "bytes", extent.bytes);
    view_key(p, "value");
    pickler_value(p, NULL, guest_of(object) ? sm_none() : sm_strn((char *)text.data, text.len));
    view_dict_end(p);
    return r;
}

/* The next objects, as many as fit; returns how many, and moves *at on. */
static size_t collect(const struct registry *registry, struct object **ret, size_t *at)
{
    struct object *object;
    size_t n = 0;

    while (n < VIEW_ROWS_MAX && (object = map_next(&registry->objects, at)))
        ret[n++] = object;
    return n;
}

/* The answer: (where to go on or None, rows), sorted as far as they go. */
void serve_objects(struct peer *peer, struct call *call)
{
    struct object *objects[VIEW_ROWS_MAX];
    struct pickler *p;
    uint64_t start;
    size_t at, n;

    (void)peer;
    if (!view_start(call, call->arg[0], &start))
        return;
    at = (size_t)start;
    n = at < call->registry->objects.cap ? collect(call->registry, objects, &at) : 0;
    qsort(objects, n, sizeof(struct object *), compare_idents);
    p = call_return_begin(call);
    pickler_value(p, NULL, n == VIEW_ROWS_MAX ? sm_int((int64_t)at) : sm_none());
    view_list_begin(p);
    for (size_t i = 0; i < n; i++) {
        if (write_object(p, objects[i], call->python) < 0)
            p->error = -ENOMEM;
    }
    view_list_end(p);
    pickler_op(p, TUPLE2);
    call_return_end(call);
}
