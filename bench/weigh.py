# SPDX-License-Identifier: MIT
"""What one of each thing takes of the server's memory, and a call of its instructions."""

import shutil
import tempfile

from growth import Crowd
from peers import Server

MEMORY_S, INSTRUCTIONS_S = 25, 12  # seconds that it takes, roughly

MILLION = 1000000


def memory_of_server(peers):
    server = peers.start_ours("memory")
    try:
        return server.resident()
    finally:
        server.end()


def memory_of_crowd(peers, kind, count):
    """Bytes of a new server's memory for each; the first brings what all share."""
    server = peers.start_ours("memory")
    try:
        with Crowd(peers, server, kind, 1):
            before = server.resident()
            with Crowd(peers, server, kind, count):
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


# Name, title, how it is measured.
MEMORY = [
    ("server", "an empty server", memory_of_server, ()),
    ("element", "an element of a list of 1,000,000 small integers", memory_of,
     ("list_get", MILLION)),
    ("entry", "an entry of a dict of 1,000,000", memory_of, ("dict_get", MILLION)),
    ("object", "an empty list as an object, of 100,000", memory_of_crowd, ("objects", 100000)),
    ("connection", "an idle connection, of 2,000", memory_of_crowd, ("connections", 2000)),
    ("parked", "a connection with a parked call, of 2,000", memory_of_crowd, ("parked", 2000)),
    ("redis_element", "Redis: an element of a list of 1,000,000 small integers", memory_of,
     ("list_get", MILLION, "redis")),
    ("redis_entry", "Redis: a field of a hash of 1,000,000", memory_of,
     ("dict_get", MILLION, "redis")),
]


def measure_memory(peers, _scale, progress):
    """Of each thing its title and bytes, or why there are none."""
    rows = {}
    for name, title, measure, arguments in MEMORY:
        if name.startswith("redis") and "redis" in peers.missing:
            continue
        progress.step("memory: " + title, MEMORY_S / len(MEMORY))
        try:
            rows[name] = {"title": title, "bytes": measure(peers, *arguments)}
        except OSError as error:
            rows[name] = {"title": title, "failure": str(error)}
    return rows


def count_run(peers, calls, options):
    with tempfile.NamedTemporaryFile(dir=peers.folder) as log:
        server = Server(
            ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
             "--log-file=" + log.name, *options, peers.daemon, "--address",
             "unix:" + peers.path("counted"), "--log-level", "error", "--shared-memory", "off"],
            peers.env).read_addresses(1)
        try:
            peers.sample("c", "list_get", server=server, e=10, c=calls)
        finally:
            server.end()
        collected = [line for line in log.read().decode().splitlines() if "Collected" in line]
        if not collected:
            raise OSError("callgrind counted nothing")
        return int(collected[-1].split()[-1])


def count_instructions(peers, _scale, progress):
    """The server's instructions for one list get, as callgrind counts them; None without it.

    First from frame to frame, which is offer() with all it calls, then with the loop's turn.
    """
    if not shutil.which("valgrind"):
        peers.missing["instructions"] = "valgrind"
        return None
    counts = []
    for options in (["--toggle-collect=offer"], []):
        progress.step("instructions of a list get", INSTRUCTIONS_S / 2)
        few, many = (count_run(peers, calls, options) for calls in (1000, 3000))
        counts.append((many - few) / 2000)
    return counts
