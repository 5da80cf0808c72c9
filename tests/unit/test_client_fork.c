/* SPDX-License-Identifier: MIT */
/* Forked children of a client: their handles work, and nothing they do reaches the parent's. */
#include "support/client.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Run a part in a child, which tells by its status whether all was well. */
static void in_child(int (*part)(struct sm_manager *, struct sm_proxy *),
                     struct sm_manager *manager, struct sm_proxy *proxy)
{
    pid_t pid = fork();
    int status;

    if (pid == 0)
        _exit(part(manager, proxy) == SM_OK ? 0 : sm_complain("child"));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static int append_one(struct sm_manager *manager, struct sm_proxy *list)
{
    (void)manager;
    return sm_list_append(list, sm_int(1));
}

static void a_child_uses_the_parents_proxy(void **state)
{
    struct sm_proxy *list;

    check_ok(sm_list(*state, sm_missing(), &list));
    in_child(append_one, *state, list);
    check_ok(sm_list_append(list, sm_int(2)));
    check_text("[1, 2]", list);
    sm_proxy_free(list);
}

static int append_by_another_manager_first(struct sm_manager *manager, struct sm_proxy *list)
{
    struct sm_manager *other;
    struct sm_proxy *own = NULL;
    int r = sm_manager_connect(sm_manager_address(manager), NULL, &other);

    if (r < 0)
        return r;
    r = sm_list(other, sm_missing(), &own);
    if (r == SM_OK)
        r = sm_list_append(list, sm_int(1));
    sm_proxy_free(own);
    sm_manager_free(other);
    return r;
}

static void a_child_uses_another_manager_before_the_parents(void **state)
{
    struct sm_proxy *list;

    check_ok(sm_list(*state, sm_missing(), &list));
    in_child(append_by_another_manager_first, *state, list);
    check_text("[1]", list);
    sm_proxy_free(list);
}

static int use_and_free(struct sm_manager *manager, struct sm_proxy *list)
{
    int r = sm_list_append(list, sm_int(1));

    sm_proxy_free(list);
    sm_manager_free(manager);
    return r;
}

static void a_child_that_frees_its_handles_takes_nothing_from_the_parent(void **state)
{
    struct sm_proxy *list;

    check_ok(sm_list(*state, sm_missing(), &list));
    in_child(use_and_free, *state, list);
    check_text("[1]", list);
    sm_proxy_free(list);
}

static int free_unused(struct sm_manager *manager, struct sm_proxy *list)
{
    sm_proxy_free(list);
    sm_manager_free(manager);
    return SM_OK;
}

static void handles_that_a_child_never_used_cost_nothing(void **state)
{
    struct sm_proxy *list;

    check_ok(sm_list(*state, sm_missing(), &list));
    in_child(free_unused, *state, list);
    check_text("[]", list);
    sm_proxy_free(list);
}

static int is_taken(struct sm_manager *manager, struct sm_proxy *lock)
{
    int r = sm_lock_acquire(lock, 0);

    (void)manager;
    return r == SM_NOT_YET ? SM_OK : SM_EARG;
}

static void a_child_is_not_the_owner_of_its_parents_rlock(void **state)
{
    struct sm_proxy *lock;

    check_ok(sm_rlock(*state, &lock));
    check_ok(sm_lock_acquire(lock, 0));
    in_child(is_taken, *state, lock);
    check_ok(sm_lock_release(lock));
    sm_proxy_free(lock);
}

static void a_child_keeps_its_object_alive(void **state)
{
    struct sm_proxy *list, *go, *ready;
    int status;
    pid_t pid;

    check_ok(sm_list(*state, sm_missing(), &list));
    check_ok(sm_event(*state, &go));
    check_ok(sm_event(*state, &ready));
    pid = fork();
    if (pid == 0) {
        _exit(sm_list_append(list, sm_int(1)) < 0 || sm_event_set(ready) < 0 ||
              sm_event_wait(go, SM_FOREVER) < 0 || strcmp(sm_text(list), "[1]") != 0);
    }
    check_ok(sm_event_wait(ready, SM_FOREVER));
    sm_proxy_free(list);
    check_ok(sm_event_set(go));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    sm_proxy_free(go);
    sm_proxy_free(ready);
}

/* A thread that has done with the manager, and ends when it is told to. */
struct worker {
    struct sm_proxy *rlock;
    pthread_barrier_t *meeting;
};

static void *worker_run(void *context)
{
    struct worker *worker = context;
    void *acquired = sm_lock_acquire(worker->rlock, 0) == SM_OK ? worker->rlock : NULL;

    pthread_barrier_wait(worker->meeting);
    pthread_barrier_wait(worker->meeting);
    return acquired;
}

static void a_child_does_not_hold_the_rlock_of_a_thread_that_ended(void **state)
{
    pthread_barrier_t meeting;
    struct worker worker = {.meeting = &meeting};
    pthread_t thread;
    void *acquired;
    pid_t pid;
    int r;

    check_ok(sm_rlock(*state, &worker.rlock));
    pthread_barrier_init(&meeting, NULL, 2);
    assert_int_equal(pthread_create(&thread, NULL, worker_run, &worker), 0);
    pthread_barrier_wait(&meeting);
    pid = fork();
    if (pid == 0) {
        pause();
        _exit(0);
    }
    pthread_barrier_wait(&meeting);
    pthread_join(thread, &acquired);
    assert_ptr_equal(acquired, worker.rlock);
    r = sm_lock_acquire(worker.rlock, 5);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    check_ok(r);
    sm_proxy_free(worker.rlock);
    pthread_barrier_destroy(&meeting);
}

static void a_manager_ends_with_its_killed_creator(void **state)
{
    char address[128] = "";
    struct sm_manager *manager;
    int fds[2];
    pid_t pid;

    (void)state;
    assert_int_equal(pipe(fds), 0);
    pid = fork();
    if (pid == 0) {
        if (sm_manager_start(NULL, NULL, &manager) == SM_OK)
            (void)!write(fds[1], sm_manager_address(manager), strlen(sm_manager_address(manager)));
        pause();
    }
    assert_true(read(fds[0], address, sizeof(address) - 1) > 0);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    /* The server has this end of the pipe too: its end is the end of the file. */
    close(fds[1]);
    assert_int_equal(read(fds[0], address + strlen(address), 1), 0);
    assert_int_equal(access(address + strlen("unix:"), F_OK), -1);
    close(fds[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_manager(a_child_uses_the_parents_proxy),
        with_manager(a_child_uses_another_manager_before_the_parents),
        with_manager(a_child_that_frees_its_handles_takes_nothing_from_the_parent),
        with_manager(handles_that_a_child_never_used_cost_nothing),
        with_manager(a_child_is_not_the_owner_of_its_parents_rlock),
        with_manager(a_child_keeps_its_object_alive),
        with_manager(a_child_does_not_hold_the_rlock_of_a_thread_that_ended),
        cmocka_unit_test(a_manager_ends_with_its_killed_creator),
    };

    setenv("SYNCMANAGER_AUTHKEY", "what connects finds it here", 1);
    return run_group(tests, NULL, NULL);
}
