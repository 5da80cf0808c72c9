# SPDX-License-Identifier: MIT
"""What goes wrong is told as the standard library tells it, and harms nobody else.

Each test runs with the standard library's managers first.
"""

import errno
import multiprocessing
import os
import pickle
import signal
import threading
import unittest

import package  # noqa: F401
import syncmanager
import things
from outcomes import outcome_of
from servers import PATIENCE, wait_until


class Both(unittest.TestCase):
    """A started manager of each library."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.managers = []
        for kind in things.StandardManager, things.OurManager:
            manager = kind()
            manager.start()
            cls.managers.append(manager)
        cls.ours = cls.managers[1]

    @classmethod
    def tearDownClass(cls):
        for manager in cls.managers:
            manager.shutdown()

    def same(self, script, expected=None):
        """The script's outcome with the standard library's manager, and with ours."""
        stock, ours = (outcome_of(script, manager) for manager in self.managers)
        if expected is not None:
            self.assertRegex(stock, expected)
        self.assertEqual(stock, ours)


class ArgumentTest(Both):
    def test_what_cannot_be_pickled_is_refused_and_the_connection_goes_on(self):
        numbers = [manager.list([1]) for manager in self.managers]
        for bad in threading.Lock(), lambda: None, [1, {'x': threading.Lock()}]:
            stock, ours = (outcome_of(each.append, bad) for each in numbers)
            self.assertRegex(stock, '^raises ')
            self.assertEqual(stock, ours)
            self.assertEqual([1], numbers[1][:])

    def test_it_is_refused_when_an_object_is_made(self):
        self.same(lambda manager: manager.Thing(threading.Lock()), 'TypeError')
        self.assertEqual(3, self.ours.Thing(1).add(2))

    def test_an_error_while_pickling_is_the_callers(self):
        class Bad:
            def __reduce__(self):
                raise OSError(5, 'not today')

        self.same(lambda manager: manager.list().append(Bad()), "^raises .*OSError.*not today")

    def test_a_lock_refused_leaves_no_message_behind(self):
        queue = self.ours.Queue()
        for _ in range(100):
            with self.assertRaises((TypeError, pickle.PicklingError)):
                queue.put(threading.Lock())
        queue.put('after')
        self.assertEqual('after', queue.get())
        self.assertTrue(queue.empty())


class ResultTest(Both):
    def test_a_result_that_cannot_be_pickled_is_a_remote_error(self):
        for name in 'lambda_', 'holds_a_lock':
            with self.subTest(name):
                self.same(lambda manager: manager.Thing()._callmethod(name), 'RemoteError')

    def test_the_connection_goes_on_after_it(self):
        thing = self.ours.Thing()
        for _ in range(10):
            with self.assertRaises(syncmanager.RemoteError):
                thing.lambda_()
            self.assertEqual(thing.add(0), 0)

    def test_an_exception_that_cannot_be_pickled_is_a_remote_error(self):
        self.same(lambda manager: manager.Thing().fails_with_what_cannot_be_pickled(),
                  'RemoteError')

    def test_an_exception_is_the_callers(self):
        self.same(lambda manager: manager.Thing().fails(), "ValueError.*it failed")

    def test_it_says_where_it_comes_from(self):
        with self.assertRaises(ValueError) as caught:
            self.ours.Thing().fails()
        self.assertRegex(str(caught.exception.__cause__), "(?s)Traceback.*, in fails\n")


class CallableTest(Both):
    def test_one_that_raises_is_a_remote_error(self):
        self.same(lambda manager: manager.fails(1, two=2), "RemoteError: LookupError.*two")

    def test_one_may_return_none(self):
        self.same(lambda manager: str(manager.nothing()), 'None')

    def test_one_that_ends_its_thread_ends_its_callers_connection_alone(self):
        others = self.ours.list([1])
        ended = threading.Event()

        def use():
            try:
                self.ours.exits()
            except (EOFError, OSError, syncmanager.RemoteError):
                ended.set()

        thread = threading.Thread(target=use)
        thread.start()
        thread.join(PATIENCE)
        self.assertTrue(ended.is_set())
        self.assertEqual([1], others[:])
        self.assertEqual(3, self.ours.Thing(1).add(2))

    def test_a_method_that_ends_its_thread_ends_its_callers_connection_alone(self):
        thing, ended = self.ours.Thing(), threading.Event()

        def use():
            try:
                thing.exits()
            except (EOFError, OSError, syncmanager.RemoteError):
                ended.set()

        thread = threading.Thread(target=use)
        thread.start()
        thread.join(PATIENCE)
        self.assertTrue(ended.is_set())
        self.assertEqual(5, thing.add(5))

    def test_an_unknown_typeid_is_refused_in_the_same_words(self):
        class Other(syncmanager.SyncManager):
            pass

        Other.register('unheard_of')
        other = Other(self.ours.address, bytes(multiprocessing.current_process().authkey))
        other.connect()
        with self.assertRaisesRegex(syncmanager.RemoteError, 'unheard_of'):
            other.unheard_of()


class StartTest(unittest.TestCase):
    def test_an_address_in_use_is_told_by_start(self):
        for method in 'fork', 'spawn', 'forkserver':
            context = multiprocessing.get_context(method)
            with self.subTest(method), syncmanager.SyncManager(ctx=context) as first:
                for address in first.address, None:
                    if address is None:
                        address = self.tcp_address_in_use()
                    second = syncmanager.SyncManager(address, ctx=context)
                    with self.assertRaises(EOFError) as caught:
                        second.start()
                    self.assertIsInstance(caught.exception, OSError)
                    self.assertEqual(errno.EADDRINUSE, caught.exception.errno)
                    self.assertIn('in use', str(caught.exception))
                self.assertEqual([1], first.list([1])[:])

    def tcp_address_in_use(self):
        import socket
        taken = socket.create_server(('127.0.0.1', 0))
        self.addCleanup(taken.close)
        return taken.getsockname()

    def test_an_initializer_that_raises_is_told_by_start(self):
        manager = syncmanager.SyncManager()
        with self.assertRaises(EOFError) as caught:
            manager.start(things.fails, (1,))
        self.assertIn('there is none', str(caught.exception))


class GoneTest(unittest.TestCase):
    def test_a_killed_manager_is_gone_in_every_words(self):
        manager = syncmanager.SyncManager()
        manager.start()
        self.addCleanup(manager.shutdown)
        numbers = manager.list([1])
        os.kill(manager._process.pid, signal.SIGKILL)
        manager._process.join()
        for kind in syncmanager.ManagerGone, EOFError, ConnectionError:
            with self.assertRaises(kind) as caught:
                numbers.append(1)
            self.assertIn('SIGKILL', str(caught.exception))
            self.assertIn(str(manager.address), str(caught.exception))

    def test_a_manager_that_was_shut_down_is_gone(self):
        with syncmanager.SyncManager() as manager:
            numbers = manager.list([1])
        with self.assertRaises(syncmanager.ManagerGone):
            numbers.append(1)

    def test_a_call_that_waits_is_ended_when_the_manager_is_killed(self):
        manager = syncmanager.SyncManager()
        manager.start()
        self.addCleanup(manager.shutdown)
        queue, caught = manager.Queue(), []

        def wait():
            try:
                queue.get()
            except EOFError as error:
                caught.append(error)

        thread = threading.Thread(target=wait)
        thread.start()
        wait_until(lambda: False, 0.1)
        os.kill(manager._process.pid, signal.SIGKILL)
        thread.join(PATIENCE)
        self.assertEqual([True], [isinstance(e, syncmanager.ManagerGone) for e in caught])


if __name__ == '__main__':
    unittest.main()
