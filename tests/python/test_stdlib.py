# SPDX-License-Identifier: MIT
"""The standard library's own manager tests, with this package as their managers.

Those of a start method run in one process (stdlib.py), and not at all with a CPython that came
without its test package. A test class of theirs is a test here.
"""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import unittest

from package import HERE, INTEROP

CLASSES = ('TestBarrier', 'TestCondition', 'TestContainers', 'TestEvent', 'TestInitializers',
           'TestLock', 'TestManagerExceptions', 'TestManagerRestart', 'TestMyManager', 'TestPool',
           'TestQueue', 'TestRemoteManager', 'TestSemaphore', 'TestSyncManagerTypes')
SECONDS = 580

# What a CPython skips in its own managers' tests, or cannot pass, is in docs/compatibility.md.
CANNOT_PASS = {}


def has_tests():
    try:
        return importlib.util.find_spec('test._test_multiprocessing') is not None
    except ImportError:
        return False


@unittest.skipUnless(has_tests(), 'this CPython came without test._test_multiprocessing')
class Stdlib:
    method = None
    outcomes = None  # of every test with this start method: outcome and text

    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory(prefix='sm-stdlib-') as folder:
            path = os.path.join(folder, 'outcomes')
            command = [sys.executable, '-W', 'ignore', os.path.join(INTEROP, 'lean.py'),
                       os.path.join(HERE, 'stdlib.py'), cls.method, '--json', path]
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, timeout=SECONDS, cwd=folder)
            if not os.path.exists(path):
                raise AssertionError(done.stdout.decode('utf-8', 'replace'))
            with open(path) as file:
                cls.outcomes = json.load(file)

    def check(self, name):
        outcomes = {test: outcome for test, outcome in self.outcomes.items() if name in test}
        failed = {test: text for test, (outcome, text) in outcomes.items()
                  if outcome == 'failed' and test not in CANNOT_PASS}
        self.assertFalse(failed, '\n'.join('%s\n%s' % item for item in failed.items()))
        if not any(outcome == 'passed' for outcome, _ in outcomes.values()):
            self.skipTest('; '.join(sorted({text for _, text in outcomes.values()})) or 'no tests')


def add_test(name):
    setattr(Stdlib, 'test_' + name[4:], lambda self: self.check(name))


for class_name in CLASSES:
    add_test(class_name)


class ForkTest(Stdlib, unittest.TestCase):
    method = 'fork'


class SpawnTest(Stdlib, unittest.TestCase):
    method = 'spawn'


class ForkserverTest(Stdlib, unittest.TestCase):
    method = 'forkserver'


if __name__ == '__main__':
    unittest.main()
