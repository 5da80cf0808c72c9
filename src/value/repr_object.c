/* SPDX-License-Identifier: MIT */
/*
 * repr() of classes, functions and objects, which are known here by name and recipe alone. What
 * the standard library prints in a way of its own is printed so; the rest as Python prints an
 * object whose class says nothing.
 */
#include "value/repr_walk.h"

#include "value/known.h"

#include <ctype.h>

void repr_global(struct repr *repr, const struct sm_global *global)
{
    buffer_add_str(repr->out, "<class '");
    buffer_add(repr->out, global->module, global->module_len);
    buffer_add_byte(repr->out, '.');
    buffer_add(repr->out, global->name, global->name_len);
    buffer_add_str(repr->out, "'>");
}

int repr_object(struct repr *repr, const struct sm_object *object)
{
    buffer_add_byte(repr->out, '<');
    if (object->callable.kind == SM_KIND_GLOBAL) {
        const struct sm_global *global = object->callable.global;

        buffer_add(repr->out, global->module, global->module_len);
        buffer_add_byte(repr->out, '.');
        buffer_add(repr->out, global->name, global->name_len);
        buffer_add_byte(repr->out, ' ');
    }
    buffer_add_str(repr->out, "object at ");
    repr_address(repr, object);
    buffer_add_byte(repr->out, '>');
    return 0;
}
