# SPDX-License-Identifier: MIT
"""What faults.py and bench.py say about names that they do not know."""

import os
import subprocess
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def complaint(program, *options):
    done = subprocess.run([sys.executable, os.path.join(ROOT, program), *options], timeout=30,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          universal_newlines=True)
    return done.returncode, done.stderr.splitlines()[-1]


class OptionsTest(unittest.TestCase):
    def test_a_way_that_is_unknown_is_answered_with_those_there_are(self):
        self.assertEqual(
            (2, 'faults.py: error: no way nothing: there are unix, tcp, unix relay, tcp relay'),
            complaint('tests/faults/faults.py', '--ways', 'tcp,nothing'))

    def test_a_case_that_is_unknown_is_answered_with_those_there_are(self):
        status, text = complaint('bench/bench.py', 'list_get', 'lizt', 'dict_*')
        self.assertEqual(2, status)
        self.assertRegex(text, '^bench.py: error: no case lizt: there are list_get, .*, loads')


if __name__ == '__main__':
    unittest.main()
