# SPDX-License-Identifier: MIT
"""Where the package under test is: SYNCMANAGER_PACKAGE, else build/python of the checkout.

Import this before syncmanager: it lets this process and its children find that one.
"""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
INTEROP = os.path.join(ROOT, 'tests', 'interop')
EXAMPLES = os.path.join(ROOT, 'examples')
FOLDER = os.environ.get('SYNCMANAGER_PACKAGE') or os.path.join(ROOT, 'build', 'python')
PATIENCE = 20.0  # seconds within which anything that should happen has happened

for folder in INTEROP, FOLDER:
    if folder not in sys.path:
        sys.path.insert(0, folder)
os.environ['PYTHONPATH'] = os.pathsep.join(
    [FOLDER] + [path for path in os.environ.get('PYTHONPATH', '').split(os.pathsep)
                if path and path != FOLDER])


def run(*arguments, text='', timeout=PATIENCE, **options):
    """Run this Python with arguments and a standard input; its status and all that it printed."""
    done = subprocess.run([sys.executable, *arguments], input=text.encode(),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout,
                          **options)
    return done.returncode, done.stdout.decode('utf-8', 'replace')
