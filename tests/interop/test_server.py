# SPDX-License-Identifier: MIT
"""The server itself: its functions, its errors, the handshake, broken frames, pipelining."""

import functools
import os
import pickle
import queue as queue_module
import re
import resource
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from multiprocessing import managers
from multiprocessing.managers import SyncManager

from cases import Interop, Later
from outcomes import describe, last_line, outcome_of
from raw import CHALLENGE, FAILURE, WELCOME, Raw, ask, open_calls, well_formed
from servers import PATIENCE, Daemon, daemon_path, forget_connection, wait_until


def shape(reply):
    """A reply as text: of a traceback the last line."""
    kind, payload = reply
    if kind in ('#TRACEBACK', '#UNSERIALIZABLE'):
        payload = re.sub(r"'[0-9a-f]{6,}'", "'IDENT'", last_line(payload))
        payload = re.sub(r'exposed=\{.*\}', 'exposed={..}', payload)  # a set: in no order
    return describe((kind, payload))


def shape_for(request, reply):
    """Of the reply to a malformed request only the kind counts: it is told something."""
    return shape(reply) if well_formed(request) else reply[0]


class FunctionTest(Interop):
    def compare_calls(self, rows):
        def transcript(server):
            lines = []
            for request in rows:
                with Raw(server.address) as raw:
                    raw.handshake().send_object(request)
                    lines.append('%r\n    %s' % (request, shape_for(request, raw.receive_object())))
            return '\n'.join(lines)

        self.compare(transcript)

    def test_functions_and_their_arguments(self):
        self.compare_calls([
            (None, 'dummy', (), {}), [None, 'dummy', [], {}], ('ignored', 'dummy', (), {}),
            (5, 'dummy', (), {}), ([], 'dummy', (), {}),
            (None, 'dummy', (1,), {}), (None, 'dummy', (), {'x': 1}),
            (None, 'number_of_objects', (), {}), (None, 'number_of_objects', (1,), {}),
            (None, 'debug_info', (), {}), (None, 'debug_info', (1,), {}),
            (None, 'no_such_function', (), {}), (None, '', (), {}), (None, None, (), {}),
            (None, 5, (), {}), (None, 'serve_client', (), {}), (None, '__init__', (), {}),
            (None, 'create', (), {}), (None, 'create', ('no_such_type',), {}),
            (None, 'create', (5,), {}), (None, 'create', (None,), {}), (None, 'create', ([],), {}),
            (None, 'create', ('list', 5), {}), (None, 'create', ('list', [1], 2), {}),
            (None, 'create', ('list',), {'x': 1}), (None, 'create', ('Iterator',), {}),
            (None, 'create', ('Iterator', 1, 2), {}),
            (None, 'incref', (), {}), (None, 'incref', ('nonsense',), {}),
            (None, 'incref', (5,), {}), (None, 'incref', ('nonsense', 1), {}),
            (None, 'decref', (), {}), (None, 'decref', ('nonsense',), {}),
            (None, 'decref', (5,), {}),
            (None, 'decref', (None,), {}),
            (None, 'get_methods', (), {}), (None, 'get_methods', ('nonsense',), {}),
            (None, 'accept_connection', (), {}), (None, 'accept_connection', (1, 2), {}),
            (None, 'shutdown', (1, 2), {}),
        ])

    def test_first_requests_of_another_shape(self):
        self.compare_calls([
            5, None, 'text', (), (1,), (None, 'dummy', ()), (None, 'dummy', (), {}, 1), [], {},
            'abcd',
            (None, 'dummy', 5, {}), (None, 'dummy', (), 5), (None, 'dummy', (), {5: 1}),
            (None, 'dummy', None, {}), (None, 'dummy', '', {}),
            {1: 1, 2: 2, 3: 3, 4: 4}, 1.5, b'abcd', True,
        ])

    def test_create_tells_ident_and_methods(self):
        """A set has no order, so the methods of a type without list are compared as a set."""
        def transcript(server):
            lines = []
            for typeid, args in [('list', ()), ('dict', ()), ('Lock', ()), ('RLock', ()),
                                 ('Semaphore', ()), ('BoundedSemaphore', ()), ('Condition', ()),
                                 ('Event', ()), ('Barrier', (2,)), ('Queue', ()),
                                 ('JoinableQueue', (3,)), ('Value', ('i', 1)), ('Array', ('i', [])),
                                 ('Namespace', ())]:
                kind, (ident, methods) = ask(server.address, 'create', typeid, *args)
                self.assertEqual(kind, '#RETURN')
                self.assertIs(type(ident), str)
                lines.append('%s %r' % (typeid, methods))
                self.assertEqual(ask(server.address, 'decref', ident), ('#RETURN', None))
            return '\n'.join(lines)

        self.compare(transcript)

    def test_references_are_counted(self):
        def transcript(server):
            address = server.address
            before = ask(address, 'number_of_objects')[1]
            _, (ident, _) = ask(address, 'create', 'list', [1, 2])
            lines = [ask(address, 'number_of_objects')[1] - before]
            lines.append(ask(address, 'incref', ident))
            lines.append(re.sub(re.escape(ident), 'IDENT', ask(address, 'debug_info')[1]))
            lines.append(ask(address, 'decref', ident))
            lines.append(re.sub(re.escape(ident), 'IDENT', ask(address, 'debug_info')[1]))
            lines.append(ask(address, 'decref', ident))
            lines.append(ask(address, 'number_of_objects')[1] - before)
            lines.append(shape(ask(address, 'decref', ident)).replace(ident, 'IDENT'))
            lines.append(shape(ask(address, 'incref', ident)).replace(ident, 'IDENT'))
            with open_calls(address) as calls:
                lines.append(shape(calls.call(ident, '__len__')).replace(ident, 'IDENT'))
            return '\n'.join(map(str, lines))

        self.compare(transcript)

    def test_debug_info_shows_objects(self):
        def transcript(server):
            lines = []
            for typeid, args in [('list', (['x' * 100],)), ('dict', ({'a': 1},)),
                                 ('Value', ('i', 5)),
                                 ('Namespace', ()), ('Array', ('i', [1])), ('Lock', ()),
                                 ('Event', ()), ('Semaphore', (2,)), ('Queue', ()),
                                 ('list', (['\u20ac\ud800'],)), ('dict', ({'k': ['y' * 200]},)),
                                 ('list', ([b'z' * 100000],)), ('list', (['\u20ac' * 100],)),
                                 ('list', ([0] * 100000,)), ('dict', ({i: i for i in range(999)},))
                                 ]:
                _, (ident, _) = ask(server.address, 'create', typeid, *args)
                text = ask(server.address, 'debug_info')[1].replace(ident, 'IDENT')
                lines.append(re.sub('0x[0-9a-f]+', '0x', text))
                ask(server.address, 'decref', ident)
            return '\n'.join(lines)

        self.compare(transcript)

    def test_get_methods_takes_a_token(self):
        def transcript(server):
            manager = server.connect()
            shared = manager.list()
            lines = [sorted(ask(server.address, 'get_methods', shared._token)[1])]
            queue = manager.Queue()
            lines.append(sorted(ask(server.address, 'get_methods', queue._token)[1]))
            token = queue._token
            del queue
            lines.append(shape(ask(server.address, 'get_methods', token)).replace(token.id,
                                                                                  'IDENT'))
            lines.append(type(ask(server.address, 'get_methods', shared._token)[1]).__name__)
            return '\n'.join(map(str, lines))

        self.compare(transcript)

    def test_a_connection_closes_after_its_answer(self):
        for server in self.each_server():
            with Raw(server.address) as raw:
                raw.handshake().ask('dummy')
                self.assertTrue(raw.closed(), server.name)
            with Raw(server.address) as raw:
                raw.handshake().ask('no_such_function')
                self.assertTrue(raw.closed(), server.name)

    def test_shutdown_ends_the_server(self):
        for server in self.each_server():
            with type(server)() as other:
                manager = other.connect()
                shared = manager.list([1])
                self.assertEqual(shared[0], 1)
                self.assertEqual(ask(other.address, 'shutdown'), ('#RETURN', None))
                self.assertEqual(other.process.wait(PATIENCE), 0, other.read_errors())
                self.assertFalse(os.path.exists(other.address))
                self.assertRaises((EOFError, ConnectionError), lambda: (shared[0], shared[0]))


class CallTest(Interop):
    def compare_requests(self, rows):
        """Requests on one method connection; the ident of a list is filled in."""
        def transcript(server):
            manager = server.connect()
            shared = manager.list([1, 2])
            ident = shared._token.id
            lines = []
            with open_calls(server.address) as calls:
                for row in rows:
                    request = eval(row, {'IDENT': ident})
                    calls.send_object(request)
                    reply = shape_for(request, calls.receive_object())
                    lines.append('%s\n    %s' % (row, reply.replace(ident, 'IDENT')))
                # Whatever came before, the connection still works.
                lines.append(shape(calls.call(ident, '__len__')))
            return '\n'.join(lines)

        self.compare(transcript)

    def test_requests_of_another_shape(self):
        requests = [
            'None', '5', '()', '(IDENT,)', '(IDENT, "__len__")', '(IDENT, "__len__", ())',
            '(IDENT, "__len__", (), {}, 1)', '[IDENT, "__len__", [], {}]', '"abcd"',
            '(IDENT, "__len__", 5, {})', '(IDENT, "__len__", None, {})',
            '(IDENT, "__len__", (), 5)',
            '(IDENT, "__len__", (), None)', '(IDENT, "__len__", (), {5: 1})',
            '(IDENT, "append", "x", {})', '(IDENT, "append", [3], {})',
            '(IDENT, "append", {4: 5}, {})',
            '(IDENT, 5, (), {})', '(IDENT, None, (), {})', '(IDENT, [], (), {})',
            '(IDENT, b"append", (), {})', '("nonsense", "append", (), {})', '(5, "append", (), {})',
            '([], "append", (), {})', '((), "append", (), {})',
            '(b"x", "append", (), {})', '("", "append", (), {})',
            '(IDENT, "append", (), {"x": 1})', '(IDENT, "sort", (), {"reverse": True})',
            '(IDENT, "__getattribute__", ("append",), {})', '(IDENT, "__str__", (), {})',
            '(IDENT, "__repr__", (), {})', '(IDENT, "#GETVALUE", (), {})',
            '(IDENT, "#OTHER", (), {})',
            '(IDENT, "__str__", (1,), {})', '(IDENT, "#GETVALUE", (), {"x": 1})',
            '(IDENT, "", (), {})', '(IDENT, "append ", (1,), {})', '(IDENT, "\\u20ac", (), {})',
            '{IDENT: 1}', '1.5', 'b"abcd"',
        ]

        self.compare_requests(requests)

    def test_frames_that_are_no_pickles(self):
        def run(server):
            lines = []
            ident = self.keep(server)
            for frame in (b'garbage', b'\xff\xff\xff', b'\x80\x04\xff.', b'\x80\x09N.', b'.', b'0.',
                          b'\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7fN.', b'\x00' * 1000):
                with open_calls(server.address) as calls:
                    calls.send(frame)
                    kind, _ = calls.receive_object()
                    lines.append('%r %s %s' % (frame[:20], kind,
                                               shape(calls.call(ident, '__len__'))))
            return '\n'.join(lines)

        self.compare(run)

    def keep(self, server):
        """The ident of a list that lives as long as the test."""
        manager = server.connect()
        self.kept = manager.list([1, 2])
        return self.kept._token.id

    def test_a_frame_that_ends_early_ends_the_connection(self):
        """From 3.10 on the stock server closes it; before, it is left open and dead."""
        for server in self.each_server():
            if server.name == 'stock' and sys.version_info < (3, 10):
                continue
            for frame in (b'', b'\x80\x04'):
                with open_calls(server.address) as calls:
                    calls.send(frame)
                    self.assertRaises(EOFError, calls.receive)

    def test_requests_are_answered_in_order(self):
        def run(server):
            ident = self.keep(server)
            with open_calls(server.address) as calls:
                requests = [(ident, 'append', (i,), {}) for i in range(500)]
                requests += [(ident, '__getitem__', (i,), {}) for i in range(0, 500, 7)]
                requests += [(ident, 'no_such', (), {}), (ident, 'pop', (9999,), {}),
                             (ident, '__len__', (), {})]
                frames = [pickle.dumps(request, 4) for request in requests]
                calls.send_bytes(b''.join(struct.pack('!i', len(f)) + f for f in frames))
                return '\n'.join(shape(calls.receive_object()) for _ in frames)

        self.compare(run)

    def test_a_frame_may_come_byte_by_byte(self):
        def run(server):
            ident = self.keep(server)
            with open_calls(server.address) as calls:
                frame = pickle.dumps((ident, '__len__', (), {}), 4)
                for byte in struct.pack('!i', len(frame)) + frame:
                    calls.send_bytes(bytes([byte]))
                return shape(calls.receive_object())

        self.compare(run)

    def test_the_long_form_of_a_length_is_read(self):
        def run(server):
            ident = self.keep(server)
            with open_calls(server.address) as calls:
                frame = pickle.dumps((ident, '__len__', (), {}), 4)
                calls.send_bytes(struct.pack('!iQ', -1, len(frame)) + frame)
                return shape(calls.receive_object())

        self.compare(run)

    def test_replies_of_every_size_come_whole(self):
        def run(server):
            manager = server.connect()
            shared = manager.list([None])
            lines = []
            with open_calls(server.address) as calls:
                for size in (0, 1, 200, 16340, 16384, 16400, 65500, 65536, 70000, 1 << 20,
                             10 << 20):
                    reply = calls.call(shared._token.id, '__setitem__', 0, 'x' * size)
                    kind, value = calls.call(shared._token.id, '__getitem__', 0)
                    lines.append('%d %s %s %s' % (size, reply, kind, value == 'x' * size))
            return '\n'.join(lines)

        self.compare(run)

    def test_a_slow_reader_delays_nobody_else(self):
        for server in self.each_server():
            manager = server.connect()
            shared = manager.list(['x' * (4 << 20)])
            with open_calls(server.address) as slow:
                for _ in range(3):
                    slow.send_object((shared._token.id, '__getitem__', (0,), {}))
                self.assertEqual(len(shared), 1)
                for _ in range(3):
                    self.assertEqual(len(slow.receive_object()[1]), 4 << 20)

    def allow_many_files(self):
        files, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (files, most))
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 4096), most))

    def allow_little_stack(self, server):
        pid = server.process.pid
        usual = resource.prlimit(pid, resource.RLIMIT_STACK, (1 << 18, resource.RLIM_INFINITY))
        self.addCleanup(resource.prlimit, pid, resource.RLIMIT_STACK, usual)

    def test_a_chain_of_wakers_takes_no_stack(self):
        """Each has sent the release that wakes the next before it has acquired."""
        self.allow_many_files()
        for server in self.each_server():
            if server.name == 'stock':
                continue
            self.allow_little_stack(server)
            semaphore = server.connect().Semaphore(0)
            chain = [open_calls(server.address) for _ in range(1000)]
            for raw in chain:
                raw.send_object((semaphore._token.id, 'acquire', (), {}))
                raw.send_object((semaphore._token.id, 'release', (), {}))
            semaphore.release()
            for raw in chain:
                self.assertEqual(raw.receive_object(), ('#RETURN', True))
                self.assertEqual(raw.receive_object(), ('#RETURN', None))
                raw.close()
            self.assertTrue(semaphore.acquire(False))

    def test_an_item_passes_a_row_of_dead_waiters(self):
        """All of them are killed at once, and an item put before the server has noticed."""
        self.allow_many_files()
        for server in self.each_server():
            if server.name == 'stock':
                continue
            self.allow_little_stack(server)
            queue = server.connect().Queue()
            waiting = [open_calls(server.address) for _ in range(1000)]
            for raw in waiting:
                raw.send_object((queue._token.id, 'get', (), {}))
            putter = open_calls(server.address)
            server.process.send_signal(signal.SIGSTOP)
            putter.send_object((queue._token.id, 'put', ('item',), {}))
            for raw in waiting:
                raw.close()
            server.process.send_signal(signal.SIGCONT)
            self.assertEqual(putter.receive_object(), ('#RETURN', None))
            self.assertEqual(queue.get(timeout=5), 'item')
            putter.close()

    def test_shared_parts_are_not_walked_for_ever(self):
        """The stock server walks them to the end: it is not asked."""
        def doubled(last):
            value = ('first',)
            for _ in range(20):
                value = (value, value)
            return value, last

        for server in self.each_server():
            if server.name == 'stock':
                continue
            manager = server.connect()
            row, table = manager.list([doubled('a')] * 200), manager.dict()
            self.assertEqual(row.count(doubled('b')), 0)  # one value, looked at once
            self.assertRaises(RecursionError, table.update, [(doubled('a'), None)] * 200)
            row[:] = [doubled(str(i)) for i in range(200)]
            self.assertRaises(RecursionError, row.index, doubled('b'))
            self.assertRaises(RecursionError, row.count, doubled('b'))
            self.assertRaises(RecursionError, row.sort)

    def test_text_grown_by_sharing_is_not_made(self):
        """As above. What has no text does not keep debug_info from showing the rest."""
        value = 'x' * 1000
        for _ in range(18):
            value = [value, value]
        deep = []
        for _ in range(300):
            deep = [deep]
        for server in self.each_server():
            if server.name == 'stock':
                continue
            manager = server.connect()
            kept = [manager.list([value] * 8), manager.dict({1: value}), manager.Value('i', value),
                    manager.Namespace(a=value), manager.list([10**5000]), manager.list(deep)]
            for shared in kept[:4]:
                with self.assertRaisesRegex(managers.RemoteError, 'RecursionError'):
                    shared._callmethod('__repr__')
            text = ask(server.address, 'debug_info')[1]
            self.assertEqual(text.count('refcount='), len(kept))
            for shown in ("[[[[[[[[[[[[[[[[[['xxx", "{1: [[[[", "Namespace(a=[[[[",
                          '<unprintable list object>', '    ' + '[' * 75):
                self.assertIn(shown, text)

    def test_a_thousand_connections_at_once_are_served(self):
        """The stock server, whose backlog is 16 up to 3.12, is asked for fewer."""
        self.allow_many_files()
        for server in self.each_server():
            count = 10 if server.name == 'stock' else 1000
            raws = [Raw(server.address) for _ in range(count)]
            for raw in raws:
                raw.handshake().accept()
            ident = self.keep(server)
            for raw in raws:
                self.assertEqual(raw.call(ident, '__len__'), ('#RETURN', 2))
                raw.close()


class HandshakeTest(Interop):
    def test_both_dialects_are_spoken(self):
        def run(server):
            lines = []
            for legacy in (True, False):
                with Raw(server.address, legacy=legacy) as raw:
                    if not legacy and server.name == 'stock' and sys.version_info < (3, 12):
                        legacy = raw.legacy = True  # the old server knows one dialect alone
                    lines.append(shape(raw.handshake().ask('number_of_objects'))[:12])
            return '\n'.join(lines)

        self.compare(run)

    def test_a_wrong_key_is_refused(self):
        def run(server):
            with Raw(server.address, key=b'wrong') as raw:
                lines = [raw.answer_challenge().decode()]
                lines.append(shape(raw.receive_object()))
                lines.append(str(raw.closed()))
            return '\n'.join(lines)

        self.compare(run)

    def test_a_stock_client_with_a_wrong_key_is_told(self):
        def run(server):
            def connect():
                SyncManager(server.address, b'wrong').connect()
            return outcome_of(connect)

        self.compare(run)

    def test_a_malformed_response_is_refused(self):
        def run(server):
            lines = []
            for response in (b'', b'x', b'x' * 16, b'x' * 20, b'x' * 40, b'{sha256}',
                             b'{sha256}' + b'x' * 32,
                             b'{nonsense}' + b'x' * 32, b'{sha1}' + b'x' * 20, WELCOME, b'x' * 256):
                with Raw(server.address) as raw:
                    raw.receive()
                    raw.send(response)
                    frames = []
                    try:
                        frames.append(raw.receive().decode())
                        kind, text = raw.receive_object()
                        frames.append('%s %s' % (kind, last_line(text).split(':')[0]))
                        raw.receive()
                    except EOFError:
                        frames.append('closed')
                    lines.append(' '.join(frames))
            return '\n'.join(lines)

        self.compare(run)

    def test_an_overlong_response_ends_it(self):
        for server in self.each_server():
            with Raw(server.address) as raw:
                raw.receive()
                raw.send(b'x' * 257)
                self.assertNotEqual(self.rest_of(raw)[:1], [WELCOME], server.name)

    def rest_of(self, raw):
        """All frames until the peer closes."""
        frames = []
        try:
            while True:
                frames.append(raw.receive())
        except (EOFError, ConnectionResetError):
            return frames

    def test_a_client_that_refuses_the_server_is_let_go(self):
        for server in self.each_server():
            with Raw(server.address) as raw:
                self.assertEqual(raw.answer_challenge(), WELCOME)
                message = os.urandom(20)
                raw.send(CHALLENGE + message)
                raw.receive()
                raw.send(FAILURE)
                self.assertEqual(len(self.rest_of(raw)), 1, server.name)

    def test_no_request_is_answered_before_the_handshake(self):
        for server in self.each_server():
            with Raw(server.address) as raw:
                raw.receive()
                raw.send_object((None, 'number_of_objects', (), {}))
                frames = self.rest_of(raw)
                self.assertFalse(any(b'#RETURN' in frame for frame in frames), server.name)

    def test_peers_that_vanish_do_no_harm(self):
        for server in self.each_server():
            for count in range(6):
                raw = Raw(server.address)
                if count > 0:
                    raw.receive()
                if count > 1:
                    raw.send_bytes(b'\x00\x00')
                if count > 2:
                    raw.send_bytes(b'\x00\x10half')
                raw.close()
            raw = Raw(server.address).handshake()
            raw.send_bytes(struct.pack('!i', 100) + b'half a request')
            raw.close()
            raw = open_calls(server.address)
            # The stock server makes room for what is announced, and fills it under MALLOC_PERTURB_.
            raw.send_bytes(struct.pack('!i', 1 << 26) + b'not that much')
            raw.close()
            self.assertEqual(ask(server.address, 'dummy'), ('#RETURN', None), server.name)


@unittest.skipIf(daemon_path() is None, 'there is no syncmanagerd to ask')
class VanishedTest(Interop):
    """A caller whose connection closes takes nothing with it; the stock server cannot tell."""

    def setUp(self):
        self.manager = self.server(Daemon).connect()

    def vanish(self, proxy, name, *args):
        """Wait in a call, on a connection that closes."""
        with open_calls(self.manager.address) as raw:
            raw.send_object((proxy._token.id, name, args, {}))
            # It is parked once a connection that came later has been served.
            self.assertEqual(ask(self.manager.address, 'dummy'), ('#RETURN', None))

    def test_an_item_of_a_queue_stays(self):
        queue = self.manager.Queue()
        for _ in range(3):
            self.vanish(queue, 'get')
        queue.put('item')
        self.assertEqual(queue.get(timeout=PATIENCE), 'item')

    def test_an_item_of_a_vanished_putter_stays_out(self):
        queue = self.manager.Queue(1)
        queue.put('first')
        self.vanish(queue, 'put', 'second')
        self.assertEqual(queue.get(), 'first')
        self.assertRaises(queue_module.Empty, queue.get, True, 0.05)

    def test_a_lock_stays_free(self):
        for lock in (self.manager.Lock(), self.manager.Semaphore(1), self.manager.RLock()):
            lock.acquire()
            self.vanish(lock, 'acquire')
            lock.release()
            self.assertTrue(lock.acquire(True, PATIENCE))

    def test_an_rlock_goes_with_its_owner(self):
        lock = self.manager.RLock()
        with open_calls(self.manager.address) as raw:
            self.assertEqual(raw.call(lock._token.id, 'acquire'), ('#RETURN', True))
            self.assertFalse(lock.acquire(False))
        self.assertTrue(lock.acquire(True, PATIENCE))

    def test_a_notification_goes_to_another(self):
        condition = self.manager.Condition()
        with open_calls(self.manager.address) as raw:
            raw.call(condition._token.id, 'acquire')
            raw.send_object((condition._token.id, 'wait', (), {}))
            with condition:  # which is to be had when the other waits
                pass
            waiter = Later(lambda: condition.acquire() and condition.wait(PATIENCE))
            self.assertTrue(waiter.waits())
        ask(self.manager.address, 'dummy')
        with condition:
            condition.notify()
        self.assertTrue(waiter.result())

    def test_a_barrier_breaks(self):
        barrier = self.manager.Barrier(3)
        waiter = Later(barrier.wait)
        self.assertTrue(wait_until(lambda: barrier.n_waiting == 1))
        self.vanish(barrier, 'wait')
        self.assertRaises(threading.BrokenBarrierError, waiter.result)
        self.assertTrue(barrier.broken)


class AddressTest(Interop):
    def test_every_kind_of_address_works(self):
        def run(kind, address):
            # A connection that a thread has to an address is never replaced: each has its own.
            with kind(address=address.replace('@', '@' + os.urandom(8).hex())) as server:
                manager = server.connect()
                shared = manager.list([manager.list([1])])
                return describe([type(server.address).__name__, shared[0][0],
                                 manager.dict(a=1).keys(), list(manager.dict(a=1))])

        for address in ('127.0.0.1:0', 'unix:@', 'localhost:0'):
            outcomes = [run(type(server), address) for server in self.each_server()]
            self.assertEqual(outcomes[0], outcomes[1], address)

    @unittest.skipUnless(sys.platform == 'linux', 'other systems delay less, or more')
    def test_over_tcp_nothing_waits_for_an_acknowledgement_that_is_put_off(self):
        """Linux puts them off for 40 ms. With CPython's server what is sent in two pieces waits so."""
        def quickest(call):
            took = []
            for _ in range(8):
                start = time.monotonic()
                call()
                took.append(time.monotonic() - start)
            return min(took)

        with Daemon(address='127.0.0.1:0') as server:
            manager = server.connect()
            table, long = manager.dict(), 'x' * 20000
            for call in (manager.list, functools.partial(table.update, a=long)):
                self.assertLess(quickest(call), 0.035)

    def test_a_socket_file_goes_with_its_server(self):
        for server in self.each_server():
            with type(server)() as other:
                path = other.address
                self.assertTrue(os.path.exists(path))
                other.process.terminate()
                self.assertEqual(other.process.wait(PATIENCE), 0)
                self.assertTrue(wait_until(lambda: not os.path.exists(path)), server.name)

    def start_in_vain(self, *options):
        """A daemon that cannot start says why in a line, with status 2."""
        command = [daemon_path(), *options]
        done = subprocess.run(command, env={'SYNCMANAGER_AUTHKEY': 'key'}, timeout=PATIENCE,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual((done.returncode, done.stdout, done.stderr.count(b'\n')), (2, b'', 1))
        return done.stderr.decode()

    @unittest.skipUnless(daemon_path(), 'no daemon')
    def test_a_file_that_is_no_socket_is_left_alone(self):
        with tempfile.NamedTemporaryFile() as file:
            file.write(b'precious')
            file.flush()
            self.assertIn('no socket', self.start_in_vain('--address', 'unix:' + file.name))
            with open(file.name, 'rb') as again:
                self.assertEqual(again.read(), b'precious')

    @unittest.skipUnless(daemon_path(), 'no daemon')
    def test_a_constructor_that_is_not_known_is_named(self):
        why = self.start_in_vain('--address', 'unix:@' + os.urandom(8).hex(),
                                 '--register', 'x=Foo(1)')
        self.assertIn("x: NameError: name 'Foo' is not defined", why)


class ProxyClassTest(unittest.TestCase):
    """Clients that say which proxy class a registered Barrier or Namespace has."""

    def setUp(self):
        class Manager(managers.BaseManager):
            pass

        Manager.register('one', proxytype=managers.BarrierProxy)
        Manager.register('space', proxytype=managers.NamespaceProxy)
        self.server = Daemon({'one': 'Barrier(1)', 'space': 'Namespace(x=1)'})
        self.addCleanup(self.server.stop)
        self.manager = Manager(self.server.address, self.server.key)
        self.manager.connect()
        self.addCleanup(forget_connection, self.server.address)

    def test_a_barrier_has_its_attributes(self):
        one = self.manager.one()
        self.assertEqual((0, 1, 0, False), (one.wait(), one.parties, one.n_waiting, one.broken))

    def test_a_namespace_has_its_attributes(self):
        space = self.manager.space()
        space.y = 2
        del space.x
        self.assertEqual(2, self.manager.space().y)
        with self.assertRaises(AttributeError):
            space.x


if __name__ == '__main__':
    unittest.main()
