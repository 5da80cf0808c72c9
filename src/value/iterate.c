/* SPDX-License-Identifier: MIT */
/*
 * list(v) and dict(v), where what v is made of tells. What only the code of v's class could tell
 * is refused, never guessed.
 */
#include "value/known.h"

#include "base/utf8.h"

#include <errno.h>

/* A new list of every stride-th value of `from`. */
static int iterate_items(struct tree *tree, const struct sm_items *from, size_t stride,
                         struct sm_value *ret)
{
    struct sm_value list;
    int r;

    r = tree_items(tree, SM_KIND_LIST, from->len / stride, &list);
    if (r < 0)
        return r;
    for (size_t i = 0; i < list.items->len; i++)
        list.items->item[i] = from->item[i * stride];
    *ret = list;
    return 0;
}

static int iterate_text(struct tree *tree, const char *text, size_t len, struct sm_value *ret)
{
    struct sm_value list;
    size_t at = 0;
    size_t chars = 0;
    int r;

    while (at < len) {
        utf8_next(text, len, &at);
        chars++;
    }
    r = tree_items(tree, SM_KIND_LIST, chars, &list);
    if (r < 0)
        return r;
    at = 0;
    for (size_t i = 0; i < chars; i++) {
        size_t start = at;

        utf8_next(text, len, &at);
        list.items->item[i] = sm_strn(text + start, at - start);
    }
    *ret = list;
    return 0;
}

static int iterate_bytes(struct tree *tree, const uint8_t *bytes, size_t len, struct sm_value *ret)
{
    struct sm_value list;
    int r;

    r = tree_items(tree, SM_KIND_LIST, len, &list);
    if (r < 0)
        return r;
    for (size_t i = 0; i < len; i++)
        list.items->item[i] = sm_int(bytes[i]);
    *ret = list;
    return 0;
}

int value_iterate(struct tree *tree, struct sm_value v, struct sm_value *ret)
{
    switch (v.kind) {
    case SM_KIND_TUPLE:
    case SM_KIND_LIST:
    case SM_KIND_SET:
    case SM_KIND_FROZENSET:
        return iterate_items(tree, v.items, 1, ret);
    case SM_KIND_DICT:
        return iterate_items(tree, v.items, 2, ret);
    case SM_KIND_STR:
        return iterate_text(tree, v.text, v.len, ret);
    case SM_KIND_BYTES:
    case SM_KIND_BYTEARRAY:
        return iterate_bytes(tree, v.bytes, v.len, ret);
    case SM_KIND_OBJECT:
        return -ENOTSUP;
    default:
        return -EINVAL;
    }
}

int value_mapping(struct tree *tree, struct sm_value v, struct sm_value *ret)
{
    struct sm_value dict;
    int r;

    if (v.kind == SM_KIND_OBJECT)
        return -ENOTSUP;
    if (v.kind != SM_KIND_DICT)
        return -EINVAL;
    r = tree_items(tree, SM_KIND_DICT, v.items->len, &dict);
    if (r < 0)
        return r;
    if (v.items->len)
        memcpy(dict.items->item, v.items->item, v.items->len * sizeof(struct sm_value));
    *ret = dict;
    return 0;
}
