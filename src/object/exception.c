/* SPDX-License-Identifier: MIT */
/*
 * Answers that are exceptions: as objects, which the caller raises, or as the text of a traceback,
 * which a RemoteError shows.
 */
#include "base/limits.h"
#include "object/answer.h"
#include "object/args.h"
#include "object/dispatch.h"
#include "pickle/opcodes.h"
#include "value/compare.h"
#include "value/repr.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

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

/* An exception's class: the last dot parts module and name; without one it is a builtin. */
static void write_exception_class(struct pickler *p, const char *type)
{
    const char *dot = strrchr(type, '.');

    if (dot)
        answer_global(p, type, (size_t)(dot - type), dot + 1);
    else
        answer_global(p, "builtins", strlen("builtins"), type);
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
        if (!call_needs_python(call))
            call_raise(call, "NotImplementedError",
                       "whether an object equals what it is made of, as an IntEnum's member equals "
                       "an int, only Python code tells, which this manager does not run");
        break;
    default:
        call_raise(call, "MemoryError", NULL);
    }
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

    if (r == HASH_UNHASHABLE)
        call_raise_unhashable(call, key, DICT_KEY, culprit);
    else if (r < 0)
        call_raise_errno(call, r);
    else
        call_raise_args(call, "KeyError", SM_TUPLE(key));
}
