/* SPDX-License-Identifier: MIT */
/* The loop and the program around it. */
#include "support/raw.h"

#include "net/loop.h"
#include "server/server.h"

#include <signal.h>

/* It is written to when it has gone, by whatever a program does with SIGPIPE. */
static void a_peer_that_has_gone_does_not_end_the_program(void **state)
{
    const struct sm_server_options options = {.authkey = "key", .authkey_len = 3};
    struct sm_server *server;
    char address[64];
    struct raw raw;

    (void)state;
    signal(SIGPIPE, SIG_DFL);
    snprintf(address, sizeof(address), "unix:@sm-test-loop-%d", (int)getpid());
    assert_int_equal(sm_server_new(&options, &server), SM_OK);
    assert_int_equal(sm_server_listen(server, address), SM_OK);
    raw_connect(&raw, server);
    raw_authenticate(&raw);
    raw_ask(&raw, "(None, 'dummy', (), {})");
    raw_close(&raw);
    while (server->crowd.counts.calls == 0)
        sm_server_step(server);
    sm_server_free(server);
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
    loop.spin = spin_from(0);
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
