/* SPDX-License-Identifier: MIT */
/* The row of places: which of them gets a call. */
#include "object/place.h"

static void note_offers(struct registry *registry)
{
    struct place *place;

    registry->offers = 0;
    list_for_each(place, &registry->places, link)
        registry->offers |= place->ops->sees_to;
}

void place_add(struct registry *registry, struct place *place, const struct place_ops *ops)
{
    place->ops = ops;
    place->registry = registry;
    list_init(&place->link);
    list_append(&registry->places, &place->link);
    note_offers(registry);
}

void place_remove(struct place *place)
{
    list_remove(&place->link);
    note_offers(place->registry);
}

bool place_carry(struct call *call, struct object *object, enum call_need need)
{
    struct place *place = object && object->where ? object->where->place : NULL;
    struct place *next;

    list_for_each(next, &call->registry->places, link) {
        if (!place && next->ops->sees_to & NEED_BIT(need))
            place = next;
    }
    if (place)
        place->ops->carry(place, call, object, need);
    return place != NULL;
}

bool place_decode(struct call *call, struct buffer *in)
{
    struct place *place;

    if (!in)
        return false;
    list_for_each(place, &call->registry->places, link) {
        if (place->ops->decode && place->ops->decode(place, call, in))
            return true;
    }
    return false;
}

void place_recall(struct call *call)
{
    struct place *place;

    list_for_each(place, &call->registry->places, link) {
        if (place->ops->recall)
            place->ops->recall(place, call);
    }
}

void place_recall_object(struct registry *registry, const struct object *object)
{
    struct place *place;

    list_for_each(place, &registry->places, link) {
        if (place->ops->recall_object)
            place->ops->recall_object(place, object);
    }
}

void place_ended(struct call *call)
{
    struct place *place;

    list_for_each(place, &call->registry->places, link) {
        if (place->ops->ended)
            place->ops->ended(place, call);
    }
}

bool place_free_object(struct object *object)
{
    struct place *place;

    list_for_each(place, &object->registry->places, link) {
        if (place->ops->free && place->ops->free(place, object))
            return true;
    }
    return false;
}

struct object *place_find(const struct registry *registry, struct sm_value key)
{
    struct object *found = NULL;
    struct place *place;

    list_for_each(place, &registry->places, link) {
        if (!found && place->ops->find)
            found = place->ops->find(place, key);
    }
    return found;
}
