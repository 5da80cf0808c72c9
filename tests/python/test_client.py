# SPDX-License-Identifier: MIT
"""The package's client does what the standard library's does.

Each script runs with the standard library's manager on its own server first: that says what is
right. Then with ours on the standard server, on the daemon, and on a server that ours started.
"""

import collections
import copy
import datetime
import decimal
import gc
import http
import multiprocessing
import pickle
import queue
import sys
import threading
import unittest
import weakref
from multiprocessing import managers

import package  # noqa: F401
import syncmanager
from outcomes import outcome_of
from servers import KEY, Daemon, Stock

def shared():
    inner = [1]
    return [inner, inner, {'inner': inner}]


def recursive():
    outer = [1]
    outer.append(outer)
    return outer


def deep(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


VALUES = [
    None, True, False, 0, 1, -1, 255, 256, 65535, 65536, -2**31, 2**31, 2**63 - 1, -2**63, 2**63,
    2**64, -2**64, 10**100, -10**1000, 0.0, -0.0, 1.5, float('inf'), float('-inf'), float('nan'),
    '', 'a', 'z\xfcrich', '\u20ac', '\U0001f600', '\ud800', 'a\0b', 'x' * 255, 'x' * 256,
    'x' * 100000, b'', b'\0\xff', b'x' * 300, b'x' * 100000, b'x' * (1 << 20), bytearray(b'abc'),
    (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), ((), ((),)), [], [1], [1, 2], [[], [[]]],
    list(range(47)), list(range(48)), list(range(49)), list(range(2000)), {}, {'a': 1},
    {1: {2: {3: 4}}}, {(1, 'a'): [None]}, {i: str(i) for i in range(500)}, set(), {1, 'a'},
    frozenset([1]), 1j, range(5), slice(1, None), Ellipsis, NotImplemented, int, len, KeyError('k'),
    decimal.Decimal('1.10'), datetime.date(2020, 2, 29), http.HTTPStatus.OK,
    collections.OrderedDict(a=1), collections.Counter('aab'), collections.deque([1]),
    [1, 1.0, True], [(1,)] * 3, ['same'] * 20, shared(), recursive(), deep(7), deep(8), deep(9),
    deep(200), [deep(3)] * 5, {'k': [(b'b', None, -1.25)] * 2}, [[]] * 3, [{}] * 2, [()] * 4,
]

# Each takes a manager.
SCRIPTS = {
    'a list': lambda m: [(p.append(3), p[0], p[-1], p[:], len(p), 2 in p, p.index(2), p.count(1),
                          p.pop(), p.pop(0), p._getvalue(), str(p)) for p in [m.list([1, 2])]],
    'a list changed': lambda m: [(p.extend([4, 1]), p.sort(), p.reverse(), p.insert(0, 'x'),
                                  p.remove(4), p + [1], p * 2, p[:]) for p in [m.list((2, 3))]],
    'a list in place': lambda m: in_place(m.list([1])),
    'sorted backwards': lambda m: [(p.sort(reverse=True), p[:]) for p in [m.list([1, 3, 2])]],
    'sorted by length': lambda m: [(p.sort(key=len), p[:]) for p in [m.list(['aa', 'b'])]],
    'no item': lambda m: m.list()[0],
    'no key': lambda m: m.dict()['k'],
    'no key that is no str': lambda m: m.dict()[(1, None)],
    'an index of the wrong type': lambda m: m.list([1])['x'],
    'too few arguments': lambda m: m.list().append(),
    'too many arguments': lambda m: m.list().append(1, 2),
    'a keyword that is not known': lambda m: m.list().sort(what=1),
    'a method that is not exposed': lambda m: m.list()._callmethod('__iter__'),
    'a method that is not there': lambda m: m.list()._callmethod('nothing', (1,), {'a': 2}),
    'a name that is no str': lambda m: m.list()._callmethod(5),
    'arguments that are a list': lambda m: m.list([5])._callmethod('pop', [0]),
    'arguments that are no sequence': lambda m: m.list([5])._callmethod('pop', 0),
    'a dict': lambda m: [(d.get('a'), d.get('b', 5), sorted(d.items()), d.keys(), d.values(),
                          d.pop('a'), d.setdefault('c', []), d.copy(), len(d), 'c' in d, str(d),
                          d.update(e=1), d.popitem()) for d in [m.dict(a=1)]],
    'a dict is iterated': lambda m: list(m.dict(a=1, b=2)),
    'a dict from pairs': lambda m: m.dict([(1, 2)], x=3).copy(),
    'a namespace': lambda m: [(setattr(n, 'y', [1]), n.x, n.y, str(n)) for n in [m.Namespace(x=1)]],
    'no attribute': lambda m: m.Namespace().x,
    'a private attribute': lambda m: m.Namespace()._nothing,
    'an attribute deleted': lambda m: delete(m.Namespace(x=1)),
    'a value': lambda m: [(setattr(v, 'value', 2), v.value, v.get(), v.set(5), str(v))
                          for v in [m.Value('i', 1)]],
    'an array': lambda m: [(a[0], a[:], a.__setitem__(0, 9), len(a), str(a))
                           for a in [m.Array('i', [1, 2])]],
    'a wrong item of an array': lambda m: m.Array('i', [1]).__setitem__(0, 'x'),
    'a lock': lambda m: [(k.acquire(), k.acquire(False), k.acquire(True, 0.01), k.release())
                         for k in [m.Lock()]],
    'a lock as a context': lambda m: within(m.Lock()),
    'a lock released too often': lambda m: m.Lock().release(),
    'an rlock': lambda m: [(k.acquire(), k.acquire(), k.release(), k.release())
                           for k in [m.RLock()]],
    'an rlock released too often': lambda m: m.RLock().release(),
    'a semaphore': lambda m: [(s.acquire(), s.acquire(), s.acquire(False), s.release())
                              for s in [m.Semaphore(2)]],
    'a bounded semaphore': lambda m: m.BoundedSemaphore(1).release(),
    'a condition': lambda m: [(c.acquire(), c.wait(0.01), c.notify(), c.notify_all(), c.release())
                              for c in [m.Condition()]],
    'a condition waited for': lambda m: wait_for(m.Condition()),
    'a condition that is not held': lambda m: m.Condition().notify(),
    'an event': lambda m: [(e.is_set(), e.wait(0.01), e.set(), e.wait(), e.clear(), e.is_set())
                           for e in [m.Event()]],
    'a barrier': lambda m: [(b.parties, b.n_waiting, b.broken, b.wait()) for b in [m.Barrier(1)]],
    'a barrier that breaks': lambda m: m.Barrier(2).wait(0.01),
    'a queue': lambda m: [(q.put(1), q.put('x', False), q.qsize(), q.get(), q.get(timeout=1),
                           q.empty(), q.full()) for q in [m.Queue(2)]],
    'an empty queue': lambda m: m.Queue().get_nowait(),
    'an empty queue waited for': lambda m: m.Queue().get(True, 0.01),
    'a full queue': lambda m: fill(m.Queue(1)),
    'a joinable queue': lambda m: [(q.put(1), q.get(), q.task_done(), q.join())
                                   for q in [m.JoinableQueue()]],
    'a task done too often': lambda m: m.JoinableQueue().task_done(),
    'an object that cannot be made': lambda m: m.list(5),
    'an object of the wrong keywords': lambda m: m.Value(nothing=1),
    'an argument that cannot be pickled': lambda m: m.list().append(threading.Lock()),
    'an object of what cannot be pickled': lambda m: m.list([threading.Lock()]),
    'a lambda': lambda m: m.list().append(lambda: 1),
    'a value that cannot be pickled': lambda m: m.Lock()._getvalue(),
    'a proxy in a list': lambda m: [(p.append(m.dict(a=1)), p[0]['a'], p[0], len(p))
                                    for p in [m.list()]],
    'a proxy in itself': lambda m: [(p.append(p), p[0] is p, len(p[0])) for p in [m.list()]],
    'a queue in a dict': lambda m: [(d.update(q=m.Queue()), d['q'].put(1), d['q'].get())
                                    for d in [m.dict()]],
    'a copy': lambda m: [(copy.copy(p)[:], copy.deepcopy(p)) for p in [m.list([1, [2]])]],
    'the types of proxies': lambda m: [type(p).__name__ for p in (
        m.list(), m.dict(), m.Queue(), m.Lock(), m.Value('i', 0), m.Namespace(), m.Event())],
    'the methods of an auto proxy': lambda m: sorted(
        name for name in vars(type(m.Queue())) if not name.startswith('_')),
    'reprs': lambda m: [repr(p).split(' at ')[0] for p in (m.list(), m.Queue(), m.Condition())],
    'attributes': lambda m: [(p._id == p._token.id, p._token.typeid, p._manager is m,
                              p._authkey == m._authkey, p._serializer, p._owned_by_manager,
                              p._exposed_[:len(managers.ListProxy._exposed_)], p._close.still_active())
                             for p in [m.list()]],
    'truth': lambda m: [bool(m.list()), bool(m.list([1])), bool(m.Lock())],
    'equality': lambda m: [(p == p, p == m.list(), p == [], hash(p) == hash(p))
                           for p in [m.list()]],
    'what is no manager of proxies': lambda m: pickle.dumps(m),
    'a second start': lambda m: m.start(),
    'a server when it runs': lambda m: m.get_server(),
    'an unknown function': lambda m: m.list()._callmethod('#GETVALUE', (1,)),
}

# They end in an exception. All others must not, or nothing of what they do would be compared.
RAISE = {
    'a barrier that breaks', 'a bounded semaphore', 'a condition that is not held', 'a full queue',
    'a keyword that is not known', 'a lambda', 'a lock released too often',
    'a method that is not exposed', 'a method that is not there', 'a name that is no str',
    'a private attribute', 'a second start', 'a server when it runs', 'a task done too often',
    'a value that cannot be pickled', 'a wrong item of an array',
    'an argument that cannot be pickled', 'an empty queue', 'an empty queue waited for',
    'an index of the wrong type', 'an object of the wrong keywords',
    'an object of what cannot be pickled', 'an object that cannot be made',
    'an rlock released too often', 'an unknown function', 'arguments that are no sequence',
    'no attribute', 'no item', 'no key', 'no key that is no str', 'too few arguments',
    'too many arguments', 'what is no manager of proxies',
}

# The daemon has no Python for them.
NEEDS_PYTHON = {'sorted by length'}

if sys.version_info < (3, 9):
    del SCRIPTS['a queue in a dict']  # which the standard server of 3.8 cannot take


def in_place(proxy):
    proxy += [2]
    proxy *= 2
    return proxy[:], type(proxy).__name__


def delete(namespace):
    del namespace.x
    return str(namespace)


def within(lock):
    with lock as entered:
        return entered, lock.acquire(False)


def wait_for(condition):
    with condition:
        return condition.wait_for(lambda: False, 0.02), condition.wait_for(lambda: 5)


def fill(full):
    full.put(1)
    full.put(2, False)


class AgainstTheStandardLibrary(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.ends = []
        stock = Stock()
        cls.ends.append(stock.stop)
        cls.expected = stock.connect(managers.SyncManager)
        cls.others = [stock.connect(syncmanager.SyncManager)]  # stock, daemon, started
        daemon = Daemon()
        cls.ends.append(daemon.stop)
        cls.others.append(daemon.connect(syncmanager.SyncManager))
        started = syncmanager.SyncManager(authkey=KEY)
        started.start()
        cls.ends.append(started.shutdown)
        cls.others.append(started)

    @classmethod
    def tearDownClass(cls):
        cls.expected = cls.others = None
        for end in cls.ends:
            end()

    def check(self, script, others=None, raises=False):
        expected = outcome_of(script, self.expected)
        self.assertEqual(raises, expected.startswith('raises '), expected)
        for manager in others or self.others:
            self.assertEqual(expected, outcome_of(script, manager), manager.address)

    def test_values_come_back_as_they_went(self):
        for value in VALUES:
            with self.subTest(repr(value)[:50]):
                self.check(lambda m: [(p.append(value), p[0], p[:]) for p in [m.list()]])

    def test_values_come_back_from_a_queue(self):
        for value in VALUES:
            with self.subTest(repr(value)[:50]):
                self.check(lambda m: [(q.put(value), q.get()) for q in [m.Queue()]])

    def test_what_is_one_object_stays_one_object(self):
        for manager in self.others:
            numbers = manager.list()
            value = [1]
            numbers._callmethod('extend', ([value, value],))
            first, second = numbers[:]
            self.assertIs(first, second)
            numbers.append(recursive())
            last = numbers[2]
            self.assertIs(last, last[1])

    def test_arguments_share_what_they_share(self):
        value = []
        for manager in self.others:
            first, second = manager.dict(a=value, b=value).copy().values()
            self.assertIs(first, second)


def add_scripts():
    for name, script in SCRIPTS.items():
        def test(self, script=script, needs_python=name in NEEDS_PYTHON, raises=name in RAISE):
            self.check(script, self.others[::2] if needs_python else None, raises)

        setattr(AgainstTheStandardLibrary, 'test_' + name.replace(' ', '_'), test)


add_scripts()


class ProxyTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.manager = syncmanager.SyncManager(authkey=KEY)
        cls.manager.start()
        multiprocessing.current_process().authkey = KEY

    @classmethod
    def tearDownClass(cls):
        cls.manager.shutdown()

    def test_a_proxy_is_of_the_standard_class_too(self):
        manager = self.manager
        for proxy, name in ((manager.list(), 'ListProxy'), (manager.dict(), 'DictProxy'),
                            (manager.Lock(), 'AcquirerProxy'), (manager.Value('i', 0), 'ValueProxy'),
                            (manager.Condition(), 'ConditionProxy')):
            self.assertIsInstance(proxy, getattr(managers, name))
            self.assertIsInstance(proxy, getattr(syncmanager.managers, name))

    def test_a_pickled_proxy_names_nothing_of_this_package(self):
        for proxy in self.manager.list(), self.manager.Queue():
            message = multiprocessing.reduction.ForkingPickler.dumps(proxy)
            self.assertNotIn(b'syncmanager', bytes(message))
            again = pickle.loads(message)
            self.assertIsInstance(again, syncmanager.BaseProxy)

    def test_a_proxy_without_a_manager_makes_proxies_of_results(self):
        again = copy.copy(self.manager.dict(a=1))
        self.assertIsNone(again._manager)
        self.assertEqual(['a'], list(again))

    def test_what_a_proxy_refers_to_goes_with_it(self):
        before = self.manager._number_of_objects()
        numbers = self.manager.list()
        other = copy.copy(numbers)
        self.assertEqual(before + 1, self.manager._number_of_objects())
        del numbers
        self.assertEqual(before + 1, self.manager._number_of_objects())
        reference = weakref.ref(other)
        del other
        gc.collect()
        self.assertIsNone(reference())
        self.assertEqual(before, self.manager._number_of_objects())

    def test_a_result_that_is_a_proxy_holds_one_reference(self):
        words = self.manager.dict(a=1)
        before = self.manager._number_of_objects()
        iterator = words.__iter__()
        self.assertEqual(before + 1, self.manager._number_of_objects())
        del iterator
        self.assertEqual(before, self.manager._number_of_objects())

    def test_close_gives_the_reference_back_once(self):
        before = self.manager._number_of_objects()
        numbers = self.manager.list()
        numbers._close()
        self.assertEqual(before, self.manager._number_of_objects())
        self.assertRaises(syncmanager.RemoteError, numbers.append, 1)
        del numbers
        self.assertEqual(before, self.manager._number_of_objects())

    def test_an_exception_says_where_it_comes_from(self):
        with self.assertRaises(IndexError) as caught:
            self.manager.list().pop()
        self.assertIn('Traceback', str(caught.exception.__cause__))
        self.assertIn("'list'", str(caught.exception.__cause__))

    def test_an_exception_is_freed_without_the_collector(self):
        gc.disable()
        self.addCleanup(gc.enable)
        gc.collect()
        try:
            self.manager.Queue().get_nowait()
        except queue.Empty as error:
            gone = weakref.ref(error)
        self.assertIsNone(gone())

    def test_users_proxies_of_the_standard_classes_work(self):
        class Mine(managers.BaseProxy):
            _exposed_ = ('append', '__len__')

            def add(self, value):
                return self._callmethod('append', (value,))

            def size(self):
                return self._callmethod('__len__')

        class Ours(syncmanager.BaseProxy):
            _exposed_ = ('append', '__len__')
            add, size = Mine.add, Mine.size

        class Manager(syncmanager.SyncManager):
            pass

        Manager.register('Mine', list, Mine)
        Manager.register('Ours', list, Ours)
        fork = multiprocessing.get_context('fork')  # the class has no name for others
        with Manager(authkey=KEY, ctx=fork) as manager:
            for make in manager.Mine, manager.Ours:
                proxy = make([1])
                proxy.add(2)
                self.assertEqual(2, proxy.size())
                self.assertEqual(1, manager._number_of_objects())
                del proxy
                self.assertEqual(0, manager._number_of_objects())

    def test_a_subclass_has_a_registry_of_its_own(self):
        class Manager(syncmanager.SyncManager):
            pass

        Manager.register('mine', list)
        self.assertNotIn('mine', syncmanager.SyncManager._registry)
        self.assertEqual(list(syncmanager.SyncManager._registry) + ['mine'],
                         list(Manager._registry))
        self.assertEqual({*managers.SyncManager._registry, 'set', 'Counter'},
                         set(syncmanager.SyncManager._registry))

    def test_a_manager_may_make_objects_in_a_way_of_its_own(self):
        made = []

        class Manager(syncmanager.SyncManager):
            def _create(self, typeid, /, *args, **kwds):
                made.append(typeid)
                return super()._create(typeid, *args, **kwds)

        with Manager(ctx=multiprocessing.get_context('fork')) as manager:
            manager.list()
            self.assertEqual(['list'], made)
            self.assertEqual(0, manager._number_of_objects())

    def test_the_library_has_all_names_of_the_standard_one(self):
        names = {name for name in vars(managers) if not name.startswith('_')}
        theirs = {name for name in names if getattr(
            getattr(managers, name), '__module__', None) == managers.__name__}
        self.assertEqual(set(), theirs - set(vars(syncmanager.managers)))
        for name in managers.__all__:
            self.assertTrue(hasattr(syncmanager, name), name)


if __name__ == '__main__':
    unittest.main()
