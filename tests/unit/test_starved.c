/* SPDX-License-Identifier: MIT */
/*
 * Every allocation fails in turn, in the life of an object of each type: nothing crashes or leaks,
 * no call is answered twice, and when there is memory again the object is still of use.
 */
#include "support/check.h"

#include "support/probe.h"
#include "support/starve.h"

#define LINES_MAX 12

/* A life: what is called by whom, in order. */
struct life {
    const char *typeid;
    const char *init;
    struct {
        uint64_t caller;
        const char *method;
        const char *args;
    } lines[LINES_MAX];
};

enum { ANN = 1, BOB, CID };

#define LONG_TEXT "'a text that does not fit into a slot'"

static const struct life lives[] = {
    {"Lock",
     "()",
     {{ANN, "acquire", "()"},
      {BOB, "acquire", "()"},
      {CID, "acquire", "(True, 5)"},
      {ANN, "release", "()"},
      {ANN, "release", "(1, 2)"}}},
    {"RLock", "()", {{ANN, "acquire", "()"}, {BOB, "acquire", "()"}, {ANN, "release", "()"}}},
    {"Semaphore",
     "(0,)",
     {{ANN, "acquire", "()"},
      {BOB, "acquire", "(True, 5)"},
      {CID, "release", "(3,)"},
      {CID, "__repr__", "()"},
      {CID, "acquire", "(True, 'x')"}}},
    {"BoundedSemaphore", "(1,)", {{ANN, "acquire", "()"}, {ANN, "release", "()"}}},
    {"Counter",
     "(5,)",
     {{ANN, "add", "(1,)"},
      {BOB, "compare_and_set", "(6, 7)"},
      {BOB, "add", "('x',)"},
      {CID, "get", "()"},
      {CID, "__repr__", "()"}}},
    {"Event",
     "()",
     {{ANN, "wait", "()"}, {BOB, "wait", "(5,)"}, {CID, "set", "()"}, {CID, "is_set", "()"}}},
    {"Condition",
     "()",
     {{ANN, "acquire", "()"},
      {ANN, "wait", "(5,)"},
      {BOB, "acquire", "()"},
      {BOB, "notify_all", "()"},
      {BOB, "__repr__", "()"},
      {BOB, "release", "()"}}},
    {"Barrier",
     "(2, None, 5.5)",
     {{ANN, "wait", "()"},
      {BOB, "wait", "()"},
      {ANN, "wait", "()"},
      {BOB, "__getattribute__", "('parties',)"},
      {BOB, "__getattribute__", "('nope',)"},
      {BOB, "__repr__", "()"}}},
    {"Queue",
     "(2,)",
     {{ANN, "get", "()"},
      {BOB, "put", "(" LONG_TEXT ",)"},
      {BOB, "put", "(" LONG_TEXT ",)"},
      {BOB, "put", "(2,)"},
      {BOB, "put", "(" LONG_TEXT ", True, 5)"},
      {CID, "get", "()"},
      {CID, "join", "()"},
      {ANN, "task_done", "()"},
      {ANN, "shutdown", "(True,)"}}},
    {"list",
     "([3, 1, " LONG_TEXT "],)",
     {{ANN, "append", "([1, [2]],)"},
      {ANN, "extend", "([4.5, None],)"},
      {ANN, "__getitem__", "(slice(0, 3),)"},
      {ANN, "index", "([1, [2]],)"},
      {ANN, "sort", "()"},
      {ANN, "__repr__", "()"},
      {ANN, "pop", "()"}}},
    {"dict",
     "({'a': 1},)",
     {{ANN, "__setitem__", "((1, 2), " LONG_TEXT ")"},
      {ANN, "update", "({'b': [1], 2: 3},)"},
      {ANN, "get", "((1, 2),)"},
      {ANN, "__iter__", "()"},
      {ANN, "items", "()"},
      {ANN, "pop", "('nope',)"},
      {ANN, "__repr__", "()"}}},
    {"Value", "('i', 5)", {{ANN, "set", "(" LONG_TEXT ",)"}, {ANN, "get", "()"}}},
    {"Array",
     "('i', [1, 2, 3])",
     {{ANN, "__setitem__", "(0, 7)"}, {ANN, "__getitem__", "(slice(0, 2),)"}}},
    {"Namespace",
     "()",
     {{ANN, "__setattr__", "('x', " LONG_TEXT ")"},
      {ANN, "__getattribute__", "('x',)"},
      {ANN, "__getattribute__", "('y',)"},
      {ANN, "__delattr__", "('x',)"}}},
};

static void live(const struct life *life)
{
    struct object *object;

    probe_watch = starve_count;
    object = probe_try_object(life->typeid, life->init);
    for (size_t i = 0; object && i < LINES_MAX && life->lines[i].method; i++) {
        struct call *call = probe_call_as(life->lines[i].caller, object, life->lines[i].method,
                                          life->lines[i].args);

        if (call->out->failed)
            probe_disconnect(life->lines[i].caller);
    }
    probe_advance(10 * SEC);
    probe_watch = NULL;
    for (uint64_t caller = ANN; caller <= CID; caller++)
        probe_disconnect(caller);
    if (object)
        assert_non_null(probe_ask(object, "__repr__", "()"));
}

static void sweep(bool rest)
{
    for (size_t i = 0; i < ARRAY_SIZE(lives); i++) {
        bool struck = true;

        for (size_t n = 1; struck; n++) {
            assert_int_equal(probe_setup(NULL), 0);
            starve_plan(n, rest);
            live(&lives[i]);
            struck = starve_struck();
            probe_teardown(NULL);
        }
    }
}

static void one_failing_allocation_is_survived(void **state)
{
    (void)state;
    sweep(false);
}

static void memory_that_stays_short_is_survived(void **state)
{
    (void)state;
    sweep(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_failing_allocation_is_survived),
        cmocka_unit_test(memory_that_stays_short_is_survived),
    };

    return run_group(tests, NULL, NULL);
}
