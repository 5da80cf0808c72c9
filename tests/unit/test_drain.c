/* SPDX-License-Identifier: MIT */
/* A server that ends waits for calls that the program is at work on; a second wish ends it. */
#include "support/client.h"
#include "support/serve.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <unistd.h>

struct fixture {
    struct sm_server *server;
    struct sm_manager *manager;
    struct sm_proxy *thing;
    pthread_t server_thread, client_thread;
    int status;          /* of the call */
    char exception[128]; /* that it raised */
};

static sem_t begun, ending;
static struct sm_parked *work; /* the call that the program is at work on */

static void begin_work(struct sm_call *call, void *self)
{
    (void)self;
    work = sm_call_park(call, -1, NULL, NULL);
    sem_post(&begun);
}

static const struct sm_method methods[] = {{.name = "work", .fn = begin_work}, {0}};

static const struct sm_type type = {.name = "Thing", .methods = methods};

/* The server tells when calls that wait have been failed. */
static void log_line(void *context, enum sm_log_level level, const char *message)
{
    (void)context;
    if (level == SM_LOG_INFO && strncmp(message, "ending", 6) == 0)
        sem_post(&ending);
}

static void *call_work(void *memory)
{
    struct fixture *fixture = memory;

    fixture->status = sm_call(fixture->thing, "work", sm_missing(), NULL);
    if (fixture->status < 0)
        snprintf(fixture->exception, sizeof(fixture->exception), "%s: %s", sm_last_error()->type,
                 sm_last_error()->message);
    return NULL;
}

/* A call is under way, whose end is up to the test. */
static int start(void **state)
{
    static struct fixture fixture;
    static int self;
    const struct sm_manager_options connect = {.authkey = "key", .authkey_len = 3};
    const struct sm_server_options options = {
        .authkey = "key", .authkey_len = 3, .drain_ms = 3600 * 1000, .log = log_line};
    char address[64];

    fixture = (struct fixture){0};
    sem_init(&begun, 0, 0);
    sem_init(&ending, 0, 0);
    snprintf(address, sizeof(address), "unix:@sm-test-drain-%d", (int)getpid());
    check_ok(sm_server_new(&options, &fixture.server));
    check_ok(sm_server_register_object(fixture.server, "thing", &type, &self));
    check_ok(sm_server_listen(fixture.server, address));
    assert_int_equal(pthread_create(&fixture.server_thread, NULL, serve, fixture.server), 0);
    check_ok(sm_manager_connect(address, &connect, &fixture.manager));
    check_ok(sm_create(fixture.manager, "thing", sm_missing(), sm_missing(), &fixture.thing));
    assert_int_equal(pthread_create(&fixture.client_thread, NULL, call_work, &fixture), 0);
    sem_wait(&begun);
    *state = &fixture;
    return 0;
}

static int end(void **state)
{
    struct fixture *fixture = *state;

    sm_proxy_free(fixture->thing);
    sm_manager_free(fixture->manager);
    sm_server_free(fixture->server);
    sem_destroy(&begun);
    sem_destroy(&ending);
    return 0;
}

static void join(struct fixture *fixture)
{
    pthread_join(fixture->client_thread, NULL);
    pthread_join(fixture->server_thread, NULL);
}

static void a_call_that_the_program_works_on_is_waited_for(void **state)
{
    struct fixture *fixture = *state;

    sm_server_stop(fixture->server);
    sem_wait(&ending);
    sm_parked_return(work, sm_none());
    join(fixture);
    assert_int_equal(fixture->status, SM_OK);
}

static void the_second_wish_to_stop_ends_it(void **state)
{
    struct fixture *fixture = *state;

    sm_server_stop(fixture->server);
    sem_wait(&ending);
    sm_server_stop(fixture->server);
    join(fixture);
    assert_int_equal(fixture->status, SM_ERAISED);
    assert_string_equal(fixture->exception, "EOFError: the manager is shutting down");
    sm_parked_return(work, sm_none()); /* too late, and to be freed all the same */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_call_that_the_program_works_on_is_waited_for, start, end),
        cmocka_unit_test_setup_teardown(the_second_wish_to_stop_ends_it, start, end),
    };

    return run_group(tests, NULL, NULL);
}
