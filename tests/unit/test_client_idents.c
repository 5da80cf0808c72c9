/* SPDX-License-Identifier: MIT */
/* Functions of the manager itself, and objects known by their idents alone. */
#include "support/client.h"

static void the_manager_tells_its_version(void **state)
{
    struct sm_reply *reply;

    check_ok(sm_manager_call(*state, "sm_version", sm_missing(), sm_missing(), &reply));
    check_reply("'" SM_VERSION "'", reply);
}

static void an_unknown_function_is_refused(void **state)
{
    check_raises("RemoteError",
                 sm_manager_call(*state, "nothing", sm_missing(), sm_missing(), NULL));
}

static void functions_take_a_tuple_and_a_dict(void **state)
{
    check_status(SM_EARG, sm_manager_call(*state, "dummy", sm_int(1), sm_missing(), NULL));
    check_status(SM_EARG, sm_manager_call(*state, "dummy", sm_missing(), sm_int(1), NULL));
    check_status(SM_EARG, sm_manager_call(NULL, "dummy", sm_missing(), sm_missing(), NULL));
}

static void an_object_is_called_by_its_ident(void **state)
{
    struct sm_reply *reply, *made;
    struct sm_proxy *proxy;
    size_t n;

    check_ok(sm_manager_call(*state, "create", SM_TUPLE(sm_str("list"), SM_TUPLE(sm_int(7))),
                             sm_missing(), &made));
    check_ok(sm_proxy_from_ident(*state, sm_value_str(sm_item(sm_reply_value(made), 0)), &proxy));
    check_ok(sm_call(proxy, "pop", sm_missing(), &reply));
    check_reply("7", reply);
    sm_proxy_free(proxy);
    check_ok(sm_manager_number_of_objects(*state, &n));
    assert_int_equal(n, 1);
    sm_reply_free(made);
}

static void an_unknown_ident_is_told(void **state)
{
    struct sm_proxy *proxy;

    check_raises("RemoteError", sm_proxy_from_ident(*state, "1234", &proxy));
    check_status(SM_EARG, sm_proxy_from_ident(*state, NULL, &proxy));
}

static void a_returned_object_has_an_ident(void **state)
{
    struct sm_proxy *dict;
    struct sm_reply *reply;
    struct sm_value ident;

    check_ok(sm_create(*state, "dict", sm_missing(), sm_missing(), &dict));
    check_ok(sm_call(dict, "__iter__", sm_missing(), &reply));
    ident = sm_reply_ident(reply);
    assert_int_equal(ident.kind, SM_KIND_STR);
    check_ok(sm_manager_call(*state, "decref", SM_TUPLE(ident), sm_missing(), NULL));
    sm_reply_free(reply);
    check_ok(sm_call(dict, "copy", sm_missing(), &reply));
    assert_int_equal(sm_reply_ident(reply).kind, SM_KIND_MISSING);
    sm_reply_free(reply);
    sm_proxy_free(dict);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_manager(the_manager_tells_its_version),
        with_manager(an_unknown_function_is_refused),
        with_manager(functions_take_a_tuple_and_a_dict),
        with_manager(an_object_is_called_by_its_ident),
        with_manager(an_unknown_ident_is_told),
        with_manager(a_returned_object_has_an_ident),
    };

    return run_group(tests, NULL, NULL);
}
