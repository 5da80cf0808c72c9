/* SPDX-License-Identifier: MIT */
/*
 * A client forks while other threads of it are at work. What such a thread was doing at the fork is
 * brought about here, not hit upon: tests/fork does that, thousands of times.
 */
#include "support/client.h"
#include "support/sanitizers.h"

#include "client/client.h"

#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

/* A child that hangs ends by SIGALRM. */
#define HANGS_AFTER_S 30

typedef int part_fn(struct sm_manager *manager, struct sm_proxy *list);

static int child_status(pid_t pid)
{
    int status;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static pid_t begin_child(part_fn *part, struct sm_manager *manager, struct sm_proxy *list)
{
    pid_t pid = fork();

    if (pid == 0) {
        alarm(HANGS_AFTER_S);
        _exit(part(manager, list) == SM_OK ? 0 : sm_complain("child"));
    }
    return pid;
}

static void in_child(part_fn *part, struct sm_manager *manager, struct sm_proxy *list)
{
    assert_int_equal(child_status(begin_child(part, manager, list)), 0);
}

static int append_one(struct sm_manager *manager, struct sm_proxy *list)
{
    (void)manager;
    return sm_list_append(list, sm_int(1));
}

/* Where OpenSSL would get the bytes for its random numbers, under a lock that all threads share. */
static atomic_bool held_up; /* whoever asks for some waits until `go_on` */
static sem_t reached, go_on;

__attribute__((visibility("default"))) int getentropy(void *bytes, size_t len)
{
    static int (*real)(void *, size_t);

    if (!real)
        real = (int (*)(void *, size_t))dlsym(RTLD_NEXT, "getentropy");
    if (atomic_load(&held_up)) {
        sem_post(&reached);
        sem_wait(&go_on);
    }
    return real(bytes, len);
}

static void *append(void *list)
{
    void *done = sm_list_append(list, sm_int(0)) == SM_OK ? list : NULL;

    sem_post(&reached);
    return done;
}

static int fork_while_a_thread_opens_a_connection(struct sm_manager *manager, struct sm_proxy *list)
{
    pthread_t thread;
    int status;
    void *done;
    pid_t pid;

    sem_init(&reached, 0, 0);
    sem_init(&go_on, 0, 0);
    atomic_store(&held_up, true);
    pthread_create(&thread, NULL, append, list);
    sem_wait(&reached); /* there, or at its end */
    atomic_store(&held_up, false);
    pid = begin_child(append_one, manager, list);
    sem_post(&go_on);
    waitpid(pid, &status, 0);
    pthread_join(thread, &done);
    return status == 0 && done ? SM_OK : SM_ECLOSED;
}

/* In a child, since there OpenSSL would begin anew: the parent has got its random numbers. */
static void a_child_calls_while_a_thread_of_its_parent_opens_a_connection(void **state)
{
    struct sm_proxy *list;

#ifdef THREAD_SANITIZER
    skip(); /* the child would be told of the thread that its parent has to join */
#endif
    check_ok(sm_list(*state, sm_missing(), &list));
    in_child(fork_while_a_thread_opens_a_connection, *state, list);
    check_text("[0, 1]", list);
    sm_proxy_free(list);
}

/* A thread that has its connection, and does nothing with it until it is told to end. */
struct idler {
    struct sm_proxy *list;
    pthread_barrier_t meeting;
    pthread_t thread;
};

static void *idle(void *memory)
{
    struct idler *idler = memory;

    sm_list_append(idler->list, sm_int(0));
    pthread_barrier_wait(&idler->meeting);
    pthread_barrier_wait(&idler->meeting);
    return NULL;
}

static void idler_begin(struct idler *idler, struct sm_proxy *list)
{
    idler->list = list;
    pthread_barrier_init(&idler->meeting, NULL, 2);
    assert_int_equal(pthread_create(&idler->thread, NULL, idle, idler), 0);
    pthread_barrier_wait(&idler->meeting);
}

static void idler_end(struct idler *idler)
{
    pthread_barrier_wait(&idler->meeting);
    pthread_join(idler->thread, NULL);
    pthread_barrier_destroy(&idler->meeting);
}

static int say_forked(struct sm_manager *manager, struct sm_proxy *list)
{
    (void)list;
    sm_manager_forked(manager);
    return SM_OK;
}

/* Between realloc() and the store of what it returned, a pointer points nowhere. */
static void a_child_frees_no_memory_that_another_thread_was_about_to_move(void **state)
{
    struct sm_manager *manager = *state;
    struct sm_proxy *list;
    struct idler idler;
    struct connection *c;
    struct buffer in;

    check_ok(sm_list(manager, sm_missing(), &list));
    idler_begin(&idler, list);
    c = container_of(manager->connections.prev, struct connection, manager_link); /* its newest */
    in = c->channel.in;
    c->channel.in.data = (uint8_t *)16;
    in_child(say_forked, manager, list);
    in_child(append_one, manager, list);
    c->channel.in = in;
    idler_end(&idler);
    check_text("[0, 1]", list);
    sm_proxy_free(list);
}

static int inherits_nothing(struct sm_manager *manager, struct sm_proxy *list)
{
    struct connection *c;
    int fds[8], n = 0;

    list_for_each(c, &manager->connections, manager_link)
        fds[n++] = c->channel.transport->ops->may_hand_over(c->channel.transport);
    sm_manager_forked(manager);
    for (int i = 0; i < n; i++) {
        if (write(fds[i], "", 0) == 0)
            return SM_EARG; /* it is still open */
    }
    return n == 2 ? append_one(manager, list) : SM_EARG;
}

static void a_child_closes_the_connections_of_all_threads_of_its_parent(void **state)
{
    struct sm_proxy *list;
    struct idler idler;

    check_ok(sm_list(*state, sm_missing(), &list));
    idler_begin(&idler, list);
    in_child(inherits_nothing, *state, list);
    idler_end(&idler);
    sm_proxy_free(list);
}

/* The lock of a handle is taken at the fork: by a thread that is not in the child. */
static void a_child_waits_for_no_lock_of_its_parent(void **state)
{
    struct sm_manager *manager = *state;
    struct sm_proxy *list;
    pid_t pid;

    check_ok(sm_list(manager, sm_missing(), &list));
    pthread_mutex_lock(&manager->lock);
    pid = begin_child(append_one, manager, list);
    pthread_mutex_unlock(&manager->lock);
    assert_int_equal(child_status(pid), 0);
    check_text("[1]", list);
    sm_proxy_free(list);
}

/* The parent is a child itself, and a thread of it has just begun to make the handle its own. */
static void a_child_of_a_child_that_followed_a_fork_follows_it_anew(void **state)
{
    struct sm_manager *manager = *state;
    process_id here = this_process();
    struct sm_proxy *list;
    struct list whole;

    check_ok(sm_list(manager, sm_missing(), &list));
    atomic_store(&manager->process, here - 1);
    whole = manager->connections;
    manager->connections.next = NULL;
    in_child(append_one, manager, list);
    manager->connections = whole;
    atomic_store(&manager->process, here);
    check_text("[1]", list);
    sm_proxy_free(list);
}

/*
 * Whoever closes a descriptor, as the first call of a child does, waits until the other thread
 * waits, or has gone on without. Who waits for an answer does not yield so often: see net/spin.h.
 */
#define WAITS_AFTER 1000
static atomic_bool closes_late;
static atomic_int yields;

__attribute__((visibility("default"))) int close(int fd)
{
    static int (*real)(int);

    if (!real)
        real = (int (*)(int))dlsym(RTLD_NEXT, "close");
    if (atomic_exchange(&closes_late, false)) {
        sem_post(&reached);
        sem_wait(&go_on);
    }
    return real(fd);
}

__attribute__((visibility("default"))) int sched_yield(void)
{
    static int (*real)(void);

    if (!real)
        real = (int (*)(void))dlsym(RTLD_NEXT, "sched_yield");
    if (atomic_fetch_add(&yields, 1) == WAITS_AFTER)
        sem_post(&go_on);
    return real();
}

static pthread_barrier_t meeting;

static void *append_twice(void *list)
{
    int r = sm_list_append(list, sm_int(1));

    sem_post(&go_on);
    pthread_barrier_wait(&meeting);
    pthread_barrier_wait(&meeting);
    return r == SM_OK && sm_list_append(list, sm_int(2)) == SM_OK ? list : NULL;
}

/* Each thread has a connection, and the handle knows both. */
static int append_from_two_threads(struct sm_manager *manager, struct sm_proxy *list)
{
    pthread_t threads[2];
    struct connection *c;
    int connections = 0;
    void *done[2];

    pthread_barrier_init(&meeting, NULL, 3);
    sem_init(&reached, 0, 0);
    sem_init(&go_on, 0, 0);
    atomic_store(&closes_late, true);
    pthread_create(&threads[0], NULL, append_twice, list);
    sem_wait(&reached);
    atomic_store(&yields, 0);
    pthread_create(&threads[1], NULL, append_twice, list);
    pthread_barrier_wait(&meeting);
    list_for_each(c, &manager->connections, manager_link)
        connections++;
    pthread_barrier_wait(&meeting);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], &done[i]);
    return connections == 2 && done[0] && done[1] ? SM_OK : SM_ECLOSED;
}

static void the_first_calls_of_a_child_may_come_from_two_threads(void **state)
{
    struct sm_proxy *list;

    check_ok(sm_list(*state, sm_missing(), &list));
    in_child(append_from_two_threads, *state, list);
    check_text("[1, 1, 2, 2]", list);
    sm_proxy_free(list);
}

static bool is_interrupted(struct sm_manager *manager)
{
    struct pollfd fd = {.fd = manager->wakeup.fd, .events = POLLIN};

    return poll(&fd, 1, 0) == 1;
}

static int call_and_look(struct sm_manager *manager, struct sm_proxy *list)
{
    int r = append_one(manager, list);

    return is_interrupted(manager) ? SM_EINTERRUPTED : r;
}

static int interrupt(struct sm_manager *manager, struct sm_proxy *list)
{
    (void)list;
    sm_manager_interrupt(manager); /* before any call of this process */
    return SM_OK;
}

static int call_and_interrupt(struct sm_manager *manager, struct sm_proxy *list)
{
    int r = append_one(manager, list);

    sm_manager_interrupt(manager);
    return is_interrupted(manager) ? r : SM_EARG;
}

static void an_interrupt_is_for_the_process_it_was_made_in(void **state)
{
    struct sm_manager *manager = *state;
    struct sm_proxy *list;

    check_ok(sm_list(manager, sm_missing(), &list));
    in_child(interrupt, manager, list);
    in_child(call_and_interrupt, manager, list);
    assert_false(is_interrupted(manager));
    sm_manager_interrupt(manager);
    in_child(call_and_look, manager, list);
    assert_true(is_interrupted(manager));
    sm_proxy_free(list);
}

/* The status says how many processes of the row have the number of another. */
static int processes_alike(process_id *numbers, int n)
{
    int status, alike = 0;
    pid_t pid;

    numbers[n] = this_process();
    for (int i = 0; i < n; i++)
        alike += numbers[i] == numbers[n];
    if (n == 3)
        return alike;
    pid = fork();
    if (pid == 0)
        _exit(processes_alike(numbers, n + 1));
    if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
        return -1;
    return alike + WEXITSTATUS(status);
}

static void no_two_processes_in_a_row_have_one_number(void **state)
{
    process_id numbers[4];

    (void)state;
    assert_int_equal(this_process(), this_process());
    assert_int_equal(processes_alike(numbers, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_manager(a_child_calls_while_a_thread_of_its_parent_opens_a_connection),
        with_manager(a_child_frees_no_memory_that_another_thread_was_about_to_move),
        with_manager(a_child_closes_the_connections_of_all_threads_of_its_parent),
        with_manager(a_child_waits_for_no_lock_of_its_parent),
        with_manager(a_child_of_a_child_that_followed_a_fork_follows_it_anew),
        with_manager(the_first_calls_of_a_child_may_come_from_two_threads),
        with_manager(an_interrupt_is_for_the_process_it_was_made_in),
        cmocka_unit_test(no_two_processes_in_a_row_have_one_number),
    };

    return run_group(tests, NULL, NULL);
}
