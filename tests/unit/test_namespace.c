/* SPDX-License-Identifier: MIT */
/* Namespace: attributes by name. */
#include "support/check.h"

#include "support/probe.h"

static struct object *namespace(void)
{
    struct object *ns = probe_object("Namespace", "()");

    PROBE_TALK(ns, {"__setattr__", "('x', 1)", "None"}, {"__setattr__", "('y', 'two')", "None"});
    return ns;
}

static void attributes_are_set_read_and_deleted(void **state)
{
    struct object *ns = namespace();

    (void)state;
    PROBE_TALK(
        ns, {"__getattribute__", "('x',)", "1"}, {"__setattr__", "('x', [3])", "None"},
        {"__getattribute__", "('x',)", "[3]"}, {"__delattr__", "('x',)", "None"},
        {"__getattribute__", "('x',)",
         "AttributeError(\"'Namespace' object has no attribute 'x'\")"},
        {"__getattribute__", "('a\\x00b',)",
         "AttributeError(\"'Namespace' object has no attribute 'a\\x00b'\")"},
        {"__getattribute__", "(1,)", "TypeError(\"attribute name must be string, not 'int'\")"},
        {"__getattribute__", "('__dict__',)", "{'y': 'two'}"},
        {"__getattribute__", "('__module__',)", "'multiprocessing.managers'"},
        {"__delattr__", "('x',)", "AttributeError(\"'Namespace' object has no attribute 'x'\")"});
    probe_python = 10;
    PROBE_TALK(ns, {"__delattr__", "('x',)", "AttributeError('x')"},
               {"__delattr__", "('a\\x00b',)", "AttributeError('a\\x00b')"});
}

static void repr_is_sorted_and_hides_private_names(void **state)
{
    struct object *ns = namespace();

    (void)state;
    PROBE_TALK(ns, {"__setattr__", "('_hidden', 1)", "None"}, {"__setattr__", "('a1', 1)", "None"},
               {"__setattr__", "('a', 2)", "None"},
               {"__repr__", "()", "\"Namespace(a1=1, a=2, x=1, y='two')\""},
               {"__getattribute__", "('_hidden',)", "1"});
}

static void the_dict_can_be_replaced(void **state)
{
    struct object *ns = namespace();

    (void)state;
    PROBE_TALK(ns, {"__setattr__", "('__dict__', {'q': 1})", "None"},
               {"__repr__", "()", "'Namespace(q=1)'"},
               {"__setattr__", "('__dict__', 5)",
                "TypeError(\"__dict__ must be set to a dictionary, not a 'int'\")"},
               {"__delattr__", "('__dict__',)", "None"}, {"__repr__", "()", "'Namespace()'"});
}

static void only_keywords_make_one(void **state)
{
    (void)state;
    assert_string_equal(probe_create_error("Namespace", "(1, 2)", "{}"),
                        "RemoteError: TypeError: Namespace.__init__() takes 1 positional argument "
                        "but 3 were given");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define PROBED(test) cmocka_unit_test_setup_teardown(test, probe_setup, probe_teardown)
        PROBED(attributes_are_set_read_and_deleted),
        PROBED(repr_is_sorted_and_hides_private_names),
        PROBED(the_dict_can_be_replaced),
        PROBED(only_keywords_make_one),
    };

    return run_group(tests, NULL, NULL);
}
