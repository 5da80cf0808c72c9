/* SPDX-License-Identifier: MIT */
/* What processes hold, and what becomes of it when they die. */
#include "support/expect.h"

#include "types/lockable.h"

static struct account ann, bob;

static int setup(void **state)
{
    account_init(&ann);
    account_init(&bob);
    return probe_setup(state);
}

static int teardown(void **state)
{
    account_abandon(&ann);
    account_abandon(&bob);
    return probe_teardown(state);
}

/* A list that nobody refers to but us, in the one way that no client counts. */
static struct object *make_list(void)
{
    struct object *list = object_ref(probe_object("list", "()"));

    registry_drop(probe_registry(), list, list->clients);
    return list;
}

static void take(struct account *account, struct object *object)
{
    registry_incref(probe_registry(), object, account);
}

static void give(struct account *account, struct object *object)
{
    registry_decref(probe_registry(), object, account);
}

static size_t die(struct account *account)
{
    size_t dropped = account_close(account, probe_registry());

    call_disown_all(&account->owned, false);
    return dropped;
}

static void the_dead_give_back_what_they_took(void **state)
{
    struct object *list = make_list(), *other = make_list();

    (void)state;
    take(&ann, list);
    take(&ann, list);
    take(&ann, other);
    take(&bob, list);
    assert_int_equal(die(&ann), 3);
    assert_int_equal(list->clients, 1);
    assert_int_equal(other->clients, 0);
    object_unref(list);
    object_unref(other);
}

static void what_was_given_back_is_not_given_back_again(void **state)
{
    struct object *list = make_list();

    (void)state;
    take(&ann, list);
    take(&bob, list);
    give(&ann, list);
    assert_int_equal(die(&ann), 0);
    assert_int_equal(list->clients, 1);
    object_unref(list);
}

static void what_is_in_no_account_stays(void **state)
{
    struct object *list = make_list();

    (void)state;
    take(NULL, list);
    take(&ann, list);
    die(&ann);
    assert_int_equal(list->clients, 1);
    object_unref(list);
}

static void another_may_give_back_what_one_took(void **state)
{
    struct object *list = make_list();

    (void)state;
    take(&ann, list);
    give(&bob, list);
    assert_int_equal(list->clients, 0);
    assert_int_equal(die(&ann), 0);
    object_unref(list);
}

/* Bob gave back a reference that was either ann's or his who is unknown. */
static void nothing_is_freed_while_anyone_may_hold_it(void **state)
{
    struct object *list = make_list();
    struct account cid;

    (void)state;
    account_init(&cid);
    take(&ann, list);
    take(&cid, list);
    give(&bob, list);
    assert_int_equal(die(&ann), 0);
    assert_int_equal(list->clients, 1);
    assert_int_equal(die(&cid), 1);
    assert_int_equal(list->clients, 0);
    object_unref(list);
}

static void a_count_of_zero_clears_all_accounts(void **state)
{
    struct object *list = make_list();

    (void)state;
    take(&ann, list);
    give(&bob, list);
    take(&bob, list);
    assert_int_equal(die(&ann), 0);
    assert_int_equal(list->clients, 1);
    assert_int_equal(die(&bob), 1);
    object_unref(list);
}

static void the_dead_take_nothing(void **state)
{
    struct object *list = make_list();

    (void)state;
    die(&ann);
    take(&ann, list);
    assert_int_equal(list->clients, 0);
    take(&bob, list);
    give(&ann, list);
    assert_int_equal(list->clients, 1);
    object_unref(list);
}

static void an_account_that_is_abandoned_leaves_its_references(void **state)
{
    struct object *list = make_list();

    (void)state;
    take(&ann, list);
    account_abandon(&ann);
    assert_int_equal(list->clients, 1);
    object_unref(list);
}

static void an_object_that_is_freed_is_in_no_account(void **state)
{
    struct object *list = make_list();

    (void)state;
    take(&ann, list);
    object_unref(list);
    give(&bob, list);
    assert_true(account_is_empty(&ann));
    assert_int_equal(die(&ann), 0);
}

static void a_lock_of_the_dead_goes_to_the_next_waiter(void **state)
{
    struct object *lock = probe_object("Lock", "()");
    struct call *waiter;

    (void)state;
    probe_account = &ann;
    probe_ask(lock, "acquire", "()");
    probe_account = &bob;
    waiter = probe_call(lock, "acquire", "()");
    die(&ann);
    assert_string_equal(probe_reply(waiter), "True");
    assert_ptr_equal(lockable_of(lock)->holder.account, &bob);
}

static void a_lock_that_another_released_is_not_the_deads(void **state)
{
    struct object *lock = probe_object("Lock", "()");

    (void)state;
    probe_account = &ann;
    probe_ask(lock, "acquire", "()");
    probe_account = &bob;
    probe_ask(lock, "release", "()");
    probe_ask(lock, "acquire", "()");
    die(&ann);
    assert_string_equal(probe_ask(lock, "acquire", "(False,)"), "False");
}

static void a_lock_outlasts_the_connection_it_was_taken_over(void **state)
{
    struct object *lock = probe_object("Lock", "()");

    (void)state;
    probe_account = &ann;
    probe_call_as(1, lock, "acquire", "()");
    probe_disconnect(1);
    assert_string_equal(probe_ask(lock, "acquire", "(False,)"), "False");
    die(&ann);
    probe_account = &bob;
    assert_string_equal(probe_ask(lock, "acquire", "(False,)"), "True");
}

static void a_lock_may_be_kept_for_ever(void **state)
{
    struct object *lock = probe_object("Lock", "()");

    (void)state;
    probe_account = &ann;
    probe_ask(lock, "acquire", "()");
    call_disown_all(&ann.owned, true);
    account_abandon(&ann);
    probe_account = &bob;
    assert_string_equal(probe_ask(lock, "acquire", "(False,)"), "False");
    assert_null(lockable_of(lock)->holder.account);
}

static void a_condition_gives_its_lock_up_while_it_waits(void **state)
{
    struct object *lock = probe_object("Lock", "()");
    char args[64];
    struct object *condition;

    (void)state;
    snprintf(args, sizeof(args), "(%s,)", probe_literal(lock));
    condition = probe_object("Condition", args);
    probe_account = &ann;
    probe_ask(lock, "acquire", "()");
    assert_null(probe_reply(probe_call_as(1, condition, "wait", "()")));
    probe_account = &bob;
    assert_string_equal(probe_ask(lock, "acquire", "(False,)"), "True");
    die(&ann);
    assert_string_equal(probe_ask(lock, "acquire", "(False,)"), "False");
}

static void a_holder_holds_since_it_was_handed_the_lock(void **state)
{
    struct object *lock = probe_object("Lock", "()");
    nsec before;

    (void)state;
    probe_call_as(1, lock, "acquire", "()");
    probe_call_as(2, lock, "acquire", "()");
    before = lockable_of(lock)->holder.since;
    probe_advance(5 * SEC);
    probe_ask(lock, "release", "()");
    assert_int_equal(lockable_of(lock)->holder.caller, 2);
    assert_int_equal(lockable_of(lock)->holder.since - before, 5 * SEC);
}

static void two_objects_are_found_in_turn(void **state)
{
    struct object *list = make_list(), *other = make_list();
    char ident[IDENT_SIZE], other_ident[IDENT_SIZE];

    (void)state;
    ident_format(list->ident, ident);
    ident_format(other->ident, other_ident);
    for (int i = 0; i < 2; i++) {
        assert_ptr_equal(registry_find_value(probe_registry(), sm_str(ident)), list);
        assert_ptr_equal(registry_find_value(probe_registry(), sm_str(other_ident)), other);
    }
    object_unref(list);
    object_unref(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_dead_give_back_what_they_took),
        TEST(what_was_given_back_is_not_given_back_again),
        TEST(what_is_in_no_account_stays),
        TEST(another_may_give_back_what_one_took),
        TEST(nothing_is_freed_while_anyone_may_hold_it),
        TEST(a_count_of_zero_clears_all_accounts),
        TEST(the_dead_take_nothing),
        TEST(an_account_that_is_abandoned_leaves_its_references),
        TEST(an_object_that_is_freed_is_in_no_account),
        TEST(two_objects_are_found_in_turn),
        TEST(a_lock_of_the_dead_goes_to_the_next_waiter),
        TEST(a_lock_that_another_released_is_not_the_deads),
        TEST(a_lock_outlasts_the_connection_it_was_taken_over),
        TEST(a_lock_may_be_kept_for_ever),
        TEST(a_condition_gives_its_lock_up_while_it_waits),
        TEST(a_holder_holds_since_it_was_handed_the_lock),
    };

    return run_group(tests, NULL, NULL);
}
