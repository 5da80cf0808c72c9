/* SPDX-License-Identifier: MIT */
/* Values as JSON, for scripts and pages. */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <stdio.h>
#include <syncmanager.h>

/*
 * Write a value: None, bools, numbers and text as what JSON has; lists and tuples as arrays; dicts
 * as objects, whose keys are made text as Python's json.dumps() does. All else (sets, bytes, nan,
 * objects) as {"repr": "..."}.
 */
void json_value(FILE *out, struct sm_value v);

/* Write text as a JSON string. */
void json_text(FILE *out, const char *text, size_t len);

#endif
