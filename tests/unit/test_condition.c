/* SPDX-License-Identifier: MIT */
/* Condition, over an RLock of its own and over other locks. */
#include "support/expect.h"

enum { ANN = 1, BOB, CID, DAN };

/* A Condition over a lock that others can reach too. */
static struct object *condition_over(struct object *lock)
{
    char args[64];

    snprintf(args, sizeof(args), "(%s,)", probe_literal(lock));
    return probe_object("Condition", args);
}

static const char *ask_as(uint64_t caller, struct object *object, const char *method,
                          const char *args)
{
    return probe_reply(probe_call_as(caller, object, method, args));
}

/* Acquire, then wait. */
static struct call *waits(uint64_t caller, struct object *cond, const char *args)
{
    assert_string_equal(ask_as(caller, cond, "acquire", "()"), "True");
    return probe_call_as(caller, cond, "wait", args);
}

static void wait_lets_go_of_the_lock(void **state)
{
    struct object *cond = probe_object("Condition", "()");

    (void)state;
    assert_null(probe_reply(waits(ANN, cond, "()")));
    assert_string_equal(ask_as(BOB, cond, "acquire", "(False,)"), "True");
}

static void a_notified_wait_returns_once_the_lock_is_free(void **state)
{
    struct object *cond = probe_object("Condition", "()");
    struct call *call = waits(ANN, cond, "()");

    (void)state;
    ask_as(BOB, cond, "acquire", "()");
    assert_string_equal(ask_as(BOB, cond, "notify", "()"), "None");
    assert_null(probe_reply(call));
    assert_string_equal(ask_as(BOB, cond, "release", "()"), "None");
    assert_string_equal(probe_reply(call), "True");
    assert_string_equal(ask_as(BOB, cond, "acquire", "(False,)"), "False");
}

static void wait_restores_every_level(void **state)
{
    struct object *cond = probe_object("Condition", "()");
    struct call *call;

    (void)state;
    ask_as(ANN, cond, "acquire", "()");
    call = waits(ANN, cond, "()");
    ask_as(BOB, cond, "acquire", "()");
    ask_as(BOB, cond, "notify", "()");
    ask_as(BOB, cond, "release", "()");
    assert_string_equal(probe_reply(call), "True");
    ask_as(ANN, cond, "release", "()");
    assert_string_equal(ask_as(BOB, cond, "acquire", "(False,)"), "False");
    ask_as(ANN, cond, "release", "()");
    assert_string_equal(ask_as(BOB, cond, "acquire", "(False,)"), "True");
}

static void notify_wakes_the_oldest(void **state)
{
    struct object *cond = probe_object("Condition", "()");
    struct call *first = waits(ANN, cond, "()");
    struct call *second = waits(BOB, cond, "()");

    (void)state;
    ask_as(CID, cond, "acquire", "()");
    ask_as(CID, cond, "notify", "()");
    ask_as(CID, cond, "release", "()");
    assert_string_equal(probe_reply(first), "True");
    ask_as(ANN, cond, "release", "()");
    assert_null(probe_reply(second));
}

static void notify_all_wakes_all_one_after_the_other(void **state)
{
    struct object *cond = probe_object("Condition", "()");
    struct call *first = waits(ANN, cond, "()");
    struct call *second = waits(BOB, cond, "()");

    (void)state;
    ask_as(CID, cond, "acquire", "()");
    ask_as(CID, cond, "notify_all", "()");
    ask_as(CID, cond, "release", "()");
    assert_string_equal(probe_reply(first), "True");
    assert_null(probe_reply(second));
    ask_as(ANN, cond, "release", "()");
    assert_string_equal(probe_reply(second), "True");
}

static void a_wait_whose_time_is_up_holds_the_lock_again(void **state)
{
    struct object *cond = probe_object("Condition", "()");
    struct call *call = waits(ANN, cond, "(5.0,)");

    (void)state;
    probe_advance(4999 * MSEC);
    assert_null(probe_reply(call));
    probe_advance(1 * MSEC);
    assert_string_equal(probe_reply(call), "False");
    assert_string_equal(ask_as(BOB, cond, "acquire", "(False,)"), "False");
}

static void a_wait_whose_time_is_up_waits_for_the_lock(void **state)
{
    struct object *cond = probe_object("Condition", "()");
    struct call *call = waits(ANN, cond, "(5.0,)");

    (void)state;
    ask_as(BOB, cond, "acquire", "()");
    probe_advance(10 * SEC);
    assert_null(probe_reply(call));
    ask_as(BOB, cond, "release", "()");
    assert_string_equal(probe_reply(call), "False");
}

static void a_vanished_waiter_takes_no_notification(void **state)
{
    struct object *cond = probe_object("Condition", "()");
    struct call *waiter;

    (void)state;
    waits(ANN, cond, "()");
    waiter = waits(BOB, cond, "()");
    probe_disconnect(ANN);
    ask_as(CID, cond, "acquire", "()");
    ask_as(CID, cond, "notify", "()");
    ask_as(CID, cond, "release", "()");
    assert_string_equal(probe_reply(waiter), "True");
}

static void a_waiter_that_vanishes_once_notified_passes_it_on(void **state)
{
    struct object *cond = probe_object("Condition", "()");
    struct call *waiter;

    (void)state;
    waits(ANN, cond, "()");
    waiter = waits(BOB, cond, "()");
    ask_as(CID, cond, "acquire", "()");
    ask_as(CID, cond, "notify", "()");
    probe_disconnect(ANN);
    ask_as(CID, cond, "release", "()");
    assert_string_equal(probe_reply(waiter), "True");
}

static void a_notification_that_was_not_delivered_is_passed_on(void **state)
{
    struct object *cond = probe_object("Condition", "()");
    struct call *lost = waits(ANN, cond, "()");
    struct call *waiter = waits(BOB, cond, "()");

    (void)state;
    ask_as(CID, cond, "acquire", "()");
    ask_as(CID, cond, "notify", "()");
    ask_as(CID, cond, "release", "()");
    assert_string_equal(probe_reply(lost), "True");
    probe_undelivered(lost);
    assert_string_equal(probe_reply(waiter), "True");
}

static void it_goes_to_the_next_when_its_owner_goes(void **state)
{
    struct object *cond = probe_object("Condition", "()");
    struct call *next;

    (void)state;
    ask_as(ANN, cond, "acquire", "()");
    next = probe_call_as(BOB, cond, "acquire", "()");
    probe_disconnect(ANN);
    assert_string_equal(probe_reply(next), "True");
}

static void it_shares_a_lock(void **state)
{
    struct object *lock = probe_object("Lock", "()");
    struct object *cond = condition_over(lock);
    struct call *call = waits(ANN, cond, "()");

    (void)state;
    assert_string_equal(ask_as(BOB, lock, "acquire", "()"), "True");
    assert_string_equal(ask_as(BOB, cond, "notify", "()"), "None");
    assert_null(probe_reply(call));
    assert_string_equal(ask_as(CID, lock, "release", "()"), "None");
    assert_string_equal(probe_reply(call), "True");
    assert_string_equal(ask_as(BOB, lock, "acquire", "(False,)"), "False");
}

static void it_shares_an_rlock_with_its_levels(void **state)
{
    struct object *rlock = probe_object("RLock", "()");
    struct object *cond = condition_over(rlock);
    struct call *call;

    (void)state;
    ask_as(ANN, rlock, "acquire", "()");
    call = waits(ANN, cond, "()");
    assert_string_equal(ask_as(BOB, rlock, "acquire", "()"), "True");
    ask_as(BOB, cond, "notify", "()");
    ask_as(BOB, rlock, "release", "()");
    assert_string_equal(probe_reply(call), "True");
    ask_as(ANN, rlock, "release", "()");
    assert_string_equal(ask_as(BOB, rlock, "acquire", "(False,)"), "False");
}

static void it_shares_a_semaphore(void **state)
{
    struct object *sem = probe_object("Semaphore", "(1,)");
    struct object *cond = condition_over(sem);
    struct call *call = waits(ANN, cond, "()");

    (void)state;
    assert_string_equal(ask_as(BOB, sem, "acquire", "(False,)"), "True");
    ask_as(BOB, cond, "notify", "()");
    assert_null(probe_reply(call));
    assert_string_equal(ask_as(BOB, cond, "release", "()"), "None");
    assert_string_equal(probe_reply(call), "True");
}

static void a_semaphore_with_units_is_not_held(void **state)
{
    struct object *cond = condition_over(probe_object("Semaphore", "(2,)"));

    (void)state;
    ask_as(ANN, cond, "acquire", "()");
    assert_string_equal(ask_as(ANN, cond, "notify", "()"),
                        "RuntimeError('cannot notify on un-acquired lock')");
}

static void two_conditions_share_one_lock(void **state)
{
    struct object *rlock = probe_object("RLock", "()");
    struct object *full = condition_over(rlock);
    struct object *empty = condition_over(full);
    struct call *call = waits(ANN, full, "()");

    (void)state;
    ask_as(BOB, empty, "acquire", "()");
    ask_as(BOB, empty, "notify", "()");
    assert_string_equal(ask_as(BOB, full, "notify", "()"), "None");
    ask_as(BOB, rlock, "release", "()");
    assert_string_equal(probe_reply(call), "True");
}

static void it_outlives_the_proxies_of_its_lock(void **state)
{
    struct object *lock = probe_object("Lock", "()");
    struct object *cond = condition_over(lock);

    (void)state;
    registry_decref(probe_registry(), lock, NULL);
    assert_string_equal(ask_as(ANN, cond, "acquire", "()"), "True");
    assert_string_equal(ask_as(ANN, cond, "acquire", "(False,)"), "False");
}

static void answers_are_pythons(void **state)
{
    static const char not_held[] = "RuntimeError('cannot notify on un-acquired lock')";
    static const struct expected cases[] = {
        {13, "release", "()", "RuntimeError('cannot release un-acquired lock')"},
        {13, "wait", "()", "RuntimeError('cannot wait on un-acquired lock')"},
        {13, "wait", "('x',)", "RuntimeError('cannot wait on un-acquired lock')"},
        {13, "notify", "('x',)", not_held},
        {13, "notify_all", "()", not_held},
        {13, "notifyAll", "()", "RemoteError: KeyError: 'notifyAll'"},
        {13, "acquire", "(1, 2, 3)", "TypeError('acquire() takes at most 2 arguments (3 given)')"},
        {13, "release", "(1,)", "TypeError('RLock.release() takes no arguments (1 given)')"},
        {13, "acquire", "(True, -2)", "ValueError('timeout value must be a non-negative number')"},
        {14, "locked", "()", "False"},
        {13, "locked", "()", "RemoteError: KeyError: 'locked'"},
        {13, "notify_all", "(1,)",
         "TypeError('Condition.notify_all() takes 1 positional argument but 2 were given')"},
        {13, "wait", "()", "TypeError(\"Condition.wait() got an unexpected keyword argument 'x'\")",
         "{'x': 1}"},
        {13, "#GETVALUE", "()", "Unserializable: TypeError: cannot pickle '_thread.RLock' object"},
        {13, NULL, "(5,)", "RemoteError: AttributeError: 'int' object has no attribute 'acquire'"},
        {13, NULL, "(1, 2)",
         "RemoteError: TypeError: Condition.__init__() takes from 1 to 2 positional arguments but "
         "3 were given"},
    };

    (void)state;
    EXPECT_EACH("Condition", "()", cases);
    EXPECT_EACH("Condition", "(None,)", cases);
}

static void waits_answers_are_pythons(void **state)
{
    static const struct {
        const char *args;
        const char *reply;
    } cases[] = {
        {"(0,)", "False"},
        {"(-1,)", "False"},
        {"(nan,)", "False"},
        {"(False,)", "False"},
        {"(None,)", NULL},
        {"(True,)", NULL},
        {"(inf,)", "OverflowError('timestamp out of range for C PyTime_t')"},
        {"('x',)", "TypeError(\"'>' not supported between instances of 'str' and 'int'\")"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct object *cond = probe_object("Condition", "()");
        const char *reply = probe_reply(waits(ANN, cond, cases[i].args));

        if (!cases[i].reply)
            assert_null(reply);
        else
            assert_string_equal(reply, cases[i].reply);
        assert_string_equal(ask_as(BOB, cond, "acquire", "(False,)"), reply ? "False" : "True");
    }
}

static void wait_lets_others_in_even_when_its_time_is_up_at_once(void **state)
{
    struct object *cond = probe_object("Condition", "()");
    struct call *other, *call;

    (void)state;
    ask_as(ANN, cond, "acquire", "()");
    other = probe_call_as(BOB, cond, "acquire", "()");
    call = probe_call_as(ANN, cond, "wait", "(0,)");
    assert_string_equal(probe_reply(other), "True");
    assert_null(probe_reply(call));
    ask_as(BOB, cond, "release", "()");
    assert_string_equal(probe_reply(call), "False");
}

/* How many of three waiters a notify(n) of that Python wakes, and what it answers. */
static void notify_counts_as_python_does(void **state)
{
    static const char slice[] =
        "ValueError('Stop argument for islice() must be None or an integer: 0 <= x <= "
        "sys.maxsize.')";
    static const struct {
        unsigned python;
        const char *args;
        const char *reply;
        const char *left;
    } cases[] = {
        {13, "()", "None", "2)>"},
        {13, "(2,)", "None", "1)>"},
        {13, "(0,)", "None", "3)>"},
        {13, "(-1,)", "None", "3)>"},
        {13, "(1.5,)", "None", "1)>"},
        {13, "(nan,)", "None", "3)>"},
        {13, "(True,)", "None", "2)>"},
        {13, "(100000000000000000000,)", "None", "0)>"},
        {13, "(None,)",
         "TypeError(\"'>' not supported between instances of 'NoneType' and 'int'\")", "3)>"},
        {8, "(None,)", "None", "0)>"},
        {8, "(2,)", "None", "1)>"},
        {8, "(-1,)", slice, "3)>"},
        {8, "(1.0,)", slice, "3)>"},
        {8, "('x',)", slice, "3)>"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct object *cond = probe_object("Condition", "()");

        probe_python = cases[i].python;
        waits(ANN, cond, "()");
        waits(BOB, cond, "()");
        waits(CID, cond, "()");
        ask_as(DAN, cond, "acquire", "()");
        assert_string_equal(ask_as(DAN, cond, "notify", cases[i].args), cases[i].reply);
        assert_non_null(strstr(ask_as(DAN, cond, "__repr__", "()"), cases[i].left));
        probe_disconnect(ANN);
        probe_disconnect(BOB);
        probe_disconnect(CID);
        probe_disconnect(DAN);
    }
}

static void repr_shows_its_lock_and_waiters(void **state)
{
    struct object *lock = probe_object("Lock", "()");
    struct object *cond = condition_over(lock);
    char text[96];

    (void)state;
    waits(ANN, cond, "()");
    snprintf(text, sizeof(text), "'<Condition(<unlocked _thread.lock object at 0x%jx>, 1)>'",
             (uintmax_t)lock->ident);
    assert_string_equal(probe_ask(cond, "__repr__", "()"), text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        probe_test(wait_lets_go_of_the_lock),
        probe_test(a_notified_wait_returns_once_the_lock_is_free),
        probe_test(wait_restores_every_level),
        probe_test(notify_wakes_the_oldest),
        probe_test(notify_all_wakes_all_one_after_the_other),
        probe_test(a_wait_whose_time_is_up_holds_the_lock_again),
        probe_test(a_wait_whose_time_is_up_waits_for_the_lock),
        probe_test(a_vanished_waiter_takes_no_notification),
        probe_test(a_waiter_that_vanishes_once_notified_passes_it_on),
        probe_test(a_notification_that_was_not_delivered_is_passed_on),
        probe_test(it_goes_to_the_next_when_its_owner_goes),
        probe_test(it_shares_a_lock),
        probe_test(it_shares_an_rlock_with_its_levels),
        probe_test(it_shares_a_semaphore),
        probe_test(a_semaphore_with_units_is_not_held),
        probe_test(two_conditions_share_one_lock),
        probe_test(it_outlives_the_proxies_of_its_lock),
        probe_test(answers_are_pythons),
        probe_test(waits_answers_are_pythons),
        probe_test(wait_lets_others_in_even_when_its_time_is_up_at_once),
        probe_test(notify_counts_as_python_does),
        probe_test(repr_shows_its_lock_and_waiters),
    };

    return run_group(tests, NULL, NULL);
}
