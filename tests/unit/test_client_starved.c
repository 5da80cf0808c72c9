/* SPDX-License-Identifier: MIT */
/*
 * Every allocation of the client fails in turn, from connecting to giving the last handle back:
 * nothing crashes or leaks, what fails says SM_ENOMEM, and with memory again all is well.
 */
#include "support/client.h"

#include "support/starve.h"

#define KEY "secret"

static const struct sm_manager_options options = {.authkey = KEY, .authkey_len = sizeof(KEY) - 1};

/* Calls of each sort; the first that fails ends the part. */
static int use_values(struct sm_manager *manager)
{
    struct sm_proxy *list = NULL, *dict = NULL, *again = NULL;
    struct sm_reply *reply = NULL, *parsed = NULL;
    int r;

    r = sm_value_parse("{'a': [1, 2.5, 12345678901234567890, b'x'], 'b': myapp.Job(1)}", &parsed);
    if (r == SM_OK)
        r = sm_dict(manager, sm_reply_value(parsed), &dict);
    if (r == SM_OK)
        r = sm_list(manager, SM_LIST(sm_int(1)), &list);
    if (r == SM_OK)
        r = sm_list_append(list, sm_proxy_value(dict));
    if (r == SM_OK)
        r = sm_list_get(list, 1, &reply);
    if (r == SM_OK)
        r = sm_proxy_from_value(manager, sm_reply_value(reply), &again);
    sm_reply_free(reply);
    reply = NULL;
    if (r == SM_OK)
        r = sm_dict_copy(again, &reply);
    if (r == SM_OK)
        r = sm_list_append(list, sm_reply_value(reply));
    sm_reply_free(reply);
    sm_reply_free(parsed);
    sm_proxy_free(again);
    sm_proxy_free(list);
    sm_proxy_free(dict);
    return r;
}

static int use_handles(struct sm_manager *manager)
{
    struct sm_proxy *dict = NULL, *iterator = NULL, *copy = NULL, *again = NULL;
    const char *text;
    int r;

    r = sm_dict(manager, SM_DICT({sm_str("k"), sm_none()}), &dict);
    if (r == SM_OK)
        r = sm_dict_iter(dict, &iterator);
    if (r == SM_OK)
        r = sm_iterator_next(iterator, NULL);
    if (r == SM_OK)
        r = sm_iterator_next(iterator, NULL);
    r = r == SM_NOT_YET ? sm_proxy_copy(dict, &copy) : r;
    if (r == SM_OK) {
        text = sm_proxy_to_text(dict);
        r = text ? sm_proxy_from_text(manager, text, &again) : SM_ENOMEM;
    }
    if (r == SM_OK)
        r = sm_dict_del(dict, sm_str("no such key")) == SM_ERAISED ? SM_OK
                                                                   : sm_last_error()->status;
    if (r == SM_OK && strcmp(sm_text(dict), "{'k': None}") != 0)
        r = SM_ENOMEM;
    sm_proxy_free(again);
    sm_proxy_free(copy);
    sm_proxy_free(iterator);
    sm_proxy_free(dict);
    return r;
}

static int use_manager(const char *address)
{
    struct sm_manager *manager = NULL;
    int r = sm_manager_connect(address, &options, &manager);

    if (r == SM_OK)
        r = use_values(manager);
    if (r == SM_OK)
        r = use_handles(manager);
    sm_manager_free(manager);
    return r;
}

static void every_allocation_may_fail(void **state)
{
    struct sm_manager *manager;
    int r;

    (void)state;
    check_ok(sm_manager_start(NULL, &options, &manager));
    for (int rest = 0; rest < 2; rest++) {
        for (size_t n = 1;; n++) {
            starve_plan(n, rest);
            starve_count(true);
            r = use_manager(sm_manager_address(manager));
            starve_count(false);
            if (!starve_struck())
                break;
            /* What gives back may fail unseen. */
            if (r != SM_OK && r != SM_ENOMEM)
                fail_msg("allocation %zu: %d, %s: %s", n, r, sm_last_error()->type,
                         sm_last_error()->message);
        }
        assert_int_equal(r, SM_OK);
    }
    sm_manager_free(manager);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_may_fail),
    };

    return run_group(tests, NULL, NULL);
}
