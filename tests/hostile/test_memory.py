#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a client with the key may take: memory, objects, answers that nobody reads."""

import os
import pickle
import socket
import struct
import unittest

from daemons import MIB, Case
from raw import open_calls
from servers import PATIENCE

# What is not counted: the program itself, the allocator's losses, the kernel's buffers; and what a
# sanitizer keeps of what was freed.
BESIDE = (512 if 'SANITIZED' in os.environ else 48) * MIB


class Memory(Case):
    def setUp(self):
        self.server = self.serve('--max-memory', '64M')
        self.manager = self.server.connect()

    def check_alive(self):
        other = self.manager.list([1])
        other.append(2)
        self.assertEqual(list(other), [1, 2])
        self.assertLess(self.server.resident(), 64 * MIB + BESIDE)
        self.server.stop()

    def fill(self, put):
        """Put until it is refused; how often it was not."""
        for n in range(1 << 20):
            try:
                put()
            except MemoryError:
                return n
        self.fail('it never ended')

    def test_an_item_too_many_raises_memory_error(self):
        items = self.manager.list()
        n = self.fill(lambda: items.append(b'x' * MIB))
        self.assertGreater(n, 32)
        self.assertEqual(len(items), n)
        self.check_alive()

    def test_small_items_are_counted_too(self):
        items = self.manager.list()
        many = [b'x' * 100] * 10000
        n = self.fill(lambda: items.extend(many))
        self.assertGreater(n, 10)
        self.assertEqual(len(items), n * len(many))
        self.check_alive()

    def test_what_was_let_go_can_be_taken_again(self):
        items = self.manager.list()
        n = self.fill(lambda: items.append(b'x' * MIB))
        del items[:]
        self.assertEqual(self.fill(lambda: items.append(b'x' * MIB)), n)
        self.check_alive()

    def test_a_message_over_it_raises_memory_error(self):
        items = self.manager.list()
        with self.assertRaises(MemoryError):
            items.append(b'x' * (80 * MIB))
        items.append(1)
        self.assertEqual(list(items), [1])
        self.check_alive()

    def test_a_first_request_over_it_fails(self):
        with self.assertRaisesRegex(Exception, 'MemoryError'):
            self.manager.list([b'x' * (80 * MIB)])
        self.check_alive()

    def test_an_answer_over_it_raises_memory_error(self):
        items = self.manager.list()
        for _ in range(36):
            items.append(b'x' * MIB)
        with self.assertRaises(MemoryError):
            items[:]
        self.assertEqual(len(items[0]), MIB)
        self.check_alive()

    def test_a_large_value_is_sent_without_a_copy(self):
        """Also behind, and ahead of, answers to other requests that were sent at once."""
        box = self.manager.dict({1: b'x' * (24 * MIB), 2: 'small'})
        raw = open_calls(self.server.address)
        self.addCleanup(raw.close)
        raw.send_bytes(b''.join(
            struct.pack('!i', len(request)) + request for request in
            (pickle.dumps((box._id, 'get', (key,), {})) for key in (2, 1, 1, 2, 1))))
        got = [raw.receive_object()[1] for _ in range(5)]
        self.assertEqual([len(value) for value in got], [5, 24 * MIB, 24 * MIB, 5, 24 * MIB])
        self.assertEqual(got[1], b'x' * (24 * MIB))
        self.check_alive()

    def test_a_large_value_that_is_replaced_while_it_is_sent_arrives_whole(self):
        box = self.manager.dict({1: b'x' * (8 * MIB)})
        raw = open_calls(self.server.address)
        self.addCleanup(raw.close)
        raw.send_object((box._id, 'pop', (1,), {}))
        raw.socket.recv(1, socket.MSG_PEEK)
        for n in range(5):
            box[1] = b'y' * (8 * MIB)
        self.assertEqual(raw.receive_object()[1], b'x' * (8 * MIB))
        self.check_alive()

    def test_a_reader_that_vanishes_leaves_the_item_in_the_queue(self):
        jobs = self.manager.Queue()
        jobs.put(b'x' * (8 * MIB))
        raw = open_calls(self.server.address)
        raw.send_object((jobs._id, 'get', (), {}))
        raw.socket.recv(1, socket.MSG_PEEK)
        raw.close()
        self.assertEqual(jobs.get(timeout=10), b'x' * (8 * MIB))
        self.check_alive()

    def test_growth_of_dicts_sets_and_queues_is_bounded(self):
        box, jobs = self.manager.dict(), self.manager.Queue()
        n = self.fill(lambda: (jobs.put(b'x' * MIB), box.update({len(box): b'x' * MIB})))
        self.assertEqual(jobs.qsize() - len(box), jobs.qsize() - n)
        self.assertEqual(jobs.get(), b'x' * MIB)
        self.check_alive()

    def test_parked_calls_are_counted(self):
        """Each holds an item that it wants to put."""
        jobs = self.manager.Queue(1)
        jobs.put(0)
        raws, refused = [], 0
        for _ in range(100):
            raw = open_calls(self.server.address)
            self.addCleanup(raw.close)
            raw.send_object((jobs._id, 'put', (b'x' * MIB,), {}))
            raws.append(raw)
        for raw in raws:
            raw.socket.settimeout(0.01)
            try:
                kind, error = raw.receive_object()
                self.assertIsInstance(error, MemoryError)
                refused += 1
            except Exception as error:
                if isinstance(error, AssertionError):
                    raise
        self.assertGreater(refused, 30)
        self.assertLess(refused, 70)
        for raw in raws:
            raw.close()
        self.check_alive()

    def test_messages_that_never_end_are_counted(self):
        """Many connections send half of a large message each."""
        half = struct.pack('!i', 16 * MIB) + b'x' * (8 * MIB)
        for _ in range(20):
            raw = open_calls(self.server.address)
            self.addCleanup(raw.close)
            raw.send_bytes(half)
        self.check_alive()


class Objects(Case):
    def test_an_object_too_many_is_refused(self):
        server = self.serve('--max-objects', '10')
        manager = server.connect()
        held = [manager.Lock() for _ in range(10)]
        with self.assertRaisesRegex(Exception, 'MemoryError: the manager has 10 objects'):
            manager.list()
        with self.assertRaises(Exception):
            iter(manager.dict())
        held.pop()
        held.append(manager.list())
        server.stop()


class Backlog(Case):
    def test_who_pipelines_without_reading_waits_alone(self):
        """Its answers, of 1 MiB each, stay bounded; the next request is not even read."""
        server = self.serve()
        manager = server.connect()
        value = manager.Value('y', b'x' * MIB)
        raw = open_calls(server.address)
        self.addCleanup(raw.close)
        request = pickle.dumps((value._id, 'get', (), {}))
        frame = struct.pack('!i', len(request)) + request
        before = server.resident()
        raw.socket.settimeout(0.5)
        sent = 0
        try:
            while sent < 10000 * len(frame):
                sent += raw.socket.send(frame * 100)
        except socket.timeout:
            pass
        self.assertLess(sent, 10000 * len(frame))
        small = manager.list()
        for n in range(100):
            small.append(n)
        self.assertLess(server.resident() - before, 8 * MIB)
        raw.socket.settimeout(PATIENCE)
        for _ in range(sent // len(frame)):
            self.assertEqual(len(raw.receive_object()[1]), MIB)
        server.stop()


if __name__ == '__main__':
    unittest.main()
