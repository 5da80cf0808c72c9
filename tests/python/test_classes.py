# SPDX-License-Identifier: MIT
"""Objects of any class, in CPython's own manager first, then in ours: the same answers."""

import array
import collections
import concurrent.futures
import datetime
import decimal
import fractions
import http
import ipaddress
import multiprocessing
import pathlib
import re
import signal
import sys
import types
import unittest
import uuid
from multiprocessing import managers

import package
import syncmanager
from kinds import (Calls, Caseless, Colour, Dict, Everything, Falsy, Flag, Float, Frozen, Index,
                   Int, Job, Level, List, Name, OneLeft, OnlyLess, Pairs, Plain, Point, Raises,
                   Range, Scalar64, ScalarInt, Set, Str, Total, Tuple, Unprintable)
from test_hosted import outcome

ADDRESS = re.compile(r'0x[0-9a-f]+')


class Hangs(Exception):
    pass


def hangs(*_):
    raise Hangs('no answer')


def comes_to(call):
    """What a call comes to, without what differs from one run to the next."""
    return ADDRESS.sub('0x', repr(outcome(call)))


def told(call):
    """The same, of a call that does not hang."""
    before = signal.alarm(int(package.PATIENCE))
    try:
        return comes_to(call)
    finally:
        signal.alarm(before)


class Same(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.before = signal.signal(signal.SIGALRM, hangs)
        fork = multiprocessing.get_context('fork')  # types are registered as the tests go
        cls.managers = [managers.SyncManager(ctx=fork), syncmanager.SyncManager(ctx=fork)]
        for manager in cls.managers:
            manager.start()

    @classmethod
    def tearDownClass(cls):
        for manager in cls.managers:
            manager.shutdown()
        signal.signal(signal.SIGALRM, cls.before)

    def same(self, **cases):
        """Each case is run on both; `m` is the manager."""
        for name, case in cases.items():
            with self.subTest(name):
                found = [told(lambda m=m: case(m)) for m in self.managers]
                self.assertEqual(found[1], found[0])

    def rows(self, case, rows):
        """One case with each of many arguments."""
        self.same(**{'%d %s' % (i, type(row).__name__): lambda m, row=row: case(m, row)
                     for i, row in enumerate(rows)})


PAIRS = [
    (Level.ONE, 1), (1, Level.ONE), (http.HTTPStatus.OK, 200), (signal.SIGTERM, 15),
    (15, signal.SIGTERM), (Flag.X, 1), (Str('a'), 'a'), ('a', Str('a')), (Name.A, 'a'),
    (Int(5), 5), (5.0, Int(5)), (Float(1.5), 1.5), (Point(1, 2), (1, 2)), ((1, 2), Point(1, 2)),
    (Tuple([1]), (1,)), (Total(1, 'a'), Total(1, 'b')), (Total(1), Total(2)),
    (Caseless('Ab'), Caseless('aB')), ('AB', Caseless('ab')), (Caseless('ab'), 'AB'),
    (Colour.RED, Colour.RED), (Colour.RED, Colour.BLUE), (Colour.RED, 'r'),
    (Frozen(1), Frozen(1)), (Frozen(1), Frozen(2)), (Frozen(1), (1, 'b')),
    (Plain(), Plain()), (ScalarInt(3), 3), (3, ScalarInt(3)), (Scalar64(2.5), 2.5),
    ((1, Level.TWO), (1, 2)), (frozenset([Level.ONE]), frozenset([1])), (Plain, Plain),
    (len, len), (int, int), (Plain, int), (None, Plain()), (Job(1, 'a'), Job(1, 'b')),
    (datetime.date(2020, 1, 1), datetime.date(2020, 1, 1)), (Raises(), 1), (1, Raises()),
    (decimal.Decimal(1), Int(1)), (uuid.UUID(int=1), uuid.UUID(int=1)), (object(), object()),
    (ipaddress.ip_address('10.0.0.1'), ipaddress.ip_address('10.0.0.1')),
    (ValueError('a'), ValueError('a')), (Index(), 1), (Everything(), 1),
    (Range(1), Range(1)), (pathlib.PurePosixPath('/a'), pathlib.PurePosixPath('/a')),
    (slice(1), slice(1)), ([Level.ONE], [1]), ({'a': Level.ONE}, {'a': 1}),
    (collections.Counter(a=0), collections.Counter()), (Dict(a=1), {'a': 1}), (List([1]), [1]),
    (types.SimpleNamespace(a=1), types.SimpleNamespace(a=1)),
]


class KeysTest(Same):
    def test_a_key_is_found_by_what_is_equal_to_it(self):
        def case(m, pair):
            stored, sought = pair
            d = m.dict()
            d[stored] = 'v'
            return (d.get(sought), sought in d, d.pop(sought, 'none'), len(d), stored in d,
                    told(lambda: d[sought]), d.keys(), str(d))
        self.rows(case, PAIRS)

    def test_keys_that_are_equal_are_one(self):
        def case(m, pair):
            one, two = pair
            d = m.dict({one: 1})
            d.update({two: 2})
            d.setdefault(two, 3)
            return d.items(), d.copy() == {one: 2}, sorted(d.values()), repr(d), len(m.dict(d))
        self.rows(case, PAIRS)

    def test_a_dict_goes_on_with_plain_keys_when_the_others_are_gone(self):
        def on(m):
            d = m.dict(a=1)
            d[Level.ONE] = 2
            d[1] = 3
            found = [d.items(), len(d), [k for k in d], d.get(Level.ONE)]
            del d[Level.ONE]
            for i in range(10):
                d[i * 10] = i
            return found + [d.items(), str(d), d.pop('a'), d.popitem(), d[50]]
        self.same(on=on)

    def test_whatever_else_looks_at_a_dict_sees_its_keys(self):
        def on(m):
            d = m.dict({Level.ONE: 'x'})
            later = m.dict(a=1)
            later[Total(1)] = 2
            other, row = m.dict(), m.list()
            other.update(later)
            row.extend(later.keys())
            return (row[:], other.items(), later._getvalue(), d._getvalue(), len(other),
                    m.list([d])[0].keys())
        self.same(on=on)

    def test_members_of_sets(self):
        def on(m):
            m.register('a_set', set, managers.MakeProxyType('SetProxy', (
                '__contains__', '__len__', 'add', 'discard', 'update', 'difference', 'remove',
                'issubset', '__and__', '__repr__')))
            s = m.a_set([1, 'a', Level.TWO])
            s.add(Level.ONE), s.add(Total(3)), s.add(Total(3, 'again')), s.update([2, 2.0])
            return (len(s), 2 in s, Total(3, 1) in s, told(lambda: s.remove(Total(4))),
                    s.difference({1, 2}) == {'a', Total(3)}, s.__and__(Set([1])), s.issubset(Range(9)))
        for i in range(2):
            type(self.managers[i]).register('a_set', set)
        self.same(on=on)


class ListsTest(Same):
    def test_elements_are_found_by_what_is_equal_to_them(self):
        def case(m, pair):
            stored, sought = pair
            row = m.list([0, stored, 'x', stored])
            return (sought in row, row.count(sought), told(lambda: row.index(sought)),
                    told(lambda: row.index(sought, 2)), told(lambda: row.remove(sought)), len(row))
        self.rows(case, PAIRS)

    def test_what_is_not_there_is_named(self):
        self.same(
            total=lambda m: m.list([1]).index(Total(2)), empty=lambda m: m.list().index(Total(2)),
            plain=lambda m: m.list([Total(1)]).index('x'), remove=lambda m: m.list().remove(Plain()))

    def test_lists_are_sorted_as_their_elements_say(self):
        def case(m, elements):
            row, back = m.list(elements), m.list(elements)
            return told(row.sort), row[:], told(lambda: back.sort(reverse=True)), back[:]
        self.same(raises=lambda m: m.list([Raises(), Raises()]).sort())
        self.rows(case, [
            [Job(2, 'a'), Job(1, 'b'), Job(1, 'a')], [Total(2), Total(1)],
            [OnlyLess(2), OnlyLess(1)], [Point(2, 1), Point(1, 1)], [Level.TWO, Level.ONE, 0],
            [Str('b'), Str('a'), 'A'], [(2, Job(1, 'a')), (1, Job(2, 'b'))],
            [(1, Job(2, 'a')), (1, Job(1, 'b'))], [Plain(), Plain()], [1, Plain()], [Plain()],
            [ipaddress.ip_address('10.0.0.2'), ipaddress.ip_address('10.0.0.1')],
            [ScalarInt(2), 1, ScalarInt(0)], [Scalar64(2.5), 1, Int(2)],
            [datetime.datetime(2020, 1, 2), datetime.datetime(2020, 1, 1)],
            [Colour.RED, Colour.BLUE], [{Level.ONE}, {1, 2}], [collections.Counter(a=1), {}]])

    def test_indexes_counts_and_slices(self):
        def case(m, n):
            row = m.list('abcdef')
            out = [told(lambda: row[n]), told(lambda: row[n:]), told(lambda: row[:4:n]),
                   told(lambda: row * n), told(lambda: row.pop(n)), told(lambda: row.insert(n, 'x')),
                   told(lambda: row.__setitem__(n, 'y')), told(lambda: row.__delitem__(n)),
                   told(lambda: row.__setitem__(slice(0, n), [Plain()])),
                   told(lambda: row.index('e', n)), row[:]]
            row *= 1
            return out + [str(row)]
        self.rows(case, [Level.TWO, Int(1), Index(2), ScalarInt(1), Scalar64(1.0), Float(1.0),
                         Raises(), Plain(), Str('1'), fractions.Fraction(1), True, Flag.X])

    def test_iterables_of_every_class(self):
        def case(m, source):
            row, table = m.list([0]), m.dict(z=1)
            return (told(lambda: row.extend(source)), told(lambda: row + source),
                    told(lambda: row.__setitem__(slice(0, 1), source)), row[:],
                    told(lambda: table.update(source)), table.items(),
                    told(lambda: m.list(source)[:]), told(lambda: m.dict(source).items()),
                    told(lambda: m.Array('i', source)[:]))
        self.rows(case, [Range(3), List([1, 2]), Dict(a=1), Tuple('ab'), Str('xy'), Pairs(), Plain(),
                         Raises(), Level, Colour, [Point(1, 2)], {Level.ONE: 2}, Plain, len,
                         [Level.ONE, Int(2)], collections.Counter('aab'), ScalarInt(1),
                         ValueError(1), object(), range(3), array.array('i', [1, 2])])

    def test_long_lists_are_looked_through_and_changed_in_turn(self):
        def on(m):
            row = m.list([Total(i) for i in range(300)])
            found = []
            for i in range(0, 300, 7):
                found.append(Total(i, 'x') in row)
                row.append(Total(i + 1000))
                row.remove(Total(i))
                found.append((len(row), repr(row[i % 50])))
            return found, str(row)
        self.same(on=on)


class WaitsTest(Same):
    TIMES = [Level.ONE, Int(0), Float(0.01), Scalar64(0.01), ScalarInt(0), ScalarInt(-2),
             fractions.Fraction(1, 100), decimal.Decimal('0.01'), Raises(), Plain(), Index(0),
             Str('1'), Falsy(), -Scalar64(0.5), True, Scalar64('nan')]
    FLAGS = [Falsy(), Plain(), Level.ONE, Flag(0), Raises(), Str(''), Str('x'), Dict(), Set([1]),
             ScalarInt(0), Index(0), Scalar64(0.0), [], {}, '', collections.Counter(), Plain, len]

    def test_timeouts(self):
        def case(m, t):
            held, taken, full, waits = m.Lock(), m.Semaphore(0), m.Queue(1), m.Condition()
            held.acquire(), full.put(1)

            def wait():
                with waits:
                    return waits.wait(t)
            at_once = list(pool.map(comes_to, [
                wait, lambda: m.Event().wait(t), lambda: held.acquire(True, t),
                lambda: m.Lock().acquire(True, t), lambda: taken.acquire(True, t),
                lambda: m.Semaphore(1).acquire(True, t), lambda: m.Queue().get(True, t),
                lambda: full.put(2, True, t), lambda: full.put(2, timeout=t),
                lambda: m.Barrier(2).wait(t), lambda: m.RLock().acquire(timeout=t)]))
            return at_once + [told(lambda: full.get(True, t))]
        pool = concurrent.futures.ThreadPoolExecutor(11)
        self.addCleanup(pool.shutdown)
        nan = self.TIMES[-1]  # of which some wait for ever, here as there
        self.rows(case, [t for t in self.TIMES if t is not nan])

    def test_a_count_that_subtracts_in_its_own_way(self):
        def on(m):
            taken = m.BoundedSemaphore(OneLeft(1))
            return [taken.acquire(False) for _ in range(3)], told(lambda: taken.release(OneLeft(1)))
        self.same(on=on)

    def test_what_is_asked_whether_it_is_true(self):
        def case(m, flag):
            held, taken, full = m.Lock(), m.Semaphore(0), m.Queue(1)
            held.acquire(), full.put(1)
            limit = (0.01,) if told(lambda: bool(flag)) == "('returned', True)" else ()
            row = m.list([1, 3, 2])
            return [told(lambda: held.acquire(flag, *limit)), told(lambda: taken.acquire(flag, *limit)),
                    told(lambda: m.Queue().get(flag, *limit)), told(lambda: full.put(2, flag, *limit)),
                    told(lambda: m.RLock().acquire(flag)), told(lambda: row.sort(reverse=flag)), row[:]]
        # Before 3.12 the flag of a lock is an int, which these are not: nothing waits.
        self.rows(case, self.FLAGS)

    def test_counts(self):
        def case(m, n):
            made = [told(lambda: m.Semaphore(n).acquire(False)), told(lambda: m.Barrier(n).parties == 1),
                    told(lambda: (lambda q: (q.put(1), q.full()))(m.Queue(n))),
                    told(lambda: m.BoundedSemaphore(n).release())]
            semaphore, waits = m.Semaphore(0), m.Condition()
            with waits:
                return made + [told(lambda: semaphore._callmethod('release', (n,))), told(lambda: waits.notify(n)),
                               told(lambda: semaphore.acquire(False))]
        if sys.version_info < (3, 9):
            self.skipTest('release() takes no count')
        self.rows(case, [Level.ONE, Int(1), ScalarInt(1), Index(1), Int(2),
                         Raises(), Plain(), Str('1'), True])

    def test_a_queue_without_a_limit_looks_at_neither_block_nor_timeout(self):
        def case(m, size):
            queue = m.Queue(size)
            return [told(lambda: queue.put(*args)) for args in (
                (1, Raises(), 0), (2, True, Raises()), (3, False, -1), (4, Raises()))], queue.qsize()
        self.rows(case, [0, 2, -1])

    def test_an_object_that_is_two_arguments_is_asked_about_as_one_of_them(self):
        def on(m):
            q, x, one = m.Queue(9), Str('a'), Int(1)
            q.put(x, x)
            q.put(one, one, one)
            row = m.list([one, 5, one])
            row.insert(one, one)
            return (type(q.get()) is Str, type(q.get()) is Int, row.index(one, one),
                    [type(item) is Int for item in row[:]])
        self.same(on=on)

    def test_items_of_every_class_go_through_queues(self):
        def on(m):
            q = m.Queue()
            for pair in PAIRS:
                q.put(pair[0], True, Scalar64(1))
            return [repr(q.get(True, Level.ONE)) for _ in PAIRS], q.qsize()
        self.same(on=on)


class ValuesTest(Same):
    def test_values_arrays_and_namespaces(self):
        def arrays(m):
            a, d = m.Array('i', [Level.ONE, Int(5), ScalarInt(7)]), m.Array('d', [Float(1.5), 2])
            a[Level.ONE] = Index(9)
            d[ScalarInt(0)] = Scalar64(2.5)
            d[1] = fractions.Fraction(1, 2)
            return (a[:], a[Index(0)], d[:], str(a), told(lambda: a.__setitem__(0, Plain())),
                    told(lambda: d.__setitem__(0, Raises())), told(lambda: a[Raises()]),
                    told(lambda: m.Array('b', [Int(1000)])), told(lambda: m.Array(Str('h'), [1])[0]),
                    told(lambda: m.Array('u', [Str('x')])[0]), a[0:Level.TWO],
                    told(lambda: m.Array('u', 'x').__setitem__(0, Plain())))

        def values(m):
            v = m.Value('i', Level.ONE)
            v.value += Int(2)
            found = v.value, str(v), repr(v.get())
            v.value = Total(5)
            return found + (str(v), v.value == Total(5, 'x'))

        def namespaces(m):
            n = m.Namespace(job=Job(1, 'x'), a=Total(1))
            setattr(n, Str('b'), Level.ONE)
            return (str(n), n.b, n.job, getattr(n, Str('a')), told(lambda: n.missing), repr(n._getvalue()),
                    told(lambda: n._callmethod('__getattribute__', (Index(),))))
        self.same(arrays=arrays, values=values, namespaces=namespaces)

    def test_objects_print_as_their_classes_say(self):
        things = [Job(1, 'x'), Plain(), ValueError('bad'), datetime.datetime(
            2024, 1, 1, tzinfo=datetime.timezone.utc), pathlib.Path('/x'), int, len, re.compile('a'),
            types.SimpleNamespace(a=1), Level.ONE, Str('x'), Int(1), Point(1, 2), Total(1), Colour.RED,
            collections.Counter('aab'), collections.OrderedDict(a=Total(1)), uuid.UUID(int=1), Plain,
            slice(1), Frozen(1), decimal.Decimal(1), Raises, [Total(1)], (Job(1, 'x'),)]

        def case(m, thing):
            table = m.dict(a=thing)
            return (str(m.list([thing])), str(table), '%s' % m.Value('d', thing), str(m.Namespace(n=thing)),
                    str(table), table.get('a') is not None)
        self.rows(case, things + [Raises()])

    def test_what_they_raise_as_they_print_is_not_the_methods_own(self):
        def case(m, made):
            return told(made(m).__str__), told(lambda: made(m)._callmethod('__repr__'))
        self.rows(case, [lambda m: m.list([Unprintable()]), lambda m: m.dict({Level.ONE: Unprintable()}),
                         lambda m: m.Value('d', Unprintable())])

    def test_what_a_proxy_stands_for_lives_until_it_is_taken(self):
        def case(m, take):
            d = m.dict({Level.ONE: 0, 2: m.Value('i', 7)})  # a dict that stays in Python
            return [take(d).value, list(d.keys())]

        self.rows(case, [lambda d: d.pop(2), lambda d: d.popitem()[1], lambda d: d.setdefault(2, 0),
                         lambda d: (d.pop(Level.ONE), d.pop(2))[1]])

    def test_objects_come_back_as_they_are(self):
        def on(m):
            row = m.list([pair[0] for pair in PAIRS])
            return [(type(x).__name__, type(y).__name__) for x, y in zip(row, row[:])]
        self.same(on=on)


class CallsBackTest(Same):
    def test_a_comparison_may_call_the_manager(self):
        def on(m):
            row, other, table = m.list([1, 2]), m.list([3]), m.dict()
            row.append(Calls(row))
            row.append(Calls(other))
            table[Calls(other)] = 1
            return (5 in row, row.count(7), Calls(other) in table, len(table), row.index(9),
                    [len(x.proxy) for x in row[2:]])
        self.same(on=on)


class NumpyTest(Same):
    def test_scalars_and_arrays(self):
        try:
            import numpy as np
        except ImportError:
            self.skipTest('no numpy here')

        def on(m):
            d = m.dict()
            for i in np.arange(3):
                d[i] = int(i) * 10
            d[1] = 'x'
            row = m.list([np.float64(3.5), np.float64(1.5), 2.0])
            row.sort()
            v, a = m.Value('i', 0), m.Array('d', np.zeros(3))
            v.value += np.int64(3)
            a[np.int64(1)] = np.float64(2.5)
            s, q = m.Semaphore(np.int64(1)), m.Queue(np.int64(1))
            q.put(1, True, np.float64(0.5))
            more = m.list(np.arange(3))
            more.extend(np.arange(2))
            more[0:2] = np.array([7, 8])
            table = m.dict(zip(np.arange(3), 'abc'))
            return (d.items(), 1 in d, np.int64(2) in d, repr(row[:]), 1.5 in row, row.count(2.0),
                    v.value, str(v), a[:], s.acquire(False), s.acquire(np.bool_(False)), bool(q.full()),
                    told(lambda: q.put(1, timeout=np.float64(0.01))), str(more), str(table),
                    table.pop(np.int64(1)), m.Event().wait(np.float64(0.01)),
                    told(lambda: m.Event().wait(np.float32(0.01))), more.pop(np.int64(0)),
                    str(more * np.int64(2)), m.Barrier(np.int64(1)).wait(),
                    m.Lock().acquire(np.bool_(True) if sys.version_info >= (3, 12) else True,
                                     np.float64(1)),
                    told(lambda: np.zeros(2) in m.list([np.zeros(2)])), str(m.list([np.arange(3)])))
        self.same(on=on)


if __name__ == '__main__':
    unittest.main()
