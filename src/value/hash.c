/* SPDX-License-Identifier: MIT */
/*
 * Hashes, by the rules of equality: see compare.c. One walk serves both hash(), which stops at the
 * first unhashable value, and tables of any values, which must not.
 */
#include "base/map.h"
#include "value/compare.h"
#include "value/known.h"
#include "value/number.h"
#include "value/plain.h"
#include "value/walk.h"

struct hasher {
    struct walk *walk;
    struct sm_value *unhashable; /* NULL: everything is hashed */
};

static int hash_value(struct hasher *hasher, struct sm_value v, uint64_t *ret);

static uint64_t mix(uint64_t hash, uint64_t more)
{
    return map_hash_int((hash << 7 | hash >> 57) ^ more);
}

static int hash_items(struct hasher *hasher, const struct sm_items *items, uint64_t *ret)
{
    uint64_t hash = items->len;
    uint64_t one;
    int r;

    for (size_t i = 0; i < items->len; i++) {
        r = hash_value(hasher, items->item[i], &one);
        if (r)
            return r;
        hash = mix(hash, one);
    }
    *ret = hash;
    return 0;
}

/* Of elements, or pairs of key and value, in any order. */
static int hash_unordered(struct hasher *hasher, const struct sm_items *items, size_t stride,
                          uint64_t *ret)
{
    uint64_t hash = 0;
    uint64_t key, value = 0;
    int r;

    for (size_t i = 0; i < items->len; i += stride) {
        r = hash_value(hasher, items->item[i], &key);
        if (r == 0 && stride == 2)
            r = hash_value(hasher, items->item[i + 1], &value);
        if (r)
            return r;
        hash += mix(key, value);
    }
    *ret = hash;
    return 0;
}

/*
 * What an object may be equal to, as an IntEnum's member to an int, is what it is made of. Of one
 * made of nothing, its steps' values tell; a state is mostly a dict.
 */
static int hash_recipe(struct hasher *hasher, const struct sm_object *object, uint64_t *ret)
{
    struct hasher inner = {.walk = hasher->walk};
    const struct sm_value *args = &object->args;
    uint64_t hash = 0;
    uint64_t one = 0;
    int r;

    if (args->kind == SM_KIND_TUPLE && args->items->len == 1)
        return hash_value(&inner, args->items->item[0], ret);
    if (args->kind == SM_KIND_TUPLE && args->items->len)
        return hash_value(&inner, *args, ret);
    r = hash_value(&inner, object->callable, &hash);
    if (r == 0)
        r = hash_value(&inner, object->args, &one);
    for (size_t i = 0; i < object->steps_len && r == 0; i++) {
        hash = mix(hash, one);
        r = hash_value(&inner, object->steps[i].value, &one);
    }
    if (r == 0)
        *ret = mix(hash, one);
    return r;
}

static int hash_object(struct hasher *hasher, struct sm_value v, uint64_t *ret)
{
    CLEANUP(tree_deinit) struct tree scratch = {0};
    struct hasher inner = {.walk = hasher->walk};
    struct sm_value plain;
    int r;

    r = value_plain(&scratch, v, &plain);
    walk_charge(hasher->walk, plain_steps(&scratch));
    if (r == 0 && hasher->walk->unknown == UNKNOWN_ASK && value_known(v))
        return -ENOTSUP; /* its recipe is an odd one */
    if (r == 0)
        return hash_recipe(hasher, v.object, ret);
    return r < 0 ? r : hash_value(&inner, plain, ret);
}

static uint64_t hash_global(const struct sm_global *global)
{
    return mix(map_hash_bytes(global->module, global->module_len),
               map_hash_bytes(global->name, global->name_len));
}

static bool unhashable(struct sm_value v)
{
    const struct known *known;

    if (v.kind == SM_KIND_OBJECT) {
        known = value_known(v);
        return known && known->unhashable;
    }
    return v.kind == SM_KIND_LIST || v.kind == SM_KIND_DICT || v.kind == SM_KIND_SET ||
           v.kind == SM_KIND_BYTEARRAY;
}

static int hash_here(struct hasher *hasher, struct sm_value v, uint64_t *ret)
{
    if (walk_asks(hasher->walk, v))
        return -ENOTSUP;
    if (hasher->unhashable && unhashable(v)) {
        *hasher->unhashable = v;
        return HASH_UNHASHABLE;
    }
    switch (v.kind) {
    case SM_KIND_BOOL:
    case SM_KIND_INT:
    case SM_KIND_BIGINT:
    case SM_KIND_FLOAT:
        walk_charge(hasher->walk, v.len / WALK_BYTES_HASHED);
        *ret = number_hash(v);
        return 0;
    case SM_KIND_STR:
    case SM_KIND_BYTES:
    case SM_KIND_BYTEARRAY:
        walk_charge(hasher->walk, v.len / WALK_BYTES_HASHED);
        *ret = map_hash_bytes(v.bytes, v.len);
        return 0;
    case SM_KIND_TUPLE:
    case SM_KIND_LIST:
        return hash_items(hasher, v.items, ret);
    case SM_KIND_SET:
    case SM_KIND_FROZENSET:
        return hash_unordered(hasher, v.items, 1, ret);
    case SM_KIND_DICT:
        return hash_unordered(hasher, v.items, 2, ret);
    case SM_KIND_GLOBAL:
        *ret = hash_global(v.global);
        return 0;
    case SM_KIND_OBJECT:
        return hash_object(hasher, v, ret);
    default:
        *ret = map_hash_int(v.kind + UINT64_C(0x4e6f6e65));
        return 0;
    }
}

static int hash_value(struct hasher *hasher, struct sm_value v, uint64_t *ret)
{
    int r;

    r = walk_enter(hasher->walk);
    if (r < 0)
        return r;
    r = hash_here(hasher, v, ret);
    walk_leave(hasher->walk);
    return r;
}

int walk_hash(struct walk *walk, struct sm_value v, uint64_t *ret)
{
    struct hasher hasher = {.walk = walk};

    return hash_value(&hasher, v, ret);
}

int walk_key_hash(struct walk *walk, struct sm_value v, uint64_t *ret,
                  struct sm_value *ret_unhashable)
{
    struct hasher hasher = {.walk = walk, .unhashable = ret_unhashable};

    return hash_value(&hasher, v, ret);
}

int value_hash(struct sm_value v, uint64_t *ret, struct sm_value *ret_unhashable)
{
    struct walk walk = {0};

    return walk_key_hash(&walk, v, ret, ret_unhashable);
}
