# SPDX-License-Identifier: MIT
"""The cases: for each, what every peer does, so that it is the same work.

`options` are those of the drivers: n clients, b bytes of a value, e elements. `frames` are the
bytes of a request and a reply of the C client's, which the plain sockets send and receive.
"""

import dataclasses

MANAGERS = ("std", "stock", "python", "c")
ALL = MANAGERS + ("redis",)


@dataclasses.dataclass
class Case:
    name: str
    title: str
    peers: tuple
    work: str = ""
    options: dict = dataclasses.field(default_factory=dict)
    unit: str = "calls/s"
    scale: float = 1.0  # from the driver's rate to the unit
    frames: tuple = (50, 26)
    idle: int = 0  # connections beside, that do nothing
    seconds: float = 0.2
    rounds: int = 5

    def work_of(self, peer):
        """The name of the peer's work, and its options."""
        if peer.startswith(("block", "loop")):
            work = "pipeline" if self.work == "pipeline" else "exchange"
            return work, dict(n=self.options.get("n", 1), b=self.frames[0], r=self.frames[1])
        if peer == "constant":
            return "constant", dict(self.options)
        if peer in ("mutex", "futex", "memory", "wake", "relay"):
            return peer, {}
        return self.work, dict(self.options)


MIB = 1 << 20

CASES = [
    Case("list_get", "list get", ALL + ("constant", "block", "loop", "std-*"), "list_get",
         dict(e=10)),
    Case("list_get_8", "list get, 8 clients", ALL + ("constant", "block", "loop"), "list_get",
         dict(e=10, n=8)),
    Case("list_get_tcp", "list get over TCP", ("std-tcp", "stock-tcp", "c-tcp", "block-tcp"),
         "list_get", dict(e=10)),
    Case("list_get_idle", "list get beside 10,000 idle connections", ("stock", "c"), "list_get",
         dict(e=10), idle=10000),
    Case("pipeline", "list get, 16 in one go", ("c", "redis", "block", "loop"), "pipeline",
         dict(e=10)),
    Case("list_set", "list set", ALL, "list_set", dict(e=10)),
    Case("list_read_1k", "whole list of 1,000", ALL, "list_read", dict(e=1000)),
    Case("list_read_1m", "whole list of 1,000,000", ALL, "list_read", dict(e=1000000),
         seconds=0.1, rounds=3),
    Case("dict_get", "dict get, 8 bytes", ALL, "dict_get", dict(e=100, b=8)),
    Case("dict_set", "dict set, 8 bytes", ALL, "dict_set", dict(e=100, b=8)),
    Case("dict_get_1k", "dict get, 1 KiB", ALL + ("block",), "dict_get", dict(e=100, b=1024),
         frames=(50, 1070)),
    Case("dict_set_1k", "dict set, 1 KiB", ALL + ("block",), "dict_set", dict(e=100, b=1024),
         frames=(1100, 20)),
    Case("dict_get_1m", "dict get, 1 MiB", ALL + ("block",), "dict_get", dict(e=4, b=MIB),
         frames=(50, MIB)),
    Case("dict_set_1m", "dict set, 1 MiB", ALL + ("block",), "dict_set", dict(e=4, b=MIB),
         frames=(MIB, 20)),
    Case("dict_set_32k_tcp", "dict set, 32,000 bytes, over TCP",
         ("std-tcp", "stock-tcp", "c-tcp", "block-tcp"), "dict_set", dict(e=4, b=32000),
         frames=(32050, 20)),
    Case("value", "value set and get", ALL, "value"),
    Case("lock", "lock: acquire and release", ALL + ("mutex",), "lock", unit="pairs/s"),
    Case("semaphore", "semaphore: acquire and release", MANAGERS, "semaphore", unit="pairs/s"),
    Case("handover", "hand-over of a lock between two clients",
         ALL + ("wake", "relay", "futex", "memory"), "handover", unit="hand-overs/s"),
    Case("condition", "turns by a condition", MANAGERS, "condition", unit="turns/s"),
    Case("barrier", "rounds of a barrier for two", MANAGERS, "barrier", dict(n=2),
         unit="rounds/s"),
    Case("queue_1_1", "queue: one puts, one gets", ALL, "queue", dict(n=2), unit="items/s"),
    Case("queue_4_4", "queue: four put, four get", ALL, "queue", dict(n=8), unit="items/s"),
    Case("bulk", "64 MiB put and got", ALL, "bulk", dict(b=64 * MIB), unit="MiB/s", scale=64,
         seconds=0.5, rounds=3),
    Case("create", "list made and dropped", ALL, "create", unit="lists/s"),
    Case("connect", "connect, authenticate, ask, close", ALL, "connect", unit="connections/s"),
]

# How calls a second and latency go with the number of clients.
CLIENTS = (1, 2, 4, 8, 16, 32, 64)
CLIENTS_PEERS = ("std", "stock", "python", "c", "redis", "loop")


def client_cases():
    for n in CLIENTS:
        yield Case(f"clients_{n}", f"list get, {n} clients", CLIENTS_PEERS, "list_get",
                   dict(e=10, n=n), rounds=3)


@dataclasses.dataclass
class Target:
    """A ratio that is wanted: of one peer's figure to another's, in the rounds of one case."""

    case: str
    peer: str
    to: str
    at_least: float


TARGETS = [
    Target("list_get", "stock", "std", 1.8),
    Target("list_get", "stock", "constant", 0.9),
    Target("list_get_8", "stock", "std", 2.5),
    Target("list_get", "c", "block", 0.85),
    Target("list_get", "c", "loop", 0.85),
    Target("list_get", "c", "redis", 1.3),
    Target("list_get_8", "c", "redis", 1.2),
    Target("pipeline", "c", "redis", 1.0),
    Target("handover", "c", "wake", 0.667),
    Target("handover", "c", "relay", 0.667),
    Target("bulk", "c", "std", 5.0),
    Target("bulk", "stock", "std", 2.0),
    Target("create", "c", "std", 30.0),
    Target("create", "stock", "std", 3.0),
]
