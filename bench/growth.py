# SPDX-License-Identifier: MIT
"""How cost grows with the number of things, and the memory that one of each takes.

Each point is the C client's list get (or dict get) while there is that much of something. The
points of a row are measured one after the other, round after round, so that a slow moment of the
machine meets them all alike.
"""

import os
import shutil
import subprocess
import sys
import tempfile

from peers import HERE, Server

# Name, title, work, the option that grows, its values, other options.
ROWS = [
    ("elements_list", "elements of a list", "list_get", "e",
     (1, 100, 10000, 1000000, 10000000), {}),
    ("elements_dict", "entries of a dict", "dict_get", "e",
     (1, 100, 10000, 1000000, 10000000), dict(b=8)),
    ("objects", "objects", "objects", "e", (1, 100, 10000, 100000, 1000000), {}),
    ("clients", "clients, each at work", "list_get", "n", (1, 4, 16, 64, 256, 1000),
     dict(e=10, t=True)),
]
CROWDS = [
    ("waiters", "calls parked on a lock", True, (1, 100, 1000, 10000)),
    ("connections", "idle connections", False, (1, 100, 1000, 10000)),
]
ROUNDS = 3


class Crowd:
    """Connections that do nothing, for as long as this lives."""

    def __init__(self, peers, server, count, parked=False):
        command = [sys.executable, os.path.join(HERE, "crowd.py")] + ["-p"] * parked
        self.process = subprocess.Popen(
            command + [str(count), server.addresses["unix"]], env=peers.env, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self.process.stdout.readline().strip() != "ready":
            raise OSError(f"no {count} connections")

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.process.communicate("")


def grow_row(peers, row, say):
    name, title, work, option, values, options = row
    samples = {value: [] for value in values}
    for turn in range(ROUNDS):
        for value in values:
            if value >= 1000000 and turn:
                continue  # making so many takes long, and a second time says the same
            say(f"{name} {value:,}")
            try:
                result = peers.sample("c", work, s=0.1, **{option: value}, **options)
            except OSError as error:
                say(f"{name} {value:,} failed: {error}")
                continue
            samples[value].append(cost(result, option))
    points = {value: median(all_) for value, all_ in samples.items() if all_}
    return {"title": title, "points": points}


def cost(result, option):
    """Microseconds of a call; of many clients at once, of the server for each."""
    return 1e6 / result["rate"] if option == "n" else result["p50_us"]


def median(values):
    values = sorted(values)
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2


def grow_crowd(peers, crowd, say):
    name, title, parked, values = crowd
    points = {}
    for value in values:
        say(f"{name} {value:,}")
        try:
            with Crowd(peers, peers.start("ours"), value, parked):
                points[value] = median([peers.sample("c", "list_get", s=0.1, e=10)["p50_us"]
                                        for _ in range(ROUNDS)])
        except OSError as error:
            say(f"{name} {value:,} failed: {error}")
    return {"title": title, "points": points}


def grow(peers, say):
    rows = {row[0]: grow_row(peers, row, say) for row in ROWS}
    rows.update((crowd[0], grow_crowd(peers, crowd, say)) for crowd in CROWDS)
    return rows


def memory_of_crowd(peers, parked, count):
    server = peers.start_ours("memory")
    try:
        with Crowd(peers, server, 1, parked):
            before = server.resident()
            with Crowd(peers, server, count, parked):
                return (server.resident() - before) / count
    finally:
        server.end()


def memory_of(peers, work, count, peer="c", **options):
    """Bytes of a new server's memory for each of `count` things."""
    server = peers.start_ours("memory") if peer == "c" else peers.start(peer)
    try:
        result = peers.sample(peer, work, server=server, s=0.01, e=count, p=server.process.pid,
                              **options)
        return result["server_bytes"] / count
    finally:
        if peer == "c":
            server.end()


def measure_memory(peers, say):
    """Rows of what, bytes, and the most that is wanted or None."""
    million = 1000000
    say("memory")
    server = peers.start_ours("memory")
    rows = [("an empty server", server.resident(), 8 << 20)]
    server.end()
    rows += [
        ("an element of a list of 1,000,000 small integers", memory_of(peers, "list_get", million),
         24),
        ("an entry of a dict of 1,000,000", memory_of(peers, "dict_get", million, b=8), 72),
        ("an empty list as an object, of 100,000", memory_of(peers, "objects", 100000), None),
        ("an idle connection, of 2,000", memory_of_crowd(peers, False, 2000), None),
        ("a connection with a parked call, of 2,000", memory_of_crowd(peers, True, 2000), 4096),
    ]
    if "redis" not in peers.missing:
        rows += [
            ("Redis: an element of a list of 1,000,000 small integers",
             memory_of(peers, "list_get", million, "redis"), None),
            ("Redis: a field of a hash of 1,000,000",
             memory_of(peers, "dict_get", million, "redis", b=8), None),
        ]
    return rows


def count_instructions(peers, say):
    """The server's instructions for one list get, as callgrind counts them; None without it."""
    if not shutil.which("valgrind"):
        peers.missing["instructions"] = "valgrind"
        return None
    say("instructions")
    few, many = (count_run(peers, calls) for calls in (2000, 6000))
    return (many - few) / 4000


def count_run(peers, calls):
    with tempfile.NamedTemporaryFile(dir=peers.folder) as log:
        server = Server(
            ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
             "--log-file=" + log.name, os.path.join(peers.build, "syncmanagerd"), "--address",
             "unix:" + peers.path("counted"), "--log-level", "error"], peers.env).read_addresses(1)
        try:
            peers.sample("c", "list_get", server=server, e=10, c=calls)
        finally:
            server.end()
        collected = [line for line in log.read().decode().splitlines() if "Collected" in line]
        return int(collected[-1].split()[-1])
