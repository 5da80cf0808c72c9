/* SPDX-License-Identifier: MIT */
/* Servers that the program's own loop drives: two of them, in one thread. */
#include "support/client.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>

#define SERVERS 2

static const struct sm_server_options key = {.authkey = "key", .authkey_len = 3};

/* What a client finds; asserts belong to the test's own thread. */
struct finding {
    char address[128];
    int acquired, timed_out, shut_down;
};

static void *use(void *memory)
{
    const struct sm_manager_options options = {.authkey = "key", .authkey_len = 3};
    struct finding *finding = memory;
    struct sm_manager *manager = NULL;
    struct sm_proxy *semaphore = NULL;

    if (sm_manager_connect(finding->address, &options, &manager) == SM_OK &&
        sm_semaphore(manager, 1, &semaphore) == SM_OK) {
        finding->acquired = sm_semaphore_acquire(semaphore, SM_FOREVER);
        finding->timed_out = sm_semaphore_acquire(semaphore, 0.05);
        finding->shut_down = sm_manager_shutdown(manager);
    }
    sm_proxy_free(semaphore);
    sm_manager_free(manager);
    return NULL;
}

/* Serve until all have ended. */
static void drive(struct sm_server *servers[SERVERS])
{
    bool running[SERVERS] = {true, true};

    while (running[0] || running[1]) {
        struct pollfd fds[SERVERS];
        int timeout = 10000;

        for (int i = 0; i < SERVERS; i++) {
            int due;

            running[i] = running[i] && sm_server_step(servers[i]) == SM_NOT_YET;
            due = running[i] ? sm_server_timeout_ms(servers[i]) : -1;
            fds[i] =
                (struct pollfd){.fd = running[i] ? sm_server_fd(servers[i]) : -1, .events = POLLIN};
            if (due >= 0 && due < timeout)
                timeout = due;
        }
        if (running[0] || running[1])
            assert_true(poll(fds, SERVERS, timeout) >= 0);
    }
}

static void the_programs_own_loop_drives_several_servers(void **state)
{
    struct sm_server *servers[SERVERS];
    struct finding findings[SERVERS] = {0};
    pthread_t threads[SERVERS];

    (void)state;
    for (int i = 0; i < SERVERS; i++) {
        assert_int_equal(sm_server_new(&key, &servers[i]), SM_OK);
        assert_int_equal(sm_server_listen(servers[i], "127.0.0.1:0"), SM_OK);
        snprintf(findings[i].address, sizeof(findings[i].address), "%s",
                 sm_server_address(servers[i], 0));
        assert_int_equal(pthread_create(&threads[i], NULL, use, &findings[i]), 0);
    }
    drive(servers);
    for (int i = 0; i < SERVERS; i++) {
        pthread_join(threads[i], NULL);
        sm_server_free(servers[i]);
        assert_int_equal(findings[i].acquired, SM_OK);
        assert_int_equal(findings[i].timed_out, SM_NOT_YET);
        assert_int_equal(findings[i].shut_down, SM_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_programs_own_loop_drives_several_servers),
    };

    return run_group(tests, NULL, NULL);
}
