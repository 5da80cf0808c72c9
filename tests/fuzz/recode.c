/* SPDX-License-Identifier: MIT */
/*
 * Reads pickles from standard input, each after its length as four bytes (little-endian), and
 * answers each with what it is once decoded and encoded again: a byte 0, length, pickle; or a byte
 * 1, length, "Type: message" where it cannot be read. Under test with every Python that is there
 * (tests/interop/test_recode.py).
 */
#include "pickle/pickle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PICKLE_MAX ((size_t)1 << 28)

static bool read_exactly(void *to, size_t n)
{
    return fread(to, 1, n, stdin) == n;
}

static bool read_message(struct buffer *in)
{
    uint8_t head[4];
    size_t len;

    buffer_clear(in);
    if (!read_exactly(head, sizeof(head)))
        return false;
    len = head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;
    if (len > PICKLE_MAX || buffer_reserve(in, len) < 0 || !read_exactly(in->data, len))
        return false;
    in->len = len;
    return true;
}

static void write_message(uint8_t status, const void *bytes, size_t n)
{
    uint8_t head[5] = {status, (uint8_t)n, (uint8_t)(n >> 8), (uint8_t)(n >> 16),
                       (uint8_t)(n >> 24)};

    fwrite(head, 1, sizeof(head), stdout);
    fwrite(bytes, 1, n, stdout);
    fflush(stdout);
}

/* The value by way of the stored form, which must come to the same. */
static int encode_stored(struct tree *tree, struct sm_value v, struct buffer *out)
{
    struct frozen frozen;
    struct pickler p;
    int r = tree_freeze(tree, v, &frozen);

    if (r < 0)
        return r;
    pickler_init(&p, out);
    pickler_start(&p);
    pickler_frozen(&p, &frozen);
    r = pickler_finish(&p);
    pickler_deinit(&p);
    frozen_free(&frozen);
    return r;
}

static int encode(struct tree *tree, struct sm_value v, struct buffer *out)
{
    struct pickler p;
    int r;

    pickler_init(&p, out);
    pickler_start(&p);
    pickler_value(&p, tree, v);
    r = pickler_finish(&p);
    pickler_deinit(&p);
    return r;
}

static void recode(struct tree *tree, const struct buffer *in)
{
    struct buffer out = {0}, stored = {0};
    struct pickle_error error;
    struct sm_value v;
    char text[300];
    int r = pickle_decode(tree, in->data, in->len, &v, &error);

    if (r == 0)
        r = encode(tree, v, &out);
    if (r == 0)
        r = encode_stored(tree, v, &stored);
    if (r == 0 && (out.len != stored.len || memcmp(out.data, stored.data, out.len) != 0))
        abort();
    if (r == 0) {
        write_message(0, out.data, out.len);
    } else if (r == -EINVAL) {
        snprintf(text, sizeof(text), "%s: %s", error.type, error.message);
        write_message(1, text, strlen(text));
    } else {
        write_message(1, strerror(-r), strlen(strerror(-r)));
    }
    buffer_deinit(&out);
    buffer_deinit(&stored);
    tree_reset(tree);
}

int main(void)
{
    struct buffer in = {0};
    struct tree tree;

    tree_init(&tree, NULL);
    while (read_message(&in))
        recode(&tree, &in);
    tree_deinit(&tree);
    buffer_deinit(&in);
    return 0;
}
