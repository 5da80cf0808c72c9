/* SPDX-License-Identifier: MIT */
/*
 * How long connections may stay that have not asked for anything: a server that the test drives,
 * and whose time it lets pass.
 */
#include "peer/peer.h"
#include "server/server.h"
#include "support/raw.h"

#define HOUR (3600 * SEC)

static int start_with(void **state, size_t max_connections)
{
    const struct sm_server_options options = {.authkey = "key",
                                              .authkey_len = 3,
                                              .handshake_ms = HOUR / MSEC,
                                              .max_connections = max_connections};
    struct sm_server *server = NULL;

    if (sm_server_new(&options, &server) < 0 || sm_server_listen(server, "127.0.0.1:0") < 0)
        return -1;
    *state = server;
    return 0;
}

static int start(void **state)
{
    return start_with(state, 0);
}

static int start_small(void **state)
{
    return start_with(state, 2);
}

static int end(void **state)
{
    sm_server_free(*state);
    return 0;
}

/* Let time pass: what is due by then happens. */
static void pass(struct raw *raw, nsec time)
{
    struct loop *loop = &raw->server->loop;

    loop->ahead += time;
    timers_fire(loop->timers, loop_now(loop));
}

/* Wait for something to happen, which has happened then; raw_turn() does the two in turn. */
static void turn(struct raw *raw)
{
    assert_true(raw->transport->ops->wait(raw->transport, TRANSPORT_READABLE,
                                          sm_server_fd(raw->server),
                                          sm_server_timeout_ms(raw->server)) >= 0);
    sm_server_step(raw->server);
    raw_read(raw);
}

/* The server's end of the one connection, when it has come in. */
static struct peer *peer_of(struct raw *raw)
{
    while (list_empty(&raw->server->crowd.peers))
        turn(raw);
    return list_first(&raw->server->crowd.peers, struct peer, link);
}

/* Send something, which the server has read then; with the last of it the connection may go. */
static void send_and_wait(struct raw *raw, const void *bytes, size_t len)
{
    struct peer *peer = peer_of(raw);
    uint64_t before = peer->stream.bytes_in;

    raw_send(raw, bytes, len);
    while (!list_empty(&raw->server->crowd.peers) && peer->stream.bytes_in < before + len)
        turn(raw);
}

static void authenticate(struct raw *raw)
{
    raw_authenticate(raw);
    while (peer_of(raw)->state < PEER_GREETING)
        turn(raw);
}

/* It is there for all of its time, and not for longer. Returns how many bytes came. */
static size_t wait_until_cut(struct raw *raw)
{
    assert_non_null(peer_of(raw));
    pass(raw, HOUR / 2);
    assert_false(peer_of(raw)->stream.closing);
    pass(raw, HOUR / 2);
    while (!raw->closed)
        turn(raw);
    return raw->in.len;
}

static void who_says_nothing_is_cut_in_time(void **state)
{
    struct raw raw;

    raw_connect(&raw, *state);
    assert_true(wait_until_cut(&raw) > 0); /* the challenge */
    raw_close(&raw);
}

static void who_sends_half_a_frame_is_cut_in_time(void **state)
{
    struct raw raw;

    raw_connect(&raw, *state);
    send_and_wait(&raw, "\0\0\0\x20{sha", 8);
    assert_true(wait_until_cut(&raw) > 0);
    raw_close(&raw);
}

static void who_authenticates_and_asks_nothing_is_cut_in_time(void **state)
{
    struct raw raw;

    raw_connect(&raw, *state);
    authenticate(&raw);
    assert_int_equal(wait_until_cut(&raw), 0);
    raw_close(&raw);
}

/* It was waited for once, as some of it had come in. */
static void a_first_request_that_stops_half_way_is_cut_in_time(void **state)
{
    struct raw raw;

    raw_connect(&raw, *state);
    authenticate(&raw);
    send_and_wait(&raw, "\0\0\0\x20\x80\4", 6);
    pass(&raw, HOUR);
    assert_int_equal(wait_until_cut(&raw), 0);
    raw_close(&raw);
}

/* At each deadline some more of it has come in. */
static void a_slow_first_request_is_waited_for(void **state)
{
    struct buffer out = {0};
    struct raw raw;

    raw_connect(&raw, *state);
    authenticate(&raw);
    raw_request(&out, "(None, 'dummy', (), {})");
    for (size_t sent = 0, n; sent < out.len; sent += n) {
        pass(&raw, sent ? HOUR : 0);
        n = MIN(out.len - sent, (size_t)6);
        send_and_wait(&raw, out.data + sent, n);
    }
    raw_drop_answer(&raw);
    buffer_deinit(&out);
    raw_close(&raw);
}

/* Those that are in may be honest, and wait for a processor. */
static void who_finds_no_place_waits_until_the_oldest_has_had_its_time(void **state)
{
    struct sm_server *server = *state;
    struct raw oldest, other, late;

    raw_connect(&oldest, server);
    raw_connect(&other, server);
    raw_connect(&late, server);
    while (!server->crowd.full)
        turn(&late);
    raw_read(&oldest);
    raw_read(&other);
    assert_false(oldest.closed || other.closed);

    server->loop.ahead += LIMIT_LOBBY_TIME;
    assert_true(timers_next(server->loop.timers) <= loop_now(&server->loop));
    pass(&late, 0);
    sm_server_step(server);
    while (!late.in.len)
        turn(&late); /* the challenge */
    while (!oldest.closed)
        turn(&oldest);
    raw_read(&other);
    assert_false(other.closed);
    raw_close(&oldest);
    raw_close(&other);
    raw_close(&late);
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
        cmocka_unit_test_setup_teardown(who_finds_no_place_waits_until_the_oldest_has_had_its_time,
                                        start_small, end),
    };

    return run_group(tests, NULL, NULL);
}
