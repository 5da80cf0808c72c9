# SPDX-License-Identifier: MIT
"""A short run of the package's random differential test: one seed, some hundred calls of each type."""

import contextlib
import io
import unittest

import differential
from own_subjects import SUBJECTS


class DifferentialTest(unittest.TestCase):
    maxDiff = None

    def test_objects_of_own_classes_are_treated_as_by_the_standard_library(self):
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            calls, found = differential.COMPARISON.run_seed(1, 300, list(SUBJECTS))
        self.assertEqual(found, 0, '\n' + output.getvalue())
        self.assertGreater(calls, 3000)


if __name__ == '__main__':
    unittest.main()
