# SPDX-License-Identifier: MIT
"""Methods of proxies, which are C's: what they show of themselves, and when they call by themselves."""

import gc
import inspect
import pickle
import sys
import types
import unittest
import weakref
from multiprocessing import managers
from unittest import mock

import package  # noqa: F401
import syncmanager
from outcomes import outcome_of
from servers import Daemon
from syncmanager import proxies

CLASSES = [name for name in proxies.__all__ if hasattr(managers, name)
           and isinstance(getattr(managers, name), type)]

# By typeid: how it is made, and what is done with it, as it goes to _callmethod.
USES = {
    'list': ([[1, 2]], [
        (lambda p: p[1], ('__getitem__', (1,), {})),
        (lambda p: p.append(3), ('append', (3,), {})),
        (lambda p: p.pop(), ('pop', (), {})),
        (lambda p: p.sort(key=None), ('sort', (), {'key': None})),
        (lambda p: p.__setitem__(0, 5), ('__setitem__', (0, 5), {})),
        (lambda p: p[:1], ('__getitem__', (slice(None, 1),), {})),
        (lambda p: p[-1::-2], ('__getitem__', (slice(-1, None, -2),), {})),
        (lambda p: p.__setitem__(slice(1, 1), 'ab'), ('__setitem__', (slice(1, 1), 'ab'), {})),
        (lambda p: p.append([slice('a', 2 ** 70)]), ('append', ([slice('a', 2 ** 70)],), {})),
        (lambda p: p.insert(0, slice(())), ('insert', (0, slice(())), {})),
        (lambda p: p._getvalue(), ('#GETVALUE',)),
    ]),
    'dict': ([{'a': 1}], [
        (lambda p: p.get('a'), ('get', ('a',), {})),
        (lambda p: 'a' in p, ('__contains__', ('a',), {})),
        (lambda p: p.update(b=1), ('update', (), {'b': 1})),
    ]),
    'Queue': ([], [
        (lambda p: p.put(1), ('put', (1,), {})),
        (lambda p: p.get(timeout=5), ('get', (), {'timeout': 5})),
    ]),
    'Value': (['i', 1], [
        (lambda p: p.value, ('get',)),
        (lambda p: p.set(5), ('set', (5,))),
    ]),
    'Array': (['i', [1, 2]], [
        (lambda p: p[0], ('__getitem__', (0,), {})),
        (lambda p: len(p), ('__len__', (), {})),
    ]),
    'Namespace': ([], [
        (lambda p: setattr(p, 'x', 1), ('__setattr__', ('x', 1))),
        (lambda p: p.x, ('__getattribute__', ('x',))),
        (lambda p: delattr(p, 'x'), ('__delattr__', ('x',))),
    ]),
    'Barrier': ([1], [(lambda p: p.wait(), ('wait', (None,)))]),
    'Condition': ([], [
        (lambda p: p.acquire(), ('acquire', (True,))),
        (lambda p: p.notify(), ('notify', (1,))),
        (lambda p: p.notify(n=2), ('notify', (2,))),
        (lambda p: p.notify_all(), ('notify_all',)),
        (lambda p: p.wait(0), ('wait', (0,))),
    ]),
}

# Cannot be pickled; one and the same for both, as messages have its address.
LOCAL = (lambda: lambda: 0)()

# What fails, in the manager or before.
FAILURES = {
    'list': [lambda p: p[9], lambda p: p.append(), lambda p: p.append(x=1), lambda p: p.nothing,
             lambda p: p._callmethod(), lambda p: p._callmethod('nothing'),
             lambda p: p._callmethod('append', 5), lambda p: p._callmethod('append', (), 5),
             lambda p: p._callmethod(5), lambda p: p._callmethod('append', (), {}, 1),
             lambda p: p._callmethod('append', y=1), lambda p: type(p).append(),
             lambda p: type(p).append(5, 1), lambda p: p.append(LOCAL),
             lambda p: p.index(slice(1, 2), *[slice(3)] * 2), lambda p: p[slice('a')]],
    'Value': [lambda p: p.get(1), lambda p: p.set(), lambda p: p.set(x=1)],
    'Namespace': [lambda p: p.nothing, lambda p: p._nothing, lambda p: getattr(p, ''),
                  lambda p: delattr(p, '_nothing'), lambda p: p.__setattr__('x')],
    'Condition': [lambda p: p.notify(), lambda p: p.wait(), lambda p: p.notify(1, 2)],
    'Queue': [lambda p: p.get(False), lambda p: p.get(timeout=-1)],
}


def all_uses():
    for typeid, (args, uses) in USES.items():
        for index, (use, call) in enumerate(uses):
            yield typeid, args, index, use, call


class MethodsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.running = Daemon()
        cls.manager = cls.running.connect(syncmanager.SyncManager)
        cls.stock = cls.running.connect(managers.SyncManager)

    @classmethod
    def tearDownClass(cls):
        cls.manager = cls.stock = None
        cls.running.stop()

    def make(self, typeid, manager=None):
        return getattr(manager or self.manager, typeid)(*USES[typeid][0])

    def test_they_show_what_the_standard_ones_do(self):
        def shown(cls, name):
            method = getattr(cls, name)
            return (method.__name__, method.__qualname__, method.__doc__, method.__module__,
                    str(inspect.signature(method)), inspect.isroutine(method))

        seen = 0
        for name in CLASSES:
            ours, standard = getattr(proxies, name), getattr(managers, name)
            for each in {*standard._exposed_} if hasattr(standard, '_exposed_') else ():
                if hasattr(standard, each) and type(getattr(ours, each)).__name__ == 'Method':
                    with self.subTest(name, method=each):
                        self.assertEqual(shown(ours, each), shown(standard, each))
                        seen += 1
        self.assertGreater(seen, 40)
        self.assertEqual(inspect.signature(proxies.BaseProxy._callmethod),
                         inspect.signature(managers.BaseProxy._callmethod))

    def test_they_are_bound_as_functions_are(self):
        row = self.make('list')
        standard = self.make('list', self.stock)
        for name in 'append', '_callmethod':
            ours, theirs = getattr(row, name), getattr(standard, name)
            with self.subTest(name):
                self.assertIsInstance(ours, types.MethodType)
                self.assertIs(ours.__self__, row)
                self.assertEqual(ours.__name__, theirs.__name__)
                self.assertEqual(inspect.signature(ours), inspect.signature(theirs))
                self.assertEqual(pickle.loads(pickle.dumps(ours)).__self__._id, row._id)
        pickle.loads(pickle.dumps(row._callmethod))('append', (3,))
        map(row.append, [4])
        self.assertEqual(row[:], [1, 2, 3])

    def test_a_subclass_may_replace_and_call_them(self):
        class Counting(proxies.ListProxy):
            def append(self, item):
                calls.append(item)
                return super().append(item * 2)

            def __getitem__(self, index):
                return super().__getitem__(index), 'seen'

        calls = []
        row = self.make('list')
        row = Counting(row._token, 'pickle', self.manager, self.manager._authkey)
        row.append(3)
        self.assertEqual((row[2], calls, len(row)), ((6, 'seen'), [3], 3))

    def test_a_callmethod_in_their_place_is_called_as_by_the_standard_ones(self):
        def on_the_proxy(proxy):
            return mock.patch.object(proxy, '_callmethod')

        def on_its_class(proxy):
            return mock.patch.object(type(proxy), '_callmethod')

        def on_the_base(proxy):
            base = proxies.BaseProxy if isinstance(proxy, proxies.BaseProxy) else managers.BaseProxy
            return mock.patch.object(base, '_callmethod')

        for patch in on_the_proxy, on_its_class, on_the_base:
            for typeid, args, index, use, call in all_uses():
                with self.subTest(typeid, patch=patch.__name__, use=index):
                    calls = []
                    for manager in self.manager, self.stock:
                        proxy = self.make(typeid, manager)
                        if patch is on_the_proxy and typeid == 'Namespace':
                            proxy.__dict__['_callmethod'] = called = mock.MagicMock()
                            use(proxy)
                        else:
                            with patch(proxy) as called:
                                use(proxy)
                        calls.append(called.call_args_list)
                    self.assertEqual(calls[0], calls[1])
                    self.assertEqual(calls[0], [mock.call(*call)])

    def test_a_callmethod_of_a_subclass_may_call_the_bases(self):
        class Telling(proxies.DictProxy):
            def _callmethod(self, methodname, args=(), kwds={}):
                calls.append(methodname)
                return super()._callmethod(methodname, args, kwds)

        class Property(proxies.DictProxy):
            @property
            def _callmethod(self):
                calls.append('property')
                return super()._callmethod

        class Keeping(proxies.DictProxy):
            @property
            def _callmethod(self):
                calls.append(super()._callmethod)
                return lambda *args: calls[-1](*args)

        for cls in Telling, Property, Keeping:
            calls = []
            table = self.make('dict')
            table = cls(table._token, 'pickle', self.manager, self.manager._authkey)
            self.assertEqual([table.get('a'), table.get('a')], [1, 1])
            self.assertGreaterEqual(len(calls), 2)

    def test_calls_come_to_what_the_standard_ones_do(self):
        for typeid, args, index, use, call in all_uses():
            proxies_of_both = self.make(typeid), self.make(typeid, self.stock)
            for before, _ in USES[typeid][1][:index]:
                for proxy in proxies_of_both:
                    before(proxy)
            with self.subTest(typeid, use=index):
                self.assertEqual(*(outcome_of(lambda: use(proxy)) for proxy in proxies_of_both))

    def test_what_fails_does_so_as_with_the_standard_ones(self):
        def failure(use, proxy):
            try:
                return 'returned', use(proxy)
            except Exception as error:
                return type(error), str(error).split('\n')[-3:]

        for typeid, uses in FAILURES.items():
            for index, use in enumerate(uses):
                with self.subTest(typeid, use=index):
                    ours, theirs = (failure(use, self.make(typeid, manager))
                                    for manager in (self.manager, self.stock))
                    self.assertEqual(ours, theirs)

    def test_calls_leave_nothing(self):
        def use_all(made):
            for typeid, args, index, use, call in all_uses():
                use(made[typeid])
            made['Condition'].release()
            for typeid, uses in FAILURES.items():
                for use in uses:
                    outcome_of(lambda: use(made[typeid]))
            made['list'][:] = [(1, {'a': [b'x', 1.5]}), 'y' * 600]
            made['list'][:], made['list']._callmethod
            made['list'][:] = [1, 2]

        made = {typeid: self.make(typeid) for typeid in USES}
        counts = []
        # The interpreter's own caches fill in the first rounds, by chance; a leak is in every round.
        while len(counts) < 2 or (counts[-1] - counts[-2] >= 100 and len(counts) < 30):
            for _ in range(100):
                use_all(made)
            gc.collect()
            counts.append(sys.getallocatedblocks())
        self.assertLess(counts[-1] - counts[-2], 100, counts)

    def test_a_proxy_that_refers_to_its_own_callmethod_goes(self):
        row = self.make('list')
        row.again = row._callmethod, row.append
        gone = weakref.ref(row)
        del row
        gc.collect()
        self.assertIsNone(gone())


if __name__ == '__main__':
    unittest.main()
