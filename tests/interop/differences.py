# SPDX-License-Identifier: MIT
"""Where the daemon differs from CPython's server on purpose: each with its reason.

docs/compatibility.md says the same to users.  An empty table is the aim.
"""

# The fact of a table (see cases.py): why the daemon answers differently.
CASES = {}


class Row:
    """A difference that the differential test passes over.

    '*' stands for any type or method; `applies` is given both outcomes as text.
    """

    def __init__(self, typeid, method, reason, applies=lambda expected, actual: True):
        self.typeid, self.method, self.reason, self.applies = typeid, method, reason, applies


# Rows for the random calls of differential.py.
CALLS = []
