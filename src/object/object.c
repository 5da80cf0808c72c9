/* SPDX-License-Identifier: MIT */
/*
 * Making, finding the methods of, and freeing objects.
 *
 * Freeing an object frees the values in it, which may hold the last references to other objects.
 * So an object that loses its last reference only joins a row; the outermost release works the row
 * off. A chain of a million nested containers is freed without recursion.
 */
#include "object/object.h"

#include "base/memory.h"
#include "object/answer.h"
#include "object/call.h"
#include "object/place.h"
#include "object/transit.h"
#include "object/version.h"
#include "pickle/opcodes.h"

#include <errno.h>

static bool object_is(const void *item, const void *key)
{
    return ((const struct object *)item)->ident == *(const uint64_t *)key;
}

static void object_destroy(struct object *object)
{
    struct registry *registry = object->registry;

    lease_end(object);
    version_end(object);
    list_remove(&object->owned);
    if (map_find(&registry->objects, map_hash_int(object->ident), object_is, &object->ident))
        map_remove(&registry->objects, map_hash_int(object->ident), object);
    if (registry->found.object == object)
        registry->found.object = NULL;
    if (object->where)
        object->where->place->ops->gone(object->where->place, object);
    if (object->type->count && object->type->count(object) >= registry->many &&
        place_free_object(object))
        return;
    if (object->type->deinit)
        object->type->deinit(object);
    memory_free(object);
}

static void object_release(struct ref *ref)
{
    struct object *object = container_of(ref, struct object, ref);
    struct registry *registry = object->registry;

    if (object->transit > 0 && transit_begin(object))
        return;
    object->next_dying = registry->dying;
    registry->dying = object;
    if (registry->freeing)
        return;
    registry->freeing = true;
    while (registry->dying) {
        struct object *next = registry->dying;

        registry->dying = next->next_dying;
        object_destroy(next);
    }
    registry->freeing = false;
}

struct object *object_new(struct registry *registry, const struct object_type *type,
                          struct call *call)
{
    struct object *object;

    if (registry->max_objects && registry->objects.len >= registry->max_objects)
        transits_end(registry);
    if (registry->max_objects && registry->objects.len >= registry->max_objects) {
        call_raise(call, "MemoryError", "the manager has %zu objects, which is its limit",
                   registry->objects.len);
        return NULL;
    }
    object = memory_new_zeroed(1, type->size);
    if (!object) {
        call_raise_errno(call, -ENOMEM);
        return NULL;
    }
    object->ref = (struct ref){.count = 1, .release = object_release};
    object->type = type;
    object->registry = registry;
    object->ident = registry->next_ident++;
    object->audience = call->object ? call->object->audience : call->audience;
    object->of_reader = call->only_reads;
    list_init(&object->owned);
    list_init(&object->holdings);
    if (call->weight == CALL_HEAVY && type->count && place_carry(call, object, NEED_TIME))
        return NULL;
    if (!type->init(object, call)) {
        object_unref(object);
        return NULL;
    }
    return object_enter(object, call) ? object : NULL;
}

bool object_enter(struct object *object, struct call *call)
{
    struct registry *registry = object->registry;

    if (map_add(&registry->objects, map_hash_int(object->ident), object) == 0)
        return true;
    object_unref(object);
    call_raise_errno(call, -ENOMEM);
    return false;
}

void object_own(struct object *object, struct list *owned)
{
    list_remove(&object->owned);
    list_append(owned, &object->owned);
}

void object_disown(struct object *object)
{
    list_remove(&object->owned);
}

bool object_exposes(const struct object *object, const struct method *method, unsigned python,
                    unsigned proxies)
{
    proxies = MAX(python, proxies);
    if (method->exposed_until && method->exposed_until < proxies)
        return false;
    if (method->exposed_since && method->exposed_since <= proxies)
        return true;
    if (method->since > python)
        return false;
    return !method->exposed_since || (object->registered && method->name[0] != '_');
}

/* Most names differ early: cheaper than asking for their lengths. */
static bool method_has_name(const struct method *method, const char *name, size_t len)
{
    size_t i = 0;

    while (i < len && method->name[i] && method->name[i] == name[i])
        i++;
    return i == len && !method->name[i];
}

const struct method *object_method(const struct object *object, const char *name, size_t len,
                                   unsigned python, unsigned proxies)
{
    for (const struct method *m = object->type->methods; m->name; m++) {
        if (method_has_name(m, name, len) && object_exposes(object, m, python, proxies))
            return m;
    }
    return NULL;
}

void object_write_exposed(const struct object *object, struct pickler *p, unsigned python,
                          unsigned proxies)
{
    if (object->type->write_exposed) {
        object->type->write_exposed(object, p);
        return;
    }
    pickler_op(p, MARK);
    for (const struct method *m = object->type->methods; m->name; m++) {
        if (object_exposes(object, m, python, proxies) && !(object->registered && m->unlisted))
            pickler_value(p, NULL, sm_str(m->name));
    }
    pickler_op(p, TUPLE);
}

void object_write_reads(const struct object *object, struct pickler *p, unsigned python,
                        unsigned proxies)
{
    pickler_op(p, MARK);
    for (const struct method *m = object->type->methods; m->name; m++) {
        if (m->reads && object_exposes(object, m, python, proxies))
            pickler_value(p, NULL, sm_str(m->name));
    }
    pickler_op(p, TUPLE);
}

int object_repr(struct object *object, struct buffer *out, unsigned python)
{
    char ident[IDENT_SIZE];

    lease_recall(object);
    if (object->type->repr)
        return object->type->repr(object, out, python);
    ident_format(object->ident, ident);
    buffer_addf(out, "<%s object at 0x%s>", object->type->name, ident);
    return out->failed ? -ENOMEM : 0;
}
