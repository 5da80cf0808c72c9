/* SPDX-License-Identifier: MIT */
/*
 * Text must be UTF-8, but lone surrogates may stand in it. One pass over the bytes, eight at a time
 * while they are ASCII; what is wrong, and how many bytes share the blame, is told as CPython's
 * codec tells it.
 */
#include "pickle/decode.h"

#include <stdbool.h>
#include <string.h>

/* Why text is not UTF-8. */
struct blame {
    size_t len; /* bytes that share it */
    const char *reason;
};

static inline size_t skip_ascii(const uint8_t *text, size_t at, size_t len)
{
    uint64_t word;

    while (at + sizeof(word) <= len) {
        memcpy(&word, text + at, sizeof(word));
        if (word & UINT64_C(0x8080808080808080))
            break;
        at += sizeof(word);
    }
    /* The rest, with some of what has been seen. */
    if (at + sizeof(word) > len && len >= sizeof(word)) {
        memcpy(&word, text + len - sizeof(word), sizeof(word));
        if (!(word & UINT64_C(0x8080808080808080)))
            return len;
    }
    while (at < len && text[at] < 0x80)
        at++;
    return at;
}

/* The bytes that a sequence has by its first byte, or 0 when none begins so. */
static size_t sequence_len(uint8_t first)
{
    if (first >= 0xc2 && first <= 0xdf)
        return 2;
    if ((first & 0xf0) == 0xe0)
        return 3;
    return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

/* Whether a byte may stand second: overlong forms and code points past the last are ruled out. */
static bool second_is_good(uint8_t first, uint8_t second)
{
    uint8_t low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    uint8_t high = first == 0xf4 ? 0x8f : 0xbf;

    return second >= low && second <= high;
}

static bool continues(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

/* Whether a sequence begins as that of a surrogate: then it is one as a whole, or wrong at once. */
static bool begins_surrogate(const uint8_t *p, size_t left)
{
    return p[0] == 0xed && left > 1 && p[1] >= 0xa0 && p[1] <= 0xbf;
}

/* The bytes of the sequence at p, or 0 with *ret_blame filled. */
static size_t check_sequence(const uint8_t *p, size_t left, struct blame *ret_blame)
{
    size_t len = sequence_len(p[0]);

    *ret_blame = (struct blame){.len = 1, .reason = "invalid start byte"};
    if (!len)
        return 0;
    ret_blame->reason = "invalid continuation byte";
    if (begins_surrogate(p, left))
        return left > 2 && continues(p[2]) ? len : 0;
    for (size_t i = 1; i < len; i++) {
        ret_blame->len = i;
        if (i == left) {
            ret_blame->reason = "unexpected end of data";
            return 0;
        }
        if (i == 1 ? !second_is_good(p[0], p[1]) : !continues(p[i]))
            return 0;
    }
    return len;
}

int decode_utf8(struct decoder *d, const uint8_t *text, size_t len)
{
    struct blame blame;
    size_t at;

    if (d->trusted || decode_is_ascii(text, len))
        return 0;
    at = skip_ascii(text, 0, len);
    while (at < len) {
        size_t n = check_sequence(text + at, len - at, &blame);

        if (n) {
            at = skip_ascii(text, at + n, len);
            continue;
        }
        if (blame.len == 1)
            return decode_fail(d, "UnicodeDecodeError",
                               "'utf-8' codec can't decode byte 0x%02x in position %zu: %s",
                               text[at], at, blame.reason);
        return decode_fail(d, "UnicodeDecodeError",
                           "'utf-8' codec can't decode bytes in position %zu-%zu: %s", at,
                           at + blame.len - 1, blame.reason);
    }
    return 0;
}
