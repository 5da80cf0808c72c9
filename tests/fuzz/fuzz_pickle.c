/* SPDX-License-Identifier: MIT */
/*
 * Pickles out of any bytes. What can be read and written must be read again as the same value, part
 * by part, with the same parts shared; and what is written of that must be the same bytes. So must
 * what is stored of it.
 */
#include "fuzz.h"

#include "base/limits.h"
#include "pickle/pickle.h"
#include "value/compare.h"
#include "value/known.h"
#include "value/repr.h"

#include <errno.h>
#include <string.h>

/* Two trees, and which id of one is which of the other. */
struct comparison {
    uint32_t *there; /* by id of the first: id of the second + 1, once seen */
    uint32_t *back;  /* by id of the second: id of the first + 1 */
};

static void compare(struct comparison *c, struct sm_value a, struct sm_value b);

static void compare_items(struct comparison *c, const struct sm_items *a, const struct sm_items *b)
{
    CHECK(a->len == b->len);
    for (size_t i = 0; i < a->len; i++)
        compare(c, a->item[i], b->item[i]);
}

static void compare_objects(struct comparison *c, const struct sm_object *a,
                            const struct sm_object *b)
{
    CHECK(a->make == b->make && a->steps_len == b->steps_len);
    compare(c, a->callable, b->callable);
    compare(c, a->args, b->args);
    if (a->make == SM_MAKE_NEW_EX)
        compare(c, a->kwargs, b->kwargs);
    for (size_t i = 0; i < a->steps_len; i++) {
        CHECK(a->steps[i].kind == b->steps[i].kind);
        compare(c, a->steps[i].key, b->steps[i].key);
        compare(c, a->steps[i].value, b->steps[i].value);
    }
}

static bool same_text(const char *a, size_t a_len, const char *b, size_t b_len)
{
    return a_len == b_len && (a_len == 0 || memcmp(a, b, a_len) == 0);
}

static void compare_content(struct comparison *c, struct sm_value a, struct sm_value b)
{
    switch (a.kind) {
    case SM_KIND_NONE:
    case SM_KIND_MISSING:
        break;
    case SM_KIND_BOOL:
        CHECK(a.boolean == b.boolean);
        break;
    case SM_KIND_INT:
        CHECK(a.integer == b.integer);
        break;
    case SM_KIND_FLOAT:
        CHECK(memcmp(&a.number, &b.number, sizeof(a.number)) == 0);
        break;
    case SM_KIND_BIGINT:
    case SM_KIND_STR:
    case SM_KIND_BYTES:
    case SM_KIND_BYTEARRAY:
        CHECK(same_text(a.text, a.len, b.text, b.len));
        break;
    case SM_KIND_GLOBAL:
        CHECK(same_text(a.global->module, a.global->module_len, b.global->module,
                        b.global->module_len));
        CHECK(same_text(a.global->name, a.global->name_len, b.global->name, b.global->name_len));
        break;
    case SM_KIND_OBJECT:
        compare_objects(c, a.object, b.object);
        break;
    default:
        compare_items(c, a.items, b.items);
    }
}

/* Whether the pair was met before; then it must have been the same pair. */
static bool seen(struct comparison *c, struct sm_value a, struct sm_value b)
{
    uint32_t there = a.id ? c->there[a.id] : 0;
    uint32_t back = b.id ? c->back[b.id] : 0;

    if (there || back) {
        CHECK(there == b.id + 1 && back == a.id + 1);
        return true;
    }
    if (a.id)
        c->there[a.id] = b.id + 1;
    if (b.id)
        c->back[b.id] = a.id + 1;
    return false;
}

static void compare(struct comparison *c, struct sm_value a, struct sm_value b)
{
    CHECK(a.kind == b.kind);
    if (!seen(c, a, b))
        compare_content(c, a, b);
}

static void compare_trees(const struct tree *tree, struct sm_value a, const struct tree *again,
                          struct sm_value b)
{
    struct comparison c = {
        .there = calloc(tree->ids, sizeof(uint32_t)),
        .back = calloc(again->ids, sizeof(uint32_t)),
    };

    CHECK(c.there && c.back);
    compare(&c, a, b);
    free(c.there);
    free(c.back);
}

static int encode(const struct tree *tree, struct sm_value v, struct buffer *out)
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

/* What is stored of v is what is written of it, less PROTO and STOP; and so once more. */
static void check_stored(struct tree *tree, struct sm_value v, const struct buffer *written)
{
    struct buffer out = {0};
    struct frozen frozen;
    struct tree thawed;
    int r = tree_freeze(tree, v, &frozen);

    CHECK(r == 0);
    CHECK(frozen_len(&frozen) == written->len - 3);
    CHECK(memcmp(frozen_bytes(&frozen), written->data + 2, written->len - 3) == 0);
    tree_init(&thawed, NULL);
    CHECK(tree_thaw(&thawed, &frozen, &v) == 0);
    CHECK(encode(&thawed, v, &out) == 0);
    CHECK(out.len == written->len && memcmp(out.data, written->data, out.len) == 0);
    buffer_deinit(&out);
    tree_deinit(&thawed);
    frozen_free(&frozen);
}

/* Hashes of v and of its copy are the same, and what is not the same is not equal. */
static void check_looked_into(struct sm_value v, struct sm_value copy)
{
    struct buffer text = {0};
    struct tree scratch;
    struct sm_value list, unhashable;
    uint64_t a, b;
    int r = value_hash(v, &a, &unhashable);

    CHECK(r == value_hash(copy, &b, &unhashable));
    CHECK(r != 0 || a == b);
    r = value_equal(v, copy);
    CHECK(r == 0 || r == 1 || r == -ELOOP || r == -ENOTSUP);
    r = value_repr(&text, v, 12);
    CHECK(r == 0 || r == -ELOOP || r == -ERANGE);
    buffer_deinit(&text);
    tree_init(&scratch, NULL);
    r = value_iterate(&scratch, v, &list);
    CHECK(r == 0 || r == ITERATE_NOT || r == ITERATE_NEEDS_PYTHON || r == -ENOMEM);
    tree_deinit(&scratch);
    CHECK(value_truth(v) == value_truth(copy));
    CHECK(value_type_name(v).len > 0 || v.kind == SM_KIND_OBJECT);
}

static void check_written(struct tree *tree, struct sm_value v, const struct buffer *written)
{
    struct buffer out = {0};
    struct pickle_error error;
    struct tree again;
    struct sm_value w;

    tree_init(&again, NULL);
    CHECK(pickle_decode(&again, written->data, written->len, &w, &error) == 0);
    compare_trees(tree, v, &again, w);
    check_looked_into(v, w);
    CHECK(encode(&again, w, &out) == 0);
    CHECK(out.len == written->len && memcmp(out.data, written->data, out.len) == 0);
    buffer_deinit(&out);
    tree_deinit(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct buffer written = {0};
    struct pickle_error error;
    struct tree tree;
    struct sm_value v;
    int r;

    tree_init(&tree, NULL);
    r = pickle_decode(&tree, data, len, &v, &error);
    CHECK(r == 0 || (r == -EINVAL && strlen(error.type) > 0));
    CHECK(tree.arena.used <= 4096 + len * 256);
    if (r == 0) {
        r = encode(&tree, v, &written);
        CHECK(r == 0 || r == -ELOOP || r == -E2BIG);
    }
    if (r == 0) {
        check_written(&tree, v, &written);
        check_stored(&tree, v, &written);
    }
    buffer_deinit(&written);
    tree_deinit(&tree);
    return 0;
}
