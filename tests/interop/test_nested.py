# SPDX-License-Identifier: MIT
"""Proxies inside shared containers: they come out as proxies, and keep their objects alive."""

import copy
import gc
import sys
import unittest

from cases import Interop, table
from raw import open_calls


@table({
    'a proxy in a list comes out as a proxy': '''
        outer, inner = m.list(), m.list([1])
        outer.append(inner)
        outer[0], outer[0][:], type(outer[0])
        outer[0].append(2)
        inner[:], outer[0][:]
        inner.append(3)
        outer[0][:], len(outer), outer[-1][2]
        [item[:] for item in outer]
        outer._getvalue(), outer[:]
    ''',
    'a proxy in a dict comes out as a proxy': '''
        outer = m.dict()
        outer['list'] = m.list([1]); outer['dict'] = m.dict(a=2)
        outer['list'][0], outer['dict']['a'], outer.get('list')[:]
        outer['list'].append(5)
        outer['list'][:], outer.copy(), outer.values(), outer.items()
        outer['dict']['b'] = m.dict(c=3)
        outer['dict']['b']['c']
        outer.pop('list')[:]
        outer.setdefault('new', m.list([9]))[:]
        outer.popitem()[1][:]
    ''',
    'every kind of proxy can be nested': '''
        kinds = [m.Lock(), m.RLock(), m.Semaphore(2), m.BoundedSemaphore(2), m.Condition()]
        kinds += [m.Event(), m.Barrier(1), m.list([1]), m.dict(a=1), m.Value('i', 5), m.Array('i', [1, 2])]
        kinds += [m.Namespace(x=1)]
        box = m.list(kinds)
        box[:]
        box[0].acquire(False), box[0].acquire(False), kinds[0].release()
        box[1].acquire(), box[1].acquire(), box[1].release(), kinds[1].release()
        box[2].acquire(), box[2].acquire(), box[2].acquire(False)
        with box[4]: box[4].notify_all()
        box[5].set(), kinds[5].is_set()
        box[6].wait(), box[6].parties
        box[7][0], box[8]['a'], box[9].value, box[10][:], box[11].x
        box[9].value = 6
        kinds[9].value
        box[10][0] = 9
        kinds[10][:]
        box[11].y = 'new'
        kinds[11].y
    ''',
    'proxies travel in queues, values and namespaces': '''
        q, v, n = m.Queue(), m.Value('x', None), m.Namespace()
        a = m.list([1])
        q.put(a), q.put([a, a])
        q.get()[:], q.get()[1][:]
        v.value = a; n.a = a
        v.value.append(2); n.a.append(3)
        a[:], v.get()[:], n.a[:]
    ''',
    'proxies hide in any value': '''
        a = m.list([1])
        box = m.list([(a,), {'k': [a]}, {'a': (1, a)}])
        box[0][0][:], box[1]['k'][0][:], box[2]['a'][1][:]
        box[0][0].append(2)
        box[1]['k'][0][:]
        box.append(collections.deque([a]))
        box[3][0][:]
        box.append(ValueError(a))
        box[4].args[0][:]
    ''',
    'a nested proxy is made at once with its container': '''
        m.list([m.list([1]), m.list([2])])[1][:]
        m.dict({'a': m.dict(b=m.list([3]))})['a']['b'][0]
        m.list([m.Queue()] * 0)[:]
        m.Namespace(a=m.list([4])).a[:]
        m.Value('x', m.list([5])).value[:]
    ''',
    'a container keeps what is nested alive': '''
        outer = m.list()
        inner = m.list(['kept'])
        outer.append(inner)
        del inner
        gc.collect() and None
        outer[0][:]
        outer[0].append('still')
        outer[0][:]
        taken = outer.pop()
        taken[:]
        taken.append('after')
        taken[:]
    ''',
    'a taken proxy outlives its container': '''
        outer = m.dict()
        outer['x'] = m.list(['a'])
        taken = outer['x']
        del outer
        gc.collect() and None
        taken.append('b')
        taken[:]
    ''',
    'a cycle of containers works': '''
        a, b = m.list(), m.list()
        a.append(b), b.append(a)
        a[0][0][0][0].append('here')
        b[:][1:], len(a), len(b)
        a.append(a)
        a[1][1][1].append('self')
        len(a), a[2]
        d = m.dict()
        d['me'] = d
        d['me']['me']['x'] = 1
        d['x'], d.keys()
    ''',
    'proxies are compared by identity': '''
        a, outer = m.list([1]), m.list()
        outer.append(a)
        a in outer, outer.count(a), outer[0] == a, outer[0] is a
        outer.index(a)
        outer.remove(a)
        [1] in outer
    ''',
    'a list is filled from a list proxy': '''
        a = m.list([1, [2], 'x'])
        b = m.list(a)
        b[:]
        b.append(4)
        a[:]
        b.extend(a)
        b[:]
        b[0:1] = a
        b[:]
        b + a
        a + b[:]
        m.list(m.list())[:]
        b += a
        len(b)
    ''',
    'a dict is filled from a dict proxy': '''
        a = m.dict(x=1)
        b = m.dict(a)
        b['x'] = 2
        a['x'], b['x']
        b.update(a)
        b.copy()
        b.update(m.dict(y=m.list([1])))
        b['y'][:]
    ''',
    'a nested dict gives no proxies': '''
        outer = m.list([m.dict(a=1)])
        outer[0].keys(), outer[0]['a']
        list(outer[0])
        iter(outer[0])
    ''',
    'a proxy is copied': '''
        a = m.list([1])
        b = copy.copy(a)
        b.append(2)
        a[:]
        c = copy.deepcopy(a)
        c.append(3)
        a[:], c
        d = copy.deepcopy(m.list([m.list([1])]))
        type(d), d[0][:]
    ''',
    'text shows nested proxies': '''
        outer = m.list([m.list([1])])
        str(outer)
        outer.append(m.dict())
        str(outer)
        str(m.dict(a=m.Lock()))
        str(m.Namespace(a=m.Event()))
        str(m.Value('i', m.list()))
    ''',
    'a proxy moves between containers': '''
        a, b = m.list([m.list(['x'])]), m.list()
        b.append(a.pop())
        b[0][:], len(a)
        b.append(b[0])
        b[1].append('y')
        b[0][:]
        del b[0]
        b[0][:]
        b[0] = b[0]
        b[0][:]
        b.reverse(), b[0][:]
        b.insert(0, b[0]), b[1][:]
        b *= 2
        len(b), b[3][:]
    ''',
    'a sublist of proxies comes out as proxies': '''
        outer = m.list([m.list([i]) for i in range(4)])
        [item[0] for item in outer[1:3]]
        [item[0] for item in outer[::-1]]
        outer[1:3] = [m.list(['new'])]
        [item[0] for item in outer]
        del outer[0]
        [item[0] for item in outer]
    ''',
})
class NestedTest(Interop):
    import collections
    NAMES = {'gc': gc, 'copy': copy, 'collections': collections}


@table({
    'a queue in a list comes out as a queue': '''
        outer = m.list([m.Queue()])
        outer[0].put(1)
        outer[0].get(), outer[0].empty()
        outer[0].get_nowait()
        outer[0]
        outer.append(m.JoinableQueue(1))
        outer[1].put(1)
        outer[1].put_nowait(2)
        outer[1].task_done()
        outer[1].join()
        type(outer[0]).__name__
        str(outer)
    ''',
    'a registered object in a list comes out as it is': '''
        outer = m.list([m.words()])
        outer[0].upper(), outer[0].isdigit()
        outer[0]
        str(outer[0])
    ''',
    'a queue in a queue is given away': '''
        q = m.Queue()
        inner = m.Queue()
        inner.put('deep')
        q.put(inner)
        del inner
        q.get().get()
    ''',
})
@unittest.skipIf(sys.version_info < (3, 9), 'the server of 3.8 takes no AutoProxy')
class NestedAutoProxyTest(Interop):
    REGISTERED = {'words': '"some words"'}


class LifetimeTest(Interop):
    """When objects go.  The stock server never lets go of one that was nested; the daemon does."""

    def count(self, manager):
        gc.collect()
        return manager._number_of_objects()

    def daemon_manager(self):
        manager = None
        for server in self.each_server():
            manager = server.connect()
        return manager

    def test_an_object_goes_with_its_last_proxy(self):
        for server in self.each_server():
            manager = server.connect()
            before = self.count(manager)
            shared = manager.list([1])
            self.assertEqual(self.count(manager), before + 1, server.name)
            other = copy.copy(shared)
            self.assertEqual(self.count(manager), before + 1, server.name)
            del shared
            self.assertEqual(self.count(manager), before + 1, server.name)
            del other
            self.assertEqual(self.count(manager), before, server.name)

    def test_removing_a_nested_proxy_lets_its_object_go(self):
        manager = self.daemon_manager()
        before = self.count(manager)
        outer = manager.list()
        for remove in (lambda: outer.pop(), lambda: outer.__delitem__(0),
                       lambda: outer.__setitem__(0, None),
                       lambda: outer.__setitem__(slice(None), []),
                       lambda: outer._callmethod('__imul__', (0,))):
            inner = manager.list(['x'])
            ident = inner._token.id
            outer.append(inner)
            del inner
            self.assertEqual(outer[0][:], ['x'])
            remove()
            len(outer)  # what was handed out last is kept until the next request
            self.assertFalse(self.answers(manager, ident))
            outer[:] = []
        del outer
        self.assertEqual(self.count(manager), before)

    def answers(self, manager, ident):
        """Whether an object still has that ident."""
        with open_calls(manager.address) as calls:
            kind, text = calls.call(ident, '__repr__')
        if kind == '#TRACEBACK':
            self.assertIn('KeyError', text)
        return kind == '#RETURN'

    def test_dropping_a_container_lets_all_in_it_go(self):
        manager = self.daemon_manager()
        before = self.count(manager)
        outer = manager.dict(a=manager.list([manager.list([manager.dict(b=manager.Lock())])]))
        idents = [outer['a']._token.id, outer['a'][0]._token.id, outer['a'][0][0]._token.id]
        del outer
        self.assertEqual(self.count(manager), before)
        for ident in idents:
            self.assertFalse(self.answers(manager, ident), ident)

    def test_a_replaced_attribute_lets_its_object_go(self):
        manager = self.daemon_manager()
        space, holder = manager.Namespace(), manager.Value('x', None)
        space.x = manager.list()
        holder.value = manager.list()
        idents = [space.x._token.id, holder.value._token.id]
        space.x = None
        holder.value = None
        gc.collect()
        self.assertEqual([self.answers(manager, ident) for ident in idents], [False, False])

    def test_a_queue_holds_what_is_put(self):
        for server in self.each_server():
            manager = server.connect()
            before = self.count(manager)
            queue = manager.Queue()
            for i in range(3):
                queue.put(manager.list([i]))
            gc.collect()
            taken = [queue.get() for _ in range(3)]
            self.assertEqual([item[:] for item in taken], [[0], [1], [2]], server.name)
            del taken, queue
            self.assertEqual(self.count(manager), before, server.name)

    def test_many_objects_come_and_go(self):
        for server in self.each_server():
            manager = server.connect()
            before = self.count(manager)
            things = [manager.list([i]) for i in range(200)]
            self.assertEqual(self.count(manager), before + 200)
            self.assertEqual([thing[0] for thing in things], list(range(200)))
            del things
            self.assertEqual(self.count(manager), before, server.name)


if __name__ == '__main__':
    unittest.main()
