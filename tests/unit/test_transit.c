/* SPDX-License-Identifier: MIT */
/* Objects whose last holder has sent a proxy away: how long they are kept, and how many. */
#include "support/expect.h"

#include "base/limits.h"
#include "base/memory.h"
#include "object/transit.h"
#include "types/types.h"

static struct account holder;
static struct call *maker;

static int setup(void **state)
{
    int r = probe_setup(state);

    account_init(&holder);
    maker = r < 0 ? NULL : probe_call(probe_object("list", "()"), "__len__", "()");
    return r;
}

static int teardown(void **state)
{
    account_abandon(&holder);
    return probe_teardown(state);
}

static struct registry *registry(void)
{
    return probe_registry();
}

static struct transits *transits(void)
{
    return &registry()->transits;
}

/* A list that one client holds, and nobody else; its ident. */
static uint64_t make_list(void)
{
    struct object *list = object_new(registry(), &list_type, maker);
    uint64_t ident = list->ident;

    registry_incref(registry(), list, NULL);
    object_unref(list);
    return ident;
}

static struct object *find(uint64_t ident)
{
    char text[IDENT_SIZE];

    ident_format(ident, text);
    return registry_find(registry(), text, strlen(text));
}

static void receive(uint64_t ident)
{
    transit_arrived(find(ident));
    registry_incref(registry(), find(ident), NULL);
}

/* Store a proxy of the second in the first. */
static void put(uint64_t outer, uint64_t inner)
{
    char args[64];

    snprintf(args, sizeof(args), "(%s,)", probe_literal(find(inner)));
    call_reset(probe_call(find(outer), "append", args));
}

static void take_out(uint64_t list)
{
    call_reset(probe_call(find(list), "__delitem__", "(0,)"));
}

/* Give a reference back, having sent the proxy so often. */
static void release(uint64_t ident, int64_t sent)
{
    transit_sent(find(ident), sent);
    registry_decref(registry(), find(ident), NULL);
}

static void what_was_not_sent_is_freed_at_once(void **state)
{
    uint64_t list = make_list();

    (void)state;
    release(list, 0);
    assert_null(find(list));
    assert_int_equal(timers_next(&registry()->timers), FOREVER);
}

static void what_was_sent_waits_for_its_receiver(void **state)
{
    uint64_t list = make_list();
    size_t counted = registry()->counted;

    (void)state;
    release(list, 1);
    assert_int_equal(registry()->counted, counted - 1);
    probe_advance(LIMIT_TRANSIT_TIME - 1);
    receive(list);
    assert_int_equal(registry()->counted, counted);
    assert_int_equal(transits()->len, 0);
    probe_advance(LIMIT_TRANSIT_TIME);
    assert_non_null(find(list));
    release(list, 0);
    assert_null(find(list));
}

static void what_does_not_arrive_is_freed(void **state)
{
    uint64_t first = make_list(), second = make_list();

    (void)state;
    release(first, 1);
    probe_advance(LIMIT_TRANSIT_TIME / 2);
    release(second, 3);
    probe_advance(LIMIT_TRANSIT_TIME / 2);
    assert_null(find(first));
    assert_non_null(find(second));
    probe_advance(LIMIT_TRANSIT_TIME / 2);
    assert_null(find(second));
    assert_int_equal(transits()->bytes, 0);
    assert_int_equal(timers_next(&registry()->timers), FOREVER);
}

/* Its receivers were quicker than word of its being sent. */
static void what_has_arrived_before_is_not_waited_for(void **state)
{
    uint64_t list = make_list();

    (void)state;
    receive(list);
    receive(list);
    release(list, 0);
    release(list, 0);
    release(list, 2);
    assert_null(find(list));
}

static void each_receiver_is_waited_for(void **state)
{
    uint64_t list = make_list();

    (void)state;
    release(list, 2);
    receive(list);
    release(list, 0);
    assert_non_null(find(list));
    receive(list);
    release(list, 0);
    assert_null(find(list));
}

static void what_has_expired_in_a_container_goes_with_it(void **state)
{
    uint64_t outer = make_list(), list = make_list();

    (void)state;
    release(list, 1);
    put(outer, list);
    probe_advance(LIMIT_TRANSIT_TIME);
    assert_non_null(find(list));
    take_out(outer);
    assert_null(find(list));
}

static void what_a_container_let_go_is_waited_for(void **state)
{
    uint64_t outer = make_list(), list = make_list();

    (void)state;
    put(outer, list);
    release(list, 1);
    assert_int_equal(transits()->len, 0);
    take_out(outer);
    assert_int_equal(transits()->len, 1);
    receive(list);
    release(list, 0);
    assert_null(find(list));
}

/* What freed objects held comes into transit while others are due. */
static void what_the_lost_held_has_its_own_time(void **state)
{
    uint64_t outer = make_list(), list = make_list(), other = make_list();

    (void)state;
    put(outer, list);
    release(list, 1);
    release(outer, 1);
    probe_advance(1);
    release(other, 1);
    probe_advance(LIMIT_TRANSIT_TIME - 1);
    assert_null(find(outer));
    assert_non_null(find(list));
    probe_advance(1);
    assert_null(find(other));
    probe_advance(LIMIT_TRANSIT_TIME);
    assert_null(find(list));
}

static void any_number_is_borne(void **state)
{
    static const int64_t numbers[] = {INT64_MAX, INT64_MAX, INT64_MIN, INT32_MAX, -1};
    uint64_t list = make_list();
    struct object *object = find(list);

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
        transit_sent(object, numbers[i]);
    assert_int_equal(object->transit, INT32_MAX);
    object->transit = INT32_MIN;
    transit_arrived(object);
    assert_int_equal(object->transit, INT32_MIN);
    transit_sent(object, INT64_MAX);
    release(list, INT64_MAX);
    assert_non_null(find(list));
    probe_advance(LIMIT_TRANSIT_TIME);
    assert_null(find(list));
}

static void they_are_bounded_in_number(void **state)
{
    uint64_t first = make_list(), last = 0;

    (void)state;
    release(first, 1);
    for (int i = 0; i < LIMIT_TRANSIT_OBJECTS; i++)
        release(last = make_list(), 1);
    assert_null(find(first));
    assert_non_null(find(last));
    assert_int_equal(transits()->len, LIMIT_TRANSIT_OBJECTS);
}

static void they_are_bounded_in_bytes(void **state)
{
    uint64_t first = make_list(), large = make_list();
    char args[64];

    (void)state;
    call_reset(probe_call(find(large), "append", "(0,)"));
    snprintf(args, sizeof(args), "(%zu,)", LIMIT_TRANSIT_BYTES / 16);
    call_reset(probe_call(find(large), "__imul__", args));
    release(first, 1);
    release(large, 1);
    assert_null(find(first));
    assert_non_null(find(large));
    release(first = make_list(), 1);
    assert_null(find(large));
    assert_non_null(find(first));
}

static void they_go_when_memory_is_scarce(void **state)
{
    uint64_t list = make_list(), other = make_list();

    (void)state;
    release(list, 1);
    memory_set_limit(memory_used() * 2);
    transits_yield(registry());
    assert_non_null(find(list));
    memory_set_limit(memory_used() + memory_used() / 8);
    transits_yield(registry());
    assert_null(find(list));
    release(other, 1);
    memory_set_limit(0);
    assert_null(find(other));
}

static void they_are_in_no_new_objects_way(void **state)
{
    uint64_t list = make_list();

    (void)state;
    release(list, 1);
    registry()->max_objects = registry()->objects.len;
    make_list();
    assert_null(find(list));
    registry()->max_objects = 0;
}

static void the_dead_have_sent_what_they_had_told(void **state)
{
    uint64_t list = make_list();

    (void)state;
    registry_incref(registry(), find(list), &holder);
    release(list, 1);
    account_close(&holder, registry());
    assert_int_equal(transits()->len, 1);
    probe_advance(LIMIT_TRANSIT_TIME);
    assert_null(find(list));
}

static void a_manager_that_ends_keeps_none(void **state)
{
    uint64_t list = make_list(), other = make_list();

    (void)state;
    release(list, 1);
    transits_close(registry());
    assert_null(find(list));
    release(other, 1);
    assert_null(find(other));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_not_sent_is_freed_at_once),
        TEST(what_was_sent_waits_for_its_receiver),
        TEST(what_does_not_arrive_is_freed),
        TEST(what_has_arrived_before_is_not_waited_for),
        TEST(each_receiver_is_waited_for),
        TEST(what_has_expired_in_a_container_goes_with_it),
        TEST(what_a_container_let_go_is_waited_for),
        TEST(what_the_lost_held_has_its_own_time),
        TEST(any_number_is_borne),
        TEST(they_are_bounded_in_number),
        TEST(they_are_bounded_in_bytes),
        TEST(they_go_when_memory_is_scarce),
        TEST(they_are_in_no_new_objects_way),
        TEST(the_dead_have_sent_what_they_had_told),
        TEST(a_manager_that_ends_keeps_none),
    };

    return run_group(tests, NULL, NULL);
}
