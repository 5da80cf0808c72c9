#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the page's HTTP answers, to whom."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import unittest
import urllib.parse

from pages import Case, PageDaemon, Web, soon, token, wait_until
import certificates
from raw import open_calls
from servers import KEY, ROOT, daemon_path, format_address

CTL = os.environ.get('SYNCMANAGERCTL', os.path.join(ROOT, 'build', 'syncmanagerctl'))


def ctl(server, *words, status=0):
    done = subprocess.run(
        [CTL, '--address', format_address(server.address), '--authkey-file', server.key_file, *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)
    assert done.returncode == status, done.stderr
    return done.stderr if status else done.stdout


class Access(Case):
    def test_a_link_of_syncmanagerctl_opens_a_session(self):
        server = self.serve()
        link = urllib.parse.urlsplit(ctl(server, 'page').rstrip('\n'))
        self.assertEqual('%s://%s' % link[:2], server.pages[0])
        answer = server.request('%s?%s' % (link.path, link.query))
        self.assertEqual((200, 'text/html; charset=utf-8'), (answer.status, answer.type))
        cookie, *attributes = answer.headers['set-cookie'].split('; ')
        self.assertEqual(['HttpOnly', 'Max-Age=43200', 'Path=/', 'SameSite=Strict'], sorted(attributes))
        self.assertEqual(200, server.request('/api/info', {'Cookie': cookie}).status)
        server.stop()

    def test_a_bearer_token_of_syncmanagerctl_reads(self):
        server = self.serve()
        bearer = {'Authorization': 'Bearer ' + ctl(server, 'page', '--bearer').rstrip('\n')}
        self.assertEqual(200, server.request('/api/info', bearer).status)
        server.stop()

    def test_who_has_not_the_right_admin_gets_no_link(self):
        server = self.serve(key=b'web rw hands\nboss admin voice')
        with open(server.key_file, 'wb') as file:
            file.write(b'hands')
        for words in ['page'], ['page', '--bearer']:
            self.assertIn("the key 'web' (rw) may not call sm_deaths", ctl(server, *words, status=1))
        with open(server.key_file, 'wb') as file:
            file.write(b'voice')
        self.assertIn('/login?token=', ctl(server, 'page'))
        server.stop()

    def test_a_manager_without_a_page_has_no_link(self):
        server = self.serve(http=())
        self.assertEqual('syncmanagerctl: the manager has no page: start it with --http 127.0.0.1:8080\n',
                         ctl(server, 'page', status=2))
        server.stop()

    def test_the_manager_tells_where_its_pages_are(self):
        with PageDaemon(http=('127.0.0.1:0', 'localhost:0')) as server:
            self.assertEqual(server.pages, server.get('/api/info').json()['pages'])

    @unittest.skipUnless(certificates.available(), 'there is no openssl')
    def test_a_manager_that_is_reached_by_tls_alone_has_a_page(self):
        with certificates.own('127.0.0.1') as own:
            server = self.serve('--tls-certificate', own, address='tls://127.0.0.1:0')
            self.assertEqual(200, server.get('/api/info').status)
            self.assertEqual([1], [row['client'] for row in server.get('/api/clients').json()['rows']])
            link = urllib.parse.urlsplit(ctl(server, '--tls-ca', own, 'page').rstrip('\n'))
            self.assertEqual('%s://%s' % link[:2], server.pages[0])
            tls, private = server.get('/api/info').json()['addresses']
            self.assertTrue(tls.startswith('tls://'), tls)
            self.assertFalse(os.path.exists(os.path.dirname(private[len('unix:'):])), private)
            server.stop()

    def test_the_key_is_in_no_token_and_no_answer(self):
        server = self.serve(key=b'a-key-that-is-long-enough-to-be-seen')
        key = server.key.decode()
        self.assertNotIn(key, ctl(server, 'page') + ctl(server, 'page', '--bearer'))
        session = {'Cookie': '%s=%s' % (server.cookie, token('session', soon(), server.key))}
        for path in '/', '/api/info', '/api/clients', '/api/objects', '/metrics':
            self.assertNotIn(key, repr(server.request(path, session).body))
        server.stop()

    def test_without_a_token_there_is_nothing_but_health(self):
        server = self.serve()
        for path in '/', '/page.js', '/api/info', '/api/nothing', '/metrics', '/nothing', '/login':
            answer = server.request(path)
            self.assertEqual((path, 401, 'close'), (path, answer.status, answer.headers['connection']))
            self.assertIn('syncmanagerctl page', answer.body.decode())
        self.assertEqual(b'ok\n', server.request('/healthz').body)
        server.stop()

    def test_a_token_is_of_one_use_and_one_key(self):
        server = self.serve()
        wrong = [
            {'Cookie': '%s=%s' % (server.cookie, token('login', soon()))},
            {'Cookie': '%s=%s' % (server.cookie, token('bearer', 0))},
            {'Cookie': '%s=%s' % (server.cookie, token('session', soon(), b'another'))},
            {'Cookie': '%s=%s0' % (server.cookie, token('session', soon()))},
            {'Cookie': '%s=%s' % (server.cookie, 'x' * 5000)},
            {'Cookie': '%s=' % server.cookie},
            {'Authorization': 'Bearer ' + token('session', soon())},
            {'Authorization': 'Bearer 0' + token('bearer', 0)},
            {'Authorization': 'Bearer'},
            {'Authorization': 'Basic ' + token('bearer', 0)},
        ]
        webs = [Web(server.where) for _ in wrong]
        for web, headers in zip(webs, wrong):
            lines = ''.join('%s: %s\r\n' % item for item in dict(headers, Host=server.host).items())
            web.send(b'GET /api/info HTTP/1.1\r\n' + lines.encode() + b'\r\n')
        for web, headers in zip(webs, wrong):
            answer = web.receive()
            self.assertEqual((headers, 401), (headers, answer.status))
            self.assertRegex(answer.error(), '^the token is wrong: ')
            web.close()
        server.stop()

    def test_the_cookie_of_another_page_does_not_let_in(self):
        server = self.serve()
        other = {'Cookie': 'syncmanager-1=%s; syncmanager=%s' % ((token('session', soon()),) * 2)}
        self.assertRegex(server.request('/api/info', other).error(), '^no session: ')
        server.stop()

    def test_what_has_expired_is_told_at_once(self):
        server = self.serve()
        self.assertRegex(server.request('/api/info', server.session(int(time.time()) - 1)).error(),
                         '^the session is over: ')
        answer = server.request('/login?token=' + token('login', int(time.time()) - 1))
        self.assertEqual((401, b'this link is too old: `syncmanagerctl page` prints another\n'),
                         (answer.status, answer.body))
        server.stop()

    def test_wrong_tokens_are_answered_late_and_logged_once(self):
        server = self.serve()
        webs = [Web(server.where) for _ in range(20)]
        start = time.monotonic()
        for n, web in enumerate(webs):
            web.send(b'GET /login?token=%d-%s HTTP/1.1\r\nHost: localhost\r\n\r\n' % (soon(), b'%064d' % n))
        self.assertEqual(200, server.get('/api/info').status)  # not kept waiting
        right = time.monotonic() - start
        self.assertEqual({401}, {web.receive().status for web in webs})
        self.assertLess(right, time.monotonic() - start)
        for web in webs:
            web.close()
        server.stop()

    def test_a_foreign_host_is_refused(self):
        server = self.serve()
        for host, status in [('evil.example', 421), ('evil.example:%d' % server.where[1], 421),
                             ('127.0.0.1.evil.example', 421), ('localhost.', 421), (None, 400),
                             ('', 400), ('localhost:x', 400), ('[::1', 400), ('localhost:1', 200),
                             ('LOCALHOST', 200), ('[::1]:80', 200), ('10.0.0.1', 200)]:
            answer = server.get('/api/info', Host=host)
            self.assertEqual((host, status), (host, answer.status))
        server.stop()

    def test_pages_of_others_can_ask_for_nothing(self):
        server = self.serve()
        own = 'http://' + server.host
        for headers, status in [
                ({'Sec-Fetch-Site': 'cross-site'}, 403), ({'Sec-Fetch-Site': 'same-site'}, 403),
                ({'Sec-Fetch-Site': 'same-site', 'Sec-Fetch-Mode': 'navigate'}, 403),
                ({'Origin': 'http://evil.example'}, 403), ({'Origin': 'null'}, 403),
                ({'Origin': own + '0'}, 403), ({'Origin': 'file://' + server.host}, 403),
                ({'Origin': own, 'Sec-Fetch-Site': 'same-origin'}, 200),
                ({'Sec-Fetch-Site': 'none'}, 200)]:
            answer = server.get('/api/info', **headers)
            self.assertEqual((headers, status), (headers, answer.status))
            self.assertNotIn('access-control-allow-origin', answer.headers)
        server.stop()

    def test_a_link_on_another_page_leads_to_the_page(self):
        server = self.serve()
        link = {'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate'}
        self.assertEqual(200, server.get('/', **link).status)
        self.assertEqual(403, server.get('/', **dict(link, **{'Sec-Fetch-Mode': 'no-cors'})).status)
        server.stop()

    def read_anew(self, server, text, words):
        """Have it read another key file, and wait for what it logs of that."""
        with open(server.key_file + '.new', 'wb') as file:
            file.write(text)
        os.chmod(server.key_file + '.new', 0o600)
        os.rename(server.key_file + '.new', server.key_file)
        server.process.send_signal(signal.SIGHUP)
        self.assertTrue(wait_until(lambda: words in server.read_errors()), server.read_errors())

    def info_for(self, server, key):
        bearer = {'Authorization': 'Bearer ' + token('bearer', 0, key)}
        return server.request('/api/info', bearer).status

    def test_keys_that_are_read_anew_let_in_and_those_that_went_do_not(self):
        server = self.serve()
        self.assertEqual(200, self.info_for(server, KEY))
        self.read_anew(server, b'web rw hands\nboss admin voice\n', 'anew: 2 keys')
        self.assertEqual([401, 401, 200],
                         [self.info_for(server, key) for key in (KEY, b'hands', b'voice')])
        self.read_anew(server, b'web rw hands\nboss ad voice\n', 'the keys stay as they were')
        self.assertEqual(200, self.info_for(server, b'voice'))
        self.read_anew(server, b'web rw other\n', 'one of its keys must have the right admin')
        self.assertEqual(200, self.info_for(server, b'voice'))
        self.read_anew(server, b'another\n', 'anew: 1 key\n')
        self.assertEqual([401, 200], [self.info_for(server, key) for key in (b'voice', b'another')])
        server.stop()


class Answers(Case):
    HEADERS = {
        'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer', 'cross-origin-resource-policy': 'same-origin',
        'cross-origin-opener-policy': 'same-origin',
        'content-security-policy': "default-src 'none'; script-src 'self'; style-src 'self'; "
                                   "img-src 'self' data:; connect-src 'self'; base-uri 'none'; "
                                   "form-action 'none'; frame-ancestors 'none'"}

    def rows(self, path, key='ident', **query):
        answer = self.server.get(path + '?' + urllib.parse.urlencode(query))
        self.assertEqual((200, 'application/json'), (answer.status, answer.type))
        return [row[key] for row in answer.json()['rows']]

    def test_every_answer_says_what_it_may_be_used_for(self):
        server = self.serve()
        for path, headers in [('/', server.session()), ('/api/info', server.session()), ('/', {}),
                              ('/healthz', {}), ('/login?token=' + token('login', soon()), {}),
                              ('/api/nothing', server.session())]:
            answer = server.request(path, headers)
            self.assertEqual((path, self.HEADERS), (path, {
                name: answer.headers.get(name) for name in self.HEADERS}))
        server.stop()

    def test_the_page_is_html(self):
        server = self.serve()
        answer = server.get('/')
        self.assertEqual((200, 'text/html; charset=utf-8'), (answer.status, answer.type))
        self.assertTrue(answer.body.startswith(b'<!DOCTYPE html>'))
        server.stop()

    def test_readiness_is_whether_the_manager_answers(self):
        server = self.serve()
        self.assertTrue(wait_until(lambda: server.request('/readyz').body == b'ready\n'))
        server.stop()

    def test_info_is_what_the_manager_tells(self):
        server = self.serve()
        info = server.get('/api/info').json()
        self.assertEqual((server.pid, [format_address(server.address)], False),
                         (info['pid'], info['addresses'], info['may_kill']))
        self.assertGreater(info['memory']['used'], 0)
        server.stop()

    def test_objects_are_sorted_searched_and_cut(self):
        self.server = self.serve(registered={'jobs': 'Queue(10)', 'Config': 'dict({"a": 1})'})
        manager = self.server.connect()
        lists = [manager.list(range(n)) for n in (3, 1, 2)]
        idents = [lists[n]._id for n in (1, 2, 0)]
        self.assertEqual(idents, self.rows('/api/objects', search='LIST', sort='items'))
        self.assertEqual(idents[::-1], self.rows('/api/objects', search='list', sort='items', order='desc'))
        self.assertEqual(idents[1:2],
                         self.rows('/api/objects', search='list', sort='items', offset=1, limit=1))
        self.assertEqual(['Config', 'jobs'], self.rows('/api/objects', 'name', sort='name', limit=2))
        self.assertEqual(['jobs', 'Config'], self.rows('/api/objects', 'name', sort='name', order='desc', limit=2))
        answer = self.server.get('/api/objects?search=config&limit=0').json()
        self.assertEqual((5, 1, []), (answer['total'], answer['matching'], answer['rows']))
        self.assertEqual([lists[0]._id], self.rows('/api/objects', search=lists[0]._id))
        self.server.stop()

    def test_questions_that_cannot_be_are_refused_in_words(self):
        server = self.serve(registered={'jobs': 'Queue(10)'})
        for query, error in [
                ('sort=nothing', 'there is no such key to sort by'), ('order=up', 'order is asc or desc'),
                ('limit=1001', 'offset is a number from 0 on, limit one up to 1000'),
                ('limit=-1', 'offset is a number from 0 on, limit one up to 1000'),
                ('offset=x', 'offset is a number from 0 on, limit one up to 1000'),
                ('offset=99999999999999999999999', 'offset is a number from 0 on, limit one up to 1000'),
                ('search=' + 'x' * 300, 'that is too long')]:
            answer = server.get('/api/objects?' + query)
            self.assertEqual((query, 400, error), (query, answer.status, answer.error()))
        server.stop()

    def test_one_object_is_found_by_its_ident(self):
        server = self.serve()
        items = server.connect().list([1, 2])
        row = server.get('/api/objects/' + items._id).json()
        self.assertEqual((items._id, 'list', 2, '[1, 2]', ['2', '1']),
                         (row['ident'], row['type'], row['items'], row['value'], row['values']))
        answer = server.get('/api/objects/0123456789abcdef')
        self.assertEqual((404, 'there is no such object'), (answer.status, answer.error()))
        server.stop()

    def test_objects_that_are_made_and_freed_after_the_rows_are_known_at_once(self):
        server = self.serve()
        manager = server.connect()
        old = manager.list()
        path = '/api/objects/' + old._id
        self.assertEqual(200, server.get(path).status)
        new = manager.list([3])
        self.assertEqual(['3'], server.get('/api/objects/' + new._id).json()['values'])
        del old
        self.assertTrue(wait_until(lambda: manager._number_of_objects() == 1))
        self.assertEqual(404, server.get(path).status)
        server.stop()

    def test_values_with_markup_are_json_text(self):
        markup = '</script><img src=x onerror="alert(1)">\u2028\ud83d\ude00 &amp; \x00\x7f'.encode(
            'utf-16', 'surrogatepass').decode('utf-16')
        server = self.serve()
        items = server.connect().list([markup])
        answer = server.get('/api/objects/' + items._id)
        self.assertEqual(('application/json', 'nosniff'),
                         (answer.type, answer.headers['x-content-type-options']))
        self.assertEqual((str([markup]), [repr(markup)]), (answer.json()['value'], answer.json()['values']))
        server.stop()

    def test_clients_have_what_they_wait_for(self):
        server = self.serve()
        event = server.connect().Event()
        with open_calls(server.address) as raw:
            raw.send_object((event._id, 'wait', (), {}))
            self.assertTrue(wait_until(lambda: server.get('/api/info').json()['waiting'] == 1))
            rows = server.get('/api/clients?search=event').json()['rows']
        self.assertEqual([(os.getpid(), event._id, 'wait')],
                         [(row['pid'], row['waits_for']['ident'], row['waits_for']['method'])
                          for row in rows])
        server.stop()

    def test_a_deadlock_is_told_as_a_circle(self):
        server = self.serve()
        manager = server.connect()
        locks = [manager.RLock(), manager.RLock()]
        raws = [open_calls(server.address) for _ in locks]
        for raw, lock in zip(raws, locks):
            raw.call(lock._id, 'acquire')
        for raw, lock in zip(raws, reversed(locks)):
            raw.send_object((lock._id, 'acquire', (), {}))
        self.assertTrue(wait_until(lambda: server.get('/api/info').json()['waiting'] == 2))
        told = server.get('/api/locks').json()
        idents = {lock._id for lock in locks}
        self.assertEqual([idents], [{row['ident'] for row in circle} for circle in told['circles']])
        self.assertEqual((idents, idents), ({row['ident'] for row in told['held']},
                                            {row['ident'] for row in told['waiting']}))
        for raw in raws:
            raw.close()
        server.stop()

    def test_history_has_the_seconds_that_passed(self):
        server = self.serve()
        history = lambda: server.get('/api/history').json()  # noqa: E731
        items = server.connect().list()
        self.assertTrue(wait_until(lambda: len(history()['calls']) > 2 or items.append(1)))
        told = history()
        self.assertEqual((1, None), (told['step'], told['calls'][0]))
        self.assertGreater(max(told['calls'][1:]), 10)
        self.assertEqual(len(told['calls']), len(told['p50']))
        p50, p99 = ([time for time in told[key] if time is not None] for key in ('p50', 'p99'))
        self.assertTrue(p50 and all(0 < time < 1 for time in p50), p50)
        self.assertTrue(all(half <= most for half, most in zip(p50, p99)), told)
        self.assertLess(abs(told['now'] - time.time()), 5)
        server.stop()

    def test_deaths_tell_who_held_what(self):
        server = self.serve(registered={'guard': 'RLock()'})
        self.assertEqual([], server.get('/api/deaths').json())
        lock = server.connect().guard()
        with open_calls(server.address) as raw:
            raw.call(lock._id, 'acquire')
        self.assertTrue(wait_until(lambda: server.get('/api/deaths').json()))
        death, = server.get('/api/deaths').json()
        self.assertEqual({'ident': lock._id, 'type': 'RLock', 'name': 'guard'}, death['object'])
        self.assertEqual((os.getpid(), False), (death['pid'], death['kept']))
        self.assertLess(abs(time.time() - death['at']), 60)
        server.stop()

    def test_prometheus_reads_the_metrics_with_a_bearer_token(self):
        server = self.serve(registered={'jobs': 'Queue(10)'})
        server.connect().jobs().put(1)
        answer = server.request('/metrics', server.bearer())
        self.assertEqual((200, 'text/plain; version=0.0.4; charset=utf-8'), (answer.status, answer.type))
        text = answer.body.decode()
        self.assertIn('\nsyncmanager_object_items{object="jobs",type="Queue"} 1\n', text)
        self.assertIn('syncmanager_call_duration_seconds_count{type="Queue",method="put"} 1\n', text)
        server.stop()

    def test_answers_of_one_connection_come_in_order(self):
        server = self.serve()
        with Web(server.where) as web:
            for path in '/api/info', '/', '/api/locks', '/api/clients':
                self.assertEqual((path, 200), (path, server.request(path, server.session(), web=web).status))
        server.stop()

    def test_head_has_no_body(self):
        server = self.serve()
        with Web(server.where) as web:
            for path in '/', '/api/info':
                answer = server.request(path, server.session(), 'HEAD', web)
                self.assertEqual((200, b''), (answer.status, answer.body))
                self.assertGreater(int(answer.headers['content-length']), 0)
        server.stop()


class Killing(Case):
    def kill(self, server, client, **headers):
        return server.request('/api/clients/%s/kill' % client, dict(server.session(), **headers), 'POST')

    def victim(self, server):
        raw = open_calls(server.address)
        self.addCleanup(raw.close)
        raw.send_object((None, 'sm_connection', (), {}))
        return raw, raw.receive_object()[1]

    def test_a_connection_is_ended_where_that_is_allowed(self):
        server = self.serve('--http-allow-kill')
        raw, number = self.victim(server)
        self.assertIs(True, server.get('/api/info').json()['may_kill'])
        answer = self.kill(server, number, Origin='http://' + server.host)
        self.assertEqual((200, {'ended': 1}), (answer.status, answer.json()))
        self.assertEqual(b'', raw.socket.recv(1))
        answer = self.kill(server, number, Origin='http://' + server.host)
        self.assertEqual((404, 'there is no such client'), (answer.status, answer.error()))
        server.stop()

    def test_nobody_else_ends_one(self):
        server = self.serve('--http-allow-kill')
        raw, number = self.victim(server)
        for headers in {}, {'Origin': 'http://evil.example'}, {'Sec-Fetch-Site': 'cross-site'}, \
                {'Sec-Fetch-Site': 'same-site', 'Sec-Fetch-Mode': 'navigate'}:
            self.assertEqual((headers, 403), (headers, self.kill(server, number, **headers).status))
        own = {'Origin': 'http://' + server.host}
        path = '/api/clients/%d/kill' % number
        self.assertEqual(403, server.request(path, dict(own, **server.bearer()), 'POST').status)
        self.assertEqual(401, server.request(path, own, 'POST').status)
        self.assertEqual(405, server.get(path).status)
        self.assertEqual(('#RETURN', None), raw.call(None, 'dummy'))
        server.stop()

    def test_without_leave_nobody_does(self):
        server = self.serve()
        _, number = self.victim(server)
        answer = self.kill(server, number, Origin='http://' + server.host)
        self.assertEqual((403, 'the manager was started without --http-allow-kill'),
                         (answer.status, answer.error()))
        server.stop()


class Starting(Case):
    def fail(self, *options):
        """What is said when it cannot start."""
        done = subprocess.run([daemon_path(), '--address', 'unix:@page-%d' % os.getpid(), *options],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True,
                              env=dict(os.environ, SYNCMANAGER_AUTHKEY='x'))
        self.assertEqual((2, ''), (done.returncode, done.stdout))
        return done.stderr

    def test_a_port_in_use_is_told_before_serving(self):
        with socket.socket() as taken:
            taken.bind(('127.0.0.1', 0))
            taken.listen()
            address = '127.0.0.1:%d' % taken.getsockname()[1]
            self.assertEqual('syncmanagerd: --http %s: in use; stop the other server or choose another '
                             'address\n' % address, self.fail('--http', address))

    def test_addresses_that_cannot_be_are_told(self):
        for address, words in [
                ('nonsense', 'neither HOST:PORT, such as 127.0.0.1:8080, nor unix:PATH'),
                ('127.0.0.1:99999', 'no such host or port'), (':80', 'neither HOST:PORT'),
                ('127.0.0.1:', 'neither HOST:PORT'), ('unix:', 'not a path of a socket'),
                ('unix:@name', 'not a path of a socket'), ('unix:' + 'x' * 200, 'not a path of a socket'),
                ('unix:/nowhere/socket', 'No such file or directory'),
                ('unix:' + __file__, 'there is a file, and no socket of yours'),
                ('0.0.0.0:0', 'other hosts could reach it, and the page is not encrypted; choose 127.0.0.1 '
                              'or a Unix socket, or allow it (--allow-remote)'),
                ('[::]:0', 'other hosts could reach it')]:
            said = self.fail('--http', address)
            self.assertTrue(said.startswith('syncmanagerd: --http %s: %s' % (address, words)), said)

    def test_other_hosts_come_where_that_is_allowed(self):
        server = self.serve('--allow-remote', http=('0.0.0.0:0',))
        name, port = server.where
        self.assertEqual(socket.gethostname().lower(), name)
        server.pages[0] = 'http://127.0.0.1:%d' % port
        for host in name, '127.0.0.1', '192.0.2.1:80':
            self.assertEqual((host, 200), (host, server.get('/api/info', Host=host).status))
        self.assertEqual(421, server.get('/api/info', Host='evil.example').status)
        server.stop()

    def test_a_socket_file_is_its_owners_and_goes_with_the_daemon(self):
        path = '/tmp/sm-page-%d' % os.getpid()
        server = self.serve(http=('unix:' + path,))
        self.assertEqual(0o600, os.stat(path).st_mode & 0o777)
        self.assertEqual(200, server.get('/api/info').status)
        self.assertRegex(ctl(server, 'page'),
                         r'^http://localhost/login\?token=\S+ \(by the socket unix:%s\)\n$' % re.escape(path))
        self.assertIn('in use', self.fail('--http', 'unix:' + path))
        server.process.kill()
        server.process.wait()
        self.assertTrue(os.path.exists(path))
        again = self.serve(http=('unix:' + path,))
        again.stop()
        self.assertFalse(os.path.exists(path))

    def test_a_manager_over_tcp_has_a_page_too(self):
        server = self.serve(address='127.0.0.1:0')
        self.assertEqual([format_address(server.address)], server.get('/api/info').json()['addresses'])
        server.stop()


if __name__ == '__main__':
    unittest.main(argv=sys.argv)
