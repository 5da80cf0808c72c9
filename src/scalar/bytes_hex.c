/* SPDX-License-Identifier: MIT */
/* bytes as hexadecimal digits, and tables that map bytes to bytes. */
#include "object/answer.h"
#include "object/args.h"
#include "object/clinic.h"
#include "scalar/bytes.h"
#include "value/known.h"

/* Whether an object of this class has a length, and is iterated. */
static bool has_length(enum known_class class)
{
    return class == KNOWN_ARRAY || class == KNOWN_COUNTER || class == KNOWN_DEFAULT_DICT ||
           class == KNOWN_DEQUE || class == KNOWN_ORDERED_DICT || class == KNOWN_RANGE;
}

/* len(v), of what has one here; -1: it has none. False: the call has been answered. */
static bool length_of(struct call *call, struct sm_value v, int64_t *ret)
{
    struct text t = {.p = v.text, .len = v.len, .kind = v.kind};
    bool is_text = v.kind == SM_KIND_STR || v.kind == SM_KIND_BYTES || v.kind == SM_KIND_BYTEARRAY;

    if (has_length(value_known_class(v)) && !call_iterate(call, v, &v))
        return false;
    *ret = is_text ? (int64_t)text_length(t) : sm_is_container(v) ? (int64_t)sm_len(v) : -1;
    return true;
}

/* The separator is asked for its length before it is asked what it is. */
static bool take_separator(struct call *call, struct sm_value v, char *ret)
{
    int64_t length;

    if (!length_of(call, v, &length))
        return false;
    if (length < 0)
        call_raise(call, "TypeError", "object of type '%s' has no len()", call_type_name(call, v));
    else if (length != 1)
        call_raise(call, "ValueError", "sep must be length 1.");
    else if (v.kind != SM_KIND_STR && v.kind != SM_KIND_BYTES)
        call_raise(call, "TypeError", "sep must be str or bytes.");
    else if ((uint8_t)v.text[0] >= 0x80)
        call_raise(call, "ValueError", "sep must be ASCII.");
    else
        *ret = v.text[0];
    return !call->answered;
}

/* Groups are counted from the end; with a negative size, from the start. */
static bool group_ends(size_t i, size_t len, int group)
{
    if (i == 0 || group == 0)
        return false;
    return group > 0 ? (len - i) % (size_t)group == 0 : i % (size_t)(-(int64_t)group) == 0;
}

void bytes_hex(struct object *self, struct call *call)
{
    static const char digits[] = "0123456789abcdef";
    struct buffer out CLEANUP(buffer_deinit) = {0};
    struct text t;
    int group = 1;
    char separator = 0;

    if (!clinic_int(call, call->arg[1], &group) || !text_self(self, call, &t))
        return;
    if (call->arg[0].kind == SM_KIND_MISSING)
        group = 0;
    else if (!take_separator(call, call->arg[0], &separator))
        return;
    for (size_t i = 0; i < t.len; i++) {
        if (group_ends(i, t.len, group))
            buffer_add_byte(&out, (uint8_t)separator);
        buffer_add_byte(&out, (uint8_t)digits[(uint8_t)t.p[i] >> 4]);
        buffer_add_byte(&out, (uint8_t)digits[(uint8_t)t.p[i] & 15]);
    }
    text_return_buffer(call, SM_KIND_STR, &out);
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Text that is not ASCII is refused where the first such character is, whatever is before it. */
static bool refuse_wide(struct call *call, struct text t)
{
    for (size_t i = 0; t.kind == SM_KIND_STR && i < t.len; i++) {
        if ((uint8_t)t.p[i] < 0x80)
            continue;
        call_raise(call, "ValueError",
                   "non-hexadecimal number found in fromhex() arg at position %zu", i);
        return false;
    }
    return true;
}

static bool take_hex(struct call *call, struct text *ret)
{
    struct sm_value v = call->arg[0];
    static const struct text str = {.kind = SM_KIND_STR}, bytes = {.kind = SM_KIND_BYTES};

    if (text_of(&str, v, ret))
        return refuse_wide(call, *ret);
    if (call->python >= 14 && text_of(&bytes, v, ret))
        return true;
    if (call->python >= 14)
        call_raise(call, "TypeError", "fromhex() argument must be str or bytes-like, not %s",
                   call_type_name(call, v));
    else
        clinic_raise_not_str(call, NULL, v);
    return false;
}

void bytes_fromhex(struct object *self, struct call *call)
{
    struct buffer out CLEANUP(buffer_deinit) = {0};
    struct text t;
    size_t i = 0;

    (void)self;
    if (!take_hex(call, &t))
        return;
    while (i < t.len) {
        int high, low;

        if (is_space(t.p[i])) {
            i++;
            continue;
        }
        high = digit_value(t.p[i]);
        low = high >= 0 && i + 1 < t.len ? digit_value(t.p[i + 1]) : -1;
        if (low >= 0) {
            buffer_add_byte(&out, (uint8_t)(high << 4 | low));
            i += 2;
            continue;
        }
        if (high >= 0 && i + 1 == t.len && call->python >= 14)
            call_raise(call, "ValueError",
                       "fromhex() arg must contain an even number of hexadecimal digits");
        else
            call_raise(call, "ValueError",
                       "non-hexadecimal number found in fromhex() arg at position %zu",
                       high < 0 ? i : i + 1);
        return;
    }
    text_return_buffer(call, SM_KIND_BYTES, &out);
}

void bytes_maketrans(struct object *self, struct call *call)
{
    struct text from, to;
    char table[256];

    (void)self;
    if (!text_bytes_like(call, call->arg[0], &from) || !text_bytes_like(call, call->arg[1], &to))
        return;
    if (from.len != to.len) {
        call_raise(call, "ValueError", "maketrans arguments must have same length");
        return;
    }
    for (unsigned i = 0; i < sizeof(table); i++)
        table[i] = (char)i;
    for (size_t i = 0; i < from.len; i++)
        table[(uint8_t)from.p[i]] = to.p[i];
    call_return(call, sm_bytes(table, sizeof(table)));
}

void bytes_translate(struct object *self, struct call *call)
{
    struct buffer out CLEANUP(buffer_deinit) = {0};
    struct text t, table = {0}, deleted = {0};
    bool gone[256] = {false};

    if (!text_self(self, call, &t))
        return;
    if (call->arg[0].kind != SM_KIND_NONE) {
        if (!text_bytes_like(call, call->arg[0], &table))
            return;
        if (table.len != 256) {
            call_raise(call, "ValueError", "translation table must be 256 characters long");
            return;
        }
    }
    if (call->arg[1].kind != SM_KIND_MISSING && !text_bytes_like(call, call->arg[1], &deleted))
        return;
    for (size_t i = 0; i < deleted.len; i++)
        gone[(uint8_t)deleted.p[i]] = true;
    for (size_t i = 0; i < t.len; i++) {
        uint8_t c = (uint8_t)t.p[i];

        if (!gone[c])
            buffer_add_byte(&out, table.p ? (uint8_t)table.p[c] : c);
    }
    text_return_buffer(call, t.kind, &out);
}
