# SPDX-License-Identifier: MIT
"""Classes as users write them: each base crossed with each special method of its own.

C('int', 'equal_pairs', 3) is an object of the class `int_equal_pairs`, a subclass of int with an
__eq__ of its own.  Objects are made of a number from 0 to 5, their rank, which their base's value
tells: so what they do does not depend on how they were pickled.  The classes are attributes of this
module, so that every process finds them.  A pair that Python refuses is left out.
"""

import collections
import collections.abc
import dataclasses
import datetime
import decimal
import enum
import fractions
import functools
import pickle
import sys
import types

TEXTS = ['', 'a', 'A', 'b', 'B', 'c']


class Refused(Exception):
    """What special methods raise."""


class Unclear:
    """Neither true nor false."""

    def __bool__(self):
        raise Refused('unclear')


def refuse(self, *args):
    raise Refused('refused')


def rank_of(thing):
    """The number that an object was made of; that of a plain number is itself."""
    rank = getattr(type(thing), '_rank', None)
    if rank is not None:
        return rank(thing)
    return thing if type(thing) in (int, float, bool) else -2


def half(thing):
    return rank_of(thing) // 2


def constant(value):
    return lambda self, *args: value


def numbers_up_to(self):
    return iter(range(rank_of(self)))


def number_at(self, index):
    if index >= rank_of(self):
        raise IndexError('past the end')
    return index + 10


def ten_times(self, key):
    if key > 9:
        raise IndexError('past the end')  # whoever iterates over it comes to an end
    return key * 10


def late(self):
    yield 1
    raise Refused('too late')


def count_down(self):
    raise StopIteration


class Plain:
    """The base of classes that only have a number."""

    def __init__(self, rank):
        self.rank = rank

    def _rank(self):
        return self.rank


class Slotted:
    __slots__ = ('rank',)

    def __init__(self, rank):
        self.rank = rank

    def _rank(self):
        return self.rank


class Rows(collections.abc.Sequence):
    """A sequence by its abstract base class."""

    def __init__(self, rank):
        self.rank = rank

    def _rank(self):
        return self.rank

    def __len__(self):
        return self.rank

    def __getitem__(self, index):
        return range(self.rank)[index]


class Table(collections.abc.Mapping):
    def __init__(self, rank):
        self.rank = rank

    def _rank(self):
        return self.rank

    def __len__(self):
        return self.rank

    def __iter__(self):
        return iter(range(self.rank))

    def __getitem__(self, key):
        if key in range(self.rank):
            return key * 10
        raise KeyError(key)


class Group(collections.abc.Set):
    def __init__(self, rank):
        self.rank = rank

    def _rank(self):
        return self.rank

    def __len__(self):
        return self.rank

    def __iter__(self):
        return iter(range(self.rank))

    def __contains__(self, item):
        return item in range(self.rank)


Pair = collections.namedtuple('Pair', 'x y')


class Base:
    """A base: how an object is made of a number, and how the number is told from the object."""

    def __init__(self, bases, make=lambda cls, n: cls(n), rank=None, build=None):
        self.bases, self.make, self.rank = bases, make, rank
        self.build = build or (lambda name, space: types.new_class(
            name, bases, {}, lambda body: body.update(space)))


def enum_base(kind, *mixed, value=lambda n: n):
    def build(name, space):
        def fill(body):
            for key, method in space.items():
                body[key] = method
            for n in range(6):
                body['ABCDEF'[n]] = value(n)
        return types.new_class(name, (*mixed, kind), {}, fill)

    numbers = {value(n): n for n in range(6)}
    return Base((), make=lambda cls, n: getattr(cls, 'ABCDEF'[n]),
                rank=lambda self: numbers.get(self._value_, 6), build=build)


def dataclass_base(**options):
    def build(name, space):
        return dataclasses.make_dataclass(
            name, [('n', int), ('label', str, dataclasses.field(default='x', compare=False))],
            namespace=space, **options)

    return Base((), rank=lambda self: self.n, build=build)


HOUR = datetime.timedelta(hours=1)

BASES = {
    'object': Base((Plain,)),
    'slots': Base((Slotted,)),
    'int': Base((int,), rank=lambda self: int.__add__(self, 0)),
    'float': Base((float,), lambda cls, n: cls(n / 2), lambda self: int(float.__mul__(self, 2))),
    'complex': Base((complex,), lambda cls, n: cls(0, n), lambda self: int(self.imag)),
    'str': Base((str,), lambda cls, n: cls(TEXTS[n]), lambda self: TEXTS.index(str.strip(self))),
    'bytes': Base((bytes,), lambda cls, n: cls(b'abcdef'[:n]), lambda self: bytes.__len__(self)),
    'bytearray': Base((bytearray,), lambda cls, n: cls(b'abcdef'[:n]),
                      lambda self: bytearray.__len__(self)),
    'tuple': Base((tuple,), lambda cls, n: cls(range(n)), lambda self: tuple.__len__(self)),
    'list': Base((list,), lambda cls, n: cls(range(n)), lambda self: list.__len__(self)),
    'dict': Base((dict,), lambda cls, n: cls.fromkeys(range(n), 'v'),
                 lambda self: dict.__len__(self)),
    'set': Base((set,), lambda cls, n: cls(range(n)), lambda self: set.__len__(self)),
    'frozenset': Base((frozenset,), lambda cls, n: cls(range(n)),
                      lambda self: frozenset.__len__(self)),
    'Exception': Base((Exception,), rank=lambda self: self.args[0] if self.args else 0),
    'KeyError': Base((KeyError,), rank=lambda self: self.args[0] if self.args else 0),
    'Enum': enum_base(enum.Enum),
    'IntEnum': enum_base(enum.IntEnum),
    'IntFlag': enum_base(enum.IntFlag),
    'StrEnum': enum_base(enum.Enum, str, value=lambda n: TEXTS[n]),
    'namedtuple': Base((Pair,), lambda cls, n: cls(n, 'y'), lambda self: tuple.__getitem__(self, 0)),
    'dataclass': dataclass_base(),
    'dataclass_frozen': dataclass_base(frozen=True),
    'dataclass_order': dataclass_base(order=True, unsafe_hash=True),
    'dataclass_identity': dataclass_base(eq=False),
    'Decimal': Base((decimal.Decimal,), rank=lambda self: int(self.to_integral_value())),
    'Fraction': Base((fractions.Fraction,), rank=lambda self: self.numerator),
    'date': Base((datetime.date,), lambda cls, n: cls(2020, 1, n + 1), lambda self: self.day - 1),
    'datetime': Base((datetime.datetime,), lambda cls, n: cls(2020, 1, 1, n),
                     lambda self: self.hour),
    'timedelta': Base((datetime.timedelta,), lambda cls, n: cls(hours=n),
                      lambda self: self.seconds // 3600),
    'Counter': Base((collections.Counter,), lambda cls, n: cls('abcdef'[:n]),
                    lambda self: dict.__len__(self)),
    'OrderedDict': Base((collections.OrderedDict,), lambda cls, n: cls.fromkeys(range(n)),
                        lambda self: dict.__len__(self)),
    'defaultdict': Base((collections.defaultdict,), lambda cls, n: cls(int, dict.fromkeys(range(n))),
                        lambda self: dict.__len__(self)),
    'deque': Base((collections.deque,), lambda cls, n: cls(range(n)),
                  lambda self: collections.deque.__len__(self)),
    'UserList': Base((collections.UserList,), lambda cls, n: cls(range(n)),
                     lambda self: len(self.data)),
    'UserDict': Base((collections.UserDict,), lambda cls, n: cls(dict.fromkeys(range(n))),
                     lambda self: len(self.data)),
    'UserString': Base((collections.UserString,), lambda cls, n: cls(TEXTS[n]),
                       lambda self: TEXTS.index(self.data)),
    'SimpleNamespace': Base((types.SimpleNamespace,), lambda cls, n: cls(rank=n),
                            lambda self: self.rank),
    'Sequence': Base((Rows,)),
    'Mapping': Base((Table,)),
    'Set': Base((Group,)),
}
if sys.version_info >= (3, 10):
    BASES['dataclass_slots'] = dataclass_base(slots=True, frozen=True)
if sys.version_info >= (3, 11):
    BASES['enum.StrEnum'] = enum_base(enum.StrEnum, value=lambda n: TEXTS[n])

EQUAL = {
    'equal_pairs': {'__eq__': lambda self, other: half(self) == half(other), '__hash__': half},
    'equal_numbers': {'__eq__': lambda self, other: rank_of(self) == rank_of(other),
                      '__hash__': rank_of},
    'equal_all': {'__eq__': constant(True), '__hash__': constant(7)},
    'equal_none': {'__eq__': constant(False), '__hash__': constant(1)},
    'equal_not_implemented': {'__eq__': constant(NotImplemented), '__hash__': constant(1)},
    'equal_text': {'__eq__': lambda self, other: 'x' * (half(self) == half(other)),
                   '__hash__': half},
    'equal_unclear': {'__eq__': constant(Unclear()), '__hash__': constant(1)},
    'equal_raises': {'__eq__': refuse, '__hash__': constant(1)},
    'equal_unhashable': {'__eq__': lambda self, other: half(self) == half(other)},
    'unequal': {'__ne__': lambda self, other: half(self) != half(other)},
    'hash_raises': {'__hash__': refuse},
    'hash_wrong': {'__hash__': constant('x')},
    'hash_same': {'__hash__': constant(0)},
    'hash_huge': {'__hash__': lambda self: 2 ** 70 + rank_of(self)},
    'hash_none': {'__hash__': None},
}

ORDER = {
    'less': {'__lt__': lambda self, other: rank_of(self) < rank_of(other)},
    'less_backwards': {'__lt__': lambda self, other: rank_of(self) > rank_of(other)},
    'less_not_implemented': {'__lt__': constant(NotImplemented)},
    'less_text': {'__lt__': lambda self, other: 'x' * (rank_of(self) < rank_of(other))},
    'less_unclear': {'__lt__': constant(Unclear())},
    'less_raises': {'__lt__': refuse},
    'greater': {'__gt__': lambda self, other: rank_of(self) > rank_of(other)},
    'ordered': {'__lt__': lambda self, other: half(self) < half(other),
                '__le__': lambda self, other: half(self) <= half(other),
                '__gt__': lambda self, other: half(self) > half(other),
                '__ge__': lambda self, other: half(self) >= half(other),
                '__eq__': lambda self, other: half(self) == half(other), '__hash__': half},
}

NUMBERS = {
    'index': {'__index__': rank_of},
    'index_minus': {'__index__': lambda self: -rank_of(self)},
    'index_raises': {'__index__': refuse},
    'index_wrong': {'__index__': constant('x')},
    'index_huge': {'__index__': constant(10 ** 30)},
    'index_bool': {'__index__': constant(True)},
    'int': {'__int__': rank_of},
    'int_wrong': {'__int__': constant(1.5)},
    'float': {'__float__': constant(0.001)},
    'float_raises': {'__float__': refuse},
    'float_wrong': {'__float__': constant(1)},
    'float_nan': {'__float__': constant(float('nan'))},
    'trunc': {'__trunc__': rank_of},
    'minus': {'__sub__': lambda self, other: 1, '__rsub__': lambda self, other: 2},
}

TRUTH = {
    'false': {'__bool__': constant(False)},
    'true': {'__bool__': constant(True)},
    'truth_raises': {'__bool__': refuse},
    'truth_wrong': {'__bool__': constant(1)},
    'length': {'__len__': half},
    'length_raises': {'__len__': refuse},
    'length_minus': {'__len__': constant(-1)},
    'length_wrong': {'__len__': constant('x')},
}

ITERATION = {
    'iterated': {'__iter__': numbers_up_to},
    'iterated_late': {'__iter__': late},
    'iterated_raises': {'__iter__': refuse},
    'iterated_wrong': {'__iter__': constant(5)},
    'iterated_none': {'__iter__': None},
    'iterator': {'__iter__': lambda self: self, '__next__': count_down},
    'items_at': {'__getitem__': number_at},
    'items_raise': {'__getitem__': refuse},
    'contains_all': {'__contains__': constant(True)},
    'contains_raises': {'__contains__': refuse},
    'hint': {'__iter__': numbers_up_to, '__length_hint__': constant(3)},
    'hint_raises': {'__iter__': numbers_up_to, '__length_hint__': refuse},
    'keys': {'keys': lambda self: list(range(rank_of(self))),
             '__getitem__': ten_times},
    'keys_raise': {'keys': refuse, '__getitem__': number_at},
    'backwards': {'__reversed__': numbers_up_to},
}

TEXT = {
    'shown': {'__repr__': lambda self: 'shown %d' % rank_of(self)},
    'shown_raises': {'__repr__': refuse},
    'shown_wrong': {'__repr__': constant(5)},
    'shown_apart': {'__repr__': lambda self: 'repr %d' % rank_of(self),
                    '__str__': lambda self: 'str %d' % rank_of(self)},
    'text_raises': {'__str__': refuse},
    'formatted': {'__format__': lambda self, spec: 'formatted ' + spec},
}

OPERATORS = {
    'added': {'__add__': lambda self, other: ('added', other),
              '__radd__': lambda self, other: ('added to', other)},
    'added_in_place': {'__iadd__': lambda self, other: 'in place'},
    'added_raises': {'__radd__': refuse, '__add__': refuse},
    'multiplied': {'__mul__': lambda self, other: ('times', other),
                   '__rmul__': lambda self, other: ('of', other)},
    'joined': {'__or__': lambda self, other: {'or': 1}, '__ror__': lambda self, other: {'ror': 1}},
    'called': {'__call__': lambda self, *args: rank_of(self)},
}


def make(cls, rank):
    return BASES[cls._base].make(cls, rank)


PICKLING = {
    'reduced': {'__reduce__': lambda self: (make, (type(self), rank_of(self)))},
    'reduced_to_int': {'__reduce__': lambda self: (int, (rank_of(self),))},
    'reduced_to_list': {'__reduce__': lambda self: (list, ((rank_of(self), 'x'),))},
    'reduced_by_partial': {'__reduce__': lambda self: (
        functools.partial(make, type(self)), (rank_of(self),))},
    'reduced_raises': {'__reduce_ex__': refuse},
    'class_lies': {'__class__': property(lambda self: int)},
}

FEATURES = {'plain': {}}
for _group in EQUAL, ORDER, NUMBERS, TRUTH, ITERATION, TEXT, OPERATORS, PICKLING:
    FEATURES.update(_group)

CLASSES = {}  # by the names of their base and feature


def _can_be_read(thing):
    try:
        data = pickle.dumps(thing)
    except Exception:
        return True  # nobody gets to see it
    try:
        pickle.loads(data)
    except Exception:
        return False
    return True


def _define(base, feature):
    name = '%s_%s' % (base.replace('.', ''), feature)
    space = dict(FEATURES[feature], __module__=__name__, __qualname__=name)
    if BASES[base].rank is not None:
        space['_rank'] = BASES[base].rank
    try:
        cls = BASES[base].build(name, space)
        cls.__module__ = __name__
        cls._base = base
        globals()[name] = cls
        samples = [make(cls, rank) for rank in (0, 3)]
    except Exception:
        return  # such as an Enum whose members cannot be compared
    if all(map(_can_be_read, samples)):
        CLASSES[base, feature] = cls


for _base in BASES:
    for _feature in FEATURES:
        _define(_base, _feature)


def C(base, feature, rank):
    """An object of one of the classes."""
    return make(CLASSES[base, feature], rank)


class Drifting(datetime.tzinfo):
    """A zone whose distance from UTC depends on the hour."""

    def utcoffset(self, when):
        return None if when is None else datetime.timedelta(minutes=when.hour * 7)

    def dst(self, when):
        return None

    def tzname(self, when):
        return 'drift'

    def __reduce__(self):
        return Drifting, ()


class Nowhere(datetime.tzinfo):
    """A zone that nobody can tell anything of."""

    def utcoffset(self, when):
        raise Refused('nowhere')

    def __reduce__(self):
        return Nowhere, ()


def double(x):
    return x * 2
