/* SPDX-License-Identifier: MIT */
/* Figures that nobody has gathered, as they are written down. */
#include "support/check.h"
#include "support/pickle.h"
#include "support/tree.h"

#include "view/pickle.h"

static struct buffer out;
static struct pickler pickler;

static struct pickler *begin(void)
{
    buffer_clear(&out);
    pickler_init(&pickler, &out);
    pickler_start(&pickler);
    return &pickler;
}

/* What was written since, as repr() has it. */
#define check_written(expected)                                                                    \
    do {                                                                                           \
        assert_int_equal(pickler_finish(&pickler), 0);                                             \
        pickler_deinit(&pickler);                                                                  \
        assert_string_equal(repr_in(&tree, unpickle(&tree, out.data, out.len), 13), expected);     \
    } while (0)

static const struct object_name lock_name = {.ident = "7f", .type = "Lock"};
static const struct client_name known = {
    .number = 5, .pid = 99, .process = "worker", .host = "local"};
static const struct client_name unknown = {.number = 6};

#define WAIT                                                                                       \
    {                                                                                              \
        .object = lock_name, .method = "acquire", .waits = 2 * SEC, .left = SEC / 2                \
    }

static void info_is_a_dict_of_all_its_figures(void **state)
{
    static const char *const addresses[] = {"unix:/run/a", "127.0.0.1:5", NULL};
    const struct info_figures info = {
        .version = "1.2",
        .pid = 3,
        .uptime = 3 * SEC / 2,
        .addresses = addresses,
        .pages = addresses + 1,
        .now = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 24, 25},
        .since_start = {11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23},
        .memory = {31, 32, 33, 34, 35, 36, 37},
    };

    (void)state;
    pickle_info(begin(), &info);
    check_written(
        "{'version': '1.2', 'pid': 3, 'uptime_s': 1.5, "
        "'addresses': ['unix:/run/a', '127.0.0.1:5'], 'pages': ['127.0.0.1:5'], "
        "'connections': 1, 'processes': 2, 'waiting': 3, 'objects': 4, "
        "'objects_alive': 5, 'objects_in_transit': 6, 'references': 7, 'words': 8, 'lent': 9, "
        "'watched': 10, 'rings': 24, 'keys': 25, "
        "'calls': 11, 'connections_ever': 12, 'bytes_in': 13, 'bytes_out': 14, "
        "'owner_deaths': 15, 'references_dropped': 16, 'undelivered': 17, 'refused': 18, "
        "'cut': 19, 'full': 20, 'killed': 21, 'recalls': 22, 'by_rings': 23, "
        "'memory': {'used': 31, 'limit': 32, 'connections': 33, 'tables': 34, "
        "'objects': 35, 'shared': 36, 'resident': 37}}");
}

static void a_client_that_waits_tells_for_what(void **state)
{
    const struct client_figures client = {
        .name = known,
        .uid = 1000,
        .key = "web",
        .right = "rw",
        .state = "waiting",
        .since = SEC,
        .calls = 2,
        .bytes_in = 3,
        .bytes_out = 4,
        .unsent = 5,
        .shares = true,
        .ring = true,
        .tls = "worker.example",
        .is_waiting = true,
        .wait = WAIT,
    };

    (void)state;
    pickle_client(begin(), &client);
    check_written("{'client': 5, 'pid': 99, 'process': 'worker', 'host': 'local', 'uid': 1000, "
                  "'key': 'web', 'right': 'rw', "
                  "'state': 'waiting', 'since_s': 1.0, 'calls': 2, 'bytes_in': 3, 'bytes_out': 4, "
                  "'unsent': 5, 'shares': True, 'ring': True, 'tls': 'worker.example', "
                  "'waits_for': {'ident': '7f', 'type': 'Lock', 'method': 'acquire', "
                  "'waits_s': 2.0, 'left_s': 0.5}}");
}

static void what_is_not_known_of_a_client_is_none(void **state)
{
    const struct client_figures client = {.name = unknown, .uid = -1, .state = "idle"};

    (void)state;
    pickle_client(begin(), &client);
    check_written("{'client': 6, 'pid': None, 'process': None, 'host': None, 'uid': None, "
                  "'key': None, 'right': None, "
                  "'state': 'idle', 'since_s': 0.0, 'calls': 0, 'bytes_in': 0, 'bytes_out': 0, "
                  "'unsent': 0, 'shares': False, 'ring': False, 'tls': None, 'waits_for': None}");
}

static void an_object_is_shown_with_its_value(void **state)
{
    const struct object_figures object = {
        .name = {"a1", "list"},
        .registered = "jobs",
        .references = 1,
        .waiting = 2,
        .counts = true,
        .calls = 7,
        .items = 3,
        .bytes = 4,
        .value = "['\xc3\xa9', 5]",
        .value_len = 6,
    };

    (void)state;
    pickle_object(begin(), &object);
    check_written("{'ident': 'a1', 'type': 'list', 'name': 'jobs', 'references': 1, 'waiting': 2, "
                  "'calls': 7, 'items': 3, 'bytes': 4, 'value': \"['\xc3\xa9',\"}");
}

static void a_value_that_its_host_knows_is_none(void **state)
{
    const struct object_figures object = {.name = {"a1", "Thing"}, .references = 2};

    (void)state;
    pickle_object(begin(), &object);
    check_written("{'ident': 'a1', 'type': 'Thing', 'name': None, 'references': 2, 'waiting': 0, "
                  "'calls': None, 'items': 0, 'bytes': 0, 'value': None}");
    pickle_line(begin(), &object);
    check_written("('a1', 2, None)");
}

static void a_held_lock_names_its_holder(void **state)
{
    const struct held_figures held = {
        .object = lock_name, .holder = unknown, .gone = true, .held = 3 * SEC, .waiting = 4};

    (void)state;
    pickle_held(begin(), &held);
    check_written("{'ident': '7f', 'type': 'Lock', 'client': 6, 'pid': None, 'process': None, "
                  "'host': None, 'gone': True, 'held_s': 3.0, 'waiting': 4}");
}

static void who_waits_without_end_has_no_time_left_to_tell(void **state)
{
    struct waiting_figures waiting = {.client = known, .wait = WAIT, .held_by = 6};

    (void)state;
    waiting.wait.left = FOREVER;
    pickle_waiting(begin(), &waiting);
    check_written("{'ident': '7f', 'type': 'Lock', 'client': 5, 'pid': 99, 'process': 'worker', "
                  "'host': 'local', 'method': 'acquire', 'waits_s': 2.0, 'left_s': None, "
                  "'held_by': 6}");
    waiting.held_by = 0;
    waiting.wait.method = NULL;
    pickle_waiting(begin(), &waiting);
    check_written("{'ident': '7f', 'type': 'Lock', 'client': 5, 'pid': 99, 'process': 'worker', "
                  "'host': 'local', 'method': None, 'waits_s': 2.0, 'left_s': None, "
                  "'held_by': None}");
}

static void in_a_circle_the_next_one_is_who_holds(void **state)
{
    const struct waiting_figures waiting = {.client = known, .wait = WAIT, .held_by = 6};

    (void)state;
    pickle_circled(begin(), &waiting);
    check_written("{'ident': '7f', 'type': 'Lock', 'client': 5, 'pid': 99, 'process': 'worker', "
                  "'host': 'local', 'method': 'acquire', 'waits_s': 2.0, 'left_s': 0.5}");
}

static void text_of_peers_is_shown_in_printable_ascii(void **state)
{
    char name[600];
    struct client_figures client = {.name = unknown, .uid = -1, .state = "idle"};
    struct sm_value shown, v;

    (void)state;
    client.name.process = "a\x1b[2J\xc3\xa9z\n";
    pickle_client(begin(), &client);
    assert_int_equal(pickler_finish(&pickler), 0);
    pickler_deinit(&pickler);
    shown = unpickle(&tree, out.data, out.len);
    assert_int_equal(sm_dict_find(shown, sm_str("process"), &v), SM_OK);
    assert_string_equal(repr_in(&tree, v, 13), "'a?[2J??z?'");

    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    client.name.process = name;
    pickle_client(begin(), &client);
    assert_int_equal(pickler_finish(&pickler), 0);
    pickler_deinit(&pickler);
    shown = unpickle(&tree, out.data, out.len);
    assert_int_equal(sm_dict_find(shown, sm_str("process"), &v), SM_OK);
    assert_int_equal(v.len, 512);
}

static void a_death_tells_who_and_what(void **state)
{
    const struct death_figures death = {.date = 3 * SEC / 2,
                                        .who = {.pid = 99, .process = "worker", .host = "local"},
                                        .object = {"7f", "lock"},
                                        .registered = "door",
                                        .kept = true};

    (void)state;
    pickle_death(begin(), &death);
    check_written("{'at': 1.5, 'client': None, 'pid': 99, 'process': 'worker', 'host': 'local', "
                  "'ident': '7f', 'type': 'lock', 'name': 'door', 'kept': True}");
}

/* The names are what tells rows from each other. */
static void names_of_series_are_whole(void **state)
{
    const struct histogram times = {.counts = {3, 0, 2, [HISTOGRAM_LEN - 1] = 1}, .sum = 2.5 * SEC};
    const struct series_figures series = {
        .type = "\xc3\xa9\xff", .method = "a\"b\n", .object = "\xed\xa0\x80", .times = &times};

    (void)state;
    pickle_call_series(begin(), &series);
    check_written("{'type': '\xc3\xa9\\\\xff', 'method': 'a\"b\\n', 'sum_s': 2.5, 'counts': "
                  "[3, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]}");
    pickle_wait_series(begin(), &series);
    check_written("{'type': '\xc3\xa9\\\\xff', 'method': 'a\"b\\n', "
                  "'object': '\\\\xed\\\\xa0\\\\x80', 'sum_s': 2.5, 'counts': "
                  "[3, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]}");
}

static void metrics_that_are_not_counted_are_none(void **state)
{
    struct metrics_figures metrics = {
        .deadlocks = 5, .deadlocks_now = 1, .call_least = SEC, .wait_least = 2 * SEC};
    const char *const bounds = "[1.0, 2.0, 4.0";
    struct sm_value shown, v;

    (void)state;
    for (int counts = 0; counts < 2; counts++) {
        struct pickler *p = begin();

        metrics.counts = counts;
        pickle_dict_begin(p);
        pickle_metrics(p, &metrics);
        pickle_dict_end(p);
        assert_int_equal(pickler_finish(p), 0);
        pickler_deinit(p);
        shown = unpickle(&tree, out.data, out.len);
        assert_int_equal(sm_dict_find(shown, sm_str("deadlocks"), &v), SM_OK);
        assert_string_equal(repr_in(&tree, v, 13), counts ? "5" : "None");
        assert_int_equal(sm_dict_find(shown, sm_str("call_bounds_s"), &v), SM_OK);
        assert_int_equal(sm_len(v), HISTOGRAM_BOUNDS);
        assert_memory_equal(repr_in(&tree, v, 13), bounds, strlen(bounds));
    }
}

static void a_number_beyond_an_int64_is_the_largest(void **state)
{
    const struct object_figures object = {.name = {"a1", "list"}, .references = UINT64_MAX};

    (void)state;
    pickle_line(begin(), &object);
    check_written("('a1', 9223372036854775807, None)");
}

static void the_last_part_has_no_next(void **state)
{
    (void)state;
    pickle_next(begin(), 0);
    check_written("None");
    pickle_next(begin(), 1000);
    check_written("1000");
}

static int end(void **state)
{
    buffer_deinit(&out);
    return drop_tree(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(info_is_a_dict_of_all_its_figures),
        cmocka_unit_test(a_client_that_waits_tells_for_what),
        cmocka_unit_test(what_is_not_known_of_a_client_is_none),
        cmocka_unit_test(an_object_is_shown_with_its_value),
        cmocka_unit_test(a_value_that_its_host_knows_is_none),
        cmocka_unit_test(a_held_lock_names_its_holder),
        cmocka_unit_test(who_waits_without_end_has_no_time_left_to_tell),
        cmocka_unit_test(in_a_circle_the_next_one_is_who_holds),
        cmocka_unit_test(text_of_peers_is_shown_in_printable_ascii),
        cmocka_unit_test(a_death_tells_who_and_what),
        cmocka_unit_test(names_of_series_are_whole),
        cmocka_unit_test(metrics_that_are_not_counted_are_none),
        cmocka_unit_test(a_number_beyond_an_int64_is_the_largest),
        cmocka_unit_test(the_last_part_has_no_next),
    };

    return run_group(tests, make_tree, end);
}
