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
    assert_in_range(memory_used() - before, MIB, MIB + 8192);
    memory = memory_resize(memory, 3 * MIB);
    assert_in_range(memory_used() - before, 3 * MIB, 3 * MIB + 8192);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_taken_counts_until_it_is_freed),
        cmocka_unit_test(beyond_the_limit_there_is_none),
        cmocka_unit_test(small_messages_may_have_the_last_of_it),
        cmocka_unit_test(the_limit_is_the_threads_own),
        cmocka_unit_test(sums_that_overflow_are_refused),
        cmocka_unit_test(a_long_message_takes_little_more_than_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
