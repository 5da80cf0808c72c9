/* SPDX-License-Identifier: MIT */
/* The parameter that a mistaken keyword may have meant. */
#ifndef OBJECT_SUGGEST_H
#define OBJECT_SUGGEST_H

#include "object/object.h"

/* The name of a parameter, or NULL when none is near. */
const char *suggest_param(const struct signature *takes, const char *name, size_t len);

#endif
