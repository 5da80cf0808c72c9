/* SPDX-License-Identifier: MIT */
/* Counter, while its number is in no word: test_lease.c has the rest. */
#include "support/expect.h"

#include <string.h>

static void what_is_added_comes_to_a_sum(void **state)
{
    struct object *counter = probe_object("Counter", "(40,)");

    (void)state;
    assert_string_equal(probe_ask(counter, "add", "()"), "41");
    assert_string_equal(probe_ask(counter, "add", "(-2,)"), "39");
    assert_string_equal(probe_ask(counter, "get", "()"), "39");
    assert_string_equal(probe_ask(counter, "__repr__", "()"), "'Counter(39)'");
    assert_string_equal(probe_ask(counter, "#GETVALUE", "()"), "39");
}

static void it_is_set_only_from_what_it_was_said_to_be(void **state)
{
    struct object *counter = probe_object("Counter", "()");

    (void)state;
    assert_string_equal(probe_ask(counter, "compare_and_set", "(1, 7)"), "False");
    assert_string_equal(probe_ask(counter, "get", "()"), "0");
    assert_string_equal(probe_ask(counter, "compare_and_set", "(0, 7)"), "True");
    assert_string_equal(probe_ask(counter, "get", "()"), "7");
}

static void what_does_not_fit_changes_nothing(void **state)
{
    static const char *const largest = "9223372036854775807", *const least = "-9223372036854775808";
    struct object *counter = probe_object("Counter", "(9223372036854775807,)");

    (void)state;
    assert_string_equal(probe_ask(counter, "add", "(1,)"),
                        "OverflowError('a Counter has 64 bits: the sum does not fit')");
    assert_string_equal(probe_ask(counter, "get", "()"), largest);
    probe_ask(counter, "compare_and_set", "(9223372036854775807, -9223372036854775808)");
    assert_string_equal(probe_ask(counter, "add", "(-1,)"),
                        "OverflowError('a Counter has 64 bits: the sum does not fit')");
    assert_string_equal(probe_ask(counter, "get", "()"), least);
    assert_string_equal(probe_ask(counter, "add", "(9223372036854775807,)"), "-1");
}

static void answers_are_in_pythons_words(void **state)
{
    static const struct expected cases[] = {
        {13, "add", "(True,)", "6"},
        {13, "add", "()", "8", "{'n': 3}"},
        {13, "add", "(1.0,)", "TypeError(\"'float' object cannot be interpreted as an integer\")"},
        {13, "add", "('1',)", "TypeError(\"'str' object cannot be interpreted as an integer\")"},
        {13, "add", "(None,)",
         "TypeError(\"'NoneType' object cannot be interpreted as an integer\")"},
        {13, "add", "(9223372036854775808,)",
         "OverflowError('a Counter has 64 bits: the int does not fit')"},
        {13, "add", "(1, 2)",
         "TypeError('Counter.add() takes from 1 to 2 positional arguments but 3 were given')"},
        {13, "compare_and_set", "(5, 6)", "True"},
        {13, "compare_and_set", "()", "True", "{'old': 5, 'new': 6}"},
        {13, "compare_and_set", "(5, 1.5)",
         "TypeError(\"'float' object cannot be interpreted as an integer\")"},
        {13, "compare_and_set", "(5,)",
         "TypeError(\"Counter.compare_and_set() missing 1 required positional argument: 'new'\")"},
        {13, "get", "(1,)",
         "TypeError('Counter.get() takes 1 positional argument but 2 were given')"},
        {13, "set", "(1,)", "RemoteError: KeyError: 'set'"},
        {13, NULL, "('5',)",
         "RemoteError: TypeError: 'str' object cannot be interpreted as an integer"},
        {13, NULL, "(9223372036854775808,)",
         "RemoteError: OverflowError: a Counter has 64 bits: the int does not fit"},
    };

    (void)state;
    EXPECT_EACH("Counter", "(5,)", cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        probe_test(what_is_added_comes_to_a_sum),
        probe_test(it_is_set_only_from_what_it_was_said_to_be),
        probe_test(what_does_not_fit_changes_nothing),
        probe_test(answers_are_in_pythons_words),
    };

    return run_group(tests, NULL, NULL);
}
