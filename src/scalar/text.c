/* SPDX-License-Identifier: MIT */
/*
 * Runs of characters. Stored str is UTF-8 in which lone surrogates are three bytes like any other
 * character, so a character is a lead byte and what follows it.
 */
#include "scalar/text.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "object/answer.h"
#include "value/known.h"

#include <errno.h>
#include <unictype.h>

bool text_self(struct object *self, struct call *call, struct text *ret)
{
    struct sm_value v;

    if (!plain_value(self, call, &v))
        return false;
    *ret = (struct text){.p = v.text, .len = v.len, .kind = v.kind};
    return true;
}

static bool is_bytes_like(struct sm_value v, struct text *ret)
{
    struct value_array array;

    if (value_is_array(v, &array))
        v = array.bytes;
    if (v.kind != SM_KIND_BYTES && v.kind != SM_KIND_BYTEARRAY)
        return false;
    *ret = (struct text){.p = v.text, .len = v.len, .kind = SM_KIND_BYTES};
    return true;
}

bool text_of(const struct text *self, struct sm_value v, struct text *ret)
{
    if (self->kind != SM_KIND_STR)
        return is_bytes_like(v, ret);
    if (v.kind != SM_KIND_STR)
        return false;
    *ret = (struct text){.p = v.text, .len = v.len, .kind = SM_KIND_STR};
    return true;
}

bool text_bytes_like(struct call *call, struct sm_value v, struct text *ret)
{
    if (is_bytes_like(v, ret))
        return true;
    call_raise(call, "TypeError", "a bytes-like object is required, not '%s'",
               call_type_name(call, v));
    return false;
}

static bool is_continuation(char byte)
{
    return ((uint8_t)byte & 0xc0) == 0x80;
}

size_t text_length(struct text t)
{
    size_t n = 0;

    if (t.kind != SM_KIND_STR)
        return t.len;
    for (size_t i = 0; i < t.len; i++)
        n += !is_continuation(t.p[i]);
    return n;
}

size_t text_step(struct text t, size_t at)
{
    size_t next = at;

    text_next(t, &next);
    return next - at;
}

size_t text_offset(struct text t, size_t index)
{
    size_t at = 0;

    if (t.kind != SM_KIND_STR)
        return MIN(index, t.len);
    for (; index && at < t.len; index--)
        at += text_step(t, at);
    return at;
}

uint32_t text_next(struct text t, size_t *at)
{
    if (t.kind != SM_KIND_STR)
        return (uint8_t)t.p[(*at)++];
    return utf8_next(t.p, t.len, at);
}

uint32_t text_previous(struct text t, size_t *at)
{
    size_t next;

    do {
        --*at;
    } while (t.kind == SM_KIND_STR && *at && is_continuation(t.p[*at]));
    next = *at;
    return text_next(t, &next);
}

void text_add_char(struct buffer *out, uint32_t c)
{
    char bytes[UTF8_MAX];

    buffer_add(out, bytes, utf8_encode(c, bytes));
}

bool text_is_space(const struct text *t, uint32_t c)
{
    int bidi;

    if (c == ' ' || (c >= '\t' && c <= '\r'))
        return true;
    if (t->kind != SM_KIND_STR || c < 0x1c)
        return false;
    bidi = uc_bidi_category(c);
    return bidi == UC_BIDI_WS || bidi == UC_BIDI_B || bidi == UC_BIDI_S ||
           uc_is_general_category(c, UC_SPACE_SEPARATOR);
}

void text_return(struct call *call, struct text t)
{
    call_return(call, text_value(t));
}

void text_return_buffer(struct call *call, enum sm_kind kind, const struct buffer *out)
{
    struct text t = {.p = out->len ? (const char *)out->data : "", .len = out->len, .kind = kind};

    if (out->failed)
        call_raise_errno(call, -ENOMEM);
    else
        text_return(call, t);
}

bool text_affordable(struct call *call, size_t n)
{
    if (n <= LIMIT_RESULT)
        return true;
    call_raise_errno(call, -ENOMEM);
    return false;
}

static const char *mirror(struct call *call, struct text t)
{
    char *copy = arena_alloc(&call->tree->arena, t.len + 1);

    for (size_t i = 0; copy && i < t.len; i++)
        copy[i] = t.p[t.len - 1 - i];
    return copy;
}

bool finder_init(struct finder *f, struct call *call, struct text hay, struct text needle,
                 bool back)
{
    *f = (struct finder){
        .hay = hay.p,
        .needle = needle.p,
        .len = hay.len,
        .needle_len = needle.len,
        .back = back,
    };
    if (!back)
        return true;
    f->hay = mirror(call, hay);
    f->needle = mirror(call, needle);
    if (f->hay && f->needle)
        return true;
    call_raise_errno(call, -ENOMEM);
    return false;
}

size_t finder_next(struct finder *f)
{
    const char *match =
        f->at < f->len ? memmem(f->hay + f->at, f->len - f->at, f->needle, f->needle_len) : NULL;

    if (!match) {
        f->at = f->len;
        return FINDER_END;
    }
    f->at = (size_t)(match - f->hay) + f->needle_len;
    return f->back ? f->len - f->at : f->at - f->needle_len;
}
