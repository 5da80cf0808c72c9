/* SPDX-License-Identifier: MIT */
/* Methods that str alone has, or has in its own way. */
#ifndef SCALAR_STR_H
#define SCALAR_STR_H

#include "scalar/text.h"

void str_capitalize(struct object *self, struct call *call);
void str_casefold(struct object *self, struct call *call);
void str_format(struct object *self, struct call *call);
void str_format_map(struct object *self, struct call *call);
void str_isalnum(struct object *self, struct call *call);
void str_isalpha(struct object *self, struct call *call);
void str_isascii(struct object *self, struct call *call);
void str_isdecimal(struct object *self, struct call *call);
void str_isdigit(struct object *self, struct call *call);
void str_isidentifier(struct object *self, struct call *call);
void str_islower(struct object *self, struct call *call);
void str_isnumeric(struct object *self, struct call *call);
void str_isprintable(struct object *self, struct call *call);
void str_isspace(struct object *self, struct call *call);
void str_istitle(struct object *self, struct call *call);
void str_isupper(struct object *self, struct call *call);
void str_lower(struct object *self, struct call *call);
void str_maketrans(struct object *self, struct call *call);
void str_swapcase(struct object *self, struct call *call);
void str_title(struct object *self, struct call *call);
void str_translate(struct object *self, struct call *call);
void str_upper(struct object *self, struct call *call);

#endif
