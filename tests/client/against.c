/* SPDX-License-Identifier: MIT */
/*
 * Calls a method of every type of a manager that runs, and prints what came of it, a line each: the
 * same for every server that is one. `counter` is a class that is registered in Python.
 *
 *     against ADDRESS MINOR [counter]
 *
 * MINOR is the manager's Python 3.x: what a later one brought is left out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syncmanager.h>

static void show(const char *what, int status)
{
    if (status == SM_ERAISED)
        printf("%s: %s\n", what, sm_last_error()->type);
    else if (status < 0)
        printf("%s: %d, %s\n", what, status, sm_last_error()->message);
    else
        printf("%s: %s\n", what, status == SM_OK ? "done" : "not yet");
}

#define SHOW(call) show(#call, call)

/* A call whose result is its last argument, `reply`. */
#define SHOW_REPLY(call)                                                                           \
    do {                                                                                           \
        struct sm_reply *reply = NULL;                                                             \
        int status_ = (call);                                                                      \
        if (status_ == SM_OK)                                                                      \
            printf("%s: %s\n", #call, sm_value_repr(sm_reply_value(reply)));                       \
        else                                                                                       \
            show(#call, status_);                                                                  \
        sm_reply_free(reply);                                                                      \
    } while (0)

#define SHOW_NUMBER(type, call)                                                                    \
    do {                                                                                           \
        type n = 0;                                                                                \
        int status_ = (call);                                                                      \
        if (status_ == SM_OK)                                                                      \
            printf("%s: %d\n", #call, (int)n);                                                     \
        else                                                                                       \
            show(#call, status_);                                                                  \
    } while (0)

static struct sm_proxy *made(int status, struct sm_proxy *proxy)
{
    if (status < 0)
        exit(sm_complain("against"));
    return proxy;
}

#define MAKE(...)                                                                                  \
    do {                                                                                           \
        struct sm_proxy *new_ = NULL;                                                              \
        int status_ = __VA_ARGS__;                                                                 \
        p = made(status_, new_);                                                                   \
    } while (0)

static void use_locks(struct sm_manager *m)
{
    struct sm_proxy *p;

    MAKE(sm_lock(m, &new_));
    SHOW(sm_lock_acquire(p, SM_FOREVER));
    SHOW(sm_lock_acquire(p, 0));
    SHOW(sm_lock_acquire(p, 0.01));
    SHOW(sm_lock_release(p));
    SHOW(sm_lock_release(p));
    sm_proxy_free(p);
    MAKE(sm_rlock(m, &new_));
    SHOW(sm_lock_acquire(p, 0));
    SHOW(sm_lock_acquire(p, 1));
    SHOW(sm_lock_release(p));
    SHOW(sm_lock_release(p));
    SHOW(sm_lock_release(p));
    sm_proxy_free(p);
    MAKE(sm_semaphore(m, 1, &new_));
    SHOW(sm_semaphore_acquire(p, SM_FOREVER));
    SHOW(sm_semaphore_acquire(p, 0.01));
    SHOW(sm_semaphore_release(p, 1));
    sm_proxy_free(p);
    MAKE(sm_bounded_semaphore(m, 1, &new_));
    SHOW(sm_semaphore_release(p, 1));
    sm_proxy_free(p);
}

static void use_meetings(struct sm_manager *m)
{
    struct sm_proxy *p;

    MAKE(sm_condition(m, NULL, &new_));
    SHOW(sm_condition_notify(p, 1));
    SHOW(sm_condition_acquire(p, SM_FOREVER));
    SHOW(sm_condition_wait(p, 0.01));
    SHOW(sm_condition_notify(p, 1));
    SHOW(sm_condition_notify_all(p));
    SHOW(sm_condition_release(p));
    sm_proxy_free(p);
    MAKE(sm_event(m, &new_));
    SHOW_NUMBER(bool, sm_event_is_set(p, &n));
    SHOW(sm_event_wait(p, 0.01));
    SHOW(sm_event_set(p));
    SHOW(sm_event_wait(p, SM_FOREVER));
    SHOW(sm_event_clear(p));
    sm_proxy_free(p);
    MAKE(sm_barrier(m, 1, SM_FOREVER, &new_));
    SHOW_NUMBER(int64_t, sm_barrier_wait(p, SM_FOREVER, &n));
    SHOW_NUMBER(int64_t, sm_barrier_parties(p, &n));
    SHOW_NUMBER(int64_t, sm_barrier_n_waiting(p, &n));
    SHOW(sm_barrier_abort(p));
    SHOW_NUMBER(bool, sm_barrier_broken(p, &n));
    SHOW_NUMBER(int64_t, sm_barrier_wait(p, SM_FOREVER, &n));
    SHOW(sm_barrier_reset(p));
    sm_proxy_free(p);
}

static void use_queue(struct sm_manager *m, int minor)
{
    struct sm_proxy *p;

    MAKE(sm_joinable_queue(m, 1, &new_));
    SHOW(sm_queue_put(p, sm_str("a"), SM_FOREVER));
    SHOW(sm_queue_put(p, sm_str("b"), 0));
    SHOW(sm_queue_put(p, sm_str("b"), 0.01));
    SHOW_NUMBER(size_t, sm_queue_qsize(p, &n));
    SHOW_NUMBER(bool, sm_queue_full(p, &n));
    SHOW_REPLY(sm_queue_get(p, SM_FOREVER, &reply));
    SHOW_REPLY(sm_queue_get(p, 0, &reply));
    SHOW_REPLY(sm_queue_get(p, 0.01, &reply));
    SHOW_NUMBER(bool, sm_queue_empty(p, &n));
    SHOW(sm_queue_task_done(p));
    SHOW(sm_queue_join(p));
    SHOW(sm_queue_task_done(p));
    if (minor >= 13) {
        SHOW(sm_queue_shutdown(p, false));
        SHOW(sm_queue_put(p, sm_none(), 0));
    }
    sm_proxy_free(p);
}

static void use_list(struct sm_manager *m)
{
    struct sm_proxy *p;

    MAKE(sm_list(m, SM_LIST(sm_int(3), sm_float(0.5), sm_bool(true)), &new_));
    SHOW(sm_list_append(p, sm_int(-7)));
    SHOW(sm_list_extend(p, SM_TUPLE(sm_int(INT64_MAX), sm_int(INT64_MIN))));
    SHOW(sm_list_insert(p, 0, sm_int(9)));
    SHOW(sm_list_sort(p, true));
    SHOW(sm_list_reverse(p));
    printf("%s\n", sm_text(p));
    SHOW_REPLY(sm_list_get(p, -1, &reply));
    SHOW_REPLY(sm_list_get(p, 99, &reply));
    SHOW_REPLY(sm_list_slice(p, 1, 3, &reply));
    SHOW(sm_list_set_slice(p, 0, 2, SM_LIST(sm_str("x"))));
    SHOW(sm_list_set(p, 0, sm_bytes("\0\xff", 2)));
    SHOW_NUMBER(size_t, sm_list_index(p, sm_int(1), &n));
    SHOW_NUMBER(size_t, sm_list_count(p, sm_int(1), &n));
    SHOW_NUMBER(bool, sm_list_contains(p, sm_str("?"), &n));
    SHOW_REPLY(sm_list_pop(p, -1, &reply));
    SHOW(sm_list_remove(p, sm_str("?")));
    SHOW(sm_list_del(p, 1));
    SHOW_REPLY(sm_list_add(p, SM_LIST(sm_none()), &reply));
    SHOW_REPLY(sm_list_mul(p, 2, &reply));
    SHOW(sm_list_repeat(p, 2));
    SHOW_NUMBER(size_t, sm_list_len(p, &n));
    SHOW_REPLY(sm_list_copy(p, &reply));
    SHOW(sm_list_clear(p));
    SHOW_REPLY(sm_getvalue(p, &reply));
    sm_proxy_free(p);
}

static void iterate(struct sm_proxy *dict)
{
    struct sm_proxy *iterator = NULL;

    SHOW(sm_dict_iter(dict, &iterator));
    SHOW_REPLY(sm_iterator_next(iterator, &reply));
    SHOW_REPLY(sm_iterator_next(iterator, &reply));
    SHOW_REPLY(sm_iterator_next(iterator, &reply));
    sm_proxy_free(iterator);
}

static void use_dict(struct sm_manager *m)
{
    struct sm_proxy *p;

    MAKE(sm_dict(m, SM_DICT({sm_str("a"), sm_int(1)}), &new_));
    SHOW(sm_dict_set(p, SM_TUPLE(sm_int(1), sm_none()), sm_str("\xc3\xa9")));
    SHOW_REPLY(sm_dict_get(p, sm_str("a"), &reply));
    SHOW_REPLY(sm_dict_get(p, sm_str("?"), &reply));
    SHOW_REPLY(sm_dict_get_or(p, sm_str("?"), sm_int(5), &reply));
    SHOW_NUMBER(bool, sm_dict_contains(p, sm_str("a"), &n));
    SHOW_NUMBER(size_t, sm_dict_len(p, &n));
    iterate(p);
    SHOW_REPLY(sm_dict_keys(p, &reply));
    SHOW_REPLY(sm_dict_values(p, &reply));
    SHOW_REPLY(sm_dict_items(p, &reply));
    SHOW_REPLY(sm_dict_copy(p, &reply));
    SHOW(sm_dict_update(p, SM_DICT({sm_int(2), sm_int(3)})));
    SHOW_REPLY(sm_dict_setdefault(p, sm_int(2), sm_int(4), &reply));
    SHOW_REPLY(sm_dict_pop(p, sm_str("?"), sm_missing(), &reply));
    SHOW_REPLY(sm_dict_pop(p, sm_str("a"), sm_none(), &reply));
    SHOW_REPLY(sm_dict_popitem(p, &reply));
    SHOW(sm_dict_del(p, sm_str("a")));
    SHOW(sm_dict_set(p, SM_LIST(sm_int(1)), sm_none()));
    SHOW(sm_dict_clear(p));
    printf("%s\n", sm_text(p));
    sm_proxy_free(p);
}

static void use_set(struct sm_manager *m)
{
    struct sm_proxy *p;

    MAKE(sm_set(m, SM_LIST(sm_int(1), sm_int(1)), &new_));
    SHOW(sm_set_add(p, sm_int(2)));
    SHOW(sm_set_remove(p, sm_int(3)));
    SHOW(sm_set_discard(p, sm_int(1)));
    SHOW_NUMBER(bool, sm_set_issubset(p, SM_LIST(sm_int(2)), &n));
    SHOW_REPLY(sm_set_copy(p, &reply));
    SHOW_REPLY(sm_set_difference(p, SM_LIST(sm_int(2)), &reply));
    sm_proxy_free(p);
}

static void use_holders(struct sm_manager *m)
{
    struct sm_proxy *p;

    MAKE(sm_value(m, "i", sm_int(1), &new_));
    SHOW(sm_value_set(p, SM_LIST(sm_int(5))));
    SHOW_REPLY(sm_value_get(p, &reply));
    printf("%s\n", sm_text(p));
    sm_proxy_free(p);
    MAKE(sm_array(m, "i", SM_LIST(sm_int(1), sm_int(2)), &new_));
    SHOW(sm_array_set(p, 0, sm_int(7)));
    SHOW(sm_array_set(p, 0, sm_str("7")));
    SHOW_REPLY(sm_array_get(p, 0, &reply));
    SHOW_REPLY(sm_array_slice(p, 0, SM_END, &reply));
    SHOW_NUMBER(size_t, sm_array_len(p, &n));
    sm_proxy_free(p);
    MAKE(sm_namespace(m, SM_DICT({sm_str("x"), sm_int(1)}), &new_));
    SHOW(sm_namespace_set(p, "y", sm_str("z")));
    SHOW_REPLY(sm_namespace_get(p, "x", &reply));
    SHOW_REPLY(sm_namespace_get(p, "q", &reply));
    SHOW(sm_namespace_del(p, "x"));
    printf("%s\n", sm_text(p));
    sm_proxy_free(p);
}

/* Proxies in containers, out of them, and as text. */
static void use_nested(struct sm_manager *m)
{
    struct sm_proxy *p, *inner = NULL, *again = NULL;
    struct sm_reply *reply = NULL;

    MAKE(sm_list(m, sm_missing(), &new_));
    SHOW(sm_dict(m, SM_DICT({sm_str("k"), sm_int(1)}), &inner));
    SHOW(sm_list_append(p, sm_proxy_value(inner)));
    SHOW(sm_list_get(p, 0, &reply));
    SHOW(sm_proxy_from_value(m, sm_reply_value(reply), &again));
    sm_reply_free(reply);
    sm_proxy_free(inner);
    SHOW(sm_dict_set(again, sm_str("k"), sm_int(2)));
    SHOW(sm_proxy_from_text(m, sm_proxy_to_text(again), &inner));
    printf("%s\n", sm_text(inner));
    sm_proxy_free(inner);
    sm_proxy_free(again);
    sm_proxy_free(p);
}

/* An object of a class that only Python knows, and what it returns. */
static void use_counter(struct sm_manager *m)
{
    struct sm_proxy *p;

    MAKE(sm_create(m, "Counter", SM_TUPLE(sm_int(5)), sm_missing(), &new_));
    SHOW_REPLY(sm_call(p, "add", SM_TUPLE(sm_int(2)), &reply));
    SHOW_REPLY(sm_call_kwargs(p, "add", sm_missing(), SM_DICT({sm_str("n"), sm_int(3)}), &reply));
    SHOW_REPLY(sm_call(p, "add", SM_TUPLE(sm_str("x")), &reply));
    SHOW_REPLY(sm_call(p, "fail", sm_missing(), &reply));
    printf("%s\n", sm_last_error()->message);
    SHOW_REPLY(
        sm_call(p, "echo", SM_TUPLE(SM_DICT({sm_none(), SM_LIST(sm_float(1e300))})), &reply));
    SHOW_REPLY(sm_call(p, "no_such_method", sm_missing(), &reply));
    printf("%s\n", sm_text(p));
    sm_proxy_free(p);
}

int main(int argc, char **argv)
{
    struct sm_manager *m;
    size_t objects = 9;
    int minor;

    if (argc < 3 || sm_manager_connect(argv[1], NULL, &m) < 0)
        return sm_complain("against");
    minor = atoi(argv[2]);
    use_locks(m);
    use_meetings(m);
    use_queue(m, minor);
    use_list(m);
    use_dict(m);
    if (minor >= 14)
        use_set(m);
    use_holders(m);
    use_nested(m);
    if (argc > 3)
        use_counter(m);
    SHOW(sm_manager_number_of_objects(m, &objects));
    printf("%zu objects left\n", objects);
    sm_manager_free(m);
    return 0;
}
