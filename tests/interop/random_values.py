# SPDX-License-Identifier: MIT
"""Random Python values, drawn from a seeded generator, whose repr makes them again.

Sets never have more than one item (their order is nobody's business), and no two values of
different classes are equal unless both are plain numbers: how objects of classes that the server
cannot know compare is told in docs/compatibility.md.
"""

import array
import collections
import datetime
import decimal
import enum
import fractions
import uuid

INTS = [0, 1, -1, 2, 3, 5, 7, 127, 128, 255, 256, -128, -129, 65535, 65536, 2 ** 31 - 1, 2 ** 31,
        -2 ** 31, -2 ** 31 - 1, 2 ** 53, 2 ** 53 + 1, 2 ** 63 - 1, 2 ** 63, -2 ** 63, 2 ** 64,
        10 ** 30, -10 ** 30, 10 ** 100]
FLOATS = [0.0, -0.0, 1.0, -1.0, 0.5, 1.5, 2.0, 3.0, 0.1, 1e16, 1e22, 1e-7, 123456789.125, 5e-324,
          1.7976931348623157e308, float(2 ** 53), float(2 ** 63), 1e30, float('inf'),
          float('-inf'), float('nan')]
TEXTS = ['', 'a', 'b', 'ab', 'abc', 'A', 'x', 'key', 'Hello World', ' ', '\t\n', "it's", '"', '\\',
         '1', '007', 'a,b,,c', 'line\nline\r\n', '\xe9', 'Stra\xdfe', '\u20ac', '\u0130', '\u01c6',
         '\u03a3\u03c3', '\u0663', '\xb2', '\xbd', '\u65e5\u672c', '\U0001f600', '\x00', '\x7f',
         '\x85', '\u2028', '\ufb01', 'e\u0301', '\udc80', '\ud83d', '\xa0', '\u200b', '\xad',
         'aAaA']
BYTES = [b'', b'a', b'ab', b'abc', b'A b', b'\x00', b'\xff\xfe', b'line\nline\r', b'1', b'a,b',
         b"'", b'"\'', b'\\', bytes(range(8))]
HASHABLE_OBJECTS = [
    datetime.date(2020, 2, 29), datetime.datetime(2021, 1, 2, 3, 4, 5, 6),
    datetime.timedelta(days=-1, seconds=3), datetime.time(1, 2), decimal.Decimal('0.1'),
    fractions.Fraction(1, 3), uuid.UUID(int=7), 1 + 2j, -2j, range(3), range(1, 9, 2), int, len,
    ..., NotImplemented, ValueError]


class Colour(enum.Enum):
    """Stands for the enums of users; its repr here makes it again."""
    RED = 1
    BLUE = 'b'

    def __repr__(self):
        return str(self)


Point = collections.namedtuple('Point', 'x y')
HASHABLE_OBJECTS += [Colour.RED, Colour.BLUE, Point(1, 'y')]

# What the reprs of all these values need.
NAMES = {
    'datetime': datetime, 'Decimal': decimal.Decimal, 'Fraction': fractions.Fraction,
    'UUID': uuid.UUID, 'nan': float('nan'), 'inf': float('inf'), 'array': array.array,
    'deque': collections.deque, 'Counter': collections.Counter, 'Colour': Colour, 'Point': Point,
    'OrderedDict': collections.OrderedDict, 'Ellipsis': ...}


def source(value):
    """Python that makes the value again, given NAMES."""
    kind = type(value)
    if isinstance(value, type) or kind is type(len):
        return value.__name__
    if kind is list:
        return '[%s]' % ', '.join(map(source, value))
    if kind is tuple:
        return '(%s)' % ''.join(source(item) + ', ' for item in value)
    if kind is dict:
        return '{%s}' % ', '.join('%s: %s' % (source(k), source(v)) for k, v in value.items())
    if kind is set and value:
        return '{%s}' % ', '.join(map(source, value))
    if kind is frozenset and value:
        return 'frozenset({%s})' % ', '.join(map(source, value))
    if kind is slice:
        return 'slice(%s, %s, %s)' % tuple(map(source, (value.start, value.stop, value.step)))
    return ascii(value) if kind is str else repr(value)


class Values:
    """Draws values of the kinds that calls need."""

    def __init__(self, rng):
        self.rng = rng

    def one_of(self, *makers):
        return self.rng.choice(makers)()

    def chance(self, p):
        return self.rng.random() < p

    def index(self):
        return self.rng.choice([0, 0, 1, 1, 2, 3, 5, -1, -1, -2, -3, -6, 8, 20, -20, True, False])

    def bound(self):
        return self.rng.choice([None, None, 0, 1, 2, 3, 5, -1, -2, -4, 9, 100, -100, 10 ** 30])

    def slice(self):
        step = self.rng.choice([None, None, None, 1, 2, -1, -2, 3])
        return slice(self.bound(), self.bound(), step)

    def small(self):
        return self.rng.randrange(-3, 12)

    def int(self):
        return self.rng.choice(INTS) if self.chance(0.7) else self.rng.randrange(-10 ** 6, 10 ** 6)

    def float(self):
        return self.rng.choice(FLOATS) if self.chance(0.7) else self.rng.uniform(-1e3, 1e3)

    def number(self):
        return self.one_of(self.int, self.float, self.small, self.bool)

    def bool(self):
        return self.rng.choice([True, False])

    def text(self):
        text = self.rng.choice(TEXTS)
        return text if self.chance(0.7) else text + self.rng.choice(TEXTS) + self.rng.choice(TEXTS)

    def bytes(self):
        data = self.rng.choice(BYTES)
        return data if self.chance(0.7) else data + self.rng.choice(BYTES)

    def none(self):
        return None

    def scalar(self):
        return self.one_of(self.number, self.number, self.text, self.text, self.bytes, self.none)

    def hashable(self, depth=2):
        roll = self.rng.random()
        if roll < 0.75 or depth == 0:
            return self.scalar()
        if roll < 0.88:
            return tuple(self.hashable(depth - 1) for _ in range(self.rng.randrange(4)))
        if roll < 0.92:
            return frozenset(self.hashable(0) for _ in range(self.rng.randrange(2)))
        return self.rng.choice(HASHABLE_OBJECTS)

    def list(self, depth=1):
        return [self.any(depth - 1) for _ in range(self.rng.randrange(5))]

    def tuple(self, depth=1):
        return tuple(self.list(depth))

    def dict(self, depth=1):
        return {self.hashable(1): self.any(depth - 1) for _ in range(self.rng.randrange(4))}

    def set(self):
        return {self.hashable(0) for _ in range(self.rng.randrange(2))}

    def unhashable(self):
        return self.one_of(self.list, self.dict, self.set, lambda: ([],), lambda: bytearray(b'x'))

    def object(self):
        """Something of a class that no server knows."""
        return self.one_of(
            lambda: self.rng.choice(HASHABLE_OBJECTS),
            lambda: array.array('h', [1, -2]),
            lambda: bytearray(b'ab'),
            lambda: collections.deque([self.scalar()]),
            lambda: collections.OrderedDict([('od', self.scalar())]))

    def any(self, depth=2):
        roll = self.rng.random()
        if roll < 0.6 or depth <= 0:
            return self.scalar()
        if roll < 0.7:
            return self.list(depth)
        if roll < 0.77:
            return self.tuple(depth)
        if roll < 0.84:
            return self.dict(depth)
        if roll < 0.88:
            return self.set()
        return self.object()

    def iterable(self):
        return self.one_of(self.list, self.tuple, self.dict, self.set, self.text, self.bytes,
                           lambda: range(self.rng.randrange(4)), lambda: iter([self.scalar()]))

    def sortable(self):
        """A list whose items have a total order."""
        count = self.rng.randrange(9)
        kind = self.rng.choice([self.int, self.text, self.bytes, self.small,
                                lambda: (self.small(), self.text()), lambda: [self.small()],
                                lambda: self.rng.choice([f for f in FLOATS if f == f]),
                                self.bool])
        return [kind() for _ in range(count)]
