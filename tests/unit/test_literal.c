/* SPDX-License-Identifier: MIT */
/* Python literals as values. What is expected was asked of CPython. */
#include "support/tree.h"

#include "value/known.h"

#include <errno.h>

static void every_spelling_of_a_value_is_understood(void **state)
{
    static const struct {
        const char *text, *repr;
    } cases[] = {
        {" \t\n1 ", "1"},
        {"0xFf", "255"},
        {"0o17", "15"},
        {"0b101", "5"},
        {"0x_ff", "255"},
        {"1_000", "1000"},
        {"00", "0"},
        {"-1", "-1"},
        {"- 1", "-1"},
        {"+-1", "-1"},
        {"0xffffffffffffffffffffffff", "79228162514264337593543950335"},
        {"-0x8000000000000000", "-9223372036854775808"},
        {"1.", "1.0"},
        {".5", "0.5"},
        {"1e3", "1000.0"},
        {"1_0.0_1E+0_2", "1001.0"},
        {"012.5", "12.5"},
        {"1e999", "inf"},
        {"(1)", "1"},
        {"(1,)", "(1,)"},
        {"[1, 2,]", "[1, 2]"},
        {"{1, 1.0, True, 2}", "{1, 2}"},
        {"{1: 'a', 2: 'b', 1.0: 'c'}", "{1: 'c', 2: 'b'}"},
        {"'a' \"b\" r'\\n'", "'ab\\\\n'"},
        {"b'a' B'\\x41\\101\\n'", "b'aAA\\n'"},
        {"rb'\\n' Rb'\\'' bR'x'", "b\"\\\\n\\\\'x\""},
        {"u'\\xe9\\u00e9\\U000000e9\\351'", "'\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9'"},
        {"'\\N{GREEK SMALL LETTER ALPHA}'", "'\xce\xb1'"},
        {"'\\a\\b\\f\\v\\0\\777'", "'\\x07\\x08\\x0c\\x0b\\x00\xc7\xbf'"},
        {"'\\q\\\n'", "'\\\\q'"},
        {"'''a'b\n\"'''", "'a\\'b\\n\"'"},
        {"''''a'''", "\"'a\""},
        {"bytearray(b'x')", "bytearray(b'x')"},
        {"frozenset({1, 1})", "frozenset({1})"},
        {"set( )", "set()"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        assert_string_equal(repr_in(&tree, parse(&tree, cases[i].text), 11), cases[i].repr);
}

static void mistakes_are_told_where_they_are(void **state)
{
    static const struct {
        const char *text;
        size_t at;
        const char *what;
    } cases[] = {
        {"", 0, "expected a value"},
        {"[1, 2", 5, "expected ',' or ']'"},
        {"[1 2]", 3, "expected ',' or ']'"},
        {"(1 2)", 3, "expected ',' or ')'"},
        {"[,]", 1, "expected a value"},
        {"{1: 2, 3}", 8, "expected ':'"},
        {"{1, 2: 3}", 5, "unexpected ':' in a set"},
        {"{1: 2 3}", 6, "expected ',' or '}'"},
        {"[{[]: 1}]", 2, "unhashable key or element"},
        {"1 2", 2, "unexpected text after the value"},
        {"spam", 0, "unknown name"},
        {"f'x'", 0, "unknown name"},
        {"[012]", 1, "leading zeros are not permitted; use 0o for octal"},
        {"1__0", 1, "misplaced underscore in a number"},
        {"0xg", 2, "expected a digit"},
        {"1e", 2, "expected the digits of an exponent"},
        {"1x", 1, "unexpected character in a number"},
        {"1 + 2", 1, "only the two parts of a complex number can be added"},
        {"-", 1, "expected a number"},
        {"'abc", 1, "unterminated string"},
        {"'a\nb'", 1, "unterminated string"},
        {"'\\x4'", 1, "truncated escape"},
        {"'\\U00110000'", 1, "no such Unicode character"},
        {"'\\N{NO SUCH NAME}'", 1, "unknown Unicode character name"},
        {"'a' b'b'", 4, "cannot mix bytes and nonbytes literals"},
        {"b'\xc3\xa9'", 2, "bytes can only contain ASCII characters"},
        {"'\xff'", 1, "not UTF-8"},
        {"Queue(a=1, 2)", 11, "positional argument follows keyword argument"},
        {"Queue(a=1, a=2)", 13, "keyword argument repeated"},
        {"Queue(1", 7, "expected ',' or ')'"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct literal_error error = {0};
        struct sm_value v;

        assert_int_equal(literal_parse(&tree, cases[i].text, strlen(cases[i].text), &v, &error),
                         -EINVAL);
        if (error.at != cases[i].at || strcmp(error.what, cases[i].what) != 0)
            fail_msg("%s: %s at %zu", cases[i].text, error.what, error.at);
    }
}

static void nesting_is_bounded(void **state)
{
    char text[1000];
    struct literal_error error = {0};
    struct sm_value v;

    (void)state;
    memset(text, '[', sizeof(text));
    assert_int_equal(literal_parse(&tree, text, sizeof(text), &v, &error), -EINVAL);
    assert_string_equal(error.what, "too deeply nested");
}

static void a_constructor_call_is_an_object(void **state)
{
    struct sm_value v = parse(&tree, "Queue(100, [1])");

    (void)state;
    assert_int_equal(v.kind, SM_KIND_OBJECT);
    assert_int_equal(v.object->make, SM_MAKE_CALL);
    assert_true(value_is_global(v.object->callable, "builtins", "Queue"));
    assert_string_equal(repr_in(&tree, v.object->args, 11), "(100, [1])");
}

static void keyword_arguments_are_kept_apart(void **state)
{
    struct sm_value v = parse(&tree, "a.b.C(1, x=2, y = [3],)");

    (void)state;
    assert_int_equal(v.object->make, SM_MAKE_NEW_EX);
    assert_true(value_is_global(v.object->callable, "a.b", "C"));
    assert_string_equal(repr_in(&tree, v.object->args, 11), "(1,)");
    assert_string_equal(repr_in(&tree, v.object->kwargs, 11), "{'x': 2, 'y': [3]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_spelling_of_a_value_is_understood),
        cmocka_unit_test(mistakes_are_told_where_they_are),
        cmocka_unit_test(nesting_is_bounded),
        cmocka_unit_test(a_constructor_call_is_an_object),
        cmocka_unit_test(keyword_arguments_are_kept_apart),
    };

    return run_group(tests, make_tree, drop_tree);
}
