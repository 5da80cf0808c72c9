/* SPDX-License-Identifier: MIT */
/* Versions of objects that clients watch: what raises them. */
#include "support/expect.h"

#include "object/version.h"
#include "types/types.h"

#include <errno.h>

#define PLACES 3

enum { ANN = 1, BOB, CID };

static struct version row[PLACES];

static int setup(void **state)
{
    memset(row, 0, sizeof(row));
    return probe_setup(state) < 0 ? -1 : versions_begin(&probe_registry()->versions, row, PLACES);
}

static struct version *watch(struct object *object)
{
    size_t place;

    assert_int_equal(version_watch(object, &place), 0);
    assert_ptr_equal(object->version, &row[place]);
    return object->version;
}

static uint64_t number_of(const struct version *version)
{
    return atomic_load(&version->number);
}

#define check_raised(version, what)                                                                \
    do {                                                                                           \
        const struct version *v_ = (version);                                                      \
        uint64_t before_ = number_of(v_);                                                          \
        what;                                                                                      \
        assert_true(number_of(v_) > before_);                                                      \
        assert_false(number_of(v_) & VERSION_HIDDEN);                                              \
    } while (0)

/* One method of each kind, of each type that can be watched. */
static void a_method_raises_the_version_unless_it_reads(void **state)
{
    static const struct {
        const char *typeid, *init, *write, *args, *read, *read_args;
    } cases[] = {
        {"Array", "('i', [1])", "__setitem__", "(0, 2)", "__getitem__", "(0,)"},
        {"Barrier", "(2,)", "abort", "()", "__getattribute__", "('broken',)"},
        {"Namespace", "()", "__setattr__", "('a', 1)", "__getattribute__", "('a',)"},
        {"Queue", "()", "put", "(1,)", "qsize", "()"},
        {"Value", "('i', 1)", "set", "(2,)", "get", "()"},
        {"dict", "({1: 2},)", "__setitem__", "(1, 3)", "__getitem__", "(1,)"},
        {"list", "([1],)", "append", "(2,)", "__getitem__", "(0,)"},
        {"set", "({1},)", "add", "(2,)", "__contains__", "(1,)"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct object *object = probe_object(cases[i].typeid, cases[i].init);
        struct version *version = watch(object);
        uint64_t before;

        check_raised(version, probe_ask(object, cases[i].write, cases[i].args));
        before = number_of(version);
        probe_ask(object, cases[i].read, cases[i].read_args);
        probe_ask(object, "__repr__", "()");
        assert_int_equal(number_of(version), before);
        version_end(object);
    }
}

static void what_a_deadline_changes_raises_it(void **state)
{
    struct object *barrier = probe_object("Barrier", "(2,)");
    struct version *version = watch(barrier);

    (void)state;
    check_raised(version, probe_call(barrier, "wait", "(5,)"));
    check_raised(version, probe_advance(5 * SEC));
    assert_string_equal(probe_ask(barrier, "__getattribute__", "('broken',)"), "True");
}

static void what_the_end_of_a_client_changes_raises_it(void **state)
{
    struct object *barrier = probe_object("Barrier", "(2,)");
    struct version *version = watch(barrier);

    (void)state;
    probe_call_as(ANN, barrier, "wait", "()");
    assert_string_equal(probe_ask(barrier, "__getattribute__", "('n_waiting',)"), "1");
    check_raised(version, probe_disconnect(ANN));
}

static void what_comes_back_undelivered_raises_it(void **state)
{
    struct object *queue = probe_object("Queue", "()");
    struct version *version = watch(queue);
    struct call *call;

    (void)state;
    probe_ask(queue, "put", "(1,)");
    call = probe_call(queue, "get", "()");
    assert_string_equal(probe_ask(queue, "qsize", "()"), "0");
    check_raised(version, probe_undelivered(call));
    assert_string_equal(probe_ask(queue, "qsize", "()"), "1");
}

static void a_call_that_waited_raises_it_when_it_is_served(void **state)
{
    struct object *queue = probe_object("Queue", "()");
    struct version *version = watch(queue);
    struct call *getter = probe_call_as(ANN, queue, "get", "()");

    (void)state;
    check_raised(version, probe_call_as(BOB, queue, "put", "(1,)"));
    assert_string_equal(probe_reply(getter), "1");
}

static void numbers_of_a_place_never_come_again(void **state)
{
    uint64_t last = 0;

    (void)state;
    for (int i = 0; i < 100; i++) {
        struct object *object = probe_registered("[1]");
        struct version *version = watch(object);

        assert_ptr_equal(version, &row[0]);
        assert_true(number_of(version) > last || i == 0);
        last = number_of(version);
        check_raised(version, object_unref(object));
    }
    assert_int_equal(versions_watched(&probe_registry()->versions), 0);
}

static void an_object_keeps_its_place_and_there_are_no_more_than_there_are(void **state)
{
    struct object *objects[PLACES], *more = probe_object("list", "()");
    size_t place;

    (void)state;
    for (size_t i = 0; i < PLACES; i++) {
        objects[i] = probe_object("list", "()");
        assert_ptr_equal(watch(objects[i]), watch(objects[i]));
    }
    assert_int_equal(version_watch(more, &place), -ENOSPC);
    assert_int_equal(versions_watched(&probe_registry()->versions), PLACES);
    version_end(objects[1]);
    assert_ptr_equal(watch(more), &row[1]);
}

static void it_is_odd_while_changes_are_not_seen(void **state)
{
    struct object *list = probe_object("list", "()");
    struct version *version = watch(list);
    uint64_t before = number_of(version);

    (void)state;
    version_hide(list);
    version_hide(list);
    assert_true(number_of(version) & VERSION_HIDDEN);
    assert_true(number_of(version) > before);
    version_raise(version);
    assert_true(number_of(version) & VERSION_HIDDEN);
    before = number_of(version);
    version_show(list);
    assert_false(number_of(version) & VERSION_HIDDEN);
    assert_true(number_of(version) > before);
}

#define WATCHED(test) cmocka_unit_test_setup_teardown(test, setup, probe_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WATCHED(a_method_raises_the_version_unless_it_reads),
        WATCHED(what_a_deadline_changes_raises_it),
        WATCHED(what_the_end_of_a_client_changes_raises_it),
        WATCHED(what_comes_back_undelivered_raises_it),
        WATCHED(a_call_that_waited_raises_it_when_it_is_served),
        WATCHED(numbers_of_a_place_never_come_again),
        WATCHED(an_object_keeps_its_place_and_there_are_no_more_than_there_are),
        WATCHED(it_is_odd_while_changes_are_not_seen),
    };

    return run_group(tests, NULL, NULL);
}
