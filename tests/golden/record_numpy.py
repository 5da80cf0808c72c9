#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write down what numpy's scalars are: python3 record_numpy.py > numpy/VERSION.json

Of each scalar its pickle, repr(), str() and the name of its class; of each two, and of each and
a value of Python's, in rows of digits: which are equal, which are less, and which are the same key
of a dict.  E stands for an exception, - for what has no order.  And what comes of it as an argument,
of expressions that the daemon's objects have a like for: a repr(), or an exception's name.  tests/interop/test_numpy.py holds the daemon to it.
"""

import json
import pickle
import queue
import sys
import threading

import numpy as np

SCALARS = '''
    np.bool_(True) np.bool_(False) np.int8(-1) np.int8(5) np.uint8(200) np.int16(-300)
    np.uint16(65535) np.int32(5) np.uint32(4294967295) np.int64(5) np.int64(0) np.int64(-2**63)
    np.int64(2**53+1) np.uint64(2**63) np.uint64(2**64-1) np.uint64(5)
    np.float16(0.1) np.float16(5) np.float16(6.1e-5) np.float16(6e-8) np.float16('inf')
    np.float32(0.1) np.float32(5) np.float32(1.5e-5) np.float32(3e20) np.float32(1e-45)
    np.float32(2**24) np.float32(123456) np.float32('nan') np.float32(1e-4) np.float32(-0.0)
    np.float64(0.1) np.float64(5) np.float64(1e16) np.float64(2**53) np.float64(1e-5)
    np.float64('-inf') np.float64('nan') np.float64(0)
    np.complex64(1+2j) np.complex64(0.1) np.complex128(2j) np.complex128(complex(-0.0,1))
    np.complex128(5) np.str_('a\\u20ac') np.str_('a') np.str_('') np.str_('\\U0001f600')
    np.bytes_(b'ab') np.bytes_(b'') np.array([5],'>i4')[0] np.longdouble(5)
    np.datetime64('2020-01-01') np.timedelta64(5,'s')'''.split()

PLAIN = '''
    0 1 5 -1 200 65535 4294967295 -2**63 2**53 2**53+1 2**63 2**64-1 10**30 True False None
    0.0 0.1 5.0 1e16 3e20 float('inf') float('nan') (1+2j) 2j 5+0j 'a' 'a\\u20ac' '' b'ab' b''
    (5,)'''.split()

# Kinds of values whose order numpy has words of its own about.
NUMBERS = (bool, int, float, np.bool_, np.integer, np.floating)
TEXTS = (str, np.str_), (bytes, np.bytes_)


def less(x, y):
    if any(isinstance(x, kinds) and isinstance(y, kinds) for kinds in (NUMBERS, *TEXTS)):
        return x < y
    return None


# Expressions about a scalar x, and about one that is no time to wait for.
ARGUMENTS = '[10, 20, 30, 40, 50, 60][x]', '[10, 20, 30, 40, 50, 60][x:]', '[1, 5, 7].index(7, x)'
SMALL = '[1] * x', '[1, 2].insert(x, 3)', '[1, 2, 3, 4, 5, 6].pop(x)'
TIMES = ('threading.Event().wait(x)', 'queue.Queue().get(True, x)', 'threading.Lock().acquire(True, x)',
         'threading.Semaphore(0).acquire(True, x)')


def outcome(expression, x):
    try:
        return repr(eval(expression, {'x': x, 'threading': threading, 'queue': queue}))
    except Exception as error:
        return type(error).__name__


def outcomes(x):
    expressions = list(ARGUMENTS)
    try:
        number = float(x)
    except Exception:
        number = 0  # it is refused for what it is
    if abs(number) < 100:
        expressions += SMALL
    if abs(number) < 0.01 and number >= 0:
        expressions += TIMES
    return {expression: outcome(expression, x) for expression in expressions}


def digit(function, x, y):
    try:
        result = function(x, y)
        return '-' if result is None else str(int(bool(result)))
    except Exception:
        return 'E'


def rows(function, left, right):
    return [''.join(digit(function, x, y) for y in right) for x in left]


def main():
    scalars = [eval(source) for source in SCALARS]
    everything = scalars + [eval(source) for source in PLAIN]
    everything = [pickle.loads(pickle.dumps(value)) for value in everything]  # others, not the same
    record = {
        'numpy': np.__version__, 'plain': PLAIN,
        'scalars': [{'source': source, 'pickle': pickle.dumps(scalar, 4).hex(),
                     'repr': repr(scalar), 'str': str(scalar),
                     'class': 'numpy.' + type(scalar).__name__, 'argument': outcomes(scalar)}
                    for source, scalar in zip(SCALARS, scalars)],
        'equal': rows(lambda x, y: x == y, scalars, everything),
        'equal_to': rows(lambda x, y: y == x, scalars, everything),
        'less': rows(less, scalars, everything),
        'key': rows(lambda x, y: y in {x: 1}, scalars, everything)}
    json.dump(record, sys.stdout, indent=0)
    print()


if __name__ == '__main__':
    main()
