/* SPDX-License-Identifier: MIT */
/* Types of a program's own, in a server in a thread of this process. */
#include "support/client.h"
#include "support/serve.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

struct fixture {
    struct sm_server *server;
    struct sm_manager *manager;
    pthread_t thread;
};

/* Answers a parked call, from a thread that the server knows nothing of. */
static void *answer(void *parked)
{
    sm_parked_return(parked, sm_str("later"));
    return NULL;
}

static void *refuse(void *parked)
{
    sm_parked_raise(parked, "ValueError", "no %d", 1);
    return NULL;
}

static void park(struct sm_call *call, void *(*fn)(void *))
{
    struct sm_parked *parked = sm_call_park(call, -1, NULL, NULL);
    pthread_t thread;

    if (pthread_create(&thread, NULL, fn, parked) == 0)
        pthread_detach(thread);
}

static void call_later(struct sm_call *call, void *self)
{
    (void)self;
    park(call, answer);
}

static void call_refuse(struct sm_call *call, void *self)
{
    (void)self;
    park(call, refuse);
}

/* Never answered; what must be answered once is, when the call is over. */
static struct sm_parked *lost;

static void forget(void *data)
{
    (void)data;
    sm_parked_return(lost, sm_none());
}

static void call_wait(struct sm_call *call, void *self)
{
    (void)self;
    lost = sm_call_park(call, 0.01, forget, NULL);
}

static void call_count(struct sm_call *call, void *self)
{
    sm_call_return(call, sm_int(++*(int *)self));
}

static const struct sm_method methods[] = {
    {.name = "count", .fn = call_count},
    {.name = "later", .fn = call_later},
    {.name = "refuse", .fn = call_refuse},
    {.name = "wait", .fn = call_wait},
    {0},
};

static void *create(struct sm_call *call, void *context)
{
    (void)context;
    sm_call_raise(call, "PermissionError", "not yours");
    return NULL;
}

static const struct sm_type type = {.name = "Thing", .create = create, .methods = methods};

static int start(void **state)
{
    static struct fixture fixture;
    static int count;
    const struct sm_manager_options options = {.authkey = "key", .authkey_len = 3};
    char address[64];

    count = 0;
    snprintf(address, sizeof(address), "unix:@sm-test-host-%d", (int)getpid());
    if (sm_server_new(&(struct sm_server_options){.authkey = "key", .authkey_len = 3},
                      &fixture.server) < 0 ||
        sm_server_register_type(fixture.server, "Thing", &type, NULL) < 0 ||
        sm_server_register_object(fixture.server, "thing", &type, &count) < 0 ||
        sm_server_register_value(fixture.server, "limits", SM_DICT({sm_str("a"), sm_int(1)})) < 0 ||
        sm_server_listen(fixture.server, address) < 0 ||
        pthread_create(&fixture.thread, NULL, serve, fixture.server) != 0 ||
        sm_manager_connect(address, &options, &fixture.manager) < 0)
        return -1;
    *state = &fixture;
    return 0;
}

static int end(void **state)
{
    struct fixture *fixture = *state;

    sm_manager_free(fixture->manager);
    sm_server_stop(fixture->server);
    pthread_join(fixture->thread, NULL);
    sm_server_free(fixture->server);
    return 0;
}

static struct sm_proxy *get(void **state, const char *name)
{
    struct fixture *fixture = *state;
    struct sm_proxy *proxy = NULL;

    check_ok(sm_create(fixture->manager, name, sm_missing(), sm_missing(), &proxy));
    return proxy;
}

static void a_registered_object_is_one_for_all(void **state)
{
    struct sm_proxy *one = get(state, "thing"), *two = get(state, "thing");
    struct sm_reply *reply;

    check_ok(sm_call(one, "count", sm_missing(), NULL));
    check_ok(sm_call(two, "count", sm_missing(), &reply));
    check_reply("2", reply);
    sm_proxy_free(one);
    sm_proxy_free(two);
}

static void a_registered_value_is_copied(void **state)
{
    struct sm_proxy *limits = get(state, "limits");
    struct sm_reply *reply;

    check_ok(sm_call(limits, "get", SM_TUPLE(sm_str("a")), &reply));
    check_reply("1", reply);
    sm_proxy_free(limits);
}

static void a_parked_call_is_answered_from_any_thread(void **state)
{
    struct sm_proxy *thing = get(state, "thing");
    struct sm_reply *reply;

    check_ok(sm_call(thing, "later", sm_missing(), &reply));
    check_reply("'later'", reply);
    check_raises("ValueError", sm_call(thing, "refuse", sm_missing(), NULL));
    assert_string_equal(sm_last_error()->message, "no 1");
    sm_proxy_free(thing);
}

static void a_parked_call_has_its_time(void **state)
{
    struct sm_proxy *thing = get(state, "thing");

    check_raises("TimeoutError", sm_call(thing, "wait", sm_missing(), NULL));
    sm_proxy_free(thing);
}

static void a_create_may_raise(void **state)
{
    struct fixture *fixture = *state;
    struct sm_proxy *proxy;

    check_status(SM_ERAISED,
                 sm_create(fixture->manager, "Thing", sm_missing(), sm_missing(), &proxy));
    assert_non_null(strstr(sm_last_error()->message, "not yours"));
}

#define with_server(test) cmocka_unit_test_setup_teardown(test, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_server(a_registered_object_is_one_for_all),
        with_server(a_registered_value_is_copied),
        with_server(a_parked_call_is_answered_from_any_thread),
        with_server(a_parked_call_has_its_time),
        with_server(a_create_may_raise),
    };

    return run_group(tests, NULL, NULL);
}
