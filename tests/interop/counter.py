# SPDX-License-Identifier: MIT
"""A server of the standard library's with a class of its own:  counter.py ADDRESS KEYFILE"""

import sys
from multiprocessing.managers import SyncManager

from servers import format_address, parse_address


class Counter:
    def __init__(self, n):
        self.n = n

    def add(self, n):
        self.n += n
        return self.n

    def echo(self, value):
        return value

    def fail(self):
        raise ValueError('it failed')

    def __repr__(self):
        return 'Counter(%d)' % self.n


class CounterManager(SyncManager):
    pass


CounterManager.register('Counter', Counter)

if __name__ == '__main__':
    with open(sys.argv[2], 'rb') as key_file:
        key = key_file.read()
    server = CounterManager(parse_address(sys.argv[1]), key).get_server()
    print('listening on', format_address(server.address), flush=True)
    server.serve_forever()
