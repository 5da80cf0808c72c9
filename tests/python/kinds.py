# SPDX-License-Identifier: MIT
"""Classes whose own code says what they are equal to, how they are ordered, counted, printed."""

import collections
import dataclasses
import enum
import functools
import struct


class Level(enum.IntEnum):
    ONE = 1
    TWO = 2


class Flag(enum.IntFlag):
    X = 1
    Y = 2


class Colour(enum.Enum):
    RED = 'r'
    BLUE = 'b'


class Name(str, enum.Enum):
    A = 'a'


class Str(str):
    pass


class Int(int):
    pass


class OneLeft(int):
    def __sub__(self, other):
        return 1


class Float(float):
    pass


class Tuple(tuple):
    pass


class Dict(dict):
    pass


class List(list):
    pass


class Set(set):
    pass


Point = collections.namedtuple('Point', 'x y')


@dataclasses.dataclass(order=True)
class Job:
    priority: int
    name: str = dataclasses.field(compare=False)


@dataclasses.dataclass(frozen=True)
class Frozen:
    a: int
    b: str = 'b'


@functools.total_ordering
class Total:
    """Equal, ordered and hashed by one of two attributes."""

    def __init__(self, n, other=0):
        self.n = n
        self.other = other

    def __eq__(self, other):
        return isinstance(other, Total) and self.n == other.n

    def __hash__(self):
        return hash(self.n)

    def __lt__(self, other):
        return self.n < other.n

    def __repr__(self):
        return 'Total(%r)' % self.n

    def __str__(self):
        return 'total %r' % self.n


class Caseless(str):
    def __eq__(self, other):
        return self.lower() == str(other).lower()

    def __hash__(self):
        return hash(self.lower())


class OnlyLess:
    def __init__(self, n):
        self.n = n

    def __lt__(self, other):
        return self.n < other.n

    def __repr__(self):
        return 'OnlyLess(%d)' % self.n


class Plain:
    """Compared by identity."""

    def __repr__(self):
        return 'Plain()'


class Everything:
    """Equal to all."""

    def __eq__(self, other):
        return True

    __hash__ = None


class Falsy:
    def __bool__(self):
        return False


class Index:
    def __init__(self, n=1):
        self.n = n

    def __index__(self):
        return self.n


class Raises:
    """Whatever is asked of it raises."""

    def _raise(self, *_):
        raise LookupError('asked')

    __bool__ = __index__ = __float__ = __eq__ = __hash__ = __lt__ = __gt__ = __repr__ = _raise
    __radd__ = __iter__ = __len__ = _raise


class Unprintable:
    def __repr__(self):
        raise KeyError('no text')


class Range:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return iter(range(self.n))


class Pairs:
    """A mapping as dict() takes one."""

    def keys(self):
        return ['a', 'b']

    def __getitem__(self, key):
        return {'a': 1, 'b': 2}[key]


def make_scalar(code, data):
    """As numpy has its scalars pickled: by a function, of a type and bytes."""
    return {'d': Scalar64, 'q': ScalarInt}[code](struct.unpack(code, data)[0])


class Scalar64(float):
    def __reduce__(self):
        return make_scalar, ('d', struct.pack('d', self))


class ScalarInt:
    """A number that is no int, and equals, hashes and counts as one."""

    def __init__(self, n):
        self.n = n

    def __reduce__(self):
        return make_scalar, ('q', struct.pack('q', self.n))

    def __index__(self):
        return self.n

    __int__ = __index__

    def __float__(self):
        return float(self.n)

    def __bool__(self):
        return self.n != 0

    def __hash__(self):
        return hash(self.n)

    def __repr__(self):
        return 'ScalarInt(%d)' % self.n

    def __add__(self, other):
        return ScalarInt(self.n + int(other))

    def __sub__(self, other):
        return ScalarInt(self.n - int(other))

    def __radd__(self, other):
        return other + self.n

    def __eq__(self, other):
        return self.n == other

    def __lt__(self, other):
        return self.n < other

    def __gt__(self, other):
        return self.n > other

    def __le__(self, other):
        return self.n <= other

    def __ge__(self, other):
        return self.n >= other


class Calls:
    """Calls the manager when it is compared: the object whose proxy it holds."""

    def __init__(self, proxy):
        self.proxy = proxy

    def __eq__(self, other):
        return len(self.proxy) >= 0

    def __hash__(self):
        return hash(len(self.proxy) >= 0)
