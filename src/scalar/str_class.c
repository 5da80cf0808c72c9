/* SPDX-License-Identifier: MIT */
/*
 * What kind of characters a str is made of: isalpha, isdigit, istitle and the like. The answers
 * are those of the Unicode version of libunistring, for every Python.
 */
#include "object/answer.h"
#include "scalar/str.h"

#include <stdlib.h>
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

/*
 * Ideographs that are numbers, sorted: Unicode says so in its Unihan database, which libunistring
 * leaves out.
 */
static const uint32_t ideographs[] = {
    0x3405,  0x3483,  0x382a,  0x3b4d,  0x4e00,  0x4e03,  0x4e07,  0x4e09,  0x4e5d,  0x4e8c,
    0x4e94,  0x4e96,  0x4ebf,  0x4ec0,  0x4edf,  0x4ee8,  0x4f0d,  0x4f70,  0x5104,  0x5146,
    0x5169,  0x516b,  0x516d,  0x5341,  0x5343,  0x5344,  0x5345,  0x534c,  0x53c1,  0x53c2,
    0x53c3,  0x53c4,  0x56db,  0x58f1,  0x58f9,  0x5e7a,  0x5efe,  0x5eff,  0x5f0c,  0x5f0d,
    0x5f0e,  0x5f10,  0x62fe,  0x634c,  0x67d2,  0x6f06,  0x7396,  0x767e,  0x8086,  0x842c,
    0x8cae,  0x8cb3,  0x8d30,  0x9621,  0x9646,  0x964c,  0x9678,  0x96f6,  0x20001, 0x20064,
    0x200e2, 0x20121, 0x2092a, 0x20983, 0x2098c, 0x2099c, 0x20aea, 0x20afd, 0x20b19, 0x22390,
    0x22998, 0x23b1b, 0x2626d,
};

/* Those that Unicode 15.1 added to them, which is Python 3.13's. */
static const uint32_t ideographs_15_1[] = {
    0x4e24, 0x4eac, 0x4fe9, 0x5006, 0x62d0, 0x6d1e, 0x7695, 0x79ed, 0x920e, 0x94a9,
};

static int compare_chars(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

static bool is_among(uint32_t c, const uint32_t *chars, size_t len)
{
    return bsearch(&c, chars, len, sizeof(c), compare_chars) != NULL;
}

static bool is_numeric(uint32_t c)
{
    return uc_numeric_value(c).denominator != 0 || is_among(c, ideographs, ARRAY_SIZE(ideographs));
}

static bool is_numeric_15_1(uint32_t c)
{
    return is_numeric(c) || is_among(c, ideographs_15_1, ARRAY_SIZE(ideographs_15_1));
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
    each_is(self, call, call->python >= 13 ? is_numeric_15_1 : is_numeric, false);
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
