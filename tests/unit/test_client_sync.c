/* SPDX-License-Identifier: MIT */
/* The typed functions of Lock, RLock, semaphores, Condition, Event, Barrier. */
#include "support/client.h"

static void a_lock_is_taken_once(void **state)
{
    struct sm_proxy *lock;

    check_ok(sm_lock(*state, &lock));
    check_ok(sm_lock_acquire(lock, SM_FOREVER));
    check_status(SM_NOT_YET, sm_lock_acquire(lock, 0));
    check_status(SM_NOT_YET, sm_lock_acquire(lock, 0.001));
    check_ok(sm_lock_release(lock));
    check_ok(sm_lock_acquire(lock, 0));
    sm_proxy_free(lock);
}

static void a_free_lock_is_not_released(void **state)
{
    struct sm_proxy *lock;

    check_ok(sm_lock(*state, &lock));
    check_raises("RuntimeError", sm_lock_release(lock));
    sm_proxy_free(lock);
}

static void an_rlock_is_taken_again_by_its_owner(void **state)
{
    struct sm_proxy *lock;

    check_ok(sm_rlock(*state, &lock));
    check_ok(sm_lock_acquire(lock, 0));
    check_ok(sm_lock_acquire(lock, 1.5));
    check_ok(sm_lock_release(lock));
    check_ok(sm_lock_release(lock));
    check_raises("RuntimeError", sm_lock_release(lock));
    sm_proxy_free(lock);
}

static void a_semaphore_counts(void **state)
{
    struct sm_proxy *sem;

    check_ok(sm_semaphore(*state, 1, &sem));
    check_ok(sm_semaphore_acquire(sem, SM_FOREVER));
    check_status(SM_NOT_YET, sm_semaphore_acquire(sem, 0));
    check_ok(sm_semaphore_release(sem, 2));
    check_ok(sm_semaphore_release(sem, 1));
    for (int i = 0; i < 3; i++)
        check_ok(sm_semaphore_acquire(sem, 0));
    check_status(SM_NOT_YET, sm_semaphore_acquire(sem, 0.001));
    sm_proxy_free(sem);
}

static void a_bounded_semaphore_has_its_bound(void **state)
{
    struct sm_proxy *sem;

    check_ok(sm_bounded_semaphore(*state, 1, &sem));
    check_raises("ValueError", sm_semaphore_release(sem, 1));
    assert_string_equal(sm_last_error()->message, "Semaphore released too many times");
    sm_proxy_free(sem);
}

static void a_negative_semaphore_is_refused(void **state)
{
    struct sm_proxy *sem;

    check_raises("RemoteError", sm_semaphore(*state, -1, &sem));
    assert_non_null(strstr(sm_last_error()->traceback, "ValueError"));
}

static void a_condition_waits_for_its_time(void **state)
{
    struct sm_proxy *cond;

    check_ok(sm_condition(*state, NULL, &cond));
    check_raises("RuntimeError", sm_condition_wait(cond, 0));
    check_ok(sm_condition_acquire(cond, SM_FOREVER));
    check_status(SM_NOT_YET, sm_condition_wait(cond, 0.001));
    check_ok(sm_condition_notify(cond, 1));
    check_ok(sm_condition_notify_all(cond));
    check_ok(sm_condition_release(cond));
    sm_proxy_free(cond);
}

static void a_condition_has_the_lock_it_is_given(void **state)
{
    struct sm_proxy *cond, *lock;

    check_ok(sm_lock(*state, &lock));
    check_ok(sm_condition(*state, lock, &cond));
    check_ok(sm_condition_acquire(cond, 0));
    check_status(SM_NOT_YET, sm_lock_acquire(lock, 0));
    sm_proxy_free(cond);
    sm_proxy_free(lock);
}

static bool third_time(void *context)
{
    return ++*(int *)context == 3;
}

static bool never(void *context)
{
    (void)context;
    return false;
}

static void wait_for_asks_its_predicate(void **state)
{
    struct sm_proxy *cond;
    int asked = 0;

    check_ok(sm_condition(*state, NULL, &cond));
    check_ok(sm_condition_acquire(cond, 0));
    check_ok(sm_condition_wait_for(cond, third_time, &(int){2}, 0));
    check_status(SM_NOT_YET, sm_condition_wait_for(cond, third_time, &asked, 0.001));
    assert_int_equal(asked, 2);
    check_status(SM_NOT_YET, sm_condition_wait_for(cond, never, NULL, 0));
    sm_proxy_free(cond);
}

static void an_event_is_set_and_cleared(void **state)
{
    struct sm_proxy *event;
    bool set = true;

    check_ok(sm_event(*state, &event));
    check_ok(sm_event_is_set(event, &set));
    assert_false(set);
    check_status(SM_NOT_YET, sm_event_wait(event, 0));
    check_ok(sm_event_set(event));
    check_ok(sm_event_wait(event, SM_FOREVER));
    check_ok(sm_event_is_set(event, &set));
    assert_true(set);
    check_ok(sm_event_clear(event));
    check_ok(sm_event_is_set(event, &set));
    assert_false(set);
    sm_proxy_free(event);
}

static void a_barrier_of_one_lets_go(void **state)
{
    struct sm_proxy *barrier;
    int64_t index = -1;

    check_ok(sm_barrier(*state, 1, SM_FOREVER, &barrier));
    check_ok(sm_barrier_wait(barrier, SM_FOREVER, &index));
    assert_int_equal(index, 0);
    sm_proxy_free(barrier);
}

static void a_barrier_tells_its_state(void **state)
{
    struct sm_proxy *barrier;
    int64_t n = -1;
    bool broken = true;

    check_ok(sm_barrier(*state, 2, 0.5, &barrier));
    check_ok(sm_barrier_parties(barrier, &n));
    assert_int_equal(n, 2);
    check_ok(sm_barrier_n_waiting(barrier, &n));
    assert_int_equal(n, 0);
    check_ok(sm_barrier_broken(barrier, &broken));
    assert_false(broken);
    sm_proxy_free(barrier);
}

static void a_barrier_breaks_and_is_reset(void **state)
{
    struct sm_proxy *barrier;
    bool broken = false;

    check_ok(sm_barrier(*state, 2, 0.001, &barrier));
    check_raises("threading.BrokenBarrierError", sm_barrier_wait(barrier, SM_FOREVER, NULL));
    check_ok(sm_barrier_reset(barrier));
    check_ok(sm_barrier_broken(barrier, &broken));
    assert_false(broken);
    check_ok(sm_barrier_abort(barrier));
    check_ok(sm_barrier_broken(barrier, &broken));
    assert_true(broken);
    sm_proxy_free(barrier);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_manager(a_lock_is_taken_once),
        with_manager(a_free_lock_is_not_released),
        with_manager(an_rlock_is_taken_again_by_its_owner),
        with_manager(a_semaphore_counts),
        with_manager(a_bounded_semaphore_has_its_bound),
        with_manager(a_negative_semaphore_is_refused),
        with_manager(a_condition_waits_for_its_time),
        with_manager(a_condition_has_the_lock_it_is_given),
        with_manager(wait_for_asks_its_predicate),
        with_manager(an_event_is_set_and_cleared),
        with_manager(a_barrier_of_one_lets_go),
        with_manager(a_barrier_tells_its_state),
        with_manager(a_barrier_breaks_and_is_reset),
    };

    return run_group(tests, NULL, NULL);
}
