/* SPDX-License-Identifier: MIT */
/* set, as CPython's own answers; ours are in order of insertion. */
#include "support/check.h"

#include "support/probe.h"

static void elements_are_there_once(void **state)
{
    struct object *set = probe_object("set", "([1, 1.0, True, 'x'],)");

    (void)state;
    PROBE_TALK(set, {"__len__", "()", "2"}, {"add", "('x',)", "None"}, {"add", "(2,)", "None"},
               {"#GETVALUE", "()", "{1, 'x', 2}"}, {"__contains__", "(2.0,)", "True"},
               {"remove", "('x',)", "None"}, {"remove", "('x',)", "KeyError('x')"},
               {"discard", "('x',)", "None"}, {"pop", "()", "1"}, {"pop", "()", "2"},
               {"pop", "()", "KeyError('pop from an empty set')"}, {"__repr__", "()", "'set()'"});
}

static void operators_take_sets_alone(void **state)
{
    struct object *set = probe_object("set", "([1, 2, 3],)");

    (void)state;
    PROBE_TALK(set, {"__and__", "({2, 3, 4},)", "{2, 3}"}, {"__or__", "({4},)", "{1, 2, 3, 4}"},
               {"__sub__", "({2},)", "{1, 3}"}, {"__xor__", "({3, 4},)", "{1, 2, 4}"},
               {"__rsub__", "({3, 4},)", "{4}"}, {"__le__", "({1, 2, 3},)", "True"},
               {"__lt__", "({1, 2, 3},)", "False"}, {"__gt__", "({1},)", "True"},
               {"__ge__", "({9},)", "False"}, {"__ior__", "({4},)", "{1, 2, 3, 4}"},
               {"__isub__", "({1},)", "{2, 3, 4}"}, {"__iand__", "({2, 3},)", "{2, 3}"},
               {"__ixor__", "({3, 9},)", "{2, 9}"});
    assert_non_null(strstr(probe_ask(set, "__and__", "([2],)"), "NotImplemented"));
    assert_non_null(strstr(probe_ask(set, "__le__", "(5,)"), "NotImplemented"));
}

static void methods_take_anything_iterable(void **state)
{
    struct object *set = probe_object("set", "([1, 2, 3],)");

    (void)state;
    PROBE_TALK(
        set, {"union", "([5], 'x')", "{1, 2, 3, 5, 'x'}"}, {"intersection", "([2, 9],)", "{2}"},
        {"difference", "([1], {2: 0})", "{3}"}, {"symmetric_difference", "([3, 4],)", "{1, 2, 4}"},
        {"issubset", "([1, 2, 3, 4],)", "True"}, {"issuperset", "([1, 9],)", "False"},
        {"isdisjoint", "('ab',)", "True"}, {"update", "([4], [5])", "None"},
        {"difference_update", "([1],)", "None"}, {"intersection_update", "([2, 3, 4],)", "None"},
        {"symmetric_difference_update", "([4, 6],)", "None"}, {"#GETVALUE", "()", "{2, 3, 6}"},
        {"union", "(5,)", "TypeError(\"'int' object is not iterable\")"});
}

static void of_equal_elements_cpythons_is_kept(void **state)
{
    struct object *set = probe_object("set", "([1],)");

    (void)state;
    PROBE_TALK(set, {"__and__", "({1.0},)", "{1.0}"}, {"__and__", "({1.0, 2},)", "{1}"},
               {"__or__", "({1.0},)", "{1}"}, {"intersection", "([1.0, True],)", "{1.0}"});
}

static void unhashable_elements_are_refused_by_version(void **state)
{
    struct object *set = probe_object("set", "([1],)");

    (void)state;
    PROBE_TALK(set, {"add", "({1},)", "TypeError(\"unhashable type: 'set'\")"},
               {"__contains__", "({1},)", "False"},
               {"update", "([5, []],)", "TypeError(\"unhashable type: 'list'\")"},
               {"#GETVALUE", "()", "{1, 5}"});
    probe_python = 14;
    PROBE_TALK(set,
               {"add", "([],)",
                "TypeError(\"cannot use 'list' as a set element (unhashable type: 'list')\")"},
               {"difference", "([[]],)",
                "TypeError(\"cannot use 'list' as a set element (unhashable type: 'list')\")"},
               {"intersection", "([[]],)", "TypeError(\"unhashable type: 'list'\")"},
               {"issubset", "([[]],)", "TypeError(\"unhashable type: 'list'\")"});
}

static void what_follows_the_last_common_element_is_not_looked_at(void **state)
{
    struct object *set = probe_object("set", "([1, 2],)");
    static const char error[] = "TypeError(\"unhashable type: 'list'\")";

    (void)state;
    PROBE_TALK(set, {"intersection", "([2, 1.0, []],)", "{2, 1.0}"},
               {"intersection", "([1, []],)", error}, {"issubset", "([1, 2, []],)", "True"},
               {"issubset", "([1, 3, []],)", error}, {"issubset", "({1, 2},)", "True"});
    probe_python = 11;
    PROBE_TALK(set, {"intersection", "([2, 1, []],)", "{2, 1}"},
               {"issubset", "([1, 2, []],)", error});
    probe_python = 10;
    PROBE_TALK(set, {"intersection", "([2, 1, []],)", error});
}

static void a_failed_intersection_changes_nothing(void **state)
{
    struct object *set = probe_object("set", "([1, 2],)");

    (void)state;
    assert_string_equal(probe_ask(set, "intersection_update", "((1,), None)"),
                        "TypeError(\"'NoneType' object is not iterable\")");
    assert_string_equal(probe_ask(set, "__repr__", "()"), "'{1, 2}'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define PROBED(test) cmocka_unit_test_setup_teardown(test, probe_setup, probe_teardown)
        PROBED(elements_are_there_once),
        PROBED(operators_take_sets_alone),
        PROBED(methods_take_anything_iterable),
        PROBED(of_equal_elements_cpythons_is_kept),
        PROBED(unhashable_elements_are_refused_by_version),
        PROBED(what_follows_the_last_common_element_is_not_looked_at),
        PROBED(a_failed_intersection_changes_nothing),
    };

    return run_group(tests, NULL, NULL);
}
