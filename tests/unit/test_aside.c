/* SPDX-License-Identifier: MIT */
/*
 * Calls that take long run aside. How long is up to the test: a type of its own has a method that
 * runs aside until it is let go.
 */
#include "support/raw.h"

#include "object/answer.h"
#include "object/dispatch.h"
#include "server/server.h"

#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define MANY 3 /* values, here */

struct scribe {
    struct object object;
    char text[16]; /* what calls have left, in their order */
    size_t len;
};

static sem_t begun, go_on;

static void leave(struct object *self, char c)
{
    struct scribe *scribe = container_of(self, struct scribe, object);

    scribe->text[scribe->len++] = c;
}

static void scribe_hold(struct object *self, struct call *call)
{
    sem_post(&begun);
    sem_wait(&go_on);
    leave(self, 'h');
    call_return_none(call);
}

static void scribe_write(struct object *self, struct call *call)
{
    leave(self, call->arg[0].text[0]);
    call_return_none(call);
}

static void scribe_read(struct object *self, struct call *call)
{
    const struct scribe *scribe = container_of(self, struct scribe, object);

    call_return(call, sm_strn(scribe->text, scribe->len));
}

/* There is little to do, and then more. */
static void scribe_look(struct object *self, struct call *call)
{
    leave(self, call->apart ? 'a' : 'l');
    if (!call_needs_time(call))
        call_return_none(call);
}

static bool scribe_init(struct object *self, struct call *call)
{
    (void)self;
    (void)call;
    return true;
}

static void scribe_deinit(struct object *self)
{
    (void)self;
}

static size_t scribe_count(const struct object *self)
{
    (void)self;
    return MANY;
}

static const struct method scribe_methods[] = {
    {"hold", scribe_hold, {SIGNATURE_NONE}, .reach = REACH_ALL},
    {"look", scribe_look, {SIGNATURE_NONE}, .reach = REACH_LOOK},
    {"write", scribe_write, {SIGNATURE_ONE, {"letter"}, 1}},
    {"read", scribe_read, {SIGNATURE_NONE}},
    {0},
};

static const struct object_type scribe_type = {
    .name = "Scribe",
    .size = sizeof(struct scribe),
    .methods = scribe_methods,
    .init = scribe_init,
    .deinit = scribe_deinit,
    .count = scribe_count,
};

struct fixture {
    struct sm_server *server;
    struct raw creator;
    char ident[17]; /* of a Scribe */
    struct object *object;
};

static void make_scribe(struct fixture *fixture)
{
    struct raw *raw = &fixture->creator;
    struct sm_value answer;
    struct pickle_error error;
    struct frame frame;
    struct tree tree;

    tree_init(&tree, NULL);
    raw_connect(raw, fixture->server);
    raw_authenticate(raw);
    raw_ask(raw, "(None, 'create', ('Scribe',), {})");
    raw_receive(raw, &frame);
    assert_int_equal(pickle_decode(&tree, frame.payload, frame.len, &answer, &error), 0);
    answer = answer.items->item[1].items->item[0];
    assert_true(answer.len < sizeof(fixture->ident));
    memcpy(fixture->ident, answer.text, answer.len);
    fixture->object = registry_find(&fixture->server->registry, answer.text, answer.len);
    assert_non_null(fixture->object);
    tree_deinit(&tree);
}

static int start(void **state)
{
    static struct fixture fixture;
    const struct sm_server_options options = {
        .authkey = "key", .authkey_len = 3, .drain_ms = 3600 * 1000};
    char address[64];

    fixture = (struct fixture){0};
    sem_init(&begun, 0, 0);
    sem_init(&go_on, 0, 0);
    snprintf(address, sizeof(address), "unix:@sm-test-aside-%d", (int)getpid());
    assert_int_equal(sm_server_new(&options, &fixture.server), SM_OK);
    assert_int_equal(registry_add_type(&fixture.server->registry, "Scribe", &scribe_type), 0);
    assert_int_equal(sm_server_listen(fixture.server, address), SM_OK);
    fixture.server->registry.many = MANY;
    make_scribe(&fixture);
    *state = &fixture;
    return 0;
}

static int end(void **state)
{
    struct fixture *fixture = *state;

    raw_close(&fixture->creator);
    sm_server_free(fixture->server);
    sem_destroy(&begun);
    sem_destroy(&go_on);
    return 0;
}

static void open_for_calls(struct raw *raw, struct fixture *fixture)
{
    raw_connect(raw, fixture->server);
    raw_authenticate(raw);
    raw_ask(raw, "(None, 'accept_connection', ('test',), {})");
    raw_drop_answer(raw);
}

/* Ask for a method, without waiting. */
static void ask(struct raw *raw, const struct fixture *fixture, const char *method,
                const char *args)
{
    char request[128];

    snprintf(request, sizeof(request), "('%s', '%s', %s, {})", fixture->ident, method, args);
    raw_ask(raw, request);
}

/* Have a call that holds the object, which is there when this returns. */
static void hold(struct raw *raw, struct fixture *fixture)
{
    open_for_calls(raw, fixture);
    ask(raw, fixture, "hold", "()");
    while (!fixture->object->where)
        sm_server_step(fixture->server);
    sem_wait(&begun);
}

/* Have one call more wait for the object. */
static void follow(struct raw *raw, struct fixture *fixture, const char *letter)
{
    size_t waiting = fixture->object->waiting;

    open_for_calls(raw, fixture);
    ask(raw, fixture, "write", letter);
    while (fixture->object->waiting == waiting)
        sm_server_step(fixture->server);
}

/* The connection ends, and the server knows. */
static void go_away(struct raw *raw, struct fixture *fixture)
{
    size_t peers = fixture->server->crowd.peers_len;

    raw_close(raw);
    while (fixture->server->crowd.peers_len == peers)
        sm_server_step(fixture->server);
}

/* The answer is this: the request's value, or the exception's text. */
static void check_answer(struct raw *raw, const char *kind, const char *text)
{
    struct sm_value answer;
    struct pickle_error error;
    struct frame frame;
    struct tree tree;

    tree_init(&tree, NULL);
    raw_receive(raw, &frame);
    assert_int_equal(pickle_decode(&tree, frame.payload, frame.len, &answer, &error), 0);
    assert_string_equal(sm_value_repr(answer.items->item[0]), kind);
    assert_string_equal(sm_value_repr(answer.items->item[1]), text);
    tree_deinit(&tree);
    buffer_consume(&raw->in, frame.size);
}

/* What calls have left in the object. */
static void check_written(struct fixture *fixture, const char *expected)
{
    struct raw raw;

    open_for_calls(&raw, fixture);
    ask(&raw, fixture, "read", "()");
    check_answer(&raw, "'#RETURN'", expected);
    raw_close(&raw);
}

static void calls_of_an_object_that_is_away_wait_in_their_order(void **state)
{
    struct fixture *fixture = *state;
    struct raw holder, first, second;

    hold(&holder, fixture);
    follow(&first, fixture, "('a',)");
    follow(&second, fixture, "('b',)");
    sem_post(&go_on);
    check_written(fixture, "'hab'");
    check_answer(&holder, "'#RETURN'", "None");
    check_answer(&first, "'#RETURN'", "None");
    check_answer(&second, "'#RETURN'", "None");
    raw_close(&holder);
    raw_close(&first);
    raw_close(&second);
}

static void a_method_runs_aside_once_it_finds_that_it_takes_long(void **state)
{
    struct fixture *fixture = *state;
    struct raw raw;

    open_for_calls(&raw, fixture);
    ask(&raw, fixture, "look", "()");
    check_answer(&raw, "'#RETURN'", "None");
    check_written(fixture, "'la'");
    raw_close(&raw);
}

static void followers_follow_whoever_takes_it_away_next(void **state)
{
    struct fixture *fixture = *state;
    struct raw holder, next, last;

    hold(&holder, fixture);
    open_for_calls(&next, fixture);
    ask(&next, fixture, "hold", "()");
    while (fixture->object->waiting < 2)
        sm_server_step(fixture->server);
    follow(&last, fixture, "('a',)");
    sem_post(&go_on);
    check_answer(&holder, "'#RETURN'", "None");
    assert_int_equal(fixture->object->waiting, 2);
    sem_post(&go_on);
    check_answer(&last, "'#RETURN'", "None");
    check_written(fixture, "'hha'");
    raw_close(&holder);
    raw_close(&next);
    raw_close(&last);
}

static void a_call_outlives_its_connection(void **state)
{
    struct fixture *fixture = *state;
    struct raw holder;

    hold(&holder, fixture);
    go_away(&holder, fixture);
    assert_non_null(fixture->object->where);
    sem_post(&go_on);
    check_written(fixture, "'h'");
}

static void a_follower_that_goes_is_not_served(void **state)
{
    struct fixture *fixture = *state;
    struct raw holder, first, second;

    hold(&holder, fixture);
    follow(&first, fixture, "('a',)");
    follow(&second, fixture, "('b',)");
    go_away(&first, fixture);
    sem_post(&go_on);
    check_written(fixture, "'hb'");
    raw_close(&holder);
    raw_close(&second);
}

static void an_object_outlives_its_last_reference_while_it_is_away(void **state)
{
    struct fixture *fixture = *state;
    struct raw holder, other;
    char request[64];

    hold(&holder, fixture);
    raw_connect(&other, fixture->server);
    raw_authenticate(&other);
    snprintf(request, sizeof(request), "(None, 'decref', ('%s',), {})", fixture->ident);
    raw_ask(&other, request);
    check_answer(&other, "'#RETURN'", "None");
    sem_post(&go_on);
    check_answer(&holder, "'#RETURN'", "None");
    raw_close(&other);
    raw_close(&holder);
}

static void what_shows_objects_does_not_wait(void **state)
{
    struct fixture *fixture = *state;
    struct raw holder, other;

    hold(&holder, fixture);
    raw_connect(&other, fixture->server);
    raw_authenticate(&other);
    raw_ask(&other, "(None, 'debug_info', (), {})");
    raw_drop_answer(&other);
    assert_non_null(fixture->object->where);
    sem_post(&go_on);
    check_answer(&holder, "'#RETURN'", "None");
    raw_close(&other);
    raw_close(&holder);
}

/* What ends with a program must not miss in a child what was there in its parent. */
static void a_child_of_the_program_exits_as_ever(void **state)
{
    struct fixture *fixture = *state;
    struct raw holder;
    pid_t child;
    int status;

    hold(&holder, fixture);
    fflush(NULL);
    child = fork();
    if (child == 0)
        exit(0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    sem_post(&go_on);
    check_answer(&holder, "'#RETURN'", "None");
    raw_close(&holder);
}

static void deliver_nothing(struct post *post)
{
    (void)post;
}

/* A call that is done aside says so whenever it likes, be it within a fork(). */
static void a_child_can_post_though_another_thread_was_posting(void **state)
{
    struct fixture *fixture = *state;
    struct sm_server *server = fixture->server;
    struct post post = {.deliver = deliver_nothing};
    pid_t child;
    int status;

    pthread_mutex_lock(&server->posts.lock);
    child = fork();
    if (child == 0) {
        alarm(10);
        sm_server_in_forked_child(server);
        post_send(&server->posts, &post);
        _exit(0);
    }
    pthread_mutex_unlock(&server->posts.lock);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void more_calls_than_have_threads_are_served_all(void **state)
{
    struct fixture *fixture = *state;
    struct raw holder[10], waiting;
    char ident[10][17];

    for (size_t i = 0; i < 10; i++) {
        raw_close(&fixture->creator);
        make_scribe(fixture);
        memcpy(ident[i], fixture->ident, sizeof(ident[i]));
        open_for_calls(&holder[i], fixture);
        ask(&holder[i], fixture, "hold", "()");
        while (!fixture->object->where)
            sm_server_step(fixture->server);
    }
    assert_true(fixture->server->asides.running_len < 10);
    follow(&waiting, fixture, "('a',)");
    for (size_t i = 0; i < 10; i++)
        sem_post(&go_on);
    for (size_t i = 0; i < 10; i++) {
        check_answer(&holder[i], "'#RETURN'", "None");
        raw_close(&holder[i]);
    }
    check_answer(&waiting, "'#RETURN'", "None");
    check_written(fixture, "'ha'");
    assert_int_equal(fixture->server->asides.running_len, 0);
    raw_close(&waiting);
}

static void a_server_that_ends_waits_for_it(void **state)
{
    struct fixture *fixture = *state;
    struct raw holder;

    hold(&holder, fixture);
    sm_server_stop(fixture->server);
    while (fixture->server->crowd.phase != CROWD_DRAINS)
        sm_server_step(fixture->server);
    assert_false(holder.closed);
    sem_post(&go_on);
    check_answer(&holder, "'#RETURN'", "None");
    raw_close(&holder);
}

static void a_server_that_is_freed_waits_for_what_nobody_waits_for(void **state)
{
    struct fixture *fixture = *state;
    struct raw holder, follower;

    hold(&holder, fixture);
    follow(&follower, fixture, "('a',)");
    sm_server_stop(fixture->server);
    sm_server_stop(fixture->server);
    check_answer(&holder, "'#ERROR'", "EOFError('the manager is shutting down')");
    check_answer(&follower, "'#ERROR'", "EOFError('the manager is shutting down')");
    assert_non_null(fixture->object->where);
    sem_post(&go_on); /* and end() frees it */
    raw_close(&holder);
    raw_close(&follower);
}

#define with_scribe(test) cmocka_unit_test_setup_teardown(test, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_scribe(calls_of_an_object_that_is_away_wait_in_their_order),
        with_scribe(a_method_runs_aside_once_it_finds_that_it_takes_long),
        with_scribe(followers_follow_whoever_takes_it_away_next),
        with_scribe(a_call_outlives_its_connection),
        with_scribe(a_follower_that_goes_is_not_served),
        with_scribe(an_object_outlives_its_last_reference_while_it_is_away),
        with_scribe(what_shows_objects_does_not_wait),
        with_scribe(a_child_of_the_program_exits_as_ever),
        with_scribe(a_child_can_post_though_another_thread_was_posting),
        with_scribe(more_calls_than_have_threads_are_served_all),
        with_scribe(a_server_that_ends_waits_for_it),
        with_scribe(a_server_that_is_freed_waits_for_what_nobody_waits_for),
    };

    return run_group(tests, NULL, NULL);
}
