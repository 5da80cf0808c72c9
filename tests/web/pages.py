# SPDX-License-Identifier: MIT
"""A daemon that has a page, and what comes of asking it: over raw sockets, as anybody may send what he
likes.
"""

import hmac
import json
import os
import socket
import sys
import time
import unittest
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), name) for name in ('interop', 'hostile')]

import servers  # noqa: E402
from daemons import Daemon  # noqa: E402
from servers import KEY, PATIENCE, wait_until  # noqa: E402,F401


def token(use, expires, key=KEY):
    """As the daemon and syncmanagerctl make it, made here anew."""
    page_key = hmac.new(key, b'syncmanager page\n', 'sha256').digest()
    mac = hmac.new(page_key, b'%s\n%d' % (use.encode(), expires), 'sha256').hexdigest()
    return '%d-%s' % (expires, mac)


def soon():
    return int(time.time()) + 600


class Answer:
    """What came for one request."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def type(self):
        return self.headers.get('content-type')

    def json(self):
        return json.loads(self.body.decode())

    def error(self):
        return self.json()['error']


class Web:
    """A connection for HTTP."""

    def __init__(self, where, seconds=PATIENCE):
        family = socket.AF_INET if isinstance(where, tuple) else socket.AF_UNIX
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.settimeout(seconds)
        self.rest = b''
        try:
            self.socket.connect(where)
        except OSError:
            self.socket.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def fill(self):
        data = self.socket.recv(1 << 16)
        if not data:
            raise EOFError(self.rest)
        self.rest += data

    def take(self, count):
        while len(self.rest) < count:
            self.fill()
        data, self.rest = self.rest[:count], self.rest[count:]
        return data

    def receive(self, head=False):
        """The next answer."""
        while b'\r\n\r\n' not in self.rest:
            self.fill()
        start, self.rest = self.rest.split(b'\r\n\r\n', 1)
        first, *lines = start.decode('latin-1').split('\r\n')
        headers = {name.lower(): value.strip()
                   for name, value in (line.split(':', 1) for line in lines)}
        body = b'' if head else self.take(int(headers.get('content-length', 0)))
        return Answer(int(first.split(' ')[1]), headers, body)

    def ended(self):
        """Whether the other end has closed, in time."""
        try:
            while self.socket.recv(1 << 16):
                pass
        except ConnectionResetError:
            return True
        except socket.timeout:
            return False
        return True


class PageDaemon(Daemon):
    """A daemon with a page at 127.0.0.1, or where the options say."""

    def __init__(self, *options, http=('127.0.0.1:0',), **keywords):
        options += tuple(word for address in http for word in ('--http', address))
        self.pages = []
        super().__init__(*options, **keywords)

    def wait_for_address(self):
        address = super().wait_for_address()
        for _ in range(self.options.count('--http')):
            line = self.process.stdout.readline()
            assert line.startswith('page on '), line
            self.pages.append(line[len('page on '):].rstrip('\n'))
        return address

    @property
    def where(self):
        """Of the first page, what a socket connects to."""
        page = self.pages[0]
        if page.startswith('unix:'):
            return page[len('unix:'):]
        parts = urllib.parse.urlsplit(page)
        return parts.hostname, parts.port

    @property
    def host(self):
        return 'localhost' if isinstance(self.where, str) else '%s:%d' % self.where

    @property
    def cookie(self):
        """The name of its cookie."""
        return 'syncmanager-%d' % (0 if isinstance(self.where, str) else self.where[1])

    def session(self, expires=None):
        """A header that lets in."""
        return {'Cookie': '%s=%s' % (self.cookie, token('session', expires or soon()))}

    def bearer(self):
        return {'Authorization': 'Bearer ' + token('bearer', 0)}

    def request(self, path, headers=(), method='GET', web=None):
        """Ask, on a connection of its own if none is given."""
        given = dict({'Host': self.host}, **dict(headers))
        lines = ['%s %s HTTP/1.1' % (method, path)]
        lines += ['%s: %s' % item for item in given.items() if item[1] is not None]
        data = '\r\n'.join(lines + ['', '']).encode('latin-1')
        if web:
            web.send(data)
            return web.receive(method == 'HEAD')
        with Web(self.where) as own:
            own.send(data)
            return own.receive(method == 'HEAD')

    def get(self, path, **headers):
        """Ask as somebody who is logged in."""
        return self.request(path, dict(self.session(), **headers))

    def descriptors(self):
        return len(os.listdir('/proc/%d/fd' % self.pid))


class Case(unittest.TestCase):
    maxDiff = None

    def serve(self, *options, **keywords):
        daemon = PageDaemon(*options, **keywords)
        self.addCleanup(daemon.kill)
        return daemon
