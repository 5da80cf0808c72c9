# SPDX-License-Identifier: MIT
"""Random calls on two ends that should answer alike: what every differential test has in common.

A pair has both ends: compare() makes an object on each and calls it, and raises Difference at the
first outcome that is not the same.  The calls are a subject's (subjects.py).  A difference is
printed with the shortest list of calls found that shows it, as Python that --replay reads.
"""

import argparse
import itertools
import random
import sys
import time

import random_values

SHRINKING = 4.0  # seconds spent on making a call list shorter


class Difference(Exception):
    """Two outcomes of one call that should be the same."""

    def __init__(self, calls, expected, actual):
        super().__init__(calls, expected, actual)
        self.calls, self.expected, self.actual = calls, expected, actual

    def signature(self):
        """What tells this difference from others, whatever the values."""
        name = self.calls[-1][0] if self.calls else 'create'
        return name, self.expected[:40], self.actual[:40]


def format_call(name, args, kwds):
    return '(%r, %s, %s)' % (name, random_values.source(args), random_values.source(kwds))


class Comparison:
    """The random calls of some subjects on pairs that make_pair() makes, given what to register."""

    def __init__(self, subjects, make_pair, names=random_values.NAMES):
        self.subjects, self.make_pair, self.names = subjects, make_pair, names

    def run_seed(self, seed, count, kinds, more=0):
        """Types with one seed; returns how many calls were made, and how many differed."""
        calls = found = 0
        subjects = {kind: self.subjects[kind](random.Random('%d %s' % (seed, kind)))
                    for kind in kinds}
        registered = {}
        for subject in subjects.values():
            spec = subject.spec()
            if spec is not None:
                subject.spec = lambda spec=spec: spec
                registered[subject.typeid] = spec
        with self.make_pair(registered) as pair:
            for kind, subject in subjects.items():
                try:
                    made, differing = run_type(pair, kind, subject, seed, count, more)
                except Exception as error:
                    error.args += ('type %s, seed %d' % (kind, seed),)
                    raise
                calls += made
                found += differing
        return calls, found

    def replay(self, path):
        with open(path) as file:
            lines = [line for line in file if not line.startswith('--')]
        case = eval(''.join(lines), dict(self.names))
        registered = {case['typeid']: case['spec']} if case['spec'] else {}
        with self.make_pair(registered) as pair:
            try:
                return pair.compare(case['typeid'], case['args'], case['kwds'], case['calls']), 0
            except Difference as difference:
                report('replay', 0, case['typeid'], case['spec'], case['args'], case['kwds'],
                       difference)
                return len(difference.calls), 1

    def options(self, description, calls):
        """What a program that compares is told."""
        parser = argparse.ArgumentParser(description=description.split('\n')[0])
        parser.add_argument('--seed', type=int, default=0, help='the first seed')
        parser.add_argument('--seeds', type=int, default=1, help='how many')
        parser.add_argument('--calls', type=int, default=calls,
                            help='calls of each type with each seed')
        parser.add_argument('--type', action='append', choices=sorted(self.subjects),
                            help='only these')
        parser.add_argument('--more', type=int, default=0,
                            help='go on after a difference, to show this many more of the type')
        parser.add_argument('--replay', metavar='FILE', help='run a printed call list')
        return parser

    def run(self, args):
        """Do what it was told, and say at the end what came of it."""
        made = found = 0
        if args.replay:
            made, found = self.replay(args.replay)
        else:
            for seed in range(args.seed, args.seed + args.seeds):
                calls, differing = self.run_seed(seed, args.calls,
                                                 args.type or list(self.subjects), args.more)
                made, found = made + calls, found + differing
        print('%d calls, %d differences' % (made, found))
        sys.exit(1 if found else 0)


def run_type(pair, kind, subject, seed, count, more, objects=5):
    """Random calls on some objects of a type."""
    calls, found, seen = 0, 0, set()
    for _ in range(objects):
        if found > more:
            break
        args, kwds = subject.make()
        stream = itertools.chain.from_iterable(subject.calls())
        wanted = list(subject.reset) + list(itertools.islice(stream, count // objects))
        try:
            calls += pair.compare(subject.typeid, args, kwds, wanted)
        except Difference as difference:
            if difference.signature() in seen:
                continue
            seen.add(difference.signature())
            found += 1
            difference = shorten(pair, subject.typeid, args, kwds,
                                 difference.with_traceback(None), subject.reset)
            report(kind, seed, subject.typeid, subject.spec(), args, kwds, difference)
    return calls, found


def shorten(pair, typeid, args, kwds, difference, reset):
    """Leave out calls as long as there is a difference, and time."""
    deadline = time.monotonic() + SHRINKING
    best = difference
    size = max(1, len(best.calls) // 2)
    while size and time.monotonic() < deadline:
        start = len(reset)
        while start < len(best.calls) - 1 and time.monotonic() < deadline:
            calls = best.calls[:start] + best.calls[start + size:]
            try:
                pair.compare(typeid, args, kwds, calls)
                start += size
            except Difference as shorter:
                if shorter.signature() == best.signature():
                    best = shorter.with_traceback(None)
                else:
                    start += size
        size //= 2
    return best


def report(kind, seed, typeid, spec, args, kwds, difference):
    print('-- %s, seed %d: a difference' % (kind, seed))
    print('{"typeid": %r, "spec": %r, "args": %s, "kwds": %s, "calls": [' % (
        typeid, spec, random_values.source(args), random_values.source(kwds)))
    for call in difference.calls:
        print('    %s,' % format_call(*call))
    print(']}')
    print('-- stock: ' + difference.expected)
    print('-- ours:  ' + difference.actual, flush=True)
