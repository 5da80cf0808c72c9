# SPDX-License-Identifier: MIT
"""Processes of one host on one lock, one dict and one counter, which a daemon has registered.

    together.py ADDRESS [TURNS] [sockets]

In each turn a process takes the lock to change the dict, and counts 20 times on its own way. With
the package, on a Unix socket, lock and counter are called in memory that is shared with the daemon;
`sockets` keeps to the socket. examples/together.c is the same in C.
"""

import os
import sys
import time

from lesson import parse_address
from syncmanager import AcquirerProxy, CounterProxy, DictProxy, SyncManager

STEPS = 20


class Manager(SyncManager):
    sockets_only = 'sockets' in sys.argv


Manager.register('lock', proxytype=AcquirerProxy)
Manager.register('board', proxytype=DictProxy)
Manager.register('hits', proxytype=CounterProxy)


def take_turns(lock, board, hits, turns):
    for _ in range(turns):
        with lock:
            board['turns'] += 1
        for _ in range(STEPS):
            hits.add()


def main():
    manager = Manager(parse_address(sys.argv[1]), os.environ['SYNCMANAGER_AUTHKEY'].encode())
    manager.connect()
    turns = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    start = time.perf_counter()
    take_turns(manager.lock(), manager.board(), manager.hits(), turns)
    calls = turns * (STEPS + 4)  # of the lock and the dict, two each
    print('Python: %9.0f calls a second' % (calls / (time.perf_counter() - start)))


if __name__ == '__main__':
    main()
