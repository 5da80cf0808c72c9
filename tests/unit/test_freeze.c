/* SPDX-License-Identifier: MIT */
/* Stored values: what they are made of, when they are equal, how much they may grow. */
#include "support/pickle.h"

#include "base/limits.h"
#include "pickle/encode.h"
#include "value/frozen.h"

#include <errno.h>
#include <math.h>

static struct tree tree;

static int make(void **state)
{
    (void)state;
    tree_init(&tree, NULL);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    tree_deinit(&tree);
    return 0;
}

static struct frozen freeze(struct sm_value v)
{
    struct frozen f;

    assert_int_equal(tree_freeze(&tree, v, &f), 0);
    return f;
}

static void short_values_are_in_the_handle(void **state)
{
    static const char *const literals[] = {
        "None", "True",       "-9223372036854775808", "1.5", "'13 letters!!!'", "b'13 letters!!!'",
        "[1]",  "(1, {2: 3})"};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(literals); i++) {
        struct frozen f = freeze(parse(&tree, literals[i]));

        assert_int_not_equal(f.len, FROZEN_BLOB);
        assert_false(frozen_is_absent(&f));
    }
}

static void stored_values_come_back(void **state)
{
    static const char *const literals[] = {
        "None",
        "123456789012345678901234567890",
        "'longer than the handle has room for'",
        "[1, (2, {'three': b'4'}), {5}, frozenset({6}), bytearray(b'7')]",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(literals); i++) {
        struct frozen f = freeze(parse(&tree, literals[i]));
        struct sm_value v;

        assert_int_equal(tree_thaw(&tree, &f, &v), 0);
        assert_string_equal(repr_in(&tree, v, 11), literals[i]);
        frozen_free(&f);
    }
}

static void a_shared_value_is_stored_once(void **state)
{
    struct sm_value v = unpickle(&tree, PICKLE("\x8c\x14tttttttttttttttttttt\x94h\0\x86."));
    struct frozen a = freeze(v.items->item[0]);
    struct frozen b = freeze(v.items->item[1]);

    (void)state;
    assert_ptr_equal(a.blob, b.blob);
    assert_int_equal(a.blob->memos, 0);
    frozen_free(&a);
    frozen_free(&b);
}

/* Parts that the message also has elsewhere do not show in a fragment. */
static void a_fragment_knows_nothing_of_its_message(void **state)
{
    struct sm_value v = unpickle(&tree, PICKLE("(\x8c\1k\x94K\1\x86h\0K\1\x86t."));
    struct frozen a = freeze(v.items->item[0]);
    struct frozen b = freeze(parse(&tree, "('k', 1)"));

    (void)state;
    assert_int_equal(frozen_len(&a), frozen_len(&b));
    assert_memory_equal(frozen_bytes(&a), frozen_bytes(&b), frozen_len(&a));
}

/* Plain values are stored by a writer of their own; what looks like them is not, by little. */
static void assert_form(struct sm_value v)
{
    CLEANUP(buffer_deinit) struct buffer form = {0};
    struct frozen f = freeze(v);

    assert_int_equal(encode_in(&form, &tree, v), 0);
    assert_int_equal(frozen_len(&f), form.len);
    assert_memory_equal(frozen_bytes(&f), form.data, form.len);
    if (f.len == FROZEN_BLOB)
        assert_int_equal(f.blob->exact, fragment_is_exact(form.data, form.len));
    frozen_free(&f);
}

static void all_values_are_stored_in_one_form(void **state)
{
    static const char *const literals[] = {
        "()",
        "(1,)",
        "(1, 2)",
        "(1, 2, 3)",
        "(1, 2, 3, 4, 'more than there is room for')",
        "[]",
        "[()]",
        "[[], [1], [1, 2], {}, {'a': 1}, {'a': 1, 'b': None}]",
        "(True, 'longer than the handle')",
        "(2.5, 'longer than the handle')",
        "(nan, 'longer than the handle')",
        "(-1, 255, 256, 65535, 65536, -2147483649, 9223372036854775807)",
        "(b'', '', b'bytes', 18446744073709551616)",
        "('a text of so many letters that thirty-two are fewer',)",
        "[[[[[[[[[[[[1]]]]]]]]]]], 'deep']",
        "((((((((((((1,),),),),),),),),),),), 'deep')",
        "{'id': 1, 'name': 'n1', 'tags': ['a', 'b'], 'at': (1, 2.5)}",
    };
    static const size_t lengths[] = {1, 240, 254, 255, 256, 500, 600};
    char text[600];

    (void)state;
    memset(text, 't', sizeof(text));
    for (size_t i = 0; i < ARRAY_SIZE(literals); i++)
        assert_form(parse(&tree, literals[i]));
    for (size_t i = 0; i < ARRAY_SIZE(lengths); i++)
        assert_form(SM_TUPLE(sm_strn(text, lengths[i]), sm_int(1), sm_strn(text, 200)));
    for (size_t n = 500; n < 520; n++)
        assert_form(SM_TUPLE(sm_strn(text, 250), sm_strn(text, n - 256), sm_none()));
    assert_form(unpickle(&tree, PICKLE("((]\x94h\0h\0tK\1t.")));
    assert_form(unpickle(&tree, PICKLE("(}\x94h\0U\1ah\0s\x85t.")));
    assert_form(unpickle(&tree, PICKLE("(\x8c\x20"
                                       "tttttttttttttttttttttttttttttttt\x94h\0h\0t.")));
    assert_form(unpickle(&tree, PICKLE("(\x8c\x1f"
                                       "ttttttttttttttttttttttttttttttt\x94h\0h\0t.")));
    assert_form(unpickle(&tree, PICKLE("]\x94(h\0K\1e.")));
    assert_form(unpickle(&tree, PICKLE("]\x94(h\0\x85K\1e.")));
}

static void growth_by_sharing_is_limited(void **state)
{
    enum { SHARED = 1000000, ELEMENTS = 1000 };
    struct buffer b = {0};
    struct sm_value v;
    struct frozen f;
    int r = 0;
    size_t n;

    (void)state;
    buffer_add(&b, "(X\x40\x42\x0f\0", 6); /* SHARED bytes of text */
    for (size_t i = 0; i < SHARED; i++)
        buffer_add_byte(&b, 'x');
    buffer_add_str(&b, "q");
    buffer_add(&b, "\0\x85", 2);
    for (size_t i = 1; i < ELEMENTS; i++)
        buffer_add(&b, "h\0\x85", 3);
    buffer_add_str(&b, "t.");
    v = unpickle(&tree, b.data, b.len);
    for (n = 0; n < v.items->len && r == 0; n++) {
        r = tree_freeze(&tree, v.items->item[n], &f);
        if (r == 0)
            frozen_free(&f);
    }
    assert_int_equal(r, -E2BIG);
    assert_int_equal(n, LIMIT_GROWTH + 1);
    buffer_deinit(&b);
}

static const struct {
    const char *a;
    const char *b;
    int equal;
} pairs[] = {
    {"1", "1", 1},
    {"1", "2", 0},
    {"1", "1.0", 1},
    {"1", "True", 1},
    {"1", "'1'", 0},
    {"'a'", "b'a'", 0},
    {"b'a'", "bytearray(b'a')", 1},
    {"None", "0", 0},
    {"nan", "nan", 0},
    {"(1, 2)", "(1, 2)", 1},
    {"(1, 2)", "(1, 3)", 0},
    {"(1, 2)", "(1, 2.0)", 1},
    {"(1, 'longer than the handle')", "(2, 'longer than the handle')", 0},
    {"(1, 'longer than the handle')", "(True, 'longer than the handle')", 1},
    {"[1, 2, 'a', b'a']", "[1, 2, b'a', 'a']", 0},
    {"[1, 2]", "[1, 2]", 1},
    {"[1, 2]", "[1.0, 2]", 1},
    {"[1, 2]", "(1, 2)", 0},
    {"{1: 2, 3: 4}", "{3: 4, 1: 2}", 1},
    {"{1: 2}", "{1: 3}", 0},
    {"{1: 2}", "{1: 2.0}", 1},
    {"{1: 2}", "{1.0: 2}", 1},
    {"{'id': 1, 'name': 'longer than'}", "{'id': 2, 'name': 'longer than'}", 0},
    {"{'id': 1, 'name': 'longer than'}", "{'name': 'longer than', 'id': 1}", 1},
    {"{'id': 1, 'name': 'longer than'}", "{'id': True, 'name': 'longer than'}", 1},
    {"{'id': 1, 'name': 'longer than'}", "{'id': 1, 'name': 'longer, by far'}", 0},
    {"{'id': [1], 'name': 'longer'}", "{'id': [True], 'name': 'longer'}", 1},
    {"{'id': (1, 2), 'name': 'longer'}", "{'id': (1, 2.0), 'name': 'longer'}", 1},
    {"{'id': decimal.Decimal('1'), 'name': 'longer'}", "{'id': 1, 'name': 'longer'}", 1},
    {"{1, 2}", "frozenset({2, 1})", 1},
    {"'longer than the handle has room for'", "'longer than the handle has room for'", 1},
    {"'longer than the handle has room for'", "'longer than the handle has room FOR'", 0},
    {"(nan, 'longer than the handle')", "(nan, 'longer than the handle')", 0},
    {"10000000000000000000000000000000000000000", "1e40", 0},
    {"1267650600228229401496703205376", "1267650600228229401496703205376.0", 1},
};

static void equality_is_pythons(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
        struct frozen a = freeze(parse(&tree, pairs[i].a));
        struct frozen b = freeze(parse(&tree, pairs[i].b));
        struct needle needle;

        needle_init(&needle, &a, UNKNOWN_GUESS);
        assert_int_equal(needle_equal(&needle, &b), pairs[i].equal);
        assert_int_equal(needle_equal(&needle, &b), pairs[i].equal);
        needle_deinit(&needle);
        assert_int_equal(frozen_equal(&tree, &a, &b), pairs[i].equal);
        assert_int_equal(frozen_equal(&tree, &b, &a), pairs[i].equal);
        frozen_free(&a);
        frozen_free(&b);
    }
}

static void a_nan_is_equal_to_itself_alone(void **state)
{
    struct frozen a = freeze(sm_float(NAN));
    struct frozen b = frozen_copy(&a);

    (void)state;
    assert_int_equal(frozen_equal(&tree, &a, &b), 1);
    frozen_free(&a);
    frozen_free(&b);
}

#define PROXY                                                                                      \
    PICKLE("\x80\4\x8c\x18multiprocessing.managers\x94\x8c\x0cRebuildProxy\x93("                   \
           "h\0\x8c\x09ListProxy\x93h\0\x8c\5Token\x93)\x81\x8c\4list\x8c\1a\x8c\0027f"            \
           "\x87"                                                                                  \
           "b\x8c\6pickle}tR\x85.")

static void release(struct ref *ref)
{
    (void)ref;
}

static struct ref object = {1, release};

static int find(const struct resolver *resolver, const struct sm_object *proxy, struct ref **ret)
{
    (void)resolver;
    (void)proxy;
    *ret = ref_take(&object);
    return 0;
}

static void a_stored_proxy_holds_its_object(void **state)
{
    static const struct resolver resolver = {find};
    struct frozen a, b;

    (void)state;
    tree.resolver = &resolver;
    a = freeze(unpickle(&tree, PROXY));
    b = freeze(unpickle(&tree, PROXY));
    tree_reset(&tree);
    assert_int_equal(object.count, 3);
    assert_int_equal(a.blob->refs_len, 1);
    assert_int_equal(frozen_equal(&tree, &a, &b), 0);
    frozen_free(&a);
    frozen_free(&b);
    tree_reset(&tree);
    assert_int_equal(object.count, 1);
}

static void what_is_put_off_keeps_its_references_until_its_row_is_freed(void **state)
{
    struct ref keeper = {.count = 1};
    const struct fragment fragment = {
        .bytes = (const uint8_t *)"a text that is kept", .len = 19, .keeper = &keeper};
    struct blob *row = NULL;
    struct frozen f;

    (void)state;
    assert_int_equal(frozen_new(&fragment, &f), 0);
    frozen_put_off(&row);
    frozen_free(&f);
    frozen_put_off(NULL);
    assert_int_equal(keeper.count, 2);
    frozen_free_row(&row);
    assert_int_equal(keeper.count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

/*
 * A message may be long, and with that have much copied; what is stored of it may not. Here each
 * call of a text that is not latin-1 was counted, and none made bytes of it.
 */
static void what_was_stored_of_a_long_message_can_be_read(void **state)
{
    enum { TEXT = 100000, PADDING = 300000, CALLS = 30 };
    struct buffer b = {0};
    struct pickle_error error;
    struct frozen f;
    struct sm_value v;
    const uint8_t text_size[] = {TEXT & 0xff, TEXT >> 8 & 0xff, TEXT >> 16 & 0xff, 0};
    const uint8_t padding_size[] = {PADDING & 0xff, PADDING >> 8 & 0xff, PADDING >> 16 & 0xff, 0};

    (void)state;
    buffer_add_str(&b, "\x80\3((c_codecs\nencode\nq");
    buffer_add(&b,
               "\0"
               "0X",
               3);
    buffer_add(&b, text_size, sizeof(text_size));
    buffer_add_times(&b,
                     "\xe2\x82\xac"
                     "a",
                     4, TEXT / 4);
    buffer_add_str(&b, "q\1X\6");
    buffer_add(&b,
               "\0\0\0latin1\x86q\2"
               "0",
               13);
    for (size_t i = 0; i < CALLS; i++)
        buffer_add(&b, "h\0h\2R", 5);
    buffer_add_str(&b, "lX");
    buffer_add(&b, padding_size, sizeof(padding_size));
    buffer_add_times(&b, "p", 1, PADDING);
    buffer_add_str(&b, "t.");
    assert_int_equal(pickle_decode(&tree, b.data, b.len, &v, &error), 0);
    f = freeze(v.items->item[0]);
    tree_reset(&tree);
    assert_int_equal(tree_thaw(&tree, &f, &v), 0);
    assert_int_equal(v.items->len, CALLS);
    frozen_free(&f);
    buffer_deinit(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(short_values_are_in_the_handle),
        TEST(stored_values_come_back),
        TEST(a_shared_value_is_stored_once),
        TEST(a_fragment_knows_nothing_of_its_message),
        TEST(all_values_are_stored_in_one_form),
        TEST(growth_by_sharing_is_limited),
        TEST(equality_is_pythons),
        TEST(a_nan_is_equal_to_itself_alone),
        TEST(a_stored_proxy_holds_its_object),
        TEST(what_was_stored_of_a_long_message_can_be_read),
        cmocka_unit_test(what_is_put_off_keeps_its_references_until_its_row_is_freed),
    };

    return run_group(tests, NULL, NULL);
}
