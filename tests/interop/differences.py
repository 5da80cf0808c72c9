# SPDX-License-Identifier: MIT
"""Where the daemon differs from CPython's server on purpose: each with its reason.

docs/compatibility.md says the same to users.  An empty table is the aim.
"""

# The fact of a table (see cases.py): why the daemon answers differently.
CASES = {}
