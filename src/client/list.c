/* SPDX-License-Identifier: MIT */
/* list. clear() and copy() are slices, which managers before Python 3.14 have too. */
#include "client/typed.h"

int sm_list(struct sm_manager *manager, struct sm_value iterable, struct sm_proxy **ret)
{
    return typed_create(manager, "list", iterable, ret);
}

int sm_list_get(struct sm_proxy *list, int64_t index, struct sm_reply **ret)
{
    return sm_call(list, "__getitem__", SM_TUPLE(sm_int(index)), ret);
}

int sm_list_set(struct sm_proxy *list, int64_t index, struct sm_value v)
{
    return typed_call(list, "__setitem__", SM_TUPLE(sm_int(index), v));
}

int sm_list_del(struct sm_proxy *list, int64_t index)
{
    return typed_call(list, "__delitem__", SM_TUPLE(sm_int(index)));
}

int sm_list_slice(struct sm_proxy *list, int64_t start, int64_t stop, struct sm_reply **ret)
{
    struct typed_slice slice;

    return sm_call(list, "__getitem__", SM_TUPLE(typed_slice(&slice, start, stop)), ret);
}

int sm_list_set_slice(struct sm_proxy *list, int64_t start, int64_t stop, struct sm_value iterable)
{
    struct typed_slice slice;

    return typed_call(list, "__setitem__", SM_TUPLE(typed_slice(&slice, start, stop), iterable));
}

int sm_list_del_slice(struct sm_proxy *list, int64_t start, int64_t stop)
{
    struct typed_slice slice;

    return typed_call(list, "__delitem__", SM_TUPLE(typed_slice(&slice, start, stop)));
}

int sm_list_append(struct sm_proxy *list, struct sm_value v)
{
    return typed_call(list, "append", SM_TUPLE(v));
}

int sm_list_extend(struct sm_proxy *list, struct sm_value iterable)
{
    return typed_call(list, "extend", SM_TUPLE(iterable));
}

int sm_list_insert(struct sm_proxy *list, int64_t index, struct sm_value v)
{
    return typed_call(list, "insert", SM_TUPLE(sm_int(index), v));
}

int sm_list_pop(struct sm_proxy *list, int64_t index, struct sm_reply **ret)
{
    return sm_call(list, "pop", SM_TUPLE(sm_int(index)), ret);
}

int sm_list_remove(struct sm_proxy *list, struct sm_value v)
{
    return typed_call(list, "remove", SM_TUPLE(v));
}

int sm_list_index(struct sm_proxy *list, struct sm_value v, size_t *ret)
{
    return typed_size(list, "index", SM_TUPLE(v), ret);
}

int sm_list_count(struct sm_proxy *list, struct sm_value v, size_t *ret)
{
    return typed_size(list, "count", SM_TUPLE(v), ret);
}

int sm_list_contains(struct sm_proxy *list, struct sm_value v, bool *ret)
{
    return typed_bool(list, "__contains__", SM_TUPLE(v), ret);
}

int sm_list_reverse(struct sm_proxy *list)
{
    return typed_call(list, "reverse", sm_missing());
}

int sm_list_sort(struct sm_proxy *list, bool reverse)
{
    return sm_call_kwargs(list, "sort", sm_missing(),
                          SM_DICT({sm_str("reverse"), sm_bool(reverse)}), NULL);
}

int sm_list_len(struct sm_proxy *list, size_t *ret)
{
    return typed_size(list, "__len__", sm_missing(), ret);
}

int sm_list_clear(struct sm_proxy *list)
{
    return sm_list_del_slice(list, 0, SM_END);
}

int sm_list_copy(struct sm_proxy *list, struct sm_reply **ret)
{
    return sm_list_slice(list, 0, SM_END, ret);
}

int sm_list_add(struct sm_proxy *list, struct sm_value other, struct sm_reply **ret)
{
    return sm_call(list, "__add__", SM_TUPLE(other), ret);
}

int sm_list_mul(struct sm_proxy *list, int64_t n, struct sm_reply **ret)
{
    return sm_call(list, "__mul__", SM_TUPLE(sm_int(n)), ret);
}

int sm_list_repeat(struct sm_proxy *list, int64_t n)
{
    return typed_call(list, "__imul__", SM_TUPLE(sm_int(n)));
}
