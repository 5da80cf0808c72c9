# SPDX-License-Identifier: MIT
"""What a call gave its caller, as text that can be compared.

Two servers agree when every call has the same outcome on both: the same value of the same type, or
an exception of the same type with the same arguments.  Text is compared, so that NaN equals NaN,
1 differs from 1.0 and from True, and -0.0 differs from 0.0.  What is bound to differ from run to
run is left out: addresses of objects, idents, and all of a remote traceback but its last line.
"""

import re
import sys
from multiprocessing.managers import BaseProxy, RemoteError

ADDRESS = re.compile(r'0x[0-9a-fA-F]+')

PLAIN = {type(None), bool, float, complex, bytes, type(Ellipsis), type(NotImplemented)}


# Words of the first patch releases of a version, and those of its last, which the daemon has.
PATCHED = {
    (3, 11): [('timestamp too large to convert to C _PyTime_t',
               'timestamp out of range for platform time_t')],
    (3, 13): [('timestamp out of range for platform time_t',
               'timestamp out of range for C PyTime_t'),
              ('timestamp too large to convert to C PyTime_t',
               'timestamp out of range for C PyTime_t'),
              ('parties must be > 0', 'parties must be >= 1'),
              ('must be b, B, u, h,', 'must be b, B, u, w, h,')],
    (3, 14): [('timestamp out of range for platform time_t',
               'timestamp out of range for C PyTime_t'),
              ("'>' not supported between", "'<=' not supported between")],
}


def mask(text, version=sys.version_info[:2]):
    """Leave the addresses of objects out of a text, and where the stock server made a lambda."""
    text = ADDRESS.sub('0x..', text).replace('stock_register.<locals>.', '')
    for older, newer in PATCHED.get(version, ()):
        text = text.replace(older, newer)
    return text


def name_of(thing):
    return '%s.%s' % (thing.__module__, thing.__qualname__)


class Describer:
    """Writes one value down.  Objects met twice are numbered, so sharing and cycles show."""

    def __init__(self):
        self.met = {}
        self.kept = []  # what reducing made lives on, or its id would be used again

    def describe(self, value):
        kind = type(value)
        if kind in PLAIN:
            return repr(value)
        if kind is int:
            return repr(value) if abs(value) < 1 << 256 else hex(value)
        if kind is str:
            return ascii(mask(value))
        if kind is tuple:
            return '(%s)' % ''.join(self.describe(item) + ', ' for item in value)
        if kind is frozenset:
            return 'frozenset{%s}' % ', '.join(sorted(map(self.apart, value)))
        if isinstance(value, type):
            return '<class %s>' % name_of(value)
        if isinstance(value, BaseProxy):
            return '<proxy %s of %s>' % (kind.__name__, value._token.typeid)
        if id(value) in self.met:
            return '<seen %d>' % self.met[id(value)]
        self.met[id(value)] = len(self.met)
        self.kept.append(value)
        return self.describe_object(kind, value)

    def describe_object(self, kind, value):
        if kind is list:
            return '[%s]' % ', '.join(map(self.describe, value))
        if kind is dict:
            return '{%s}' % ', '.join(
                '%s: %s' % (self.describe(k), self.describe(v)) for k, v in value.items())
        if kind is set:
            return 'set{%s}' % ', '.join(sorted(map(self.apart, value)))
        if kind is bytearray:
            return repr(value)
        if isinstance(value, BaseException):
            return '%s%s %s' % (name_of(kind), self.describe(value.args),
                                self.describe(vars(value)))
        return self.describe_reduced(kind, value)

    def describe_reduced(self, kind, value):
        """Any other object is what pickle would make it of."""
        try:
            parts = value.__reduce_ex__(4)
        except Exception:
            return '<%s %s>' % (name_of(kind), mask(repr(value)))
        if isinstance(parts, str):
            return '<global %s.%s>' % (getattr(value, '__module__', kind.__module__), parts)
        self.kept.append(parts)
        factory, args, state, items, pairs = (tuple(parts) + (None,) * 5)[:5]
        text = '%s: %s%s' % (name_of(kind), getattr(factory, '__qualname__', factory),
                             self.describe(args))
        if state is not None:
            text += ' state ' + self.describe(state)
        if items is not None:
            text += ' items ' + self.describe(list(items))
        if pairs is not None:
            text += ' pairs ' + self.describe(list(pairs))
        return '<%s>' % text

    def apart(self, value):
        """An item of a set, whose place in the text is known only afterwards."""
        other = Describer()
        other.met.update(self.met)
        return other.describe(value)


def describe(value):
    """A value as text: with its type, what it holds, and what in it is shared."""
    return Describer().describe(value)


def last_line(text, version=sys.version_info[:2]):
    """The line of a remote traceback that says what went wrong."""
    lines = [line for line in text.splitlines() if line.strip('- ')]
    return mask(lines[-1], version) if lines else ''


def describe_error(error):
    """An exception as text: its type and arguments, or the last line of a remote traceback."""
    if isinstance(error, RemoteError):
        unserializable = 'unserializable, ' if 'Unserializable message' in str(error) else ''
        return 'raises RemoteError: %s%s' % (unserializable, last_line(str(error.args[0])))
    text = 'raises %s%s' % (name_of(type(error)), describe(error.args))
    name = getattr(error, 'name', None)
    return text if name is None else '%s name=%r' % (text, name)


def outcome_of(call, *args, **kwds):
    """Call it, and describe what came of it."""
    try:
        return describe(call(*args, **kwds))
    except Exception as error:
        return describe_error(error)
