# SPDX-License-Identifier: MIT
"""A short run of the random differential test: one seed, some hundred calls of each type."""

import contextlib
import io
import unittest

import differential
from servers import daemon_path
from subjects import SUBJECTS


@unittest.skipIf(daemon_path() is None, 'there is no syncmanagerd to compare with')
class DifferentialTest(unittest.TestCase):
    maxDiff = None

    def check(self, kind):
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            _, found = differential.COMPARISON.run_seed(1, 400, [kind])
        self.assertEqual(found, 0, '\n' + output.getvalue())


def add_test(kind):
    def test(self):
        self.check(kind)

    setattr(DifferentialTest, 'test_%s_answers_the_same' % kind, test)


for name in SUBJECTS:
    add_test(name)


if __name__ == '__main__':
    unittest.main()
