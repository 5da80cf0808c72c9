/* SPDX-License-Identifier: MIT */
/* The figures of a running manager, as they are before anybody writes them down. */
#include "support/scene.h"

#include "object/access.h"
#include "view/gather.h"

#include <sys/resource.h>

static int start(void **state)
{
    return scene_start(state, (struct sm_server_options){0});
}

static void info_counts_what_there_is(void **state)
{
    struct scene *f = *state;
    struct info_figures info;

    share(f, "config", "dict({'a': 1})");
    share(f, "event", "Event()");
    park(f, open_client(f), "event", "wait", "()");
    open_client(f);
    gather_info(&f->server->crowd, &info);
    assert_int_equal(info.pid, getpid());
    assert_int_equal(info.now.connections, 2);
    assert_int_equal(info.now.waiting, 1);
    assert_int_equal(info.now.objects, 0);
    assert_int_equal(info.now.objects_alive, 2);
    assert_int_equal(info.since_start.calls, 3);
    assert_int_equal(info.since_start.connections, 2);
    assert_true(info.since_start.bytes_in > 0 && info.since_start.bytes_out > 0);
    assert_int_equal(info.memory.used,
                     info.memory.connections + info.memory.tables + info.memory.objects);
}

static void clients_come_in_the_order_of_their_numbers(void **state)
{
    struct scene *f = *state;
    struct client_figures client;
    struct client_rows rows;

    for (size_t i = 0; i < 3; i++)
        open_client(f);
    client_rows_begin(&rows, &f->server->crowd, 0, &key_of_all);
    assert_int_equal(rows.next, 0);
    for (size_t i = 0; i < 3; i++) {
        assert_true(client_rows_next(&rows, &client));
        assert_int_equal(client.name.number, i + 1);
        assert_int_equal(client.name.pid, getpid());
        assert_string_equal(client.name.host, "local");
        assert_int_equal(client.uid, getuid());
        assert_string_equal(client.state, "idle");
        assert_false(client.is_waiting);
    }
    assert_false(client_rows_next(&rows, &client));

    client_rows_begin(&rows, &f->server->crowd, 3, &key_of_all);
    assert_true(client_rows_next(&rows, &client));
    assert_int_equal(client.name.number, 3);
    assert_false(client_rows_next(&rows, &client));
}

static void a_client_that_waits_shows_for_what(void **state)
{
    struct scene *f = *state;
    struct client_figures client;
    struct client_rows rows;
    char ident[IDENT_SIZE];

    share(f, "event", "Event()");
    park(f, open_client(f), "event", "wait", "(3600,)");
    client_rows_begin(&rows, &f->server->crowd, 0, &key_of_all);
    assert_true(client_rows_next(&rows, &client));
    assert_string_equal(client.state, "waiting");
    assert_true(client.is_waiting);
    ident_format(find(f, "event")->ident, ident);
    assert_string_equal(client.wait.object.ident, ident);
    assert_string_equal(client.wait.object.type, "Event");
    assert_string_equal(client.wait.method, "wait");
    assert_int_equal(client.wait.waits + client.wait.left, 3600 * SEC);
}

/* What a walk gives, and where the next one starts. */
static size_t count_clients(const struct crowd *crowd, uint64_t from, uint64_t *ret_next)
{
    struct client_figures client;
    struct client_rows rows;
    size_t n = 0;

    client_rows_begin(&rows, crowd, from, &key_of_all);
    while (client_rows_next(&rows, &client))
        n++;
    *ret_next = rows.next;
    return n;
}

static void more_clients_than_a_walk_has_come_in_the_next(void **state)
{
    struct scene *f = *state;
    struct raw *many = calloc(ROWS_MAX + 1, sizeof(*many));
    struct rlimit files;
    uint64_t next;

    assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
    files.rlim_cur = files.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
    f->server->crowd.descriptors = files.rlim_max;
    for (size_t i = 0; i < ROWS_MAX + 1; i++)
        open_for_calls(&many[i], f->server);
    assert_int_equal(count_clients(&f->server->crowd, 0, &next), ROWS_MAX);
    assert_int_equal(next, ROWS_MAX + 1);
    assert_int_equal(count_clients(&f->server->crowd, next, &next), 1);
    assert_int_equal(next, 0);
    for (size_t i = 0; i < ROWS_MAX + 1; i++)
        raw_close(&many[i]);
    free(many);
}

static void an_object_shows_the_beginning_of_its_value(void **state)
{
    static struct object_rows rows;
    struct scene *f = *state;
    struct object_figures object;

    share(f, "long",
          "['\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
          "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa']");
    object_rows_begin(&rows, &f->server->crowd, 0, 13, &key_of_all);
    assert_int_equal(rows.next, 0);
    assert_true(object_rows_next(&rows, &object));
    assert_string_equal(object.name.type, "list");
    assert_string_equal(object.registered, "long");
    assert_int_equal(object.items, 1);
    assert_int_equal(object.references, 0);
    assert_int_equal(object.value_len, 75 + 10); /* 75 characters, ten of them of two bytes */
    assert_memory_equal(object.value, "['\xc3\xa9", 4);
    assert_false(object_rows_next(&rows, &object));
    object_rows_end(&rows);
}

static size_t count_objects(const struct crowd *crowd, uint64_t from, uint64_t *ret_next)
{
    static struct object_rows rows;
    struct object_figures object;
    size_t n = 0;

    object_rows_begin(&rows, crowd, from, 13, &key_of_all);
    while (object_rows_next(&rows, &object))
        n++;
    object_rows_end(&rows);
    *ret_next = rows.next;
    return n;
}

/* As many, as "name0", "name1", ... */
static void share_many(struct scene *f, size_t count, const char *spec)
{
    char name[32];

    for (size_t i = 0; i < count; i++) {
        snprintf(name, sizeof(name), "name%zu", i);
        share(f, name, spec);
    }
}

static void more_objects_than_a_walk_has_come_in_the_next(void **state)
{
    struct scene *f = *state;
    uint64_t next;

    share_many(f, ROWS_MAX + 1, "[]");
    assert_int_equal(count_objects(&f->server->crowd, 0, &next), ROWS_MAX);
    assert_true(next > 0);
    assert_int_equal(count_objects(&f->server->crowd, next, &next), 1);
    assert_int_equal(next, 0);
    assert_int_equal(count_objects(&f->server->crowd, UINT64_MAX, &next), 0);
    assert_int_equal(next, 0);
}

static void objects_that_no_client_holds_are_not_among_the_referred(void **state)
{
    struct scene *f = *state;
    struct referred_rows rows;
    struct object_figures object;
    char ident[IDENT_SIZE];

    share(f, "config", "{}");
    share(f, "numbers", "[5]");
    registry_incref(&f->server->registry, find(f, "numbers"), NULL);
    referred_rows_begin(&rows, &f->server->registry, 13, &key_of_all);
    assert_true(referred_rows_next(&rows, &object));
    ident_format(find(f, "numbers")->ident, ident);
    assert_string_equal(object.name.ident, ident);
    assert_int_equal(object.references, 1);
    assert_memory_equal(object.value, "[5]", object.value_len);
    assert_false(referred_rows_next(&rows, &object));
    assert_int_equal(rows.error, 0);
    referred_rows_end(&rows);
}

static void a_held_lock_shows_who_holds_it(void **state)
{
    struct scene *f = *state;
    struct waiting_figures waiting;
    struct held_figures held;
    struct lock_rows rows;

    share(f, "lock", "Lock()");
    call(f, open_client(f), "lock", "acquire");
    park(f, open_client(f), "lock", "acquire", "()");
    lock_rows_begin(&rows, &f->server->crowd, 0, &key_of_all);
    assert_true(lock_rows_held(&rows, &held));
    assert_string_equal(held.object.type, "lock");
    assert_int_equal(held.holder.number, 1);
    assert_int_equal(held.holder.pid, getpid());
    assert_false(held.gone);
    assert_int_equal(held.waiting, 1);
    assert_false(lock_rows_held(&rows, &held));
    assert_true(lock_rows_waiting(&rows, &waiting));
    assert_int_equal(waiting.client.number, 2);
    assert_string_equal(waiting.wait.object.type, "lock");
    assert_string_equal(waiting.wait.method, "acquire");
    assert_int_equal(waiting.wait.left, FOREVER);
    assert_int_equal(waiting.held_by, 1);
    assert_false(lock_rows_waiting(&rows, &waiting));
    assert_false(lock_rows_circle(&rows));
    assert_int_equal(rows.next, 0);
}

static void who_waits_for_no_lock_is_not_among_them(void **state)
{
    struct scene *f = *state;
    struct waiting_figures waiting;
    struct held_figures held;
    struct lock_rows rows;

    share(f, "queue", "Queue()");
    share(f, "condition", "Condition()");
    park(f, open_client(f), "queue", "get", "()");
    call(f, open_client(f), "condition", "acquire");
    park(f, &f->clients[1], "condition", "wait", "()");
    lock_rows_begin(&rows, &f->server->crowd, 0, &key_of_all);
    assert_false(lock_rows_held(&rows, &held));
    assert_true(lock_rows_waiting(&rows, &waiting));
    assert_int_equal(waiting.client.number, 2);
    assert_string_equal(waiting.wait.object.type, "Condition");
    assert_int_equal(waiting.held_by, 0);
    assert_false(lock_rows_waiting(&rows, &waiting));
}

static void each_circle_of_waiters_comes_once(void **state)
{
    static const char *const locks[] = {"a", "b", "c", "d"};
    static const size_t wants[] = {1, 0, 2}; /* two wait for each other, one for himself */
    struct waiting_figures waiting;
    struct scene *f = *state;
    struct lock_rows rows;
    size_t sizes[] = {2, 1};

    for (size_t i = 0; i < ARRAY_SIZE(locks); i++)
        share(f, locks[i], "Lock()");
    for (size_t i = 0; i < ARRAY_SIZE(wants); i++)
        call(f, open_client(f), locks[i], "acquire");
    for (size_t i = 0; i < ARRAY_SIZE(wants); i++)
        park(f, &f->clients[i], locks[wants[i]], "acquire", "()");
    park(f, open_client(f), "a", "acquire", "()");
    lock_rows_begin(&rows, &f->server->crowd, 0, &key_of_all);
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        uint64_t holder = 0;

        assert_true(lock_rows_circle(&rows));
        for (size_t j = 0; j < sizes[i]; j++) {
            assert_true(lock_rows_circled(&rows, &waiting));
            assert_true(!holder || waiting.client.number == holder);
            holder = waiting.held_by;
        }
        assert_false(lock_rows_circled(&rows, &waiting));
    }
    assert_false(lock_rows_circle(&rows));
}

static void more_locks_than_a_walk_has_come_in_the_next(void **state)
{
    struct scene *f = *state;
    struct waiting_figures waiting;
    struct held_figures held;
    struct lock_rows rows;
    char name[32];
    size_t n = 0;

    share_many(f, ROWS_MAX, "Lock()");
    open_client(f);
    for (size_t i = 0; i < ROWS_MAX; i++) {
        snprintf(name, sizeof(name), "name%zu", i);
        call(f, &f->clients[0], name, "acquire");
    }
    park(f, open_client(f), "name7", "acquire", "()");
    park(f, &f->clients[0], "name7", "acquire", "()");

    lock_rows_begin(&rows, &f->server->crowd, 0, &key_of_all);
    while (lock_rows_held(&rows, &held))
        n++;
    assert_int_equal(n, ROWS_MAX);
    assert_false(lock_rows_waiting(&rows, &waiting));
    assert_true(rows.next > 0);
    assert_false(lock_rows_circle(&rows));

    lock_rows_begin(&rows, &f->server->crowd, rows.next, &key_of_all);
    assert_false(lock_rows_held(&rows, &held));
    assert_true(lock_rows_waiting(&rows, &waiting));
    assert_int_equal(waiting.client.number, 1);
    assert_true(lock_rows_waiting(&rows, &waiting));
    assert_int_equal(waiting.client.number, 2);
    assert_false(lock_rows_waiting(&rows, &waiting));
    assert_int_equal(rows.next, 0);
    assert_true(lock_rows_circle(&rows));

    lock_rows_begin(&rows, &f->server->crowd, ROWS_MAX - 1, &key_of_all);
    assert_true(lock_rows_held(&rows, &held));
    assert_false(lock_rows_held(&rows, &held));
}

#define with_server(test) cmocka_unit_test_setup_teardown(test, start, scene_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_server(info_counts_what_there_is),
        with_server(clients_come_in_the_order_of_their_numbers),
        with_server(a_client_that_waits_shows_for_what),
        with_server(more_clients_than_a_walk_has_come_in_the_next),
        with_server(an_object_shows_the_beginning_of_its_value),
        with_server(more_objects_than_a_walk_has_come_in_the_next),
        with_server(objects_that_no_client_holds_are_not_among_the_referred),
        with_server(a_held_lock_shows_who_holds_it),
        with_server(who_waits_for_no_lock_is_not_among_them),
        with_server(each_circle_of_waiters_comes_once),
        with_server(more_locks_than_a_walk_has_come_in_the_next),
    };

    return run_group(tests, NULL, NULL);
}
