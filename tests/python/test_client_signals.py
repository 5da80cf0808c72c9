# SPDX-License-Identifier: MIT
"""Signals while a call waits: their handlers run at once, and may end the call."""

import os
import signal
import subprocess
import sys
import threading
import time
import unittest

import package  # noqa: F401
import syncmanager
from servers import PATIENCE, Daemon, Stock, wait_until


class Wanted(Exception):
    """What a handler raises."""


def in_proc_waits(thread_id):
    """Whether the kernel says that a thread sleeps."""
    with open('/proc/self/task/%d/stat' % thread_id) as file:
        return file.read().rsplit(')', 1)[1].split()[0] == 'S'


class Signals(unittest.TestCase):
    server = None  # a class of servers

    @classmethod
    def setUpClass(cls):
        cls.running = cls.server()
        cls.manager = cls.running.connect(syncmanager.SyncManager)

    @classmethod
    def tearDownClass(cls):
        cls.manager = None
        cls.running.stop()

    def setUp(self):
        self.calls = 0
        self.raises = None
        before = signal.signal(signal.SIGUSR1, self.handle)
        self.addCleanup(signal.signal, signal.SIGUSR1, before)

    def handle(self, number, frame):
        self.calls += 1
        if self.raises is not None:
            raise self.raises

    def signal_while(self, function, *args, then=None):
        """Call a function that waits, and signal this process meanwhile."""
        main = threading.get_ident()
        tid = threading.get_native_id()

        def tell():
            wait_until(lambda: in_proc_waits(tid))
            time.sleep(0.05)  # past the first milliseconds, which are waited in recv()
            signal.pthread_kill(main, signal.SIGUSR1)
            if then is not None:
                wait_until(lambda: self.calls)
                then()

        thread = threading.Thread(target=tell)
        thread.start()
        try:
            return function(*args)
        finally:
            thread.join(PATIENCE)

    def test_an_exception_of_the_handler_ends_the_call_at_once(self):
        self.raises = Wanted()
        jobs = self.manager.Queue()
        begin = time.monotonic()
        with self.assertRaises(Wanted):
            self.signal_while(jobs.get)
        self.assertLess(time.monotonic() - begin, 2)

    def test_the_proxy_works_afterwards(self):
        self.raises = Wanted()
        event, numbers = self.manager.Event(), self.manager.list([7])
        with self.assertRaises(Wanted):
            self.signal_while(event.wait)
        self.assertEqual(1, len(numbers))
        self.assertEqual(7, numbers[0])
        self.assertIs(False, event.is_set())

    def test_a_handler_that_returns_lets_the_call_go_on(self):
        jobs, numbers = self.manager.Queue(), self.manager.list([7])
        got = self.signal_while(jobs.get, then=lambda: jobs.put('late'))
        self.assertEqual(('late', 1), (got, self.calls))
        self.assertEqual(7, numbers[0])

    def test_a_handler_may_call_the_manager(self):
        jobs, numbers = self.manager.Queue(), self.manager.list([7])
        seen = []

        def handle(number, frame):
            seen.append(numbers[0])
            jobs.put('from the handler')

        signal.signal(signal.SIGUSR1, handle)
        self.assertEqual('from the handler', self.signal_while(jobs.get))
        self.assertEqual([7], seen)
        self.assertEqual(7, numbers[0])

    def test_a_timeout_holds_although_signals_come(self):
        event = self.manager.Event()
        begin = time.monotonic()
        self.assertIs(False, self.signal_while(event.wait, 0.5))
        self.assertTrue(0.4 < time.monotonic() - begin < 5)
        self.assertEqual(1, self.calls)

    def test_ctrl_c_is_a_keyboard_interrupt(self):
        before = signal.signal(signal.SIGUSR1, signal.default_int_handler)
        self.addCleanup(signal.signal, signal.SIGUSR1, before)
        with self.assertRaises(KeyboardInterrupt):
            self.signal_while(self.manager.Event().wait)


class DaemonSignals(Signals):
    server = Daemon

    def test_an_item_that_comes_later_is_not_lost(self):
        self.raises = Wanted()
        jobs = self.manager.Queue()
        for n in range(3):
            with self.assertRaises(Wanted):
                self.signal_while(jobs.get)
            jobs.put(n)
            self.assertEqual(n, jobs.get(timeout=PATIENCE))

    def test_a_lock_that_is_free_later_is_not_taken(self):
        self.raises = Wanted()
        lock = self.manager.Lock()
        lock.acquire()
        with self.assertRaises(Wanted):
            self.signal_while(lock.acquire)
        lock.release()
        self.assertTrue(lock.acquire(timeout=PATIENCE))

    def test_an_rlock_stays_its_threads(self):
        self.raises = Wanted()
        lock, event = self.manager.RLock(), self.manager.Event()
        lock.acquire()
        with self.assertRaises(Wanted):
            self.signal_while(event.wait)
        lock.release()


class StockSignals(Signals):
    server = Stock


class CtrlCTest(unittest.TestCase):
    def test_a_program_is_ended_by_it(self):
        program = ('import sys, syncmanager\n'
                   'if __name__ == "__main__":\n'
                   '    with syncmanager.SyncManager() as manager:\n'
                   '        queue = manager.Queue()\n'
                   '        print("waiting", flush=True)\n'
                   '        try:\n'
                   '            queue.get()\n'
                   '        except KeyboardInterrupt:\n'
                   '            queue.put(5)\n'
                   '            print("interrupted", queue.get())\n')
        child = subprocess.Popen([sys.executable, '-c', program], stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, universal_newlines=True,
                                 start_new_session=True)
        self.addCleanup(child.stdout.close)
        self.assertEqual('waiting\n', child.stdout.readline())
        wait_until(lambda: sleeps(child.pid))
        os.killpg(child.pid, signal.SIGINT)
        rest = child.stdout.read()
        self.assertEqual((0, 'interrupted 5\n'), (child.wait(PATIENCE), rest))


def sleeps(pid):
    with open('/proc/%d/stat' % pid) as file:
        return file.read().rsplit(')', 1)[1].split()[0] == 'S'


del Signals

if __name__ == '__main__':
    unittest.main()
