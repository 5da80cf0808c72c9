#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Run the standard library's own manager tests with this package as their managers.

    stdlib.py fork|spawn|forkserver [NAME]... [--stock] [--json FILE]

The tests are those of test._test_multiprocessing that use a manager, unmodified, under the
interpreter that runs this.  NAME picks classes or tests that contain it; --stock leaves the
standard library's managers in place, to see what the tests say of those.
"""

import argparse
import importlib
import json
import sys
import unittest

import package  # noqa: F401
import stdlib_tests


def find_classes(module):
    return [thing for word, thing in sorted(vars(module).items())
            if word.startswith('WithManager') or word in stdlib_tests.OTHER_CLASSES]


def make_suite(module, wanted):
    load = unittest.defaultTestLoader.loadTestsFromTestCase
    return unittest.TestSuite(test for cls in find_classes(module) for test in load(cls)
                              if stdlib_tests.select(test, wanted))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('method', choices=['fork', 'spawn', 'forkserver'])
    parser.add_argument('names', nargs='*')
    parser.add_argument('--stock', action='store_true')
    parser.add_argument('--json', metavar='FILE')
    args = parser.parse_intermixed_args()
    if not args.stock:
        import syncmanager
        syncmanager.install()
    module = importlib.import_module('whole_with_' + args.method)
    suite = make_suite(module, args.names)
    module.setUpModule()
    result = unittest.TextTestRunner(resultclass=stdlib_tests.Result, verbosity=2).run(suite)
    module.tearDownModule()
    if args.json:
        with open(args.json, 'w') as file:
            json.dump(result.outcomes, file)
    sys.exit(not result.wasSuccessful())


if __name__ == '__main__':
    main()
