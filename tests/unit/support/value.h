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

/*
 * An object from its recipe: a constructor call, and what is done to the object afterwards, as in
 * "collections.deque() & append [1, 2]", "OrderedDict() & set {'a': 1}", "uuid.UUID() & state 5".
 * Anything else is a literal.
 */
static inline struct sm_value recipe(struct tree *tree, const char *text)
{
    const char *then = strstr(text, " & ");
    struct sm_value v, what;

    if (!then)
        return parse(tree, text);
    v = parse(tree, arena_copy(&tree->arena, text, (size_t)(then - text)));
    what = parse(tree, strchr(then + 3, ' ') + 1);
    if (strncmp(then, " & state", 8) == 0) {
        struct sm_step state = {.kind = SM_STEP_STATE, .value = what};

        assert_int_equal(tree_object_step(tree, v.object, state), 0);
        return v;
    }
    for (size_t i = 0; i < what.items->len; i++) {
        struct sm_step step = {.kind = SM_STEP_APPEND, .value = what.items->item[i]};

        if (what.kind == SM_KIND_DICT) {
            step.kind = SM_STEP_SETITEM;
            step.key = step.value;
            step.value = what.items->item[++i];
        }
        assert_int_equal(tree_object_step(tree, v.object, step), 0);
    }
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
