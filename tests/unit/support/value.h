/* SPDX-License-Identifier: MIT */
/* Values from Python literals, and back to text. */
#ifndef SUPPORT_VALUE_H
#define SUPPORT_VALUE_H

#include "support/check.h"

#include "value/repr.h"

/* The value of a literal, in the tree; fails the test when it is none. */
static inline struct sm_value parse(struct tree *tree, const char *text)
{
    struct literal_error error = {0};
    struct sm_value v = sm_missing();

    if (literal_parse(tree, text, strlen(text), &v, &error) < 0)
        fail_msg("%s: %s at %zu", text, error.what, error.at);
    return v;
}

/* repr(v) as text in the tree, or NULL where it fails. */
static inline const char *repr_in(struct tree *tree, struct sm_value v, unsigned python)
{
    struct buffer out = {0};
    const char *text = NULL;

    if (value_repr(&out, v, python) == 0)
        text = arena_copy(&tree->arena, out.data, out.len);
    buffer_deinit(&out);
    return text;
}

#endif
