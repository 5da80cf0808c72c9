# SPDX-License-Identifier: MIT
"""Locks and events in memory that the manager shares.

A proxy calls there after a few calls by requests. What it does must not tell which way a call went.
"""

import multiprocessing
import os
import pickle
import signal
import threading
import unittest
from multiprocessing import managers
from unittest import mock

import package  # noqa: F401
import syncmanager
from outcomes import outcome_of
from servers import Daemon, wait_until
from syncmanager import proxies

LOCKS = 'Lock', 'RLock', 'Semaphore', 'BoundedSemaphore', 'Condition'


def warm(proxy):
    """Call it often enough that it has its word."""
    for _ in range(4):
        if hasattr(proxy, 'is_set'):
            proxy.is_set()
        else:
            proxy.acquire()
            proxy.release()
    return proxy


def hold_and_die(lock):
    warm(lock)
    lock.acquire()
    os.kill(os.getpid(), signal.SIGKILL)


def count(lock, shared, rounds):
    for _ in range(rounds):
        with lock:
            shared.value += 1


class SocketsOnly(syncmanager.SyncManager):
    sockets_only = True


def shares(manager):
    """Whether a lock of the manager's that is called often has a word."""
    lock = warm(manager.Lock())
    info = manager._ask('sm_info')
    assert lock.acquire(False) and not lock.acquire(False)
    return info['words'] == 1 and info['memory']['shared'] > 0


class OptionTest(unittest.TestCase):
    def test_a_class_may_keep_its_clients_to_sockets(self):
        with Daemon() as running:
            self.assertIs(shares(running.connect(SocketsOnly)), False)
        with Daemon() as running:
            self.assertIs(shares(running.connect(syncmanager.SyncManager)), True)

    def test_a_class_may_keep_the_managers_that_it_starts_to_sockets(self):
        for start_method in 'fork', 'spawn', 'forkserver':
            context = multiprocessing.get_context(start_method)
            for each, expected in (SocketsOnly, False), (syncmanager.SyncManager, True):
                with self.subTest(start_method=start_method, manager=each.__name__), \
                        each(ctx=context) as manager:
                    other = syncmanager.SyncManager(manager.address, manager._authkey)
                    other.connect()
                    self.assertIs(shares(other), expected)

    def test_a_proxy_without_a_manager_goes_by_syncmanagers(self):
        for expected in True, False:
            with Daemon() as running:
                manager = running.connect(syncmanager.SyncManager)
                text = pickle.dumps(manager.Lock())
                manager._native = None
                with mock.patch.object(syncmanager.SyncManager, 'sockets_only', not expected):
                    lock = warm(pickle.loads(text))
                    self.assertEqual(manager._ask('sm_info')['words'], int(expected))
                del lock


class Words(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.running = Daemon()
        cls.manager = cls.running.connect(syncmanager.SyncManager)

    @classmethod
    def tearDownClass(cls):
        cls.manager = None
        cls.running.stop()

    def info(self, name):
        return self.manager._ask('sm_info')[name]

    def check_sends_nothing(self, function):
        """What is called makes no request."""
        before = self.info('calls')
        function()
        self.assertEqual(self.info('calls'), before + 1)

    def test_a_free_lock_is_taken_without_a_request(self):
        for name in LOCKS:
            with self.subTest(name):
                lock = warm(getattr(self.manager, name)())

                def use():
                    for args in ((), (True,), (False,), (True, None), (True, 5), (True, 0.5)):
                        self.assertIs(lock.acquire(*args), True)
                        self.assertIsNone(lock.release())
                    with lock as entered:
                        self.assertIs(entered, True)

                self.check_sends_nothing(use)

    def test_an_event_is_read_and_set_without_a_request(self):
        event = warm(self.manager.Event())

        def use():
            self.assertIs(event.is_set(), False)
            self.assertIsNone(event.set())
            self.assertIs(event.is_set(), True)
            self.assertIs(event.wait(), True)
            self.assertIs(event.wait(0), True)
            self.assertIsNone(event.clear())
            self.assertIs(event.is_set(), False)

        self.check_sends_nothing(use)
        self.assertIs(event.wait(0), False)

    def test_what_has_not_changed_is_read_without_a_request(self):
        row, table = self.manager.list([1, (2, 'x')]), self.manager.dict(a=1.5)
        number = self.manager.Value('i', 5)

        def read():
            return row[1], len(row), table.get('a'), table['a'], number.value, number.get()

        expected = (2, 'x'), 2, 1.5, 1.5, 5, 5
        for _ in range(8):
            self.assertEqual(read(), expected)
        self.check_sends_nothing(lambda: self.assertEqual(read(), expected))
        other = self.running.connect(managers.SyncManager)
        managers.ListProxy(row._token, 'pickle', other, other._authkey).append(3)
        managers.ValueProxy(number._token, 'pickle', other, other._authkey).set(6)
        self.assertEqual(read(), ((2, 'x'), 3, 1.5, 1.5, 6, 6))

    def test_clients_of_the_standard_library_see_it_held(self):
        other = self.running.connect(managers.SyncManager)
        for name in 'Lock', 'RLock', 'Semaphore':
            with self.subTest(name):
                lock = warm(getattr(self.manager, name)())
                same = managers.AcquirerProxy(lock._token, 'pickle', other, other._authkey)
                with lock:
                    self.assertIs(same.acquire(False), False)
                self.assertIs(same.acquire(False), True)
                self.assertIs(lock.acquire(False), False)
                self.assertIs(lock.acquire(True, 0.01), False)
                same.release()
                self.assertIs(lock.acquire(False), True)
                lock.release()

    def test_arguments_are_taken_and_refused_as_by_a_request(self):
        calls = [
            ('acquire', (), {}), ('acquire', (1,), {}), ('acquire', (0,), {}),
            ('acquire', (None,), {}), ('acquire', ('x',), {}), ('acquire', (True, -1), {}),
            ('acquire', (True, -2), {}), ('acquire', (True, -0.5), {}), ('acquire', (True, 'x'), {}),
            ('acquire', (False, 1), {}), ('acquire', (False, -1), {}), ('acquire', (False, 0), {}),
            ('acquire', (True, float('nan')), {}), ('acquire', (True, float('inf')), {}),
            ('acquire', (True, 1e30), {}), ('acquire', (True, 10**400), {}),
            ('acquire', (True, 1, 2), {}), ('acquire', (), {'blocking': True}),
            ('acquire', (), {'timeout': 1}), ('acquire', (), {'blocking': False, 'timeout': 1}),
            ('acquire', (), {'x': 1}), ('acquire', (True,), {'blocking': True}),
            ('release', (), {}), ('release', (1,), {}), ('release', (), {'n': 1}),
            ('__enter__', (), {}), ('__enter__', (1,), {}), ('__exit__', (None, None, None), {}), ('__exit__', (), {}),
            ('__exit__', (), {'exc_type': None, 'exc_val': None, 'exc_tb': None}),
        ]
        for name in LOCKS:
            for method, args, kwds in calls:
                with self.subTest(name, method=method, args=args, kwds=kwds):
                    self.check_same(name, lambda p: getattr(p, method)(*args, **kwds))
        for method, args in [('is_set', ()), ('is_set', (1,)), ('set', ()), ('set', (1,)),
                             ('clear', ()), ('clear', (1,)), ('wait', (0,)), ('wait', (-1,)),
                             ('wait', ('x',)), ('wait', (1, 2))]:
            with self.subTest(method, args=args):
                self.check_same('Event', lambda p: getattr(p, method)(*args))

    def check_same(self, name, call):
        """The call does to a proxy with a word what it does to a new one."""
        cold, ready = (getattr(self.manager, name)() for _ in range(2))
        warm(ready)
        self.assertEqual(outcome_of(lambda: call(ready)), outcome_of(lambda: call(cold)))
        self.assertEqual(*(p.is_set() if name == 'Event' else p.acquire(False)
                           for p in (ready, cold)))

    def test_a_lock_that_is_not_held_cannot_be_released(self):
        for name in 'Lock', 'RLock', 'BoundedSemaphore':
            with self.subTest(name):
                self.check_same(name, lambda p: p.release())

    def test_a_callmethod_of_ones_own_is_called(self):
        class Proxy(proxies.AcquirerProxy):
            def _callmethod(self, methodname, args=(), kwds={}):
                calls.append(methodname)
                return super()._callmethod(methodname, args, kwds)

        for patch in (None, mock.patch.object(proxies.AcquirerProxy, '_callmethod'),
                      mock.patch.object(proxies.BaseProxy, '_callmethod')):
            calls = []
            lock = warm(self.manager.Lock())
            if patch is None:
                lock = Proxy(lock._token, 'pickle', self.manager, self.manager._authkey)
                warm(lock)
                del calls[:]
                with lock:
                    pass
                self.assertEqual(calls, ['acquire', 'release'])
            else:
                with patch as called, lock:
                    pass
                self.assertEqual([call[0][-1] for call in called.call_args_list],
                                 ['acquire', 'release'])
            with lock:
                pass
        lock = warm(self.manager.Lock())
        with mock.patch.object(lock, '_callmethod') as called:
            lock.acquire()
        called.assert_called_once_with('acquire', (True,))

    def test_a_callmethod_is_called_however_it_was_put_there(self):
        class Finding(proxies.AcquirerProxy):
            def __getattribute__(self, name):
                return found if name == '_callmethod' else super().__getattribute__(name)

        def put_into_dict(lock):
            vars(lock)['_callmethod'] = found

        def put_dict(lock):
            lock.__dict__ = dict(vars(lock), _callmethod=found)

        def set_plainly(lock):
            object.__setattr__(lock, '_callmethod', found)

        def take_class(lock):
            lock.__class__ = Finding

        for put in put_into_dict, put_dict, set_plainly, take_class:
            with self.subTest(put.__name__):
                lock = warm(self.manager.Lock())
                found = mock.Mock()
                put(lock)
                lock.acquire()
                found.assert_called_once_with('acquire', (True,))
                lock.release()
                found.assert_called_with('release')

    def test_a_warm_proxy_is_pickled_as_ever(self):
        lock = warm(self.manager.Lock())
        with lock:
            same = pickle.loads(pickle.dumps(lock))
            self.assertIs(same.acquire(False), False)
        self.assertIs(warm(same).acquire(False), True)
        self.assertIs(lock.acquire(False), False)
        lock.release()

    def test_an_rlock_is_its_threads(self):
        lock = warm(self.manager.RLock())
        outcomes = []

        def other():
            outcomes.append(lock.acquire(False))

        with lock, lock:
            thread = threading.Thread(target=other)
            thread.start()
            thread.join()
        thread = threading.Thread(target=lambda: (warm(lock), lock.acquire()))
        thread.start()
        thread.join()
        self.assertEqual(outcomes, [False])
        self.assertIs(lock.acquire(True, package.PATIENCE), True)
        lock.release()

    def test_a_forked_child_does_not_hold_its_parents_lock(self):
        lock = warm(self.manager.RLock())
        lock.acquire()
        child = os.fork()
        if not child:
            status = 1
            try:
                warm_up = [lock.acquire(False) for _ in range(6)]
                status = 0 if not any(warm_up) else 2
            finally:
                os._exit(status)
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        lock.release()

    def test_processes_count_together(self):
        for name in 'Lock', 'Semaphore', 'Condition':
            with self.subTest(name):
                lock, shared = getattr(self.manager, name)(), self.manager.Value('l', 0)
                context = multiprocessing.get_context('fork')
                children = [context.Process(target=count, args=(lock, shared, 300))
                            for _ in range(3)]
                for child in children:
                    child.start()
                threads = [threading.Thread(target=count, args=(lock, shared, 300))
                           for _ in range(2)]
                for thread in threads:
                    thread.start()
                for each in threads + children:
                    each.join()
                self.assertEqual(shared.value, 5 * 300)

    def test_a_killed_process_leaves_its_lock(self):
        for name in 'Lock', 'RLock':
            with self.subTest(name):
                lock = getattr(self.manager, name)()
                child = multiprocessing.get_context('fork').Process(target=hold_and_die,
                                                                    args=(lock,))
                child.start()
                child.join()
                self.assertIs(lock.acquire(True, package.PATIENCE), True)
                lock.release()

    def test_a_wait_for_a_lock_that_is_held_is_interrupted(self):
        lock = warm(self.manager.Lock())
        holder = threading.Thread(target=lambda: (warm(lock), lock.acquire()))
        holder.start()
        holder.join()

        def interrupt():
            wait_until(lambda: self.info('waiting'))
            os.kill(os.getpid(), signal.SIGINT)

        thread = threading.Thread(target=interrupt)
        thread.start()
        with self.assertRaises(KeyboardInterrupt):
            lock.acquire()
        thread.join()
        lock.release()
        with lock:
            pass

    def test_words_come_back(self):
        def use():
            for name in LOCKS:
                warm(getattr(self.manager, name)())

        use()
        wait_until(lambda: not self.info('words'))


if __name__ == '__main__':
    unittest.main()
