/* SPDX-License-Identifier: MIT */
/*
 * The life of a call, and what methods do with its arguments. A call is reused for the next
 * request of its connection: whatever one request leaves behind, call_reset() drops.
 */
#include "object/ask.h"

#include "base/memory.h"
#include "object/registry.h"
#include "object/waitq.h"
#include "pickle/opcodes.h"
#include "value/compare.h"
#include "value/known.h"
#include "value/repr.h"

#include <errno.h>

void call_init(struct call *call, struct registry *registry, struct tree *tree, struct buffer *out,
               void (*done)(struct call *call))
{
    *call = (struct call){.registry = registry, .tree = tree, .out = out, .done = done};
    list_init(&call->link);
}

void call_unattended(struct call *call)
{
    (void)call;
}

bool call_leave(struct call *call)
{
    if (!call->may_leave || (call->object && !call->object->type->visits))
        return false;
    call->left = CALL_LEAVES;
    return true;
}

bool call_leave_for(struct call *call, struct sm_value v)
{
    return call->may_leave && value_is_unknown(v) && call_leave(call);
}

void call_reset(struct call *call)
{
    frozen_free(&call->item);
    frozen_free(&call->lent);
    object_unref(TAKE_PTR(call->object));
    object_unref(TAKE_PTR(call->granted));
    call->method = NULL;
    call->number = 0;
    call->handed = false;
    call->answered = false;
    call->left = CALL_STAYS;
    asked_free(TAKE_PTR(call->asked));
    for (size_t i = 0; call->brought && call->brought[i]; i++)
        object_unref(call->brought[i]);
    memory_free(TAKE_PTR(call->brought));
}

bool call_brings(struct call *call)
{
    if (!call->tree->descriptors.len || call->brought || !call->registry->elsewhere)
        return false;
    call->left = CALL_BRINGS;
    call->registry->elsewhere(call);
    return true;
}

void call_drop_sent(struct call *call)
{
    for (size_t i = 0; i < call->sent.refs_len; i++)
        ref_drop(call->sent.refs[i]);
    memory_free(TAKE_PTR(call->sent.refs));
    call->sent = (struct pickle_notes){0};
    call->sent_held = 0;
}

void call_undelivered(struct call *call)
{
    if (call->granted)
        registry_decref(call->registry, call->granted, call->account);
    if (call->handed && call->object->type->give_back)
        call->object->type->give_back(call->object, call);
    call->handed = false;
    object_unref(TAKE_PTR(call->granted));
}

void call_disown_all(struct list *owned, bool keep)
{
    while (!list_empty(owned)) {
        struct object *object = list_first(owned, struct object, owned);

        list_remove(&object->owned);
        object_ref(object);
        object->type->owner_gone(object, keep);
        object_unref(object);
    }
}

void call_deinit(struct call *call)
{
    waitq_withdraw(call);
    call_reset(call);
    call_drop_sent(call);
}

const char *call_type_name(struct call *call, struct sm_value v)
{
    struct sm_value name = value_type_name(v);
    char *text = arena_copy(&call->tree->arena, name.text, name.len);

    return text ? text : "object";
}

const char *call_repr(struct call *call, struct sm_value v)
{
    struct buffer text = {0};
    struct repr_row row;
    char *copy = NULL;
    int r;

    repr_row_init(&row, &text, call->python);
    row.unknown = call->tree->unknown;
    r = repr_row_add(&row, v, call->tree->message_len);
    if (r == 0) {
        copy = arena_copy(&call->tree->arena, text.data, text.len);
        r = copy ? 0 : -ENOMEM;
    }
    buffer_deinit(&text);
    if (r < 0)
        call_raise_errno(call, r);
    return copy;
}

void call_raise_unhashable(struct call *call, struct sm_value v, const char *role,
                           struct sm_value blame)
{
    const char *name = call_type_name(call, blame);

    if (call->python >= 14 && role)
        call_raise(call, "TypeError", "cannot use '%s' as %s (unhashable type: '%s')",
                   call_type_name(call, v), role, name);
    else
        call_raise(call, "TypeError", "unhashable type: '%s'", name);
}

void call_raise_key(struct call *call, struct sm_value key)
{
    struct sm_value culprit;
    uint64_t hash;
    int r = value_hash(key, &hash, &culprit);

    if (r == -EINVAL)
        call_raise_unhashable(call, key, DICT_KEY, culprit);
    else if (r < 0)
        call_raise_errno(call, r);
    else
        call_raise_args(call, "KeyError", SM_TUPLE(key));
}

bool call_freeze(struct call *call, struct sm_value v, struct frozen *ret)
{
    int r = tree_freeze(call->tree, v, ret);

    if (r < 0)
        call_raise_errno(call, r);
    return r == 0;
}

bool call_thaw(struct call *call, const struct frozen *f, struct sm_value *ret)
{
    int r = tree_thaw(call->tree, f, ret);

    if (r < 0)
        call_raise_errno(call, r);
    return r == 0;
}

struct object *call_proxied(struct sm_value v)
{
    if (v.kind != SM_KIND_OBJECT || !v.object->ref)
        return NULL;
    return container_of((struct ref *)v.object->ref, struct object, ref);
}

bool call_awaits(struct call *call, struct object *object)
{
    struct object *missed = call->place == CALL_ASIDE ? NULL : object_missed(object);

    if (missed)
        call->registry->await(call, missed);
    return missed != NULL;
}

/* Read an object by value into the call's tree. */
static int object_read(struct call *call, struct object *object, struct sm_value *ret)
{
    CLEANUP(buffer_deinit) struct buffer bytes = {0};
    struct pickle_error error;
    struct pickler p;
    char *copy;
    size_t len;
    int r;

    pickler_init(&p, &bytes);
    pickler_start(&p);
    object->type->getvalue(object, &p);
    r = pickler_finish(&p);
    pickler_deinit(&p);
    if (r < 0)
        return r;
    len = bytes.len;
    copy = arena_copy(&call->tree->arena, bytes.data, len);
    if (!copy)
        return -ENOMEM;
    call->tree->message_len += len;
    return pickle_decode(call->tree, (uint8_t *)copy, len, ret, &error);
}

bool call_dereference(struct call *call, struct sm_value v, struct sm_value *ret)
{
    struct object *object = call_proxied(v);
    int r;

    if (!object || !object->type->getvalue) {
        *ret = v;
        return true;
    }
    if (call_awaits(call, object) || (object->away && call_leave(call)))
        return false;
    r = object_read(call, object, ret);
    if (r < 0)
        call_raise_errno(call, r);
    return r == 0;
}

bool call_iterate(struct call *call, struct sm_value v, struct sm_value *ret)
{
    struct sm_value plain;
    int r;

    if (!call_dereference(call, v, &plain))
        return false;
    r = value_iterate(call->tree, plain, ret);
    if (r == 0)
        return true;
    if (r == -EINVAL)
        call_raise(call, "TypeError", "'%s' object is not iterable", call_type_name(call, plain));
    else if (r == -ENOTSUP && call_leave(call))
        return false;
    else if (r == -ENOTSUP)
        call_raise(call, "TypeError",
                   "'%s' object cannot be iterated in the manager, which runs no Python code; "
                   "pass a list of its items",
                   call_type_name(call, plain));
    else
        call_raise_errno(call, r);
    return false;
}

bool call_clamped_int(struct call *call, struct sm_value v, int64_t *ret)
{
    switch (v.kind) {
    case SM_KIND_INT:
        *ret = v.integer;
        return true;
    case SM_KIND_BOOL:
        *ret = v.boolean;
        return true;
    case SM_KIND_BIGINT:
        *ret = v.bytes[v.len - 1] & 0x80 ? INT64_MIN : INT64_MAX;
        return true;
    default:
        if (call_asks(call, v, SM_ASK_INDEX, 0))
            return false;
        call_raise(call, "TypeError", "'%s' object cannot be interpreted as an integer",
                   call_type_name(call, v));
        return false;
    }
}

bool call_int(struct call *call, struct sm_value v, int64_t *ret)
{
    if (v.kind == SM_KIND_BIGINT) {
        call_raise(call, "OverflowError", "Python int too large to convert to C ssize_t");
        return false;
    }
    return call_clamped_int(call, v, ret);
}
