#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The same random calls on CPython's server and on the daemon; their outcomes must be the same.

    python3 tests/interop/differential.py                            seed 0, every type
    python3 tests/interop/differential.py --seeds 20 --calls 2000    seeds 0 to 19
    python3 tests/interop/differential.py --type list --seed 7 --more 10
    python3 tests/interop/differential.py --replay FILE              a printed call list again

What is called is in subjects.py, with which values in random_values.py.  Calls of one object go
over one connection to each server, through the proxy's own _callmethod().  A difference is printed
with the shortest list of calls found that shows it, as Python that --replay reads; where it is
deliberate, differences.py has its reason.  The last line is `N calls, N differences`, and the exit
status 1 when there are any.
"""

import argparse
import gc
import itertools
import os
import random
import sys
import threading
import time
from multiprocessing import managers

import differences
import random_values
from outcomes import outcome_of
from servers import KEY, PATIENCE, Daemon, Stock
from subjects import SUBJECTS

SHRINKING = 4.0  # seconds spent on making a call list shorter


class Difference(Exception):
    """Two outcomes of one call that should be the same."""

    def __init__(self, calls, expected, actual):
        super().__init__(calls, expected, actual)
        self.calls, self.expected, self.actual = calls, expected, actual

    def signature(self):
        """What tells this difference from others, whatever the values."""
        name = self.calls[-1][0] if self.calls else 'create'
        return name, self.expected[:40], self.actual[:40]


class Watchdog:
    """Ends a server that does not answer, so that its call fails instead of waiting for ever."""

    def __init__(self):
        self.server = None
        self.since = 0.0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self):
        while not self.over.wait(0.2):
            server = self.server
            if server is not None and time.monotonic() - self.since > PATIENCE:
                self.server = None
                server.process.kill()
                server.process.wait()

    def call(self, server, function, *args):
        self.since = time.monotonic()
        self.server = server
        outcome = outcome_of(function, *args)
        self.server = None
        return outcome


class Pair:
    """Both servers with the same registrations, and a fresh object on each when one is asked for."""

    def __init__(self, registered):
        self.registered = registered
        self.servers = [None, None]
        self.anchors = [None, None]
        self.managers = [None, None]
        self.watchdog = Watchdog()

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.watchdog.over.set()
        self.watchdog.thread.join()
        for server in self.servers:
            if server is None or not server.alive():
                continue
            if exc_info[0] is None:
                server.stop()
            else:
                server.kill()

    def ensure(self):
        """Both servers run: one that has died is started again."""
        for i, kind in enumerate((Stock, Daemon)):
            if self.servers[i] is None or not self.servers[i].alive():
                if self.servers[i] is not None:
                    self.servers[i].kill()
                self.servers[i] = kind(self.registered)
                self.managers[i] = self.servers[i].connect()
                # While a proxy lives, giving another back, which the collector may do in the middle
                # of a call, does not close the thread's connection.
                self.anchors[i] = self.managers[i].Event()

    def compare(self, typeid, args, kwds, calls):
        """Make an object on each, and call it; raises Difference at the first.

        Proxies of earlier objects go first: one that goes during a call may close its connection.
        """
        gc.collect()
        self.ensure()
        objects = [None, None]

        def create(i):
            objects[i] = make_proxy(self.managers[i], typeid, args, kwds)

        made = [self.watchdog.call(self.servers[i], create, i) for i in (0, 1)]
        if made[0] != made[1] and not known(typeid, 'create', *made):
            raise Difference([], *made)
        if None in objects:
            return 1
        stock, daemon = objects
        done = []
        for name, args, kwds in calls:
            done.append((name, args, kwds))
            expected = self.watchdog.call(self.servers[0], stock._callmethod, name, args, kwds)
            if not self.servers[0].alive():
                raise RuntimeError('the stock server does not answer %s.%s' % (
                    typeid, format_call(name, args, kwds)))
            actual = self.watchdog.call(self.servers[1], daemon._callmethod, name, args, kwds)
            if expected != actual and not known(typeid, name, expected, actual):
                raise Difference(done, expected, actual)
        return len(done) + 1


def make_proxy(manager, typeid, args, kwds):
    """A proxy that exposes nothing by itself: calls go through _callmethod()."""
    token, exposed = manager._create(typeid, *args, **kwds)
    proxy = managers.BaseProxy(token, 'pickle', manager=manager, authkey=KEY, exposed=exposed)
    connection = manager._Client(token.address, authkey=KEY)
    managers.dispatch(connection, None, 'decref', (token.id,))
    return proxy


def known(typeid, method, expected, actual):
    """Whether the table of deliberate differences has this one."""
    return any(row.typeid in (typeid, '*') and row.method in (method, '*')
               and row.applies(expected, actual) for row in differences.CALLS)


def shorten(pair, typeid, args, kwds, difference, reset):
    """Leave out calls as long as there is a difference, and time."""
    deadline = time.monotonic() + SHRINKING
    best = difference
    size = max(1, len(best.calls) // 2)
    while size and time.monotonic() < deadline:
        start = len(reset)
        while start < len(best.calls) - 1 and time.monotonic() < deadline:
            calls = best.calls[:start] + best.calls[start + size:]
            try:
                pair.compare(typeid, args, kwds, calls)
                start += size
            except Difference as shorter:
                if shorter.signature() == best.signature():
                    best = shorter.with_traceback(None)
                else:
                    start += size
        size //= 2
    return best


def format_call(name, args, kwds):
    return '(%r, %s, %s)' % (name, random_values.source(args), random_values.source(kwds))


def report(kind, seed, typeid, spec, args, kwds, difference):
    print('-- %s, seed %d: a difference' % (kind, seed))
    print('{"typeid": %r, "spec": %r, "args": %s, "kwds": %s, "calls": [' % (
        typeid, spec, random_values.source(args), random_values.source(kwds)))
    for call in difference.calls:
        print('    %s,' % format_call(*call))
    print(']}')
    print('-- stock:  ' + difference.expected)
    print('-- daemon: ' + difference.actual, flush=True)


def run_type(pair, kind, subject, seed, count, more, objects=5):
    """Random calls on some objects of a type; returns how many were made, and how many differed."""
    calls, found, seen = 0, 0, set()
    for _ in range(objects):
        if found > more:
            break
        args, kwds = subject.make()
        stream = itertools.chain.from_iterable(subject.calls())
        wanted = list(subject.reset) + list(itertools.islice(stream, count // objects))
        try:
            calls += pair.compare(subject.typeid, args, kwds, wanted)
        except Difference as difference:
            if difference.signature() in seen:
                continue
            seen.add(difference.signature())
            found += 1
            difference = shorten(pair, subject.typeid, args, kwds,
                                 difference.with_traceback(None), subject.reset)
            report(kind, seed, subject.typeid, subject.spec(), args, kwds, difference)
    return calls, found


def run_seed(seed, count, kinds, more=0):
    """Every type with one seed."""
    calls = found = 0
    subjects = {kind: SUBJECTS[kind](random.Random('%d %s' % (seed, kind))) for kind in kinds}
    registered = {}
    for subject in subjects.values():
        spec = subject.spec()
        if spec is not None:
            subject.spec = lambda spec=spec: spec
            registered[subject.typeid] = spec
    with Pair(registered) as pair:
        for kind, subject in subjects.items():
            try:
                made, differing = run_type(pair, kind, subject, seed, count, more)
            except Exception as error:
                error.args += ('type %s, seed %d' % (kind, seed),)
                raise
            calls += made
            found += differing
    return calls, found


def replay(path):
    with open(path) as file:
        lines = [line for line in file if not line.startswith('--')]
    case = eval(''.join(lines), dict(random_values.NAMES))
    registered = {case['typeid']: case['spec']} if case['spec'] else {}
    with Pair(registered) as pair:
        try:
            return pair.compare(case['typeid'], case['args'], case['kwds'], case['calls']), 0
        except Difference as difference:
            report('replay', 0, case['typeid'], case['spec'], case['args'], case['kwds'],
                   difference)
            return len(difference.calls), 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--seed', type=int, default=0, help='the first seed')
    parser.add_argument('--seeds', type=int, default=1, help='how many')
    parser.add_argument('--calls', type=int, default=1000, help='calls of each type with each seed')
    parser.add_argument('--type', action='append', choices=sorted(SUBJECTS), help='only these')
    parser.add_argument('--more', type=int, default=0,
                        help='go on after a difference, to show this many more of the type')
    parser.add_argument('--daemon', metavar='PATH', help='default: SYNCMANAGERD, else build/')
    parser.add_argument('--replay', metavar='FILE', help='run a printed call list')
    args = parser.parse_args()
    if args.daemon:
        os.environ['SYNCMANAGERD'] = args.daemon
    calls = found = 0
    if args.replay:
        calls, found = replay(args.replay)
    else:
        for seed in range(args.seed, args.seed + args.seeds):
            made, differing = run_seed(seed, args.calls, args.type or list(SUBJECTS), args.more)
            calls, found = calls + made, found + differing
    print('%d calls, %d differences' % (calls, found))
    sys.exit(1 if found else 0)


if __name__ == '__main__':
    main()
