# SPDX-License-Identifier: MIT
"""The programs of a wheel: commands that become syncmanagerd and syncmanagerctl.

A wheel puts them beside the library, where they find it wherever the package is installed.
"""

import os
import sys


def run(name):
    """Become the program of that name in this folder."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), name)
    try:
        os.execv(path, [name] + sys.argv[1:])
    except OSError as error:
        sys.exit('%s: cannot run %s: %s' % (name, path, error.strerror))


def syncmanagerd():
    """The daemon."""
    run('syncmanagerd')


def syncmanagerctl():
    """The command-line client."""
    run('syncmanagerctl')
