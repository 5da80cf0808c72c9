/* SPDX-License-Identifier: MIT */
/* Requests are unpacked as Python's `a, b, c, d = request` does, complaints included. */
#include "wire/message.h"

#include "base/utf8.h"
#include "pickle/opcodes.h"
#include "value/compare.h"
#include "value/known.h"

#include <errno.h>
#include <stdio.h>

static int refuse(struct pickle_error *error, const char *type, const char *message)
{
    snprintf(error->type, sizeof(error->type), "%s", type);
    snprintf(error->message, sizeof(error->message), "%s", message);
    return REQUEST_REFUSED;
}

static int refuse_length(struct pickle_error *error, size_t len)
{
    char text[80];

    if (len > 4)
        return refuse(error, "ValueError", "too many values to unpack (expected 4)");
    snprintf(text, sizeof(text), "not enough values to unpack (expected 4, got %zu)", len);
    return refuse(error, "ValueError", text);
}

/* What is no row of items. */
static int refuse_message(struct pickle_error *error, struct sm_value message)
{
    struct sm_value type = value_type_name(message);
    char text[160];

    snprintf(text, sizeof(text), "cannot unpack non-iterable %.*s object",
             (int)utf8_whole(type.text, MIN(type.len, (size_t)100)), type.text);
    return refuse(error, "TypeError", text);
}

int request_parse(struct tree *tree, const uint8_t *payload, size_t len, struct request *ret,
                  struct pickle_error *error)
{
    struct sm_value message;
    const struct sm_value *item;
    int r;

    r = pickle_decode(tree, payload, len, &message, error);
    if (r == -EINVAL)
        return strcmp(error->type, "EOFError") == 0 ? REQUEST_EMPTY : REQUEST_REFUSED;
    if (r < 0)
        return r;
    if (message.kind != SM_KIND_TUPLE && message.kind != SM_KIND_LIST)
        r = value_iterate(tree, message, &message);
    if (r < 0)
        return r;
    if (r > 0)
        return refuse_message(error, message);
    if (message.items->len != 4)
        return refuse_length(error, message.items->len);
    item = message.items->item;
    *ret = (struct request){
        .target = item[0],
        .name = item[1],
        .args = item[2],
        .kwds = item[3],
        .protocol = len > 1 && payload[0] == 0x80 ? payload[1] : 0,
    };
    return 0;
}

/* A str of under 256 bytes, in either of its forms; NULL: there is none. */
static const uint8_t *read_str(const uint8_t *at, const uint8_t *end, size_t *ret_len)
{
    size_t head = 0;

    if (end - at > 2 && at[0] == SHORT_BINUNICODE)
        head = 2;
    else if (end - at > 5 && at[0] == BINUNICODE && !at[2] && !at[3] && !at[4])
        head = 5;
    if (!head || (size_t)(end - at) - head < at[1])
        return NULL;
    *ret_len = at[1];
    return at + head;
}

/* The ident that a request begins with, as every pickler writes it; NULL: it does not. */
static const uint8_t *read_ident(const uint8_t *payload, size_t len, size_t *ret_len)
{
    size_t at = 2;

    if (len > at && payload[0] == PROTO && payload[at] == FRAME)
        at += 1 + sizeof(uint64_t);
    if (len <= at || payload[0] != PROTO || payload[at] != MARK)
        return NULL;
    return read_str(payload + at + 1, payload + len, ret_len);
}

bool request_begins_with(const uint8_t *payload, size_t len, const char *ident)
{
    size_t ident_len;
    const uint8_t *at = read_ident(payload, len, &ident_len);

    return at && ident_len == strlen(ident) && memcmp(at, ident, ident_len) == 0;
}

const char *request_method(const uint8_t *payload, size_t len, size_t *ret_len)
{
    const uint8_t *at = read_ident(payload, len, ret_len), *end;

    if (!at)
        return NULL;
    end = payload + len;
    at += *ret_len;
    if (at < end && *at == MEMOIZE)
        at++;
    else if (end - at > 1 && *at == BINPUT)
        at += 2;
    return (const char *)read_str(at, end, ret_len);
}
