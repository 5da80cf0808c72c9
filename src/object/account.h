/* SPDX-License-Identifier: MIT */
/*
 * What one process holds in the manager, over whichever of its connections it took it: references
 * to objects, and locks that are released when the process ends.
 */
#ifndef OBJECT_ACCOUNT_H
#define OBJECT_ACCOUNT_H

#include "base/list.h"
#include "base/map.h"

struct object;
struct registry;

struct account {
    struct map holdings;     /* by object; owned */
    struct list owned;       /* objects that the process owns: see object_own() */
    struct list attachments; /* words that it has: see lease.h */
    size_t words, cells;     /* how many it has of each */
    size_t references;       /* the sum of its holdings */
    bool closed;             /* the process has ended: it takes and gives nothing any more */
};

/* The references of one account to one object. */
struct holding {
    struct account *account; /* outlives the holding */
    struct object *object;   /* too */
    struct list link;        /* in the object's row */
    size_t count;            /* never 0 */
};

void account_init(struct account *account);

/*
 * The process has ended: give back every reference of its own. Returns how many objects' counts
 * that has lowered by how much, in all. Its locks are left to call_disown_all().
 */
size_t account_close(struct account *account, struct registry *registry);

/* The process has ended, or is of no interest any more, and what it took stays taken. */
void account_abandon(struct account *account);

/* Whether the account stands for anything at all. */
static inline bool account_is_empty(const struct account *account)
{
    return !account->references && list_empty(&account->owned) && list_empty(&account->attachments);
}

/*
 * One more reference of this account, one less. Where memory runs out, or the account has no
 * reference to the object, nothing is noted.
 */
void account_add(struct account *account, struct object *object);
void account_take(struct account *account, struct object *object);

/* Whether the account has a reference to the object. */
bool account_has(const struct account *account, const struct object *object);

/* Nobody refers to the object any more, whatever the accounts say. */
void account_forget(struct object *object);

#endif
