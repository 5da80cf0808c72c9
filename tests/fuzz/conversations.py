#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes inputs for fuzz_connection: every method of every type, and every server function.

    python3 tests/fuzz/conversations.py FOLDER

A fuzzer makes one small corpus of them and of what it found: FUZZ -merge=1 tests/fuzz/corpus/connection
FOLDER. The daemon tells which methods there are, in the order that fuzz_connection sees them.
"""

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
             'sm_objects', 'sm_version', 'sm_withdraw', 'sm_kill']
PARKS = {'acquire', 'get', 'put', 'wait', 'wait_for', 'join'}

# Steps of fuzz_connection, for its client 0, 1 or 2.
HANG_UP, FUNCTION, MAKE, CALL = 2 * 3, 3 * 3, 4 * 3, 5 * 3

IDENT, PROXY = object(), object()
ARGUMENTS = [
    (), (0,), (1,), (-1, 2), (0.01,), (True, 0.01), (False,), ('a',), ('a', 'b'), ('%s', 0), (b'e',),
    (b'e', b'me'), (None,), (slice(0, 2),), (slice(None, None, -1), [7, 8]), (0, 5), ([1, 2],),
    ([(1, 2), (3, 4)],), ({1, 2},), (frozenset([3]),), ({'a': 1, 1: 2},), (1, None), ('utf-8', 'strict'),
    (3.5,), (2 ** 70,), ((1, 'two'),), (PROXY,), (IDENT,), (PROXY, 'x'), (1, 2, 3), (10, '*')]


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


def main(folder):
    os.makedirs(folder, exist_ok=True)
    inputs = {'views': views()}
    with servers.Daemon(REGISTERED) as daemon:
        for number, (typeid, makes) in enumerate(TYPES):
            kind, (_, methods) = raw.ask(daemon.address, 'create', typeid, *makes)
            assert kind == '#RETURN'
            for n, args in enumerate(ARGUMENTS):
                inputs['%s-%d' % (typeid, n)] = of_type(number, methods, args)
    for name, data in inputs.items():
        with open(os.path.join(folder, name), 'wb') as file:
            file.write(data)


if __name__ == '__main__':
    main(sys.argv[1])
