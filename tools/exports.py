#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Check that a library exports names that begin with sm_, and no others.

    tools/exports.py build/libsyncmanager.so ...

An internal name that got out would bind to a user's function of the same name, or the other way
round. Shared libraries (.so) are asked for their dynamic symbols, archives (.a) for the global
ones.
"""

import subprocess
import sys


def exported(path):
    which = ["--extern-only"] if path.endswith(".a") else ["--dynamic"]
    out = subprocess.run(
        ["nm", "--defined-only", "--format=posix", *which, path],
        check=True, capture_output=True, text=True).stdout
    rows = (line.split() for line in out.splitlines())
    # Kind A is the version of a symbol set, which is no symbol; one word is an archive's member.
    return [row[0].split("@")[0] for row in rows if len(row) > 1 and row[1] != "A"]


def main(paths):
    bad = 0
    for path in paths:
        for name in exported(path):
            if not name.startswith("sm_"):
                print(f"{path}: exports {name}")
                bad += 1
    return bad > 0


if __name__ == "__main__":
    if len(sys.argv) < 2 or {"-h", "--help"} & set(sys.argv):
        sys.exit(__doc__.strip())
    sys.exit(main(sys.argv[1:]))
