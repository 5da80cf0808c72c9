/* SPDX-License-Identifier: MIT */
/*
 * Value: one stored value, and a typecode that is kept to be shown and means nothing, as in
 * multiprocessing.managers.Value. Its third argument, a lock, is taken and ignored there too.
 */
#include "object/answer.h"
#include "object/args.h"
#include "object/stored.h"
#include "pickle/opcodes.h"
#include "types/types.h"

#include <errno.h>

struct value {
    struct object object;
    struct frozen typecode;
    struct frozen value;
};

static struct value *value_of(struct object *self)
{
    return container_of(self, struct value, object);
}

static bool value_init(struct object *self, struct call *call)
{
    struct value *v = value_of(self);

    return call_freeze(call, call->arg[0], &v->typecode) &&
           call_freeze(call, call->arg[1], &v->value);
}

static void value_deinit(struct object *self)
{
    struct value *v = value_of(self);

    frozen_free(&v->typecode);
    frozen_free(&v->value);
}

static void value_measure(struct object *self, struct extent *extent)
{
    stored_measure_one(&value_of(self)->value, extent);
}

static int value_object_repr(struct object *self, struct buffer *out, unsigned python)
{
    CLEANUP(stored_text_deinit) struct stored_text text;
    struct value *v = value_of(self);
    int r;

    stored_text_init(&text, out, python, self);
    buffer_add_str(out, "Value(");
    r = stored_text_add(&text, &v->typecode);
    if (r < 0)
        return r;
    buffer_add_str(out, ", ");
    r = stored_text_add(&text, &v->value);
    if (r < 0)
        return r;
    buffer_add_byte(out, ')');
    return out->failed ? -ENOMEM : 0;
}

static void value_getvalue(struct object *self, struct pickler *p)
{
    struct value *v = value_of(self);
    struct pickler_batch batch;

    write_global(p, "multiprocessing.managers", "Value");
    pickler_op(p, EMPTY_TUPLE);
    pickler_op(p, NEWOBJ);
    pickler_op(p, EMPTY_DICT);
    pickler_batch_begin(&batch, p, SETITEMS);
    pickler_batch_item(&batch);
    pickler_value(p, NULL, sm_str("_typecode"));
    pickler_item(p, &v->typecode);
    pickler_batch_item(&batch);
    pickler_value(p, NULL, sm_str("_value"));
    pickler_item(p, &v->value);
    pickler_batch_end(&batch);
    pickler_op(p, BUILD);
}

static void value_get(struct object *self, struct call *call)
{
    call_return_frozen(call, &value_of(self)->value);
}

static void value_set(struct object *self, struct call *call)
{
    CLEANUP(frozen_free) struct frozen old = {0};
    struct value *v = value_of(self);
    struct frozen item;

    if (!call_freeze(call, call->arg[0], &item))
        return;
    old = v->value;
    v->value = item;
    call_return_none(call);
}

static const struct method value_methods[] = {
    {"get", value_get, {SIGNATURE_PYTHON}, .reads = true},
    {"set", value_set, {SIGNATURE_PYTHON, {"value"}, 1}},
    {0},
};

const struct object_type value_type = {
    .name = "Value",
    .size = sizeof(struct value),
    .create = {SIGNATURE_PYTHON, {"typecode", "value", "lock"}, 2},
    .methods = value_methods,
    .init = value_init,
    .deinit = value_deinit,
    .measure = value_measure,
    .visits = OBJECT_VISITS_UNCHANGED,
    .repr = value_object_repr,
    .getvalue = value_getvalue,
};
