/* SPDX-License-Identifier: MIT */
/*
 * Figures of a running manager, filled in where they are: see view/figures.h. A manager can have
 * millions of rows, so one walk gives some of them, and tells where the next one starts; all that
 * it holds is the row at hand. The loop stands still from a walk's begin to its end.
 *
 * A walk is for who has a key: it leaves out objects that this one may not use; and unless it
 * governs, connections of others.
 */
#ifndef VIEW_GATHER_H
#define VIEW_GATHER_H

#include "base/buffer.h"
#include "net/address.h"
#include "object/registry.h"
#include "view/figures.h"

struct call;
struct crowd;
struct key;
struct peer;
struct waiter;

/* As many rows are in one walk. */
#define ROWS_MAX 1000

/* Where the texts of a row stand. */
struct row_texts {
    char ident[IDENT_SIZE];
    char host[ADDRESS_TEXT_MAX];
    char method[64];
};

/* All but the time since the start, and the addresses: these are the server's. */
void gather_info(const struct crowd *crowd, struct info_figures *ret);

/* Clients, in the order of their numbers, from the number `start` on. */
struct client_rows {
    const struct crowd *crowd;
    const struct key *key;
    uint64_t start;
    uint64_t next;         /* the number that the next walk starts at; 0: this is the last one */
    const struct list *at; /* in the crowd's row of peers */
    struct row_texts texts;
};
void client_rows_begin(struct client_rows *rows, const struct crowd *crowd, uint64_t start,
                       const struct key *key);
bool client_rows_next(struct client_rows *rows, struct client_figures *ret);

/*
 * Objects, held by clients or not, from a place in the table of objects on, sorted as far as they
 * go. With none made or removed meanwhile, all walks together have each object once.
 */
struct object_rows {
    const struct crowd *crowd;
    struct object *objects[ROWS_MAX];
    size_t len;
    size_t at;
    uint64_t next; /* the place that the next walk starts at; 0: this is the last one */
    unsigned python;
    int error; /* -ENOMEM: a value was lost */
    struct buffer value;
    struct row_texts texts;
};
void object_rows_begin(struct object_rows *rows, const struct crowd *crowd, uint64_t start,
                       unsigned python, const struct key *key);
bool object_rows_next(struct object_rows *rows, struct object_figures *ret);
void object_rows_end(struct object_rows *rows);

/*
 * The newest of the values that an object holds, as texts of up to 200 characters, 50 of them. Of
 * one that holds no row of values: what it prints, alone.
 */
struct value_rows {
    struct object *object;
    size_t at;   /* the type's */
    size_t left; /* rows that there is room for */
    unsigned python;
    int error; /* there are no more rows */
    struct buffer text;
};
void value_rows_begin(struct value_rows *rows, struct object *object, unsigned python);
bool value_rows_next(struct value_rows *rows, const char **ret, size_t *ret_len);
void value_rows_end(struct value_rows *rows);

/* As object_rows, of all objects that clients hold, in the order of their idents as text. */
struct referred_rows {
    struct object **objects; /* owned */
    size_t len;
    size_t at;
    unsigned python;
    int error; /* -ENOMEM: there are no more rows */
    struct buffer value;
    struct row_texts texts;
};
void referred_rows_begin(struct referred_rows *rows, const struct registry *registry,
                         unsigned python, const struct key *key);
bool referred_rows_next(struct referred_rows *rows, struct object_figures *ret);
void referred_rows_end(struct referred_rows *rows);

/*
 * Locks. First those that are held, by their place in that row, then the clients that wait, by
 * their number, then, in the last walk, all circles of clients that wait for each other. Each kind
 * is gone through to its end before the next one.
 */
struct lock_rows {
    const struct crowd *crowd;
    const struct key *key;
    uint64_t next; /* what the next walk starts at; 0: this is the last one */
    size_t left;   /* rows that there is room for */
    const struct list *held_at;
    uint64_t place; /* of that lock among those that are held */
    size_t word;    /* the next one that is looked at; of locks that are lent */
    const struct list *waiting_at;
    uint64_t first_waiting; /* the least number of a client that is in the walk */
    const struct list *circle_at;
    size_t walks;                /* from client to client so far: see waits.h */
    const struct waiter *circle; /* the first of the circle at hand */
    const struct waiter *waiter; /* the next one of it; NULL: there is no more */
    struct row_texts texts;
};
void lock_rows_begin(struct lock_rows *rows, const struct crowd *crowd, uint64_t start,
                     const struct key *key);
bool lock_rows_held(struct lock_rows *rows, struct held_figures *ret);
bool lock_rows_waiting(struct lock_rows *rows, struct waiting_figures *ret);

/* Go to the next circle. Each in it waits for what the next one holds, the last for the first's. */
bool lock_rows_circle(struct lock_rows *rows);
bool lock_rows_circled(struct lock_rows *rows, struct waiting_figures *ret);

/* What calls come to. */
void gather_metrics(const struct crowd *crowd, struct metrics_figures *ret);

/* Objects that are registered, in the order in which they were, without their values. */
struct registered_rows {
    const struct crowd *crowd;
    const struct key *key;
    const struct list *at; /* in the registry's row of typeids */
    size_t left;           /* rows that there is room for */
    struct row_texts texts;
};
void registered_rows_begin(struct registered_rows *rows, const struct crowd *crowd,
                           const struct key *key);
bool registered_rows_next(struct registered_rows *rows, struct object_figures *ret);

/*
 * Rows of it: of all calls by type and method; of those that waited, by what they waited for, too.
 */
struct series_rows {
    struct series_figures *all; /* owned */
    size_t len;
    size_t at;
    int error;            /* -ENOMEM: there are no rows */
    struct histogram sum; /* of the row at hand */
};
void call_rows_begin(struct series_rows *rows, const struct crowd *crowd, const struct key *key);
void wait_rows_begin(struct series_rows *rows, const struct crowd *crowd, const struct key *key);
bool series_rows_next(struct series_rows *rows, struct series_figures *ret);
void series_rows_end(struct series_rows *rows);

/* The last death of an owner but `n`. False: there is none, or it is forgotten. */
bool gather_death(const struct crowd *crowd, size_t n, struct row_texts *texts,
                  struct death_figures *ret);

/* For the files of this module: the names of what stands in a row. */
void gather_object_name(const struct object *object, struct row_texts *texts,
                        struct object_name *ret);
void gather_client_name(const struct peer *peer, struct row_texts *texts, struct client_name *ret);
void gather_wait(const struct call *call, struct row_texts *texts, struct wait_figures *ret);

/* What can be told of an object without looking at its value. */
void gather_measures(struct object *object, const struct crowd *crowd, struct object_figures *ret);

#endif
