/* SPDX-License-Identifier: MIT */
/* The commands that show a running manager, and end its connections: rows of the command table. */
#ifndef CTL_VIEWS_H
#define CTL_VIEWS_H

#include "commands.h"

int run_info(struct session *session, char **words, int len);
int run_objects(struct session *session, char **words, int len);
int run_clients(struct session *session, char **words, int len);
int run_locks(struct session *session, char **words, int len);
int run_metrics(struct session *session, char **words, int len);
int run_kill(struct session *session, char **words, int len);
int run_page(struct session *session, char **words, int len);

/* A round trip, in milliseconds. Returns what sm_manager_call() does. */
int ping(struct session *session, double *ret_ms);

/*
 * Call a function that only managers of this kind have. Returns 0, 1 when this one is of another,
 * or a negative SM_E...
 */
int view_ask(struct session *session, const char *function, struct sm_value args,
             struct sm_value kwargs, struct sm_reply **ret);

/* Say why view_ask() has failed; returns the status that it means. */
int view_complain(int r);

/* What a function that answers in parts shows: all its rows, part by part. */
struct view_rows {
    struct session *session;
    const char *function;
    void (*show)(struct view_rows *rows, struct sm_value row); /* as cells of the table */
    struct table *table;
};

/* Show all rows, in the table or as a JSON array. Returns as view_ask(). */
int view_rows_show(struct view_rows *rows);

#endif
