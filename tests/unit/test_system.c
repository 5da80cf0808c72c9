/* SPDX-License-Identifier: MIT */
/*
 * What src/system/ gives, on Linux; and, as test_system_plain, what it falls back to elsewhere:
 * linked with its files as another Unix would compile them.
 */
#include "support/check.h"
#include "system/random.h"
#include "system/wakeup.h"

#include <poll.h>
#include <string.h>

static bool is_woken(const struct wakeup *wakeup)
{
    struct pollfd fd = {.fd = wakeup->fd, .events = POLLIN};

    return poll(&fd, 1, 0) == 1;
}

static void a_wakeup_lasts_until_it_is_forgotten(void **state)
{
    struct wakeup wakeup;

    (void)state;
    assert_int_equal(wakeup_open(&wakeup), 0);
    assert_false(is_woken(&wakeup));
    wakeup_send(&wakeup);
    assert_true(is_woken(&wakeup));
    assert_true(is_woken(&wakeup));
    wakeup_forget(&wakeup);
    assert_false(is_woken(&wakeup));
    wakeup_close(&wakeup);
}

/* More than a pipe holds. */
static void nobody_waits_who_wakes_others_that_do_not_look(void **state)
{
    struct wakeup wakeup;

    (void)state;
    assert_int_equal(wakeup_open(&wakeup), 0);
    for (size_t i = 0; i < 100000; i++)
        wakeup_send(&wakeup);
    assert_true(is_woken(&wakeup));
    wakeup_forget(&wakeup);
    assert_false(is_woken(&wakeup));
    wakeup_close(&wakeup);
}

static void what_is_closed_wakes_nobody(void **state)
{
    struct wakeup wakeup;

    (void)state;
    assert_int_equal(wakeup_open(&wakeup), 0);
    wakeup_close(&wakeup);
    assert_int_equal(wakeup.fd, -1);
    wakeup_send(&wakeup);
    wakeup_close(&wakeup);
}

static void random_bytes_are_others_each_time(void **state)
{
    char first[16] = {0}, second[16] = {0};

    (void)state;
    assert_true(random_bytes(first, sizeof(first)));
    assert_true(random_bytes(second, sizeof(second)));
    assert_memory_not_equal(first, second, sizeof(first));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wakeup_lasts_until_it_is_forgotten),
        cmocka_unit_test(nobody_waits_who_wakes_others_that_do_not_look),
        cmocka_unit_test(what_is_closed_wakes_nobody),
        cmocka_unit_test(random_bytes_are_others_each_time),
    };

    return run_group(tests, NULL, NULL);
}
