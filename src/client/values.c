/* SPDX-License-Identifier: MIT */
/* What programs do with values: look into them, compare, print, and parse. */
#include "base/error.h"
#include "client/client.h"
#include "value/compare.h"
#include "value/repr.h"

#include <errno.h>
#include <stdlib.h>

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
    return r < 0 ? error_set(SM_ENOMEM, "out of memory") : r;
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

/* The program's own values, and those of a manager that it trusts: any size may be printed. */
static const char *show(struct sm_value v,
                        int (*print)(struct repr_row *row, struct sm_value v, size_t size))
{
    struct buffer *text = thread_text();
    struct repr_row row;
    int r;

    if (!text)
        return "<out of memory>";
    if (v.kind == SM_KIND_MISSING)
        return "<missing>";
    repr_row_init(&row, text, PYTHON_TEXTS);
    r = print(&row, v, SIZE_MAX / LIMIT_REPR_GROWTH / 2);
    buffer_add_byte(text, '\0');
    if (r == -ELOOP)
        return "<too deep>";
    if (r == -ERANGE)
        return "<too many digits>";
    return r < 0 || text->failed ? "<out of memory>" : (const char *)text->data;
}

const char *sm_value_repr(struct sm_value v)
{
    return show(v, repr_row_add);
}

const char *sm_value_str(struct sm_value v)
{
    return show(v, repr_row_add_str);
}

int sm_value_parse(const char *text, struct sm_reply **ret)
{
    struct literal_error error;
    struct sm_reply *reply;
    int r;

    if (!text)
        return error_set(SM_EARG, "no text");
    reply = calloc(1, sizeof(*reply));
    if (!reply)
        return error_set(SM_ENOMEM, "out of memory");
    tree_init(&reply->tree, NULL);
    r = literal_parse(&reply->tree, text, strlen(text), &reply->value, &error);
    if (r < 0) {
        sm_reply_free(reply);
        return r == -EINVAL ? error_set(SM_EARG, "%s at %zu", error.what, error.at)
                            : error_set(SM_ENOMEM, "out of memory");
    }
    *ret = reply;
    return SM_OK;
}
