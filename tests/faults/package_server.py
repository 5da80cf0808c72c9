#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A manager that is started by the Python package, with a class of a program's: for faults.py.

    package_server.py ADDRESS KEYFILE [off]

The server is the manager's child, as in any program: its pid is printed too. With `off` it shares
no memory with clients. Ends on SIGTERM, and when the server has ended.
"""

import os
import signal
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'python'))

import package  # noqa: E402, F401: the package under test can be imported then
import servers  # noqa: E402
import syncmanager  # noqa: E402


class Tally:
    """Its calls are short or long, and so are its answers."""

    def __init__(self):
        self.lock = threading.Lock()
        self.value = 0

    def add(self, seconds=0):
        """Takes so long before it adds."""
        if seconds:
            time.sleep(seconds)
        with self.lock:
            self.value += 1
            return self.value

    def get(self):
        return self.value

    def text(self, length):
        return 'x' * length

    def weigh(self, text):
        return len(text)


class Manager(syncmanager.SyncManager):
    pass


Manager.register('Tally', Tally)


def main(address, key_file, shared_memory='on'):
    Manager.sockets_only = shared_memory == 'off'
    with open(key_file, 'rb') as file:
        manager = Manager(servers.parse_address(address), file.read())
    with manager:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        print('listening on', servers.format_address(manager.address))
        print(manager._process.pid, flush=True)
        manager._process.join()
    sys.exit('the server has ended')


if __name__ == '__main__':
    main(*sys.argv[1:])
