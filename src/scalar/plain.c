/* SPDX-License-Identifier: MIT */
/*
 * What all registered literals have in common: they are made of a value, shown as it, and sent as
 * it.
 */
#include "scalar/plain.h"

#include "object/args.h"
#include "object/stored.h"
#include "scalar/scalar.h"
#include "value/repr.h"

bool plain_init(struct object *self, struct call *call)
{
    struct plain *plain = container_of(self, struct plain, object);

    return call_freeze(call, call->arg[0], &plain->value);
}

void plain_deinit(struct object *self)
{
    struct plain *plain = container_of(self, struct plain, object);

    frozen_free(&plain->value);
}

typedef int (*print_fn)(struct repr_row *row, struct sm_value v, size_t size);

static int plain_print(struct object *self, struct buffer *out, unsigned python, print_fn print)
{
    struct plain *plain = container_of(self, struct plain, object);
    CLEANUP(tree_deinit) struct tree tree;
    struct repr_row row;
    struct sm_value v;
    int r;

    tree_init(&tree, NULL);
    repr_row_init(&row, out, python);
    r = tree_thaw(&tree, &plain->value, &v);
    return r < 0 ? r : print(&row, v, frozen_len(&plain->value));
}

int plain_repr(struct object *self, struct buffer *out, unsigned python)
{
    return plain_print(self, out, python, repr_row_add);
}

int plain_str(struct object *self, struct buffer *out, unsigned python)
{
    return plain_print(self, out, python, repr_row_add_str);
}

void plain_measure(struct object *self, struct extent *extent)
{
    stored_measure_one(&container_of(self, struct plain, object)->value, extent);
}

void plain_getvalue(struct object *self, struct pickler *p)
{
    pickler_frozen(p, &container_of(self, struct plain, object)->value);
}

bool plain_value(struct object *self, struct call *call, struct sm_value *ret)
{
    return call_thaw(call, &container_of(self, struct plain, object)->value, ret);
}

static const struct method none_methods[] = {{0}};

const struct object_type none_type = {
    .name = "NoneType",
    PLAIN_TYPE_FIELDS,
    .methods = none_methods,
};
