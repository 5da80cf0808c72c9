/* SPDX-License-Identifier: MIT */
/*
 * All rows of a view of the manager, taken when somebody asks for them, and kept for those who ask
 * soon after. Who walks through a hundred thousand objects takes a part of the manager's time, so
 * that is done for at most a twentieth of the time.
 */
#ifndef WEB_SNAPSHOT_H
#define WEB_SNAPSHOT_H

#include "rows.h"

/* Rows beyond these are left out. */
#define SNAPSHOT_ROWS_MAX 500000

struct snapshot {
    const char *function; /* of the manager, that answers in parts */
    struct rows rows;
    bool taken;
    double at;   /* when, in seconds since 1970 */
    double next; /* when it may be taken again; by the clock of now_s() */
    double used; /* when somebody asked last; likewise */
};

/*
 * Have rows that are new enough. `between` is called after each part, with the context. Returns
 * SM_OK, or what a call of the manager has failed with.
 */
int snapshot_refresh(struct snapshot *snapshot, struct sm_manager *manager,
                     void (*between)(void *context), void *context);

/* Forget the rows if nobody has asked for a minute. */
void snapshot_age(struct snapshot *snapshot);

void snapshot_deinit(struct snapshot *snapshot);

/* Seconds, of a clock that nobody sets. */
double now_s(void);

/* Seconds since 1970. */
double date_s(void);

#endif
