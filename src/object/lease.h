/* SPDX-License-Identifier: MIT */
/*
 * The manager's side of base/word.h: which objects are lent, to which processes, and whose the
 * cells are. Only objects whose type has `pack` are ever lent.
 */
#ifndef OBJECT_LEASE_H
#define OBJECT_LEASE_H

#include "base/list.h"
#include "base/word.h"
#include "object/object.h"

struct account;
struct call;

/* An object's word. It outlives the object, until no process has it any more. */
struct lease {
    struct word *word;
    struct object *object;   /* NULL: it is no more */
    struct list attachments; /* the processes that have the word */
    struct list recalled;    /* in the row of those that are to be lent again */
    bool lent;               /* exactly when the word is not WORD_SLOW */
};

/* What a process has of a word: it may use it until it has detached as often as it has attached. */
struct attachment {
    struct lease *lease;
    struct account *account; /* outlives the attachment */
    struct list of_lease, of_account;
    size_t count; /* never 0 */
};

/* Whose a cell is, and was. */
struct tenant {
    const struct call *call; /* of the connection, outlived by it; NULL: nobody's */
    uint32_t generation;
};

struct leases {
    struct word *words; /* shared memory; NULL: none */
    struct cell *cells;
    struct lease **by_word; /* owned, as what it points to */
    struct tenant *tenants; /* owned; by cell */
    size_t words_len, cells_len;
    size_t word_at, cell_at; /* where to look for the next free one */
    struct list recalled;    /* leases that were, since they were lent the last time */
    bool ended;              /* nothing is lent any more */
    size_t len;              /* leases */
    size_t tenants_len;      /* cells that are somebody's */
    size_t lent;             /* those that are lent now */
    uint64_t recalls;        /* so far */
};

void leases_init(struct leases *leases);

/* From now on there is memory to share; it outlives the leases. Returns 0 or -ENOMEM. */
int leases_begin(struct leases *leases, struct word *words, size_t words_len, struct cell *cells,
                 size_t cells_len);

/* Recall all but numbers, and lend nothing any more. */
void leases_end(struct leases *leases);

/* After the last object. */
void leases_deinit(struct leases *leases);

/*
 * Give the connection of a call a cell, whose number is call->cell - 1. Returns 0, or -ENOSPC:
 * there is none for its process: one process has as many as are left for all others, at most, and
 * LIMIT_OWNED_LOOKS.
 * cell_end(): the connection has ended, or its process has. What it owns comes back to the manager.
 * Harmless without a cell.
 */
int cell_begin(struct call *call);
void cell_end(struct call *call);

/* The call of the connection that a word says owns it; NULL: nobody. */
const struct call *cell_tenant(const struct leases *leases, uint64_t word);

/* Whether a connection that had this cell still has it. */
bool cell_is(const struct leases *leases, unsigned cell, uint32_t generation);

/*
 * A process is to use an object's word. Returns 0 with the word's number, or -ENOSPC, -ENOMEM. A
 * word that nobody has yet is given to one that has fewer than there are left for all others; and
 * LIMIT_OWNED_LOOKS.
 * lease_detach(): it does not any more, or not in one place; whatever number it says.
 */
int lease_attach(struct object *object, struct account *account, size_t *ret_word);
void lease_detach(struct leases *leases, struct account *account, uint64_t word);
void lease_detach_all(struct leases *leases, struct account *account);

/* The object is no more. */
void lease_end(struct object *object);

/* The word of an object is looked at or left: see lease_recall(). */
void lease_fetch(struct lease *lease);

/*
 * Before an object is looked at: have its state here. It is lent again by the next leases_lend().
 */
static inline void lease_recall(struct object *object)
{
    if (object->lease)
        lease_fetch(object->lease);
}

/* The same for an object whose method is called: a Condition looks at its lock too. */
static inline void lease_recall_for(struct object *object)
{
    lease_recall(object);
    if (object->type->looks_into && object->type->looks_into(object))
        lease_recall(object->type->looks_into(object));
}

/* An operation is over: lend what was recalled for it, and can be lent. */
void leases_lend_recalled(struct leases *leases);

static inline void leases_lend(struct leases *leases)
{
    if (!list_empty(&leases->recalled))
        leases_lend_recalled(leases);
}

#endif
