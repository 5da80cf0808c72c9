# SPDX-License-Identifier: MIT
"""A manager with a page, and clients that do what is to be seen on it."""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'interop'))

from raw import ask, open_calls  # noqa: E402
from servers import PATIENCE, ROOT, Daemon, format_address, wait_until  # noqa: E402
from victim import Victim  # noqa: E402

BATCH = 500  # requests whose answers a socket can hold
CTL = os.environ.get('SYNCMANAGERCTL', os.path.join(ROOT, 'build', 'syncmanagerctl'))


class Manager(Daemon):
    """The daemon, with its page at a port that is free."""

    def __init__(self, registered=None, options=()):
        self.options = list(options)
        super().__init__(registered)

    def command(self, address):
        return super().command(address) + ['--http', '127.0.0.1:0', *self.options]

    def ctl(self, *words):
        """What syncmanagerctl prints."""
        clean = {name: value for name, value in os.environ.items()
                 if not name.startswith('SYNCMANAGER_')}
        return subprocess.run(
            [CTL, '--address', format_address(self.address), '--authkey-file', self.key_file, *words],
            stdout=subprocess.PIPE, universal_newlines=True, timeout=PATIENCE, check=True,
            env=clean).stdout

    def link(self):
        """A link that signs a browser in."""
        return self.ctl('page').split()[-1]

    def waiting(self, count):
        """Until so many calls wait."""
        if not wait_until(lambda: ask(self.address, 'sm_info')[1]['waiting'] == count):
            raise AssertionError('never %d waiting' % count)


def named(server, name):
    """A client in a process of this name, of which the kernel keeps 15 bytes."""
    return Victim(server, prefix=['env', 'VICTIM_NAME=' + name])


def number(victim, proxy):
    """The manager's number of the connection that the client calls this proxy by."""
    connection = '%s._tls.connection' % proxy
    victim.must('%s.send((None, "sm_connection", (), {}))' % connection)
    return int(victim.must('%s.recv()[1]' % connection))


def hold(victim, name):
    """It has the lock that is registered under the name. The manager's number of it."""
    victim.must('%s = manager.%s()' % (name, name))
    victim.must('%s.acquire()' % name)
    return number(victim, name)


def want(victim, name):
    """It waits for a lock that is registered."""
    victim.must('%s = manager.%s()' % (name, name))
    victim.begin('%s.acquire()' % name)


def deadlock(server, names=('loader', 'indexer'), locks=('rows', 'index')):
    """Each client has its lock, and waits for the next one's. The clients, and their numbers."""
    victims = [named(server, name) for name in names]
    numbers = [hold(victim, lock) for victim, lock in zip(victims, locks)]

    for n, victim in enumerate(victims):
        want(victim, locks[(n + 1) % len(locks)])
    return victims, numbers


def create(server, count, *of):
    """So many objects, which this process has references to."""
    with open_calls(server.address) as raw:
        for done in range(0, count, BATCH):
            batch = min(BATCH, count - done)
            for _ in range(batch):
                raw.send_object((None, 'create', of, {}))
            for _ in range(batch):
                raw.receive()
