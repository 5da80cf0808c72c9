/* SPDX-License-Identifier: MIT */
/* Clients that share memory with their manager, others that do not, and other processes. */
#ifndef SUPPORT_SHARING_H
#define SUPPORT_SHARING_H

#include "client/share.h"
#include "support/client.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* How many calls this thread has tried in memory. */
static inline unsigned by_words(struct sm_manager *manager)
{
    struct connection *c = connection_recent(manager);

    return c ? c->words_used : 0;
}

/* Call it often enough that it has its word. */
static inline void warm_up(struct sm_proxy *lock)
{
    for (int i = 0; i < 4; i++) {
        check_ok(sm_lock_acquire(lock, SM_FOREVER));
        check_ok(sm_lock_release(lock));
    }
}

/* For setup: a manager that others can reach, by this key. */
static inline int start_with_key(void **state)
{
    const struct sm_manager_options options = {.authkey = "key", .authkey_len = 3};

    return sm_manager_start(NULL, &options, (struct sm_manager **)state) == SM_OK ? 0 : -1;
}

#define with_key(test) cmocka_unit_test_setup_teardown(test, start_with_key, end_manager)

/* The same manager, reached as another client that goes by the socket alone. */
static inline struct sm_manager *reach(struct sm_manager *manager)
{
    const struct sm_manager_options options = {
        .sockets_only = true, .authkey = "key", .authkey_len = 3};
    struct sm_manager *other = NULL;

    check_ok(sm_manager_connect(sm_manager_address(manager), &options, &other));
    return other;
}

static inline struct sm_proxy *same_object(struct sm_manager *manager, struct sm_proxy *proxy)
{
    struct sm_proxy *other = NULL;

    check_ok(sm_proxy_from_text(manager, sm_proxy_to_text(proxy), &other));
    return other;
}

/* A number of sm_info's. */
static inline int64_t figure(struct sm_manager *manager, const char *name)
{
    struct sm_reply *reply;
    struct sm_value v;
    int64_t n = -1;

    check_ok(sm_manager_call(manager, "sm_info", sm_missing(), sm_missing(), &reply));
    if (sm_dict_find(sm_reply_value(reply), sm_str(name), &v) == SM_OK)
        check_ok(sm_as_int(v, &n));
    sm_reply_free(reply);
    return n;
}

/* A child that ends with the test. */
static inline pid_t spawn(void)
{
    pid_t child = fork();

    if (!child)
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    return child;
}

static inline void check_child(pid_t child)
{
    int status = 0;

    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

#endif
