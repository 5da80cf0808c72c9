#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Clients that are killed, stopped and cut, and what a manager promises all the same.

    tests/faults/faults.py --seconds 60 --seed 5

Dozens of clients, of the standard library under several CPythons and of libsyncmanager, do random
work on shared objects, and write down each call and what came of it. Meanwhile they are killed
(SIGKILL), stopped and continued, and their connections are cut, reset, cut within a frame, delayed
and unplugged. What they wrote is held against what each type promises (checks.py): locks
have one owner, permits and items are conserved, no wake-up is lost, generations of a barrier agree,
lists and dicts are linearizable, nobody is stuck, no reference and no descriptor stays behind.

A run is a sequence of rounds on one server. A seed decides what is done, and roughly when.
`--server package` runs the same on a server that the Python package starts, which hosts objects of
Python's besides, `--server stock` on CPython's own, which does not keep these promises.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(HERE, '..', 'interop'))

import run as interop  # noqa: E402
import servers  # noqa: E402
from lives import Nursery, Programs  # noqa: E402
from observer import Observer  # noqa: E402
from plan import COUNTER, TALLY  # noqa: E402
from rounds import Round  # noqa: E402

WAYS = ['unix', 'tcp', 'unix relay', 'tcp relay']
SHOWN = 10           # violations of a round that are printed
WARM_UP = 3          # rounds after which memory should not grow any more
MEMORY_SLACK = 4     # MiB


class Daemon(servers.Daemon):
    """The daemon, on a Unix socket and on TCP."""

    more = COUNTER
    shared_memory = 'on'

    def command(self, address):
        return super().command(address) + ['--address', '127.0.0.1:0', '--log-level', 'error',
                                           '--shared-memory', self.shared_memory]

    def addresses(self):
        second = self.process.stdout.readline().split()[-1]
        return {'unix': servers.format_address(self.address), 'tcp': second}


class Stock(servers.Stock):
    """CPython's own server, on one of them."""

    more = {}
    shared_memory = 'off'

    def addresses(self):
        transport = 'tcp' if isinstance(self.address, tuple) else 'unix'
        return {transport: servers.format_address(self.address)}


class Package(servers.Server):
    """One that the Python package starts, which has a class of a program's besides."""

    name = 'package'
    more = {**COUNTER, **TALLY}
    shared_memory = 'on'

    def command(self, address):
        return [sys.executable, os.path.join(HERE, 'package_server.py'), address, self.key_file,
                self.shared_memory]

    def wait_for_address(self):
        address = super().wait_for_address()
        self.child = int(self.process.stdout.readline())
        return address

    @property
    def pid(self):
        return self.child

    def addresses(self):
        return {'unix': servers.format_address(self.address)}

    def judge(self, status, errors):
        if status != 0 or errors:
            raise AssertionError('the manager ended with status %d\n%s' % (status, errors[-8000:]))


SERVERS = {'daemon': Daemon, 'package': Package, 'stock': Stock}


class Harness:
    def __init__(self, options):
        self.options = options
        self.folder = tempfile.mkdtemp(prefix='sm-faults-')
        self.errors = open(os.path.join(self.folder, 'errors'), 'w+')
        self.parse = servers.parse_address
        self.key = servers.KEY.decode()
        kind = SERVERS[options.server]
        if options.sockets_only:
            kind.shared_memory = 'off'
        self.server = kind()
        self.addresses = self.server.addresses()
        self.makers = [Nursery(python, self.errors) for python in options.pythons]
        if os.path.exists(options.worker):
            self.makers += [Programs(options.worker, self.errors)] * max(1, len(self.makers))
        made = servers.client_class(typeid for typeid, _ in self.server.more.values())
        self.observer = Observer(self.server.connect(made), servers.KEY)
        self.observer.number_of_objects()
        self.rounds, self.violations, self.undecided, self.memory = 0, 0, 0, []
        self.ways = set()
        self.totals = dict.fromkeys(['calls', 'in memory', 'by rings', 'kills', 'stops', 'cuts', 'lost'], 0)

    def settles(self, condition, seconds):
        return servers.wait_until(condition, seconds)

    def count(self, what):
        return len(os.listdir('/proc/%d/%s' % (self.server.pid, what)))

    def by_rings(self):
        """Calls that memory has carried."""
        return 0 if self.options.server == 'stock' else self.observer.ask('sm_info')['by_rings']

    def read_memory(self):
        """The server's resident memory in MiB."""
        with open('/proc/%d/statm' % self.server.pid) as file:
            return int(file.read().split()[1]) * os.sysconf('SC_PAGE_SIZE') / (1 << 20)

    def run(self):
        started = time.monotonic()
        self.observer.make('first', 'list', ())  # so that the observer has its connection
        self.observer.call('first', '__len__')
        if 'tally' in self.server.more:
            self.observer.make('second', 'Tally', ())
            self.observer.call('second', 'get')
        self.observer.forget()
        if self.server.shared_memory == 'on':
            self.observer.ask('sm_cell')  # so that the server has that memory
        self.resources = {what: self.count(what) for what in ('fd', 'task')}
        while self.rounds == 0 or time.monotonic() - started < self.options.seconds:
            self.rounds += 1
            self.account(Round(self, self.rounds).run())
            self.progress(time.monotonic() - started)
            if not self.server.alive():
                self.violations += 1
                print('the server has ended\n' + self.server.read_errors())
                break
        self.check_memory()
        self.check_sharing()
        return self.report(time.monotonic() - started)

    def account(self, done):
        counts = done.nemesis.counts
        for what, count in [('calls', done.calls), ('in memory', done.in_memory), ('kills', counts['kill']),
                            ('stops', counts['stop']), ('cuts', done.cuts), ('lost', done.losses)]:
            self.totals[what] += count
        self.totals['by rings'] = self.by_rings()
        self.ways.update(done.ways)
        self.violations += len(done.wrong)
        self.undecided += len(done.undecided)
        self.memory.append(self.read_memory())
        for text in done.wrong[:SHOWN]:
            print('round %d: %s' % (self.rounds, text))
        if len(done.wrong) > SHOWN:
            print('round %d: and %d more' % (self.rounds, len(done.wrong) - SHOWN))

    def figures(self):
        return ', '.join('%d %s' % (self.totals[what], what) for what in self.totals)

    def progress(self, seconds):
        print('round %d, %d s: %s, %d violations, %.1f MiB' % (
            self.rounds, seconds, self.figures(), self.violations, self.memory[-1]), flush=True)

    def check_memory(self):
        """It does not grow with what is done, once the server has settled."""
        settled = self.memory[:WARM_UP][-1]
        if self.options.memory and self.memory[-1] > settled + MEMORY_SLACK:
            self.violations += 1
            print('memory grew from %.1f to %.1f MiB' % (settled, self.memory[-1]))

    def check_sharing(self):
        """Programs in C that come straight to a server which shares memory use that."""
        come = os.path.exists(self.options.worker) and 'unix' in self.ways
        share = come and self.server.shared_memory == 'on'
        expected = {'in memory': share, 'by rings': share}
        if share and 'tally' in self.server.more:
            del expected['by rings']  # connections that a host has served have none
        for what in expected:
            if bool(self.totals[what]) != expected[what]:
                self.violations += 1
                print('%d calls were %s' % (self.totals[what], what))

    def report(self, seconds):
        self.errors.flush()
        self.errors.seek(0)
        errors = self.errors.read()
        if errors:
            self.violations += 1
            print('clients complained:\n' + errors[-4000:])
        print('\n%s server, %d clients, %d rounds, %d s' % (
            self.options.server, self.options.clients, self.rounds, seconds))
        print('%s; memory %.1f, then at most %.1f MiB' % (
            self.figures(), self.memory[0], max(self.memory)))
        print('seed %d: %d violations, %d histories undecided' % (
            self.options.seed, self.violations, self.undecided))
        return self.violations

    def close(self):
        for maker in self.makers:
            maker.close()
        self.errors.close()
        try:
            self.server.stop()
        finally:
            if self.options.keep or (self.violations and not self.options.violates):
                print('histories are in', self.folder)
            else:
                shutil.rmtree(self.folder)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    add = parser.add_argument
    add('--seconds', type=float, default=20, help='for all rounds')
    add('--seed', type=int, default=1)
    add('--clients', type=int, default=24)
    add('--round', type=float, default=8, help='seconds of one')
    add('--pause', type=float, default=0.005, help="a client's mean pause between scenes, in seconds")
    add('--kills', type=float, default=6, help='a second, of all clients; likewise:')
    add('--stops', type=float, default=3)
    add('--cuts', type=float, default=3)
    add('--expels', type=float, default=1, help='by sm_kill()')
    add('--looks', type=float, default=2, help='at the views')
    add('--server', choices=list(SERVERS), default='daemon')
    add('--ways', default=None, help='of connecting, for the groups in turn: ' + ', '.join(WAYS))
    add('--sockets-only', action='store_true', help='let the server share no memory with clients')
    add('--no-memory', dest='memory', action='store_false', help='let memory grow')
    add('--stuck-after', type=float, default=20,
        help='seconds after which a client that has not ended at the end of a round never will')
    add('--violates', action='store_true',
        help='succeed if there are violations: to show that they are found')
    add('--keep', action='store_true', help='keep plans and histories')
    add('--worker', default=os.environ.get('SYNCMANAGER_FAULTS_WORKER', os.path.join(
        ROOT, 'build', 'tests', 'faults', 'worker')), help='the client in C')
    options = parser.parse_args()
    options.rates = {'kill': options.kills, 'stop': options.stops, 'cut': options.cuts}
    if options.server != 'stock':
        options.rates.update(expel=options.expels, look=options.looks)
    ways = options.ways or ','.join(WAYS if options.server == 'daemon' else ['unix', 'unix relay'])
    options.ways = ways.split(',')
    unknown = [way for way in options.ways if way not in WAYS]
    if unknown:
        parser.error('no way %s: there are %s' % (', '.join(unknown), ', '.join(WAYS)))
    pythons = list(interop.find_pythons().values())
    options.pythons = list(dict.fromkeys([pythons[0], pythons[len(pythons) // 2], pythons[-1]]))
    return options


def main():
    options = parse_options()
    harness = Harness(options)
    try:
        violations = harness.run()
    finally:
        harness.close()
    sys.exit(bool(violations) != options.violates)


if __name__ == '__main__':
    main()
