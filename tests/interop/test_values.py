# SPDX-License-Identifier: MIT
"""Value, Array and Namespace."""

import array
import copy
import unittest

from cases import Interop, table


def each_typecode(script):
    """The same steps for every typecode of an array of numbers."""
    return ''.join(script.replace('CODE', code) for code in 'bBhHiIlLqQfd')


@table({
    'a value is set and read': '''
        v = m.Value('i', 7)
        v.value, v.get()
        v.value = 8
        v.value, v.set(9), v.get()
        v.value = 'any type'
        v.value = [1, {'k': 2}]; v.value[0] = 5
        v.value
        v.value = None
        v.get()
        v.value = 1.5
        v.value += 1
        v.value
    ''',
    'a value is made of a typecode and a value': '''
        m.Value('i', 1, False).value
        m.Value('i', 1, lock=True).value
        m.Value(typecode='d', value=2).value
        m.Value('nonsense', 'x').value
        m.Value(5, None).value
        m.Value()
        m.Value('i')
        m.Value('i', 1, True, 2)
        m.Value('i', 1, nonsense=1)
        m.Value('i', value=1, lock=3).value
    ''',
    'a value has a repr': '''
        str(m.Value('i', 7)), str(m.Value('d', 'x')), str(m.Value(None, [1]))
        call(m.Value('i', 1), '__repr__')
    ''',
    'a value comes back by value': '''
        v = m.Value('i', 7)
        v._getvalue()
        copy.deepcopy(v)
        copy.copy(v).value
    ''',
    'what a value checks': '''
        v = m.Value('i', 7)
        call(v, 'get', 1)
        call(v, 'set')
        call(v, 'set', 1, 2)
        call(v, 'set', value=3)
        call(v, 'set', x=3)
        call(v, 'value')
        call(v, '_value')
        call(v, 'get_lock')
        call(v, '__getattribute__', 'value')
        v.get_lock
        v.nonsense
        v.value
    ''',
})
class ValueTest(Interop):
    NAMES = {'copy': copy}


@table({
    'an array is made of numbers': each_typecode('''
        a = m.Array('CODE', [1, 2, 3])
        a[:], a[0], len(a), str(a)
        m.Array('CODE', (4, 5))[:]
        m.Array('CODE', range(3))[:]
        m.Array('CODE', [])[:]
        m.Array('CODE', [], lock=False)[:]
        m.Array('CODE', array.array('h', [1, 2]))[:]
        m.Array('CODE', b'\\\\0' * 16)[:]
        m.Array('CODE', b'\\\\0' * 7)
        m.Array('CODE', 5)
        m.Array('CODE', 'abc')
        m.Array('CODE', ['a'])
        m.Array('CODE', [None])
        m.Array('CODE', [1.5])
        m.Array('CODE', [True])[:]
        m.Array('CODE', [[]])
    '''.replace('\\\\', '\\')),
    'an array of numbers checks ranges': each_typecode('''
        a = m.Array('CODE', [0])
        a[0] = 127; a[0]
        a[0] = 128
        a[0]
        a[0] = 255
        a[0]
        a[0] = 256
        a[0] = 32767
        a[0] = 32768
        a[0] = 65535
        a[0] = 65536
        a[0] = 2 ** 31 - 1
        a[0] = 2 ** 31
        a[0] = 2 ** 32 - 1
        a[0] = 2 ** 32
        a[0] = 2 ** 63 - 1
        a[0] = 2 ** 63
        a[0] = 2 ** 64 - 1
        a[0] = 2 ** 64
        a[0] = 10 ** 30
        a[0] = 10 ** 400
        a[0]
        a[0] = -1
        a[0] = -128
        a[0] = -129
        a[0] = -32768
        a[0] = -32769
        a[0] = -2 ** 31
        a[0] = -2 ** 31 - 1
        a[0] = -2 ** 63
        a[0] = -2 ** 63 - 1
        a[0] = -10 ** 400
        a[0]
        a[0] = 1.5
        a[0] = 'x'
        a[0] = None
        a[0] = 1j
        a[0] = True
        a[0]
    '''),
    'an array of floats holds what floats hold': '''
        a = m.Array('d', [0.1, -0.0, float('inf'), float('nan'), 1e308])
        a[:], str(a), a[1], a[3]
        f = m.Array('f', [0.1, -0.0, float('inf'), float('nan')])
        f[:], str(f), f[0]
        f[0] = 1e39
        f[0] = 1e308
        f[0], str(f)
        f[1] = 16777217
        f[1]
    ''',
    'an array of characters holds text': '''
        a = m.Array('u', 'ab\\u20ac')
        a[0], a[2], len(a), str(a), a[:]
        a[0] = 'z'
        a[0]
        a[0] = 'xy'
        a[0] = ''
        a[0] = 5
        a[0] = b'x'
        a[1] = '\\U0001f600'
        a[:]
        m.Array('u', ['a', 'b'])[:]
        m.Array('u', [])[:], str(m.Array('u', []))
        m.Array('u', b'a\\0\\0\\0')[:]
    ''',
    'a typecode is checked': '''
        m.Array('z', [])
        m.Array('', [])
        m.Array('ii', [])
        m.Array(5, [])
        m.Array(None, [])
        m.Array(b'i', [])
        m.Array('c', [])
        m.Array('\\xe9', [])
        m.Array()
        m.Array('i')
        m.Array('i', [], True, 1)
        m.Array('i', [], nonsense=1)
        m.Array(typecode='i', sequence=[1])[:]
        m.Array('w', 'ab') if __import__('sys').version_info < (3, 13) else None
    ''',
    'an array of any characters came late': '''
        w = m.Array('w', 'a\\U0001f600')
        w[:], str(w), w[1], len(w)
        w[0] = 'xy'
        w[0] = 5
        w[0] = '\\u20ac'
        w[:]
    ''' if 'w' in array.typecodes else '''
        m.Array('w', 'a')
    ''',
    'items are read by index and slice': '''
        a = m.Array('i', range(6))
        a[0], a[-1], a[True], a[1:3], a[::-1], a[::2], a[10:], a[-100:2]
        a[6]
        a[-7]
        a['x']
        a[None]
        a[1.0]
        a[10 ** 30]
        a[::0]
        a['x':]
        call(a, '__getitem__')
        call(a, '__getitem__', 1, 2)
        list(a), sum(a), 3 in a
    ''',
    'items are set by index and slice': '''
        a = m.Array('i', range(6))
        a[1:3] = array.array('i', [7, 8, 9]); a[:]
        a[::2] = array.array('i', [0] * len(a[::2])); a[:]
        a[::2] = array.array('i', [1])
        a[1:3] = array.array('d', [1.0])
        a[1:3] = array.array('I', [1])
        a[1:3] = [1, 2]
        a[1:3] = (1,)
        a[1:3] = 5
        a[:] = array.array('i')
        a[:]
        a[0] = 1
        a[-1] = 1
        a['x'] = 1
        a[1.5] = 1
        call(a, '__setitem__', 0)
        call(a, '__setitem__', 0, 1, 2)
        call(a, '__len__', 1)
    ''',
    'an array comes back by value': '''
        a = m.Array('i', [1, 2])
        a._getvalue()
        copy.deepcopy(a)
        copy.copy(a)[:]
    ''',
    'what an array does not expose': '''
        a = m.Array('i', [1])
        call(a, 'append', 1)
        call(a, '__delitem__', 0)
        call(a, 'typecode')
        call(a, '__iter__')
    ''',
})
class ArrayTest(Interop):
    NAMES = {'array': array, 'copy': copy}


@table({
    'attributes are set, read and deleted': '''
        n = m.Namespace(a=1, b='x')
        n.a, n.b
        n.c = [1, 2]
        n.c
        n.c.append(3)
        n.c
        del n.a
        n.a
        del n.a
        del n.absent
        n.absent
        n.a = None
        n.a, hasattr(n, 'a'), hasattr(n, 'zz'), getattr(n, 'zz', 5)
    ''',
    'a namespace is made of keywords': '''
        str(m.Namespace())
        str(m.Namespace(x=1))
        m.Namespace(1)
        m.Namespace({'a': 1})
        m.Namespace(a=1, _b=2)._getvalue()
    ''',
    'a namespace has a repr': '''
        n = m.Namespace(b=2, a='x', _hidden=3, c=[None])
        str(n)
        call(n, '__str__')
        str(m.Namespace())
        str(m.Namespace(ab=1, a=2, a1=3))
    ''',
    'a namespace comes back by value': '''
        n = m.Namespace(a=1, b=[2])
        n._getvalue()
        copy.deepcopy(n)
        copy.copy(n).a
        call(n, '__getattribute__', '__dict__')
    ''',
    'names with an underscore stay at the client': '''
        n = m.Namespace(a=1)
        n._private = 5
        n._private
        call(n, '__getattribute__', '_private')
        call(n, '__setattr__', '_remote', 6)
        call(n, '__getattribute__', '_remote')
        str(n)
        call(n, '__delattr__', '_remote')
        call(n, '__getattribute__', '_remote')
    ''',
    'what a namespace checks': '''
        n = m.Namespace(a=1)
        call(n, '__getattribute__')
        call(n, '__getattribute__', 'a', 1)
        call(n, '__getattribute__', 5)
        call(n, '__getattribute__', None)
        call(n, '__getattribute__', b'a')
        call(n, '__setattr__', 'b')
        call(n, '__setattr__', 5, 1)
        call(n, '__setattr__', 'b', 1, 2)
        call(n, '__delattr__')
        call(n, '__delattr__', 5)
        call(n, '__delattr__', 'a', 1)
        call(n, 'a')
        call(n, '__eq__', n._getvalue())
        call(n, '__getattribute__', 'a ')
        call(n, '__getattribute__', 'a\\0b')
        call(n, '__delattr__', 'a\\0b')
        call(n, '__setattr__', 'not an identifier', 1)
        call(n, '__getattribute__', 'not an identifier')
        str(n)
    ''',
})
class NamespaceTest(Interop):
    NAMES = {'copy': copy}


if __name__ == '__main__':
    unittest.main()
