# SPDX-License-Identifier: MIT
"""Where the daemon differs from CPython's server on purpose: each with its reason.

docs/compatibility.md says the same to users.  An empty table is the aim.
"""

import re

# The fact of a table (see cases.py): why the daemon answers differently.
CASES = {
    'a list is not made of an object that does not iterate':
        'whether a class that the manager does not know iterates cannot be told: the text says so',
}


class Row:
    """A difference that the differential test passes over.

    '*' stands for any type or method; `applies` is given both outcomes as text.
    """

    def __init__(self, typeid, method, reason, applies=lambda expected, actual: True):
        self.typeid, self.method, self.reason, self.applies = typeid, method, reason, applies


def shares_less(expected, actual):
    """Objects that were met before there are copies here."""
    return re.fullmatch('.+'.join(map(re.escape, re.split(r'<seen \d+>', expected))), actual, re.DOTALL)


# Rows for the random calls of differential.py.
CALLS = [
    Row('*', '*', "the repr of an object whose class the manager does not know is its pickle's",
        lambda expected, actual: re.search(r'Colour\.|Point\(', expected)
        and re.search(r'random_values\.Colour|Point\(', actual)),
    Row('*', '*', 'an object of a class that the manager does not know is not iterated',
        lambda expected, actual: 'is not iterable' in expected
        and 'cannot be iterated in the manager' in actual),
    Row('*', '*', 'an object of such a class may equal what it is made of',
        lambda expected, actual: 'an object equals what it is made of' in actual),
    Row('*', '*', 'what two stored values have inside them comes back as copies', shares_less),
    Row('BoundedSemaphore', 'release', 'counts are exact up to 2**53',
        lambda expected, actual: 'released too many times' in expected and actual == 'None'),
    Row('*', 'to_bytes', 'the first patch releases of 3.13 made -1 of no bytes',
        lambda expected, actual: expected == "b''" and 'int too big to convert' in actual),
    Row('set', 'pop', 'sets keep the order in which elements came'),
    Row('set', '__repr__', 'sets keep the order in which elements came',
        lambda expected, actual: sorted(expected) == sorted(actual)),
]

# For test_golden.py: the recording's name, a pattern of the expression under way, the reason.
RECORDINGS = [
    ('set', r"m\.set\('ab'\)", 'sets keep the order in which elements came'),
    ('server', r'\(None, ', 'server functions are answered on a connection for calls, too'),
    ('custom', r'shared_list',
     'a registered container exposes its public methods and its proxy\'s'),
    ('custom', r'AutoProxy\(p|number_of_objects|debug_info',
     'lists stand in for the objects of Python classes'),
    ('locks', r'with c: c\.notify_all', 'which of two woken waiters goes first is not defined'),
    ('locks', r'c3\.notify', 'a Condition over the proxy of an RLock works here'),
    ('handshake', r'no_such_module', 'nothing that a pickle names is looked up'),
    ('server', r'no_such_module|no_such_name', 'nothing that a pickle names is looked up'),
    ('server', r"'0', 'append'", "an ident '0' is a placeholder there, and nothing here"),
    ('server', r'shutdown', 'CPython answers once or twice; once is enough'),
    ('scalar', r'1 << 40|bBhHiIlLqQfd', 'in the recording of 3.14 a long has 32 bits'),
    ('cross', r'm\.Queue\(\)', "the methods are those of the client's version, not the server's"),
]


def is_known(typeid, method, expected, actual, rows=CALLS):
    """Whether a table of deliberate differences, CALLS or one like it, has this one."""
    return any(row.typeid in (typeid, '*') and row.method in (method, '*')
               and row.applies(expected, actual) for row in rows)
