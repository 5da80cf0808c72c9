/* SPDX-License-Identifier: MIT */
/* Semaphore, BoundedSemaphore. */
#include "support/expect.h"

static void acquire_takes_units_while_there_are(void **state)
{
    struct object *sem = probe_object("Semaphore", "(2,)");

    (void)state;
    assert_string_equal(probe_ask(sem, "acquire", "()"), "True");
    assert_string_equal(probe_ask(sem, "acquire", "()"), "True");
    assert_string_equal(probe_ask(sem, "acquire", "(False,)"), "False");
}

static void release_serves_the_oldest_waiter(void **state)
{
    struct object *sem = probe_object("Semaphore", "(0,)");
    struct call *first = probe_call(sem, "acquire", "()");
    struct call *second = probe_call(sem, "acquire", "()");

    (void)state;
    assert_string_equal(probe_ask(sem, "release", "()"), "None");
    assert_string_equal(probe_reply(first), "True");
    assert_null(probe_reply(second));
}

static void release_of_many_serves_many(void **state)
{
    struct object *sem = probe_object("Semaphore", "(0,)");
    struct call *first = probe_call(sem, "acquire", "()");
    struct call *second = probe_call(sem, "acquire", "()");

    (void)state;
    probe_ask(sem, "release", "(3,)");
    assert_string_equal(probe_reply(first), "True");
    assert_string_equal(probe_reply(second), "True");
    assert_string_equal(probe_ask(sem, "acquire", "(False,)"), "True");
    assert_string_equal(probe_ask(sem, "acquire", "(False,)"), "False");
}

static void acquire_gives_up_at_its_deadline(void **state)
{
    struct call *call = probe_call(probe_object("Semaphore", "(0,)"), "acquire", "(True, 5.0)");

    (void)state;
    probe_advance(4999 * MSEC);
    assert_null(probe_reply(call));
    probe_advance(1 * MSEC);
    assert_string_equal(probe_reply(call), "False");
}

static void a_vanished_waiter_takes_no_unit(void **state)
{
    struct object *sem = probe_object("Semaphore", "(0,)");

    (void)state;
    probe_call_as(7, sem, "acquire", "()");
    probe_disconnect(7);
    probe_ask(sem, "release", "()");
    assert_string_equal(probe_ask(sem, "acquire", "(False,)"), "True");
}

static void an_undelivered_unit_goes_back(void **state)
{
    struct object *sem = probe_object("BoundedSemaphore", "(1,)");
    struct call *lost = probe_call(sem, "acquire", "()");
    struct call *waiter = probe_call(sem, "acquire", "()");

    (void)state;
    probe_undelivered(lost);
    assert_string_equal(probe_reply(waiter), "True");
}

static void an_undelivered_unit_never_passes_the_bound(void **state)
{
    struct object *sem = probe_object("BoundedSemaphore", "(1,)");
    struct call *lost = probe_call(sem, "acquire", "()");

    (void)state;
    probe_ask(sem, "release", "()");
    probe_undelivered(lost);
    assert_string_equal(probe_ask(sem, "acquire", "(False,)"), "True");
    assert_string_equal(probe_ask(sem, "acquire", "(False,)"), "False");
}

static void acquires_answers_are_pythons(void **state)
{
    static const char both[] = "ValueError(\"can't specify timeout for non-blocking acquire\")";
    static const struct expected cases[] = {
        {13, "acquire", "()", NULL},
        {13, "acquire", "(True, None)", NULL},
        {13, "acquire", "('x',)", NULL},
        {13, "acquire", "(True, nan)", NULL},
        {13, "acquire", "(True, 9223372036.5)", NULL},
        {13, "acquire", "([],)", "False"},
        {13, "acquire", "(None, None)", "False"},
        {13, "acquire", "(True, 0)", "False"},
        {13, "acquire", "(True, -1)", "False"},
        {13, "acquire", "(True, -inf)", "False"},
        {13, "acquire", "(True, False)", "False"},
        {13, "acquire", "(False, 5)", both},
        {13, "acquire", "(0, 0)", both},
        {13, "acquire", "(False, 'x')", both},
        {13, "acquire", "()", both, "{'blocking': False, 'timeout': 0}"},
        {13, "acquire", "(True, 'x')",
         "TypeError(\"unsupported operand type(s) for +: 'float' and 'str'\")"},
        {13, "acquire", "(True, inf)", "OverflowError('timestamp out of range for C PyTime_t')"},
        {10, "acquire", "(True, 1e10)",
         "OverflowError('timestamp too large to convert to C _PyTime_t')"},
        {13, "acquire", "(True, 9223372037)",
         "OverflowError('timestamp out of range for C PyTime_t')"},
        {13, "acquire", "(1, 2, 3)",
         "TypeError('Semaphore.acquire() takes from 1 to 3 positional arguments but 4 were "
         "given')"},
        {9, "acquire", "(1,)",
         "TypeError(\"acquire() got multiple values for argument 'blocking'\")", "{'blocking': 2}"},
        {13, "acquire", "()",
         "TypeError(\"Semaphore.acquire() got an unexpected keyword argument 'x'\")", "{'x': 1}"},
        {14, "locked", "()", "RemoteError: KeyError: 'locked'"},
        {13, "locked", "()", "RemoteError: KeyError: 'locked'"},
        {13, "#GETVALUE", "()", "Unserializable: TypeError: cannot pickle '_thread.lock' object"},
    };

    (void)state;
    EXPECT_EACH("Semaphore", "(0,)", cases);
    EXPECT_EACH("BoundedSemaphore", "(0,)", cases);
}

static void a_timeout_is_not_looked_at_while_there_are_units(void **state)
{
    static const struct expected cases[] = {
        {13, "acquire", "(True, 'x')", "True"},
        {13, "acquire", "(True, 1e10)", "True"},
        {13, "acquire", "(False, 5)",
         "ValueError(\"can't specify timeout for non-blocking acquire\")"},
    };

    (void)state;
    EXPECT_EACH("Semaphore", "()", cases);
}

static void releases_answers_are_pythons(void **state)
{
    static const struct expected cases[] = {
        {13, "release", "(2,)", "None"},
        {13, "release", "(True,)", "None"},
        {13, "release", "()", "None", "{'n': 2}"},
        {13, "release", "(9223372036854775808,)", "None"},
        {13, "release", "(0,)", "ValueError('n must be one or more')"},
        {13, "release", "(-1,)", "ValueError('n must be one or more')"},
        {13, "release", "(0.5,)", "ValueError('n must be one or more')"},
        {13, "release", "('x',)",
         "TypeError(\"'<' not supported between instances of 'str' and 'int'\")"},
        {12, "release", "(1.5,)", "None"},
        {11, "release", "(1.0,)",
         "TypeError(\"'float' object cannot be interpreted as an integer\")"},
        {13, "release", "(1, 2)",
         "TypeError('Semaphore.release() takes from 1 to 2 positional arguments but 3 were "
         "given')"},
        {8, "release", "(1,)",
         "TypeError('release() takes 1 positional argument but 2 were given')"},
        {8, "release", "()", "TypeError(\"release() got an unexpected keyword argument 'n'\")",
         "{'n': 1}"},
    };
    static const struct expected bounded[] = {
        {13, "release", "()", "ValueError('Semaphore released too many times')"},
        {13, "release", "(-1,)", "ValueError('n must be one or more')"},
        {13, "release", "()",
         "TypeError(\"BoundedSemaphore.release() got an unexpected keyword argument 'x'\")",
         "{'x': 1}"},
    };

    (void)state;
    EXPECT_EACH("Semaphore", "()", cases);
    EXPECT_EACH("BoundedSemaphore", "()", bounded);
}

static void what_cannot_be_counted_is_refused(void **state)
{
    static const struct expected cases[] = {
        {13, NULL, "(-1,)", "RemoteError: ValueError: semaphore initial value must be >= 0"},
        {13, NULL, "(-0.5,)", "RemoteError: ValueError: semaphore initial value must be >= 0"},
        {13, NULL, "('x',)",
         "RemoteError: TypeError: '<' not supported between instances of 'str' and 'int'"},
        {13, NULL, "(None,)",
         "RemoteError: TypeError: '<' not supported between instances of 'NoneType' and 'int'"},
        {13, NULL, "(1, 2)",
         "RemoteError: TypeError: Semaphore.__init__() takes from 1 to 2 positional arguments but "
         "3 were given"},
        {9, NULL, "()", "RemoteError: TypeError: __init__() got an unexpected keyword argument 'x'",
         "{'x': 1}"},
    };

    (void)state;
    EXPECT_EACH("Semaphore", "()", cases);
}

static void a_count_that_is_never_0_never_makes_wait(void **state)
{
    static const char *const counts[] = {"(1.5,)", "(nan,)", "(100000000000000000000000000000,)"};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
        struct object *sem = probe_object("Semaphore", counts[i]);

        for (int n = 0; n < 3; n++)
            assert_string_equal(probe_ask(sem, "acquire", "()"), "True");
    }
}

static void repr_tells_units_and_bound(void **state)
{
    struct object *plain = probe_object("Semaphore", "(2,)");
    struct object *bounded = probe_object("BoundedSemaphore", "(2,)");
    char text[80];

    (void)state;
    probe_ask(bounded, "acquire", "()");
    snprintf(text, sizeof(text), "'<threading.Semaphore at 0x%jx: value=2>'",
             (uintmax_t)plain->ident);
    assert_string_equal(probe_ask(plain, "__repr__", "()"), text);
    snprintf(text, sizeof(text), "'<threading.BoundedSemaphore at 0x%jx: value=1/2>'",
             (uintmax_t)bounded->ident);
    assert_string_equal(probe_ask(bounded, "__repr__", "()"), text);
    probe_ask(plain, "release", "(1.0,)");
    snprintf(text, sizeof(text), "'<threading.Semaphore at 0x%jx: value=3.0>'",
             (uintmax_t)plain->ident);
    assert_string_equal(probe_ask(plain, "__repr__", "()"), text);
    probe_python = 10;
    snprintf(text, sizeof(text), "'<threading.Semaphore object at 0x%jx>'",
             (uintmax_t)plain->ident);
    assert_string_equal(probe_ask(plain, "__repr__", "()"), text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        probe_test(acquire_takes_units_while_there_are),
        probe_test(release_serves_the_oldest_waiter),
        probe_test(release_of_many_serves_many),
        probe_test(acquire_gives_up_at_its_deadline),
        probe_test(a_vanished_waiter_takes_no_unit),
        probe_test(an_undelivered_unit_goes_back),
        probe_test(an_undelivered_unit_never_passes_the_bound),
        probe_test(acquires_answers_are_pythons),
        probe_test(a_timeout_is_not_looked_at_while_there_are_units),
        probe_test(releases_answers_are_pythons),
        probe_test(what_cannot_be_counted_is_refused),
        probe_test(a_count_that_is_never_0_never_makes_wait),
        probe_test(repr_tells_units_and_bound),
    };

    return run_group(tests, NULL, NULL);
}
