/* SPDX-License-Identifier: MIT */
/* Addresses as text, and whom they let in. */
#include "support/check.h"

#include "net/address.h"
#include "syncmanager.h"

#include <string.h>

static const struct {
    const char *text;
    bool local;
} cases[] = {
    {"127.0.0.1:0", true},
    {"127.1.2.3:80", true},
    {"[::1]:80", true},
    {"unix:/tmp/x", true},
    {"unix:@x", true},
    {"[::ffff:127.0.0.1]:80", true},
    {"0.0.0.0:0", false},
    {":80", false},
    {"[::]:80", false},
    {"192.0.2.1:80", false},
    {"[::ffff:192.0.2.1]:80", false},
    {"[2001:db8::1]:80", false},
};

static void loopback_and_unix_sockets_are_local(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct address address;
        const char *why;

        assert_int_equal(address_parse(cases[i].text, &address, &why), 0);
        if (address_is_local(&address) != cases[i].local)
            fail_msg("%s: %d", cases[i].text, !cases[i].local);
    }
}

static struct sm_server *make_server(bool allow_remote)
{
    const struct sm_server_options options = {
        .authkey = "key", .authkey_len = 3, .allow_remote = allow_remote};
    struct sm_server *server = NULL;

    assert_int_equal(sm_server_new(&options, &server), SM_OK);
    return server;
}

static void other_hosts_must_be_allowed(void **state)
{
    struct sm_server *server = make_server(false);

    (void)state;
    assert_int_equal(sm_server_listen(server, "0.0.0.0:0"), SM_EARG);
    assert_non_null(strstr(sm_last_error()->message, "not encrypted"));
    assert_null(sm_server_address(server, 0));
    sm_server_free(server);
}

static void other_hosts_may_be_allowed(void **state)
{
    struct sm_server *server = make_server(true);

    (void)state;
    assert_int_equal(sm_server_listen(server, "0.0.0.0:0"), SM_OK);
    sm_server_free(server);
}

static void a_manager_started_beyond_loopback_must_be_allowed(void **state)
{
    struct sm_manager *manager = NULL;

    (void)state;
    assert_int_equal(sm_manager_start("0.0.0.0:0", NULL, &manager), SM_EARG);
    assert_non_null(strstr(sm_last_error()->message, "not encrypted"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loopback_and_unix_sockets_are_local),
        cmocka_unit_test(other_hosts_must_be_allowed),
        cmocka_unit_test(other_hosts_may_be_allowed),
        cmocka_unit_test(a_manager_started_beyond_loopback_must_be_allowed),
    };

    return run_group(tests, NULL, NULL);
}
