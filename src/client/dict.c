/* SPDX-License-Identifier: MIT */
/* dict and its iterators. */
#include "client/typed.h"

int sm_dict(struct sm_manager *manager, struct sm_value mapping, struct sm_proxy **ret)
{
    return typed_create(manager, "dict", mapping, ret);
}

int sm_dict_get(struct sm_proxy *dict, struct sm_value key, struct sm_reply **ret)
{
    return sm_call(dict, "__getitem__", SM_TUPLE(key), ret);
}

int sm_dict_get_or(struct sm_proxy *dict, struct sm_value key, struct sm_value other,
                   struct sm_reply **ret)
{
    return sm_call(dict, "get", SM_TUPLE(key, other), ret);
}

int sm_dict_set(struct sm_proxy *dict, struct sm_value key, struct sm_value v)
{
    return typed_call(dict, "__setitem__", SM_TUPLE(key, v));
}

int sm_dict_del(struct sm_proxy *dict, struct sm_value key)
{
    return typed_call(dict, "__delitem__", SM_TUPLE(key));
}

int sm_dict_contains(struct sm_proxy *dict, struct sm_value key, bool *ret)
{
    return typed_bool(dict, "__contains__", SM_TUPLE(key), ret);
}

int sm_dict_pop(struct sm_proxy *dict, struct sm_value key, struct sm_value other,
                struct sm_reply **ret)
{
    return sm_call(dict, "pop",
                   other.kind == SM_KIND_MISSING ? SM_TUPLE(key) : SM_TUPLE(key, other), ret);
}

int sm_dict_popitem(struct sm_proxy *dict, struct sm_reply **ret)
{
    return sm_call(dict, "popitem", sm_missing(), ret);
}

int sm_dict_setdefault(struct sm_proxy *dict, struct sm_value key, struct sm_value v,
                       struct sm_reply **ret)
{
    return sm_call(dict, "setdefault", SM_TUPLE(key, v), ret);
}

int sm_dict_update(struct sm_proxy *dict, struct sm_value mapping)
{
    return typed_call(dict, "update", SM_TUPLE(mapping));
}

int sm_dict_keys(struct sm_proxy *dict, struct sm_reply **ret)
{
    return sm_call(dict, "keys", sm_missing(), ret);
}

int sm_dict_values(struct sm_proxy *dict, struct sm_reply **ret)
{
    return sm_call(dict, "values", sm_missing(), ret);
}

int sm_dict_items(struct sm_proxy *dict, struct sm_reply **ret)
{
    return sm_call(dict, "items", sm_missing(), ret);
}

int sm_dict_clear(struct sm_proxy *dict)
{
    return typed_call(dict, "clear", sm_missing());
}

int sm_dict_copy(struct sm_proxy *dict, struct sm_reply **ret)
{
    return sm_call(dict, "copy", sm_missing(), ret);
}

int sm_dict_len(struct sm_proxy *dict, size_t *ret)
{
    return typed_size(dict, "__len__", sm_missing(), ret);
}

int sm_dict_iter(struct sm_proxy *dict, struct sm_proxy **ret)
{
    return sm_call_proxy(dict, "__iter__", sm_missing(), ret);
}

int sm_iterator_next(struct sm_proxy *iterator, struct sm_reply **ret)
{
    int r = sm_call(iterator, "__next__", sm_missing(), ret);

    return r == SM_ERAISED && typed_raised("StopIteration") ? SM_NOT_YET : r;
}
