/* SPDX-License-Identifier: MIT */
/*
 * dict: a table of stored keys and values. What a method removes is out of the table before it is
 * freed, since freeing a value may free other objects.
 */
#include "types/dict.h"

#include "object/answer.h"
#include "object/args.h"
#include "object/dispatch.h"
#include "pickle/opcodes.h"
#include "types/keys_call.h"
#include "types/types.h"
#include "value/known.h"

#include <errno.h>

static struct keys *keys_of(struct object *self)
{
    return &container_of(self, struct dict, object)->keys;
}

/*
 * dict(v, **kwds) and update(v, **kwds): at most one positional argument, any keywords. `name` is
 * what messages call the function. False: the call has been answered.
 */
static bool update_from_args(struct keys *k, struct call *call, const char *name)
{
    size_t given = sm_len(call->args);

    if (given > 1) {
        call_raise(call, "TypeError", "%s expected at most 1 argument, got %zu", name, given);
        return false;
    }
    return (given == 0 || keys_update(k, call, call->args.items->item[0])) &&
           keys_update(k, call, call->kwds);
}

static bool dict_init(struct object *self, struct call *call)
{
    return update_from_args(keys_of(self), call, "dict");
}

static void dict_deinit(struct object *self)
{
    keys_deinit(keys_of(self));
}

static void dict_measure(struct object *self, struct extent *extent)
{
    keys_measure(keys_of(self), extent);
}

static size_t dict_values_held(const struct object *self)
{
    return container_of(self, const struct dict, object)->keys.used;
}

static int dict_newest(struct object *self, size_t *at, struct buffer *out, unsigned python)
{
    return keys_newest(keys_of(self), self, at, out, python);
}

static int dict_repr(struct object *self, struct buffer *out, unsigned python)
{
    CLEANUP(stored_text_deinit) struct stored_text text;
    const struct keys_entry *entry;
    size_t at = 0;
    int r;

    stored_text_init(&text, out, python, self);
    buffer_add_byte(out, '{');
    for (const char *between = ""; (entry = keys_next(keys_of(self), &at)); between = ", ") {
        buffer_add_str(out, between);
        r = stored_text_add(&text, &entry->key);
        if (r < 0)
            return r;
        buffer_add_str(out, ": ");
        r = stored_text_add(&text, &entry->value);
        if (r < 0)
            return r;
    }
    buffer_add_byte(out, '}');
    return out->failed ? -ENOMEM : 0;
}

static void dict_getvalue(struct object *self, struct pickler *p)
{
    keys_write_dict(keys_of(self), p);
}

static void dict_copy(struct object *self, struct call *call)
{
    keys_write_dict(keys_of(self), call_return_begin(call));
    call_return_end(call);
}

/* Find the first argument. Returns 1 with *ret_at, 0, or -1 after the call has been answered. */
static int dict_find(const struct keys *k, struct call *call, size_t *ret_at)
{
    return keys_lookup(k, call, call->arg[0], DICT_KEY, ret_at);
}

static void raise_key(struct call *call)
{
    call_raise_args(call, "KeyError", SM_TUPLE(call->arg[0]));
}

static void dict_len(struct object *self, struct call *call)
{
    call_return_int(call, (int64_t)keys_of(self)->len);
}

static void dict_contains(struct object *self, struct call *call)
{
    size_t at;
    int found = dict_find(keys_of(self), call, &at);

    if (found >= 0)
        call_return_bool(call, found);
}

static void dict_getitem(struct object *self, struct call *call)
{
    struct keys *k = keys_of(self);
    size_t at;
    int found = dict_find(k, call, &at);

    if (found > 0)
        call_return_frozen(call, &k->entries[at].value);
    else if (found == 0)
        raise_key(call);
}

/* The second argument, or None where it was not given. */
static void return_default(struct call *call)
{
    if (call->arg[1].kind == SM_KIND_MISSING)
        call_return_none(call);
    else
        call_return(call, call->arg[1]);
}

static void dict_get(struct object *self, struct call *call)
{
    struct keys *k = keys_of(self);
    size_t at;
    int found = dict_find(k, call, &at);

    if (found > 0)
        call_return_frozen(call, &k->entries[at].value);
    else if (found == 0)
        return_default(call);
}

static void dict_setitem(struct object *self, struct call *call)
{
    if (keys_assign(keys_of(self), call, call->arg[0], call->arg[1]))
        call_return_none(call);
}

static void dict_setdefault(struct object *self, struct call *call)
{
    struct keys *k = keys_of(self);
    size_t at;
    int found = dict_find(k, call, &at);

    if (found > 0) {
        call_return_frozen(call, &k->entries[at].value);
        return;
    }
    if (found < 0)
        return;
    if (call->arg[1].kind == SM_KIND_MISSING)
        call->arg[1] = sm_none();
    if (keys_assign(k, call, call->arg[0], call->arg[1]))
        return_default(call);
}

static void dict_delitem(struct object *self, struct call *call)
{
    CLEANUP(keys_entry_deinit) struct keys_entry entry = {0};
    struct keys *k = keys_of(self);
    size_t at;
    int found = dict_find(k, call, &at);

    if (found > 0) {
        entry = keys_take(k, at);
        call_return_none(call);
    } else if (found == 0) {
        raise_key(call);
    }
}

static void dict_pop(struct object *self, struct call *call)
{
    CLEANUP(keys_entry_deinit) struct keys_entry entry = {0};
    struct keys *k = keys_of(self);
    size_t at;
    int found = k->len ? dict_find(k, call, &at) : 0; /* an empty dict does not hash the key */

    if (found > 0) {
        entry = keys_take(k, at);
        call_return_frozen(call, &entry.value);
    } else if (found == 0 && call->arg[1].kind != SM_KIND_MISSING) {
        call_return(call, call->arg[1]);
    } else if (found == 0) {
        raise_key(call);
    }
}

static void write_pair(struct pickler *p, const struct keys_entry *entry)
{
    pickler_item(p, &entry->key);
    pickler_item(p, &entry->value);
    pickler_op(p, TUPLE2);
}

static void dict_popitem(struct object *self, struct call *call)
{
    CLEANUP(keys_entry_deinit) struct keys_entry entry = {0};
    struct keys *k = keys_of(self);
    struct pickler *p;

    if (!k->len) {
        call_raise_args(call, "KeyError", SM_TUPLE(sm_str("popitem(): dictionary is empty")));
        return;
    }
    entry = keys_take_last(k);
    p = call_return_begin(call);
    pickler_frozen(p, &entry.key);
    pickler_frozen(p, &entry.value);
    pickler_op(p, TUPLE2);
    call_return_end(call);
}

static void dict_clear(struct object *self, struct call *call)
{
    keys_deinit(keys_of(self));
    call_return_none(call);
}

static void dict_update(struct object *self, struct call *call)
{
    if (update_from_args(keys_of(self), call, "update"))
        call_return_none(call);
}

static void write_key(struct pickler *p, const struct keys_entry *entry)
{
    pickler_item(p, &entry->key);
}

static void write_value(struct pickler *p, const struct keys_entry *entry)
{
    pickler_item(p, &entry->value);
}

/* Answer with a list of what `write` makes of each entry. */
static void return_list(struct object *self, struct call *call,
                        void (*write)(struct pickler *p, const struct keys_entry *entry))
{
    struct pickler *p = call_return_begin(call);
    const struct keys_entry *entry;
    struct pickler_batch batch;
    size_t at = 0;

    pickler_op(p, EMPTY_LIST);
    pickler_batch_begin(&batch, p, APPENDS);
    while ((entry = keys_next(keys_of(self), &at))) {
        pickler_batch_item(&batch);
        write(p, entry);
    }
    pickler_batch_end(&batch);
    call_return_end(call);
}

static void dict_keys(struct object *self, struct call *call)
{
    return_list(self, call, write_key);
}

static void dict_values(struct object *self, struct call *call)
{
    return_list(self, call, write_value);
}

static void dict_items(struct object *self, struct call *call)
{
    return_list(self, call, write_pair);
}

static void dict_iter(struct object *self, struct call *call)
{
    struct object *iterator = object_new(self->registry, &dict_iterator_type, call);

    if (!iterator)
        return;
    call_return_proxy(call, iterator, "Iterator");
    object_unref(iterator);
}

/* A dict_reversekeyiterator: it is sent as an iterator over a list. */
static void dict_reversed(struct object *self, struct call *call)
{
    struct keys *k = keys_of(self);
    struct pickler *p = call_return_begin(call);
    const struct keys_entry *entry;
    struct pickler_batch batch;
    size_t at = k->used;

    write_global(p, "builtins", "iter");
    pickler_op(p, EMPTY_LIST);
    pickler_batch_begin(&batch, p, APPENDS);
    while ((entry = keys_previous(k, &at))) {
        pickler_batch_item(&batch);
        write_key(p, entry);
    }
    pickler_batch_end(&batch);
    pickler_op(p, TUPLE1);
    pickler_op(p, REDUCE);
    call_return_end(call);
}

/* All keys get the one value. */
static void dict_fromkeys(struct object *self, struct call *call)
{
    CLEANUP(keys_deinit) struct keys made = {0};
    CLEANUP(frozen_free) struct frozen item = {0};
    struct sm_value list, value = call->arg[1];
    int r;

    (void)self;
    if (value.kind == SM_KIND_MISSING)
        value = sm_none();
    if (!call_iterate(call, call->arg[0], &list) || !call_freeze(call, value, &item))
        return;
    r = frozen_share(&item);
    for (size_t i = 0; i < list.items->len && r >= 0; i++) {
        CLEANUP(stored_key_deinit) struct stored_key key = {0};
        CLEANUP(frozen_free) struct frozen old = {0};

        if (!stored_key(call, list.items->item[i], DICT_KEY, &key))
            return;
        r = keys_set(&made, call->tree, &key, &item, &old);
    }
    if (r < 0) {
        call_raise_errno(call, r);
        return;
    }
    keys_write_dict(&made, call_return_begin(call));
    call_return_end(call);
}

/* Add copies of all entries. False: the call has been answered. */
static bool add_all(struct keys *k, struct call *call, const struct keys *from)
{
    const struct keys_entry *entry;
    size_t at = 0;

    while ((entry = keys_next(from, &at))) {
        struct stored_key key = {.hash = entry->hash, .value = entry->key}; /* borrowed */
        CLEANUP(frozen_free) struct frozen old = {0};
        int r = keys_set(k, call->tree, &key, &entry->value, &old);

        if (r < 0) {
            call_raise_errno(call, r);
            return false;
        }
    }
    return true;
}

/* The entries of a dict, or of an instance of its subclasses; NotImplemented for all else. */
static bool dict_operand(struct call *call, struct sm_value *ret)
{
    struct sm_value v = call->arg[0];

    if (value_mapping(call->tree, v, ret) == 0)
        return true;
    if (call_needs_python_for(call, v))
        return false;
    call_return_not_implemented(call);
    return false;
}

static void dict_or(struct object *self, struct call *call)
{
    CLEANUP(keys_deinit) struct keys made = {0};
    struct sm_value other;

    if (!dict_operand(call, &other) || !add_all(&made, call, keys_of(self)) ||
        !keys_update(&made, call, other))
        return;
    keys_write_dict(&made, call_return_begin(call));
    call_return_end(call);
}

static void dict_ror(struct object *self, struct call *call)
{
    CLEANUP(keys_deinit) struct keys made = {0};
    struct sm_value other;

    if (!dict_operand(call, &other) || !keys_update(&made, call, other) ||
        !add_all(&made, call, keys_of(self)))
        return;
    keys_write_dict(&made, call_return_begin(call));
    call_return_end(call);
}

static void dict_ior(struct object *self, struct call *call)
{
    if (keys_update(keys_of(self), call, call->arg[0]))
        dict_copy(self, call);
}

static const struct method dict_methods[] = {
    {"__contains__",
     dict_contains,
     {SIGNATURE_ONE, {"key"}, 1},
     .reach = REACH_ARGUMENTS,
     .reads = true},
    {"__delitem__", dict_delitem, {SIGNATURE_SLOT, {"key"}, 1}, .reach = REACH_ARGUMENTS},
    {"__getitem__",
     dict_getitem,
     {SIGNATURE_ONE, {"key"}, 1},
     .reach = REACH_ARGUMENTS,
     .reads = true},
    {"__ior__", dict_ior, {SIGNATURE_SLOT, {"value"}, 1}, .exposed_since = 14, .reach = REACH_ALL},
    {"__iter__", dict_iter, {SIGNATURE_SLOT}, .harmless = true},
    {"__len__", dict_len, {SIGNATURE_SLOT}, .reads = true},
    {"__or__",
     dict_or,
     {SIGNATURE_SLOT, {"value"}, 1},
     .exposed_since = 14,
     .reach = REACH_ALL,
     .reads = true},
    {"__reversed__",
     dict_reversed,
     {SIGNATURE_NONE},
     .exposed_since = 14,
     .reach = REACH_LOOK,
     .reads = true},
    {"__ror__",
     dict_ror,
     {SIGNATURE_SLOT, {"value"}, 1},
     .exposed_since = 14,
     .reach = REACH_ALL,
     .reads = true},
    {"__setitem__", dict_setitem, {SIGNATURE_SLOT2, {"key", "value"}, 2}, .reach = REACH_ARGUMENTS},
    {"clear", dict_clear, {SIGNATURE_NONE}, .reach = REACH_LOOK},
    {"copy", dict_copy, {SIGNATURE_NONE}, .reach = REACH_LOOK, .reads = true},
    {"fromkeys",
     dict_fromkeys,
     {SIGNATURE_UNPACK, {"iterable", "value"}, 1},
     .exposed_since = 14,
     .reach = REACH_ARGUMENTS,
     .reads = true},
    {"get",
     dict_get,
     {SIGNATURE_UNPACK, {"key", "default"}, 1},
     .reach = REACH_ARGUMENTS,
     .reads = true},
    {"items", dict_items, {SIGNATURE_NONE}, .reach = REACH_LOOK, .reads = true},
    {"keys", dict_keys, {SIGNATURE_NONE}, .reach = REACH_LOOK, .reads = true},
    {"pop", dict_pop, {SIGNATURE_UNPACK, {"key", "default"}, 1}, .reach = REACH_ARGUMENTS},
    {"popitem", dict_popitem, {SIGNATURE_NONE}, .reach = REACH_ARGUMENTS},
    {"setdefault",
     dict_setdefault,
     {SIGNATURE_UNPACK, {"key", "default"}, 1},
     .reach = REACH_ARGUMENTS},
    {"update", dict_update, {SIGNATURE_RAW}, .reach = REACH_ARGUMENTS},
    {"values", dict_values, {SIGNATURE_NONE}, .reach = REACH_LOOK, .reads = true},
    /* Mapped to a proxy, it is named once more. */
    {"__iter__", dict_iter, {SIGNATURE_SLOT}, .harmless = true},
    {0},
};

const struct object_type dict_type = {
    .name = "dict",
    .size = sizeof(struct dict),
    .create = {SIGNATURE_RAW},
    .methods = dict_methods,
    .visits = OBJECT_VISITS,
    .init = dict_init,
    .deinit = dict_deinit,
    .measure = dict_measure,
    .repr = dict_repr,
    .newest = dict_newest,
    .count = dict_values_held,
    .getvalue = dict_getvalue,
};
