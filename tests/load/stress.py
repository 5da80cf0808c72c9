#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The daemon under each kind of load, and what a small call of somebody else takes meanwhile.

    SYNCMANAGERD=build/syncmanagerd tests/load/stress.py            short: that all is answered
    SYNCMANAGERD=build/syncmanagerd tests/load/stress.py --long     in full size, for the figures
    SYNCMANAGERD=build/syncmanagerd tests/load/stress.py storm      one of them

For each load: how long it took, and of the calls of one more client, a process of its own, the
median, the 99.9th percentile and the longest. The first line, without load, is the measure. With
--json a line is an object, for `make bench`.
"""

import argparse
import json
import os
import pickle
import resource
import select
import socket
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', name) for name in ('interop', 'hostile', 'web')]

from daemons import MIB, Daemon  # noqa: E402
from pages import PageDaemon, Web  # noqa: E402
from raw import NoAnswer, Raw, open_calls  # noqa: E402
from servers import format_address, parse_address  # noqa: E402

PIECE = bytes(MIB)
PATIENCE = 600


def probe(address, ident):
    """Call len() until standard input closes, then print the times."""
    raw, times = open_calls(parse_address(address)), []
    raw.socket.settimeout(PATIENCE)
    print('ready', flush=True)
    while not select.select([sys.stdin], [], [], 0)[0]:
        start = time.perf_counter()
        raw.call(ident, '__len__')
        times.append(time.perf_counter() - start)
        time.sleep(0.0005)
    times.sort()
    json.dump({'calls': len(times), 'median': times[len(times) // 2],
               'p999': times[len(times) * 999 // 1000], 'longest': times[-1]}, sys.stdout)


class Probe:
    """Calls of somebody else, for as long as the block runs."""

    def __init__(self, server, ident):
        self.process = subprocess.Popen(
            [sys.executable, os.path.abspath(__file__), '--probe', format_address(server.address),
             ident], stdin=subprocess.PIPE, stdout=subprocess.PIPE, universal_newlines=True)
        self.process.stdout.readline()

    def __enter__(self):
        self.start = time.monotonic()
        return self

    def __exit__(self, *exc_info):
        self.seconds = time.monotonic() - self.start
        output, _ = self.process.communicate()
        self.result = json.loads(output)


def text(value):
    value = value.encode()
    return b'X' + struct.pack('<I', len(value)) + value


def send_large(raw, ident, method, size):
    """Call with one bytes object, which is never whole in our memory."""
    head = (b'\x80\4(' + text(ident) + text(method) + b'(' +
            (b'B' + struct.pack('<I', size) if size < 1 << 32 else b'\x8e' + struct.pack('<Q', size)))
    tail = b't}t.'
    raw.send_bytes(struct.pack('!iQ', -1, len(head) + size + len(tail)) + head)
    for _ in range(size // len(PIECE)):
        raw.send_bytes(PIECE)
    raw.send_bytes(tail)


def receive_large(raw):
    """Take a reply, and forget it; its size."""
    size, = struct.unpack('!i', raw.receive_bytes(4))
    if size == -1:
        size, = struct.unpack('!Q', raw.receive_bytes(8))
    room, left = bytearray(MIB), size
    while left:
        got = raw.socket.recv_into(room, min(left, len(room)))
        if not got:
            raise EOFError
        left -= got
    return size


class Stress:
    def __init__(self, server, json_lines=False):
        self.server, self.json_lines = server, json_lines
        self.manager = server.connect()
        self.small = self.manager.list(range(10))

    def connect(self):
        raw = open_calls(self.server.address)
        raw.socket.settimeout(PATIENCE)
        return raw

    def measure(self, name, load, *args):
        with Probe(self.server, self.small._id) as probe:
            note = load(*args)
        result = dict(probe.result, title=name, seconds=probe.seconds, note=note or '')
        if self.json_lines:
            print(json.dumps(result), flush=True)
            return
        print('%-34s %7.2f s   %8.0f %8.0f %8.0f us   %s' % (
            name, probe.seconds, result['median'] * 1e6, result['p999'] * 1e6,
            result['longest'] * 1e6, result['note']), flush=True)

    def quiet(self, seconds):
        time.sleep(seconds)

    def blocked(self, count):
        """All wait in acquire; released one by one, they go in their order."""
        semaphore = self.manager.Semaphore(0)
        before = self.server.resident()
        request = pickle.dumps((semaphore._id, 'acquire', (), {}))
        raws = []
        for _ in range(count):
            raw = self.connect()
            raw.send(request)
            raws.append(raw)
        raws[-1].socket.settimeout(0.2)
        try:
            raws[-1].receive()
            raise AssertionError('there was nothing to acquire')
        except NoAnswer:
            raws[-1].socket.settimeout(PATIENCE)
        each = (self.server.resident() - before) / count
        start = time.monotonic()
        releases = self.connect()
        for raw in raws:
            releases.call(semaphore._id, 'release')
            if raw.receive_object() != ('#RETURN', True):
                raise AssertionError('the oldest waiter was not served')
        seconds = time.monotonic() - start
        for raw in raws:
            raw.close()
        return '%.0f bytes each, released in %.2f s' % (each, seconds)

    def storm(self, seconds, rate):
        """Connect, authenticate, call, close."""
        start, done = time.monotonic(), 0
        while time.monotonic() - start < seconds:
            with Raw(self.server.address) as raw:
                if raw.handshake().ask('dummy') != ('#RETURN', None):
                    raise AssertionError('dummy was not answered')
            done += 1
            time.sleep(max(0, start + done / rate - time.monotonic()))
        return '%.0f connections a second' % (done / (time.monotonic() - start))

    def pipeline(self, requests):
        """Ask and ask, and read only at the end."""
        value = self.manager.Value('y', bytes(MIB))
        raw, before = self.connect(), self.server.resident()
        request = pickle.dumps((value._id, 'get', (), {}))
        frame = struct.pack('!i', len(request)) + request
        raw.socket.settimeout(1)
        sent = 0
        try:
            while sent < requests * len(frame):
                sent += raw.socket.send(frame * 100)
        except socket.timeout:
            pass
        held = self.server.resident() - before
        raw.socket.settimeout(PATIENCE)
        for _ in range(sent // len(frame)):
            receive_large(raw)
        return '%d requests taken, %.1f MiB held' % (sent // len(frame), held / MIB)

    def large(self, size):
        """One value in and out, and dropped."""
        items, raw = self.manager.list(), self.connect()
        start = time.monotonic()
        send_large(raw, items._id, 'append', size)
        if raw.receive_object() != ('#RETURN', None):
            raise AssertionError('the value was not stored')
        half = time.monotonic()
        raw.send_object((items._id, 'pop', (), {}))
        if receive_large(raw) < size:
            raise AssertionError('the value came back shorter')
        now = time.monotonic()
        return 'in: %.0f MiB/s, out: %.0f MiB/s' % (
            size / MIB / (half - start), size / MIB / (now - half))

    def long_list(self, length):
        """A list of many elements: made, read, appended to, searched, sorted, printed, emptied."""
        raw, items = self.connect(), self.manager.list()
        for _ in range(10):
            raw.call(items._id, 'extend', list(range(length // 10)))
        for n in range(1000):
            raw.call(items._id, 'append', n)
        raw.send_object((items._id, '__getitem__', (slice(None),), {}))
        size = receive_large(raw)
        if raw.call(items._id, '__len__') != ('#RETURN', length + 1000):
            raise AssertionError('elements were lost')
        for method, *args in ('count', 7), ('index', length), ('sort',), ('__str__',):
            raw.call(items._id, method, *args)
        raw.call(items._id, '__delitem__', slice(None))
        return '%.1f MiB as a pickle' % (size / MIB)

    def slow_browsers(self, count, seconds):
        """Some send a byte now and then, some read nothing of long answers."""
        request = ('GET /api/objects?limit=1000 HTTP/1.1\r\nHost: localhost\r\nCookie: %s\r\n\r\n' %
                   self.server.session()['Cookie']).encode()
        webs = [Web(self.server.where) for _ in range(count)]
        for n, web in enumerate(webs):
            web.send(request * 20 if n % 4 == 0 else request[:20])
        end, cut = time.monotonic() + seconds, set()
        while time.monotonic() < end:
            for web in webs:
                try:
                    web.send(b'x')
                except OSError:
                    cut.add(web)
            time.sleep(0.5)
        for web in webs:
            web.close()
        return '%d of %d were cut' % (len(cut), count)

    def fill(self, count, _):
        """So many objects, which stay."""
        raw = self.connect()
        for at in range(0, count, 1000):
            frames = [pickle.dumps((None, 'create', ('list', [n, 'text']), {})) for n in range(at, at + 1000)]
            raw.send_bytes(b''.join(struct.pack('!i', len(frame)) + frame for frame in frames))
            for _ in frames:
                raw.receive()
        raw.close()

    def page(self, count, seconds):
        """A page that is looked at, as it asks: every second all that it shows."""
        end, answers, longest = time.monotonic() + seconds, 0, 0
        while time.monotonic() < end:
            for path in ('objects?sort=items&order=desc&limit=50&search=text', 'info', 'locks', 'history'):
                start = time.monotonic()
                if self.server.get('/api/' + path).status != 200:
                    raise AssertionError('the page was not answered')
                longest = max(longest, time.monotonic() - start)
                answers += 1
            time.sleep(max(0, min(1, end - time.monotonic())))
        return '%d answers, the longest %.0f ms' % (answers, longest * 1e3)


# What is there before a load begins.
PREPARED = {'page': Stress.fill}


def start_server():
    """With a page, where the daemon was built with one."""
    try:
        return PageDaemon()
    except RuntimeError:
        return Daemon()


def loads(long, seconds):
    """Of each load its name, its title, and the method with its size."""
    blocked, requests, size, length, objects = (
        (10000, 100000, 1024, 10 ** 7, 10 ** 5) if long else (1000, 10000, 64, 10 ** 6, 10 ** 4))
    return [
        ('none', 'none', Stress.quiet, seconds),
        ('blocked', '%d blocked in acquire' % blocked, Stress.blocked, blocked),
        ('storm', '1000 connections a second', Stress.storm, seconds, 1000),
        ('pipeline', 'pipelining without reading', Stress.pipeline, requests),
        ('large', 'a value of %d MiB' % size, Stress.large, size * MIB),
        ('list', 'a list of %d elements' % length, Stress.long_list, length),
        ('browsers', '1000 slow browsers', Stress.slow_browsers, 1000, seconds),
        ('page', 'a page of %d objects' % objects, Stress.page, objects, seconds),
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--long', action='store_true', help='in full size')
    parser.add_argument('--seconds', type=float, help='how long those last that have no other size')
    parser.add_argument('--json', action='store_true', help='print objects')
    parser.add_argument('--probe', nargs=2, help=argparse.SUPPRESS)
    parser.add_argument('names', nargs='*', metavar='LOAD')
    options = parser.parse_args()
    if options.probe:
        probe(*options.probe)
        return
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    wanted = loads(options.long, options.seconds or (60 if options.long else 1))
    if options.names:
        wanted = [load for load in wanted if load[0] in options.names]
    if not options.json:
        print('%-34s %9s   %8s %8s %8s' % ('load', '', 'median', '99.9%', 'longest'))
    with start_server() as server:
        stress = Stress(server, options.json)
        for name, title, method, *size in wanted:
            if name in ('browsers', 'page') and not isinstance(server, PageDaemon):
                continue
            PREPARED.get(name, lambda *_: None)(stress, *size)
            stress.measure(title, method, stress, *size)


if __name__ == '__main__':
    main()
