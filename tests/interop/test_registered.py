# SPDX-License-Identifier: MIT
"""Objects registered by a literal: every public method of str, bytes, int, float, tuple, list,
dict, set, with many forms of arguments.

All calls of a row run on all objects of a kind; one transcript of all of it is compared.
"""

import sys
import unittest
from array import array
from collections import Counter, OrderedDict, deque
from multiprocessing import managers

from cases import Interop, table
from outcomes import outcome_of

TEXTS = [
    'educative', '', 'a', 'Hello, World! 007', 'HELLO', 'hELLO wORLD', 'a,b,,c  d\te\r\nf',
    ' \t x \n',
    '42', '-42', '\u0661\u0662\u0663', '\xb2', '\xbd', '\u2167', '\u4e00', 'x\xb2', '\xaa', '_name',
    '9x', 'class', 'a b',
    'Stra\xdfe', '\u1e9e', '\ufb01x', '\u0130\u0131', '\u01c4\u01c5\u01c6', '\u0149',
    '\u03a3\u0391\u03a3 \u03a3', 'A\u03a3.', '\u0391\u03a3\u0301', '\u1f80\u1fb3',
    'e\u0301', '\u0301', '\xa0\u3000\u2028x\x85\x1c', '\U0001f600', '\U00010400\U00010428',
    '\ud800x', 'x\udfff', '\xad\u200b', '\u05d0',
    'aAbB', 'Title Case', 'Title case', "They're Bill's", '\u01c5abc', 'x\x00y', '\x7f', '~',
    '\xe9\xc9', 'a' * 300,
    'one\ntwo\rthree\r\nfour\x0bfive\x0csix\x1cseven\x1deight\x1enine\x85ten'
    '\u2028eleven\u2029twelve\n',
    '\u13a0\uab70', '\u10d0\u1c90', '\u00b5', '\u017f', '\u0345', '\u1e97', '\u0587',
]

NO_ARGUMENTS = ['()']
FIND = ['("a",)', '("",)', '("e", 2)', '("", 100)', '("e", -3)', '("e", None, None)',
        '("e", 1, -1)', '("e", "x")',
        '("e", 1.5)', '()', '(1,)', '(None,)', '(b"e",)', '("e", 0, 100, 1)', '("e", 10**30)',
        '("e", -10**30)',
        '("", 5, 2)', '("ss",)', '("\\u03a3",)', '("\\r\\n",)']
AFFIX = FIND[:12] + ['(("a", "e"),)', '((),)', '((1,),)', '(["a"],)', '(("x", ""), 1)',
                     '("", 0, 0)', '("", 1, 0)']
PAD = ['(0,)', '(10,)', '(-1,)', '(20, "*")', '(20, "\\u20ac")', '(20, "")', '(20, "ab")',
       '(20, 5)', '("x",)',
       '(1.5,)', '()', '(20, None)', '(True,)', '(21, "-", 1)', '(301, "<")', '(302, "<")']
STRIP = ['()', '(None,)', '("",)', '("ae",)', '(" \\n",)', '("\\xe9\\u20ac",)', '(5,)',
         '("a", "b")', '(b"a",)']
SPLIT = ['()', '(None,)', '(",",)', '("",)', '("e", 1)', '(None, 1)', '(",", 0)', '(",", -5)',
         '("ab",)', '(5,)',
         '(",", "x")', '(None, 1, 2)', '("l", True)', '("\\r\\n",)', '("aa", 2)']

TEXT_CALLS = {
    'FIND': (FIND, 'count find rfind index rindex'),
    'AFFIX': (AFFIX, 'startswith endswith'),
    'PAD': (PAD, 'center ljust rjust'),
    'STRIP': (STRIP, 'strip lstrip rstrip'),
    'SPLIT': (SPLIT, 'split rsplit'),
    'NONE': (NO_ARGUMENTS + ['(1,)'],
             'capitalize casefold isalnum isalpha isascii isdecimal isdigit '
             'isidentifier islower isnumeric isprintable isspace istitle isupper lower '
             'swapcase title upper'),
    'zfill': (['(0,)', '(10,)', '(-1,)', '("x",)', '()', '(304,)'], 'zfill'),
    'partition': (['("e",)', '("",)', '(",",)', '(5,)', '()', '("zz",)'], 'partition rpartition'),
    'replace': (['("e", "X")', '("", "-")', '("e", "")', '("l", "LL", 1)', '("a", "b", -1)',
                 '("x", "y", 0)',
                 '("", "-", 2)', '("e", 5)', '(5, "e")', '()', '("e",)', '("a", "b", "c")',
                 '("\\xdf", "ss")',
                 '("aa", "b")', '("a", "\\u20ac")'], 'replace'),
    'join': (['(["a", "b"],)', '("abc",)', '([],)', '(["x"],)', '([1],)', '(["a", 1],)', '(5,)',
              '()', '({"k": 1},)',
              '(("a", "b", "c"),)', '([b"a"],)', '(["a", None],)'], 'join'),
    'splitlines': (['()', '(True,)', '(False,)', '("x",)', '(1, 2)', '(0,)'], 'splitlines'),
    'expandtabs': (['()', '(4,)', '(0,)', '(-1,)', '("x",)', '(1,)', '(1, 2)'], 'expandtabs'),
    'encode': (['()', '("utf-8",)', '("ascii",)', '("latin-1",)', '("utf-16",)', '("utf-16-le",)',
                '("utf-16-be",)',
                '("utf-32",)', '("utf-32-le",)', '("ascii", "ignore")', '("ascii", "replace")',
                '("ascii", "backslashreplace")', '("ascii", "xmlcharrefreplace")',
                '("latin-1", "replace")',
                '("utf-8", "surrogatepass")', '("utf-8", "ignore")', '("utf-8", "replace")',
                '("utf-8", "backslashreplace")', '("nonsense",)', '("utf-8", "nonsense")', '(5,)',
                '("UTF8",)', '("U8",)', '("iso-8859-1",)', '("us-ascii",)', '("latin1",)',
                '("utf8", "strict", 1)'],
               'encode'),
    'translate': (['({97: "X", 101: None},)', '({},)', '({97: 98},)', '({97: "many"},)',
                   '({97: 10**9},)', '({97: -1},)',
                   '({97: 1.5},)', '("abc",)', '(["a"] * 200,)', '(None,)', '()',
                   '({0x3a3: "s", 0xdf: "ss"},)'], 'translate'),
    'maketrans': (['("ab", "cd")', '({"a": 1},)', '({97: "x", "b": None},)', '("ab", "c")',
                   '("ab", "cd", "e")', '(5,)',
                   '({"ab": 1},)', '()', '({1.5: 1},)', '("a", 5)'], 'maketrans'),
}
if sys.version_info >= (3, 9):
    TEXT_CALLS['remove'] = (['("e",)', '("",)', '("educative",)', '("a",)', '(5,)', '()',
                             '("a", "b")', '("tive",)'],
                            'removeprefix removesuffix')

BYTES = [b'educative', b'', b'a', b'Hello, World! 007', b'HELLO', b'a,b,,c  d\te\r\nf', b' \t x \n',
         b'42', b'-42',
         bytes(range(256)), b'\xff\xfe', b'aAbB', b'Title Case', b"They're", b'\xc3\xa9',
         b'\xe2\x82', b'x\x00y',
         b'one\ntwo\rthree\r\nfour\x0bfive\x0csix', b'\xf0\x9f\x98\x80', b'\xed\xa0\x80',
         b'\xff\xfea\x00']


def as_bytes(rows):
    """The same arguments with bytes for text; what has no bytes form is an error all the same."""
    return [row.replace('b"', '"').replace('"', 'b"', 1) if row.count('"') == 2 else row
            for row in rows if '\\u' not in row] + rows[:4]


BYTES_CALLS = {
    'FIND': (as_bytes(FIND) + ['(97,)', '(256,)', '(-1,)', '(bytearray(b"e"),)'],
             'count find rfind index rindex'),
    'AFFIX': (['(b"a",)', '(b"",)', '((b"a", b"e"),)', '((),)', '((1,),)', '("a",)', '(97,)',
               '(b"e", 2)', '()',
               '([b"a"],)', '(b"", 5, 2)', '(bytearray(b"e"),)'], 'startswith endswith'),
    'PAD': (['(0,)', '(20,)', '(20, b"*")', '(20, "*")', '(20, b"ab")', '(20, b"")', '("x",)', '()',
             '(20, bytearray(b"*"))'],
            'center ljust rjust'),
    'STRIP': (['()', '(None,)', '(b"",)', '(b"ae",)', '("a",)', '(5,)', '(b"a", 1)'],
              'strip lstrip rstrip'),
    'SPLIT': (['()', '(None,)', '(b",",)', '(b"",)', '(b"e", 1)', '(None, 1)', '(",",)', '(5,)',
               '(b",", -1)', '(b",", "x")'],
              'split rsplit'),
    'NONE': (NO_ARGUMENTS + ['(1,)'],
             'capitalize isalnum isalpha isascii isdigit islower isspace istitle isupper '
             'lower swapcase title upper'),
    'zfill': (['(0,)', '(10,)', '("x",)', '()'], 'zfill'),
    'partition': (['(b"e",)', '(b"",)', '("e",)', '(5,)', '()'], 'partition rpartition'),
    'replace': (['(b"e", b"X")', '(b"", b"-")', '(b"l", b"LL", 1)', '("e", b"x")', '(b"e", "x")',
                 '()', '(b"e", 5)',
                 '(b"a", b"b", "c")'], 'replace'),
    'join': (['([b"a", b"b"],)', '([],)', '(["a"],)', '([1],)', '(5,)', '()', '(b"ab",)',
              '([b"x"],)', '([b"a", bytearray(b"b")],)'],
             'join'),
    'splitlines': (['()', '(True,)', '(1, 2)'], 'splitlines'),
    'expandtabs': (['()', '(4,)', '(0,)', '("x",)'], 'expandtabs'),
    'hex': (['()', '(":",)', '(":", 2)', '(":", -2)', '("ab",)', '(5,)', '("\\u20ac",)', '(b":",)',
             '(OrderedDict(),)', '(OrderedDict(a=1),)', '(Counter("a"),)', '(deque("a"),)', '(deque(),)',
             '(range(3),)', '(range(5, 6),)', '(iter([1]),)', '(array("d", [1]),)', '({1},)'],
            'hex'),
    'decode': (['()', '("ascii",)', '("latin-1",)', '("utf-8", "replace")', '("utf-8", "ignore")',
                '("utf-8", "backslashreplace")', '("utf-8", "surrogateescape")',
                '("ascii", "replace")',
                '("ascii", "backslashreplace")', '("ascii", "ignore")', '("utf-16",)',
                '("utf-16-le", "replace")', '("nonsense",)', '(5,)',
                '("utf-8", "surrogatepass")', '("utf-32", "ignore")'], 'decode'),
    'translate': (['(None,)', '(None, b"ae")', '(bytes(range(255, -1, -1)),)', '(b"short",)',
                   '(bytes(256), b"a")', '()',
                   '(5,)', '(bytes(range(256)), b"")'], 'translate'),
    'maketrans': (['(b"ab", b"cd")', '(b"ab", b"c")', '("a", "b")', '()', '(b"", b"")'],
                  'maketrans'),
    'fromhex': (['("61 62",)', '("6",)', '("zz",)', '("",)', '(" 61\\n62 ",)', '(5,)', '("6 1",)',
                 '("\\u0661",)'], 'fromhex'),
}
if sys.version_info >= (3, 9):
    BYTES_CALLS['remove'] = (['(b"e",)', '(b"",)', '("a",)', '(5,)', '()', '(b"tive",)'],
                             'removeprefix removesuffix')

INTS = ['0', '1', '-1', '255', '256', '-128', '-129', '2**63', '-2**63', '10**40', 'True', 'False']
INT_CALLS = {
    'NONE': (NO_ARGUMENTS + ['(1,)'], 'bit_length conjugate as_integer_ratio'),
    'to_bytes': (['(1, "big")', '(8, "little")', '(20, "big")', '(0, "big")', '(-1, "big")',
                  '(1, "middle")', '("x", "big")',
                  '(8, 5)', '(2, "big", True)', '()', '(8,)', '(1.5, "big")'], 'to_bytes'),
    'from_bytes': (['(b"\\x01\\x02", "big")', '(b"\\xff", "little")', '(b"", "big")',
                    '([1, 2], "big")', '([256], "big")',
                    '("x", "big")', '(5, "big")', '(b"a", "middle")', '()', '(b"a",)',
                    '(bytearray(b"ab"), "little")'], 'from_bytes'),
}
if sys.version_info >= (3, 10):
    INT_CALLS['bit_count'] = (NO_ARGUMENTS + ['(1,)'], 'bit_count')
if sys.version_info >= (3, 12):
    INT_CALLS['is_integer'] = (NO_ARGUMENTS + ['(1,)'], 'is_integer')

FLOATS = ['0.0', '-0.0', '1.5', '-2.0', '0.1', '1e300', '5e-324', '1e22', '2.5e-308',
          'float("inf")',
          'float("-inf")', 'float("nan")', '123456789.125']
FLOAT_CALLS = {
    'NONE': (NO_ARGUMENTS + ['(1,)'], 'as_integer_ratio conjugate hex is_integer'),
    'fromhex': (['("0x1p0",)', '("1.8",)', '("-0x1.8p-1",)', '("inf",)', '("-Infinity",)',
                 '("nan",)', '("x",)', '("",)', '(5,)',
                 '("0x1p99999",)', '("0x1.fffffffffffff8p0",)', '("0x.0000000000001p-1050",)',
                 '(" 1 ",)', '("1p",)', '("0x",)',
                 '("+1.p+3",)'], 'fromhex'),
}

ROWS = ['()', '(1, "a", None, 1.0, True, (1,), [1], {"k": 2})', '(float("inf"), b"a", 1, 1, 2)']
ROW_CALLS = {
    'count': (['(1,)', '(True,)', '("a",)', '(None,)', '((1,),)', '([1],)', '({"k": 2.0},)',
               '("z",)', '()', '(1, 2)'], 'count'),
    'index': (['(1,)', '("a",)', '("z",)', '(1, 1)', '(1, -100, 100)', '(1, 5, 2)', '(1, "x")',
               '()', '(1, 1, 2, 3)', '((1.0,),)',
               '(1, None)', '(1, 1.0)', '(b"a", True)'], 'index'),
}


class MethodTest(Interop):
    """One test a kind of object; each transcript has some thousands of calls."""

    def compare_calls(self, specs, calls):
        """Register each spec, and make each call on each."""
        registered = {'thing%d' % i: spec for i, spec in enumerate(specs)}

        def transcript(server):
            lines = []
            with type(server)(registered) as other:
                manager = other.connect()
                for name, spec in registered.items():
                    thing = getattr(manager, name)()
                    lines += ['%s: %s' % (spec[:60], type(thing).__name__),
                              outcome_of(thing._getvalue), outcome_of(str, thing)]
                    lines += self.call_all(thing, calls)
            return '\n'.join(lines)

        self.compare(transcript)

    def call_all(self, thing, calls):
        for rows, names in calls.values():
            rows = [(row, eval(row)) for row in rows]
            for name in names.split():
                for row, arguments in rows:
                    yield '.%s%s\n    %s' % (name, row,
                                             outcome_of(thing._callmethod, name, arguments))

    def test_all_methods_of_str(self):
        self.compare_calls([ascii(text) for text in TEXTS], TEXT_CALLS)

    def test_all_methods_of_bytes(self):
        self.compare_calls([repr(data) for data in BYTES], BYTES_CALLS)

    def test_all_methods_of_int(self):
        self.compare_calls([repr(eval(spec)) for spec in INTS], INT_CALLS)

    def test_all_methods_of_float(self):
        # inf and nan are no literals: 1e999 is, and its difference with itself is not needed.
        specs = [repr(value) for value in map(eval,
                                              FLOATS) if value == value and abs(value) < 1e308]
        self.compare_calls(specs + ['1e999', '-1e999'], FLOAT_CALLS)

    def test_all_methods_of_tuple(self):
        self.compare_calls([spec.replace('float("inf")', '1e999') for spec in ROWS], ROW_CALLS)

    def test_the_tables_name_every_method(self):
        left_out = {
            str: {'format', 'format_map'},  # see test_format.py
            bytes: set(), int: set(), float: set(), tuple: set()}
        for kind, calls in ((str, TEXT_CALLS), (bytes, BYTES_CALLS), (int, INT_CALLS),
                            (float, FLOAT_CALLS), (tuple, ROW_CALLS)):
            named = {name for _, names in calls.values() for name in names.split()}
            public = set(managers.public_methods(kind())) - {'from_number'}
            self.assertEqual(public - named, left_out[kind], kind)

    def test_every_public_method_is_exposed(self):
        specs = {'text': '"x"', 'data': 'b"x"', 'whole': '5', 'real': '1.5', 'row': '(1,)',
                 'rows': '[1]',
                 'names': '{1}', 'config': '{"a": 1}'}

        def transcript(server):
            with type(server)(specs) as other:
                manager = other.connect()
                lines = []
                for name, spec in specs.items():
                    proxy = getattr(manager, name)()
                    exposed = {word for word in dir(type(proxy)) if word in dir(eval(spec))}
                    public = set(managers.public_methods(eval(spec)))
                    lines.append('%s: %s' % (name, sorted(public - exposed)))
                return '\n'.join(lines)

        self.compare(transcript)


@table({
    'a registered text answers as text': '''
        t = m.get_my_string()
        str(t), t.isdigit(), t.capitalize(), t.upper(), t.index('c')
        t.split('a', maxsplit=1), t.encode(encoding='ascii', errors='strict')
        t.splitlines(keepends=True)
        t.expandtabs(tabsize=4)
        t.center(width=3)
        t.count(sub='e')
        t.split(nonsense=1)
        t.replace('e', 'x', count=1) if __import__('sys').version_info >= (3, 13) else None
        t.upper(x=1)
        type(t).__name__
        len(t)
        call(t, '__len__')
        call(t, '__add__', 'x')
        call(t, 'no_such')
        call(t, '__getitem__', 0)
    ''',
    'every call gives the same object': '''
        a, b = m.rows(), m.rows()
        a.append(5)
        b.pop(), a._token.id == b._token.id
        m.rows(1)
        m.rows(x=1)
        m.get_my_string(1, 2)
    ''',
    'a registered object outlives its proxies': '''
        a = m.rows()
        a.append('kept')
        del a
        m.rows().pop()
        m.config().update(kept=1)
        m.config().pop('kept')
    ''',
    'a registered list has all methods': '''
        a = m.rows()
        a.clear()
        a.extend([3, 1, 2])
        a.sort(), a.copy(), a.reverse(), a.copy(), a.index(1), a.count(3), a.pop(), a.remove(3)
        a.insert(0, 'x'), a.copy(), a.clear(), a.copy()
        a.append(1), len(a), a[0], a.__getitem__(0), a.__contains__(1), a.__mul__(2), a.__add__([2])
        a.__setitem__(0, 5), a.__delitem__(0), a.copy(1)
        a.clear(1)
        str(a), a._getvalue()
        a.extend([1, "a", None])
    ''',
    'a registered dict has all methods': '''
        d = m.config()
        d.clear(), d.update(a=1), d.setdefault('b', 2), d.get('a'), d.items(), d.keys(), d.values()
        d.fromkeys('xy', 1), d.fromkeys([]), d.copy(), d.pop('a'), d.popitem()
        d.fromkeys(5)
        d.fromkeys()
        d.__setitem__('c', 3), d.__getitem__('c'), d.__contains__('c')
        d.__len__(), d.__delitem__('c')
        d.update({'k': 1, 'l': 2})
        i = call(d, '__iter__')
        type(i).__name__, next(i), next(i), next(i, 'end')
        del i
        d._getvalue(), str(d)
    ''',
    'a registered set has all methods': '''
        s = m.names()
        s.clear(), s.add(1), s.add('a'), s.add(1.0), s.copy(), s.discard(5), s.remove(1), s.copy()
        s.remove(1)
        s.remove([])
        s.add([])
        s.add({1})
        s.discard({1})
        s.remove({1})
        s.update([1, 2], {3}, 'x'), s.copy()
        s.union([7], (8,)), s.intersection([1, 2, 9]), s.difference([1])
        s.symmetric_difference([1, 77])
        s.union(), s.intersection(), s.difference()
        s.isdisjoint([100]), s.isdisjoint([1]), s.issubset([1]), s.issuperset([1])
        s.intersection_update([1, 2, 3]), s.copy()
        s.intersection([3, 2, 1.0, []])
        s.intersection([1, []])
        s.intersection({3: [], 4: []})
        s.issubset([1, 2, 3, []])
        s.issubset([3, []]), s.issubset({1, 2, 3})
        s.difference_update([3], [9]), s.copy()
        s.symmetric_difference_update([1, 5]), s.copy()
        s.update(5)
        s.union(None)
        s.isdisjoint(5)
        s.symmetric_difference()
        s.update({}), s.update([[]])
        s.clear(), s.pop()
        s.add('only'), s.pop(), s.copy(), str(s)
        s.add(1), str(s), s._getvalue()
        s.pop(1)
        s.clear(1)
        s.copy(1)
    ''',
    'registered locks and queues are shared': '''
        m.jobs().put(1), m.jobs().qsize(), m.jobs().full(), m.jobs().get()
        m.jobs().put_nowait(1), m.jobs().put_nowait(2)
        m.jobs().put_nowait(3)
        m.jobs().get(), m.jobs().get()
        m.gate().acquire(), m.gate().acquire(False), m.gate().release()
        m.units().acquire(), m.units().acquire(), m.units().acquire(False), m.units().release()
        m.units().release()
        m.flag().set(), m.flag().is_set(), m.flag().clear()
        m.cell().get(), m.cell().set(6), m.cell().get(), m.cell().set(5)
        m.numbers().__getitem__(0), m.numbers().__len__()
        m.one().wait(), m.one().abort(), m.one().reset(), m.one().wait(timeout=1)
        m.one().parties
        sorted(name for name in dir(m.one()) if name[0] != '_')
        str(m.space())
        m.space().x
        [name for name in dir(m.space()) if name[0] != '_']
    ''',
    'numbers and rows answer by method': '''
        m.whole().bit_length(), m.whole().to_bytes(2, 'big'), m.whole().conjugate()
        m.whole().to_bytes(2, byteorder='little', signed=True)
        m.whole().from_bytes(b'ab', byteorder='big')
        m.real().hex(), m.real().is_integer(), m.real().as_integer_ratio()
        m.row().count(1), m.row().index('a')
        m.nothing()
        str(m.whole()), str(m.real()), str(m.row()), m.yes().bit_length()
        m.data().decode(), m.data().hex(), m.data().upper()
        m.data().decode(encoding='ascii', errors='x')
        m.data().hex(sep=':')
        m.data().split(sep=b'a', maxsplit=1)
    ''',
})
class RegisteredTest(Interop):
    REGISTERED = {
        'get_my_string': '"educative"', 'rows': '[1, "a", None]', 'config': 'dict({"a": 1})',
        'names': '{1, "x"}', 'jobs': 'Queue(2)', 'gate': 'Lock()', 'units': 'BoundedSemaphore(2)',
        'flag': 'Event()', 'cell': 'Value("i", 5)', 'numbers': 'Array("i", [1, 2])',
        'one': 'Barrier(1)', 'space': 'Namespace(x=1)',
        'whole': '12345', 'real': '1.5', 'row': '(1, "a", 1)', 'nothing': 'None', 'yes': 'True',
        'data': 'b"data"'}


if __name__ == '__main__':
    unittest.main()
