/* SPDX-License-Identifier: MIT */
/* Telling what an object is from its recipe: the global that makes it, and its arguments. */
#include "value/known.h"

static bool same_name(const char *name, size_t len, const char *expected)
{
    return strlen(expected) == len && memcmp(name, expected, len) == 0;
}

bool value_is_global(struct sm_value v, const char *module, const char *name)
{
    return v.kind == SM_KIND_GLOBAL && same_name(v.global->name, v.global->name_len, name) &&
           same_name(v.global->module, v.global->module_len, module);
}

const struct sm_items *value_made_by(struct sm_value v, const char *module, const char *name)
{
    if (v.kind != SM_KIND_OBJECT || v.object->args.kind != SM_KIND_TUPLE ||
        !value_is_global(v.object->callable, module, name))
        return NULL;
    return v.object->args.items;
}

bool value_is_slice(struct sm_value v, struct value_slice *ret)
{
    const struct sm_items *args = value_made_by(v, "builtins", "slice");

    if (!args || args->len != 3)
        return false;
    *ret = (struct value_slice){
        .start = args->item[0],
        .stop = args->item[1],
        .step = args->item[2],
    };
    return true;
}

size_t value_array_item_size(char typecode)
{
    switch (typecode) {
    case 'b':
    case 'B':
        return 1;
    case 'h':
    case 'H':
        return sizeof(short);
    case 'i':
    case 'I':
        return sizeof(int);
    case 'l':
    case 'L':
        return sizeof(long);
    case 'q':
    case 'Q':
        return sizeof(long long);
    case 'f':
        return sizeof(float);
    case 'd':
        return sizeof(double);
    case 'u':
        return sizeof(wchar_t);
    case 'w':
        return 4;
    default:
        return 0;
    }
}

bool value_is_array(struct sm_value v, struct value_array *ret)
{
    const struct sm_items *args = value_made_by(v, "array", "array");
    struct value_array array;
    size_t size;

    if (!args || args->len != 2 || args->item[0].kind != SM_KIND_STR || args->item[0].len != 1 ||
        args->item[1].kind != SM_KIND_BYTES)
        return false;
    array = (struct value_array){.typecode = args->item[0].text[0], .bytes = args->item[1]};
    size = value_array_item_size(array.typecode);
    if (!size || array.bytes.len % size)
        return false;
    *ret = array;
    return true;
}

/* A Token's state is its slots, as a tuple. */
bool value_is_token(struct sm_value v, struct value_token *ret)
{
    const struct sm_object *object = v.object;
    const struct sm_items *state;

    if (!value_made_by(v, "multiprocessing.managers", "Token") || object->steps_len != 1 ||
        object->steps[0].kind != SM_STEP_STATE || object->steps[0].value.kind != SM_KIND_TUPLE)
        return false;
    state = object->steps[0].value.items;
    if (state->len != 3)
        return false;
    *ret = (struct value_token){
        .typeid = state->item[0],
        .address = state->item[1],
        .ident = state->item[2],
    };
    return true;
}

bool value_is_proxy(const struct sm_object *object, struct value_proxy *ret)
{
    const struct sm_items *args;

    if (object->args.kind != SM_KIND_TUPLE ||
        !value_is_global(object->callable, "multiprocessing.managers", "RebuildProxy"))
        return false;
    args = object->args.items;
    if (args->len != 4 || !value_is_token(args->item[1], &ret->token))
        return false;
    ret->factory = args->item[0];
    return true;
}
