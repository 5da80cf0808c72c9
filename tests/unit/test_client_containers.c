/* SPDX-License-Identifier: MIT */
/* The typed functions of queues, list, dict, set, Value, Array, Namespace. */
#include "support/client.h"

static void a_queue_is_first_in_first_out(void **state)
{
    struct sm_proxy *queue;
    struct sm_reply *reply;
    size_t size;
    bool is;

    check_ok(sm_queue(*state, 2, &queue));
    check_ok(sm_queue_put(queue, sm_str("a"), SM_FOREVER));
    check_ok(sm_queue_put(queue, SM_LIST(sm_int(1)), 0));
    check_status(SM_NOT_YET, sm_queue_put(queue, sm_none(), 0));
    check_status(SM_NOT_YET, sm_queue_put(queue, sm_none(), 0.001));
    check_ok(sm_queue_qsize(queue, &size));
    assert_int_equal(size, 2);
    check_ok(sm_queue_full(queue, &is));
    assert_true(is);
    check_ok(sm_queue_get(queue, SM_FOREVER, &reply));
    check_reply("'a'", reply);
    check_ok(sm_queue_get(queue, 0, &reply));
    check_reply("[1]", reply);
    check_status(SM_NOT_YET, sm_queue_get(queue, 0, &reply));
    check_status(SM_NOT_YET, sm_queue_get(queue, 0.001, &reply));
    check_ok(sm_queue_empty(queue, &is));
    assert_true(is);
    sm_proxy_free(queue);
}

static void a_queue_is_joined_when_its_tasks_are_done(void **state)
{
    struct sm_proxy *queue;

    check_ok(sm_joinable_queue(*state, 0, &queue));
    check_ok(sm_queue_put(queue, sm_int(1), 0));
    check_ok(sm_queue_get(queue, 0, NULL));
    check_ok(sm_queue_task_done(queue));
    check_ok(sm_queue_join(queue));
    check_raises("ValueError", sm_queue_task_done(queue));
    sm_proxy_free(queue);
}

static void a_queue_that_is_shut_down_takes_nothing(void **state)
{
    struct sm_proxy *queue;

    check_ok(sm_queue(*state, 0, &queue));
    check_ok(sm_queue_shutdown(queue, false));
    check_raises("queue.ShutDown", sm_queue_put(queue, sm_int(1), 0));
    check_raises("queue.ShutDown", sm_queue_get(queue, 0, NULL));
    sm_proxy_free(queue);
}

static int make_list(struct sm_manager *manager, struct sm_proxy **ret)
{
    return sm_list(manager, SM_LIST(sm_int(3), sm_int(1), sm_int(2)), ret);
}

static void a_list_is_empty_without_items(void **state)
{
    struct sm_proxy *list;

    check_ok(sm_list(*state, sm_missing(), &list));
    check_text("[]", list);
    sm_proxy_free(list);
}

static void list_items_are_read(void **state)
{
    struct sm_proxy *list;
    struct sm_reply *reply;
    size_t n;
    bool in;

    check_ok(make_list(*state, &list));
    check_ok(sm_list_get(list, -1, &reply));
    check_reply("2", reply);
    check_raises("IndexError", sm_list_get(list, 3, &reply));
    check_ok(sm_list_len(list, &n));
    assert_int_equal(n, 3);
    check_ok(sm_list_index(list, sm_int(2), &n));
    assert_int_equal(n, 2);
    check_raises("ValueError", sm_list_index(list, sm_int(9), &n));
    check_ok(sm_list_count(list, sm_float(1), &n));
    assert_int_equal(n, 1);
    check_ok(sm_list_contains(list, sm_int(9), &in));
    assert_false(in);
    sm_proxy_free(list);
}

static void list_items_are_written(void **state)
{
    struct sm_proxy *list;
    struct sm_reply *reply;

    check_ok(make_list(*state, &list));
    check_ok(sm_list_set(list, 0, sm_str("x")));
    check_ok(sm_list_append(list, sm_none()));
    check_ok(sm_list_extend(list, SM_TUPLE(sm_int(7), sm_int(8))));
    check_ok(sm_list_insert(list, 1, sm_bool(true)));
    check_text("['x', True, 1, 2, None, 7, 8]", list);
    check_ok(sm_list_remove(list, sm_int(7)));
    check_ok(sm_list_del(list, 0));
    check_ok(sm_list_pop(list, -1, &reply));
    check_reply("8", reply);
    check_text("[True, 1, 2, None]", list);
    check_ok(sm_list_clear(list));
    check_raises("IndexError", sm_list_pop(list, -1, NULL));
    sm_proxy_free(list);
}

static void lists_are_ordered(void **state)
{
    struct sm_proxy *list;

    check_ok(make_list(*state, &list));
    check_ok(sm_list_sort(list, false));
    check_text("[1, 2, 3]", list);
    check_ok(sm_list_sort(list, true));
    check_text("[3, 2, 1]", list);
    check_ok(sm_list_reverse(list));
    check_text("[1, 2, 3]", list);
    sm_proxy_free(list);
}

static void lists_have_slices(void **state)
{
    struct sm_proxy *list;
    struct sm_reply *reply;

    check_ok(make_list(*state, &list));
    check_ok(sm_list_slice(list, 1, SM_END, &reply));
    check_reply("[1, 2]", reply);
    check_ok(sm_list_slice(list, -3, -1, &reply));
    check_reply("[3, 1]", reply);
    check_ok(sm_list_copy(list, &reply));
    check_reply("[3, 1, 2]", reply);
    check_ok(sm_list_set_slice(list, 0, 2, SM_LIST(sm_int(9))));
    check_text("[9, 2]", list);
    check_ok(sm_list_del_slice(list, 0, 1));
    check_text("[2]", list);
    sm_proxy_free(list);
}

static void lists_are_added_and_multiplied(void **state)
{
    struct sm_proxy *list;
    struct sm_reply *reply;

    check_ok(sm_list(*state, SM_LIST(sm_int(1)), &list));
    check_ok(sm_list_add(list, SM_LIST(sm_int(2)), &reply));
    check_reply("[1, 2]", reply);
    check_ok(sm_list_mul(list, 3, &reply));
    check_reply("[1, 1, 1]", reply);
    check_ok(sm_list_repeat(list, 2));
    check_text("[1, 1]", list);
    sm_proxy_free(list);
}

static int make_dict(struct sm_manager *manager, struct sm_proxy **ret)
{
    return sm_dict(manager, SM_DICT({sm_str("a"), sm_int(1)}, {sm_int(2), sm_none()}), ret);
}

static void dict_values_are_read(void **state)
{
    struct sm_proxy *dict;
    struct sm_reply *reply;
    size_t n;
    bool in;

    check_ok(make_dict(*state, &dict));
    check_ok(sm_dict_get(dict, sm_str("a"), &reply));
    check_reply("1", reply);
    check_raises("KeyError", sm_dict_get(dict, sm_str("b"), &reply));
    assert_string_equal(sm_last_error()->message, "'b'");
    check_ok(sm_dict_get_or(dict, sm_str("b"), sm_int(5), &reply));
    check_reply("5", reply);
    check_ok(sm_dict_contains(dict, sm_float(2), &in));
    assert_true(in);
    check_ok(sm_dict_len(dict, &n));
    assert_int_equal(n, 2);
    sm_proxy_free(dict);
}

static void dicts_are_read_whole(void **state)
{
    struct sm_proxy *dict;
    struct sm_reply *reply;

    check_ok(make_dict(*state, &dict));
    check_ok(sm_dict_keys(dict, &reply));
    check_reply("['a', 2]", reply);
    check_ok(sm_dict_values(dict, &reply));
    check_reply("[1, None]", reply);
    check_ok(sm_dict_items(dict, &reply));
    check_reply("[('a', 1), (2, None)]", reply);
    check_ok(sm_dict_copy(dict, &reply));
    check_reply("{'a': 1, 2: None}", reply);
    check_ok(sm_getvalue(dict, &reply));
    check_reply("{'a': 1, 2: None}", reply);
    sm_proxy_free(dict);
}

static void dict_values_are_written(void **state)
{
    struct sm_proxy *dict;
    struct sm_reply *reply;

    check_ok(sm_dict(*state, sm_missing(), &dict));
    check_ok(sm_dict_set(dict, sm_str("k"), sm_int(1)));
    check_ok(sm_dict_update(dict, SM_DICT({sm_str("l"), sm_int(2)})));
    check_ok(sm_dict_setdefault(dict, sm_str("k"), sm_int(9), &reply));
    check_reply("1", reply);
    check_ok(sm_dict_setdefault(dict, sm_str("m"), sm_int(9), NULL));
    check_text("{'k': 1, 'l': 2, 'm': 9}", dict);
    check_ok(sm_dict_del(dict, sm_str("k")));
    check_ok(sm_dict_pop(dict, sm_str("l"), sm_missing(), &reply));
    check_reply("2", reply);
    check_ok(sm_dict_pop(dict, sm_str("l"), sm_none(), &reply));
    check_reply("None", reply);
    check_raises("KeyError", sm_dict_pop(dict, sm_str("l"), sm_missing(), NULL));
    check_ok(sm_dict_popitem(dict, &reply));
    check_reply("('m', 9)", reply);
    check_ok(sm_dict_clear(dict));
    check_raises("TypeError", sm_dict_set(dict, SM_LIST(sm_int(1)), sm_none()));
    sm_proxy_free(dict);
}

static void dicts_are_iterated(void **state)
{
    struct sm_proxy *dict, *iterator;
    struct sm_reply *reply;

    check_ok(make_dict(*state, &dict));
    check_ok(sm_dict_iter(dict, &iterator));
    check_ok(sm_iterator_next(iterator, &reply));
    check_reply("'a'", reply);
    check_ok(sm_iterator_next(iterator, &reply));
    check_reply("2", reply);
    check_status(SM_NOT_YET, sm_iterator_next(iterator, &reply));
    sm_proxy_free(iterator);
    check_ok(sm_dict_iter(dict, &iterator));
    check_ok(sm_dict_clear(dict));
    check_raises("RuntimeError", sm_iterator_next(iterator, &reply));
    sm_proxy_free(iterator);
    sm_proxy_free(dict);
}

static void sets_hold_each_value_once(void **state)
{
    struct sm_proxy *set;
    struct sm_reply *reply;
    size_t n;
    bool in;

    check_ok(sm_set(*state, SM_LIST(sm_int(1), sm_int(1)), &set));
    check_ok(sm_set_add(set, sm_int(2)));
    check_ok(sm_set_discard(set, sm_int(7)));
    check_ok(sm_set_remove(set, sm_int(1)));
    check_raises("KeyError", sm_set_remove(set, sm_int(1)));
    check_ok(sm_set_contains(set, sm_int(2), &in));
    assert_true(in);
    check_ok(sm_set_len(set, &n));
    assert_int_equal(n, 1);
    check_ok(sm_set_pop(set, &reply));
    check_reply("2", reply);
    check_ok(sm_set_clear(set));
    check_ok(sm_set_copy(set, &reply));
    check_reply("set()", reply);
    sm_proxy_free(set);
}

static void sets_are_combined(void **state)
{
    struct sm_proxy *set;
    struct sm_reply *reply;
    struct sm_value other = SM_LIST(sm_int(2), sm_int(3));

    check_ok(sm_set(*state, SM_LIST(sm_int(1), sm_int(2)), &set));
    check_ok(sm_set_union(set, other, &reply));
    check_reply("{1, 2, 3}", reply);
    check_ok(sm_set_intersection(set, other, &reply));
    check_reply("{2}", reply);
    check_ok(sm_set_difference(set, other, &reply));
    check_reply("{1}", reply);
    check_ok(sm_set_symmetric_difference(set, other, &reply));
    check_reply("{1, 3}", reply);
    check_ok(sm_set_update(set, other));
    check_text("{1, 2, 3}", set);
    check_ok(sm_set_intersection_update(set, other));
    check_text("{2, 3}", set);
    check_ok(sm_set_difference_update(set, SM_LIST(sm_int(2))));
    check_text("{3}", set);
    check_ok(sm_set_symmetric_difference_update(set, other));
    check_text("{2}", set);
    sm_proxy_free(set);
}

static void sets_are_compared(void **state)
{
    struct sm_proxy *set;
    bool is;

    check_ok(sm_set(*state, SM_LIST(sm_int(1), sm_int(2)), &set));
    check_ok(sm_set_isdisjoint(set, SM_LIST(sm_int(3)), &is));
    assert_true(is);
    check_ok(sm_set_issubset(set, SM_LIST(sm_int(1)), &is));
    assert_false(is);
    check_ok(sm_set_issuperset(set, SM_LIST(sm_int(1)), &is));
    assert_true(is);
    sm_proxy_free(set);
}

static void a_value_is_replaced(void **state)
{
    struct sm_proxy *value;
    struct sm_reply *reply;

    check_ok(sm_value(*state, "i", sm_int(1), &value));
    check_ok(sm_value_set(value, sm_float(0.5)));
    check_ok(sm_value_get(value, &reply));
    check_reply("0.5", reply);
    check_text("Value('i', 0.5)", value);
    check_status(SM_EARG, sm_value(*state, NULL, sm_int(1), &value));
    sm_proxy_free(value);
}

static void an_array_holds_numbers(void **state)
{
    struct sm_proxy *array;
    struct sm_reply *reply;
    size_t n;

    check_ok(sm_array(*state, "i", SM_LIST(sm_int(1), sm_int(2), sm_int(3)), &array));
    check_ok(sm_array_set(array, 0, sm_int(7)));
    check_ok(sm_array_get(array, 0, &reply));
    check_reply("7", reply);
    check_ok(sm_array_len(array, &n));
    assert_int_equal(n, 3);
    check_ok(sm_array_slice(array, 0, 2, &reply));
    assert_string_equal(sm_value_repr(sm_reply_value(reply)), "array('i', [7, 2])");
    check_ok(sm_array_set_slice(array, 2, SM_END, sm_reply_value(reply)));
    sm_reply_free(reply);
    check_text("array('i', [7, 2, 7, 2])", array);
    check_raises("TypeError", sm_array_set(array, 0, sm_str("x")));
    sm_proxy_free(array);
}

static void a_namespace_has_attributes(void **state)
{
    struct sm_proxy *ns;
    struct sm_reply *reply;

    check_ok(sm_namespace(*state, SM_DICT({sm_str("x"), sm_int(1)}), &ns));
    check_ok(sm_namespace_set(ns, "y", sm_str("z")));
    check_ok(sm_namespace_get(ns, "y", &reply));
    check_reply("'z'", reply);
    check_ok(sm_namespace_del(ns, "x"));
    check_raises("AttributeError", sm_namespace_get(ns, "x", &reply));
    check_text("Namespace(y='z')", ns);
    sm_proxy_free(ns);
}

static void a_proxy_goes_in_and_comes_out(void **state)
{
    struct sm_proxy *outer, *inner, *again;
    struct sm_reply *reply;

    check_ok(sm_list(*state, sm_missing(), &outer));
    check_ok(make_dict(*state, &inner));
    check_ok(sm_list_append(outer, sm_proxy_value(inner)));
    sm_proxy_free(inner);
    check_ok(sm_list_get(outer, 0, &reply));
    assert_true(sm_value_is_proxy(sm_reply_value(reply)));
    check_ok(sm_proxy_from_value(*state, sm_reply_value(reply), &again));
    sm_reply_free(reply);
    check_ok(sm_dict_set(again, sm_str("a"), sm_int(8)));
    check_text("{'a': 8, 2: None}", again);
    assert_string_equal(sm_proxy_typeid(again), "dict");
    sm_proxy_free(again);
    sm_proxy_free(outer);
}

static void a_proxy_that_is_taken_out_is_alive(void **state)
{
    struct sm_proxy *outer, *inner, *again;
    struct sm_reply *reply;

    check_ok(sm_list(*state, sm_missing(), &outer));
    check_ok(make_dict(*state, &inner));
    check_ok(sm_list_append(outer, sm_proxy_value(inner)));
    sm_proxy_free(inner);
    check_ok(sm_list_pop(outer, 0, &reply));
    check_ok(sm_proxy_from_value(*state, sm_reply_value(reply), &again));
    sm_reply_free(reply);
    check_text("{'a': 1, 2: None}", again);
    sm_proxy_free(again);
    sm_proxy_free(outer);
}

static void a_proxy_is_text_and_a_proxy_again(void **state)
{
    struct sm_proxy *list, *again;

    check_ok(make_list(*state, &list));
    check_ok(sm_proxy_from_text(*state, sm_proxy_to_text(list), &again));
    sm_proxy_free(list);
    check_text("[3, 1, 2]", again);
    sm_proxy_free(again);
    check_status(SM_EARG, sm_proxy_from_text(*state, "syncmanager-proxy unix:/x", &again));
}

static void a_proxy_that_was_sent_may_be_freed_before_it_arrives(void **state)
{
    struct sm_proxy *list, *again;
    char *text;
    size_t n;

    check_ok(make_list(*state, &list));
    text = strdup(sm_proxy_to_text(list));
    sm_proxy_free(list);
    check_ok(sm_manager_number_of_objects(*state, &n));
    assert_int_equal(n, 0);
    check_ok(sm_proxy_from_text(*state, text, &again));
    free(text);
    check_text("[3, 1, 2]", again);
    text = strdup(sm_proxy_ident(again));
    sm_proxy_sent(again, 1);
    sm_proxy_free(again);
    check_ok(sm_proxy_take(*state, "list", text, true, &again));
    sm_proxy_free(again);
    check_status(SM_ERAISED, sm_proxy_take(*state, "list", text, true, &again));
    free(text);
}

static void a_copy_has_a_reference_of_its_own(void **state)
{
    struct sm_proxy *list, *copy;
    size_t n;

    check_ok(make_list(*state, &list));
    check_ok(sm_proxy_copy(list, &copy));
    sm_proxy_free(list);
    check_ok(sm_manager_number_of_objects(*state, &n));
    assert_int_equal(n, 1);
    check_text("[3, 1, 2]", copy);
    sm_proxy_free(copy);
    check_ok(sm_manager_number_of_objects(*state, &n));
    assert_int_equal(n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_manager(a_queue_is_first_in_first_out),
        with_manager(a_queue_is_joined_when_its_tasks_are_done),
        with_manager(a_queue_that_is_shut_down_takes_nothing),
        with_manager(a_list_is_empty_without_items),
        with_manager(list_items_are_read),
        with_manager(list_items_are_written),
        with_manager(lists_are_ordered),
        with_manager(lists_have_slices),
        with_manager(lists_are_added_and_multiplied),
        with_manager(dict_values_are_read),
        with_manager(dicts_are_read_whole),
        with_manager(dict_values_are_written),
        with_manager(dicts_are_iterated),
        with_manager(sets_hold_each_value_once),
        with_manager(sets_are_combined),
        with_manager(sets_are_compared),
        with_manager(a_value_is_replaced),
        with_manager(an_array_holds_numbers),
        with_manager(a_namespace_has_attributes),
        with_manager(a_proxy_goes_in_and_comes_out),
        with_manager(a_proxy_that_is_taken_out_is_alive),
        with_manager(a_proxy_is_text_and_a_proxy_again),
        with_manager(a_proxy_that_was_sent_may_be_freed_before_it_arrives),
        with_manager(a_copy_has_a_reference_of_its_own),
    };

    return run_group(tests, NULL, NULL);
}
