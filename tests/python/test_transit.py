# SPDX-License-Identifier: MIT
"""Proxies whose sender lets go of them before they have arrived, and what that leaves behind."""

import gc
import multiprocessing
import os
import pickle
import unittest
from concurrent.futures import ProcessPoolExecutor

import package
import syncmanager
from servers import wait_until

METHODS = 'fork', 'spawn', 'forkserver'


class Held:
    def __init__(self, value):
        self.value = value

    def get(self):
        return self.value


class Manager(syncmanager.SyncManager):
    pass


Manager.register('Held', Held)

gate = None  # a pipe's end: a child that is forked waits there, first of all


def wait_at_the_gate():
    if gate is not None:
        os.read(gate, 1)


os.register_at_fork(after_in_child=wait_at_the_gate)


def copy_of(proxy):
    return proxy.copy()


def put(queue, n):
    queue.put(n)
    return n


def take_out(table, n):
    """What only this process holds, then."""
    return table.pop(n)


def receive_when_told(conn, told, answers):
    told.recv()
    try:
        answers.send(conn.recv().copy())
    except Exception as error:
        answers.send(repr(error))


def answer(answers, proxy):
    try:
        answers.put(proxy.copy())
    except Exception as error:
        answers.put(repr(error))


class TransitTest(unittest.TestCase):
    def setUp(self):
        self.manager = Manager()
        self.manager.start()
        self.addCleanup(self.manager.shutdown)

    def info(self, *names):
        info = self.manager._ask('sm_info')
        return tuple(info[name] for name in names)

    def nothing_is_left(self, kept=0):
        gc.collect()
        self.assertEqual((kept, kept, 0),
                         self.info('objects', 'objects_alive', 'objects_in_transit'))

    def test_a_pickle_outlives_its_proxy(self):
        for make in (lambda: self.manager.dict(a=1), lambda: self.manager.Held({'a': 1})):
            proxy = make()
            pickled = pickle.dumps(proxy)
            del proxy
            self.assertEqual((0, 1, 1), self.info('objects', 'objects_alive',
                                                  'objects_in_transit'))
            proxy = pickle.loads(pickled)
            self.assertEqual({'a': 1}, proxy.copy() if hasattr(proxy, 'copy') else proxy.get())
            del proxy
            self.nothing_is_left()

    def test_numbers_and_texts_are_those_of_the_standard_library(self):
        def numbers(manager):
            kept, proxy = manager.list(), manager.dict()
            pickle.dumps(proxy)
            before = manager._number_of_objects()
            del proxy
            return (before, manager._number_of_objects(),
                    manager._debug_info().replace(kept._token.id, 'IDENT'))

        with multiprocessing.Manager() as standard:
            expected = numbers(standard)
        self.assertEqual(expected, numbers(self.manager))

    def test_a_pipe_has_room_for_proxies(self):
        for method in METHODS[:2]:
            with self.subTest(method):
                context = multiprocessing.get_context(method)
                sending, receiving = context.Pipe()
                tell, told = context.Pipe()
                answers, answering = context.Pipe()
                child = context.Process(target=receive_when_told,
                                        args=(receiving, told, answering))
                child.start()
                proxy = self.manager.dict(a=1)
                sending.send(proxy)
                del proxy
                self.assertEqual(0, self.manager._number_of_objects())
                tell.send(None)
                self.assertEqual({'a': 1}, answers.recv())
                child.join()
                self.nothing_is_left()

    def test_queues_of_the_manager_hold_what_is_in_them(self):
        queue, proxy = self.manager.Queue(), self.manager.list([1, 2])
        queue.put(proxy)
        del proxy
        self.assertEqual((1, 2, 0), self.info('objects', 'objects_alive', 'objects_in_transit'))
        proxy = queue.get()
        self.assertEqual([1, 2], proxy[:])
        del proxy
        self.nothing_is_left(1)
        queue.put(self.manager.list())
        del queue
        self.nothing_is_left()

    def test_arguments_of_children_are_held_by_nobody_else(self):
        for method in METHODS:
            with self.subTest(method):
                context = multiprocessing.get_context(method)
                answers = context.SimpleQueue()
                child = context.Process(target=answer, args=(answers, self.manager.dict(a=1)))
                child.start()
                gc.collect()
                self.assertEqual({'a': 1}, answers.get())
                child.join()
                del child
                self.nothing_is_left()

    def test_a_forked_child_is_late(self):
        global gate
        context = multiprocessing.get_context('fork')
        gate, opener = os.pipe()
        try:
            answers = context.SimpleQueue()
            child = context.Process(target=answer, args=(answers, self.manager.dict(a=1)))
            child.start()
            gc.collect()
            self.assertEqual((0, 1), self.info('objects', 'objects_in_transit'))
            os.write(opener, b'.')
            self.assertEqual({'a': 1}, answers.get())
            child.join()
            self.nothing_is_left()
        finally:
            os.close(gate)
            os.close(opener)
            gate = None

    def test_workers_get_and_return_proxies_that_are_dropped_at_once(self):
        numbers = list(range(10))
        for method in METHODS[:2]:
            table = self.manager.dict([(n, self.manager.dict(n=n)) for n in numbers])
            with self.subTest(method), multiprocessing.get_context(method).Pool(2) as pool:
                results = [pool.apply_async(put, (self.manager.Queue(), n)) for n in numbers]
                self.assertEqual(numbers, [each.get() for each in results])
                results = [pool.apply_async(take_out, (table, n)) for n in numbers]
                self.assertEqual([{'n': n} for n in numbers],
                                 [each.get().copy() for each in results])

    def test_workers_of_a_managed_pool_do_too(self):
        pool = self.manager.Pool(2)
        results = [pool.apply_async(put, (self.manager.Queue(), n)) for n in range(10)]
        self.assertEqual(list(range(10)), [each.get(package.PATIENCE) for each in results])
        pool.terminate()

    def test_executors_get_arguments_that_are_dropped_at_once(self):
        for method in METHODS[:2]:
            with self.subTest(method), ProcessPoolExecutor(
                    1, mp_context=multiprocessing.get_context(method)) as executor:
                futures = [executor.submit(copy_of, self.manager.dict(n=n)) for n in range(10)]
                self.assertEqual([{'n': n} for n in range(10)],
                                 [each.result() for each in futures])

    def test_workers_that_are_terminated_leave_nothing(self):
        table = self.manager.dict(a=1)
        with multiprocessing.get_context('fork').Pool(1) as pool:
            self.assertEqual({'a': 1}, pool.apply(copy_of, (table,)))
        pool.join()
        del table
        # The server sees by itself that the worker is gone.
        self.assertTrue(wait_until(lambda: self.info('references') == (0,)))
        self.nothing_is_left()

    def test_forks_of_others_send_nothing(self):
        table = self.manager.dict(a=1)
        pid = os.fork()
        if not pid:
            os._exit(0)
        os.waitpid(pid, 0)
        del table
        self.nothing_is_left()

    def test_containers_leave_nothing(self):
        row, inner = self.manager.list(), self.manager.list([1])
        row.append(inner)
        row.append([self.manager.dict()])
        other = row[0]
        self.assertEqual([1], other[:])
        del inner, other
        del row[:]
        self.nothing_is_left(1)

    def test_a_copy_leaves_nothing(self):
        row = self.manager.list([1])
        pickles = [pickle.dumps(row) for _ in range(3)]
        copies = [pickle.loads(each) for each in pickles]
        self.assertEqual([[1]] * 3, [each[:] for each in copies])
        del row, copies
        self.nothing_is_left()

    def test_a_server_of_the_standard_library_is_told_nothing(self):
        with multiprocessing.Manager() as standard:
            client = syncmanager.SyncManager(standard.address, standard._authkey)
            client.connect()
            row = client.list([1])
            copy = pickle.loads(pickle.dumps(row))
            self.assertEqual([1], copy[:])
            del row, copy
            self.assertEqual(0, standard._number_of_objects())

    def test_what_is_in_transit_goes_with_the_server(self):
        pickled = pickle.dumps(self.manager.dict())
        self.manager.shutdown()
        with self.assertRaises(syncmanager.ManagerGone):
            pickle.loads(pickled)


if __name__ == '__main__':
    unittest.main()
