/* SPDX-License-Identifier: MIT */
/* A manager whose cable is pulled: in a network of the test's own, where it may do that. */
#include "support/client.h"
#include "support/serve.h"

#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define SKIPPED 77

static const struct sm_manager_options options = {
    .authkey = "key", .authkey_len = 3, .keepalive_ms = 1000};

static int set_cable(bool plugged)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = plugged ? IFF_UP : 0};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    int r = ioctl(fd, SIOCSIFFLAGS, &request);

    close(fd);
    return r;
}

static void *acquire(void *memory)
{
    static int status;

    status = sm_semaphore_acquire(memory, SM_FOREVER);
    return &status;
}

/* Exits with what a call came to that the manager has not answered when the cable is pulled. */
static void call_across_a_pulled_cable(void)
{
    struct sm_server_options server_options = {.authkey = "key", .authkey_len = 3};
    struct sm_server *server;
    struct sm_manager *manager;
    struct sm_proxy *semaphore;
    pthread_t serving, waiting;
    void *status;

    if (sm_server_new(&server_options, &server) < 0 || sm_server_listen(server, "127.0.0.1:0") < 0)
        _exit(1);
    pthread_create(&serving, NULL, serve, server);
    if (sm_manager_connect(sm_server_address(server, 0), &options, &manager) < 0 ||
        sm_semaphore(manager, 0, &semaphore) < 0)
        _exit(2);
    pthread_create(&waiting, NULL, acquire, semaphore);
    if (set_cable(false) < 0)
        _exit(3);
    pthread_join(waiting, &status);
    _exit(*(int *)status == SM_ECLOSED ? 0 : 4);
}

static void a_call_to_a_manager_out_of_reach_ends(void **state)
{
    pid_t pid = fork();
    int status;

    (void)state;
    assert_true(pid >= 0);
    if (pid == 0) {
        alarm(30);
        if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0 || set_cable(true) < 0)
            _exit(SKIPPED);
        call_across_a_pulled_cable();
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED)
        skip();
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_to_a_manager_out_of_reach_ends),
    };

    return run_group(tests, NULL, NULL);
}
