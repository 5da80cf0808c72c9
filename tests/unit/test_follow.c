/* SPDX-License-Identifier: MIT */
/* A server that follows a process: with what it ends, and what keeps it. */
#include "support/client.h"
#include "support/serve.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Nothing waits for so long here: what ends after it does not end. */
#define FOR_EVER_MS (3600 * 1000)

struct fixture {
    struct sm_server *server;
    struct sm_manager *manager;
    pid_t followed; /* 0: none, or it has ended */
    pthread_t thread;
    char address[64];
};

static struct sm_manager *connect_there(const struct fixture *f)
{
    const struct sm_manager_options options = {.authkey = "key", .authkey_len = 3};
    struct sm_manager *manager = NULL;

    check_ok(sm_manager_connect(f->address, &options, &manager));
    return manager;
}

static void start(struct fixture *f, unsigned linger_ms, bool follows)
{
    const struct sm_server_options options = {
        .authkey = "key", .authkey_len = 3, .linger_ms = linger_ms, .drain_ms = FOR_EVER_MS};

    *f = (struct fixture){0};
    snprintf(f->address, sizeof(f->address), "unix:@sm-test-follow-%d", (int)getpid());
    check_ok(sm_server_new(&options, &f->server));
    check_ok(sm_server_listen(f->server, f->address));
    if (follows) {
        f->followed = fork();
        if (f->followed == 0) {
            pause();
            _exit(0);
        }
        check_ok(sm_server_follow(f->server, f->followed));
    }
    assert_int_equal(pthread_create(&f->thread, NULL, serve, f->server), 0);
    f->manager = connect_there(f);
}

static void end_followed(struct fixture *f)
{
    kill(f->followed, SIGKILL);
    waitpid(f->followed, NULL, 0);
    f->followed = 0;
}

static void leave(struct fixture *f)
{
    sm_manager_free(f->manager);
    f->manager = NULL;
}

/*
 * It has seen all that was before: whatever is asked second is asked in a later turn of its loop.
 */
static void check_serves(const struct fixture *f)
{
    size_t objects;

    for (int i = 0; i < 2; i++)
        check_ok(sm_manager_number_of_objects(f->manager, &objects));
}

/* It ends by itself. */
static void check_ends(struct fixture *f)
{
    pthread_join(f->thread, NULL);
    sm_manager_free(f->manager);
    if (f->followed)
        end_followed(f);
    sm_server_free(f->server);
}

static void it_ends_with_the_process_though_others_are_connected(void **state)
{
    struct fixture f;

    (void)state;
    start(&f, 0, true);
    check_serves(&f);
    end_followed(&f);
    check_ends(&f);
}

static void one_that_lingers_serves_who_is_connected(void **state)
{
    struct fixture f;

    (void)state;
    start(&f, 1, true);
    end_followed(&f);
    check_serves(&f);
    leave(&f);
    check_ends(&f);
}

static void one_that_lingers_waits_for_others(void **state)
{
    struct fixture f;

    (void)state;
    start(&f, FOR_EVER_MS, true);
    end_followed(&f);
    check_serves(&f);
    leave(&f);
    f.manager = connect_there(&f);
    check_serves(&f);
    sm_server_stop(f.server);
    check_ends(&f);
}

static void a_stranger_who_asks_makes_it_not_linger(void **state)
{
    struct fixture f;

    (void)state;
    start(&f, FOR_EVER_MS, true);
    sm_server_resign(f.server, f.followed + 1);
    check_serves(&f);
    leave(&f);
    f.manager = connect_there(&f); /* the process lives: it is needed */
    check_serves(&f);
    end_followed(&f);
    check_serves(&f);
    leave(&f);
    check_ends(&f);
}

static void the_process_that_asks_waits_for_who_is_connected(void **state)
{
    struct fixture f;

    (void)state;
    start(&f, FOR_EVER_MS, true);
    sm_server_resign(f.server, f.followed);
    check_serves(&f);
    leave(&f);
    check_ends(&f);
}

static void the_process_that_asks_twice_waits_for_nobody(void **state)
{
    struct fixture f;

    (void)state;
    start(&f, FOR_EVER_MS, true);
    sm_server_resign(f.server, f.followed);
    check_serves(&f);
    sm_server_resign(f.server, f.followed);
    check_ends(&f);
}

static void one_that_follows_nobody_ends_when_it_is_asked(void **state)
{
    struct fixture f;

    (void)state;
    start(&f, FOR_EVER_MS, false);
    check_serves(&f);
    sm_server_resign(f.server, 0);
    check_ends(&f);
}

static void a_process_that_is_none_cannot_be_followed(void **state)
{
    const struct sm_server_options options = {.authkey = "key", .authkey_len = 3};
    struct sm_server *server;
    pid_t pid = fork();

    (void)state;
    if (pid == 0)
        _exit(0);
    waitpid(pid, NULL, 0);
    check_ok(sm_server_new(&options, &server));
    check_status(SM_ESYSTEM, sm_server_follow(server, pid));
    sm_server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_ends_with_the_process_though_others_are_connected),
        cmocka_unit_test(one_that_lingers_serves_who_is_connected),
        cmocka_unit_test(one_that_lingers_waits_for_others),
        cmocka_unit_test(a_stranger_who_asks_makes_it_not_linger),
        cmocka_unit_test(the_process_that_asks_waits_for_who_is_connected),
        cmocka_unit_test(the_process_that_asks_twice_waits_for_nobody),
        cmocka_unit_test(one_that_follows_nobody_ends_when_it_is_asked),
        cmocka_unit_test(a_process_that_is_none_cannot_be_followed),
    };

    return run_group(tests, NULL, NULL);
}
