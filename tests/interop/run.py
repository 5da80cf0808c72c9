#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Run the tests of this folder, or of another, under every CPython of the machine.

    python3 tests/interop/run.py                          every module, every CPython
    python3 tests/interop/run.py --in tests/python        the tests of the Python package
    python3 tests/interop/run.py -p 3.8 test_list         one module, one version
    python3 tests/interop/run.py test_list.ListTest.test_a_list_is_sorted

Interpreters are those of SYNCMANAGER_PYTHONS (paths, separated by colons) when it is set; else
python3.8, python3.9, ... and python3 on the PATH, and those that pyenv has installed.  Of several
with the same version one is used.  SYNCMANAGERD names the daemon to test.

Each module runs in a process group of its own and has a limited time under each CPython, however
many there are.  A test that took more than ten seconds is named.  The last line is `N passed, N failed, N skipped`; the exit status is 1 when anything failed.
"""

import argparse
import concurrent.futures
import functools
import gc
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
OLDEST, NEWEST = 8, 20
SLOW = 10  # seconds from which on a test is named
COUNTS = '{passed} passed, {failed} failed, {skipped} skipped'


def candidates():
    """Paths that may be interpreters, the preferred ones first."""
    given = os.environ.get('SYNCMANAGER_PYTHONS')
    if given:
        return [path for path in given.split(':') if path]
    names = ['python3.%d' % minor for minor in range(OLDEST, NEWEST)] + ['python3']
    found = [shutil.which(name) for name in names]
    found += ['/usr/bin/python3']
    found += sorted(glob.glob(os.path.expanduser('~/.pyenv/versions/*/bin/python3')))
    return [path for path in found if path]


def find_pythons():
    """Interpreters by version, such as {'3.11.7': '/usr/bin/python3.11'}, oldest first."""
    question = ('import sys; '
                'print("%s %d %d %d" % ((sys.implementation.name,) + tuple(sys.version_info[:3])))')
    pythons = {}
    for path in candidates():
        try:
            answer = subprocess.run([path, '-c', question], stdout=subprocess.PIPE,
                                    stderr=subprocess.DEVNULL, universal_newlines=True,
                                    timeout=30).stdout.split()
        except (OSError, subprocess.TimeoutExpired):
            continue
        if len(answer) == 4 and answer[0] == 'cpython' and int(answer[2]) >= OLDEST:
            pythons.setdefault(tuple(map(int, answer[1:])), path)
    return {'%d.%d.%d' % version: path for version, path in sorted(pythons.items())}


def find_modules(folder):
    return sorted(os.path.basename(path)[:-3]
                  for path in glob.glob(os.path.join(folder, 'test_*.py')))


def stop(process):
    """End a process that hangs, and all of its group. Returns what it printed, and where it was."""
    os.killpg(process.pid, signal.SIGABRT)
    try:
        return process.communicate(timeout=5)[0]
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return process.communicate()[0]


class Result(unittest.TextTestResult):
    """Counts a test as one, however many subtests of it fail. Notes which were slow."""

    passed = 0
    started = None  # 3.12.1 ends tests that it skips without having begun them

    def __init__(self, *args, current_path, **options):
        super().__init__(*args, **options)
        self.slow = []
        self.current_path = current_path

    def startTest(self, test):
        super().startTest(test)
        self.started = time.monotonic()
        with open(self.current_path, 'w') as file:
            file.write(test.id())

    def stopTest(self, test):
        took = time.monotonic() - self.started if self.started else 0
        self.started = None
        if took > SLOW:
            self.slow.append((took, test.id()))
        super().stopTest(test)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1

    def counts(self):
        bad = {test.id().split(' ')[0] for test, _ in self.failures + self.errors}
        bad |= {test.id() for test in self.unexpectedSuccesses}
        return {'passed': self.passed, 'failed': len(bad),
                'skipped': len(self.skipped) + len(self.expectedFailures), 'slow': self.slow}


def wait_for_ending_threads():
    """Until no thread is ending, of which Python knows no more."""
    limit = time.monotonic() + 0.1  # those that Python never knew stay
    while len(os.listdir('/proc/self/task')) > threading.active_count() and \
            time.monotonic() < limit:
        time.sleep(0.001)


def run_here(name, folder, counts_path, failfast):
    """Run one module, class or test in this process, and write down the counts."""
    # With clang 14's ASan the threads of a forked child wait for ever for a lock of the allocator's
    # that an ending thread of the parent had: in a program of 30 lines for one fork of a hundred.
    if 'asan' in os.environ.get('LD_PRELOAD', ''):
        os.register_at_fork(before=wait_for_ending_threads)
    sys.path.insert(0, folder)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
    os.environ['SYNCMANAGER_PYTHON'] = sys.executable  # for servers that are programs in Python
    suite = unittest.defaultTestLoader.loadTestsFromName(name)
    gc.freeze()  # tests collect garbage, thousands of times: what was imported is none
    runner = unittest.TextTestRunner(failfast=failfast, resultclass=functools.partial(
        Result, current_path=counts_path + '.current'))
    counts = runner.run(suite).counts()
    with open(counts_path, 'w') as file:
        json.dump(counts, file)


def current(counts_path):
    """The test that runs, or ran last."""
    try:
        with open(counts_path + '.current') as file:
            return file.read()
    except FileNotFoundError:
        return 'none of the tests'


class Job:
    """One module under one interpreter."""

    def __init__(self, version, python, name, args):
        self.version, self.name, self.folder = version, name, args.folder
        self.command = [python, '-X', 'faulthandler', '-W', 'ignore::DeprecationWarning',
                        *(['-m', args.by] if args.by else []), os.path.join(HERE, 'lean.py'),
                        os.path.join(HERE, 'run.py'),
                        '--in', args.folder, '--here', name,
                        *(['--failfast'] if args.failfast else [])]
        self.counts = {'passed': 0, 'failed': 1, 'skipped': 0}  # unless it says otherwise
        self.took = 0.0
        self.output = ''

    def run(self, seconds):
        started = time.monotonic()
        folder = tempfile.mkdtemp(prefix='sm-run-')
        try:
            self.run_in(folder, seconds)
        finally:  # with what managers leave behind that are killed, perhaps at this moment
            shutil.rmtree(folder, ignore_errors=True)
        self.took = time.monotonic() - started
        return self

    def run_in(self, folder, seconds):
        path = os.path.join(folder, 'counts')
        process = subprocess.Popen(self.command + ['--counts', path], cwd=self.folder,
                                   env=dict(os.environ, TMPDIR=folder),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, start_new_session=True)
        try:
            output, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            output = stop(process) + b'\nstopped after %.0f seconds in %s\n' % (
                seconds, current(path).encode())
        self.output = output.decode('utf-8', 'replace')
        if os.path.exists(path):
            with open(path) as file:
                self.counts = json.load(file)
        if process.returncode and not self.counts['failed']:
            self.output += '\nno test failed, but the process ended with status %d\n' % (
                process.returncode)
            self.counts['failed'] = 1

    def report(self):
        text = COUNTS.format(**self.counts)
        print('%-8s %-24s %s (%.1f s)' % (self.version, self.name, text, self.took), flush=True)
        for took, test in self.counts.get('slow', ()):
            print('took %.1f s: %s, %s' % (took, test, self.version), flush=True)
        if self.counts['failed']:
            print(self.output, flush=True)


def make_jobs(args):
    pythons = find_pythons()
    if args.python:
        pythons = {version: path for version, path in pythons.items()
                   if any(re.match(re.escape(wanted) + r'(\.|$)', version)
                          for wanted in args.python)}
    if args.newest:
        pythons = dict(list(pythons.items())[-1:])
    if not pythons:
        sys.exit('no CPython to run the tests with')
    names = args.names or find_modules(args.folder)
    return [Job(version, path, name, args)
            for version, path in pythons.items() for name in names]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('names', nargs='*', help='modules, classes or tests; default: all')
    parser.add_argument('--in', dest='folder', type=os.path.abspath, default=HERE,
                        help='where the modules are; default: here')
    parser.add_argument('--by', metavar='MODULE',
                        help='what runs them: python3 -m MODULE, such as syncmanager')
    parser.add_argument('-p', '--python', action='append', metavar='X.Y',
                        help='only these versions')
    parser.add_argument('--newest', action='store_true', help='only the newest of them')
    parser.add_argument('-j', '--jobs', type=int, default=os.cpu_count() or 1)
    parser.add_argument('-f', '--failfast', action='store_true')
    parser.add_argument('--seconds', type=float, default=180,
                        help='time for a module under one of them')
    parser.add_argument('--here', help=argparse.SUPPRESS)
    parser.add_argument('--counts', help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.here:
        run_here(args.here, args.folder, args.counts, args.failfast)
        return
    os.environ.pop('PYTHONUNBUFFERED', None)  # programs print as they do for most users
    jobs = make_jobs(args)
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        running = [pool.submit(job.run, args.seconds) for job in jobs]
        for future in running:
            future.result().report()
    total = {key: sum(job.counts[key] for job in jobs) for key in ('passed', 'failed', 'skipped')}
    print(COUNTS.format(**total))
    sys.exit(1 if total['failed'] else 0)


if __name__ == '__main__':
    main()
