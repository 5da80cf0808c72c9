# SPDX-License-Identifier: MIT
"""The standard library's multiprocessing tests, as they are, to run with the start method fork.

Children import this module by its name, to find the classes in it.
"""

from test import _test_multiprocessing as tests

tests.install_tests_in_module_dict(globals(), 'fork')
