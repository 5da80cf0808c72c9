/* SPDX-License-Identifier: MIT */
/* Circles of waiters, drawn as text: "1>2 2>1" is two that wait for each other. */
#include "support/check.h"

#include "peer/waits.h"

#include <stdio.h>
#include <string.h>

#define WAITERS 10 /* named by digits */

/* The circles that are found, each from where it is found, such as "12 345 ". */
static const char *circles(const char *drawn)
{
    static char found[128];
    struct waiter waiters[WAITERS] = {0};
    size_t len = 0;

    for (const char *at = drawn; *at; at += at[3] ? 4 : 3)
        waiters[at[0] - '0'].holder = &waiters[at[2] - '0'];
    for (size_t i = 0; i < WAITERS; i++) {
        struct waiter *first = waits_walk(&waiters[i], i + 1), *w = first;

        while (w) {
            found[len++] = (char)('0' + (w - waiters));
            w = w->holder == first ? NULL : w->holder;
        }
        if (first)
            found[len++] = ' ';
    }
    found[len] = '\0';
    return found;
}

static void nobody_waits_for_nobody(void **state)
{
    (void)state;
    assert_string_equal(circles(""), "");
}

static void a_row_of_waiters_is_no_circle(void **state)
{
    (void)state;
    assert_string_equal(circles("1>2 2>3 3>4"), "");
    assert_string_equal(circles("4>3 3>2 2>1"), "");
}

static void a_crowd_for_one_holder_is_no_circle(void **state)
{
    (void)state;
    assert_string_equal(circles("1>5 2>5 3>5 4>5"), "");
}

static void two_that_wait_for_each_other_are_found_once(void **state)
{
    (void)state;
    assert_string_equal(circles("1>2 2>1"), "12 ");
}

static void who_waits_for_himself_is_a_circle(void **state)
{
    (void)state;
    assert_string_equal(circles("3>3"), "3 ");
}

static void those_who_wait_for_a_circle_are_not_of_it(void **state)
{
    (void)state;
    assert_string_equal(circles("0>1 1>2 2>3 3>2"), "23 ");
    assert_string_equal(circles("9>8 8>2 2>3 3>2 4>3"), "23 ");
}

static void every_circle_is_found(void **state)
{
    (void)state;
    assert_string_equal(circles("1>2 2>1 3>4 4>5 5>3 6>6 7>1 8>7"), "12 345 6 ");
}

static void a_circle_may_hold_everybody(void **state)
{
    (void)state;
    assert_string_equal(circles("0>1 1>2 2>3 3>4 4>5 5>6 6>7 7>8 8>9 9>0"), "0123456789 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_waits_for_nobody),
        cmocka_unit_test(a_row_of_waiters_is_no_circle),
        cmocka_unit_test(a_crowd_for_one_holder_is_no_circle),
        cmocka_unit_test(two_that_wait_for_each_other_are_found_once),
        cmocka_unit_test(who_waits_for_himself_is_a_circle),
        cmocka_unit_test(those_who_wait_for_a_circle_are_not_of_it),
        cmocka_unit_test(every_circle_is_found),
        cmocka_unit_test(a_circle_may_hold_everybody),
    };

    return run_group(tests, NULL, NULL);
}
