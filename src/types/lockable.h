/* SPDX-License-Identifier: MIT */
/* What is held and waited for: the half that Lock, RLock and the semaphores have in common. */
#ifndef TYPES_LOCKABLE_H
#define TYPES_LOCKABLE_H

#include "object/waitq.h"

struct lockable;

/* Who holds a lock. */
struct holder {
    uint64_t caller;         /* the connection it was taken over; 0: nobody holds it */
    struct account *account; /* of the process behind that; NULL: not known; outlives the holding */
    nsec since;
    unsigned cell; /* of that connection: see struct call */
    uint32_t generation;
};

struct lockable_ops {
    /* Whether `caller` could take it at once. */
    bool (*is_free)(const struct lockable *lock, uint64_t caller);

    /*
     * How many levels deep `caller` holds it, 0 for not at all. What has no owner is held by all.
     */
    uint64_t (*held)(const struct lockable *lock, uint64_t caller);

    /* Take it, free as it is for this call; what is returned comes back in `untake`. */
    uint64_t (*take)(struct lockable *lock, struct call *call, uint64_t levels);

    /* Let go of every level that is held. */
    void (*drop)(struct lockable *lock);

    /* Let go of what a call took and its caller never learnt of, unless it went on since. */
    void (*untake)(struct lockable *lock, struct call *call, uint64_t taken);
};

struct lockable {
    struct object object;
    const struct lockable_ops *ops;
    struct list held;     /* in the registry's row, while somebody holds it */
    struct holder holder; /* always nobody where units have no owner: semaphores */
    struct waitq waiters; /* oldest first; empty unless it is not free for the oldest */
    bool serving;         /* it is being handed to them: see lockable_serve() */
};

void lockable_init(struct lockable *lock, const struct lockable_ops *ops);

/* `deinit` of the types that are held. */
void lockable_deinit(struct object *self);

/* The lockable that an object is, or, of a Condition, works through; NULL when it is neither. */
struct lockable *lockable_of(struct object *object);

/* The lock that a call waits for. NULL: it waits for something else, such as a notification. */
struct lockable *lockable_waited_for(const struct call *call);

/* Take the lock for a call and answer True; else wait for it, or answer False when time is up. */
void lockable_acquire(struct lockable *lock, struct call *call, nsec timeout);

/*
 * Take the lock again for a call that waited for a Condition, as deep as it was held, however long
 * that takes; then answer whether it was notified.
 */
void lockable_reacquire(struct lockable *lock, struct call *call, uint64_t levels, bool notified);

/* Hand the lock to the calls that wait for it, as long as it is free for the oldest. */
void lockable_serve(struct lockable *lock);

/* From now on the call's connection, or process, holds the lock; from now on nobody does. */
void lockable_hold(struct lockable *lock, const struct call *call, struct list *owner);
void lockable_let_go(struct lockable *lock);

/*
 * The state as a word, `levels` deep, and as nobody's from then on. False: it cannot be lent, as
 * somebody waits, or whoever holds it has no cell.
 */
bool lockable_pack(struct lockable *lock, uint64_t levels, uint64_t *ret);

/*
 * The state back from a word: held by the connection that is returned, in the row of what `owner`
 * says of it. NULL: by nobody.
 */
const struct call *lockable_unpack(struct lockable *lock, uint64_t word,
                                   struct list *(*owner)(const struct call *call));

/* Whether a lock that is lent is held by its word, and by whom: to show it. It stays lent. */
bool lockable_lent_to(const struct lockable *lock, struct holder *ret);

/* `owner_gone` of the types that are held. */
void lockable_owner_gone(struct object *self, bool keep);

/* `give_back` of every lockable type. */
void lockable_give_back(struct object *self, struct call *call);

/* Whether a call that was handed the lock got there by a Condition's notification. */
bool lockable_was_notified(const struct call *call);

#endif
