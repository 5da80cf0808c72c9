#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Calls on very many values: nobody else waits for them, and they do what short ones do."""

import multiprocessing
import pickle
import random
import select
import unittest

from daemons import MIB, Case
from raw import open_calls
from servers import KEY, wait_until

MANY = 200000  # well above the server's LIMIT_ASIDE
LONG = 1500000  # sorting as many takes longer than anything that is done meanwhile

multiprocessing.current_process().authkey = KEY


def waiting(raw):
    return not select.select([raw.socket], [], [], 0)[0]


class Long(Case):
    def setUp(self):
        self.server = self.serve('--drain-timeout', '100')
        self.manager = self.server.connect()
        self.small = self.manager.list()

    def open(self):
        raw = open_calls(self.server.address)
        raw.socket.settimeout(100)
        self.addCleanup(raw.close)
        return raw

    def sorting(self):
        """A long list, its values, and a connection that is having it sorted right now."""
        values = [random.Random(5).random() for _ in range(1000)] * (LONG // 1000)
        shared, raw = self.manager.list(values), self.open()
        raw.send_object((shared._id, 'sort', (), {}))
        self.assertEqual(self.open().call(self.small._id, '__len__'), ('#RETURN', 0))
        return shared, values, raw

    def compare(self, shared, own, method, *args):
        """One call, here and there."""
        outcomes = []
        for target in shared, own:
            try:
                outcomes.append(getattr(target, method)(*args))
            except Exception as error:
                outcomes.append((type(error), str(error)))
        there, here = outcomes
        with self.subTest(method, args=str(args)[:40]):
            self.assertEqual(there, here)

    def test_lists_do_what_pythons_do(self):
        chance = random.Random(7)
        values = [chance.choice((k, float(k), k * 10 ** 20, -k)) for k in range(MANY)]
        own = list(values)
        shared = self.manager.list(values)
        for method, *args in [
                ('copy',), ('count', b'x' * MIB), ('insert', 0, b'y' * MIB), ('pop', 0),
                ('count', values[7]), ('index', values[-1]), ('index', 'none'),
                ('__contains__', -1.5), ('sort',), ('copy',), ('reverse',), ('extend', values),
                ('pop', 0), ('pop',), ('insert', 3, 'x'), ('insert', -3, 'x'), ('copy',), ('sort',),
                ('copy',), ('remove', 'x'), ('__getitem__', slice(None, None, -3)),
                ('__setitem__', slice(5, 10 ** 5, 2), values[:49998]),
                ('__delitem__', slice(3, None, 2)), ('__add__', ['y'] * 30000), ('copy',),
                ('__delitem__', 0), ('__mul__', 2), ('clear',), ('__len__',)]:
            if hasattr(shared, method):
                self.compare(shared, own, method, *args)
            else:
                getattr(own, method)(*args)
                if method == 'clear':
                    del shared[:]
        self.assertEqual(shared[:], own)
        self.server.stop()

    def test_dicts_and_sets_do_what_pythons_do(self):
        values = {k if k % 3 else str(k): [k] for k in range(MANY)}
        own = dict(values)
        shared = self.manager.dict(values)
        for method, *args in [
                ('copy',), ('update', {k: 'new' for k in range(0, 2 * MANY, 2)}), ('copy',),
                ('pop', 4), ('get', MANY), ('setdefault', -1, 'x'), ('popitem',), ('clear',),
                ('copy',)]:
            self.compare(shared, own, method, *args)
        self.assertEqual(str(shared), str(own))
        self.server.stop()

    def test_proxies_among_many_values_are_kept(self):
        inner = self.manager.list([1])
        outer = self.manager.list([inner] * 3 + list(range(MANY)))
        outer.extend([inner] + list(range(MANY)))
        self.assertRaises(TypeError, outer.sort)
        self.assertEqual(outer.count(5), 2)
        ident = inner._id
        copy = outer[:]
        del inner, copy[4:]
        self.assertEqual([str(proxy) for proxy in copy[:3]], ['[1]'] * 3)
        del copy
        self.assertEqual(str(outer[0]), '[1]')
        del outer[:]
        kind, _ = self.open().call(ident, '__len__')
        self.assertNotEqual(kind, '#RETURN')
        self.server.stop()

    def test_others_are_served_while_a_list_is_sorted(self):
        other = self.open()
        small = self.manager.list([3])
        shared, _, raw = self.sorting()
        for _ in range(10):
            self.assertEqual(other.call(small._id, '__len__'), ('#RETURN', 1))
        self.assertTrue(waiting(raw))
        self.assertEqual(raw.receive_object(), ('#RETURN', None))
        del shared
        self.server.stop()

    def test_calls_of_the_list_wait_in_their_order(self):
        shared, values, raw = self.sorting()
        dependent = self.manager.list()
        followers = [self.open() for _ in range(6)]
        for follower, request in zip(followers, [
                (shared._id, 'append', ('a',), {}), (shared._id, '__getitem__', (-1,), {}),
                (shared._id, 'sort', (), {}), (shared._id, 'pop', (), {}),
                (shared._id, '__len__', (), {}), (dependent._id, 'extend', (shared,), {})]):
            follower.send_object(request)
            self.assertEqual(self.open().call(dependent._id, '__len__'), ('#RETURN', 0))
        self.assertTrue(all(map(waiting, followers + [raw])))
        self.assertEqual(raw.receive_object(), ('#RETURN', None))
        answers = [follower.receive_object() for follower in followers]
        self.assertEqual(answers[:2], [('#RETURN', None), ('#RETURN', 'a')])
        self.assertEqual(answers[2][0], '#ERROR')
        self.assertEqual(answers[3:5], [('#RETURN', 'a'), ('#RETURN', len(values))])
        self.assertEqual(answers[5], ('#RETURN', None))
        self.assertEqual(dependent[:], sorted(values))
        self.server.stop()

    def test_a_client_that_goes_meanwhile_is_not_missed(self):
        shared, values, raw = self.sorting()
        follower = self.open()
        follower.send_object((shared._id, '__len__', (), {}))
        follower.close()
        raw.close()
        self.assertEqual(shared[:], sorted(values))
        self.server.stop()

    def test_a_client_can_be_killed_meanwhile(self):
        shared, values, raw = self.sorting()
        kind, clients = self.view()
        busy = [client['client'] for client in clients
                if client['waits_for'] and client['waits_for']['method'] == 'sort']
        self.assertEqual(len(busy), 1)
        self.server_function('sm_kill', busy[0])
        self.assertRaises((EOFError, ConnectionError), raw.receive)
        self.assertEqual(len(shared), len(values))
        self.server.stop()

    def server_function(self, name, *args):
        with open_calls(self.server.address) as raw:
            return raw.call(None, name, *args)

    def view(self):
        kind, (_, clients) = self.server_function('sm_clients')
        return kind, clients

    def test_a_server_that_ends_answers_it_first(self):
        shared, _, raw = self.sorting()
        self.server.process.terminate()
        self.assertEqual(raw.receive_object(), ('#RETURN', None))
        self.assertEqual(self.server.process.wait(60), 0)
        del shared

    def test_a_large_request_whose_client_goes_leaves_nothing(self):
        request = pickle.dumps((None, 'create', ('list', list(range(LONG))), {}), 4)
        for _ in range(3):
            raw = self.open()
            raw.send(request)
            raw.close()
        wait_until(lambda: self.server_function('number_of_objects') == ('#RETURN', 1), 60)
        self.server.stop()

    def test_pipelined_long_calls_are_answered_in_their_order(self):
        shared, raw = self.manager.list(), self.open()
        for k in range(4):
            raw.send_object((shared._id, 'extend', (list(range(MANY)),), {}))
            raw.send_object((shared._id, '__len__', (), {}))
            raw.send_object((shared._id, 'count', (7,), {}))
        answers = [raw.receive_object()[1] for _ in range(12)]
        self.assertEqual(answers, [x for k in range(1, 5) for x in (None, k * MANY, k)])
        self.server.stop()


class Limited(Case):
    def test_memory_is_limited_in_long_calls_too(self):
        server = self.serve('--max-memory', '64M')
        manager = server.connect()
        shared = manager.list(range(LONG // 2))
        shared[0] = LONG  # a sorted row needs no memory
        self.assertRaises(MemoryError, shared.sort)
        self.assertRaises(MemoryError, shared.__mul__, 40)
        self.assertEqual(len(shared), LONG // 2)
        self.assertEqual(shared.index(LONG // 2 - 1), LONG // 2 - 1)
        self.assertLess(server.resident(), 1024 * MIB)
        del shared
        self.assertEqual(len(manager.list(range(MANY))), MANY)
        server.stop()


if __name__ == '__main__':
    unittest.main()
