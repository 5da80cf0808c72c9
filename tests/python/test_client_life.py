# SPDX-License-Identifier: MIT
"""Connections, threads, forks and ends: whose they are, and that they go quietly."""

import copy
import gc
import multiprocessing
import os
import pickle
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
from multiprocessing import connection

import package  # noqa: F401
import syncmanager
from servers import KEY, PATIENCE, Daemon, Stock, exit_status, wait_until

METHODS = 'fork', 'spawn', 'forkserver'


def sockets():
    """The inodes of this process's sockets."""
    found = set()
    for name in os.listdir('/proc/self/fd'):
        try:
            link = os.readlink('/proc/self/fd/' + name)
        except OSError:
            continue
        if link.startswith('socket:'):
            found.add(link)
    return found


def in_thread(function, *args):
    """What a function returns in a thread of its own, which has ended, connections and all."""
    before, results = sockets(), []
    thread = threading.Thread(target=lambda: results.append(function(*args)))
    thread.start()
    thread.join(PATIENCE)
    wait_until(lambda: not sockets() - before)
    return results[0]


def in_child(function, *args):
    """The status of a bare fork that calls a function."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            status = 0 if function(*args) else 2
        finally:
            os._exit(status)
    return exit_status(pid)


class Life(unittest.TestCase):
    server = None

    def setUp(self):
        self.running = self.server()
        self.addCleanup(self.running.stop)
        self.manager = self.running.connect(syncmanager.SyncManager)


def user_timeouts():
    """What TCP_USER_TIMEOUT is of this process's connections over TCP, in ms."""
    found = set()
    for name in os.listdir('/proc/self/fd'):
        try:
            if not os.readlink('/proc/self/fd/' + name).startswith('socket:'):
                continue
            with socket.socket(fileno=os.dup(int(name))) as sock:
                if sock.family == socket.AF_INET and sock.getpeername():
                    found.add(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT))
        except OSError:
            continue
    return found


class Looking(syncmanager.SyncManager):
    keepalive_ms = 7000


Looking.register('user_timeouts', user_timeouts, exposed=('__len__', '__contains__'))


class Patient(syncmanager.SyncManager):
    keepalive_ms = 0


class Wrong(syncmanager.SyncManager):
    keepalive_ms = -1


class KeepaliveTest(unittest.TestCase):
    def test_a_manager_out_of_reach_is_found_out_in_the_time_that_the_class_says(self):
        for method in METHODS:
            with self.subTest(method=method), \
                    Looking(('127.0.0.1', 0), ctx=multiprocessing.get_context(method)) as manager:
                there = manager.user_timeouts()
                self.assertEqual({7000}, user_timeouts())
                self.assertEqual((1, True), (there._callmethod('__len__'),
                                             there._callmethod('__contains__', (7000,))))

    def test_a_proxy_without_a_manager_goes_by_syncmanagers(self):
        with syncmanager.SyncManager(('127.0.0.1', 0)) as manager:
            numbers = manager.list([1])
            text = pickle.dumps(numbers)
            self.assertEqual({60000}, user_timeouts())

            def look():
                syncmanager.SyncManager.keepalive_ms = 5000
                multiprocessing.current_process().authkey = manager._authkey
                syncmanager._client._natives.clear()
                theirs = pickle.loads(text)
                return theirs[0] == 1 and 5000 in user_timeouts()

            self.assertEqual(0, in_child(look))

    def test_0_is_for_ever_and_what_is_no_time_is_refused(self):
        with Patient(('127.0.0.1', 0)) as manager:
            manager.list()
            self.assertEqual({0}, user_timeouts())
        with self.assertRaisesRegex(ValueError, 'keepalive_ms is -1'):
            Wrong(('127.0.0.1', 0), b'key').connect()


class ConnectionTest(Life):
    server = Daemon

    def connections(self):
        """How many connections the manager has had so far."""
        number = syncmanager._core.Manager('unix:' + self.running.address, KEY)
        return number.call('sm_connection')[1]

    def test_a_thread_has_one_connection(self):
        before = self.connections()
        for _ in range(20):
            numbers = self.manager.list([1])
            self.assertEqual(1, numbers.pop())
            list(self.manager.dict(a=1))
            copy.copy(numbers)
        self.assertEqual(before + 1, self.connections())

    def test_another_thread_has_another_which_ends_with_it(self):
        numbers = self.manager.list()
        before, count = sockets(), self.connections()
        inside = in_thread(lambda: (numbers.append(1), sockets())[1])
        self.assertEqual(1, len(inside - before))
        self.assertEqual(count + 2, self.connections())
        self.assertTrue(wait_until(lambda: sockets() == before))

    def test_an_rlock_goes_with_its_thread(self):
        lock = self.manager.RLock()
        in_thread(lock.acquire)
        self.assertTrue(lock.acquire(timeout=PATIENCE))

    def test_the_last_proxy_closes_it(self):
        before = sockets()
        self.manager.list()
        self.manager = None
        gc.collect()
        self.assertEqual(set(), sockets() - before)

    def test_a_manager_that_was_started_anew_is_found(self):
        folder = tempfile.mkdtemp(prefix='sm-')
        self.addCleanup(shutil.rmtree, folder)
        path = os.path.join(folder, 'socket')
        with syncmanager.SyncManager(path, KEY):
            client = syncmanager.SyncManager(path, KEY)
            client.connect()
            numbers = client.list([1])
        with syncmanager.SyncManager(path, KEY):
            self.assertEqual(2, client.list([2]).pop())
            with self.assertRaises(syncmanager.RemoteError):
                numbers.pop()

    def test_a_manager_that_was_started_anew_is_found_though_answers_were_owed(self):
        folder = tempfile.mkdtemp(prefix='sm-')
        self.addCleanup(shutil.rmtree, folder)
        path = os.path.join(folder, 'socket')
        asks = [lambda client: client.connect(), lambda client: client._number_of_objects(),
                lambda client: client._debug_info(), lambda client: client.list([1])]
        for ask in asks:
            with self.subTest(ask), syncmanager.SyncManager(path, KEY) as manager:
                client = syncmanager.SyncManager(path, KEY)
                client.connect()
                client.list()  # what is dropped is given back, and nobody waits for the answer
                os.kill(manager._process.pid, signal.SIGKILL)
                manager._process.join()
                with syncmanager.SyncManager(path, KEY):
                    ask(client)


class ForkTest(Life):
    server = Daemon

    def test_a_bare_fork_shares_no_socket(self):
        numbers = self.manager.list([1])
        inherited = sockets()

        def use():
            numbers.append(2)
            return not inherited & sockets() - given

        given = set()  # the pipes of the test's own server are none
        self.assertEqual(0, in_child(use))
        self.assertEqual([1, 2], numbers[:])

    def test_a_child_that_uses_nothing_closes_what_is_its_parents(self):
        self.manager.list([1])
        in_thread(lambda: self.manager.list([1]))
        inherited = sockets()
        self.assertEqual(0, in_child(lambda: not inherited & sockets()))

    def test_parent_and_child_at_once_get_their_own_answers(self):
        numbers = self.manager.list(range(100))

        def use():
            return all(numbers[n] == n for _ in range(20) for n in range(100))

        pid = os.fork()
        if pid == 0:
            os._exit(0 if use() else 1)
        self.assertTrue(use())
        self.assertEqual(0, exit_status(pid))

    def test_a_fork_in_a_thread_while_others_call(self):
        numbers, stop = self.manager.list([7]), threading.Event()

        def call():
            while not stop.is_set():
                if numbers[0] != 7:
                    return False
            return True

        results = []
        threads = [threading.Thread(target=lambda: results.append(call())) for _ in range(3)]
        for thread in threads:
            thread.start()
        try:
            statuses = [in_child(lambda: numbers[0] == 7) for _ in range(20)]
        finally:
            stop.set()
            for thread in threads:
                thread.join(PATIENCE)
        self.assertEqual(([0] * 20, [True] * 3), (statuses, results))

    def test_a_child_is_no_owner_of_its_parents_rlock(self):
        lock = self.manager.RLock()
        lock.acquire()
        self.assertEqual(0, in_child(lambda: not lock.acquire(False)))
        lock.release()


def append(numbers, jobs):
    numbers.append(os.getpid())
    jobs.put(numbers)
    inner = numbers[0]
    inner['child'] = type(inner).__name__


class ProcessTest(Life):
    def test_proxies_reach_a_child_by_its_arguments_and_come_back_in_a_queue(self):
        for method in METHODS:
            with self.subTest(method):
                context = multiprocessing.get_context(method)
                inner = self.manager.dict()
                numbers, jobs = self.manager.list([inner]), self.manager.Queue()
                child = context.Process(target=append, args=(numbers, jobs))
                child.start()
                child.join(PATIENCE)
                self.assertEqual(0, child.exitcode)
                self.assertEqual(child.pid, numbers[1])
                self.assertEqual(child.pid, jobs.get()[1])
                self.assertEqual({'child': 'DictProxy'}, inner.copy())

    def test_nothing_is_left_of_a_child(self):
        before = self.manager._number_of_objects()
        for method in METHODS:
            proxies = self.manager.list([self.manager.dict()]), self.manager.Queue()
            child = multiprocessing.get_context(method).Process(target=append, args=proxies)
            child.start()
            child.join(PATIENCE)
            self.assertEqual(0, child.exitcode)
        del child, proxies
        gc.collect()
        self.assertTrue(wait_until(lambda: self.manager._number_of_objects() == before))


class DaemonProcessTest(ProcessTest):
    server = Daemon


class StockProcessTest(ProcessTest):
    server = Stock

    # The standard server keeps what was ever nested.
    test_nothing_is_left_of_a_child = None


ENDS = {
    'proxies of a running manager': '''
        manager = syncmanager.Manager()
        numbers, jobs = manager.list([manager.dict()]), manager.Queue()
        ''',
    'a cycle': '''
        manager = syncmanager.Manager()
        class Box: pass
        box = Box()
        box.me, box.numbers = box, manager.list()
        ''',
    'daemon threads that wait': '''
        manager = syncmanager.Manager()
        jobs = manager.Queue()
        def wait():
            try:
                jobs.get()
            except EOFError:
                pass
        for _ in range(4):
            threading.Thread(target=wait, daemon=True).start()
        time.sleep(0.1)
        ''',
    'daemon threads that call': '''
        manager = syncmanager.Manager()
        numbers = manager.list([1])
        def call():
            try:
                while True:
                    numbers[0]
            except (EOFError, OSError, syncmanager.RemoteError):
                pass
        for _ in range(4):
            threading.Thread(target=call, daemon=True).start()
        time.sleep(0.1)
        ''',
    'a thread that is waited for': '''
        manager = syncmanager.Manager()
        jobs = manager.Queue()
        threading.Thread(target=jobs.get).start()
        jobs.put(1)
        ''',
    'a manager that was killed': '''
        manager = syncmanager.Manager()
        numbers = [manager.list() for _ in range(100)]
        os.kill(manager._process.pid, signal.SIGKILL)
        ''',
    'a manager that was killed while a thread waited': '''
        manager = syncmanager.Manager()
        jobs = manager.Queue()
        def wait():
            try:
                jobs.get()
            except EOFError:
                pass
        threading.Thread(target=wait).start()
        time.sleep(0.1)
        os.kill(manager._process.pid, signal.SIGKILL)
        ''',
    'a manager that was shut down': '''
        manager = syncmanager.Manager()
        numbers = manager.list()
        manager.shutdown()
        ''',
    'calls at exit': '''
        manager = syncmanager.Manager()
        numbers = manager.list()
        atexit.register(lambda: numbers.append(1))
        ''',
    'children that waited': '''
        manager = syncmanager.Manager()
        event = manager.Event()
        children = [multiprocessing.Process(target=event.wait) for _ in range(3)]
        for child in children:
            child.start()
        event.set()
        for child in children:
            child.join()
        ''',
    'a pool': '''
        manager = syncmanager.Manager()
        with multiprocessing.Pool(2) as pool:
            numbers = manager.list()
            pool.map(numbers.append, range(10))
            assert sorted(numbers) == list(range(10))
        ''',
    'an end by an exception': '''
        manager = syncmanager.Manager()
        numbers = manager.list()
        sys.excepthook = lambda *args: os.write(2, b'')
        sys.exit(0)
        ''',
    'a bare fork': '''
        manager = syncmanager.Manager()
        numbers = manager.list()
        pid = os.fork()
        numbers.append(pid)
        if pid == 0:
            os._exit(0)
        assert os.waitpid(pid, 0)[1] == 0
        assert len(numbers) == 2
        ''',
}


class EndTest(unittest.TestCase):
    """Programs end silently, with status 0, whatever they leave behind."""

    def run_program(self, body):
        lines = ['import atexit, multiprocessing, os, signal, sys, threading, time, syncmanager',
                 'if __name__ == "__main__":']
        lines += [line[4:] for line in body.strip('\n').split('\n')]
        done = subprocess.run([sys.executable, '-X', 'dev', '-W', 'ignore::DeprecationWarning',
                               '-c', '\n'.join(lines)],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=PATIENCE)
        self.assertEqual((0, ''), (done.returncode, done.stdout.decode()))


def add_ends():
    for name, body in ENDS.items():
        def test(self, body=body):
            self.run_program(body)

        setattr(EndTest, 'test_' + name.replace(' ', '_'), test)


add_ends()


class MeansTest(unittest.TestCase):
    """What a manager that was killed is said to have ended by."""

    def test_the_process_that_we_started_is_told(self):
        with syncmanager.SyncManager() as manager:
            numbers = manager.list()
            os.kill(manager._process.pid, signal.SIGKILL)
            with self.assertRaises(syncmanager.ManagerGone) as caught:
                while True:
                    numbers.append(1)
        error = caught.exception
        self.assertEqual(('SyncManager', 'list', manager.address, -signal.SIGKILL),
                         (error.manager, error.typeid, error.address, error.exitcode))
        self.assertIn('SIGKILL', str(error))
        again = copy.copy(error)
        self.assertEqual((str(error), type(error), error.exitcode),
                         (str(again), type(again), again.exitcode))

    def test_a_call_that_waits_is_told_of_the_managers_end(self):
        errors = []

        def wait(jobs):
            try:
                jobs.get()
            except EOFError as error:
                errors.append(error)

        with syncmanager.SyncManager() as manager:
            waiter = threading.Thread(target=wait, args=(manager.Queue(),))
            waiter.start()
            wait_until(lambda: manager._ask('sm_info')['waiting'])
        waiter.join(PATIENCE)
        self.assertIsInstance(errors[0], syncmanager.ManagerGone)
        self.assertRegex(str(errors[0]), 'SyncManager at .*: it (is shutting|has been shut) down')

    def test_a_process_that_lives_on_without_descriptors_is_not_waited_for(self):
        child = multiprocessing.get_context('fork').Process(target=close_all)
        child.start()
        self.addCleanup(child.join)
        self.addCleanup(child.kill)
        self.assertTrue(connection.wait([child.sentinel], PATIENCE))
        self.assertIsNone(in_thread(syncmanager.errors._exitcode_of, child, os.getpid(), None))

    def test_a_child_that_dies_at_once_is_told_by_start(self):
        for end, text in (os._exit, 'status 3'), (kill_myself, 'SIGKILL'):
            manager = syncmanager.SyncManager()
            with self.assertRaises(syncmanager.ManagerGone) as caught:
                manager.start(end, (3,))
            self.assertIn(text, str(caught.exception))
            self.assertFalse(manager._process.is_alive())

    def test_nobody_there_is_told_as_the_system_tells_it(self):
        for address, kind in (('/nowhere/at/all', FileNotFoundError),
                              (('127.0.0.1', 1), ConnectionRefusedError),
                              (b'\0nobody', ConnectionRefusedError)):
            manager = syncmanager.SyncManager(address, KEY)
            with self.assertRaises(syncmanager.ManagerGone) as caught:
                manager.connect()
            self.assertIsInstance(caught.exception, kind)
            self.assertIsInstance(caught.exception, EOFError)

    def test_a_wrong_key_is_an_authentication_error(self):
        for server in Daemon, Stock:
            with server() as running:
                manager = syncmanager.SyncManager(running.address, b'wrong')
                with self.assertRaisesRegex(multiprocessing.AuthenticationError,
                                            '^digest sent was rejected$'):
                    manager.connect()


def close_all():
    os.closerange(3, 1024)
    signal.pause()


def kill_myself(signal_number):
    os.kill(os.getpid(), signal.SIGKILL)


del Life, ProcessTest

if __name__ == '__main__':
    unittest.main()
