/* SPDX-License-Identifier: MIT */
/*
 * Answers as messages: a pair (kind, payload). A payload that turns out impossible to write is
 * taken back, and the answer becomes the error that CPython would give.
 */
#include "object/answer.h"

#include "base/limits.h"
#include "object/caller.h"
#include "object/registry.h"
#include "pickle/opcodes.h"

#include <errno.h>

/* Who sends the message writes its header there. */
static void leave_room(struct call *call)
{
    call->out_start = call->out->len;
    if (buffer_reserve(call->out, call->out_room) == 0)
        call->out->len += call->out_room;
}

struct pickler *answer_begin(struct call *call, const char *kind)
{
    size_t len = strlen(kind);
    const uint8_t head[] = {PROTO, PICKLE_PROTOCOL_WRITTEN, SHORT_BINUNICODE, (uint8_t)len};

    leave_room(call);
    pickler_init(&call->pickler, call->out);
    call->pickler.notes = &call->sent;
    if (buffer_reserve(call->out, sizeof(head) + len) == 0) {
        memcpy(call->out->data + call->out->len, head, sizeof(head));
        memcpy(call->out->data + call->out->len + sizeof(head), kind, len);
        call->out->len += sizeof(head) + len;
    }
    return &call->pickler;
}

/*
 * Hold the objects of the proxies in the answer until its receiver has references of its own. Of an
 * answer that is written aside, who takes it does so.
 */
static void hold_sent(struct call *call)
{
    for (; !call->apart && call->sent_held < call->sent.refs_len; call->sent_held++)
        ref_take(call->sent.refs[call->sent_held]);
}

int answer_end(struct call *call)
{
    int r;

    pickler_op(&call->pickler, TUPLE2);
    r = pickler_finish(&call->pickler);
    pickler_deinit(&call->pickler);
    if (r < 0) {
        call->sent.refs_len = call->sent_held;
        call->out->failed = false;
        call->out->len = call->out_start;
        return r;
    }
    hold_sent(call);
    call->answered = true;
    call->ops->answered(call);
    return 0;
}

void answer_lost(struct call *call)
{
    call->out->failed = true;
    call->answered = true;
    call->ops->answered(call);
}

void call_answer(struct call *call, const struct buffer *message)
{
    leave_room(call);
    buffer_add(call->out, message->data, message->len);
    call->out->failed |= message->failed;
    call->answered = true;
    call->ops->answered(call);
}

void call_take_answer(struct call *call, struct call *from)
{
    call_drop_sent(call);
    call->sent = from->sent;
    from->sent = (struct pickle_notes){0};
    hold_sent(call);
    if (call->out->len) {
        call->out_start = call->out->len;
        buffer_add(call->out, from->out->data, from->out->len);
        call->out->failed |= from->out->failed;
    } else {
        struct buffer empty = *call->out;

        *call->out = *from->out;
        *from->out = empty;
        call->out_start = 0;
    }
    call->answered = true;
    call->ops->answered(call);
}

struct pickler *call_return_begin(struct call *call)
{
    return answer_begin(call, "#RETURN");
}

void call_return_end(struct call *call)
{
    int r = answer_end(call);

    if (r < 0)
        call_undelivered(call);
    if (r == -ELOOP)
        call_unserializable(
            call, "RecursionError: maximum recursion depth exceeded while pickling an object");
    else if (r < 0)
        call_raise_errno(call, r);
}

void call_return(struct call *call, struct sm_value v)
{
    pickler_value(call_return_begin(call), call->tree, v);
    call_return_end(call);
}

void call_return_none(struct call *call)
{
    call_return(call, sm_none());
}

void call_return_bool(struct call *call, bool v)
{
    call_return(call, sm_bool(v));
}

void call_return_int(struct call *call, int64_t v)
{
    call_return(call, sm_int(v));
}

/* A large value is sent from where it is stored: to copy it would keep everybody waiting. */
static bool may_lend(const struct call *call, const struct frozen *f)
{
    return call->lends && f->len == FROZEN_BLOB && f->blob->len >= LIMIT_COPY && !f->blob->refs_len;
}

static void return_lent(struct call *call, const struct frozen *f)
{
    struct pickler *p = answer_begin(call, "#RETURN");
    bool failed = call->out->failed || p->error;

    pickler_deinit(p);
    if (failed) {
        answer_lost(call);
        return;
    }
    call->lent = frozen_copy(f);
    call->answered = true;
    call->ops->answered(call);
}

void call_return_frozen(struct call *call, const struct frozen *f)
{
    if (may_lend(call, f)) {
        return_lent(call, f);
        return;
    }
    pickler_frozen(call_return_begin(call), f);
    call_return_end(call);
}

void answer_global(struct pickler *p, const char *module, size_t module_len, const char *name)
{
    pickler_value(p, NULL, sm_strn(module, module_len));
    pickler_value(p, NULL, sm_str(name));
    pickler_op(p, STACK_GLOBAL);
}

void call_grant(struct call *call, struct object *object)
{
    registry_incref(call->registry, object, call->account);
    call->granted = object_ref(object);
}

void call_return_created(struct call *call, struct object *object)
{
    struct pickler *p = call_return_begin(call);
    char ident[IDENT_SIZE];

    ident_format(object->ident, ident);
    pickler_value(p, NULL, sm_str(ident));
    object_write_exposed(object, p, call->python, call->proxies);
    pickler_op(p, TUPLE2);
    call_grant(call, object);
    call_return_end(call);
}

void call_return_proxy(struct call *call, struct object *object, const char *typeid)
{
    struct pickler *p = answer_begin(call, "#PROXY");
    static const char module[] = "multiprocessing.managers";
    char ident[IDENT_SIZE];

    object_write_exposed(object, p, call->python, call->proxies);
    answer_global(p, module, sizeof(module) - 1, "Token");
    pickler_op(p, EMPTY_TUPLE);
    pickler_op(p, NEWOBJ);
    ident_format(object->ident, ident);
    pickler_value(p, NULL, sm_str(typeid));
    pickler_value(p, NULL, call->registry->address);
    pickler_value(p, NULL, sm_str(ident));
    pickler_op(p, TUPLE3);
    pickler_op(p, BUILD);
    pickler_op(p, TUPLE2);
    call_grant(call, object);
    if (answer_end(call) < 0) {
        call_undelivered(call);
        call_raise_errno(call, -ENOMEM);
    }
}
