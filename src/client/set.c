/* SPDX-License-Identifier: MIT */
/* set. */
#include "client/typed.h"

int sm_set(struct sm_manager *manager, struct sm_value iterable, struct sm_proxy **ret)
{
    return typed_create(manager, "set", iterable, ret);
}

int sm_set_add(struct sm_proxy *set, struct sm_value v)
{
    return typed_call(set, "add", SM_TUPLE(v));
}

int sm_set_discard(struct sm_proxy *set, struct sm_value v)
{
    return typed_call(set, "discard", SM_TUPLE(v));
}

int sm_set_remove(struct sm_proxy *set, struct sm_value v)
{
    return typed_call(set, "remove", SM_TUPLE(v));
}

int sm_set_pop(struct sm_proxy *set, struct sm_reply **ret)
{
    return sm_call(set, "pop", sm_missing(), ret);
}

int sm_set_contains(struct sm_proxy *set, struct sm_value v, bool *ret)
{
    return typed_bool(set, "__contains__", SM_TUPLE(v), ret);
}

int sm_set_len(struct sm_proxy *set, size_t *ret)
{
    return typed_size(set, "__len__", sm_missing(), ret);
}

int sm_set_clear(struct sm_proxy *set)
{
    return typed_call(set, "clear", sm_missing());
}

int sm_set_copy(struct sm_proxy *set, struct sm_reply **ret)
{
    return sm_call(set, "copy", sm_missing(), ret);
}

int sm_set_update(struct sm_proxy *set, struct sm_value other)
{
    return typed_call(set, "update", SM_TUPLE(other));
}

int sm_set_intersection_update(struct sm_proxy *set, struct sm_value other)
{
    return typed_call(set, "intersection_update", SM_TUPLE(other));
}

int sm_set_difference_update(struct sm_proxy *set, struct sm_value other)
{
    return typed_call(set, "difference_update", SM_TUPLE(other));
}

int sm_set_symmetric_difference_update(struct sm_proxy *set, struct sm_value other)
{
    return typed_call(set, "symmetric_difference_update", SM_TUPLE(other));
}

int sm_set_union(struct sm_proxy *set, struct sm_value other, struct sm_reply **ret)
{
    return sm_call(set, "union", SM_TUPLE(other), ret);
}

int sm_set_intersection(struct sm_proxy *set, struct sm_value other, struct sm_reply **ret)
{
    return sm_call(set, "intersection", SM_TUPLE(other), ret);
}

int sm_set_difference(struct sm_proxy *set, struct sm_value other, struct sm_reply **ret)
{
    return sm_call(set, "difference", SM_TUPLE(other), ret);
}

int sm_set_symmetric_difference(struct sm_proxy *set, struct sm_value other, struct sm_reply **ret)
{
    return sm_call(set, "symmetric_difference", SM_TUPLE(other), ret);
}

int sm_set_isdisjoint(struct sm_proxy *set, struct sm_value other, bool *ret)
{
    return typed_bool(set, "isdisjoint", SM_TUPLE(other), ret);
}

int sm_set_issubset(struct sm_proxy *set, struct sm_value other, bool *ret)
{
    return typed_bool(set, "issubset", SM_TUPLE(other), ret);
}

int sm_set_issuperset(struct sm_proxy *set, struct sm_value other, bool *ret)
{
    return typed_bool(set, "issuperset", SM_TUPLE(other), ret);
}
