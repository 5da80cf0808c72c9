/* SPDX-License-Identifier: MIT */
/*
 * Literals out of any bytes. A value that parses prints, and what is printed parses to an equal
 * value with an equal hash, so long as it holds nothing that has no literal.
 */
#include "fuzz.h"

#include "value/compare.h"
#include "value/known.h"
#include "value/repr.h"

#include <errno.h>
#include <math.h>

#define PYTHON 13

static bool has_literal(struct sm_value v);

static bool all_have_literals(const struct sm_items *items)
{
    for (size_t i = 0; i < items->len; i++) {
        if (!has_literal(items->item[i]))
            return false;
    }
    return true;
}

/* A NaN has one, but is not equal to itself. */
static bool has_literal(struct sm_value v)
{
    const struct sm_items *args;

    if (v.kind == SM_KIND_OBJECT) {
        args = value_made_by(v, "builtins", "complex");
        return args && v.object->make == SM_MAKE_NEW && all_have_literals(args);
    }
    if (sm_is_container(v))
        return all_have_literals(v.items);
    return v.kind != SM_KIND_FLOAT || !isnan(v.number);
}

static void check_hashes(struct sm_value a, struct sm_value b)
{
    struct sm_value culprit;
    uint64_t hash_a, hash_b;
    int r = value_hash(a, &hash_a, &culprit);

    CHECK(value_hash(b, &hash_b, &culprit) == r);
    CHECK(r != 0 || hash_a == hash_b);
}

static void check_printed(struct sm_value v)
{
    struct literal_error error = {0};
    struct buffer out = {0};
    struct tree tree;
    struct sm_value again;
    int r;

    tree_init(&tree, NULL);
    r = value_repr(&out, v, PYTHON);
    CHECK(r == 0 || r == -ERANGE);
    if (r == 0 && has_literal(v)) {
        r = literal_parse(&tree, (const char *)out.data, out.len, &again, &error);
        CHECK(r == 0 || strcmp(error.what, "too deeply nested") == 0);
        if (r == 0) {
            CHECK(value_equal(v, again) == 1);
            CHECK(value_equal(again, v) == 1);
            check_hashes(v, again);
        }
    }
    buffer_deinit(&out);
    tree_deinit(&tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct literal_error error = {0};
    struct tree tree;
    struct sm_value v;
    int r;

    tree_init(&tree, NULL);
    r = literal_parse(&tree, (const char *)data, len, &v, &error);
    if (r == 0)
        check_printed(v);
    else
        CHECK(r == -EINVAL && error.what && error.at <= len);
    tree_deinit(&tree);
    return 0;
}
