/* SPDX-License-Identifier: MIT */
/* Nobody has the loop for long: whoever comes in a crowd, or asks much at once, has turns. */
#include "support/raw.h"

#include <sys/resource.h>

#define CROWD 300
#define REQUESTS 20

static const struct sm_server_options key = {.authkey = "key", .authkey_len = 3};

static int start(void **state)
{
    struct sm_server *server = NULL;
    char address[64];

    snprintf(address, sizeof(address), "unix:@sm-test-turns-%d", (int)getpid());
    if (sm_server_new(&key, &server) < 0 || sm_server_register(server, "numbers", "[]") < 0 ||
        sm_server_listen(server, address) < 0)
        return -1;
    *state = server;
    return 0;
}

static int end(void **state)
{
    sm_server_free(*state);
    return 0;
}

static size_t count_challenged(struct raw *crowd)
{
    size_t n = 0;

    for (size_t i = 0; i < CROWD; i++) {
        raw_read(&crowd[i]);
        n += crowd[i].in.len > 0;
    }
    return n;
}

static void who_connect_at_once_are_accepted_in_turns(void **state)
{
    struct raw crowd[CROWD];
    size_t before = 0, now;

    for (size_t i = 0; i < CROWD; i++)
        raw_connect(&crowd[i], *state);
    for (; before < CROWD; before = now) {
        sm_server_step(*state);
        now = count_challenged(crowd);
        assert_true(now > before);
        assert_true(now - before <= LIMIT_ACCEPTS + 1); /* the next turn begins with one */
    }
    for (size_t i = 0; i < CROWD; i++)
        raw_close(&crowd[i]);
}

/* The lowest descriptor that is free, and all above it, cannot be had any more. */
static void leave_no_descriptor(struct rlimit *ret_before)
{
    struct rlimit none;
    int lowest = dup(STDIN_FILENO);

    close(lowest);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, ret_before), 0);
    none = *ret_before;
    none.rlim_cur = (rlim_t)lowest;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
}

/* Else the loop would be told of it again and again. */
static void who_comes_when_no_descriptor_is_left_is_turned_away(void **state)
{
    struct raw unlucky, lucky;
    struct rlimit before;

    raw_connect(&unlucky, *state);
    leave_no_descriptor(&before);
    while (!unlucky.closed)
        raw_turn(&unlucky);
    assert_int_equal(unlucky.in.len, 0);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    raw_connect(&lucky, *state);
    raw_authenticate(&lucky);
    raw_close(&lucky);
    raw_close(&unlucky);
}

static void open_for_calls(struct raw *raw, struct sm_server *server)
{
    raw_connect(raw, server);
    raw_authenticate(raw);
    raw_ask(raw, "(None, 'accept_connection', ('test',), {})");
    raw_drop_answer(raw);
}

/* A new list; its ident. */
static void make_list(struct sm_server *server, char ident[17])
{
    struct sm_value answer, made, name;
    struct pickle_error error;
    struct frame frame;
    struct tree tree;
    struct raw raw;

    tree_init(&tree, NULL);
    raw_connect(&raw, server);
    raw_authenticate(&raw);
    raw_ask(&raw, "(None, 'create', ('list', [0]), {})");
    raw_receive(&raw, &frame);
    assert_int_equal(pickle_decode(&tree, frame.payload, frame.len, &answer, &error), 0);
    made = answer.items->item[1];
    assert_int_equal(made.kind, SM_KIND_TUPLE);
    name = made.items->item[0];
    assert_true(name.kind == SM_KIND_STR && name.len < 17);
    snprintf(ident, 17, "%.*s", (int)name.len, name.text);
    tree_deinit(&tree);
    raw_close(&raw);
}

static void who_asks_much_at_once_is_answered_in_turns(void **state)
{
    struct raw greedy, modest;
    struct buffer out = {0};
    char ident[17], request[64];

    open_for_calls(&greedy, *state);
    open_for_calls(&modest, *state);
    make_list(*state, ident);
    snprintf(request, sizeof(request), "('%s', '__imul__', (2000000,), {})", ident);
    raw_ask(&greedy, request); /* from now on, looking at each item takes longer than a turn */
    raw_drop_answer(&greedy);
    snprintf(request, sizeof(request), "('%s', 'count', (-1,), {})", ident);
    for (int i = 0; i < REQUESTS; i++)
        raw_request(&out, request);
    raw_send(&greedy, out.data, out.len);
    sm_server_step(*state);
    raw_ask(&modest, "(None, 'dummy', (), {})");
    raw_drop_answer(&modest);
    raw_read(&greedy);
    assert_true(raw_frames(&greedy) < REQUESTS / 2);
    while (raw_frames(&greedy) < REQUESTS && !greedy.closed)
        raw_turn(&greedy);
    assert_false(greedy.closed);
    buffer_deinit(&out);
    raw_close(&greedy);
    raw_close(&modest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_connect_at_once_are_accepted_in_turns, start, end),
        cmocka_unit_test_setup_teardown(who_comes_when_no_descriptor_is_left_is_turned_away, start,
                                        end),
        cmocka_unit_test_setup_teardown(who_asks_much_at_once_is_answered_in_turns, start, end),
    };

    return run_group(tests, NULL, NULL);
}
