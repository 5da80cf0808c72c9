/* SPDX-License-Identifier: MIT */
/* Value, Array, Namespace. */
#include "base/error.h"
#include "client/typed.h"

/* A text that the library is to read. */
static int check_text(const char *text, const char *what)
{
    return text ? SM_OK : error_set(SM_EARG, "the %s is NULL", what);
}

int sm_value(struct sm_manager *manager, const char *typecode, struct sm_value v,
             struct sm_proxy **ret)
{
    int r = check_text(typecode, "typecode");

    return r < 0 ? r
                 : sm_create(manager, "Value", SM_TUPLE(sm_str(typecode), v), sm_missing(), ret);
}

int sm_value_get(struct sm_proxy *value, struct sm_reply **ret)
{
    return sm_call(value, "get", sm_missing(), ret);
}

int sm_value_set(struct sm_proxy *value, struct sm_value v)
{
    return typed_call(value, "set", SM_TUPLE(v));
}

int sm_array(struct sm_manager *manager, const char *typecode, struct sm_value iterable,
             struct sm_proxy **ret)
{
    int r = check_text(typecode, "typecode");

    return r < 0 ? r
                 : sm_create(manager, "Array", SM_TUPLE(sm_str(typecode), iterable), sm_missing(),
                             ret);
}

int sm_array_get(struct sm_proxy *array, int64_t index, struct sm_reply **ret)
{
    return sm_call(array, "__getitem__", SM_TUPLE(sm_int(index)), ret);
}

int sm_array_set(struct sm_proxy *array, int64_t index, struct sm_value v)
{
    return typed_call(array, "__setitem__", SM_TUPLE(sm_int(index), v));
}

int sm_array_len(struct sm_proxy *array, size_t *ret)
{
    return typed_size(array, "__len__", sm_missing(), ret);
}

int sm_array_slice(struct sm_proxy *array, int64_t start, int64_t stop, struct sm_reply **ret)
{
    struct typed_slice slice;

    return sm_call(array, "__getitem__", SM_TUPLE(typed_slice(&slice, start, stop)), ret);
}

int sm_array_set_slice(struct sm_proxy *array, int64_t start, int64_t stop, struct sm_value v)
{
    struct typed_slice slice;

    return typed_call(array, "__setitem__", SM_TUPLE(typed_slice(&slice, start, stop), v));
}

int sm_namespace(struct sm_manager *manager, struct sm_value attributes, struct sm_proxy **ret)
{
    return sm_create(manager, "Namespace", sm_missing(), attributes, ret);
}

int sm_namespace_get(struct sm_proxy *ns, const char *name, struct sm_reply **ret)
{
    int r = check_text(name, "name");

    return r < 0 ? r : sm_call(ns, "__getattribute__", SM_TUPLE(sm_str(name)), ret);
}

int sm_namespace_set(struct sm_proxy *ns, const char *name, struct sm_value v)
{
    int r = check_text(name, "name");

    return r < 0 ? r : typed_call(ns, "__setattr__", SM_TUPLE(sm_str(name), v));
}

int sm_namespace_del(struct sm_proxy *ns, const char *name)
{
    int r = check_text(name, "name");

    return r < 0 ? r : typed_call(ns, "__delattr__", SM_TUPLE(sm_str(name)));
}
