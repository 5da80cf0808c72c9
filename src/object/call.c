/* SPDX-License-Identifier: MIT */
/*
 * The life of a call. It is reused for the next request of its connection: whatever one request
 * leaves behind, call_reset() drops.
 */
#include "object/call.h"

#include "base/memory.h"
#include "object/access.h"
#include "object/ask.h"
#include "object/caller.h"
#include "object/registry.h"
#include "object/waitq.h"

void call_init(struct call *call, struct registry *registry, struct tree *tree, struct buffer *out,
               const struct caller_ops *ops)
{
    *call = (struct call){
        .registry = registry, .tree = tree, .out = out, .ops = ops, .key = &key_of_all};
    list_init(&call->link);
}

static void nobody_waits(struct call *call)
{
    (void)call;
}

const struct caller_ops caller_none = {.answered = nobody_waits};

/* What Python was asked, and what was taken over for it: few calls have any. */
static void drop_help(struct call *call)
{
    asked_free(TAKE_PTR(call->asked));
    for (size_t i = 0; call->brought && call->brought[i]; i++)
        object_unref(call->brought[i]);
    memory_free(TAKE_PTR(call->brought));
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
    call->need = NEED_NONE;
    if (call->asked || call->brought)
        drop_help(call);
}

void call_drop_sent(struct call *call)
{
    if (!call->sent.refs)
        return;
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
    if (call->handed && call->object->type->give_back) {
        version_raise_for(call);
        call->object->type->give_back(call->object, call);
    }
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
