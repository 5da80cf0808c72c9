/* SPDX-License-Identifier: MIT */
/* Pickles as string constants, decoded and encoded. */
#ifndef SUPPORT_PICKLE_H
#define SUPPORT_PICKLE_H

#include "support/value.h"

#include "pickle/pickle.h"

#include <stdio.h>

/* A pickle in a table: a string constant, which may hold NULs. */
#define PICKLE(text) (const uint8_t *)(text), sizeof(text) - 1

/* The value of a pickle; fails the test when it cannot be read. */
static inline struct sm_value unpickle(struct tree *tree, const uint8_t *data, size_t len)
{
    struct pickle_error error = {0};
    struct sm_value v = sm_missing();

    if (pickle_decode(tree, data, len, &v, &error) < 0)
        fail_msg("%s: %s", error.type, error.message);
    return v;
}

/* What a value is written as, between PROTO and STOP; the caller deinits the buffer. */
static inline int encode_in(struct buffer *out, const struct tree *tree, struct sm_value v)
{
    struct pickler p;
    int r;

    pickler_init(&p, out);
    pickler_value(&p, tree, v);
    r = out->failed ? -1 : p.error;
    pickler_deinit(&p);
    return r;
}

#endif
