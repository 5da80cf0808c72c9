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
    return -EINVAL;
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
    if (r < 0)
        return r == -EINVAL && strcmp(error->type, "EOFError") == 0 ? -ENODATA : r;
    if (message.kind != SM_KIND_TUPLE && message.kind != SM_KIND_LIST)
        r = value_iterate(tree, message, &message);
    if (r == -ENOMEM)
        return r;
    if (r < 0)
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

/* A str of under 256 bytes, in either of its forms. Returns the length of its head, or 0. */
static size_t str_head(const uint8_t *at, size_t left, size_t len)
{
    if (left > 2 && at[0] == SHORT_BINUNICODE)
        return at[1] == len ? 2 : 0;
    if (left > 5 && at[0] == BINUNICODE)
        return at[1] == len && !at[2] && !at[3] && !at[4] ? 5 : 0;
    return 0;
}

bool request_begins_with(const uint8_t *payload, size_t len, const char *ident)
{
    size_t at = 2, head, ident_len = strlen(ident);

    if (len > at && payload[0] == PROTO && payload[at] == FRAME)
        at += 1 + sizeof(uint64_t);
    if (len <= at || payload[0] != PROTO || payload[at] != MARK)
        return false;
    at++;
    head = str_head(payload + at, len - at, ident_len);
    return head && len - at - head >= ident_len &&
           memcmp(payload + at + head, ident, ident_len) == 0;
}
