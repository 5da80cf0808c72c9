/* SPDX-License-Identifier: MIT */
/*
 * What methods do with their arguments: Python's conversions, and values stored and read back.
 */
#include "object/args.h"

#include "object/answer.h"
#include "object/ask.h"
#include "object/dispatch.h"
#include "value/known.h"

#include <errno.h>

bool call_spread(struct call *call, const char *starred, const char *function)
{
    bool is_told = call->python < 15;
    struct sm_value list;
    int r;

    if (call->args.kind != SM_KIND_TUPLE) {
        r = value_iterate(call->tree, call->args, &list);
        if (r > 0)
            call_raise(call, "TypeError", "%s after * must be an iterable, not %s",
                       is_told ? starred : "Value", call_type_name(call, call->args));
        else if (r < 0)
            call_raise_errno(call, r);
        if (r)
            return false;
        call->args = list;
    }
    if (call->kwds.kind != SM_KIND_DICT) {
        call_raise(call, "TypeError", "%s%s after ** must be a mapping, not %s",
                   is_told ? function : "Value", is_told ? " argument" : "",
                   call_type_name(call, call->kwds));
        return false;
    }
    return true;
}

bool call_freeze(struct call *call, struct sm_value v, struct frozen *ret)
{
    int r = tree_freeze(call->tree, v, ret);

    if (r < 0)
        call_raise_errno(call, r);
    return r == 0;
}

bool call_thaw(struct call *call, const struct frozen *f, struct sm_value *ret)
{
    int r = tree_thaw(call->tree, f, ret);

    if (r < 0)
        call_raise_errno(call, r);
    return r == 0;
}

struct object *call_proxied(struct sm_value v)
{
    if (v.kind != SM_KIND_OBJECT || !v.object->ref)
        return NULL;
    return container_of((struct ref *)v.object->ref, struct object, ref);
}

/* Read an object by value into the call's tree. */
static int object_read(struct call *call, struct object *object, struct sm_value *ret)
{
    CLEANUP(buffer_deinit) struct buffer bytes = {0};
    struct pickle_error error;
    struct pickler p;
    char *copy;
    size_t len;
    int r;

    pickler_init(&p, &bytes);
    pickler_start(&p);
    object->type->getvalue(object, &p);
    r = pickler_finish(&p);
    pickler_deinit(&p);
    if (r < 0)
        return r;
    len = bytes.len;
    copy = arena_copy(&call->tree->arena, bytes.data, len);
    if (!copy)
        return -ENOMEM;
    call->tree->message_len += len;
    return pickle_decode(call->tree, (uint8_t *)copy, len, ret, &error);
}

bool call_dereference(struct call *call, struct sm_value v, struct sm_value *ret)
{
    struct object *object = call_proxied(v);
    int r;

    if (!object || !object->type->getvalue) {
        *ret = v;
        return true;
    }
    if (call_awaits(call, object) || (object->where && call_needs_python(call)))
        return false;
    r = object_read(call, object, ret);
    if (r < 0)
        call_raise_errno(call, r);
    return r == 0;
}

bool call_iterate(struct call *call, struct sm_value v, struct sm_value *ret)
{
    struct sm_value plain;
    int r;

    if (!call_dereference(call, v, &plain))
        return false;
    r = value_iterate(call->tree, plain, ret);
    if (r == 0)
        return true;
    if (r == ITERATE_NOT)
        call_raise(call, "TypeError", "'%s' object is not iterable", call_type_name(call, plain));
    else if (r == ITERATE_NEEDS_PYTHON && call_needs_python(call))
        return false;
    else if (r == ITERATE_NEEDS_PYTHON)
        call_raise(call, "TypeError",
                   "'%s' object cannot be iterated in the manager, which runs no Python code; "
                   "pass a list of its items",
                   call_type_name(call, plain));
    else
        call_raise_errno(call, r);
    return false;
}

bool call_clamped_int(struct call *call, struct sm_value v, int64_t *ret)
{
    switch (v.kind) {
    case SM_KIND_INT:
        *ret = v.integer;
        return true;
    case SM_KIND_BOOL:
        *ret = v.boolean;
        return true;
    case SM_KIND_BIGINT:
        *ret = v.bytes[v.len - 1] & 0x80 ? INT64_MIN : INT64_MAX;
        return true;
    default:
        if (call_asks(call, v, SM_ASK_INDEX, 0))
            return false;
        call_raise(call, "TypeError", "'%s' object cannot be interpreted as an integer",
                   call_type_name(call, v));
        return false;
    }
}

bool call_int(struct call *call, struct sm_value v, int64_t *ret)
{
    if (v.kind == SM_KIND_BIGINT) {
        call_raise(call, "OverflowError", "Python int too large to convert to C ssize_t");
        return false;
    }
    return call_clamped_int(call, v, ret);
}
