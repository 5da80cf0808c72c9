/* SPDX-License-Identifier: MIT */
/*
 * Answers: a pair of a kind and a payload. What the manager raised becomes this thread's last
 * error; its class is only a name here.
 */
#include "client/client.h"

#include "base/error.h"
#include "value/repr.h"

#include <errno.h>
#include <stdlib.h>

static bool text_is(struct sm_value v, const char *text)
{
    return v.kind == SM_KIND_STR && v.len == strlen(text) && memcmp(v.text, text, v.len) == 0;
}

/* The module is part of an exception's name, but for builtins. */
static int set_exception(struct sm_value exception)
{
    CLEANUP(buffer_deinit) struct buffer type = {0};
    CLEANUP(buffer_deinit) struct buffer message = {0};
    const struct sm_global *class;

    if (exception.kind != SM_KIND_OBJECT || exception.object->callable.kind != SM_KIND_GLOBAL)
        return error_set(SM_EPROTOCOL, "the manager raised something that is no exception");
    class = exception.object->callable.global;
    if (class->module_len != strlen("builtins") || memcmp(class->module, "builtins", 8) != 0) {
        buffer_add(&type, class->module, class->module_len);
        buffer_add_byte(&type, '.');
    }
    buffer_add(&type, class->name, class->name_len);
    value_str(&message, exception, PYTHON_TEXTS);
    if (type.failed || message.failed)
        return error_set_memory();
    return error_set_raised((char *)type.data, type.len, (char *)message.data, message.len, "", 0);
}

/* A RemoteError; its message is the traceback's last line. */
static int set_traceback(struct sm_value text)
{
    size_t end = text.len, start;

    if (text.kind != SM_KIND_STR)
        return error_set(SM_EPROTOCOL, "the manager failed without a text");
    while (end && text.text[end - 1] == '\n')
        end--;
    for (start = end; start && text.text[start - 1] != '\n'; start--)
        ;
    return error_set_raised("RemoteError", strlen("RemoteError"), text.text + start, end - start,
                            text.text, text.len);
}

/* Answers from this size on take the channel's memory, rather than being copied out of it. */
#define TAKE_MIN 65536

static int reply_read(struct sm_reply *reply, struct sm_value message)
{
    struct sm_value kind, payload;

    if (message.kind != SM_KIND_TUPLE || sm_len(message) != 2)
        return error_set(SM_EPROTOCOL, "the manager's answer is not a pair");
    kind = message.items->item[0];
    payload = message.items->item[1];
    if (text_is(kind, "#ERROR"))
        return set_exception(payload);
    if (text_is(kind, "#TRACEBACK") || text_is(kind, "#UNSERIALIZABLE"))
        return set_traceback(payload);
    reply->is_proxy = text_is(kind, "#PROXY");
    if (!reply->is_proxy && !text_is(kind, "#RETURN"))
        return error_set(SM_EPROTOCOL, "the manager's answer is of an unknown kind");
    reply->value = payload;
    return SM_OK;
}

int reply_decode(struct sm_reply *reply, struct sm_value *ret)
{
    struct pickle_error error;
    int r = pickle_decode(&reply->tree, reply->message.data + reply->start,
                          reply->message.len - reply->start, ret, &error);

    if (r == -ENOMEM)
        return error_set_memory();
    if (r < 0)
        return error_set(SM_EPROTOCOL, "the manager's answer cannot be read: %s: %s", error.type,
                         error.message);
    reply->is_decoded = true;
    return SM_OK;
}

/* Put the message into the reply. */
static void reply_fill(struct sm_reply *reply, struct channel *channel, const struct frame *frame)
{
    bool all = frame->size == channel->in.len;

    if (frame->len < TAKE_MIN || !all) {
        buffer_add(&reply->message, frame->payload, frame->len);
        return;
    }
    buffer_deinit(&reply->message); /* of an answer before */
    reply->message = channel->in;
    reply->start = frame->size - frame->len;
    channel->in = (struct buffer){0};
    channel->taken = 0;
}

int reply_finish(struct sm_reply *reply, struct sm_reply **ret)
{
    struct sm_value message;
    int r = reply_decode(reply, &message);

    if (r == SM_OK)
        r = reply_read(reply, message);
    if (r == SM_OK && ret)
        *ret = reply;
    else
        sm_reply_free(reply);
    return r;
}

static struct sm_reply *reply_new(void)
{
    struct sm_reply *reply = thread_take_reply();

    if (reply)
        return reply;
    reply = calloc(1, sizeof(*reply));
    if (reply)
        tree_init(&reply->tree, NULL);
    return reply;
}

int reply_take(struct channel *channel, const struct frame *frame, bool raw, struct sm_reply **ret)
{
    struct sm_reply *reply = reply_new();

    if (!reply)
        return error_set_memory();
    reply_fill(reply, channel, frame);
    if (reply->message.failed) {
        sm_reply_free(reply);
        return error_set_memory();
    }
    if (!raw)
        return reply_finish(reply, ret);
    *ret = reply;
    return SM_OK;
}

struct sm_value sm_reply_value(const struct sm_reply *reply)
{
    return reply ? reply->value : sm_none();
}

struct sm_reply *reply_hold(struct sm_reply *reply)
{
    atomic_fetch_add(&reply->others, 1);
    return reply;
}

size_t reply_bytes(const struct sm_reply *reply)
{
    return sizeof(*reply) + reply->message.cap + reply->tree.arena.used + reply->tree.arena.left;
}

void reply_drop(struct sm_reply *reply)
{
    if (!reply)
        return;
    tree_deinit(&reply->tree);
    buffer_deinit(&reply->message);
    free(reply);
}

/* A small answer's memory is for the next one, which is spared some four allocations. */
static bool reply_keep(struct sm_reply *reply)
{
    if (reply->message.cap >= TAKE_MIN || reply->tree.ids_cap >= TAKE_MIN)
        return false;
    tree_reset(&reply->tree);
    buffer_clear(&reply->message);
    reply->start = 0;
    reply->value = (struct sm_value){0};
    reply->is_decoded = reply->is_proxy = false;
    atomic_store(&reply->others, 0);
    return thread_keep_reply(reply);
}

void sm_reply_free(struct sm_reply *reply)
{
    if (!reply || (atomic_load(&reply->others) && atomic_fetch_sub(&reply->others, 1)))
        return;
    if (!reply_keep(reply))
        reply_drop(reply);
}
