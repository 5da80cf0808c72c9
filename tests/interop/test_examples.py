# SPDX-License-Identifier: MIT
"""The example programs print the same on the standard library's own server and on the daemon."""

import os
import subprocess
import sys
import unittest

from outcomes import mask
from servers import KEY, ROOT, Daemon, daemon_path, format_address

EXAMPLES = os.path.join(ROOT, 'examples')


PROGRAMS = os.environ.get('SYNCMANAGER_EXAMPLES') or os.path.join(ROOT, 'build', 'examples')


def run(command, **environment):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, universal_newlines=True, timeout=60,
                          env=dict(os.environ, **environment))
    return 'status %d\n%s' % (done.returncode, mask(done.stdout))


def run_example(name, *arguments):
    return run([sys.executable, '-W', 'ignore', os.path.join(EXAMPLES, name), '--pause', '0.05',
                *arguments])


def run_program(name, *arguments):
    return run([os.path.join(PROGRAMS, name), *arguments], SYNCMANAGER_AUTHKEY=KEY.decode())


class ExampleTest(unittest.TestCase):
    maxDiff = None

    def check(self, name):
        expected = run_example(name)
        self.assertRegex(expected, '^status 0\n')
        self.assertNotIn('Traceback', expected)
        if daemon_path() is None:
            self.skipTest('there is no syncmanagerd to compare with')
        for address in (None, '127.0.0.1:0'):
            with Daemon({'get_my_string': '"educative"'}, address=address) as server:
                actual = run_example(name, format_address(server.address),
                                     '--authkey-file', server.key_file)
            self.assertMultiLineEqual(expected, actual)

    def check_program(self, name):
        """The same lesson in C, with a manager of its own and with the daemon."""
        expected = run_example(name + '.py')
        self.assertMultiLineEqual(expected, run_program(name, '--pause', '0.05'))
        with Daemon({'get_my_string': '"educative"'}) as server:
            actual = run_program(name, '--pause', '0.05', format_address(server.address))
        self.assertMultiLineEqual(expected, actual)

    def test_lesson1_uses_an_object_of_the_server(self):
        self.check('lesson1.py')

    def test_lesson2_takes_turns(self):
        self.check('lesson2.py')

    def test_lesson3_copies_plain_lists(self):
        self.check('lesson3.py')

    def test_lesson4_shares_shared_lists(self):
        self.check('lesson4.py')

    def test_lesson1_is_the_same_in_c(self):
        self.check_program('lesson1')

    def test_lesson2_is_the_same_in_c(self):
        self.check_program('lesson2')

    def test_lesson3_is_the_same_in_c(self):
        self.check_program('lesson3')

    def test_lesson4_is_the_same_in_c(self):
        self.check_program('lesson4')

    def test_the_work_queue_finds_the_primes(self):
        self.assertEqual(run_program('work_queue'), 'status 0\n'
                         '[2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47]\n')

    def test_the_reader_shows_what_python_made(self):
        with Daemon({'results': 'dict()'}) as server:
            results = server.connect().results()
            results.update({'run 7': {'loss': 0.25, 'layers': [64, 32], 'host': 'gpu1'}, 8: None})
            actual = run_program('reader', format_address(server.address), 'results')
        self.assertEqual(actual, "status 0\nrun 7:\n  loss: 0.25\n  layers:\n    0: 64\n    1: 32\n"
                         "  host: 'gpu1'\n8: None\n")


if __name__ == '__main__':
    unittest.main()
