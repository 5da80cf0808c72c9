# SPDX-License-Identifier: MIT
"""Children by fork and by spawn use proxies that they inherit, are given, or make themselves."""

import gc
import multiprocessing
import unittest

import workers
from cases import Interop
from outcomes import describe
from servers import PATIENCE

METHODS = ('fork', 'spawn')


class ProcessTest(Interop):
    REGISTERED = {'word': '"word"'}

    def compare_methods(self, run):
        """run(manager, start) on both servers, with both start methods; start(target, *args)."""
        for method in METHODS:
            with self.subTest(method=method):
                context = multiprocessing.get_context(method)
                self.compare(lambda server: describe(run_with(context, server, run)))

    def test_children_fill_one_list(self):
        def run(manager, start, join):
            rows = manager.list()
            for name in 'abc':
                start(workers.fill, rows, name, 30)
            join()
            return sorted(rows[:])

        self.compare_methods(run)

    def test_a_lock_guards_a_value(self):
        def run(manager, start, join):
            lock, cell = manager.Lock(), manager.Value('i', 0)
            for _ in range(3):
                start(workers.add_up, lock, cell, 40)
            join()
            return cell.value

        self.compare_methods(run)

    def test_children_share_the_work_of_a_queue(self):
        def run(manager, start, join):
            queue, results = manager.JoinableQueue(5), manager.Queue()
            for _ in range(3):
                start(workers.take, queue, results)
            for item in list(range(50)) + [None] * 3:
                queue.put(item)
            queue.join()
            join()
            return sorted(results.get() for _ in range(50)), results.empty()

        self.compare_methods(run)

    def test_children_take_turns_by_a_condition(self):
        def run(manager, start, join):
            condition, turn, order = manager.Condition(), manager.Value('i', 0), manager.list()
            for mine in (3, 1, 0, 2):
                start(workers.wait_for_turn, condition, turn, mine, order)
            join()
            return order[:]

        self.compare_methods(run)

    def test_children_meet_at_a_barrier(self):
        def run(manager, start, join):
            barrier, results = manager.Barrier(3), manager.list()
            for _ in range(2):
                start(workers.meet, barrier, 4, results)
            workers.meet(barrier, 4, results)
            join()
            return sorted(results[:])

        self.compare_methods(run)

    def test_an_event_wakes_all_children(self):
        def run(manager, start, join):
            event, started, results = manager.Event(), manager.Semaphore(0), manager.list()
            for _ in range(3):
                start(workers.wait_for_event, event, started, results)
            for _ in range(3):
                started.acquire()
            event.set()
            join()
            return results[:]

        self.compare_methods(run)

    def test_an_rlock_belongs_to_one_process(self):
        def run(manager, start, join):
            lock, results = manager.RLock(), manager.list()
            lock.acquire()
            start(workers.enter, lock, results)
            join()
            lock.release()
            start(workers.enter, lock, results)
            join()
            return results[:]

        self.compare_methods(run)

    def test_nested_proxies_work_in_children(self):
        def run(manager, start, join):
            outer = manager.list([manager.list(), manager.dict()])
            start(workers.use_nested, outer)
            join()
            return outer[0][:], outer[1].copy(), outer[2]

        self.compare_methods(run)

    def test_a_proxy_comes_back_through_a_queue(self):
        def run(manager, start, join):
            queue = manager.Queue()
            made = manager.list(['made'])
            start(workers.give_back, queue, made)
            join()
            del made
            return queue.get()[:]

        self.compare_methods(run)

    def test_every_type_works_in_a_child(self):
        def run(manager, start, join):
            proxies = (manager.Lock(), manager.RLock(), manager.Semaphore(1), manager.Condition(),
                       manager.Event(), manager.Barrier(1), manager.list([1]), manager.dict(a=1),
                       manager.Value('i', 5), manager.Array('i', [1, 2]), manager.Namespace(a=1),
                       manager.Queue())
            results = manager.list()
            start(workers.touch_everything, proxies, results)
            join()
            return results[:], proxies[8].value, proxies[11].get(), str(proxies[10])

        self.compare_methods(run)

    def test_errors_come_to_a_child_as_they_are(self):
        def run(manager, start, join):
            rows, results = manager.list([1]), manager.list()
            start(workers.fail_in_child, rows, results)
            join()
            return results[:]

        self.compare_methods(run)

    def test_a_child_connects_by_itself(self):
        def run(manager, start, join):
            results = manager.list()
            start(workers.make_own, manager.address, bytes(manager._authkey), results)
            join()
            return results[:]

        self.compare_methods(run)

    def test_threads_of_a_child_have_connections_of_their_own(self):
        def run(manager, start, join):
            rows = manager.list()
            start(workers.call_from_threads, rows, 4)
            join()
            return sorted(rows[:])

        self.compare_methods(run)

    def test_children_give_their_references_back(self):
        def run(manager, start, join):
            gc.collect()
            before = manager._number_of_objects()
            rows, queue = manager.list(), manager.Queue()
            for name in 'ab':
                start(workers.fill, rows, name, 2)
            join()
            held = manager._number_of_objects() - before
            del rows, queue
            return held, manager._number_of_objects() - before

        self.compare_methods(run)


def run_with(context, server, run):
    """Run it, with children of the context, and see that they end well."""
    children = []

    def start(target, *args):
        child = context.Process(target=target, args=args)
        child.start()
        children.append(child)

    def join():
        for child in children:
            child.join(PATIENCE * 3)
            if child.exitcode is None:
                child.kill()
                child.join()
                raise AssertionError('%s does not end' % child.name)
            assert child.exitcode == 0, 'a child ended with status %r' % child.exitcode
        children.clear()

    try:
        return run(server.connect(), start, join)
    finally:
        for child in children:
            child.kill()


if __name__ == '__main__':
    unittest.main()
