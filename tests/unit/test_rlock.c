/* SPDX-License-Identifier: MIT */
/* RLock. */
#include "support/expect.h"

enum { ANN = 1, BOB, CID };

static void its_owner_enters_again(void **state)
{
    struct object *rlock = probe_object("RLock", "()");

    (void)state;
    probe_call_as(ANN, rlock, "acquire", "()");
    assert_string_equal(probe_reply(probe_call_as(ANN, rlock, "acquire", "(False,)")), "True");
    assert_string_equal(probe_reply(probe_call_as(BOB, rlock, "acquire", "(False,)")), "False");
}

static void only_its_owner_releases(void **state)
{
    static const char refused[] = "RuntimeError('cannot release un-acquired lock')";
    struct object *rlock = probe_object("RLock", "()");

    (void)state;
    assert_string_equal(probe_reply(probe_call_as(BOB, rlock, "release", "()")), refused);
    probe_call_as(ANN, rlock, "acquire", "()");
    assert_string_equal(probe_reply(probe_call_as(BOB, rlock, "release", "()")), refused);
    assert_string_equal(probe_reply(probe_call_as(ANN, rlock, "release", "()")), "None");
}

static void the_last_release_serves_the_oldest_waiter(void **state)
{
    struct object *rlock = probe_object("RLock", "()");
    struct call *waiter;

    (void)state;
    probe_call_as(ANN, rlock, "acquire", "()");
    probe_call_as(ANN, rlock, "acquire", "()");
    waiter = probe_call_as(BOB, rlock, "acquire", "()");
    probe_call_as(ANN, rlock, "release", "()");
    assert_null(probe_reply(waiter));
    probe_call_as(ANN, rlock, "release", "()");
    assert_string_equal(probe_reply(waiter), "True");
    assert_string_equal(probe_reply(probe_call_as(BOB, rlock, "release", "()")), "None");
}

static void it_goes_when_its_owner_does(void **state)
{
    struct object *rlock = probe_object("RLock", "()");
    struct call *waiter;

    (void)state;
    probe_call_as(ANN, rlock, "acquire", "()");
    probe_call_as(ANN, rlock, "acquire", "()");
    waiter = probe_call_as(BOB, rlock, "acquire", "()");
    probe_disconnect(ANN);
    assert_string_equal(probe_reply(waiter), "True");
}

static void a_stranger_that_goes_leaves_it_held(void **state)
{
    struct object *rlock = probe_object("RLock", "()");

    (void)state;
    probe_call_as(ANN, rlock, "acquire", "()");
    probe_call_as(BOB, rlock, "acquire", "(False,)");
    probe_disconnect(BOB);
    assert_string_equal(probe_reply(probe_call_as(CID, rlock, "acquire", "(False,)")), "False");
}

static void an_undelivered_level_is_let_go(void **state)
{
    struct object *rlock = probe_object("RLock", "()");
    struct call *lost, *waiter;

    (void)state;
    lost = probe_call_as(ANN, rlock, "acquire", "()");
    waiter = probe_call_as(BOB, rlock, "acquire", "()");
    probe_undelivered(lost);
    assert_string_equal(probe_reply(waiter), "True");
}

static void answers_are_pythons(void **state)
{
    static const struct expected cases[] = {
        {13, "acquire", "(1, 2, 3)", "TypeError('acquire() takes at most 2 arguments (3 given)')"},
        {8, "release", "(1,)", "TypeError('release() takes no arguments (1 given)')"},
        {13, "release", "(1,)", "TypeError('RLock.release() takes no arguments (1 given)')"},
        {13, "acquire", "(False, 5)",
         "ValueError(\"can't specify a timeout for a non-blocking call\")"},
        {13, "acquire", "()", "True", "{'timeout': 5}"},
        {14, "locked", "()", "False"},
        {13, "locked", "()", "RemoteError: KeyError: 'locked'"},
        {13, "#GETVALUE", "()", "Unserializable: TypeError: cannot pickle '_thread.RLock' object"},
    };

    (void)state;
    EXPECT_EACH("RLock", "(1, 2)", cases);
}

static void repr_tells_owner_and_levels(void **state)
{
    struct object *rlock = probe_object("RLock", "()");
    char text[96];

    (void)state;
    snprintf(text, sizeof(text), "'<unlocked _thread.RLock object owner=0 count=0 at 0x%jx>'",
             (uintmax_t)rlock->ident);
    assert_string_equal(probe_ask(rlock, "__repr__", "()"), text);
    probe_call_as(ANN, rlock, "acquire", "()");
    probe_call_as(ANN, rlock, "acquire", "()");
    snprintf(text, sizeof(text), "'<locked _thread.RLock object owner=1 count=2 at 0x%jx>'",
             (uintmax_t)rlock->ident);
    assert_string_equal(probe_ask(rlock, "__repr__", "()"), text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        probe_test(its_owner_enters_again),
        probe_test(only_its_owner_releases),
        probe_test(the_last_release_serves_the_oldest_waiter),
        probe_test(it_goes_when_its_owner_does),
        probe_test(a_stranger_that_goes_leaves_it_held),
        probe_test(an_undelivered_level_is_let_go),
        probe_test(answers_are_pythons),
        probe_test(repr_tells_owner_and_levels),
    };

    return run_group(tests, NULL, NULL);
}
