/* SPDX-License-Identifier: MIT */
/* Clients that keep what they have read, beside others that change it. */
#include "support/client.h"

#include "base/limits.h"
#include "client/client.h"
#include "client/share.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* So many reads and a proxy has its version, and the answer is kept. */
#define WARM 12

static int start_with_key(void **state)
{
    const struct sm_manager_options options = {.authkey = "key", .authkey_len = 3};

    return sm_manager_start(NULL, &options, (struct sm_manager **)state) == SM_OK ? 0 : -1;
}

/* The same manager, reached as another client. */
static struct sm_manager *reach(struct sm_manager *manager, bool sockets_only)
{
    const struct sm_manager_options options = {
        .sockets_only = sockets_only, .authkey = "key", .authkey_len = 3};
    struct sm_manager *other = NULL;

    check_ok(sm_manager_connect(sm_manager_address(manager), &options, &other));
    return other;
}

static struct sm_proxy *same_object(struct sm_manager *manager, struct sm_proxy *proxy)
{
    struct sm_proxy *other = NULL;

    check_ok(sm_proxy_from_text(manager, sm_proxy_to_text(proxy), &other));
    return other;
}

static int64_t figure(struct sm_manager *manager, const char *name)
{
    struct sm_reply *info;
    int64_t n = -1;

    check_ok(sm_manager_call(manager, "sm_info", sm_missing(), sm_missing(), &info));
    for (size_t i = 0; i < sm_len(sm_reply_value(info)); i++) {
        struct sm_value key = sm_item(sm_reply_value(info), i);

        if (key.len == strlen(name) && memcmp(key.text, name, key.len) == 0)
            check_ok(sm_as_int(sm_item_value(sm_reply_value(info), i), &n));
    }
    sm_reply_free(info);
    return n;
}

static struct sm_proxy *new_list(struct sm_manager *manager, const char *items)
{
    struct sm_reply *reply = literal(items);
    struct sm_proxy *list = NULL;

    check_ok(sm_list(manager, sm_reply_value(reply), &list));
    sm_reply_free(reply);
    return list;
}

static void check_item(const char *expected, struct sm_proxy *list, int64_t i)
{
    struct sm_reply *reply;

    check_ok(sm_list_get(list, i, &reply));
    check_reply(expected, reply);
}

static void warm_up(const char *expected, struct sm_proxy *list, int64_t at)
{
    for (int i = 0; i < WARM; i++)
        check_item(expected, list, at);
}

static void what_was_read_is_read_again_without_a_word_to_the_manager(void **state)
{
    struct sm_proxy *list = new_list(*state, "[1, 'two', [3]]");
    int64_t calls;
    size_t len;

    for (int64_t i = 0; i < 3; i++)
        warm_up(i == 0 ? "1" : i == 1 ? "'two'" : "[3]", list, i);
    check_ok(sm_list_len(list, &len));
    calls = figure(*state, "calls");
    for (int i = 0; i < 100; i++) {
        check_item("1", list, 0);
        check_item("'two'", list, 1);
        check_item("[3]", list, 2);
        check_ok(sm_list_len(list, &len));
        assert_int_equal(len, 3);
    }
    assert_int_equal(figure(*state, "calls") - calls, 1);
    assert_int_equal(figure(*state, "watched"), 1);
    sm_proxy_free(list);
}

static void what_anybody_changes_is_asked_again(void **state)
{
    struct sm_manager *other = reach(*state, true);
    struct sm_proxy *list = new_list(*state, "[0]"), *copy, *same;
    char text[12];

    check_ok(sm_proxy_copy(list, &copy));
    same = same_object(other, list);
    warm_up("0", list, 0);
    warm_up("0", copy, 0);
    for (int i = 1; i < 100; i++) {
        check_ok(sm_list_set(i % 3 == 0 ? list : i % 3 == 1 ? copy : same, 0, sm_int(i)));
        snprintf(text, sizeof(text), "%d", i);
        check_item(text, list, 0);
        check_item(text, copy, 0);
        check_item(text, list, 0);
    }
    sm_proxy_free(same);
    sm_proxy_free(copy);
    sm_proxy_free(list);
    sm_manager_free(other);
}

/* How many requests a function's calls take. */
static int64_t requests(struct sm_manager *manager, void (*calls)(struct sm_proxy *),
                        struct sm_proxy *proxy)
{
    int64_t before = figure(manager, "calls");

    calls(proxy);
    return figure(manager, "calls") - before - 1;
}

static void read_each(struct sm_proxy *proxy)
{
    const char *typeid = sm_proxy_typeid(proxy);
    struct sm_reply *reply = NULL;
    int64_t n;
    size_t len;
    bool is;

    if (strcmp(typeid, "dict") == 0) {
        check_ok(sm_dict_get(proxy, sm_str("a"), &reply));
        check_ok(sm_dict_contains(proxy, sm_str("b"), &is));
    } else if (strcmp(typeid, "Value") == 0) {
        check_ok(sm_value_get(proxy, &reply));
    } else if (strcmp(typeid, "Namespace") == 0) {
        check_ok(sm_namespace_get(proxy, "x", &reply));
    } else if (strcmp(typeid, "Array") == 0) {
        check_ok(sm_array_get(proxy, 0, &reply));
    } else if (strcmp(typeid, "set") == 0) {
        check_ok(sm_set_contains(proxy, sm_int(1), &is));
    } else if (strcmp(typeid, "Barrier") == 0) {
        check_ok(sm_barrier_n_waiting(proxy, &n));
    } else {
        check_ok(sm_queue_qsize(proxy, &len));
    }
    sm_reply_free(reply);
}

static void read_often(struct sm_proxy *proxy)
{
    for (int i = 0; i < WARM; i++)
        read_each(proxy);
}

static struct sm_proxy *make(struct sm_manager *manager, const char *typeid, const char *args)
{
    struct sm_reply *reply = literal(args);
    struct sm_proxy *proxy = NULL;

    check_ok(sm_create(manager, typeid, sm_reply_value(reply), sm_missing(), &proxy));
    sm_reply_free(reply);
    return proxy;
}

static void every_type_that_can_be_read_is(void **state)
{
    static const struct {
        const char *typeid, *args;
    } cases[] = {
        {"Array", "('i', [1])"}, {"Barrier", "(2,)"},     {"Namespace", "()"}, {"Queue", "()"},
        {"Value", "('i', 1)"},   {"dict", "({'a': 1},)"}, {"set", "([1],)"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct sm_proxy *proxy = make(*state, cases[i].typeid, cases[i].args);

        if (strcmp(cases[i].typeid, "Namespace") == 0)
            check_ok(sm_namespace_set(proxy, "x", sm_int(1)));
        read_often(proxy);
        assert_int_equal(requests(*state, read_often, proxy), 0);
        sm_proxy_free(proxy);
    }
}

static void read_in_vain(struct sm_proxy *list)
{
    check_raises("IndexError", sm_list_get(list, 7, NULL));
    for (int i = 0; i < WARM; i++) {
        struct sm_reply *reply;

        check_raises("IndexError", sm_list_get(list, 7, &reply));
    }
}

static void what_raises_is_asked_each_time(void **state)
{
    struct sm_proxy *list = new_list(*state, "[1]");

    warm_up("1", list, 0);
    assert_int_equal(requests(*state, read_in_vain, list), WARM + 1);
    sm_proxy_free(list);
}

static void read_nested(struct sm_proxy *list)
{
    for (int i = 0; i < WARM; i++) {
        struct sm_reply *reply;

        check_ok(sm_list_get(list, 0, &reply));
        sm_reply_free(reply);
    }
}

static void what_holds_a_proxy_is_asked_each_time(void **state)
{
    struct sm_proxy *list = new_list(*state, "[0]"), *inner = new_list(*state, "[1]");

    check_ok(sm_list_set(list, 0, sm_proxy_value(inner)));
    read_nested(list);
    assert_int_equal(requests(*state, read_nested, list), WARM);
    sm_proxy_free(inner);
    sm_proxy_free(list);
}

/* An object behind an argument may change by itself. */
static void what_is_asked_with_more_than_scalars_is_asked_each_time(void **state)
{
    struct sm_proxy *set = make(*state, "set", "([1, 2],)"), *other = new_list(*state, "[1, 2, 3]");
    struct sm_reply *reply;

    for (int i = 0; i < WARM; i++) {
        check_ok(sm_call(set, "issubset", SM_TUPLE(sm_proxy_value(other)), &reply));
        check_reply("True", reply);
    }
    check_ok(sm_list_clear(other));
    check_ok(sm_call(set, "issubset", SM_TUPLE(sm_proxy_value(other)), &reply));
    check_reply("False", reply);
    sm_proxy_free(other);
    sm_proxy_free(set);
}

static void kinds_of_arguments_are_told_apart(void **state)
{
    struct sm_proxy *set = make(*state, "set", "([1, 'a'],)");
    struct sm_reply *reply;
    bool is;

    for (int i = 0; i < WARM; i++) {
        check_ok(sm_set_contains(set, sm_str("a"), &is));
        assert_true(is);
        check_ok(sm_set_contains(set, sm_bytes("a", 1), &is));
        assert_false(is);
        check_ok(sm_set_contains(set, sm_float(1), &is));
        assert_true(is);
        check_raises("TypeError", sm_call(set, "__contains__", sm_missing(), &reply));
    }
    sm_proxy_free(set);
}

static void a_raw_answer_and_a_value_are_told_apart(void **state)
{
    struct sm_proxy *list = new_list(*state, "[5]");
    struct sm_value args = SM_TUPLE(sm_int(0)), v;
    struct sm_reply *reply;

    for (int i = 0; i < WARM; i++) {
        check_ok(sm_call_raw(list, "__getitem__", args, sm_missing(), &reply));
        check_ok(sm_reply_decode(reply, &v));
        assert_string_equal(sm_value_repr(v), "('#RETURN', 5)");
        sm_reply_free(reply);
        check_item("5", list, 0);
    }
    check_ok(sm_call_in_memory(list, "__getitem__", args, &reply));
    assert_int_equal(sm_item(reply->value, 1).integer, 5);
    sm_reply_free(reply);
    check_ok(sm_list_set(list, 0, sm_int(6)));
    check_status(SM_NOT_YET, sm_call_in_memory(list, "__getitem__", args, &reply));
    check_status(SM_NOT_YET, sm_call_in_memory(list, "append", args, &reply));
    sm_proxy_free(list);
}

static void an_answer_outlives_what_keeps_it(void **state)
{
    struct sm_proxy *list = new_list(*state, "['text']");
    struct sm_manager *other = reach(*state, false);
    struct sm_proxy *same = same_object(other, list);
    struct sm_reply *reply;

    warm_up("'text'", same, 0);
    check_ok(sm_list_get(same, 0, &reply));
    check_ok(sm_list_set(list, 0, sm_int(1)));
    check_item("1", same, 0);
    sm_proxy_free(same);
    sm_manager_free(other);
    check_reply("'text'", reply);
    sm_proxy_free(list);
}

static void a_place_that_another_object_has_says_nothing_of_the_first(void **state)
{
    struct sm_proxy *first = new_list(*state, "['first']"), *second;
    struct sm_value args = SM_TUPLE(sm_int(0));
    struct sm_reply *reply;

    warm_up("'first'", first, 0);
    check_ok(sm_manager_call(*state, "decref", SM_TUPLE(sm_str(sm_proxy_ident(first))),
                             sm_missing(), &reply));
    sm_reply_free(reply);
    check_status(SM_ERAISED, sm_list_get(first, 0, &reply));
    second = new_list(*state, "['second']");
    warm_up("'second'", second, 0);
    for (int i = 0; i < WARM; i++) {
        check_status(SM_NOT_YET, sm_call_in_memory(first, "__getitem__", args, &reply));
        check_status(SM_ERAISED, sm_list_get(first, 0, &reply));
        check_item("'second'", second, 0);
    }
    sm_proxy_forget(first);
    sm_proxy_free(first);
    sm_proxy_free(second);
}

static void what_is_kept_is_bounded(void **state)
{
    struct sm_manager *other = reach(*state, false);
    struct sm_proxy *list = new_list(*state, "[]"), *same;
    struct mapping *mapping;
    struct sm_reply *reply;
    char *text = malloc(5000);

    assert_non_null(text);
    memset(text, 'y', 5000);
    for (int i = 0; i < 1500; i++)
        check_ok(sm_list_append(list, sm_strn(text, 5000)));
    same = same_object(other, list);
    for (int i = 0; i < 1500; i++) {
        check_ok(sm_list_get(same, i, &reply));
        sm_reply_free(reply);
    }
    mapping = connection_recent(other)->mapping;
    assert_non_null(mapping);
    assert_true(atomic_load(&mapping->cached) > 0);
    assert_true(atomic_load(&mapping->cached) <= LIMIT_CACHE_BYTES);
    free(text);
    sm_proxy_free(same);
    sm_manager_free(other);
    sm_proxy_free(list);
}

static void a_client_that_asked_for_sockets_keeps_nothing(void **state)
{
    struct sm_manager *other = reach(*state, true);
    struct sm_proxy *list = new_list(*state, "[1]"), *same = same_object(other, list);
    int64_t calls;

    warm_up("1", same, 0);
    calls = figure(*state, "calls");
    warm_up("1", same, 0);
    assert_int_equal(figure(*state, "calls") - calls - 1, WARM);
    sm_proxy_free(same);
    sm_proxy_free(list);
    sm_manager_free(other);
}

static void a_client_that_is_expelled_learns_of_it_at_its_next_read(void **state)
{
    struct sm_manager *other = reach(*state, false);
    struct sm_proxy *list = new_list(*state, "[1]"), *same = same_object(other, list);
    struct sm_reply *reply;

    warm_up("1", same, 0);
    check_ok(sm_manager_call(
        *state, "sm_kill", sm_missing(),
        SM_DICT({sm_str("client"), sm_int((int64_t)connection_recent(other)->id)}), &reply));
    check_reply("1", reply);
    check_status(SM_ECLOSED, sm_list_get(same, 0, &reply));
    check_item("1", same, 0);
    sm_proxy_free(same);
    sm_proxy_free(list);
    sm_manager_free(other);
}

static void a_manager_that_was_killed_is_missed(void **state)
{
    const struct sm_manager_options options = {.authkey = "key", .authkey_len = 3};
    struct sm_manager *manager;
    struct sm_proxy *list;
    struct sm_reply *reply;
    int r = SM_OK, reads = 0;

    (void)state;
    check_ok(sm_manager_start(NULL, &options, &manager));
    list = new_list(manager, "[1]");
    warm_up("1", list, 0);
    kill((pid_t)figure(manager, "pid"), SIGKILL);
    for (; r == SM_OK && reads < 100000000; reads++) {
        r = sm_list_get(list, 0, &reply);
        if (r == SM_OK)
            sm_reply_free(reply);
    }
    check_status(SM_ECLOSED, r);
    sm_proxy_free(list);
    sm_manager_free(manager);
}

static void a_forked_child_keeps_answers_of_its_own(void **state)
{
    struct sm_proxy *list = new_list(*state, "[1]");
    int status;
    pid_t child;

    warm_up("1", list, 0);
    child = fork();
    if (!child) {
        int64_t calls;

        warm_up("1", list, 0);
        calls = figure(*state, "calls");
        warm_up("1", list, 0);
        check_ok(sm_list_set(list, 0, sm_int(2)));
        check_item("2", list, 0);
        _exit(figure(*state, "calls") - calls - 1 == 2 ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    check_item("2", list, 0);
    sm_proxy_free(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_read_is_read_again_without_a_word_to_the_manager),
        cmocka_unit_test(what_anybody_changes_is_asked_again),
        cmocka_unit_test(every_type_that_can_be_read_is),
        cmocka_unit_test(what_raises_is_asked_each_time),
        cmocka_unit_test(what_holds_a_proxy_is_asked_each_time),
        cmocka_unit_test(what_is_asked_with_more_than_scalars_is_asked_each_time),
        cmocka_unit_test(kinds_of_arguments_are_told_apart),
        cmocka_unit_test(a_raw_answer_and_a_value_are_told_apart),
        cmocka_unit_test(an_answer_outlives_what_keeps_it),
        cmocka_unit_test(a_place_that_another_object_has_says_nothing_of_the_first),
        cmocka_unit_test(what_is_kept_is_bounded),
        cmocka_unit_test(a_client_that_asked_for_sockets_keeps_nothing),
        cmocka_unit_test(a_client_that_is_expelled_learns_of_it_at_its_next_read),
        cmocka_unit_test(a_manager_that_was_killed_is_missed),
        cmocka_unit_test(a_forked_child_keeps_answers_of_its_own),
    };

    return run_group(tests, start_with_key, end_manager);
}
