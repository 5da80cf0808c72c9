/* SPDX-License-Identifier: MIT */
/* Barrier. */
#include "support/expect.h"

static const char broken[] = "BrokenBarrierError()";

static const char *attribute(struct object *barrier, const char *name)
{
    char args[64];

    snprintf(args, sizeof(args), "('%s',)", name);
    return probe_ask(barrier, "__getattribute__", args);
}

static void the_last_to_come_opens_it(void **state)
{
    struct object *barrier = probe_object("Barrier", "(3,)");
    struct call *first = probe_call(barrier, "wait", "()");
    struct call *second = probe_call(barrier, "wait", "(None,)");

    (void)state;
    assert_null(probe_reply(first));
    assert_string_equal(probe_ask(barrier, "wait", "()"), "2");
    assert_string_equal(probe_reply(first), "0");
    assert_string_equal(probe_reply(second), "1");
}

static void it_is_used_again_at_once(void **state)
{
    struct object *barrier = probe_object("Barrier", "(2,)");
    struct call *call;

    (void)state;
    probe_call(barrier, "wait", "()");
    probe_ask(barrier, "wait", "()");
    call = probe_call(barrier, "wait", "()");
    assert_null(probe_reply(call));
    assert_string_equal(probe_ask(barrier, "wait", "()"), "1");
    assert_string_equal(probe_reply(call), "0");
}

static void one_who_gives_up_breaks_it_for_all(void **state)
{
    struct object *barrier = probe_object("Barrier", "(3,)");
    struct call *patient = probe_call(barrier, "wait", "()");
    struct call *hasty = probe_call(barrier, "wait", "(5.0,)");

    (void)state;
    probe_advance(5 * SEC);
    assert_string_equal(probe_reply(hasty), broken);
    assert_string_equal(probe_reply(patient), broken);
    assert_string_equal(probe_ask(barrier, "wait", "()"), broken);
    assert_string_equal(attribute(barrier, "broken"), "True");
}

static void its_own_timeout_holds_for_those_who_name_none(void **state)
{
    struct object *barrier = probe_object("Barrier", "(2, None, 5.0)");
    struct call *call = probe_call(barrier, "wait", "(None,)");

    (void)state;
    probe_advance(4999 * MSEC);
    assert_null(probe_reply(call));
    probe_advance(1 * MSEC);
    assert_string_equal(probe_reply(call), broken);
}

static void one_who_vanishes_breaks_it(void **state)
{
    struct object *barrier = probe_object("Barrier", "(3,)");
    struct call *call = probe_call(barrier, "wait", "()");

    (void)state;
    probe_call_as(7, barrier, "wait", "()");
    probe_disconnect(7);
    assert_string_equal(probe_reply(call), broken);
}

static void abort_breaks_it_until_reset(void **state)
{
    struct object *barrier = probe_object("Barrier", "(2,)");
    struct call *call = probe_call(barrier, "wait", "()");

    (void)state;
    assert_string_equal(probe_ask(barrier, "abort", "()"), "None");
    assert_string_equal(probe_reply(call), broken);
    assert_string_equal(probe_ask(barrier, "wait", "()"), broken);
    assert_string_equal(probe_ask(barrier, "reset", "()"), "None");
    assert_null(probe_ask(barrier, "wait", "()"));
}

static void reset_sends_those_who_wait_away(void **state)
{
    struct object *barrier = probe_object("Barrier", "(2,)");
    struct call *call = probe_call(barrier, "wait", "()");

    (void)state;
    assert_string_equal(probe_ask(barrier, "reset", "()"), "None");
    assert_string_equal(probe_reply(call), broken);
    assert_string_equal(attribute(barrier, "broken"), "False");
    assert_string_equal(attribute(barrier, "n_waiting"), "0");
}

static void attributes_tell_its_state(void **state)
{
    struct object *barrier = probe_object("Barrier", "(3, None, 2.5)");

    (void)state;
    probe_call(barrier, "wait", "()");
    assert_string_equal(attribute(barrier, "parties"), "3");
    assert_string_equal(attribute(barrier, "_parties"), "3");
    assert_string_equal(attribute(barrier, "n_waiting"), "1");
    assert_string_equal(attribute(barrier, "_count"), "1");
    assert_string_equal(attribute(barrier, "_state"), "0");
    assert_string_equal(attribute(barrier, "_timeout"), "2.5");
    assert_string_equal(attribute(barrier, "_action"), "None");
    probe_ask(barrier, "abort", "()");
    assert_string_equal(attribute(barrier, "_state"), "-2");
}

static void answers_are_pythons(void **state)
{
    static const char unpicklable[] =
        "Unserializable: TypeError: cannot pickle '_thread.lock' object";
    static const struct expected cases[] = {
        {13, "wait", "()", NULL},
        {13, "wait", "(nan,)", NULL},
        {13, "wait", "(True,)", NULL},
        {13, "wait", "(0,)", broken},
        {13, "wait", "(-1,)", broken},
        {13, "wait", "(-inf,)", broken},
        {13, "wait", "(inf,)", "OverflowError('timestamp out of range for C PyTime_t')"},
        {12, "wait", "(9223372037,)",
         "OverflowError('timestamp too large to convert to C _PyTime_t')"},
        {13, "wait", "('x',)",
         "TypeError(\"unsupported operand type(s) for +: 'float' and 'str'\")"},
        {13, "wait", "(1, 2)",
         "TypeError('Barrier.wait() takes from 1 to 2 positional arguments but 3 were given')"},
        {9, "abort", "(1,)", "TypeError('abort() takes 1 positional argument but 2 were given')"},
        {13, "__getattribute__", "('nope',)",
         "AttributeError(\"'Barrier' object has no attribute 'nope'\")"},
        {13, "__getattribute__", "('',)",
         "AttributeError(\"'Barrier' object has no attribute ''\")"},
        {13, "__getattribute__", "('a\\x00b',)",
         "AttributeError(\"'Barrier' object has no attribute 'a\\x00b'\")"},
        {13, "__getattribute__", "(b'x',)",
         "TypeError(\"attribute name must be string, not 'bytes'\")"},
        {13, "__getattribute__", "()", "TypeError('expected 1 argument, got 0')"},
        {13, "__getattribute__", "('wait',)", unpicklable},
        {13, "__getattribute__", "('_cond',)", unpicklable},
        {13, "__getattribute__", "('__module__',)", "'threading'"},
        {13, "__getattribute__", "('__class__',)", "<class 'threading.Barrier'>"},
        {13, "#GETVALUE", "()", unpicklable},
        {13, NULL, "()",
         "RemoteError: TypeError: Barrier.__init__() missing 1 required positional argument: "
         "'parties'"},
        {13, NULL, "(0,)", "RemoteError: ValueError: parties must be >= 1"},
        {13, NULL, "(False,)", "RemoteError: ValueError: parties must be >= 1"},
        {13, NULL, "(0.5,)", "RemoteError: ValueError: parties must be >= 1"},
        {13, NULL, "('x',)",
         "RemoteError: TypeError: '<' not supported between instances of 'str' and 'int'"},
    };

    (void)state;
    EXPECT_EACH("Barrier", "(2,)", cases);
}

static void an_action_is_refused_in_words(void **state)
{
    (void)state;
    assert_non_null(strstr(probe_create_error("Barrier", "(2, 'x')", "{}"),
                           "RemoteError: NotImplementedError: a Barrier's action is a Python"));
}

static void before_3_13_odd_parties_never_open(void **state)
{
    static const char *const odd[] = {"(0,)", "(-1,)", "('x',)", "(1.5,)", "(None,)"};
    static const struct expected cases[] = {
        {12, "wait", "()", NULL},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(odd); i++) {
        probe_python = 12;
        EXPECT_EACH("Barrier", odd[i], cases);
    }
}

static void whole_parties_open_whatever_their_type(void **state)
{
    static const struct expected cases[] = {
        {13, "wait", "()", "0"},
        {13, "wait", "('x',)", "0"},
    };

    (void)state;
    EXPECT_EACH("Barrier", "(1,)", cases);
    EXPECT_EACH("Barrier", "(True,)", cases);
    EXPECT_EACH("Barrier", "(1.0,)", cases);
}

static void repr_tells_waiters_and_parties(void **state)
{
    struct object *barrier = probe_object("Barrier", "(2,)");
    char text[80];

    (void)state;
    probe_call(barrier, "wait", "()");
    snprintf(text, sizeof(text), "'<threading.Barrier at 0x%jx: waiters=1/2>'",
             (uintmax_t)barrier->ident);
    assert_string_equal(probe_ask(barrier, "__repr__", "()"), text);
    probe_ask(barrier, "abort", "()");
    snprintf(text, sizeof(text), "'<threading.Barrier at 0x%jx: broken>'",
             (uintmax_t)barrier->ident);
    assert_string_equal(probe_ask(barrier, "__repr__", "()"), text);
    probe_python = 10;
    snprintf(text, sizeof(text), "'<threading.Barrier object at 0x%jx>'",
             (uintmax_t)barrier->ident);
    assert_string_equal(probe_ask(barrier, "__repr__", "()"), text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        probe_test(the_last_to_come_opens_it),
        probe_test(it_is_used_again_at_once),
        probe_test(one_who_gives_up_breaks_it_for_all),
        probe_test(its_own_timeout_holds_for_those_who_name_none),
        probe_test(one_who_vanishes_breaks_it),
        probe_test(abort_breaks_it_until_reset),
        probe_test(reset_sends_those_who_wait_away),
        probe_test(attributes_tell_its_state),
        probe_test(answers_are_pythons),
        probe_test(an_action_is_refused_in_words),
        probe_test(before_3_13_odd_parties_never_open),
        probe_test(whole_parties_open_whatever_their_type),
        probe_test(repr_tells_waiters_and_parties),
    };

    return run_group(tests, NULL, NULL);
}
