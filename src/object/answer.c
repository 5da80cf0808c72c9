/* SPDX-License-Identifier: MIT */
/*
 * Answers as messages: a pair (kind, payload). A payload that turns out impossible to write is
 * taken back, and the answer becomes the error that CPython would give.
 */
#include "base/limits.h"
#include "object/call.h"
#include "object/registry.h"
#include "pickle/opcodes.h"
#include "value/repr.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void add_room(struct call *call)
{
    static const uint8_t room[16];

    call->out_start = call->out->len;
    buffer_add(call->out, room, call->out_room);
}

static inline struct pickler *answer_begin(struct call *call, const char *kind)
{
    size_t len = strlen(kind);
    const uint8_t head[] = {PROTO, PICKLE_PROTOCOL_WRITTEN, SHORT_BINUNICODE, (uint8_t)len};

    add_room(call);
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
    for (; call->place != CALL_ASIDE && call->sent_held < call->sent.refs_len; call->sent_held++)
        ref_take(call->sent.refs[call->sent_held]);
}

/* Close the message. On failure it is taken back, and another may be begun. */
static int answer_end(struct call *call)
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
    call->done(call);
    return 0;
}

/* What is said when there is no memory to say anything else: the connection ends. */
static void answer_lost(struct call *call)
{
    call->out->failed = true;
    call->answered = true;
    call->done(call);
}

void call_answer(struct call *call, const struct buffer *message)
{
    add_room(call);
    buffer_add(call->out, message->data, message->len);
    call->out->failed |= message->failed;
    call->answered = true;
    call->done(call);
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
    call->done(call);
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
    call->done(call);
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

static void write_global(struct pickler *p, const char *module, size_t module_len, const char *name)
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
    write_global(p, module, sizeof(module) - 1, "Token");
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

/* An exception's class: the last dot parts module and name; without one it is a builtin. */
static void write_exception_class(struct pickler *p, const char *type)
{
    const char *dot = strrchr(type, '.');

    if (dot)
        write_global(p, type, (size_t)(dot - type), dot + 1);
    else
        write_global(p, "builtins", strlen("builtins"), type);
}

/* The text that a RemoteError shows; its last line is what matters to programs. */
static void answer_text(struct call *call, const char *kind, const char *text, size_t len)
{
    struct buffer whole = {0};

    buffer_add_str(&whole, "Traceback (most recent call last):\n  File \"<syncmanager>\"\n");
    buffer_add(&whole, text, len);
    buffer_add_byte(&whole, '\n');
    pickler_value(answer_begin(call, kind), NULL, sm_strn((char *)whole.data, whole.len));
    if (whole.failed)
        call->pickler.error = -ENOMEM;
    if (answer_end(call) < 0)
        answer_lost(call);
    buffer_deinit(&whole);
}

/* "type: message" as a traceback's last line has it. */
static void answer_exception_text(struct call *call, const char *type, const char *message,
                                  size_t len)
{
    struct buffer text = {0};

    buffer_add_str(&text, type);
    if (len) {
        buffer_add_str(&text, ": ");
        buffer_add(&text, message, len);
    }
    if (text.failed)
        answer_lost(call);
    else
        answer_text(call, "#TRACEBACK", (char *)text.data, text.len);
    buffer_deinit(&text);
}

/* str(exception): nothing, its one argument (quoted for KeyError), or the tuple of them. */
static int exception_str(struct buffer *out, const char *type, struct sm_value args,
                         unsigned python)
{
    if (sm_len(args) == 0)
        return 0;
    if (sm_len(args) > 1)
        return value_repr(out, args, python);
    if (strcmp(type, "KeyError") == 0)
        return value_repr(out, args.items->item[0], python);
    return value_str(out, args.items->item[0], python);
}

/*
 * `tree` has the ids in args; NULL: there are none, and what the message grew to is no matter of
 * the request's. `state`: a dict for BUILD, or missing.
 */
static void raise_with_state(struct call *call, const char *type, const struct tree *tree,
                             struct sm_value args, struct sm_value state)
{
    struct pickler *p;
    int r;

    if (call->errors == CALL_FAILS) {
        struct buffer text = {0};

        if (exception_str(&text, type, args, call->python) < 0 || text.failed)
            answer_lost(call);
        else
            answer_exception_text(call, type, (char *)text.data, text.len);
        buffer_deinit(&text);
        return;
    }
    p = answer_begin(call, "#ERROR");
    write_exception_class(p, type);
    pickler_value(p, tree, args);
    pickler_op(p, REDUCE);
    if (state.kind != SM_KIND_MISSING) {
        pickler_value(p, NULL, state);
        pickler_op(p, BUILD);
    }
    r = answer_end(call);
    if (r == 0)
        return;
    if (tree && r != -ENOMEM)
        call_raise_errno(call, r);
    else
        answer_lost(call);
}

void call_raise_args(struct call *call, const char *type, struct sm_value args)
{
    raise_with_state(call, type, call->tree, args, sm_missing());
}

static void raise_text(struct call *call, const char *type, const char *text, size_t len)
{
    struct sm_value message = sm_strn(text, len);

    raise_with_state(call, type, NULL, SM_TUPLE(message), sm_missing());
}

/* Format a message, then hand it on with its length. */
static void raise_formatted(struct call *call, const char *type, const char *format, va_list args,
                            void (*raise)(struct call *, const char *, const char *, size_t))
{
    char *text;
    int len = vasprintf(&text, format, args);

    if (len < 0) {
        answer_lost(call);
        return;
    }
    raise(call, type, text, (size_t)len);
    free(text);
}

void call_raise(struct call *call, const char *type, const char *format, ...)
{
    va_list args;

    if (!format) {
        struct sm_items none = {0};

        call_raise_args(call, type, (struct sm_value){.kind = SM_KIND_TUPLE, .items = &none});
        return;
    }
    va_start(args, format);
    raise_formatted(call, type, format, args, raise_text);
    va_end(args);
}

void call_fail(struct call *call, const char *type, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    raise_formatted(call, type, format, args, answer_exception_text);
    va_end(args);
}

/* 3.14 adds notes that tell where in the answer it was, a pair of its kind and the value. */
static void unserializable_text(struct call *call, const char *kind, const char *text, size_t len)
{
    static const char note[] = "\nwhen serializing tuple item 1";
    struct buffer whole CLEANUP(buffer_deinit) = {0};

    buffer_add(&whole, text, len);
    if (call->python >= 14)
        buffer_add(&whole, note, strlen(note));
    if (whole.failed)
        call_raise_errno(call, -ENOMEM);
    else
        answer_text(call, kind, (char *)whole.data, whole.len);
}

void call_unserializable(struct call *call, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    raise_formatted(call, "#UNSERIALIZABLE", format, args, unserializable_text);
    va_end(args);
}

void call_raise_frozen(struct call *call, const char *type, const struct frozen *arg)
{
    struct sm_value v;

    if (call_thaw(call, arg, &v))
        call_raise_args(call, type, SM_TUPLE(v));
}

void call_raise_attribute(struct call *call, struct sm_value message, struct sm_value name)
{
    struct sm_items entries = {
        .item = (struct sm_value[]){sm_str("args"), SM_TUPLE(message), sm_str("name"), name},
        .len = name.kind == SM_KIND_NONE ? 2 : 4,
    };
    struct sm_value state = {.kind = SM_KIND_DICT, .items = &entries};

    raise_with_state(call, "AttributeError", NULL, SM_TUPLE(message),
                     call->python >= 12 ? state : sm_missing());
}

void call_raise_slice_index(struct call *call)
{
    call_raise(call, "TypeError", "slice indices must be integers %sor have an __index__ method",
               call->python >= 15 ? "" : "or None ");
}

void call_raise_missing(struct call *call, const char *type, struct sm_value name, bool told)
{
    struct buffer text CLEANUP(buffer_deinit) = {0};

    buffer_addf(&text, "'%s' object has no attribute '", type);
    buffer_add(&text, name.text, name.len);
    buffer_add_byte(&text, '\'');
    if (text.failed)
        answer_lost(call);
    else
        call_raise_attribute(call, sm_strn((char *)text.data, text.len), told ? name : sm_none());
}

void call_raise_args_note(struct call *call, const char *type, struct sm_value args,
                          const char *note)
{
    struct sm_items entries = {
        .item = (struct sm_value[]){sm_str("__notes__"), SM_LIST(sm_str(note))},
        .len = 2,
    };

    raise_with_state(call, type, call->tree, args,
                     (struct sm_value){.kind = SM_KIND_DICT, .items = &entries});
}

void call_raise_note(struct call *call, const char *type, const char *message, const char *note,
                     ...)
{
    char text[160];
    va_list args;

    va_start(args, note);
    vsnprintf(text, sizeof(text), note, args);
    va_end(args);
    if (call->errors == CALL_FAILS) {
        call_fail(call, type, "%s\n%s", message, text);
    } else {
        call_raise_args_note(call, type, SM_TUPLE(sm_str(message)), text);
    }
}

void call_raise_errno(struct call *call, int r)
{
    switch (r) {
    case -ELOOP:
        call_raise(call, "RecursionError", "maximum recursion depth exceeded");
        break;
    case -E2BIG:
        call_raise(call, "MemoryError",
                   "the values of this request share parts, and would take more than %d times "
                   "its size when they are stored apart",
                   LIMIT_GROWTH);
        break;
    case -ERANGE:
        call_raise(call, "ValueError", "%s", repr_range_message(call->python));
        break;
    case -ENOTSUP:
        if (!call_leave(call))
            call_raise(call, "NotImplementedError",
                       "whether an object equals what it is made of, as an IntEnum's member equals "
                       "an int, only Python code tells, which this manager does not run");
        break;
    default:
        call_raise(call, "MemoryError", NULL);
    }
}
