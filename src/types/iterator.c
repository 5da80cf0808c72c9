/* SPDX-License-Identifier: MIT */
/*
 * Iterators. Their proxies expose the same four methods whatever the object is, which has one of
 * them, `__next__`, or as a plain object that was shared under this typeid, none.
 *
 * A dict's iterator looks at the live dict, and notices as Python's does when it has changed. One
 * that a client sent by value owns the elements that were left.
 */
#include "object/answer.h"
#include "object/args.h"
#include "object/dispatch.h"
#include "pickle/opcodes.h"
#include "types/dict.h"
#include "types/slots.h"
#include "types/types.h"
#include "value/known.h"

/* A method that the proxy has and the object has not. */
static void iterator_lacks(struct object *self, struct call *call)
{
    (void)self;
    call_fail(call, "KeyError", "'%s'", call->method->name);
}

struct dict_iterator {
    struct object object;
    struct dict *dict; /* one reference; NULL at the end */
    size_t at;         /* the next entry's number */
    size_t size;       /* of the dict at the start; SIZE_MAX once it was found changed */
    size_t left;       /* keys still to come */
};

static bool dict_iterator_init(struct object *self, struct call *call)
{
    struct dict_iterator *it = container_of(self, struct dict_iterator, object);

    object_ref(call->object);
    it->dict = container_of(call->object, struct dict, object);
    it->size = it->left = it->dict->keys.len;
    return true;
}

static void dict_iterator_end(struct dict_iterator *it)
{
    struct dict *dict = it->dict;

    it->dict = NULL;
    if (dict)
        object_unref(&dict->object);
}

static void dict_iterator_deinit(struct object *self)
{
    dict_iterator_end(container_of(self, struct dict_iterator, object));
}

static struct object *dict_iterator_looks_into(const struct object *self)
{
    struct dict *dict = container_of(self, const struct dict_iterator, object)->dict;

    return dict ? &dict->object : NULL;
}

static void dict_iterator_next(struct object *self, struct call *call)
{
    struct dict_iterator *it = container_of(self, struct dict_iterator, object);
    const struct keys_entry *entry;

    if (call_awaits(call, self))
        return;
    if (it->dict && it->size != it->dict->keys.len) {
        it->size = SIZE_MAX;
        call_raise(call, "RuntimeError", "dictionary changed size during iteration");
        return;
    }
    entry = it->dict ? keys_next(&it->dict->keys, &it->at) : NULL;
    if (entry && it->left) {
        it->left--;
        call_return_frozen(call, &entry->key);
        return;
    }
    dict_iterator_end(it);
    if (entry)
        call_raise(call, "RuntimeError", "dictionary keys changed during iteration");
    else
        call_raise(call, "StopIteration", NULL);
}

static void dict_iterator_getvalue(struct object *self, struct pickler *p)
{
    struct dict_iterator *it = container_of(self, struct dict_iterator, object);
    const struct keys_entry *entry;
    struct pickler_batch batch;
    size_t at = it->at;

    write_global(p, "builtins", "iter");
    pickler_op(p, EMPTY_LIST);
    pickler_batch_begin(&batch, p, APPENDS);
    while (it->dict && (entry = keys_next(&it->dict->keys, &at))) {
        pickler_batch_item(&batch);
        pickler_item(p, &entry->key);
    }
    pickler_batch_end(&batch);
    pickler_op(p, TUPLE1);
    pickler_op(p, REDUCE);
}

static const struct method dict_iterator_methods[] = {
    {"__next__", dict_iterator_next, {SIGNATURE_SLOT}},
    {"send", iterator_lacks, {SIGNATURE_RAW}},
    {"throw", iterator_lacks, {SIGNATURE_RAW}},
    {"close", iterator_lacks, {SIGNATURE_RAW}},
    {0},
};

const struct object_type dict_iterator_type = {
    .name = "dict_keyiterator",
    .size = sizeof(struct dict_iterator),
    .methods = dict_iterator_methods,
    .init = dict_iterator_init,
    .deinit = dict_iterator_deinit,
    .getvalue = dict_iterator_getvalue,
    .looks_into = dict_iterator_looks_into,
};

struct iterator {
    struct object object;
    struct frozen source; /* what was shared, as it came */
    struct slots left;    /* its elements, the next one last */
    bool iterates;
};

/* Whether v is an iterator, rather than something that can be iterated over. */
static bool is_iterator(struct sm_value v)
{
    static const char *const makers[] = {"enumerate", "iter", "reversed", "zip"};

    if (v.kind != SM_KIND_OBJECT || v.object->callable.kind != SM_KIND_GLOBAL)
        return false;
    for (size_t i = 0; i < ARRAY_SIZE(makers); i++) {
        if (value_is_global(v.object->callable, "builtins", makers[i]))
            return true;
    }
    return v.object->callable.global->module_len == strlen("itertools") &&
           memcmp(v.object->callable.global->module, "itertools", strlen("itertools")) == 0;
}

static bool iterator_init(struct object *self, struct call *call)
{
    struct iterator *it = container_of(self, struct iterator, object);
    struct sm_value source, list;

    if (sm_len(call->args) != 1 || sm_len(call->kwds) != 0) {
        call_raise(call, "ValueError", "Without callable, must have one non-keyword argument");
        return false;
    }
    source = call->args.items->item[0];
    if (!call_freeze(call, source, &it->source))
        return false;
    if (!is_iterator(source) || value_iterate(call->tree, source, &list))
        return true;
    it->iterates = true;
    if (!slots_freeze(&it->left, call, list.items))
        return false;
    slots_reverse(&it->left);
    return true;
}

static void iterator_deinit(struct object *self)
{
    struct iterator *it = container_of(self, struct iterator, object);

    slots_deinit(&it->left);
    frozen_free(&it->source);
}

static int iterator_repr(struct object *self, struct buffer *out, unsigned python)
{
    CLEANUP(stored_text_deinit) struct stored_text text;

    stored_text_init(&text, out, python, self);
    return stored_text_add(&text, &container_of(self, struct iterator, object)->source);
}

static void iterator_next(struct object *self, struct call *call)
{
    struct iterator *it = container_of(self, struct iterator, object);
    CLEANUP(frozen_free) struct frozen item = {0};

    if (!it->iterates) {
        iterator_lacks(self, call);
        return;
    }
    if (!it->left.len) {
        call_raise(call, "StopIteration", NULL);
        return;
    }
    item = it->left.at[--it->left.len];
    slots_trim(&it->left);
    call_return_frozen(call, &item);
}

static void iterator_getvalue(struct object *self, struct pickler *p)
{
    struct iterator *it = container_of(self, struct iterator, object);
    struct pickler_batch batch;

    if (!it->iterates) {
        pickler_frozen(p, &it->source);
        return;
    }
    write_global(p, "builtins", "iter");
    pickler_op(p, EMPTY_LIST);
    pickler_batch_begin(&batch, p, APPENDS);
    for (size_t i = it->left.len; i; i--) {
        pickler_batch_item(&batch);
        pickler_item(p, &it->left.at[i - 1]);
    }
    pickler_batch_end(&batch);
    pickler_op(p, TUPLE1);
    pickler_op(p, REDUCE);
}

static const struct method iterator_methods[] = {
    {"__next__", iterator_next, {SIGNATURE_SLOT}},
    {"send", iterator_lacks, {SIGNATURE_RAW}},
    {"throw", iterator_lacks, {SIGNATURE_RAW}},
    {"close", iterator_lacks, {SIGNATURE_RAW}},
    {0},
};

const struct object_type iterator_type = {
    .name = "iterator",
    .size = sizeof(struct iterator),
    .create = {SIGNATURE_RAW},
    .methods = iterator_methods,
    .init = iterator_init,
    .deinit = iterator_deinit,
    .repr = iterator_repr,
    .getvalue = iterator_getvalue,
};
