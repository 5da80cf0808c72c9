# SPDX-License-Identifier: MIT
"""What is registered in Python, on CPython's own server first, then on ours: the same answers."""

import multiprocessing
import os
import re
import sys
import threading
import time
import unittest
from multiprocessing import managers

import package  # noqa: F401: the package under test can be imported then
import syncmanager
import hosts


def last_line(error):
    """Of an exception of a manager's: what both servers say alike."""
    text = str(error)
    if isinstance(error, managers.RemoteError):
        lines = [line for line in text.split('\n') if line and not line.startswith('---')]
        text = lines[-1] if lines else ''
    return re.sub(r'0x[0-9a-f]+', '0x', text)


def outcome(call, *args, **kwds):
    try:
        return 'returned', call(*args, **kwds)
    except Exception as error:
        kind = type(error).__name__
        if isinstance(error, (EOFError, ConnectionError)):
            return 'ended',
        return kind, last_line(error)


def in_thread(call):
    """The result, from a thread with a connection of its own: it may break."""
    results = []
    thread = threading.Thread(target=lambda: results.append(call()))
    thread.start()
    thread.join(package.PATIENCE)
    return results[0]


class Same(unittest.TestCase):
    """Each test runs `on(manager)`, which returns what must not differ."""

    method = 'fork'  # None: the default

    def both(self, on, standard=True):
        results = []
        for kind in ([hosts.StandardManager] if standard else []) + [hosts.OurManager]:
            manager = kind(ctx=multiprocessing.get_context(self.method))
            manager.start()
            try:
                results.append(on(manager))
            finally:
                manager.shutdown()
        self.assertEqual(results[0], results[-1])
        return results[-1]

    def test_methods_are_called_with_what_was_given(self):
        def on(m):
            counter = m.Counter(5, step=2)
            return [counter.add(), counter.add(k=4), counter.get(), counter._getvalue().n]
        self.assertEqual(self.both(on), [7, 11, 11, 11])

    def test_errors_and_their_texts(self):
        def on(m):
            c = m.Counter()
            call = c._callmethod
            return [
                outcome(c.fails), outcome(c.unpicklable), outcome(c.fails_unpicklably),
                outcome(c.attribute_error), outcome(c.eof_error), outcome(c.key_error),
                outcome(call, 'no_such'), outcome(call, '_hidden'), outcome(call, 'add', (1, 2, 3)),
                outcome(call, 'add', (), {'no': 1}), outcome(call, 'n'), outcome(call, None),
                outcome(call, []), outcome(call, '__str__', (1,)) [0], outcome(call, 'add', 5),
                outcome(call, 'add', (), 5), outcome(call, '#GETVALUE', (1,))[0],
            ]
        self.both(on)

    def test_creation_that_fails(self):
        def on(m):
            return [outcome(getattr(m, name)) for name in (
                'raises', 'base_exception', 'misses_argument')] + [
                outcome(m.Counter, no=1), outcome(m._create, 'unknown'),
                outcome(m._create, 'without_callable'), outcome(m._create, 'without_callable', 1, 2),
                outcome(m._create, 'without_callable', 1, a=2)]
        self.both(on)

    def test_a_thread_that_exits_takes_its_connection_alone(self):
        def on(m):
            c = m.Counter()
            gone = [in_thread(lambda: outcome(c.exits)),
                    in_thread(lambda: outcome(c.interrupts)), outcome(m.exits)]
            return gone, c.add(), m.Counter(3).add()
        # Before 3.10 the standard server does not close such a connection, and its client waits on.
        self.assertEqual(self.both(on, sys.version_info >= (3, 10)), ([('ended',)] * 3, 1, 4))

    def test_none_is_an_object_like_any_other(self):
        def on(m):
            nothing = m.nothing()
            return str(nothing), nothing._getvalue(), outcome(nothing._callmethod, 'x')
        self.both(on)

    def test_one_object_is_one_whoever_asks(self):
        def on(m):
            one, two = m.singleton(), m.singleton()
            one.add(7)
            same = one._id == two._id, two.get(), m._number_of_objects()
            del one
            return same + (two.get(), m._number_of_objects())
        self.assertEqual(self.both(on), (True, 7, 1, 7, 1))

    def test_methods_may_return_shared_objects(self):
        def on(m):
            c = m.Counter()
            row, table, locks = c.row(), c.table(), c.unpicklable_row()
            found = [list(row), row._getvalue(), table.get('n'), list(c.generate()),
                     outcome(c.nonsense), len(locks)]
            itself = c.itself()
            itself.add(3)
            # The object is the one of before, as its latest registration has it.
            return found + [c.get(), type(itself).__name__, type(c.row()).__name__]
        self.both(on)

    def test_exposed_names_are_what_is_registered(self):
        def on(m):
            few, proxied = m.few(), m.proxied(4)
            return [sorted(few._exposed_), few.get(), outcome(few._callmethod, 'add'),
                    proxied.twice(), type(proxied).__name__,
                    sorted(m.Counter()._exposed_), hasattr(m, 'without_create_method')]
        self.both(on)

    def test_a_registered_list_is_the_list_that_python_has(self):
        def on(m):
            row = m.registered_list()
            row.append(3)
            return m.registered_length()._getvalue(), str(row), outcome(row.sort, key=hosts.minus), \
                str(row)
        self.both(on)

    def test_proxies_as_arguments(self):
        def on(m):
            c, row, table = m.Counter(4), m.list([1, 2]), m.dict()
            table['row'], table['c'] = row, c
            c.keep(row)
            found = [c.length_of(row), c.length_of(table['row']), c.call(c), table['c'].add(),
                     c.kept_length()]
            before = m._number_of_objects()
            del row, table
            return found, before, c.kept_length(), m.Counter().length_of([1, 2, 3])
        self.both(on)

    def test_pool(self):
        def on(m):
            pool = m.Pool(2)
            it = pool.imap(hosts.square, range(3))
            late = pool.apply_async(hosts.square, (5,))
            found = [pool.apply(hosts.square, (3,)), pool.map(hosts.square, [1, 2]),
                     list(it), sorted(pool.imap_unordered(hosts.square, range(4))),
                     pool.starmap(pow, [(2, 3), (3, 2)]), late.get(timeout=package.PATIENCE),
                     late.ready(), late.successful(),
                     pool.map_async(hosts.square, [7]).get(), outcome(pool.map, hosts.fail, [1]),
                     outcome(pool.apply_async(hosts.fail, (1,)).get),
                     pool.starmap_async(pow, [(2, 2)]).get(),
                     outcome(pool.apply_async(time.sleep, (5,)).get, timeout=0.01),
                     outcome(pool.map, lambda x: x, [1])[0]]
            pool.terminate()
            pool.join()
            return found + [outcome(pool.apply, hosts.square, (1,))]
        self.both(on)

    def test_a_pool_is_a_context(self):
        def on(m):
            with m.Pool(1) as pool:
                return pool.map(hosts.square, [2]), type(pool).__name__
        self.both(on)

    def test_barrier_with_an_action(self):
        def on(m):
            b = m.Barrier(1, hosts.fail_nothing)
            return b.wait(), b.parties, outcome(m.Barrier(1, hosts.fail_now).wait)
        self.both(on)

    def test_what_only_python_can_iterate(self):
        def on(m):
            return list(m.list(hosts.Countdown(3))), dict(m.dict(hosts.Pairs()).items())
        self.both(on)

    def test_sort_by_a_function(self):
        def on(m):
            row, words = m.list([3, -1, 2]), m.list(['b', 'A', 'c'])
            found = [row.sort(key=hosts.minus), row[:], words.sort(key=str.lower, reverse=True),
                     words[:], outcome(row.sort, key=hosts.fail), len(row), str(row),
                     outcome(row.sort, key=hosts.unknown), row.pop(), row[:]]
            inner = m.list([row, m.list([1])])
            inner.sort(key=len)
            return found + [[list(x) for x in inner], outcome(inner.sort, key=hosts.exits_with)[0]
                            if sys.version_info >= (3, 10) else 'ended']
        self.both(on)

    def test_an_object_abroad_is_served_there_until_it_can_come_home(self):
        def on(m):
            row, table = m.list([2, 1]), m.dict(a=1)
            row.extend(hosts.Countdown(2))
            table.update(hosts.Pairs())
            found = [row[:], table.copy(), list(table.keys())]
            row.extend(hosts.Locks())
            found += [len(row), outcome(row.pop)[0], outcome(row.__getitem__, 0),
                      outcome(row._callmethod, 'nonsense')]
            del row[-1]
            return found + [row[:], str(row), m._number_of_objects()]
        self.both(on)

    def test_format_of_a_registered_text(self):
        def on(m):
            return str(m.text()), m.text().format(hosts.Countdown(1).n), m.text().upper()
        self.both(on)

    def test_debug_info(self):
        def on(m):
            c, row = m.Counter(3), m.list([1])
            text = m._debug_info()
            del c, row
            return re.sub('  [0-9a-f]+:|0x[0-9a-f]+', '', text).split('\n')[1::2].sort()
        self.both(on)

    def test_iterators_of_python(self):
        def on(m):
            it = m.Counter().generate()
            return next(it), next(it), outcome(it.send, None), outcome(it.close), \
                outcome(it.__next__)
        self.both(on)


@unittest.skipIf(multiprocessing.get_start_method() == 'fork', 'is what was run already')
class SameByDefault(Same):
    """By the start method that Manager() has: forkserver from CPython 3.14 on."""

    method = None


class Ours(unittest.TestCase):
    """What the standard server does worse, or not at all."""

    def setUp(self):
        self.inherited = set(hosts.sockets(None))
        self.manager = hosts.OurManager()
        self.manager.start()
        self.addCleanup(self.manager.shutdown)

    def test_a_method_that_blocks_blocks_its_caller_alone(self):
        gate, row = self.manager.Gate(), self.manager.list([1])
        waiting = threading.Thread(target=gate.wait)
        waiting.start()
        while not gate.waiting():
            pass
        self.assertEqual(len(row), 1)
        self.assertEqual(self.manager.Counter(2).add(), 3)
        gate.open()
        waiting.join(package.PATIENCE)
        self.assertFalse(waiting.is_alive())

    def test_the_method_that_a_client_waits_in_is_shown(self):
        gate = self.manager.Gate()
        gate.waiting(), gate.waiting()  # from here on the connection is lent
        waiting = threading.Thread(target=lambda: (gate.waiting(), gate.waiting(), gate.wait()))
        waiting.start()
        while not gate.waiting():
            pass
        _, clients = self.manager._ask('sm_clients')
        self.assertEqual([(gate._token.id, 'wait')],
                         [(row['waits_for']['ident'], row['waits_for']['method'])
                          for row in clients if row['waits_for']])
        gate.open()
        waiting.join(package.PATIENCE)

    def test_shutdown_does_not_wait_for_methods_that_block(self):
        gate = self.manager.Gate()
        ended = []
        waiting = threading.Thread(target=lambda: ended.append(outcome(gate.wait)))
        waiting.start()
        while not gate.waiting():
            pass
        process, start = self.manager._process, time.monotonic()
        self.manager.shutdown()
        process.join(package.PATIENCE)
        self.assertLess(time.monotonic() - start, 5)
        self.assertEqual(process.exitcode, 0)
        waiting.join(package.PATIENCE)
        self.assertNotEqual(ended[0][0], 'returned')

    def test_a_key_that_waits_keeps_nobody_from_other_objects(self):
        gate, row, other = self.manager.Gate(), self.manager.list([2, 1]), self.manager.list([1])
        sorting = threading.Thread(target=row.sort, kwargs={'key': hosts.Waits(gate)})
        sorting.start()
        while not gate.waiting():
            pass
        self.assertEqual(len(other), 1)
        self.assertEqual(len(row), 0)  # CPython empties a list while it sorts it
        gate.open()
        sorting.join(package.PATIENCE)
        self.assertEqual(row[:], [1, 2])

    def test_a_finalizer_that_blocks_blocks_nobody(self):
        stuck = self.manager.Stuck()
        del stuck
        self.assertEqual(self.manager.Counter(2).add(), 3)


    def test_hosted_objects_are_shown_by_their_typeids(self):
        counter, few, row = self.manager.Counter(), self.manager.few(), self.manager.list()
        _, rows = self.manager._ask('sm_objects', (0,))
        shown = {row['ident']: row['type'] for row in rows}
        self.assertEqual(['Counter', 'few', 'list'],
                         [shown[proxy._token.id] for proxy in (counter, few, row)])

    @unittest.skipUnless(os.path.isdir('/proc/self/fd'), 'needs /proc')
    def test_children_of_the_server_have_none_of_its_connections(self):
        row = self.manager.list()
        with self.manager.Pool(2) as pool:
            for found in pool.map(hosts.sockets, [1, 2, 3]):
                self.assertLessEqual(set(found), self.inherited)
        self.assertEqual(len(row), 0)

    def test_objects_are_finalized_when_the_last_client_lets_go(self):
        event = self.manager.Event()
        watched = self.manager.Watched(event)
        del watched
        self.assertTrue(event.wait(package.PATIENCE))


if __name__ == '__main__':
    unittest.main()
