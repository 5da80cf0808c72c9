/* SPDX-License-Identifier: MIT */
/* Calls that are made together. */
#include "support/client.h"

struct fixture {
    struct sm_manager *manager;
    struct sm_proxy *list;
    struct sm_batch *batch;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    check_ok(sm_manager_start(NULL, NULL, &f->manager));
    check_ok(sm_list(f->manager, SM_LIST(sm_int(10), sm_int(20)), &f->list));
    check_ok(sm_batch_new(f->manager, &f->batch));
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    sm_batch_free(f->batch);
    sm_proxy_free(f->list);
    sm_manager_free(f->manager);
    free(f);
    return 0;
}

static void add_get(struct fixture *f, int64_t index)
{
    check_ok(sm_batch_call(f->batch, f->list, "__getitem__", SM_TUPLE(sm_int(index))));
}

static void check_next(const char *expected, struct fixture *f)
{
    struct sm_reply *reply;

    check_ok(sm_batch_next(f->batch, &reply));
    check_reply(expected, reply);
}

static void answers_come_in_the_order_of_the_calls(void **state)
{
    struct fixture *f = *state;

    add_get(f, 1);
    check_ok(sm_batch_call(f->batch, f->list, "append", SM_TUPLE(sm_int(30))));
    add_get(f, 2);
    check_ok(sm_batch_run(f->batch));
    check_next("20", f);
    check_next("None", f);
    check_next("30", f);
}

static void after_the_last_answer_there_is_none(void **state)
{
    struct fixture *f = *state;

    check_status(SM_NOT_YET, sm_batch_next(f->batch, NULL));
    add_get(f, 0);
    check_status(SM_NOT_YET, sm_batch_next(f->batch, NULL));
    check_ok(sm_batch_run(f->batch));
    check_ok(sm_batch_next(f->batch, NULL));
    check_status(SM_NOT_YET, sm_batch_next(f->batch, NULL));
}

static void what_one_raises_does_not_stop_those_behind_it(void **state)
{
    struct fixture *f = *state;

    add_get(f, 5);
    add_get(f, 0);
    check_ok(sm_batch_run(f->batch));
    check_raises("IndexError", sm_batch_next(f->batch, NULL));
    check_next("10", f);
}

static void an_empty_batch_runs(void **state)
{
    struct fixture *f = *state;

    check_ok(sm_batch_run(f->batch));
}

static void a_call_after_a_run_begins_anew(void **state)
{
    struct fixture *f = *state;

    add_get(f, 0);
    add_get(f, 1);
    check_ok(sm_batch_run(f->batch));
    add_get(f, 1);
    check_ok(sm_batch_run(f->batch));
    check_next("20", f);
    check_status(SM_NOT_YET, sm_batch_next(f->batch, NULL));
}

static void arguments_are_taken_as_they_are_when_added(void **state)
{
    struct fixture *f = *state;
    char text[] = "before";

    check_ok(sm_batch_call(f->batch, f->list, "append", SM_TUPLE(sm_str(text))));
    memcpy(text, "behind", sizeof(text));
    check_ok(sm_batch_run(f->batch));
    check_text("[10, 20, 'before']", f->list);
}

static void thousands_of_calls_are_made(void **state)
{
    struct fixture *f = *state;
    struct sm_reply *reply;
    size_t len;

    for (int i = 0; i < 5000; i++)
        check_ok(sm_batch_call(f->batch, f->list, "append", SM_TUPLE(sm_int(i))));
    check_ok(sm_batch_run(f->batch));
    check_ok(sm_list_len(f->list, &len));
    assert_int_equal(len, 5002);
    check_ok(sm_list_get(f->list, -1, &reply));
    check_reply("4999", reply);
}

static void long_requests_and_answers_pass_each_other(void **state)
{
    static char bytes[40000];
    struct fixture *f = *state;
    struct sm_reply *reply;

    for (int i = 0; i < 100; i++) {
        check_ok(
            sm_batch_call(f->batch, f->list, "append", SM_TUPLE(sm_bytes(bytes, sizeof(bytes)))));
        for (int j = 0; j < 10; j++)
            add_get(f, -1);
    }
    check_ok(sm_batch_run(f->batch));
    for (int i = 0; i < 1100; i++) {
        check_ok(sm_batch_next(f->batch, &reply));
        assert_int_equal(sm_reply_value(reply).len, i % 11 ? sizeof(bytes) : 0);
        sm_reply_free(reply);
    }
}

static void an_argument_that_cannot_be_sent_leaves_the_batch_as_it_was(void **state)
{
    struct fixture *f = *state;

    add_get(f, 0);
    check_status(SM_EARG, sm_batch_call(f->batch, f->list, "append", SM_TUPLE(sm_missing())));
    check_status(SM_EARG, sm_batch_call(f->batch, f->list, "append", sm_int(1)));
    check_ok(sm_batch_run(f->batch));
    check_next("10", f);
    check_status(SM_NOT_YET, sm_batch_next(f->batch, NULL));
}

static void an_object_of_another_manager_is_refused(void **state)
{
    struct fixture *f = *state;
    struct sm_manager *other;
    struct sm_proxy *list;

    check_ok(sm_manager_start(NULL, NULL, &other));
    check_ok(sm_list(other, sm_missing(), &list));
    check_status(SM_EARG, sm_batch_call(f->batch, list, "__len__", sm_missing()));
    sm_proxy_free(list);
    sm_manager_free(other);
}

static void a_manager_that_has_gone_fails_the_run_once(void **state)
{
    struct fixture *f = *state;

    add_get(f, 0);
    check_ok(sm_manager_shutdown(f->manager));
    check_status(SM_ECLOSED, sm_batch_run(f->batch));
    check_status(SM_NOT_YET, sm_batch_next(f->batch, NULL));
}

static void a_deadline_ends_the_run_with_the_answers_that_came(void **state)
{
    struct fixture *f = *state;
    struct sm_proxy *lock;

    check_ok(sm_lock(f->manager, &lock));
    check_ok(sm_lock_acquire(lock, SM_FOREVER));
    add_get(f, 0);
    check_ok(sm_batch_call(f->batch, lock, "acquire", sm_missing()));
    add_get(f, 1);
    sm_manager_set_timeout(f->manager, 50);
    check_status(SM_ETIMEDOUT, sm_batch_run(f->batch));
    check_next("10", f);
    check_status(SM_NOT_YET, sm_batch_next(f->batch, NULL));
    sm_manager_set_timeout(f->manager, 0);
    check_text("[10, 20]", f->list);
    sm_proxy_free(lock);
}

#define with_batch(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_batch(answers_come_in_the_order_of_the_calls),
        with_batch(after_the_last_answer_there_is_none),
        with_batch(what_one_raises_does_not_stop_those_behind_it),
        with_batch(an_empty_batch_runs),
        with_batch(a_call_after_a_run_begins_anew),
        with_batch(arguments_are_taken_as_they_are_when_added),
        with_batch(thousands_of_calls_are_made),
        with_batch(long_requests_and_answers_pass_each_other),
        with_batch(an_argument_that_cannot_be_sent_leaves_the_batch_as_it_was),
        with_batch(an_object_of_another_manager_is_refused),
        with_batch(a_manager_that_has_gone_fails_the_run_once),
        with_batch(a_deadline_ends_the_run_with_the_answers_that_came),
    };

    return run_group(tests, NULL, NULL);
}
