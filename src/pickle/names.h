/* SPDX-License-Identifier: MIT */
/* Python 2's names of modules, classes and functions. */
#ifndef PICKLE_NAMES_H
#define PICKLE_NAMES_H

#include <stddef.h>

struct text_view {
    const char *text; /* borrowed */
    size_t len;
};

/* Replace a name that Python 3 has elsewhere by where it is; text becomes static. */
void names_modernize(struct text_view *module, struct text_view *name);

#endif
