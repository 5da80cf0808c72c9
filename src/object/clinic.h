/* SPDX-License-Identifier: MIT */
/*
 * Arguments as CPython's own C functions convert them. Each function says false after answering
 * the call with the error that the caller's Python raises; each leaves *ret alone when the
 * argument was not given.
 */
#ifndef OBJECT_CLINIC_H
#define OBJECT_CLINIC_H

#include "object/call.h"

/* A size or a count: OverflowError where it does not fit 64 bits. */
bool clinic_size(struct call *call, struct sm_value v, int64_t *ret);

/* A C int. */
bool clinic_int(struct call *call, struct sm_value v, int *ret);

/* The truth of v; up to 3.11 a C int where `until_311_int`. */
bool clinic_flag(struct call *call, struct sm_value v, bool until_311_int, bool *ret);

/* One end of a slice: None is the default, too large is clamped. */
bool clinic_slice_end(struct call *call, struct sm_value v, int64_t *ret);

/* "f() argument 1 must be str, not int": `which` is "1" or "'encoding'"; NULL with one alone. */
void clinic_raise_not_str(struct call *call, const char *which, struct sm_value v);

/* Whether UTF-8 can tell a str, which may have lone surrogates: else UnicodeEncodeError. */
bool clinic_check_utf8(struct call *call, struct sm_value v);

/* A str without NUL, as UTF-8 with a NUL at its end; in the call's tree. */
bool clinic_c_string(struct call *call, const char *which, struct sm_value v, const char **ret);

#endif
