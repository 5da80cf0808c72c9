#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the first inputs for fuzz_pickle: pickles of all sorts of values, in every protocol.

    python3 tests/fuzz/seeds.py tests/fuzz/corpus/pickle

What a fuzzer found later is beside them under hashes; see tools/fuzz.
"""

import array
import collections
import copyreg
import datetime
import decimal
import glob
import json
import os
import pickle
import sys


HERE = os.path.dirname(os.path.abspath(__file__))
PROTO = b'\x80\x04'


class Plain:
    pass


class Slotted:
    __slots__ = ('a',)


class WithNewArgsEx:
    def __new__(cls, a=0, key=None):
        return super().__new__(cls)

    def __getnewargs_ex__(self):
        return (1,), {'key': 2}


class WithItems(list):
    def __reduce__(self):
        return WithItems, (), {'x': 1}, iter([1, 2]), iter([('k', 'v')])


class Recursive:
    def __init__(self, *args):
        self.args = args

    def __reduce__(self):
        return Recursive, self.args


for cls in (Plain, Slotted, WithNewArgsEx, WithItems, Recursive):
    cls.__module__ = 'm'
sys.modules['m'] = sys.modules[__name__]


def instance(cls, **attributes):
    self = cls()
    for name, value in attributes.items():
        setattr(self, name, value)
    return self


def recursive_tuple(n):
    result = tuple([] for _ in range(n))
    for item in result:
        item.append(result)
    return result


def recursive_object():
    result = Recursive([])
    result.args[0].append(result)
    return result


def values():
    x, t = [1], (1, [2])
    loop = []
    loop.append(loop)
    me = Plain()
    me.me = {me: [me]}
    yield 'scalars', [None, True, False, 0, 255, -1, 65535, 1 << 31, -1 << 63, 1 << 64, -1 << 300]
    yield 'floats', [0.0, -0.0, 1.5, float('inf'), float('nan')]
    yield 'text', ['', 'ascii', 'caf\xe9 \u20ac \U0001f600', '\ud800', 'back\\slash\n', 'x' * 300]
    yield 'bytes', [b'', b'\x00\xff', b'b' * 300, bytearray(), bytearray(b'\xff'), bytearray(b'a')]
    yield 'containers', [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), [], [1], [1, 2], {}, {1: 2},
                         {1: 2, 3: 4}, set(), {1, 2}, frozenset(), frozenset({1})]
    yield 'shared', [x, x, t, t, {'a': x}, 'same' * 9, frozenset({7}), me, me]
    yield 'batches', [list(range(1001)), set(range(3))]
    yield 'loop', loop
    yield 'loop-object', me
    for n in 1, 2, 3, 4:
        yield 'loop-tuple-%d' % n, recursive_tuple(n)
    yield 'loop-args', recursive_object()
    yield 'loop-args-inside', [recursive_object(), recursive_tuple(1)]
    yield 'plain', instance(Plain, a=1, b=[2])
    yield 'slotted', instance(Slotted, a=(1,))
    yield 'new-ex', WithNewArgsEx()
    yield 'items', WithItems()
    yield 'classes', [Plain, int, len, ..., NotImplemented, type(None)]
    yield 'errors', [ValueError('x', 1), KeyError()]
    yield 'standard', [collections.OrderedDict(a=1), collections.deque([1], 3),
                       collections.Counter('ab'), decimal.Decimal('1.1'), array.array('d', [1.5]),
                       datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc), range(3),
                       slice(1, 2, 3), 1j, iter([1]), copyreg.__newobj__]


# What no Python 3 writes.
ODD = {
    'python2-str': b"(S'a\\x41\\n'\nU\x01aT\x02\0\0\0abl.",
    'python2-long': b'(L123456789012345678901234567890L\nL-1L\nI0x10\nl.',
    'instances': b'((im\nC\n(K\x01im\nC\n(cm\nC\no(cm\nC\nK\x01ol.',
    'memo-text': b'(]p0\ng0\n]p100\ng100\nl.',
    'memo-far': b']r\xff\xff\xff\xff0j\xff\xff\xff\xff.',
    'dup-pop-mark': b'(]2(NN1(0l.',
    'wide-lengths': b'\x80\x05\x8d\x01\0\0\0\0\0\0\0a\x8e\x01\0\0\0\0\0\0\0a'
                    b'\x96\x01\0\0\0\0\0\0\0a\x87.',
    'readonly': b'\x80\x05C\x01a\x98.',
    'set-of-shared-list': b'\x80\x02(c__builtin__\nset\n](K\x01)e\x94\x85\x94Rh\x00h\x01t.',
    'list-of-shared-args': b'\x80\x03(cbuiltins\nlist\n](]]e\x85\x94R]h\x00cbuiltins\ntuple\nh\x00Rt.',
    'makers': b'\x80\x03(cbuiltins\nint\nK\x01\x85Rcbuiltins\nfloat\nK\x02\x85R'
              b'cbuiltins\nstr\nX\x01\0\0\0a\x85Rcbuiltins\nbool\nK\x02\x85R'
              b'cbuiltins\ndict\n}K\x01K\x02s\x85Rcbuiltins\nbytes\n)Rt.',
    'frame': b'\x80\x04\x95\x04\0\0\0\0\0\0\0K\x01K\x02\x86.',
    'ext': b'\x82\x01.',
    'persid': b'Pabc\n.',
    'next-buffer': b'\x80\x05\x97.',
}


def numpy_scalars():
    """The recorded pickles of each version of numpy, as one list."""
    for path in glob.glob(os.path.join(HERE, os.pardir, 'golden', 'numpy', '*.json')):
        with open(path) as file:
            scalars = json.load(file)['scalars']
        frames = b''.join(bytes.fromhex(scalar['pickle'])[len(PROTO):-1] for scalar in scalars)
        yield 'numpy-' + os.path.basename(path)[:-5], PROTO + b'(' + frames + b'l.'


def main(folder):
    os.makedirs(folder, exist_ok=True)
    for name, data in numpy_scalars():
        with open(os.path.join(folder, name), 'wb') as file:
            file.write(data)
    for name, value in values():
        for protocol in range(6):
            try:
                data = pickle.dumps(value, protocol)
            except TypeError:
                continue  # what the oldest protocols cannot pickle
            with open(os.path.join(folder, '%s-%d' % (name, protocol)), 'wb') as file:
                file.write(data)
    for name, data in ODD.items():
        with open(os.path.join(folder, name), 'wb') as file:
            file.write(data)


if __name__ == '__main__':
    main(sys.argv[1])
