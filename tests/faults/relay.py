#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A bad network: stands between clients and a server and mishandles what goes through.

    relay.py LISTEN TARGET SEED

It prints its address, and obeys lines: `rough` begins, `calm` ends the mishandling, `count` tells
how often it did what, as JSON. It cuts connections (over TCP by a reset), cuts them in the middle of
a frame, holds back what one side sent, and unplugs: nothing goes through any more, in neither
direction, and only later do the ends hear of it, the server last.
"""

import heapq
import json
import os
import random
import selectors
import socket
import struct
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'interop'))

from servers import format_address, parse_address  # noqa: E402

CHANCES = {'cut': 0.002, 'truncate': 0.002, 'unplug': 0.001, 'delay': 0.005}  # of each piece
LONGEST_DELAY = 0.3
LONGEST_UNPLUGGED = 1.0


def make_socket(address):
    return socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)


class Pair:
    """A connection of a client and the one to the server that belongs to it."""

    def __init__(self, client, server):
        self.other = {client: server, server: client}
        self.client, self.server = client, server
        self.unplugged = False
        self.held = {client: [], server: []}  # what came from it and is held back


class Relay:
    def __init__(self, listen, target, seed):
        self.random = random.Random(seed)
        self.target = parse_address(target)
        self.listener = make_socket(parse_address(listen))
        self.listener.bind(parse_address(listen))
        self.listener.listen(128)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ, self.accept)
        self.selector.register(sys.stdin, selectors.EVENT_READ, self.obey)
        self.timers = []
        self.numbers = 0
        self.rough = False
        self.counts = dict.fromkeys(CHANCES, 0)

    def after(self, seconds, function, *args):
        self.numbers += 1
        heapq.heappush(self.timers, (time.monotonic() + seconds, self.numbers, function, args))

    def obey(self, _):
        word = sys.stdin.readline().strip()
        if not word:
            sys.exit(0)
        if word == 'count':
            print(json.dumps(self.counts), flush=True)
        else:
            self.rough = word == 'rough'

    def accept(self, _):
        client, _ = self.listener.accept()
        server = make_socket(self.target)
        try:
            server.connect(self.target)
        except OSError:
            client.close()
            return
        pair = Pair(client, server)
        for end in pair.other:
            if end.family == socket.AF_INET:
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.selector.register(end, selectors.EVENT_READ, lambda e, p=pair: self.carry(p, e))

    def close(self, end, reset=False):
        if end.fileno() < 0:
            return
        self.selector.unregister(end)
        if reset and end.family == socket.AF_INET:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        end.close()

    def cut(self, pair):
        for end in pair.other:
            self.close(end, reset=True)

    def send(self, end, data):
        try:
            end.sendall(data)
        except OSError:
            pass  # the next read of that end tells

    def carry(self, pair, end):
        try:
            data = end.recv(65536)
        except OSError:
            data = b''
        if not data:
            self.cut(pair)
        elif not pair.unplugged:
            self.mishandle(pair, end, data)

    def mishandle(self, pair, end, data):
        chance = self.random.random() if self.rough else 1.0
        for what, share in CHANCES.items():
            chance -= share
            if chance < 0:
                self.counts[what] += 1
                getattr(self, 'do_' + what)(pair, end, data)
                return
        if pair.held[end]:
            pair.held[end].append(data)  # in its turn
        else:
            self.send(pair.other[end], data)

    def do_cut(self, pair, end, data):
        self.cut(pair)

    def do_truncate(self, pair, end, data):
        self.send(pair.other[end], data[:self.random.randrange(len(data))])
        self.cut(pair)

    def do_unplug(self, pair, end, data):
        pair.unplugged = True
        first = self.random.random() * LONGEST_UNPLUGGED
        self.after(first, self.close, pair.client, True)
        self.after(first + self.random.random() * LONGEST_UNPLUGGED, self.close, pair.server, True)

    def do_delay(self, pair, end, data):
        pair.held[end].append(data)
        if len(pair.held[end]) == 1:
            self.after(self.random.random() * LONGEST_DELAY, self.let_go, pair, end)

    def let_go(self, pair, end):
        held, pair.held[end] = b''.join(pair.held[end]), []
        if pair.other[end].fileno() >= 0:
            self.send(pair.other[end], held)

    def run(self):
        name = self.listener.getsockname()
        print('listening on', format_address(name), flush=True)
        while True:
            wait = self.timers[0][0] - time.monotonic() if self.timers else None
            for key, _ in self.selector.select(max(0, wait) if self.timers else None):
                if key.fileobj in (self.listener, sys.stdin) or key.fileobj.fileno() >= 0:
                    key.data(key.fileobj)
            while self.timers and self.timers[0][0] <= time.monotonic():
                _, _, function, args = heapq.heappop(self.timers)
                function(*args)


if __name__ == '__main__':
    Relay(sys.argv[1], sys.argv[2], int(sys.argv[3])).run()
