/* SPDX-License-Identifier: MIT */
/*
 * A server and its clients in threads of one process, so that ThreadSanitizer sees both ends. What
 * it does not see is that they have one memory, as that is mapped at two places: what locks are to
 * guard here is atomic, but is read and written in two steps.
 */
#include "support/client.h"
#include "support/serve.h"

#include "client/share.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#define THREADS 4
#define ROUNDS 2000

struct fixture {
    struct sm_server *server;
    pthread_t serving;
    struct sm_manager *words, *sockets; /* two ways to it */
    struct sm_proxy *lock, *same;       /* one object, by either */
    atomic_long counter;                /* what the lock guards */
    atomic_uint tried;                  /* calls that threads made by words */
    atomic_long told;                   /* the most that a thread was told, or has written */
    atomic_uint failed;                 /* calls of threads; only the test itself may assert */
};

static void must(struct fixture *f, int r)
{
    if (r == SM_OK)
        return;
    fprintf(stderr, "%d, %s: %s\n", r, sm_last_error()->type, sm_last_error()->message);
    f->failed++;
}

static int connect_to(struct fixture *f, bool sockets_only, struct sm_manager **ret)
{
    const struct sm_manager_options options = {
        .sockets_only = sockets_only, .authkey = "key", .authkey_len = 3};

    return sm_manager_connect(sm_server_address(f->server, 0), &options, ret);
}

static int start(void **state)
{
    static struct fixture fixture;
    struct fixture *f = &fixture;
    char address[64];

    fixture = (struct fixture){0};
    *state = f;
    snprintf(address, sizeof(address), "unix:@sm-test-share-threads-%d", (int)getpid());
    if (sm_server_new(&(struct sm_server_options){.authkey = "key", .authkey_len = 3}, &f->server) <
        0)
        return -1;
    if (sm_server_listen(f->server, address) < 0 ||
        pthread_create(&f->serving, NULL, serve, f->server) != 0)
        return -1;
    return connect_to(f, false, &f->words) < 0 ? -1 : connect_to(f, true, &f->sockets);
}

static int end(void **state)
{
    struct fixture *f = *state;

    sm_manager_free(f->words);
    sm_manager_free(f->sockets);
    sm_server_stop(f->server);
    pthread_join(f->serving, NULL);
    sm_server_free(f->server);
    return 0;
}

static void step(struct fixture *f)
{
    long seen = atomic_load_explicit(&f->counter, memory_order_relaxed);

    atomic_store_explicit(&f->counter, seen + 1, memory_order_relaxed);
}

static void take_turns(struct fixture *f, struct sm_proxy *lock, int rounds)
{
    for (int i = 0; i < rounds; i++) {
        must(f, sm_lock_acquire(lock, i % 3 ? SM_FOREVER : 60));
        step(f);
        must(f, sm_lock_release(lock));
    }
}

static void *go_by_words(void *fixture)
{
    struct fixture *f = fixture;
    struct connection *c;

    take_turns(f, f->lock, ROUNDS);
    c = connection_recent(f->words);
    f->tried += c ? c->words_used : 0;
    return NULL;
}

static void *go_by_requests(void *fixture)
{
    struct fixture *f = fixture;

    take_turns(f, f->same, ROUNDS / 10);
    return NULL;
}

static void run_threads(struct fixture *f, void *(*each)(void *), void *(*more)(void *))
{
    pthread_t thread[THREADS + 1];

    for (int i = 0; i <= THREADS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, i < THREADS ? each : more, f), 0);
    for (int i = 0; i <= THREADS; i++)
        pthread_join(thread[i], NULL);
    assert_int_equal(f->failed, 0);
}

static int make_binary(struct sm_manager *manager, struct sm_proxy **ret)
{
    return sm_semaphore(manager, 1, ret);
}

static void by_words_and_by_requests_threads_exclude_each_other(void **state)
{
    static int (*const makes[])(struct sm_manager *, struct sm_proxy **) = {sm_lock, sm_rlock,
                                                                            make_binary};
    struct fixture *f = *state;

    for (size_t i = 0; i < ARRAY_SIZE(makes); i++) {
        check_ok(makes[i](f->words, &f->lock));
        check_ok(sm_proxy_from_text(f->sockets, sm_proxy_to_text(f->lock), &f->same));
        f->counter = 0;
        f->tried = 0;
        run_threads(f, go_by_words, go_by_requests);
        assert_int_equal(f->counter, THREADS * ROUNDS + ROUNDS / 10);
        assert_true(f->tried >= THREADS * ROUNDS);
        sm_proxy_free(f->same);
        sm_proxy_free(f->lock);
    }
}

static void *count_by_words(void *fixture)
{
    struct fixture *f = fixture;

    for (int i = 0; i < ROUNDS; i++)
        must(f, sm_counter_add(f->lock, 1, NULL));
    return NULL;
}

static void *count_by_requests(void *fixture)
{
    struct fixture *f = fixture;

    for (int i = 0; i < ROUNDS / 10; i++)
        must(f, sm_counter_add(f->same, 1, NULL));
    return NULL;
}

static void by_words_and_by_requests_threads_count_together(void **state)
{
    struct fixture *f = *state;
    int64_t n = 0;

    check_ok(sm_counter(f->words, 0, &f->lock));
    check_ok(sm_proxy_from_text(f->sockets, sm_proxy_to_text(f->lock), &f->same));
    run_threads(f, count_by_words, count_by_requests);
    check_ok(sm_counter_get(f->same, &n));
    assert_int_equal(n, THREADS * ROUNDS + ROUNDS / 10);
    sm_proxy_free(f->same);
    sm_proxy_free(f->lock);
}

static void tell(struct fixture *f, long n)
{
    long before = f->told;

    while (before < n && !atomic_compare_exchange_weak(&f->told, &before, n))
        continue;
}

/* The element only rises: whoever reads gets what anybody was told before, at least. */
static void *read_what_rises(void *fixture)
{
    struct fixture *f = fixture;
    struct connection *c;
    long least = 0;

    while (least < ROUNDS && !f->failed) {
        struct sm_reply *reply = NULL;
        int64_t n = -1;

        least = f->told;
        must(f, sm_list_get(f->lock, 0, &reply));
        must(f, sm_as_int(sm_reply_value(reply), &n));
        sm_reply_free(reply);
        f->failed += n < least;
        tell(f, n);
    }
    c = connection_recent(f->words);
    f->tried += c ? c->words_used : 0;
    return NULL;
}

static void *write_what_rises(void *fixture)
{
    struct fixture *f = fixture;

    for (int i = 1; i <= ROUNDS; i++) {
        must(f, sm_list_set(i % 2 ? f->same : f->lock, 0, sm_int(i)));
        tell(f, i);
    }
    return NULL;
}

static void nobody_reads_less_than_anybody_was_told(void **state)
{
    struct fixture *f = *state;

    check_ok(sm_list(f->words, SM_TUPLE(sm_int(0)), &f->lock));
    check_ok(sm_proxy_from_text(f->sockets, sm_proxy_to_text(f->lock), &f->same));
    run_threads(f, read_what_rises, write_what_rises);
    assert_int_equal(f->told, ROUNDS);
    assert_true(f->tried > 0);
    sm_proxy_free(f->same);
    sm_proxy_free(f->lock);
}

/* The manager recalls and lends, and threads connect and end. */
static void *look_around(void *fixture)
{
    struct fixture *f = fixture;

    for (int i = 0; i < ROUNDS / 10; i++) {
        struct sm_manager *visitor = NULL;

        must(f, sm_manager_call(f->sockets, "sm_locks", sm_missing(), sm_missing(), NULL));
        must(f, connect_to(f, false, &visitor));
        sm_manager_free(visitor);
    }
    return NULL;
}

static void views_disturb_nobody(void **state)
{
    struct fixture *f = *state;

    check_ok(sm_rlock(f->words, &f->lock));
    run_threads(f, go_by_words, look_around);
    assert_int_equal(f->counter, THREADS * ROUNDS);
    sm_proxy_free(f->lock);
}

static void *set_flag(void *fixture)
{
    struct fixture *f = fixture;

    step(f);
    must(f, sm_event_set(f->lock));
    return NULL;
}

static void what_was_written_before_an_event_is_set_is_seen_after(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < ROUNDS / 20; i++) {
        bool is = false;
        pthread_t thread;

        f->counter = 0;
        check_ok(sm_event(f->words, &f->lock));
        for (int j = 0; j < 4; j++)
            check_ok(sm_event_clear(f->lock));
        assert_int_equal(pthread_create(&thread, NULL, set_flag, f), 0);
        while (!is)
            check_ok(sm_event_is_set(f->lock, &is));
        assert_int_equal(f->counter, 1);
        check_ok(sm_event_wait(f->lock, SM_FOREVER));
        pthread_join(thread, NULL);
        assert_int_equal(f->failed, 0);
        sm_proxy_free(f->lock);
    }
}

#define with_server(test) cmocka_unit_test_setup_teardown(test, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_server(by_words_and_by_requests_threads_exclude_each_other),
        with_server(by_words_and_by_requests_threads_count_together),
        with_server(nobody_reads_less_than_anybody_was_told),
        with_server(views_disturb_nobody),
        with_server(what_was_written_before_an_event_is_set_is_seen_after),
    };

    return run_group(tests, NULL, NULL);
}
