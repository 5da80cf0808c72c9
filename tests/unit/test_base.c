/* SPDX-License-Identifier: MIT */
/* Buffers, arenas, lists, maps, timers. */
#include "support/check.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "base/list.h"
#include "base/map.h"
#include "base/timers.h"
#include "base/utf8.h"

#include <stdlib.h>

static void a_buffer_takes_no_more_than_is_wanted(void **state)
{
    struct buffer b = {.max = 5};

    (void)state;
    buffer_add_str(&b, "abc");
    assert_false(b.failed);
    buffer_add_str(&b, "def");
    assert_true(b.failed);
    buffer_add_byte(&b, 'x');
    assert_int_equal(b.len, 5);
    assert_memory_equal(b.data, "abcde", 5);
    buffer_deinit(&b);
}

static void buffer_keeps_what_is_added(void **state)
{
    struct buffer b = {0};

    (void)state;
    for (int i = 0; i < 1000; i++)
        buffer_addf(&b, "%d,", i % 10);
    assert_false(b.failed);
    assert_int_equal(b.len, 2000);
    buffer_consume(&b, 1996);
    assert_memory_equal(b.data, "8,9,", 4);
    buffer_deinit(&b);
}

static void a_run_is_as_long_as_it_was_asked_for(void **state)
{
    struct buffer b = {0};

    (void)state;
    buffer_add_times(&b, "xyz", 3, 0);
    assert_int_equal(b.len, 0);
    for (size_t times = 1; times < 20; times++) {
        buffer_clear(&b);
        buffer_add(&b, "a", 1);
        buffer_add_times(&b, "xyz", 3, times);
        assert_int_equal(b.len, 1 + 3 * times);
        for (size_t i = 0; i < 3 * times; i++)
            assert_int_equal(b.data[1 + i], "xyz"[i % 3]);
    }
    buffer_add_times(&b, "xyz", 3, SIZE_MAX / 2);
    assert_true(b.failed);
    buffer_deinit(&b);
}

static void arena_pieces_do_not_overlap(void **state)
{
    struct arena a = {0};
    uint32_t *piece[2000];

    (void)state;
    for (uint32_t i = 0; i < ARRAY_SIZE(piece); i++) {
        piece[i] = arena_alloc(&a, sizeof(uint32_t) * (i % 7 + 1));
        *piece[i] = i;
    }
    for (uint32_t i = 0; i < ARRAY_SIZE(piece); i++)
        assert_int_equal(*piece[i], i);
    arena_reset(&a);
    assert_int_equal(a.used, 0);
    arena_deinit(&a);
}

struct item {
    uint64_t key;
    struct list link;
    struct timer timer;
};

static bool item_matches(const void *item, const void *key)
{
    return ((const struct item *)item)->key == *(const uint64_t *)key;
}

static void map_finds_what_is_left_after_removals(void **state)
{
    struct map m = {0};
    static struct item items[500];
    size_t at = 0, seen = 0;

    (void)state;
    for (uint64_t i = 0; i < ARRAY_SIZE(items); i++) {
        items[i].key = i;
        assert_int_equal(map_add(&m, i % 37, &items[i]), 0); /* many share a hash */
    }
    for (uint64_t i = 0; i < ARRAY_SIZE(items); i += 3)
        map_remove(&m, i % 37, &items[i]);
    for (uint64_t i = 0; i < ARRAY_SIZE(items); i++)
        assert_ptr_equal(map_find(&m, i % 37, item_matches, &i), i % 3 ? &items[i] : NULL);
    while (map_next(&m, &at))
        seen++;
    assert_int_equal(seen, m.len);
    map_deinit(&m);
}

static void hash_depends_on_every_byte(void **state)
{
    uint8_t bytes[40] = {0};
    uint64_t plain = map_hash_bytes(bytes, sizeof(bytes));

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = 1;
        assert_int_not_equal(map_hash_bytes(bytes, sizeof(bytes)), plain);
        bytes[i] = 0;
    }
    assert_int_not_equal(map_hash_bytes(bytes, sizeof(bytes) - 1), plain);
}

static nsec fired_last;
static int fired_count;

static void note_fire(struct timer *timer)
{
    assert_true(timer->deadline >= fired_last);
    fired_last = timer->deadline;
    fired_count++;
}

static void timers_fire_in_order_and_only_what_is_due(void **state)
{
    struct timers ts = {0};
    static struct item items[300];

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(items); i++) {
        items[i].timer.fire = note_fire;
        assert_int_equal(timers_set(&ts, &items[i].timer, (nsec)(i * 7919 % 300)), 0);
    }
    for (size_t i = 0; i < ARRAY_SIZE(items); i += 2)
        timers_cancel(&ts, &items[i].timer);
    timers_fire(&ts, 149);
    assert_true(fired_last <= 149);
    assert_true(timers_next(&ts) > 149);
    timers_fire(&ts, 300);
    assert_int_equal(fired_count, 150);
    assert_true(timers_next(&ts) == FOREVER);
    timers_deinit(&ts);
}

static void list_walk_bears_removal(void **state)
{
    struct list head;
    struct item items[5];
    struct item *it;
    int n = 0;

    (void)state;
    list_init(&head);
    for (size_t i = 0; i < ARRAY_SIZE(items); i++)
        list_append(&head, &items[i].link);
    list_for_each(it, &head, link) {
        assert_ptr_equal(it, &items[n]);
        n++;
        list_remove(&it->link);
    }
    assert_int_equal(n, 5);
    assert_true(list_empty(&head));
}

static void a_cut_text_ends_with_a_whole_character(void **state)
{
    static const struct {
        const char *text;
        size_t cut, whole;
    } cuts[] = {
        {"", 0, 0},
        {"ab", 2, 2},
        {"a\xc3\xa9", 3, 3},
        {"a\xc3\xa9", 2, 1},
        {"\xe2\x82\xac", 3, 3},
        {"\xe2\x82\xac", 2, 0},
        {"\xe2\x82\xac", 1, 0},
        {"a\xf0\x9f\x98\x80", 5, 5},
        {"a\xf0\x9f\x98\x80", 4, 1},
        {"a\xf0\x9f\x98\x80", 3, 1},
        {"a\xf0\x9f\x98\x80", 2, 1},
        {"\x80\x80\x80\x80\x80", 5, 5}, /* no text at all */
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cuts); i++)
        assert_int_equal(utf8_whole(cuts[i].text, cuts[i].cut), cuts[i].whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buffer_keeps_what_is_added),
        cmocka_unit_test(a_buffer_takes_no_more_than_is_wanted),
        cmocka_unit_test(a_run_is_as_long_as_it_was_asked_for),
        cmocka_unit_test(arena_pieces_do_not_overlap),
        cmocka_unit_test(map_finds_what_is_left_after_removals),
        cmocka_unit_test(hash_depends_on_every_byte),
        cmocka_unit_test(timers_fire_in_order_and_only_what_is_due),
        cmocka_unit_test(list_walk_bears_removal),
        cmocka_unit_test(a_cut_text_ends_with_a_whole_character),
    };

    return run_group(tests, NULL, NULL);
}
