# SPDX-License-Identifier: MIT
"""The cases: for each, what every peer does, so that it is the same work.

`options` are those of the drivers: n clients, b bytes of a value, e elements. `frames` are the
bytes of a request and a reply of the C client's, which the plain sockets send and receive.
"""

import dataclasses

MANAGERS = ("std", "stock", "python", "c")
ALL = MANAGERS + ("redis",)
SOCKETS = ("c-sockets",)  # what shared memory is measured against
STARTED = ("std", "stock-started", "python-started")
ALONE = ("mutex", "holds", "futex", "memory", "wake", "relay", "threads")  # without a server
TCP = ("std-tcp", "stock-tcp", "c-tcp", "block-tcp")

TLS = ("c-tcp", "c-tls")


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
    busy: int = 0  # C clients beside, that do not rest
    seconds: float = 0.2
    rounds: int = 3  # five where a ratio is wanted
    weighed: bool = False  # the processor time of client and server counts, too

    def work_of(self, peer):
        """The name of the peer's work, and its options."""
        if peer.startswith(("block", "loop")):
            work = "pipeline" if self.work == "pipeline" else "exchange"
            return work, dict(n=self.options.get("n", 1), b=self.frames[0], r=self.frames[1])
        if peer == "constant":
            return "constant", dict(self.options)
        if peer == "threads":
            return "thread_lock", {}
        if peer in ALONE:
            return peer, dict(n=self.options.get("n", 1))
        return self.work, dict(self.options)


MIB = 1 << 20

CASES = [
    Case("list_get", "list get", ALL + SOCKETS + ("constant", "block", "loop", "std-*"), "list_get",
         dict(e=10), rounds=5),
    Case("list_get_8", "list get, 8 clients", ALL + SOCKETS + ("constant", "block", "loop"), "list_get",
         dict(e=10, n=8), rounds=5),
    Case("list_get_tcp", "list get over TCP", TCP, "list_get", dict(e=10)),
    Case("list_get_idle", "list get beside 10,000 idle connections", ("stock", "c"), "list_get",
         dict(e=10), idle=10000),
    Case("pipeline", "list get, 16 in one go", ("c", "redis", "block", "loop"), "pipeline",
         dict(e=10), rounds=5),
    Case("list_set", "list set", ALL + SOCKETS, "list_set", dict(e=10)),
    Case("list_set_seldom", "list set, each 10 ms", ("stock", "python", "c") + SOCKETS,
         "list_set_seldom", dict(e=10), seconds=0.5, rounds=5),
    Case("list_get_busy", "list get beside eight C clients that do not rest", ("stock",),
         "list_get", dict(e=10), busy=8, rounds=5),
    Case("list_read_1k", "whole list of 1,000", ALL, "list_read", dict(e=1000)),
    Case("list_read_1m", "whole list of 1,000,000", ALL, "list_read", dict(e=1000000),
         seconds=0.1),
    Case("dict_get", "dict get, 8 bytes", ALL + SOCKETS, "dict_get", dict(e=100, b=8)),
    Case("dict_set", "dict set, 8 bytes", ALL + SOCKETS, "dict_set", dict(e=100, b=8)),
    Case("dict_get_1k", "dict get, 1 KiB", ALL + ("block",), "dict_get", dict(e=100, b=1024),
         frames=(50, 1070)),
    Case("dict_set_1k", "dict set, 1 KiB", ALL + ("block",), "dict_set", dict(e=100, b=1024),
         frames=(1100, 20)),
    Case("dict_get_1m", "dict get, 1 MiB", ALL + SOCKETS + ("block",), "dict_get", dict(e=4, b=MIB),
         frames=(50, MIB)),
    Case("dict_set_1m", "dict set, 1 MiB", ALL + SOCKETS + ("block",), "dict_set", dict(e=4, b=MIB),
         frames=(MIB, 20)),
    Case("dict_get_17k_tcp", "dict get, 17,000 bytes, over TCP", TCP, "dict_get",
         dict(e=4, b=17000), frames=(50, 17020)),
    Case("dict_get_65k_tcp", "dict get, 65,000 bytes, over TCP", TCP, "dict_get",
         dict(e=4, b=65000), frames=(50, 65020)),
    Case("dict_set_17k_tcp", "dict set, 17,000 bytes, over TCP", TCP, "dict_set",
         dict(e=4, b=17000), frames=(17050, 20)),
    Case("dict_set_65k_tcp", "dict set, 65,000 bytes, over TCP", TCP, "dict_set",
         dict(e=4, b=65000), frames=(65050, 20)),
    Case("tls", "list get over TCP, with and without TLS", TLS, "list_get", dict(e=10), rounds=5),
    Case("tls_8", "the same, 8 clients", TLS, "list_get", dict(e=10, n=8), rounds=5),
    Case("tls_get_1m", "dict get, 1 MiB, with and without TLS", TLS, "dict_get", dict(e=4, b=MIB),
         rounds=5),
    Case("tls_set_1m", "dict set, 1 MiB, with and without TLS", TLS, "dict_set", dict(e=4, b=MIB),
         rounds=5),
    Case("tls_connect", "connect, authenticate, ask, close, with and without TLS", TLS, "connect",
         unit="connections/s", rounds=5),
    Case("value", "value set and get", ALL + SOCKETS, "value"),
    Case("lock", "lock: acquire and release", ALL + SOCKETS + ("mutex", "threads"), "lock",
         unit="pairs/s", rounds=5),
    Case("rlock", "RLock: acquire and release", MANAGERS + SOCKETS + ("mutex",), "rlock",
         unit="pairs/s", rounds=5),
    Case("semaphore", "semaphore: acquire and release", MANAGERS + SOCKETS + ("mutex",),
         "semaphore", unit="pairs/s", rounds=5),
    Case("counter", "Counter: add", ("c",) + SOCKETS, "counter"),
    Case("counter_2", "Counter: add, two clients", ("c",) + SOCKETS, "counter", dict(n=2)),
    Case("turns", "two clients, a lock for 1 us in 11", MANAGERS + SOCKETS + ("holds",), "turns",
         dict(n=2), unit="pairs/s", rounds=5),
    Case("lock_2", "two clients, always at a lock", MANAGERS + SOCKETS, "lock", dict(n=2),
         unit="pairs/s", rounds=5),
    Case("handover", "hand-over of a lock between two clients",
         ALL + SOCKETS + ("wake", "relay", "futex", "memory"), "handover", unit="hand-overs/s",
         rounds=5),
    Case("semaphore_handover", "hand-over of a semaphore between two clients", MANAGERS + SOCKETS,
         "semaphore_handover", unit="hand-overs/s"),
    Case("condition", "turns by a condition", MANAGERS + SOCKETS, "condition", unit="turns/s"),
    Case("barrier", "rounds of a barrier for two", MANAGERS + SOCKETS, "barrier", dict(n=2),
         unit="rounds/s"),
    Case("queue_1_1", "queue: one puts, one gets", ALL + SOCKETS, "queue", dict(n=2),
         unit="items/s"),
    Case("queue_4_4", "queue: four put, four get", ALL, "queue", dict(n=8), unit="items/s"),
    Case("bulk", "64 MiB put and got", ALL, "bulk", dict(b=64 * MIB), unit="MiB/s", scale=64,
         seconds=0.5),
    Case("hosted", "a method of a class registered in Python", STARTED, "hosted", rounds=5),
    Case("hosted_8", "the same, 8 clients", STARTED, "hosted", dict(n=8), rounds=5),
    Case("create", "list made and dropped", ALL, "create", unit="lists/s", rounds=5),
    Case("connect", "connect, authenticate, ask, close", ALL, "connect", unit="connections/s"),
]

MANY = {
    "many_ints": "{} ints stored in one call",
    "many_tuples": "{} tuples stored",
    "many_dicts": "{} dicts stored",
    "many_entries": "dict.update() of {} tuples",
    "many_extended": "extend() by {} ints, and all of them dropped",
    "many_read": "{} ints read by a slice",
    "many_read_tuples": "{} tuples read by a slice",
    "many_searched": "in, index and count over {} ints",
    "many_sorted": "sort and reverse of {} ints, that take turns",
    "many_printed": "str() of {} tuples",
}

CASES += [Case(f"{work}_{n // 1000}k", title.format(f"{n:,}"), ("std", "python-started"), work,
               dict(e=n), weighed=True) for work, title in MANY.items() for n in (2000, 20000)]

# How calls a second and latency go with the number of clients.
CLIENTS = (1, 2, 4, 8, 16, 32, 64)
CLIENTS_PEERS = ("std", "stock", "python", "c", "c-sockets", "redis", "loop")


def client_cases():
    for n in CLIENTS:
        yield Case(f"clients_{n}", f"list set, {n} clients", CLIENTS_PEERS, "list_set",
                   dict(e=10, n=n))
