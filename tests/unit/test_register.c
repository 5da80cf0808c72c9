/* SPDX-License-Identifier: MIT */
/* What is said of a spec that no object can be made of. */
#include "support/client.h"

#include "base/macros.h"

struct complaint {
    const char *spec, *message;
};

static const struct complaint complaints[] = {
    {"list", "x=list: a type, not an object of it: write list()"},
    {"Queue", "x=Queue: a type, not an object of it: write Queue()"},
    {"spam", "x=spam: unknown name, at character 1: <-- here"},
    {"[list]", "x=[list]: unknown name, at character 2: [<-- here"},
    {"[1, ", "x=[1, : expected a value, at character 5: [1, <-- here"},
    {"spam()", "x: NameError: name 'spam' is not defined: neither a literal nor a type"},
    {"Queue(spam=1)", "x: TypeError: Queue.__init__() got an unexpected keyword argument 'spam'"},
};

static void a_wrong_spec_is_told_with_what_is_wrong(void **state)
{
    const struct sm_server_options options = {.authkey = "key", .authkey_len = 3};
    struct sm_server *server;

    (void)state;
    check_ok(sm_server_new(&options, &server));
    for (size_t i = 0; i < ARRAY_SIZE(complaints); i++) {
        check_status(SM_EARG, sm_server_register(server, "x", complaints[i].spec));
        assert_string_equal(sm_last_error()->message, complaints[i].message);
    }
    check_ok(sm_server_register(server, "x", "list()"));
    check_status(SM_EARG, sm_server_register(server, "x", "list()"));
    sm_server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_spec_is_told_with_what_is_wrong),
    };

    return run_group(tests, NULL, NULL);
}
