# SPDX-License-Identifier: MIT
"""Children that are forked while threads are at work end, in time: SYNCMANAGER_FORKS (50) a kind."""

import os
import unittest

import forks
from forks import package
import certificates  # beside the tests of interop, which package knows

COUNT = os.environ.get('SYNCMANAGER_FORKS', '50')


class ForkTest(unittest.TestCase):
    """One program for each kind: forks.py says what they do."""

    def check(self, kind, *more):
        status, text = package.run(forks.__file__, kind, COUNT, *more, timeout=120)
        self.assertEqual(0, status, text)


def add_kinds():
    for kind in forks.KINDS:
        def test(self, kind=kind):
            self.check(kind)

        def test_tls(self, kind=kind):
            with certificates.own('127.0.0.1') as certificate:
                self.check(kind, certificate)

        setattr(ForkTest, 'test_no_child_hangs_or_fails_of_kind_' + kind, test)
        setattr(ForkTest, 'test_by_tls_no_child_hangs_or_fails_of_kind_' + kind, test_tls)


add_kinds()

if __name__ == '__main__':
    unittest.main()
