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

import gc
import os
import threading
import time
from multiprocessing import managers

from comparing import Comparison, Difference, format_call
from differences import is_known
from outcomes import outcome_of
from servers import KEY, PATIENCE, Daemon, Stock
from subjects import SUBJECTS


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
        if made[0] != made[1] and not is_known(typeid, 'create', *made):
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
            if expected != actual and not is_known(typeid, name, expected, actual):
                raise Difference(done, expected, actual)
            if actual.startswith('raises ') and not expected.startswith('raises '):
                break  # what one did and the other refused leaves them different
        return len(done) + 1


def make_proxy(manager, typeid, args, kwds):
    """A proxy that exposes nothing by itself: calls go through _callmethod()."""
    token, exposed = manager._create(typeid, *args, **kwds)
    proxy = managers.BaseProxy(token, 'pickle', manager=manager, authkey=KEY, exposed=exposed)
    connection = manager._Client(token.address, authkey=KEY)
    managers.dispatch(connection, None, 'decref', (token.id,))
    return proxy


COMPARISON = Comparison(SUBJECTS, Pair)


def main():
    parser = COMPARISON.options(__doc__, calls=1000)
    parser.add_argument('--daemon', metavar='PATH', help='default: SYNCMANAGERD, else build/')
    args = parser.parse_args()
    if args.daemon:
        os.environ['SYNCMANAGERD'] = args.daemon
    COMPARISON.run(args)


if __name__ == '__main__':
    main()
