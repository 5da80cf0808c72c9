# SPDX-License-Identifier: MIT
"""syncmanagerctl as its users run it: on a daemon, and on the standard library's own server.

SYNCMANAGERCTL names the program; else it is build/syncmanagerctl of the checkout.
"""

import errno
import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'interop'))

from servers import PATIENCE, ROOT, Daemon, Stock, format_address, wait_until  # noqa: E402

CTL = os.environ.get('SYNCMANAGERCTL', os.path.join(ROOT, 'build', 'syncmanagerctl'))
REGISTERED = {'jobs': 'Queue(10)', 'config': 'dict({"a": 1})', 'greeting': '"hello"'}


def environment(**more):
    clean = {name: value for name, value in os.environ.items()
             if not name.startswith('SYNCMANAGER_')}
    return dict(clean, **more)


class CtlCase(unittest.TestCase):
    kind = Daemon
    maxDiff = None

    def setUp(self):
        self.server = self.kind(REGISTERED)
        self.address = format_address(self.server.address)
        self.addCleanup(self.server.kill)

    def ctl(self, *words, stdin='', options=(), status=0):
        """Run it; returns what it printed, having checked its status."""
        done = subprocess.run(
            [CTL, '--address', self.address, '--authkey-file', self.server.key_file, *options,
             *words], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            universal_newlines=True, timeout=PATIENCE, env=environment())
        self.assertEqual(status, done.returncode, done.stderr)
        return done.stderr if status else done.stdout

    def json(self, *words):
        return json.loads(self.ctl(*words, options=['--json']))


class CommonTest:
    """What holds on any manager."""

    def test_ping_tells_how_long_it_took(self):
        self.assertRegex(self.ctl('ping'), r'^unix:\S+ answers in [0-9.]+ ms\n$')

    def test_a_registered_object_is_called_by_its_name(self):
        self.assertEqual('None\n', self.ctl('call', 'jobs', 'put', '{"page": [1, (2, None)]}'))
        self.assertEqual("{'page': [1, (2, None)]}\n", self.ctl('call', 'jobs', 'get'))

    def test_calling_by_name_leaves_nothing_behind(self):
        self.ctl('call', 'jobs', 'qsize')
        self.assertEqual(0, self.json('info')['objects'])

    def test_keyword_arguments_are_names_and_literals(self):
        self.assertEqual('2\n', self.ctl('call', 'config', 'setdefault', '"b"', '2'))
        ident = self.ctl('create', 'list', '[1, 3, 2]').strip()
        self.ctl('call', ident, 'sort', 'reverse=True')
        self.assertEqual('3\n', self.ctl('call', ident, '__getitem__', '0'))

    def test_a_created_object_lives_until_it_is_dropped(self):
        ident = self.ctl('create', 'list', '[1]').strip()
        self.assertEqual('1\n', self.ctl('call', ident, 'pop'))
        self.assertEqual('', self.ctl('drop', ident))
        self.assertRegex(self.ctl('call', ident, 'pop', status=1), '^RemoteError: KeyError: ')

    def test_an_exception_is_printed_with_its_name(self):
        self.assertEqual('IndexError: pop from empty list\n',
                         self.ctl('call', self.ctl('create', 'list').strip(), 'pop', status=1))

    def test_an_exception_of_a_module_is_printed_with_it(self):
        self.assertRegex(self.ctl('call', 'jobs', 'get_nowait', status=1), r'^_?queue\.Empty\n$')

    def test_an_unknown_type_is_an_exception(self):
        self.assertRegex(self.ctl('create', 'nothing', status=1), "^RemoteError: KeyError: 'nothing'")

    def test_objects_are_listed(self):
        ident = self.ctl('create', 'list', '[1, "a\\nb"]').strip()
        self.assertEqual([{'ident': ident, 'references': 1, 'value': "[1, 'a\\nb']"}],
                         self.json('objects'))
        self.assertRegex(self.ctl('objects'),
                         r"^IDENT +REFERENCES  VALUE\n%s +1  \[1, 'a\\nb'\]\n$" % ident)

    def test_a_method_that_returns_an_object_prints_its_ident(self):
        ident = self.ctl('create', 'dict', '{"k": 1}').strip()
        iterator = self.ctl('call', ident, '__iter__').strip()
        self.assertEqual("'k'\n", self.ctl('call', iterator, '__next__'))
        self.assertEqual('StopIteration\n', self.ctl('call', iterator, '__next__', status=1))

    def test_shutdown_ends_the_manager(self):
        self.assertEqual('', self.ctl('shutdown'))
        self.server.process.wait(PATIENCE)
        self.assertRegex(self.ctl('ping', status=2), 'no manager is there')

    def test_another_key_is_refused(self):
        done = subprocess.run([CTL, '--address', self.address, 'ping'], stderr=subprocess.PIPE,
                              universal_newlines=True, timeout=PATIENCE,
                              env=environment(SYNCMANAGER_AUTHKEY='wrong'))
        self.assertEqual(2, done.returncode)
        self.assertIn("the key is not the manager's", done.stderr)

    def test_a_call_is_given_up_in_time(self):
        self.assertRegex(self.ctl('call', 'jobs', 'get', options=['--timeout', '0.05'], status=2),
                         'no answer within 50 ms')


class DaemonTest(CommonTest, CtlCase):
    def test_info_tells_the_version(self):
        version = subprocess.run([CTL, '--version'], stdout=subprocess.PIPE, timeout=PATIENCE,
                                 universal_newlines=True).stdout.split()[1]
        info = self.json('info')
        self.assertEqual(('syncmanager', version, self.address, 0),
                         (info['manager'], info['version'], info['address'], info['objects']))
        self.assertIn('manager  syncmanager %s\n' % version, self.ctl('info'))

    def test_a_call_that_was_given_up_takes_nothing_later(self):
        self.ctl('call', 'jobs', 'get', options=['--timeout', '0.05'], status=2)
        self.ctl('call', 'jobs', 'put', '1')
        self.assertEqual('1\n', self.ctl('call', 'jobs', 'qsize'))


class StockTest(CommonTest, CtlCase):
    kind = Stock

    def test_info_tells_what_it_is(self):
        info = self.json('info')
        self.assertEqual(('multiprocessing', None), (info['manager'], info['version']))
        self.assertIn("manager  Python's multiprocessing\n", self.ctl('info'))


class JsonTest(CtlCase):
    def round_trip(self, literal):
        self.ctl('call', 'jobs', 'put', literal)
        return self.json('call', 'jobs', 'get')

    def test_plain_values_are_json(self):
        for value in (None, True, 5, -10**30, 1.5, 'a "quoted"\n\\ text\u00e9\x01', [1, [2]],
                      {'a': {'b': []}}):
            with self.subTest(value=value):
                self.assertEqual(value, self.round_trip(repr(value)))

    def test_tuples_are_arrays(self):
        self.assertEqual([1, [2]], self.round_trip('(1, (2,))'))

    def test_keys_are_made_text(self):
        value = {1: 'a', None: 'b', True: 'c', 2.5: 'd'}
        self.assertEqual(json.loads(json.dumps(value)), self.round_trip(repr(value)))

    def test_what_json_lacks_is_given_as_repr(self):
        for literal in ("b'x'", '{1}', '{(1, 2): 3}', 'nan'):
            with self.subTest(literal=literal):
                self.assertEqual([{'repr': literal}], self.round_trip('[%s]' % literal))

    def test_lone_surrogates_are_escaped(self):
        self.assertEqual('\udc80', self.round_trip(r"'\udc80'"))

    def test_idents_are_json(self):
        self.assertRegex(self.json('create', 'list')['ident'], '^[0-9a-f]+$')


class UsageTest(CtlCase):
    def test_help_has_examples(self):
        done = subprocess.run([CTL, '--help'], stdout=subprocess.PIPE, universal_newlines=True,
                              timeout=PATIENCE)
        self.assertEqual(0, done.returncode)
        self.assertIn('Examples:', done.stdout)

    def test_an_unknown_command_is_told(self):
        self.assertRegex(self.ctl('nothing', status=2), 'nothing: not a command')

    def test_a_wrong_number_of_arguments_is_told(self):
        for words in (['call', 'jobs'], ['create'], ['drop'], ['ping', '1'], ['info', '2']):
            with self.subTest(words=words):
                self.assertRegex(self.ctl(*words, status=2), 'usage: ' + words[0])

    def test_an_unknown_option_is_told(self):
        self.assertRegex(self.ctl(options=['--nothing'], status=2), "Try 'syncmanagerctl --help'")

    def test_a_wrong_timeout_is_told(self):
        for text in ('x', '-1', '0', '1x', 'nan', '1e30'):
            with self.subTest(text=text):
                self.assertRegex(self.ctl('ping', options=['--timeout', text], status=2),
                                 'not a number of seconds')

    def test_what_is_no_literal_is_not_sent(self):
        error = self.ctl('call', 'jobs', 'put', 'hello', status=2)
        self.assertRegex(error, 'hello: .*write text as "text"')
        self.assertEqual('0\n', self.ctl('call', 'jobs', 'qsize'))

    def run_bare(self, *words, **variables):
        done = subprocess.run([CTL, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, universal_newlines=True, timeout=PATIENCE,
                              env=environment(**variables))
        return done.returncode, done.stdout + done.stderr

    def test_an_address_is_needed(self):
        status, text = self.run_bare('ping')
        self.assertEqual(2, status)
        self.assertIn('which manager', text)

    def test_a_key_is_needed(self):
        status, text = self.run_bare('ping', SYNCMANAGER_ADDRESS=self.address)
        self.assertEqual(2, status)
        self.assertIn('no key', text)

    def test_address_and_key_come_from_the_environment(self):
        status, text = self.run_bare('ping', SYNCMANAGER_ADDRESS=self.address,
                                     SYNCMANAGER_AUTHKEY='interop')
        self.assertEqual(0, status, text)

    def test_a_key_file_that_is_not_there_is_told(self):
        status, text = self.run_bare('--address', self.address, '--authkey-file', '/nowhere/key',
                                     'ping')
        self.assertEqual(2, status)
        self.assertIn('/nowhere/key: No such file or directory', text)

    def test_what_is_no_address_is_told(self):
        status, text = self.run_bare('--address', 'nowhere', 'ping', SYNCMANAGER_AUTHKEY='k')
        self.assertEqual(2, status)
        self.assertIn('nowhere', text)


class LinesTest(CtlCase):
    def test_commands_are_read_from_standard_input(self):
        self.assertEqual("None\n[1, 'two  words', {'a': (2,)}]\n", self.ctl(
            stdin='# a comment\n\ncall jobs put [1, "two  words", {"a": (2,)}]\ncall jobs get\n'))

    def test_the_highest_status_counts_and_all_are_run(self):
        error = self.ctl(stdin='call jobs get_nowait\ncall jobs put 1\n', status=1)
        self.assertIn('queue.Empty', error)
        self.assertEqual('1\n', self.ctl('call', 'jobs', 'qsize'))

    def test_what_is_left_open_is_told(self):
        for line in ('call jobs put "a', 'call jobs put [1'):
            with self.subTest(line=line):
                self.assertRegex(self.ctl(stdin=line, status=2), 'left open')

    def test_quit_ends(self):
        self.assertEqual('0\n', self.ctl(stdin='call jobs qsize\nquit\ncall jobs qsize\n'))


class TerminalTest(CtlCase):
    """On a terminal of its own."""

    def setUp(self):
        super().setUp()
        self.home = self.server.folder
        pid, self.fd = pty.fork()
        if pid == 0:
            os.execve(CTL, [CTL, '--address', self.address], environment(
                SYNCMANAGER_AUTHKEY='interop', XDG_STATE_HOME=self.home, TERM='dumb'))
        self.pid = pid
        self.seen = ''

    def tearDown(self):
        os.close(self.fd)
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)

    def read_until(self, text):
        deadline = time.monotonic() + PATIENCE
        while text not in self.seen:
            ready, _, _ = select.select([self.fd], [], [], max(0, deadline - time.monotonic()))
            self.assertTrue(ready, 'no %r in %r' % (text, self.seen))
            try:
                more = os.read(self.fd, 4096)
            except OSError as error:
                self.assertEqual(errno.EIO, error.errno)
                more = b''
            self.assertTrue(more, 'the end, and no %r in %r' % (text, self.seen))
            self.seen += more.decode()
        self.seen = self.seen.partition(text)[2]

    def type(self, text):
        os.write(self.fd, text.encode())

    def end(self):
        self.type('quit\n')
        status = os.waitpid(self.pid, 0)[1]
        self.pid = 0
        return os.WEXITSTATUS(status)

    def test_a_prompt_asks_for_commands(self):
        self.read_until('syncmanagerctl> ')
        self.type('call config get "a"\n')
        self.read_until('\r\n1\r\n')
        self.read_until('syncmanagerctl> ')
        self.assertEqual(0, self.end())

    def test_the_interrupt_key_ends_a_call_that_waits(self):
        self.read_until('syncmanagerctl> ')
        manager = self.server.connect()
        self.assertTrue(wait_until(lambda: self.answers('call jobs get\n', 'get\r\n') and
                                   self.answers('\x03', 'interrupted')))
        manager.jobs().put('there')
        self.assertTrue(wait_until(lambda: self.answers('\ncall jobs get\n', "'there'")))
        self.assertEqual(2, self.end())

    def answers(self, keys, text):
        """Type them; whether the text comes soon. An interrupt takes what was typed before."""
        self.type(keys)
        deadline = time.monotonic() + 0.2
        while text not in self.seen:
            if not select.select([self.fd], [], [], max(0, deadline - time.monotonic()))[0]:
                return False
            self.seen += os.read(self.fd, 4096).decode()
        self.seen = self.seen.partition(text)[2]
        return True

    def test_the_interrupt_key_at_the_prompt_gives_a_new_one(self):
        self.read_until('syncmanagerctl> ')
        self.type('drop')
        self.read_until('drop')
        self.type('\x03')
        self.read_until('syncmanagerctl> ')
        self.type('call jobs qsize\n')
        self.read_until('\r\n0\r\n')
        self.assertEqual(0, self.end())

    def test_help_lists_the_commands(self):
        self.read_until('syncmanagerctl> ')
        self.type('help\n')
        self.read_until('create TYPE')
        self.read_until('syncmanagerctl> ')
        self.assertEqual(0, self.end())

    def test_history_is_kept_for_its_owner_alone(self):
        self.read_until('syncmanagerctl> ')
        self.type('ping\n')
        self.read_until('answers in')
        self.read_until('syncmanagerctl> ')
        self.end()
        path = os.path.join(self.home, 'syncmanagerctl_history')
        if not os.path.exists(path):
            self.skipTest('built without libedit')
        self.assertEqual(0o600, os.stat(path).st_mode & 0o777)
        with open(path) as file:
            self.assertIn('ping', file.read())


if __name__ == '__main__':
    unittest.main()
