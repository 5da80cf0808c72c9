#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Run a program with a new certificate for 127.0.0.1 as its last argument.

    by_tls.py PROGRAM [ARGUMENT]...
"""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'interop'))

import certificates  # noqa: E402

if __name__ == '__main__':
    with certificates.own('127.0.0.1') as certificate:
        sys.exit(subprocess.run(sys.argv[1:] + [certificate]).returncode)
