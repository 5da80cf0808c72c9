/* SPDX-License-Identifier: MIT */
/* The dict type, as its iterators see it. */
#ifndef TYPES_DICT_H
#define TYPES_DICT_H

#include "types/keys.h"

struct dict {
    struct object object;
    struct keys keys;
};

/* What dict.__iter__ gives: the live iterator over the keys of call->object. */
extern const struct object_type dict_iterator_type;

#endif
