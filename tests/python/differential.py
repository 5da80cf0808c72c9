#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Random calls, with objects of users' own classes, on a manager that the standard library starts
and on one that the package starts: their outcomes must be the same.

    python3 tests/python/differential.py                            seed 0, every type
    python3 tests/python/differential.py --seeds 20 --calls 2000    seeds 0 to 19
    python3 tests/python/differential.py --type list --seed 7 --more 10 --method spawn
    python3 tests/python/differential.py --replay FILE              a printed call list again

The classes are in own_classes.py: thousands, of which each object draws a few.  What is called is
in own_subjects.py.  Each end is a process of its own (started.py), so that the standard library's
has never imported the package.  A call that is not answered in time is a difference like another.
Deliberate differences have their reasons in own_differences.py.  The last line is `N calls, N
differences`, and the exit status 1 when there are any.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import threading

import package
import own_differences
import own_values
from comparing import Comparison, Difference, format_call
from differences import is_known
from own_subjects import SUBJECTS
from random_values import source

PATIENCE = 60.0  # seconds within which any call is answered, however busy the machine
STARTED = os.path.join(package.HERE, 'started.py')
GONE = 'there is no answer'


class End:
    """A process that starts a manager and calls its objects: `stock` or `ours`."""

    def __init__(self, which, method):
        self.process = subprocess.Popen(
            [sys.executable, '-W', 'ignore', STARTED, which, method], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, start_new_session=True, universal_newlines=True,
            env=dict(os.environ, PYTHONHASHSEED='0'))
        self.lines = queue.Queue()
        self.reader = threading.Thread(target=self.read)
        self.reader.start()
        if self.answer() != 'ready':
            raise RuntimeError('%s did not start' % which)

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def ask(self, *what):
        try:
            self.process.stdin.write(json.dumps(what) + '\n')
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # there will be no answer

    def answer(self):
        """What came of the next call; None at the end of them."""
        try:
            line = self.lines.get(timeout=PATIENCE)
        except queue.Empty:
            self.kill()
            return GONE
        return GONE if line is None else json.loads(line)

    def alive(self):
        return self.process.poll() is None

    def kill(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def stop(self):
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            pass
        self.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdout.close()


class Pair:
    """Both ends, and a fresh object on each when one is asked for."""

    method = 'fork'
    against = 'ours'

    def __init__(self, registered):
        self.ends = [None, None]

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        for end in self.ends:
            if end is not None:
                end.stop()

    def ensure(self):
        """Both ends run: one that has died is started again."""
        for i, which in enumerate(('stock', self.against)):
            end = self.ends[i]
            if end is None or not end.alive():
                if end is not None:
                    end.stop()
                self.ends[i] = End(which, self.method)
        return self.ends

    def compare(self, typeid, args, kwds, calls):
        stock, ours = self.ensure()
        for end in stock, ours:
            end.ask(typeid, source(args), source(kwds),
                    [(name, source(args), source(kwds)) for name, args, kwds in calls])
        found = None
        made = 0
        while True:
            expected, actual = stock.answer(), ours.answer()
            if expected is None and actual is None:
                break
            name = calls[made - 1][0] if made else 'create'
            if found is None and expected != actual and not is_known(
                    typeid, name, expected, actual, own_differences.CALLS):
                found = Difference(calls[:made], expected or 'made', actual or 'made')
            if expected == GONE:
                raise RuntimeError('the standard library does not answer %s.%s' % (
                    typeid, format_call(*calls[made - 1]) if made else 'create'))
            if actual == GONE or None in (expected, actual):
                stock.stop()
                ours.stop()
                break
            made += 1
        if found is not None:
            raise found
        return made


COMPARISON = Comparison(SUBJECTS, Pair, dict(
    own_values.NAMES, C=lambda *args: own_values.Made('C(%r, %r, %r)' % args)))


def main():
    parser = COMPARISON.options(__doc__, calls=300)
    parser.add_argument('--method', choices=['fork', 'spawn', 'forkserver'], default=Pair.method,
                        help='how the managers are started')
    parser.add_argument('--against', choices=['ours', 'stock'], default=Pair.against,
                        help='stock: the standard library against itself')
    args = parser.parse_args()
    Pair.method, Pair.against = args.method, args.against
    COMPARISON.run(args)


if __name__ == '__main__':
    main()
