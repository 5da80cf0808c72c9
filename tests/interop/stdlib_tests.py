#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Run the standard library's own manager tests with the daemon as their manager.

    stdlib_tests.py fork|spawn [NAME]... [--stock] [--list] [--json FILE]

NAME picks classes or tests that contain it.  The tests are those of test._test_multiprocessing that
use a manager, under the interpreter that runs this; --stock runs them on Python's own server, to
see what they say of it.  Skipped are the tests of the table below, nearly all of which need Python
in the server.
"""

import argparse
import importlib
import json
import sys
import unittest

import stdlib_manager

# A class, or a test of one: why the daemon cannot be its manager.
LEFT_OUT = {
    'WithManagerTestPool': 'a Pool runs Python functions',
    'WithManagerTestMyManager': "FooBar and baz are the test's own Python classes",
    'WithManagerTestRemoteManager.test_remote': 'sees what XML-RPC makes of a tuple, not pickle',
    'WithManagerTestBarrier.test_action': 'a barrier action is a Python function',
    'TestSyncManagerTypes.test_pool': 'a Pool runs Python functions',
    'TestInitializers.test_manager_initializer': 'an initializer is a Python function',
}

OTHER_CLASSES = ('TestSyncManagerTypes', 'TestManagerExceptions', 'TestInitializers')


def find_tests(method):
    """The module made for the start method, and its test classes that use a manager."""
    module = importlib.import_module('stdlib_with_' + method)
    classes = [thing for word, thing in sorted(vars(module).items())
               if word.startswith('WithManager') or word in OTHER_CLASSES]
    return module, classes


def select(test, wanted):
    class_name, name = type(test).__name__, test._testMethodName
    full = '%s.%s' % (class_name, name)
    return not wanted or any(word in full for word in wanted)


def reason_to_skip(test):
    class_name = type(test).__name__
    return LEFT_OUT.get(class_name) or LEFT_OUT.get(
        '%s.%s' % (class_name, test._testMethodName))


def skip(test, reason):
    """The test, as one that is skipped; without its class's set-up."""
    class Skipped(unittest.TestCase):
        def runTest(self):
            self.skipTest(reason)

        def id(self):
            return '%s.%s' % (type(test).__name__, test._testMethodName)

    return Skipped()


def make_suite(classes, wanted, stock):
    suite = unittest.TestSuite()
    for cls in classes:
        for test in unittest.defaultTestLoader.loadTestsFromTestCase(cls):
            if not select(test, wanted):
                continue
            reason = None if stock else reason_to_skip(test)
            suite.addTest(skip(test, reason) if reason else test)
    return suite


class Result(unittest.TextTestResult):
    def __init__(self, *args, **kwds):
        super().__init__(*args, **kwds)
        self.outcomes = {}

    def note(self, test, outcome):
        name = test.id() if hasattr(test, 'id') else str(test)
        self.outcomes['.'.join(name.split('.')[-2:])] = outcome

    def addSuccess(self, test):
        super().addSuccess(test)
        self.note(test, ['passed', ''])

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.note(test, ['failed', self.failures[-1][1]])

    def addError(self, test, err):
        super().addError(test, err)
        self.note(test, ['failed', self.errors[-1][1]])

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.note(test, ['skipped', reason])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('method', choices=['fork', 'spawn'])
    parser.add_argument('names', nargs='*')
    parser.add_argument('--stock', action='store_true')
    parser.add_argument('--list', action='store_true')
    parser.add_argument('--json', metavar='FILE')
    args = parser.parse_intermixed_args()
    if not args.stock and not args.list:
        stdlib_manager.install()
    module, classes = find_tests(args.method)
    suite = make_suite(classes, args.names, args.stock)
    if args.list:
        print('\n'.join(test.id() for test in suite))
        return
    module.setUpModule()
    result = unittest.TextTestRunner(resultclass=Result, verbosity=2).run(suite)
    module.tearDownModule()
    outcomes = result.outcomes
    for number, trouble in enumerate(stdlib_manager.troubles):
        outcomes['daemon %d' % number] = ['failed', trouble]
        print(trouble)
    if args.json:
        with open(args.json, 'w') as file:
            json.dump(outcomes, file)
    sys.exit(any(outcome == 'failed' for outcome, _ in outcomes.values()))


if __name__ == '__main__':
    main()
