# SPDX-License-Identifier: MIT
"""Children and proxies: by arguments, by queues, with keys of their own, whatever their start."""

import multiprocessing
import pickle
import unittest
from concurrent.futures import ProcessPoolExecutor

import package
import syncmanager
from syncmanager import _client

METHODS = 'fork', 'spawn', 'forkserver'
KEY = b'a key of its own'


class Tree:
    def __init__(self, depth=0):
        self.depth = depth

    def child(self):
        return self.depth + 1

    def get(self):
        return self.depth


class TreeProxy(syncmanager.BaseProxy):
    _exposed_ = 'child', 'get'

    def child(self):
        return self._callmethod('child')

    def get(self):
        return self._callmethod('get')


class Trees(syncmanager.BaseManager):
    pass


Trees.register('Tree', Tree, TreeProxy, method_to_typeid={'child': 'Tree'})


def goes_through_c(proxy):
    return isinstance(proxy, syncmanager.BaseProxy) and proxy._handle is not None


def answer(results, function, *args):
    try:
        results.put(function(*args))
    except Exception as error:
        results.put(repr(error))


def in_child(method, function, *args):
    """What a function returns in a child."""
    context = multiprocessing.get_context(method)
    results = context.SimpleQueue()
    child = context.Process(target=answer, args=(results, function) + args)
    child.start()
    try:
        return results.get()
    finally:
        child.join()


kept = None


def keep(proxy):
    global kept
    kept = proxy


def kept_goes_through_c(_):
    return goes_through_c(kept)


class Child(multiprocessing.get_context('spawn').Process):
    def __init__(self, results, proxy):
        super().__init__()
        self.results = results
        self.proxy = proxy

    def run(self):
        self.results.put(goes_through_c(self.proxy))


def depth(tree):
    grandchild = tree.child().child()
    return type(grandchild).__name__, grandchild.get()


def unpickle(pickled):
    return pickle.loads(pickled).copy()


def take(queue):
    return queue.get().copy()


def both(table):
    return pickle.loads(pickle.dumps(table)).copy()


class ArgumentTest(unittest.TestCase):
    def setUp(self):
        self.manager = syncmanager.Manager()
        self.addCleanup(self.manager.shutdown)

    def test_a_childs_arguments_go_through_c(self):
        for method in METHODS:
            with self.subTest(method):
                self.assertIs(True, in_child(method, goes_through_c, self.manager.dict()))

    def test_initial_arguments_of_pools_go_through_c(self):
        context, table = multiprocessing.get_context('spawn'), self.manager.dict()
        with context.Pool(1, keep, (table,)) as pool:
            self.assertIs(True, pool.apply(kept_goes_through_c, (0,)))
        with ProcessPoolExecutor(1, mp_context=context, initializer=keep,
                                 initargs=(table,)) as pool:
            self.assertIs(True, pool.submit(kept_goes_through_c, 0).result())

    def test_attributes_of_a_process_go_through_c(self):
        results = multiprocessing.get_context('spawn').SimpleQueue()
        child = Child(results, self.manager.dict())
        child.start()
        self.assertIs(True, results.get())
        child.join()

    def test_a_child_holds_a_reference_of_its_own(self):
        for method in METHODS:
            with self.subTest(method):
                table = self.manager.dict()
                self.assertEqual('2', in_child(method, self.references, table))

    @staticmethod
    def references(table):
        text = _client.answer(table._native.call('debug_info'))
        lines = [line for line in text.splitlines() if table._token.id + ':' in line]
        return lines[0].split('refcount=')[1]

    def test_results_of_users_types_are_proxies_in_children(self):
        with Trees() as manager:
            tree = manager.Tree()
            self.assertEqual(('TreeProxy', 2), depth(tree))
            for method in METHODS:
                with self.subTest(method):
                    self.assertEqual(('TreeProxy', 2), in_child(method, depth, tree))


class KeyTest(unittest.TestCase):
    """A manager whose key is not the processes' own."""

    def setUp(self):
        self.manager = syncmanager.SyncManager(authkey=KEY)
        self.manager.start()
        self.addCleanup(self.manager.shutdown)
        self.table = self.manager.dict(a=1)

    def test_a_pickled_proxy_is_usable(self):
        self.assertEqual({'a': 1}, both(self.table))
        rebuild, args = self.table.__reduce__()
        self.assertEqual({'a': 1}, rebuild(*args).copy())

    def test_a_nested_proxy_is_usable(self):
        self.assertEqual(1, self.manager.list([self.table])[0]['a'])

    def test_a_proxy_is_usable_in_children(self):
        for method in METHODS:
            with self.subTest(method):
                queue = multiprocessing.get_context(method).SimpleQueue()
                queue.put(self.table)
                self.assertEqual({'a': 1}, in_child(method, both, self.table))
                self.assertEqual({'a': 1}, in_child(method, unpickle, pickle.dumps(self.table)))
                self.assertEqual({'a': 1}, in_child(method, take, queue))

    def test_a_manager_that_was_reached_is_remembered_too(self):
        pickled = pickle.dumps(self.table)
        _client.keys.clear()
        with self.assertRaises(multiprocessing.AuthenticationError):
            pickle.loads(pickled)
        client = syncmanager.SyncManager(self.manager.address, KEY)
        client.connect()
        self.assertEqual({'a': 1}, pickle.loads(pickled).copy())

    def test_a_key_of_a_manager_that_was_there_before_is_no_hindrance(self):
        address = self.manager.address
        self.manager.shutdown()
        with syncmanager.SyncManager(address) as manager:
            pickled = pickle.dumps(manager.dict(b=2))
            _client.keys[address] = KEY
            table = manager.dict(b=2)
            self.assertEqual({'b': 2}, both(table))
            del pickled


if __name__ == '__main__':
    unittest.main()
