#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fork a program of the Python package's many times while its threads are at work.

    forks.py KIND COUNT [CERTIFICATE]

Each child does something too: it must end, in time, and with status 0. Prints how many did not,
and where the first one hung, if gdb is there.  With a certificate, in a file with its key, all goes
by TLS.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import warnings

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'python'))

import package  # noqa: F401,E402
import syncmanager  # noqa: E402
from servers import wait_until  # noqa: E402
from syncmanager import _core  # noqa: E402

THREADS = 3
HANGS_AFTER = 20   # seconds
PROGRESS = 1000    # a line after so many forks
TEXT = 'x' * 100000  # longer than what the client has room for: the memory for it is moved


class Forker:
    """Hosted: its methods fork in the server's process."""

    def fork(self):
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        return how_it_ended(pid)

    def nothing(self):
        return None


CERTIFICATE = sys.argv[3] if sys.argv[3:] else None
BY_TLS = CERTIFICATE and {'address': 'tls://127.0.0.1:0', 'tls_ca': CERTIFICATE,
                          'tls_certificate': CERTIFICATE}


class Manager(syncmanager.SyncManager):
    """With a type that is hosted. It goes with this program, whose output it has, too."""

    linger_ms = 0


Manager.register('Forker', Forker)


def where(pid):
    """The calls that a process is in."""
    if shutil.which('gdb') is None:
        return ''
    return subprocess.run(['gdb', '-p', str(pid), '-batch', '-ex', 'thread apply all bt 16'],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode()


def how_it_ended(pid):
    """0, or what went wrong with a child, as a text."""
    ended = []
    if not wait_until(lambda: ended.extend(os.waitpid(pid, os.WNOHANG)) or ended[-2], HANGS_AFTER):
        frames = where(pid)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return 'hung\n' + frames
    return ended[-1] and 'ended with status %#x' % ended[-1]


def child(function):
    """Fork, and say how it ended that the child called a function."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            function()
            status = 0
        finally:
            os._exit(status)
    return how_it_ended(pid)


def in_threads(function):
    """Threads that call a function, begun."""
    threads = [threading.Thread(target=function, daemon=True) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    return threads


def join(threads):
    for thread in threads:
        thread.join(HANGS_AFTER)
        assert not thread.is_alive(), 'a thread hangs'


class Kinds:
    """Each method forks once, and returns how that ended. A manager is there."""

    def __init__(self):
        self.manager = Manager(**(BY_TLS or {}))
        self.manager.start()
        self.row = self.manager.list([7, TEXT])
        self.address = self.manager.address if BY_TLS else 'unix:' + self.manager.address
        self.key = bytes(self.manager._authkey)
        self.forkers = None
        self.receivers = None

    def call(self):
        assert self.row[0] == 7
        if random.random() < 0.5:
            manager = _core.Manager(self.address, self.key, tls_ca=CERTIFICATE)
            assert manager.call('number_of_objects')[0] == '#RETURN'

    def connect(self):
        threads = in_threads(self.call)
        result = child(self.call)
        join(threads)
        return result

    def ended(self):
        join(in_threads(self.call))
        return child(lambda: (join(in_threads(self.call)), self.call()))

    def receive(self):
        if self.receivers is None:
            self.receivers = in_threads(self.keep_receiving)
        return child(self.call if random.random() < 0.25 else int)

    def keep_receiving(self):
        while True:
            self.row[1]

    def start(self):
        """The server is the child."""
        threads = in_threads(self.call)
        with syncmanager.SyncManager(**(BY_TLS or {})) as other:
            result = 0 if other.list([1]).pop() == 1 else 'a wrong answer'
        join(threads)
        return result

    def killed(self):
        """A manager is killed under threads that wait, and another started as they end."""
        other = syncmanager.SyncManager(**(BY_TLS or {}))
        other.start()
        jobs, errors = other.Queue(), []

        def wait():
            try:
                jobs.get()
            except EOFError:
                errors.append(1)

        threads = in_threads(wait)
        os.kill(other._process.pid, signal.SIGKILL)
        result = self.start()
        join(threads)
        other._process.join()
        return result or (0 if len(errors) == THREADS else 'a wrong error')

    def hosted(self):
        """In the server, whose other threads serve."""
        if self.forkers is None:
            self.forkers = [self.manager.Forker() for _ in range(THREADS)]
            in_threads(self.keep_calling)
        return self.forkers[0].fork()

    def keep_calling(self):
        mine = self.forkers[1 + random.randrange(THREADS - 1)]
        while True:
            mine.nothing()


KINDS = 'connect', 'ended', 'receive', 'start', 'killed', 'hosted'


def repeat(kind, count):
    """Fork so many times; how many children hung, and how many failed otherwise."""
    once = getattr(Kinds(), kind)
    hung = failed = 0
    for n in range(1, count + 1):
        signal.alarm(2 * HANGS_AFTER)  # for what is done in this process
        result = once()
        if result:
            print('%s: child %s' % (kind, result), flush=True)
            hung += result.startswith('hung')
            failed += not result.startswith('hung')
        if n % PROGRESS == 0 or n == count:
            print('%s: %d forks, %d children hung, %d failed, CPython %s' %
                  (kind, n, hung, failed, sys.version.split()[0]), flush=True)
    signal.alarm(0)
    return hung, failed


def main():
    kind, count = sys.argv[1], int(sys.argv[2])
    warnings.simplefilter('ignore', DeprecationWarning)  # a fork beside threads: from 3.12 on
    hung, failed = repeat(kind, count)
    sys.stdout.flush()
    os._exit(1 if hung or failed else 0)  # the threads go with it, and so does the manager


if __name__ == '__main__':
    main()
