/* SPDX-License-Identifier: MIT */
/* What programs look for in values: numbers, text, entries, and whether they are equal. */
#include "base/error.h"
#include "value/compare.h"

#include <errno.h>

static int wrong_kind(const char *wanted, struct sm_value v)
{
    struct sm_value name = v.kind == SM_KIND_MISSING ? sm_str("nothing") : value_type_name(v);

    return error_set(SM_EARG, "not %s, but %.*s", wanted, (int)name.len, name.text);
}

int sm_as_bool(struct sm_value v, bool *ret)
{
    if (v.kind != SM_KIND_BOOL)
        return wrong_kind("a bool", v);
    *ret = v.boolean;
    return SM_OK;
}

int sm_as_int(struct sm_value v, int64_t *ret)
{
    if (v.kind == SM_KIND_BIGINT)
        return error_set(SM_EARG, "the int does not fit 64 bits");
    if (v.kind != SM_KIND_INT && v.kind != SM_KIND_BOOL)
        return wrong_kind("an int", v);
    *ret = v.kind == SM_KIND_INT ? v.integer : v.boolean;
    return SM_OK;
}

int sm_as_float(struct sm_value v, double *ret)
{
    int64_t integer;
    int r;

    if (v.kind == SM_KIND_FLOAT) {
        *ret = v.number;
        return SM_OK;
    }
    if (v.kind != SM_KIND_INT && v.kind != SM_KIND_BOOL && v.kind != SM_KIND_BIGINT)
        return wrong_kind("a float", v);
    r = sm_as_int(v, &integer);
    if (r == SM_OK)
        *ret = (double)integer;
    return r;
}

int sm_as_str(struct sm_value v, const char **ret, size_t *ret_len)
{
    if (v.kind != SM_KIND_STR)
        return wrong_kind("a str", v);
    *ret = v.text;
    *ret_len = v.len;
    return SM_OK;
}

int sm_as_bytes(struct sm_value v, const void **ret, size_t *ret_len)
{
    if (v.kind != SM_KIND_BYTES && v.kind != SM_KIND_BYTEARRAY)
        return wrong_kind("bytes", v);
    *ret = v.bytes;
    *ret_len = v.len;
    return SM_OK;
}

int sm_value_equal(struct sm_value a, struct sm_value b)
{
    int r = value_equal(a, b);

    if (r == -ELOOP)
        return error_set(SM_EARG, "the values nest too deep to be compared");
    return r < 0 ? error_set_memory() : r;
}

int sm_dict_find(struct sm_value dict, struct sm_value key, struct sm_value *ret)
{
    if (dict.kind != SM_KIND_DICT)
        return wrong_kind("a dict", dict);
    for (size_t i = 0; i < sm_len(dict); i++) {
        int r = sm_value_equal(sm_item(dict, i), key);

        if (r < 0)
            return r;
        if (r) {
            *ret = sm_item_value(dict, i);
            return SM_OK;
        }
    }
    return SM_NOT_YET;
}
