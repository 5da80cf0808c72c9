/* SPDX-License-Identifier: MIT */
/* Looking again before sleeping: how often, and when not. */
#include "support/check.h"

#include "net/spin.h"

static nsec time_now;
static nsec yield_takes; /* how far the clock goes between two looks */

static nsec clock_read(void)
{
    time_now += yield_takes;
    return time_now;
}

/* What is waited for comes at the look of this number; 0: never. */
struct coming {
    unsigned at;
    unsigned looks;
};

static bool has_come(void *context)
{
    struct coming *coming = context;

    return ++coming->looks == coming->at;
}

/* One that reads the test's clock. */
static struct spin spin_of(unsigned option)
{
    struct spin spin = spin_from(option);

    spin.now = clock_read;
    return spin;
}

static int setup(void **state)
{
    static struct spin spin;

    time_now = 0;
    yield_takes = 1 * USEC;
    spin = spin_of(4);
    *state = &spin;
    return 0;
}

/* How many looks a wait takes. */
static unsigned wait_for(struct spin *spin, unsigned at)
{
    struct coming coming = {.at = at};

    bool came = spin_until(spin, has_come, &coming);

    assert_int_equal(came, at && coming.looks == at);
    return coming.looks;
}

static void looks_until_it_comes(void **state)
{
    assert_int_equal(wait_for(*state, 3), 3);
}

static void looks_no_more_than_it_was_told(void **state)
{
    assert_int_equal(wait_for(*state, 0), 4);
}

static void zeroed_it_never_looks(void **state)
{
    struct spin spin = {0};

    (void)state;
    assert_int_equal(wait_for(&spin, 0), 0);
}

static void an_option_turns_it_off(void **state)
{
    struct spin spin = spin_of(UINT_MAX);

    (void)state;
    assert_int_equal(wait_for(&spin, 0), 0);
}

static void zero_is_the_default(void **state)
{
    struct spin spin = spin_of(0);

    (void)state;
    assert_int_equal(wait_for(&spin, 0), SPIN_LOOKS);
}

static void success_goes_on(void **state)
{
    for (int i = 0; i < 100; i++)
        assert_int_equal(wait_for(*state, 4), 4);
}

static void each_failure_in_a_row_rests_twice_as_long(void **state)
{
    static const unsigned rests[] = {1, 3, 7, 15, 31, 63, 127, 255, 255};

    for (size_t i = 0; i < sizeof(rests) / sizeof(rests[0]); i++) {
        assert_int_equal(wait_for(*state, 0), 4);
        for (unsigned n = 0; n < rests[i]; n++)
            assert_int_equal(wait_for(*state, 0), 0);
    }
}

static void a_success_takes_back_a_quarter(void **state)
{
    struct spin *spin = *state;

    spin->last = 100;
    wait_for(spin, 1);
    assert_int_equal(spin->last, 75);
}

static void a_core_that_others_keep_is_left_to_them(void **state)
{
    struct spin *spin = *state;

    yield_takes = 2 * MSEC;
    assert_int_equal(wait_for(spin, 0), 1);
    yield_takes = 1 * USEC;
    assert_int_equal(wait_for(spin, 1), 0);
    time_now += 64 * 2 * MSEC;
    assert_int_equal(wait_for(spin, 1), 1);
}

/* The same of what is seen in memory, with looks in pauses first or not. */
static unsigned wait_near(struct spin *spin, bool pauses, unsigned at)
{
    struct coming coming = {.at = at};
    bool came = spin_near(spin, pauses ? has_come : NULL, has_come, &coming);

    assert_int_equal(came, at && coming.looks == at);
    return coming.looks;
}

static void what_another_core_does_is_looked_at_without_yields(void **state)
{
    assert_int_equal(wait_near(*state, true, 90), 90);
    assert_int_equal(time_now, 0);
}

static void what_this_core_does_is_looked_at_between_yields(void **state)
{
    assert_int_equal(wait_near(*state, false, 3), 3);
    assert_int_equal(time_now, 3 * USEC); /* the clock was read ahead of them, and after each */
}

static void memory_is_looked_at_for_some_time(void **state)
{
    assert_uint_in_range(wait_near(*state, false, 0), 20, 200);
    assert_int_equal(wait_near(*state, false, 0), 0);
    assert_uint_in_range(wait_near(*state, false, 0), 20, 200);
}

static void memory_is_tried_again_soon(void **state)
{
    unsigned rests = 0;

    for (int i = 0; i < 10; i++) {
        for (rests = 0; wait_near(*state, false, 0) == 0;)
            rests++;
    }
    assert_int_equal(rests, 127);
}

static void a_slow_yield_stops_pauses_for_some_time(void **state)
{
    yield_takes = 4 * USEC;
    wait_near(*state, true, 110);
    time_now = 0;
    for (int i = 0; i < 64; i++) {
        yield_takes = 1 * USEC;
        wait_near(*state, true, 2);
        assert_true(time_now > 0);
        time_now = 0;
    }
    wait_near(*state, true, 2);
    assert_int_equal(time_now, 0);
}

static void an_option_turns_pauses_off(void **state)
{
    struct spin spin = spin_of(UINT_MAX);

    (void)state;
    assert_int_equal(wait_near(&spin, true, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(looks_until_it_comes, setup),
        cmocka_unit_test_setup(looks_no_more_than_it_was_told, setup),
        cmocka_unit_test(zeroed_it_never_looks),
        cmocka_unit_test(an_option_turns_it_off),
        cmocka_unit_test(zero_is_the_default),
        cmocka_unit_test_setup(success_goes_on, setup),
        cmocka_unit_test_setup(each_failure_in_a_row_rests_twice_as_long, setup),
        cmocka_unit_test_setup(a_success_takes_back_a_quarter, setup),
        cmocka_unit_test_setup(a_core_that_others_keep_is_left_to_them, setup),
        cmocka_unit_test_setup(what_another_core_does_is_looked_at_without_yields, setup),
        cmocka_unit_test_setup(what_this_core_does_is_looked_at_between_yields, setup),
        cmocka_unit_test_setup(memory_is_looked_at_for_some_time, setup),
        cmocka_unit_test_setup(memory_is_tried_again_soon, setup),
        cmocka_unit_test_setup(a_slow_yield_stops_pauses_for_some_time, setup),
        cmocka_unit_test(an_option_turns_pauses_off),
    };

    return run_group(tests, NULL, NULL);
}
