/* SPDX-License-Identifier: MIT */
/*
 * str.format() and str.format_map() are refused: what they do is up to the __format__ methods of
 * what they are given, which nothing here runs.
 */
#include "types/str.h"

static void refuse(struct call *call)
{
    if (call_leave(call))
        return;
    call_raise(call, "NotImplementedError",
               "str.%s() is not served by this manager; get the str with _getvalue() and "
               "format it where you are",
               call->method->name);
}

void str_format(struct object *self, struct call *call)
{
    (void)self;
    refuse(call);
}

void str_format_map(struct object *self, struct call *call)
{
    (void)self;
    refuse(call);
}
