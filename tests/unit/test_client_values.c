/* SPDX-License-Identifier: MIT */
/* Values in a program's hands: look into, compare, print, parse. */
#include "support/client.h"

static void scalars_are_looked_into(void **state)
{
    int64_t integer;
    double number;
    bool boolean;

    (void)state;
    check_ok(sm_as_int(sm_int(-5), &integer));
    assert_int_equal(integer, -5);
    check_ok(sm_as_int(sm_bool(true), &integer));
    assert_int_equal(integer, 1);
    check_ok(sm_as_float(sm_int(2), &number));
    assert_true(number == 2.0);
    check_ok(sm_as_float(sm_float(0.5), &number));
    assert_true(number == 0.5);
    check_ok(sm_as_bool(sm_bool(true), &boolean));
    assert_true(boolean);
}

static void text_and_bytes_are_looked_into(void **state)
{
    const char *text;
    const void *bytes;
    size_t len;

    (void)state;
    check_ok(sm_as_str(sm_str("abc"), &text, &len));
    assert_memory_equal(text, "abc", len);
    check_ok(sm_as_bytes(sm_bytes("\0x", 2), &bytes, &len));
    assert_memory_equal(bytes, "\0x", len);
}

static void another_kind_is_named(void **state)
{
    int64_t integer;
    bool boolean;
    size_t len;
    const char *text;

    (void)state;
    check_status(SM_EARG, sm_as_int(sm_str("1"), &integer));
    assert_string_equal(sm_last_error()->message, "not an int, but str");
    check_status(SM_EARG, sm_as_bool(sm_int(1), &boolean));
    check_status(SM_EARG, sm_as_str(sm_missing(), &text, &len));
    assert_string_equal(sm_last_error()->message, "not a str, but nothing");
}

static void an_int_too_big_for_c_is_said_to_be(void **state)
{
    struct sm_reply *reply = literal("123456789012345678901234567890");
    int64_t integer;

    (void)state;
    check_status(SM_EARG, sm_as_int(sm_reply_value(reply), &integer));
    check_reply("123456789012345678901234567890", reply);
}

static void a_big_int_is_made_of_bytes(void **state)
{
    static const uint8_t bytes[] = {0, 0, 0, 0, 0, 0, 0, 0, 1};

    (void)state;
    assert_string_equal(sm_value_repr(sm_bigint(bytes, sizeof(bytes))), "18446744073709551616");
}

static void items_are_found_by_index(void **state)
{
    struct sm_value list = SM_LIST(sm_int(1), sm_str("b"));
    struct sm_value dict = SM_DICT({sm_str("k"), sm_int(2)});

    (void)state;
    assert_string_equal(sm_value_repr(sm_item(list, 1)), "'b'");
    assert_int_equal(sm_item(list, 2).kind, SM_KIND_MISSING);
    assert_string_equal(sm_value_repr(sm_item(dict, 0)), "'k'");
    assert_string_equal(sm_value_repr(sm_item_value(dict, 0)), "2");
    assert_int_equal(sm_item(sm_int(1), 0).kind, SM_KIND_MISSING);
    assert_int_equal(sm_item_value(list, 0).kind, SM_KIND_MISSING);
}

static void dict_values_are_found_by_key(void **state)
{
    struct sm_reply *reply = literal("{'a': [1], 2: None}");
    struct sm_value dict = sm_reply_value(reply), v;

    (void)state;
    check_ok(sm_dict_find(dict, sm_str("a"), &v));
    assert_string_equal(sm_value_repr(v), "[1]");
    check_ok(sm_dict_find(dict, sm_float(2), &v));
    check_status(SM_NOT_YET, sm_dict_find(dict, sm_str("b"), &v));
    check_status(SM_EARG, sm_dict_find(v, sm_str("b"), &v));
    sm_reply_free(reply);
}

static void values_are_equal_as_in_python(void **state)
{
    static const struct {
        const char *a, *b;
        int equal;
    } cases[] = {
        {"1", "1.0", 1},    {"1", "True", 1},        {"1", "'1'", 0},
        {"[1]", "(1,)", 0}, {"{1, 2}", "{2, 1}", 1}, {"{'a': 1, 'b': 2}", "{'b': 2, 'a': 1}", 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sm_reply *a = literal(cases[i].a), *b = literal(cases[i].b);

        assert_int_equal(sm_value_equal(sm_reply_value(a), sm_reply_value(b)), cases[i].equal);
        sm_reply_free(a);
        sm_reply_free(b);
    }
}

static void values_are_printed_as_in_python(void **state)
{
    (void)state;
    assert_string_equal(sm_value_repr(sm_str("it's")), "\"it's\"");
    assert_string_equal(sm_value_str(sm_str("it's")), "it's");
    assert_string_equal(sm_value_str(SM_TUPLE(sm_str("a"))), "('a',)");
    assert_string_equal(sm_value_repr(SM_DICT({sm_none(), SM_LIST()})), "{None: []}");
    assert_string_equal(sm_value_repr(sm_missing()), "<missing>");
}

static void four_texts_are_kept(void **state)
{
    const char *texts[4];

    (void)state;
    for (int i = 0; i < 4; i++)
        texts[i] = sm_value_repr(sm_int(i));
    assert_string_equal(texts[0], "0");
    assert_string_equal(texts[3], "3");
}

static void what_is_no_literal_is_refused(void **state)
{
    struct sm_reply *reply;

    (void)state;
    check_status(SM_EARG, sm_value_parse("[1, ", &reply));
    check_status(SM_EARG, sm_value_parse(NULL, &reply));
}

static void nothing_to_free_is_fine(void **state)
{
    (void)state;
    sm_reply_free(NULL);
    sm_proxy_free(NULL);
    sm_manager_free(NULL);
    assert_int_equal(sm_reply_value(NULL).kind, SM_KIND_NONE);
}

/* Send a value through a list of the manager, and what came back once more, as part of another. */
static struct sm_reply *pass_on(struct sm_manager *manager, struct sm_value v)
{
    struct sm_proxy *list;
    struct sm_reply *first, *second;

    check_ok(sm_list(manager, sm_missing(), &list));
    check_ok(sm_list_append(list, v));
    check_ok(sm_list_get(list, 0, &first));
    v = sm_reply_value(first);
    check_ok(sm_list_append(list, SM_TUPLE(v, v)));
    check_ok(sm_list_get(list, 1, &second));
    sm_reply_free(first);
    sm_proxy_free(list);
    return second;
}

static void an_unknown_object_is_passed_on_untouched(void **state)
{
    struct sm_reply *job = literal("myapp.Job(1, [2], name='x')");
    struct sm_reply *reply = pass_on(*state, sm_reply_value(job));

    assert_int_equal(sm_value_equal(sm_item(sm_reply_value(reply), 0), sm_reply_value(job)), 1);
    sm_reply_free(job);
    sm_reply_free(reply);
}

/* A message that the manager keeps as it is, and a value that C cannot write down. */
static void a_recursive_value_is_passed_on(void **state)
{
    struct sm_value item[2] = {sm_int(1)};
    struct sm_items items = {.item = item, .len = 2};
    struct sm_value v = sm_container(SM_KIND_LIST, &items);
    struct sm_reply *reply;

    v.id = 1; /* as the decoder marks what a message may refer to again */
    item[1] = v;
    reply = pass_on(*state, v);
    assert_string_equal(sm_value_repr(sm_reply_value(reply)), "([1, [...]], [1, [...]])");
    sm_reply_free(reply);
}

static void a_missing_argument_is_not_sent(void **state)
{
    struct sm_proxy *list;

    check_ok(sm_list(*state, sm_missing(), &list));
    check_status(SM_EARG, sm_list_append(list, sm_missing()));
    check_status(SM_EARG, sm_list_append(list, SM_LIST(sm_missing())));
    check_text("[]", list);
    sm_proxy_free(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_are_looked_into),
        cmocka_unit_test(text_and_bytes_are_looked_into),
        cmocka_unit_test(another_kind_is_named),
        cmocka_unit_test(an_int_too_big_for_c_is_said_to_be),
        cmocka_unit_test(a_big_int_is_made_of_bytes),
        cmocka_unit_test(items_are_found_by_index),
        cmocka_unit_test(dict_values_are_found_by_key),
        cmocka_unit_test(values_are_equal_as_in_python),
        cmocka_unit_test(values_are_printed_as_in_python),
        cmocka_unit_test(four_texts_are_kept),
        cmocka_unit_test(what_is_no_literal_is_refused),
        cmocka_unit_test(nothing_to_free_is_fine),
        with_manager(an_unknown_object_is_passed_on_untouched),
        with_manager(a_recursive_value_is_passed_on),
        with_manager(a_missing_argument_is_not_sent),
    };

    return run_group(tests, NULL, NULL);
}
