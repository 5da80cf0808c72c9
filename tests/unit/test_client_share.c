/* SPDX-License-Identifier: MIT */
/* Clients that call locks, semaphores and events in memory, beside others that do not. */
#include "support/sharing.h"

/* The library's own steps, with this between them. */
static void (*at_step)(void);
#define STEP()                                                                                     \
    do {                                                                                           \
        if (at_step)                                                                               \
            at_step();                                                                             \
    } while (0)
#include "client/steps.c"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>

#define ROUNDS 20000

static void a_free_lock_is_taken_without_a_word_to_the_manager(void **state)
{
    struct sm_proxy *lock;
    struct sm_reply *before, *after;
    unsigned words;

    check_ok(sm_lock(*state, &lock));
    warm_up(lock);
    words = by_words(*state);
    assert_true(words > 0);
    check_ok(sm_manager_call(*state, "sm_info", sm_missing(), sm_missing(), &before));
    for (int i = 0; i < 100; i++) {
        check_ok(sm_lock_acquire(lock, i % 2 ? SM_FOREVER : 1));
        check_ok(sm_lock_release(lock));
    }
    check_ok(sm_manager_call(*state, "sm_info", sm_missing(), sm_missing(), &after));
    assert_int_equal(by_words(*state) - words, 200);
    sm_reply_free(before);
    sm_reply_free(after);
    sm_proxy_free(lock);
}

static void it_is_held_against_clients_of_the_socket(void **state)
{
    struct sm_manager *other = reach(*state);
    struct sm_proxy *lock, *same;

    check_ok(sm_lock(*state, &lock));
    same = same_object(other, lock);
    warm_up(lock);
    check_ok(sm_lock_acquire(lock, SM_FOREVER));
    check_status(SM_NOT_YET, sm_lock_acquire(same, 0));
    check_ok(sm_lock_release(lock));
    check_ok(sm_lock_acquire(same, 0));
    check_status(SM_NOT_YET, sm_lock_acquire(lock, 0));
    check_ok(sm_lock_release(same));
    check_ok(sm_lock_acquire(lock, 0));
    check_ok(sm_lock_release(lock));
    check_raises("RuntimeError", sm_lock_release(lock));
    assert_int_equal(by_words(other), 0);
    sm_proxy_free(same);
    sm_proxy_free(lock);
    sm_manager_free(other);
}

static void semaphores_and_events_go_by_words(void **state)
{
    struct sm_proxy *sem, *event;
    unsigned words;
    bool is;

    check_ok(sm_bounded_semaphore(*state, 2, &sem));
    check_ok(sm_event(*state, &event));
    for (int i = 0; i < 4; i++) {
        check_ok(sm_semaphore_acquire(sem, SM_FOREVER));
        check_ok(sm_semaphore_release(sem, 1));
        check_ok(sm_event_is_set(event, &is));
    }
    words = by_words(*state);
    check_ok(sm_semaphore_acquire(sem, 0));
    check_ok(sm_semaphore_acquire(sem, 0));
    check_ok(sm_event_set(event));
    check_ok(sm_event_wait(event, SM_FOREVER));
    check_ok(sm_event_clear(event));
    check_ok(sm_event_is_set(event, &is));
    assert_false(is);
    assert_int_equal(by_words(*state) - words, 6);
    check_status(SM_NOT_YET, sm_semaphore_acquire(sem, 0));
    check_status(SM_NOT_YET, sm_event_wait(event, 0));
    check_ok(sm_semaphore_release(sem, 2));
    check_raises("ValueError", sm_semaphore_release(sem, 1));
    sm_proxy_free(event);
    sm_proxy_free(sem);
}

static void a_counter_goes_by_its_word_for_all(void **state)
{
    struct sm_manager *other = reach(*state);
    struct sm_proxy *counter, *same;
    bool was_old = false;
    unsigned words;
    int64_t n = 0;

    check_ok(sm_counter(*state, 5, &counter));
    same = same_object(other, counter);
    for (int i = 0; i < 4; i++)
        check_ok(sm_counter_add(counter, 1, NULL));
    words = by_words(*state);
    check_ok(sm_counter_add(counter, 1, &n));
    assert_int_equal(n, 10);
    check_ok(sm_counter_add(same, -20, &n));
    assert_int_equal(n, -10);
    check_ok(sm_counter_get(counter, &n));
    assert_int_equal(n, -10);
    check_ok(sm_counter_compare_and_set(counter, -10, INT64_MAX, &was_old));
    assert_true(was_old);
    assert_int_equal(by_words(*state) - words, 3);
    check_raises("OverflowError", sm_counter_add(counter, 1, &n));
    check_raises("OverflowError", sm_counter_add(same, 1, &n));
    check_ok(sm_counter_compare_and_set(same, -10, 0, &was_old));
    assert_false(was_old);
    check_ok(sm_counter_get(same, &n));
    assert_true(n == INT64_MAX);
    check_raises("RemoteError", sm_lock_acquire(counter, 0));
    assert_int_equal(by_words(other), 0);
    sm_proxy_free(same);
    sm_proxy_free(counter);
    sm_manager_free(other);
}

static void call_raw(struct sm_proxy *proxy, const char *method)
{
    struct sm_reply *reply;

    check_ok(sm_call_raw(proxy, method, sm_missing(), sm_missing(), &reply));
    sm_reply_free(reply);
}

static void a_binding_is_told_at_once_what_it_cannot_have_at_once(void **state)
{
    struct sm_manager *other = reach(*state);
    struct sm_proxy *lock, *same, *event;
    bool is = true;

    check_ok(sm_lock(*state, &lock));
    check_ok(sm_event(*state, &event));
    same = same_object(other, lock);
    check_status(SM_NOT_YET, sm_acquire_in_memory(lock));
    for (int i = 0; i < 4; i++) {
        call_raw(lock, "acquire");
        call_raw(lock, "release");
        call_raw(event, "is_set");
        call_raw(same, "acquire");
        call_raw(same, "release");
    }
    check_ok(sm_acquire_in_memory(lock));
    check_status(SM_NOT_YET, sm_acquire_in_memory(lock));
    check_status(SM_NOT_YET, sm_acquire_in_memory(same)); /* it goes by sockets */
    check_status(SM_NOT_YET, sm_event_is_set_in_memory(lock, &is));
    check_ok(sm_release_in_memory(lock));
    check_status(SM_NOT_YET, sm_release_in_memory(lock)); /* an error is the manager's */
    check_raises("RuntimeError", sm_lock_release(lock));
    check_ok(sm_lock_acquire(same, 0));
    check_status(SM_NOT_YET, sm_acquire_in_memory(lock));
    check_status(SM_NOT_YET, sm_release_in_memory(lock)); /* it is another's */
    check_ok(sm_lock_release(same));
    check_ok(sm_event_is_set_in_memory(event, &is));
    assert_false(is);
    check_ok(sm_event_set_in_memory(event, true));
    check_ok(sm_event_is_set_in_memory(event, &is));
    assert_true(is);
    check_status(SM_NOT_YET, sm_acquire_in_memory(event));
    sm_proxy_free(event);
    sm_proxy_free(same);
    sm_proxy_free(lock);
    sm_manager_free(other);
}

/* A thread that has two managers finds either's word again. */
static void a_binding_may_call_two_managers_in_turn(void **state)
{
    struct sm_manager *second;
    struct sm_proxy *lock[2];

    check_ok(sm_manager_start(NULL, NULL, &second));
    check_ok(sm_lock(*state, &lock[0]));
    check_ok(sm_lock(second, &lock[1]));
    for (int i = 0; i < 8; i++) {
        call_raw(lock[i % 2], "acquire");
        call_raw(lock[i % 2], "release");
    }
    for (int i = 0; i < 8; i++) {
        check_ok(sm_acquire_in_memory(lock[i % 2]));
        check_ok(sm_release_in_memory(lock[i % 2]));
    }
    sm_proxy_free(lock[0]);
    sm_proxy_free(lock[1]);
    sm_manager_free(second);
}

static void a_condition_is_acquired_by_its_locks_word(void **state)
{
    struct sm_proxy *cond;
    unsigned words;

    check_ok(sm_condition(*state, NULL, &cond));
    for (int i = 0; i < 4; i++) {
        check_ok(sm_condition_acquire(cond, SM_FOREVER));
        check_ok(sm_condition_release(cond));
    }
    words = by_words(*state);
    check_ok(sm_condition_acquire(cond, SM_FOREVER));
    check_ok(sm_condition_acquire(cond, SM_FOREVER));
    check_status(SM_NOT_YET, sm_condition_wait(cond, 0.001));
    check_ok(sm_condition_notify(cond, 1));
    check_ok(sm_condition_release(cond));
    check_ok(sm_condition_release(cond));
    assert_true(by_words(*state) - words >= 3);
    check_raises("RuntimeError", sm_condition_release(cond));
    sm_proxy_free(cond);
}

/* Processes and threads. */

struct tally {
    int inside; /* not atomic: the lock is to see to it */
    int wrong;
    long done;
};

static void take_turns(struct sm_proxy *lock, struct tally *tally, int rounds)
{
    for (int i = 0; i < rounds; i++) {
        if (sm_lock_acquire(lock, SM_FOREVER) != SM_OK)
            tally->wrong++;
        if (tally->inside++ != 0)
            tally->wrong++;
        tally->done++;
        tally->inside--;
        if (sm_lock_release(lock) != SM_OK)
            tally->wrong++;
    }
}

static void processes_exclude_each_other(void **state)
{
    struct tally *tally =
        mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct sm_manager *other = reach(*state);
    struct sm_proxy *lock, *same;
    pid_t child;

    check_ok(sm_lock(*state, &lock));
    same = same_object(other, lock);
    child = spawn();
    if (!child) {
        take_turns(same, tally, ROUNDS / 20);
        take_turns(lock, tally, ROUNDS);
        _exit(by_words(*state) ? 0 : 1);
    }
    take_turns(lock, tally, ROUNDS);
    take_turns(same, tally, ROUNDS / 20);
    check_child(child);
    assert_int_equal(tally->wrong, 0);
    assert_int_equal(tally->done, 2 * (ROUNDS + ROUNDS / 20));
    munmap(tally, sizeof(*tally));
    sm_proxy_free(same);
    sm_proxy_free(lock);
    sm_manager_free(other);
}

/* The holder has its parent's connection open besides: that is no matter. */
static void a_killed_process_leaves_what_it_took_by_words(void **state)
{
    static int (*const makes[])(struct sm_manager *, struct sm_proxy **) = {sm_lock, sm_rlock};

    for (size_t i = 0; i < 2; i++) {
        struct sm_proxy *lock;
        pid_t child;
        int status;

        check_ok(makes[i](*state, &lock));
        warm_up(lock);
        child = spawn();
        if (!child) {
            unsigned words;

            warm_up(lock);
            words = by_words(*state);
            if (sm_lock_acquire(lock, 0) == SM_OK && by_words(*state) == words + 1)
                raise(SIGKILL);
            _exit(1);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        check_ok(sm_lock_acquire(lock, SM_FOREVER));
        check_ok(sm_lock_release(lock));
        sm_proxy_free(lock);
    }
}

/* A child of the killed one has its connection, over which nothing comes any more. */
static void an_heir_of_a_connection_inherits_no_word(void **state)
{
    static int (*const makes[])(struct sm_manager *, struct sm_proxy **) = {sm_lock, sm_rlock};

    for (size_t i = 0; i < 2; i++) {
        struct sm_proxy *lock;
        int until[2];
        pid_t child;

        check_ok(makes[i](*state, &lock));
        assert_int_equal(pipe(until), 0);
        child = spawn();
        if (!child) {
            warm_up(lock);
            close(until[1]);
            check_ok(sm_lock_acquire(lock, 0));
            if (!fork()) {
                (void)!read(until[0], &(char){0}, 1);
                _exit(0);
            }
            raise(SIGKILL);
        }
        waitpid(child, NULL, 0);
        check_ok(sm_lock_acquire(lock, SM_FOREVER));
        check_ok(sm_lock_release(lock));
        close(until[0]);
        close(until[1]);
        sm_proxy_free(lock);
    }
}

static void a_forked_child_holds_nothing_of_its_parents(void **state)
{
    struct sm_proxy *lock;
    pid_t child;

    check_ok(sm_rlock(*state, &lock));
    warm_up(lock);
    check_ok(sm_lock_acquire(lock, 0));
    child = spawn();
    if (!child)
        _exit(sm_lock_acquire(lock, 0) == SM_NOT_YET && sm_lock_release(lock) == SM_ERAISED ? 0
                                                                                            : 1);
    check_child(child);
    check_ok(sm_lock_release(lock));
    sm_proxy_free(lock);
}

static void *hold(void *lock)
{
    warm_up(lock);
    check_ok(sm_lock_acquire(lock, SM_FOREVER));
    return NULL;
}

static void an_rlock_goes_with_its_thread(void **state)
{
    struct sm_proxy *lock;
    pthread_t thread;

    check_ok(sm_rlock(*state, &lock));
    assert_int_equal(pthread_create(&thread, NULL, hold, lock), 0);
    pthread_join(thread, NULL);
    check_ok(sm_lock_acquire(lock, SM_FOREVER));
    check_ok(sm_lock_release(lock));
    sm_proxy_free(lock);
}

static void a_connection_that_was_ended_takes_nothing_any_more(void **state)
{
    struct sm_manager *other = reach(*state);
    struct sm_proxy *lock, *same;
    struct sm_reply *reply;
    uint64_t client;

    check_ok(sm_rlock(*state, &lock));
    same = same_object(other, lock);
    warm_up(lock);
    check_ok(sm_lock_acquire(lock, SM_FOREVER));
    client = connection_recent(*state)->id;
    check_ok(
        sm_manager_call(other, "sm_kill", SM_TUPLE(sm_int((int64_t)client)), sm_missing(), &reply));
    sm_reply_free(reply);
    check_ok(sm_lock_acquire(same, SM_FOREVER));
    check_status(SM_ECLOSED, sm_lock_release(lock));
    check_status(SM_NOT_YET, sm_lock_acquire(lock, 0));
    check_ok(sm_lock_release(same));
    warm_up(lock);
    sm_proxy_free(same);
    sm_proxy_free(lock);
    sm_manager_free(other);
}

static void a_manager_that_was_killed_is_missed_by_those_who_need_nothing_of_it(void **state)
{
    struct sm_manager *manager = *state;
    struct sm_proxy *lock;
    int r = SM_OK;

    check_ok(sm_lock(manager, &lock));
    warm_up(lock);
    kill(atomic_load(&manager->server), SIGKILL);
    while (r == SM_OK) {
        r = sm_lock_acquire(lock, SM_FOREVER);
        if (r == SM_OK)
            r = sm_lock_release(lock);
    }
    assert_int_equal(r, SM_ECLOSED);
    sm_proxy_free(lock);
}

/* As a program that asks every second whether it is to stop. */
static void a_manager_that_was_killed_is_missed_by_one_who_calls_seldom(void **state)
{
    struct sm_manager *manager = *state;
    struct sm_proxy *event;
    struct connection *c;
    bool is;

    check_ok(sm_event(manager, &event));
    for (int i = 0; i < 4; i++)
        check_ok(sm_event_is_set(event, &is));
    c = connection_recent(manager);
    assert_true(by_words(manager) > 0);
    kill(atomic_load(&manager->server), SIGKILL);
    while (!channel_has_news(&c->channel) || channel_now_coarse() - c->looked < 10 * MSEC)
        continue;
    check_status(SM_ECLOSED, sm_event_is_set(event, &is));
    sm_proxy_free(event);
}

/* A client between two steps. */

static int steps_left;

static void stop_at_step(void)
{
    if (steps_left-- == 0)
        raise(SIGSTOP);
}

static void turn_once(struct sm_proxy *lock)
{
    check_ok(sm_lock_acquire(lock, SM_FOREVER));
    check_ok(sm_lock_release(lock));
}

/* A process that takes a lock and releases it, and stops at that step. Returns whether it has. */
static bool stop_a_client(struct sm_proxy *lock, int step, pid_t *ret)
{
    int status = 0;

    *ret = spawn();
    if (!*ret) {
        warm_up(lock);
        steps_left = step;
        at_step = stop_at_step;
        turn_once(lock);
        _exit(0);
    }
    assert_int_equal(waitpid(*ret, &status, WUNTRACED), *ret);
    assert_true(WIFSTOPPED(status) || (WIFEXITED(status) && WEXITSTATUS(status) == 0));
    return WIFSTOPPED(status);
}

static void one_stopped_and_killed_at_any_step_keeps_nobody_else_waiting(void **state)
{
    static int (*const makes[])(struct sm_manager *, struct sm_proxy **) = {sm_lock, sm_rlock};
    struct sm_manager *other = reach(*state);

    for (size_t i = 0; i < 2; i++) {
        struct sm_proxy *lock, *same;
        bool stopped = true;
        int held = 0;

        check_ok(makes[i](*state, &lock));
        same = same_object(other, lock);
        for (int step = 0; stopped; step++) {
            struct sm_proxy *beside = i % 2 ? lock : same; /* by words, and by requests */
            pid_t child;
            int r;

            stopped = stop_a_client(lock, step, &child);
            r = sm_lock_acquire(beside, 0);
            assert_true(r == SM_OK || (r == SM_NOT_YET && stopped));
            held += r == SM_NOT_YET;
            if (stopped) {
                kill(child, SIGKILL);
                waitpid(child, NULL, 0);
            }
            if (r == SM_NOT_YET)
                check_ok(sm_lock_acquire(beside, SM_FOREVER));
            check_ok(sm_lock_release(beside));
            assert_true(step < 100);
        }
        assert_true(held > 1);
        sm_proxy_free(same);
        sm_proxy_free(lock);
    }
    sm_manager_free(other);
}

/* From another connection, to end ours. */
static struct sm_manager *killer;
static uint64_t victim;

static void be_ended_at_step(void)
{
    if (steps_left-- != 0)
        return;
    at_step = NULL;
    check_ok(
        sm_manager_call(killer, "sm_kill", SM_TUPLE(sm_int((int64_t)victim)), sm_missing(), NULL));
}

static void one_whose_connection_is_ended_at_any_step_has_nothing(void **state)
{
    struct sm_proxy *lock, *same;
    bool ended = true;
    int steps = 0;

    killer = reach(*state);
    check_ok(sm_rlock(*state, &lock));
    same = same_object(killer, lock);
    for (int step = 0; ended; step++) {
        int r;

        warm_up(lock);
        victim = connection_recent(*state)->id;
        steps_left = step;
        at_step = be_ended_at_step;
        r = sm_lock_acquire(lock, SM_FOREVER);
        assert_true(r == (at_step ? SM_OK : SM_ECLOSED));
        if (r == SM_OK)
            r = sm_lock_release(lock);
        ended = !at_step;
        at_step = NULL;
        assert_int_equal(r, ended ? SM_ECLOSED : SM_OK);
        check_ok(sm_lock_acquire(same, 0));
        check_ok(sm_lock_release(same));
        assert_true(step < 100);
        steps += ended;
    }
    assert_true(steps > 5);
    sm_proxy_free(same);
    sm_proxy_free(lock);
    sm_manager_free(killer);
}

/* What comes back. */

static void words_come_back_with_their_proxies(void **state)
{
    struct sm_proxy *lock[2];

    for (int i = 0; i < 100; i++) {
        check_ok(sm_lock(*state, &lock[0]));
        check_ok(sm_proxy_copy(lock[0], &lock[1]));
        warm_up(lock[0]);
        warm_up(lock[1]);
        assert_int_equal(figure(*state, "words"), 1);
        sm_proxy_free(lock[0]);
        assert_int_equal(figure(*state, "words"), 1);
        warm_up(lock[1]);
        sm_proxy_free(lock[1]);
        assert_int_equal(figure(*state, "words"), 0);
    }
}

static void words_and_cells_come_back_with_their_process(void **state)
{
    struct sm_proxy *lock;

    check_ok(sm_lock(*state, &lock));
    for (int i = 0; i < 50; i++) {
        pid_t child = spawn();

        if (!child) {
            struct sm_proxy *own;

            check_ok(sm_lock(*state, &own));
            warm_up(own);
            warm_up(lock);
            raise(SIGKILL);
        }
        waitpid(child, NULL, 0);
        check_ok(sm_lock_acquire(lock, SM_FOREVER));
        check_ok(sm_lock_release(lock));
    }
    while (figure(*state, "processes") > 1)
        continue;
    assert_int_equal(figure(*state, "words"), 1); /* ours */
    sm_proxy_free(lock);
}

/* A manager with such a server has its locks taken by requests. */
static void check_none_is_shared(const struct sm_server_options *server)
{
    const struct sm_manager_options options = {
        .server = server, .authkey = "key", .authkey_len = 3};
    struct sm_manager *manager;
    struct sm_proxy *lock;

    check_ok(sm_manager_start(NULL, &options, &manager));
    check_ok(sm_lock(manager, &lock));
    warm_up(lock);
    assert_int_equal(by_words(manager), 0);
    sm_proxy_free(lock);
    sm_manager_free(manager);
}

static void a_manager_that_is_short_of_memory_shares_none(void **state)
{
    const struct sm_server_options server = {.max_memory = 4 * 1024 * 1024};

    (void)state;
    check_none_is_shared(&server);
}

static void a_lock_that_is_held_by_its_word_is_shown(void **state)
{
    struct sm_proxy *lock;
    struct sm_reply *reply;
    struct sm_value held, v;
    unsigned words;
    int64_t client, recalls;
    double held_s;

    check_ok(sm_lock(*state, &lock));
    warm_up(lock);
    check_ok(sm_lock_acquire(lock, 0));
    words = by_words(*state);
    recalls = figure(*state, "recalls");
    check_ok(sm_manager_call(*state, "sm_locks", sm_missing(), sm_missing(), &reply));
    check_ok(sm_dict_find(sm_reply_value(reply), sm_str("held"), &held));
    assert_int_equal(sm_len(held), 1);
    check_ok(sm_dict_find(sm_item(held, 0), sm_str("client"), &v));
    check_ok(sm_as_int(v, &client));
    assert_int_equal(client, connection_recent(*state)->id);
    check_ok(sm_dict_find(sm_item(held, 0), sm_str("held_s"), &v));
    check_ok(sm_as_float(v, &held_s));
    assert_true(held_s >= 0 && held_s < 60);
    sm_reply_free(reply);
    assert_int_equal(figure(*state, "recalls"), recalls); /* it is still lent */
    assert_int_equal(strncmp(sm_text(lock), "<locked ", strlen("<locked ")), 0);
    check_ok(sm_lock_release(lock));
    assert_int_equal(by_words(*state), words + 1);
    check_raises("RuntimeError", sm_lock_release(lock));
    sm_proxy_free(lock);
}

static void a_manager_that_ends_in_order_takes_its_words_back(void **state)
{
    struct sm_manager *other = reach(*state);
    struct sm_proxy *lock;
    int r = SM_OK;

    check_ok(sm_lock(*state, &lock));
    warm_up(lock);
    check_ok(sm_manager_shutdown(other));
    while (r == SM_OK) {
        r = sm_lock_acquire(lock, 0);
        if (r == SM_OK)
            r = sm_lock_release(lock);
    }
    assert_int_equal(r, SM_ECLOSED);
    sm_proxy_free(lock);
    sm_manager_free(other);
}

/* Words and cells that nobody was given, and what is not theirs. */
static void nonsense_is_refused(void **state)
{
    static const int64_t numbers[] = {0, 1, 65535, 65536, -1, INT64_MAX, INT64_MIN};
    struct sm_reply *reply;
    struct sm_proxy *dict, *iterator, *lock;

    check_ok(sm_dict(*state, sm_missing(), &dict));
    check_ok(sm_dict_iter(dict, &iterator));
    check_ok(sm_lock(*state, &lock));
    check_ok(sm_manager_call(*state, "sm_lease", SM_TUPLE(sm_str(sm_proxy_ident(lock))),
                             sm_missing(), &reply));
    check_reply("None", reply); /* it has no cell */
    warm_up(lock);
    check_ok(sm_manager_call(*state, "sm_lease", SM_TUPLE(sm_str(sm_proxy_ident(iterator))),
                             sm_missing(), &reply));
    check_reply("None", reply);
    check_ok(sm_manager_call(*state, "sm_lease", SM_TUPLE(sm_int(5)), sm_missing(), &reply));
    check_reply("None", reply);
    check_ok(sm_manager_call(*state, "sm_share", SM_TUPLE(sm_int(2)), sm_missing(), &reply));
    check_reply("None", reply);
    sm_proxy_free(lock);
    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
        check_ok(sm_manager_call(*state, "sm_detach", SM_TUPLE(sm_int(numbers[i])), sm_missing(),
                                 &reply));
        check_reply("None", reply);
    }
    sm_proxy_free(iterator);
    sm_proxy_free(dict);
}

/* One who has the key writes what it likes into the memory. */

static uint64_t random_state;

static uint64_t any(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

/* What could be a state, and what could not. */
static uint64_t any_word(void)
{
    switch (any() % 6) {
    case 0:
        return WORD_FREE;
    case 1:
        return WORD_SLOW;
    case 2:
        return any() % 4;
    case 3:
        return word_owned((unsigned)(any() % 4), (uint32_t)(any() % 4), any() % 4 + 1);
    case 4:
        return word_owned((unsigned)(any() % WORD_CELLS_MAX), 1, any() % WORD_LEVELS_MAX + 1);
    default:
        return any();
    }
}

/* SCRIBBLES in the environment asks for more of it. */
static void scribble(struct sm_manager *manager)
{
    const struct share *share = &connection_recent(manager)->mapping->share;
    const char *given = getenv("SCRIBBLES");
    long n = given ? atol(given) : 300000;

    while (n--) {
        struct word *word = &share->words[any() % (any() % 16 ? 8 : share->words_len)];

        atomic_store(&word->state, any_word());
        atomic_store(&word->since, (int64_t)any());
        if (n % 64 == 0)
            sched_yield();
    }
}

/* What is called may fail for what the object is said to be, but there is an answer. */
static void check_answered(int r)
{
    if (r != SM_OK && r != SM_NOT_YET && r != SM_ERAISED)
        fail_msg("%d, %s: %s", r, sm_last_error()->type, sm_last_error()->message);
}

#define SCRIBBLED 6

static void call_each(struct sm_manager *manager, struct sm_proxy *lock[SCRIBBLED],
                      struct sm_proxy *event)
{
    bool is;

    for (size_t i = 0; i < SCRIBBLED; i++) {
        check_answered(sm_lock_acquire(lock[i], 0));
        check_answered(sm_lock_release(lock[i]));
    }
    check_answered(sm_condition_notify(lock[SCRIBBLED - 1], 1));
    check_answered(sm_condition_wait(lock[SCRIBBLED - 1], 0));
    check_answered(sm_event_set(event));
    check_ok(sm_event_is_set(event, &is));
    check_answered(sm_event_wait(event, 0));
    check_ok(sm_event_clear(event));
    assert_non_null(sm_text(lock[0]));
    check_ok(sm_manager_call(manager, "sm_locks", sm_missing(), sm_missing(), NULL));
    check_ok(sm_manager_call(manager, "debug_info", sm_missing(), sm_missing(), NULL));
}

static void whatever_a_client_writes_the_manager_serves_the_others(void **state)
{
    struct sm_manager *other = reach(*state);
    struct sm_proxy *lock[SCRIBBLED], *same[SCRIBBLED], *event, *list, *fresh;
    int64_t len = 0;
    size_t size;
    pid_t child;

    check_ok(sm_lock(*state, &lock[0]));
    check_ok(sm_rlock(*state, &lock[1]));
    check_ok(sm_semaphore(*state, 2, &lock[2]));
    check_ok(sm_bounded_semaphore(*state, 1, &lock[3]));
    check_ok(sm_rlock(*state, &lock[4]));
    check_ok(sm_condition(*state, lock[4], &lock[5]));
    check_ok(sm_event(*state, &event));
    check_ok(sm_list(*state, sm_missing(), &list));
    for (size_t i = 0; i < SCRIBBLED; i++)
        same[i] = same_object(other, lock[i]);
    child = spawn();
    if (!child) {
        random_state = 88172645463325252;
        warm_up(lock[1]);
        scribble(*state);
        _exit(0);
    }
    while (waitpid(child, NULL, WNOHANG) == 0) {
        call_each(*state, lock, event);
        call_each(other, same, event);
        check_ok(sm_list_append(list, sm_int(len++)));
    }
    assert_true(len > 0);
    check_ok(sm_list_len(list, &size));
    assert_int_equal(size, len);
    check_ok(sm_lock(*state, &fresh));
    warm_up(fresh);
    sm_proxy_free(fresh);
    for (size_t i = 0; i < SCRIBBLED; i++) {
        sm_proxy_free(same[i]);
        sm_proxy_free(lock[i]);
    }
    sm_proxy_free(event);
    sm_proxy_free(list);
    sm_manager_free(other);
}

static void who_asks_for_sockets_gets_sockets(void **state)
{
    const struct sm_server_options server = {.sockets_only = true};

    (void)state;
    check_none_is_shared(&server);
}

/* Whether clients of this user are shown to share memory; -1: there is none. */
static int is_shown_to_share(struct sm_manager *manager, int64_t user)
{
    struct sm_value rows, uid, shares;
    struct sm_reply *reply;
    int64_t n;
    int shown = -1;

    check_ok(sm_manager_call(manager, "sm_clients", sm_missing(), sm_missing(), &reply));
    rows = sm_item(sm_reply_value(reply), 1);
    for (size_t i = 0; i < sm_len(rows); i++) {
        check_ok(sm_dict_find(sm_item(rows, i), sm_str("uid"), &uid));
        check_ok(sm_dict_find(sm_item(rows, i), sm_str("shares"), &shares));
        if (sm_as_int(uid, &n) == SM_OK && n == user)
            shown = shares.boolean || shown == 1;
    }
    sm_reply_free(reply);
    return shown;
}

static void another_user_gets_sockets_and_is_shown_to(void **state)
{
    struct sm_manager *manager;
    struct sm_proxy *lock;
    char address[64];
    pid_t child;
    const struct sm_manager_options options = {.authkey = "key", .authkey_len = 3};

    (void)state;
    if (geteuid() != 0)
        skip();
    snprintf(address, sizeof(address), "unix:@sm-test-share-%d", (int)getpid());
    check_ok(sm_manager_start(address, &options, &manager));
    check_ok(sm_lock(manager, &lock));
    child = spawn();
    if (!child) {
        if (setuid(65534) < 0)
            _exit(2);
        warm_up(lock);
        _exit(by_words(manager) || is_shown_to_share(manager, 65534) != 0 ? 1 : 0);
    }
    check_child(child);
    warm_up(lock);
    assert_true(by_words(manager) > 0);
    assert_int_equal(is_shown_to_share(manager, 0), 1);
    sm_proxy_free(lock);
    sm_manager_free(manager);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_manager(a_free_lock_is_taken_without_a_word_to_the_manager),
        with_key(it_is_held_against_clients_of_the_socket),
        with_manager(semaphores_and_events_go_by_words),
        with_key(a_counter_goes_by_its_word_for_all),
        with_key(a_binding_is_told_at_once_what_it_cannot_have_at_once),
        with_manager(a_binding_may_call_two_managers_in_turn),
        with_manager(a_condition_is_acquired_by_its_locks_word),
        with_key(processes_exclude_each_other),
        with_manager(a_killed_process_leaves_what_it_took_by_words),
        with_manager(an_heir_of_a_connection_inherits_no_word),
        with_manager(a_forked_child_holds_nothing_of_its_parents),
        with_manager(an_rlock_goes_with_its_thread),
        with_key(a_connection_that_was_ended_takes_nothing_any_more),
        with_manager(a_manager_that_was_killed_is_missed_by_those_who_need_nothing_of_it),
        with_manager(a_manager_that_was_killed_is_missed_by_one_who_calls_seldom),
        with_key(one_stopped_and_killed_at_any_step_keeps_nobody_else_waiting),
        with_key(one_whose_connection_is_ended_at_any_step_has_nothing),
        with_manager(words_come_back_with_their_proxies),
        with_manager(words_and_cells_come_back_with_their_process),
        cmocka_unit_test(a_manager_that_is_short_of_memory_shares_none),
        with_manager(nonsense_is_refused),
        with_manager(a_lock_that_is_held_by_its_word_is_shown),
        with_key(a_manager_that_ends_in_order_takes_its_words_back),
        with_key(whatever_a_client_writes_the_manager_serves_the_others),
        cmocka_unit_test(who_asks_for_sockets_gets_sockets),
        cmocka_unit_test(another_user_gets_sockets_and_is_shown_to),
    };

    return run_group(tests, NULL, NULL);
}
