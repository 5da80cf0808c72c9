# SPDX-License-Identifier: MIT
"""Run a program in Python as one that costs its children nothing.

    lean.py PROGRAM.py [ARGUMENT]...

A child that is spawned imports its parent's program again, and all that this imports.
"""

if __name__ == '__main__':
    import importlib
    import os
    import sys

    folder, name = os.path.split(os.path.abspath(sys.argv[1]))
    del sys.argv[0]
    sys.path[0] = folder
    importlib.import_module(name[:-len('.py')]).main()
