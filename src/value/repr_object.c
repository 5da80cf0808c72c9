/* SPDX-License-Identifier: MIT */
/*
 * repr() of classes, functions and objects, which are known here by name and recipe alone. What
 * the standard library prints in a way of its own is printed so; the rest as Python prints an
 * object whose class says nothing. A recipe that is not what Python makes of the class falls back
 * to that as well: each printer looks before it writes.
 */
#include "value/repr_walk.h"

#include "value/compare.h"

static void add_class(struct repr *repr, const struct sm_global *global)
{
    if (!value_is_builtin((struct sm_value){.kind = SM_KIND_GLOBAL, .global = global})) {
        buffer_add(repr->out, global->module, global->module_len);
        buffer_add_byte(repr->out, '.');
    }
    buffer_add(repr->out, global->name, global->name_len);
}

static void add_last_name(struct repr *repr, const struct sm_global *global)
{
    struct sm_value name = value_last_name(global);

    buffer_add(repr->out, name.text, name.len);
}

void repr_global(struct repr *repr, const struct sm_global *global)
{
    switch (value_global_sort(global)) {
    case GLOBAL_SINGLETON:
        buffer_add(repr->out, global->name, global->name_len);
        break;
    case GLOBAL_CLASS:
        buffer_add_str(repr->out, "<class '");
        add_class(repr, global);
        buffer_add_str(repr->out, "'>");
        break;
    case GLOBAL_BUILTIN_FUNCTION:
        buffer_add_str(repr->out, "<built-in function ");
        add_last_name(repr, global);
        buffer_add_byte(repr->out, '>');
        break;
    case GLOBAL_FUNCTION:
        buffer_add_str(repr->out, "<function ");
        buffer_add(repr->out, global->name, global->name_len);
        buffer_add_str(repr->out, " at ");
        repr_address(repr, global);
        buffer_add_byte(repr->out, '>');
        break;
    }
}

int repr_call(struct repr *repr, struct sm_value name, const struct sm_items *args)
{
    int r;

    buffer_add(repr->out, name.text, name.len);
    buffer_add_byte(repr->out, '(');
    r = repr_items(repr, args->item, args->len, 1);
    buffer_add_byte(repr->out, ')');
    return r;
}

/* <module.Class object at 0x...> */
static int repr_opaque(struct repr *repr, struct sm_value v)
{
    enum known_class class = value_known_class(v);

    buffer_add_byte(repr->out, '<');
    if (class == KNOWN_ITERATOR || class == KNOWN_REVERSED) {
        struct sm_value name = value_type_name(v);

        buffer_add(repr->out, name.text, name.len);
    } else if (v.object->callable.kind == SM_KIND_GLOBAL) {
        add_class(repr, v.object->callable.global);
    } else {
        buffer_add_str(repr->out, "object");
    }
    buffer_add_str(repr->out, " object at ");
    repr_address(repr, v.object);
    buffer_add_byte(repr->out, '>');
    return 0;
}

/* <ListProxy object, typeid 'list' at 0x...>; those made by AutoProxy are AutoProxy[Queue]. */
static int repr_proxy(struct repr *repr, const struct sm_object *object,
                      const struct value_proxy *proxy)
{
    int r;

    buffer_add_byte(repr->out, '<');
    if (proxy->factory.kind == SM_KIND_GLOBAL)
        add_last_name(repr, proxy->factory.global);
    if (value_is_of_managers(proxy->factory, "AutoProxy") &&
        proxy->token.typeid.kind == SM_KIND_STR) {
        buffer_add_byte(repr->out, '[');
        buffer_add(repr->out, proxy->token.typeid.text, proxy->token.typeid.len);
        buffer_add_byte(repr->out, ']');
    }
    buffer_add_str(repr->out, " object, typeid ");
    r = repr_value(repr, proxy->token.typeid);
    buffer_add_str(repr->out, " at ");
    repr_address(repr, object);
    buffer_add_byte(repr->out, '>');
    return r;
}

/* What an exception was raised with; an OSError's file name shows in its str() alone. */
static int repr_exception(struct repr *repr, const struct sm_object *object)
{
    struct sm_items args = *object->args.items;

    if (args.len == 3 && args.item[0].kind == SM_KIND_INT && value_is_builtin(object->callable))
        args.len = 2;
    return repr_call(repr, value_last_name(object->callable.global), &args);
}

/* The attributes of an object that has nothing else; missing where there are none. */
static struct sm_value only_attributes(const struct sm_object *object)
{
    struct sm_value state;

    if (object->steps_len != 1 || object->steps[0].kind != SM_STEP_STATE ||
        object->make != SM_MAKE_NEW || object->args.items->len)
        return sm_missing();
    state = object->steps[0].value;
    if (state.kind == SM_KIND_TUPLE && state.items->len == 2) /* of a class with __slots__ */
        state = state.items->item[1];
    return state.kind == SM_KIND_DICT && state.items->len ? state : sm_missing();
}

/*
 * A class that is not known. One with nothing but attributes prints as Name(a=1), as dataclasses
 * do; of others this tells more than an address. One made of nothing but arguments prints as
 * Name(1, 2), as named tuples do, and most others in some such way. A call is told by its module
 * too, as for members of enums.
 */
static int repr_unknown(struct repr *repr, struct sm_value v)
{
    const struct sm_object *object = v.object;
    struct sm_value attributes;

    if (object->callable.kind != SM_KIND_GLOBAL || object->args.kind != SM_KIND_TUPLE)
        return repr_opaque(repr, v);
    attributes = only_attributes(object);
    if (attributes.kind == SM_KIND_DICT)
        return repr_attributes(repr, value_last_name(object->callable.global), attributes, false);
    if (object->args.items->len == 0 || object->steps_len || object->make == SM_MAKE_NEW_EX)
        return repr_opaque(repr, v);
    if (object->make == SM_MAKE_CALL) {
        buffer_add(repr->out, object->callable.global->module, object->callable.global->module_len);
        buffer_add_byte(repr->out, '.');
    }
    return repr_call(repr, value_last_name(object->callable.global), object->args.items);
}

int repr_object(struct repr *repr, struct sm_value v)
{
    enum known_class class = value_known_class(v);
    struct value_proxy proxy;
    int r;

    if (value_is_proxy(v.object, &proxy))
        return repr_proxy(repr, v.object, &proxy);
    if (value_is_exception(v))
        return repr_exception(repr, v.object);
    if (class == KNOWN_NONE)
        return repr_unknown(repr, v);
    r = repr_holder(repr, class, v);
    if (r == REPR_OPAQUE)
        r = repr_known(repr, class, v);
    if (r != REPR_OPAQUE)
        return r;
    return repr->walk.unknown == UNKNOWN_ASK ? -ENOTSUP : repr_opaque(repr, v);
}
