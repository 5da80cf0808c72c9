#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a client with the key may do to the ring of its connection, and to others by that."""

import array
import mmap
import os
import pickle
import random
import resource
import signal
import socket
import struct
import unittest

from daemons import Case
from raw import open_calls
from servers import wait_until

RINGS = 1024  # LIMIT_RINGS of base/limits.h
SIZE, LARGE = 16384, 131072  # BYTE_RING_SIZE and _LARGE, and the places of base/byte_ring.h
CLIENT_SLEEPS, MANAGER_SLEEPS, REQUESTS = 0, 64, 128
IS_LARGE, HEAD, BYTES = 4, 64, 128
ANSWERS = REQUESTS + BYTES + SIZE + LARGE
LENGTH = ANSWERS + BYTES + SIZE + LARGE
READABLE = 1


def framed(*request):
    payload = pickle.dumps(request)
    return struct.pack('!i', len(payload)) + payload


class Ring:
    """The client's end: it never sleeps in it."""

    def __init__(self, raw):
        self.socket = raw.socket
        self.tail = self.head = 0
        self.memory = None
        fds = array.array('i')
        raw.send_object((None, 'sm_ring', (), {}))
        head, control, _, _ = raw.socket.recvmsg(4, socket.CMSG_SPACE(fds.itemsize))
        for _, _, data in control:
            fds.frombytes(data)
        size, = struct.unpack('!i', head)
        self.answer = pickle.loads(raw.receive_bytes(size))
        if fds:
            self.memory = mmap.mmap(fds[0], 0)
            os.close(fds[0])

    def number(self, at, format='I'):
        return struct.unpack_from(format, self.memory, at)[0]

    def store(self, at, number, format='I'):
        struct.pack_into(format, self.memory, at, number)

    def ring_bell(self):
        self.store(MANAGER_SLEEPS, 0)
        self.socket.send(b'!')

    def put(self, bytes_):
        for byte in bytes_:
            self.memory[REQUESTS + BYTES + self.tail % SIZE] = byte
            self.tail = (self.tail + 1) % (1 << 32)
        self.store(REQUESTS, self.tail)
        if self.number(MANAGER_SLEEPS):
            self.ring_bell()

    def take(self, len_):
        while (self.number(ANSWERS) - self.head) % (1 << 32) < len_:
            pass
        place, size = (SIZE, LARGE) if self.number(ANSWERS + IS_LARGE) else (0, SIZE)
        at = [ANSWERS + BYTES + place + (self.head + i) % size for i in range(len_)]
        self.head = (self.head + len_) % (1 << 32)
        taken = bytes(self.memory[i] for i in at)
        self.store(ANSWERS + HEAD, self.head, 'Q')
        return taken

    def call(self, ident, method, *args):
        self.put(framed(ident, method, args, {}))
        size, = struct.unpack('!i', self.take(4))
        return pickle.loads(self.take(size))


class Rings(Case):
    def setUp(self):
        self.server = self.serve()
        self.manager = self.server.connect()
        self.watched = self.manager.list([1, 2, 3])

    def open(self):
        raw = open_calls(self.server.address)
        self.addCleanup(raw.close)
        return raw

    def info(self, name):
        with open_calls(self.server.address) as raw:
            return raw.call(None, 'sm_info')[1][name]

    def check_served(self):
        self.assertEqual(list(self.watched), [1, 2, 3])
        other = Ring(self.open())
        self.assertEqual(other.call(None, 'dummy'), ('#RETURN', None))

    def processor_time(self):
        with open('/proc/%d/stat' % self.server.pid) as file:
            fields = file.read().rpartition(')')[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')

    def test_a_ring_carries_calls(self):
        ring = Ring(self.open())
        self.assertEqual(ring.answer, ('#RETURN', True))
        self.assertGreaterEqual(len(ring.memory), LENGTH)
        for i in range(2000):  # more than fits in at once
            self.assertEqual(ring.call(self.watched._id, '__getitem__', i % 3),
                             ('#RETURN', i % 3 + 1))
        self.assertGreaterEqual(self.info('by_rings'), 2000)

    def test_who_cannot_use_it_goes_on_by_the_socket(self):
        raw = self.open()
        ring = Ring(raw)
        for i in range(100):
            self.assertEqual(raw.call(self.watched._id, '__len__'), ('#RETURN', 3))
        self.assertEqual(self.info('by_rings'), 0)
        self.assertEqual(ring.call(self.watched._id, '__len__'), ('#RETURN', 3))
        self.assertEqual(self.info('by_rings'), 1)

    def test_there_is_one_for_a_connection(self):
        raw = self.open()
        self.assertEqual(Ring(raw).answer, ('#RETURN', True))
        self.assertEqual(Ring(raw).answer, ('#RETURN', None))

    def test_there_are_so_many_and_memory_comes_back(self):
        before = self.info('memory')
        crowd = [self.open() for _ in range(40)]
        self.assertTrue(all(Ring(raw).memory for raw in crowd))
        self.assertEqual(self.info('rings'), 40)
        self.assertEqual(self.info('memory')['shared'] - before['shared'], 40 * LENGTH)
        for raw in crowd:
            raw.close()
        self.assertTrue(wait_until(lambda: self.info('rings') == 0))
        self.assertEqual(self.info('memory')['shared'], before['shared'])

    def test_beyond_the_limit_there_are_sockets(self):
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        if most < 2 * RINGS:
            self.skipTest('too few descriptors')
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        crowd = [self.open() for _ in range(RINGS + 1)]
        answers = [Ring(raw).answer[1] for raw in crowd]
        self.assertEqual(answers, [True] * RINGS + [None])
        self.assertEqual(crowd[-1].call(self.watched._id, '__len__'), ('#RETURN', 3))
        self.assertEqual(list(self.watched), [1, 2, 3])

    def test_little_memory_gives_no_rings(self):
        server = self.serve('--max-memory', '4M')
        with open_calls(server.address) as raw:
            ident = raw.call(None, 'create', 'list')[1][0]
            while raw.call(ident, 'append', b'x' * (LENGTH // 2))[0] == '#RETURN':
                pass
            self.assertEqual(Ring(raw).answer, ('#RETURN', None))
            self.assertEqual(raw.call(ident, '__getitem__', 0)[0], '#RETURN')

    def check_ended(self, raw):
        raw.socket.settimeout(30)
        try:
            while raw.socket.recv(4096):
                pass
        except ConnectionResetError:
            pass

    def test_numbers_that_cannot_be_end_the_connection(self):
        for at, number, format in [(REQUESTS, SIZE + 1, 'I'), (REQUESTS, 1 << 31, 'I'),
                                   (REQUESTS + HEAD, 7, 'Q'), (ANSWERS + HEAD, 77, 'Q')]:
            with self.subTest(at=at, number=number):
                raw = self.open()
                ring = Ring(raw)
                ring.call(None, 'dummy')
                if at == REQUESTS:
                    ring.store(at, ring.tail + LARGE + number, format)
                    ring.ring_bell()
                else:
                    ring.store(at, ring.head + LARGE * 2 + number, format)
                    ring.put(framed(None, 'dummy', (), {}))
                self.check_ended(raw)
                self.check_served()

    def test_whatever_is_written_there_comes_to_nothing_else(self):
        chance = random.Random(1)
        for n in range(150):
            raw = self.open()
            ring = Ring(raw)
            ring.call(None, 'dummy')
            for _ in range(200):
                at = chance.choice([CLIENT_SLEEPS, MANAGER_SLEEPS, REQUESTS, REQUESTS + HEAD, ANSWERS,
                                    ANSWERS + HEAD, chance.randrange(LENGTH // 8) * 8])
                ring.store(at, chance.getrandbits(64) >> chance.randrange(64), 'Q')
                if chance.randrange(20) == 0:
                    try:
                        raw.socket.send(b'!')
                    except OSError:
                        break
            raw.close()
            if n % 50 == 0:
                self.check_served()
        self.check_served()
        self.assertTrue(wait_until(lambda: self.info('rings') <= 4))
        self.server.stop()

    def test_who_says_that_nobody_sleeps_waits_alone(self):
        ring = Ring(self.open())
        ring.call(None, 'dummy')
        request = framed(None, 'dummy', (), {})
        wait_until(lambda: ring.number(MANAGER_SLEEPS))
        ring.store(MANAGER_SLEEPS, 0)
        ring.put(request)
        self.check_served()

    def test_bells_without_end_cost_no_more_than_requests(self):
        raw = self.open()
        ring = Ring(raw)
        ring.call(None, 'dummy')
        raw.socket.setblocking(False)
        before = self.processor_time()
        for _ in range(20000):
            try:
                raw.socket.send(b'!')
            except BlockingIOError:
                pass
        bells = self.processor_time() - before
        raw.socket.setblocking(True)
        self.assertLess(bells, 20000 * 100e-6)
        self.assertEqual(ring.call(None, 'dummy'), ('#RETURN', None))
        self.check_served()

    def test_who_takes_no_answers_waits_alone(self):
        ring = Ring(self.open())
        ident = self.watched._id
        ring.call(ident, '__len__')
        request = framed(ident, '__getitem__', (0,), {})
        room = SIZE // len(request)
        for _ in range(3 * room):
            while (ring.tail - ring.number(REQUESTS + HEAD)) % (1 << 32) + len(request) > SIZE:
                if ring.number(MANAGER_SLEEPS):
                    ring.ring_bell()
            ring.put(request)
        self.check_served()
        for _ in range(3 * room):  # none is lost
            size, = struct.unpack('!i', ring.take(4))
            self.assertEqual(pickle.loads(ring.take(size)), ('#RETURN', 1))
            if ring.number(MANAGER_SLEEPS):
                ring.ring_bell()

    def test_who_is_killed_within_a_message_is_forgotten(self):
        for part in 2, 4, 20, -1:
            child = os.fork()
            if not child:
                ring = Ring(open_calls(self.server.address))
                ring.call(None, 'dummy')
                ring.put(framed(self.watched._id, 'append', (4,), {})[:part])
                os.kill(os.getpid(), signal.SIGKILL)
            os.waitpid(child, 0)
        self.assertTrue(wait_until(lambda: self.info('rings') == 0))
        self.check_served()


if __name__ == '__main__':
    unittest.main()
