# SPDX-License-Identifier: MIT
"""How long a manager's server lives: as long as anybody needs it, and not for ever."""

import atexit
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import unittest
from multiprocessing import util

import package
import syncmanager
from servers import wait_until
from syncmanager import _server

# A group of processes that get SIGTERM at once, and write their last words into the manager.
GROUP = '''\
import multiprocessing, signal, sys
import syncmanager

class Stop(Exception):
    pass

def stop(*_):
    raise Stop

def work(table, lock, barrier, number):
    signal.signal(signal.SIGTERM, stop)
    try:
        barrier.wait()
        signal.pause()
    except Stop:
        for _ in range(50):
            with lock:
                table[number] = table.get(number, 0) + 1

if __name__ == '__main__':
    context = multiprocessing.get_context(sys.argv[1])
    manager = syncmanager.SyncManager(ctx=context)
    %s
    manager.start()
    table, lock, barrier = manager.dict(), manager.Lock(), manager.Barrier(3)
    children = [context.Process(target=work, args=(table, lock, barrier, n)) for n in range(2)]
    signal.signal(signal.SIGTERM, lambda *_: None)
    for child in children:
        child.start()
    barrier.wait()
    print(manager._process.pid, flush=True)
    for child in children:
        child.join()
    print([child.exitcode for child in children], sorted(table.items()))
    manager.shutdown()
    print(manager._process.exitcode)
'''

# A program that leaves its terminal after it has made a manager.
DAEMON = '''\
import multiprocessing, os
import syncmanager

class Manager(syncmanager.SyncManager):
    linger_ms = 1000

manager = Manager(ctx=multiprocessing.get_context('fork'))
manager.start()
table = manager.dict(a=1)
print(manager._process.pid, flush=True)
reading, writing = os.pipe()
if os.fork():
    os._exit(0)
os.setsid()
os.close(writing)
if os.fork():
    os._exit(0)
os.read(reading, 1)  # until the others have ended
table['b'] = 2
print(table.copy(), manager.list([1]), flush=True)
os._exit(0)
'''

# Its worker goes on when it was killed.
KILLED = '''\
import multiprocessing, os, signal, sys
import syncmanager

class Manager(syncmanager.SyncManager):
    linger_ms = 100

def work(table, lines, parent):
    table['started'] = True
    lines.readline()
    table['ended'] = True
    print(sorted(table.items()), flush=True)

if __name__ == '__main__':
    context = multiprocessing.get_context('fork')
    manager = Manager(ctx=context)
    manager.start()
    table = manager.dict()
    lines = os.fdopen(os.dup(0))
    child = context.Process(target=work, args=(table, lines, os.getpid()))
    child.start()
    while 'started' not in table:
        pass
    print(manager._process.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
'''


def is_alive(pid):
    try:
        with open('/proc/%d/stat' % pid) as file:
            return file.read().rsplit(')', 1)[1].split()[0] != 'Z'
    except OSError:
        return False


class OutlivingTest(unittest.TestCase):
    def start(self, program, *arguments):
        """Run a program whose first line is its server's pid."""
        process = subprocess.Popen([sys.executable, '-c', program, *arguments],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, start_new_session=True)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stdin.close)
        line = process.stdout.readline().decode()
        self.assertRegex(line, '^[0-9]+$')
        return process, int(line)

    def check_gone(self, server):
        self.assertTrue(wait_until(lambda: not is_alive(server), package.PATIENCE))

    def check_group(self, method, before=''):
        folder = tempfile.mkdtemp(prefix='sm-')
        self.addCleanup(shutil.rmtree, folder)
        path = os.path.join(folder, 'group.py')
        with open(path, 'w') as file:
            file.write(GROUP % before)
        process, server = self.start('import runpy, sys; sys.argv[:] = sys.argv[1:]; '
                                     'runpy.run_path(sys.argv[0], run_name="__main__")',
                                     path, method)
        os.killpg(process.pid, signal.SIGTERM)
        output = process.stdout.read().decode()
        self.assertEqual('[0, 0] [(0, 50), (1, 50)]\n-15\n', output)
        self.check_gone(server)

    def test_last_words_arrive_when_the_whole_group_is_told_to_end(self):
        self.check_group('fork')

    def test_a_handler_of_its_creators_does_not_end_the_server(self):
        self.check_group('fork', 'signal.signal(signal.SIGTERM, stop)')

    def test_a_program_that_daemonizes_keeps_its_manager(self):
        process, server = self.start(DAEMON)
        self.assertEqual("{'a': 1, 'b': 2} [1]\n", process.stdout.readline().decode())
        self.check_gone(server)

    def test_a_worker_that_outlives_its_program_keeps_the_manager(self):
        process, server = self.start(KILLED)
        self.assertEqual(-signal.SIGKILL, process.wait(package.PATIENCE))
        process.stdin.write(b'\n')
        process.stdin.flush()
        self.assertEqual("[('ended', True), ('started', True)]\n",
                         process.stdout.readline().decode())
        self.check_gone(server)

    def test_a_manager_that_its_creator_terminates_ends_as_ever(self):
        manager = syncmanager.Manager()
        numbers = manager.list([1])
        self.assertEqual(1, numbers[0])
        manager._process.terminate()
        manager._process.join(package.PATIENCE)
        self.assertEqual(-signal.SIGTERM, manager._process.exitcode)

    def test_what_an_initializer_does_about_the_signal_holds(self):
        manager = syncmanager.SyncManager()
        manager.start(signal.signal, (signal.SIGTERM, signal.SIG_IGN))
        os.kill(manager._process.pid, signal.SIGTERM)
        self.assertEqual([1], manager.list([1])[:])
        manager.shutdown()
        self.assertEqual(0, manager._process.exitcode)


def wait_for_ever(*_):
    threading.Event().wait()


def tell_and_wait(fd):
    os.write(fd, b'x')
    wait_for_ever()


def wait_and_ignore_sigterm(ready):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    ready.set()
    wait_for_ever()


class Stuck:
    """Hosted: what it starts in the server has no end. Each returns a process that it leaves."""

    def finalizer(self):
        util.Finalize(None, wait_for_ever, exitpriority=10)

    def child(self):
        ready = multiprocessing.Event()
        child = multiprocessing.Process(target=wait_and_ignore_sigterm, args=(ready,), daemon=True)
        child.start()
        ready.wait()
        return child.pid

    def thread(self):
        threading.Thread(target=wait_for_ever).start()

    def handler(self):
        atexit.register(wait_for_ever)

    def tells(self, fd):
        util.Finalize(None, tell_and_wait, args=(fd,), exitpriority=10)


class Manager(syncmanager.SyncManager):
    linger_ms = 0


Manager.register('Stuck', Stuck)


def set_last_words(ms):
    """In the server's process."""
    _server.Server.last_words_ms = ms


class EndTest(unittest.TestCase):
    """The end of a server whose Python code does not come to its own."""

    def start(self, method='fork', last_words_ms=100):
        manager = Manager(ctx=multiprocessing.get_context(method))
        manager.start(set_last_words, (last_words_ms,))
        self.addCleanup(manager._process.kill)
        return manager

    def check_ends(self, method, kind, end, exitcode):
        with self.subTest(method=method, kind=kind, exitcode=exitcode):
            manager = self.start(method)
            left = getattr(manager.Stuck(), kind)()
            if left is not None:
                self.addCleanup(os.kill, left, signal.SIGKILL)
            end(manager)
            self.check_exitcode(manager, exitcode)

    def check_exitcode(self, manager, exitcode):
        # A child that is left has what join() waits for.
        wait_until(lambda: manager._process.exitcode is not None, package.PATIENCE)
        self.assertEqual(exitcode, manager._process.exitcode)

    def test_code_that_never_ends_does_not_keep_a_server_that_gets_sigterm(self):
        for method, kind in (('fork', 'finalizer'), ('fork', 'child'), ('spawn', 'thread'),
                             ('spawn', 'handler')):
            self.check_ends(method, kind, lambda manager: manager._process.terminate(),
                            -signal.SIGTERM)

    def test_code_that_never_ends_does_not_keep_a_server_that_is_shut_down(self):
        self.check_ends('fork', 'finalizer', lambda manager: manager._ask('shutdown'),
                        -signal.SIGKILL)

    def test_sigterm_ends_at_once_what_only_python_keeps(self):
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        self.addCleanup(os.close, writing)
        manager = self.start(last_words_ms=600000)
        manager.Stuck().tells(writing)
        manager._ask('shutdown')
        self.assertEqual(b'x', os.read(reading, 1))
        manager._process.terminate()
        self.check_exitcode(manager, -signal.SIGTERM)


if __name__ == '__main__':
    unittest.main()
