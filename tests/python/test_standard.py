# SPDX-License-Identifier: MIT
"""A standard library that is not as the package needs it is found out by its import, in words."""

import sys
import unittest

import package
from syncmanager import _standard

IMPORT = '\ntry:\n    import syncmanager\nexcept ImportError as error:\n    print(error)'
VERSION = sys.version.split()[0]


def said_after(change):
    """What importing the package says in a process whose standard library was changed."""
    status, text = package.run('-c', 'import multiprocessing.managers\n' + change + IMPORT)
    return status, text.rstrip('\n')


class StandardTest(unittest.TestCase):
    def test_this_one_is_as_needed(self):
        self.assertEqual(list(_standard.differences()), [])

    def test_whatever_is_missing_is_named(self):
        for path, *_ in _standard.NEEDED:
            owner, name = path.rsplit('.', 1)
            owner = sys.modules.get(owner) or _standard.find(owner)
            thing = vars(owner)[name]
            with self.subTest(path):
                delattr(owner, name)
                try:
                    found = [text for text in _standard.differences()
                             if ' %s ' % path in text or text.startswith(path + ' ')]
                finally:
                    setattr(owner, name, thing)
                self.assertEqual(len(found), 1, found)

    def test_a_missing_function_ends_the_import(self):
        status, text = said_after('del multiprocessing.managers.BaseManager._run_server')
        self.assertEqual(status, 0)
        self.assertIn('does not fit multiprocessing of Python %s: ' % VERSION, text)
        self.assertIn('there is no multiprocessing.managers.BaseManager._run_server (', text)
        self.assertNotIn(';', text)

    def test_an_attribute_of_another_name_ends_the_import(self):
        _, text = said_after(
            'def start(self, initializer=None, initargs=()):\n'
            '    self._child, self._address, self._state = initializer, initargs, self._run_server\n'
            '    self.shutdown = None\n'
            'multiprocessing.managers.BaseManager.start = start')
        self.assertIn(': multiprocessing.managers.BaseManager.start does not use _process (', text)
        self.assertNotIn(';', text)

    def test_other_parameters_end_the_import(self):
        _, text = said_after('multiprocessing.managers.RebuildProxy = lambda token, func: None')
        self.assertIn(': multiprocessing.managers.RebuildProxy takes (token, func) and not '
                      '(func, token, serializer, kwds) (', text)

    def test_a_standard_library_as_it_is_says_nothing(self):
        self.assertEqual(said_after(''), (0, ''))


if __name__ == '__main__':
    unittest.main()
