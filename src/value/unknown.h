/* SPDX-License-Identifier: MIT */
/*
 * What is done where a value must be looked into whose class is not known here: compared, hashed,
 * ordered, printed, iterated over. Its class's own code alone could tell.
 */
#ifndef VALUE_UNKNOWN_H
#define VALUE_UNKNOWN_H

#include <stdbool.h>

struct sm_value;

enum unknown {
    UNKNOWN_GUESS, /* go by how it is made */
    UNKNOWN_DOUBT, /* the same, but for -ENOTSUP where it may well equal what it is made of */
    UNKNOWN_ASK,   /* -ENOTSUP: there is a Python to be asked */
};

/*
 * Whether only Python tells what v is: an object of a class that is not known, or not known
 * exactly; a global, as an enum's member may be one. Of a container, what is in it does not count.
 */
bool value_is_unknown(struct sm_value v);

#endif
