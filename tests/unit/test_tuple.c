/* SPDX-License-Identifier: MIT */
/*
 * tuple, complex and what all registered literals have: answers are those of CPython, asked of the
 * version in the first column.
 */
#include "support/plain.h"

static void count_and_index_know_that_1_equals_true(void **state)
{
    static const struct plain_case cases[] = {
        {13, "(1, True, 1.0, 'a')", "count", "(1,)", "{}", "3"},
        {13, "(1, 'a', (2,))", "index", "((2,),)", "{}", "2"},
        {13, "(1, 2, 1)", "index", "(1, 1)", "{}", "2"},
        {13, "(1, 2, 1)", "index", "(1, -1)", "{}", "2"},
        {13, "(1, 2, 1)", "index", "(2, 0, 1)", "{}",
         "ValueError('tuple.index(x): x not in tuple')"},
        {13, "(1, 2)", "index", "(2, 0, 100000000000000000000)", "{}", "1"},
        {13, "()", "index", "(1,)", "{}", "ValueError('tuple.index(x): x not in tuple')"},
        {13, "(1,)", "index", "(1, None)", "{}",
         "TypeError('slice indices must be integers or have an __index__ method')"},
        {13, "(1,)", "index", "()", "{}", "TypeError('index expected at least 1 argument, got 0')"},
        {13, "(1,)", "count", "()", "{}",
         "TypeError('tuple.count() takes exactly one argument (0 given)')"},
        {8, "(1,)", "count", "()", "{}",
         "TypeError('count() takes exactly one argument (0 given)')"},
    };

    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void complex_has_its_conjugate(void **state)
{
    static const struct plain_case cases[] = {
        {13, "1.5-2j", "conjugate", "()", "{}", "(1.5+2j)"},
    };

    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void a_literal_is_shown_as_itself(void **state)
{
    struct object *text = probe_registered("'it\\'s'");

    (void)state;
    assert_string_equal(probe_ask(text, "__repr__", "()"), "'\"it\\'s\"'");
    assert_string_equal(probe_ask(text, "__str__", "()"), "\"it's\"");
    assert_string_equal(probe_ask(text, "#GETVALUE", "()"), "\"it's\"");
    object_unref(text);
}

static void a_literal_has_the_methods_of_its_python(void **state)
{
    struct object *text = probe_registered("'a'");
    struct object *none = probe_registered("None");

    (void)state;
    assert_non_null(object_method(text, "removeprefix", 12, 9, 0));
    assert_null(object_method(text, "removeprefix", 12, 8, 0));
    assert_null(object_method(none, "upper", 5, 13, 0));
    object_unref(text);
    object_unref(none);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(count_and_index_know_that_1_equals_true),
        cmocka_unit_test(complex_has_its_conjugate),
        cmocka_unit_test(a_literal_is_shown_as_itself),
        cmocka_unit_test(a_literal_has_the_methods_of_its_python),
    };

    return run_group(tests, probe_setup, probe_teardown);
}
