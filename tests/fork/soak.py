#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fork many times in each way of forks.c and forks.py, the latter with the newest CPython, by sockets
and by TLS.

Each program prints how far it is after every thousand forks. The last line is
`N kinds passed, N failed`.
"""

import argparse
import concurrent.futures
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, 'tests', 'interop'))

import certificates  # noqa: E402
import run as interop  # noqa: E402

KINDS_IN_C = 'connect', 'ended', 'first', 'receive', 'threads', 'start', 'openssl'
KINDS_IN_PYTHON = 'connect', 'ended', 'receive', 'start', 'killed', 'hosted'


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--forks', type=int, default=20000, help='of each kind')
    parser.add_argument('--program', default=os.path.join(ROOT, 'build', 'tests', 'fork', 'forks'))
    options = parser.parse_args()
    python = list(interop.find_pythons().values())[-1]
    commands = [[options.program, kind] for kind in KINDS_IN_C]
    commands += [[python, os.path.join(HERE, 'forks.py'), kind] for kind in KINDS_IN_PYTHON]
    # Threads move memory of each other's when they share one arena.
    environment = dict(os.environ, MALLOC_ARENA_MAX='1')

    def fork(command):
        return subprocess.run(command, env=environment).returncode

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool, \
            certificates.own('127.0.0.1') as certificate:
        commands = [command + [str(options.forks), *more] for more in ((), (certificate,))
                    for command in commands]
        statuses = list(pool.map(fork, commands))
    for command, status in zip(commands, statuses):
        if status:
            print('failed with status %d: %s' % (status, ' '.join(command[1:])))
    failed = sum(status != 0 for status in statuses)
    print('%d kinds passed, %d failed' % (len(commands) - failed, failed))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
