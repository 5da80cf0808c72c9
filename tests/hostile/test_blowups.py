#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Short requests that ask for much: each is refused, or done in little of the server's time.

What is measured is the server's own processor time, so that other work on the machine is no matter.
"""

import decimal
import os
import pickle
import unittest

from daemons import Case
from raw import open_calls

# Seconds of processor time for one request; under the sanitizers it takes several times as long.
ALLOWED = 5

HUGE = 10 ** 10  # beyond every limit
LARGE = 10 ** 8  # below them: it is done


def nested(n, pair):
    """A value with 2 ** n paths in n containers."""
    value = pair(0, 0)
    for _ in range(n):
        value = pair(value, value)
    return value


REGISTERED = {'text': '"abc\\tdef"', 'raw': "b'abc\\tdef'", 'number': '255', 'real': '0.5',
              'items': '[1, 2, 3]', 'table': '{1: 2}', 'some': '{1, 2}'}

# Object, method, arguments.
REFUSED = [
    ('items', '__mul__', HUGE), ('items', '__imul__', HUGE), ('items', 'extend', range(HUGE)),
    ('items', 'extend', reversed(range(HUGE))), ('items', '__setitem__', slice(0, 0), range(HUGE)),
    ('text', 'center', HUGE), ('text', 'ljust', HUGE), ('text', 'zfill', HUGE),
    ('text', 'expandtabs', 2 ** 31 - 1), ('raw', 'rjust', HUGE), ('raw', 'expandtabs', 2 ** 31 - 1),
    ('text', 'replace', '', 'x' * (LARGE // 2)), ('number', 'to_bytes', HUGE, 'big'),
]

DONE = [
    ('text', 'ljust', LARGE), ('text', 'zfill', LARGE), ('text', 'expandtabs', LARGE),
    ('raw', 'center', LARGE), ('number', 'to_bytes', LARGE, 'big'),
    ('items', 'index', decimal.Decimal('1e999999999')),
    ('some', 'add', decimal.Decimal('1e999999999999')),
    ('some', 'add', decimal.Decimal('1e-999999999999')),
    ('items', 'index', range(HUGE ** 2)), ('some', 'add', range(HUGE ** 2)),
    ('real', 'fromhex', '0x1p' + '9' * 10 ** 6),
    ('items', 'append', nested(60, lambda a, b: [a, b])),
    ('items', 'index', nested(60, lambda a, b: [a, b])),
    ('items', '__str__'),
    ('table', '__setitem__', nested(60, lambda a, b: (a, b)), 1),
    ('table', 'get', nested(60, lambda a, b: (a, b))),
    ('items', 'sort'),
    # Numbers with one hash in Python, and with one in tables that look at their low bits.
    ('table', 'update', [((2 ** 61 - 1) * k, 0) for k in range(1, 50000)]),
    ('some', 'update', [k << 64 for k in range(1, 50000)]),
    ('some', 'update', [float(k << 61) for k in range(1, 50000)]),
    ('some', 'update', [(k, -k) for k in range(50000)]),
    ('some', 'update', [decimal.Decimal(k) for k in range(10000)]),
]

# What an element is, how often it is in the list, and what then looks into all of them.
REPEATED = [
    ([1.5] * 50000, 20000, 'count', 0), ([1.5] * 50000, 20000, 'index', 1.5),
    ([1.5] * 50000, 20000, '__contains__', {}), ([1.5] * 50000, 20000, 'sort'),
    ('x' * 10 ** 6, 20000, 'sort'), ([[1.5] * 50000], 20000, 'sort'),
]

# Whole requests, with numbers in text.
PICKLES = {
    'LONG': b'(NVdummy\n(L' + b'7' * 10 ** 7 + b'L\nt}t.',
    'INT': b'(NVdummy\n(I' + b'7' * 10 ** 7 + b'\nt}t.',
    'FLOAT': b'(NVdummy\n(F' + b'7' * 10 ** 7 + b'\nt}t.',
    'UNICODE': b'(NVdummy\n(V' + b'\\u0041' * 10 ** 6 + b'\nt}t.',
    'MARK': b'(NVdummy\n' + b'(' * 10 ** 6 + b't' * 10 ** 6 + b'}t.',
    'DUP': b'(NVdummy\n(' + b'K\1' + b'2' * 10 ** 6 + b't}t.',
    'memo': b'(NVdummy\n(%bt}t.' % b''.join(b'Nr' + k.to_bytes(4, 'little') for k in range(10 ** 5)),
    'far memo': b'(NVdummy\n(Nr\xff\xff\xff\xfft}t.',
    'claimed length': b'(NVdummy\n(\x8e\xff\xff\xff\xff\xff\xff\xff\x7ft}t.',
    'not UTF-8': b'(NVdummy\n(X\x80\x96\x98\x00' + b'\xff' * 10 ** 7 + b't}t.',
}


class Blowups(Case):
    def setUp(self):
        self.server = self.serve('--max-memory', '2G', registered=REGISTERED)
        manager = self.server.connect()
        self.objects = {name: getattr(manager, name)() for name in REGISTERED}
        self.raw = open_calls(self.server.address)
        self.raw.socket.settimeout(100)
        self.addCleanup(self.raw.close)

    def processor_time(self):
        with open('/proc/%d/stat' % self.server.pid) as file:
            fields = file.read().rsplit(')', 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')

    def ask(self, request):
        start = self.processor_time()
        self.raw.send(request)
        reply = self.raw.receive()
        self.assertLess(self.processor_time() - start, ALLOWED)
        return reply

    def call(self, name, method, *args):
        return self.ask(pickle.dumps((self.objects[name]._id, method, args, {}), 4))

    def test_what_would_be_huge_raises_memory_error(self):
        for name, method, *args in REFUSED:
            with self.subTest(method, object=name):
                kind, error = pickle.loads(self.call(name, method, *args))
                self.assertEqual(kind, '#ERROR')
                self.assertIsInstance(error, MemoryError)
        self.server.stop()

    def test_nothing_short_takes_long(self):
        for name, method, *args in DONE:
            with self.subTest(method, object=name):
                self.call(name, method, *args)
        self.server.stop()

    def test_one_value_in_many_places_is_looked_into_once(self):
        for value, times, method, *args in REPEATED:
            with self.subTest(method):
                self.call('items', '__setitem__', slice(None), [value] * times)
                self.call('items', method, *args)
        self.server.stop()

    def test_values_of_many_blobs_take_no_longer_to_sort(self):
        self.call('items', '__setitem__', slice(None), [[1.5] * 50000, [1.5] * 50000] * 5000)
        self.call('items', 'sort')
        self.server.stop()

    def test_no_pickle_takes_long_to_read(self):
        for name, request in PICKLES.items():
            with self.subTest(name):
                self.ask(request)
        self.server.stop()


if __name__ == '__main__':
    unittest.main()
