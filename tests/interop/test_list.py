# SPDX-License-Identifier: MIT
"""list: every method, through the proxy and with arguments that the proxy would not send."""

import unittest
from multiprocessing.managers import ListProxy

from cases import Interop, table


def started(iterator):
    """The same one, whose first item has been taken."""
    next(iterator)
    return iterator


@table({
    'a list is made of an iterable': '''
        m.list()[:]
        m.list([1, 'a', None])[:]
        m.list((1, 2))[:]
        m.list('abc')[:]
        m.list(b'ab')[:]
        m.list({'a': 1})[:]
        m.list(range(3))[:]
        m.list({7})[:]
        m.list(frozenset())[:]
        m.list(bytearray(b'xy'))[:]
        m.list(iter([4, 5]))[:]
        m.list(m.list([8, 9]))[:]
        m.list(array.array('i', [1, -2]))[:]
        m.list(collections.deque([1, 2]))[:]
        m.list(collections.OrderedDict(a=1))[:]
        m.list({'a': 1}.items())[:]
        m.list(reversed([1, 2, 3]))[:]
    ''',
    'a list is made of iterators over iterables': '''
        m.list(zip([1, 2, 3], 'ab'))[:]
        m.list(zip())[:]
        m.list(enumerate('ab', 5))[:]
        m.list(itertools.chain([1], 'ab', range(2)))[:]
        m.list(itertools.chain())[:]
        m.list(itertools.chain.from_iterable([[1], (2,)]))[:]
        m.list(itertools.islice([1, 2, 3, 4, 5], 1, None, 2))[:]
        m.list(itertools.islice(zip('abc', 'def'), 2))[:]
        m.list(started(zip([1, 2, 3], 'abc')))[:]
        m.list(started(enumerate('ab')))[:]
        m.list(started(itertools.chain('ab', [1])))[:]
        m.list(started(itertools.islice([1, 2, 3, 4, 5], 1, None, 2)))[:]
        m.list(started(itertools.islice('a', 1)))[:]
        sorted(m.dict(zip('ab', enumerate('xy'))).items())
        a = m.list()
        a.extend(zip('ab', itertools.islice('cd', 1, 2)))
        a[:]
    ''',
    'a list is not made of anything else': '''
        m.list(5)
        m.list(None)
        m.list(1.5)
        m.list([1], [2])
        m.list(x=1)
        m.list(iterable=[1])
        m.list(len)
        m.list(list)
    ''',
    'a list is not made of an object that does not iterate': '''
        m.list(object())
    ''',
    'a list has a length': '''
        a = m.list([1, 2, 3])
        len(a), bool(a), len(m.list()), bool(m.list())
        call(a, '__len__', 1)
        call(a, '__len__', x=1)
    ''',
    'items are read by index': '''
        a = m.list('abcd')
        a[0], a[3], a[-1], a[-4], a[True], a[False]
        a[4]
        a[-5]
        a[10 ** 30]
        a['x']
        a[None]
        a[1.0]
        a[(1, 2)]
        call(a, '__getitem__')
        call(a, '__getitem__', 0, 1)
        call(a, '__getitem__', i=0)
    ''',
    'items are read by slice': '''
        a = m.list('abcdef')
        a[:], a[1:3], a[::2], a[::-1], a[4:1:-1], a[-2:], a[:-2], a[10:], a[-100:2], a[2:1]
        a[slice(None, None, 3)], a[True:3], a[:10 ** 30], a[-10 ** 30:]
        a[::0]
        a['x':]
        a[1.0:2]
        a[::'x']
    ''',
    'items are set by index': '''
        a = m.list('abc')
        a[0] = 1; a[-1] = [2]; a[True] = None
        a[:]
        a[3] = 0
        a[-4] = 0
        a['x'] = 0
        a[1.5] = 0
        a[10 ** 30] = 0
        call(a, '__setitem__', 0)
        call(a, '__setitem__', 0, 1, 2)
        a[:]
    ''',
    'slices are set': '''
        a = m.list(range(6))
        a[1:3] = 'xyz'; a[:]
        a[1:3] = 'xyz'
        a[:]
        a[0:0] = [9]
        a[5:] = ()
        a[:]
        a[::2] = [7] * len(a[::2])
        a[:]
        a[::2] = [1]
        a[::-1] = [1, 2]
        a[1:2] = 5
        a[1:2] = None
        a[::2] = 5
        a[2:1] = [0, 0]
        a[:]
        a[:] = iter([1, 2])
        a[:] = {'k': 1}
        a[:]
        a[:] = a[:] * 3
        a[::-1] = (1, 2, 3)
        a[:]
    ''',
    'items are deleted': '''
        a = m.list(range(10))
        del a[0]; del a[-1]
        a[:]
        del a[1:3]
        del a[::2]
        a[:]
        del a[9]
        del a[-9]
        del a['x']
        del a[5:]
        del a[::-1]
        a[:]
        call(a, '__delitem__')
        call(a, '__delitem__', 1, 2)
    ''',
    'items are appended': '''
        a = m.list()
        a.append(1), a.append([1]), a.append(None)
        a[:]
        a.append()
        a.append(1, 2)
        call(a, 'append', object=1)
        a[:]
    ''',
    'a list is extended': '''
        a = m.list([1])
        a.extend([2, 3]), a.extend('ab'), a.extend(()), a.extend({5: 6}), a.extend(iter([7]))
        a.extend(5)
        a.extend(None)
        a.extend()
        a.extend([1], [2])
        a.extend(range(2))
        a.extend(m.list(['other']))
        a[:]
        a += [8]
        a += 'z'
        a += 5
        type(a).__name__, a[:]
    ''',
    'items are inserted': '''
        a = m.list([1, 2])
        a.insert(0, 'a'), a.insert(100, 'z'), a.insert(-1, 'y'), a.insert(-100, 'f')
        a.insert(True, 't')
        a[:]
        a.insert('x', 1)
        a.insert(1.5, 1)
        a.insert(None, 1)
        a.insert(10 ** 30, 1)
        a.insert(-10 ** 30, 1)
        a.insert(1)
        a.insert(1, 2, 3)
        a[:]
    ''',
    'items are popped': '''
        a = m.list(range(6))
        a.pop(), a.pop(0), a.pop(-1), a.pop(True), a[:]
        a.pop(7)
        a.pop(-7)
        a.pop('x')
        a.pop(None)
        a.pop(1.0)
        a.pop(1, 2)
        a.pop(), a.pop()
        a.pop()
        a.pop(0)
    ''',
    'items are found by equality': '''
        a = m.list([1, 'a', 2.5, None, (1, 2), [1, [2]], {'k': 1}, b'a', float('inf'), {1}])
        a.index(1), a.index(1.0), a.index(True), a.index('a'), a.index(2.5), a.index(None)
        a.index((1, 2)), a.index((1.0, 2)), a.index([1, [2]]), a.index({'k': True}), a.index(b'a')
        a.index({1}), a.index(frozenset({1}))
        a.index(float('inf'))
        1 + 0j in a, decimal.Decimal('2.5') in a, fractions.Fraction(5, 2) in a
        bytearray(b'a') in a, 10 ** 30 in a, [1] in a, float('nan') in a
        a.index('absent')
        a.index(())
        a.index('1')
        a.index([1, (2,)])
        a.count(1), a.count(True), a.count('x'), a.count([1, [2]])
        a.count()
        a.count(1, 2)
        a.index()
        call(a, '__contains__')
        call(a, '__contains__', 1, 2)
    ''',
    'nan is found by identity alone': '''
        nan = float('nan')
        a = m.list([nan])
        nan in a
        a.count(nan)
        a.index(nan)
    ''',
    'an index is looked for between bounds': '''
        a = m.list('abcabc')
        a.index('a', 1), a.index('c', -1), a.index('b', 0, 2), a.index('a', -100, 100)
        a.index('a', 4)
        a.index('a', 1, 3)
        a.index('a', 1, -3)
        a.index('a', 'x')
        a.index('a', None)
        a.index('a', 1.0)
        a.index('a', 0, 'x')
        a.index('a', 0, 1, 2)
        a.index('b', -10 ** 30, 10 ** 30)
        a.index('a', True)
    ''',
    'big numbers are found by value': '''
        a = m.list([2 ** 53, 2 ** 53 + 1, 10 ** 400, -2 ** 70])
        float(2 ** 53) in a, a.index(float(2 ** 53)), -float(2 ** 70) in a, 1e300 in a
        a.index(2 ** 53 + 1), a.index(10 ** 400), a.count(float('inf'))
    ''',
    'values of classes are found': '''
        a = m.list([D('1.0'), datetime.date(2020, 1, 2), uuid.UUID(int=5), F(1, 3), 1 + 2j])
        a.append(range(3))
        a.index(D('1.0')), a.index(datetime.date(2020, 1, 2)), a.index(uuid.UUID(int=5))
        a.index(F(1, 3)), a.index(1 + 2j), a.index(range(3))
        datetime.date(2020, 1, 3) in a, uuid.UUID(int=6) in a
        a.remove(datetime.date(2020, 1, 2))
        len(a)
    ''',
    'items are removed': '''
        a = m.list([1, 'a', 1.0, [2]])
        a.remove(True), a.remove([2])
        a[:]
        a.remove('x')
        a.remove([3])
        a.remove()
        a.remove(1, 2)
    ''',
    'a list is reversed': '''
        a = m.list([1, 2, 3])
        a.reverse()
        a[:]
        a.reverse(1)
        list(reversed(a))
        type(reversed(a)), next(reversed(a))
        call(a, '__reversed__')
        call(m.list(), '__reversed__')
    ''',
    'a list is sorted': '''
        a = m.list([3, 1, 2.5, True, -1, 10 ** 20, float('-inf')])
        a.sort()
        a[:]
        a.sort(reverse=True)
        a[:]
        b = m.list(['b', 'a', 'B', '', 'aa', '\\xe9'])
        b.sort()
        b[:]
        b.sort(reverse=0), b[:]
        c = m.list([(1, 'b'), (1, 'a'), (0,), ()])
        c.sort()
        c[:]
        d = m.list([[2], [1, 5], [1]])
        d.sort()
        d[:]
        e = m.list([b'b', b'a', b''])
        e.sort()
        e[:]
        a.sort(1)
        a.sort(None)
        a.sort(key=None)
        a.sort(nonsense=1)
        a.sort(reverse='x')
        a.sort(reverse=None)
        a[:]
    ''',
    'a sort is stable': '''
        a = m.list([1, True, 1.0, 0, False, 0.0])
        a.sort()
        a[:]
        a.sort(reverse=True)
        a[:]
    ''',
    'a sort of what has no order fails': '''
        m.list([1, 'a']).sort()
        m.list(['a', 1]).sort()
        m.list([None, None]).sort()
        m.list([1, None]).sort()
        m.list([{}, {}]).sort()
        m.list([(1, 'a'), (1, 2)]).sort()
        m.list([1j, 2j]).sort()
        m.list([b'a', 'a']).sort()
        m.list([[1], (1,)]).sort()
        m.list([None]).sort()
        m.list([]).sort(reverse=True)
    ''',
    'values of classes are sorted': '''
        a = m.list([datetime.date(2021, 1, 1), datetime.date(2020, 1, 1)])
        a.sort()
        a[:]
        b = m.list([D('2'), 1, D('0.5'), F(1, 3)])
        b.sort()
        b[:]
        c = m.list([{1, 2}, {1}])
        c.sort()
        len(c[0])
    ''',
    'lists are added and multiplied': '''
        a = m.list([1, 2])
        a + [3], a * 2, 2 * a, a * 0, a * -1, a * True
        a + (3,)
        a + 'x'
        a + None
        a + a[:]
        a * 'x'
        a * 1.5
        a * None
        a * [1]
        'x' * a
        [0] + a
        a *= 2
        type(a).__name__, a[:]
        a *= 'x'
        a *= 0
        a[:]
        call(m.list([1]), '__imul__', 3)
        call(m.list([1]), '__imul__')
        call(m.list([1]), '__add__')
        call(m.list([1]), '__rmul__', 2)
        call(m.list([1]), '__mul__', 10 ** 30)
    ''',
    'a list is iterated by index': '''
        a = m.list('abc')
        list(a), tuple(a), [x for x in a], sorted(a), 'b' in a, set(a) == set('abc')
        x, y, z = a
        x, y, z
        x, y = a
    ''',
    'a list has a repr': '''
        a = m.list([1, 'a', None, 1.5, b'b', (1,), [], {}, set(), {'k': [1]}, True, ...])
        str(a)
        repr(a)
        str(m.list())
        call(a, '__repr__')
        call(a, '__str__')
        call(a, '__repr__', 1)
    ''',
    'a list comes back by value': '''
        a = m.list([1, [2]])
        a._getvalue()
        copy.deepcopy(a)
        copy.copy(a)[:]
        call(a, '#GETVALUE')
    ''',
    'an item changed at the client is a copy': '''
        a = m.list([[1], {}])
        a[0].append(2)
        a[1]['k'] = 1
        a[:]
        row = a[0]
        row.append(2)
        a[0] = row
        a[:]
    ''',
    'one object twice in a message stays one': '''
        x = [1]
        a = m.list([x, x])
        r = a[:]
        r[0] is r[1], r
        a.append(x)
        r = a[:]
        r[0] is r[1], r[0] is r[2]
        a[0] = a[0]
        r = a[:]
        r[0] is r[1]
    ''',
    'what a list does not expose': '''
        a = m.list()
        call(a, 'no_such')
        call(a, '__eq__', [])
        call(a, '__iter__')
        call(a, '__iadd__', [1])
        call(a, '__class__')
        call(a, '__init__', [1])
        call(a, '__str__', 1)
        call(a, '#GETVALUE', 1)
        a == [], a == a, a != []
    ''',
    'clear and copy came late': '''
        a = m.list([1])
        a.copy() if 'copy' in ListProxy._exposed_ else None
        a.clear() if 'clear' in ListProxy._exposed_ else None
        a[:]
    ''',
    'keywords and counts are checked': '''
        a = m.list([1, 2])
        call(a, 'append', x=1)
        call(a, 'extend', iterable=[1])
        call(a, 'insert', index=0, object=1)
        call(a, 'pop', index=0)
        call(a, 'remove', value=1)
        call(a, 'index', value=1)
        call(a, 'reverse', x=1)
        call(a, 'count', x=1)
        call(a, 'sort', reverse=True, key=None)
        call(a, 'sort', [])
        call(a, '__contains__', key=1)
        a[:]
    ''',
    'a search tells what it did not find, however large': '''
        many = ('leaf',)
        for _ in range(17): many = (many, many)
        m.list().index(many)
    ''',
})
class ListTest(Interop):
    import array
    import collections
    import copy
    import datetime
    import decimal
    import fractions
    import itertools
    import uuid
    NAMES = dict(array=array, collections=collections, copy=copy, datetime=datetime,
                 decimal=decimal, fractions=fractions, itertools=itertools, started=started, uuid=uuid,
                 D=decimal.Decimal, F=fractions.Fraction, ListProxy=ListProxy)


if __name__ == '__main__':
    unittest.main()
