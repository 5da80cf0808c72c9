/* SPDX-License-Identifier: MIT */
/* One item of an array.array: a machine number or character, and the Python value it stands for. */
#ifndef TYPES_ARRAY_ITEM_H
#define TYPES_ARRAY_ITEM_H

#include "object/call.h"

/* Room for what the value of an item may point to. */
#define ARRAY_ITEM_ROOM 16

/* Read an item. Returns false when it is a character that Unicode has not. */
bool array_item_get(char typecode, const void *item, uint8_t room[ARRAY_ITEM_ROOM],
                    struct sm_value *ret);

/* Write an item. False: v is none for this typecode, and the call has been answered. */
bool array_item_set(struct call *call, char typecode, struct sm_value v, void *item);

/* What v is, for messages about characters: 3.14's tell the length of a str. */
const char *array_item_name(struct call *call, struct sm_value v);

#endif
