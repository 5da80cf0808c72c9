/* SPDX-License-Identifier: MIT */
/* Iterators: live ones over dicts, and those that clients share. */
#include "support/check.h"

#include "support/probe.h"

static struct object *iterate(struct object *dict)
{
    return probe_proxy(probe_call(dict, "__iter__", "()"));
}

static void a_dict_gives_a_proxy_of_its_key_iterator(void **state)
{
    struct object *dict = probe_object("dict", "({'a': 1, 'b': 2},)"), *it = iterate(dict);

    (void)state;
    assert_string_equal(probe_ask(dict, "__iter__", "()"), "<proxy of Iterator>");
    PROBE_TALK(it, {"__next__", "()", "'a'"}, {"__next__", "()", "'b'"},
               {"__next__", "()", "StopIteration()"}, {"__next__", "()", "StopIteration()"});
}

static void an_iterator_keeps_its_dict(void **state)
{
    struct object *dict = probe_object("dict", "({'a': 1},)"), *it = iterate(dict);

    (void)state;
    registry_decref(probe_registry(), dict, NULL);
    PROBE_TALK(it, {"__next__", "()", "'a'"}, {"__next__", "()", "StopIteration()"});
}

static void a_change_of_size_is_an_error_for_good(void **state)
{
    struct object *dict = probe_object("dict", "({'a': 1, 'b': 2},)"), *it = iterate(dict);
    static const char changed[] = "RuntimeError('dictionary changed size during iteration')";

    (void)state;
    PROBE_TALK(it, {"__next__", "()", "'a'"});
    probe_ask(dict, "__setitem__", "('c', 3)");
    PROBE_TALK(it, {"__next__", "()", changed});
    probe_ask(dict, "__delitem__", "('c',)");
    PROBE_TALK(it, {"__next__", "()", changed});
}

static void other_keys_in_the_same_number_are_noticed(void **state)
{
    struct object *dict = probe_object("dict", "({'a': 1},)"), *it = iterate(dict);

    (void)state;
    PROBE_TALK(it, {"__next__", "()", "'a'"});
    probe_ask(dict, "__delitem__", "('a',)");
    probe_ask(dict, "__setitem__", "('b', 3)");
    PROBE_TALK(it, {"__next__", "()", "RuntimeError('dictionary keys changed during iteration')"},
               {"__next__", "()", "StopIteration()"});
}

static void generators_methods_are_exposed_but_not_there(void **state)
{
    struct object *it = iterate(probe_object("dict", "()"));

    (void)state;
    PROBE_TALK(it, {"send", "(1,)", "RemoteError: KeyError: 'send'"},
               {"close", "()", "RemoteError: KeyError: 'close'"});
}

static void an_iterator_by_value_is_shared(void **state)
{
    struct object *it = probe_object("Iterator", "(iter([1, 2, 3]),)");

    (void)state;
    PROBE_TALK(it, {"__next__", "()", "1"}, {"__next__", "()", "2"}, {"__next__", "()", "3"},
               {"__next__", "()", "StopIteration()"});
}

static void a_plain_object_is_shared_without_methods(void **state)
{
    struct object *it = probe_object("Iterator", "([1, 2],)");

    (void)state;
    PROBE_TALK(it, {"__next__", "()", "RemoteError: KeyError: '__next__'"},
               {"__repr__", "()", "'[1, 2]'"}, {"#GETVALUE", "()", "[1, 2]"});
    assert_string_equal(
        probe_create_error("Iterator", "()", "{}"),
        "RemoteError: ValueError: Without callable, must have one non-keyword argument");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define PROBED(test) cmocka_unit_test_setup_teardown(test, probe_setup, probe_teardown)
        PROBED(a_dict_gives_a_proxy_of_its_key_iterator),
        PROBED(an_iterator_keeps_its_dict),
        PROBED(a_change_of_size_is_an_error_for_good),
        PROBED(other_keys_in_the_same_number_are_noticed),
        PROBED(generators_methods_are_exposed_but_not_there),
        PROBED(an_iterator_by_value_is_shared),
        PROBED(a_plain_object_is_shared_without_methods),
    };

    return run_group(tests, NULL, NULL);
}
