/* SPDX-License-Identifier: MIT */
/* The table that dicts and sets stand on, without a call around it. */
#include "support/check.h"

#include "types/keys.h"

#include "value/compare.h"

static struct tree tree;

static struct stored_key key_of(int64_t n)
{
    struct stored_key key;
    struct sm_value blame;

    assert_int_equal(value_hash(sm_int(n), &key.hash, &blame), 0);
    assert_int_equal(tree_freeze(&tree, sm_int(n), &key.value), 0);
    return key;
}

static bool has(const struct keys *k, int64_t n, size_t *ret_at)
{
    struct stored_key key = key_of(n);

    return keys_find(k, &tree, &key, ret_at) == 1;
}

static void add(struct keys *k, int64_t n)
{
    struct stored_key key = key_of(n);
    struct frozen absent = {0};

    assert_int_equal(keys_add(k, &key, &absent), 0);
}

static int setup(void **state)
{
    (void)state;
    tree_init(&tree, NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tree_deinit(&tree);
    return 0;
}

/* As in a queue: what is taken is the oldest, again and again. */
static void churn_does_not_make_it_grow(void **state)
{
    struct keys k = {0};
    size_t at;

    (void)state;
    for (int64_t i = 0; i < 100000; i++) {
        add(&k, i);
        if (i >= 100) {
            assert_true(has(&k, i - 100, &at));
            keys_take(&k, at);
        }
    }
    assert_int_equal(k.len, 100);
    assert_true(k.cap < 1000);
    assert_true(k.places_cap < 2000);
    keys_deinit(&k);
}

static void the_last_come_and_go(void **state)
{
    struct keys k = {0};
    size_t at;

    (void)state;
    for (int64_t i = 0; i < 100000; i++) {
        add(&k, i);
        assert_true(has(&k, i, &at));
        keys_take(&k, at);
        assert_false(has(&k, i, &at));
    }
    assert_int_equal(k.len, 0);
    keys_deinit(&k);
}

static void a_million_small_entries_cost_72_bytes_each_at_most(void **state)
{
    struct keys k = {0};
    size_t bytes;

    (void)state;
    for (int64_t i = 0; i < 1000000; i++)
        add(&k, i);
    bytes = k.cap * sizeof(*k.entries) + k.places_cap * sizeof(*k.places);
    assert_true(bytes <= k.len * 72);
    keys_deinit(&k);
}

static void an_emptied_table_gives_memory_back(void **state)
{
    struct keys k = {0};
    size_t at;

    (void)state;
    for (int64_t i = 0; i < 10000; i++)
        add(&k, i);
    for (int64_t i = 9990; i-- > 0;) {
        assert_true(has(&k, i, &at));
        keys_take(&k, at);
    }
    assert_true(k.cap < 200);
    for (int64_t i = 9990; i < 10000; i++)
        assert_true(has(&k, i, &at));
    keys_deinit(&k);
}

/* These numbers have one low half under map_hash_int(), which anybody can work out. */
static void numbers_that_a_peer_chooses_do_not_collide(void **state)
{
    uint64_t inverse = UINT64_C(0xd6e8feb86659fd93), low = 0;
    struct stored_key key;

    (void)state;
    for (int i = 0; i < 6; i++) /* Newton's method, modulo 2^64 */
        inverse *= 2 - UINT64_C(0xd6e8feb86659fd93) * inverse;
    for (uint64_t i = 1; i <= 64; i++) {
        uint64_t n = i << 32;

        n ^= n >> 32;
        n *= inverse;
        n ^= n >> 32;
        n *= inverse;
        n ^= n >> 32;
        key = key_of((int64_t)n);
        low |= UINT64_C(1) << (key.hash & 63);
        frozen_free(&key.value);
    }
    assert_true(__builtin_popcountll(low) > 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(numbers_that_a_peer_chooses_do_not_collide, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(churn_does_not_make_it_grow, setup, teardown),
        cmocka_unit_test_setup_teardown(the_last_come_and_go, setup, teardown),
        cmocka_unit_test_setup_teardown(a_million_small_entries_cost_72_bytes_each_at_most, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(an_emptied_table_gives_memory_back, setup, teardown),
    };

    return run_group(tests, NULL, NULL);
}
