/* SPDX-License-Identifier: MIT */
/* The list of a manager's objects. */
#ifndef CTL_OBJECTS_H
#define CTL_OBJECTS_H

#include <syncmanager.h>

/* Print what a manager's debug_info returned, as a table or as a JSON array. */
void objects_show(struct sm_value info, bool json);

#endif
