# SPDX-License-Identifier: MIT
"""Classes and values of every kind that pickle can carry, for test_pickles.py.

The stock server imports this module, because it makes the objects; the daemon never does.
"""

import array
import collections
import copyreg
import datetime
import decimal
import enum
import fractions
import functools
import ipaddress
import operator
import pathlib
import queue
import random
import re
import types
import uuid


class Plain:
    """State in __dict__, and equal by it."""

    def __init__(self, **attributes):
        self.__dict__.update(attributes)

    def __eq__(self, other):
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self):
        return 1


class Bare:
    """Neither state nor equality."""


class Slots:
    __slots__ = ('a', 'b')

    def __init__(self, a):
        self.a = a


class SlotsAndDict(Slots):
    def __init__(self, a, c):
        super().__init__(a)
        self.c = c


class WithReduce:
    def __init__(self, *args):
        self.args = args

    def __reduce__(self):
        return WithReduce, self.args


class WithReduceState:
    def __init__(self, a):
        self.a = a
        self.b = None

    def __reduce__(self):
        return WithReduceState, (self.a,), {'b': self.b}


class WithState:
    def __init__(self, value):
        self.value = value

    def __getstate__(self):
        return ('state', self.value)

    def __setstate__(self, state):
        self.value = state[1]


class FalseState(WithState):
    def __getstate__(self):
        return 0

    def __setstate__(self, state):
        self.value = state


class WithNewArgs:
    def __new__(cls, a, b):
        self = super().__new__(cls)
        self.pair = (a, b)
        return self

    def __getnewargs__(self):
        return self.pair


class WithNewArgsEx:
    def __new__(cls, a, *, b):
        self = super().__new__(cls)
        self.pair = (a, b)
        return self

    def __getnewargs_ex__(self):
        return (self.pair[0],), {'b': self.pair[1]}


class WithSixthItem:
    """A reduce value of six items, whose last sets the state (3.8 and later)."""

    def __init__(self):
        self.seen = None

    def __reduce__(self):
        return WithSixthItem, (), 'the state', None, None, set_seen


def set_seen(thing, state):
    thing.seen = state


class ListKind(list):
    pass


class DictKind(dict):
    pass


class IntKind(int):
    pass


class FloatKind(float):
    pass


class TextKind(str):
    pass


class BytesKind(bytes):
    pass


class TupleKind(tuple):
    pass


class SetKind(set):
    pass


class FrozenKind(frozenset):
    pass


class Colour(enum.Enum):
    RED = 1
    BLUE = 'b'


class Number(enum.IntEnum):
    ONE = 1
    TWO = 2


class Flags(enum.Flag):
    A = 1
    B = 2


class Whole(enum.IntFlag):
    X = 1
    Y = 2


Point = collections.namedtuple('Point', 'x y')


class OwnError(Exception):
    pass


class ErrorWithState(Exception):
    def __init__(self, text):
        super().__init__(text)
        self.extra = [text]


class Outer:
    class Inner:
        pass

    @staticmethod
    def static(x):
        return x

    def method(self):
        return 'called'


class Registered:
    """Pickled as copyreg is told."""

    def __init__(self, x):
        self.x = x


copyreg.pickle(Registered, lambda thing: (Registered, (thing.x,)))


class Extension:
    """Named by a code of the extension registry."""


def function(x, y=1):
    return x + y


def shared_list():
    x = [1]
    return [x, x, (x, {'k': x})]


def recursive_list():
    x = [1]
    x.append(x)
    return x


def recursive_dict():
    d = {}
    d['self'] = d
    d['list'] = [d]
    return d


def recursive_tuple():
    x = []
    t = (x, 1)
    x.append(t)
    return t


def recursive_object():
    p = Plain(a=1)
    p.me = p
    p.list = [p]
    return p


def recursive_set():
    p = Plain(a=1)
    p.set = {p}
    return p


def recursive_reduce():
    r = WithReduceState([])
    r.a.append(r)
    return r


def deep(n):
    x = []
    for _ in range(n):
        x = [x]
    return x


def many_shared():
    """More memo entries than fit in one byte, all of them used."""
    items = [[i] for i in range(400)]
    return items + items


class Zone(datetime.tzinfo):
    def utcoffset(self, dt):
        return datetime.timedelta(hours=1)


# Expressions, evaluated here: a value that comes back is compared with what went in.
VALUES = [
    'None', 'True', 'False', '...', 'NotImplemented',
    # ints
    '0', '1', '-1', '255', '256', '65535', '65536', '2**31-1', '2**31', '-2**31', '-2**31-1',
    '2**63-1', '2**63', '-2**63', '-2**63-1', '2**64', '10**30', '-10**30', '-128', '-129',
    '2**2040-1', '2**2040', '-2**2039', '-2**2039-1', '10**5000', '-10**5000',
    # floats
    '0.0', '-0.0', '1.5', '0.1', '1e308', '5e-324', 'float("inf")', 'float("-inf")', 'float("nan")',
    '1+2j', 'complex(float("nan"), -0.0)', 'complex(0, float("inf"))',
    # text
    '""', '"a"', '"\\x00"', '"\\n\\t\\\\\'"', '"\\xe9"', '"\\u20ac"', '"\\U0001f600"', '"\\ud800"',
    '"a\\udc80b"', '"\\ud83d\\ude00"', '"x" * 255', '"x" * 256', '"x" * 65535', '"x" * 65536',
    '"\\u20ac" * 30000', '"y" * 200000',
    # bytes
    'b""', 'b"a"', 'bytes(range(256))', 'b"x" * 255', 'b"x" * 256', 'b"x" * 70000', 'bytearray()',
    'bytearray(b"abc")', 'bytearray(b"x" * 70000)',
    # containers
    '[]', '[1]', '[1, 2]', '[[]]', 'list(range(3000))', '()', '(1,)', '(1, 2)', '(1, 2, 3)',
    '(1, 2, 3, 4)', 'tuple(range(300))', '{}', '{1: 2}', '{1: 2, "a": None}',
    '{i: str(i) for i in range(2500)}', 'set()', '{1}', '{1, 2, 3}', 'set(range(1500))',
    'frozenset()', 'frozenset({1})', 'frozenset(range(1200))', '{(1, 2): {frozenset({3}): [4]}}',
    '[None] * 1000', '[None] * 1001', '[None] * 2001', '{i: i for i in range(1000)}',
    '{i: i for i in range(1001)}',
    'range(0)', 'range(5)', 'range(1, 10, 3)', 'range(10**20)', 'slice(1)', 'slice(1, 2, 3)',
    'slice(None, "a")', 'iter([1, 2])', 'iter(())', 'iter((1, 2))', 'iter("abc")', 'iter({})',
    'iter({1: 2})', 'iter({5})', 'reversed([1, 2])', 'iter(range(3))', 'enumerate([1])',
    'zip([1], [2])', 'map(str, [1])', '{1: 2}.keys()', '{1: 2}.values()', '{1: 2}.items()',
    # shared and recursive
    'shared_list()', 'recursive_list()', 'recursive_dict()', 'recursive_tuple()',
    'recursive_object()', 'recursive_set()', 'recursive_reduce()', 'deep(50)', 'deep(200)',
    'many_shared()',
    # classes of the standard library
    'datetime.date(2020, 2, 29)', 'datetime.time(1, 2, 3, 4)', 'datetime.timedelta(-1, 2, 3)',
    'datetime.datetime(2020, 1, 2, 3, 4, 5, 6)', 'datetime.datetime(2020, 1, 2, fold=1)',
    'datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone.utc)',
    'datetime.datetime(2020, 1, 2, tzinfo=Zone())',
    'datetime.timezone(datetime.timedelta(hours=2), "X")', 'datetime.time(1, tzinfo=Zone())',
    'decimal.Decimal("1.50")', 'decimal.Decimal("NaN")', 'decimal.Decimal("-Infinity")',
    'fractions.Fraction(1, 3)', 'uuid.UUID(int=5)',
    'uuid.UUID("{12345678-1234-5678-1234-567812345678}")',
    'collections.OrderedDict([("b", 1), ("a", 2)])', 'collections.OrderedDict()',
    'collections.defaultdict(list, {1: [2]})', 'collections.defaultdict(None)',
    'collections.deque()', 'collections.deque([1, 2])', 'collections.deque([1, 2, 3], 2)',
    'collections.deque(range(1500))', 'collections.Counter("abca")', 'collections.ChainMap({1: 2})',
    'collections.UserDict({1: 2})', 'collections.UserList([1])', 'types.SimpleNamespace(a=1)',
    'array.array("i", [1, 2])', 'array.array("d")', 'array.array("u", "abc")',
    'array.array("B", bytes(70000))', 'pathlib.PurePosixPath("/a/b")', 're.compile("a.b", re.I)',
    'ipaddress.ip_address("10.0.0.1")', 'ipaddress.ip_network("::/64")',
    'functools.partial(int, base=2)',
    'operator.itemgetter(1, 2)', 'operator.attrgetter("a.b")', 'operator.methodcaller("m", 1, x=2)',
    'random.Random(5).getstate()', 'queue.Queue', 'bytearray.fromhex("00ff")',
    # classes of the user's
    'Plain()', 'Plain(a=1, b=[2])', 'Bare()', 'Slots(1)', 'SlotsAndDict(1, 2)', 'WithReduce()',
    'WithReduce(1, [2])', 'WithReduceState(5)', 'WithState(7)', 'FalseState(7)',
    'WithNewArgs(1, 2)',
    'WithNewArgsEx(1, b=2)', 'WithSixthItem()', 'ListKind([1, 2])', 'DictKind(a=1)', 'IntKind(5)',
    'FloatKind(1.5)', 'TextKind("t")', 'BytesKind(b"b")', 'TupleKind((1, 2))', 'SetKind({1})',
    'FrozenKind({1})', 'Colour.RED', 'Colour.BLUE', 'Number.TWO', 'Flags.A', 'Whole.X',
    'Point(1, 2)',
    '[Point(1, [2]), Point(1, [2])]', 'Registered(3)', 'Plain(x=Plain(x=Plain()))', '[Bare()] * 2',
    '{Plain(a=1): 1}', '{Colour.RED, Colour.BLUE}',
    # exceptions
    'ValueError()', 'ValueError(1, "a")', 'KeyError("k")', 'StopIteration(5)',
    'OSError(2, "no", "f")',
    'FileNotFoundError(2, "no")', 'UnicodeDecodeError("ascii", b"x", 0, 1, "r")',
    'UnicodeEncodeError("ascii", "x", 0, 1, "r")', 'OwnError("x")', 'ErrorWithState("t")',
    'queue.Empty()', 'queue.Full()', 'SystemExit(3)', 'AttributeError("x")', 'ImportError("x")',
    # by name
    'len', 'int', 'object', 'type', 'type(None)', 'type(...)', 'type(NotImplemented)', 'ValueError',
    'function', 'Plain', 'Outer.Inner', 'Outer.Inner()', 'Outer.static', 'Outer.method',
    'Outer().method', '[].append', 'list.append', 'dict.fromkeys', 'str.upper', '"a".upper',
    'int.__add__', 'datetime.datetime.now', 'collections.OrderedDict', 'print', 'Colour', 'Point',
    'functools.reduce', 'operator.add', 'math.sin',
]

import math  # noqa: E402,F401  'math.sin' above

try:
    import numpy
except ImportError:
    numpy = None
else:
    VALUES += [
        'numpy.array([1, 2, 3])', 'numpy.zeros((2, 3))', 'numpy.float64(1.5)', 'numpy.int32(-5)',
        'numpy.bool_(True)', 'numpy.array(["a", "bc"])', 'numpy.array([1, None], dtype=object)',
        'numpy.dtype("f8")', 'numpy.array([(1, 2.5)], dtype=[("x", "i4"), ("y", "f8")])',
        'numpy.arange(12).reshape(3, 4).T', 'numpy.datetime64("2020-01-01")', 'numpy.array(5)',
        'numpy.array([], dtype="c16")', 'numpy.float32',
    ]

# Values that are equal to what comes back, though not the same: found by index, and as keys.
EQUAL = [value for value in VALUES if any(value.startswith(start) for start in (
    'datetime.', 'fractions.', 'uuid.', 'Colour.R', 'Point(', 'range(', '1+2j', 'Number.',
    'Plain(a',
    'pathlib.', 'ipaddress.', 'collections.OrderedDict([', 'collections.deque(', 'frozenset(',
    'collections.Counter', 'array.array("i"', 'len', 'int', 'function', 'TextKind',
    '10**'))]


def make(expression):
    return eval(expression, globals())
