/* SPDX-License-Identifier: MIT */
/* Guests: a host in a thread of this process answers what the server hands it. */
#include "support/client.h"
#include "support/serve.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#define ROW_MAX 64

struct fixture {
    struct sm_server *server;
    struct sm_manager *manager;
    pthread_t serving, working;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct sm_request *row[ROW_MAX]; /* what the host is to do */
    size_t row_len;
    struct sm_request *held; /* one that waits for release() */
    char names[ROW_MAX];     /* of sessions, by their addresses */
    size_t sessions;
    uint64_t returned; /* the visit that was over last */
    void *ended;       /* the session that ended last */
    int references;    /* of `thing` that the server has */
    bool over;
};

static int thing; /* the one guest */

static void host_serve(void *context, struct sm_request *request, void **session)
{
    struct fixture *f = context;

    if (!*session)
        *session = &f->names[f->sessions++];

    pthread_mutex_lock(&f->lock);
    f->row[f->row_len++] = request;
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->lock);
}

static void host_ended(void *context, void *session)
{
    struct fixture *f = context;

    pthread_mutex_lock(&f->lock);
    f->ended = session;
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->lock);
}

static void host_dropped(void *context, void *guest)
{
    struct fixture *f = context;

    assert_ptr_equal(guest, &thing);
    pthread_mutex_lock(&f->lock);
    f->references--;
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->lock);
}

static void host_returned(void *context, uint64_t visit)
{
    struct fixture *f = context;

    pthread_mutex_lock(&f->lock);
    f->returned = visit;
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->lock);
}

static const struct sm_host host = {
    .serve = host_serve,
    .ended = host_ended,
    .dropped = host_dropped,
    .returned = host_returned,
    .drain_ms = 1,
};

#define pickle(request, bytes) sm_request_answer(request, bytes, sizeof(bytes) - 1)
#define REPLY(value) "\x80\x02X\x07\0\0\0#RETURN" value "\x86."

static void answer_guest(struct fixture *f, struct sm_request *request)
{
    static const char *const exposed[] = {"answer", "itself", NULL};

    pthread_mutex_lock(&f->lock);
    f->references++;
    pthread_mutex_unlock(&f->lock);
    sm_request_answer_guest(request, "Thing", &thing, exposed);
}

static bool asks(const struct sm_request *request, const char *name)
{
    return memmem(request->message, request->message_len, name, strlen(name));
}

static void bring(struct fixture *f, struct sm_request *request, const char *key)
{
    pthread_mutex_lock(&f->lock);
    f->references++;
    pthread_mutex_unlock(&f->lock);
    check_ok(sm_request_bring(request, &thing, key));
}

#define STATE(key) "}X\3\0\0\0_idX\4\0\0\0hereX\1\0\0\0" key "\x86s"

/* What is brought has the name "b", whatever it had. */
static void take_over(struct fixture *f, struct sm_request *request)
{
    static const char one[] = "\x80\2(" STATE("b") "l.", none[] = "\x80\2].";

    bring(f, request, "b");
    if (asks(request, "remove"))
        sm_request_answer_brought(request, none, sizeof(none) - 1);
    else
        sm_request_answer_brought(request, one, sizeof(one) - 1);
}

#define DESCRIPTOR(key) "cm\nf\ncmultiprocessing.resource_sharer\nDupFd\n)\x81" STATE(key) "b\x85R"

/* A list with a descriptor named "a" is what [7] is after its visit. */
static void visit(struct fixture *f, struct sm_request *request)
{
    static const char two[] = "\x80\2](K\5K\6e.", kept[] = "\x80\2(" DESCRIPTOR("a") "l.";

    if (memmem(request->value, request->value_len, "K\7", 2)) {
        bring(f, request, "a");
        bring(f, request, "unused");
        sm_request_answer_visit(request, REPLY("N"), sizeof(REPLY("N")) - 1, kept,
                                sizeof(kept) - 1);
    } else {
        sm_request_answer_visit(request, REPLY("N"), sizeof(REPLY("N")) - 1, two, sizeof(two) - 1);
    }
}

static void work(struct fixture *f, struct sm_request *request)
{
    if (request->kind == SM_REQUEST_CREATE || asks(request, "itself")) {
        answer_guest(f, request);
    } else if (request->kind == SM_REQUEST_VISIT) {
        assert_non_null(request->value);
        visit(f, request);
    } else if (request->kind == SM_REQUEST_BRING) {
        take_over(f, request);
    } else if (request->kind == SM_REQUEST_DEBUG_INFO) {
        assert_ptr_equal(request->guests[0], &thing);
        pickle(request, REPLY("X\x04\0\0\0text"));
    } else if (asks(request, "answer")) {
        assert_ptr_equal(request->guest, &thing);
        pickle(request, REPLY("K*"));
    } else if (asks(request, "list")) {
        sm_request_answer_new(request, "list",
                              "\x80\x02](K\x01K\x02"
                              "e\x85.",
                              11);
    } else if (asks(request, "nonsense")) {
        sm_request_answer_new(request, "Lock", "\x80\x02K\x01\x85.", 6);
    } else if (asks(request, "close")) {
        sm_request_close(request);
    } else {
        pthread_mutex_lock(&f->lock);
        f->held = request;
        pthread_cond_broadcast(&f->changed);
        pthread_mutex_unlock(&f->lock);
    }
}

static void *work_all(void *context)
{
    struct fixture *f = context;

    pthread_mutex_lock(&f->lock);
    while (!f->over) {
        while (f->row_len) {
            struct sm_request *request = f->row[0];

            memmove(f->row, f->row + 1, --f->row_len * sizeof(f->row[0]));
            pthread_mutex_unlock(&f->lock);
            work(f, request);
            pthread_mutex_lock(&f->lock);
        }
        if (!f->over)
            pthread_cond_wait(&f->changed, &f->lock);
    }
    pthread_mutex_unlock(&f->lock);
    return NULL;
}

static int start(void **state)
{
    static struct fixture fixture;
    struct fixture *f = &fixture;
    const struct sm_manager_options options = {.authkey = "key", .authkey_len = 3};
    const struct sm_server_options server = {
        .authkey = "key", .authkey_len = 3, .drain_ms = 3600 * 1000};
    char address[64];

    fixture = (struct fixture){0};
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->changed, NULL);
    snprintf(address, sizeof(address), "unix:@sm-test-guest-%d", (int)getpid());
    if (sm_server_new(&server, &f->server) < 0)
        return -1;
    sm_server_set_host(f->server, &host, f);
    if (sm_server_listen(f->server, address) < 0 ||
        pthread_create(&f->serving, NULL, serve, f->server) != 0 ||
        pthread_create(&f->working, NULL, work_all, f) != 0 ||
        sm_manager_connect(address, &options, &f->manager) < 0)
        return -1;
    *state = f;
    return 0;
}

static void release(struct fixture *f)
{
    if (f->held)
        pickle(f->held, REPLY("K\x01"));
    f->held = NULL;
}

static int end(void **state)
{
    struct fixture *f = *state;

    sm_manager_free(f->manager);
    sm_server_stop(f->server);
    pthread_join(f->serving, NULL);
    pthread_mutex_lock(&f->lock);
    f->over = true;
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->lock);
    pthread_join(f->working, NULL);
    release(f);
    sm_server_free(f->server);
    pthread_cond_destroy(&f->changed);
    pthread_mutex_destroy(&f->lock);
    return f->references ? -1 : 0;
}

static struct sm_proxy *make(struct fixture *f)
{
    struct sm_proxy *proxy = NULL;

    check_ok(sm_create(f->manager, "Thing", sm_missing(), sm_missing(), &proxy));
    return proxy;
}

static void a_call_gets_the_hosts_reply(void **state)
{
    struct sm_proxy *proxy = make(*state);
    struct sm_reply *reply;

    check_ok(sm_call(proxy, "answer", sm_missing(), &reply));
    check_reply("42", reply);
    sm_proxy_free(proxy);
}

static void a_guest_given_twice_is_one_object(void **state)
{
    struct fixture *f = *state;
    struct sm_proxy *one = make(f), *two;
    size_t objects;

    check_ok(sm_call_proxy(one, "itself", sm_missing(), &two));
    check_ok(sm_manager_number_of_objects(f->manager, &objects));
    assert_int_equal(objects, 1);
    wait_until(f, f->references == 1);
    sm_proxy_free(two);
    check_ok(sm_call(one, "answer", sm_missing(), NULL));
    sm_proxy_free(one);
}

static void a_guest_goes_with_its_last_reference(void **state)
{
    struct fixture *f = *state;

    sm_proxy_free(make(f));
    wait_until(f, f->references == 0);
}

static void a_stored_proxy_keeps_a_guest(void **state)
{
    struct fixture *f = *state;
    struct sm_proxy *proxy = make(f), *list, *again;
    struct sm_reply *reply;

    check_ok(sm_create(f->manager, "list", sm_missing(), sm_missing(), &list));
    check_ok(sm_call(list, "append", SM_TUPLE(sm_proxy_value(proxy)), NULL));
    sm_proxy_free(proxy);
    check_ok(sm_call(list, "pop", sm_missing(), &reply));
    check_ok(sm_proxy_from_value(f->manager, sm_reply_value(reply), &again));
    sm_reply_free(reply);
    check_ok(sm_call(again, "answer", sm_missing(), &reply));
    check_reply("42", reply);
    sm_proxy_free(again);
    sm_proxy_free(list);
}

static void an_answer_may_be_an_object_of_the_servers_own(void **state)
{
    struct sm_proxy *proxy = make(*state), *list;

    check_ok(sm_call_proxy(proxy, "list", sm_missing(), &list));
    check_text("[1, 2]", list);
    check_raises("RemoteError", sm_call_proxy(proxy, "nonsense", sm_missing(), &list));
    sm_proxy_free(list);
    sm_proxy_free(proxy);
}

static void a_connection_can_be_closed_instead(void **state)
{
    struct sm_proxy *proxy = make(*state);

    check_status(SM_ECLOSED, sm_call(proxy, "close", sm_missing(), NULL));
    sm_proxy_free(proxy);
}

static void the_host_writes_debug_info(void **state)
{
    struct fixture *f = *state;
    struct sm_proxy *proxy = make(f);
    struct sm_reply *reply;

    check_ok(sm_manager_debug_info(f->manager, &reply));
    check_reply("'text'", reply);
    sm_proxy_free(proxy);
}

static void a_hold_keeps_a_guest(void **state)
{
    struct fixture *f = *state;
    struct sm_proxy *proxy = make(f);
    struct sm_hold *held, *vain = sm_server_hold(f->server, "nonsense");
    size_t objects;

    held = sm_server_hold(f->server, sm_proxy_ident(proxy));
    sm_proxy_free(proxy);
    check_ok(sm_manager_number_of_objects(f->manager, &objects));
    assert_int_equal(objects, 0);
    assert_int_equal(f->references, 1);
    sm_hold_release(held);
    sm_hold_release(vain);
    wait_until(f, f->references == 0);
}

static void what_a_hold_has_sent_is_kept_until_it_arrives(void **state)
{
    struct fixture *f = *state;
    struct sm_proxy *proxy = make(f), *received;
    struct sm_hold *held = sm_server_hold(f->server, sm_proxy_ident(proxy));
    char ident[64];
    size_t objects;

    snprintf(ident, sizeof(ident), "%s", sm_proxy_ident(proxy));
    sm_proxy_free(proxy);
    sm_hold_sent(NULL);
    sm_hold_sent(held);
    sm_hold_release(held);
    check_ok(sm_manager_number_of_objects(f->manager, &objects)); /* after what was posted */
    assert_int_equal(objects, 0);
    assert_int_equal(f->references, 1);
    check_ok(sm_proxy_take(f->manager, "guest", ident, true, &received));
    sm_proxy_free(received);
    wait_until(f, f->references == 0);
}

static void a_bare_server_knows_what_is_registered(void **state)
{
    const struct sm_manager_options options = {.authkey = "key", .authkey_len = 3};
    struct sm_server *server;
    struct sm_manager *manager;
    struct sm_proxy *proxy;
    char address[64];
    pthread_t thread;

    (void)state;
    snprintf(address, sizeof(address), "unix:@sm-test-bare-%d", (int)getpid());
    check_ok(sm_server_new(
        &(struct sm_server_options){.authkey = "key", .authkey_len = 3, .bare = true}, &server));
    check_ok(sm_server_register_standard(server, "row", "list"));
    check_status(SM_EARG, sm_server_register_standard(server, "row", "Row"));
    check_ok(sm_server_listen(server, address));
    assert_int_equal(pthread_create(&thread, NULL, serve, server), 0);
    check_ok(sm_manager_connect(address, &options, &manager));
    check_ok(sm_create(manager, "row", sm_missing(), sm_missing(), &proxy));
    check_text("[]", proxy);
    sm_proxy_free(proxy);
    check_status(SM_ERAISED, sm_create(manager, "list", sm_missing(), sm_missing(), &proxy));
    sm_manager_free(manager);
    sm_server_stop(server);
    pthread_join(thread, NULL);
    sm_server_free(server);
}

static void a_call_that_needs_python_takes_its_object_along(void **state)
{
    static const struct sm_global function = {"builtins", 8, "abs", 3};
    const struct sm_value key = {.kind = SM_KIND_GLOBAL, .global = &function};
    struct fixture *f = *state;
    struct sm_proxy *list;

    check_ok(sm_create(f->manager, "list", SM_TUPLE(SM_LIST(sm_int(1))), sm_missing(), &list));
    check_ok(sm_call_kwargs(list, "sort", SM_TUPLE(), SM_DICT({sm_str("key"), key}), NULL));
    wait_until(f, f->returned == 1);
    check_text("[5, 6]", list);
    sm_proxy_free(list);
}

/* f(DupFd), as its sender has named it. */
static struct sm_value made_of_a_descriptor(void)
{
    static const struct sm_global dup_fd = {"multiprocessing.resource_sharer", 31, "DupFd", 5};
    static const struct sm_global function = {"m", 1, "f", 1};
    static struct sm_value id[2], state[2], arg;
    static struct sm_items none, ids = {id, 2, 2}, states = {state, 2, 2}, args = {&arg, 1, 1};
    static struct sm_step step = {.kind = SM_STEP_STATE};
    static struct sm_object sent = {SM_MAKE_NEW, .steps = &step, .steps_len = 1};
    static struct sm_object object = {SM_MAKE_CALL};

    id[0] = sm_str("there");
    id[1] = sm_int(1);
    state[0] = sm_str("_id");
    state[1] = (struct sm_value){.kind = SM_KIND_TUPLE, .items = &ids};
    step.value = (struct sm_value){.kind = SM_KIND_DICT, .items = &states};
    sent.callable = (struct sm_value){.kind = SM_KIND_GLOBAL, .global = &dup_fd};
    sent.args = (struct sm_value){.kind = SM_KIND_TUPLE, .items = &none};
    arg = (struct sm_value){.kind = SM_KIND_OBJECT, .object = &sent};
    object.callable = (struct sm_value){.kind = SM_KIND_GLOBAL, .global = &function};
    object.args = (struct sm_value){.kind = SM_KIND_TUPLE, .items = &args};
    return (struct sm_value){.kind = SM_KIND_OBJECT, .object = &object};
}

/* What is known of the list's only item's descriptor: where, and as what. */
static void check_named(struct sm_proxy *list, const char *where, const char *key)
{
    struct sm_reply *reply;
    const struct sm_object *object;
    const struct sm_items *id;

    check_ok(sm_call(list, "__getitem__", SM_TUPLE(sm_int(0)), &reply));
    object = sm_reply_value(reply).object->args.items->item[0].object;
    id = object->steps[0].value.items->item[1].items;
    assert_memory_equal(id->item[0].text, where, strlen(where));
    assert_memory_equal(id->item[1].text, key, strlen(key));
    sm_reply_free(reply);
}

static void a_stored_descriptor_is_the_hosts(void **state)
{
    struct fixture *f = *state;
    struct sm_proxy *list, *queue;
    struct sm_reply *reply;

    check_ok(sm_create(f->manager, "list", SM_TUPLE(SM_LIST(made_of_a_descriptor())), sm_missing(),
                       &list));
    check_named(list, "here", "b");
    check_named(list, "here", "b");
    check_ok(sm_create(f->manager, "Queue", SM_TUPLE(), sm_missing(), &queue));
    check_ok(sm_call(list, "pop", SM_TUPLE(), NULL));
    check_ok(sm_call(list, "append", SM_TUPLE(sm_int(1)), NULL));
    wait_until(f, f->references == 0);
    check_ok(sm_call(queue, "put", SM_TUPLE(made_of_a_descriptor()), NULL));
    check_ok(sm_call(queue, "get", SM_TUPLE(), &reply));
    sm_reply_free(reply);
    assert_int_equal(f->references, 1); /* until the next request tells that the answer was read */
    check_ok(sm_call(queue, "qsize", SM_TUPLE(), NULL));
    wait_until(f, f->references == 0);
    sm_proxy_free(queue);
    sm_proxy_free(list);
}

static void what_the_host_has_not_taken_over_is_an_error(void **state)
{
    struct fixture *f = *state;
    struct sm_proxy *list;

    check_ok(sm_create(f->manager, "list", SM_TUPLE(), sm_missing(), &list));
    check_raises("RemoteError", sm_call(list, "remove", SM_TUPLE(made_of_a_descriptor()), NULL));
    check_text("[]", list);
    wait_until(f, f->references == 0);
    sm_proxy_free(list);
}

static void a_visit_may_bring_descriptors(void **state)
{
    static const struct sm_global function = {"builtins", 8, "abs", 3};
    const struct sm_value key = {.kind = SM_KIND_GLOBAL, .global = &function};
    struct fixture *f = *state;
    struct sm_proxy *list;

    check_ok(sm_create(f->manager, "list", SM_TUPLE(SM_LIST(sm_int(7))), sm_missing(), &list));
    check_ok(sm_call_kwargs(list, "sort", SM_TUPLE(), SM_DICT({sm_str("key"), key}), NULL));
    wait_until(f, f->returned == 1);
    check_named(list, "here", "a");
    wait_until(f, f->references == 1);
    check_ok(sm_call(list, "pop", SM_TUPLE(), NULL));
    check_ok(sm_call(list, "__len__", SM_TUPLE(), NULL));
    wait_until(f, f->references == 0);
    sm_proxy_free(list);
}

static void *hold(void *proxy)
{
    sm_call(proxy, "hold", sm_missing(), NULL);
    return NULL;
}

static void a_call_that_waits_blocks_its_caller_alone(void **state)
{
    struct fixture *f = *state;
    struct sm_proxy *proxy = make(f), *list;
    struct sm_reply *reply;
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, hold, proxy), 0);
    wait_until(f, f->held);
    check_ok(sm_create(f->manager, "list", sm_missing(), sm_missing(), &list));
    check_ok(sm_call(proxy, "answer", sm_missing(), &reply));
    check_reply("42", reply);
    release(f);
    pthread_join(thread, NULL);
    sm_proxy_free(list);
    sm_proxy_free(proxy);
}

/* The client withdraws it at its deadline; the answer comes after that, and to nobody. */
static void a_withdrawn_call_ends_its_session(void **state)
{
    struct fixture *f = *state;
    struct sm_proxy *proxy = make(f);
    struct sm_reply *reply;
    void *session;

    sm_manager_set_timeout(f->manager, 20);
    check_status(SM_ETIMEDOUT, sm_call(proxy, "hold", sm_missing(), NULL));
    wait_until(f, f->held);
    session = &f->names[f->sessions - 1];
    wait_until(f, f->ended == session);
    sm_manager_set_timeout(f->manager, 0);
    check_ok(sm_call(proxy, "answer", sm_missing(), &reply));
    check_reply("42", reply);
    release(f);
    sm_proxy_free(proxy);
}

/* In an hour, but for the host's own time. */
static void the_server_ends_while_a_call_is_unanswered(void **state)
{
    struct fixture *f = *state;
    struct sm_proxy *proxy = make(f);
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, hold, proxy), 0);
    wait_until(f, f->held);
    sm_server_stop(f->server);
    pthread_join(thread, NULL);
    sm_proxy_free(proxy);
}

#define with_host(test) cmocka_unit_test_setup_teardown(test, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_host(a_call_gets_the_hosts_reply),
        with_host(a_guest_given_twice_is_one_object),
        with_host(a_guest_goes_with_its_last_reference),
        with_host(a_stored_proxy_keeps_a_guest),
        with_host(an_answer_may_be_an_object_of_the_servers_own),
        with_host(a_connection_can_be_closed_instead),
        with_host(the_host_writes_debug_info),
        with_host(a_call_that_needs_python_takes_its_object_along),
        with_host(a_hold_keeps_a_guest),
        with_host(what_a_hold_has_sent_is_kept_until_it_arrives),
        with_host(a_stored_descriptor_is_the_hosts),
        with_host(what_the_host_has_not_taken_over_is_an_error),
        with_host(a_visit_may_bring_descriptors),
        cmocka_unit_test(a_bare_server_knows_what_is_registered),
        with_host(a_call_that_waits_blocks_its_caller_alone),
        with_host(a_withdrawn_call_ends_its_session),
        with_host(the_server_ends_while_a_call_is_unanswered),
    };

    return run_group(tests, NULL, NULL);
}
