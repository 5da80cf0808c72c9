/* SPDX-License-Identifier: MIT */
/* Lock. */
#include "support/expect.h"

static void acquire_takes_a_free_lock(void **state)
{
    struct object *lock = probe_object("Lock", "()");

    (void)state;
    assert_string_equal(probe_ask(lock, "acquire", "()"), "True");
    assert_string_equal(probe_ask(lock, "acquire", "(False,)"), "False");
}

static void release_serves_the_oldest_waiter(void **state)
{
    struct object *lock = probe_object("Lock", "()");
    struct call *first, *second;

    (void)state;
    probe_ask(lock, "acquire", "()");
    first = probe_call(lock, "acquire", "()");
    second = probe_call(lock, "acquire", "(True, 100)");
    assert_string_equal(probe_ask(lock, "release", "()"), "None");
    assert_string_equal(probe_reply(first), "True");
    assert_null(probe_reply(second));
}

static void a_newcomer_does_not_overtake(void **state)
{
    struct object *lock = probe_object("Lock", "()");
    struct call *waiter;

    (void)state;
    probe_ask(lock, "acquire", "()");
    waiter = probe_call(lock, "acquire", "()");
    probe_ask(lock, "release", "()");
    assert_string_equal(probe_ask(lock, "acquire", "(False,)"), "False");
    assert_string_equal(probe_reply(waiter), "True");
}

static void acquire_gives_up_at_its_deadline(void **state)
{
    struct object *lock = probe_object("Lock", "()");
    struct call *call;

    (void)state;
    probe_ask(lock, "acquire", "()");
    call = probe_call(lock, "acquire", "(True, 5.0)");
    probe_advance(4999 * MSEC);
    assert_null(probe_reply(call));
    probe_advance(1 * MSEC);
    assert_string_equal(probe_reply(call), "False");
}

static void a_vanished_waiter_takes_nothing(void **state)
{
    struct object *lock = probe_object("Lock", "()");
    struct call *waiter;

    (void)state;
    probe_ask(lock, "acquire", "()");
    probe_call_as(7, lock, "acquire", "()");
    waiter = probe_call(lock, "acquire", "()");
    probe_disconnect(7);
    probe_ask(lock, "release", "()");
    assert_string_equal(probe_reply(waiter), "True");
}

static void an_undelivered_lock_goes_to_the_next_waiter(void **state)
{
    struct object *lock = probe_object("Lock", "()");
    struct call *lost = probe_call(lock, "acquire", "()");
    struct call *waiter = probe_call(lock, "acquire", "()");

    (void)state;
    probe_undelivered(lost);
    assert_string_equal(probe_reply(waiter), "True");
}

static void an_undelivered_lock_released_since_is_left_alone(void **state)
{
    struct object *lock = probe_object("Lock", "()");
    struct call *lost = probe_call(lock, "acquire", "()");

    (void)state;
    probe_ask(lock, "release", "()");
    probe_ask(lock, "acquire", "()");
    probe_undelivered(lost);
    assert_string_equal(probe_ask(lock, "acquire", "(False,)"), "False");
}

static void anyone_may_release(void **state)
{
    struct object *lock = probe_object("Lock", "()");

    (void)state;
    probe_call_as(1, lock, "acquire", "()");
    assert_string_equal(probe_reply(probe_call_as(2, lock, "release", "()")), "None");
}

static void a_lock_outlives_its_holder(void **state)
{
    struct object *lock = probe_object("Lock", "()");

    (void)state;
    probe_call_as(1, lock, "acquire", "()");
    probe_disconnect(1);
    assert_string_equal(probe_ask(lock, "acquire", "(False,)"), "False");
}

static void ten_thousand_waiters_are_served_in_order(void **state)
{
    struct object *lock = probe_object("Lock", "()");
    static struct call *waiters[10000];

    (void)state;
    probe_ask(lock, "acquire", "()");
    for (size_t i = 0; i < ARRAY_SIZE(waiters); i++)
        waiters[i] = probe_call(lock, "acquire", i % 2 ? "()" : "(True, 1000)");
    for (size_t i = 0; i < ARRAY_SIZE(waiters); i++) {
        assert_null(probe_reply(waiters[i]));
        probe_ask(lock, "release", "()");
        assert_string_equal(probe_reply(waiters[i]), "True");
    }
}

static void answers_are_pythons(void **state)
{
    static const char not_positive[] = "ValueError('timeout value must be positive')";
    static const char negative[] = "ValueError('timeout value must be a non-negative number')";
    static const char both[] = "ValueError(\"can't specify a timeout for a non-blocking call\")";
    static const char range[] = "OverflowError('timestamp out of range for C PyTime_t')";
    static const char large[] = "OverflowError('timestamp too large to convert to C _PyTime_t')";
    static const struct expected cases[] = {
        {13, "release", "()", "RuntimeError('release unlocked lock')"},
        {13, "acquire", "(True, -1)", "True"},
        {13, "acquire", "(True, -1.0)", "True"},
        {13, "acquire", "(False, -1)", "True"},
        {13, "acquire", "()", "True", "{'blocking': 0, 'timeout': -1}"},
        {13, "acquire", "()", "True", "{'timeout': 0}"},
        {13, "acquire", "(True, True)", "True"},
        {13, "acquire", "(False, 5)", both},
        {13, "acquire", "(False, 0)", both},
        {13, "acquire", "(False, -2)", both},
        {13, "acquire", "(False, -1e-10)", both},
        {12, "acquire", "(True, -2)", not_positive},
        {13, "acquire", "(True, -2)", negative},
        {13, "acquire", "(True, -0.5)", negative},
        {13, "acquire", "(True, -1e-10)", negative},
        {13, "acquire", "(True, nan)", "ValueError('Invalid value NaN (not a number)')"},
        {13, "acquire", "(True, inf)", range},
        {13, "acquire", "(True, 1e10)", range},
        {13, "acquire", "(True, -1e300)", range},
        {10, "acquire", "(True, 1e10)", large},
        {12, "acquire", "(True, 9223372037)", large},
        {13, "acquire", "(True, 9223372037)",
         "OverflowError('timestamp out of range for C PyTime_t')"},
        {12, "acquire", "(True, 1000000000000000000000000)", large},
        {12, "acquire", "(True, -1000000000000000000000000)", large},
        {13, "acquire", "(True, 9223372036.5)", "True"},
        {9, "acquire", "(True, 'x')", "TypeError('an integer is required (got type str)')"},
        {10, "acquire", "(True, 'x')",
         "TypeError(\"'str' object cannot be interpreted as an integer\")"},
        {13, "acquire", "(True, None)",
         "TypeError(\"'NoneType' object cannot be interpreted as an integer\")"},
        {14, "acquire", "(True, 'x')",
         "TypeError(\"'str' object cannot be interpreted as an integer or float\")"},
        {15, "acquire", "(True, 'x')", "TypeError('must be real number, not str')"},
        {13, "acquire", "('x',)", "True"},
        {13, "acquire", "([], 0)", both},
        {11, "acquire", "('x',)",
         "TypeError(\"'str' object cannot be interpreted as an integer\")"},
        {9, "acquire", "(1.5,)", "TypeError('integer argument expected, got float')"},
        {10, "acquire", "(1.5,)",
         "TypeError(\"'float' object cannot be interpreted as an integer\")"},
        {11, "acquire", "(1099511627776,)",
         "OverflowError('signed integer is greater than maximum')"},
        {11, "acquire", "(-1099511627776,)",
         "OverflowError('signed integer is less than minimum')"},
        {11, "acquire", "(100000000000000000000,)",
         "OverflowError('Python int too large to convert to C long')"},
        {12, "acquire", "(100000000000000000000,)", "True"},
        {13, "acquire", "(1, 2, 3)", "TypeError('acquire() takes at most 2 arguments (3 given)')"},
        {13, "acquire", "(1,)",
         "TypeError(\"argument for acquire() given by name ('blocking') and position (1)\")",
         "{'blocking': 2}"},
        {12, "acquire", "()", "TypeError(\"'foo' is an invalid keyword argument for acquire()\")",
         "{'foo': 1}"},
        {13, "acquire", "()", "TypeError(\"acquire() got an unexpected keyword argument 'foo'\")",
         "{'foo': 1}"},
        {8, "release", "(1,)", "TypeError('release() takes no arguments (1 given)')"},
        {9, "release", "(1, 2)", "TypeError('lock.release() takes no arguments (2 given)')"},
        {9, "release", "()", "TypeError('lock.release() takes no keyword arguments')", "{'x': 1}"},
        {14, "locked", "()", "False"},
        {13, "locked", "()", "RemoteError: KeyError: 'locked'"},
        {13, "#GETVALUE", "()", "Unserializable: TypeError: cannot pickle '_thread.lock' object"},
        {8, NULL, "(1,)", "RemoteError: TypeError: allocate_lock() takes no arguments (1 given)"},
        {12, NULL, "(1,)",
         "RemoteError: TypeError: _thread.allocate_lock() takes no arguments (1 given)"},
        {13, NULL, "(1,)", "RemoteError: TypeError: lock expected 0 arguments, got 1"},
        {15, NULL, "(1,)", "RemoteError: TypeError: lock() takes no positional arguments"},
        {13, NULL, "()", "RemoteError: TypeError: lock() takes no keyword arguments", "{'x': 1}"},
    };

    (void)state;
    EXPECT_EACH("Lock", "()", cases);
}

static void repr_tells_whether_it_is_held(void **state)
{
    struct object *lock = probe_object("Lock", "()");
    char text[80];

    (void)state;
    snprintf(text, sizeof(text), "'<unlocked _thread.lock object at 0x%jx>'",
             (uintmax_t)lock->ident);
    assert_string_equal(probe_ask(lock, "__repr__", "()"), text);
    probe_ask(lock, "acquire", "()");
    assert_memory_equal(probe_ask(lock, "__str__", "()"), "'<locked", 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        probe_test(acquire_takes_a_free_lock),
        probe_test(release_serves_the_oldest_waiter),
        probe_test(a_newcomer_does_not_overtake),
        probe_test(acquire_gives_up_at_its_deadline),
        probe_test(a_vanished_waiter_takes_nothing),
        probe_test(an_undelivered_lock_goes_to_the_next_waiter),
        probe_test(an_undelivered_lock_released_since_is_left_alone),
        probe_test(anyone_may_release),
        probe_test(a_lock_outlives_its_holder),
        probe_test(ten_thousand_waiters_are_served_in_order),
        probe_test(answers_are_pythons),
        probe_test(repr_tells_whether_it_is_held),
    };

    return run_group(tests, NULL, NULL);
}
