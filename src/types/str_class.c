/* SPDX-License-Identifier: MIT */
/*
 * What kind of characters a str is made of: isalpha, isdigit, istitle and the like. The answers
 * are those of the Unicode version of libunistring, for every Python.
 */
#include "types/str.h"

#include <unictype.h>

typedef bool (*class_fn)(uint32_t c);

static bool is_alpha(uint32_t c)
{
    return uc_is_general_category(c, UC_LETTER);
}

static bool is_decimal(uint32_t c)
{
    return uc_decimal_value(c) >= 0;
}

static bool is_digit(uint32_t c)
{
    return uc_digit_value(c) >= 0;
}

static bool is_numeric(uint32_t c)
{
    return uc_numeric_value(c).denominator != 0;
}

static bool is_alnum(uint32_t c)
{
    return is_alpha(c) || is_decimal(c) || is_digit(c) || is_numeric(c);
}

static bool is_space(uint32_t c)
{
    static const struct text str = {.kind = SM_KIND_STR};

    return text_is_space(&str, c);
}

static bool is_printable(uint32_t c)
{
    return c == ' ' ||
           !uc_is_general_category_withtable(c, UC_CATEGORY_MASK_C | UC_CATEGORY_MASK_Z);
}

static bool is_ascii(uint32_t c)
{
    return c < 0x80;
}

static void each_is(struct object *self, struct call *call, class_fn is, bool when_empty)
{
    bool all = true;
    struct text t;

    if (!text_self(self, call, &t))
        return;
    for (size_t at = 0; all && at < t.len;)
        all = is(text_next(t, &at));
    call_return_bool(call, t.len ? all : when_empty);
}

void str_isalnum(struct object *self, struct call *call)
{
    each_is(self, call, is_alnum, false);
}

void str_isalpha(struct object *self, struct call *call)
{
    each_is(self, call, is_alpha, false);
}

void str_isascii(struct object *self, struct call *call)
{
    each_is(self, call, is_ascii, true);
}

void str_isdecimal(struct object *self, struct call *call)
{
    each_is(self, call, is_decimal, false);
}

void str_isdigit(struct object *self, struct call *call)
{
    each_is(self, call, is_digit, false);
}

void str_isnumeric(struct object *self, struct call *call)
{
    each_is(self, call, is_numeric, false);
}

void str_isprintable(struct object *self, struct call *call)
{
    each_is(self, call, is_printable, true);
}

void str_isspace(struct object *self, struct call *call)
{
    each_is(self, call, is_space, false);
}

void str_isidentifier(struct object *self, struct call *call)
{
    struct text t;
    uint32_t c;
    size_t at = 0;
    bool is;

    if (!text_self(self, call, &t))
        return;
    c = t.len ? text_next(t, &at) : 0;
    is = c == '_' || uc_is_property_xid_start(c);
    while (is && at < t.len)
        is = uc_is_property_xid_continue(text_next(t, &at));
    call_return_bool(call, is);
}

/* Whether there is a character of one case, and none of another or in title case. */
static void one_case(struct object *self, struct call *call, class_fn is, class_fn is_other)
{
    bool seen = false, other = false;
    struct text t;

    if (!text_self(self, call, &t))
        return;
    for (size_t at = 0; !other && at < t.len;) {
        uint32_t c = text_next(t, &at);

        other = is_other(c) || uc_is_general_category(c, UC_TITLECASE_LETTER);
        seen = seen || is(c);
    }
    call_return_bool(call, seen && !other);
}

void str_islower(struct object *self, struct call *call)
{
    one_case(self, call, uc_is_property_lowercase, uc_is_property_uppercase);
}

void str_isupper(struct object *self, struct call *call)
{
    one_case(self, call, uc_is_property_uppercase, uc_is_property_lowercase);
}

/* Capitals begin words and only small letters go on with them. */
void str_istitle(struct object *self, struct call *call)
{
    bool in_word = false, seen = false, is = true;
    struct text t;

    if (!text_self(self, call, &t))
        return;
    for (size_t at = 0; is && at < t.len;) {
        uint32_t c = text_next(t, &at);
        bool lower = uc_is_property_lowercase(c);
        bool capital =
            uc_is_property_uppercase(c) || uc_is_general_category(c, UC_TITLECASE_LETTER);

        is = capital ? !in_word : !lower || in_word;
        in_word = capital || lower;
        seen = seen || in_word;
    }
    call_return_bool(call, is && seen);
}
