# SPDX-License-Identifier: MIT
"""How a server ends, and starts again: nothing lost, nobody stuck, nothing left behind."""

import os
import pickle
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time
import unittest

from cases import Interop, Later
from raw import Raw, ask, open_calls
from servers import PATIENCE, Daemon, daemon_path, forget_connection, format_address, wait_until

LARGE = 16 << 20  # more than any socket holds
WAITS = {
    'acquire of a Lock': ('Lock', (), lambda lock: lock.acquire(), lambda lock: lock.acquire()),
    'acquire of an RLock': ('RLock', (), lambda lock: lock.acquire(), lambda lock: lock.acquire()),
    'acquire of a Semaphore': ('Semaphore', (0,), None, lambda sem: sem.acquire()),
    'wait of an Event': ('Event', (), None, lambda event: event.wait()),
    'wait of a Condition': ('Condition', (), None, lambda cond: cond.acquire() and cond.wait()),
    'wait of a Barrier': ('Barrier', (2,), None, lambda barrier: barrier.wait()),
    'get of a Queue': ('Queue', (), None, lambda queue: queue.get()),
    'put of a Queue': ('Queue', (1,), lambda queue: queue.put(1), lambda queue: queue.put(2)),
    'join of a JoinableQueue': ('JoinableQueue', (), lambda queue: queue.put(1),
                                lambda queue: queue.join()),
}


def daemon(*options, address=None, registered=None):
    """A daemon with these options."""
    class WithOptions(Daemon):
        def command(self, where):
            return super().command(where) + list(options)

    return WithOptions(registered, address)


class EndTest(Interop):
    def test_calls_that_wait_fail(self):
        for server in self.each_server():
            with type(server)() as other:
                manager = other.connect()
                made = {}
                for name, (typeid, args, before, wait) in WAITS.items():
                    made[name] = getattr(manager, typeid)(*args)
                    if before:
                        before(made[name])
                calls = {name: Later(lambda wait=WAITS[name][3], shared=made[name]: wait(shared))
                         for name in WAITS}
                for name, call in calls.items():
                    self.assertTrue(call.waits(), name)
                other.process.terminate()
                for name, call in calls.items():
                    with self.subTest(server=server.name, name=name):
                        self.assertRaises((EOFError, ConnectionError), call.result)
                self.assertEqual(0, other.process.wait(PATIENCE))


@unittest.skipUnless(daemon_path(), 'no daemon')
class DaemonEndTest(unittest.TestCase):
    def large(self, server):
        """A method connection that has asked for a large answer, and not read it."""
        shared = server.connect().list(['x' * LARGE])
        raw = open_calls(server.address)
        self.addCleanup(raw.close)
        raw.send_object((shared._token.id, '__getitem__', (0,), {}))
        raw.socket.recv(1, socket.MSG_PEEK)
        return raw

    def end(self, server, signal_number=signal.SIGTERM):
        """Tell it to end; it takes no more connections when this returns."""
        path = server.address
        server.process.send_signal(signal_number)
        self.assertTrue(wait_until(lambda: not os.path.exists(path)))

    def test_a_waiting_client_is_told_why(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with daemon() as server:
                event = server.connect().Event()
                call = Later(event.wait)
                self.assertTrue(call.waits())
                server.process.send_signal(number)
                with self.assertRaisesRegex(EOFError, '^the manager is shutting down$'):
                    call.result()
                self.assertEqual(0, server.process.wait(PATIENCE))

    def test_a_clients_shutdown_is_as_gentle(self):
        with daemon() as server:
            event = server.connect().Event()
            call = Later(event.wait)
            self.assertTrue(call.waits())
            self.assertEqual(('#RETURN', None), ask(server.address, 'shutdown'))
            self.assertRaisesRegex(EOFError, 'shutting down', call.result)
            self.assertEqual(0, server.process.wait(PATIENCE))

    def test_requests_on_their_way_are_served(self):
        with daemon() as server:
            shared = server.connect().list()
            others = [open_calls(server.address) for _ in range(20)]
            frame = pickle.dumps((shared._token.id, 'append', (1,), {}), 4)
            for raw in others:
                raw.send_bytes((struct.pack('!i', len(frame)) + frame) * 100)
            server.process.terminate()
            for raw in others:
                for _ in range(100):
                    self.assertEqual(('#RETURN', None), raw.receive_object())
                self.assertTrue(raw.closed())
                raw.close()
            self.assertEqual(0, server.process.wait(PATIENCE))

    def test_what_wakes_a_waiter_on_its_way_does_so(self):
        with daemon() as server:
            semaphore = server.connect().Semaphore(0)
            call = Later(semaphore.acquire)
            self.assertTrue(call.waits())
            with open_calls(server.address) as raw:
                raw.send_object((semaphore._token.id, 'release', (), {}))
                server.process.terminate()
                self.assertIs(True, call.result())

    def test_a_large_answer_arrives_whole(self):
        with daemon() as server:
            raw = self.large(server)
            self.end(server)
            self.assertIsNone(server.process.poll())
            self.assertEqual(LARGE, len(raw.receive_object()[1]))
            self.assertEqual(0, server.process.wait(PATIENCE))

    def test_who_does_not_read_is_cut_in_time(self):
        with daemon('--drain-timeout', '0.2') as server:
            self.large(server)
            start = time.monotonic()
            server.process.terminate()
            self.assertEqual(0, server.process.wait(PATIENCE))
            self.assertGreaterEqual(time.monotonic() - start, 0.2)
            self.assertIn('connections cut', server.read_errors())

    def test_no_time_is_no_time(self):
        with daemon('--drain-timeout', '0') as server:
            self.large(server)
            server.process.terminate()
            self.assertEqual(0, server.process.wait(PATIENCE))

    def test_a_second_signal_ends_it_at_once(self):
        with daemon('--drain-timeout', '3600') as server:
            self.large(server)
            self.end(server)
            self.assertIsNone(server.process.poll())
            server.process.terminate()
            self.assertEqual(0, server.process.wait(PATIENCE))

    def test_a_clients_shutdown_and_a_signal_end_it_at_once(self):
        with daemon('--drain-timeout', '3600') as server:
            self.large(server)
            path = server.address
            ask(path, 'shutdown')
            self.assertTrue(wait_until(lambda: not os.path.exists(path)))
            server.process.send_signal(signal.SIGINT)
            self.assertEqual(0, server.process.wait(PATIENCE))

    def test_a_tcp_port_takes_nobody_while_it_ends(self):
        with daemon('--drain-timeout', '3600', address='127.0.0.1:0') as server:
            self.large(server)
            server.process.terminate()
            self.assertTrue(wait_until(lambda: self.refused(server.address)))
            self.assertIsNone(server.process.poll())
            server.process.terminate()
            self.assertEqual(0, server.process.wait(PATIENCE))

    def refused(self, address):
        try:
            socket.create_connection(address, PATIENCE).close()
        except ConnectionRefusedError:
            return True
        return False

    def test_idle_clients_do_not_keep_it(self):
        with daemon('--drain-timeout', '3600') as server:
            shared = server.connect().list()
            self.assertEqual(0, len(shared))
            with Raw(server.address), open_calls(server.address):
                server.process.terminate()
                self.assertEqual(0, server.process.wait(PATIENCE))

    def test_many_objects_do_not_delay_its_end(self):
        with daemon() as server, open_calls(server.address) as raw:
            frame = pickle.dumps((None, 'create', ('Lock',), {}), 4)
            frames = (struct.pack('!i', len(frame)) + frame) * 1000
            for _ in range(200):
                raw.send_bytes(frames)
                for _ in range(1000):
                    raw.receive()
            start = time.monotonic()
            server.process.terminate()
            self.assertEqual(0, server.process.wait(PATIENCE * 10))
            self.assertLess(time.monotonic() - start, PATIENCE / 2)

    def test_it_is_logged(self):
        with daemon() as server:
            call = Later(server.connect().Event().wait)
            self.assertTrue(call.waits())
            server.process.terminate()
            self.assertEqual(0, server.process.wait(PATIENCE))
            self.assertRegex(server.read_errors(), r'ending: \d connections are open, 1 calls wait')


@unittest.skipUnless(daemon_path(), 'no daemon')
class StartTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix='sm-')
        self.addCleanup(self.folder.cleanup)
        self.path = os.path.join(self.folder.name, 'socket')

    def start_in_vain(self, address, *options, lines=1):
        """A daemon that cannot start says why in a line, with status 2."""
        done = subprocess.run([daemon_path(), '--address', address, *options],
                              env={'SYNCMANAGER_AUTHKEY': 'key'}, timeout=PATIENCE,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual((2, b''), (done.returncode, done.stdout))
        if lines:
            self.assertEqual(lines, done.stderr.count(b'\n'))
        return done.stderr.decode()

    def test_a_killed_daemon_is_followed_at_once(self):
        for address in ('unix:' + self.path, 'unix:@' + os.urandom(8).hex(), '127.0.0.1:0'):
            with self.subTest(address=address):
                with daemon(address=address) as server:
                    shared = server.connect().list([1])
                    self.assertEqual(1, len(shared))
                    server.process.kill()
                    server.process.wait(PATIENCE)
                    again = format_address(server.address)
                    forget_connection(server.address)
                    with daemon(address=again) as follower:
                        self.assertEqual(0, ask(follower.address, 'number_of_objects')[1])
                    server.process.returncode = 0

    def test_a_port_is_free_at_once_when_its_connections_linger(self):
        with daemon(address='127.0.0.1:0') as server:
            raw = open_calls(server.address)  # the daemon closes first, and so waits
            again = format_address(server.address)
        with daemon(address=again) as follower:
            self.assertEqual(0, ask(follower.address, 'number_of_objects')[1])
        raw.close()

    def test_a_live_daemon_is_left_alone(self):
        for address in ('unix:' + self.path, 'unix:@' + os.urandom(8).hex(), '127.0.0.1:0'):
            with self.subTest(address=address), daemon(address=address) as server:
                why = self.start_in_vain(format_address(server.address))
                self.assertIn('in use; stop the other server or choose another address', why)
                self.assertEqual(0, ask(server.address, 'number_of_objects')[1])

    def test_of_many_that_start_at_once_one_serves(self):
        stale = socket.socket(socket.AF_UNIX)
        stale.bind(self.path)
        stale.close()
        command = [daemon_path(), '--address', 'unix:' + self.path]
        many = [subprocess.Popen(command, env={'SYNCMANAGER_AUTHKEY': 'interop'},
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
                for _ in range(6)]
        lines = [process.stdout.readline() for process in many]
        self.assertEqual(1, sum(b'listening on' in line for line in lines), lines)
        self.assertEqual(('#RETURN', 0), ask(self.path, 'number_of_objects'))
        for process, line in zip(many, lines):
            if line:
                process.terminate()
            self.assertEqual(0 if line else 2, process.wait(PATIENCE))
            process.stdout.close()
        self.assertEqual([], os.listdir(self.folder.name))

    def test_a_daemon_removes_no_socket_but_its_own(self):
        with daemon(address='unix:' + self.path) as server:
            os.unlink(self.path)
            with daemon(address='unix:' + self.path):
                server.process.terminate()
                self.assertEqual(0, server.process.wait(PATIENCE))
                self.assertEqual(('#RETURN', 0), ask(self.path, 'number_of_objects'))

    def test_a_socket_is_its_owners_alone(self):
        mask = os.umask(0)
        try:
            with daemon(address='unix:' + self.path):
                self.assertEqual(0o600, os.stat(self.path).st_mode & 0o7777)
        finally:
            os.umask(mask)

    def test_planted_links_are_not_followed(self):
        target = os.path.join(self.folder.name, 'target')
        os.symlink(target, self.path)
        self.assertIn('no socket', self.start_in_vain('unix:' + self.path))
        self.assertEqual(['socket'], os.listdir(self.folder.name))
        os.unlink(self.path)
        os.symlink(target, self.path + '.syncmanager-lock')
        self.assertIn('is a link, or not yours', self.start_in_vain('unix:' + self.path))
        self.assertEqual(['socket.syncmanager-lock'], os.listdir(self.folder.name))

    def test_a_name_is_registered_once(self):
        why = self.start_in_vain('unix:' + self.path, '--register', 'jobs=Queue()', '--register',
                                 'other=1', '--register', 'jobs=Queue(5)')
        self.assertIn('jobs: this name is registered already', why)

    def test_a_name_of_a_type_may_be_taken(self):
        with daemon(registered={'list': '(1, 2)'}) as server:
            self.assertEqual((1, 2), server.connect().list()._getvalue())

    def test_wrong_times_are_told(self):
        for text, what in (('x', 'not a number of seconds'), ('1x', 'not a number of seconds'),
                           ('nan', 'not a number of seconds'), ('', 'not a number of seconds'),
                           ('-1', 'out of range'), ('1e30', 'out of range'),
                           ('inf', 'out of range')):
            for option in ('--drain-timeout', '--keepalive'):
                with self.subTest(text=text, option=option):
                    self.assertIn(what, self.start_in_vain('unix:' + self.path, option, text))

    def test_numbers_out_of_range_are_called_so(self):
        for option, texts in (('--max-objects', ('0', '-1', '2147483648', '9' * 30)),
                              ('--max-connections', ('0', '-1', '2147483648')),
                              ('--max-memory', ('0', '-1', '9' * 12 + 'G', '9' * 30)),
                              ('--max-message', ('0', '8589934592G')),
                              ('--spin', ('-1', '2147483648'))):
            for text in texts:
                with self.subTest(option=option, text=text):
                    self.assertIn('%s: out of range' % text, self.start_in_vain(
                        'unix:' + self.path, option, text))

    def test_what_is_no_number_is_called_so(self):
        for option in ('--max-objects', '--max-connections', '--max-memory', '--max-message',
                       '--spin', '--threads'):
            for text in ('', 'x', '1x', '1.5', '1 ', ' 1', '-', '1KK', '0x10'):
                with self.subTest(option=option, text=text):
                    self.assertIn('%s: not a number' % text, self.start_in_vain(
                        'unix:' + self.path, option, text))

    def test_limits_that_let_nobody_in_are_refused(self):
        for option, text, what in (('--max-memory', '1', 'no client could be served'),
                                   ('--max-memory', '63K', 'no client could be served'),
                                   ('--max-message', '1', 'hold no request'),
                                   ('--max-message', '1023', 'hold no request')):
            with self.subTest(option=option, text=text):
                self.assertIn(what, self.start_in_vain('unix:' + self.path, option, text))

    def test_what_is_registered_must_leave_room_for_clients(self):
        self.assertIn('no client could be served', self.start_in_vain(
            'unix:' + self.path, '--max-memory', '128K', '--register', 'x="%s"' % ('x' * 100000)))

    def test_the_least_limits_let_a_client_in(self):
        for options in (['--max-memory', '80K'], ['--max-message', '1K'], ['--max-objects', '1'],
                        ['--max-connections', '2']):
            with self.subTest(options=options), daemon(*options) as server:
                shared = server.connect().list([1])
                shared.append(2)
                self.assertEqual([1, 2], shared[:])
                del shared

    def warning(self, mode):
        key = os.path.join(self.folder.name, 'key')
        with open(key, 'w') as file:
            file.write('key')
        os.chmod(key, mode)
        return key, self.start_in_vain('nowhere', '--authkey-file', key, lines=None)

    def test_a_key_that_every_user_can_read_or_change_is_warned_about(self):
        for mode, what in ((0o644, 'read'), (0o602, 'change')):
            with self.subTest(mode=mode):
                key, text = self.warning(mode)
                self.assertIn('warning: every user can %s the key file %s: chmod o-rwx %s\n'
                              % (what, key, key), text)

    def test_a_key_of_its_owner_or_group_alone_is_not(self):
        for mode in (0o600, 0o640):
            with self.subTest(mode=mode):
                self.assertNotIn('warning', self.warning(mode)[1])


if __name__ == '__main__':
    unittest.main()
