/* SPDX-License-Identifier: MIT */
/**
 * @file
 * The types of Python's SyncManager, and Counter: a function to make each, and one for each of its
 * methods.
 *
 * All share their manner. A maker takes the manager first and gives a proxy last, which is freed
 * with sm_proxy_free(). A method takes the proxy first; values are borrowed for the call; a result
 * comes last, is written on success only, and may be NULL where nobody wants it. A
 * `struct sm_reply` is freed with sm_reply_free().
 *
 * `timeout_s` is how long to wait in the manager, in seconds: SM_FOREVER, or 0 to try once. When
 * the time passes without the thing having happened, the result is SM_NOT_YET, which is no error.
 * The bound of sm_manager_set_timeout() holds beside it: when that is shorter, the call ends with
 * SM_ETIMEDOUT, and the manager takes back what was waited for.
 *
 * Besides SM_OK and SM_NOT_YET every function here returns what sm_create() and sm_call() do: an
 * exception of Python's is SM_ERAISED, with its name in sm_last_error()->type. A proxy, manager or
 * text that is NULL gives SM_EARG. Any thread may call; a lock with an owner (RLock, Condition) is
 * owned by the thread.
 */
#ifndef SYNCMANAGER_TYPES_H
#define SYNCMANAGER_TYPES_H

#include "syncmanager/client.h"

#ifdef __cplusplus
extern "C" {
#endif

/** As the end of a slice: up to the last item. */
#define SM_END INT64_MAX

/**
 * @name Lock and RLock
 * `threading.Lock`, which any client may release, and `threading.RLock`, which the thread that
 * acquired it may acquire again. Errors: "RuntimeError" when what is released is not held.
 * @{
 */

/** Make a lock. Mirrors `manager.Lock()`. */
SM_API int sm_lock(struct sm_manager *manager, struct sm_proxy **ret);

/** Make a lock that its owner may acquire again. Mirrors `manager.RLock()`. */
SM_API int sm_rlock(struct sm_manager *manager, struct sm_proxy **ret);

/** Take the lock. SM_OK: it is ours; SM_NOT_YET. Mirrors `acquire(blocking, timeout)`. */
SM_API int sm_lock_acquire(struct sm_proxy *lock, double timeout_s);

/** Give the lock back. Mirrors `release()`. */
SM_API int sm_lock_release(struct sm_proxy *lock);

/** @} */

/**
 * @name In shared memory alone
 * For bindings, whose interpreter has a lock of its own: what these do takes nanoseconds, sends
 * nothing and never waits. Each returns SM_OK, or SM_NOT_YET: nothing was done, and the call is to
 * be made in the ordinary way, which answers it, or raises. After a few calls of acquire, release
 * or is_set by sm_call_raw() a proxy is prepared for this; or of any method, when one of the
 * Counter's functions here was tried before.
 * @{
 */

/** Take a Lock, RLock or Condition's lock that is free, or our own RLock; or a semaphore's unit. */
SM_API int sm_acquire_in_memory(struct sm_proxy *proxy);

/** Give it back, if it is this thread's and nobody waits for it. */
SM_API int sm_release_in_memory(struct sm_proxy *proxy);

/** Whether an Event is set. */
SM_API int sm_event_is_set_in_memory(struct sm_proxy *event, bool *ret);

/** Set an Event that nobody waits for, or clear it. */
SM_API int sm_event_set_in_memory(struct sm_proxy *event, bool value);

/** Add to a Counter, where the sum fits; `ret` has it. */
SM_API int sm_counter_add_in_memory(struct sm_proxy *counter, int64_t n, int64_t *ret);

/** What a Counter counts. */
SM_API int sm_counter_get_in_memory(struct sm_proxy *counter, int64_t *ret);

/** sm_counter_compare_and_set(). */
SM_API int sm_counter_compare_and_set_in_memory(struct sm_proxy *counter, int64_t old,
                                                int64_t value, bool *ret);

/**
 * sm_call_raw() of a method that reads, without keywords, where its answer is known: it has come
 * before, to this thread, and the object has not changed since. `*reply` is decoded, and not to be
 * changed.
 */
SM_API int sm_call_in_memory(struct sm_proxy *proxy, const char *method, struct sm_value args,
                             struct sm_reply **reply);

/** @} */

/**
 * @name Semaphore and BoundedSemaphore
 * Errors: "ValueError" for a release over the bound, "RemoteError" for a negative value.
 * @{
 */

/** Make a semaphore of `value` free units. Mirrors `manager.Semaphore(value)`. */
SM_API int sm_semaphore(struct sm_manager *manager, int64_t value, struct sm_proxy **ret);

/** The same, never to have more than `value`. Mirrors `manager.BoundedSemaphore(value)`. */
SM_API int sm_bounded_semaphore(struct sm_manager *manager, int64_t value, struct sm_proxy **ret);

/** Take a unit. SM_OK or SM_NOT_YET. Mirrors `acquire(blocking, timeout)`. */
SM_API int sm_semaphore_acquire(struct sm_proxy *semaphore, double timeout_s);

/** Give `n` units back; more than one needs a manager of Python 3.9. Mirrors `release(n)`. */
SM_API int sm_semaphore_release(struct sm_proxy *semaphore, int64_t n);

/** @} */

/**
 * @name Condition
 * Errors: "RuntimeError" when the caller does not hold the lock.
 * @{
 */

/**
 * Make a condition variable. Mirrors `manager.Condition(lock)`.
 *
 * @param manager  where
 * @param lock     a Lock or RLock of the same manager, or NULL for an RLock of its own
 * @param ret      the proxy
 */
SM_API int sm_condition(struct sm_manager *manager, struct sm_proxy *lock, struct sm_proxy **ret);

/** Take the condition's lock. SM_OK or SM_NOT_YET. Mirrors `acquire(blocking, timeout)`. */
SM_API int sm_condition_acquire(struct sm_proxy *condition, double timeout_s);

/** Give the lock back. Mirrors `release()`. */
SM_API int sm_condition_release(struct sm_proxy *condition);

/**
 * Give the lock back, wait to be notified, take the lock again. SM_OK: notified; SM_NOT_YET: not
 * within the time. The lock is held again in both cases. Mirrors `wait(timeout)`.
 */
SM_API int sm_condition_wait(struct sm_proxy *condition, double timeout_s);

/**
 * Wait until a predicate holds: it is called here, with the lock held, at first and after each
 * notification. Mirrors `wait_for(predicate, timeout)`.
 *
 * @param condition  whose lock the thread holds
 * @param predicate  whether to wait no longer
 * @param context    handed to `predicate`
 * @param timeout_s  for all the waits together
 *
 * @return SM_OK: it holds; SM_NOT_YET: it did not hold when the time was over
 */
SM_API int sm_condition_wait_for(struct sm_proxy *condition, bool (*predicate)(void *context),
                                 void *context, double timeout_s);

/** Wake up to `n` that wait, oldest first. Mirrors `notify(n)`. */
SM_API int sm_condition_notify(struct sm_proxy *condition, int64_t n);

/** Wake all that wait. Mirrors `notify_all()`. */
SM_API int sm_condition_notify_all(struct sm_proxy *condition);

/** @} */

/**
 * @name Counter
 * A number of 64 bits that many change together: each call is one operation, which no other comes
 * between. Where memory is shared with the manager it takes nanoseconds. Not one of the standard
 * SyncManager's: `manager.Counter()` of the Python package, or `register('Counter')`. Errors:
 * "OverflowError" when the number would not fit, which leaves it as it was.
 * @{
 */

/** Make a counter that counts from `value` on. Mirrors `manager.Counter(value)`. */
SM_API int sm_counter(struct sm_manager *manager, int64_t value, struct sm_proxy **ret);

/** Add `n`, which may be negative; `ret` has the sum. Mirrors `add(n)`. */
SM_API int sm_counter_add(struct sm_proxy *counter, int64_t n, int64_t *ret);

/** What it counts now. Mirrors `get()`. */
SM_API int sm_counter_get(struct sm_proxy *counter, int64_t *ret);

/**
 * If it counts `old`, let it count `value`. Mirrors `compare_and_set(old, new)`.
 *
 * @param counter  the counter
 * @param old      what it is to be
 * @param value    what it will be then
 * @param ret      whether it was `old`; if not, it is as it was
 */
SM_API int sm_counter_compare_and_set(struct sm_proxy *counter, int64_t old, int64_t value,
                                      bool *ret);

/** @} */

/**
 * @name Event
 * @{
 */

/** Make an event, not set. Mirrors `manager.Event()`. */
SM_API int sm_event(struct sm_manager *manager, struct sm_proxy **ret);

/** Whether it is set. Mirrors `is_set()`. */
SM_API int sm_event_is_set(struct sm_proxy *event, bool *ret);

/** Set it: all that wait go on. Mirrors `set()`. */
SM_API int sm_event_set(struct sm_proxy *event);

/** Make it not set. Mirrors `clear()`. */
SM_API int sm_event_clear(struct sm_proxy *event);

/** Wait until it is set. SM_OK or SM_NOT_YET. Mirrors `wait(timeout)`. */
SM_API int sm_event_wait(struct sm_proxy *event, double timeout_s);

/** @} */

/**
 * @name Barrier
 * Errors: "threading.BrokenBarrierError" where the barrier is broken, or breaks: also because the
 * time of one that waits is over.
 * @{
 */

/**
 * Make a barrier. Mirrors `manager.Barrier(parties, timeout=timeout_s)`.
 *
 * @param manager    where
 * @param parties    how many must wait for all to go on
 * @param timeout_s  of those that wait with SM_FOREVER: seconds, or SM_FOREVER for no bound
 * @param ret        the proxy
 */
SM_API int sm_barrier(struct sm_manager *manager, int64_t parties, double timeout_s,
                      struct sm_proxy **ret);

/**
 * Wait for the others. Mirrors `wait(timeout)`.
 *
 * @param barrier    the barrier
 * @param timeout_s  seconds after which it breaks for all; SM_FOREVER: the barrier's own
 * @param index      another number for each of those that went on together: 0 to parties - 1
 */
SM_API int sm_barrier_wait(struct sm_proxy *barrier, double timeout_s, int64_t *index);

/** Break it, for those that wait and those to come. Mirrors `abort()`. */
SM_API int sm_barrier_abort(struct sm_proxy *barrier);

/** Make it whole and empty; those that wait get the error. Mirrors `reset()`. */
SM_API int sm_barrier_reset(struct sm_proxy *barrier);

/** How many must wait. Mirrors `parties`. */
SM_API int sm_barrier_parties(struct sm_proxy *barrier, int64_t *ret);

/** How many wait now. Mirrors `n_waiting`. */
SM_API int sm_barrier_n_waiting(struct sm_proxy *barrier, int64_t *ret);

/** Whether it is broken. Mirrors `broken`. */
SM_API int sm_barrier_broken(struct sm_proxy *barrier, bool *ret);

/** @} */

/**
 * @name Queue and JoinableQueue
 * `queue.Queue`, both of them. Errors: "queue.ShutDown" after a shutdown, "ValueError" for more
 * tasks done than there were.
 * @{
 */

/** Make a queue for `maxsize` items, 0: any number. Mirrors `manager.Queue(maxsize)`. */
SM_API int sm_queue(struct sm_manager *manager, int64_t maxsize, struct sm_proxy **ret);

/** The same by another name. Mirrors `manager.JoinableQueue(maxsize)`. */
SM_API int sm_joinable_queue(struct sm_manager *manager, int64_t maxsize, struct sm_proxy **ret);

/** Put an item in. SM_OK, or SM_NOT_YET: full. Mirrors `put(item, block, timeout)`. */
SM_API int sm_queue_put(struct sm_proxy *queue, struct sm_value item, double timeout_s);

/** Take the oldest item. SM_OK, or SM_NOT_YET: empty. Mirrors `get(block, timeout)`. */
SM_API int sm_queue_get(struct sm_proxy *queue, double timeout_s, struct sm_reply **ret);

/** How many items there are. Mirrors `qsize()`. */
SM_API int sm_queue_qsize(struct sm_proxy *queue, size_t *ret);

/** Whether there is none. Mirrors `empty()`. */
SM_API int sm_queue_empty(struct sm_proxy *queue, bool *ret);

/** Whether there is no room. Mirrors `full()`. */
SM_API int sm_queue_full(struct sm_proxy *queue, bool *ret);

/** An item that was taken has been dealt with. Mirrors `task_done()`. */
SM_API int sm_queue_task_done(struct sm_proxy *queue);

/** Wait until all items that were put in have been dealt with. Mirrors `join()`. */
SM_API int sm_queue_join(struct sm_proxy *queue);

/** Take no more items; `immediate`: drop those that are there. Mirrors 3.13's `shutdown()`. */
SM_API int sm_queue_shutdown(struct sm_proxy *queue, bool immediate);

/** @} */

/**
 * @name list
 * An index below 0 counts from the end. Errors: "IndexError", "ValueError" (not in the list),
 * "TypeError" (not iterable, cannot be ordered).
 * @{
 */

/** Make a list of any iterable value; sm_missing(): empty. Mirrors `manager.list(iterable)`. */
SM_API int sm_list(struct sm_manager *manager, struct sm_value iterable, struct sm_proxy **ret);

/** An item. Mirrors `list[index]`. */
SM_API int sm_list_get(struct sm_proxy *list, int64_t index, struct sm_reply **ret);

/** Replace an item. Mirrors `list[index] = v`. */
SM_API int sm_list_set(struct sm_proxy *list, int64_t index, struct sm_value v);

/** Remove an item. Mirrors `del list[index]`. */
SM_API int sm_list_del(struct sm_proxy *list, int64_t index);

/** The items from `start` to before `stop`, as a list. Mirrors `list[start:stop]`. */
SM_API int sm_list_slice(struct sm_proxy *list, int64_t start, int64_t stop, struct sm_reply **ret);

/** Put others in place of these. Mirrors `list[start:stop] = iterable`. */
SM_API int sm_list_set_slice(struct sm_proxy *list, int64_t start, int64_t stop,
                             struct sm_value iterable);

/** Remove these. Mirrors `del list[start:stop]`. */
SM_API int sm_list_del_slice(struct sm_proxy *list, int64_t start, int64_t stop);

/** Add an item at the end. Mirrors `append(v)`. */
SM_API int sm_list_append(struct sm_proxy *list, struct sm_value v);

/** Add several. Mirrors `extend(iterable)`. */
SM_API int sm_list_extend(struct sm_proxy *list, struct sm_value iterable);

/** Add an item before the one at `index`. Mirrors `insert(index, v)`. */
SM_API int sm_list_insert(struct sm_proxy *list, int64_t index, struct sm_value v);

/** Remove an item, -1 is the last, and give it. Mirrors `pop(index)`. */
SM_API int sm_list_pop(struct sm_proxy *list, int64_t index, struct sm_reply **ret);

/** Remove the first item that is equal. Mirrors `remove(v)`. */
SM_API int sm_list_remove(struct sm_proxy *list, struct sm_value v);

/** Where the first item is that is equal. Mirrors `index(v)`. */
SM_API int sm_list_index(struct sm_proxy *list, struct sm_value v, size_t *ret);

/** How many items are equal. Mirrors `count(v)`. */
SM_API int sm_list_count(struct sm_proxy *list, struct sm_value v, size_t *ret);

/** Whether an item is equal. Mirrors `v in list`. */
SM_API int sm_list_contains(struct sm_proxy *list, struct sm_value v, bool *ret);

/** Turn the order round. Mirrors `reverse()`. */
SM_API int sm_list_reverse(struct sm_proxy *list);

/** Sort, the largest first if `reverse`. Mirrors `sort(reverse=reverse)`. */
SM_API int sm_list_sort(struct sm_proxy *list, bool reverse);

/** The number of items. Mirrors `len(list)`. */
SM_API int sm_list_len(struct sm_proxy *list, size_t *ret);

/** Remove all. Mirrors `clear()`. */
SM_API int sm_list_clear(struct sm_proxy *list);

/** All items, as a list. Mirrors `list[:]`. */
SM_API int sm_list_copy(struct sm_proxy *list, struct sm_reply **ret);

/** The items and others behind them, as a list. Mirrors `list + other`. */
SM_API int sm_list_add(struct sm_proxy *list, struct sm_value other, struct sm_reply **ret);

/** The items `n` times over, as a list. Mirrors `list * n`. */
SM_API int sm_list_mul(struct sm_proxy *list, int64_t n, struct sm_reply **ret);

/** Repeat the list in place. Mirrors `list *= n`. */
SM_API int sm_list_repeat(struct sm_proxy *list, int64_t n);

/** @} */

/**
 * @name dict
 * Errors: "KeyError", "TypeError" (unhashable key).
 * @{
 */

/** Make a dict of a mapping or pairs; sm_missing(): empty. Mirrors `manager.dict(mapping)`. */
SM_API int sm_dict(struct sm_manager *manager, struct sm_value mapping, struct sm_proxy **ret);

/** The value of a key. Mirrors `dict[key]`. */
SM_API int sm_dict_get(struct sm_proxy *dict, struct sm_value key, struct sm_reply **ret);

/** The same, or `other` where there is no such key. Mirrors `get(key, other)`. */
SM_API int sm_dict_get_or(struct sm_proxy *dict, struct sm_value key, struct sm_value other,
                          struct sm_reply **ret);

/** Set the value of a key. Mirrors `dict[key] = v`. */
SM_API int sm_dict_set(struct sm_proxy *dict, struct sm_value key, struct sm_value v);

/** Remove a key. Mirrors `del dict[key]`. */
SM_API int sm_dict_del(struct sm_proxy *dict, struct sm_value key);

/** Whether there is such a key. Mirrors `key in dict`. */
SM_API int sm_dict_contains(struct sm_proxy *dict, struct sm_value key, bool *ret);

/** Remove a key and give its value, or `other`, or with sm_missing() the error. Mirrors `pop()`. */
SM_API int sm_dict_pop(struct sm_proxy *dict, struct sm_value key, struct sm_value other,
                       struct sm_reply **ret);

/** Remove the newest entry and give it, a pair. Mirrors `popitem()`. */
SM_API int sm_dict_popitem(struct sm_proxy *dict, struct sm_reply **ret);

/** The value of a key, set to `v` if it was not there. Mirrors `setdefault(key, v)`. */
SM_API int sm_dict_setdefault(struct sm_proxy *dict, struct sm_value key, struct sm_value v,
                              struct sm_reply **ret);

/** Set the entries of a mapping or pairs. Mirrors `update(mapping)`. */
SM_API int sm_dict_update(struct sm_proxy *dict, struct sm_value mapping);

/** The keys, as a list. Mirrors `keys()`. */
SM_API int sm_dict_keys(struct sm_proxy *dict, struct sm_reply **ret);

/** The values, as a list. Mirrors `values()`. */
SM_API int sm_dict_values(struct sm_proxy *dict, struct sm_reply **ret);

/** The entries, as a list of pairs. Mirrors `items()`. */
SM_API int sm_dict_items(struct sm_proxy *dict, struct sm_reply **ret);

/** Remove all. Mirrors `clear()`. */
SM_API int sm_dict_clear(struct sm_proxy *dict);

/** All of it, as a dict. Mirrors `copy()`. */
SM_API int sm_dict_copy(struct sm_proxy *dict, struct sm_reply **ret);

/** The number of entries. Mirrors `len(dict)`. */
SM_API int sm_dict_len(struct sm_proxy *dict, size_t *ret);

/** An iterator over the keys, which lives in the manager. Mirrors `iter(dict)`. */
SM_API int sm_dict_iter(struct sm_proxy *dict, struct sm_proxy **ret);

/**
 * What comes next of an iterator. SM_OK, or SM_NOT_YET at the end. "RuntimeError" where the dict
 * has changed. Mirrors `next(iterator)`.
 */
SM_API int sm_iterator_next(struct sm_proxy *iterator, struct sm_reply **ret);

/** @} */

/**
 * @name set
 * Of Python 3.14, and of every manager of ours. Where `other` is said, any iterable value will do.
 * Errors: "KeyError", "TypeError" (unhashable). Python's operators (`__and__`, ...) are reached
 * with sm_call().
 * @{
 */

/** Make a set of any iterable value; sm_missing(): empty. Mirrors `manager.set(iterable)`. */
SM_API int sm_set(struct sm_manager *manager, struct sm_value iterable, struct sm_proxy **ret);

/** Put a value in. Mirrors `add(v)`. */
SM_API int sm_set_add(struct sm_proxy *set, struct sm_value v);

/** Take a value out if it is in. Mirrors `discard(v)`. */
SM_API int sm_set_discard(struct sm_proxy *set, struct sm_value v);

/** Take a value out. Mirrors `remove(v)`. */
SM_API int sm_set_remove(struct sm_proxy *set, struct sm_value v);

/** Take any value out and give it. Mirrors `pop()`. */
SM_API int sm_set_pop(struct sm_proxy *set, struct sm_reply **ret);

/** Whether a value is in. Mirrors `v in set`. */
SM_API int sm_set_contains(struct sm_proxy *set, struct sm_value v, bool *ret);

/** The number of values. Mirrors `len(set)`. */
SM_API int sm_set_len(struct sm_proxy *set, size_t *ret);

/** Take all out. Mirrors `clear()`. */
SM_API int sm_set_clear(struct sm_proxy *set);

/** All of it, as a set. Mirrors `copy()`. */
SM_API int sm_set_copy(struct sm_proxy *set, struct sm_reply **ret);

/** Put all of `other` in. Mirrors `update(other)`. */
SM_API int sm_set_update(struct sm_proxy *set, struct sm_value other);

/** Keep what is in `other` too. Mirrors `intersection_update(other)`. */
SM_API int sm_set_intersection_update(struct sm_proxy *set, struct sm_value other);

/** Take out what is in `other`. Mirrors `difference_update(other)`. */
SM_API int sm_set_difference_update(struct sm_proxy *set, struct sm_value other);

/** Keep what is in one of both alone. Mirrors `symmetric_difference_update(other)`. */
SM_API int sm_set_symmetric_difference_update(struct sm_proxy *set, struct sm_value other);

/** What is in one of both, as a set. Mirrors `union(other)`. */
SM_API int sm_set_union(struct sm_proxy *set, struct sm_value other, struct sm_reply **ret);

/** What is in both, as a set. Mirrors `intersection(other)`. */
SM_API int sm_set_intersection(struct sm_proxy *set, struct sm_value other, struct sm_reply **ret);

/** What is not in `other`, as a set. Mirrors `difference(other)`. */
SM_API int sm_set_difference(struct sm_proxy *set, struct sm_value other, struct sm_reply **ret);

/** What is in one of both alone, as a set. Mirrors `symmetric_difference(other)`. */
SM_API int sm_set_symmetric_difference(struct sm_proxy *set, struct sm_value other,
                                       struct sm_reply **ret);

/** Whether nothing is in both. Mirrors `isdisjoint(other)`. */
SM_API int sm_set_isdisjoint(struct sm_proxy *set, struct sm_value other, bool *ret);

/** Whether all of it is in `other`. Mirrors `issubset(other)`. */
SM_API int sm_set_issubset(struct sm_proxy *set, struct sm_value other, bool *ret);

/** Whether all of `other` is in it. Mirrors `issuperset(other)`. */
SM_API int sm_set_issuperset(struct sm_proxy *set, struct sm_value other, bool *ret);

/** @} */

/**
 * @name Value, Array and Namespace
 * Errors: "IndexError", "OverflowError" and "TypeError" for what an Array cannot hold,
 * "AttributeError" for what a Namespace does not have.
 * @{
 */

/** Make a holder of one value; the typecode is kept, not checked. Mirrors `manager.Value()`. */
SM_API int sm_value(struct sm_manager *manager, const char *typecode, struct sm_value v,
                    struct sm_proxy **ret);

/** The value. Mirrors `value.value`. */
SM_API int sm_value_get(struct sm_proxy *value, struct sm_reply **ret);

/** Replace the value. Mirrors `value.value = v`. */
SM_API int sm_value_set(struct sm_proxy *value, struct sm_value v);

/**
 * Make an array of numbers. Mirrors `manager.Array(typecode, iterable)`.
 *
 * @param manager   where
 * @param typecode  a letter of Python's `array` module: "i", "d", ...
 * @param iterable  its items
 * @param ret       the proxy
 */
SM_API int sm_array(struct sm_manager *manager, const char *typecode, struct sm_value iterable,
                    struct sm_proxy **ret);

/** An item. Mirrors `array[index]`. */
SM_API int sm_array_get(struct sm_proxy *array, int64_t index, struct sm_reply **ret);

/** Replace an item. Mirrors `array[index] = v`. */
SM_API int sm_array_set(struct sm_proxy *array, int64_t index, struct sm_value v);

/** The number of items. Mirrors `len(array)`. */
SM_API int sm_array_len(struct sm_proxy *array, size_t *ret);

/** The items from `start` to before `stop`, as an `array.array`. Mirrors `array[start:stop]`. */
SM_API int sm_array_slice(struct sm_proxy *array, int64_t start, int64_t stop,
                          struct sm_reply **ret);

/** Put an `array.array`, such as sm_array_slice() gives, there. Mirrors `array[start:stop] = v`. */
SM_API int sm_array_set_slice(struct sm_proxy *array, int64_t start, int64_t stop,
                              struct sm_value v);

/** Make a namespace; `attributes`: a dict, or sm_missing(). Mirrors `manager.Namespace(**dict)`. */
SM_API int sm_namespace(struct sm_manager *manager, struct sm_value attributes,
                        struct sm_proxy **ret);

/** An attribute. Mirrors `namespace.name`. */
SM_API int sm_namespace_get(struct sm_proxy *ns, const char *name, struct sm_reply **ret);

/** Set an attribute. Mirrors `namespace.name = v`. */
SM_API int sm_namespace_set(struct sm_proxy *ns, const char *name, struct sm_value v);

/** Remove an attribute. Mirrors `del namespace.name`. */
SM_API int sm_namespace_del(struct sm_proxy *ns, const char *name);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
