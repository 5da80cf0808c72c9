/* SPDX-License-Identifier: MIT */
/*
 * Calls that places carry out, made by callers of the test's own: there is no connection, and the
 * loop does nothing but deliver what other threads post.
 */
#include "support/check.h"

#include "net/loop.h"
#include "object/answer.h"
#include "object/ask.h"
#include "object/caller.h"
#include "object/dispatch.h"
#include "place/aside.h"
#include "place/host.h"
#include "place/post.h"
#include "types/types.h"
#include "value/literal.h"
#include "wire/message.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#define MANY 6 /* values, here */
#define REPLY_NONE "\x80\x02X\x07\0\0\0#RETURNN\x86."

/* One who makes calls, one at a time. */
struct maker {
    struct call call;
    struct tree tree;
    struct list owned;
    struct buffer message, out;
    int fd; /* what it hands over; -1: nothing */
    unsigned answers, agains, closes, takings;
    bool back_answered; /* what it was told when it took its connection back */
};

static struct registry registry;
static struct tree tree;
static struct loop loop;
static struct posts posts;
static struct asides asides;
static struct host host;
static struct maker makers[2];
static struct object *list;

/* What the host has been told. */
static struct sm_request *request;
static unsigned ended, returned;

static struct maker *maker_of(struct call *call)
{
    return container_of(call, struct maker, call);
}

static void answered(struct call *call)
{
    maker_of(call)->answers++;
}

static void carry_out(struct call *call, struct decoded *decoded)
{
    struct object *object;

    assert_int_equal(decoded->outcome, 0);
    call->args = decoded->request.args;
    call->kwds = decoded->request.kwds;
    assert_int_equal(call_put_plain(call), 0);
    object = registry_find_value(&registry, decoded->request.target);
    assert_non_null(object);
    call_method(call, object, decoded->request.name);
}

static void decode(struct call *call, struct decoded *ret)
{
    ret->outcome =
        request_parse(call->tree, call->message, call->message_len, &ret->request, &ret->error);
}

static void again(struct call *call, struct decoded *decoded)
{
    struct decoded anew;

    maker_of(call)->agains++;
    object_unref(TAKE_PTR(call->object));
    if (!decoded) {
        tree_reset(call->tree);
        decode(call, &anew);
    }
    carry_out(call, decoded ? decoded : &anew);
}

static void closed(struct call *call)
{
    maker_of(call)->closes++;
}

static int hand_over(struct call *call)
{
    return maker_of(call)->fd;
}

static void take_back(struct call *call, const struct handed_back *back)
{
    maker_of(call)->takings++;
    maker_of(call)->back_answered = back->answered;
}

static const struct caller_ops maker_ops = {
    .answered = answered,
    .again = again,
    .close = closed,
    .hand_over = hand_over,
    .take_back = take_back,
};

static void host_serve(void *context, struct sm_request *asked, void **session)
{
    (void)context;
    assert_null(request);
    request = asked;
    *session = &request;
}

static void host_ended(void *context, void *session)
{
    (void)context;
    assert_ptr_equal(session, &request);
    ended++;
}

static void host_dropped(void *context, void *guest)
{
    (void)context;
    (void)guest;
}

static void host_returned(void *context, uint64_t visit)
{
    (void)context;
    (void)visit;
    returned++;
}

static const struct sm_host program = {
    .serve = host_serve,
    .ended = host_ended,
    .dropped = host_dropped,
    .returned = host_returned,
};

static void woken(struct loop *woken_loop)
{
    (void)woken_loop;
    if (posts.loop)
        posts_deliver(&posts);
}

static void settle(struct loop *settled)
{
    (void)settled;
}

static void maker_init(struct maker *maker, uint64_t number)
{
    *maker = (struct maker){.fd = -1};
    list_init(&maker->owned);
    tree_init(&maker->tree, &registry.resolver);
    call_init(&maker->call, &registry, &maker->tree, &maker->out, &maker_ops);
    maker->call.caller = number;
    maker->call.owned = &maker->owned;
    maker->call.python = 13;
}

/* [5, 10, 2, ...]: 1 to 12, which are so many that to sort them takes long. */
static struct object *make_list(struct call *call)
{
    struct sm_value item[12], items, none = {.kind = SM_KIND_DICT};
    struct sm_items all = {.item = item, .len = 12}, one = {.item = &items, .len = 1}, no = {0};
    struct object *object;

    for (int i = 0; i < 12; i++)
        item[i] = sm_int((i * 5 + 5) % 13);
    items = sm_container(SM_KIND_LIST, &all);
    none.items = &no;
    call->args = sm_container(SM_KIND_TUPLE, &one);
    call->kwds = none;
    object = call_construct(call, "list", 4);
    assert_non_null(object);
    return object;
}

static int start(void **state)
{
    (void)state;
    request = NULL;
    ended = returned = 0;
    host = (struct host){0};
    asides = (struct asides){0};
    assert_int_equal(registry_init(&registry), 0);
    assert_int_equal(types_register(&registry), 0);
    registry.many = MANY;
    assert_int_equal(loop_init(&loop, &registry.timers, woken, settle), 0);
    loop_step(&loop); /* from now on its descriptor tells that it was woken */
    posts_init(&posts, &loop, &registry);
    tree_init(&tree, &registry.resolver);
    asides_init(&asides, &registry, &posts, UINT64_MAX);
    host_init(&host, &registry, &posts, &tree);
    host_set(&host, &program, NULL);
    for (size_t i = 0; i < ARRAY_SIZE(makers); i++)
        maker_init(&makers[i], i + 1);
    list = make_list(&makers[0].call);
    return 0;
}

static int end(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(makers); i++) {
        struct maker *maker = &makers[i];

        call_deinit(&maker->call);
        place_ended(&maker->call);
        tree_deinit(&maker->tree);
        buffer_deinit(&maker->message);
        buffer_deinit(&maker->out);
    }
    object_unref(TAKE_PTR(list));
    asides_end(&asides);
    loop_deinit(&loop);
    tree_deinit(&tree);
    registry_deinit(&registry);
    host_deinit(&host);
    posts_deinit(&posts);
    return 0;
}

/* Let the loop deliver what is posted, and wait for that while there is nothing. */
static void turn(void)
{
    struct pollfd wake = {.fd = loop_fd(&loop), .events = POLLIN};

    assert_true(poll(&wake, 1, -1) == 1);
    loop_step(&loop);
}

/* Write a request of the list: a method, and what it is called with, as literals. */
static void write_request(struct maker *maker, const char *method, const char *args,
                          const char *kwds)
{
    CLEANUP(tree_deinit) struct tree parsed;
    struct literal_error error;
    char ident[IDENT_SIZE], text[256];
    struct sm_value v;
    struct pickler p;

    ident_format(list->ident, ident);
    snprintf(text, sizeof(text), "('%s', '%s', %s, %s)", ident, method, args, kwds);
    tree_init(&parsed, NULL);
    assert_int_equal(literal_parse(&parsed, text, strlen(text), &v, &error), 0);
    buffer_clear(&maker->message);
    pickler_init(&p, &maker->message);
    pickler_start(&p);
    pickler_value(&p, &parsed, v);
    assert_int_equal(pickler_finish(&p), 0);
    pickler_deinit(&p);
    call_reset(&maker->call);
    buffer_clear(&maker->out);
    tree_reset(&maker->tree);
    maker->call.message = maker->message.data;
    maker->call.message_len = maker->message.len;
}

static void ask(struct maker *maker, const char *method, const char *args, const char *kwds)
{
    struct decoded decoded;

    write_request(maker, method, args, kwds);
    decode(&maker->call, &decoded);
    carry_out(&maker->call, &decoded);
}

/* The answer of the caller's last call: the int that was returned. */
static int64_t returned_int(struct maker *maker)
{
    struct pickle_error error;
    struct sm_value answer;
    int64_t n;

    tree_reset(&maker->tree);
    assert_int_equal(pickle_decode(&maker->tree, maker->out.data, maker->out.len, &answer, &error),
                     0);
    assert_int_equal(sm_as_int(answer.items->item[1], &n), SM_OK);
    return n;
}

/* That it needs Python is found aside; then the call comes back, and goes to the host. */
static void sort_by_key(struct maker *maker)
{
    ask(maker, "sort", "()", "{'key': f(1)}");
    while (!request)
        turn();
}

static void a_long_call_is_carried_out_aside_and_answered_on_the_loop(void **state)
{
    (void)state;
    ask(&makers[0], "sort", "()", "{}");
    assert_non_null(makers[0].call.queue);
    assert_ptr_equal(list->where->place, &asides.place);
    assert_true(object_is_out(list));
    while (!makers[0].answers)
        turn();
    assert_null(list->where);
    assert_null(makers[0].call.queue);
    ask(&makers[0], "__getitem__", "(0,)", "{}");
    assert_int_equal(makers[0].answers, 2);
    assert_int_equal(returned_int(&makers[0]), 1);
    assert_int_equal(makers[0].agains, 0);
}

static void a_call_of_an_object_that_is_aside_waits_and_is_made_again(void **state)
{
    (void)state;
    ask(&makers[0], "sort", "()", "{}");
    ask(&makers[1], "__getitem__", "(1,)", "{}");
    assert_int_equal(makers[1].answers, 0);
    while (!makers[1].answers)
        turn();
    assert_int_equal(makers[0].answers, 1);
    assert_int_equal(makers[1].agains, 1);
    assert_int_equal(returned_int(&makers[1]), 2);
}

static void a_caller_that_has_gone_gets_no_answer(void **state)
{
    (void)state;
    ask(&makers[0], "sort", "()", "{}");
    waitq_withdraw(&makers[0].call);
    while (list->where)
        turn();
    assert_int_equal(makers[0].answers, 0);
    ask(&makers[1], "__getitem__", "(0,)", "{}");
    assert_int_equal(returned_int(&makers[1]), 1);
}

static void a_message_of_many_values_is_decoded_aside(void **state)
{
    struct maker *maker = &makers[0];

    (void)state;
    write_request(maker, "extend", "([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],)", "{}");
    assert_true(place_decode(&maker->call, &maker->message));
    assert_int_equal(maker->message.len, 0);
    while (!maker->answers)
        turn();
    assert_int_equal(maker->agains, 1);
    ask(maker, "__len__", "()", "{}");
    assert_int_equal(returned_int(maker), 24);
}

static void a_message_of_few_values_is_not(void **state)
{
    (void)state;
    write_request(&makers[0], "append", "(1,)", "{}");
    assert_false(place_decode(&makers[0].call, &makers[0].message));
}

static void a_call_that_needs_python_goes_to_the_host_with_its_object(void **state)
{
    (void)state;
    sort_by_key(&makers[0]);
    assert_non_null(request);
    assert_int_equal(request->kind, SM_REQUEST_VISIT);
    assert_non_null(request->value);
    assert_ptr_equal(list->where->place, &host.place);
    assert_false(object_is_out(list));
    sm_request_answer_visit(request, REPLY_NONE, sizeof(REPLY_NONE) - 1, "", 0);
    turn();
    assert_int_equal(makers[0].answers, 1);
    assert_null(list->where);
    assert_int_equal(returned, 1);
}

static void every_call_of_an_object_that_the_host_has_goes_there(void **state)
{
    struct sm_request *first;

    (void)state;
    sort_by_key(&makers[0]);
    first = TAKE_PTR(request);
    ask(&makers[1], "__len__", "()", "{}");
    assert_int_equal(request->kind, SM_REQUEST_VISIT);
    assert_null(request->value);
    assert_int_equal(request->visit, first->visit);
    sm_request_answer(first, REPLY_NONE, sizeof(REPLY_NONE) - 1);
    sm_request_answer(request, REPLY_NONE, sizeof(REPLY_NONE) - 1);
    turn();
    assert_int_equal(makers[0].answers, 1);
    assert_int_equal(makers[1].answers, 1);
}

static void the_host_closes_the_connection_instead_of_an_answer(void **state)
{
    (void)state;
    sort_by_key(&makers[0]);
    sm_request_close(request);
    turn();
    assert_int_equal(makers[0].closes, 1);
    assert_int_equal(makers[0].answers, 0);
}

static void the_host_hears_that_a_caller_has_gone(void **state)
{
    (void)state;
    sort_by_key(&makers[0]);
    sm_request_answer(request, REPLY_NONE, sizeof(REPLY_NONE) - 1);
    turn();
    assert_int_equal(ended, 0);
    place_ended(&makers[0].call);
    assert_int_equal(ended, 1);
    place_ended(&makers[0].call);
    assert_int_equal(ended, 1);
}

/* The second call of an object that the host has, within a short time. */
static void call_twice(struct maker *maker)
{
    sort_by_key(maker);
    sm_request_answer(TAKE_PTR(request), REPLY_NONE, sizeof(REPLY_NONE) - 1);
    turn();
    assert_int_equal(maker->answers, 1);
    sort_by_key(maker);
}

static void a_connection_is_left_to_the_host_and_taken_back(void **state)
{
    struct maker *maker = &makers[0];

    (void)state;
    maker->fd = loop_fd(&loop); /* any will do: nothing is read or written */
    call_twice(maker);
    place_recall(&maker->call);
    assert_int_equal(maker->takings, 1);
    assert_false(maker->back_answered);
    place_recall(&maker->call);
    assert_int_equal(maker->takings, 1);
    sm_request_answer(request, REPLY_NONE, sizeof(REPLY_NONE) - 1);
    turn();
    assert_int_equal(maker->answers, 2);
}

static void a_connection_is_taken_back_for_its_object_and_no_other(void **state)
{
    struct maker *maker = &makers[0];
    struct object other = {0};

    (void)state;
    maker->fd = loop_fd(&loop);
    call_twice(maker);
    place_recall_object(maker->call.registry, &other);
    assert_int_equal(maker->takings, 0);
    place_recall_object(maker->call.registry, maker->call.object);
    assert_int_equal(maker->takings, 1);
    sm_request_answer(request, REPLY_NONE, sizeof(REPLY_NONE) - 1);
    turn();
    assert_int_equal(maker->answers, 2);
}

static void a_caller_that_keeps_its_connection_is_served_all_the_same(void **state)
{
    struct maker *maker = &makers[0];

    (void)state;
    call_twice(maker);
    place_recall(&maker->call);
    assert_int_equal(maker->takings, 0);
    sm_request_answer(request, REPLY_NONE, sizeof(REPLY_NONE) - 1);
    turn();
    assert_int_equal(maker->answers, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_long_call_is_carried_out_aside_and_answered_on_the_loop),
        TEST(a_call_of_an_object_that_is_aside_waits_and_is_made_again),
        TEST(a_caller_that_has_gone_gets_no_answer),
        TEST(a_message_of_many_values_is_decoded_aside),
        TEST(a_message_of_few_values_is_not),
        TEST(a_call_that_needs_python_goes_to_the_host_with_its_object),
        TEST(every_call_of_an_object_that_the_host_has_goes_there),
        TEST(the_host_closes_the_connection_instead_of_an_answer),
        TEST(the_host_hears_that_a_caller_has_gone),
        TEST(a_connection_is_left_to_the_host_and_taken_back),
        TEST(a_connection_is_taken_back_for_its_object_and_no_other),
        TEST(a_caller_that_keeps_its_connection_is_served_all_the_same),
    };

    return run_group(tests, NULL, NULL);
}
