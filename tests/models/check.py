#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Check the models with Spin: what is right is right to its end, and every mistake is found.

    check.py           the mistakes, and the small configurations: a minute
    check.py --all     all; some 25 minutes, and up to 6 GB
    check.py NAME...   those

A mistake is put into a model by -DBUG=n, or a fence left out. The last line is 'N passed, N failed'.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
SMALL = '-DNF=2 -DNS=1'
SAFETY = ['-DSAFETY', '-DNOCLAIM']
FAIR = ['-DNFAIR=5']

# Name: model, what is defined, how pan is compiled, how it is run, whether it takes minutes.
RIGHT = {
    'lock_a': ('lock', SMALL + ' -DROUNDS=2 -DDEATHS=1', SAFETY, [], True),
    'lock_b': ('lock', SMALL + ' -DROUNDS=1 -DDEATHS=2 -DCLOSE -DTIMEOUTS', SAFETY, [], True),
    'lock_c': ('lock', '-DNF=3 -DNS=0 -DROUNDS=1 -DDEATHS=2', SAFETY, [], True),
    'lock_d': ('lock', SMALL + ' -DROUNDS=1 -DDEATHS=1 -DSTRANGER', SAFETY, [], True),
    'lock_e': ('lock', SMALL + ' -DROUNDS=2 -DDEATHS=0 -DCLOSE', SAFETY, [], True),
    'rlock_a': ('lock', SMALL + ' -DROUNDS=1 -DDEATHS=1 -DRLOCK', SAFETY, [], True),
    'rlock_b': ('lock', SMALL + ' -DROUNDS=1 -DDEATHS=1 -DRLOCK -DCLOSE -DTIMEOUTS', SAFETY, [],
                True),
    'gone_a': ('lock', SMALL + ' -DROUNDS=2 -DDEATHS=0 -DGONE', SAFETY, [], True),
    'gone_b': ('lock', SMALL + ' -DROUNDS=1 -DDEATHS=1 -DGONE', SAFETY, [], True),
    'lock_kept': ('lock', SMALL + ' -DROUNDS=1 -DDEATHS=0 -DGONE -DKEEPS', SAFETY, [], True),
    'served': ('lock', SMALL + ' -DDEATHS=0 -DLIVE', FAIR, ['-a', '-f', '-N', 'served'], False),
    'served0': ('lock', SMALL + ' -DDEATHS=0 -DLIVE', FAIR, ['-a', '-f', '-N', 'served0'], False),
    'event': ('event', '-DROUNDS=2 -DDEATHS', SAFETY, ['-E'], True),
    'event_set': ('event', '-DROUNDS=2 -DNOCLEAR', SAFETY, ['-E'], False),
    'semaphore': ('event', '-DSEM -DROUNDS=2 -DDEATHS', SAFETY, ['-E'], True),
    'semaphore_2': ('event', '-DSEM -DUNITS=2 -DROUNDS=2 -DDEATHS', SAFETY, ['-E'], True),
    'ring': ('ring', '-DCALLS=4', SAFETY, [], False),
    'reads': ('reads', '', SAFETY, [], False),
    'reads_fires': ('reads', '-DFIRES', SAFETY, [], False),
    'reads_visits': ('reads', '-DVISITS', SAFETY, [], True),
    'reads_frees': ('reads', '-DFREES', SAFETY, [], False),
    'reads_ends': ('reads', '-DENDS', SAFETY, [], False),
    'transit': ('transit', '', SAFETY, [], False),
    'transit_end': ('transit', '', ['-DNFAIR=3'], ['-a', '-f'], False),
}

WRONG = {}
for bug in 1, 2, 3, 4, 5:
    WRONG['lock_bug_%d' % bug] = ('lock', SMALL + ' -DROUNDS=1 -DDEATHS=1 -DBUG=%d' % bug, [])
for bug in 6, 7:
    WRONG['lock_bug_%d' % bug] = ('lock', SMALL + ' -DROUNDS=1 -DDEATHS=0 -DCLOSE -DBUG=%d' % bug,
                                  [])
for bug in 8, 9, 10:
    WRONG['lock_bug_%d' % bug] = ('lock', SMALL + ' -DROUNDS=2 -DDEATHS=0 -DGONE -DBUG=%d' % bug,
                                  [])
for bug in 8, 9, 11, 12:
    WRONG['lock_kept_bug_%d' % bug] = (
        'lock', SMALL + ' -DROUNDS=1 -DDEATHS=0 -DGONE -DKEEPS -DBUG=%d' % bug, [])
for bug in 1, 2, 3, 4:
    WRONG['ring_bug_%d' % bug] = ('ring', '-DCALLS=3 -DBUG=%d' % bug, [])
for bug, defines in enumerate(['', '', '', '-DFREES ', '-DVISITS ', '-DFIRES ', '-DENDS ',
                               '-DFREES '], 1):
    WRONG['reads_bug_%d' % bug] = ('reads', defines + '-DBUG=%d' % bug, [])
WRONG['event_bug_2'] = ('event', '-DROUNDS=2 -DBUG=2', ['-E'])
WRONG['event_bug_5'] = ('event', '-DROUNDS=2 -DNOCLEAR -DBUG=5', ['-E'])
for bug in 2, 5:
    WRONG['semaphore_bug_%d' % bug] = ('event', '-DSEM -DROUNDS=2 -DBUG=%d' % bug, ['-E'])


def check(model, defines, flags, options):
    """How many errors there are, and whether all states were looked at."""
    with tempfile.TemporaryDirectory() as folder:
        def run(*command):
            done = subprocess.run(command, cwd=folder, text=True, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT)
            return done.stdout

        run('spin', '-a', *defines.split(), os.path.join(HERE, model + '.pml'))
        run('gcc', '-O2', '-w', '-DVECTORSZ=2048', '-DCOLLAPSE', '-DMEMLIM=6000', *flags, '-o', 'pan',
            'pan.c')
        said = run('./pan', '-m4000000', *options)
    errors = re.search(r'errors: (\d+)', said)
    if not errors:
        return None, said
    complete = 'not completed' not in said and 'max search depth' not in said
    return (int(errors.group(1)), complete), said


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--all', action='store_true', help='what takes minutes, too')
    parser.add_argument('names', nargs='*', metavar='NAME')
    args = parser.parse_args()
    if not shutil.which('spin'):
        print('skipped: spin is missing')
        return 77
    runs = [(name, model, defines, flags, options, (0, True))
            for name, (model, defines, flags, options, slow) in RIGHT.items()
            if name in args.names or not args.names and (args.all or not slow)]
    runs += [(name, model, defines, SAFETY, options, (1, False))
             for name, (model, defines, options) in WRONG.items()
             if name in args.names or not args.names]
    failed = 0
    # Those that take minutes take gigabytes, too.
    with ThreadPoolExecutor(1 if args.all else os.cpu_count()) as threads:
        results = threads.map(lambda run: check(*run[1:5]), runs)
        for (name, *_, wanted), (found, said) in zip(runs, results):
            states = re.search(r'(\S+) states, stored', said)
            print('%-16s %s, %s states' % (name, 'as it must be' if found == wanted else 'WRONG',
                                           states[1] if states else 'no'), flush=True)
            if found != wanted:
                print(said[-2000:])
                failed += 1
    print('%d passed, %d failed' % (len(runs) - failed, failed))
    return 1 if failed or not runs else 0


if __name__ == '__main__':
    sys.exit(main())
