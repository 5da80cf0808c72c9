#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a client with the key may do to the memory that it shares with the manager, and to others."""

import array
import mmap
import os
import pickle
import random
import socket
import struct
import unittest

from daemons import Case
from raw import open_calls
from servers import wait_until

LINE = 64  # bytes of a word, and of a cell: base/word.h
WORDS, CELLS, VERSIONS = 65536, 16384, 65536  # LIMIT_WORDS and so on of base/limits.h
DESCRIPTORS = 3
KINDS = 'Lock', 'RLock', 'Semaphore', 'BoundedSemaphore', 'Event', 'Condition'


def framed(*request):
    payload = pickle.dumps(request)
    return struct.pack('!i', len(payload)) + payload


def share(raw):
    """The words, the cells and the versions, mapped."""
    raw.send_object((None, 'sm_share', (1,), {}))
    fds = array.array('i')
    head, control, _, _ = raw.socket.recvmsg(4, socket.CMSG_SPACE(DESCRIPTORS * fds.itemsize))
    for _, _, data in control:
        fds.frombytes(data)
    size, = struct.unpack('!i', head)
    pickle.loads(raw.receive_bytes(size))
    for fd in fds[1:]:
        try:
            mmap.mmap(fd, 0)
        except PermissionError:
            continue
        raise AssertionError('what is only to be read can be written')
    maps = [mmap.mmap(fds[0], 0), *(mmap.mmap(fd, 0, prot=mmap.PROT_READ) for fd in fds[1:])]
    for fd in fds:
        os.close(fd)
    return maps


class Shared(Case):
    def setUp(self):
        self.server = self.serve()
        self.manager = self.server.connect()

    def open(self):
        raw = open_calls(self.server.address)
        self.addCleanup(raw.close)
        return raw

    def info(self, name):
        return self.manager_call('sm_info')[name]

    def manager_call(self, name, *args):
        with open_calls(self.server.address) as raw:
            return raw.call(None, name, *args)[1]

    def check_others_share(self):
        """A process that has just come gets a cell, a word and the memory."""
        reader, writer = os.pipe()
        child = os.fork()
        if not child:
            try:
                raw = open_calls(self.server.address)
                lock = raw.call(None, 'create', 'Lock')[1][0]
                got = raw.call(None, 'sm_cell')[1], raw.call(None, 'sm_lease', lock)[1]
                words, _, _ = share(raw)
                os.write(writer, b'1' if None not in got and len(words) == WORDS * LINE else b'0')
            finally:
                os._exit(0)
        os.close(writer)
        with open(reader, 'rb') as file:
            self.assertEqual(file.read(), b'1')
        os.waitpid(child, 0)

    def check_served(self):
        lock, items = self.manager.Lock(), self.manager.list()
        with lock:
            items.append(1)
        self.assertEqual(list(items), [1])

    def descriptors(self):
        return len(os.listdir('/proc/%d/fd' % self.server.pid))

    def test_who_asks_for_the_memory_and_reads_nothing_waits_alone(self):
        self.open().call(None, 'sm_cell')
        self.check_served()
        before = self.descriptors()
        request = framed(None, 'sm_share', (1,), {})
        crowd = [self.open() for _ in range(8)]
        for raw in crowd:
            raw.socket.settimeout(0.2)
            try:
                for _ in range(100):
                    raw.send_bytes(request * 1000)
            except socket.timeout:
                continue
            self.fail('all was read')
        self.check_served()
        self.check_others_share()
        self.assertTrue(wait_until(lambda: self.descriptors() <= before + len(crowd)))
        for raw in crowd:
            raw.close()
        self.assertTrue(wait_until(lambda: self.descriptors() <= before))
        self.check_others_share()
        self.server.stop()

    def test_many_connections_leave_cells_to_others(self):
        crowd = [self.open() for _ in range(400)]
        cells = [raw.call(None, 'sm_cell')[1] for raw in crowd]
        self.assertEqual(len({cell for _, cell, _ in cells}), len(crowd))
        self.assertEqual(crowd[0].call(None, 'sm_cell')[1], cells[0])
        self.check_others_share()
        for raw in crowd:
            raw.close()
        self.check_served()
        self.check_others_share()
        self.server.stop()

    def test_one_process_leaves_words_to_others(self):
        raw = self.open()
        raw.call(None, 'sm_cell')
        batch, got = 512, []
        for _ in range(0, WORDS // 2 + 1, batch):
            raw.send_bytes(framed(None, 'create', ('Lock',), {}) * batch)
            locks = [raw.receive_object()[1][0] for _ in range(batch)]
            raw.send_bytes(b''.join(framed(None, 'sm_lease', (lock,), {}) for lock in locks))
            got += [raw.receive_object()[1] for _ in range(batch)]
        self.assertEqual([lease is not None for lease in got],
                         [True] * (WORDS // 2) + [False] * batch)
        self.check_others_share()
        self.check_served()
        for at in range(0, WORDS // 2, batch):
            raw.send_bytes(b''.join(framed(None, 'sm_detach', (number,), {})
                                    for number, _, _ in got[at:at + batch]))
            for _ in range(batch):
                raw.receive()
        self.assertTrue(wait_until(lambda: self.info('words') == 0))
        self.server.stop()

    def test_locks_that_are_held_by_words_are_shown_page_by_page(self):
        raw = self.open()
        number, (_, cell, generation) = (raw.call(None, name)[1]
                                         for name in ('sm_connection', 'sm_cell'))
        words, _, _ = share(raw)
        idents = {raw.call(None, 'create', kind)[1][0] for kind in ('Lock', 'RLock') * 600}
        for ident in idents:
            word, _, _ = raw.call(None, 'sm_lease', ident)[1]
            struct.pack_into('Q', words, word * LINE, cell << 32 | generation)
        semaphore = raw.call(None, 'create', 'Semaphore')[1][0]
        raw.call(None, 'sm_lease', semaphore)
        kept = self.manager.Lock()
        kept.acquire()
        shown, start, pages, recalls = [], 0, 0, self.info('recalls')
        while start is not None:
            page = self.manager_call('sm_locks', start)
            shown += [row['ident'] for row in page['held'] if row['client'] == number]
            start, pages = page['next'], pages + 1
        self.assertEqual(sorted(shown), sorted(idents))
        self.assertGreater(pages, 1)
        self.assertEqual(self.info('recalls'), recalls)
        self.server.stop()

    def test_versions_are_given_as_long_as_there_are_any(self):
        """Then objects have none, and are read as ever; the places of those that end are given again."""
        raw = self.open()
        raw.call(None, 'sm_cell')
        batch, got, idents = 512, [], []
        for _ in range(0, VERSIONS + 1, batch):
            raw.send_bytes(framed(None, 'create', ('Value', 'i', 1), {}) * batch)
            made = [raw.receive_object()[1][0] for _ in range(batch)]
            raw.send_bytes(b''.join(framed(None, 'sm_lease', (ident,), {}) for ident in made))
            got += [raw.receive_object()[1] for _ in range(batch)]
            idents += made
        self.assertEqual([lease is not None for lease in got],
                         [True] * VERSIONS + [False] * batch)
        self.assertEqual(len({number for number, _, _ in got[:VERSIONS]}), VERSIONS)
        self.assertEqual(self.info('watched'), VERSIONS)
        self.assertEqual(('#RETURN', 1), raw.call(idents[-1], 'get'))
        raw.call(None, 'decref', idents[0])
        self.assertEqual(got[0], raw.call(None, 'sm_lease', idents[-1])[1])
        self.check_served()
        self.server.stop()

    def test_what_is_written_into_words_comes_to_nothing_else(self):
        """Neither to other objects, nor to the manager; what the words are of answers, or waits."""
        raw, watched = self.open(), self.manager.list([1, 2, 3])
        raw.call(None, 'sm_cell')
        words, cells, versions = share(raw)
        for sealed in cells, versions:
            with self.assertRaises(TypeError):
                sealed[0] = 1
        idents = [raw.call(None, 'create', kind)[1][0] for kind in KINDS]
        leases = [raw.call(None, 'sm_lease', ident)[1] for ident in idents]
        self.assertEqual([kind for _, kind, _ in leases], [1, 2, 3, 3, 4, 2])
        chance = random.Random(1)
        for n in range(2000):
            for number, _, _ in leases:
                state = chance.getrandbits(64) >> chance.randrange(64)
                struct.pack_into('QQ', words, number * LINE, state, chance.getrandbits(64))
            for ident, kind in zip(idents, KINDS):
                what = 'is_set' if kind == 'Event' else chance.choice(['acquire', 'release'])
                answer = raw.call(ident, what, *([False] if what == 'acquire' else []))
                self.assertIn(answer[0], ('#RETURN', '#ERROR'))
            if n % 100 == 0:
                self.manager_call('sm_locks')
        self.assertEqual(list(watched), [1, 2, 3])
        self.check_served()
        self.check_others_share()
        self.server.stop()


if __name__ == '__main__':
    unittest.main()
