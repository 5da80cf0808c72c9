/* SPDX-License-Identifier: MIT */
/* Which of the processes that come of each other by fork this is. */
#ifndef SYSTEM_THIS_PROCESS_H
#define SYSTEM_THIS_PROCESS_H

/* A process, among those that have the same handles by fork; 0: none. */
typedef unsigned process_id;

/* At no cost. */
process_id this_process(void);

#endif
