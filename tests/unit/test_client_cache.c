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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_read_is_read_again_without_a_word_to_the_manager),
        cmocka_unit_test(what_anybody_changes_is_asked_again),
    };

    return run_group(tests, start_with_key, end_manager);
}
