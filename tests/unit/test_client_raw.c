/* SPDX-License-Identifier: MIT */
/* What bindings of other languages use: pickled requests, answers as they came, the look. */
#include "support/client.h"
#include "support/serve.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

static struct sm_proxy *make_list(struct sm_manager *manager)
{
    struct sm_proxy *list;

    check_ok(sm_list(manager, SM_LIST(sm_int(7), sm_int(8)), &list));
    return list;
}

static void check_answer(const char *expected, struct sm_reply *reply)
{
    struct sm_value answer;

    check_ok(sm_reply_decode(reply, &answer));
    assert_string_equal(sm_value_repr(answer), expected);
    sm_reply_free(reply);
}

static void an_answer_comes_with_its_kind(void **state)
{
    struct sm_proxy *list = make_list(*state);
    struct sm_reply *reply;

    check_ok(sm_call_raw(list, "pop", sm_missing(), sm_missing(), &reply));
    check_answer("('#RETURN', 8)", reply);
    sm_proxy_free(list);
}

static void what_the_method_raised_is_an_answer_too(void **state)
{
    struct sm_proxy *list = make_list(*state);
    struct sm_reply *reply;

    check_ok(sm_call_raw(list, "pop", SM_TUPLE(sm_int(5)), sm_missing(), &reply));
    check_answer("('#ERROR', IndexError('pop index out of range'))", reply);
    sm_proxy_free(list);
}

static void the_message_is_the_pickle_itself(void **state)
{
    static const uint8_t expected[] = "\x80\x04\x8c\x07#RETURNK\x08\x86.";
    struct sm_proxy *list = make_list(*state);
    struct sm_reply *reply;
    const void *message;
    size_t len;

    check_ok(sm_call_raw(list, "pop", sm_missing(), sm_missing(), &reply));
    message = sm_reply_message(reply, &len);
    assert_int_equal(len, sizeof(expected) - 1);
    assert_memory_equal(message, expected, len);
    sm_reply_free(reply);
    sm_proxy_free(list);
}

static void a_large_answer_comes_whole(void **state)
{
    static char bytes[300000];
    struct sm_proxy *list = make_list(*state);
    struct sm_value answer, payload;
    struct sm_reply *reply;
    const void *message;
    size_t len;

    memset(bytes, 'x', sizeof(bytes));
    check_ok(sm_list_append(list, sm_bytes(bytes, sizeof(bytes))));
    check_ok(sm_call_raw(list, "pop", sm_missing(), sm_missing(), &reply));
    message = sm_reply_message(reply, &len);
    assert_int_equal(((const char *)message)[0], '\x80');
    assert_int_equal(((const char *)message)[len - 1], '.');
    check_ok(sm_reply_decode(reply, &answer));
    payload = sm_item(answer, 1);
    assert_int_equal(payload.len, sizeof(bytes));
    assert_memory_equal(payload.bytes, bytes, sizeof(bytes));
    sm_reply_free(reply);
    check_text("[7, 8]", list);
    sm_proxy_free(list);
}

static char *add(char *out, const void *bytes, size_t len)
{
    memcpy(out, bytes, len);
    return out + len;
}

/* Write a pickle of (ident, 'append', (bytes,), {}), in protocol 3. Returns its length. */
static size_t write_append(char *out, const char *ident, const char *bytes, uint32_t len)
{
    uint32_t ident_len = (uint32_t)strlen(ident);
    char *end = add(out, "\x80\x03(X", 4);

    end = add(end, &ident_len, 4);
    end = add(end, ident, ident_len);
    end = add(end,
              "X\x06\0\0\0append"
              "B",
              12);
    end = add(end, &len, 4);
    end = add(end, bytes, len);
    end = add(end, "\x85}t.", 4);
    return (size_t)(end - out);
}

static void append_pickled(struct sm_manager *manager, uint32_t len)
{
    char *bytes = calloc(1, len), *request = calloc(1, len + 200);
    struct sm_proxy *list = make_list(manager);
    struct sm_reply *reply, *value;
    struct sm_value item;
    size_t request_len = write_append(request, sm_proxy_ident(list), bytes, len);

    check_ok(sm_call_pickled(list, request, request_len, &reply));
    check_answer("('#RETURN', None)", reply);
    check_ok(sm_getvalue(list, &value));
    item = sm_item(sm_reply_value(value), 2);
    assert_int_equal(item.kind, SM_KIND_BYTES);
    assert_int_equal(item.len, len);
    sm_reply_free(value);
    sm_proxy_free(list);
    free(request);
    free(bytes);
}

static void a_request_may_come_pickled(void **state)
{
    append_pickled(*state, 3);
}

static void a_large_request_may_come_pickled(void **state)
{
    append_pickled(*state, 1 << 20);
}

static void what_is_no_pickle_is_answered_and_the_connection_lives(void **state)
{
    struct sm_proxy *list = make_list(*state);
    struct sm_reply *reply;
    struct sm_value answer;

    check_ok(sm_call_pickled(list, "what", 4, &reply));
    check_ok(sm_reply_decode(reply, &answer));
    assert_string_equal(sm_value_str(sm_item(answer, 0)), "#TRACEBACK");
    sm_reply_free(reply);
    check_text("[7, 8]", list);
    sm_proxy_free(list);
}

static void an_adopted_proxy_gives_the_reference_back(void **state)
{
    struct sm_reply *reply;
    struct sm_value answer;
    struct sm_proxy *list;
    size_t n;

    check_ok(sm_manager_call_raw(*state, "create", SM_TUPLE(sm_str("list")), sm_missing(), &reply));
    check_ok(sm_reply_decode(reply, &answer));
    check_ok(sm_proxy_adopt(*state, "list", sm_value_str(sm_item(sm_item(answer, 1), 0)), &list));
    sm_reply_free(reply);
    check_text("[]", list);
    sm_proxy_free(list);
    check_ok(sm_manager_number_of_objects(*state, &n));
    assert_int_equal(n, 0);
}

/* A manager whose calls look at what the test says. */
struct looked {
    struct sm_manager *manager;
    atomic_int verdict; /* what the look returns */
    atomic_int looks;
};

static int look(void *context)
{
    struct looked *looked = context;

    looked->looks++;
    return looked->verdict;
}

static void start_looked(struct looked *looked)
{
    struct sm_manager_options options = {.look = look, .look_context = looked};

    check_ok(sm_manager_start(NULL, &options, &looked->manager));
}

static void a_look_ends_a_call_that_waits(void **state)
{
    struct looked looked = {.verdict = 0};
    struct sm_proxy *queue;
    struct sm_reply *reply;

    (void)state;
    start_looked(&looked);
    check_ok(sm_queue(looked.manager, 0, &queue));
    looked.verdict = -1;
    looked.looks = 0;
    check_status(SM_EINTERRUPTED, sm_queue_get(queue, SM_FOREVER, &reply));
    assert_int_equal(looked.looks, 1);
    looked.verdict = 0;
    check_ok(sm_queue_put(queue, sm_int(5), SM_FOREVER));
    check_ok(sm_queue_get(queue, SM_FOREVER, &reply));
    check_reply("5", reply);
    sm_proxy_free(queue);
    sm_manager_free(looked.manager);
}

static void a_content_look_lets_the_call_go_on(void **state)
{
    struct looked looked = {.verdict = 0};
    struct sm_proxy *queue;
    struct sm_reply *reply;

    (void)state;
    start_looked(&looked);
    check_ok(sm_queue(looked.manager, 0, &queue));
    check_status(SM_NOT_YET, sm_queue_get(queue, 0.05, &reply));
    assert_true(looked.looks >= 1);
    sm_proxy_free(queue);
    sm_manager_free(looked.manager);
}

static void what_is_released_without_waiting_is_gone_before_the_next_call(void **state)
{
    struct sm_proxy *list[100];
    size_t n;

    for (int i = 0; i < 100; i++)
        list[i] = make_list(*state);
    for (int i = 0; i < 100; i++)
        sm_proxy_release(list[i], false);
    check_ok(sm_manager_number_of_objects(*state, &n));
    assert_int_equal(n, 0);
    for (int i = 0; i < 100; i++)
        sm_proxy_free(list[i]);
}

static void a_batch_gets_its_own_answers_after_it(void **state)
{
    struct sm_proxy *gone = make_list(*state), *list = make_list(*state);
    struct sm_batch *batch;
    struct sm_reply *reply;

    check_ok(sm_batch_new(*state, &batch));
    sm_proxy_release(gone, false);
    check_ok(sm_batch_call(batch, list, "pop", SM_TUPLE()));
    check_ok(sm_batch_run(batch));
    check_ok(sm_batch_next(batch, &reply));
    check_reply("8", reply);
    sm_batch_free(batch);
    sm_proxy_free(gone);
    sm_proxy_free(list);
}

static void *make_and_release(void *manager)
{
    struct sm_proxy *list = make_list(manager);

    sm_proxy_release(list, false);
    sm_proxy_free(list);
    return NULL;
}

static void what_is_released_last_goes_with_its_thread(void **state)
{
    pthread_t thread;
    size_t n;

    for (int i = 0; i < 20; i++) {
        assert_int_equal(pthread_create(&thread, NULL, make_and_release, *state), 0);
        assert_int_equal(pthread_join(thread, NULL), 0);
        check_ok(sm_manager_number_of_objects(*state, &n));
        assert_int_equal(n, 0);
    }
}

/* Not while the queue is made, which takes long on a busy machine. */
static int call_within_a_call(void *context)
{
    struct looked *looked = context;
    struct sm_proxy *list;

    if (!looked->verdict || looked->looks++ > 0)
        return 0;
    check_ok(sm_list(looked->manager, SM_LIST(sm_int(1)), &list));
    check_text("[1]", list);
    sm_proxy_free(list);
    return looked->verdict;
}

static void a_look_may_call_the_manager(void **state)
{
    struct looked looked = {0};
    struct sm_manager_options options = {.look = call_within_a_call, .look_context = &looked};
    struct sm_proxy *queue;
    struct sm_reply *reply;

    (void)state;
    check_ok(sm_manager_start(NULL, &options, &looked.manager));
    check_ok(sm_queue(looked.manager, 0, &queue));
    looked.verdict = -1;
    check_status(SM_EINTERRUPTED, sm_queue_get(queue, SM_FOREVER, &reply));
    check_ok(sm_queue_put(queue, sm_int(5), SM_FOREVER));
    check_ok(sm_queue_get(queue, SM_FOREVER, &reply));
    check_reply("5", reply);
    sm_proxy_free(queue);
    sm_manager_free(looked.manager);
}

struct late {
    struct sm_manager *manager;
    struct sm_server *server; /* which does not serve yet */
    pthread_t thread;
    bool serves;
};

static int serve_and_call(void *context)
{
    struct late *late = context;
    struct sm_proxy *list;

    if (late->serves)
        return 0;
    late->serves = true;
    assert_int_equal(pthread_create(&late->thread, NULL, serve, late->server), 0);
    check_ok(sm_list(late->manager, SM_LIST(sm_int(1)), &list));
    check_text("[1]", list);
    sm_proxy_free(list);
    return 0;
}

static void a_look_may_call_while_the_connection_opens(void **state)
{
    const struct sm_server_options served = {.authkey = "k", .authkey_len = 1};
    struct late late = {0};
    struct sm_manager_options options = {
        .authkey = "k", .authkey_len = 1, .look = serve_and_call, .look_context = &late};
    struct sm_proxy *list;

    (void)state;
    check_ok(sm_server_new(&served, &late.server));
    check_ok(sm_server_listen(late.server, "127.0.0.1:0"));
    check_ok(sm_manager_at(sm_server_address(late.server, 0), &options, &late.manager));
    check_ok(sm_list(late.manager, SM_LIST(sm_int(2)), &list));
    assert_true(late.serves);
    check_text("[2]", list);
    sm_proxy_free(list);
    sm_manager_free(late.manager);
    sm_server_stop(late.server);
    assert_int_equal(pthread_join(late.thread, NULL), 0);
    sm_server_free(late.server);
}

static void a_client_may_say_which_python_it_is_like(void **state)
{
    struct sm_manager_options options = {.python_minor = 8};
    struct sm_manager *manager;
    struct sm_proxy *list;

    (void)state;
    check_ok(sm_manager_start(NULL, &options, &manager));
    check_ok(sm_list(manager, sm_missing(), &list));
    check_raises("TypeError", sm_call(list, "append", sm_missing(), NULL));
    assert_string_equal(sm_last_error()->message, "append() takes exactly one argument (0 given)");
    sm_proxy_free(list);
    sm_manager_free(manager);
}

static void a_manager_is_reached_when_it_is_first_called(void **state)
{
    struct sm_manager *manager;
    size_t n;

    (void)state;
    check_ok(sm_manager_at("unix:/nowhere/at/all",
                           &(struct sm_manager_options){.authkey = "k", .authkey_len = 1},
                           &manager));
    check_status(SM_ECLOSED, sm_manager_number_of_objects(manager, &n));
    sm_manager_free(manager);
}

static void a_proxy_that_is_forgotten_leaves_its_reference(void **state)
{
    struct sm_proxy *list = make_list(*state);
    size_t n;

    sm_proxy_forget(list);
    sm_proxy_free(list);
    check_ok(sm_manager_number_of_objects(*state, &n));
    assert_int_equal(n, 1);
}

static void a_released_proxy_takes_another_reference_when_it_is_used(void **state)
{
    struct sm_proxy *list = make_list(*state), *other;
    size_t n;

    check_ok(sm_proxy_copy(list, &other));
    sm_proxy_release(list, true);
    check_text("[7, 8]", list);
    sm_proxy_free(other);
    check_text("[7, 8]", list);
    sm_proxy_release(list, false);
    check_ok(sm_manager_number_of_objects(*state, &n));
    assert_int_equal(n, 0);
    check_raises("RemoteError", sm_list_append(list, sm_int(1)));
    sm_proxy_free(list);
}

static void a_lost_manager_leaves_its_error_number(void **state)
{
    struct sm_manager *manager;

    (void)state;
    check_status(SM_ECLOSED,
                 sm_manager_connect("unix:/nowhere/at/all",
                                    &(struct sm_manager_options){.authkey = "k", .authkey_len = 1},
                                    &manager));
    assert_int_equal(sm_last_error()->system_error, ENOENT);
}

static void a_wrong_key_leaves_pythons_words(void **state)
{
    struct sm_manager_options options = {.authkey = "wrong", .authkey_len = 5};
    struct sm_manager *manager;

    check_status(SM_EREFUSED, sm_manager_connect(sm_manager_address(*state), &options, &manager));
    assert_string_equal(sm_last_error()->reason, "digest sent was rejected");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_manager(an_answer_comes_with_its_kind),
        with_manager(what_the_method_raised_is_an_answer_too),
        with_manager(the_message_is_the_pickle_itself),
        with_manager(a_large_answer_comes_whole),
        with_manager(a_request_may_come_pickled),
        with_manager(a_large_request_may_come_pickled),
        with_manager(what_is_no_pickle_is_answered_and_the_connection_lives),
        with_manager(an_adopted_proxy_gives_the_reference_back),
        cmocka_unit_test(a_look_ends_a_call_that_waits),
        cmocka_unit_test(a_content_look_lets_the_call_go_on),
        cmocka_unit_test(a_look_may_call_the_manager),
        cmocka_unit_test(a_look_may_call_while_the_connection_opens),
        cmocka_unit_test(a_client_may_say_which_python_it_is_like),
        cmocka_unit_test(a_manager_is_reached_when_it_is_first_called),
        with_manager(a_proxy_that_is_forgotten_leaves_its_reference),
        with_manager(a_released_proxy_takes_another_reference_when_it_is_used),
        with_manager(what_is_released_without_waiting_is_gone_before_the_next_call),
        with_manager(a_batch_gets_its_own_answers_after_it),
        with_manager(what_is_released_last_goes_with_its_thread),
        cmocka_unit_test(a_lost_manager_leaves_its_error_number),
        with_manager(a_wrong_key_leaves_pythons_words),
    };

    return run_group(tests, NULL, NULL);
}
