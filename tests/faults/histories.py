# SPDX-License-Identifier: MIT
"""Histories as text, for the tests of the models: each accepts what its type may do, and refuses
what it may not, as a check that cannot fail would be none.

A history is lines of `CLIENT START-END METHOD(ARGUMENTS) RESULT` in seconds; RESULT is a value, an
exception's name, or `?` where none came. `CLIENT START-END dies` is the end of its process and of its
connection, `breaks` that of its connection alone.
"""

import re
import unittest

import checks
from history import MAYBE, OK, RAISED, SECOND, Call, Ending, parse

LINE = re.compile(r'(\w+) +([\d.]+)-([\d.]+) +([#\w]+)(?:(\(.*\)) +(.+))?$')


def result(text):
    if text == '?':
        return MAYBE, None
    if text[0].isupper() and text not in ('None', 'True', 'False'):
        return RAISED, text
    return OK, parse(text)


def histories(name, text):
    """The calls on the object, and the ends of connections and processes."""
    calls, endings = [], []
    for line in text.strip().splitlines():
        life, start, end, method, args, value = LINE.match(line.strip()).groups()
        start, end = (int(float(time) * SECOND) for time in (start, end))
        if method in ('dies', 'breaks'):
            endings.append(Ending(life, 0, start, end))
        if method == 'dies':
            endings.append(Ending(life, None, start, end))
        if value:
            outcome, value = result(value)
            calls.append(Call(life, 0, name, method, parse(args), start, end, outcome, value))
    return calls, endings


class Models(unittest.TestCase):
    def accept(self, name, text):
        self.assertEqual([str(v) for v in checks.check(name, *histories(name, text))], [])

    def refuse(self, name, text):
        self.assertNotEqual(checks.check(name, *histories(name, text)), [])
