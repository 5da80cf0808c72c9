# SPDX-License-Identifier: MIT
"""dict, and the iterator that iterating one gives."""

import datetime
import decimal
import unittest
import uuid

from cases import Interop, table


@table({
    'a dict is made of a mapping, pairs or keywords': '''
        m.dict().copy()
        m.dict({'a': 1, 2: None}).copy()
        m.dict([('a', 1), (2, None)]).copy()
        m.dict(a=1, b=2).copy()
        m.dict({'a': 1}, a=2, b=3).copy()
        m.dict([['k', 'v'], 'xy', (1, 2)]).copy()
        m.dict(m.dict(a=1)).copy()
        m.dict(iter([(1, 2)])).copy()
        m.dict(()).copy()
        m.dict('').copy()
    ''',
    'a dict is not made of anything else': '''
        m.dict(5)
        m.dict(None)
        m.dict([1])
        m.dict(['abc'])
        m.dict([(1,)])
        m.dict([(1, 2, 3)])
        m.dict({}, {})
        m.dict([([], 1)])
        m.dict('ab')
        m.dict(b'ab')
        m.dict({1})
        m.dict([(1, 2), 3])
    ''',
    'items are set and read': '''
        d = m.dict()
        d['a'] = 1; d[None] = [2]; d[(1, 'x')] = {}; d[b'a'] = 'bytes'
        d[1.5] = 1; d[frozenset({1})] = 2
        d['a'], d[None], d[(1, 'x')], d[b'a'], d[1.5], d[frozenset({1})], len(d)
        d['absent']
        d[0]
        d[('x', 1)]
        d[None, 1]
        d.copy()
    ''',
    'equal keys are one key': '''
        d = m.dict({1: 'int'})
        d[1.0] = 'float'
        d[True] = 'bool'
        d.copy(), len(d)
        d[0.0] = 'zero'
        d[-0.0] = 'minus'
        d[False] = 'false'
        d.copy()
        d[2 ** 60] = 'big'
        d[float(2 ** 60)], 2 ** 60 + 1 in d
        d['1'] = 'text'
        d[b'1'] = 'bytes'
        d.copy()
        (1, 2.0) in d
        d[(1, 2.0)] = 1
        d[(True, 2)]
        d.copy()
    ''',
    'keys that do not hash are refused': '''
        d = m.dict(a=1)
        d[[]]
        d[{}] = 1
        d[{1}] = 1
        d[([],)] = 1
        d[(1, {'k': []})] = 1
        d[bytearray()] = 1
        [] in d
        d.get([])
        d.pop([])
        d.pop({}, 1)
        d.setdefault([], 1)
        del d[[]]
        d.update([([], 1)])
        d.copy()
    ''',
    'hashable objects are keys': '''
        d = m.dict()
        d[datetime.date(2020, 1, 1)] = 1; d[uuid.UUID(int=1)] = 2; d[range(2)] = 3; d[1 + 2j] = 4
        d[datetime.date(2020, 1, 1)], d[uuid.UUID(int=1)], d[range(2)], d[1 + 2j]
        d[datetime.date(2020, 1, 2)]
        d[Decimal('1.5')] = 5
        d[Decimal('1.5')]
        d[int] = 6; d[len] = 7; d[...] = 8; d[NotImplemented] = 9
        d[int], d[len], d[...], d[NotImplemented], len(d)
    ''',
    'nan is a key by identity': '''
        d = m.dict()
        d[float('nan')] = 1
        d[float('nan')] = 2
        len(d), float('nan') in d
    ''',
    'items are deleted': '''
        d = m.dict(a=1, b=2)
        del d['a']
        d.copy()
        del d['a']
        del d[1]
        call(d, '__delitem__')
        call(d, '__delitem__', 1, 2)
    ''',
    'a dict knows its length and keys': '''
        d = m.dict(a=1)
        len(d), bool(d), bool(m.dict()), 'a' in d, 'b' in d, 1 in d, None in d
        call(d, '__contains__')
        call(d, '__contains__', 1, 2)
        call(d, '__len__', 1)
    ''',
    'get has a default': '''
        d = m.dict(a=1)
        d.get('a'), d.get('b'), d.get('b', 2), d.get('a', 2), d.get(None, [])
        d.get()
        d.get(1, 2, 3)
        d.get('b', default=1)
        d.get(key='a')
    ''',
    'pop has a default': '''
        d = m.dict(a=1, b=2)
        d.pop('a'), d.pop('a', 3), d.pop('b', 3), d.pop('b', None)
        d.pop('a')
        d.pop()
        d.pop(1, 2, 3)
        d.pop('a', default=1)
    ''',
    'popitem takes the newest': '''
        d = m.dict([(1, 'a'), (2, 'b'), (3, 'c')])
        d[1] = 'z'
        d.popitem(), d.popitem(), d.popitem()
        d.popitem()
        d.popitem(1)
    ''',
    'setdefault sets what is absent': '''
        d = m.dict(a=1)
        d.setdefault('a', 2), d.setdefault('b', 2), d.setdefault('c'), d.setdefault('c', 3)
        d.copy()
        d.setdefault()
        d.setdefault(1, 2, 3)
        d.setdefault('z', default=3)
    ''',
    'update takes what dict takes': '''
        d = m.dict(a=1)
        d.update({'b': 2}), d.update([('c', 3)]), d.update(e=4), d.update(), d.update({}, a=0)
        d.copy()
        d.update(m.dict(f=5))
        d.copy()
        d.update(5)
        d.update(None)
        d.update([1])
        d.update(['abc'])
        d.update([(1, 2), (3,)])
        d.update({}, {})
        d.update('ab')
        d.copy()
        d.update(self=1, other=2)
        d.copy()
    ''',
    'order is that of insertion': '''
        d = m.dict([('b', 1), ('a', 2), ('c', 3)])
        d['b'] = 9
        del d['a']
        d['a'] = 4
        d.keys(), d.values(), d.items()
    ''',
    'keys, values and items are lists': '''
        d = m.dict(a=1)
        d.keys(), d.values(), d.items()
        m.dict().keys(), m.dict().values(), m.dict().items()
        d.keys(1)
        d.values(1)
        d.items(1)
    ''',
    'a dict is copied and cleared': '''
        d = m.dict(a=[1])
        d.copy(), d.clear(), d.copy()
        d.clear(1)
        d.copy(1)
    ''',
    'a dict is iterated through a proxy': '''
        d = m.dict(a=1, b=2)
        i = iter(d)
        i
        next(i), next(i)
        next(i)
        next(i)
        list(d), tuple(d), dict(d), sorted(d), [k for k in d]
        iter(i) is i
        list(m.dict())
        del i
    ''',
    'an iterator sees that the size changed': '''
        d = m.dict(a=1, b=2)
        i = iter(d)
        next(i)
        d['c'] = 3
        next(i)
        next(i)
        i = iter(d)
        d['c'] = 4
        next(i)
        del d['c']
        next(i)
        del i
    ''',
    'an iterator has no other methods': '''
        i = iter(m.dict(a=1))
        i.send(1)
        i.throw(ValueError)
        i.close()
        call(i, '__next__', 1)
        call(i, '__iter__')
        call(i, '__length_hint__')
        str(i).split(' ')[0]
        next(i, 'end'), next(i, 'end')
        del i
    ''',
    'an iterator is made of an iterator': '''
        m._create('Iterator', iter([1, 2]))[1]
        m._create('Iterator')
        m._create('Iterator', 1, 2)
        m._create('Iterator', x=1)
    ''',
    'a dict has a repr': '''
        d = m.dict([('a', 1), (2, [None]), ((1,), {'x': {}})])
        str(d)
        str(m.dict())
        call(d, '__str__')
        call(d, '__str__', 1)
    ''',
    'a dict comes back by value': '''
        d = m.dict(a=[1])
        d._getvalue()
        call(d, '#GETVALUE', 1)
        d['a'].append(2)
        d['a']
    ''',
    'what a dict does not expose': '''
        d = m.dict(a=1)
        call(d, 'no_such')
        call(d, '__eq__', {})
        call(d, 'fromkeys', 'ab') if not hasattr(d, 'fromkeys') else None
        call(d, '__or__', {}) if not hasattr(d, 'fromkeys') else None
        call(d, '__iter__', 1)
        call(d, '__getitem__')
        call(d, '__getitem__', 1, 2)
        call(d, '__setitem__', 1)
        call(d, '__getitem__', key='a')
    ''',
    'many items stay in order': '''
        d = m.dict([(i, str(i)) for i in range(2500)])
        len(d), d.keys() == list(range(2500)), d[2499], d.popitem()
        [d.pop(i) for i in range(0, 2499, 2)][-1]
        len(d), d.keys() == list(range(1, 2499, 2))
    ''',
})
class DictTest(Interop):
    NAMES = {'datetime': datetime, 'Decimal': decimal.Decimal, 'uuid': uuid}


if __name__ == '__main__':
    unittest.main()
