/* SPDX-License-Identifier: MIT */
/*
 * bytes: the table of its methods, and those that see the bytes as ASCII: kinds and cases of
 * letters. What str has too is in text_*.c; hex digits and translation tables are in bytes_*.c.
 */
#include "scalar/bytes.h"
#include "object/answer.h"
#include "scalar/codec.h"
#include "scalar/scalar.h"

#include <errno.h>

typedef bool (*class_fn)(uint8_t c);

static bool is_lower(uint8_t c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_upper(uint8_t c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_alpha(uint8_t c)
{
    return is_lower(c) || is_upper(c);
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_alnum(uint8_t c)
{
    return is_alpha(c) || is_digit(c);
}

static bool is_ascii(uint8_t c)
{
    return c < 0x80;
}

static bool is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static void each_is(struct object *self, struct call *call, class_fn is, bool when_empty)
{
    bool all = true;
    struct text t;

    if (!text_self(self, call, &t))
        return;
    for (size_t i = 0; all && i < t.len; i++)
        all = is((uint8_t)t.p[i]);
    call_return_bool(call, t.len ? all : when_empty);
}

static void bytes_isalnum(struct object *self, struct call *call)
{
    each_is(self, call, is_alnum, false);
}

static void bytes_isalpha(struct object *self, struct call *call)
{
    each_is(self, call, is_alpha, false);
}

static void bytes_isascii(struct object *self, struct call *call)
{
    each_is(self, call, is_ascii, true);
}

static void bytes_isdigit(struct object *self, struct call *call)
{
    each_is(self, call, is_digit, false);
}

static void bytes_isspace(struct object *self, struct call *call)
{
    each_is(self, call, is_space, false);
}

/* Whether there is a letter of one case, and none of the other. */
static void one_case(struct object *self, struct call *call, class_fn is, class_fn is_other)
{
    bool seen = false, other = false;
    struct text t;

    if (!text_self(self, call, &t))
        return;
    for (size_t i = 0; i < t.len; i++) {
        seen = seen || is((uint8_t)t.p[i]);
        other = other || is_other((uint8_t)t.p[i]);
    }
    call_return_bool(call, seen && !other);
}

static void bytes_islower(struct object *self, struct call *call)
{
    one_case(self, call, is_lower, is_upper);
}

static void bytes_isupper(struct object *self, struct call *call)
{
    one_case(self, call, is_upper, is_lower);
}

static void bytes_istitle(struct object *self, struct call *call)
{
    bool in_word = false, seen = false, is = true;
    struct text t;

    if (!text_self(self, call, &t))
        return;
    for (size_t i = 0; is && i < t.len; i++) {
        uint8_t c = (uint8_t)t.p[i];

        is = is_upper(c) ? !in_word : !is_lower(c) || in_word;
        in_word = is_alpha(c);
        seen = seen || in_word;
    }
    call_return_bool(call, is && seen);
}

static uint8_t to_lower(uint8_t c)
{
    return is_upper(c) ? c + 32 : c;
}

static uint8_t to_upper(uint8_t c)
{
    return is_lower(c) ? c - 32 : c;
}

/* What becomes of the byte at i. */
typedef uint8_t (*case_fn)(struct text t, size_t i);

static void map_case(struct object *self, struct call *call, case_fn map)
{
    struct text t;
    char *out;

    if (!text_self(self, call, &t))
        return;
    out = arena_alloc(&call->tree->arena, t.len + 1);
    if (!out) {
        call_raise_errno(call, -ENOMEM);
        return;
    }
    for (size_t i = 0; i < t.len; i++)
        out[i] = (char)map(t, i);
    t.p = out;
    text_return(call, t);
}

static uint8_t case_lower(struct text t, size_t i)
{
    return to_lower((uint8_t)t.p[i]);
}

static uint8_t case_upper(struct text t, size_t i)
{
    return to_upper((uint8_t)t.p[i]);
}

static uint8_t case_swap(struct text t, size_t i)
{
    uint8_t c = (uint8_t)t.p[i];

    return is_upper(c) ? to_lower(c) : to_upper(c);
}

static uint8_t case_capitalize(struct text t, size_t i)
{
    return i ? case_lower(t, i) : case_upper(t, i);
}

static uint8_t case_title(struct text t, size_t i)
{
    return i && is_alpha((uint8_t)t.p[i - 1]) ? case_lower(t, i) : case_upper(t, i);
}

static void bytes_lower(struct object *self, struct call *call)
{
    map_case(self, call, case_lower);
}

static void bytes_upper(struct object *self, struct call *call)
{
    map_case(self, call, case_upper);
}

static void bytes_swapcase(struct object *self, struct call *call)
{
    map_case(self, call, case_swap);
}

static void bytes_capitalize(struct object *self, struct call *call)
{
    map_case(self, call, case_capitalize);
}

static void bytes_title(struct object *self, struct call *call)
{
    map_case(self, call, case_title);
}

static const struct method bytes_methods[] = {
    {"capitalize", bytes_capitalize, TEXT_NO_ARGS},
    {"center", text_center, TEXT_PAD},
    {"count", text_count, TEXT_SEARCH},
    {"decode", bytes_decode, {SIGNATURE_KEYWORDS, {"encoding", "errors"}, 0}},
    {"endswith", text_endswith, TEXT_SEARCH},
    {"expandtabs", text_expandtabs, TEXT_TABS},
    {"find", text_find, TEXT_SEARCH},
    {"fromhex", bytes_fromhex, TEXT_ONE_ARG},
    {"hex", bytes_hex, {SIGNATURE_KEYWORDS, {"sep", "bytes_per_sep"}, 0}},
    {"index", text_index, TEXT_SEARCH},
    {"isalnum", bytes_isalnum, TEXT_NO_ARGS},
    {"isalpha", bytes_isalpha, TEXT_NO_ARGS},
    {"isascii", bytes_isascii, TEXT_NO_ARGS},
    {"isdigit", bytes_isdigit, TEXT_NO_ARGS},
    {"islower", bytes_islower, TEXT_NO_ARGS},
    {"isspace", bytes_isspace, TEXT_NO_ARGS},
    {"istitle", bytes_istitle, TEXT_NO_ARGS},
    {"isupper", bytes_isupper, TEXT_NO_ARGS},
    {"join", text_join, TEXT_ONE_ARG},
    {"ljust", text_ljust, TEXT_PAD},
    {"lower", bytes_lower, TEXT_NO_ARGS},
    {"lstrip", text_lstrip, TEXT_CHARS},
    {"maketrans", bytes_maketrans, {SIGNATURE_UNPACK, {"frm", "to"}, 2}},
    {"partition", text_partition, TEXT_ONE_ARG},
    {"removeprefix", text_removeprefix, TEXT_ONE_ARG, .since = 9},
    {"removesuffix", text_removesuffix, TEXT_ONE_ARG, .since = 9},
    {"replace", text_replace, {SIGNATURE_RAW}},
    {"rfind", text_rfind, TEXT_SEARCH},
    {"rindex", text_rindex, TEXT_SEARCH},
    {"rjust", text_rjust, TEXT_PAD},
    {"rpartition", text_rpartition, TEXT_ONE_ARG},
    {"rsplit", text_rsplit, TEXT_SPLIT},
    {"rstrip", text_rstrip, TEXT_CHARS},
    {"split", text_split, TEXT_SPLIT},
    {"splitlines", text_splitlines, TEXT_LINES},
    {"startswith", text_startswith, TEXT_SEARCH},
    {"strip", text_strip, TEXT_CHARS},
    {"swapcase", bytes_swapcase, TEXT_NO_ARGS},
    {"title", bytes_title, TEXT_NO_ARGS},
    {"translate", bytes_translate, {SIGNATURE_KEYWORDS, {"", "delete"}, 1}},
    {"upper", bytes_upper, TEXT_NO_ARGS},
    {"zfill", text_zfill, TEXT_ONE_ARG},
    {0},
};

const struct object_type bytes_type = {
    .name = "bytes",
    PLAIN_TYPE_FIELDS,
    .methods = bytes_methods,
};
