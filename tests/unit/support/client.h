/* SPDX-License-Identifier: MIT */
/* A manager of the test's own, and what makes calls short to write. */
#ifndef SUPPORT_CLIENT_H
#define SUPPORT_CLIENT_H

#include "support/check.h"

#include "syncmanager.h"

#include <stdlib.h>
#include <string.h>

/* For cmocka_unit_test_setup_teardown(): *state is a manager that was started. */
static inline int start_manager(void **state)
{
    return sm_manager_start(NULL, NULL, (struct sm_manager **)state) == SM_OK ? 0 : -1;
}

static inline int end_manager(void **state)
{
    sm_manager_free(*state);
    return 0;
}

#define with_manager(test) cmocka_unit_test_setup_teardown(test, start_manager, end_manager)

/* A call must do this. */
#define check_status(expected, call)                                                               \
    do {                                                                                           \
        int status_ = (call);                                                                      \
        if (status_ != (expected))                                                                 \
            fail_msg("%s: %d, %s: %s", #call, status_, sm_last_error()->type,                      \
                     sm_last_error()->message);                                                    \
    } while (0)

#define check_ok(call) check_status(SM_OK, call)

#define check_raises(expected, call)                                                               \
    do {                                                                                           \
        check_status(SM_ERAISED, call);                                                            \
        assert_string_equal(sm_last_error()->type, expected);                                      \
    } while (0)

/* What an object is in the manager. */
#define check_text(expected, proxy) assert_string_equal(sm_text(proxy), expected)

/* What came back, and no more of it. */
static inline void check_reply(const char *expected, struct sm_reply *reply)
{
    assert_string_equal(sm_value_repr(sm_reply_value(reply)), expected);
    sm_reply_free(reply);
}

/* A reply that holds the value of a literal. */
static inline struct sm_reply *literal(const char *text)
{
    struct sm_reply *reply = NULL;

    check_ok(sm_value_parse(text, &reply));
    return reply;
}

#endif
