/* SPDX-License-Identifier: MIT */
/* Arguments to parameters: what CPython says to each mistake, by version. */
#include "support/check.h"

#include "object/answer.h"
#include "support/probe.h"

#include <stdio.h>

static void answer_arguments(struct object *self, struct call *call)
{
    struct pickler *p = call_return_begin(call);

    (void)self;
    pickler_value(p, NULL, sm_str("bound"));
    call_return_end(call);
}

static bool thing_init(struct object *self, struct call *call)
{
    (void)self;
    (void)call;
    return true;
}

static const struct method thing_methods[] = {
    {"acquire", answer_arguments, {.style = SIGNATURE_KEYWORDS, .params = {"blocking", "timeout"}}},
    {"append", answer_arguments, {.style = SIGNATURE_ONE, .params = {"object"}}},
    {"clear", answer_arguments, {.style = SIGNATURE_NONE}},
    {"index",
     answer_arguments,
     {.style = SIGNATURE_UNPACK, .params = {"a", "b", "c"}, .required = 1}},
    {"insert", answer_arguments, {.style = SIGNATURE_UNPACK, .params = {"a", "b"}, .required = 2}},
    {"pop", answer_arguments, {.style = SIGNATURE_UNPACK, .params = {"index"}}},
    {"put", answer_arguments, {.params = {"item", "block", "timeout"}, .required = 1}},
    {"qsize", answer_arguments},
    {"sort",
     answer_arguments,
     {.style = SIGNATURE_KEYWORDS, .params = {"key", "reverse"}, .keyword_only = 2}},
    {"triple", answer_arguments, {.params = {"a", "b", "c"}, .required = 3}},
    {"__add__", answer_arguments, {.style = SIGNATURE_SLOT, .params = {"other"}}},
    {"__len__", answer_arguments, {.style = SIGNATURE_SLOT}},
    {"__setitem__", answer_arguments, {.style = SIGNATURE_SLOT2, .params = {"key", "value"}}},
    {0},
};

static const struct object_type thing_type = {
    .name = "Thing",
    .size = sizeof(struct object),
    .init = thing_init,
    .methods = thing_methods,
};

static struct object *thing(void)
{
    assert_int_equal(registry_add_type(probe_registry(), "Thing", &thing_type), 0);
    return probe_object("Thing", "()");
}

static void mistakes_are_named_as_cpython_names_them(void **state)
{
    static const struct {
        unsigned python;
        const char *method, *args, *kwds, *message;
    } cases[] = {
        {11, "append", "()", "{}", "Thing.append() takes exactly one argument (0 given)"},
        {8, "append", "(1, 2)", "{}", "append() takes exactly one argument (2 given)"},
        {9, "append", "()", "{'x': 1}", "Thing.append() takes no keyword arguments"},
        {11, "clear", "(1,)", "{}", "Thing.clear() takes no arguments (1 given)"},
        {11, "insert", "(1,)", "{}", "insert expected 2 arguments, got 1"},
        {11, "insert", "(1, 2, 3)", "{}", "insert expected 2 arguments, got 3"},
        {11, "index", "()", "{}", "index expected at least 1 argument, got 0"},
        {11, "index", "(1, 2, 3, 4)", "{}", "index expected at most 3 arguments, got 4"},
        {11, "pop", "(1, 2)", "{}", "pop expected at most 1 argument, got 2"},
        {11, "acquire", "(1, 2, 3)", "{}", "acquire() takes at most 2 arguments (3 given)"},
        {11, "acquire", "(1, 2)", "{'x': 1}", "acquire() takes at most 2 arguments (3 given)"},
        {12, "acquire", "()", "{'foo': 1}", "'foo' is an invalid keyword argument for acquire()"},
        {13, "acquire", "()", "{'foo': 1}", "acquire() got an unexpected keyword argument 'foo'"},
        {11, "acquire", "(1,)", "{'blocking': 1}",
         "argument for acquire() given by name ('blocking') and position (1)"},
        {11, "sort", "(1,)", "{}", "sort() takes no positional arguments"},
        {11, "sort", "()", "{'key': None, 'reverse': 1, 'z': 1}",
         "sort() takes at most 2 keyword arguments (3 given)"},
        {11, "put", "()", "{}", "Thing.put() missing 1 required positional argument: 'item'"},
        {9, "put", "()", "{}", "put() missing 1 required positional argument: 'item'"},
        {11, "put", "(1, 2, 3, 4)", "{}",
         "Thing.put() takes from 2 to 4 positional arguments but 5 were given"},
        {11, "put", "(1,)", "{'item': 1}", "Thing.put() got multiple values for argument 'item'"},
        {11, "put", "(1,)", "{'self': 1}", "Thing.put() got multiple values for argument 'self'"},
        {12, "put", "(1,)", "{'itm': 1}", "Thing.put() got an unexpected keyword argument 'itm'"},
        {13, "put", "(1,)", "{'itm': 1}",
         "Thing.put() got an unexpected keyword argument 'itm'. Did you mean 'item'?"},
        {13, "put", "(1,)", "{'ITEM': 1}", "Thing.put() got an unexpected keyword argument 'ITEM'"},
        {11, "qsize", "(1,)", "{}", "Thing.qsize() takes 1 positional argument but 2 were given"},
        {11, "triple", "(1,)", "{}",
         "Thing.triple() missing 2 required positional arguments: 'b' and 'c'"},
        {11, "triple", "()", "{}",
         "Thing.triple() missing 3 required positional arguments: 'a', 'b', and 'c'"},
        {11, "__add__", "()", "{}", "expected 1 argument, got 0"},
        {11, "__len__", "(1,)", "{}", "expected 0 arguments, got 1"},
        {11, "__len__", "()", "{'x': 1}", "wrapper __len__() takes no keyword arguments"},
        {11, "__setitem__", "(1,)", "{}", " expected 2 arguments, got 1"},
        {14, "__setitem__", "(1,)", "{}", "__setitem__ expected 2 arguments, got 1"},
        {11, "put", "(1,)", "{2: 3}", "keywords must be strings"},
        {11, "put", "5", "{}", "Thing.put() argument after * must be an iterable, not int"},
        {15, "put", "5", "{}", "Value after * must be an iterable, not int"},
        {15, "put", "(1,)", "5", "Value after ** must be a mapping, not int"},
        {11, "put", "(1,)", "5", "Thing.put() argument after ** must be a mapping, not int"},
    };
    struct object *object = thing();
    char expected[256];

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        probe_python = cases[i].python;
        snprintf(expected, sizeof(expected), "TypeError(%s%s%s)",
                 strchr(cases[i].message, '\'') ? "\"" : "'", cases[i].message,
                 strchr(cases[i].message, '\'') ? "\"" : "'");
        assert_string_equal(
            probe_reply(probe_call_kwds(object, cases[i].method, cases[i].args, cases[i].kwds)),
            expected);
    }
}

static void keywords_fill_their_parameters(void **state)
{
    static const struct {
        const char *method, *args, *kwds;
    } cases[] = {
        {"acquire", "()", "{'timeout': 1, 'blocking': 2}"},
        {"acquire", "(1,)", "{'timeout': 1}"},
        {"put", "()", "{'item': 1}"},
        {"put", "(1,)", "{'timeout': 3}"},
        {"put", "[1, 2, 3]", "{}"},
        {"sort", "()", "{'reverse': True}"},
        {"index", "(1, 2)", "{}"},
        {"pop", "()", "{}"},
    };
    struct object *object = thing();

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        assert_string_equal(
            probe_reply(probe_call_kwds(object, cases[i].method, cases[i].args, cases[i].kwds)),
            "'bound'");
}

static void what_is_not_exposed_is_a_key_error(void **state)
{
    (void)state;
    assert_string_equal(probe_ask(thing(), "no_such", "()"), "RemoteError: KeyError: 'no_such'");
}

static void fallbacks_take_no_arguments(void **state)
{
    (void)state;
    assert_string_equal(probe_ask(thing(), "__repr__", "(1,)"),
                        "RemoteError: TypeError: Server.fallback_repr() takes 4 positional "
                        "arguments but 5 were given");
    assert_string_equal(probe_ask(thing(), "#GETVALUE", "()"),
                        "Unserializable: TypeError: cannot pickle 'Thing' object");
}

static void unknown_typeids_are_key_errors(void **state)
{
    (void)state;
    assert_string_equal(probe_create_error("Nothing", "()", "{}"),
                        "RemoteError: KeyError: 'Nothing'");
    assert_non_null(strstr(probe_create_error("Pool", "()", "{}"), "NotImplementedError"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(mistakes_are_named_as_cpython_names_them, probe_setup,
                                        probe_teardown),
        cmocka_unit_test_setup_teardown(keywords_fill_their_parameters, probe_setup,
                                        probe_teardown),
        cmocka_unit_test_setup_teardown(what_is_not_exposed_is_a_key_error, probe_setup,
                                        probe_teardown),
        cmocka_unit_test_setup_teardown(fallbacks_take_no_arguments, probe_setup, probe_teardown),
        cmocka_unit_test_setup_teardown(unknown_typeids_are_key_errors, probe_setup,
                                        probe_teardown),
    };

    return run_group(tests, NULL, NULL);
}
