/* SPDX-License-Identifier: MIT */
/* Methods that bytes alone has, or has in its own way. */
#ifndef SCALAR_BYTES_H
#define SCALAR_BYTES_H

#include "scalar/text.h"

void bytes_fromhex(struct object *self, struct call *call);
void bytes_hex(struct object *self, struct call *call);
void bytes_maketrans(struct object *self, struct call *call);
void bytes_translate(struct object *self, struct call *call);

#endif
