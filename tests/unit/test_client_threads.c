/* SPDX-License-Identifier: MIT */
/* Threads of one process on one manager: a connection each, ownership, deadlines, interrupts. */
#include "support/client.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>

#define THREADS 4
#define TIMES 50

struct task {
    pthread_t thread;
    struct sm_manager *manager;
    struct sm_proxy *proxy;
    struct sm_proxy *other;
    int status;
    int64_t index;
    char type[64];
};

static void start(struct task *task, struct sm_manager *manager, struct sm_proxy *proxy,
                  void *(*run)(void *))
{
    task->manager = manager;
    task->proxy = proxy;
    assert_int_equal(pthread_create(&task->thread, NULL, run, task), 0);
}

static void finish(struct task *task)
{
    assert_int_equal(pthread_join(task->thread, NULL), 0);
}

static void *append_often(void *memory)
{
    struct task *task = memory;

    for (int i = 0; i < TIMES && task->status == SM_OK; i++)
        task->status = sm_list_append(task->proxy, sm_int(i));
    return NULL;
}

static void threads_share_a_proxy(void **state)
{
    struct task tasks[THREADS] = {0};
    struct sm_proxy *list;
    size_t n;

    check_ok(sm_list(*state, sm_missing(), &list));
    for (int i = 0; i < THREADS; i++)
        start(&tasks[i], *state, list, append_often);
    for (int i = 0; i < THREADS; i++) {
        finish(&tasks[i]);
        assert_int_equal(tasks[i].status, SM_OK);
    }
    check_ok(sm_list_len(list, &n));
    assert_int_equal(n, THREADS * TIMES);
    sm_proxy_free(list);
}

static void *count_up(void *memory)
{
    struct task *task = memory;
    struct sm_reply *reply;
    int64_t n;

    for (int i = 0; i < TIMES; i++) {
        check_ok(sm_lock_acquire(task->other, SM_FOREVER));
        check_ok(sm_value_get(task->proxy, &reply));
        check_ok(sm_as_int(sm_reply_value(reply), &n));
        sm_reply_free(reply);
        check_ok(sm_value_set(task->proxy, sm_int(n + 1)));
        check_ok(sm_lock_release(task->other));
    }
    return NULL;
}

static void a_lock_keeps_others_out(void **state)
{
    struct task tasks[THREADS] = {0};
    struct sm_proxy *lock, *value;
    struct sm_reply *reply;

    check_ok(sm_lock(*state, &lock));
    check_ok(sm_value(*state, "i", sm_int(0), &value));
    for (int i = 0; i < THREADS; i++) {
        tasks[i].other = lock;
        start(&tasks[i], *state, value, count_up);
    }
    for (int i = 0; i < THREADS; i++)
        finish(&tasks[i]);
    check_ok(sm_value_get(value, &reply));
    check_reply("200", reply);
    sm_proxy_free(value);
    sm_proxy_free(lock);
}

static void *try_to_release(void *memory)
{
    struct task *task = memory;

    task->status = sm_lock_release(task->proxy);
    snprintf(task->type, sizeof(task->type), "%s", sm_last_error()->type);
    return NULL;
}

static void an_rlock_is_owned_by_its_thread(void **state)
{
    struct task task = {0};
    struct sm_proxy *lock;

    check_ok(sm_rlock(*state, &lock));
    check_ok(sm_lock_acquire(lock, 0));
    start(&task, *state, lock, try_to_release);
    finish(&task);
    assert_int_equal(task.status, SM_ERAISED);
    assert_string_equal(task.type, "RuntimeError");
    check_ok(sm_lock_release(lock));
    sm_proxy_free(lock);
}

static void *take(void *memory)
{
    struct task *task = memory;

    task->status = sm_lock_acquire(task->proxy, 0);
    return NULL;
}

static void a_thread_that_ends_gives_its_rlock_back(void **state)
{
    struct task task = {0};
    struct sm_proxy *lock;

    check_ok(sm_rlock(*state, &lock));
    start(&task, *state, lock, take);
    finish(&task);
    assert_int_equal(task.status, SM_OK);
    check_ok(sm_lock_acquire(lock, SM_FOREVER));
    sm_proxy_free(lock);
}

static void *wait_for_good(void *memory)
{
    struct task *task = memory;

    task->status = sm_semaphore_acquire(task->proxy, SM_FOREVER);
    return NULL;
}

static void a_deadline_ends_a_call(void **state)
{
    struct sm_proxy *sem;

    check_ok(sm_semaphore(*state, 0, &sem));
    sm_manager_set_timeout(*state, 20);
    check_status(SM_ETIMEDOUT, sm_semaphore_acquire(sem, SM_FOREVER));
    check_status(SM_ETIMEDOUT, sm_semaphore_acquire(sem, 60));
    check_status(SM_NOT_YET, sm_semaphore_acquire(sem, 0.001));
    sm_manager_set_timeout(*state, 0);
    sm_proxy_free(sem);
}

static void a_call_that_was_given_up_takes_nothing_later(void **state)
{
    struct sm_proxy *sem, *queue;
    struct sm_reply *reply;

    check_ok(sm_semaphore(*state, 0, &sem));
    check_ok(sm_queue(*state, 0, &queue));
    sm_manager_set_timeout(*state, 20);
    check_status(SM_ETIMEDOUT, sm_semaphore_acquire(sem, SM_FOREVER));
    check_status(SM_ETIMEDOUT, sm_queue_get(queue, SM_FOREVER, &reply));
    sm_manager_set_timeout(*state, 0);
    check_ok(sm_semaphore_release(sem, 1));
    check_ok(sm_semaphore_acquire(sem, 0));
    check_ok(sm_queue_put(queue, sm_str("kept"), 0));
    check_ok(sm_queue_get(queue, 0, &reply));
    check_reply("'kept'", reply);
    sm_proxy_free(sem);
    sm_proxy_free(queue);
}

static void what_is_owned_outlives_a_deadline(void **state)
{
    struct sm_proxy *lock, *event;

    check_ok(sm_rlock(*state, &lock));
    check_ok(sm_event(*state, &event));
    check_ok(sm_lock_acquire(lock, 0));
    sm_manager_set_timeout(*state, 20);
    check_status(SM_ETIMEDOUT, sm_event_wait(event, SM_FOREVER));
    sm_manager_set_timeout(*state, 0);
    check_ok(sm_lock_release(lock));
    sm_proxy_free(event);
    sm_proxy_free(lock);
}

/* As the manager sees it. */
static int64_t calls_that_wait(struct sm_manager *manager)
{
    struct sm_value n = sm_int(-1);
    struct sm_reply *info;

    check_ok(sm_manager_call(manager, "sm_info", sm_missing(), sm_missing(), &info));
    sm_dict_find(sm_reply_value(info), sm_str("waiting"), &n);
    sm_reply_free(info);
    assert_true(n.integer >= 0);
    return n.integer;
}

static void another_thread_interrupts(void **state)
{
    struct task tasks[2] = {0};
    struct sm_proxy *sem;

    check_ok(sm_semaphore(*state, 0, &sem));
    for (int i = 0; i < 2; i++)
        start(&tasks[i], *state, sem, wait_for_good);
    while (calls_that_wait(*state) < 2)
        ;
    sm_manager_interrupt(*state);
    for (int i = 0; i < 2; i++) {
        finish(&tasks[i]);
        assert_int_equal(tasks[i].status, SM_EINTERRUPTED);
    }
    check_ok(sm_semaphore_release(sem, 1));
    check_ok(sm_semaphore_acquire(sem, 0));
    sm_proxy_free(sem);
}

static struct sm_manager *interrupted;

static void on_alarm(int signal)
{
    (void)signal;
    sm_manager_interrupt(interrupted);
}

static void a_signal_handler_interrupts(void **state)
{
    struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART}, before;
    struct itimerval often = {{0, 5000}, {0, 5000}}, never = {0};
    struct sm_proxy *sem;

    check_ok(sm_semaphore(*state, 0, &sem));
    interrupted = *state;
    sigaction(SIGALRM, &action, &before);
    setitimer(ITIMER_REAL, &often, NULL);
    check_status(SM_EINTERRUPTED, sm_semaphore_acquire(sem, SM_FOREVER));
    setitimer(ITIMER_REAL, &never, NULL);
    sigaction(SIGALRM, &before, NULL);
    sm_proxy_free(sem);
}

static void *meet(void *memory)
{
    struct task *task = memory;

    task->status = sm_barrier_wait(task->proxy, SM_FOREVER, &task->index);
    return NULL;
}

static void a_barrier_numbers_its_threads(void **state)
{
    struct task task = {0};
    struct sm_proxy *barrier;
    int64_t index = -1;

    check_ok(sm_barrier(*state, 2, SM_FOREVER, &barrier));
    start(&task, *state, barrier, meet);
    check_ok(sm_barrier_wait(barrier, SM_FOREVER, &index));
    finish(&task);
    assert_int_equal(task.status, SM_OK);
    assert_int_equal(task.index + index, 1);
    sm_proxy_free(barrier);
}

static void a_barrier_breaks_when_a_caller_gives_up(void **state)
{
    struct sm_proxy *barrier;

    check_ok(sm_barrier(*state, 2, SM_FOREVER, &barrier));
    sm_manager_set_timeout(*state, 20);
    check_status(SM_ETIMEDOUT, sm_barrier_wait(barrier, SM_FOREVER, NULL));
    sm_manager_set_timeout(*state, 0);
    check_raises("threading.BrokenBarrierError", sm_barrier_wait(barrier, 0, NULL));
    sm_proxy_free(barrier);
}

static void *use_and_stay(void *memory)
{
    struct task *task = memory;

    task->status = sm_event_wait(task->proxy, SM_FOREVER);
    sm_proxy_free(task->proxy);
    return NULL;
}

static void a_manager_is_freed_while_a_thread_calls(void **state)
{
    struct task task = {0};
    struct sm_manager *manager;
    struct sm_proxy *event, *copy;

    (void)state;
    check_ok(sm_manager_start(NULL, NULL, &manager));
    check_ok(sm_event(manager, &event));
    check_ok(sm_proxy_copy(event, &copy));
    start(&task, manager, copy, use_and_stay);
    sm_manager_free(manager);
    check_ok(sm_event_set(event));
    sm_proxy_free(event);
    finish(&task);
    assert_int_equal(task.status, SM_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_manager(threads_share_a_proxy),
        with_manager(a_lock_keeps_others_out),
        with_manager(an_rlock_is_owned_by_its_thread),
        with_manager(a_thread_that_ends_gives_its_rlock_back),
        with_manager(a_deadline_ends_a_call),
        with_manager(a_call_that_was_given_up_takes_nothing_later),
        with_manager(what_is_owned_outlives_a_deadline),
        with_manager(another_thread_interrupts),
        with_manager(a_signal_handler_interrupts),
        with_manager(a_barrier_numbers_its_threads),
        with_manager(a_barrier_breaks_when_a_caller_gives_up),
        cmocka_unit_test(a_manager_is_freed_while_a_thread_calls),
    };

    return run_group(tests, NULL, NULL);
}
