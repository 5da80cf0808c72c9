/* SPDX-License-Identifier: MIT */
/* Tables of keys, from the arguments of a call. */
#ifndef TYPES_KEYS_CALL_H
#define TYPES_KEYS_CALL_H

#include "types/keys.h"

/* Find v. Returns 1 with *ret_at, 0, or -1 after the call has been answered. */
int keys_lookup(const struct keys *k, struct call *call, struct sm_value v, const char *role,
                size_t *ret_at);

/* k[key] = value. False: the call has been answered. */
bool keys_assign(struct keys *k, struct call *call, struct sm_value key, struct sm_value value);

/*
 * Add an element, if it is not there. `role` as in stored_key(). False: the call has been answered.
 */
bool keys_include(struct keys *k, struct call *call, struct sm_value v, const char *role);

/*
 * Assign the entries of a mapping, or the pairs of anything iterable. As in Python, those before a
 * mistake stay. False: the call has been answered.
 */
bool keys_update(struct keys *k, struct call *call, struct sm_value v);

/* Write the entries as a dict, or the keys as a set. */
void keys_write_dict(const struct keys *k, struct pickler *p);
void keys_write_set(const struct keys *k, struct pickler *p);

#endif
