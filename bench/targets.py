# SPDX-License-Identifier: MIT
"""What is wanted of the figures. Each target knows its figure in a result, and gives a Finding of it,
or None where it was not measured.
"""

import dataclasses

from cases import CASES
from figures import lightness, median, number, quickness, ratios, spread
from operations import TYPES


@dataclasses.dataclass
class Finding:
    what: str
    wanted: str
    reached: str
    spread: str
    by_p50: str
    met: bool


@dataclasses.dataclass
class Ratio:
    """Of one peer's rate to another's, made within each round of a case."""

    case: str
    peer: str
    to: str
    at_least: float

    def find(self, result):
        return self.find_by(ratios, f"{self.peer} / {self.to}", result)

    def find_by(self, measure, what, result):
        case = result["cases"].get(self.case)
        found = measure(case, self.peer, self.to) if case else []
        if not found:
            return None
        return Finding(f"{case['title']}: {what}", f"at least {self.at_least:g}",
                       f"{median(found):.2f}", spread(found),
                       f"{median(quickness(case, self.peer, self.to)):.2f}",
                       median(found) >= self.at_least)


@dataclasses.dataclass
class Processor(Ratio):
    """Of the processor time that another peer takes for a call to that which this one takes, client
    and server together: what others do on the machine moves it least."""

    def find(self, result):
        return self.find_by(lightness, f"{self.to} / {self.peer}, processor time", result)


@dataclasses.dataclass
class Latency:
    """The median latency of a peer's calls, in microseconds."""

    case: str
    peer: str
    at_most: float

    def find(self, result):
        case = result["cases"].get(self.case)
        found = [sample["p50_us"] for sample in case["samples"].get(self.peer, [])] if case else []
        if not found:
            return None
        return Finding(f"{case['title']}: {self.peer}", f"at most {self.at_most:g} us",
                       f"{number(median(found))} us", spread(found), "",
                       median(found) <= self.at_most)


@dataclasses.dataclass
class Beside:
    """A peer's latency in one case against the same in another, or against another peer's."""

    case: str
    peer: str
    to_case: str
    to_peer: str
    at_most: float
    what: str = "p50_us"

    def find(self, result):
        samples = [result["cases"].get(case, {"samples": {}})["samples"].get(peer)
                   for case, peer in ((self.case, self.peer), (self.to_case, self.to_peer))]
        if not all(samples):
            return None
        of, to = ([sample[self.what] for sample in row] for row in samples)
        return Finding(f"{result['cases'][self.case]['title']}: {self.what[:-3]} of {self.peer} / "
                       f"{self.to_peer} at {result['cases'][self.to_case]['title']}",
                       f"at most {self.at_most:g}", f"{median(of) / median(to):.2f}",
                       spread([a / b for a, b in zip(of, to)]), "",
                       median(of) / median(to) <= self.at_most)


@dataclasses.dataclass
class Memory:
    what: str
    at_most: int

    def find(self, result):
        row = result.get("memory", {}).get(self.what)
        if not row or "bytes" not in row:
            return None
        return Finding("memory: " + row["title"], f"at most {number(self.at_most)} B",
                       number(row["bytes"]) + " B", "", "", row["bytes"] <= self.at_most)


@dataclasses.dataclass
class Flat:
    """The dearest point of a row against its first: of each the quickest round, since what
    disturbs them only adds."""

    row: str
    at_most: float = 1.5

    def find(self, result):
        row = result.get("growth", {}).get(self.row)
        if not row or len(row["points"]) < 2:
            return None
        points = list(row["points"].values())
        first, most = min(points[0]), max(points, key=min)
        return Finding("growth: with " + row["title"], f"at most {self.at_most:g} times",
                       f"{min(most) / first:.2f}", spread([cost / first for cost in most]), "",
                       min(most) / first <= self.at_most)


@dataclasses.dataclass
class Instructions:
    at_most: int

    def find(self, result):
        counts = result.get("instructions")
        if not counts:
            return None
        frames, turn = counts
        return Finding("the server's instructions for one list get, from frame to frame",
                       f"under {self.at_most:,}", f"{frames:,.0f} ({turn:,.0f} with the loop's turn)",
                       "", "", frames < self.at_most)


LOCKS = ("lock", "rlock", "semaphore")

TARGETS = [
    Ratio("list_get", "stock", "std", 1.8),
    Ratio("list_get", "stock", "constant", 0.9),
    Ratio("list_get_8", "stock", "std", 2.5),
    Ratio("list_get", "c-sockets", "block", 0.85),
    Ratio("list_get", "c-sockets", "loop", 0.85),
    Ratio("list_get", "c-sockets", "redis", 1.3),
    Ratio("list_get_8", "c-sockets", "redis", 1.2),
    Ratio("pipeline", "c", "redis", 1.0),
    Latency("list_get", "c", 0.1),
    Latency("list_get", "python", 0.4),
    Ratio("list_get", "python", "std", 100.0),
    Ratio("list_get", "c", "c-sockets", 10.0),
    Ratio("list_get", "c", "redis", 5.0),
    Ratio("list_get_8", "c", "c-sockets", 2.0),
    Ratio("list_get_8", "c", "redis", 2.0),
    Ratio("list_set", "c", "c-sockets", 10.0),
    Ratio("list_set", "python", "std", 10.0),
    Latency("list_set", "python", 2.0),
    Ratio("dict_get", "c", "c-sockets", 10.0),
    Ratio("value", "c", "c-sockets", 10.0),
    Beside("list_set_seldom", "c", "list_set_seldom", "c-sockets", 1.0, "p99_us"),
    Beside("list_get_busy", "stock", "list_get", "stock", 1.3),
    Ratio("dict_get_1m", "c", "c-sockets", 1.0),
    Ratio("dict_set_1m", "c", "c-sockets", 1.0),
    *(Latency(lock, "c", 0.06) for lock in LOCKS),
    *(Ratio(lock, "c", "mutex", 0.25) for lock in LOCKS),
    Ratio("tls", "c-tls", "c-tcp", 0.7),
    Ratio("tls_get_1m", "c-tls", "c-tcp", 0.6),
    Ratio("tls_set_1m", "c-tls", "c-tcp", 0.6),
    Ratio("lock", "python", "threads", 0.333),
    Ratio("lock", "python", "std", 100.0),
    Ratio("turns", "c", "holds", 0.8),
    Ratio("lock_2", "c", "c-sockets", 1.0),
    Ratio("handover", "c", "c-sockets", 2.0),
    Ratio("semaphore_handover", "c", "c-sockets", 2.0),
    Ratio("condition", "c", "c-sockets", 3.0),
    Ratio("barrier", "c", "c-sockets", 2.5),
    Ratio("queue_1_1", "c", "c-sockets", 2.5),
    Ratio("handover", "c", "wake", 0.667),
    Ratio("handover", "c", "relay", 0.667),
    Latency("dict_get_17k_tcp", "stock-tcp", 500),
    Latency("dict_get_65k_tcp", "stock-tcp", 500),
    Latency("dict_set_17k_tcp", "stock-tcp", 500),
    Latency("dict_set_65k_tcp", "stock-tcp", 500),
    Ratio("bulk", "c", "std", 5.0),
    Ratio("bulk", "stock", "std", 2.0),
    Ratio("hosted", "stock-started", "std", 1.0),
    Ratio("hosted", "python-started", "std", 1.0),
    Ratio("create", "c", "std", 30.0),
    Ratio("create", "stock", "std", 3.0),
    *(Processor(case.name, "python-started", "std", 1.0) for case in CASES if case.weighed),
    Memory("element", 24),
    Memory("entry", 72),
    Memory("parked", 4096),
    Memory("server", 8 << 20),
    Flat("elements_list"),
    Flat("elements_dict"),
    Flat("objects"),
    Flat("clients"),
    Flat("threads"),
    Flat("waiters"),
    Flat("connections"),
    *(Flat("operations_" + kind) for kind in TYPES),
    Instructions(2000),
]
