/* SPDX-License-Identifier: MIT */
/* list, as CPython's own answers. */
#include "support/check.h"

#include "support/probe.h"

#include "types/types.h"

#include <stdio.h>

static void elements_come_back_as_they_were_put(void **state)
{
    struct object *list = probe_object("list", "([5, 3, 1],)");

    (void)state;
    PROBE_TALK(list, {"append", "('a text of more than fifteen bytes',)", "None"},
               {"append", "([],)", "None"},
               {"__getitem__", "(3,)", "'a text of more than fifteen bytes'"},
               {"__getitem__", "(-1,)", "[]"}, {"__getitem__", "(True,)", "3"},
               {"__len__", "()", "5"}, {"pop", "()", "[]"}, {"pop", "(0,)", "5"},
               {"insert", "(-100, 'first')", "None"}, {"insert", "(100, 'last')", "None"},
               {"insert", "(-1, 'almost')", "None"}, {"reverse", "()", "None"},
               {"__repr__", "()",
                "\"['last', 'almost', 'a text of more than fifteen bytes', 1, 3, 'first']\""});
}

static void indices_out_of_range_are_index_errors(void **state)
{
    struct object *list = probe_object("list", "([1],)");

    (void)state;
    PROBE_TALK(
        list, {"__getitem__", "(1,)", "IndexError('list index out of range')"},
        {"__getitem__", "(-2,)", "IndexError('list index out of range')"},
        {"__getitem__", "(1180591620717411303424,)",
         "IndexError(\"cannot fit 'int' into an index-sized integer\")"},
        {"__setitem__", "(1, 0)", "IndexError('list assignment index out of range')"},
        {"__delitem__", "(1,)", "IndexError('list assignment index out of range')"},
        {"pop", "(1,)", "IndexError('pop index out of range')"}, {"pop", "()", "1"},
        {"pop", "()", "IndexError('pop from empty list')"},
        {"__getitem__", "('x',)", "TypeError('list indices must be integers or slices, not str')"});
}

static void equal_values_of_other_kinds_are_found(void **state)
{
    struct object *list = probe_object("list", "([1, 1.0, True, 'x', [1, 2], (1, 2)],)");

    (void)state;
    PROBE_TALK(list, {"count", "(1,)", "3"}, {"index", "((1.0, 2),)", "5"},
               {"index", "(True, 1)", "1"}, {"index", "('x', -100, 100)", "3"},
               {"__contains__", "([1, 2.0],)", "True"}, {"__contains__", "('y',)", "False"},
               {"remove", "(1.0,)", "None"}, {"count", "(1,)", "2"},
               {"remove", "('y',)", "ValueError('list.remove(x): x not in list')"},
               {"index", "('x', 0, 1)", "ValueError(\"'x' is not in list\")"});
    probe_python = 14;
    PROBE_TALK(list, {"index", "('y',)", "ValueError('list.index(x): x not in list')"});
}

static void slices_take_any_start_stop_and_step(void **state)
{
    struct object *list = probe_object("list", "([0, 1, 2, 3, 4],)");

    (void)state;
    PROBE_TALK(list, {"__getitem__", "(slice(1, 3, None),)", "[1, 2]"},
               {"__getitem__", "(slice(None, None, -1),)", "[4, 3, 2, 1, 0]"},
               {"__getitem__", "(slice(-100, 100, 2),)", "[0, 2, 4]"},
               {"__getitem__", "(slice(None, None, 1180591620717411303424),)", "[0]"},
               {"__getitem__", "(slice(None, None, -1180591620717411303424),)", "[4]"},
               {"__getitem__", "(slice(3, 1, None),)", "[]"},
               {"__getitem__", "(slice(0, 1, 0),)", "ValueError('slice step cannot be zero')"},
               {"__getitem__", "(slice('a', 1, None),)",
                "TypeError('slice indices must be integers or None or have an __index__ method')"});
    probe_python = 15;
    PROBE_TALK(list, {"__getitem__", "(slice('a', 1, None),)",
                      "TypeError('slice indices must be integers or have an __index__ method')"});
}

static void slices_are_assigned_and_deleted(void **state)
{
    struct object *list = probe_object("list", "([0, 1, 2, 3, 4],)");

    (void)state;
    PROBE_TALK(list, {"__setitem__", "(slice(1, 3, None), 'abc')", "None"},
               {"#GETVALUE", "()", "[0, 'a', 'b', 'c', 3, 4]"},
               {"__setitem__", "(slice(3, 1, None), (7,))", "None"},
               {"#GETVALUE", "()", "[0, 'a', 'b', 7, 'c', 3, 4]"},
               {"__setitem__", "(slice(None, None, -2), [1, 2, 3, 4])", "None"},
               {"#GETVALUE", "()", "[4, 'a', 3, 7, 2, 3, 1]"},
               {"__setitem__", "(slice(None, None, 2), [1])",
                "ValueError('attempt to assign sequence of size 1 to extended slice of size 4')"},
               {"__delitem__", "(slice(None, None, -3),)", "None"},
               {"#GETVALUE", "()", "['a', 3, 2, 3]"},
               {"__delitem__", "(slice(0, 2, None),)", "None"}, {"#GETVALUE", "()", "[2, 3]"});
}

static void what_cannot_be_iterated_is_refused_by_version(void **state)
{
    struct object *list = probe_object("list", "([1],)");

    (void)state;
    PROBE_TALK(
        list, {"extend", "(5,)", "TypeError(\"'int' object is not iterable\")"},
        {"__add__", "((1,),)", "TypeError('can only concatenate list (not \"tuple\") to list')"},
        {"__setitem__", "(slice(0, 1, None), 5)",
         "TypeError('must assign iterable to extended slice')"});
    probe_python = 12;
    PROBE_TALK(list, {"__setitem__", "(slice(0, 1, None), 5)",
                      "TypeError('can only assign an iterable')"});
}

static void sort_is_stable_and_goes_both_ways(void **state)
{
    struct object *list = probe_object("list", "([3, 1.0, 2, True, 1, 0.5],)");

    (void)state;
    PROBE_TALK(list, {"sort", "()", "None"}, {"#GETVALUE", "()", "[0.5, 1.0, True, 1, 2, 3]"});
    probe_call_kwds(list, "sort", "()", "{'reverse': True}");
    PROBE_TALK(list, {"#GETVALUE", "()", "[3, 2, 1.0, True, 1, 0.5]"});
}

/* Lists, in order, reversed, and what they are in order. */
static const char *const orders[][3] = {
    {"[1, 2, 2, 3]", "[3, 2, 2, 1]", "[1, 2, 2, 3]"},
    {"[1, 2, 1.5, -70000]", "[2, 1.5, 1, -70000]", "[-70000, 1, 1.5, 2]"},
    {"[1, 300, 70000, 2.5]", "[70000, 300, 2.5, 1]", "[1, 2.5, 300, 70000]"},
    {"[9223372036854775807, -9223372036854775808, 0, 2147483648]",
     "[9223372036854775807, 2147483648, 0, -9223372036854775808]",
     "[-9223372036854775808, 0, 2147483648, 9223372036854775807]"},
    {"[3.5, -1.0, 0.5]", "[3.5, 0.5, -1.0]", "[-1.0, 0.5, 3.5]"},
    {"['b', 'a', '', 'ab', '\xc3\xa9', '\xf0\x9f\x98\x80', '\xef\xbf\xbd']",
     "['\xf0\x9f\x98\x80', '\xef\xbf\xbd', '\xc3\xa9', 'b', 'ab', 'a', '']",
     "['', 'a', 'ab', 'b', '\xc3\xa9', '\xef\xbf\xbd', '\xf0\x9f\x98\x80']"},
    {"[(1, 'b'), (1, 'a'), (0, 'z'), (1,)]", "[(1, 'b'), (1, 'a'), (1,), (0, 'z')]",
     "[(0, 'z'), (1,), (1, 'a'), (1, 'b')]"},
    {"[(1, 2, 3, 4, 6), (1, 2, 3, 4, 5)]", "[(1, 2, 3, 4, 6), (1, 2, 3, 4, 5)]",
     "[(1, 2, 3, 4, 5), (1, 2, 3, 4, 6)]"},
    {"[(1, [2]), (1.0, [1])]", "[(1, [2]), (1.0, [1])]", "[(1.0, [1]), (1, [2])]"},
    {"[[2], [1, 5]]", "[[2], [1, 5]]", "[[1, 5], [2]]"},
};

static void lists_of_each_kind_are_sorted(void **state)
{
    char args[160];

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
        struct object *list;

        snprintf(args, sizeof(args), "(%s,)", orders[i][0]);
        list = probe_object("list", args);
        probe_call_kwds(list, "sort", "()", "{'reverse': True}");
        PROBE_TALK(list, {"#GETVALUE", "()", orders[i][1]}, {"sort", "()", "None"},
                   {"#GETVALUE", "()", orders[i][2]}, {"sort", "()", "None"},
                   {"#GETVALUE", "()", orders[i][2]});
    }
}

static void long_lists_are_sorted(void **state)
{
    struct object *list = probe_object("list", "()");
    char args[32], answer[32];

    (void)state;
    for (int i = 0; i < 3000; i++) {
        snprintf(args, sizeof(args), "(%d,)", i < 1000 ? i : i * 7919 % 3001);
        probe_ask(list, "append", args);
    }
    probe_ask(list, "sort", "()");
    for (int i = 1; i < 3000; i++) {
        int low, high;

        snprintf(args, sizeof(args), "(slice(%d, %d, None),)", i - 1, i + 1);
        snprintf(answer, sizeof(answer), "%s", probe_ask(list, "__getitem__", args));
        assert_int_equal(sscanf(answer, "[%d, %d]", &low, &high), 2);
        assert_true(low <= high);
    }
}

static void a_sort_that_fails_changes_nothing(void **state)
{
    struct object *list = probe_object("list", "([3, 2, 'a', 1],)");

    (void)state;
    PROBE_TALK(
        list,
        {"sort", "()", "TypeError(\"'<' not supported between instances of 'str' and 'int'\")"},
        {"#GETVALUE", "()", "[3, 2, 'a', 1]"});
    PROBE_TALK(probe_object("list", "([1, 2, None],)"),
               {"sort", "()",
                "TypeError(\"'<' not supported between instances of 'NoneType' and 'int'\")"});
    PROBE_TALK(probe_object("list", "([None, None],)"),
               {"sort", "()",
                "TypeError(\"'<' not supported between instances of 'NoneType' and 'NoneType'\")"});
}

static void sort_refuses_to_run_a_key_function(void **state)
{
    struct object *list = probe_object("list", "([1],)");
    const char *reply = probe_reply(probe_call_kwds(list, "sort", "()", "{'key': len(1)}"));

    (void)state;
    assert_non_null(strstr(reply, "NotImplementedError"));
    assert_string_equal(probe_reply(probe_call_kwds(list, "sort", "()", "{'key': 5}")),
                        "TypeError(\"'int' object is not callable\")");
}

static void repeating_is_bounded(void **state)
{
    struct object *list = probe_object("list", "([1, 2],)");

    (void)state;
    PROBE_TALK(
        list, {"__mul__", "(2,)", "[1, 2, 1, 2]"}, {"__rmul__", "(-1,)", "[]"},
        {"__mul__", "(4611686018427387904,)", "MemoryError()"},
        {"__mul__", "(1180591620717411303424,)",
         "OverflowError(\"cannot fit 'int' into an index-sized integer\")"},
        {"__imul__", "(2,)", "[1, 2, 1, 2]"}, {"__len__", "()", "4"}, {"__imul__", "(0,)", "[]"},
        {"__imul__", "(4611686018427387904,)", "[]"},
        {"__mul__", "('x',)", "TypeError(\"'str' object cannot be interpreted as an integer\")"});
}

static void clear_and_copy_are_exposed_from_3_14(void **state)
{
    struct object *list = probe_object("list", "([1],)");

    (void)state;
    PROBE_TALK(list, {"copy", "()", "RemoteError: KeyError: 'copy'"});
    probe_python = 14;
    PROBE_TALK(list, {"copy", "()", "[1]"}, {"clear", "()", "None"}, {"copy", "()", "[]"});
}

static void a_list_takes_the_elements_of_another(void **state)
{
    struct object *list = probe_object("list", "([1, 2],)"), *other;
    char args[64];

    (void)state;
    snprintf(args, sizeof(args), "(%s,)", probe_literal(list));
    PROBE_TALK(list, {"extend", args, "None"}, {"#GETVALUE", "()", "[1, 2, 1, 2]"});
    other = probe_object("list", args);
    PROBE_TALK(other, {"#GETVALUE", "()", "[1, 2, 1, 2]"});
}

static void a_nested_proxy_keeps_its_object(void **state)
{
    struct object *outer = probe_object("list", "()"), *inner = probe_object("list", "([1],)");
    size_t before = inner->ref.count;
    char args[64];

    (void)state;
    snprintf(args, sizeof(args), "(%s,)", probe_literal(inner));
    PROBE_TALK(outer, {"append", args, "None"});
    assert_int_equal(inner->ref.count, before + 1);
    PROBE_TALK(outer, {"__delitem__", "(0,)", "None"});
    assert_int_equal(inner->ref.count, before);
}

static void a_popped_proxy_keeps_its_object_while_the_answer_travels(void **state)
{
    struct object *outer = probe_object("list", "()"), *inner = probe_object("list", "([1],)");
    size_t before = inner->ref.count;
    char args[64];

    (void)state;
    snprintf(args, sizeof(args), "(%s,)", probe_literal(inner));
    PROBE_TALK(outer, {"append", args, "None"});
    probe_call(outer, "pop", "()");
    assert_int_equal(inner->ref.count, before + 1);
}

static void a_list_may_hold_itself(void **state)
{
    struct object *list = probe_object("list", "()");
    char args[64];

    (void)state;
    snprintf(args, sizeof(args), "(%s,)", probe_literal(list));
    PROBE_TALK(list, {"append", args, "None"}, {"__len__", "()", "1"}, {"count", args, "0"});
}

/* Each list holds the next: freeing the first frees all, one after the other. */
static void a_long_chain_of_lists_is_freed(void **state)
{
    struct registry *registry = probe_registry();
    struct call *call = probe_call(probe_object("list", "()"), "__len__", "()");
    struct object *first = object_new(registry, &list_type, call), *last = first;
    size_t before = registry->objects.len;
    char args[64];

    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct object *next = object_new(registry, &list_type, call);

        snprintf(args, sizeof(args), "(%s,)", probe_literal(next));
        call_reset(probe_call(last, "append", args));
        object_unref(next);
        last = next;
    }
    assert_int_equal(registry->objects.len, before + 20000);
    object_unref(first);
    assert_int_equal(registry->objects.len, before - 1);
}

static void constructors_fail_as_remote_errors(void **state)
{
    (void)state;
    assert_string_equal(probe_create_error("list", "(5,)", "{}"),
                        "RemoteError: TypeError: 'int' object is not iterable");
    assert_string_equal(probe_create_error("list", "(1, 2)", "{}"),
                        "RemoteError: TypeError: list expected at most 1 argument, got 2");
    assert_string_equal(probe_create_error("list", "()", "{'x': 1}"),
                        "RemoteError: TypeError: list() takes no keyword arguments");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define PROBED(test) cmocka_unit_test_setup_teardown(test, probe_setup, probe_teardown)
        PROBED(elements_come_back_as_they_were_put),
        PROBED(indices_out_of_range_are_index_errors),
        PROBED(equal_values_of_other_kinds_are_found),
        PROBED(slices_take_any_start_stop_and_step),
        PROBED(slices_are_assigned_and_deleted),
        PROBED(what_cannot_be_iterated_is_refused_by_version),
        PROBED(sort_is_stable_and_goes_both_ways),
        PROBED(lists_of_each_kind_are_sorted),
        PROBED(long_lists_are_sorted),
        PROBED(a_sort_that_fails_changes_nothing),
        PROBED(sort_refuses_to_run_a_key_function),
        PROBED(repeating_is_bounded),
        PROBED(clear_and_copy_are_exposed_from_3_14),
        PROBED(a_list_takes_the_elements_of_another),
        PROBED(a_nested_proxy_keeps_its_object),
        PROBED(a_popped_proxy_keeps_its_object_while_the_answer_travels),
        PROBED(a_list_may_hold_itself),
        PROBED(a_long_chain_of_lists_is_freed),
        PROBED(constructors_fail_as_remote_errors),
    };

    return run_group(tests, NULL, NULL);
}
