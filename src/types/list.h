/* SPDX-License-Identifier: MIT */
/* The list type, between its files. It is not base/list.h's list, hence the name. */
#ifndef TYPES_LIST_H
#define TYPES_LIST_H

#include "types/slots.h"

struct pylist {
    struct object object;
    struct slots slots;
};

/* list_slice.c: what stands in brackets */
void pylist_getitem(struct object *self, struct call *call);
void pylist_setitem(struct object *self, struct call *call);
void pylist_delitem(struct object *self, struct call *call);

/* list_sort.c */
void pylist_sort(struct object *self, struct call *call);

#endif
