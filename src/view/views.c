/* SPDX-License-Identifier: MIT */
/*
 * The views: each goes through figures of the manager, row by row, and writes them into its answer.
 * What the answers are, docs/protocol.md says.
 */
#include "view/views.h"

#include "object/access.h"
#include "object/answer.h"
#include "peer/peer.h"
#include "pickle/opcodes.h"
#include "view/gather.h"
#include "view/pickle.h"

/*
 * Where the rows of an answer start: an int that the last answer gave, or missing for the
 * beginning. False: the call has been answered with a TypeError.
 */
static bool take_start(struct call *call, uint64_t *ret)
{
    struct sm_value start = call->arg[0];

    *ret = 0;
    if (start.kind == SM_KIND_MISSING)
        return true;
    if (start.kind == SM_KIND_INT && start.integer >= 0) {
        *ret = (uint64_t)start.integer;
        return true;
    }
    call_fail(call, "TypeError", "start must be an int from an earlier answer, not %s",
              call_type_name(call, start));
    return false;
}

/* The answer: (where to go on or None, rows). */
void serve_clients(struct peer *peer, struct call *call)
{
    struct client_figures client;
    struct client_rows rows;
    struct pickler *p;
    uint64_t start;

    if (!take_start(call, &start))
        return;
    client_rows_begin(&rows, peer->crowd, start, call->key);
    p = call_return_begin(call);
    pickle_next(p, rows.next);
    pickle_list_begin(p);
    while (client_rows_next(&rows, &client))
        pickle_client(p, &client);
    pickle_list_end(p);
    pickler_op(p, TUPLE2);
    call_return_end(call);
}

static void answer_objects(struct call *call, const struct crowd *crowd, uint64_t start)
{
    CLEANUP(object_rows_end) struct object_rows rows;
    struct object_figures object;
    struct pickler *p;

    object_rows_begin(&rows, crowd, start, call->python, call->key);
    p = call_return_begin(call);
    pickle_next(p, rows.next);
    pickle_list_begin(p);
    while (object_rows_next(&rows, &object))
        pickle_object(p, &object);
    pickle_list_end(p);
    pickler_op(p, TUPLE2);
    if (rows.error)
        p->error = rows.error;
    call_return_end(call);
}

/* The answer: (where to go on or None, rows). */
void serve_objects(struct peer *peer, struct call *call)
{
    uint64_t start;

    if (take_start(call, &start))
        answer_objects(call, peer->crowd, start);
}

static void answer_values(struct call *call, struct object *object)
{
    CLEANUP(value_rows_end) struct value_rows rows;
    const char *text;
    struct pickler *p;
    size_t len;

    value_rows_begin(&rows, object, call->python);
    p = call_return_begin(call);
    pickle_list_begin(p);
    while (value_rows_next(&rows, &text, &len))
        pickler_value(p, NULL, sm_strn(text, len));
    pickle_list_end(p);
    if (rows.error)
        p->error = rows.error;
    call_return_end(call);
}

/* The answer: a list of texts. */
void serve_values(struct peer *peer, struct call *call)
{
    struct object *object = registry_find_value(call->registry, call->arg[0]);

    (void)peer;
    if (!object)
        call_raise_key(call, call->arg[0]);
    else if (call_may_use(call, object, call->function))
        answer_values(call, object);
}

static void write_circles(struct pickler *p, struct lock_rows *rows)
{
    struct waiting_figures waiting;

    while (lock_rows_circle(rows)) {
        pickle_list_begin(p);
        while (lock_rows_circled(rows, &waiting))
            pickle_circled(p, &waiting);
        pickle_list_end(p);
    }
}

/* The answer: {"held": rows, "waiting": rows, "deadlocks": lists of rows, "next": as above}. */
void serve_locks(struct peer *peer, struct call *call)
{
    struct waiting_figures waiting;
    struct held_figures held;
    struct lock_rows rows;
    struct pickler *p;
    uint64_t start;

    if (!take_start(call, &start))
        return;
    lock_rows_begin(&rows, peer->crowd, start, call->key);
    p = call_return_begin(call);
    pickle_dict_begin(p);
    pickle_key(p, "held");
    pickle_list_begin(p);
    while (lock_rows_held(&rows, &held))
        pickle_held(p, &held);
    pickle_list_end(p);
    pickle_key(p, "waiting");
    pickle_list_begin(p);
    while (lock_rows_waiting(&rows, &waiting))
        pickle_waiting(p, &waiting);
    pickle_list_end(p);
    pickle_key(p, "deadlocks");
    pickle_list_begin(p);
    write_circles(p, &rows);
    pickle_list_end(p);
    pickle_key(p, "next");
    pickle_next(p, rows.next);
    pickle_dict_end(p);
    call_return_end(call);
}

static void write_series(struct pickler *p, const char *key, struct series_rows *rows,
                         void (*write)(struct pickler *p, const struct series_figures *series))
{
    struct series_figures series;

    pickle_key(p, key);
    pickle_list_begin(p);
    while (series_rows_next(rows, &series))
        write(p, &series);
    pickle_list_end(p);
    if (rows->error)
        p->error = rows->error;
}

static void write_registered(struct pickler *p, const struct peer *peer)
{
    struct object_figures object;
    struct registered_rows rows;

    registered_rows_begin(&rows, peer->crowd, peer->call.key);
    pickle_key(p, "objects");
    pickle_list_begin(p);
    while (registered_rows_next(&rows, &object))
        pickle_registered(p, &object);
    pickle_list_end(p);
}

/* The answer: a dict, with the rows of "objects", "calls" and "waits". */
void serve_metrics(struct peer *peer, struct call *call)
{
    CLEANUP(series_rows_end) struct series_rows calls, waits;
    struct metrics_figures metrics;
    struct pickler *p;

    gather_metrics(peer->crowd, &metrics);
    call_rows_begin(&calls, peer->crowd, call->key);
    wait_rows_begin(&waits, peer->crowd, call->key);
    p = call_return_begin(call);
    pickle_dict_begin(p);
    pickle_metrics(p, &metrics);
    write_registered(p, peer);
    write_series(p, "calls", &calls, pickle_call_series);
    write_series(p, "waits", &waits, pickle_wait_series);
    pickle_dict_end(p);
    call_return_end(call);
}

/* The answer: rows, the last death first. */
void serve_deaths(struct peer *peer, struct call *call)
{
    struct death_figures death;
    struct row_texts texts;
    struct pickler *p = call_return_begin(call);

    pickle_list_begin(p);
    for (size_t n = 0; gather_death(peer->crowd, n, &texts, &death); n++)
        pickle_death(p, &death);
    pickle_list_end(p);
    call_return_end(call);
}
