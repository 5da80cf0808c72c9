#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What one of each operation takes that docs/compatibility.md does not say to grow.

    operations.py COUNT ADDRESS

Makes a container of each type with COUNT elements, and prints as JSON, by type, the microseconds
that its operations take together, each once: of each the median.
"""

import argparse
import array
import json
import time

from crowd import ask, enter, repeat
from figures import median
from stock import address_of

SECONDS = 0.03  # for each operation
SETTLE_S = 0.1  # before: who has worked hard waits longer for a core

# Of each type how it is made, and calls that leave it as it was: those of one row in their order.
# A is an element or key in the middle, N one that is not there.
TYPES = {
    "list": (lambda n: ([list(range(n))], {}), [
        [("__len__",)], [("__getitem__", "A")], [("__setitem__", "A", 1)],
        [("append", 1), ("pop",)]]),
    "dict": (lambda n: ([dict.fromkeys(range(n), 1)], {}), [
        [("__len__",)], [("__getitem__", "A")], [("__setitem__", "A", 1)], [("__contains__", "N")],
        [("get", "N")], [("setdefault", "A", 1)], [("__setitem__", "N", 1), ("pop", "N")],
        [("__setitem__", "N", 1), ("__delitem__", "N")],
        [("__setitem__", "N", 1), ("popitem",)]]),
    "set": (lambda n: ([set(range(n))], {}), [
        [("__len__",)], [("__contains__", "A")], [("add", "A")], [("discard", "N")],
        [("add", "N"), ("remove", "N")]]),
    "Queue": (lambda n: ([], {}), [
        [("qsize",)], [("empty",)], [("full",)], [("put", 1), ("get",)]]),
    "Array": (lambda n: (["i", array.array("i", range(n))], {}), [
        [("__len__",)], [("__getitem__", "A")], [("__setitem__", "A", 1)]]),
    "Namespace": (lambda n: ([], {"a%d" % i: i for i in range(n)}), [
        [("__getattribute__", "A")], [("__setattr__", "A", 1)],
        [("__setattr__", "N", 1), ("__delattr__", "N")]]),
}


def make(connection, kind, count):
    """The ident of a container that is full."""
    args, kwds = TYPES[kind][0](count)
    ident, _ = ask(connection, None, "create", (kind, *args), kwds)
    if kind == "Queue":
        repeat(connection, (ident, "put", (1,), {}), count)
    return ident


def measure(connection, ident, calls, words):
    """Microseconds of all these calls together: the median of some turns."""
    requests = [(ident, name, tuple(words.get(arg, arg) for arg in args), {})
                for name, *args in calls]
    durations, end = [], time.perf_counter() + SECONDS
    while not durations or now < end:
        begin = time.perf_counter()
        for request in requests:
            ask(connection, *request)
        now = time.perf_counter()
        durations.append((now - begin) * 1e6)
    return median(durations)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("count", type=int)
    parser.add_argument("address")
    options = parser.parse_args()
    connection = enter(address_of(options.address))
    result = {}
    for kind, (_, rows) in TYPES.items():
        ident = make(connection, kind, options.count)
        middle = options.count // 2
        words = {"A": middle, "N": options.count}
        if kind == "Namespace":
            words = {"A": f"a{middle}", "N": f"a{options.count}"}
        time.sleep(SETTLE_S)
        result[kind] = sum(measure(connection, ident, calls, words) for calls in rows)
        ask(connection, None, "decref", (ident,), {})
    print(json.dumps(result))


if __name__ == "__main__":
    main()
