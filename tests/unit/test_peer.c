/* SPDX-License-Identifier: MIT */
/* A connection as the server has it, over a transport in memory: no socket, and any bad luck. */
#include "support/raw.h"

#include "net/channel.h"
#include "peer/process.h"
#include "peer/requests.h"
#include "server/server.h"
#include "support/memory.h"
#include "value/repr.h"

#define LONG_TEXT (3 * 1024 * 1024)

static const struct sm_server_options key = {.authkey = "key", .authkey_len = 3};

static int start(void **state)
{
    struct sm_server *server = NULL;

    if (sm_server_new(&key, &server) < 0 || sm_server_register(server, "lock", "Lock()") < 0 ||
        sm_server_register(server, "queue", "Queue()") < 0 ||
        sm_server_register(server, "list", "[]") < 0)
        return -1;
    *state = server;
    return 0;
}

static int end(void **state)
{
    sm_server_free(*state);
    return 0;
}

/* A connection that is open for calls. */
static void open_for_calls(struct raw *raw, struct sm_server *server,
                           const struct memory_plan *plan)
{
    raw_open(raw, server, memory_connect(server, plan));
    raw_authenticate(raw);
    raw_ask(raw, "(None, 'accept_connection', ('test',), {})");
    raw_drop_answer(raw);
}

/* What is answered, as repr(). */
static void check_answer(struct raw *raw, const char *expected)
{
    struct buffer text = {0};
    struct pickle_error error;
    struct sm_value answer;
    struct frame frame;
    struct tree tree;

    tree_init(&tree, NULL);
    raw_receive(raw, &frame);
    assert_int_equal(pickle_decode(&tree, frame.payload, frame.len, &answer, &error), 0);
    assert_int_equal(value_repr(&text, answer, 13), 0);
    buffer_add_byte(&text, '\0');
    assert_string_equal((char *)text.data, expected);
    buffer_consume(&raw->in, frame.size);
    buffer_deinit(&text);
    tree_deinit(&tree);
}

/* The ident of what is registered as `name`. */
static void find(struct sm_server *server, const char *name, char ident[IDENT_SIZE])
{
    struct pickle_error error;
    struct sm_value answer, found;
    char request[80];
    struct frame frame;
    struct tree tree;
    struct raw raw;

    tree_init(&tree, NULL);
    raw_open(&raw, server, memory_connect(server, &(struct memory_plan){0}));
    raw_authenticate(&raw);
    snprintf(request, sizeof(request), "(None, 'create', ('%s',), {})", name);
    raw_ask(&raw, request);
    raw_receive(&raw, &frame);
    assert_int_equal(pickle_decode(&tree, frame.payload, frame.len, &answer, &error), 0);
    found = answer.items->item[1].items->item[0];
    assert_int_equal(found.kind, SM_KIND_STR);
    snprintf(ident, IDENT_SIZE, "%.*s", (int)found.len, found.text);
    tree_deinit(&tree);
    raw_close(&raw);
}

/* Until nobody is connected but so many. */
static void serve_until_left(struct sm_server *server, size_t n)
{
    while (server->crowd.peers_len > n)
        sm_server_step(server);
}

/* Ask for a method of an object: "name', (args), {}". */
static void ask_of(struct raw *raw, const char *ident, const char *rest)
{
    struct buffer literal = {0};

    buffer_addf(&literal, "('%s', '%s)%c", ident, rest, '\0');
    raw_ask(raw, (char *)literal.data);
    buffer_deinit(&literal);
}

static void a_conversation_comes_byte_by_byte(void **state)
{
    const struct memory_plan plan = {.piece = 1, .room = 1};
    char ident[IDENT_SIZE];
    struct raw raw;

    find(*state, "list", ident);
    open_for_calls(&raw, *state, &plan);
    ask_of(&raw, ident, "append', (1,), {}");
    check_answer(&raw, "('#RETURN', None)");
    ask_of(&raw, ident, "pop', (), {}");
    check_answer(&raw, "('#RETURN', 1)");
    raw_close(&raw);
    serve_until_left(*state, 0);
}

/* A text that is stored, and sent from where it is stored. */
static void a_long_answer_goes_as_there_is_room(void **state)
{
    const struct memory_plan plan = {.piece = 4099, .room = 65536};
    char ident[IDENT_SIZE], *text = malloc(LONG_TEXT + 64);
    struct sm_server *server = *state;
    struct buffer expected = {0};
    struct raw raw;

    assert_non_null(text);
    find(server, "list", ident);
    open_for_calls(&raw, server, &plan);
    strcpy(text, "append', ('");
    for (size_t i = strlen(text), n = i + LONG_TEXT; i < n; i++)
        text[i] = (char)('a' + i % 26);
    strcpy(text + strlen("append', ('") + LONG_TEXT, "',), {}");
    ask_of(&raw, ident, text);
    check_answer(&raw, "('#RETURN', None)");
    buffer_addf(&expected, "('#RETURN', %.*s)%c", LONG_TEXT + 2, text + strlen("append', ("), '\0');
    for (int i = 0; i < 2; i++)
        ask_of(&raw, ident, "__getitem__', (0,), {}");
    for (int i = 0; i < 2; i++)
        check_answer(&raw, (char *)expected.data);
    ask_of(&raw, ident, "__getitem__', (0,), {}");
    raw_turn(&raw);
    raw_close(&raw); /* most of it is on its way */
    serve_until_left(server, 0);
    buffer_deinit(&expected);
    free(text);
}

/* The plan is changed while nothing is under way: behind so many more bytes it breaks. */
static void break_behind(struct raw *raw, size_t n)
{
    container_of(raw->transport, struct memory_end, transport)->link->plan.breaks =
        memory_carried(raw->transport) + n;
}

/* Ask, and read what comes until all is over. Returns whether the answer has come. */
static bool ask_until_broken(struct raw *raw, const char *ident, const char *rest)
{
    ask_of(raw, ident, rest);
    while (!raw->closed && raw_frames(raw) == 0)
        raw_turn(raw);
    return raw_frames(raw) > 0;
}

/* What a call takes stays taken if its answer arrived, and only then, wherever the line is cut. */
static void check_cuts(struct sm_server *server, const struct memory_plan *plan)
{
    static const struct {
        const char *name, *take, *give, *look, *there, *taken;
    } cases[] = {
        {"lock", "acquire', (), {}", "release', (), {}", "acquire', (False,), {}",
         "('#RETURN', True)", "('#RETURN', False)"},
        {"queue", "get', (), {}", "put', (1,), {}", "qsize', (), {}", "('#RETURN', 1)",
         "('#RETURN', 0)"},
    };
    struct raw watcher, taker;
    char ident[IDENT_SIZE];

    open_for_calls(&watcher, server, plan);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        bool arrived = false;

        find(server, cases[i].name, ident);
        if (i == 1) {
            ask_of(&watcher, ident, cases[i].give);
            check_answer(&watcher, "('#RETURN', None)");
        }
        for (size_t n = 1; !arrived; n++) {
            uint64_t undelivered = server->crowd.counts.undelivered;

            open_for_calls(&taker, server, plan);
            break_behind(&taker, n);
            arrived = ask_until_broken(&taker, ident, cases[i].take);
            raw_close(&taker);
            serve_until_left(server, 1);
            assert_true(!arrived || server->crowd.counts.undelivered == undelivered);
            ask_of(&watcher, ident, cases[i].look);
            check_answer(&watcher, arrived ? cases[i].taken : cases[i].there);
            if (i == 0) {
                ask_of(&watcher, ident, cases[i].give);
                check_answer(&watcher, "('#RETURN', None)");
            }
        }
        assert_true(server->crowd.counts.undelivered > 0);
    }
    raw_close(&watcher);
    serve_until_left(server, 0);
}

static void what_an_answer_takes_goes_back_unless_it_arrives(void **state)
{
    check_cuts(*state, &(struct memory_plan){0});
}

static void what_an_answer_takes_goes_back_unless_all_pieces_arrive(void **state)
{
    check_cuts(*state, &(struct memory_plan){.piece = 3, .room = 7});
}

/* Both ends are the real ones here. Returns what the client's says. */
static int shake_hands(struct sm_server *server, const struct memory_plan *plan, size_t *ret_bytes)
{
    const struct channel_wait wait = {.deadline = FOREVER};
    struct transport *transport = memory_connect(server, plan);
    struct auth_key *authkey;
    struct channel channel;
    const char *why;
    int r;

    assert_int_equal(auth_key_new((const uint8_t *)"key", 3, &authkey), 0);
    r = channel_open(&channel, transport, authkey, SIZE_MAX / 2, &wait, &why);
    if (r == 0)
        *ret_bytes = memory_carried(transport);
    channel_close(&channel);
    auth_key_free(authkey);
    return r;
}

static void a_handshake_cut_at_any_byte_leaves_nobody(void **state)
{
    struct sm_server *server = *state;
    struct memory_plan plan = {0};
    size_t whole = 0;

    assert_int_equal(shake_hands(server, &plan, &whole), 0);
    assert_true(whole > 64);
    for (plan.breaks = 1; plan.breaks < whole; plan.breaks++) {
        int r = shake_hands(server, &plan, &whole);

        assert_true(r == -ECONNRESET || r == -EPIPE);
        serve_until_left(server, 0);
    }
    assert_int_equal(server->crowd.lobby.len, 0);
}

/* Let time pass: what is due by then happens. */
static void pass(struct sm_server *server, nsec time)
{
    server->loop.ahead += time;
    timers_fire(&server->registry.timers, loop_now(&server->loop));
}

/* An answer that does not fit is under way. */
static struct peer *block(struct raw *raw)
{
    struct sm_server *server = raw->server;
    struct peer *peer = list_first(&server->crowd.peers, struct peer, link);
    char ident[IDENT_SIZE];

    find(server, "list", ident);
    serve_until_left(server, 1);
    ask_of(raw, ident, "nothing_has_this_name_that_takes_more_room_than_there_is', (), {}");
    while (!stream_backlog(&peer->stream))
        sm_server_step(server);
    return peer;
}

static void who_takes_nothing_of_an_answer_is_ended(void **state)
{
    struct sm_server *server = *state;
    nsec patience = server->options.keepalive_ms * MSEC;
    const struct memory_plan plan = {.room = 100};
    struct peer *peer;
    struct raw raw;
    char byte;

    open_for_calls(&raw, server, &plan);
    peer = block(&raw);
    for (int i = 0; i < 3; i++) {
        size_t before = stream_backlog(&peer->stream);

        assert_int_equal(raw.transport->ops->read(raw.transport, &byte, 1, false), 1);
        while (stream_backlog(&peer->stream) == before)
            sm_server_step(server);
        pass(server, patience);
        assert_false(stream_is_closing(&peer->stream));
    }
    pass(server, patience / 2);
    assert_false(stream_is_closing(&peer->stream));
    pass(server, patience / 2);
    assert_true(stream_is_closing(&peer->stream));
    serve_until_left(server, 0);
    raw_close(&raw);
}

/* Of the one peer that there is. */
static struct process *process_of_peer(struct sm_server *server)
{
    return list_first(&server->crowd.peers, struct peer, link)->process;
}

static void its_process_is_who_the_transport_says(void **state)
{
    struct memory_plan plan = {.identity = {IDENTITY_LOCAL, getpid(), 0}};
    struct sm_server *server = *state;
    struct raw raw;

    open_for_calls(&raw, server, &plan);
    assert_non_null(process_of_peer(server));
    assert_int_equal(process_of_peer(server)->pid, getpid());
    raw_close(&raw);
    serve_until_left(server, 0);
    plan.identity.kind = IDENTITY_UNKNOWN;
    open_for_calls(&raw, server, &plan);
    assert_null(process_of_peer(server));
    raw_close(&raw);
    serve_until_left(server, 0);
}

#define REPLY "\x80\x02X\x07\0\0\0#RETURNK\x01\x86."

/* A host on the loop's own thread: it tells whether a connection was handed over for a call. */
struct hosting {
    struct sm_server *server;
    bool handed_over;
};

static void host_serve(void *context, struct sm_request *request, void **session)
{
    static const char *const exposed[] = {"first", NULL};
    struct hosting *hosting = context;

    *session = context;
    if (request->kind == SM_REQUEST_CREATE) {
        sm_request_answer_guest(request, "Thing", hosting, exposed);
        return;
    }
    hosting->handed_over |= !list_empty(&hosting->server->host.direct);
    sm_request_answer(request, REPLY, sizeof(REPLY) - 1);
}

static void host_ended(void *context, void *session)
{
    assert_ptr_equal(context, session);
}

static void host_dropped(void *context, void *guest)
{
    assert_ptr_equal(context, guest);
}

static const struct sm_host host = {
    .serve = host_serve,
    .ended = host_ended,
    .dropped = host_dropped,
};

static void call_guest(struct raw *raw, const char *ident)
{
    raw_authenticate(raw);
    raw_ask(raw, "(None, 'accept_connection', ('test',), {})");
    raw_drop_answer(raw);
    for (int i = 0; i < 4; i++) {
        ask_of(raw, ident, "first', (), {}");
        check_answer(raw, "('#RETURN', 1)");
    }
    raw_close(raw);
}

static void only_what_can_be_is_handed_over(void **state)
{
    struct hosting hosting = {.server = *state};
    char ident[IDENT_SIZE], address[64];
    struct raw raw;

    snprintf(address, sizeof(address), "unix:@sm-test-peer-%d", (int)getpid());
    assert_int_equal(sm_server_listen(*state, address), SM_OK);
    sm_server_set_host(*state, &host, &hosting);
    find(*state, "Thing", ident);
    raw_open(&raw, *state, memory_connect(*state, &(struct memory_plan){0}));
    call_guest(&raw, ident);
    assert_false(hosting.handed_over);
    raw_connect(&raw, *state);
    call_guest(&raw, ident);
    assert_true(hosting.handed_over);
    serve_until_left(*state, 0);
}

static void who_has_asked_for_more_meanwhile_keeps_the_connection(void **state)
{
    char ident[IDENT_SIZE], address[64];
    struct sm_server *server = *state;
    struct peer *peer;
    struct raw raw;

    snprintf(address, sizeof(address), "unix:@sm-test-peer-%d", (int)getpid());
    assert_int_equal(sm_server_listen(server, address), SM_OK);
    find(server, "queue", ident);
    serve_until_left(server, 0);
    raw_connect(&raw, server);
    raw_authenticate(&raw);
    raw_ask(&raw, "(None, 'accept_connection', ('test',), {})");
    raw_drop_answer(&raw);
    peer = list_first(&server->crowd.peers, struct peer, link);
    ask_of(&raw, ident, "get', (), {}");
    while (!peer->in_call)
        sm_server_step(server);
    ask_of(&raw, ident, "qsize', (), {}");
    while (!stream_waiting(&peer->stream))
        sm_server_step(server);
    assert_int_equal(peer_ops.hand_over(&peer->call), -1);
    raw_close(&raw);
    serve_until_left(server, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_conversation_comes_byte_by_byte, start, end),
        cmocka_unit_test_setup_teardown(a_long_answer_goes_as_there_is_room, start, end),
        cmocka_unit_test_setup_teardown(what_an_answer_takes_goes_back_unless_it_arrives, start,
                                        end),
        cmocka_unit_test_setup_teardown(what_an_answer_takes_goes_back_unless_all_pieces_arrive,
                                        start, end),
        cmocka_unit_test_setup_teardown(a_handshake_cut_at_any_byte_leaves_nobody, start, end),
        cmocka_unit_test_setup_teardown(who_takes_nothing_of_an_answer_is_ended, start, end),
        cmocka_unit_test_setup_teardown(its_process_is_who_the_transport_says, start, end),
        cmocka_unit_test_setup_teardown(only_what_can_be_is_handed_over, start, end),
        cmocka_unit_test_setup_teardown(who_has_asked_for_more_meanwhile_keeps_the_connection,
                                        start, end),
    };

    return run_group(tests, NULL, NULL);
}
