# SPDX-License-Identifier: MIT
"""How servers begin and end: get_server(), signals, addresses in use, creators that die."""

import errno
import gc
import multiprocessing
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import package  # noqa: F401: the package under test can be imported then
import syncmanager
from multiprocessing import managers
from servers import exit_status

SERVES = '''
import package, syncmanager
manager = syncmanager.SyncManager(address=%r, authkey=b'key')
server = manager.get_server()
print(server.address, flush=True)
server.serve_forever()
'''

DIES = '''
import multiprocessing, os, signal
import package, syncmanager
class Manager(syncmanager.SyncManager):
    linger_ms = 100
if __name__ == '__main__':
    multiprocessing.set_start_method(%r)
    manager = Manager()
    manager.start()
    print(manager._process.pid, manager.address, flush=True)
    row = manager.list([1])
    os.kill(os.getpid(), signal.SIGKILL)
'''


def until(condition):
    limit = time.monotonic() + package.PATIENCE
    while not condition():
        if time.monotonic() > limit:
            raise AssertionError('nothing happened for %d seconds' % package.PATIENCE)
        time.sleep(0.01)


def is_alive(pid):
    try:
        with open('/proc/%d/stat' % pid) as file:
            return file.read().rsplit(')', 1)[1].split()[0] != 'Z'
    except OSError:
        return False


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


class Foreground(unittest.TestCase):
    """A program whose main thread serves."""

    def setUp(self):
        self.address = '127.0.0.1', free_port()
        self.program = subprocess.Popen(
            [sys.executable, '-c', SERVES % (self.address,)], cwd=package.HERE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(self.program.stdout.close)
        self.addCleanup(self.program.kill)
        self.assertEqual(self.program.stdout.readline().decode().strip(), str(self.address))

    def connect(self, base=syncmanager.SyncManager):
        manager = base(address=self.address, authkey=b'key')
        manager.connect()
        return manager

    def ended(self):
        rest = self.program.stdout.read().decode()
        return self.program.wait(package.PATIENCE), rest

    def test_it_serves_clients_of_both_kinds(self):
        for base in syncmanager.SyncManager, managers.SyncManager:
            row = self.connect(base).list([1, 2])
            row.append(3)
            self.assertEqual(row[:], [1, 2, 3])

    def test_an_interrupt_ends_it_in_good_order(self):
        self.connect()
        self.program.send_signal(signal.SIGINT)
        self.assertEqual(self.ended(), (0, ''))

    def test_a_client_may_shut_it_down(self):
        self.connect()._ask('shutdown')
        self.assertEqual(self.ended(), (0, ''))


class Interrupts(unittest.TestCase):

    @unittest.skipUnless('SYNCMANAGER_EARLY' in os.environ, 'the tests were built without it')
    def test_an_interrupt_just_before_the_wait_is_not_missed(self):
        with tempfile.TemporaryDirectory(prefix='sm-') as folder:
            address = os.path.join(folder, 'socket')
            status, printed = package.run(
                '-c', SERVES % address, cwd=package.HERE,
                env=dict(os.environ, LD_PRELOAD=os.environ['SYNCMANAGER_EARLY']))
        self.assertEqual((status, printed), (0, address + '\n'))


class Servers(unittest.TestCase):

    def test_a_server_in_a_thread_ends_when_its_event_is_set(self):
        server = syncmanager.SyncManager(('127.0.0.1', 0), b'key').get_server()
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        client = syncmanager.SyncManager(server.address, b'key')
        client.connect()
        self.assertEqual(list(client.list([1])), [1])
        server.stop_event.set()
        thread.join(package.PATIENCE)
        self.assertFalse(thread.is_alive())

    def test_addresses_are_told_as_the_standard_server_tells_them(self):
        for address in (('127.0.0.1', 0), ('localhost', 0), ('', 0), '\0name%d' % os.getpid(), None):
            ours = syncmanager.SyncManager(address, b'key').get_server().address
            server = managers.SyncManager(address, b'key').get_server()
            theirs = server.address
            server.listener.close()
            self.assertEqual(type(ours), type(theirs))
            if type(theirs) is tuple:
                self.assertEqual(ours[0], theirs[0])
                self.assertGreater(ours[1], 0)
            elif address:
                self.assertEqual(ours, theirs)

    def test_an_address_in_use_is_an_error_of_the_system(self):
        with socket.socket() as taken:
            taken.bind(('127.0.0.1', 0))
            taken.listen()
            manager = syncmanager.SyncManager(taken.getsockname(), b'key')
            with self.assertRaises(OSError) as caught:
                manager.get_server()
            self.assertEqual(caught.exception.errno, errno.EADDRINUSE)
            with self.assertRaises(OSError) as caught:
                syncmanager.SyncManager(taken.getsockname(), b'key').start()
            self.assertEqual(caught.exception.errno, errno.EADDRINUSE)

    def test_a_key_is_bytes(self):
        with self.assertRaises(TypeError):
            syncmanager.managers.Server({}, None, 'text', 'pickle')

    def test_an_interrupt_leaves_the_server_to_its_creator(self):
        with syncmanager.SyncManager() as manager:
            row = manager.list([1])
            os.kill(manager._process.pid, signal.SIGINT)
            self.assertEqual(list(row), [1])

    def test_a_socket_file_goes_with_its_server(self):
        manager = syncmanager.SyncManager()
        manager.start()
        self.assertTrue(os.path.exists(manager.address))
        manager.shutdown()
        self.assertFalse(os.path.exists(manager.address))


class Forks(unittest.TestCase):
    """A server that was made, and runs nowhere, and the children of its process."""

    def setUp(self):
        folder = tempfile.mkdtemp(prefix='sm-')
        self.addCleanup(shutil.rmtree, folder)
        self.address = os.path.join(folder, 'socket')

    def test_a_child_that_lets_go_of_a_server_leaves_the_socket_to_its_parent(self):
        for base in managers.SyncManager, syncmanager.SyncManager:
            address = self.address + base.__module__
            server = base(address, b'key').get_server()
            pid = os.fork()
            if pid == 0:
                del server
                gc.collect()
                os._exit(0)
            self.assertEqual(0, exit_status(pid))
            self.assertTrue(os.path.exists(address))
            client = base(address, b'key')
            thread = threading.Thread(target=lambda: self.assertRaises(
                SystemExit, server.serve_forever), daemon=True)
            thread.start()
            client.connect()
            self.assertEqual(client.list([1])[:], [1])
            server.stop_event.set()
            thread.join(package.PATIENCE)
            if base is managers.SyncManager:
                server.listener.close()

    def test_a_child_may_serve_what_its_parent_has_made(self):
        for base in managers.SyncManager, syncmanager.SyncManager:
            server = base(('127.0.0.1', 0), b'key').get_server()
            child = multiprocessing.get_context('fork').Process(target=server.serve_forever)
            child.start()
            self.addCleanup(child.kill)
            client = base(server.address, b'key')
            client.connect()
            row = client.list([1])
            del server
            gc.collect()
            again = base(client.address, b'key')
            again.connect()
            again.list()
            row.append(2)
            self.assertEqual(row[:], [1, 2])


@unittest.skipUnless(os.path.isdir('/proc/self'), 'needs /proc')
class Creators(unittest.TestCase):

    def check(self, method):
        if method not in multiprocessing.get_all_start_methods():
            self.skipTest('there is no ' + method)
        path = os.path.join(os.environ.get('TMPDIR', '/tmp'), 'creator-%d.py' % os.getpid())
        with open(path, 'w') as file:
            file.write(DIES % method)
        self.addCleanup(os.unlink, path)
        # Not its output to the end: a fork server may outlive it, and hold it open.
        program = subprocess.Popen([sys.executable, path], stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL,
                                   env=dict(os.environ, PYTHONPATH=os.pathsep.join(
                                       [package.HERE, os.environ['PYTHONPATH']])))
        self.addCleanup(program.stdout.close)
        pid, address = program.stdout.readline().decode().split()
        self.assertEqual(program.wait(package.PATIENCE), -signal.SIGKILL)
        until(lambda: not is_alive(int(pid)))
        self.assertFalse(os.path.exists(address))

    def test_a_forked_manager_ends_with_its_creator(self):
        self.check('fork')

    def test_a_spawned_manager_ends_with_its_creator(self):
        self.check('spawn')

    def test_a_manager_of_a_fork_server_ends_with_its_creator(self):
        self.check('forkserver')


if __name__ == '__main__':
    unittest.main()
