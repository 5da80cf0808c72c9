# SPDX-License-Identifier: MIT
"""Children that are forked while threads are at work end, in time: SYNCMANAGER_FORKS (50) a kind."""

import os
import unittest

import forks
from forks import package

COUNT = os.environ.get('SYNCMANAGER_FORKS', '50')


class ForkTest(unittest.TestCase):
    """One program for each kind: forks.py says what they do."""


def add_kinds():
    for kind in forks.KINDS:
        def test(self, kind=kind):
            status, text = package.run(forks.__file__, kind, COUNT, timeout=120)
            self.assertEqual(0, status, text)

        setattr(ForkTest, 'test_no_child_hangs_or_fails_of_kind_' + kind, test)


add_kinds()

if __name__ == '__main__':
    unittest.main()
