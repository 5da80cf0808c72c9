/* SPDX-License-Identifier: MIT */
/* Figures as the dicts that the manager's clients get: their keys are in docs/protocol.md. */
#ifndef VIEW_PICKLE_H
#define VIEW_PICKLE_H

#include "pickle/pickle.h"
#include "view/figures.h"

/* Each writes one dict. */
void pickle_info(struct pickler *p, const struct info_figures *info);
void pickle_client(struct pickler *p, const struct client_figures *client);
void pickle_object(struct pickler *p, const struct object_figures *object);
void pickle_held(struct pickler *p, const struct held_figures *held);
void pickle_waiting(struct pickler *p, const struct waiting_figures *waiting);

/* The same of one in a circle of clients that wait for each other. */
void pickle_circled(struct pickler *p, const struct waiting_figures *waiting);

void pickle_death(struct pickler *p, const struct death_figures *death);

/*
 * Each writes one dict, of calls, of waits, of a registered object; pickle_metrics() writes keys
 * and values of the dict that they are rows of.
 */
void pickle_call_series(struct pickler *p, const struct series_figures *series);
void pickle_wait_series(struct pickler *p, const struct series_figures *series);
void pickle_registered(struct pickler *p, const struct object_figures *object);
void pickle_metrics(struct pickler *p, const struct metrics_figures *metrics);

/* A line of debug_info() as a host takes it: (ident, references, value). */
void pickle_line(struct pickler *p, const struct object_figures *object);

/* Between the begin and the end of a dict stand keys and values, of a list values. */
void pickle_dict_begin(struct pickler *p);
void pickle_dict_end(struct pickler *p);
void pickle_list_begin(struct pickler *p);
void pickle_list_end(struct pickler *p);
void pickle_key(struct pickler *p, const char *key);

/* A key and its value; a number as a value. */
void pickle_entry(struct pickler *p, const char *key, struct sm_value v);
struct sm_value pickle_number(uint64_t n);

/* Where the next part of the rows starts; None for 0: this was the last one. */
void pickle_next(struct pickler *p, uint64_t next);

#endif
