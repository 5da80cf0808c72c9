/* SPDX-License-Identifier: MIT */
/*
 * The ends of a text: padding to a width, tabs to columns, and stripping.
 */
#include "object/answer.h"
#include "object/clinic.h"
#include "scalar/text.h"

#include <errno.h>
#include <stdlib.h>

/* A character that pads: one of a str, or one byte. */
static bool take_fill(struct call *call, const struct text *t, struct text *ret)
{
    struct sm_value v = call->arg[1];

    *ret = (struct text){.p = " ", .len = 1, .kind = t->kind};
    if (v.kind == SM_KIND_MISSING)
        return true;
    if (t->kind != SM_KIND_STR) {
        if ((v.kind == SM_KIND_BYTES || v.kind == SM_KIND_BYTEARRAY) && v.len == 1) {
            text_of(t, v, ret);
            return true;
        }
        if (call->python >= 14 && (v.kind == SM_KIND_BYTES || v.kind == SM_KIND_BYTEARRAY))
            call_raise(call, "TypeError",
                       "%s(): argument 2 must be a byte string of length 1, "
                       "not a %s object of length %zu",
                       call->method->name, call_type_name(call, v), v.len);
        else
            call_raise(
                call, "TypeError", "%s() argument 2 must be a byte string of length 1, not %s",
                call->method->name, v.kind == SM_KIND_NONE ? "None" : call_type_name(call, v));
        return false;
    }
    if (!text_of(t, v, ret))
        call_raise(call, "TypeError", "The fill character must be a unicode character, not %s",
                   call_type_name(call, v));
    else if (text_length(*ret) != 1)
        call_raise(call, "TypeError", "The fill character must be exactly one character long");
    return !call->answered;
}

static void add_fill(struct buffer *out, struct text fill, size_t n)
{
    buffer_add_times(out, fill.p, fill.len, n);
}

static void pad(struct call *call, struct text t, struct text fill, size_t left, size_t right)
{
    struct buffer out CLEANUP(buffer_deinit) = {0};

    if (!text_affordable(call, t.len) || !text_affordable(call, left) ||
        !text_affordable(call, right) || !text_affordable(call, t.len + (left + right) * fill.len))
        return;
    add_fill(&out, fill, left);
    buffer_add(&out, t.p, t.len);
    add_fill(&out, fill, right);
    text_return_buffer(call, t.kind, &out);
}

/* How many characters are missing from a width. */
static size_t margin(struct text t, int64_t width)
{
    int64_t length = (int64_t)text_length(t);

    return width > length ? (size_t)(width - length) : 0;
}

enum align {
    ALIGN_LEFT,
    ALIGN_RIGHT,
    ALIGN_CENTER,
};

static void justify(struct object *self, struct call *call, enum align align)
{
    struct text t, fill;
    int64_t width;
    size_t n, left = 0;

    if (!clinic_size(call, call->arg[0], &width) || !text_self(self, call, &t) ||
        !take_fill(call, &t, &fill))
        return;
    n = margin(t, width);
    if (align == ALIGN_RIGHT)
        left = n;
    else if (align == ALIGN_CENTER)
        left = n / 2 + (n & (size_t)width & 1); /* of an odd margin, the larger half */
    pad(call, t, fill, left, n - left);
}

void text_ljust(struct object *self, struct call *call)
{
    justify(self, call, ALIGN_LEFT);
}

void text_rjust(struct object *self, struct call *call)
{
    justify(self, call, ALIGN_RIGHT);
}

void text_center(struct object *self, struct call *call)
{
    justify(self, call, ALIGN_CENTER);
}

void text_zfill(struct object *self, struct call *call)
{
    struct buffer out CLEANUP(buffer_deinit) = {0};
    struct text t, zero = {.p = "0", .len = 1};
    int64_t width;
    size_t n, sign;

    if (!clinic_size(call, call->arg[0], &width) || !text_self(self, call, &t))
        return;
    n = margin(t, width);
    if (!text_affordable(call, n) || !text_affordable(call, t.len + n))
        return;
    sign = t.len && (t.p[0] == '+' || t.p[0] == '-');
    buffer_add(&out, t.p, sign);
    add_fill(&out, zero, n);
    buffer_add(&out, t.p + sign, t.len - sign);
    text_return_buffer(call, t.kind, &out);
}

void text_expandtabs(struct object *self, struct call *call)
{
    struct buffer out CLEANUP(buffer_deinit) = {0};
    struct text t, space = {.p = " ", .len = 1};
    int size = 8;
    size_t column = 0;

    if (!clinic_int(call, call->arg[0], &size) || !text_self(self, call, &t))
        return;
    for (size_t at = 0, step; at < t.len; at += step) {
        size_t n = size > 0 ? (size_t)size - column % (size_t)size : 0;

        step = text_step(t, at);
        if (t.p[at] == '\t') {
            if (!text_affordable(call, out.len + n))
                return;
            add_fill(&out, space, n);
            column += n;
        } else {
            buffer_add(&out, t.p + at, step);
            column = t.p[at] == '\n' || t.p[at] == '\r' ? 0 : column + 1;
        }
    }
    text_return_buffer(call, t.kind, &out);
}

static int compare_chars(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

/* The characters to strip, sorted; white space where none are given. */
struct stripped {
    uint32_t *chars;
    size_t len;
    bool spaces;
};

static bool is_stripped(const struct stripped *set, const struct text *t, uint32_t c)
{
    if (set->spaces)
        return text_is_space(t, c);
    return bsearch(&c, set->chars, set->len, sizeof(c), compare_chars) != NULL;
}

static bool take_stripped(struct call *call, const struct text *t, struct stripped *ret)
{
    struct sm_value v = call->arg[0];
    struct text chars;

    *ret = (struct stripped){.spaces = v.kind == SM_KIND_NONE || v.kind == SM_KIND_MISSING};
    if (ret->spaces)
        return true;
    if (!text_of(t, v, &chars)) {
        if (t->kind == SM_KIND_STR)
            call_raise(call, "TypeError", "%s arg must be None or str", call->method->name);
        else
            text_bytes_like(call, v, &chars);
        return false;
    }
    ret->chars = arena_alloc(&call->tree->arena, (chars.len + 1) * sizeof(uint32_t));
    if (!ret->chars) {
        call_raise_errno(call, -ENOMEM);
        return false;
    }
    for (size_t at = 0; at < chars.len;)
        ret->chars[ret->len++] = text_next(chars, &at);
    qsort(ret->chars, ret->len, sizeof(uint32_t), compare_chars);
    return true;
}

static void strip(struct object *self, struct call *call, bool left, bool right)
{
    struct stripped set;
    struct text t;
    size_t from = 0, to, next;

    if (!text_self(self, call, &t) || !take_stripped(call, &t, &set))
        return;
    to = t.len;
    for (next = 0; left && next < to && is_stripped(&set, &t, text_next(t, &next));)
        from = next;
    for (next = to; right && next > from && is_stripped(&set, &t, text_previous(t, &next));)
        to = next;
    text_return(call, text_part(t, from, to));
}

void text_strip(struct object *self, struct call *call)
{
    strip(self, call, true, true);
}

void text_lstrip(struct object *self, struct call *call)
{
    strip(self, call, true, false);
}

void text_rstrip(struct object *self, struct call *call)
{
    strip(self, call, false, true);
}
