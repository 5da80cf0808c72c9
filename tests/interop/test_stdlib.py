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
    def check(self, method, name):
        with tempfile.TemporaryDirectory(prefix='sm-stdlib-') as folder:
            path = os.path.join(folder, 'outcomes')
            command = [sys.executable, '-W', 'ignore', os.path.join(HERE, 'stdlib_tests.py'),
                       method, name, '--json', path]
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, timeout=SECONDS, cwd=folder)
            output = done.stdout.decode('utf-8', 'replace')
            self.assertTrue(os.path.exists(path), output)
            with open(path) as file:
                outcomes = json.load(file)
        failed = [test for test, (outcome, _) in sorted(outcomes.items()) if outcome == 'failed']
        self.assertFalse(failed, output)
        if not any(outcome == 'passed' for outcome, _ in outcomes.values()):
            self.skipTest('; '.join(sorted({text for _, text in outcomes.values()})) or 'no tests')


def add_test(method, name):
    def test(self):
        self.check(method, name)

    setattr(StdlibTest, 'test_%s_with_%s' % (name[4:], method), test)


for class_name in CLASSES:
    for start_method in ('fork', 'spawn'):
        add_test(start_method, class_name)


if __name__ == '__main__':
    unittest.main()
