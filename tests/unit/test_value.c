/* SPDX-License-Identifier: MIT */
/* Value: one value, and a typecode without meaning. */
#include "support/check.h"

#include "support/probe.h"

static void any_object_is_stored_whatever_the_typecode(void **state)
{
    struct object *value = probe_object("Value", "('i', 7)");

    (void)state;
    PROBE_TALK(value, {"get", "()", "7"}, {"__repr__", "()", "\"Value('i', 7)\""},
               {"set", "('a text of more than fifteen bytes',)", "None"},
               {"get", "()", "'a text of more than fifteen bytes'"}, {"set", "(None,)", "None"},
               {"__repr__", "()", "\"Value('i', None)\""});
    PROBE_TALK(probe_object("Value", "('no such code', 1, False)"), {"get", "()", "1"});
}

static void wrong_arguments_are_named_by_version(void **state)
{
    struct object *value = probe_object("Value", "('i', 7)");

    (void)state;
    PROBE_TALK(value,
               {"set", "()",
                "TypeError(\"Value.set() missing 1 required positional argument: 'value'\")"});
    assert_string_equal(probe_create_error("Value", "('i',)", "{}"),
                        "RemoteError: TypeError: Value.__init__() missing 1 required positional "
                        "argument: 'value'");
    probe_python = 9;
    PROBE_TALK(value,
               {"get", "(1,)", "TypeError('get() takes 1 positional argument but 2 were given')"});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define PROBED(test) cmocka_unit_test_setup_teardown(test, probe_setup, probe_teardown)
        PROBED(any_object_is_stored_whatever_the_typecode),
        PROBED(wrong_arguments_are_named_by_version),
    };

    return run_group(tests, NULL, NULL);
}
