/* SPDX-License-Identifier: MIT */
/*
 * Objects in transit: nobody refers to them, but their last holder has sent a proxy away that has
 * not arrived. They are kept for a while, as long as there is room.
 */
#ifndef OBJECT_TRANSIT_H
#define OBJECT_TRANSIT_H

#include "base/list.h"
#include "base/timers.h"

struct object;
struct registry;

struct transits {
    struct list rows;   /* oldest first */
    struct timer timer; /* set while there are any */
    size_t len;
    size_t bytes; /* that they hold, as far as that is known */
    bool closed;  /* the manager ends: nothing is kept any more */
};

void transits_init(struct transits *transits);

/* A client that gives a reference back has sent the object's proxy so often. Any number will do. */
void transit_sent(struct object *object, int64_t times);

/* A proxy that was sent has arrived: its receiver takes a reference. */
void transit_arrived(struct object *object);

/*
 * The object has lost its last reference. True: it is kept, and the reference there is now belongs
 * to its transit.
 */
bool transit_begin(struct object *object);

/* Somebody refers to the object again, if it was in transit. */
void transit_end(struct object *object);

/* Let go of all of them; or if memory is scarce; or as well of all that would come. */
void transits_end(struct registry *registry);
void transits_yield(struct registry *registry);
void transits_close(struct registry *registry);

#endif
