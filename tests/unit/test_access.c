/* SPDX-License-Identifier: MIT */
/* Several keys: what each may do, and what becomes of connections as keys change. */
#include "support/raw.h"

#include "server/server.h"

#include <string.h>

#define CLIENTS_MAX 8

struct fixture {
    struct sm_server *server;
    struct raw clients[CLIENTS_MAX];
    size_t clients_len;
    size_t reloads;
};

static const struct sm_key keys[] = {
    {.name = "monitor", .rights = SM_RIGHTS_RO, .key = "eyes", .key_len = 4},
    {.name = "web", .rights = SM_RIGHTS_RW, .key = "hands", .key_len = 5},
    {.name = "workers", .rights = SM_RIGHTS_RW, .key = "tools", .key_len = 5},
    {.name = "boss", .rights = SM_RIGHTS_ADMIN, .key = "voice", .key_len = 5},
};

static void reload(void *context, struct sm_server *server)
{
    struct fixture *f = context;

    assert_ptr_equal(server, f->server);
    f->reloads++;
}

static int start(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    const struct sm_server_options options = {
        .keys = keys, .keys_len = ARRAY_SIZE(keys), .reload = reload, .reload_context = f};

    /* TCP does not tell that the clients are of one process, and share what they hold. */
    if (!f || sm_server_new(&options, &f->server) < 0 ||
        sm_server_listen(f->server, "127.0.0.1:0") < 0)
        return -1;
    *state = f;
    return 0;
}

static int end(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 0; i < f->clients_len; i++)
        raw_close(&f->clients[i]);
    sm_server_free(f->server);
    free(f);
    return 0;
}

static struct raw *open_as(struct fixture *f, const char *secret)
{
    struct raw *raw = &f->clients[f->clients_len++];

    raw_connect(raw, f->server);
    raw_authenticate_with(raw, secret);
    raw_ask(raw, "(None, 'accept_connection', ('test',), {})");
    raw_drop_answer(raw);
    return raw;
}

/* What a request is answered: repr(answer). */
static const char *ask(struct raw *raw, const char *literal)
{
    static char text[512];
    struct pickle_error error;
    struct sm_value answer;
    struct frame frame;
    struct tree tree;

    raw_ask(raw, literal);
    raw_receive(raw, &frame);
    tree_init(&tree, NULL);
    assert_int_equal(pickle_decode(&tree, frame.payload, frame.len, &answer, &error), 0);
    snprintf(text, sizeof(text), "%s", sm_value_repr(answer));
    tree_deinit(&tree);
    buffer_consume(&raw->in, frame.size);
    return text;
}

#define RETURNS(value) "('#RETURN', " value ")"
#define REFUSED(words) "('#ERROR', PermissionError(" words "))"

static void check(struct raw *raw, const char *literal, const char *expected)
{
    const char *got = ask(raw, literal);

    if (strcmp(got, expected) != 0)
        fail_msg("%s: %s, not %s", literal, got, expected);
}

/* Make an object of a registered name or a typeid; its ident. */
static void create(struct raw *raw, const char *typeid, char ret[IDENT_SIZE])
{
    char request[64];
    const char *answer;

    snprintf(request, sizeof(request), "(None, 'create', ('%s',), {})", typeid);
    answer = ask(raw, request);
    assert_memory_equal(answer, "('#RETURN', ('", 14);
    snprintf(ret, IDENT_SIZE, "%.*s", (int)strcspn(answer + 14, "'"), answer + 14);
}

static void check_call(struct raw *raw, const char *ident, const char *call, const char *expected)
{
    char request[256];

    snprintf(request, sizeof(request), "('%s', %s)", ident, call);
    check(raw, request, expected);
}

static void who_may_only_read_reads_and_is_refused_to_write(void **state)
{
    struct fixture *f = *state;
    char ident[IDENT_SIZE];
    struct raw *monitor;

    assert_int_equal(sm_server_register(f->server, "jobs", "list([1])"), SM_OK);
    monitor = open_as(f, "eyes");
    create(monitor, "jobs", ident);
    check_call(monitor, ident, "'__len__', (), {}", RETURNS("1"));
    check_call(monitor, ident, "'__str__', (), {}", RETURNS("'[1]'"));
    check_call(monitor, ident, "'append', (2,), {}",
               REFUSED("\"the key 'monitor' (ro) may not call list.append(): that takes the right "
                       "rw\""));
    check_call(monitor, ident, "'#GETVALUE', (), {}", RETURNS("[1]"));
    check(monitor, "(None, 'create', ('list',), {})",
          REFUSED("\"the key 'monitor' (ro) may not call create('list'): that takes the right "
                  "rw\""));
    check(monitor, "(None, 'shutdown', (), {})",
          REFUSED("\"the key 'monitor' (ro) may not call shutdown(): that takes the right "
                  "admin\""));
}

static void who_may_only_read_iterates_by_an_iterator_of_its_own(void **state)
{
    struct fixture *f = *state;
    struct raw *monitor, *web;
    char ident[IDENT_SIZE], iterator[IDENT_SIZE], other[IDENT_SIZE];
    uint64_t number;

    assert_int_equal(sm_server_register(f->server, "d", "dict({'a': 1})"), SM_OK);
    monitor = open_as(f, "eyes");
    web = open_as(f, "hands");
    create(monitor, "d", ident);
    number = strtoull(ident, NULL, 16);
    snprintf(iterator, sizeof(iterator), "%llx", (unsigned long long)number + 1);
    snprintf(other, sizeof(other), "%llx", (unsigned long long)number + 2);
    check_call(monitor, ident, "'__len__', (), {}", RETURNS("1"));
    assert_non_null(strstr(ask(monitor, "(None, 'dummy', (), {})"), "None"));
    {
        char request[64];

        snprintf(request, sizeof(request), "('%s', '__iter__', (), {})", ident);
        assert_non_null(strstr(ask(monitor, request), "#PROXY"));
        assert_non_null(strstr(ask(web, request), "#PROXY"));
    }
    check_call(monitor, iterator, "'__next__', (), {}", RETURNS("'a'"));
    check_call(monitor, other, "'__next__', (), {}",
               REFUSED("\"the key 'monitor' (ro) may not call dict_keyiterator.__next__(): that "
                       "takes the right rw\""));
    check_call(web, other, "'__next__', (), {}", RETURNS("'a'"));
}

static void a_reference_that_one_has_not_taken_is_not_his_to_give_back(void **state)
{
    struct fixture *f = *state;
    char ident[IDENT_SIZE], decref[64], incref[64], call[64];
    struct raw *monitor = open_as(f, "eyes"), *web = open_as(f, "hands");

    create(web, "list", ident);
    snprintf(decref, sizeof(decref), "(None, 'decref', ('%s',), {})", ident);
    snprintf(incref, sizeof(incref), "(None, 'incref', ('%s',), {})", ident);
    snprintf(call, sizeof(call), "('%s', '__len__', (), {})", ident);
    check(monitor, decref,
          REFUSED("\"the key 'monitor' (ro) may not call a function that gives back a reference: "
                  "the caller has none to this object\""));
    check(monitor, incref, RETURNS("None"));
    check(monitor, decref, RETURNS("None"));
    check(web, call, RETURNS("0"));
}

static void an_object_for_some_is_for_those_alone_and_who_governs(void **state)
{
    static const char other[] =
        REFUSED("\"the key 'web' (rw) may not call create('jobs'): the object is for other keys\"");
    struct fixture *f = *state;
    struct raw *web, *workers, *boss;
    char ident[IDENT_SIZE], request[256];

    assert_int_equal(sm_server_register(f->server, "jobs@workers,monitor", "Queue()"), SM_OK);
    web = open_as(f, "hands");
    workers = open_as(f, "tools");
    boss = open_as(f, "voice");
    check(web, "(None, 'create', ('jobs',), {})", other);
    create(workers, "jobs", ident);
    check_call(workers, ident, "'put', (1,), {}", RETURNS("None"));
    check_call(web, ident, "'get', (), {}",
               REFUSED("\"the key 'web' (rw) may not call Queue.get(): the object is for other "
                       "keys\""));
    check_call(web, ident, "'\\x7f', (), {}",
               REFUSED("\"the key 'web' (rw) may not call a method of Queue: the object is for "
                       "other keys\""));
    snprintf(request, sizeof(request), "(None, 'incref', ('%s',), {})", ident);
    assert_non_null(strstr(ask(web, request), "PermissionError"));
    assert_string_equal(ask(web, "(None, 'sm_objects', (), {})"), RETURNS("(None, [])"));
    check_call(boss, ident, "'get', (), {}", RETURNS("1"));
}

static void what_belongs_to_an_object_for_some_is_for_them_too(void **state)
{
    struct fixture *f = *state;
    struct raw *web, *workers;
    char ident[IDENT_SIZE], lock[IDENT_SIZE];

    assert_int_equal(sm_server_register(f->server, "c@workers", "Condition()"), SM_OK);
    web = open_as(f, "hands");
    workers = open_as(f, "tools");
    create(workers, "c", ident);
    snprintf(lock, sizeof(lock), "%llx", strtoull(ident, NULL, 16) + 1);
    check_call(workers, lock, "'acquire', (), {}", RETURNS("True"));
    check_call(web, lock, "'acquire', (False,), {}",
               REFUSED("\"the key 'web' (rw) may not call RLock.acquire(): the object is for other "
                       "keys\""));
}

static void only_who_governs_sees_others_and_ends_them(void **state)
{
    struct fixture *f = *state;
    struct raw *web = open_as(f, "hands"), *boss;
    const char *clients = ask(web, "(None, 'sm_clients', (), {})");

    boss = open_as(f, "voice");
    assert_non_null(strstr(clients, "'key': 'web', 'right': 'rw'"));
    clients = ask(web, "(None, 'sm_clients', (), {})");
    assert_null(strstr(clients, "boss"));
    assert_null(strstr(strstr(clients, "'client'") + 1, "'client'"));
    assert_non_null(strstr(ask(web, "(None, 'sm_kill', (2,), {})"), "PermissionError"));
    check(boss, "(None, 'sm_kill', (1,), {})", RETURNS("1"));
    raw_turn(web);
}

static void set(struct fixture *f, size_t from, size_t len)
{
    assert_int_equal(sm_server_set_keys(f->server, keys + from, len), SM_OK);
}

static void connections_of_keys_that_stay_go_on_and_others_end(void **state)
{
    struct fixture *f = *state;
    struct raw *monitor = open_as(f, "eyes"), *web = open_as(f, "hands");

    set(f, 1, 2);
    check(web, "(None, 'dummy', (), {})", RETURNS("None"));
    while (!monitor->closed)
        raw_turn(monitor);
    check(web, "(None, 'dummy', (), {})", RETURNS("None"));
    set(f, 0, 4);
    check(web, "(None, 'dummy', (), {})", RETURNS("None"));
    check(open_as(f, "eyes"), "(None, 'dummy', (), {})", RETURNS("None"));
}

static void a_key_with_another_right_is_another_key(void **state)
{
    struct fixture *f = *state;
    struct raw *web = open_as(f, "hands");
    struct sm_key less = keys[1];

    less.rights = SM_RIGHTS_RO;
    assert_int_equal(sm_server_set_keys(f->server, &less, 1), SM_OK);
    while (!web->closed)
        raw_turn(web);
    assert_non_null(
        strstr(ask(open_as(f, "hands"), "(None, 'create', ('list',), {})"), "PermissionError"));
}

static void a_handshake_that_is_under_way_is_by_the_new_keys(void **state)
{
    struct fixture *f = *state;
    struct raw *raw = &f->clients[f->clients_len++];

    raw_connect(raw, f->server);
    while (!raw_frames(raw))
        raw_turn(raw);
    set(f, 1, 1);
    raw_authenticate_with(raw, "hands");
    check(raw, "(None, 'dummy', (), {})", RETURNS("None"));
}

static void keys_that_will_not_do_are_told_and_change_nothing(void **state)
{
    static const struct {
        struct sm_key keys[2];
        size_t len;
        const char *words;
    } cases[] = {
        {{{.name = "a", .key = "x", .key_len = 1}, {.name = "a", .key = "y", .key_len = 1}},
         2,
         "the name a is there twice"},
        {{{.name = "a", .key = "x", .key_len = 1}, {.name = "b", .key = "x", .key_len = 1}},
         2,
         "a and b are the same key"},
        {{{.name = "a", .key = "x", .key_len = 1}, {.key = "y", .key_len = 1}},
         2,
         "of several keys each needs a name"},
        {{{.name = "a b", .key = "x", .key_len = 1}},
         1,
         "the key's name 'a b': not up to 64 letters, digits, dots, hyphens and underscores"},
        {{{.name = "a", .rights = (enum sm_rights)3, .key = "x", .key_len = 1}},
         1,
         "the key a: 3 is no right"},
        {{{0}}, 0, "0 keys: a server has from 1 to 64"},
        {{{0}}, 65, "65 keys: a server has from 1 to 64"},
        {{{.key = "x", .key_len = 1}},
         1,
         "objects are registered for keys by their names: one key without a name cannot take their "
         "place"},
    };
    struct fixture *f = *state;
    struct raw *web = open_as(f, "hands");

    assert_int_equal(sm_server_register(f->server, "jobs@workers", "Queue()"), SM_OK);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        assert_int_equal(sm_server_set_keys(f->server, cases[i].keys, cases[i].len), SM_EARG);
        assert_string_equal(sm_last_error()->message, cases[i].words);
    }
    check(web, "(None, 'dummy', (), {})", RETURNS("None"));
    check(open_as(f, "eyes"), "(None, 'dummy', (), {})", RETURNS("None"));
}

static void an_object_for_a_key_that_is_not_there_is_told(void **state)
{
    static const char *const cases[][2] = {
        {"jobs@wokers", "jobs@wokers: no key has the name 'wokers'"},
        {"jobs@workers,", "jobs@workers,: no key has the name ''"},
        {"jobs@", "jobs@: no key has the name ''"},
        {"@workers", "@workers: no name"},
    };
    const struct sm_server_options one = {.authkey = "key", .authkey_len = 3};
    struct fixture *f = *state;
    struct sm_server *server;

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        assert_int_equal(sm_server_register(f->server, cases[i][0], "list()"), SM_EARG);
        assert_string_equal(sm_last_error()->message, cases[i][1]);
    }
    assert_int_equal(sm_server_new(&one, &server), SM_OK);
    assert_int_equal(sm_server_register(server, "jobs@workers", "list()"), SM_EARG);
    assert_string_equal(sm_last_error()->message,
                        "jobs@workers: for whom? The server has one key, and it has no name; give "
                        "it several with names (lines NAME RIGHTS KEY)");
    sm_server_free(server);
}

static void the_program_is_asked_to_read_anew_once_for_each_wish(void **state)
{
    struct fixture *f = *state;

    sm_server_reload(f->server);
    sm_server_reload(f->server);
    assert_int_equal(f->reloads, 0);
    while (!f->reloads)
        sm_server_step(f->server);
    check(open_as(f, "hands"), "(None, 'dummy', (), {})", RETURNS("None"));
    assert_int_equal(f->reloads, 1);
}

#define with_server(test) cmocka_unit_test_setup_teardown(test, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_server(who_may_only_read_reads_and_is_refused_to_write),
        with_server(who_may_only_read_iterates_by_an_iterator_of_its_own),
        with_server(a_reference_that_one_has_not_taken_is_not_his_to_give_back),
        with_server(an_object_for_some_is_for_those_alone_and_who_governs),
        with_server(what_belongs_to_an_object_for_some_is_for_them_too),
        with_server(only_who_governs_sees_others_and_ends_them),
        with_server(connections_of_keys_that_stay_go_on_and_others_end),
        with_server(a_key_with_another_right_is_another_key),
        with_server(a_handshake_that_is_under_way_is_by_the_new_keys),
        with_server(keys_that_will_not_do_are_told_and_change_nothing),
        with_server(an_object_for_a_key_that_is_not_there_is_told),
        with_server(the_program_is_asked_to_read_anew_once_for_each_wish),
    };

    return run_group(tests, NULL, NULL);
}
