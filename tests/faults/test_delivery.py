# SPDX-License-Identifier: MIT
"""What an answer handed over goes back if nobody read it, and never if somebody may have."""

import os
import select
import socket
import struct
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'interop'))

from raw import Raw, ask, open_calls  # noqa: E402
from servers import PATIENCE, Daemon, wait_until  # noqa: E402


def reset(raw):
    """Close by a reset, whatever has been read."""
    raw.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    raw.close()


class Delivery(unittest.TestCase):
    def serve(self, address):
        server = Daemon(address=address)
        self.addCleanup(server.kill)
        return server

    def connections(self, server):
        return len(os.listdir('/proc/%d/fd' % server.pid))

    def leave(self, server, how):
        """Call `how`, which ends a connection, and wait until the server has seen it."""
        before = self.connections(server)
        how()
        self.assertTrue(wait_until(lambda: self.connections(server) < before))

    def create(self, server, *args):
        return ask(server.address, 'create', *args)[1][0]

    def test_a_reset_brings_no_item_back_that_was_read(self):
        server = self.serve('127.0.0.1:0')
        queue = self.create(server, 'Queue')
        with open_calls(server.address) as other, open_calls(server.address) as consumer:
            other.call(queue, 'put', 'once')
            self.assertEqual(consumer.call(queue, 'get'), ('#RETURN', 'once'))
            self.leave(server, lambda: reset(consumer))
            self.assertEqual(other.call(queue, 'qsize'), ('#RETURN', 0))

    def test_a_reset_gives_no_lock_away_that_was_taken(self):
        server = self.serve('127.0.0.1:0')
        lock = self.create(server, 'Lock')
        with open_calls(server.address) as other, open_calls(server.address) as owner:
            self.assertEqual(owner.call(lock, 'acquire'), ('#RETURN', True))
            self.leave(server, lambda: reset(owner))
            self.assertEqual(other.call(lock, 'acquire', False), ('#RETURN', False))

    def test_an_item_that_was_not_read_goes_back_to_its_place(self):
        server = self.serve(None)
        queue = self.create(server, 'Queue')
        with open_calls(server.address) as other, open_calls(server.address) as consumer:
            for item in ('first', 'second'):
                other.call(queue, 'put', item)
            consumer.send_object((queue, 'get', (), {}))
            self.assertTrue(select.select([consumer.socket], [], [], PATIENCE)[0])
            self.leave(server, consumer.close)
            self.assertEqual([other.call(queue, 'get')[1] for _ in range(2)], ['first', 'second'])


if __name__ == '__main__':
    unittest.main()
