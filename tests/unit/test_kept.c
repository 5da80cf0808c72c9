/* SPDX-License-Identifier: MIT */
/* Large values that are stored where they came in, instead of being copied. */
#include "support/pickle.h"

#include "base/limits.h"
#include "base/memory.h"
#include "pickle/opcodes.h"
#include "support/starve.h"

#include <errno.h>

#define LARGE (2 * LIMIT_COPY)

static struct tree tree;
static struct buffer message;
static size_t before;

static int make(void **state)
{
    (void)state;
    before = memory_used();
    tree_init(&tree, NULL);
    message = (struct buffer){0};
    return 0;
}

static int drop(void **state)
{
    (void)state;
    tree_deinit(&tree);
    buffer_deinit(&message);
    return memory_used() == before ? 0 : -1;
}

static void add_bytes(uint8_t opcode, size_t width, size_t len)
{
    buffer_add_byte(&message, opcode);
    for (size_t i = 0; i < width; i++)
        buffer_add_byte(&message, (uint8_t)(len >> (8 * i)));
    buffer_add_times(&message, "x", 1, len);
}

/* A message of small and large bytes, in a buffer without spare room: its value is lent. */
static struct sm_value receive(uint8_t opcode, size_t width, size_t small, size_t large)
{
    buffer_add_str(&message, "\x80\4(");
    add_bytes(BINBYTES, 4, small);
    add_bytes(opcode, width, large);
    buffer_add_str(&message, "t.");
    buffer_fit(&message);
    tree_lend(&tree, &message);
    return unpickle(&tree, message.data, message.len).items->item[1];
}

static void a_large_value_stays_in_its_message(void **state)
{
    struct sm_value v = receive(BINBYTES, 4, 100, LARGE);
    struct frozen f;

    (void)state;
    assert_int_equal(tree_freeze(&tree, v, &f), 0);
    assert_ptr_equal(frozen_bytes(&f) + 5, v.bytes);
    assert_int_equal(frozen_len(&f), LARGE + 5);
    assert_null(message.data);
    frozen_free(&f);
}

static void what_stayed_outlives_its_message(void **state)
{
    struct sm_value v = receive(BINBYTES, 4, 100, LARGE);
    struct frozen f;

    (void)state;
    assert_int_equal(tree_freeze(&tree, v, &f), 0);
    tree_lend_no_more(&tree);
    tree_reset(&tree);
    assert_int_equal(tree_thaw(&tree, &f, &v), 0);
    assert_int_equal(v.len, LARGE);
    assert_int_equal(v.bytes[0], 'x');
    assert_int_equal(v.bytes[LARGE - 1], 'x');
    frozen_free(&f);
}

static void a_message_outlives_what_stayed_in_it(void **state)
{
    struct sm_value v = receive(BINBYTES, 4, 100, LARGE);
    struct frozen f;

    (void)state;
    assert_int_equal(tree_freeze(&tree, v, &f), 0);
    frozen_free(&f);
    assert_int_equal(v.bytes[LARGE - 1], 'x');
}

static void a_value_may_stay_twice(void **state)
{
    struct sm_value v = receive(BINBYTES, 4, 100, LARGE);
    struct frozen a, b;

    (void)state;
    assert_int_equal(tree_freeze(&tree, v, &a), 0);
    assert_int_equal(tree_freeze(&tree, v, &b), 0);
    assert_ptr_equal(frozen_bytes(&a), frozen_bytes(&b));
    frozen_free(&a);
    assert_int_equal(frozen_bytes(&b)[0], BINBYTES);
    frozen_free(&b);
}

static void assert_copied(struct sm_value v)
{
    struct frozen f, plain;

    assert_int_equal(tree_freeze(&tree, v, &f), 0);
    assert_non_null(message.data);
    assert_true(frozen_bytes(&f) < message.data || frozen_bytes(&f) >= message.data + message.len);
    tree_lend_no_more(&tree);
    assert_int_equal(tree_freeze(&tree, v, &plain), 0);
    assert_int_equal(frozen_len(&f), frozen_len(&plain));
    assert_memory_equal(frozen_bytes(&f), frozen_bytes(&plain), frozen_len(&f));
    frozen_free(&f);
    frozen_free(&plain);
}

static void a_message_is_not_kept_for_a_part_of_it(void **state)
{
    (void)state;
    assert_copied(receive(BINBYTES, 4, LARGE, LARGE));
}

/* Fragments of equal values are equal, whatever form a value came in. */
static void a_value_in_an_odd_form_is_copied(void **state)
{
    (void)state;
    assert_copied(receive(BINBYTES8, 8, 100, LARGE));
}

static void a_small_value_is_copied(void **state)
{
    (void)state;
    assert_copied(receive(BINBYTES, 4, 100, LIMIT_COPY - 1));
}

/* A list is written anew; what it was written to is kept. */
static void a_large_list_takes_no_more_than_it_is(void **state)
{
    struct sm_value v;
    struct frozen f;
    size_t used;

    (void)state;
    receive(BINBYTES, 4, LARGE, LARGE);
    v = unpickle(&tree, message.data, message.len);
    v.kind = SM_KIND_LIST;
    used = memory_used();
    assert_int_equal(tree_freeze(&tree, v, &f), 0);
    assert_uint_in_range(memory_used() - used, 2 * LARGE, 2 * LARGE + 16384);
    tree_lend_no_more(&tree);
    tree_reset(&tree);
    buffer_deinit(&message);
    assert_int_equal(tree_thaw(&tree, &f, &v), 0);
    assert_int_equal(v.items->len, 2);
    assert_int_equal(v.items->item[1].bytes[LARGE - 1], 'x');
    frozen_free(&f);
}

/* Store a value while every allocation fails in turn. */
static void sweep(struct sm_value v)
{
    bool struck = true;

    for (size_t n = 1; struck; n++) {
        struct frozen f;
        int r;

        starve_plan(n, n % 2);
        starve_count(true);
        r = tree_freeze(&tree, v, &f);
        starve_count(false);
        struck = starve_struck();
        assert_true(r == 0 || (r == -ENOMEM && struck));
        if (r == 0)
            frozen_free(&f);
    }
}

static void failing_allocations_lose_no_message(void **state)
{
    struct sm_value v = receive(BINBYTES, 4, 100, LARGE);

    (void)state;
    sweep(v);
    assert_int_equal(v.bytes[LARGE - 1], 'x');
}

static void failing_allocations_lose_no_list(void **state)
{
    struct sm_value v;

    (void)state;
    receive(BINBYTES, 4, 100, LARGE);
    v = unpickle(&tree, message.data, message.len);
    sweep(v);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_large_value_stays_in_its_message),
        TEST(what_stayed_outlives_its_message),
        TEST(a_message_outlives_what_stayed_in_it),
        TEST(a_value_may_stay_twice),
        TEST(a_message_is_not_kept_for_a_part_of_it),
        TEST(a_value_in_an_odd_form_is_copied),
        TEST(a_small_value_is_copied),
        TEST(a_large_list_takes_no_more_than_it_is),
        TEST(failing_allocations_lose_no_message),
        TEST(failing_allocations_lose_no_list),
    };

    return run_group(tests, NULL, NULL);
}
