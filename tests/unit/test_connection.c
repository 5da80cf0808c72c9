/* SPDX-License-Identifier: MIT */
/* The client library over transports in memory, to a server that takes its turns while it waits. */
#include "support/client.h"

#include "client/client.h"
#include "server/server.h"
#include "support/memory.h"

#include <errno.h>
#include <limits.h>

#define LONG_TEXT (3 * 1024 * 1024)

/* What connections are made of from now on. */
static struct sm_server *server;
static struct memory_plan plan;

static int carry(const struct address *address, nsec patience, struct transport **ret)
{
    (void)address;
    (void)patience;
    *ret = memory_connect(server, &plan);
    return 0;
}

static struct sm_manager *make_manager(void)
{
    const struct sm_manager_options options = {
        .authkey = "key", .authkey_len = 3, .spins = UINT_MAX};
    struct sm_manager *manager = NULL;

    check_ok(sm_manager_at("unix:@nobody-listens-here", &options, &manager));
    manager->carry = carry;
    return manager;
}

static int start(void **state)
{
    plan = (struct memory_plan){0};
    if (sm_server_new(&(struct sm_server_options){.authkey = "key", .authkey_len = 3}, &server) < 0)
        return -1;
    *state = make_manager();
    return 0;
}

static int end(void **state)
{
    sm_manager_free(*state);
    sm_server_free(server);
    return 0;
}

static void calls_come_byte_by_byte(void **state)
{
    struct sm_proxy *list;

    plan = (struct memory_plan){.piece = 1, .room = 1};
    check_ok(sm_list(*state, SM_LIST(sm_int(3), sm_int(1)), &list));
    check_ok(sm_list_append(list, sm_int(2)));
    check_text("[3, 1, 2]", list);
    sm_proxy_free(list);
}

/* The argument is sent from where the program has it, the answer from where it is stored. */
static void long_values_go_as_there_is_room(void **state)
{
    char *text = malloc(LONG_TEXT);
    struct sm_reply *reply;
    struct sm_proxy *list;
    struct sm_value value;

    assert_non_null(text);
    for (size_t i = 0; i < LONG_TEXT; i++)
        text[i] = (char)('a' + i % 26);
    plan = (struct memory_plan){.piece = 4099, .room = 65536};
    check_ok(sm_list(*state, sm_missing(), &list));
    check_ok(sm_list_append(list, sm_strn(text, LONG_TEXT)));
    check_ok(sm_list_get(list, 0, &reply));
    value = sm_reply_value(reply);
    assert_int_equal(value.len, LONG_TEXT);
    assert_memory_equal(value.text, text, LONG_TEXT);
    sm_reply_free(reply);
    sm_proxy_free(list);
    free(text);
}

/* Of this thread, to a manager. */
static struct connection *connection_to(struct sm_manager *manager)
{
    struct connection *c = NULL;

    check_ok(connection_get(manager, &c));
    return c;
}

/* The connection breaks behind so many more bytes; 0: never. */
static void break_behind(struct sm_manager *manager, size_t n)
{
    struct transport *transport = connection_to(manager)->channel.transport;

    container_of(transport, struct memory_end, transport)->link->plan.breaks =
        n ? memory_carried(transport) + n : 0;
}

/* Until the server knows what has become of all connections but so many. */
static void serve_until_left(size_t n)
{
    while (server->crowd.peers_len > n)
        sm_server_step(server);
}

static void a_connection_that_breaks_at_any_byte_is_replaced(void **state)
{
    int status = SM_ECLOSED;
    struct sm_proxy *list;

    check_ok(sm_list(*state, sm_missing(), &list));
    for (size_t n = 1; status != SM_OK; n++) {
        break_behind(*state, n);
        status = sm_list_append(list, sm_int(1));
        assert_true(status == SM_OK || status == SM_ECLOSED);
        break_behind(*state, 0);
        check_ok(sm_list_append(list, sm_int(2)));
    }
    sm_proxy_free(list);
}

static void a_lock_is_whose_call_has_returned(void **state)
{
    struct sm_manager *other = make_manager();
    struct sm_proxy *lock, *same;
    struct sm_value value;
    int status = SM_ECLOSED;

    check_ok(sm_lock(*state, &lock));
    value = sm_proxy_value(lock);
    check_ok(sm_proxy_from_value(other, value, &same));
    for (size_t n = 1; status != SM_OK; n++) {
        break_behind(*state, n);
        status = sm_lock_acquire(lock, SM_FOREVER);
        assert_true(status == SM_OK || status == SM_ECLOSED);
        serve_until_left(status == SM_OK ? 2 : 1);
        check_status(status == SM_OK ? SM_NOT_YET : SM_OK, sm_lock_acquire(same, 0));
        check_ok(sm_lock_release(same));
    }
    assert_true(server->crowd.counts.undelivered > 0);
    sm_proxy_free(lock);
    sm_proxy_free(same);
    sm_manager_free(other);
}

static void an_opening_that_breaks_at_any_byte_is_an_error(void **state)
{
    size_t whole = 0;

    (void)state;
    for (size_t n = 1; !whole; n++) {
        struct sm_manager *manager = make_manager();
        int status;

        plan.breaks = n;
        status = sm_manager_number_of_objects(manager, &(size_t){0});
        assert_true(status == SM_OK || status == SM_ECLOSED);
        if (status == SM_OK)
            whole = n;
        sm_manager_free(manager);
    }
    assert_true(whole > 64);
}

static int signalled(struct transport *transport, unsigned events, int interrupt_fd, int timeout_ms)
{
    (void)transport;
    (void)events;
    (void)interrupt_fd;
    (void)timeout_ms;
    return -EINTR;
}

static void a_look_that_a_signal_ends_ends_no_connection(void **state)
{
    const struct transport_ops *before;
    struct transport *transport;
    struct transport_ops ops;
    struct sm_proxy *lock;

    check_ok(sm_rlock(*state, &lock));
    check_ok(sm_lock_acquire(lock, SM_FOREVER));
    transport = connection_to(*state)->channel.transport;
    before = transport->ops;
    ops = *before;
    ops.wait = signalled;
    transport->ops = &ops;
    connection_drop_dead(*state);
    assert_ptr_equal(connection_to(*state)->channel.transport, transport);
    transport->ops = before;
    check_ok(sm_lock_release(lock));
    sm_proxy_free(lock);
}

#define with_server(test) cmocka_unit_test_setup_teardown(test, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_server(calls_come_byte_by_byte),
        with_server(long_values_go_as_there_is_room),
        with_server(a_connection_that_breaks_at_any_byte_is_replaced),
        with_server(a_lock_is_whose_call_has_returned),
        with_server(an_opening_that_breaks_at_any_byte_is_an_error),
        with_server(a_look_that_a_signal_ends_ends_no_connection),
    };

    return run_group(tests, NULL, NULL);
}
