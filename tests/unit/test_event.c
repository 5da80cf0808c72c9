/* SPDX-License-Identifier: MIT */
/* Event. */
#include "support/expect.h"

static void set_answers_all_who_wait(void **state)
{
    struct object *event = probe_object("Event", "()");
    struct call *first = probe_call(event, "wait", "()");
    struct call *second = probe_call(event, "wait", "(100,)");

    (void)state;
    assert_string_equal(probe_ask(event, "set", "()"), "None");
    assert_string_equal(probe_reply(first), "True");
    assert_string_equal(probe_reply(second), "True");
    assert_string_equal(probe_ask(event, "is_set", "()"), "True");
}

static void wait_gives_up_at_its_deadline(void **state)
{
    struct call *call = probe_call(probe_object("Event", "()"), "wait", "(5.0,)");

    (void)state;
    probe_advance(4999 * MSEC);
    assert_null(probe_reply(call));
    probe_advance(1 * MSEC);
    assert_string_equal(probe_reply(call), "False");
}

static void clear_makes_calls_wait_again(void **state)
{
    struct object *event = probe_object("Event", "()");

    (void)state;
    probe_ask(event, "set", "()");
    assert_string_equal(probe_ask(event, "wait", "()"), "True");
    assert_string_equal(probe_ask(event, "clear", "()"), "None");
    assert_null(probe_ask(event, "wait", "()"));
}

static void answers_are_pythons(void **state)
{
    static const struct expected cases[] = {
        {13, "is_set", "()", "False"},
        {13, "wait", "(None,)", NULL},
        {13, "wait", "(True,)", NULL},
        {13, "wait", "(9223372036.5,)", NULL},
        {13, "wait", "(0,)", "False"},
        {13, "wait", "(-1,)", "False"},
        {13, "wait", "(nan,)", "False"},
        {13, "wait", "(-1000000000000000000000000,)", "False"},
        {13, "wait", "(inf,)", "OverflowError('timestamp out of range for C PyTime_t')"},
        {10, "wait", "(inf,)", "OverflowError('timestamp too large to convert to C _PyTime_t')"},
        {13, "wait", "(1000000000000000000000000,)",
         "OverflowError('timestamp out of range for C PyTime_t')"},
        {13, "wait", "('x',)",
         "TypeError(\"'>' not supported between instances of 'str' and 'int'\")"},
        {14, "wait", "('x',)",
         "TypeError(\"'<=' not supported between instances of 'str' and 'int'\")"},
        {14, "wait", "(nan,)", "ValueError('Invalid value NaN (not a number)')"},
        {14, "wait", "(-1,)", "False"},
        {13, "wait", "(1, 2)",
         "TypeError('Event.wait() takes from 1 to 2 positional arguments but 3 were given')"},
        {13, "wait", "(0,)",
         "TypeError(\"Event.wait() got multiple values for argument 'timeout'\")",
         "{'timeout': 1}"},
        {9, "set", "(1,)", "TypeError('set() takes 1 positional argument but 2 were given')"},
        {13, "isSet", "()", "RemoteError: KeyError: 'isSet'"},
        {13, "#GETVALUE", "()", "Unserializable: TypeError: cannot pickle '_thread.lock' object"},
        {14, "#GETVALUE", "()", "Unserializable: when serializing tuple item 1"},
        {13, NULL, "(1,)",
         "RemoteError: TypeError: Event.__init__() takes 1 positional argument but 2 were given"},
    };

    (void)state;
    EXPECT_EACH("Event", "()", cases);
}

static void a_timeout_is_not_looked_at_when_set(void **state)
{
    struct object *event = probe_object("Event", "()");

    (void)state;
    probe_ask(event, "set", "()");
    assert_string_equal(probe_ask(event, "wait", "('x',)"), "True");
}

static void repr_tells_its_state(void **state)
{
    struct object *event = probe_object("Event", "()");
    char text[80];

    (void)state;
    snprintf(text, sizeof(text), "'<threading.Event at 0x%jx: unset>'", (uintmax_t)event->ident);
    assert_string_equal(probe_ask(event, "__repr__", "()"), text);
    probe_python = 10;
    snprintf(text, sizeof(text), "'<threading.Event object at 0x%jx>'", (uintmax_t)event->ident);
    assert_string_equal(probe_ask(event, "__repr__", "()"), text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        probe_test(set_answers_all_who_wait),
        probe_test(wait_gives_up_at_its_deadline),
        probe_test(clear_makes_calls_wait_again),
        probe_test(answers_are_pythons),
        probe_test(a_timeout_is_not_looked_at_when_set),
        probe_test(repr_tells_its_state),
    };

    return run_group(tests, NULL, NULL);
}
