/* SPDX-License-Identifier: MIT */
/* Connections that are lent to a host, which has a thread for each session. */
#include "support/client.h"
#include "support/serve.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define SESSIONS_MAX 16
#define LONG_REPLY (8 * 1024 * 1024)

struct fixture;

struct session {
    struct fixture *fixture;
    pthread_t thread;
    struct sm_request *request; /* to be served */
    bool ended;
};

struct fixture {
    struct sm_server *server;
    struct sm_manager *manager;
    pthread_t serving;
    bool stopped;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct session sessions[SESSIONS_MAX];
    size_t sessions_len;
    size_t there; /* requests that came without the loop */
    bool held;    /* a call waits for `go_on` */
    bool go_on;
    size_t ended;  /* sessions */
    int guests[2]; /* references that the server has of each */
    size_t visits; /* that have begun */
    size_t returned;
    size_t waiting; /* threads that wait for the next request of a visit */
    bool patient;   /* when a visit returns, it is waited for them to go on */
};

#define REPLY(value) "\x80\x02X\x07\0\0\0#RETURN" value "\x86."

static bool asks(const struct sm_request *request, const char *name)
{
    return memmem(request->message, request->message_len, name, strlen(name));
}

static void answer_guest(struct fixture *f, struct sm_request *request)
{
    static const char *const exposed[] = {"first", "hold", NULL};
    int *guest = &f->guests[asks(request, "Other")];

    pthread_mutex_lock(&f->lock);
    ++*guest;
    pthread_mutex_unlock(&f->lock);
    sm_request_answer_guest(request, "Thing", guest, exposed);
}

static void hold(struct fixture *f)
{
    pthread_mutex_lock(&f->lock);
    f->held = true;
    pthread_cond_broadcast(&f->changed);
    while (!f->go_on)
        pthread_cond_wait(&f->changed, &f->lock);
    f->held = f->go_on = false;
    pthread_mutex_unlock(&f->lock);
}

static struct sm_request *answer_long(struct sm_request *request)
{
    static const char head[] = "\x80\x02X\x07\0\0\0#RETURNB";
    const uint32_t len = LONG_REPLY;
    size_t at = sizeof(head) - 1;
    struct sm_request *next;
    char *reply = malloc(at + sizeof(len) + len + 2);

    assert_non_null(reply);
    memcpy(reply, head, at);
    memcpy(reply + at, &len, sizeof(len)); /* little-endian, as the opcode has it */
    memset(reply + at + sizeof(len), 'x', len);
    memcpy(reply + at + sizeof(len) + len, "\x86.", 2);
    next = sm_request_answer_next(request, reply, at + sizeof(len) + len + 2);
    free(reply);
    return next;
}

/* What visits stays; "pop" sends it back as it was. */
static struct sm_request *visited(struct fixture *f, struct sm_request *request)
{
    bool goes = asks(request, "pop");

    pthread_mutex_lock(&f->lock);
    f->visits += request->value != NULL;
    f->waiting += !goes;
    pthread_mutex_unlock(&f->lock);
    if (!goes) {
        request = sm_request_answer_next(request, REPLY("K\x03"), sizeof(REPLY("K\x03")) - 1);
        pthread_mutex_lock(&f->lock);
        f->waiting--;
        pthread_cond_broadcast(&f->changed);
        pthread_mutex_unlock(&f->lock);
        return request;
    }
    sm_request_answer_visit(request, REPLY("K\x04"), sizeof(REPLY("K\x04")) - 1, "", 0);
    return NULL;
}

/* Serve one request; the next, if it came at once. */
static struct sm_request *work(struct fixture *f, struct sm_request *request)
{
    if (request->kind == SM_REQUEST_CREATE) {
        answer_guest(f, request);
        return NULL;
    }
    if (asks(request, "hold"))
        hold(f);
    if (request->kind == SM_REQUEST_VISIT)
        return visited(f, request);
    if (asks(request, "long"))
        return answer_long(request);
    return request->guest == &f->guests[0]
               ? sm_request_answer_next(request, REPLY("K\x01"), sizeof(REPLY("K\x01")) - 1)
               : sm_request_answer_next(request, REPLY("K\x02"), sizeof(REPLY("K\x02")) - 1);
}

static void *work_all(void *context)
{
    struct session *session = context;
    struct fixture *f = session->fixture;
    struct sm_request *request;

    pthread_mutex_lock(&f->lock);
    for (;;) {
        while (!session->request && !session->ended)
            pthread_cond_wait(&f->changed, &f->lock);
        request = session->request;
        session->request = NULL;
        if (!request)
            break;
        while (request) {
            pthread_mutex_unlock(&f->lock);
            request = work(f, request);
            pthread_mutex_lock(&f->lock);
            f->there += request != NULL;
        }
    }
    pthread_mutex_unlock(&f->lock);
    return NULL;
}

static void host_serve(void *context, struct sm_request *request, void **ret_session)
{
    struct fixture *f = context;
    struct session *session = *ret_session;

    pthread_mutex_lock(&f->lock);
    if (!session) {
        session = *ret_session = &f->sessions[f->sessions_len++];
        session->fixture = f;
        assert_int_equal(pthread_create(&session->thread, NULL, work_all, session), 0);
    }
    assert_null(session->request);
    session->request = request;
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->lock);
}

static void host_ended(void *context, void *session)
{
    struct fixture *f = context;

    pthread_mutex_lock(&f->lock);
    ((struct session *)session)->ended = true;
    f->ended++;
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->lock);
}

static void host_dropped(void *context, void *guest)
{
    struct fixture *f = context;

    pthread_mutex_lock(&f->lock);
    --*(int *)guest;
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->lock);
}

static void host_returned(void *context, uint64_t visit)
{
    struct fixture *f = context;

    (void)visit;
    pthread_mutex_lock(&f->lock);
    while (f->patient && f->waiting)
        pthread_cond_wait(&f->changed, &f->lock);
    f->returned++;
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->lock);
}

static const struct sm_host host = {
    .serve = host_serve,
    .ended = host_ended,
    .dropped = host_dropped,
    .returned = host_returned,
};

static int connect_to(struct fixture *f, struct sm_manager **ret)
{
    const struct sm_manager_options options = {
        .sockets_only = true, .authkey = "key", .authkey_len = 3};

    return sm_manager_connect(sm_server_address(f->server, 0), &options, ret);
}

static int start(void **state)
{
    static struct fixture fixture;
    struct fixture *f = &fixture;
    char address[64];

    fixture = (struct fixture){0};
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->changed, NULL);
    snprintf(address, sizeof(address), "unix:@sm-test-lend-%d", (int)getpid());
    if (sm_server_new(&(struct sm_server_options){.authkey = "key", .authkey_len = 3}, &f->server) <
        0)
        return -1;
    sm_server_set_host(f->server, &host, f);
    *state = f;
    return sm_server_listen(f->server, address) < 0 ||
                   pthread_create(&f->serving, NULL, serve, f->server) != 0
               ? -1
               : connect_to(f, &f->manager);
}

static void release(struct fixture *f)
{
    pthread_mutex_lock(&f->lock);
    f->go_on = true;
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->lock);
}

static void stop_serving(struct fixture *f)
{
    if (!f->stopped) {
        sm_server_stop(f->server);
        pthread_join(f->serving, NULL);
    }
    f->stopped = true;
}

/* The server goes last: no request is unanswered when the sessions have ended. */
static int end(void **state)
{
    struct fixture *f = *state;

    sm_manager_free(f->manager);
    stop_serving(f);
    for (size_t i = 0; i < f->sessions_len; i++)
        pthread_join(f->sessions[i].thread, NULL);
    sm_server_free(f->server);
    pthread_cond_destroy(&f->changed);
    pthread_mutex_destroy(&f->lock);
    return f->guests[0] || f->guests[1] || f->visits != f->returned ? -1 : 0;
}

static struct sm_proxy *make(struct sm_manager *manager, const char *typeid)
{
    struct sm_proxy *proxy = NULL;

    check_ok(sm_create(manager, typeid, sm_missing(), sm_missing(), &proxy));
    return proxy;
}

static void check_call(const char *expected, struct sm_proxy *proxy, struct sm_value args)
{
    struct sm_reply *reply;

    check_ok(sm_call(proxy, "first", args, &reply));
    check_reply(expected, reply);
}

static size_t requests_there(struct fixture *f)
{
    size_t there;

    pthread_mutex_lock(&f->lock);
    there = f->there;
    pthread_mutex_unlock(&f->lock);
    return there;
}

/* Until one call has come to the host without the loop. */
static void call_until_lent(struct fixture *f, struct sm_proxy *proxy)
{
    size_t before = requests_there(f);

    while (requests_there(f) == before)
        check_call("1", proxy, sm_missing());
}

static void calls_in_a_row_need_no_loop(void **state)
{
    struct fixture *f = *state;
    struct sm_proxy *proxy = make(f->manager, "Thing");

    call_until_lent(f, proxy);
    sm_proxy_free(proxy);
}

/* Sort by a function: the object visits the host, if it is not there. */
static void sort_by_key(struct sm_proxy *list)
{
    static const struct sm_global function = {"m", 1, "f", 1};
    const struct sm_value key = {.kind = SM_KIND_GLOBAL, .global = &function};
    struct sm_reply *reply;

    check_ok(sm_call_kwargs(list, "sort", SM_TUPLE(), SM_DICT({sm_str("key"), key}), &reply));
    check_reply("3", reply);
}

static struct sm_proxy *visiting(struct fixture *f, struct sm_manager *manager)
{
    struct sm_proxy *list;
    size_t before = requests_there(f);

    check_ok(sm_create(manager, "list", SM_TUPLE(SM_LIST(sm_int(1))), sm_missing(), &list));
    while (requests_there(f) == before)
        sort_by_key(list);
    return list;
}

static void calls_of_what_visits_need_no_loop_either(void **state)
{
    struct fixture *f = *state;
    struct sm_proxy *list = visiting(f, f->manager), *other;
    struct sm_reply *reply;

    assert_int_equal(f->visits, 1);
    check_ok(sm_create(f->manager, "list", SM_TUPLE(SM_LIST(sm_int(1))), sm_missing(), &other));
    check_text("[1]", other);
    check_ok(sm_call(list, "pop", sm_missing(), &reply));
    check_reply("4", reply);
    wait_until(f, f->returned == 1);
    check_text("[1]", list);
    sm_proxy_free(other);
    sm_proxy_free(list);
}

/* What cannot change is sent back as soon as its call is over: here when the server ends. */
static void the_host_is_told_while_its_thread_goes_on(void **state)
{
    static const struct sm_global function = {"m", 1, "f", 1};
    const struct sm_value x = {.kind = SM_KIND_GLOBAL, .global = &function};
    struct fixture *f = *state;
    struct sm_proxy *space;
    struct sm_reply *reply;

    check_ok(sm_create(f->manager, "Namespace", SM_TUPLE(), SM_DICT({sm_str("x"), x}), &space));
    for (int i = 0; i < 2; i++) { /* the second has its connection lent */
        check_ok(sm_call(space, "__str__", sm_missing(), &reply));
        check_reply("3", reply);
    }
    pthread_mutex_lock(&f->lock);
    f->patient = true;
    pthread_mutex_unlock(&f->lock);
    stop_serving(f);
    assert_int_equal(f->returned, f->visits);
    sm_proxy_free(space);
}

static void what_visits_has_the_methods_of_its_type_alone(void **state)
{
    struct fixture *f = *state;
    struct sm_proxy *list = visiting(f, f->manager);

    assert_int_equal(sm_call(list, "__class__", sm_missing(), NULL), SM_ERAISED);
    sort_by_key(list);
    sm_proxy_free(list);
}

/* What visits is the host's until a call sends it back, whoever that is of. */
static void a_visit_outlives_the_connection_that_was_lent(void **state)
{
    struct fixture *f = *state;
    struct sm_manager *manager;
    struct sm_proxy *list, *same;
    struct sm_reply *reply;

    check_ok(connect_to(f, &manager));
    list = visiting(f, manager);
    check_ok(sm_call(list, "count", SM_TUPLE(sm_int(1)), &reply));
    check_reply("3", reply);
    check_ok(sm_proxy_from_ident(f->manager, sm_proxy_ident(list), &same));
    sm_proxy_free(list);
    sm_manager_free(manager);
    wait_until(f, f->ended == 1);
    check_ok(sm_call(same, "count", SM_TUPLE(sm_int(1)), &reply));
    check_reply("3", reply);
    check_ok(sm_call(same, "pop", sm_missing(), &reply));
    check_reply("4", reply);
    wait_until(f, f->returned == 1);
    sm_proxy_free(same);
}

static void all_other_requests_are_the_loops(void **state)
{
    struct fixture *f = *state;
    struct sm_proxy *proxy = make(f->manager, "Thing"), *other = make(f->manager, "Other");
    struct sm_proxy *list;
    struct sm_reply *reply;

    check_ok(sm_create(f->manager, "list", SM_TUPLE(SM_LIST(sm_int(1))), sm_missing(), &list));
    for (int i = 0; i < 20; i++) {
        call_until_lent(f, proxy);
        check_call("2", other, sm_missing());
        call_until_lent(f, proxy);
        check_text("[1]", list);
        call_until_lent(f, proxy);
        check_call("1", proxy, SM_TUPLE(sm_proxy_value(list)));
        call_until_lent(f, proxy);
        check_ok(sm_manager_call(f->manager, "dummy", sm_missing(), sm_missing(), &reply));
        check_reply("None", reply);
    }
    sm_proxy_free(list);
    sm_proxy_free(other);
    sm_proxy_free(proxy);
}

static void long_messages_arrive_whole(void **state)
{
    struct fixture *f = *state;
    struct sm_proxy *proxy = make(f->manager, "Thing");
    char *text = calloc(1, LONG_REPLY);
    struct sm_reply *reply;

    assert_non_null(text);
    for (int i = 0; i < 3; i++) {
        call_until_lent(f, proxy);
        check_ok(sm_call(proxy, "long", sm_missing(), &reply));
        assert_int_equal(sm_len(sm_reply_value(reply)), LONG_REPLY);
        sm_reply_free(reply);
        call_until_lent(f, proxy);
        check_call("1", proxy, SM_TUPLE(sm_bytes(text, LONG_REPLY)));
    }
    free(text);
    sm_proxy_free(proxy);
}

static void requests_sent_together_are_all_answered(void **state)
{
    struct fixture *f = *state;
    struct sm_proxy *proxy = make(f->manager, "Thing");
    struct sm_batch *batch;
    struct sm_reply *reply;

    check_ok(sm_batch_new(f->manager, &batch));
    call_until_lent(f, proxy);
    for (int i = 0; i < 100; i++)
        check_ok(sm_batch_call(batch, proxy, "first", sm_missing()));
    check_ok(sm_batch_run(batch));
    for (int i = 0; i < 100; i++) {
        check_ok(sm_batch_next(batch, &reply));
        check_reply("1", reply);
    }
    sm_batch_free(batch);
    sm_proxy_free(proxy);
}

static struct sm_reply *ask(struct fixture *f, const char *name, struct sm_value args)
{
    struct sm_reply *reply = NULL;

    check_ok(sm_manager_call(f->manager, name, args, sm_missing(), &reply));
    return reply;
}

static int64_t number_of(struct sm_reply *reply, const char *key)
{
    struct sm_value value;
    int64_t number;

    check_ok(sm_dict_find(sm_reply_value(reply), sm_str(key), &value));
    check_ok(sm_as_int(value, &number));
    return number;
}

static void calls_are_counted(void **state)
{
    struct fixture *f = *state;
    struct sm_proxy *proxy = make(f->manager, "Thing");
    struct sm_reply *before, *after;

    call_until_lent(f, proxy);
    before = ask(f, "sm_info", sm_missing());
    for (int i = 0; i < 100; i++)
        check_call("1", proxy, sm_missing());
    after = ask(f, "sm_info", sm_missing());
    assert_int_equal(number_of(after, "calls") - number_of(before, "calls"), 101);
    assert_true(number_of(after, "bytes_in") - number_of(before, "bytes_in") > 100 * 30);
    assert_true(number_of(after, "bytes_out") - number_of(before, "bytes_out") > 100 * 20);
    assert_int_equal(number_of(after, "waiting"), 0);
    sm_reply_free(before);
    sm_reply_free(after);
    sm_proxy_free(proxy);
}

struct caller {
    struct fixture *fixture;
    struct sm_manager *manager;
    struct sm_proxy *proxy;
    int status;
};

/* Wait in the host, while the connection is lent or was until then. */
static void *wait_there(void *context)
{
    struct caller *caller = context;

    call_until_lent(caller->fixture, caller->proxy);
    caller->status = sm_call(caller->proxy, "hold", sm_missing(), NULL);
    return NULL;
}

static void start_waiting(struct fixture *f, struct caller *caller, pthread_t *ret)
{
    *caller = (struct caller){.fixture = f};
    check_ok(connect_to(f, &caller->manager));
    caller->proxy = make(caller->manager, "Thing");
    assert_int_equal(pthread_create(ret, NULL, wait_there, caller), 0);
    wait_until(f, f->held);
}

static void end_waiting(struct caller *caller)
{
    sm_proxy_free(caller->proxy);
    sm_manager_free(caller->manager);
}

static void a_call_that_waits_is_shown_and_answered(void **state)
{
    struct fixture *f = *state;
    struct sm_reply *reply;
    struct caller caller;
    pthread_t thread;

    start_waiting(f, &caller, &thread);
    reply = ask(f, "sm_info", sm_missing());
    assert_int_equal(number_of(reply, "waiting"), 1);
    sm_reply_free(reply);
    release(f);
    pthread_join(thread, NULL);
    assert_int_equal(caller.status, SM_OK);
    end_waiting(&caller);
}

static void a_call_that_waits_is_withdrawn(void **state)
{
    struct fixture *f = *state;
    struct sm_proxy *proxy = make(f->manager, "Thing");

    call_until_lent(f, proxy);
    sm_manager_set_timeout(f->manager, 20);
    check_status(SM_ETIMEDOUT, sm_call(proxy, "hold", sm_missing(), NULL));
    sm_manager_set_timeout(f->manager, 0);
    wait_until(f, f->ended);
    release(f);
    call_until_lent(f, proxy);
    sm_proxy_free(proxy);
}

/* The one who waits is told, and what its call comes to is for nobody. */
static void a_connection_that_is_lent_can_be_killed(void **state)
{
    struct fixture *f = *state;
    struct sm_reply *reply;
    struct caller caller;
    pthread_t thread;
    int64_t number;

    start_waiting(f, &caller, &thread);
    reply = ask(f, "sm_connection", sm_missing());
    check_ok(sm_as_int(sm_reply_value(reply), &number));
    sm_reply_free(reply);
    for (int64_t client = 1; client < number + 8; client++) {
        if (client != number)
            sm_reply_free(ask(f, "sm_kill", SM_TUPLE(sm_int(client))));
    }
    pthread_join(thread, NULL);
    assert_int_equal(caller.status, SM_ECLOSED);
    wait_until(f, f->ended);
    release(f);
    end_waiting(&caller);
}

/* Only whoever watches the connection sees it end. */
static void a_client_that_goes_while_it_waits_is_noticed(void **state)
{
    struct fixture *f = *state;
    struct caller caller;
    pid_t child;

    child = fork();
    if (child == 0) {
        caller = (struct caller){.fixture = f};
        if (connect_to(f, &caller.manager) < 0)
            _exit(1);
        caller.proxy = make(caller.manager, "Thing");
        for (int i = 0; i < 20; i++)
            check_call("1", caller.proxy, sm_missing());
        sm_call(caller.proxy, "hold", sm_missing(), NULL);
        _exit(1);
    }
    wait_until(f, f->held);
    kill(child, SIGKILL);
    wait_until(f, f->ended);
    waitpid(child, NULL, 0);
    release(f);
}

static void the_server_ends_while_connections_are_lent(void **state)
{
    struct fixture *f = *state;
    struct sm_proxy *proxy = make(f->manager, "Thing");

    call_until_lent(f, proxy);
    stop_serving(f);
    sm_proxy_free(proxy);
}

#define with_host(test) cmocka_unit_test_setup_teardown(test, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_host(calls_in_a_row_need_no_loop),
        with_host(calls_of_what_visits_need_no_loop_either),
        with_host(the_host_is_told_while_its_thread_goes_on),
        with_host(what_visits_has_the_methods_of_its_type_alone),
        with_host(a_visit_outlives_the_connection_that_was_lent),
        with_host(all_other_requests_are_the_loops),
        with_host(long_messages_arrive_whole),
        with_host(requests_sent_together_are_all_answered),
        with_host(calls_are_counted),
        with_host(a_call_that_waits_is_shown_and_answered),
        with_host(a_call_that_waits_is_withdrawn),
        with_host(a_connection_that_is_lent_can_be_killed),
        with_host(a_client_that_goes_while_it_waits_is_noticed),
        with_host(the_server_ends_while_connections_are_lent),
    };

    return run_group(tests, NULL, NULL);
}
