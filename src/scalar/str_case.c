/* SPDX-License-Identifier: MIT */
/*
 * Upper, lower and title case of str, as Python has them: the full mappings of Unicode, where one
 * character may become three, applied to each character by itself. The one that looks around is
 * the Greek capital sigma, whose lower case at the end of a word is another letter. Words are runs
 * of cased characters, not what Unicode's word breaks say; so of the library only the mappings of
 * single characters are used.
 */
#include "scalar/str.h"

#include <errno.h>
#include <stdlib.h>
#include <unicase.h>
#include <unictype.h>

#define CAPITAL_SIGMA 0x3a3
#define SMALL_SIGMA 0x3c3
#define FINAL_SIGMA 0x3c2

/* Room for the mapping of one character: three code points, and some for the library's comfort. */
#define MAPPED_MAX 8

typedef uint32_t *(*map_fn)(const uint32_t *, size_t, const char *, uninorm_t, uint32_t *,
                            size_t *);

static void add_mapped(struct buffer *out, uint32_t c, map_fn map)
{
    uint32_t room[MAPPED_MAX], *mapped;
    size_t n = MAPPED_MAX;

    if (c >= 0xd800 && c <= 0xdfff) { /* the library takes these for mistakes */
        text_add_char(out, c);
        return;
    }
    mapped = map(&c, 1, NULL, NULL, room, &n);
    if (!mapped) {
        if (errno == ENOMEM)
            out->failed = true;
        else
            text_add_char(out, c);
        return;
    }
    for (size_t i = 0; i < n; i++)
        text_add_char(out, mapped[i]);
    if (mapped != room)
        free(mapped);
}

static void add_upper(struct buffer *out, uint32_t c)
{
    if (c < 0x80)
        buffer_add_byte(out, c >= 'a' && c <= 'z' ? (uint8_t)(c - 32) : (uint8_t)c);
    else
        add_mapped(out, c, u32_toupper);
}

static void add_title(struct buffer *out, uint32_t c)
{
    if (c < 0x80)
        add_upper(out, c);
    else
        add_mapped(out, c, u32_totitle);
}

static void add_folded(struct buffer *out, uint32_t c)
{
    if (c < 0x80)
        buffer_add_byte(out, c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : (uint8_t)c);
    else
        add_mapped(out, c, u32_casefold);
}

/* Whether the sigma that ends at `next` is the last letter of a word. */
static bool sigma_is_final(struct text t, size_t at, size_t next)
{
    uint32_t c = 0;

    while (at && uc_is_property_case_ignorable(c = text_previous(t, &at)))
        c = 0;
    if (!c || !uc_is_property_cased(c))
        return false;
    c = 0;
    while (next < t.len && uc_is_property_case_ignorable(c = text_next(t, &next)))
        c = 0;
    return !c || !uc_is_property_cased(c);
}

static void add_lower(struct buffer *out, struct text t, size_t at, size_t next, uint32_t c)
{
    if (c < 0x80)
        add_folded(out, c);
    else if (c == CAPITAL_SIGMA)
        text_add_char(out, sigma_is_final(t, at, next) ? FINAL_SIGMA : SMALL_SIGMA);
    else
        add_mapped(out, c, u32_tolower);
}

/* What becomes of the character c of t between at and next. */
typedef void (*case_fn)(struct buffer *out, struct text t, size_t at, size_t next, uint32_t c);

static void map_case(struct object *self, struct call *call, case_fn map)
{
    struct buffer out CLEANUP(buffer_deinit) = {0};
    struct text t;
    size_t next = 0;

    if (!text_self(self, call, &t))
        return;
    for (size_t at = 0; at < t.len; at = next) {
        uint32_t c = text_next(t, &next);

        map(&out, t, at, next, c);
    }
    text_return_buffer(call, t.kind, &out);
}

static void case_upper(struct buffer *out, struct text t, size_t at, size_t next, uint32_t c)
{
    (void)t, (void)at, (void)next;
    add_upper(out, c);
}

static void case_fold(struct buffer *out, struct text t, size_t at, size_t next, uint32_t c)
{
    (void)t, (void)at, (void)next;
    add_folded(out, c);
}

static void case_swap(struct buffer *out, struct text t, size_t at, size_t next, uint32_t c)
{
    if (uc_is_property_uppercase(c))
        add_lower(out, t, at, next, c);
    else if (uc_is_property_lowercase(c))
        add_upper(out, c);
    else
        text_add_char(out, c);
}

static void case_capitalize(struct buffer *out, struct text t, size_t at, size_t next, uint32_t c)
{
    if (at == 0)
        add_title(out, c);
    else
        add_lower(out, t, at, next, c);
}

static void case_title(struct buffer *out, struct text t, size_t at, size_t next, uint32_t c)
{
    size_t before = at;

    if (at && uc_is_property_cased(text_previous(t, &before)))
        add_lower(out, t, at, next, c);
    else
        add_title(out, c);
}

void str_upper(struct object *self, struct call *call)
{
    map_case(self, call, case_upper);
}

void str_lower(struct object *self, struct call *call)
{
    map_case(self, call, add_lower);
}

void str_casefold(struct object *self, struct call *call)
{
    map_case(self, call, case_fold);
}

void str_swapcase(struct object *self, struct call *call)
{
    map_case(self, call, case_swap);
}

void str_capitalize(struct object *self, struct call *call)
{
    map_case(self, call, case_capitalize);
}

void str_title(struct object *self, struct call *call)
{
    map_case(self, call, case_title);
}
