# SPDX-License-Identifier: MIT
"""How cost grows with the number of things.

Each point is the C client's list get (or dict get), by a socket so that the server is asked, while
there is that much of something. The
points of a row are measured one after the other, round after round, so that a slow moment of the
machine meets them all alike.
"""

import os
import subprocess
import sys

from operations import TYPES
from peers import HERE, read_line

# Name, title, work, the option that grows, its values, other options.
ROWS = [
    ("elements_list", "elements of a list", "list_get", "e",
     (1, 100, 10000, 1000000, 10000000), {}),
    ("elements_dict", "entries of a dict", "dict_get", "e",
     (1, 100, 10000, 1000000, 10000000), dict(b=8)),
    ("clients", "clients at work, each a process", "list_get", "n", (1, 4, 16, 64, 256, 1000),
     dict(e=10)),
    ("threads", "threads at work of one client", "list_get", "n", (1, 4, 16, 64, 256, 1000),
     dict(e=10, t=True)),
]

# Name, title, what crowd.py calls them, how many.
CROWDS = [
    ("objects", "objects", "objects", (1, 100, 10000, 1000000)),
    ("waiters", "calls parked on a lock", "parked", (1, 100, 1000, 10000)),
    ("connections", "idle connections", "connections", (1, 100, 1000, 10000)),
]

# How many elements a container has, on which each operation is tried that is not to grow.
OPERATIONS = (10, 1000, 100000)
ROUNDS = 3
SECONDS = 0.1  # of a sample

# Seconds that making one takes, and that a sample takes besides.
EACH = {"e": 1e-6, "n": 2e-3, "objects": 1.2e-5, "parked": 8e-4, "connections": 8e-4,
        "operations": 2e-5}
OPERATIONS_S = 1.8  # besides making what they are tried on
OVERHEAD = 0.05


class Crowd:
    """Many of something that does nothing, for as long as this lives."""

    def __init__(self, peers, server, kind, count):
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "crowd.py"), kind, str(count),
             server.addresses["unix"]], env=peers.env, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        if read_line(self.process).strip() != "ready":
            self.end()
            raise OSError(f"{kind}: no {count:,} of them")

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.end()

    def end(self):
        try:
            self.process.communicate("", timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()


def turns(value):
    """In how many rounds: making so many takes long, and a second time says the same."""
    return 1 if value >= 1000000 else ROUNDS


def seconds(option, value):
    """Of a sample: all of many clients must have had their turns."""
    return max(SECONDS, value / 1000) if option == "n" else SECONDS


def cost_of_point(kind, value):
    return EACH[kind] * value + seconds(kind, value) + OVERHEAD


def cost_of_growth(scale):
    """Seconds, roughly."""
    rows = sum(turns(value) * cost_of_point(option, value)
               for _, _, _, option, values, _ in ROWS for value in values if value <= scale.most)
    crowds = sum(cost_of_point(kind, value) + (ROUNDS - 1) * (SECONDS + OVERHEAD)
                 for _, _, kind, values in CROWDS for value in values if value <= scale.most)
    operations = sum(ROUNDS * (EACH["operations"] * value + OPERATIONS_S)
                     for value in OPERATIONS if value <= scale.most)
    return rows + crowds + operations


def cost(result, option):
    """Microseconds of a call; of many clients at once, of the server for each."""
    return 1e6 / result["rate"] if option == "n" else result["p50_us"]


def grow_row(peers, row, scale, progress):
    """Of each point the samples, in microseconds; of points that failed, why."""
    _, title, work, option, values, options = row
    points, failures = {}, {}
    for turn in range(ROUNDS):
        for value in values:
            if turn >= turns(value) or value > scale.most or value in failures:
                continue
            progress.step(f"growth: {value:,} {title}", cost_of_point(option, value))
            try:
                result = peers.sample("c-sockets", work, s=seconds(option, value), **{option: value},
                                      **options)
                points.setdefault(value, []).append(cost(result, option))
            except OSError as error:
                failures[value] = str(error)
    return {"title": title, "points": dict(sorted(points.items())), "failures": failures}


def grow_crowd(peers, crowd, scale, progress):
    _, title, kind, values = crowd
    points, failures = {}, {}
    for value in values:
        if value > scale.most:
            continue
        progress.step(f"growth: {value:,} {title}",
                      cost_of_point(kind, value) + (ROUNDS - 1) * (SECONDS + OVERHEAD))
        try:
            with Crowd(peers, peers.start("c-sockets"), kind, value):
                samples = [peers.sample("c-sockets", "list_get", s=SECONDS, e=10)
                           for _ in range(ROUNDS)]
            points[value] = [sample["p50_us"] for sample in samples]
        except OSError as error:
            failures[value] = str(error)
    return {"title": title, "points": points, "failures": failures}


def grow_operations(peers, scale, progress):
    """A row a type, of the operations that do not grow."""
    failures = {}
    rows = {kind: {"title": f"elements of {kind}, at its other operations", "points": {},
                   "failures": failures} for kind in TYPES}
    for _ in range(ROUNDS):
        for value in [value for value in OPERATIONS if value <= scale.most]:
            progress.step(f"growth: operations among {value:,} elements",
                          EACH["operations"] * value + OPERATIONS_S)
            server = peers.start("ours")
            try:
                found = peers.run([sys.executable, os.path.join(HERE, "operations.py"), str(value),
                                   server.addresses["unix"]], peers.env, server)
            except OSError as error:
                failures[value] = str(error)
                continue
            for kind, cost in found.items():
                rows[kind]["points"].setdefault(value, []).append(cost)
    return {"operations_" + kind: row for kind, row in rows.items()}


def grow(peers, scale, progress):
    rows = {row[0]: grow_row(peers, row, scale, progress) for row in ROWS}
    rows.update(grow_operations(peers, scale, progress))
    rows.update((crowd[0], grow_crowd(peers, crowd, scale, progress)) for crowd in CROWDS)
    return rows
