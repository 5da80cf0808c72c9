#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What who may only read, or has not the key that an object is for, tries all the same; and files of
keys that are none.
"""

import os
import subprocess
import sys
import tempfile
import unittest
from multiprocessing import managers

import daemons  # noqa: F401
from keyed import KEYS, Keyed, lines_of
from raw import Raw
from servers import PATIENCE, daemon_path, parse_address

REGISTERED = {'jobs@workers': 'Queue()', 'gate@workers': 'Lock()', 'config': 'dict({"a": 1})'}
TCP = '127.0.0.1:0'

WRONG = [
    (b'web rw one\nweb rw two\n', 'line 2: the name web is in line 1 already'),
    (b'web rw one\nlog ro one\n', 'line 2: the key is that of web, in line 1'),
    (b'web rw one\nlog rx two\n', 'line 2: the right is none of ro, rw, admin'),
    (b'web RW one\nlog RO two\n', 'line 1: the right is none of ro, rw, admin'),
    (b'web rw one\nlog two\n', 'line 2: not NAME RIGHT KEY'),
    (b'web rw one\nlog ro two three\n', 'line 2: not NAME RIGHT KEY'),
    (b'web rw one\nl\xc3\xa9 ro two\n', 'line 2: the name is not'),
    (b'web rw one\n' + b'x' * 65 + b' ro two\n', 'line 2: the name is not'),
    (b'we\0b rw one\n', 'line 1: the name is not'),
    (b'# of all\n\n web \t rw one \r\nweb rw two', 'line 4: the name web is in line 3 already'),
    (b''.join(b'k%d rw s%d\n' % (i, i) for i in range(65)), 'line 65: more than 64 keys'),
]
# What looks like lines a little, and is one key as ever.
ONE = [b'a passphrase of words', b'web rx one', b'web rw', b'rw', b'web rw one two', b'# web rw one',
       b'\x00\xff\n\x00 \x01', b'web ro\none two']


class Files(unittest.TestCase):
    def start(self, text, *options):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = os.path.join(folder.name, 'keys')
        with open(path, 'wb') as file:
            file.write(text)
        os.chmod(path, 0o600)
        process = subprocess.Popen(
            [daemon_path(), '--address', TCP, '--authkey-file', path, *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def test_what_is_wrong_in_a_line_is_told_with_its_number(self):
        for text, words in WRONG:
            with self.subTest(text=text[:60]):
                process = self.start(text)
                _, errors = process.communicate(timeout=PATIENCE)
                self.assertEqual(2, process.returncode)
                self.assertIn(words, errors)

    def test_what_has_no_such_line_is_one_key(self):
        for text in ONE:
            with self.subTest(text=text):
                process = self.start(text + b'\n')
                line = process.stdout.readline()
                self.assertTrue(line.startswith('listening on '), line)
                address = parse_address(line.split()[-1])
                with Raw(address, text) as raw:
                    self.assertEqual('#RETURN', raw.handshake().ask('shutdown')[0])
                self.assertEqual(0, process.wait(PATIENCE))

    def test_an_object_for_a_key_that_is_not_there_does_not_start(self):
        for text, words in ((b'one', 'The server has one key'), (b'web rw x', "the name 'workers'")):
            process = self.start(text, '--register', 'jobs@workers=Queue()')
            _, errors = process.communicate(timeout=PATIENCE)
            self.assertEqual(2, process.returncode)
            self.assertIn(words, errors)


class Clients(unittest.TestCase):
    def setUp(self):
        self.server = Keyed(REGISTERED, options=['--address', TCP])
        self.addCleanup(self.server.kill)
        with self.server.raw_as('boss') as raw:
            addresses = raw.ask('sm_info')[1]['addresses']
        self.tcp = next(parse_address(text) for text in addresses if not text.startswith('unix'))

    def open(self, name, address=None):
        raw = self.server.calls_as(name, address)
        self.addCleanup(raw.close)
        return raw

    def refused(self, answer):
        self.assertEqual(('#ERROR', PermissionError), (answer[0], type(answer[1])), answer)

    def test_who_only_reads_gets_no_memory_that_others_trust(self):
        monitor, web = self.open('monitor'), self.open('web')
        ident = web.call(None, 'create', 'Lock')[1][0]
        for call in ('sm_share', 1), ('sm_cell',), ('sm_lease', ident):
            self.assertEqual(('#RETURN', None), monitor.call(None, *call))
        self.assertNotEqual(('#RETURN', None), web.call(None, 'sm_cell'))
        self.assertNotEqual(('#RETURN', None), web.call(None, 'sm_lease', ident))

    def test_what_is_for_some_is_in_no_memory(self):
        workers = self.open('workers')
        self.assertNotEqual(('#RETURN', None), workers.call(None, 'sm_cell'))
        for name in 'jobs', 'gate':
            ident = workers.call(None, 'create', name)[1][0]
            self.assertEqual(('#RETURN', None), workers.call(None, 'sm_lease', ident))

    def test_an_ident_that_is_guessed_opens_nothing(self):
        ident = self.open('workers').call(None, 'create', 'jobs')[1][0]
        web = self.open('web')
        token = managers.Token('Queue', None, ident)
        for name in 'put', 'get_nowait', 'qsize', '__str__', '__repr__', '#GETVALUE', '\udc80', '':
            self.refused(web.call(ident, name))
        for call in (('incref', ident), ('decref', ident), ('sm_receive', ident),
                     ('sm_release', ident, 0), ('sm_keep', ident), ('get_methods', token)):
            self.refused(web.call(None, *call))
        self.assertEqual(('#RETURN', None), web.call(None, 'sm_lease', ident))
        self.assertEqual([], [row for row in web.call(None, 'sm_objects')[1][1]
                              if row['ident'] == ident])

    def test_a_proxy_of_what_is_for_others_is_refused_as_an_argument(self):
        workers, web = self.open('workers'), self.open('web')
        gate = workers.call(None, 'create', 'gate')[1][0]
        proxy = Proxy(gate)
        self.refused(web.call(None, 'create', 'Condition', proxy))
        ident = web.call(None, 'create', 'list')[1][0]
        self.refused(web.call(ident, 'append', [{'a': proxy}]))
        self.assertEqual(('#RETURN', 0), web.call(ident, '__len__'))
        self.assertEqual('#RETURN', workers.call(None, 'create', 'Condition', proxy)[0])

    def test_who_gets_such_a_proxy_from_a_list_cannot_use_it(self):
        workers, web = self.open('workers'), self.open('web')
        gate = workers.call(None, 'create', 'gate')[1][0]
        ident = workers.call(None, 'create', 'list', [Proxy(gate)])[1][0]
        web.send_object((ident, '__getitem__', (0,), {}))
        self.assertIn(gate.encode(), web.receive())
        self.assertEqual('#RETURN', web.call(ident, 'extend', [1])[0])
        self.assertEqual(('#RETURN', None), web.call(ident, 'reverse'))
        self.refused(web.call(gate, 'acquire', False))

    def test_references_of_others_are_not_given_back_by_who_only_reads(self):
        web = self.open('web')
        ident = web.call(None, 'create', 'list', [1])[1][0]
        monitor = self.open('monitor', self.tcp)
        for call in ('decref', ident), ('sm_release', ident, 5), ('sm_keep', ident):
            self.refused(monitor.call(None, *call))
        for _ in range(3):
            self.assertEqual(('#RETURN', None), monitor.call(None, 'incref', ident))
        for _ in range(3):
            self.assertEqual(('#RETURN', None), monitor.call(None, 'decref', ident))
        self.refused(monitor.call(None, 'decref', ident))
        self.assertEqual(('#RETURN', 1), web.call(ident, '__len__'))

    def test_what_a_key_that_goes_has_taken_goes_with_it(self):
        monitor, web = self.open('monitor', self.tcp), self.open('web')
        ident = web.call(None, 'create', 'list', [1])[1][0]
        monitor.call(None, 'incref', ident)
        web.call(None, 'decref', ident)
        keys = dict(KEYS)
        del keys['monitor']
        self.server.read_anew(lines_of(keys))
        self.assertTrue(monitor.closed())
        self.assertEqual(('#RETURN', 0), web.call(None, 'number_of_objects'))

    def test_calls_of_others_are_not_withdrawn(self):
        web, monitor = self.open('web'), self.open('monitor')
        number = web.call(None, 'sm_connection', 13)[1]
        ident = web.call(None, 'create', 'Event')[1][0]
        web.send_object((ident, 'wait', (), {}))
        self.assertEqual(('#RETURN', False), monitor.call(None, 'sm_withdraw', number))
        self.assertEqual(('#RETURN', False), self.open('workers').call(None, 'sm_withdraw', number))
        while not self.open('boss').call(None, 'sm_withdraw', number)[1]:
            pass  # it may not have come yet
        self.assertEqual('#ERROR', web.receive_object()[0])

    def test_every_server_function_is_refused_or_changes_nothing(self):
        web, monitor = self.open('web'), self.open('monitor')
        ident = web.call(None, 'create', 'list', [1])[1][0]
        before = web.call(None, 'sm_objects')
        token = managers.Token('list', None, ident)
        for call in (('create', 'list'), ('shutdown',), ('sm_kill', 1), ('sm_kill', None, 1),
                     ('debug_info',), ('dummy',), ('get_methods', token), ('number_of_objects',),
                     ('sm_clients',), ('sm_info',), ('sm_locks',), ('sm_objects',), ('sm_version',),
                     ('sm_detach', 0), ('sm_ring',), ('sm_withdraw', 1)):
            monitor.call(None, *call)
        self.assertEqual(before, web.call(None, 'sm_objects'))
        self.assertTrue(self.server.alive())


class Proxy:
    """Pickled as a proxy of the object with an ident, which nobody has given us."""

    def __init__(self, ident):
        self.ident = ident

    def __reduce__(self):
        return (managers.RebuildProxy,
                (managers.AcquirerProxy, managers.Token('Lock', None, self.ident), 'pickle', {}))


if __name__ == '__main__':
    unittest.main(argv=sys.argv)
