/* SPDX-License-Identifier: MIT */
/* Writing pickles: the one form that each value has. */
#include "support/pickle.h"

#include "base/limits.h"
#include "pickle/opcodes.h"

#include <errno.h>
#include <stdlib.h>

static struct tree tree;
static struct buffer out;

static int make(void **state)
{
    (void)state;
    tree_init(&tree, NULL);
    out = (struct buffer){0};
    return 0;
}

static int drop(void **state)
{
    (void)state;
    tree_deinit(&tree);
    buffer_deinit(&out);
    return 0;
}

#define assert_written(expected)                                                                   \
    do {                                                                                           \
        assert_int_equal(out.len, sizeof(expected) - 1);                                           \
        assert_memory_equal(out.data, expected, sizeof(expected) - 1);                             \
    } while (0)

static const struct {
    const char *literal;
    const uint8_t *written;
    size_t len;
} plain[] = {
    {"None", PICKLE("N")},
    {"True", PICKLE("\x88")},
    {"False", PICKLE("\x89")},
    {"0", PICKLE("K\0")},
    {"255", PICKLE("K\xff")},
    {"256", PICKLE("M\0\1")},
    {"65535", PICKLE("M\xff\xff")},
    {"65536", PICKLE("J\0\0\1\0")},
    {"-1", PICKLE("J\xff\xff\xff\xff")},
    {"-2147483648", PICKLE("J\0\0\0\x80")},
    {"2147483648", PICKLE("\x8a\5\0\0\0\x80\0")},
    {"-2147483649", PICKLE("\x8a\5\xff\xff\xff\x7f\xff")},
    {"549755813887", PICKLE("\x8a\5\xff\xff\xff\xff\x7f")},
    {"9223372036854775807", PICKLE("\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f")},
    {"-9223372036854775808", PICKLE("\x8a\x08\0\0\0\0\0\0\0\x80")},
    {"9223372036854775808", PICKLE("\x8a\x09\0\0\0\0\0\0\0\x80\0")},
    {"1.5", PICKLE("G\x3f\xf8\0\0\0\0\0\0")},
    {"''", PICKLE("\x8c\0")},
    {"'\xc3\xa9'", PICKLE("\x8c\2\xc3\xa9")},
    {"b'a'", PICKLE("C\1a")},
    {"bytearray(b'a')", PICKLE("\x8c\x08"
                               "builtins\x8c\x09"
                               "bytearray\x93"
                               "C\1a\x85R")},
    {"bytearray(b'')", PICKLE("\x8c\x08"
                              "builtins\x8c\x09"
                              "bytearray\x93)R")},
    {"()", PICKLE(")")},
    {"(1,)", PICKLE("K\1\x85")},
    {"(1, 2, 3)", PICKLE("K\1K\2K\3\x87")},
    {"(1, 2, 3, 4)", PICKLE("(K\1K\2K\3K\4t")},
    {"[]", PICKLE("]")},
    {"[1]", PICKLE("]K\1a")},
    {"[1, 2]", PICKLE("](K\1K\2e")},
    {"{}", PICKLE("}")},
    {"{1: 2}", PICKLE("}K\1K\2s")},
    {"{1: 2, 3: 4}", PICKLE("}(K\1K\2K\3K\4u")},
    {"set()", PICKLE("\x8f")},
    {"{1}", PICKLE("\x8f(K\1\x90")},
    {"frozenset({1})", PICKLE("(K\1\x91")},
    {"m.C(1)", PICKLE("\x8c\1m\x8c\1C\x93K\1\x85R")},
    {"m.C(k=1)", PICKLE("\x8c\1m\x8c\1C\x93)}\x8c\1kK\1s\x92")},
};

static void values_are_written_in_one_way(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(plain); i++) {
        buffer_clear(&out);
        assert_int_equal(encode_in(&out, &tree, parse(&tree, plain[i].literal)), 0);
        assert_int_equal(out.len, plain[i].len);
        assert_memory_equal(out.data, plain[i].written, plain[i].len);
    }
}

/* Pickles, and the one form of what they say. */
#define TEXT32 "0123456789abcdef0123456789abcdef"

static const struct {
    const uint8_t *data;
    size_t len;
    const uint8_t *written;
    size_t written_len;
} shared[] = {
    /* what is memoized and not fetched is written plainly */
    {PICKLE("]\x94(K\1\x8c\1a\x94"
            "e."),
     PICKLE("](K\1\x8c\1a"
            "e")},
    {PICKLE("]\x94h\0\x86."), PICKLE("]q\0h\0\x86")},
    {PICKLE("]\x94(h\0h\0e."), PICKLE("]q\0(h\0h\0e")},
    {PICKLE("](\x8c\x20" TEXT32 "\x94h\0e."), PICKLE("](\x8c\x20" TEXT32 "q\0h\0e")},
    /* short text is not looked for */
    {PICKLE("](\x8c\1a\x94h\0e."), PICKLE("](\x8c\1a\x8c\1ae")},
    {PICKLE("]2\x86."), PICKLE("]q\0h\0\x86")},
    /* a tuple in a list in the tuple */
    {PICKLE("]\x94h\0\x85\x94"
            "a0h\1."),
     PICKLE("]q\0h\0\x85q\1"
            "a0h\1")},
    /* an object in its own state */
    {PICKLE("cm\nC\n)\x81\x94}K\1h\0sb."), PICKLE("\x8c\1m\x8c\1C\x93)\x81q\0}K\1h\0sb")},
    /* steps of one kind go together */
    {PICKLE("cm\nC\n)\x81K\1aK\2aK\3K\4sK\5"
            "b."),
     PICKLE("\x8c\1m\x8c\1C\x93)\x81(K\1K\2eK\3K\4sK\5"
            "b")},
};

static void the_memo_is_for_what_is_referred_to_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(shared); i++) {
        struct sm_value v = unpickle(&tree, shared[i].data, shared[i].len);

        buffer_clear(&out);
        assert_int_equal(encode_in(&out, &tree, v), 0);
        assert_int_equal(out.len, shared[i].written_len);
        assert_memory_equal(out.data, shared[i].written, out.len);
        tree_reset(&tree);
    }
}

static void memo_indices_above_a_byte_are_long(void **state)
{
    struct sm_value v;
    size_t n = 300;

    (void)state;
    buffer_add_str(&out, "](");
    for (size_t i = 0; i < n; i++) {
        buffer_add(&out, "]\x94", 2);
        buffer_add_byte(&out, 'j');
        buffer_add(&out, &(uint32_t){(uint32_t)i}, 4);
    }
    buffer_add_str(&out, "e.");
    v = unpickle(&tree, out.data, out.len);
    buffer_clear(&out);
    assert_int_equal(encode_in(&out, &tree, v), 0);
    assert_memory_equal(out.data + 2 + 256 * 5, "]r\0\1\0\0j\0\1\0\0", 11);
}

static void lists_are_written_in_batches(void **state)
{
    struct sm_value v;

    (void)state;
    assert_int_equal(tree_items(&tree, SM_KIND_LIST, 2001, &v), 0);
    for (size_t i = 0; i < v.items->len; i++)
        v.items->item[i] = sm_none();
    assert_int_equal(encode_in(&out, &tree, v), 0);
    assert_int_equal(out.len, 1 + 2001 + 3 * 2);
    assert_memory_equal(out.data + 1 + 1001, "e(", 2);
    assert_memory_equal(out.data + out.len - 4, "e(Ne", 4);
}

/* What nests without end in the tree, or almost. */
static int encode_nested(size_t depth)
{
    struct sm_value v = sm_none();

    for (size_t i = 1; i < depth; i++) {
        struct sm_value outer = sm_none();

        assert_int_equal(tree_items(&tree, i % 2 ? SM_KIND_DICT : SM_KIND_TUPLE, 2, &outer), 0);
        outer.items->item[0] = sm_int(0);
        outer.items->item[1] = v;
        v = outer;
    }
    return encode_in(&out, &tree, v);
}

static void depth_is_limited(void **state)
{
    (void)state;
    assert_int_equal(encode_nested(LIMIT_DEPTH), 0);
    assert_int_equal(encode_nested(LIMIT_DEPTH + 1), -ELOOP);
}

static void objects_nest_as_deep_as_all_else(void **state)
{
    struct sm_value v = sm_none();

    (void)state;
    for (size_t i = 0; i < LIMIT_DEPTH - 1; i++) {
        struct sm_value outer = sm_none();
        struct sm_step step = {.kind = SM_STEP_STATE, .value = v};

        assert_int_equal(tree_object(&tree, SM_MAKE_NEW, sm_none(), sm_none(), &outer), 0);
        assert_int_equal(tree_object_step(&tree, outer.object, step), 0);
        v = outer;
    }
    tree.sharing = true;
    tree.message_len = LIMIT_DEPTH;
    assert_int_equal(encode_in(&out, &tree, v), 0);
}

/*
 * A tuple with many lists that hold it, and much else: going round each list once more writes all
 * that else again.
 */
static void recursion_does_not_multiply_without_end(void **state)
{
    enum { LISTS = 1000, ELSE = 200000 };
    struct buffer b = {0};
    struct sm_value v;

    (void)state;
    buffer_add_byte(&b, '(');
    for (size_t i = 0; i < LISTS; i++)
        buffer_add(&b, "]\x94", 2);
    for (size_t i = 0; i < ELSE; i++)
        buffer_add_byte(&b, 'N');
    buffer_add(&b, "t\x94", 2);
    for (uint32_t i = 0, tuple = LISTS; i < LISTS; i++) {
        buffer_add_byte(&b, 'j');
        buffer_add(&b, &i, 4);
        buffer_add_byte(&b, 'j');
        buffer_add(&b, &tuple, 4);
        buffer_add(&b, "a0", 2);
    }
    buffer_add_byte(&b, '.');
    v = unpickle(&tree, b.data, b.len);
    assert_int_equal(encode_in(&out, &tree, v), -E2BIG);
    assert_true(out.len < b.len * LIMIT_GROWTH);
    buffer_deinit(&b);
}

static void messages_are_put_together(void **state)
{
    struct sm_value v = unpickle(&tree, PICKLE("]\x94h\0\x86."));
    struct frozen f;
    struct pickler p;

    (void)state;
    assert_int_equal(tree_freeze(&tree, v, &f), 0);
    pickler_init(&p, &out);
    pickler_start(&p);
    pickler_value(&p, NULL, sm_str("#RETURN"));
    pickler_frozen(&p, &f);
    pickler_value(&p, &tree, v);
    pickler_op(&p, TUPLE3);
    assert_int_equal(pickler_finish(&p), 0);
    assert_written("\x80\4\x8c\7#RETURN]q\0h\0\x86]q\0h\0\x86\x87.");
    pickler_deinit(&p);
    frozen_free(&f);
}

static void write_items(struct pickler *p, const struct frozen *const items[], size_t n)
{
    struct pickler_batch batch;

    pickler_op(p, EMPTY_LIST);
    pickler_batch_begin(&batch, p, APPENDS);
    for (size_t i = 0; i < n; i++) {
        pickler_batch_item(&batch);
        pickler_item(p, items[i]);
    }
    pickler_batch_end(&batch);
}

static void batches_of_nothing_are_nothing(void **state)
{
    struct pickler p;

    (void)state;
    pickler_init(&p, &out);
    write_items(&p, NULL, 0);
    assert_written("]");
    pickler_deinit(&p);
}

#define FORTY "0123456789012345678901234567890123456789"

static void a_blob_that_occurs_again_is_written_once(void **state)
{
    struct frozen one, other, third;
    const struct frozen *items[] = {&one, &third, &other};
    struct pickler p;

    (void)state;
    assert_int_equal(tree_freeze(&tree, sm_str(FORTY), &one), 0);
    other = frozen_copy(&one);
    assert_int_equal(tree_freeze(&tree, sm_str("x" FORTY), &third), 0);
    pickler_init(&p, &out);
    write_items(&p, items, ARRAY_SIZE(items));
    assert_int_equal(p.error, 0);
    assert_written("](\x8c\x28" FORTY "r\0\4\0\0\x8c\x29x" FORTY "j\0\4\0\0"
                   "e");
    pickler_deinit(&p);
    frozen_free(&one);
    frozen_free(&other);
    frozen_free(&third);
}

static void a_fragment_with_many_memos_makes_blobs_forgotten(void **state)
{
    struct frozen one, other, big;
    const struct frozen *items[] = {&one, &big, &other, &other};
    struct sm_value lists;
    struct pickler p;

    (void)state;
    buffer_add_byte(&out, '(');
    for (size_t i = 0; i < 1025; i++)
        buffer_add_str(&out, "]2");
    buffer_add_str(&out, "t.");
    lists = unpickle(&tree, out.data, out.len);
    assert_int_equal(tree_freeze(&tree, lists, &big), 0);
    assert_int_equal(big.blob->memos, 1025);
    assert_int_equal(tree_freeze(&tree, sm_str(FORTY), &one), 0);
    other = frozen_copy(&one);
    buffer_clear(&out);
    pickler_init(&p, &out);
    write_items(&p, items, ARRAY_SIZE(items));
    assert_memory_equal(out.data + out.len - 53,
                        "\x8c\x28" FORTY "r\1\4\0\0j\1\4\0\0"
                        "e",
                        53);
    pickler_deinit(&p);
    frozen_free(&one);
    frozen_free(&other);
    frozen_free(&big);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(values_are_written_in_one_way),
        TEST(the_memo_is_for_what_is_referred_to_again),
        TEST(memo_indices_above_a_byte_are_long),
        TEST(lists_are_written_in_batches),
        TEST(depth_is_limited),
        TEST(objects_nest_as_deep_as_all_else),
        TEST(recursion_does_not_multiply_without_end),
        TEST(messages_are_put_together),
        TEST(batches_of_nothing_are_nothing),
        TEST(a_blob_that_occurs_again_is_written_once),
        TEST(a_fragment_with_many_memos_makes_blobs_forgotten),
    };

    return run_group(tests, NULL, NULL);
}
