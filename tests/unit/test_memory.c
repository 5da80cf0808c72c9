/* SPDX-License-Identifier: MIT */
/* Counted memory and its limit. */
#include "support/check.h"

#include "base/buffer.h"
#include "base/limits.h"
#include "base/memory.h"

#include <pthread.h>

#define MIB ((size_t)1024 * 1024)

static void what_is_taken_counts_until_it_is_freed(void **state)
{
    size_t before = memory_used();
    void *memory = memory_new(MIB);

    (void)state;
    assert_uint_in_range(memory_used() - before, MIB, MIB + 8192);
    memory = memory_resize(memory, 3 * MIB);
    assert_uint_in_range(memory_used() - before, 3 * MIB, 3 * MIB + 8192);
    memory_free(memory);
    assert_int_equal(memory_used(), before);
}

static void beyond_the_limit_there_is_none(void **state)
{
    void *memory;

    (void)state;
    memory_set_limit(memory_used() + 2 * MIB);
    memory = memory_new(MIB);
    assert_non_null(memory);
    assert_null(memory_new(MIB));
    assert_null(memory_new_zeroed(1, MIB));
    assert_null(memory_resize(memory, 3 * MIB));
    assert_null(memory_lend(MIB));
    memory_free(memory);
    memory = memory_new(MIB);
    assert_non_null(memory);
    memory_free(memory);
    memory_set_limit(0);
}

static void small_messages_may_have_the_last_of_it(void **state)
{
    size_t limit = memory_used() + 32 * MIB;
    void *memory, *small;

    (void)state;
    memory_set_limit(limit);
    memory = memory_new(limit - memory_used() - limit / LIMIT_MEMORY_SPARE - 100);
    assert_non_null(memory);
    assert_null(memory_new(1000));
    assert_null(memory_lend(LIMIT_MEMORY_SPARE_PIECE + 1));
    small = memory_lend(1000);
    assert_non_null(small);
    memory_free(small);
    memory_free(memory);
    memory_set_limit(0);
}

static void *take_much(void *arg)
{
    (void)arg;
    return memory_new(4 * MIB);
}

static void the_limit_is_the_threads_own(void **state)
{
    pthread_t thread;
    void *memory;

    (void)state;
    memory_set_limit(memory_used() + MIB);
    assert_int_equal(pthread_create(&thread, NULL, take_much, NULL), 0);
    pthread_join(thread, &memory);
    assert_non_null(memory);
    assert_null(memory_new(1));
    memory_free(memory);
    memory_set_limit(0);
}

static void sums_that_overflow_are_refused(void **state)
{
    (void)state;
    memory_set_limit(SIZE_MAX / 2);
    assert_null(memory_new_zeroed(SIZE_MAX / 2, 3));
    assert_null(memory_new(SIZE_MAX / 2));
    memory_set_limit(0);
}

static void a_long_message_takes_little_more_than_it_is(void **state)
{
    struct buffer b = {0};

    (void)state;
    while (b.len < 9 * MIB) {
        assert_int_equal(buffer_reserve_within(&b, MIB, 9 * MIB), 0);
        b.len += MIB;
    }
    assert_int_equal(b.cap, 9 * MIB);
    buffer_deinit(&b);
}

static unsigned fillings;

static void count_filling(struct memory_row *row)
{
    assert_non_null(row->first);
    fillings++;
}

static void large_pieces_are_freed_bit_by_bit(void **state)
{
    struct memory_row row = {.filled = count_filling};
    size_t before = memory_used(), used = before + 8 * LIMIT_FREE;
    unsigned bits = 1;

    (void)state;
    fillings = 0;
    memory_put_off(&row);
    for (int i = 0; i < 2; i++)
        memory_free(memory_new(4 * LIMIT_FREE));
    memory_free(memory_new(LIMIT_FREE / 2));
    memory_put_off(NULL);
    assert_int_equal(fillings, 1);
    assert_true(memory_used() >= used);
    while (memory_free_some(&row)) {
        assert_uint_in_range(used - memory_used(), 0, 2 * LIMIT_FREE);
        used = memory_used();
        bits++;
    }
    assert_uint_in_range(bits, 8, 10);
    assert_int_equal(memory_used(), before);
    assert_false(memory_free_some(&row));
}

/* Under a sanitizer, which has no room behind a piece. */
static void a_piece_is_not_cut_too_short(void **state)
{
    struct memory_row row = {.filled = count_filling};
    size_t before = memory_used();

    (void)state;
    memory_put_off(&row);
    for (size_t more = 0; more < 40; more++) {
        memory_free(memory_new(LIMIT_FREE + more));
        while (memory_free_some(&row))
            continue;
    }
    memory_put_off(NULL);
    assert_int_equal(memory_used(), before);
}

static void what_waits_to_be_freed_makes_room(void **state)
{
    struct memory_row row = {.filled = count_filling};
    void *memory;

    (void)state;
    memory_set_limit(memory_used() + 2 * LIMIT_FREE);
    memory_put_off(&row);
    memory_free(memory_new(LIMIT_FREE + MIB));
    assert_non_null(row.first);
    memory = memory_new(LIMIT_FREE + MIB);
    assert_non_null(memory);
    assert_null(row.first);
    memory_put_off(NULL);
    memory_free(memory);
    memory_set_limit(0);
}

static void *free_in_one_go(void *memory)
{
    memory_free(memory);
    return NULL;
}

static void other_threads_free_at_once(void **state)
{
    struct memory_row row = {.filled = count_filling};
    size_t before = memory_used();
    pthread_t thread;

    (void)state;
    memory_put_off(&row);
    assert_int_equal(pthread_create(&thread, NULL, free_in_one_go, memory_new(2 * LIMIT_FREE)), 0);
    pthread_join(thread, NULL);
    memory_put_off(NULL);
    assert_null(row.first);
    assert_int_equal(memory_used(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_taken_counts_until_it_is_freed),
        cmocka_unit_test(beyond_the_limit_there_is_none),
        cmocka_unit_test(small_messages_may_have_the_last_of_it),
        cmocka_unit_test(the_limit_is_the_threads_own),
        cmocka_unit_test(sums_that_overflow_are_refused),
        cmocka_unit_test(a_long_message_takes_little_more_than_it_is),
        cmocka_unit_test(large_pieces_are_freed_bit_by_bit),
        cmocka_unit_test(a_piece_is_not_cut_too_short),
        cmocka_unit_test(what_waits_to_be_freed_makes_room),
        cmocka_unit_test(other_threads_free_at_once),
    };

    return run_group(tests, NULL, NULL);
}
