# SPDX-License-Identifier: MIT
"""Proxies offer on every CPython what those of 3.14 do, whose own results are the standard."""

import multiprocessing
import os
import pickle
import subprocess
import sys
import unittest
from multiprocessing import managers
from multiprocessing.reduction import ForkingPickler

import package
import syncmanager
from servers import KEY, Daemon, Stock, daemon_path

IS_OLDER = not hasattr(managers, 'SetProxy')


def in_place(proxy, operator, value):
    before = proxy
    scope = {'p': proxy, 'value': value}
    exec('p %s value' % operator, scope)
    return scope['p'] is before, scope['p']._getvalue()


def lock(make):
    return lambda m: [(p.locked(), p.acquire(), p.locked(), p.release(), p.locked())
                      for p in [make(m)]]


LOCKED = [(False, True, True, None, False)]

# What is done with a manager, and what comes of it under CPython 3.14 without the package.
SCRIPTS = {
    'list copy': (lambda m: m.list([1, 2]).copy(), [1, 2]),
    'list clear': (lambda m: [(p.clear(), p[:]) for p in [m.list([1])]], [(None, [])]),
    'dict |': (lambda m: m.dict(a=1, b=1) | {'b': 2}, {'a': 1, 'b': 2}),
    'dict | dict': (lambda m: m.dict(a=1) | m.dict(b=2)._getvalue(), {'a': 1, 'b': 2}),
    '| dict': (lambda m: {'a': 0, 'z': 0} | m.dict(a=1), {'a': 1, 'z': 0}),
    'dict |=': (lambda m: in_place(m.dict(a=1), '|=', {'b': 2}), (True, {'a': 1, 'b': 2})),
    'dict reversed': (lambda m: list(reversed(m.dict(a=1, b=2))), ['b', 'a']),
    'dict fromkeys': (lambda m: m.dict(a=1).fromkeys('xy', 5), {'x': 5, 'y': 5}),
    'lock': (lock(lambda m: m.Lock()), LOCKED),
    'rlock': (lock(lambda m: m.RLock()), LOCKED),
    'condition': (lock(lambda m: m.Condition()), LOCKED),
    'condition of a lock': (lock(lambda m: m.Condition(m.Lock())), LOCKED),
    'set': (lambda m: [(p.add(3), p._getvalue(), len(p), 1 in p, sorted(p), p.pop() in (1, 3))
                       for p in [m.set([1])]], [(None, {1, 3}, 2, True, [1, 3], True)]),
    'empty set': (lambda m: m.set()._getvalue(), set()),
    'set operators': (lambda m: [(p | {9}, p & {1}, p - {1}, p ^ {1, 5}, {9} | p, {1} & p,
                                  {1, 5} - p, {1, 5} ^ p) for p in [m.set([1, 2])]],
                      [({1, 2, 9}, {1}, {2}, {2, 5}, {1, 2, 9}, {1}, {5}, {2, 5})]),
    'set order': (lambda m: [(p < {1, 2}, p <= {1}, p > {1}, p >= set()) for p in [m.set([1])]],
                  [(True, True, False, True)]),
    'set |=': (lambda m: in_place(m.set([1]), '|=', {2}), (True, {1, 2})),
    'set &=': (lambda m: in_place(m.set([1, 2]), '&=', {2}), (True, {2})),
    'set -=': (lambda m: in_place(m.set([1, 2]), '-=', {2}), (True, {1})),
    'set ^=': (lambda m: in_place(m.set([1, 2]), '^=', {2, 3}), (True, {1, 3})),
    'set methods': (lambda m: [(p.union([9]), p.difference([1]), p.intersection([1]),
                                p.symmetric_difference([1]), p.copy(), p.isdisjoint([5]),
                                p.issubset([1, 2]), p.issuperset([1]), p.discard(7),
                                p.remove(1), p.update([4]), p._getvalue())
                               for p in [m.set([1, 2])]],
                    [({1, 2, 9}, {2}, {1}, {2}, {1, 2}, True, True, True, None, None, None,
                      {2, 4})]),
    'set in a dict': (lambda m: [(type(p['s']).__name__, p['s'].add(1), p['s']._getvalue())
                                 for p in [m.dict(s=m.set())]], [('SetProxy', None, {1})]),
}

LOADS = '''
import os, pickle, sys
from multiprocessing import current_process
current_process().authkey = os.environb[b'KEY']
proxy = pickle.load(sys.stdin.buffer)
proxy.add(2)
print(type(proxy).__name__, sorted(proxy.union([3])), 'syncmanager' in sys.modules)
'''


class OffersTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        multiprocessing.current_process().authkey = KEY
        cls.manager = syncmanager.SyncManager(authkey=KEY)
        cls.manager.start()
        cls.addClassCleanup(cls.manager.shutdown)

    def check(self, manager):
        for name, (script, expected) in SCRIPTS.items():
            with self.subTest(name):
                self.assertEqual(script(manager), expected)

    def connected(self, server):
        self.addCleanup(server.stop)
        manager = syncmanager.SyncManager(server.address, authkey=KEY)
        manager.connect()
        return manager

    def test_a_server_of_ours_has_them_all(self):
        self.check(self.manager)

    @unittest.skipIf(daemon_path() is None, 'there is no syncmanagerd')
    def test_the_daemon_has_them_all(self):
        self.check(self.connected(Daemon()))

    @unittest.skipIf(IS_OLDER, 'this CPython is older than 3.14')
    def test_the_standard_library_has_the_same_results(self):
        manager = managers.SyncManager(authkey=KEY)
        manager.start()
        self.addCleanup(manager.shutdown)
        self.check(manager)

    @unittest.skipUnless(IS_OLDER, 'this CPython has them')
    def test_an_older_server_of_the_standard_library_says_that_it_has_not(self):
        manager = self.connected(Stock())
        with self.assertRaisesRegex(syncmanager.RemoteError, "KeyError: 'set'"):
            manager.set()
        for call in manager.list().copy, manager.Lock().locked, manager.dict(a=1).fromkeys:
            with self.assertRaisesRegex(syncmanager.RemoteError, 'is not in exposed='):
                call()

    def test_a_hosted_list_and_dict_have_them_too(self):
        class Manager(syncmanager.SyncManager):
            pass

        Manager.register('rows', lambda: [1], syncmanager.ListProxy)
        manager = Manager(ctx=multiprocessing.get_context('fork'))
        manager.start()
        self.addCleanup(manager.shutdown)
        self.assertEqual(manager.rows().copy(), [1])

    def test_a_set_is_the_same_wherever_the_package_unpickles_it(self):
        proxy = self.manager.set([1])
        again = pickle.loads(ForkingPickler.dumps(proxy))
        self.assertIs(type(again), syncmanager.SetProxy)
        again |= {2}
        self.assertEqual(proxy._getvalue(), {1, 2})

    def test_a_set_can_be_unpickled_without_the_package(self):
        proxy = self.manager.set([1])
        environment = {name: value for name, value in os.environ.items() if name != 'PYTHONPATH'}
        done = subprocess.run([sys.executable, '-c', LOADS], input=ForkingPickler.dumps(proxy),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env=dict(environment, KEY=KEY.decode()), timeout=package.PATIENCE)
        self.assertEqual(done.stdout.decode(), '%s [1, 2, 3] False\n' % (
            'AutoProxy[set]' if IS_OLDER else 'SetProxy'))
        self.assertEqual(proxy._getvalue(), {1, 2})


if __name__ == '__main__':
    unittest.main()
