/* SPDX-License-Identifier: MIT */
/* Queue, JoinableQueue. */
#include "base/memory.h"
#include "support/expect.h"

#include <pthread.h>

static void items_come_out_as_they_went_in(void **state)
{
    struct object *queue = probe_object("Queue", "()");

    (void)state;
    assert_string_equal(probe_ask(queue, "put", "({'k': [1, 'two']},)"), "None");
    probe_ask(queue, "put_nowait", "('a text that does not fit into a slot',)");
    assert_string_equal(probe_ask(queue, "qsize", "()"), "2");
    assert_string_equal(probe_ask(queue, "get", "()"), "{'k': [1, 'two']}");
    assert_string_equal(probe_ask(queue, "get_nowait", "()"),
                        "'a text that does not fit into a slot'");
    assert_string_equal(probe_ask(queue, "empty", "()"), "True");
}

static void put_serves_the_oldest_getter(void **state)
{
    struct object *queue = probe_object("Queue", "()");
    struct call *first = probe_call(queue, "get", "()");
    struct call *second = probe_call(queue, "get", "(True, 5.0)");

    (void)state;
    probe_ask(queue, "put", "(1,)");
    assert_string_equal(probe_reply(first), "1");
    assert_null(probe_reply(second));
    assert_string_equal(probe_ask(queue, "qsize", "()"), "0");
    probe_ask(queue, "put", "(2,)");
    assert_string_equal(probe_reply(second), "2");
}

static void get_lets_the_oldest_putter_in(void **state)
{
    struct object *queue = probe_object("Queue", "(1,)");
    struct call *first, *second;

    (void)state;
    probe_ask(queue, "put", "(1,)");
    first = probe_call(queue, "put", "(['a', 'list'],)");
    second = probe_call(queue, "put", "(3,)");
    assert_string_equal(probe_ask(queue, "get", "()"), "1");
    assert_string_equal(probe_reply(first), "None");
    assert_null(probe_reply(second));
    assert_string_equal(probe_ask(queue, "full", "()"), "True");
    assert_string_equal(probe_ask(queue, "get", "()"), "['a', 'list']");
    assert_string_equal(probe_ask(queue, "get", "()"), "3");
}

static void get_gives_up_at_its_deadline(void **state)
{
    struct call *call = probe_call(probe_object("Queue", "()"), "get", "(True, 5.0)");

    (void)state;
    probe_advance(4999 * MSEC);
    assert_null(probe_reply(call));
    probe_advance(1 * MSEC);
    assert_string_equal(probe_reply(call), "Empty()");
}

static void put_gives_up_at_its_deadline(void **state)
{
    struct object *queue = probe_object("Queue", "(1,)");
    struct call *call;

    (void)state;
    probe_ask(queue, "put", "(1,)");
    call = probe_call(queue, "put", "(['an', 'item', 'of', 'some', 'length'], True, 5.0)");
    probe_advance(5 * SEC);
    assert_string_equal(probe_reply(call), "Full()");
    probe_ask(queue, "get", "()");
    assert_string_equal(probe_ask(queue, "qsize", "()"), "0");
}

static void a_vanished_getter_takes_no_item(void **state)
{
    struct object *queue = probe_object("Queue", "()");

    (void)state;
    probe_call_as(7, queue, "get", "()");
    probe_disconnect(7);
    probe_ask(queue, "put", "(1,)");
    assert_string_equal(probe_ask(queue, "get", "()"), "1");
}

static void a_vanished_putter_leaves_no_item(void **state)
{
    struct object *queue = probe_object("Queue", "(1,)");

    (void)state;
    probe_ask(queue, "put", "(1,)");
    probe_call_as(7, queue, "put", "(2,)");
    probe_disconnect(7);
    probe_ask(queue, "get", "()");
    assert_string_equal(probe_ask(queue, "empty", "()"), "True");
}

static void undelivered_items_return_to_their_places(void **state)
{
    static const int orders[][3] = {{0, 1, 2}, {2, 1, 0}, {1, 2, 0}};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
        struct object *queue = probe_object("Queue", "()");
        struct call *lost[3];

        for (size_t n = 0; n < 5; n++)
            probe_ask(queue, "put",
                      n == 0   ? "(0,)"
                      : n == 1 ? "(1,)"
                      : n == 2 ? "(2,)"
                      : n == 3 ? "(3,)"
                               : "(4,)");
        for (size_t n = 0; n < 3; n++)
            lost[n] = probe_call(queue, "get", "()");
        for (size_t n = 0; n < 3; n++)
            probe_undelivered(lost[orders[i][n]]);
        assert_string_equal(probe_ask(queue, "get", "()"), "0");
        assert_string_equal(probe_ask(queue, "get", "()"), "1");
        assert_string_equal(probe_ask(queue, "get", "()"), "2");
        assert_string_equal(probe_ask(queue, "get", "()"), "3");
    }
}

static void an_undelivered_item_goes_to_the_oldest_getter(void **state)
{
    struct object *queue = probe_object("Queue", "()");
    struct call *lost = probe_call(queue, "get", "()");
    struct call *getter = probe_call(queue, "get", "()");

    (void)state;
    probe_ask(queue, "put", "('a text that does not fit into a slot',)");
    probe_undelivered(lost);
    assert_string_equal(probe_reply(getter), "'a text that does not fit into a slot'");
}

static void an_undelivered_item_stays_unfinished(void **state)
{
    struct object *queue = probe_object("Queue", "()");
    struct call *join;

    (void)state;
    probe_ask(queue, "put", "(1,)");
    join = probe_call(queue, "join", "()");
    probe_undelivered(probe_call(queue, "get", "()"));
    assert_null(probe_reply(join));
    probe_ask(queue, "get", "()");
    probe_ask(queue, "task_done", "()");
    assert_string_equal(probe_reply(join), "None");
}

static void join_waits_for_every_task(void **state)
{
    struct object *queue = probe_object("JoinableQueue", "()");
    struct call *join;

    (void)state;
    assert_string_equal(probe_ask(queue, "join", "()"), "None");
    probe_ask(queue, "put", "(1,)");
    probe_ask(queue, "put", "(2,)");
    join = probe_call(queue, "join", "()");
    assert_string_equal(probe_ask(queue, "task_done", "()"), "None");
    assert_null(probe_reply(join));
    probe_ask(queue, "task_done", "()");
    assert_string_equal(probe_reply(join), "None");
    assert_string_equal(probe_ask(queue, "task_done", "()"),
                        "ValueError('task_done() called too many times')");
}

static void shutdown_leaves_what_is_in_it(void **state)
{
    struct object *queue = probe_object("Queue", "()");

    (void)state;
    probe_ask(queue, "put", "(1,)");
    assert_string_equal(probe_ask(queue, "shutdown", "()"), "None");
    assert_string_equal(probe_ask(queue, "put", "(2, True, 'x')"), "ShutDown()");
    assert_string_equal(probe_ask(queue, "get", "()"), "1");
    assert_string_equal(probe_ask(queue, "get", "(True, -1)"), "ShutDown()");
    assert_string_equal(probe_ask(queue, "get_nowait", "()"), "ShutDown()");
}

static void shutdown_answers_those_who_wait(void **state)
{
    struct object *empty = probe_object("Queue", "()");
    struct object *full = probe_object("Queue", "(1,)");
    struct call *getter = probe_call(empty, "get", "()");
    struct call *putter;

    (void)state;
    probe_ask(empty, "shutdown", "()");
    assert_string_equal(probe_reply(getter), "ShutDown()");
    probe_ask(full, "put", "(1,)");
    putter = probe_call(full, "put", "(2,)");
    probe_ask(full, "shutdown", "()");
    assert_string_equal(probe_reply(putter), "ShutDown()");
    assert_string_equal(probe_ask(full, "qsize", "()"), "1");
}

static void immediate_shutdown_drops_what_is_in_it(void **state)
{
    struct object *queue = probe_object("Queue", "()");
    struct call *join;

    (void)state;
    probe_ask(queue, "put", "(1,)");
    probe_ask(queue, "put", "(2,)");
    join = probe_call(queue, "join", "()");
    assert_string_equal(probe_ask(queue, "shutdown", "(True,)"), "None");
    assert_string_equal(probe_reply(join), "None");
    assert_string_equal(probe_ask(queue, "get", "()"), "ShutDown()");
}

static void immediate_shutdown_leaves_taken_items_unfinished(void **state)
{
    struct object *queue = probe_object("Queue", "()");
    struct call *join;

    (void)state;
    probe_ask(queue, "put", "(1,)");
    probe_ask(queue, "put", "(2,)");
    probe_ask(queue, "get", "()");
    join = probe_call(queue, "join", "()");
    probe_ask(queue, "shutdown", "(True,)");
    assert_null(probe_reply(join));
    probe_ask(queue, "task_done", "()");
    assert_string_equal(probe_reply(join), "None");
}

static void an_older_python_hears_of_shutdown_in_words_it_knows(void **state)
{
    struct object *queue = probe_object("Queue", "()");

    (void)state;
    probe_ask(queue, "shutdown", "()");
    probe_python = 12;
    assert_string_equal(probe_ask(queue, "get", "()"), "Empty()");
    assert_string_equal(probe_ask(queue, "put", "(1,)"), "Full()");
}

static void a_long_queue_keeps_its_order(void **state)
{
    struct object *queue = probe_object("Queue", "()");
    int put = 0, got = 0;
    char text[16];

    (void)state;
    for (int round = 0; round < 6; round++) {
        for (int i = 0; i < 500; i++, put++) {
            snprintf(text, sizeof(text), "(%d,)", put);
            probe_ask(queue, "put", text);
        }
        for (int i = 0; i < (round < 3 ? 100 : 900); i++, got++) {
            snprintf(text, sizeof(text), "%d", got);
            assert_string_equal(probe_ask(queue, "get", "()"), text);
        }
    }
    assert_string_equal(probe_ask(queue, "empty", "()"), "True");
}

static const char negative[] = "ValueError(\"'timeout' must be a non-negative number\")";
static const char range[] = "OverflowError('timestamp out of range for C PyTime_t')";
static const char too_large[] = "OverflowError('int too large to convert to float')";
static const char not_less[] =
    "TypeError(\"'<' not supported between instances of 'str' and 'int'\")";

/* An int of 1,040 bits, beyond any float. */
#define HUGE_INT                                                                                   \
    "0x1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"   \
    "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000" \
    "000000000000000000000000000000000000000000000000000000000000000000000000000000000000"

static void gets_answers_are_pythons(void **state)
{
    static const struct expected cases[] = {
        {13, "get", "()", NULL},
        {13, "get", "('x', None)", NULL},
        {13, "get", "(True, nan)", NULL},
        {13, "get", "(True, 9223372036.5)", NULL},
        {13, "get", "()", NULL, "{'timeout': True}"},
        {13, "get", "(False,)", "Empty()"},
        {13, "get", "(0, -1)", "Empty()"},
        {13, "get", "([], 'x')", "Empty()"},
        {13, "get", "(True, 0)", "Empty()"},
        {13, "get_nowait", "()", "Empty()"},
        {13, "get", "(True, -1)", negative},
        {13, "get", "(True, -inf)", negative},
        {13, "get", "(True, -" HUGE_INT ")", negative},
        {13, "get", "(True, 'x')", not_less},
        {13, "get", "(True, 1e10)", range},
        {13, "get", "(True, 9223372037)", range},
        {13, "get", "(True, 1000000000000000000000000)", range},
        {10, "get", "(True, 1e10)",
         "OverflowError('timestamp too large to convert to C _PyTime_t')"},
        {13, "get", "(True, " HUGE_INT ")", too_large},
        {13, "get", "(1, 2, 3)",
         "TypeError('Queue.get() takes from 1 to 3 positional arguments but 4 were given')"},
        {9, "get", "(0,)", "TypeError(\"get() got multiple values for argument 'block'\")",
         "{'block': 1}"},
        {13, "get_nowait", "(1,)",
         "TypeError('Queue.get_nowait() takes 1 positional argument but 2 were given')"},
        {13, "task_done", "()", "ValueError('task_done() called too many times')"},
        {13, "shutdown", "(1, 2)",
         "TypeError('Queue.shutdown() takes from 1 to 2 positional arguments but 3 were given')"},
        {12, "shutdown", "()", "RemoteError: KeyError: 'shutdown'"},
        {13, "#GETVALUE", "()", "Unserializable: TypeError: cannot pickle '_thread.lock' object"},
        {13, NULL, "(1, 2)",
         "RemoteError: TypeError: Queue.__init__() takes from 1 to 2 positional arguments but 3 "
         "were given"},
    };

    (void)state;
    EXPECT_EACH("Queue", "()", cases);
}

static void puts_answers_are_pythons(void **state)
{
    static const struct expected unlimited[] = {
        {13, "put", "(1, True, 'x')", "None"},
        {13, "put", "(1, True, -1)", "None"},
        {13, "put", "(1, True, " HUGE_INT ")", "None"},
        {13, "put", "()", "None", "{'item': 1, 'block': False, 'timeout': 0}"},
        {13, "put", "()",
         "TypeError(\"Queue.put() missing 1 required positional argument: 'item'\")"},
        {13, "put", "(1, 2, 3, 4)",
         "TypeError('Queue.put() takes from 2 to 4 positional arguments but 5 were given')"},
        {13, "put", "(1,)", "TypeError(\"Queue.put() got multiple values for argument 'item'\")",
         "{'item': 2}"},
        {13, "put_nowait", "(1, 2)",
         "TypeError('Queue.put_nowait() takes 2 positional arguments but 3 were given')"},
    };
    static const struct expected limited[] = {
        {13, "put", "(1, True, -1)", negative},
        {13, "put", "(1, False, -1)", "None"},
        {13, "put", "(1, True, 'x')", not_less},
        {13, "put", "(1, True, 1e10)", "None"},
        {13, "put", "(1, True, " HUGE_INT ")", too_large},
    };

    (void)state;
    EXPECT_EACH("Queue", "()", unlimited);
    EXPECT_EACH("Queue", "(-1,)", unlimited);
    EXPECT_EACH("Queue", "(1,)", limited);
}

static void a_full_queue_answers_as_pythons_does(void **state)
{
    static const struct {
        const char *args;
        const char *reply;
    } cases[] = {
        {"(1,)", NULL},
        {"(1, True, nan)", NULL},
        {"(1, True, None)", NULL},
        {"(1, False)", "Full()"},
        {"(1, False, 'x')", "Full()"},
        {"(1, True, 0)", "Full()"},
        {"(1, True, False)", "Full()"},
        {"(1, True, -1)", negative},
        {"(1, True, 1e10)", range},
    };
    struct object *queue = probe_object("Queue", "(1,)");

    (void)state;
    probe_ask(queue, "put", "(0,)");
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        const char *reply = probe_reply(probe_call_as(i + 1, queue, "put", cases[i].args));

        if (cases[i].reply)
            assert_string_equal(reply, cases[i].reply);
        else
            assert_null(reply);
        probe_disconnect(i + 1);
    }
}

static void maxsize_may_be_anything_until_it_is_compared(void **state)
{
    static const struct expected odd[] = {
        {13, "put", "(1,)",
         "TypeError(\"'>' not supported between instances of 'str' and 'int'\")"},
        {13, "full", "()", "TypeError(\"'<' not supported between instances of 'int' and 'str'\")"},
        {13, "get", "(False,)", "Empty()"},
        {13, "qsize", "()", "0"},
    };
    static const struct expected numbers[] = {
        {13, "put", "(1, False)", "None"},
        {13, "full", "()", "False"},
    };
    static const char *const fine[] = {"(1.5,)", "(nan,)", "(True,)",
                                       "(0.5,)", "(-1,)",  "(100000000000000000000000000000,)"};

    (void)state;
    EXPECT_EACH("Queue", "('x',)", odd);
    for (size_t i = 0; i < ARRAY_SIZE(fine); i++)
        EXPECT_EACH("Queue", fine[i], numbers);
}

static void a_fraction_of_maxsize_rounds_up(void **state)
{
    struct object *queue = probe_object("Queue", "(1.5,)");

    (void)state;
    probe_ask(queue, "put", "(1,)");
    assert_string_equal(probe_ask(queue, "full", "()"), "False");
    probe_ask(queue, "put", "(2,)");
    assert_string_equal(probe_ask(queue, "full", "()"), "True");
    assert_string_equal(probe_ask(queue, "put_nowait", "(3,)"), "Full()");
}

#define MANY_GETTERS 3000

static void *take_back_without_memory(void *taker)
{
    memory_set_limit(1);
    probe_undelivered(taker);
    memory_set_limit(0);
    return NULL;
}

/* Nobody can be answered, so the item comes back from each of those who wait; on a small stack. */
static void an_item_that_nobody_can_be_given_comes_back(void **state)
{
    struct object *queue = probe_object("Queue", "()");
    struct call *taker;
    pthread_attr_t small;
    pthread_t thread;

    (void)state;
    probe_ask(queue, "put", "(1,)");
    taker = probe_call(queue, "get", "()");
    for (int i = 0; i < MANY_GETTERS; i++)
        probe_call(queue, "get", "()");
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, (size_t)256 * 1024);
    assert_int_equal(pthread_create(&thread, &small, take_back_without_memory, taker), 0);
    pthread_join(thread, NULL);
    pthread_attr_destroy(&small);
    assert_string_equal(probe_ask(queue, "qsize", "()"), "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        probe_test(items_come_out_as_they_went_in),
        probe_test(put_serves_the_oldest_getter),
        probe_test(get_lets_the_oldest_putter_in),
        probe_test(get_gives_up_at_its_deadline),
        probe_test(put_gives_up_at_its_deadline),
        probe_test(a_vanished_getter_takes_no_item),
        probe_test(a_vanished_putter_leaves_no_item),
        probe_test(undelivered_items_return_to_their_places),
        probe_test(an_undelivered_item_goes_to_the_oldest_getter),
        probe_test(an_undelivered_item_stays_unfinished),
        probe_test(an_item_that_nobody_can_be_given_comes_back),
        probe_test(join_waits_for_every_task),
        probe_test(shutdown_leaves_what_is_in_it),
        probe_test(shutdown_answers_those_who_wait),
        probe_test(immediate_shutdown_drops_what_is_in_it),
        probe_test(immediate_shutdown_leaves_taken_items_unfinished),
        probe_test(an_older_python_hears_of_shutdown_in_words_it_knows),
        probe_test(a_long_queue_keeps_its_order),
        probe_test(gets_answers_are_pythons),
        probe_test(puts_answers_are_pythons),
        probe_test(a_full_queue_answers_as_pythons_does),
        probe_test(maxsize_may_be_anything_until_it_is_compared),
        probe_test(a_fraction_of_maxsize_rounds_up),
    };

    return run_group(tests, NULL, NULL);
}
