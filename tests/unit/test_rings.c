/* SPDX-License-Identifier: MIT */
/*
 * Connections that memory carries: a server and its clients in threads of one process, so that
 * ThreadSanitizer sees both ends.
 */
#include "support/client.h"
#include "support/serve.h"

#include "client/client.h"
#include "net/transport_ring.h"
#include "server/server.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 4
#define ROUNDS 2000
#define LARGE ((size_t)3 * 1024 * 1024)

struct fixture {
    struct sm_server *server;
    pthread_t serving;
    struct sm_manager *manager; /* rings, once they are lively */
    struct sm_manager *sockets;
    struct sm_proxy *proxy; /* what threads use */
    int failed;
};

static int connect_to(struct fixture *f, bool sockets_only, struct sm_manager **ret)
{
    const struct sm_manager_options options = {
        .sockets_only = sockets_only, .authkey = "key", .authkey_len = 3};

    return sm_manager_connect(sm_server_address(f->server, 0), &options, ret);
}

/* As a program's own loop does. */
static void *serve_by_steps(void *server)
{
    struct pollfd news = {.fd = sm_server_fd(server), .events = POLLIN};

    while (sm_server_step(server) == SM_NOT_YET)
        poll(&news, 1, sm_server_timeout_ms(server));
    return NULL;
}

static int start_with(void **state, struct sm_server_options options, void *(*serving)(void *))
{
    static struct fixture fixture;
    struct fixture *f = &fixture;
    char address[64];

    fixture = (struct fixture){0};
    *state = f;
    options.authkey = "key";
    options.authkey_len = 3;
    snprintf(address, sizeof(address), "unix:@sm-test-rings-%d", (int)getpid());
    if (sm_server_new(&options, &f->server) < 0 || sm_server_listen(f->server, address) < 0 ||
        pthread_create(&f->serving, NULL, serving, f->server) != 0)
        return -1;
    return connect_to(f, false, &f->manager) < 0 ? -1 : connect_to(f, true, &f->sockets);
}

static int start(void **state)
{
    return start_with(state, (struct sm_server_options){0}, serve);
}

static int start_sockets_only(void **state)
{
    return start_with(state, (struct sm_server_options){.sockets_only = true}, serve);
}

static int start_steps(void **state)
{
    return start_with(state, (struct sm_server_options){0}, serve_by_steps);
}

static int end(void **state)
{
    struct fixture *f = *state;

    sm_manager_free(f->manager);
    sm_manager_free(f->sockets);
    sm_server_stop(f->server);
    pthread_join(f->serving, NULL);
    sm_server_free(f->server);
    return 0;
}

static int64_t figure(struct fixture *f, const char *name)
{
    struct sm_reply *reply;
    struct sm_value v;
    int64_t number = -1;

    check_ok(sm_manager_call(f->sockets, "sm_info", sm_missing(), sm_missing(), &reply));
    check_ok(sm_dict_find(sm_reply_value(reply), sm_str(name), &v));
    check_ok(sm_as_int(v, &number));
    sm_reply_free(reply);
    return number;
}

/* Make so many calls that this thread's connection has a ring, if it gets one. */
static void warm_up(struct sm_manager *manager)
{
    for (int i = 0; i < 40; i++)
        check_ok(sm_manager_call(manager, "dummy", sm_missing(), sm_missing(), NULL));
}

/* This thread's end of the ring. */
static struct transport_ring *ring_of(struct sm_manager *manager)
{
    return transport_ring_of(connection_find(manager)->channel.transport);
}

static void a_lively_connection_goes_by_a_ring(void **state)
{
    struct fixture *f = *state;
    struct sm_proxy *list;
    struct sm_reply *reply;
    int64_t before;

    check_ok(sm_list(f->manager, sm_missing(), &list));
    assert_int_equal(figure(f, "rings"), 0);
    warm_up(f->manager);
    assert_int_equal(figure(f, "rings"), 1);
    before = figure(f, "by_rings");
    for (int i = 0; i < 100; i++)
        check_ok(sm_list_append(list, sm_int(i)));
    check_ok(sm_list_get(list, 99, &reply));
    check_reply("99", reply);
    assert_int_equal(figure(f, "by_rings") - before, 101);
    sm_proxy_free(list);
}

static void memory_comes_back_with_the_connection(void **state)
{
    struct fixture *f = *state;

    warm_up(f->manager);
    assert_true(figure(f, "rings") == 1);
    sm_manager_free(TAKE_PTR(f->manager));
    while (figure(f, "rings") != 0)
        continue;
}

static void clients_that_want_sockets_have_them(void **state)
{
    struct fixture *f = *state;

    warm_up(f->sockets);
    assert_int_equal(figure(f, "rings"), 0);
}

static void servers_that_share_nothing_have_sockets(void **state)
{
    struct fixture *f = *state;

    warm_up(f->manager);
    warm_up(f->manager);
    assert_int_equal(figure(f, "rings"), 0);
    assert_int_equal(figure(f, "by_rings"), 0);
}

static void messages_may_be_longer_than_a_ring(void **state)
{
    struct fixture *f = *state;
    struct sm_proxy *list;
    struct sm_reply *reply;
    char *bytes = malloc(LARGE);

    assert_non_null(bytes);
    for (size_t i = 0; i < LARGE; i++)
        bytes[i] = (char)(i * 31 >> 3);
    warm_up(f->manager);
    check_ok(sm_list(f->manager, sm_missing(), &list));
    for (size_t len = 1000; len <= LARGE; len = len * 3 + 1)
        check_ok(sm_list_append(list, sm_bytes(bytes, len)));
    for (size_t len = 1000, i = 0; len <= LARGE; len = len * 3 + 1, i++) {
        check_ok(sm_list_get(list, (int64_t)i, &reply));
        assert_int_equal(sm_reply_value(reply).len, len);
        assert_memory_equal(sm_reply_value(reply).text, bytes, len);
        sm_reply_free(reply);
    }
    assert_true(figure(f, "by_rings") > 16);
    sm_proxy_free(list);
    free(bytes);
}

static void *append_and_look(void *state)
{
    struct fixture *f = state;
    struct sm_reply *reply;

    for (int i = 0; i < ROUNDS; i++) {
        if (sm_list_append(f->proxy, sm_int(i)) < 0 || sm_list_get(f->proxy, 0, &reply) < 0) {
            f->failed = 1;
            break;
        }
        sm_reply_free(reply);
    }
    return NULL;
}

static void run_threads(struct fixture *f, void *(*what)(void *))
{
    pthread_t threads[THREADS];

    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, what, f), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(f->failed, 0);
}

static void many_threads_have_a_ring_each(void **state)
{
    struct fixture *f = *state;
    size_t len;

    check_ok(sm_list(f->manager, sm_missing(), &f->proxy));
    run_threads(f, append_and_look);
    check_ok(sm_list_len(f->proxy, &len));
    assert_int_equal(len, THREADS * ROUNDS);
    assert_true(figure(f, "by_rings") > 2 * THREADS * (ROUNDS - 40));
    sm_proxy_free(f->proxy);
}

/* Each waits for the others: both ends sleep, and are woken. */
static void *meet(void *state)
{
    struct fixture *f = state;
    int64_t index;

    for (int i = 0; i < ROUNDS / 4; i++) {
        if (sm_barrier_wait(f->proxy, SM_FOREVER, &index) < 0) {
            f->failed = 1;
            break;
        }
    }
    return NULL;
}

static void threads_that_wait_for_each_other_are_woken(void **state)
{
    struct fixture *f = *state;

    check_ok(sm_barrier(f->manager, THREADS, SM_FOREVER, &f->proxy));
    run_threads(f, meet);
    sm_proxy_free(f->proxy);
}

static void deadlines_hold_while_it_waits(void **state)
{
    struct fixture *f = *state;
    struct sm_proxy *queue;
    struct sm_reply *reply;

    warm_up(f->manager);
    check_ok(sm_queue(f->manager, 0, &queue));
    check_status(SM_NOT_YET, sm_queue_get(queue, 0.03, &reply));
    sm_manager_set_timeout(f->manager, 30);
    check_status(SM_ETIMEDOUT, sm_queue_get(queue, SM_FOREVER, &reply));
    sm_manager_set_timeout(f->manager, 0);
    check_ok(sm_queue_put(queue, sm_int(1), SM_FOREVER));
    check_ok(sm_queue_get(queue, SM_FOREVER, &reply));
    check_reply("1", reply);
    assert_int_equal(figure(f, "rings"), 1);
    sm_proxy_free(queue);
}

static void *wait_for_an_item(void *state)
{
    struct fixture *f = state;
    struct sm_reply *reply;

    warm_up(f->manager);
    if (sm_queue_get(f->proxy, SM_FOREVER, &reply) != SM_EINTERRUPTED)
        f->failed = 1;
    return NULL;
}

static void interrupts_end_a_wait(void **state)
{
    struct fixture *f = *state;
    pthread_t thread;

    check_ok(sm_queue(f->manager, 0, &f->proxy));
    assert_int_equal(pthread_create(&thread, NULL, wait_for_an_item, f), 0);
    while (figure(f, "waiting") == 0)
        continue;
    sm_manager_interrupt(f->manager);
    pthread_join(thread, NULL);
    assert_int_equal(f->failed, 0);
    sm_proxy_free(f->proxy);
}

static int64_t number_of(struct sm_manager *manager)
{
    return (int64_t)connection_find(manager)->id;
}

static void kill_connection(struct fixture *f, int64_t number)
{
    check_ok(sm_manager_call(f->sockets, "sm_kill", SM_TUPLE(sm_int(number)), sm_missing(), NULL));
}

static void a_connection_that_was_ended_says_so(void **state)
{
    struct fixture *f = *state;
    struct sm_proxy *event;
    bool is;

    check_ok(sm_event(f->manager, &event));
    warm_up(f->manager);
    kill_connection(f, number_of(f->manager));
    check_status(SM_ECLOSED, sm_event_is_set(event, &is));
    warm_up(f->manager);
    assert_int_equal(figure(f, "rings"), 1);
    sm_proxy_free(event);
}

/* Write a request into the ring, and do not wait for its answer. */
static void send_only(struct sm_manager *manager, struct sm_proxy *proxy, const char *method)
{
    struct connection *c = connection_find(manager);
    struct outgoing request = {.target = sm_str(sm_proxy_ident(proxy)),
                               .name = method,
                               .args = no_args(),
                               .kwargs = no_kwargs()};
    struct channel_wait wait = manager_wait(manager);

    buffer_clear(&c->out);
    check_ok(request_write(&c->out, &request, NULL));
    assert_int_equal(channel_send(&c->channel, c->out.data, c->out.len, &wait), 0);
}

static void wait_for_answer(struct transport_ring *r)
{
    while (!byte_ring_has_bytes(&r->in))
        continue;
}

static void an_answer_that_was_not_read_is_given_back(void **state)
{
    struct fixture *f = *state;
    struct sm_proxy *queue;
    struct transport_ring *r;
    char bytes[64];
    int64_t number;
    size_t len;

    warm_up(f->manager);
    r = ring_of(f->manager);
    number = number_of(f->manager);
    check_ok(sm_queue(f->manager, 0, &queue));
    check_ok(sm_queue_put(queue, sm_int(1), SM_FOREVER));
    send_only(f->manager, queue, "get");
    wait_for_answer(r);
    kill_connection(f, number);
    assert_int_equal(r->transport.ops->read(&r->transport, bytes, sizeof(bytes), false),
                     -ECONNRESET);
    assert_int_equal(figure(f, "undelivered"), 1);
    connection_free(connection_find(f->manager));
    check_ok(sm_queue_qsize(queue, &len));
    assert_int_equal(len, 1);
    sm_proxy_free(queue);
}

static void an_answer_that_was_read_is_not(void **state)
{
    struct fixture *f = *state;
    struct sm_proxy *queue;
    struct transport_ring *r;
    char bytes[64];
    size_t len;

    warm_up(f->manager);
    r = ring_of(f->manager);
    check_ok(sm_queue(f->manager, 0, &queue));
    check_ok(sm_queue_put(queue, sm_int(1), SM_FOREVER));
    send_only(f->manager, queue, "get");
    wait_for_answer(r);
    assert_true(r->transport.ops->read(&r->transport, bytes, sizeof(bytes), false) > 0);
    kill_connection(f, number_of(f->manager));
    assert_int_equal(figure(f, "undelivered"), 0);
    connection_free(connection_find(f->manager));
    check_ok(sm_queue_qsize(queue, &len));
    assert_int_equal(len, 0);
    sm_proxy_free(queue);
}

static void a_child_has_a_connection_of_its_own(void **state)
{
    struct fixture *f = *state;
    struct sm_proxy *list;
    struct sm_reply *reply;
    int status = -1;
    pid_t child;

    warm_up(f->manager);
    check_ok(sm_list(f->manager, sm_missing(), &list));
    check_ok(sm_list_append(list, sm_int(1)));
    child = fork();
    if (child == 0) {
        for (int i = 0; i < 100; i++) {
            if (sm_list_get(list, 0, &reply) < 0)
                _exit(1);
            sm_reply_free(reply);
        }
        _exit(0);
    }
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    check_ok(sm_list_get(list, 0, &reply));
    check_reply("1", reply);
    sm_proxy_free(list);
}

/* It holds a ring, and is killed with a part of a request in it. */
static void a_client_that_dies_within_a_message_is_forgotten(void **state)
{
    struct fixture *f = *state;
    const struct iovec part = {"\0\0\1\0half", 8};
    struct transport_ring *r;
    int status = -1;
    pid_t child = fork();

    if (child == 0) {
        warm_up(f->manager);
        r = ring_of(f->manager);
        r->transport.ops->writev(&r->transport, &part, 1, true);
        kill(getpid(), SIGKILL);
    }
    waitpid(child, &status, 0);
    assert_true(WIFSIGNALED(status));
    while (figure(f, "rings") != 0)
        continue;
}

static void a_request_is_served_whose_client_has_died_since(void **state)
{
    struct fixture *f = *state;
    struct sm_proxy *event;
    int status = -1;
    bool is = false;
    pid_t child;

    check_ok(sm_event(f->sockets, &event));
    child = fork();
    if (child == 0) {
        struct sm_proxy *same;

        check_ok(sm_proxy_from_text(f->manager, sm_proxy_to_text(event), &same));
        warm_up(f->manager);
        send_only(f->manager, same, "set");
        kill(getpid(), SIGKILL);
    }
    waitpid(child, &status, 0);
    assert_true(WIFSIGNALED(status));
    check_ok(sm_event_wait(event, SM_FOREVER));
    check_ok(sm_event_is_set(event, &is));
    assert_true(is);
    sm_proxy_free(event);
}

/* Seconds of processor time of the whole process. */
static double processor_time(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void rings_that_are_idle_take_no_processor_time(void **state)
{
    struct fixture *f = *state;
    struct sm_proxy *queue;
    struct sm_reply *reply;
    double before;

    warm_up(f->manager);
    check_ok(sm_queue(f->manager, 0, &queue));
    before = processor_time();
    check_status(SM_NOT_YET, sm_queue_get(queue, 0.5, &reply));
    assert_true(processor_time() - before < 0.1);
    sm_proxy_free(queue);
}

static void a_bell_that_nobody_needs_does_no_harm(void **state)
{
    struct fixture *f = *state;
    const struct iovec bells = {"ding dong", 9};
    struct transport *socket;

    warm_up(f->manager);
    socket = ring_of(f->manager)->socket;
    for (int i = 0; i < 1000; i++) {
        (void)!socket->ops->writev(socket, &bells, 1, true);
        if (i % 100 == 0)
            warm_up(f->manager);
    }
    assert_int_equal(figure(f, "rings"), 1);
}

static void nonsense_in_a_ring_ends_its_connection_alone(void **state)
{
    struct fixture *f = *state;
    struct transport_ring *r;

    warm_up(f->manager);
    r = ring_of(f->manager);
    atomic_store(&r->out.ring->tail, r->out.tail + BYTE_RING_LARGE + 1);
    r->socket->ops->writev(r->socket, &(struct iovec){"", 1}, 1, true);
    while (figure(f, "rings") != 0)
        continue;
}

#define with(test) cmocka_unit_test_setup_teardown(test, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with(a_lively_connection_goes_by_a_ring),
        with(memory_comes_back_with_the_connection),
        with(clients_that_want_sockets_have_them),
        cmocka_unit_test_setup_teardown(servers_that_share_nothing_have_sockets, start_sockets_only,
                                        end),
        with(messages_may_be_longer_than_a_ring),
        with(many_threads_have_a_ring_each),
        with(threads_that_wait_for_each_other_are_woken),
        cmocka_unit_test_setup_teardown(many_threads_have_a_ring_each, start_steps, end),
        cmocka_unit_test_setup_teardown(messages_may_be_longer_than_a_ring, start_steps, end),
        with(deadlines_hold_while_it_waits),
        with(interrupts_end_a_wait),
        with(a_connection_that_was_ended_says_so),
        with(an_answer_that_was_not_read_is_given_back),
        with(an_answer_that_was_read_is_not),
        with(a_child_has_a_connection_of_its_own),
        with(a_client_that_dies_within_a_message_is_forgotten),
        with(a_request_is_served_whose_client_has_died_since),
        with(rings_that_are_idle_take_no_processor_time),
        with(a_bell_that_nobody_needs_does_no_harm),
        with(nonsense_in_a_ring_ends_its_connection_alone),
    };

    return run_group(tests, NULL, NULL);
}
