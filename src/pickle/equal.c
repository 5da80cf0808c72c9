/* SPDX-License-Identifier: MIT */
/*
 * Whether stored values are equal. Most comparisons are decided by the bytes: equal ones, or the
 * lack of anything in them that could be equal in another form. For the others both are decoded;
 * a value that is compared with many, once.
 */
#include "pickle/encode.h"

#include "pickle/opcodes.h"

#include <string.h>

/* Bytes of decoded values that are worth giving back. */
#define SCRATCH_ENOUGH ((size_t)64 * 1024)

/* The length of a token whose `width` bytes after the opcode count what follows them. */
static size_t counted(const uint8_t *p, size_t len, size_t width)
{
    uint64_t n = 0;

    for (size_t i = 0; i < width && 1 + i < len; i++)
        n |= (uint64_t)p[1 + i] << (8 * i);
    return 1 + width + n;
}

/* The length of the first token of an exact fragment, or 0 when the fragment is not exact. */
static size_t exact_token(const uint8_t *p, size_t len)
{
    switch (p[0]) {
    case NONE:
    case MARK:
    case EMPTY_TUPLE:
    case TUPLE:
    case TUPLE1:
    case TUPLE2:
    case TUPLE3:
    case EMPTY_LIST:
    case APPEND:
    case APPENDS:
        return 1;
    case BININT1:
        return 2;
    case BININT2:
        return 3;
    case BININT:
        return 5;
    case LONG1:
    case SHORT_BINUNICODE:
    case SHORT_BINBYTES:
        return counted(p, len, 1);
    case LONG4:
    case BINUNICODE:
    case BINBYTES:
        return counted(p, len, 4);
    case BINUNICODE8:
    case BINBYTES8:
        return counted(p, len, 8);
    default:
        return 0;
    }
}

bool fragment_is_exact(const uint8_t *bytes, size_t len)
{
    while (len) {
        size_t n = exact_token(bytes, len);

        if (!n)
            return false;
        bytes += n;
        len -= n;
    }
    return true;
}

bool frozen_has_identity(const struct frozen *f)
{
    const uint8_t *bytes = frozen_bytes(f);
    size_t len = frozen_len(f);

    switch (bytes[0]) {
    case NEWTRUE:
    case NEWFALSE:
    case EMPTY_TUPLE:
        return false;
    case EMPTY_LIST:
        return true;
    case BINFLOAT:
        return len != 1 + sizeof(double);
    default:
        return exact_token(bytes, len) != len;
    }
}

static bool is_unequal(const struct frozen *f)
{
    return f->len == FROZEN_BLOB && f->blob->unequal;
}

static bool is_exact(const struct frozen *f)
{
    return f->len == FROZEN_BLOB ? f->blob->exact : fragment_is_exact(f->small, f->len);
}

/* Whether these are two tokens and a STACK_GLOBAL, as every object begins. */
static bool begins_global(const uint8_t *p, size_t len)
{
    size_t at = exact_token(p, len), n = at && at < len ? exact_token(p + at, len - at) : 0;

    return n && at + n < len && p[at + n] == STACK_GLOBAL;
}

/* Whether a token is a whole value: then two that differ are values that differ. */
static bool is_whole(const uint8_t *p, size_t len)
{
    return !begins_global(p, len) && p[0] != MARK && p[0] != EMPTY_TUPLE && p[0] != TUPLE &&
           p[0] != TUPLE1 && p[0] != TUPLE2 && p[0] != TUPLE3 && p[0] != EMPTY_LIST &&
           p[0] != APPEND && p[0] != APPENDS;
}

/*
 * Whether these are dicts in which the same exact key has two exact values, as most that are no
 * copies of each other, but of one shape, soon turn out to be. Looks no further than at the first
 * value that is not exact, and at the first key that is not the same.
 */
static bool dicts_differ(const struct frozen *f, const struct frozen *g)
{
    const uint8_t *a = frozen_bytes(f), *b = frozen_bytes(g);
    size_t a_len = frozen_len(f), b_len = frozen_len(g), at = 1;

    if (a[0] != EMPTY_DICT || b[0] != EMPTY_DICT || a_len == at || b_len == at || a[at] != b[at])
        return false;
    at += a[at] == MARK;
    for (bool is_key = true; at < a_len && at < b_len; is_key = !is_key) {
        size_t n = exact_token(a + at, a_len - at), m = exact_token(b + at, b_len - at);

        if (!n || !m || !is_whole(a + at, a_len - at) || !is_whole(b + at, b_len - at) ||
            at + n > a_len || at + m > b_len)
            return false;
        if (n != m || memcmp(a + at, b + at, n) != 0)
            return !is_key; /* another key may have the same value */
        at += n;
    }
    return false;
}

/* Whether they are equal, as far as bytes can tell: 1, 0, or -1 when they cannot. */
static int bytes_equal(const struct frozen *a, const struct frozen *b)
{
    if (a->len == FROZEN_BLOB && b->len == FROZEN_BLOB && a->blob == b->blob)
        return 1;
    if (!is_unequal(a) && !is_unequal(b) && frozen_len(a) == frozen_len(b) &&
        memcmp(frozen_bytes(a), frozen_bytes(b), frozen_len(a)) == 0)
        return 1;
    return (is_exact(a) && is_exact(b)) || dicts_differ(a, b) ? 0 : -1;
}

int frozen_equal(struct tree *scratch, const struct frozen *a, const struct frozen *b)
{
    struct walk walk = {.unknown = scratch->unknown};
    struct sm_value x, y;
    int r = bytes_equal(a, b);

    if (r >= 0)
        return r;
    r = tree_thaw(scratch, a, &x);
    if (r == 0)
        r = tree_thaw(scratch, b, &y);
    return r < 0 ? r : walk_equal(&walk, x, y);
}

void needle_init(struct needle *needle, const struct frozen *f, enum unknown unknown)
{
    *needle = (struct needle){.frozen = f, .walk.unknown = unknown, .exact = is_exact(f)};
    tree_init(&needle->tree, NULL);
    tree_init(&needle->scratch, NULL);
}

void needle_deinit(struct needle *needle)
{
    tree_deinit(&needle->tree);
    tree_deinit(&needle->scratch);
    blob_notes_deinit(&needle->judged);
}

/* The same where bytes do not tell. */
static int needle_equal_value(struct needle *needle, const struct frozen *other)
{
    struct sm_value v;
    int r;

    if (!needle->thawed) {
        r = tree_thaw(&needle->tree, needle->frozen, &needle->value);
        if (r < 0)
            return r;
        needle->thawed = true;
    }
    if (needle->scratch.arena.used > SCRATCH_ENOUGH)
        tree_reset(&needle->scratch);
    r = tree_thaw(&needle->scratch, other, &v);
    if (r < 0)
        return r;
    walk_again(&needle->walk, frozen_len(other));
    return walk_equal(&needle->walk, v, needle->value);
}

int needle_equal_any(struct needle *needle, const struct frozen *other)
{
    struct blob_note *note;
    int r = bytes_equal(other, needle->frozen);

    if (r >= 0)
        return r;
    note = blob_notes_get(&needle->judged, other);
    if (note && note->value.kind != SM_KIND_MISSING)
        return note->value.boolean;
    r = needle_equal_value(needle, other);
    if (note && r >= 0)
        note->value = sm_bool(r);
    return r;
}
