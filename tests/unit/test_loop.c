/* SPDX-License-Identifier: MIT */
/* The loop and the program around it. */
#include "support/check.h"

#include "base/clock.h"
#include "net/loop.h"

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

static void on_woken(struct loop *loop)
{
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    close(pair[1]);
    assert_int_equal(write(pair[0], "x", 1), -1);
    close(pair[0]);
    loop_halt(loop);
}

static void on_settle(struct loop *loop)
{
    (void)loop;
}

static void a_peer_that_has_gone_does_not_end_the_program(void **state)
{
    struct timers timers = {0};
    struct loop loop;
    sigset_t pending;

    (void)state;
    signal(SIGPIPE, SIG_DFL);
    assert_int_equal(loop_init(&loop, &timers, on_woken, on_settle), 0);
    loop_wake(&loop);
    loop_run(&loop);
    sigpending(&pending);
    assert_false(sigismember(&pending, SIGPIPE));
    loop_deinit(&loop);
}

static unsigned turns, wakes;

static void on_counted(struct loop *loop)
{
    if (++wakes == 2)
        loop_halt(loop);
}

/* In the second turn, as libuv waits for its own descriptor from the first on. */
static void on_settle_wake(struct loop *loop)
{
    if (++turns != 2)
        return;
    loop->lively = true;
    loop_wake(loop);
}

static void looking_for_news_takes_no_wake_up_away(void **state)
{
    struct timers timers = {0};
    struct loop loop;

    (void)state;
    assert_int_equal(loop_init(&loop, &timers, on_counted, on_settle_wake), 0);
    loop.spin = spin_from(0, clock_now);
    loop_wake(&loop);
    loop_run(&loop);
    assert_int_equal(wakes, 2);
    loop_deinit(&loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_peer_that_has_gone_does_not_end_the_program),
        cmocka_unit_test(looking_for_news_takes_no_wake_up_away),
    };

    return run_group(tests, NULL, NULL);
}
