# SPDX-License-Identifier: MIT
"""The standard library's own manager tests, with the daemon as their manager.

They run in a process of their own (stdlib_tests.py), once with fork and once with spawn, and not at
all with a CPython that came without its test package.
"""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import unittest

from servers import HERE, daemon_path

CLASSES = ('TestBarrier', 'TestCondition', 'TestContainers', 'TestEvent', 'TestInitializers',
           'TestLock', 'TestManagerExceptions', 'TestManagerRestart', 'TestMyManager', 'TestPool',
           'TestQueue', 'TestRemoteManager', 'TestSemaphore', 'TestSyncManagerTypes')
SECONDS = 150


def has_tests():
    try:
        return importlib.util.find_spec('test._test_multiprocessing') is not None
    except ImportError:
        return False


@unittest.skipUnless(has_tests(), 'this CPython came without test._test_multiprocessing')
@unittest.skipIf(daemon_path() is None, 'there is no syncmanagerd to be the manager')
class StdlibTest(unittest.TestCase):
    runs = {}  # start method: outcomes by test, and all that was printed

    def run_all(self, method):
        """All tests with one start method, in one process, when they are first asked for."""
        if method not in self.runs:
            with tempfile.TemporaryDirectory(prefix='sm-stdlib-') as folder:
                path = os.path.join(folder, 'outcomes')
                command = [sys.executable, '-W', 'ignore', os.path.join(HERE, 'lean.py'),
                           os.path.join(HERE, 'stdlib_tests.py'), method, '--json', path]
                done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT, timeout=SECONDS, cwd=folder)
                output = done.stdout.decode('utf-8', 'replace')
                self.assertTrue(os.path.exists(path), output)
                with open(path) as file:
                    self.runs[method] = json.load(file), output
        return self.runs[method]

    def check(self, method, name):
        outcomes, _ = self.run_all(method)
        outcomes = {test: outcome for test, outcome in outcomes.items() if name in test}
        failed = {test: text for test, (outcome, text) in outcomes.items() if outcome == 'failed'}
        self.assertFalse(failed, '\n'.join('%s\n%s' % item for item in failed.items()))
        if not any(outcome == 'passed' for outcome, _ in outcomes.values()):
            self.skipTest('; '.join(sorted({text for _, text in outcomes.values()})) or 'no tests')

    def check_daemons(self, method):
        outcomes, _ = self.run_all(method)
        troubles = [text for test, (_, text) in outcomes.items() if test.startswith('daemon ')]
        self.assertFalse(troubles, '\n'.join(troubles))


def add_test(method, name):
    def test(self):
        self.check(method, name)

    setattr(StdlibTest, 'test_%s_with_%s' % (name[4:], method), test)


def add_daemon_test(method):
    def test(self):
        self.check_daemons(method)

    setattr(StdlibTest, 'test_all_daemons_end_well_with_' + method, test)


for start_method in ('fork', 'spawn'):
    add_daemon_test(start_method)
    for class_name in CLASSES:
        add_test(start_method, class_name)


if __name__ == '__main__':
    unittest.main()
