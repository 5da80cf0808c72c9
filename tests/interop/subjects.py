# SPDX-License-Identifier: MIT
"""What the differential test calls: for each type how to make an object, and its random calls.

A subject yields calls `(method, args, kwds)`.  None of them can block: a call that would wait gets
a timeout of nothing.  What leaves an order or a state that Python does not define (a failed sort,
which item a set pops) is followed by a call that defines it again.
"""

import array
import sys

from random_values import Values

WAITING = [0, 0.001, -1.0]  # timeouts under which no call waits long
NEVER = 'no_such_method'


class Subject:
    """Makes an object, and calls on it."""

    typeid = ''
    # method: what draws its arguments, methods of Values or of the subject; '?' may be left out
    methods = {}
    reset = ()  # calls that bring a registered object, which lives on, to a known state
    sized = ()  # methods that a big number makes take all memory
    blocking = ()  # methods whose arguments are never spoilt, for they might wait for ever

    def __init__(self, rng):
        self.rng = rng
        self.values = Values(rng)

    def make(self):
        """Arguments of the create call."""
        return (), {}

    def spec(self):
        """What to register in the servers under the type's name; None for types they have."""
        return None

    def calls(self):
        """Endless calls; those that belong together come as one list."""
        while True:
            yield self.draw()

    def draw(self):
        name = self.rng.choice(list(self.methods))
        args = self.draw_args(self.methods[name])
        kwds = {}
        if name not in self.blocking and self.rng.random() < 0.12:
            name, args, kwds = self.spoil(name, args)
        return [(name, args, kwds)]

    def draw_args(self, drawers):
        args = []
        for drawer in drawers.split():
            if drawer.startswith('?'):
                if self.rng.random() < 0.4:
                    break
                drawer = drawer[1:]
            args.append(getattr(self if hasattr(self, drawer) else self.values, drawer)())
        return tuple(args)

    def spoil(self, name, args):
        """The call with something wrong about it."""
        kind = self.rng.randrange(6)
        if kind == 0:
            return name, args[:-1], {}
        if kind == 1:
            return name, args + (self.values.any(),), {}
        if kind == 2:
            return name, args, {self.rng.choice(['nonsense', 'x', 'key', 'value']): 1}
        if kind == 3 and args:
            spoilt = list(args)
            value = self.values.any()
            if type(value) is int and abs(value) > 1000 and name in self.sized:
                value = 7
            spoilt[self.rng.randrange(len(args))] = value
            return name, tuple(spoilt), {}
        if kind == 4:
            return self.rng.choice([NEVER, '__eq__', '__class__', '_x', '__init__', '']), (), {}
        return name, args, {}


class ListSubject(Subject):
    typeid = 'list'
    methods = {
        '__getitem__': 'index', '__len__': '', '__contains__': 'any', 'append': 'any',
        'extend': 'iterable', 'insert': 'index any', 'pop': '?index', 'remove': 'any',
        'count': 'any', 'index': 'any ?small ?small', 'reverse': '', '__setitem__': 'index any',
        '__delitem__': 'index', '__add__': 'list', '__mul__': 'factor', '__rmul__': 'factor',
        '__imul__': 'factor', '__reversed__': '', '#GETVALUE': '', '__repr__': '', '__str__': ''}

    sized = ('__mul__', '__rmul__', '__imul__')

    def make(self):
        roll = self.rng.random()
        if roll < 0.2:
            return (), {}
        return (self.values.iterable() if roll < 0.7 else self.values.list(2),), {}

    def factor(self):
        return self.rng.choice([0, 1, 1, 1, 2, 2, -1, True])

    def item(self):
        """Something that is likely to be there."""
        return self.rng.choice([0, 1, True, 1.0, 'a', 'ab', None, b'a', (), 2, 3])

    def calls(self):
        everything = slice(None)
        while True:
            roll = self.rng.random()
            if roll < 0.06:
                yield [('__setitem__', (self.values.slice(), self.values.iterable()), {})]
            elif roll < 0.10:
                yield [('__getitem__', (self.values.slice(),), {})]
            elif roll < 0.12:
                yield [('__delitem__', (self.values.slice(),), {})]
            elif roll < 0.15:
                yield [('__setitem__', (everything, self.values.sortable()), {}),
                       ('sort', (), self.rng.choice([{}, {'reverse': self.values.bool()}])),
                       ('#GETVALUE', (), {})]
            elif roll < 0.16:
                yield [('sort', self.rng.choice([(1,), (None,)]), {})]
            elif roll < 0.17:
                yield [('__setitem__', (everything, self.rng.choice(
                    [[1, 'a'], [None, None], [{}, {}], ['a', 1], [(1, 2), (1, 'x')]])), {}),
                    ('sort', (), {}), ('__setitem__', (everything, [0]), {})]
            elif roll < 0.23:
                name = self.rng.choice(['remove', 'count', 'index', '__contains__'])
                yield [(name, (self.item(),), {})]
            elif roll < 0.28:
                yield [('append', (self.item(),), {})]
            else:
                yield self.draw() + [('__delitem__', (slice(40, None),), {})]


class RegisteredListSubject(ListSubject):
    typeid = 'rows'
    methods = dict(ListSubject.methods, clear='', copy='')
    reset = [('clear', (), {}), ('extend', ([1, 'a', None],), {})]

    def make(self):
        return (), {}

    def spec(self):
        return '[1, "a", None]'


class DictSubject(Subject):
    typeid = 'dict'
    methods = {
        '__getitem__': 'key', '__setitem__': 'key any', '__delitem__': 'key', '__len__': '',
        '__contains__': 'key', 'get': 'key ?any', 'pop': 'key ?any', 'popitem': '',
        'setdefault': 'key ?any', 'update': '?pairs', 'keys': '', 'values': '', 'items': '',
        'copy': '', '#GETVALUE': '', '__repr__': ''}

    def make(self):
        return self.rng.choice([(), (self.values.dict(2),), (self.pairs(),)]), {}

    def key(self):
        if self.rng.random() < 0.6:
            return self.rng.choice([0, 1, True, 1.0, 'a', 'ab', None, b'a', (), (1, 'a'), -1,
                                    'key'])
        return self.values.hashable() if self.rng.random() < 0.9 else self.values.unhashable()

    def pairs(self):
        return self.rng.choice([
            self.values.dict(), [(self.key(), self.values.any())], [], (),
            [[self.values.hashable(), 1], 'xy'], {}, [('a', 1), ('b',)], 5, None, [5]])

    def calls(self):
        while True:
            yield self.draw()
            if self.rng.random() < 0.01:
                yield [('clear', (), {})]
            if self.rng.random() < 0.03:
                yield [('update', (), {'a': self.values.any(), 'z': 1})]


class RegisteredDictSubject(DictSubject):
    typeid = 'config'
    methods = dict(DictSubject.methods, fromkeys='iterable ?any')
    reset = [('clear', (), {}), ('update', ({'a': 1, 2: [None]},), {})]

    def make(self):
        return (), {}

    def spec(self):
        return '{"a": 1, 2: [None]}'


class SetSubject(Subject):
    """A registered set.  Which item pop() takes is not defined: only of one item it is asked."""

    typeid = 'names'
    reset = [('clear', (), {}), ('update', ([1, 2, 'a'],), {})]
    methods = {
        'add': 'key', 'remove': 'key', 'discard': 'key', 'copy': '', 'difference': '?keys ?keys',
        'difference_update': '?keys', 'intersection': '?keys ?keys', 'intersection_update': '?keys',
        'isdisjoint': 'keys', 'issubset': 'keys', 'issuperset': 'keys',
        'symmetric_difference': 'keys', 'symmetric_difference_update': 'keys',
        'union': '?keys ?keys', 'update': '?keys ?keys', '#GETVALUE': ''}

    def spec(self):
        return self.rng.choice(['{1, 2, "a"}', '{()}', '{None, b"x"}', '{1.5, (1, 2), True}'])

    def key(self):
        if self.rng.random() < 0.7:
            return self.rng.choice([0, 1, True, 1.0, 'a', 'ab', None, b'a', (), 2, -1])
        return self.values.hashable() if self.rng.random() < 0.8 else self.values.unhashable()

    def keys(self):
        items = [self.key() for _ in range(self.rng.randrange(5))]
        if self.rng.random() < 0.1:
            return self.values.any()
        try:
            return self.rng.choice([tuple, list, set, frozenset, dict.fromkeys])(items)
        except TypeError:
            return items

    def calls(self):
        while True:
            roll = self.rng.random()
            if roll < 0.02:
                yield [('clear', (), {}), ('pop', (), {})]
            elif roll < 0.04:
                yield [('clear', (), {}), ('add', (self.values.hashable(),), {}), ('pop', (), {}),
                       ('update', ([1, 'a', None],), {})]
            elif roll < 0.06:
                yield [('clear', (), {}), ('add', (self.values.scalar(),), {}),
                       ('__repr__', (), {}), ('update', ([2, 'a'],), {})]
            else:
                yield self.draw()


class QueueSubject(Subject):
    typeid = 'Queue'
    methods = {'put': 'any no waiting', 'put_nowait': 'any', 'get': 'no ?waiting',
               'get_nowait': '', 'qsize': '', 'empty': '', 'full': '', 'task_done': ''}
    blocking = ('put', 'get')

    def make(self):
        return self.rng.choice([(), (0,), (1,), (3,), (-1,), (2.5,), (True,)]), {}

    def no(self):
        return self.rng.choice([False, 0, None, '', []])

    def waiting(self):
        return self.rng.choice(WAITING + ['x', None, -0.5])

    def calls(self):
        while True:
            roll = self.rng.random()
            if roll < 0.1:
                yield [('get', (True, self.rng.choice(WAITING)), {})]
            elif roll < 0.2:
                yield [('put', (self.values.any(), True, self.rng.choice(WAITING)), {})]
            elif roll < 0.24:
                yield [('get', (), {'timeout': self.rng.choice(WAITING + ['x', [], 1e10])})
                       if self.rng.random() < 0.5 else ('get', (), {'block': False})]
            elif roll < 0.27:
                yield [('put', (), {'item': self.values.any(), 'block': False})]
            elif roll < 0.28:
                yield [('join', (1,), {}), ('get', (1, 2, 3), {}), ('put', (), {}),
                       ('put', (1, 2, 3, 4), {}), ('get', (), {'nonsense': 1})]
            else:
                yield self.draw()


class LockSubject(Subject):
    typeid = 'Lock'
    methods = {'acquire': 'no', 'release': ''}
    blocking = ('acquire',)

    def no(self):
        return self.rng.choice([False, False, 0])

    def calls(self):
        """acquire() may also get what is no number, where that is an error whoever asks."""
        while True:
            roll = self.rng.random()
            if roll < 0.2:
                yield [('acquire', (True, self.rng.choice([0, 0.001, False])), {})]
            elif roll < 0.3:
                yield [('acquire', self.rng.choice(
                    [(True, -0.5), (True, -7), (False, 1), (True, 'x'), (True, []), (True, 1, 2),
                     (False, -1), (True, 1e11), (False, 'x')]), {})]
            elif roll < 0.4:
                yield [('acquire', (), self.rng.choice(
                    [{'blocking': False}, {'timeout': 0.001}, {'timeout': 0}, {'nonsense': 1},
                     {'blocking': False, 'timeout': 1}, {'blocking': True, 'timeout': 0}]))]
            elif roll < 0.45:
                yield [(self.rng.choice([NEVER, '__enter__', '#GETVALUE']), (), {})]
            elif roll < 0.5:
                yield [('release', (self.values.any(), 1), {})]
            else:
                yield self.draw()


class RLockSubject(LockSubject):
    typeid = 'RLock'


class SemaphoreSubject(LockSubject):
    typeid = 'Semaphore'
    methods = {'acquire': 'no', 'release': '?count'}

    def make(self):
        return self.rng.choice([(), (0,), (1,), (3,), (2.5,), (True,), (10 ** 20,)]), {}

    def count(self):
        return self.rng.choice([1, 1, 2, 3, 0, -1, True, 1.5])

    def spoil(self, name, args):
        return name, self.rng.choice([('x',), (1, 2), ([],), (None,)]), {}


class BoundedSemaphoreSubject(SemaphoreSubject):
    typeid = 'BoundedSemaphore'


class EventSubject(Subject):
    typeid = 'Event'
    methods = {'set': '', 'clear': '', 'is_set': '', 'wait': 'waiting'}
    blocking = ('wait',)

    def waiting(self):
        return self.rng.choice(WAITING + [False, 'x', [], 1e12])


class ConditionSubject(Subject):
    typeid = 'Condition'
    methods = {'acquire': 'no', 'release': '', 'wait': 'waiting', 'notify': '?count',
               'notify_all': ''}
    blocking = ('acquire', 'wait')

    def no(self):
        return False

    def waiting(self):
        return self.rng.choice(WAITING + ['x', 1e12])

    def count(self):
        return self.rng.choice([1, 2, 0, -1, 'x', None, 1.5, True])


class BarrierSubject(Subject):
    typeid = 'Barrier'
    methods = {'wait': 'waiting', 'abort': '', 'reset': '', '__getattribute__': 'attribute'}
    blocking = ('wait',)

    def make(self):
        return self.rng.choice([(1,), (2,), (1, None, 0.001), (3, None, 5)]), {}

    def waiting(self):
        return self.rng.choice([0, 0.001, -1.0, 'x'])

    def attribute(self):
        return self.rng.choice(['parties', 'n_waiting', 'broken', 'absent'])


class ValueSubject(Subject):
    typeid = 'Value'
    methods = {'get': '', 'set': 'any', '__repr__': '', '#GETVALUE': ''}

    def make(self):
        return (self.rng.choice(['i', 'd', 'x', None]), self.values.any()), {}


class ArraySubject(Subject):
    typeid = 'Array'
    methods = {'__getitem__': 'index', '__len__': '', '__setitem__': 'index item',
               '__repr__': '', '#GETVALUE': ''}

    def __init__(self, rng):
        super().__init__(rng)
        self.code = 'i'

    def make(self):
        self.code = self.rng.choice('bBhHiIlLqQfdu' + ('w' if 'w' in array.typecodes else ''))
        if self.code in 'uw':
            return (self.code, self.rng.choice(['', 'abc', '\u20ac\U0001f600x'])), {}
        return (self.code, [self.rng.randrange(100) for _ in range(self.rng.randrange(8))]), {}

    def item(self):
        if self.code in 'uw':
            return self.rng.choice(['a', '\xe9', '\U0001f600', '\x00', 'ab', '', 5, b'a', None])
        return self.rng.choice([0, 1, 100, True, self.values.int(), self.values.int(),
                                self.values.float(), self.values.scalar()])

    def same(self):
        """An array, most often of the same typecode, that any of them can be."""
        code = self.code if self.rng.random() < 0.8 else self.rng.choice('bid')
        if code in 'uw':
            return array.array(code, self.rng.choice(['', 'x', 'xyz']))
        return array.array(code, [self.rng.randrange(100) for _ in range(self.rng.randrange(4))])

    def calls(self):
        while True:
            roll = self.rng.random()
            if roll < 0.15:
                yield [('__getitem__', (self.values.slice(),), {})]
            elif roll < 0.3:
                yield [('__setitem__', (self.values.slice(), self.same()), {})]
            elif roll < 0.33:
                yield [('__setitem__', (self.values.slice(), self.values.any()), {})]
            else:
                yield self.draw()


class NamespaceSubject(Subject):
    typeid = 'Namespace'
    methods = {'__getattribute__': 'name', '__setattr__': 'name any', '__delattr__': 'name',
               '__repr__': '', '#GETVALUE': ''}

    def make(self):
        return (), {name: self.values.any() for name in self.rng.sample('abc_', 2)}

    def name(self):
        return self.rng.choice(['a', 'b', 'c', '_', 'ab', '\xe9', 'a', 'b', 'not one', ''])


class IteratorSubject(Subject):
    """The iterator of a short list, asked past its end."""

    typeid = 'Iterator'
    methods = {'__next__': '', 'send': 'any', 'throw': 'any', 'close': '', '__length_hint__': ''}

    def make(self):
        return (iter(self.values.list() * 5),), {}


class TextSubject(Subject):
    typeid = 'text'
    methods = dict.fromkeys(
        'capitalize casefold isalnum isalpha isascii isdecimal isdigit isidentifier islower '
        'isnumeric isprintable isspace istitle isupper lower swapcase title upper'.split(), '')
    methods.update({
        'center': 'width ?fill', 'ljust': 'width ?fill', 'rjust': 'width ?fill', 'zfill': 'width',
        'count': 'part ?bound ?bound', 'find': 'part ?bound ?bound', 'rfind': 'part ?bound ?bound',
        'index': 'part ?bound ?bound', 'rindex': 'part ?bound ?bound',
        'startswith': 'parts ?bound ?bound', 'endswith': 'parts ?bound ?bound',
        'encode': '?encoding ?errors', 'expandtabs': '?small', 'join': 'strings',
        'lstrip': '?chars', 'rstrip': '?chars', 'strip': '?chars', 'partition': 'part',
        'rpartition': 'part', 'replace': 'part part ?small', 'split': '?separator ?small',
        'rsplit': '?separator ?small', 'splitlines': '?bool', 'maketrans': 'chars chars ?chars',
        'translate': 'mapping', '__repr__': '', '__str__': '', '#GETVALUE': ''})
    if sys.version_info >= (3, 9):
        methods.update({'removeprefix': 'part', 'removesuffix': 'part'})
    whole = ('educative', '', 'Hello, World! 007', 'a,b,,c  d\te\r\nf',
             'Stra\xdfe \u01c6 \u0130\u0131 \ufb01',
             '\u039f\u0394\u03a5\u03a3\u03a3\u0395\u03a5\u03a3 A\u03a3',
             '\u0661\u0662\u0663', '\xb2\xbd\u2167', 'e\u0301\u20dd x', 'aAbB\xe9\xc9',
             '\U0001f600 \U00010400',
             '\u1e9e\u0149\u1f80\u1fb3', '  \xa0 x \u3000', 'ab\x1cc\x85d\u2028e', 'Titel Case',
             "it's O'Neil",
             '\u05d0\u05d1', '\u4e00\u96f6', '_ident1', '9lives', 'x' * 50)
    fills = ('*', ' ', '\u20ac', 'ab', '', 5)
    sized = ('center', 'ljust', 'rjust', 'zfill', 'expandtabs')

    def spec(self):
        return ascii(self.rng.choice(self.whole))

    def width(self):
        return self.rng.choice([0, 1, 5, 10, 11, 20, 31, -1, True])

    def fill(self):
        return self.rng.choice(self.fills)

    def part(self):
        if self.rng.random() < 0.05:
            return self.values.scalar()
        if self.rng.random() < 0.2:
            return self.values.text()
        return self.rng.choice(['', 'a', 'e', 'x', ' ', ',', 'l', 'ab', 'ed', 'ive', '\xdf',
                                '\u03a3', 'o',
                                'educative', '\r\n', 'e\u0301', '\U0001f600'])

    def parts(self):
        return self.rng.choice([self.part(), (self.part(), self.part()), (), (1,), [self.part()]])

    def bound(self):
        return self.values.bound()

    def separator(self):
        return None if self.rng.random() < 0.4 else self.part()

    def chars(self):
        return self.rng.choice(['', 'a', 'ea', ' ', 'Hd!', '\t\n', self.part(), None])

    def strings(self):
        return [self.part() for _ in range(self.rng.randrange(4))]

    def encoding(self):
        return self.rng.choice(['utf-8', 'ascii', 'latin-1', 'utf-16', 'utf-16-le', 'utf-32-be',
                                'UTF8',
                                'utf_8', 'iso-8859-1', 'no-such-encoding'])

    def errors(self):
        return self.rng.choice(['strict', 'ignore', 'replace', 'backslashreplace',
                                'xmlcharrefreplace', 'surrogatepass'])

    def mapping(self):
        return self.rng.choice([{97: 'X'}, {97: None, 101: 'yy'}, {101: 120}, {}, {97: 10 ** 9},
                                {97: 1.5}, {0x1f600: 'smile'}, 'abc'])


class BytesSubject(TextSubject):
    typeid = 'data'
    methods = {name: drawers for name, drawers in TextSubject.methods.items()
               if name not in ('encode', 'casefold', 'isidentifier', 'isdecimal', 'isnumeric',
                               'isprintable', 'translate', 'maketrans')}
    methods.update({'decode': '?encoding ?errors', 'hex': '', 'translate': 'table ?chars',
                    'maketrans': 'chars chars', 'fromhex': 'digits'})
    whole = (b'educative', b'', b'Hello, World! 007', b'a,b,,c  d\te\r\nf', bytes(range(256)),
             b'\xff\xfe\x80', b'aAbB', b'  x  ', b'Titel Case', b"it's")
    fills = (b'*', b' ', b'ab', b'', 5, '*')

    def spec(self):
        return repr(self.rng.choice(self.whole))

    def part(self):
        if self.rng.random() < 0.06:
            return self.values.scalar()
        return self.rng.choice([b'', b'a', b'e', b'x', b' ', b',', b'l', b'ed', b'ive',
                                b'educative',
                                b'\r\n', 97, 255, 256, -1, bytearray(b'e')])

    def chars(self):
        return self.rng.choice([b'', b'a', b'ea', b' ', b'Hd!', b'\t\n', None])

    def table(self):
        return self.rng.choice([None, bytes(range(255, -1, -1)), b'short'])

    def digits(self):
        return self.rng.choice(['', '61 62', '6162', '6', 'zz', ' 61', '61\n', b'61', '6 1'])


class IntSubject(Subject):
    typeid = 'whole'
    sized = ('to_bytes',)
    methods = {'bit_length': '', 'conjugate': '', 'as_integer_ratio': '', '__repr__': '',
               'to_bytes': 'length order', 'from_bytes': 'data order', '#GETVALUE': ''}
    if sys.version_info >= (3, 10):
        methods['bit_count'] = ''
    if sys.version_info >= (3, 12):
        methods['is_integer'] = ''

    def spec(self):
        return repr(self.rng.choice([0, 1, -1, 255, 256, -129, 2 ** 63, 10 ** 40, True]))

    def length(self):
        return self.rng.choice([0, 1, 2, 8, 9, 20, -1])

    def order(self):
        return self.rng.choice(['big', 'little', 'big', 'little', 'middle', 5])

    def data(self):
        return self.rng.choice([b'', b'\x00', b'\xff\x01', bytes(9), [1, 2], bytearray(b'ab'), 'x',
                                5,
                                [256]])

    def calls(self):
        while True:
            roll = self.rng.random()
            if roll < 0.1:
                yield [('to_bytes', (self.length(), 'big'), {'signed': self.values.bool()})]
            elif roll < 0.2:
                yield [('from_bytes', (self.data(), 'little'), {'signed': self.values.bool()})]
            else:
                yield self.draw()


class FloatSubject(Subject):
    typeid = 'real'
    methods = {'as_integer_ratio': '', 'conjugate': '', 'hex': '', 'is_integer': '',
               'fromhex': 'digits', '__repr__': '', '#GETVALUE': ''}

    def spec(self):
        return self.rng.choice(['0.0', '-0.0', '1.5', '1e300', '5e-324', '0.1', '-2.0', '1e22',
                                '1e999'])

    def digits(self):
        return self.rng.choice(['0x1p0', '1.8', '-0x1.8p1', 'inf', 'nan', '-inf', '0x1p-1074',
                                '0x1p5000', 'x',
                                '', ' 0x10 ', '0x.8', '1e5', '0x1.fffffffffffff8p0', 'infinity', 5])


class TupleSubject(Subject):
    typeid = 'row'
    methods = {'count': 'any', 'index': 'any ?small ?small', '__repr__': '', '#GETVALUE': ''}

    def spec(self):
        return self.rng.choice(['()', '(1, "a", None, 1.0, (1,))',
                                '(True, [1], {"k": 2}, b"a", 1)'])

    def calls(self):
        while True:
            yield self.draw()
            item = self.rng.choice([1, True, 1.0, 'a', None, (1,), [1], {'k': 2}, b'a', 5])
            yield [(self.rng.choice(['count', 'index']), (item,), {})]


SUBJECTS = {
    'list': ListSubject, 'dict': DictSubject, 'Queue': QueueSubject, 'Lock': LockSubject,
    'RLock': RLockSubject, 'Semaphore': SemaphoreSubject,
    'BoundedSemaphore': BoundedSemaphoreSubject, 'Event': EventSubject,
    'Condition': ConditionSubject, 'Barrier': BarrierSubject, 'Value': ValueSubject,
    'Array': ArraySubject, 'Namespace': NamespaceSubject, 'Iterator': IteratorSubject,
    'str': TextSubject, 'bytes': BytesSubject, 'int': IntSubject, 'float': FloatSubject,
    'tuple': TupleSubject, 'set': SetSubject, 'registered_list': RegisteredListSubject,
    'registered_dict': RegisteredDictSubject}
