#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Who has no key: what it may hold, how long, and what it is told."""

import os
import resource
import struct
import time
import unittest

from daemons import Case
from raw import CHALLENGE, FAILURE, Raw
from servers import wait_until

LOBBY = 1024  # LIMIT_LOBBY of base/limits.h


def raise_descriptor_limit():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Strangers(Case):
    def connect(self, server, **keywords):
        raw = Raw(server.address, **keywords)
        self.addCleanup(raw.close)
        return raw

    def crowd(self, server, count):
        """Connections that say nothing, all of them accepted."""
        crowd = [self.connect(server) for _ in range(count)]
        for raw in crowd:
            raw.receive()
        return crowd

    def check_served(self, server):
        manager = server.connect()
        items = manager.list([1])
        self.assertEqual(items.pop(), 1)

    def cut(self, crowd):
        def closed(raw):
            raw.socket.settimeout(0)
            try:
                return raw.socket.recv(1) == b''
            except BlockingIOError:
                return False
            except ConnectionResetError:
                return True
        return sum(map(closed, crowd))

    def test_a_crowd_does_not_shut_out_who_has_the_key(self):
        raise_descriptor_limit()
        server = self.serve()
        crowd = self.crowd(server, LOBBY)
        time.sleep(5.1)  # LIMIT_LOBBY_TIME: nobody honest takes that long
        late = self.crowd(server, 100)
        self.check_served(server)
        self.assertTrue(wait_until(lambda: self.cut(crowd) >= 100))
        self.assertEqual(self.cut(late), 0)
        server.stop()

    def test_a_burst_of_honest_clients_is_served(self):
        raise_descriptor_limit()
        server = self.serve()
        burst = [self.connect(server) for _ in range(LOBBY + 200)]
        for raw in burst:
            self.assertEqual(raw.handshake().ask('dummy'), ('#RETURN', None))
        server.stop()

    def test_a_burst_of_honest_clients_is_served_where_there_is_little_room(self):
        server = self.serve('--max-connections', '20')
        burst = [self.connect(server) for _ in range(60)]
        for raw in burst:
            self.assertEqual(raw.handshake().ask('dummy'), ('#RETURN', None))
            raw.close()
        server.stop()

    def test_strangers_make_room_when_all_places_are_taken(self):
        server = self.serve('--max-connections', '20')
        for _ in range(2):
            self.crowd(server, 20)
            self.check_served(server)  # after LIMIT_LOBBY_TIME
        server.stop()

    @unittest.skipIf('SANITIZED' in os.environ, 'a sanitizer keeps memory of its own')
    def test_a_stranger_costs_a_few_kib(self):
        raise_descriptor_limit()
        server = self.serve()
        self.crowd(server, 10)
        before = server.resident()
        for raw in self.crowd(server, 1000):
            raw.send_bytes(struct.pack('!i', 200) + b'x' * 100)
        self.check_served(server)
        self.assertLess((server.resident() - before) / 1000, 4096)
        server.stop()

    def refusal(self, server, response):
        """Seconds until a response is refused."""
        raw = self.connect(server)
        self.assertTrue(raw.receive().startswith(CHALLENGE))
        start = time.monotonic()
        raw.send(response)
        while True:
            try:
                raw.receive()
            except (EOFError, ConnectionResetError):
                return time.monotonic() - start

    def test_failures_of_a_source_are_answered_later_and_later(self):
        server = self.serve()
        times = [self.refusal(server, b'{sha256}' + bytes(32)) for _ in range(6)]
        for n, seconds in enumerate(times):
            self.assertGreaterEqual(seconds, min(0.05 * 2 ** n, 1))
        server.stop()

    def test_every_failure_takes_the_same_time(self):
        responses = {
            'wrong': b'{sha256}' + bytes(32), 'short': b'{sha256}', 'md5': bytes(16),
            'nonsense': b'nonsense', 'empty': b'', 'no digest': b'{sha512}' + bytes(64)}
        for name, response in responses.items():
            server = self.serve()
            with self.subTest(name):
                self.assertGreaterEqual(self.refusal(server, response), 0.05)
            server.stop()

    def test_a_frame_that_is_none_is_answered_as_late(self):
        for bytes_ in (struct.pack('!i', 1 << 20), struct.pack('!i', -5), b'GET / HTTP/1.1\r\n'):
            server = self.serve()
            raw = self.connect(server)
            raw.receive()
            start = time.monotonic()
            raw.send_bytes(bytes_)
            try:
                while raw.socket.recv(1000):
                    pass
            except ConnectionResetError:
                pass
            self.assertGreaterEqual(time.monotonic() - start, 0.05)
            server.stop()

    def fail_often(self, server):
        """From now on, refusals wait a second."""
        for _ in range(6):
            self.refusal(server, b'')

    def once(self, attempt):
        """Whether it was served in less than a refusal waits: a busy machine may keep it once."""
        return any(attempt() < 0.9 for _ in range(20))

    def time_to_serve(self, server):
        start = time.monotonic()
        self.check_served(server)
        return time.monotonic() - start

    def test_others_are_served_while_a_refusal_waits(self):
        server = self.serve()
        self.fail_often(server)

        def attempt():
            waiting = self.connect(server)
            waiting.receive()
            start = time.monotonic()
            waiting.send(b'')
            took = self.time_to_serve(server)
            self.assertEqual(waiting.receive(), FAILURE)
            self.assertGreater(time.monotonic() - start, 0.9)
            return took
        self.assertTrue(self.once(attempt))
        server.stop()

    def test_who_comes_with_the_key_after_failures_is_not_slowed(self):
        server = self.serve()
        self.fail_often(server)
        self.assertTrue(self.once(lambda: self.time_to_serve(server)))
        server.stop()

    def test_the_log_stays_short_and_tells_where_from(self):
        server = self.serve()
        crowd = self.crowd(server, 100)
        for raw in crowd:
            raw.send(b'')
        for raw in crowd:
            self.assertEqual(raw.receive(), FAILURE)
        lines = [line for line in server.read_errors().splitlines() if 'refused' in line]
        self.assertRegex(lines[0], 'connection [0-9]+ of user [0-9]+ refused: ')
        self.assertLessEqual(len(lines), 20)
        server.stop()

    def test_the_key_is_nowhere_to_be_seen(self):
        key = b'an unusual key 4711'
        server = self.serve('--log-level', 'debug', key=key)
        self.refusal(server, b'')
        self.check_served(server)
        for name in ('cmdline', 'environ'):
            with open('/proc/%d/%s' % (server.pid, name), 'rb') as file:
                self.assertNotIn(key, file.read())
        self.assertNotIn(key.decode(), server.read_errors())
        server.stop()


if __name__ == '__main__':
    unittest.main()
