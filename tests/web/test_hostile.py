#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What somebody may send to the page's HTTP, with a token or without, and what that costs."""

import os
import resource
import socket
import sys
import time
import unittest

from pages import PATIENCE, Case, Web, soon, token, wait_until
from raw import ask

CONNECTIONS = 256  # CONNECTIONS_MAX of web/http.c
STRANGER_S = 10    # likewise
MIB = 1 << 20


def raise_descriptor_limit():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Hostile(Case):
    def send(self, server, data):
        """The status of what comes for these bytes; None when the connection is closed for them."""
        with Web(server.where) as web:
            try:
                web.send(data)
                return web.receive().status
            except (EOFError, ConnectionError):
                return None

    def check_serves(self, server):
        self.assertEqual(200, server.get('/api/info').status)
        self.assertEqual([1], server.connect().list([1])._getvalue())

    def test_paths_lead_nowhere_else(self):
        server = self.serve()
        for path in ['/../etc/passwd', '/page/../../../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd',
                     '/..%2f..%2fetc/passwd', '//etc/passwd', '/etc/passwd', '/%00', '/api/info%00',
                     '/api/info%00.html', '/index.html%00', '/api/info/', '/api//info', '/API/INFO',
                     '/api/objects/..', '/api/objects/%2e%2e', '/api/objects/%', '/api/objects/%zz',
                     '/page.css/..', '/\\..\\..', '/%ff%fe', '/' + 'x' * 2000, '/api/' + 'x' * 2000]:
            self.assertIn((path, server.get(path).status), [(path, 404), (path, 400)])
            self.assertEqual((path, 401), (path, server.request(path).status))
        self.check_serves(server)
        server.stop()

    def test_a_nul_in_a_token_or_a_search_ends_nothing(self):
        server = self.serve()
        good = token('login', soon())
        self.assertEqual(401, server.request('/login?token=%s%%00x' % good).status)
        self.assertEqual(200, server.request('/login?token=%s' % good).status)
        items = server.connect().list([1])
        self.assertEqual(0, server.get('/api/objects?search=list%00').json()['matching'])
        del items
        server.stop()

    def test_other_methods_are_refused(self):
        server = self.serve()
        for method in 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'CONNECT', 'NONSENSE', 'get':
            answer = server.request('/api/info', server.session(), method)
            self.assertEqual((method, 405, 'GET, HEAD, POST'), (method, answer.status, answer.headers['allow']))
        answer = server.request('/', dict(server.session(), Origin='http://' + server.host), 'POST')
        self.assertEqual(405, answer.status)
        server.stop()

    def test_long_headers_are_refused(self):
        server = self.serve()
        before = server.resident()
        for _ in range(20):
            status = self.send(server, b'GET / HTTP/1.1\r\nHost: localhost\r\nX: %s\r\n\r\n' % (b'x' * MIB))
            self.assertIn(status, (413, 431, None))
            status = self.send(server, b'GET /%s HTTP/1.1\r\nHost: localhost\r\n\r\n' % (b'x' * MIB))
            self.assertIn(status, (414, 431, None))
            status = self.send(server, b'GET / HTTP/1.1\r\n' + b'X: y\r\n' * 100000 + b'\r\n')
            self.assertIn(status, (413, 431, None))
        self.check_serves(server)
        if 'SANITIZED' not in os.environ:
            self.assertLess(server.resident() - before, 8 * MIB)
        server.stop()

    def test_bodies_are_refused_unread(self):
        server = self.serve()
        before = server.resident()
        for head in (b'Content-Length: 100000000000', b'Content-Length: 1', b'Transfer-Encoding: chunked'):
            for method in b'GET', b'POST':
                status = self.send(server, b'%s /api/info HTTP/1.1\r\nHost: localhost\r\n%s\r\n\r\n%s' % (
                    method, head, b'x' * (MIB if b'000' in head else 1)))
                self.assertIn((method, head, status), [(method, head, 413), (method, head, None)])
        self.check_serves(server)
        if 'SANITIZED' not in os.environ:
            self.assertLess(server.resident() - before, 8 * MIB)
        server.stop()

    def test_a_thousand_slow_ones_keep_nobody_out_and_leave_nothing(self):
        raise_descriptor_limit()
        server = self.serve()
        self.check_serves(server)
        memory, descriptors = server.resident(), server.descriptors()
        crowd = []
        for n in range(1000):
            web = Web(server.where)
            web.send((b'GET / HTTP/1.1\r\nHost: localhost\r\n', b'G', b'',
                      b'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')[n % 4])
            crowd.append(web)
            if n % 100 == 99:
                self.check_serves(server)
        self.assertLess(server.descriptors() - descriptors, CONNECTIONS + 10)
        self.check_serves(server)
        if 'SANITIZED' not in os.environ:
            self.assertLess(server.resident() - memory, 16 * MIB)
        for web in crowd:
            web.close()
        self.assertTrue(wait_until(lambda: server.descriptors() <= descriptors + 2))
        server.stop()

    NO_HTTP = [
        b'', b'\r\n' * 1000 + b'\0', b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + bytes(500),
        b'GET\r\n\r\n', b'GET / HTTP/9.9\r\n\r\n', b'GET / HTTP/1.1\r\nno colon\r\n\r\n',
        b'GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n',
        b'GET / HTTP/1.1\r\nHost: a\r\nHost: localhost\r\nHost: b\r\n\r\n', b'\xff' * 20000,
        b'GET /healthz HTTP/1.1\r\nHost: localhost\r\n']

    def test_who_sends_no_request_is_cut(self):
        """Nor does it help to send a byte now and then."""
        server = self.serve()
        self.check_serves(server)
        descriptors, start = server.descriptors(), time.monotonic()
        silent = [Web(server.where, 3 * STRANGER_S) for _ in self.NO_HTTP]
        for web, data in zip(silent, self.NO_HTTP):
            web.send(data)
        slow = Web(server.where)
        slow.send(b'GET / HTTP/1.1\r\nX: ')
        try:
            while time.monotonic() - start < 3 * STRANGER_S:
                slow.send(b'x')
                time.sleep(0.1)  # this is what is tested
            self.fail('it was not cut')
        except ConnectionError:
            self.assertGreater(time.monotonic() - start, STRANGER_S - 1)
        for web, data in zip([slow, *silent], [b'slow', *self.NO_HTTP]):
            self.assertTrue(web.ended(), data[:40])
            web.close()
        self.assertTrue(wait_until(lambda: server.descriptors() <= descriptors))
        self.check_serves(server)
        server.stop()

    def test_who_does_not_read_costs_one_answer(self):
        raise_descriptor_limit()
        server = self.serve()
        manager = server.connect()
        items = [manager.list(['x' * 200]) for _ in range(1500)]
        self.check_serves(server)
        memory, descriptors = server.resident(), server.descriptors()
        request = ('GET /api/objects?limit=1000 HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\n\r\n' % (
            server.host, server.session()['Cookie'])).encode()
        crowd = []
        for _ in range(50):
            web = Web(server.where)
            web.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            web.send(request * 20)
            crowd.append(web)
        self.check_serves(server)
        if 'SANITIZED' not in os.environ:
            self.assertLess(server.resident() - memory, 50 * MIB)
        for web in crowd:
            web.close()
        self.assertTrue(wait_until(lambda: server.descriptors() <= descriptors + 2))
        del items
        server.stop()

    def test_it_ends_while_requests_wait(self):
        server = self.serve()
        webs = [Web(server.where) for _ in range(60)]
        for n, web in enumerate(webs):
            request = (('/login?token=x', {}), ('/api/objects', server.session()), ('/api/info', server.session()),
                       ('/', None))[n % 4]
            if request[1] is not None:
                lines = ''.join('%s: %s\r\n' % item for item in dict(request[1], Host=server.host).items())
                web.send(('GET %s HTTP/1.1\r\n%s\r\n' % (request[0], lines)).encode())
        server.stop()
        for web in webs:
            self.assertTrue(web.ended())
            web.close()

    def test_it_ends_at_once_where_nobody_asks(self):
        server = self.serve()
        start = time.monotonic()
        server.stop()
        self.assertLess(time.monotonic() - start, PATIENCE / 2)

    def test_a_manager_that_ends_is_said_to(self):
        """A client's shutdown, with a page that is being looked at."""
        server = self.serve()
        self.check_serves(server)
        ask(server.address, 'shutdown')
        self.assertEqual(0, server.process.wait(PATIENCE))
        with self.assertRaises(OSError):
            Web(server.where)


if __name__ == '__main__':
    unittest.main(argv=sys.argv)
