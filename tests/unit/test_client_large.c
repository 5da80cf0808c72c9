/* SPDX-License-Identifier: MIT */
/* Large values, on their way there and back: none is brought together, so none may come apart. */
#include "support/client.h"

#define MIB ((size_t)1024 * 1024)
#define LARGEST (5 * MIB)
#define MANY 20 /* parts: more than are sent from where they are */

static uint8_t *content;

static int make_content(void **state)
{
    (void)state;
    content = malloc(LARGEST);
    for (size_t i = 0; i < LARGEST; i++)
        content[i] = (uint8_t)('a' + (i ^ i >> 8 ^ i >> 16) % 26);
    return content ? 0 : -1;
}

static int free_content(void **state)
{
    (void)state;
    free(content);
    return 0;
}

static struct sm_value part(enum sm_kind kind, size_t from, size_t len)
{
    return (struct sm_value){.kind = kind, .bytes = content + from, .len = len};
}

static struct sm_proxy *empty_list(struct sm_manager *manager)
{
    struct sm_proxy *list;

    check_ok(sm_list(manager, SM_LIST(), &list));
    return list;
}

/* Put a value in, and see that it comes out as it was: read, and taken. */
static void check_round_trip(struct sm_proxy *list, struct sm_value v)
{
    struct sm_reply *reply;

    check_ok(sm_list_append(list, v));
    check_ok(sm_list_get(list, -1, &reply));
    assert_int_equal(sm_value_equal(sm_reply_value(reply), v), 1);
    sm_reply_free(reply);
    check_ok(sm_list_pop(list, -1, &reply));
    assert_int_equal(sm_value_equal(sm_reply_value(reply), v), 1);
    sm_reply_free(reply);
}

static void a_value_of_any_size_comes_back_as_it_was(void **state)
{
    static const enum sm_kind kinds[] = {SM_KIND_STR, SM_KIND_BYTES, SM_KIND_BYTEARRAY};
    static const size_t sizes[] = {16383, 16384, 65536, MIB - 1, MIB, LARGEST};
    struct sm_proxy *list = empty_list(*state);

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
            check_round_trip(list, part(kinds[k], LARGEST - sizes[i], sizes[i]));
    }
    sm_proxy_free(list);
}

static void large_parts_of_a_value_keep_their_places(void **state)
{
    struct sm_proxy *list = empty_list(*state);
    struct sm_value items[MANY];
    struct sm_items all = {.item = items, .len = MANY};

    for (size_t i = 0; i < MANY; i++)
        items[i] = i % 4 == 3 ? sm_int((int64_t)i) : part(SM_KIND_BYTES, i, 20000 + i);
    check_round_trip(list, (struct sm_value){.kind = SM_KIND_LIST, .items = &all});
    sm_proxy_free(list);
}

static void a_large_key_and_its_value_are_found(void **state)
{
    struct sm_value key = part(SM_KIND_STR, 0, 2 * MIB), v = part(SM_KIND_BYTES, MIB, 3 * MIB);
    struct sm_proxy *dict;
    struct sm_reply *reply;

    check_ok(sm_dict(*state, SM_DICT(), &dict));
    check_ok(sm_dict_set(dict, key, v));
    check_ok(sm_dict_get(dict, key, &reply));
    assert_int_equal(sm_value_equal(sm_reply_value(reply), v), 1);
    sm_reply_free(reply);
    sm_proxy_free(dict);
}

static void what_was_refused_leaves_the_connection_of_use(void **state)
{
    struct sm_proxy *queue;
    struct sm_reply *reply;

    check_ok(sm_queue(*state, 1, &queue));
    check_ok(sm_queue_put(queue, part(SM_KIND_BYTES, 0, 3 * MIB), SM_FOREVER));
    assert_int_equal(sm_queue_put(queue, part(SM_KIND_BYTES, MIB, 3 * MIB), 0), SM_NOT_YET);
    check_ok(sm_queue_get(queue, 0, &reply));
    assert_int_equal(sm_value_equal(sm_reply_value(reply), part(SM_KIND_BYTES, 0, 3 * MIB)), 1);
    sm_reply_free(reply);
    sm_proxy_free(queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_manager(a_value_of_any_size_comes_back_as_it_was),
        with_manager(large_parts_of_a_value_keep_their_places),
        with_manager(a_large_key_and_its_value_are_found),
        with_manager(what_was_refused_leaves_the_connection_of_use),
    };

    return run_group(tests, make_content, free_content);
}
