/* SPDX-License-Identifier: MIT */
/*
 * What a value refers to more than once, found before it is written, so that the memo is used for
 * nothing else: a value has the same fragment whether or not its message also had its parts
 * elsewhere. Only a message with sharing in it is looked at.
 *
 * Values of a tree are told apart by their ids. A value that a program has put together may have
 * parts of several trees, whose ids say no more than that a message had them: these are told apart
 * by where their content is.
 *
 * This goes exactly the way that writing will go (encode.c), which also goes through some parts of
 * recursive tuples, frozensets and objects again and again. Hence the limit on what is to be
 * written.
 */
#include "pickle/encode.h"

#include "base/limits.h"

#include <errno.h>

struct place_key {
    struct sm_value v;
    bool by_id;
};

static bool place_matches(const void *item, const void *key)
{
    const struct sm_value *have = &((const struct place *)item)->v;
    const struct place_key *want = key;

    if (want->by_id)
        return have->id == want->v.id;
    return have->kind == want->v.kind && have->items == want->v.items && have->len == want->v.len;
}

static uint64_t hash_place(const struct pickler *p, struct sm_value v)
{
    return map_hash_int(p->tree ? v.id : (uintptr_t)v.items);
}

static struct place *find(const struct pickler *p, struct sm_value v)
{
    struct place_key key = {v, p->tree != NULL};

    return map_find(&p->places, hash_place(p, v), place_matches, &key);
}

static struct place *find_or_add(struct pickler *p, struct sm_value v)
{
    struct place *place = find(p, v);

    if (place)
        return place;
    place = arena_alloc(&p->arena, sizeof(*place));
    if (!place || map_add(&p->places, hash_place(p, v), place) < 0) {
        p->error = -ENOMEM;
        return NULL;
    }
    *place = (struct place){.v = v, .index = PLACE_UNSET};
    return place;
}

/*
 * Whether v has content elsewhere, in one place for all that refer to it. Short text and the like
 * is written as often as it occurs: to look for it takes longer, and nobody can tell.
 */
static bool is_placed(struct sm_value v)
{
    if (v.kind == SM_KIND_STR || v.kind == SM_KIND_BYTES || v.kind == SM_KIND_BIGINT)
        return v.len >= SHARED_MIN;
    return v.kind > SM_KIND_BIGINT && v.kind <= SM_KIND_OBJECT && v.kind != SM_KIND_FLOAT;
}

static bool may_be_shared(const struct pickler *p, struct sm_value v)
{
    return (p->tree ? tree_is_shared(p->tree, v) : v.id != 0) && is_placed(v);
}

/* Whether a value without a tree has a part that came in a message. */
static bool has_ids(struct sm_value v, unsigned depth)
{
    if (v.id || depth == LIMIT_DEPTH)
        return true;
    for (size_t i = 0; sm_is_container(v) && i < v.items->len; i++) {
        if (has_ids(v.items->item[i], depth + 1))
            return true;
    }
    return v.kind == SM_KIND_OBJECT;
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
    struct place *place = may_be_shared(p, v) ? find_or_add(p, v) : NULL;

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

/* How much may be written. Without a tree nothing tells what the messages weighed. */
static size_t budget_of(const struct tree *tree)
{
    size_t weight;

    if (!tree)
        return (size_t)MIN((uint64_t)LIMIT_MESSAGE_DEFAULT, SIZE_MAX);
    weight = MAX(tree->message_len, LIMIT_GROWTH_FLOOR / LIMIT_GROWTH);
    return weight > SIZE_MAX / LIMIT_GROWTH ? SIZE_MAX : weight * LIMIT_GROWTH;
}

void places_find(struct pickler *p, struct sm_value v)
{
    if (v.kind != SM_KIND_OBJECT && !sm_is_container(v))
        return;
    if (p->tree ? !p->tree->sharing : !has_ids(v, 0))
        return;
    p->budget = budget_of(p->tree);
    find_in(p, v);
}

struct place *places_get(const struct pickler *p, struct sm_value v)
{
    struct place *place = v.id && p->places.len ? find(p, v) : NULL;

    return place && place->again ? place : NULL;
}

void places_forget(struct pickler *p)
{
    if (p->places.len)
        map_deinit(&p->places);
}
