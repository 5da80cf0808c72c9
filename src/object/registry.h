/* SPDX-License-Identifier: MIT */
/*
 * What a manager knows: its types by typeid, its objects by ident, and the deadlines of its parked
 * calls.
 */
#ifndef OBJECT_REGISTRY_H
#define OBJECT_REGISTRY_H

#include "base/map.h"
#include "base/timers.h"
#include "object/call.h"
#include "object/lease.h"
#include "object/transit.h"
#include "object/version.h"

/* A name that create() knows. */
struct typeid
{
    struct list link;
    char *name;                     /* owned */
    const struct object_type *type; /* what create() makes; outlives the registry */
    struct object *singleton;       /* or the one object it always gives; owned reference */
    const char *refusal;            /* or why it cannot be had here: static text */
    bool given;                     /* by the program, after the manager's own: the name is taken */
};

/* Of an ident as text, with its end. */
#define IDENT_SIZE 17

struct registry {
    struct resolver resolver; /* finds objects for the proxies in messages */
    const struct key *key;    /* whose message is decoded: it says which proxies it may send */
    struct list audiences;    /* owned: those that objects are for: see access.h */
    struct list typeids;
    const struct object_type *const *literals; /* by kind, see registry_literal_type(); borrowed */
    bool complete;      /* the manager's own types are there: what comes now is the program's */
    struct map objects; /* by ident; every object alive, borrowed */
    struct {
        struct object *object;  /* NULL: none */
        char ident[IDENT_SIZE]; /* as a request had it */
        size_t len;
    } found; /* the last that a request was for */
    struct timers timers;
    struct transits transits;
    struct leases leases;
    struct versions versions;
    size_t max_objects;   /* how many may be alive; 0: any number */
    struct list held;     /* locks that are held and have an owner */
    size_t counted;       /* objects that clients hold: number_of_objects() */
    size_t references;    /* that they hold, in all */
    size_t waiting;       /* calls that are parked */
    struct object *dying; /* objects without references, about to be freed */
    bool freeing;         /* the row above is being worked off */
    uint64_t next_ident;
    nsec now; /* when what happens now does: a request, a deadline, a death */

    struct list places; /* where calls may be carried out instead: see place.h */
    unsigned offers;    /* the needs that these see to */
    size_t many;        /* values: to go through as many takes longer than others can wait */

    struct sm_value address; /* the server's own, as in its tokens; set by the server */
};

int registry_init(struct registry *registry);

/* No call is under way any more. Objects that refer to each other in cycles are freed too. */
void registry_deinit(struct registry *registry);

#define REGISTRY_TAKEN 1

/*
 * Add a typeid. The program's may take the name of one of the manager's own, in its place. Returns
 * 0, -ENOMEM, or REGISTRY_TAKEN where the program has given the name already.
 */
int registry_add_type(struct registry *registry, const char *name, const struct object_type *type);
int registry_add_refusal(struct registry *registry, const char *name, const char *refusal);

/*
 * Those that objects may be made for, by their names with commas between; the registry's own. Who
 * they are now is for the caller to fill in. NULL: no memory.
 */
struct audience *registry_add_audience(struct registry *registry, const char *names);

/* `object` is the one that create() gives from now on; a reference of its own is taken. */
int registry_add_object(struct registry *registry, const char *name, struct object *object);

/* The name that an object is registered under, or NULL. */
const char *registry_name(const struct registry *registry, const struct object *object);

const struct typeid *registry_typeid(const struct registry *registry, const char *name, size_t len);

/*
 * The type of the object that a registered literal becomes; NULL where there is none. Its init
 * takes the value as the one bound argument.
 */
const struct object_type *registry_literal_type(const struct registry *registry, struct sm_value v);

/* The object of an ident as it stands in tokens: lower-case hex. NULL when there is none. */
struct object *registry_find(const struct registry *registry, const char *ident, size_t len);

/* The same of a value that may be anything. */
struct object *registry_find_value(struct registry *registry, struct sm_value ident);

/* An ident as text. */
void ident_format(uint64_t ident, char ret[IDENT_SIZE]);

/*
 * A client takes or gives back a reference, in the account of its process if that is known. To a
 * closed account nothing happens: all that it had has been given back.
 */
void registry_incref(struct registry *registry, struct object *object, struct account *account);
void registry_decref(struct registry *registry, struct object *object, struct account *account);

/* `n` references of clients, at most as many as there are, are no more, in whosever account. */
void registry_drop(struct registry *registry, struct object *object, size_t n);

#endif
