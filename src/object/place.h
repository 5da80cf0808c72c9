/* SPDX-License-Identifier: MIT */
/*
 * A place where calls are carried out other than here and now, by their method on the loop: a
 * thread of the server's, or the program's; or the server itself, of calls that are of no object.
 * The registry has a row of them. Each says which needs of a call it sees to; the first that sees
 * to a need gets the call. It parks the call, and ends that by an answer or by having the call made
 * again: see caller.h.
 *
 * An object can be at one place at a time. Then that place gets all calls of the object.
 */
#ifndef OBJECT_PLACE_H
#define OBJECT_PLACE_H

#include "object/registry.h"

struct place;

/* An object's being at a place: in the place's own record of it. */
struct stay {
    struct place *place;
};

#define NEED_BIT(need) (1u << (need))

struct place_ops {
    unsigned sees_to; /* the bits of needs */
    bool excludes;    /* an object that is there must not be looked into by anybody else */

    /*
     * Carry the call out, for this need: to be parked or answered when this returns. `object` is
     * the call's; or one that it makes, that is not made yet and belongs to the place then; or one
     * that is at this place, and that the call must wait for. NULL: the call is of none, or of none
     * yet.
     */
    void (*carry)(struct place *place, struct call *call, struct object *object,
                  enum call_need need);

    /*
     * Decode a call's message, which may be taken out of the buffer that it is in. False: it is to
     * be decoded here. NULL: always.
     */
    bool (*decode)(struct place *place, struct call *call, struct buffer *in);

    /* What is known here of the call must be true now. Harmless for others. NULL: it always is. */
    void (*recall)(struct place *place, struct call *call);

    /* The same of all calls of an object; NULL: of all calls. */
    void (*recall_object)(struct place *place, const struct object *object);

    /* The caller makes no more calls. NULL: nothing to do. */
    void (*ended)(struct place *place, struct call *call);

    /* An object that is here has lost its last reference, and goes. NULL: it cannot while here. */
    void (*gone)(struct place *place, struct object *object);

    /* Free an object that holds very many values. False: it is to be freed here. NULL: always. */
    bool (*free)(struct place *place, struct object *object);

    /* The object that stands for a descriptor which this place keeps; NULL: there is none. */
    struct object *(*find)(struct place *place, struct sm_value key);
};

struct place {
    const struct place_ops *ops;
    struct registry *registry; /* outlives the place */
    struct list link;
};

/* Behind those that are there. */
void place_add(struct registry *registry, struct place *place, const struct place_ops *ops);
void place_remove(struct place *place);

static inline bool registry_offers(const struct registry *registry, enum call_need need)
{
    return registry->offers & NEED_BIT(need);
}

/* Have a call carried out at a place, as place_ops has it. False: there is none for this need. */
bool place_carry(struct call *call, struct object *object, enum call_need need);

/* The functions of all places, for those who make calls, and for objects. */
bool place_decode(struct call *call, struct buffer *in);
void place_recall(struct call *call);
void place_recall_object(struct registry *registry, const struct object *object);
void place_ended(struct call *call);
bool place_free_object(struct object *object);
struct object *place_find(const struct registry *registry, struct sm_value key);

/* Whether a place has the object to itself. */
static inline bool object_is_out(const struct object *object)
{
    return object->where && object->where->place->ops->excludes;
}

/* What must be back before the object can be looked into here; NULL: nothing. */
static inline struct object *object_missed(struct object *object)
{
    if (object->type->looks_into)
        object = object->type->looks_into(object);
    return object && object_is_out(object) ? object : NULL;
}

#endif
