# SPDX-License-Identifier: MIT
"""Counters: in memory that the manager shares, by requests, and of the standard library's clients."""

import multiprocessing
import os
import pickle
import signal
import threading
import unittest
from multiprocessing import managers

import package  # noqa: F401
import syncmanager
from outcomes import outcome_of
from servers import Daemon, wait_until
from syncmanager import proxies


class Stock(managers.SyncManager):
    """One of the standard library's."""


Stock.register('Counter')


class SocketsOnly(syncmanager.SyncManager):
    sockets_only = True


class Index:
    """What is an int to whoever asks."""

    def __index__(self):
        return 7


def warm(counter):
    """Call it often enough that it has its word."""
    for _ in range(4):
        counter.get()
    return counter


def count(counter, rounds):
    for _ in range(rounds):
        counter.add()


def count_and_die(counter):
    count(warm(counter), 10)
    os.kill(os.getpid(), signal.SIGKILL)


class Counters(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.running = Daemon()
        cls.manager = cls.running.connect(syncmanager.SyncManager)
        cls.stock = cls.running.connect(Stock)

    @classmethod
    def tearDownClass(cls):
        cls.manager = cls.stock = None
        cls.running.stop()

    def stock_proxy(self, counter):
        return managers.AutoProxy(counter._token, 'pickle', self.stock, self.stock._authkey)

    def test_it_is_counted_without_a_request(self):
        counter = warm(self.manager.Counter(5))
        before = self.manager._ask('sm_info')['calls']
        self.assertEqual([counter.add(), counter.add(4), counter.add(-20)], [6, 10, -10])
        self.assertEqual([counter.get(), counter.value], [-10, -10])
        self.assertEqual([counter.compare_and_set(-10, 2**63 - 1), counter.compare_and_set(0, 1)],
                         [True, False])
        self.assertEqual(self.manager._ask('sm_info')['calls'], before + 1)
        self.assertEqual(counter.get(), 2**63 - 1)

    def test_clients_of_the_standard_library_count_along(self):
        counter = self.stock.Counter(40)
        self.assertEqual([counter.add(), counter.get(), counter.compare_and_set(41, 1), str(counter)],
                         [41, 41, True, 'Counter(1)'])
        counter = warm(self.manager.Counter())
        same = self.stock_proxy(counter)
        self.assertEqual([same.add(3), counter.add(4), same.get(), same.compare_and_set(7, 0)],
                         [3, 7, 7, True])
        self.assertEqual([counter.get(), same._getvalue(), str(same)], [0, 0, 'Counter(0)'])

    def test_a_call_in_memory_answers_as_a_request(self):
        calls = [
            lambda c: c.add(True), lambda c: c.add(n=3), lambda c: c.add(1.5), lambda c: c.add('x'),
            lambda c: c.add(None), lambda c: c.add(2**63), lambda c: c.add(2**63 - 1),
            lambda c: c.add(-2**63), lambda c: c.add(1, 2), lambda c: c.add(x=1),
            lambda c: c.add(Index()), lambda c: c.get(1), lambda c: c.compare_and_set(5),
            lambda c: c.compare_and_set(5, 'x'), lambda c: c.compare_and_set(5, 2**64),
            lambda c: c.compare_and_set(2**64, 5), lambda c: c.compare_and_set(new=1, old=5),
            lambda c: setattr(c, 'value', 1), lambda c: c._getvalue(), str,
        ]
        for i, call in enumerate(calls):
            with self.subTest(i):
                ready = warm(self.manager.Counter(5))
                by_requests = self.running.connect(SocketsOnly).Counter(5)
                self.assertEqual(outcome_of(lambda: call(ready)),
                                 outcome_of(lambda: call(by_requests)))
                self.assertEqual(ready.get(), by_requests.get())

    def test_processes_of_all_kinds_count_together(self):
        counter = self.manager.Counter()
        context = multiprocessing.get_context('fork')
        children = [context.Process(target=count, args=(each, 2000)) for each in (
            counter, counter, self.stock_proxy(counter))]
        for child in children:
            child.start()
        threads = [threading.Thread(target=count, args=(counter, 2000)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for each in threads + children:
            each.join()
        self.assertEqual(counter.value, 5 * 2000)

    def test_what_a_killed_process_counted_stays_counted(self):
        counter = self.manager.Counter()
        child = multiprocessing.get_context('fork').Process(target=count_and_die, args=(counter,))
        child.start()
        child.join()
        self.assertEqual(counter.add(), 11)

    def test_a_callmethod_of_ones_own_is_called(self):
        class Proxy(proxies.CounterProxy):
            def _callmethod(self, methodname, args=(), kwds={}):
                calls.append((methodname, args))
                return super()._callmethod(methodname, args, kwds)

        calls = []
        counter = self.manager.Counter()
        own = Proxy(counter._token, 'pickle', self.manager, self.manager._authkey)
        self.assertEqual([own.add(), own.get(), own.compare_and_set(1, 2)], [1, 1, True])
        self.assertEqual(calls, [('add', (1,)), ('get', ()), ('compare_and_set', (1, 2))])

    def test_it_is_the_same_in_containers_and_pickles(self):
        counter, shared = self.manager.Counter(1), self.manager.dict()
        shared['hits'] = counter
        for same in pickle.loads(pickle.dumps(counter)), shared['hits']:
            self.assertIs(type(same), syncmanager.CounterProxy)
            same.add()
        self.assertEqual(counter.get(), 3)

    def test_one_that_is_registered_has_a_word_too(self):
        class Manager(syncmanager.SyncManager):
            pass

        Manager.register('hits', proxytype=proxies.CounterProxy)
        with Daemon({'hits': 'Counter(3)'}) as running:
            manager = running.connect(Manager)
            hits = warm(manager.hits())
            self.assertEqual([hits.add(), manager._ask('sm_info')['words']], [4, 1])

    def test_words_come_back(self):
        warm(self.manager.Counter())
        wait_until(lambda: not self.manager._ask('sm_info')['words'])


class Served(unittest.TestCase):
    """What a program's own server makes of them."""

    def test_a_manager_that_is_started_has_them(self):
        for start_method in 'fork', 'spawn', 'forkserver':
            with self.subTest(start_method), \
                    syncmanager.SyncManager(ctx=multiprocessing.get_context(start_method)) as manager:
                counter = warm(manager.Counter(Index()))
                self.assertEqual([counter.add(), counter.get()], [8, 8])
                self.assertEqual(manager._ask('sm_info')['words'], 1)

    def test_a_counter_of_the_programs_own_is_its_own(self):
        class Own:
            def add(self, n):
                return 'own', n

        class Manager(syncmanager.SyncManager):
            pass

        Manager.register('Counter', Own)
        with Manager(ctx=multiprocessing.get_context('fork')) as manager:
            self.assertEqual([manager.Counter().add(2) for _ in range(4)], [('own', 2)] * 4)

    def test_another_serializer_has_them_too(self):
        with syncmanager.SyncManager(serializer='xmlrpclib') as manager:
            counter = manager.Counter(5)
            self.assertEqual([counter.add(), counter.compare_and_set(6, 1), counter.value],
                             [6, True, 1])


if __name__ == '__main__':
    unittest.main()
