/* SPDX-License-Identifier: MIT */
/*
 * From a request to a method: find it, bind its arguments, run it. A method that runs answers or
 * parks; everything that goes wrong before it runs is answered here.
 */
#include "object/call.h"
#include "object/registry.h"
#include "pickle/opcodes.h"
#include "value/known.h"
#include "value/repr.h"

#include <errno.h>

bool call_spread(struct call *call, const char *name)
{
    struct sm_value list;

    if (call->args.kind != SM_KIND_TUPLE) {
        if (value_iterate(call->tree, call->args, &list) < 0) {
            call_raise(call, "TypeError", "%s() argument after * must be an iterable, not %s", name,
                       call_type_name(call, call->args));
            return false;
        }
        call->args = list;
    }
    if (call->kwds.kind != SM_KIND_DICT) {
        call_raise(call, "TypeError", "%s() argument after ** must be a mapping, not %s", name,
                   call_type_name(call, call->kwds));
        return false;
    }
    return true;
}

static void answer_repr(struct call *call, struct object *object)
{
    CLEANUP(buffer_deinit) struct buffer text = {0};
    int r = object_repr(object, &text, call->python);

    if (r < 0)
        call_raise_errno(call, r);
    else
        call_return(call, sm_strn((char *)text.data, text.len));
}

static void answer_str(struct call *call, struct object *object)
{
    CLEANUP(buffer_deinit) struct buffer text = {0};
    int r;

    if (!object->type->str) {
        answer_repr(call, object);
        return;
    }
    r = object->type->str(object, &text, call->python);
    if (r < 0)
        call_raise_errno(call, r);
    else
        call_return(call, sm_strn((char *)text.data, text.len));
}

static void answer_getvalue(struct call *call, struct object *object)
{
    const struct object_type *type = object->type;

    if (!type->getvalue) {
        call_unserializable(call, "TypeError: cannot pickle '%s' object",
                            type->unpicklable ? type->unpicklable : type->name);
        return;
    }
    type->getvalue(object, call_return_begin(call));
    call_return_end(call);
}

/* What every object answers although it is in no exposed list. */
static const struct {
    const char *name;
    const char *python; /* the stock server's function, which its TypeErrors name */
    void (*answer)(struct call *call, struct object *object);
} fallbacks[] = {
    {"__str__", "fallback_str", answer_str},
    {"__repr__", "fallback_repr", answer_repr},
    {"#GETVALUE", "fallback_getvalue", answer_getvalue},
};

static bool name_is(struct sm_value name, const char *text)
{
    return name.len == strlen(text) && memcmp(name.text, text, name.len) == 0;
}

static void call_fallback(struct call *call, struct object *object, struct sm_value name)
{
    static const struct signature takes = {.style = SIGNATURE_PYTHON, .beside = 3};
    CLEANUP(buffer_deinit) struct buffer quoted = {0};

    call->errors = CALL_FAILS;
    for (size_t i = 0; i < ARRAY_SIZE(fallbacks); i++) {
        if (!name_is(name, fallbacks[i].name))
            continue;
        if (!call_spread(call, fallbacks[i].name) ||
            !call_bind(call, &takes, "Server", fallbacks[i].python))
            return;
        fallbacks[i].answer(call, object);
        return;
    }
    repr_text(&quoted, name.text, name.len);
    if (quoted.failed)
        call_raise_errno(call, -ENOMEM);
    else
        call_fail(call, "KeyError", "%.*s", (int)quoted.len, (char *)quoted.data);
}

void call_method(struct call *call, struct object *object, struct sm_value name)
{
    const struct method *method = object_method(object, name.text, name.len, call->python);

    call->object = object_ref(object);
    call->errors = CALL_RAISES;
    if (!method) {
        call_fallback(call, object, name);
        return;
    }
    call->method = method;
    if (!call_spread(call, method->name))
        return;
    if (!call_bind(call, &method->takes, method->owner ? method->owner : object->type->name,
                   method->name))
        return;
    method->fn(object, call);
}

/* The reply of create: (ident, exposed names). */
static void answer_created(struct call *call, struct object *object)
{
    struct pickler *p = call_return_begin(call);
    char ident[IDENT_SIZE];

    ident_format(object->ident, ident);
    pickler_value(p, NULL, sm_str(ident));
    object_write_exposed(object, p, call->python);
    pickler_op(p, TUPLE2);
    call_grant(call, object);
    call_return_end(call);
}

static struct object *construct(struct call *call, const struct typeid *typeid)
{
    static const struct signature takes_nothing = {.style = SIGNATURE_PYTHON, .beside = -1};
    const struct object_type *type = typeid->type;
    bool bound;

    if (typeid->refusal) {
        call_fail(call, "NotImplementedError", "%s", typeid->refusal);
        return NULL;
    }
    if (!call_spread(call, typeid->name))
        return NULL;
    if (typeid->singleton)
        return call_bind(call, &takes_nothing, NULL, "<lambda>") ? object_ref(typeid->singleton)
                                                                 : NULL;
    if (type->create.style == SIGNATURE_PYTHON)
        bound = call_bind(call, &type->create, type->name, "__init__");
    else
        bound = call_bind(call, &type->create, NULL, type->name);
    return bound ? object_new(call->registry, type, call) : NULL;
}

struct object *call_construct(struct call *call, const char *name, size_t len)
{
    const struct typeid *typeid = registry_typeid(call->registry, name, len);

    call->errors = CALL_FAILS;
    if (typeid)
        return construct(call, typeid);
    call_raise_args(call, "KeyError", SM_TUPLE(sm_strn(name, len)));
    return NULL;
}

void call_create(struct call *call, struct sm_value typeid)
{
    struct object *object;

    call->errors = CALL_FAILS;
    if (typeid.kind != SM_KIND_STR) {
        call_raise_args(call, "KeyError", SM_TUPLE(typeid));
        return;
    }
    object = call_construct(call, typeid.text, typeid.len);
    if (!object)
        return;
    answer_created(call, object);
    object_unref(object);
}
