/* SPDX-License-Identifier: MIT */
/* dict, as CPython's own answers. */
#include "support/check.h"

#include "support/probe.h"

#include <stdio.h>

static void equal_keys_are_one_and_keep_their_first_spelling(void **state)
{
    struct object *dict = probe_object("dict", "({1: 'a'},)");

    (void)state;
    PROBE_TALK(dict, {"__setitem__", "(1.0, 'b')", "None"}, {"__getitem__", "(True,)", "'b'"},
               {"__setitem__", "((1, 'k'), [1])", "None"}, {"__getitem__", "((True, 'k'),)", "[1]"},
               {"#GETVALUE", "()", "{1: 'b', (1, 'k'): [1]}"});
}

static void entries_stay_in_order_of_insertion(void **state)
{
    struct object *dict = probe_object("dict", "({3: 0, 1: 0, 2: 0},)");

    (void)state;
    PROBE_TALK(dict, {"__delitem__", "(3,)", "None"}, {"__setitem__", "(3, 9)", "None"},
               {"__setitem__", "(1, 8)", "None"}, {"keys", "()", "[1, 2, 3]"},
               {"values", "()", "[8, 0, 9]"}, {"items", "()", "[(1, 8), (2, 0), (3, 9)]"},
               {"popitem", "()", "(3, 9)"}, {"popitem", "()", "(2, 0)"},
               {"popitem", "()", "(1, 8)"},
               {"popitem", "()", "KeyError('popitem(): dictionary is empty')"});
}

static void a_missing_key_is_named_by_its_error(void **state)
{
    struct object *dict = probe_object("dict", "({'a': 1},)");

    (void)state;
    PROBE_TALK(dict, {"__getitem__", "('b',)", "KeyError('b')"},
               {"__delitem__", "((1, 2),)", "KeyError((1, 2))"}, {"pop", "(1.5,)", "KeyError(1.5)"},
               {"pop", "(1.5, None)", "None"}, {"get", "('b',)", "None"}, {"get", "('b', 7)", "7"},
               {"get", "('a', 7)", "1"}, {"setdefault", "('b', 5)", "5"},
               {"setdefault", "('b', 6)", "5"}, {"setdefault", "('c',)", "None"},
               {"pop", "('b',)", "5"}, {"__len__", "()", "2"});
}

static void unhashable_keys_are_refused_by_version(void **state)
{
    struct object *dict = probe_object("dict", "({'a': 1},)");

    (void)state;
    PROBE_TALK(dict, {"__getitem__", "([],)", "TypeError(\"unhashable type: 'list'\")"},
               {"__contains__", "((1, {}),)", "TypeError(\"unhashable type: 'dict'\")"});
    probe_python = 14;
    PROBE_TALK(dict, {"__contains__", "((1, {}),)",
                      "TypeError(\"cannot use 'tuple' as a dict key (unhashable type: 'dict')\")"});
}

static void update_takes_mappings_pairs_and_keywords(void **state)
{
    struct object *dict = probe_object("dict", "()");

    (void)state;
    PROBE_TALK(dict, {"update", "({'a': 1},)", "None"}, {"update", "([('b', 2), 'cd'],)", "None"},
               {"update", "()", "None"});
    probe_call_kwds(dict, "update", "([],)", "{'e': 5}");
    PROBE_TALK(dict, {"#GETVALUE", "()", "{'a': 1, 'b': 2, 'c': 'd', 'e': 5}"});
}

static void update_names_the_element_that_is_no_pair(void **state)
{
    struct object *dict = probe_object("dict", "()");

    (void)state;
    PROBE_TALK(dict, {"update", "(5,)", "TypeError(\"'int' object is not iterable\")"},
               {"update", "([(1, 2), 3],)",
                "TypeError('cannot convert dictionary update sequence element #1 to a sequence')"},
               {"update", "(['abc'],)",
                "ValueError('dictionary update sequence element #0 has length 3; 2 is required')"},
               {"update", "(1, 2)", "TypeError('update expected at most 1 argument, got 2')"},
               {"#GETVALUE", "()", "{1: 2}"});
    probe_python = 14;
    PROBE_TALK(dict, {"update", "([3],)", "TypeError('object is not iterable')"});
}

static void operators_come_with_3_14(void **state)
{
    struct object *dict = probe_object("dict", "({'a': 1},)");

    (void)state;
    PROBE_TALK(dict, {"__or__", "({},)", "RemoteError: KeyError: '__or__'"});
    probe_python = 14;
    PROBE_TALK(dict, {"__or__", "({'a': 2, 'b': 3},)", "{'a': 2, 'b': 3}"},
               {"__ror__", "({'a': 2, 'b': 3},)", "{'a': 1, 'b': 3}"},
               {"__ior__", "([('c', 4)],)", "{'a': 1, 'c': 4}"},
               {"fromkeys", "('xy', 0)", "{'x': 0, 'y': 0}"}, {"fromkeys", "([1],)", "{1: None}"});
}

static void many_keys_come_and_go(void **state)
{
    struct object *dict = probe_object("dict", "()");
    char args[64], answer[32];

    (void)state;
    for (int i = 0; i < 3000; i++) {
        snprintf(args, sizeof(args), "(%d, 'value %d')", i * 65536, i);
        probe_ask(dict, "__setitem__", args);
        if (i % 3 == 2) {
            snprintf(args, sizeof(args), "(%d,)", (i - 1) * 65536);
            probe_ask(dict, "pop", args);
        }
    }
    PROBE_TALK(dict, {"__len__", "()", "2000"});
    for (int i = 0; i < 3000; i++) {
        snprintf(args, sizeof(args), "(%d.0,)", i * 65536);
        snprintf(answer, sizeof(answer), i % 3 == 1 ? "None" : "'value %d'", i);
        assert_string_equal(probe_ask(dict, "get", args), answer);
    }
}

static void constructors_fail_as_remote_errors(void **state)
{
    (void)state;
    assert_string_equal(probe_create_error("dict", "(5,)", "{}"),
                        "RemoteError: TypeError: 'int' object is not iterable");
    assert_string_equal(probe_create_error("dict", "(1, 2)", "{}"),
                        "RemoteError: TypeError: dict expected at most 1 argument, got 2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define PROBED(test) cmocka_unit_test_setup_teardown(test, probe_setup, probe_teardown)
        PROBED(equal_keys_are_one_and_keep_their_first_spelling),
        PROBED(entries_stay_in_order_of_insertion),
        PROBED(a_missing_key_is_named_by_its_error),
        PROBED(unhashable_keys_are_refused_by_version),
        PROBED(update_takes_mappings_pairs_and_keywords),
        PROBED(update_names_the_element_that_is_no_pair),
        PROBED(operators_come_with_3_14),
        PROBED(many_keys_come_and_go),
        PROBED(constructors_fail_as_remote_errors),
    };

    return run_group(tests, NULL, NULL);
}
