# SPDX-License-Identifier: MIT
"""Pickles that CPython writes, decoded and encoded again by the library, mean what they meant.

RECODE names the program that does it (tests/fuzz/recode.c).  Values of every standard kind, in all
protocols, must come back equal, of the same type, and with the same objects shared.
"""

import array
import collections
import copyreg
import datetime
import decimal
import enum
import fractions
import functools
import io
import ipaddress
import itertools
import multiprocessing.managers  # noqa: F401  teaches the pickler the views of dicts
import operator
import os
import pathlib
import pickle
import random
import re
import struct
import subprocess
import types
import unittest
import uuid
from multiprocessing.reduction import ForkingPickler

RECODE = os.environ.get('RECODE')


class Plain:
    def __init__(self, **attributes):
        self.__dict__.update(attributes)


class Slotted:
    __slots__ = ('a', 'b')

    def __init__(self, a, b):
        self.a = a
        self.b = b


class SlottedWithDict(Slotted):
    pass


class Stateful:
    def __init__(self, secret):
        self.secret = secret

    def __getstate__(self):
        return ('state of', self.secret)

    def __setstate__(self, state):
        self.secret = state[1]


class FalseState:
    def __getstate__(self):
        return 0

    def __setstate__(self, state):
        self.state = state


class WithNewArgs:
    def __new__(cls, a, b):
        self = super().__new__(cls)
        self.made = (a, b)
        return self

    def __getnewargs__(self):
        return self.made


class WithNewArgsEx:
    def __new__(cls, a, key=None):
        self = super().__new__(cls)
        self.made = (a, key)
        return self

    def __getnewargs_ex__(self):
        return (self.made[0],), {'key': self.made[1]}


class WithReduce:
    def __init__(self, *args):
        self.args = args

    def __reduce__(self):
        return WithReduce, self.args


class WithReduceItems(list):
    """Says all there is to say in a reduce value."""

    def __init__(self, *args):
        super().__init__(args)
        self.mapping = {}

    def __setitem__(self, key, value):
        self.mapping[key] = value

    def __reduce__(self):
        return (type(self), (), {'x': 1}, iter(list(self)), iter(self.mapping.items()))


class Reconstructed:
    """A set of its own making, from a list that is elsewhere too."""

    def __init__(self, items):
        self.items = items

    def __reduce__(self):
        return frozenset, (self.items,)


class Singleton:
    def __reduce__(self):
        return 'the_singleton'


class MyInt(int):
    pass


class MyFloat(float):
    pass


class MyStr(str):
    pass


class MyBytes(bytes):
    pass


class MyTuple(tuple):
    pass


class MyList(list):
    pass


class MyDict(dict):
    pass


class MySet(set):
    pass


class MyFrozenset(frozenset):
    pass


class Hashed:
    """Finds its way into sets and keys."""

    def __init__(self, name):
        self.name = name

    def __hash__(self):
        return hash(getattr(self, 'name', None))

    def __eq__(self, other):
        return isinstance(other, Hashed) and self.name == other.name

    def __reduce__(self):
        return Hashed, (self.name,), {'extra': self.__dict__.get('extra')}


class Color(enum.Enum):
    RED = 1
    GREEN = 'g'


class Number(enum.IntEnum):
    ONE = 1


class Flags(enum.Flag):
    A = 1
    B = 2


class OddError(Exception):
    def __init__(self, code, text):
        super().__init__(code, text)
        self.code = code


Point = collections.namedtuple('Point', 'x y')
the_singleton = Singleton()


def function(x):
    return x


def scalars():
    yield from (None, True, False, ..., NotImplemented, int, type(None), len, function, Plain)
    for bits in (0, 1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 62, 63, 64, 65, 127, 1000, 2040, 2041, 9000):
        for near in (-1, 0, 1):
            yield 2 ** bits + near
            yield -(2 ** bits + near)
    yield from (0.0, -0.0, 1.5, -1e-320, 1e308, float('inf'), float('-inf'), float('nan'), 0.1)
    yield from (1j, complex('nan'), -0j)
    yield from (MyInt(5), MyFloat(2.5), MyStr('s'), MyBytes(b'b'), MyTuple((1,)))


def texts():
    yield from ('', 'a', 'caf\xe9', '\u20ac', '\U0001f600', '\x00', 'line\nline', 'back\\slash',
                '\\u0041', "quo'te", '\ud800', 'x\udfffy', '\udc80\ud800', '\x7f\x80\xff', '\ufeff')
    for n in (13, 14, 15, 255, 256, 65535, 65536):
        yield 'n' * n
        yield b'\xf0' * n
        yield bytearray(b'\x01' * n)
    yield from (b'', b'\x00', bytes(range(256)), bytearray(), bytearray(b'\xff\x00'))


def containers():
    yield from ((), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), [], [1], [1, 2], {}, {'a': 1},
                {1: 2, 'x': [3]}, set(), {1}, {1, 'two', (3,)}, frozenset(), frozenset({1, 2}),
                {frozenset({1}): {2}}, [[]], [()], ((),), ([],), {(): []}, {None: None})
    for n in (999, 1000, 1001, 2000, 2001):
        yield list(range(n))
        yield tuple(range(n))
        yield dict.fromkeys(range(n))
        yield set(range(n))
        yield frozenset(range(n))
        yield collections.deque(range(n))
        yield collections.OrderedDict.fromkeys(map(str, range(n)))
    yield from (MyList([1, 2]), MyList(), MyDict(a=1), MyDict(), MySet({1}), MyFrozenset({1}))


def shared():
    x = [1]
    yield [x, x]
    yield (x, x)
    yield {'a': x, 'b': x}
    yield [(x,), (x,), {1: x}]
    t = (1, [2])
    yield [t, t, t]
    o = Plain(v=x)
    yield [o, o, x]
    yield [Plain(o=o), Plain(o=o)]
    s = {1, 2}
    f = frozenset({3})
    yield [s, s, f, f]
    b = bytearray(b'shared')
    yield [b, b]
    big = 10 ** 40
    yield [big, big, -big]
    yield [Point(x, x), Point(x, 1)]
    yield ['same' * 50] * 3
    yield [b'same' * 50] * 3
    yield [[x] for _ in range(300)]
    many = [[i] for i in range(300)]
    yield many + many
    yield [function, function, Plain, Plain]
    listed = [1, 2, (3, 4)]
    yield [Reconstructed(listed), listed, listed[2]]
    yield [listed, Reconstructed(listed), listed[2]]
    yield [Reconstructed(listed), Reconstructed(listed)]
    y = ['y']
    z = [[y], [y]]
    yield [z, y, z]


def recursive():
    x = []
    x.append(x)
    yield x
    d = {}
    d[1] = d
    yield d
    t = ([],)
    t[0].append(t)
    yield t
    for n in range(2, 6):
        t = tuple([] for _ in range(n))
        for item in t:
            item.append(t)
        yield t
    t = ({}, 1)
    t[0]['t'] = t
    yield [t, t]
    o = Plain()
    o.me = o
    yield o
    o = Plain()
    o.items = [o, (o, [o])]
    yield [o, o.items]
    o = Slotted(1, None)
    o.b = [o]
    yield o
    x = MyList()
    x.append(x)
    x.attribute = (x,)
    yield x
    d = MyDict()
    d['d'] = d
    yield d
    s = Hashed('h')
    s.extra = {s}
    yield s
    s = Hashed('h')
    s.extra = frozenset({s})
    yield s
    yield [s.extra, s]
    o = WithReduce([])
    o.args[0].append(o)
    yield o
    yield [o, o.args[0]]
    o = WithNewArgs([], 1)
    o.made[0].append(o)
    yield o
    o = WithNewArgsEx([], {})
    o.made[0].append(o)
    o.made[1]['o'] = o
    yield o
    k = Hashed('key')
    k.extra = {k: k}
    yield k
    q = collections.deque()
    q.append(q)
    yield q
    a, b = [], []
    a.append((b, a))
    b.append((a, b))
    yield (a, b)


def instances():
    yield from (Plain(), Plain(a=1, b=[2]), Slotted(1, 'two'), Stateful(5), FalseState(),
                WithNewArgs(1, 2), WithNewArgsEx(1, key=[2]), WithReduce(), WithReduce(1, 'x'),
                the_singleton, Hashed('x'), OddError(3, 'text'), Point(1, y=[2]))
    o = SlottedWithDict(1, 2)
    o.c = 3
    yield o
    for n in (0, 1, 2, 1000, 1001):
        r = WithReduceItems(*range(n))
        for i in range(n):
            r[i] = str(i)
        yield r
    x = MyList([1])
    x.attribute = 2
    yield x
    e = ValueError('text', 5)
    e.note = 'x'
    yield e
    yield from (KeyError(), OSError(2, 'No such file'), OSError(2, 'No', 'name'),
                UnicodeDecodeError('utf-8', b'\xff', 0, 1, 'bad'), StopIteration(3))


def standard():
    yield from (Color.RED, Color.GREEN, Number.ONE, Flags.A | Flags.B, Color)
    yield from (datetime.date(2020, 2, 29), datetime.time(1, 2, 3, 4), datetime.timedelta(1, 2, 3),
                datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc),
                datetime.timezone(datetime.timedelta(hours=2), 'X'), datetime.datetime.min)
    yield from (decimal.Decimal('1.10'), decimal.Decimal('NaN'), decimal.Decimal('-0'),
                fractions.Fraction(1, 3), uuid.UUID(int=5), pathlib.PurePosixPath('/a/b'),
                ipaddress.ip_address('::1'), re.compile('a+', re.I), range(5), range(0, 9, 2),
                slice(1, None, 2), random.Random(3).getstate())
    counter = collections.Counter('abca')
    default = collections.defaultdict(list, a=[1])
    yield from (counter, default, collections.deque([1, 2], 5), collections.ChainMap({1: 2}, {}),
                collections.OrderedDict([('b', 1), ('a', 2)]), collections.UserDict(a=1),
                collections.UserList([1]), types.SimpleNamespace(a=1))
    yield from (array.array('d', [1.5]), array.array('b'), array.array('u', 'x\u20ac'),
                array.array('q', [-1, 1]))
    yield from (operator.itemgetter(1), operator.attrgetter('a.b'), functools.partial(int, base=2),
                [].append, 'x'.upper, datetime.datetime.now, copyreg.dispatch_table.__class__)
    yield from (iter([1, 2]), iter((1,)), iter('ab'), iter({1: 2}), iter(range(3)), reversed([1]),
                io.BytesIO(b'x'), io.StringIO('y'), bytes, ValueError)
    if 'repeat' in str(itertools.count(1).__reduce__):
        yield itertools.count(5)
    try:
        import numpy
    except ImportError:
        return
    yield from (numpy.arange(6).reshape(2, 3), numpy.float64(1.5), numpy.array(['a', None], object),
                numpy.dtype('i4'), numpy.array([(1, 2.0)], dtype=[('a', 'i4'), ('b', 'f8')]))


def from_forking_pickler():
    d = {'a': [1], 'b': (2,)}
    yield from (d.keys(), d.values(), d.items(), [d.values(), d], {}.keys(), [].append,
                list.append, int.__add__, functools.partial(function, 1, x=2), array.array('i', [1]))


class Comparison:
    """Whether two values are alike all the way down, and share alike."""

    def __init__(self):
        self.pairs = {}  # id of one: the pair, which keeps both alive
        self.back = {}

    def seen(self, a, b):
        if id(a) in self.pairs or id(b) in self.back:
            if self.pairs.get(id(a), (0, 0))[1] is not b:
                raise AssertionError('%.80r is shared differently' % (a,))
            return True
        self.pairs[id(a)] = self.back[id(b)] = (a, b)
        return False

    def compare(self, a, b, way='value'):
        if type(a) is not type(b):
            raise AssertionError('%s: %r became %r' % (way, type(a), type(b)))
        if a is b and isinstance(a, (type, types.FunctionType, types.BuiltinFunctionType, Singleton)):
            return
        if isinstance(a, (type(None), bool, type(...), type(NotImplemented))):
            same = a is b
        elif type(a) in (int, float, complex, str, bytes):
            same = a == b and len(repr(a)) == len(repr(b)) or repr(a) == repr(b)
        elif isinstance(a, enum.Enum):
            same = a is b
        else:
            empty = type(a) in (tuple, frozenset) and not a and not b  # there is but one of these
            if not empty and not self.seen(a, b):
                self.compare_parts(a, b, way)
            return
        if not same:
            raise AssertionError('%s: %.80r became %.80r' % (way, a, b))

    def compare_parts(self, a, b, way):
        if type(a) in (list, tuple):
            self.compare_rows(a, b, way)
        elif type(a) is dict:
            self.compare_rows(list(a), list(b), way + '.keys')
            for (key, x), (_, y) in zip(a.items(), b.items()):
                self.compare(x, y, '%s[%.40r]' % (way, key))
        elif type(a) in (set, frozenset):
            self.compare_rows(sorted(a, key=repr_of), sorted(b, key=repr_of), way + '.elements')
        elif type(a) is bytearray:
            if a != b:
                raise AssertionError('%s: bytearray differs' % way)
        else:
            self.compare_reduced(a, b, way)

    def compare_rows(self, a, b, way):
        if len(a) != len(b):
            raise AssertionError('%s: %d items became %d' % (way, len(a), len(b)))
        for i, (x, y) in enumerate(zip(a, b)):
            self.compare(x, y, '%s[%d]' % (way, i))

    def compare_reduced(self, a, b, way):
        x, y = reduced(a), reduced(b)
        if isinstance(x, str):
            if x != y:
                raise AssertionError('%s: %s became %s' % (way, x, y))
            return
        for part, (u, v) in enumerate(zip(x, y)):
            if part >= 3:
                u, v = list(u or ()), list(v or ())
            self.compare(u, v, '%s.reduce[%d]' % (way, part))


def repr_of(item):
    return '%s %s' % (type(item).__name__, getattr(item, 'name', None) or repr(item))


def reduced(v):
    reduce = copyreg.dispatch_table.get(type(v)) or ForkingPickler._extra_reducers.get(type(v))
    if reduce:
        return reduce(v)
    return v.__reduce_ex__(4)


@unittest.skipUnless(RECODE, 'RECODE is not set')
class RecodeTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.program = subprocess.Popen([RECODE], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    @classmethod
    def tearDownClass(cls):
        cls.program.stdin.close()
        cls.program.stdout.close()
        cls.program.wait(30)

    def recode(self, data):
        self.program.stdin.write(struct.pack('<I', len(data)) + data)
        self.program.stdin.flush()
        status, size = struct.unpack('<BI', self.program.stdout.read(5))
        answer = self.program.stdout.read(size)
        self.assertEqual(status, 0, answer)
        return answer

    def check(self, data):
        again = self.recode(data)
        Comparison().compare(pickle.loads(data), pickle.loads(again))
        self.assertEqual(self.recode(again), again)

    def check_all(self, values):
        for value in values:
            for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
                try:
                    data = pickle.dumps(value, protocol)
                except (TypeError, pickle.PicklingError, RecursionError, ValueError):
                    continue  # not every protocol, nor every version, can pickle everything
                try:
                    pickle.loads(data)
                except Exception:
                    continue  # nor read it
                with self.subTest(value=repr(value)[:60], protocol=protocol):
                    self.check(data)

    def test_scalars_come_back(self):
        self.check_all(scalars())

    def test_text_and_bytes_come_back(self):
        self.check_all(texts())

    def test_containers_come_back(self):
        self.check_all(containers())

    def test_what_is_shared_stays_shared(self):
        self.check_all(shared())

    def test_recursive_values_come_back(self):
        self.check_all(recursive())

    def test_instances_come_back(self):
        self.check_all(instances())

    def test_values_of_the_standard_library_come_back(self):
        self.check_all(standard())

    def test_what_multiprocessing_sends_comes_back(self):
        for value in from_forking_pickler():
            with self.subTest(value=repr(value)[:60]):
                self.check(bytes(ForkingPickler.dumps(value)))

    def test_all_of_it_in_one_comes_back(self):
        everything = [v for values in (scalars, texts, containers, shared, recursive, instances)
                      for v in values()]
        self.check_all([everything])

    def test_plain_values_are_written_alike_whatever_the_protocol(self):
        for value in (None, True, 5, 10 ** 30, 1.5, 'caf\xe9', b'\x00\xff', (1,), [1, 'a'],
                      {'k': b'v'}, {1}, frozenset({1}), bytearray(b'x'), b'', set(), bytearray()):
            with self.subTest(value=value):
                written = {self.recode(pickle.dumps(value, protocol)) for protocol in range(6)
                           if protocol <= pickle.HIGHEST_PROTOCOL}
                self.assertEqual(len(written), 1, written)


if __name__ == '__main__':
    unittest.main()
