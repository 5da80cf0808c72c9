# SPDX-License-Identifier: MIT
"""Random values among which are objects of users' own classes (own_classes.py).

Such an object is drawn as the text that makes it: the ends of a comparison make it anew.
"""

import collections
import datetime
import decimal
import fractions
import http
import ipaddress
import pathlib
import re
import signal
import types

import own_classes
import random_values

NAMES = dict(random_values.NAMES, C=own_classes.C, own=own_classes, http=http, signal=signal, re=re,
             ipaddress=ipaddress, pathlib=pathlib, types=types, fractions=fractions,
             decimal=decimal, collections=collections)

# Of the standard library, and what else may be sent. Some cannot be pickled.
OTHERS = [
    'http.HTTPStatus.OK', 'signal.SIGTERM', 'ipaddress.ip_address("10.0.0.1")',
    'ipaddress.ip_network("10.0.0.0/30")', 're.compile("a+")', 'pathlib.PurePosixPath("/a")',
    'Decimal("2.0")', 'Decimal("2")', 'Decimal("nan")', 'Fraction(2, 1)', 'Fraction(1, 3)',
    '2+0j', 'Counter(a=1)', 'Counter(a=1, b=0)', 'OrderedDict(a=1)',
    'collections.defaultdict(list, {1: 2})', 'deque([1, 2])', 'types.SimpleNamespace(a=1)',
    'datetime.datetime(2020, 1, 1, 5, tzinfo=own.Drifting())',
    'datetime.datetime(2020, 1, 1, 6, tzinfo=own.Drifting())',
    'datetime.datetime(2020, 1, 1, 5, tzinfo=own.Nowhere())',
    'datetime.datetime(2020, 1, 1, 4, 25, tzinfo=datetime.timezone.utc)',
    'datetime.time(5, tzinfo=own.Drifting())', 'own.C', 'own.double', 'own.Refused("x", 1)',
    'own.int_plain', 'ValueError("x")', 'KeyError("x")', 'OSError(2, "none")', 'lambda: 1', 'object()',
    'zip([1, 2], "ab")', 'map(own.double, [1, 2])', 'enumerate("ab")', 'reversed([1, 2])',
    'iter([1, 2])', 'iter({1: 2})', 'range(3)', 'slice(0, 2)', 'Ellipsis', 'memoryview(b"ab")',
    'array("i", [1, 2])', 'UUID(int=7)', 'types.MappingProxyType({1: 2})',
    'shared("list", [1, 2])', 'shared("dict", {1: 2})', 'shared("Value", "i", 2)',
    'shared("Event")']


class Made:
    """The text that makes an object, among drawn values."""

    def __init__(self, source):
        self.source = source

    def __repr__(self):
        return self.source


class OwnValues(random_values.Values):
    """Draws values, many of which are objects of a few classes, so that some meet their equals."""

    def __init__(self, rng):
        super().__init__(rng)
        self.palette = []
        self.change()

    def change(self):
        """Other classes from now on."""
        some = self.rng.sample(sorted(own_classes.CLASSES), 4)
        feature, base = some[0][1], some[1][0]  # two bases in one way, two ways of one base
        self.palette = [pair for pair in some + [(some[2][0], feature), (base, some[3][1])]
                        if pair in own_classes.CLASSES]

    def own(self):
        roll = self.rng.random()
        if roll < 0.15:
            return Made(self.rng.choice(OTHERS))
        pair = self.rng.choice(self.palette if roll < 0.75 else sorted(own_classes.CLASSES))
        return Made('C(%r, %r, %d)' % (*pair, self.rng.choice([0, 0, 1, 1, 2, 3])))

    def own_number(self):
        """Of a class that is likely to stand for a number."""
        if self.rng.random() < 0.5:
            return self.own()
        base = self.rng.choice(['int', 'IntEnum', 'IntFlag', 'object', 'float', 'Fraction',
                                'Decimal'])
        feature = self.rng.choice([*own_classes.NUMBERS, 'plain'])
        return Made('C(%r, %r, %d)' % (base, feature, self.rng.choice([0, 1, 1, 2, 3])))

    def moment(self):
        """A timeout that nobody waits long for, whatever it stands for."""
        if self.rng.random() < 0.4:
            return self.rng.choice([0, 0.001, -1.0, 0.0])
        base, feature = self.rng.choice(sorted(own_classes.CLASSES))
        if self.rng.random() < 0.5:
            base = self.rng.choice(['int', 'float', 'IntEnum', 'Decimal', 'Fraction', 'object'])
        if feature in ('index_bool', 'float_nan') or (base, feature) not in own_classes.CLASSES:
            feature = 'plain'
        return Made('C(%r, %r, 0)' % (base, feature))

    def plain(self):
        """What objects of the classes may be equal to."""
        return self.rng.choice([0, 1, 2, 1.0, True, 'a', 'A', '', b'a', (), (0,), (0, 1), None,
                                (1, 'y'), frozenset([0])])

    def index(self):
        return self.own_number() if self.chance(0.3) else super().index()

    def bound(self):
        return self.own_number() if self.chance(0.2) else super().bound()

    def small(self):
        return self.own_number() if self.chance(0.3) else super().small()

    def number(self):
        return self.own_number() if self.chance(0.3) else super().number()

    def text(self):
        return Made('C("str", %r, %d)' % (self.rng.choice([f for b, f in own_classes.CLASSES
                                                           if b == 'str']),
                                          self.rng.randrange(6))) \
            if self.chance(0.1) else super().text()

    def scalar(self):
        roll = self.rng.random()
        return self.own() if roll < 0.4 else self.plain() if roll < 0.7 else super().scalar()

    def unhashable(self):
        return self.own() if self.chance(0.3) else super().unhashable()

    def iterable(self):
        roll = self.rng.random()
        if roll < 0.25:
            return self.own()
        if roll < 0.3:
            return Made(self.rng.choice(['zip(%s)', 'map(own.double, %s)', 'enumerate(%s)',
                                         'iter(%s)', 'reversed(%s)'])
                        % random_values.source(self.list()))
        return self.one_of(self.list, self.tuple, self.dict, self.set,
                           lambda: random_values.Values.text(self), self.bytes,
                           lambda: range(self.rng.randrange(4)))

    def object(self):
        return self.own() if self.chance(0.6) else super().object()

    def sortable(self):
        if self.chance(0.3):
            return super().sortable()
        return [self.own() if self.chance(0.7) else self.plain()
                for _ in range(self.rng.randrange(6))]
