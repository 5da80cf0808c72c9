/* SPDX-License-Identifier: MIT */
/* The methods that the types' tables say read. */
#include "support/check.h"

#include "support/probe.h"
#include "types/types.h"

#define READS_MAX 24

/* An object, and one call at least of each of its methods that read. */
struct subject {
    const char *typeid;
    const char *init;
    struct {
        const char *method;
        const char *args;
    } reads[READS_MAX];
};

static const struct subject subjects[] = {
    {"Array", "('i', [1, 2, 3])", {{"__len__", "()"}, {"__getitem__", "(1,)"}}},
    {"Barrier", "(2,)", {{"__getattribute__", "('parties',)"}}},
    {"Condition", "()", {{"locked", "()"}}},
    {"Counter", "(5,)", {{"get", "()"}}},
    {"Event", "()", {{"is_set", "()"}, {"isSet", "()"}}},
    {"Iterator", "([1, 2],)", {{0}}},
    {"Lock", "()", {{"locked", "()"}, {"locked_lock", "()"}}},
    {"Namespace", "()", {{"__getattribute__", "('__dict__',)"}}},
    {"Queue", "(2,)", {{"empty", "()"}, {"full", "()"}, {"qsize", "()"}}},
    {"RLock", "()", {{"locked", "()"}}},
    {"Semaphore", "(0,)", {{0}}},
    {"Value", "('i', 5)", {{"get", "()"}}},
    {"dict",
     "({'a': 1, 'b': [2]},)",
     {{"__contains__", "('a',)"},
      {"__getitem__", "('b',)"},
      {"__len__", "()"},
      {"__or__", "({'c': 3},)"},
      {"__reversed__", "()"},
      {"__ror__", "({'c': 3},)"},
      {"copy", "()"},
      {"fromkeys", "([1, 2],)"},
      {"get", "('a',)"},
      {"get", "('c', 4)"},
      {"items", "()"},
      {"keys", "()"},
      {"values", "()"}}},
    {"list",
     "([3, [1], 'x', 3],)",
     {{"__add__", "([4],)"},
      {"__contains__", "([1],)"},
      {"__getitem__", "(-1,)"},
      {"__len__", "()"},
      {"__mul__", "(2,)"},
      {"__reversed__", "()"},
      {"__rmul__", "(2,)"},
      {"copy", "()"},
      {"count", "(3,)"},
      {"index", "('x',)"}}},
    {"set",
     "({1, 2},)",
     {{"__and__", "({1},)"},
      {"__class_getitem__", "(1,)"},
      {"__contains__", "(1,)"},
      {"__iter__", "()"},
      {"__len__", "()"},
      {"__or__", "({3},)"},
      {"__rand__", "({1},)"},
      {"__ror__", "({3},)"},
      {"__rsub__", "({1, 3},)"},
      {"__rxor__", "({1, 3},)"},
      {"__sub__", "({1},)"},
      {"__xor__", "({1, 3},)"},
      {"__ge__", "({1},)"},
      {"__gt__", "({1},)"},
      {"__le__", "({1},)"},
      {"__lt__", "({1},)"},
      {"copy", "()"},
      {"difference", "([1],)"},
      {"intersection", "([1],)"},
      {"isdisjoint", "([1],)"},
      {"issubset", "([1],)"},
      {"issuperset", "([1],)"},
      {"symmetric_difference", "([1, 3],)"},
      {"union", "([3],)"}}},
};

/* All that a call could change: the object, how many there are, who refers to them. */
static void write_state(struct object *object, struct buffer *out)
{
    const struct registry *registry = probe_registry();
    struct extent extent = {0};

    buffer_clear(out);
    if (object->type->measure)
        object->type->measure(object, &extent);
    buffer_addf(out, "%s, %zu items, %zu of %zu objects, %zu references",
                probe_ask(object, "__repr__", "()"), extent.items, object->clients,
                registry->objects.len, registry->references);
    buffer_add_byte(out, 0);
}

static struct object *make(const struct subject *subject)
{
    struct object *object = probe_object(subject->typeid, subject->init);

    object->registered = true; /* which has methods that no proxy class has */
    probe_python = 14;
    return object;
}

static const struct method *method_of(struct object *object, const char *name)
{
    return object_method(object, name, strlen(name), 14, 14);
}

static void check_read(struct object *object, const char *name, const char *args)
{
    CLEANUP(buffer_deinit) struct buffer before = {0};
    CLEANUP(buffer_deinit) struct buffer after = {0};
    struct call *call;

    if (!method_of(object, name) || !method_of(object, name)->reads)
        fail_msg("%s.%s() is not marked", object->type->name, name);
    write_state(object, &before);
    call = probe_call(object, name, args);
    if (!probe_reply(call) || strstr(probe_reply(call), "Error"))
        fail_msg("%s.%s%s: %s", object->type->name, name, args, probe_reply(call));
    if (call->granted || call->handed)
        fail_msg("%s.%s%s gives a reference", object->type->name, name, args);
    write_state(object, &after);
    assert_string_equal((char *)after.data, (char *)before.data);
}

static void a_method_that_reads_changes_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(subjects); i++) {
        struct object *object = make(&subjects[i]);

        for (size_t j = 0; j < READS_MAX && subjects[i].reads[j].method; j++)
            check_read(object, subjects[i].reads[j].method, subjects[i].reads[j].args);
    }
}

static bool is_tried(const struct subject *subject, const char *method)
{
    for (size_t i = 0; i < READS_MAX && subject->reads[i].method; i++) {
        if (strcmp(subject->reads[i].method, method) == 0)
            return true;
    }
    return false;
}

static void every_method_that_reads_is_among_those_above(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(subjects); i++) {
        const struct object_type *type = type_of_typeid(subjects[i].typeid);

        for (const struct method *m = type->methods; m->name; m++) {
            if (m->reads && !is_tried(&subjects[i], m->name))
                fail_msg("%s.%s() is not tried", subjects[i].typeid, m->name);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_method_that_reads_changes_nothing, probe_setup,
                                        probe_teardown),
        cmocka_unit_test(every_method_that_reads_is_among_those_above),
    };

    return run_group(tests, NULL, NULL);
}
