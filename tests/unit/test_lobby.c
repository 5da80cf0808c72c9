/* SPDX-License-Identifier: MIT */
/* How long connections may stay that have not asked for anything: a server that the test drives. */
#include "support/raw.h"

static int start(void **state)
{
    const struct sm_server_options options = {
        .authkey = "key", .authkey_len = 3, .handshake_ms = 200};
    struct sm_server *server = NULL;

    if (sm_server_new(&options, &server) < 0 || sm_server_listen(server, "127.0.0.1:0") < 0)
        return -1;
    *state = server;
    return 0;
}

static int end(void **state)
{
    sm_server_free(*state);
    return 0;
}

/* Serve until the connection is closed. Returns how many bytes came before that. */
static size_t serve_until_cut(struct raw *raw)
{
    while (!raw->closed)
        raw_turn(raw);
    return raw->in.len;
}

static void who_says_nothing_is_cut_in_time(void **state)
{
    struct raw raw;

    raw_connect(&raw, *state);
    assert_true(serve_until_cut(&raw) > 0); /* the challenge */
    raw_close(&raw);
}

static void who_sends_half_a_frame_is_cut_in_time(void **state)
{
    struct raw raw;

    raw_connect(&raw, *state);
    raw_send(&raw, "\0\0\0\x20{sha", 8);
    assert_true(serve_until_cut(&raw) > 0);
    raw_close(&raw);
}

static void who_authenticates_and_asks_nothing_is_cut_in_time(void **state)
{
    struct raw raw;

    raw_connect(&raw, *state);
    raw_authenticate(&raw);
    assert_int_equal(serve_until_cut(&raw), 0);
    raw_close(&raw);
}

static void a_first_request_that_stops_half_way_is_cut_in_time(void **state)
{
    struct raw raw;

    raw_connect(&raw, *state);
    raw_authenticate(&raw);
    raw_send(&raw, "\0\0\0\x20\x80\4", 6);
    assert_int_equal(serve_until_cut(&raw), 0);
    raw_close(&raw);
}

/* At each deadline some more of it has come in. */
static void a_slow_first_request_is_waited_for(void **state)
{
    struct buffer out = {0};
    struct raw raw;

    raw_connect(&raw, *state);
    raw_authenticate(&raw);
    raw_request(&out, "(None, 'dummy', (), {})");
    for (size_t sent = 0, n; sent < out.len; sent += n) {
        n = MIN(out.len - sent, (size_t)6);
        raw_send(&raw, out.data + sent, n);
        raw_turn(&raw);
    }
    raw_drop_answer(&raw);
    buffer_deinit(&out);
    raw_close(&raw);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_says_nothing_is_cut_in_time, start, end),
        cmocka_unit_test_setup_teardown(who_sends_half_a_frame_is_cut_in_time, start, end),
        cmocka_unit_test_setup_teardown(who_authenticates_and_asks_nothing_is_cut_in_time, start,
                                        end),
        cmocka_unit_test_setup_teardown(a_first_request_that_stops_half_way_is_cut_in_time, start,
                                        end),
        cmocka_unit_test_setup_teardown(a_slow_first_request_is_waited_for, start, end),
    };

    return run_group(tests, NULL, NULL);
}
