/* SPDX-License-Identifier: MIT */
/* What a dict that the manager answers with has under a key. */
#ifndef CLI_FIELDS_H
#define CLI_FIELDS_H

#include <stdint.h>
#include <syncmanager.h>

/* None where it has nothing. */
struct sm_value field(struct sm_value dict, const char *key);

/* The same as a number; 0 where there is none. */
int64_t field_int(struct sm_value dict, const char *key);
double field_float(struct sm_value dict, const char *key);

#endif
