/* SPDX-License-Identifier: MIT */
/*
 * What a value refers to more than once, found before it is written, so that the memo is used for
 * nothing else: a value has the same fragment whether or not its message also had its parts
 * elsewhere. Only a message with sharing in it is looked at.
 *
 * This goes exactly the way that writing will go (encode.c), which also goes through some parts of
 * recursive tuples, frozensets and objects again and again. Hence the limit on what is to be
 * written.
 */
#include "pickle/encode.h"

#include "base/limits.h"

#include <errno.h>

static bool place_matches(const void *item, const void *key)
{
    return ((const struct place *)item)->id == *(const uint32_t *)key;
}

static struct place *find(const struct pickler *p, uint32_t id)
{
    return map_find(&p->places, map_hash_int(id), place_matches, &id);
}

static struct place *find_or_add(struct pickler *p, uint32_t id)
{
    struct place *place = find(p, id);

    if (place)
        return place;
    place = arena_alloc(&p->arena, sizeof(*place));
    if (!place || map_add(&p->places, map_hash_int(id), place) < 0) {
        p->error = -ENOMEM;
        return NULL;
    }
    *place = (struct place){.id = id, .index = PLACE_UNSET};
    return place;
}

static void find_in(struct pickler *p, struct sm_value v);

/* v can be referred to from here on; or it has been, inside its own parts: then false. */
static bool complete(struct place *place)
{
    if (!place)
        return true;
    place->again |= place->complete;
    if (place->complete)
        return false;
    place->complete = true;
    return true;
}

static void find_in_items(struct pickler *p, struct sm_value v, struct place *place)
{
    bool at_once = v.kind != SM_KIND_TUPLE && v.kind != SM_KIND_FROZENSET;

    if (at_once)
        complete(place);
    for (size_t i = 0; i < v.items->len && !p->error; i++)
        find_in(p, v.items->item[i]);
    if (!at_once)
        complete(place);
}

static void find_in_object(struct pickler *p, const struct sm_object *object, struct place *place)
{
    find_in(p, object->callable);
    find_in(p, object->args);
    if (object->make == SM_MAKE_NEW_EX)
        find_in(p, object->kwargs);
    if (!complete(place))
        return;
    for (size_t i = 0; i < object->steps_len && !p->error; i++) {
        if (object->steps[i].kind == SM_STEP_SETITEM)
            find_in(p, object->steps[i].key);
        find_in(p, object->steps[i].value);
    }
}

/* Account for what v itself, without its parts, takes to write. */
static void account(struct pickler *p, struct sm_value v)
{
    size_t size = 1 + (v.kind == SM_KIND_OBJECT || sm_is_container(v) ? 0 : v.len);

    if (size > p->budget)
        p->error = -E2BIG;
    else
        p->budget -= size;
}

static void find_in(struct pickler *p, struct sm_value v)
{
    struct place *place = tree_is_shared(p->tree, v) ? find_or_add(p, v.id) : NULL;

    if (place && place->complete) {
        place->again = true;
        return;
    }
    if (p->depth == LIMIT_DEPTH)
        p->error = -ELOOP;
    account(p, v);
    if (p->error)
        return;
    p->depth++;
    if (v.kind == SM_KIND_OBJECT)
        find_in_object(p, v.object, place);
    else if (sm_is_container(v))
        find_in_items(p, v, place);
    else
        complete(place);
    p->depth--;
}

void places_find(struct pickler *p, struct sm_value v)
{
    if (!p->tree || !p->tree->sharing)
        return;
    p->budget = MAX(p->tree->message_len, LIMIT_GROWTH_FLOOR / LIMIT_GROWTH);
    p->budget = p->budget > SIZE_MAX / LIMIT_GROWTH ? SIZE_MAX : p->budget * LIMIT_GROWTH;
    find_in(p, v);
}

struct place *places_get(const struct pickler *p, struct sm_value v)
{
    struct place *place = v.id && p->places.len ? find(p, v.id) : NULL;

    return place && place->again ? place : NULL;
}

void places_forget(struct pickler *p)
{
    if (p->places.len)
        map_deinit(&p->places);
}
