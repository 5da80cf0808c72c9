# SPDX-License-Identifier: MIT
"""The lessons print what they print with the standard library: with nothing changed but the import,
and run by `python3 -m syncmanager` without even that."""

import os
import shutil
import tempfile
import unittest

from package import EXAMPLES, run
from outcomes import mask

STANDARD = 'from multiprocessing.managers import '
OURS = 'from syncmanager import '


class ExampleTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='sm-examples-')
        self.addCleanup(shutil.rmtree, self.folder)
        shutil.copy(os.path.join(EXAMPLES, 'lesson.py'), self.folder)

    def outcome(self, *arguments):
        status, output = run('-W', 'ignore', *arguments, '--pause', '0.05', timeout=60)
        return 'status %d\n%s' % (status, mask(output))

    def with_our_import(self, name):
        with open(os.path.join(EXAMPLES, name)) as file:
            text = file.read()
        self.assertEqual(text.count(STANDARD), 1)
        path = os.path.join(self.folder, name)
        with open(path, 'w') as file:
            file.write(text.replace(STANDARD, OURS))
        return path

    def check(self, name):
        program = os.path.join(EXAMPLES, name)
        expected = self.outcome(program)
        self.assertRegex(expected, '^status 0\n')
        self.assertMultiLineEqual(expected, self.outcome(self.with_our_import(name)))
        self.assertMultiLineEqual(expected, self.outcome('-m', 'syncmanager', program))

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
