/* SPDX-License-Identifier: MIT */
/* What a server counts that was asked to, and what it remembers of the dead. */
#include "support/scene.h"

#include "base/histogram.h"
#include "object/access.h"
#include "peer/deaths.h"
#include "peer/meter.h"
#include "view/gather.h"

static int start(void **state)
{
    return scene_start(state, (struct sm_server_options){.metrics = true});
}

static int start_without(void **state)
{
    return scene_start(state, (struct sm_server_options){0});
}

static void a_time_is_counted_at_the_least_bound_that_it_does_not_exceed(void **state)
{
    static const struct {
        nsec time;
        size_t index;
    } cases[] = {
        {0, 0},
        {-5, 0}, /* clocks may be read in another order than they went */
        {1, 0},
        {USEC, 0},
        {USEC + 1, 1},
        {2 * USEC, 1},
        {2 * USEC + 1, 2},
        {4 * USEC, 2},
        {1024 * USEC, 10},
        {1024 * USEC + 1, 11},
        {USEC << 23, 23},
        {(USEC << 23) + 1, 24},
        {INT64_MAX, 24},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct histogram histogram = {0};

        histogram_add(&histogram, cases[i].time, USEC);
        assert_int_equal(histogram.counts[cases[i].index], 1);
        assert_int_equal(histogram_total(&histogram), 1);
    }
}

/* How many calls, or waits, a row has; 0: there is none. */
static uint64_t count(struct scene *f,
                      void (*begin)(struct series_rows *rows, const struct crowd *crowd,
                                    const struct key *key),
                      const char *type, const char *method, const char *object)
{
    struct series_figures series;
    struct series_rows rows;
    uint64_t n = 0;

    begin(&rows, &f->server->crowd, &key_of_all);
    while (series_rows_next(&rows, &series)) {
        if (strcmp(series.type, type) == 0 && strcmp(series.method, method) == 0 &&
            strcmp(series.object, object) == 0)
            n += histogram_total(series.times);
    }
    series_rows_end(&rows);
    return n;
}

static uint64_t calls(struct scene *f, const char *type, const char *method)
{
    return count(f, call_rows_begin, type, method, "");
}

static uint64_t waits(struct scene *f, const char *type, const char *method, const char *object)
{
    return count(f, wait_rows_begin, type, method, object);
}

/* Let time pass: what is due by then happens. */
static void pass(struct scene *f, nsec time)
{
    struct loop *loop = &f->server->loop;

    loop->ahead += time;
    timers_fire(loop->timers, loop_now(loop));
}

static uint64_t deadlocks(struct scene *f)
{
    struct metrics_figures metrics;

    gather_metrics(&f->server->crowd, &metrics);
    assert_true(metrics.counts);
    return metrics.deadlocks;
}

static void calls_are_counted_by_type_and_method(void **state)
{
    struct scene *f = *state;

    share(f, "numbers", "[1]");
    share(f, "others", "[2]");
    open_client(f);
    for (int i = 0; i < 3; i++)
        call(f, &f->clients[0], "numbers", "copy");
    call(f, &f->clients[0], "others", "copy");
    call(f, &f->clients[0], "numbers", "clear");
    assert_int_equal(calls(f, "list", "copy"), 4);
    assert_int_equal(calls(f, "list", "clear"), 1);
    assert_int_equal(calls(f, "Server", "accept_connection"), 1);
    assert_int_equal(waits(f, "list", "copy", "numbers"), 0);
}

static void a_method_in_no_table_is_another(void **state)
{
    struct scene *f = *state;

    share(f, "numbers", "[1]");
    call(f, open_client(f), "numbers", "no_such_method");
    call(f, &f->clients[0], "numbers", "__str__");
    raw_ask(&f->clients[0], "(None, 'no_such_function', (), {})");
    raw_drop_answer(&f->clients[0]);
    raw_ask(&f->clients[0], "('no such object', 'get', (), {})");
    raw_drop_answer(&f->clients[0]);
    assert_int_equal(calls(f, "list", "other"), 2);
    assert_int_equal(calls(f, "Server", "other"), 2);
}

static void an_object_counts_its_calls(void **state)
{
    static struct object_rows rows;
    struct scene *f = *state;
    struct object_figures object;

    share(f, "numbers", "[1]");
    call(f, open_client(f), "numbers", "copy");
    call(f, &f->clients[0], "numbers", "clear");
    object_rows_begin(&rows, &f->server->crowd, 0, 13, &key_of_all);
    assert_true(object_rows_next(&rows, &object));
    assert_true(object.counts);
    assert_int_equal(object.calls, 2);
    object_rows_end(&rows);
}

static void a_call_that_waits_is_counted_once_it_is_answered(void **state)
{
    struct scene *f = *state;

    share(f, "lock", "Lock()");
    call(f, open_client(f), "lock", "acquire");
    park(f, open_client(f), "lock", "acquire", "()");
    assert_int_equal(waits(f, "lock", "acquire", "lock"), 0);
    assert_int_equal(calls(f, "lock", "acquire"), 1);
    call(f, &f->clients[0], "lock", "release");
    raw_drop_answer(&f->clients[1]);
    assert_int_equal(waits(f, "lock", "acquire", "lock"), 1);
    assert_int_equal(calls(f, "lock", "acquire"), 2);
}

static void a_wait_is_as_long_as_it_took(void **state)
{
    struct series_figures series;
    struct scene *f = *state;
    struct series_rows rows;

    share(f, "event", "Event()");
    park(f, open_client(f), "event", "wait", "(3,)");
    pass(f, 3 * SEC);
    raw_drop_answer(&f->clients[0]);
    wait_rows_begin(&rows, &f->server->crowd, &key_of_all);
    assert_true(series_rows_next(&rows, &series));
    assert_string_equal(series.object, "event");
    assert_true(series.times->sum >= 3.0 * SEC);
    assert_int_equal(series.times->counts[15], 1); /* 1.6 to 3.3 s */
    assert_false(series_rows_next(&rows, &series));
    series_rows_end(&rows);
}

/* Only what has a name of the program's is told from others: there may be millions of objects. */
static void waits_for_objects_without_a_name_are_one_row(void **state)
{
    char ident[IDENT_SIZE], request[64];
    struct scene *f = *state;

    share(f, "lock", "Lock()");
    ident_format(find(f, "lock")->ident, ident);
    snprintf(request, sizeof(request), "('%s', 'release', (), {})", ident);
    call(f, open_client(f), "lock", "acquire");
    park(f, open_client(f), "lock", "acquire", "()");
    find(f, "lock")->registered = false;
    raw_ask(&f->clients[0], request);
    raw_drop_answer(&f->clients[1]);
    assert_int_equal(waits(f, "lock", "acquire", ""), 1);
}

/* Each client has a lock of its own: "a" the first one, "b" the second, ... */
static void hold_one_each(struct scene *f, size_t n)
{
    char name[] = "a";

    for (size_t i = 0; i < n; i++, name[0]++) {
        share(f, name, "Lock()");
        call(f, open_client(f), name, "acquire");
    }
}

static void a_circle_of_waiters_is_counted_when_it_closes(void **state)
{
    struct scene *f = *state;

    hold_one_each(f, 3);
    park(f, &f->clients[0], "b", "acquire", "()");
    park(f, &f->clients[1], "c", "acquire", "()");
    assert_int_equal(deadlocks(f), 0);
    park(f, &f->clients[2], "a", "acquire", "()");
    assert_int_equal(deadlocks(f), 1);
}

static void who_waits_for_himself_is_a_circle(void **state)
{
    struct scene *f = *state;

    hold_one_each(f, 1);
    park(f, &f->clients[0], "a", "acquire", "()");
    assert_int_equal(deadlocks(f), 1);
}

static void who_runs_into_a_circle_closes_none(void **state)
{
    struct scene *f = *state;

    hold_one_each(f, 5);
    park(f, &f->clients[0], "b", "acquire", "()");
    park(f, &f->clients[1], "c", "acquire", "()");
    park(f, &f->clients[2], "a", "acquire", "()");
    park(f, &f->clients[3], "a", "acquire", "()");
    park(f, &f->clients[4], "d", "acquire", "()");
    assert_int_equal(deadlocks(f), 1);
}

/* It had let go of it to be notified. */
static void who_comes_back_from_a_condition_may_close_a_circle(void **state)
{
    struct scene *f = *state;

    share(f, "condition", "Condition()");
    hold_one_each(f, 1);
    call(f, &f->clients[0], "condition", "acquire");
    park(f, &f->clients[0], "condition", "wait", "(5,)");
    call(f, open_client(f), "condition", "acquire");
    park(f, &f->clients[1], "a", "acquire", "()");
    assert_int_equal(deadlocks(f), 0);
    pass(f, 5 * SEC);
    assert_int_equal(deadlocks(f), 1);
}

static void objects_with_a_name_are_rows(void **state)
{
    struct scene *f = *state;
    struct object_figures object;
    struct registered_rows rows;

    share(f, "jobs", "Queue(5)");
    share(f, "numbers", "[1, 2]");
    call(f, open_client(f), "numbers", "copy");
    park(f, &f->clients[0], "jobs", "get", "()");
    registered_rows_begin(&rows, &f->server->crowd, &key_of_all);
    assert_true(registered_rows_next(&rows, &object));
    assert_string_equal(object.registered, "jobs");
    assert_string_equal(object.name.type, "Queue");
    assert_int_equal(object.waiting, 1);
    assert_true(registered_rows_next(&rows, &object));
    assert_string_equal(object.registered, "numbers");
    assert_int_equal(object.items, 2);
    assert_true(object.bytes > 0);
    assert_true(object.counts);
    assert_int_equal(object.calls, 1);
    assert_false(registered_rows_next(&rows, &object));
}

static void what_is_not_asked_for_is_not_counted(void **state)
{
    static struct object_rows rows;
    struct metrics_figures metrics;
    struct object_figures object;
    struct series_figures series;
    struct series_rows calls_made;
    struct scene *f = *state;

    hold_one_each(f, 1);
    park(f, &f->clients[0], "a", "acquire", "()");
    gather_metrics(&f->server->crowd, &metrics);
    assert_false(metrics.counts);
    assert_int_equal(metrics.deadlocks_now, 1); /* whoever asks is told what there is */
    call_rows_begin(&calls_made, &f->server->crowd, &key_of_all);
    assert_false(series_rows_next(&calls_made, &series));
    series_rows_end(&calls_made);
    object_rows_begin(&rows, &f->server->crowd, 0, 13, &key_of_all);
    assert_true(object_rows_next(&rows, &object));
    assert_false(object.counts);
    object_rows_end(&rows);
}

/* Of the two, what their methods take is one row. */
static void types_of_one_name_are_one_row(void **state)
{
    static const struct method first = {.name = "get"}, second = {.name = "get"};
    static const struct object_type one = {.name = "Twin"}, other = {.name = "Twin"};
    struct object objects[] = {{.type = &one}, {.type = &other}};
    struct scene *f = *state;

    for (size_t i = 0; i < 2; i++) {
        const struct call made = {.object = &objects[i], .method = i ? &second : &first};

        meter_add(f->server->crowd.meter, &made, USEC, false);
    }
    assert_int_equal(calls(f, "Twin", "get"), 2);
}

/* As many as there may be: what comes then is one row more. */
static void there_are_not_more_rows_than_the_limit(void **state)
{
    static struct object_type types[LIMIT_METERS + 2];
    static char names[LIMIT_METERS + 2][24];
    struct scene *f = *state;
    struct object object = {0};
    const struct call made = {.object = &object};
    struct meter *meter = f->server->crowd.meter;

    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        snprintf(names[i], sizeof(names[i]), "T%zu", i);
        types[i].name = names[i];
        object.type = &types[i];
        meter_add(meter, &made, USEC, false);
    }
    assert_int_equal(meter->calls.series.len, LIMIT_METERS);
    assert_int_equal(calls(f, "other", "other"), 2);
}

static void a_death_tells_who_it_was_and_what_he_held(void **state)
{
    struct death_figures death;
    struct row_texts texts;
    char ident[IDENT_SIZE];
    struct scene *f = *state;

    share(f, "lock", "RLock()");
    call(f, open_client(f), "lock", "acquire");
    assert_false(gather_death(&f->server->crowd, 0, &texts, &death));
    raw_close(&f->clients[0]);
    f->clients_len = 0;
    while (f->server->crowd.peers_len)
        sm_server_step(f->server);
    assert_true(gather_death(&f->server->crowd, 0, &texts, &death));
    ident_format(find(f, "lock")->ident, ident);
    assert_string_equal(death.object.ident, ident);
    assert_string_equal(death.object.type, "RLock");
    assert_string_equal(death.registered, "lock");
    assert_int_equal(death.who.number, 1);
    assert_int_equal(death.who.pid, getpid());
    assert_string_equal(death.who.host, "local");
    assert_true(death.date / SEC >= time(NULL) - 60 && death.date / SEC <= time(NULL) + 1);
    assert_false(death.kept);
    assert_false(gather_death(&f->server->crowd, 1, &texts, &death));
}

static void the_oldest_deaths_are_forgotten(void **state)
{
    struct deaths *deaths = NULL;
    struct registry registry = {0};
    struct object object = {.registry = &registry};

    (void)state;
    assert_null(deaths_last(deaths, 0));
    for (uint64_t i = 0; i < LIMIT_DEATHS + 2; i++) {
        object.ident = i;
        deaths_add(&deaths, &(struct departed){.client = i}, &object, false);
    }
    assert_int_equal(deaths_last(deaths, 0)->ident, LIMIT_DEATHS + 1);
    assert_int_equal(deaths_last(deaths, LIMIT_DEATHS - 1)->ident, 2);
    assert_null(deaths_last(deaths, LIMIT_DEATHS));
    deaths_free(deaths);
}

#define with_server(test) cmocka_unit_test_setup_teardown(test, start, scene_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_is_counted_at_the_least_bound_that_it_does_not_exceed),
        with_server(calls_are_counted_by_type_and_method),
        with_server(a_method_in_no_table_is_another),
        with_server(an_object_counts_its_calls),
        with_server(a_call_that_waits_is_counted_once_it_is_answered),
        with_server(a_wait_is_as_long_as_it_took),
        with_server(waits_for_objects_without_a_name_are_one_row),
        with_server(a_circle_of_waiters_is_counted_when_it_closes),
        with_server(who_waits_for_himself_is_a_circle),
        with_server(who_runs_into_a_circle_closes_none),
        with_server(who_comes_back_from_a_condition_may_close_a_circle),
        cmocka_unit_test_setup_teardown(what_is_not_asked_for_is_not_counted, start_without,
                                        scene_end),
        with_server(objects_with_a_name_are_rows),
        with_server(types_of_one_name_are_one_row),
        with_server(there_are_not_more_rows_than_the_limit),
        with_server(a_death_tells_who_it_was_and_what_he_held),
        cmocka_unit_test(the_oldest_deaths_are_forgotten),
    };

    return run_group(tests, NULL, NULL);
}
