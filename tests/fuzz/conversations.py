#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes inputs for fuzz_connection: every method of every type, and every server function.

    python3 tests/fuzz/conversations.py FOLDER

A fuzzer makes one small corpus of them and of what it found: FUZZ -merge=1 tests/fuzz/corpus/connection
FOLDER. The daemon tells which methods there are, in the order that fuzz_connection sees them.
"""

import array
import collections
import datetime
import decimal
import fractions
import os
import pickle
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'interop'))

import raw  # noqa: E402
import servers  # noqa: E402

# As in fuzz_connection.c, in its order: `makes` with what create() takes here, and `functions`.
TYPES = [
    ('list', [[1, 2, 3]]), ('dict', [{1: 2}]), ('Queue', [2]), ('JoinableQueue', []), ('Lock', []),
    ('RLock', []), ('Semaphore', [1]), ('BoundedSemaphore', [1]), ('Condition', []), ('Event', []),
    ('Barrier', [2]), ('Namespace', []), ('Value', ['i', 7]), ('Array', ['i', [1, 2]]), ('set', []),
    ('str_', []), ('bytes_', []), ('tuple_', []), ('int_', []), ('float_', [])]
REGISTERED = {'str_': "'a text, \\xe9\\u20ac'", 'bytes_': "b'some bytes'", 'tuple_': "(1, 'two')",
              'int_': '255', 'float_': '0.5'}
FUNCTIONS = ['dummy', 'create', 'incref', 'decref', 'get_methods', 'number_of_objects', 'debug_info',
             'accept_connection', 'sm_clients', 'sm_connection', 'sm_info', 'sm_keep', 'sm_locks',
             'sm_objects', 'sm_version', 'sm_withdraw', 'sm_kill', 'sm_metrics', 'sm_deaths']
PARKS = {'acquire', 'get', 'put', 'wait', 'wait_for', 'join'}

# Steps of fuzz_connection, for its client 0, 1 or 2.
HANG_UP, FUNCTION, MAKE, CALL = 2 * 3, 3 * 3, 4 * 3, 5 * 3

IDENT, PROXY = object(), object()
ARGUMENTS = [
    (), (0,), (1,), (-1, 2), (0.01,), (True, 0.01), (False,), ('a',), ('a', 'b'), ('%s', 0), (b'e',),
    (b'e', b'me'), (None,), (slice(0, 2),), (slice(None, None, -1), [7, 8]), (0, 5), ([1, 2],),
    ([(1, 2), (3, 4)],), ({1, 2},), (frozenset([3]),), ({'a': 1, 1: 2},), (1, None), ('utf-8', 'strict'),
    (3.5,), (2 ** 70,), ((1, 'two'),), (PROXY,), (IDENT,), (PROXY, 'x'), (1, 2, 3), (10, '*'),
    ('utf-16', 'replace'), ('latin-1', 'ignore'), ('ascii', 'xmlcharrefreplace'), ('cp1252',),
    ('utf-32-le', 'surrogatepass'), ('unicode_escape', 'backslashreplace'), ('ascii', 'namereplace'),
    ('rot13',), ('hex',), ('0x1.8p3',), ('big',), (8, 'little')]
KNOWN = [
    datetime.date(2020, 2, 29), datetime.timedelta(1, 2, 3), datetime.datetime(2020, 1, 1, 12, 30),
    datetime.time(1, 2, 3), decimal.Decimal('-1.50'), fractions.Fraction(1, 3), 1j, range(1, 9, 3),
    collections.deque([1, 2], 3), collections.OrderedDict(a=1), collections.Counter('ab'), bytearray(b'x'),
    array.array('d', [1.5]), array.array('u', 'text'), frozenset([1]), Ellipsis, int, ValueError('no'),
    slice(1, None), iter([1, 2]), float('nan'), -0.0, 2 ** 200]


def opcodes(args):
    """The opcodes of a tuple's items, which the fuzz target frames."""
    out = b''
    for arg in args:
        if arg is IDENT or arg is PROXY:
            out += b'\xfe' if arg is IDENT else b'\xff'
        else:
            out += pickle.dumps(arg, 2)[2:-1]
    return out[:255]


def call(step, *numbers, args=()):
    text = opcodes(args)
    return bytes([step, *numbers, len(text)]) + text


def of_type(number, methods, args):
    """One object and all its methods, twice: what the first round changed, the second one sees."""
    out = bytes([MAKE, number])
    for turn in range(2):
        for at, method in enumerate(methods):
            client = (at + turn) % 3
            out += call(CALL + client, 0, at, args=args)
            if method in PARKS:
                out += bytes([HANG_UP + client])
    return out


def views():
    """Some of everything, held and waited for, looked at by everybody."""
    out = b''.join(bytes([MAKE, number]) for number in (0, 4, 5, 6, 8, 11, 15, 2))
    for client, at in enumerate((1, 1, 2)):
        out += call(CALL + client, at, 0)
    for number, name in enumerate(FUNCTIONS):
        for args in ((), (IDENT,), (PROXY,), (0,), (2,), (None, 1)):
            if name != 'sm_kill' or args != ():
                out += call(FUNCTION, number, args=args)
    return out


def of_value(value, methods):
    """What is done with a value in a list and a dict, as a key too, and how it shows."""
    out = bytes([MAKE, 0, MAKE, 1])
    for at, name, args in (
            (0, 'append', (value,)), (0, 'append', (value,)), (0, 'index', (value,)),
            (0, 'count', (value,)), (0, 'sort', ()), (0, 'extend', (value,)),
            (0, '__contains__', (value,)), (1, '__setitem__', (value, 1)), (1, '__setitem__', (1, value)),
            (1, 'get', (value,)), (1, 'update', ({'a': value},)), (0, 'remove', (value,))):
        out += call(CALL, at, methods[at].index(name), args=args)
    for name in 'debug_info', 'sm_objects':
        out += call(FUNCTION, FUNCTIONS.index(name))
    return out + call(FUNCTION, FUNCTIONS.index('create'), args=('Array', 'd', value))


def main(folder):
    os.makedirs(folder, exist_ok=True)
    inputs = {'views': views()}
    exposed = {}
    with servers.Daemon(REGISTERED) as daemon:
        for number, (typeid, makes) in enumerate(TYPES):
            kind, (_, methods) = raw.ask(daemon.address, 'create', typeid, *makes)
            assert kind == '#RETURN'
            exposed[typeid] = methods
            for n, args in enumerate(ARGUMENTS):
                inputs['%s-%d' % (typeid, n)] = of_type(number, methods, args)
    for n, value in enumerate(KNOWN):
        inputs['known-%d' % n] = of_value(value, [exposed['list'], exposed['dict']])
    for name, data in inputs.items():
        with open(os.path.join(folder, name), 'wb') as file:
            file.write(data)


if __name__ == '__main__':
    main(sys.argv[1])
