/* SPDX-License-Identifier: MIT */
/*
 * dict.update() takes what has keys for its entries; all else must be a row of pairs. A pair may
 * be anything iterable of two: a tuple, a list, 'ab'.
 */
#include "types/keys_call.h"

#include "object/answer.h"
#include "object/args.h"
#include "pickle/opcodes.h"
#include "value/known.h"
#include "value/number.h"

#include <errno.h>

int keys_lookup(const struct keys *k, struct call *call, struct sm_value v, const char *role,
                size_t *ret_at)
{
    CLEANUP(stored_key_deinit) struct stored_key key = {0};
    int r;

    if (!stored_key(call, v, role, &key))
        return -1;
    r = keys_find(k, call->tree, &key, ret_at);
    if (r >= 0)
        return r;
    call_raise_errno(call, r);
    return -1;
}

bool keys_assign(struct keys *k, struct call *call, struct sm_value key, struct sm_value value)
{
    CLEANUP(stored_key_deinit) struct stored_key stored = {0};
    CLEANUP(frozen_free) struct frozen item = {0}, old = {0};
    int r;

    if (!stored_key(call, key, DICT_KEY, &stored) || !call_freeze(call, value, &item))
        return false;
    r = keys_set(k, call->tree, &stored, &item, &old);
    if (r >= 0)
        return true;
    call_raise_errno(call, r);
    return false;
}

bool keys_include(struct keys *k, struct call *call, struct sm_value v, const char *role)
{
    CLEANUP(stored_key_deinit) struct stored_key key = {0};
    struct frozen absent = {0};
    size_t at;
    int r;

    if (!stored_key(call, v, role, &key))
        return false;
    r = keys_find(k, call->tree, &key, &at);
    if (r == 0)
        r = keys_add(k, &key, &absent);
    if (r >= 0)
        return true;
    call_raise_errno(call, r);
    return false;
}

static void raise_no_pair(struct call *call, size_t at)
{
    if (call->python >= 14)
        call_raise_note(call, "TypeError", "object is not iterable",
                        "Cannot convert dictionary update sequence element #%zu to a sequence", at);
    else
        call_raise(call, "TypeError",
                   "cannot convert dictionary update sequence element #%zu to a sequence", at);
}

static bool update_pair(struct keys *k, struct call *call, struct sm_value pair, size_t at)
{
    struct sm_value two;

    if (!call_dereference(call, pair, &pair))
        return false;
    if (value_iterate(call->tree, pair, &two) == ITERATE_NOT) {
        raise_no_pair(call, at);
        return false;
    }
    if (!call_iterate(call, pair, &two))
        return false;
    if (two.items->len != 2) {
        call_raise(call, "ValueError",
                   "dictionary update sequence element #%zu has length %zu; 2 is required", at,
                   two.items->len);
        return false;
    }
    return keys_assign(k, call, two.items->item[0], two.items->item[1]);
}

/* How many entries before its own a key's place is fetched. */
#define FETCH_AHEAD ((size_t)8)

/* What takes longer to hash is not worth doing twice. */
static void fetch(const struct keys *k, struct sm_value key)
{
    if (key.kind == SM_KIND_INT)
        keys_fetch(k, number_hash(key));
}

static bool update_mapping(struct keys *k, struct call *call, const struct sm_items *entries)
{
    keys_expect(k, entries->len / 2);
    for (size_t i = 0; i < entries->len; i += 2) {
        if (i + 2 * FETCH_AHEAD < entries->len)
            fetch(k, entries->item[i + 2 * FETCH_AHEAD]);
        if (!keys_assign(k, call, entries->item[i], entries->item[i + 1]))
            return false;
    }
    return true;
}

bool keys_update(struct keys *k, struct call *call, struct sm_value v)
{
    struct sm_value content;

    if (!call_dereference(call, v, &v))
        return false;
    if (value_mapping(call->tree, v, &content) == 0)
        return update_mapping(k, call, content.items);
    if (!call_iterate(call, v, &content))
        return false;
    for (size_t i = 0; i < content.items->len; i++) {
        if (!update_pair(k, call, content.items->item[i], i))
            return false;
    }
    return true;
}

void keys_write_dict(const struct keys *k, struct pickler *p)
{
    const struct keys_entry *entry;
    struct pickler_batch batch;
    size_t at = 0;

    pickler_op(p, EMPTY_DICT);
    pickler_batch_begin(&batch, p, SETITEMS);
    while ((entry = keys_next(k, &at))) {
        pickler_batch_item(&batch);
        pickler_item(p, &entry->key);
        pickler_item(p, &entry->value);
    }
    pickler_batch_end(&batch);
}

void keys_write_set(const struct keys *k, struct pickler *p)
{
    const struct keys_entry *entry;
    struct pickler_batch batch;
    size_t at = 0;

    pickler_op(p, EMPTY_SET);
    pickler_batch_begin(&batch, p, ADDITEMS);
    while ((entry = keys_next(k, &at))) {
        pickler_batch_item(&batch);
        pickler_item(p, &entry->key);
    }
    pickler_batch_end(&batch);
}
