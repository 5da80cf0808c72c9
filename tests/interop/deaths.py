# SPDX-License-Identifier: MIT
"""What the tests of dead clients have in common: servers, and clients to be killed."""

import contextlib
import functools
import os
import queue
import signal
import subprocess
import unittest
from multiprocessing.connection import Client

from servers import Daemon, Stock, daemon_path, wait_until
from victim import Victim, states

SOON = 5.0  # seconds within which a server must have noticed a death
STOCK_SOON = 1.0  # of which the stock one gets no more, since it never does


class KeepingDaemon(Daemon):
    """What the dead held stays held."""

    def command(self, address):
        return super().command(address) + ['--owner-death', 'keep']


class UnseeingDaemon(Daemon):
    """In a PID namespace of its own, from which no client can be seen."""

    prefix = ['unshare', '--user', '--map-root-user', '--pid', '--fork']

    def command(self, address):
        if subprocess.call([*self.prefix, 'true'], stderr=subprocess.DEVNULL) != 0:
            raise unittest.SkipTest('no namespaces here')
        return self.prefix + super().command(address)

    @property
    def pid(self):
        with open('/proc/%d/task/%d/children' % ((self.process.pid,) * 2)) as file:
            return int(file.read())

    def stop(self):
        os.kill(self.pid, signal.SIGTERM)
        status = self.process.wait()
        errors = self.read_errors()
        self.kill()
        self.judge(status, errors)


class Scene:
    """A server, and clients that end with the test."""

    def __init__(self, stack, kind, registered):
        self.stack = stack
        self.soon = STOCK_SOON if kind is Stock else SOON
        self.server = stack.enter_context(running(kind, registered))
        self.manager = self.server.connect()

    def victim(self, *lines, **options):
        victim = self.stack.enter_context(Victim(self.server, **options))
        for line in lines:
            victim.must(line)
        return victim

    def forked(self, victim, line):
        """The pid of a child of a victim, which ends with the test."""
        pid = int(victim.must(line))
        self.stack.callback(kill, pid)
        return pid

    def raw(self):
        """A connection for calls of this process."""
        conn = Client(self.server.address, authkey=self.server.key)
        self.stack.callback(conn.close)
        conn.send((None, 'accept_connection', ('raw',), {}))
        conn.recv()
        return conn

    def keep(self, proxy):
        self.stack.callback(lambda: proxy)
        return proxy

    def objects(self):
        return self.manager._number_of_objects()


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    wait_until(lambda: not alive(pid))


def alive(pid):
    return any(state != 'Z' for _, state, _, _ in states(pid))


@contextlib.contextmanager
def running(kind, registered):
    """A server of which nothing is expected at its end: it may have been killed, or hang."""
    server = kind(registered)
    try:
        yield server
    finally:
        if isinstance(server, Daemon) and server.alive():
            server.stop()
        else:
            server.kill()


# Which of two threads of CPython's server gets an item first is chance: it fails a test sometimes.
CHANCES = 5


def on(*kinds, stock, **registered):
    """Run a test on the kinds of server; `stock` says whether CPython's passes, None: not asked."""
    def decorate(test):
        def passes(self, kind):
            with contextlib.ExitStack() as stack:
                test(self, Scene(stack, kind, registered))

        def fails(self, kind):
            try:
                passes(self, kind)
            except (AssertionError, queue.Empty):
                return True
            return False

        @functools.wraps(test)
        def run(self):
            for kind in ([Stock] if stock is not None else []) + list(kinds or [Daemon]):
                if kind is not Stock and not daemon_path():
                    self.skipTest('no daemon')
                with self.subTest(server=kind.__name__):
                    if kind is Stock and not stock:
                        self.assertTrue(any(fails(self, kind) for _ in range(CHANCES)))
                    else:
                        passes(self, kind)
        return run
    return decorate
