# SPDX-License-Identifier: MIT
"""syncmanagerctl as its users run it: on a daemon, and on the standard library's own server.

SYNCMANAGERCTL names the program; else it is build/syncmanagerctl of the checkout.
"""

import errno
import json
import os
import pty
import re
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'interop'))

from raw import Raw, ask, open_calls  # noqa: E402
from servers import PATIENCE, ROOT, Daemon, Stock, format_address, wait_until  # noqa: E402

CTL = os.environ.get('SYNCMANAGERCTL', os.path.join(ROOT, 'build', 'syncmanagerctl'))
REGISTERED = {'jobs': 'Queue(10)', 'config': 'dict({"a": 1})', 'greeting': '"hello"'}


def environment(**more):
    clean = {name: value for name, value in os.environ.items()
             if not name.startswith('SYNCMANAGER_')}
    return dict(clean, **more)


class CtlCase(unittest.TestCase):
    kind = Daemon
    maxDiff = None

    def setUp(self):
        self.server = self.kind(REGISTERED)
        self.address = format_address(self.server.address)
        self.addCleanup(self.server.kill)

    def ctl(self, *words, stdin='', options=(), status=0):
        """Run it; returns what it printed, having checked its status."""
        done = subprocess.run(
            [CTL, '--address', self.address, '--authkey-file', self.server.key_file, *options,
             *words], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            universal_newlines=True, timeout=PATIENCE, env=environment())
        self.assertEqual(status, done.returncode, done.stderr)
        return done.stderr if status else done.stdout

    def json(self, *words):
        return json.loads(self.ctl(*words, options=['--json']))


class CommonTest:
    """What holds on any manager."""

    def test_ping_tells_how_long_it_took(self):
        self.assertRegex(self.ctl('ping'), r'^unix:\S+ answers in [0-9.]+ ms\n$')

    def test_a_registered_object_is_called_by_its_name(self):
        self.assertEqual('None\n', self.ctl('call', 'jobs', 'put', '{"page": [1, (2, None)]}'))
        self.assertEqual("{'page': [1, (2, None)]}\n", self.ctl('call', 'jobs', 'get'))

    def test_calling_by_name_leaves_nothing_behind(self):
        self.ctl('call', 'jobs', 'qsize')
        self.assertEqual(0, self.json('info')['objects'])

    def test_keyword_arguments_are_names_and_literals(self):
        self.assertEqual('2\n', self.ctl('call', 'config', 'setdefault', '"b"', '2'))
        ident = self.ctl('create', 'list', '[1, 3, 2]').strip()
        self.ctl('call', ident, 'sort', 'reverse=True')
        self.assertEqual('3\n', self.ctl('call', ident, '__getitem__', '0'))

    def test_a_created_object_lives_until_it_is_dropped(self):
        ident = self.ctl('create', 'list', '[1]').strip()
        self.assertEqual('1\n', self.ctl('call', ident, 'pop'))
        self.assertEqual('', self.ctl('drop', ident))
        self.assertRegex(self.ctl('call', ident, 'pop', status=1), '^RemoteError: KeyError: ')

    def test_an_exception_is_printed_with_its_name(self):
        self.assertEqual('IndexError: pop from empty list\n',
                         self.ctl('call', self.ctl('create', 'list').strip(), 'pop', status=1))

    def test_an_exception_of_a_module_is_printed_with_it(self):
        self.assertRegex(self.ctl('call', 'jobs', 'get_nowait', status=1), r'^_?queue\.Empty\n$')

    def test_an_unknown_type_is_an_exception(self):
        self.assertRegex(self.ctl('create', 'nothing', status=1), "^RemoteError: KeyError: 'nothing'")

    def test_a_method_that_returns_an_object_prints_its_ident(self):
        ident = self.ctl('create', 'dict', '{"k": 1}').strip()
        iterator = self.ctl('call', ident, '__iter__').strip()
        self.assertEqual("'k'\n", self.ctl('call', iterator, '__next__'))
        self.assertEqual('StopIteration\n', self.ctl('call', iterator, '__next__', status=1))

    def test_shutdown_ends_the_manager(self):
        self.assertEqual('', self.ctl('shutdown'))
        self.server.process.wait(PATIENCE)
        self.assertRegex(self.ctl('ping', status=2), 'no manager is there')

    def test_another_key_is_refused(self):
        done = subprocess.run([CTL, '--address', self.address, 'ping'], stderr=subprocess.PIPE,
                              universal_newlines=True, timeout=PATIENCE,
                              env=environment(SYNCMANAGER_AUTHKEY='wrong'))
        self.assertEqual(2, done.returncode)
        self.assertIn("the key is not the manager's", done.stderr)

    def test_a_call_is_given_up_in_time(self):
        self.assertRegex(self.ctl('call', 'jobs', 'get', options=['--timeout', '0.05'], status=2),
                         'no answer within 50 ms')


class DaemonTest(CommonTest, CtlCase):
    def test_info_tells_the_version(self):
        version = subprocess.run([CTL, '--version'], stdout=subprocess.PIPE, timeout=PATIENCE,
                                 universal_newlines=True).stdout.split()[1]
        info = self.json('info')
        self.assertEqual(('syncmanager', version, self.address, 0),
                         (info['manager'], info['version'], info['address'], info['objects']))
        self.assertRegex(self.ctl('info'), r'\nmanager +syncmanager %s\n' % re.escape(version))

    def test_a_call_that_was_given_up_takes_nothing_later(self):
        self.ctl('call', 'jobs', 'get', options=['--timeout', '0.05'], status=2)
        self.ctl('call', 'jobs', 'put', '1')
        self.assertEqual('1\n', self.ctl('call', 'jobs', 'qsize'))


class ViewCase(CtlCase):
    """A daemon with clients that are made to wait."""

    def open(self):
        raw = open_calls(self.server.address)
        self.addCleanup(raw.close)
        return raw

    def send(self, raw, proxy, name, *args):
        """A call that will wait."""
        raw.send_object((proxy._token.id, name, args, {}))

    def number(self, raw):
        """The manager's number of a connection."""
        raw.send_object((None, 'sm_connection', (), {}))
        return raw.receive_object()[1]

    def waiting(self, count):
        self.assertTrue(wait_until(lambda: self.json('info')['waiting'] == count))


class InfoTest(ViewCase):
    def test_it_counts_what_there_is(self):
        manager = self.server.connect()
        event, twice = manager.Event(), manager.list([1])
        more = manager.list([twice])
        raw = self.open()
        self.send(raw, event, 'wait')
        self.waiting(1)
        info = self.json('info')
        self.assertEqual((3, 6, 3, 1), (info['objects'], info['objects_alive'],
                                        info['references'], info['waiting']))
        self.assertEqual(2, info['processes'])
        self.assertGreaterEqual(info['connections'], 2)
        self.assertEqual((self.server.pid, [self.address]), (info['pid'], info['addresses']))
        self.assertGreater(info['uptime_s'], 0)
        del more

    def test_it_counts_calls_and_bytes(self):
        before = self.json('info')
        with self.open() as raw:
            for _ in range(100):
                self.number(raw)
        after = self.json('info')
        self.assertGreaterEqual(after['calls'] - before['calls'], 100)
        self.assertGreaterEqual(after['bytes_in'] - before['bytes_in'], 3000)
        self.assertGreaterEqual(after['bytes_out'] - before['bytes_out'], 1000)

    def test_it_counts_memory_by_kind(self):
        before = self.json('info')['memory']
        kept = self.server.connect().list(['x' * (4 << 20)])
        raws = [self.open() for _ in range(20)]
        after = self.json('info')['memory']
        self.assertGreater(after['objects'] - before['objects'], 4000000)
        self.assertGreater(after['connections'] - before['connections'], 20 * 256)
        for memory in (before, after):
            self.assertGreater(memory['objects'], 0)
            self.assertEqual(memory['used'],
                             memory['objects'] + memory['connections'] + memory['tables'])
        self.assertGreater(after['resident'], after['used'] // 2)
        del kept, raws

    def test_it_counts_what_clients_share(self):
        lock = self.server.connect().Lock()
        self.assertRegex(self.ctl('info'), r'\nshared +0 B: 0 words, 0 lent now; 0 recalled; 0 watched; '
                                           r'0 rings, 0 calls by them\n')
        with self.open() as raw:
            raw.call(None, 'sm_cell')
            raw.call(None, 'sm_lease', lock._id)
            self.assertRegex(self.ctl('info'),
                             r'\nshared +5\.5 MiB: 1 words, 1 lent now; 0 recalled; 0 watched; 0 rings')
            self.assertEqual(('#RETURN', True), raw.call(lock._id, 'acquire', False))
            self.assertRegex(self.ctl('info'), r'1 words, 1 lent now; 1 recalled;')

    def test_it_counts_who_was_refused(self):
        with Raw(self.server.address, key=b'wrong') as raw:
            raw.answer_challenge()
        self.assertTrue(wait_until(lambda: self.json('info')['refused'] == 1))
        self.assertRegex(self.ctl('info'), r'\nrefused +1 without the key')


class ClientsTest(ViewCase):
    def test_each_connection_is_a_row(self):
        raw = self.open()
        row, = [row for row in self.json('clients') if row['client'] == self.number(raw)]
        self.assertEqual((os.getpid(), os.getuid(), 'local', 'idle', None),
                         (row['pid'], row['uid'], row['host'], row['state'], row['waits_for']))
        with open('/proc/self/comm') as file:
            self.assertEqual(file.read().rstrip(), row['process'])
        self.assertGreater(row['bytes_in'], 100)
        self.assertGreater(row['calls'], 0)

    def test_what_it_waits_for_is_told(self):
        raw, queue = self.open(), self.server.connect().Queue()
        number = self.number(raw)
        self.send(raw, queue, 'get', True, 3600)
        self.waiting(1)
        row, = [row for row in self.json('clients') if row['client'] == number]
        waits = row['waits_for']
        self.assertEqual(('waiting', queue._token.id, 'Queue', 'get'),
                         (row['state'], waits['ident'], waits['type'], waits['method']))
        self.assertTrue(3590 < waits['left_s'] + waits['waits_s'] < 3601, waits)
        self.assertRegex(self.ctl('clients'), r'\n +%d .* waits [0-9.]+ s in Queue\.get\(\) of %s\n'
                         % (number, queue._token.id))

    def test_all_of_many_are_shown(self):
        raws = [Raw(self.server.address) for _ in range(2500)]
        numbers = [row['client'] for row in self.json('clients')]
        self.assertGreaterEqual(len(numbers), len(raws))
        self.assertEqual(sorted(set(numbers)), numbers)
        for raw in raws:
            raw.close()


class TcpClientsTest(ViewCase):
    kind = staticmethod(lambda registered: Daemon(registered, '127.0.0.1:0'))

    def test_they_are_known_by_address(self):
        raw = self.open()
        row, = [row for row in self.json('clients') if row['client'] == self.number(raw)]
        self.assertEqual(('%s:%d' % raw.socket.getsockname(), None, None, None),
                         (row['host'], row['pid'], row['process'], row['uid']))


class KillTest(ViewCase):
    def test_a_connection_is_cut_and_its_call_withdrawn(self):
        raw, queue = self.open(), self.server.connect().Queue()
        number = self.number(raw)
        self.send(raw, queue, 'get')
        self.waiting(1)
        self.assertEqual('1\n', self.ctl('kill', str(number)))
        self.assertRaises((EOFError, ConnectionError), raw.receive)
        queue.put('kept')
        self.assertEqual(1, queue.qsize())
        self.assertEqual({'ended': 0}, json.loads(self.run_failing('--json', 'kill', str(number))))
        self.assertEqual(1, self.json('info')['killed'])
        self.assertRegex(self.server.read_errors(), r'connection %d of .* asked for it' % number)

    def run_failing(self, *words):
        done = subprocess.run([CTL, '--address', self.address, '--authkey-file',
                               self.server.key_file, *words], stdout=subprocess.PIPE,
                              universal_newlines=True, timeout=PATIENCE)
        self.assertEqual(1, done.returncode)
        return done.stdout

    def test_an_rlock_of_it_goes_to_the_next(self):
        rlock = self.server.connect().RLock()
        owner, other = self.open(), self.open()
        number = self.number(owner)
        self.assertEqual(('#RETURN', True), owner.call(rlock._token.id, 'acquire'))
        self.send(other, rlock, 'acquire')
        self.waiting(1)
        self.ctl('kill', str(number))
        self.assertEqual(('#RETURN', True), other.receive_object())

    def test_a_pid_stands_for_all_connections_of_a_process(self):
        raws = [self.open() for _ in range(5)]
        self.assertGreaterEqual(int(self.ctl('kill', 'pid=%d' % os.getpid())), 5)
        for raw in raws:
            self.assertTrue(raw.closed())

    def test_it_does_not_cut_itself(self):
        raw = self.open()
        raw.send_object((None, 'sm_kill', (), {'pid': os.getpid()}))
        self.assertEqual(('#RETURN', 0), raw.receive_object())

    def test_what_is_no_client_is_told(self):
        for word in ('x', '', '-1', '0', 'pid=', 'pid=x', '1x'):
            with self.subTest(word=word):
                self.assertRegex(self.ctl('kill', word, status=2), 'nor pid=PID')


class LocksTest(ViewCase):
    def hold(self, proxy):
        raw = self.open()
        self.assertEqual(('#RETURN', True), raw.call(proxy._token.id, 'acquire'))
        return raw

    def test_holders_and_waiters_are_told(self):
        manager = self.server.connect()
        lock, rlock, semaphore = manager.Lock(), manager.RLock(), manager.Semaphore(0)
        holder, both = self.hold(lock), self.hold(rlock)
        waiter, timed = self.open(), self.open()
        numbers = [self.number(raw) for raw in (holder, both, waiter, timed)]
        self.send(waiter, lock, 'acquire')
        self.send(timed, semaphore, 'acquire', True, 3600)
        self.waiting(2)
        locks = self.json('locks')
        self.assertEqual([(lock._token.id, 'lock', numbers[0], os.getpid(), 1),
                          (rlock._token.id, 'RLock', numbers[1], os.getpid(), 0)],
                         [(row['ident'], row['type'], row['client'], row['pid'], row['waiting'])
                          for row in locks['held']])
        self.assertEqual([(lock._token.id, numbers[2], 'acquire', numbers[0], None),
                          (semaphore._token.id, numbers[3], 'acquire', None, 3600)],
                         [(row['ident'], row['client'], row['method'], row['held_by'],
                           row['left_s'] and round(row['left_s'] + row['waits_s']))
                          for row in locks['waiting']])
        self.assertEqual([], locks['deadlocks'])
        text = self.ctl('locks')
        self.assertRegex(text, r'\n%s +lock +held +%d +%d ' % (lock._token.id, numbers[0],
                                                              os.getpid()))
        self.assertRegex(text, r'\n%s +lock +waits +%d ' % (lock._token.id, numbers[2]))
        self.assertRegex(text, r'\n%s +Semaphore +waits +%d ' % (semaphore._token.id, numbers[3]))
        self.assertNotIn('deadlock', text)
        for raw, proxy in ((holder, lock), (both, rlock)):
            self.assertEqual(('#RETURN', None), raw.call(proxy._token.id, 'release'))
        self.assertEqual([numbers[2]], [row['client'] for row in self.json('locks')['held']])

    def test_a_holder_over_tcp_whose_connection_is_gone_is_marked(self):
        with Daemon(REGISTERED, '127.0.0.1:0') as self.server:
            self.address = format_address(self.server.address)
            lock = self.server.connect().Lock()
            holder = self.hold(lock)
            number = self.number(holder)
            self.assertEqual([False], [row['gone'] for row in self.json('locks')['held']])
            self.assertRegex(self.ctl('locks'), r'\n%s +lock +held +%d ' % (lock._token.id, number))
            holder.close()
            self.assertTrue(wait_until(
                lambda: [(number, True)] == [(row['client'], row['gone'])
                                             for row in self.json('locks')['held']]))
            self.assertRegex(self.ctl('locks'), r'\n%s +lock +gone +%d ' % (lock._token.id, number))

    def test_a_thread_that_ended_leaves_its_lock_to_the_process(self):
        lock = self.server.connect().Lock()
        holder = self.hold(lock)
        number = self.number(holder)
        holder.close()
        self.assertTrue(wait_until(
            lambda: number not in [row['client'] for row in self.json('clients')]))
        self.assertEqual([(False, os.getpid())],
                         [(row['gone'], row['pid']) for row in self.json('locks')['held']])

    def test_many_rows_come_in_parts(self):
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        manager = self.server.connect()
        lock, locks = manager.Lock(), [manager.Lock() for _ in range(550)]
        holders = [self.hold(other) for other in locks]
        waiters = [self.hold(lock)] + [self.open() for _ in range(550)]
        for waiter in waiters[1:]:
            self.send(waiter, lock, 'acquire')
        self.waiting(550)
        shown = self.json('locks')
        self.assertEqual({self.number(raw) for raw in holders} | {self.number(waiters[0])},
                         {row['client'] for row in shown['held']})
        self.assertEqual(551, len(shown['held']))
        self.assertEqual(550, len({row['client'] for row in shown['waiting']}))
        self.assertEqual(550, len(shown['waiting']))
        part = ask(self.server.address, 'sm_locks')[1]
        self.assertEqual(1000, len(part['held']) + len(part['waiting']))
        self.assertIsNotNone(part['next'])

    def test_a_lock_that_is_gone_is_not_shown(self):
        lock = self.server.connect().Lock()
        lock.acquire()
        self.assertEqual(1, len(self.json('locks')['held']))
        del lock
        self.assertTrue(wait_until(lambda: self.json('locks')['held'] == []))

    def circle(self, raws, locks, *args):
        """Each holds a lock and waits for the next one's."""
        for raw, lock in zip(raws, locks):
            self.assertEqual(('#RETURN', True), raw.call(lock._token.id, 'acquire'))
        for i, raw in enumerate(raws):
            self.send(raw, locks[(i + 1) % len(locks)], 'acquire', *args)
        self.waiting(len(raws))

    def test_a_deadlock_is_named(self):
        manager = self.server.connect()
        raws, locks = [self.open() for _ in range(3)], [manager.Lock(), manager.RLock(),
                                                        manager.Condition()]
        numbers = [self.number(raw) for raw in raws]
        bystander = self.open()
        self.circle(raws, locks)
        self.send(bystander, locks[0], 'acquire')
        self.waiting(4)
        circle, = self.json('locks')['deadlocks']
        self.assertEqual(sorted(numbers), sorted(row['client'] for row in circle))
        text = self.ctl('locks').partition('\ndeadlock:\n')[2]
        self.assertEqual(3, text.count('waits for'))
        for i, number in enumerate(numbers):
            self.assertRegex(text, r'client %d \(process %d \S+\) waits for .*, held by client %d ' % (
                number, os.getpid(), numbers[(i + 1) % 3]))
        self.ctl('kill', str(numbers[0]))
        self.assertEqual([], self.json('locks')['deadlocks'])

    def test_a_circle_that_a_time_limit_ends_is_told_so(self):
        manager = self.server.connect()
        self.circle([self.open(), self.open()], [manager.RLock(), manager.RLock()], True, 3600)
        self.assertRegex(self.ctl('locks'),
                         r'\ndeadlock, unless a time limit ends it in (59:[0-9]+ min|1:00:00 h):\n')

    def test_who_waits_for_his_own_lock_is_a_deadlock(self):
        lock = self.server.connect().Lock()
        raw = self.hold(lock)
        number = self.number(raw)
        self.send(raw, lock, 'acquire')
        self.waiting(1)
        self.assertEqual([[number]], [[row['client'] for row in circle]
                                      for circle in self.json('locks')['deadlocks']])

    def test_who_waits_for_a_condition_is_told(self):
        condition = self.server.connect().Condition()
        raw = self.hold(condition)
        self.send(raw, condition, 'wait')
        self.waiting(1)
        row, = self.json('locks')['waiting']
        self.assertEqual((condition._token.id, 'Condition', 'wait', None),
                         (row['ident'], row['type'], row['method'], row['held_by']))


class ObjectsTest(ViewCase):
    def test_registered_objects_have_names(self):
        rows = {row['name']: row for row in self.json('objects')}
        self.assertEqual({'jobs': 'Queue', 'config': 'dict', 'greeting': 'str'},
                         {name: row['type'] for name, row in rows.items()})
        self.assertEqual("{'a': 1}", rows['config']['value'])

    def test_references_waiters_and_items_are_counted(self):
        manager = self.server.connect()
        queue, shared = manager.Queue(), manager.list([1, 2, 3])
        raw = self.open()
        self.send(raw, queue, 'get')
        self.waiting(1)
        rows = {row['ident']: row for row in self.json('objects')}
        self.assertEqual((1, 1, 0), tuple(rows[queue._token.id][key] for key in
                                          ('references', 'waiting', 'items')))
        self.assertEqual((1, 0, 3), tuple(rows[shared._token.id][key] for key in
                                          ('references', 'waiting', 'items')))
        self.assertRegex(self.ctl('objects'), r'\n%s +list +- +1 +0 +3 +\d+ B  \[1, 2, 3\]\n' %
                         shared._token.id)

    def test_sizes_are_about_right(self):
        manager = self.server.connect()
        kept = {100 << 10: manager.list(['x' * 1024 for _ in range(100)]),
                1 << 20: manager.dict({i: str(i) * 100 for i in range(2500)}),
                400 << 10: manager.Array('i', list(range(100 << 10))),
                300 << 10: manager.Value('s', 'y' * (300 << 10))}
        rows = {row['ident']: row['bytes'] for row in self.json('objects')}
        for size, shared in kept.items():
            with self.subTest(shared=shared._token.typeid):
                self.assertTrue(0.8 * size < rows[shared._token.id] < 1.6 * size,
                                (size, rows[shared._token.id]))

    def test_large_values_are_not_printed(self):
        manager = self.server.connect()
        kept = [manager.list(list(range(1000000))), manager.dict({'a': 'b' * 1000000})]
        for row in self.json('objects'):
            self.assertLessEqual(len(row['value']), 75)
        del kept

    def make_lock(self, raw):
        raw.send_object((None, 'create', ('Lock',), {}))
        return raw.receive_object()[1][0]

    def test_all_of_many_are_shown(self):
        with self.open() as raw:
            made = {self.make_lock(raw) for _ in range(3500)}
        rows = [row['ident'] for row in self.json('objects')]
        self.assertEqual(3500 + len(REGISTERED), len(rows))
        self.assertEqual(len(rows), len(set(rows)))
        self.assertTrue(made < set(rows))
        self.assertEqual(len(rows) + 1, self.ctl('objects').count('\n'))


class StockTest(CommonTest, CtlCase):
    kind = Stock

    def test_info_tells_what_it_is(self):
        info = self.json('info')
        self.assertEqual(('multiprocessing', None), (info['manager'], info['version']))
        self.assertRegex(self.ctl('info'), "\nmanager +Python's multiprocessing\n")

    def test_objects_are_listed(self):
        ident = self.ctl('create', 'list', '[1, "a\\nb"]').strip()
        self.assertEqual([{'ident': ident, 'references': 1, 'value': "[1, 'a\\nb']"}],
                         self.json('objects'))
        self.assertRegex(self.ctl('objects'),
                         r"^IDENT +REFERENCES  VALUE\n%s +1  \[1, 'a\\nb'\]\n$" % ident)

    def test_what_it_does_not_tell_is_said(self):
        for words in (['clients'], ['locks'], ['kill', '1'], ['kill', 'pid=1']):
            with self.subTest(words=words):
                self.assertRegex(self.ctl(*words, status=2), "Python's own does not tell")


class JsonTest(CtlCase):
    def round_trip(self, literal):
        self.ctl('call', 'jobs', 'put', literal)
        return self.json('call', 'jobs', 'get')

    def test_plain_values_are_json(self):
        for value in (None, True, 5, -10**30, 1.5, 'a "quoted"\n\\ text\u00e9\x01', [1, [2]],
                      {'a': {'b': []}}):
            with self.subTest(value=value):
                self.assertEqual(value, self.round_trip(repr(value)))

    def test_tuples_are_arrays(self):
        self.assertEqual([1, [2]], self.round_trip('(1, (2,))'))

    def test_keys_are_made_text(self):
        value = {1: 'a', None: 'b', True: 'c', 2.5: 'd'}
        self.assertEqual(json.loads(json.dumps(value)), self.round_trip(repr(value)))

    def test_what_json_lacks_is_given_as_repr(self):
        for literal in ("b'x'", '{1}', 'nan'):
            with self.subTest(literal=literal):
                self.assertEqual([{'repr': literal}], self.round_trip('[%s]' % literal))

    def test_what_a_peer_calls_its_classes_is_text(self):
        module = 'm", "x": "y\n\\'.encode()

        def text(s):
            return b'\x8c' + bytes([len(s)]) + s

        made = text(module) + text(b'C') + b'\x93)\x81}' + text(b'a') + b'K\x01sb'
        with open_calls(self.server.address) as raw:
            ident, _ = raw.call(None, 'create', 'jobs')[1]
            raw.send(b'\x80\x04(' + text(ident.encode()) + text(b'put') + b'(' + made + b't}t.')
            self.assertEqual(('#RETURN', None), raw.receive_object())
        shown = self.json('call', 'jobs', 'get')
        self.assertEqual((module.decode() + '.C', {'a': 1}), (shown['class'], shown['attributes']))

    def test_keys_that_are_no_text_are_what_they_print_as(self):
        self.assertEqual({'(1, 2)': 3, "b'x'": [4]}, self.round_trip("{(1, 2): 3, b'x': [4]}"))

    def test_lone_surrogates_are_escaped(self):
        self.assertEqual('\udc80', self.round_trip(r"'\udc80'"))

    def test_idents_are_json(self):
        self.assertRegex(self.json('create', 'list')['ident'], '^[0-9a-f]+$')


class UsageTest(CtlCase):
    def test_help_has_examples(self):
        done = subprocess.run([CTL, '--help'], stdout=subprocess.PIPE, universal_newlines=True,
                              timeout=PATIENCE)
        self.assertEqual(0, done.returncode)
        self.assertIn('Examples:', done.stdout)

    def test_an_unknown_command_is_told(self):
        self.assertRegex(self.ctl('nothing', status=2), 'nothing: not a command')

    def test_a_wrong_number_of_arguments_is_told(self):
        for words in (['call', 'jobs'], ['create'], ['drop'], ['ping', '1'], ['info', '2'],
                      ['kill'], ['kill', '1', '2'], ['locks', '1'], ['clients', '1']):
            with self.subTest(words=words):
                self.assertRegex(self.ctl(*words, status=2), 'usage: ' + words[0])

    def test_an_unknown_option_is_told(self):
        self.assertRegex(self.ctl(options=['--nothing'], status=2), "Try 'syncmanagerctl --help'")

    def test_a_wrong_timeout_is_told(self):
        for text, what in (('x', 'not a number of seconds'), ('1x', 'not a number of seconds'),
                           ('nan', 'not a number of seconds'), ('-1', 'out of range'),
                           ('0', 'out of range'), ('1e30', 'out of range')):
            with self.subTest(text=text):
                self.assertRegex(self.ctl('ping', options=['--timeout', text], status=2), what)

    def test_a_key_file_that_every_user_can_read_is_warned_about(self):
        os.chmod(self.server.key_file, 0o644)
        done = subprocess.run([CTL, '--address', self.address, '--authkey-file',
                               self.server.key_file, 'call', 'jobs', 'qsize'],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE,
                              universal_newlines=True, env=environment())
        self.assertEqual((0, '0\n'), (done.returncode, done.stdout))
        self.assertIn('every user can read the key file ' + self.server.key_file, done.stderr)

    def test_what_is_no_literal_is_not_sent(self):
        error = self.ctl('call', 'jobs', 'put', 'hello', status=2)
        self.assertRegex(error, 'hello: .*write text as "text"')
        self.assertEqual('0\n', self.ctl('call', 'jobs', 'qsize'))

    def run_bare(self, *words, **variables):
        done = subprocess.run([CTL, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, universal_newlines=True, timeout=PATIENCE,
                              env=environment(**variables))
        return done.returncode, done.stdout + done.stderr

    def test_an_address_is_needed(self):
        status, text = self.run_bare('ping')
        self.assertEqual(2, status)
        self.assertIn('which manager', text)

    def test_a_key_is_needed(self):
        status, text = self.run_bare('ping', SYNCMANAGER_ADDRESS=self.address)
        self.assertEqual(2, status)
        self.assertIn('no key', text)

    def test_address_and_key_come_from_the_environment(self):
        status, text = self.run_bare('ping', SYNCMANAGER_ADDRESS=self.address,
                                     SYNCMANAGER_AUTHKEY='interop')
        self.assertEqual(0, status, text)

    def test_a_key_file_that_is_not_there_is_told(self):
        status, text = self.run_bare('--address', self.address, '--authkey-file', '/nowhere/key',
                                     'ping')
        self.assertEqual(2, status)
        self.assertIn('/nowhere/key: No such file or directory', text)

    def test_a_file_of_several_keys_is_refused_in_words(self):
        with tempfile.NamedTemporaryFile() as file:
            for text, refused in ((b'web rw hush\nboss admin hush2\n', True),
                                  (b'# all\n\nweb ro hush', True),
                                  (b'a hush of words', False), (b'web rx hush\n', False)):
                file.seek(0)
                file.truncate()
                file.write(text)
                file.flush()
                status, said = self.run_bare('--address', 'unix:@nobody-%d' % os.getpid(),
                                             '--authkey-file', file.name, 'ping')
                self.assertEqual((text, 2, refused),
                                 (text, status, 'has lines NAME RIGHT KEY' in said), said)
                self.assertNotIn('hush', said)

    def test_what_is_no_address_is_told(self):
        status, text = self.run_bare('--address', 'nowhere', 'ping', SYNCMANAGER_AUTHKEY='k')
        self.assertEqual(2, status)
        self.assertIn('nowhere', text)


class LinesTest(CtlCase):
    def test_commands_are_read_from_standard_input(self):
        self.assertEqual("None\n[1, 'two  words', {'a': (2,)}]\n", self.ctl(
            stdin='# a comment\n\ncall jobs put [1, "two  words", {"a": (2,)}]\ncall jobs get\n'))

    def test_the_highest_status_counts_and_all_are_run(self):
        error = self.ctl(stdin='call jobs get_nowait\ncall jobs put 1\n', status=1)
        self.assertIn('queue.Empty', error)
        self.assertEqual('1\n', self.ctl('call', 'jobs', 'qsize'))

    def test_what_is_left_open_is_told(self):
        for line in ('call jobs put "a', 'call jobs put [1'):
            with self.subTest(line=line):
                self.assertRegex(self.ctl(stdin=line, status=2), 'left open')

    def test_quit_ends(self):
        self.assertEqual('0\n', self.ctl(stdin='call jobs qsize\nquit\ncall jobs qsize\n'))


class TerminalTest(CtlCase):
    """On a terminal of its own."""

    def setUp(self):
        super().setUp()
        self.home = self.server.folder
        pid, self.fd = pty.fork()
        if pid == 0:
            os.execve(CTL, [CTL, '--address', self.address], environment(
                SYNCMANAGER_AUTHKEY='interop', XDG_STATE_HOME=self.home, TERM='dumb'))
        self.pid = pid
        self.seen = ''

    def tearDown(self):
        os.close(self.fd)
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)

    def read_until(self, text):
        deadline = time.monotonic() + PATIENCE
        while text not in self.seen:
            ready, _, _ = select.select([self.fd], [], [], max(0, deadline - time.monotonic()))
            self.assertTrue(ready, 'no %r in %r' % (text, self.seen))
            try:
                more = os.read(self.fd, 4096)
            except OSError as error:
                self.assertEqual(errno.EIO, error.errno)
                more = b''
            self.assertTrue(more, 'the end, and no %r in %r' % (text, self.seen))
            self.seen += more.decode()
        self.seen = self.seen.partition(text)[2]

    def type(self, text):
        os.write(self.fd, text.encode())

    def end(self):
        self.type('quit\n')
        status = os.waitpid(self.pid, 0)[1]
        self.pid = 0
        return os.WEXITSTATUS(status)

    def test_a_prompt_asks_for_commands(self):
        self.read_until('syncmanagerctl> ')
        self.type('call config get "a"\n')
        self.read_until('\r\n1\r\n')
        self.read_until('syncmanagerctl> ')
        self.assertEqual(0, self.end())

    def test_the_interrupt_key_ends_a_call_that_waits(self):
        self.read_until('syncmanagerctl> ')
        manager = self.server.connect()
        self.assertTrue(wait_until(lambda: self.answers('call jobs get\n', 'get\r\n') and
                                   self.answers('\x03', 'interrupted')))
        manager.jobs().put('there')
        self.assertTrue(wait_until(lambda: self.answers('\ncall jobs get\n', "'there'")))
        self.assertEqual(2, self.end())

    def answers(self, keys, text):
        """Type them; whether the text comes soon. An interrupt takes what was typed before."""
        self.type(keys)
        deadline = time.monotonic() + 0.2
        while text not in self.seen:
            if not select.select([self.fd], [], [], max(0, deadline - time.monotonic()))[0]:
                return False
            self.seen += os.read(self.fd, 4096).decode()
        self.seen = self.seen.partition(text)[2]
        return True

    def test_the_interrupt_key_at_the_prompt_gives_a_new_one(self):
        self.read_until('syncmanagerctl> ')
        self.type('drop')
        self.read_until('drop')
        self.type('\x03')
        self.read_until('syncmanagerctl> ')
        self.type('call jobs qsize\n')
        self.read_until('\r\n0\r\n')
        self.assertEqual(0, self.end())

    def test_help_lists_the_commands(self):
        self.read_until('syncmanagerctl> ')
        self.type('help\n')
        self.read_until('create TYPE')
        self.read_until('syncmanagerctl> ')
        self.assertEqual(0, self.end())

    def test_history_is_kept_for_its_owner_alone(self):
        self.read_until('syncmanagerctl> ')
        self.type('ping\n')
        self.read_until('answers in')
        self.read_until('syncmanagerctl> ')
        self.end()
        path = os.path.join(self.home, 'syncmanagerctl_history')
        if not os.path.exists(path):
            self.skipTest('built without libedit')
        self.assertEqual(0o600, os.stat(path).st_mode & 0o777)
        with open(path) as file:
            self.assertIn('ping', file.read())


if __name__ == '__main__':
    unittest.main()
