# SPDX-License-Identifier: MIT
"""The example programs print the same on the standard library's own server and on the daemon."""

import os
import subprocess
import sys
import unittest

from outcomes import mask
from servers import ROOT, Daemon, daemon_path, format_address

EXAMPLES = os.path.join(ROOT, 'examples')


def run_example(name, *arguments):
    done = subprocess.run([sys.executable, '-W', 'ignore', os.path.join(EXAMPLES, name),
                           '--pause', '0.05', *arguments],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          universal_newlines=True, timeout=60)
    return 'status %d\n%s' % (done.returncode, mask(done.stdout))


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

    def test_lesson1_uses_an_object_of_the_server(self):
        self.check('lesson1.py')

    def test_lesson2_takes_turns(self):
        self.check('lesson2.py')

    def test_lesson3_copies_plain_lists(self):
        self.check('lesson3.py')

    def test_lesson4_shares_shared_lists(self):
        self.check('lesson4.py')


if __name__ == '__main__':
    unittest.main()
