#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The driver of Python clients: the same works as the C client's, with a manager of the standard
library's or, with -m, of another module that has one. Any Python from 3.8 on.

Clients are processes that share the proxies by fork. What each did in its time comes back through
a pipe: the number of calls, the time, and how long each turn took.
"""

import argparse
import array
import importlib
import json
import mmap
import multiprocessing
import os
import queue
import socket
import struct
import sys
import threading
import time

CHUNK = 100000
LOOK_S = 0.05

HOLD_NS, OUT_NS = 1000, 10000

# Turns that are quicker are taken by the thousand between two looks at the clock.
QUICK_NS = 2000
BURST_MAX = 1024

WORKS = {}


class Shared:
    """Words that all clients see."""

    def __init__(self):
        self.memory = mmap.mmap(-1, 4096)

    def __getitem__(self, i):
        return struct.unpack_from("q", self.memory, 8 * i)[0]

    def __setitem__(self, i, v):
        struct.pack_into("q", self.memory, 8 * i, v)


READY, GO, LAST, TURN = 0, 1, 2, 3  # of Shared; READY + 8 + i is client i's


class Work:
    """One client's part: turn() returns how many calls it counts as."""

    lockstep = False
    clients = None
    pause = 0  # seconds before each turn

    def __init__(self, options, manager):
        self.options = options
        self.manager = manager
        self.prepare()

    def __init_subclass__(cls, name):
        WORKS[name] = cls

    def prepare(self):
        pass

    def enter(self, index, shared):
        self.index = index
        self.shared = shared
        self.at = 0

    def turns(self, n):
        """That many, and how many calls they count as."""
        return sum(self.turn() for _ in range(n))


class Places:
    def place(self):
        self.at += 1
        return self.at * 7919 % self.options.elements


class ListGet(Work, Places, name="list_get"):
    def prepare(self):
        self.list = self.manager.list()
        for i in range(0, self.options.elements, CHUNK):
            n = min(CHUNK, self.options.elements - i)
            self.list.extend([(i + k) % 1000 for k in range(n)])

    def turns(self, n):
        values, at, elements = self.list, self.at, self.options.elements
        for at in range(at, at + n):
            values[at * 7919 % elements]
        self.at += n
        return n


class ListSet(ListGet, name="list_set"):
    def turns(self, n):
        values, at, elements = self.list, self.at, self.options.elements
        for at in range(at, at + n):
            values[at * 7919 % elements] = at
        self.at += n
        return n


class ListSetSeldom(ListSet, name="list_set_seldom"):
    pause = 0.01


class ListRead(ListGet, name="list_read"):
    turns = Work.turns

    def turn(self):
        self.list._getvalue()
        return 1


class Many(Work, name="many_ints"):
    """Many values in one call."""

    def values(self):
        """In no order, but the same for all peers."""
        return [i * 7919 % self.options.elements for i in range(self.options.elements)]

    def prepare(self):
        self.given = self.values()
        self.list = self.manager.list(self.given)

    def turn(self):
        self.list[:] = self.given
        return 1


class ManyTuples(Many, name="many_tuples"):
    def values(self):
        return [(i, "a%d" % i) for i in range(self.options.elements)]


class ManyDicts(Many, name="many_dicts"):
    def values(self):
        return [{"id": i, "name": "n%d" % i} for i in range(self.options.elements)]


class ManyEntries(ManyTuples, name="many_entries"):
    def prepare(self):
        self.given = dict(enumerate(self.values()))
        self.dict = self.manager.dict()

    def turn(self):
        self.dict.update(self.given)
        return 1


class ManyExtended(Many, name="many_extended"):
    def turn(self):
        self.list.extend(self.given)
        self.list[:] = ()
        return 1


class ManyRead(Many, name="many_read"):
    def turn(self):
        self.list[:]
        return 1


class ManyReadTuples(ManyTuples, name="many_read_tuples"):
    turn = ManyRead.turn


class ManySearched(Many, name="many_searched"):
    def turn(self):
        -1 in self.list
        self.list.index(self.given[-1])
        self.list.count(self.given[-1])
        return 3


class ManySorted(Many, name="many_sorted"):
    def turn(self):
        self.list.sort()
        self.list.reverse()
        return 2


class ManyPrinted(ManyTuples, name="many_printed"):
    def turn(self):
        str(self.list)
        return 1


class Constant(ListGet, name="constant"):
    """What the client's own part of a call costs: its server answers at once, always the same."""

    def prepare(self):
        pass

    def enter(self, index, shared):
        from multiprocessing.connection import Connection
        from multiprocessing.managers import ListProxy, Token

        super().enter(index, shared)
        token = Token("list", self.manager, "7f0000000000")
        self.list = ListProxy(token, "pickle", authkey=b"", incref=False)
        reached = socket.socket(socket.AF_UNIX)
        reached.connect(self.manager)
        self.list._tls.connection = Connection(reached.detach())


class DictGet(Work, Places, name="dict_get"):
    def prepare(self):
        self.value = bytes(self.options.bytes)
        self.dict = self.manager.dict()
        for i in range(0, self.options.elements, CHUNK):
            end = min(i + CHUNK, self.options.elements)
            self.dict.update({k: self.value for k in range(i, end)})

    def turns(self, n):
        values, at, elements = self.dict, self.at, self.options.elements
        for at in range(at, at + n):
            values[at * 7919 % elements]
        self.at += n
        return n


class DictSet(DictGet, name="dict_set"):
    turns = Work.turns

    def turn(self):
        self.dict[self.place()] = self.value
        return 1


class Value(Work, name="value"):
    def prepare(self):
        self.value = self.manager.Value("i", 0)

    def turns(self, n):
        value = self.value
        for i in range(n):
            value.value = i
            value.value
        return 2 * n


class Lock(Work, name="lock"):
    def prepare(self):
        self.lock = self.manager.Lock()

    def turns(self, n):
        lock = self.lock
        for _ in range(n):
            lock.acquire()
            lock.release()
        return n


class RLock(Lock, name="rlock"):
    def prepare(self):
        self.lock = self.manager.RLock()


class ThreadLock(Lock, name="thread_lock"):
    """The interpreter's own."""

    def prepare(self):
        self.lock = threading.Lock()


class Turns(Lock, name="turns"):
    """Clients that do something with the lock, and more without it."""

    def turns(self, n):
        for _ in range(n):
            with self.lock:
                be_at_work(HOLD_NS)
            be_at_work(OUT_NS)
        return n


class Semaphore(Lock, name="semaphore"):
    def prepare(self):
        self.lock = self.manager.Semaphore(self.options.clients)


class Handover(Work, name="handover"):
    lockstep = True
    clients = 2

    def prepare(self):
        self.locks = [self.manager.Lock(), self.manager.Lock()]
        for lock in self.locks:
            lock.acquire()

    def turn(self):
        if self.index == 0:
            self.locks[1].release()
            self.locks[0].acquire()
            return 2
        self.locks[1].acquire()
        self.locks[0].release()
        return 0


class SemaphoreHandover(Handover, name="semaphore_handover"):
    def prepare(self):
        self.locks = [self.manager.Semaphore(0), self.manager.Semaphore(0)]


class Condition(Work, name="condition"):
    lockstep = True
    clients = 2

    def prepare(self):
        self.condition = self.manager.Condition()

    def turn(self):
        self.condition.acquire()
        while self.shared[TURN] != self.index:
            self.condition.wait()
        self.shared[TURN] = 1 - self.index
        self.condition.notify()
        self.condition.release()
        return 0 if self.index else 2


class Barrier(Work, name="barrier"):
    lockstep = True

    def prepare(self):
        self.barrier = self.manager.Barrier(self.options.clients)

    def turn(self):
        self.barrier.wait()
        return int(self.index == 0)


class Queue(Work, name="queue"):
    def prepare(self):
        self.queue = self.manager.Queue()

    def turn(self):
        if self.index < self.options.clients // 2:
            self.queue.put(1)
            return 0
        try:
            self.queue.get(True, LOOK_S)
            return 1
        except queue.Empty:
            return 0


class Bulk(Queue, name="bulk"):
    def prepare(self):
        super().prepare()
        self.bytes = bytes(self.options.bytes)

    def turn(self):
        self.queue.put(self.bytes)
        self.queue.get()
        return 1


class Hosted(Work, name="hosted"):
    """A method of a class that is registered in Python."""

    def prepare(self):
        self.counter = self.manager.Counter()

    def turn(self):
        self.counter.add(1)
        return 1


class Create(Work, name="create"):
    def turn(self):
        shared = self.manager.list([0, 0, 0])
        del shared
        return 1


class Connect(Work, name="connect"):
    def turn(self):
        manager = connect(self.options)
        manager._number_of_objects()
        return 1


class Counter:
    """What a program registers."""

    def __init__(self):
        self.count = 0

    def add(self, n):
        self.count += n
        return self.count


def manager_class(name):
    """The SyncManager of a module, with a class of our own registered."""
    class Manager(importlib.import_module(name).SyncManager):
        pass

    Manager.register("Counter", Counter)
    return Manager


def address_of(text):
    if text.startswith("unix:"):
        return text[len("unix:"):]
    host, _, port = text.rpartition(":")
    return host, int(port)


def connect(options):
    """The manager at the address."""
    if options.work == "constant":
        return address_of(options.address)
    if options.work == "thread_lock":
        return None
    key = os.environ["SYNCMANAGER_AUTHKEY"].encode()
    manager = manager_class(options.module)(address=address_of(options.address), authkey=key)
    manager.connect()
    return manager


def be_at_work(ns):
    end = time.perf_counter_ns() + ns
    while time.perf_counter_ns() < end:
        pass


def processor_time(pid):
    """Nanoseconds of this process and of the one with that number, if there is one."""
    clocks = [time.CLOCK_PROCESS_CPUTIME_ID] + ([~pid << 3 | 2] if pid else [])
    return sum(time.clock_gettime_ns(clock) for clock in clocks)


def measure(work, options, index, shared):
    """Do turns until time is over. Returns calls, nanoseconds, those of processor time, and the
    latencies in microseconds."""
    clock = time.perf_counter_ns
    latencies = array.array("f")
    calls = turn = 0
    burst = 1
    used = processor_time(options.server)
    begin = now = clock()
    end = begin + int(options.seconds * 1e9)
    while work.lockstep or now < end:
        turn += 1
        if work.lockstep and index == 0 and now >= end:
            shared[LAST] = turn
        if work.pause:
            time.sleep(work.pause)
            now = clock()
        n = work.turns(burst)
        then, now = now, clock()
        if n:
            calls += n
            latencies.append((now - then) / n / 1e3)
        if work.lockstep:
            if shared[LAST] == turn:
                break
        elif now - then > burst * QUICK_NS:
            burst = 1
        elif burst < BURST_MAX:
            burst *= 2
    return calls, now - begin, processor_time(options.server) - used, latencies


def run_client(work, options, index, shared, pipe):
    work.enter(index, shared)
    shared[READY + 8 + index] = 1
    while not shared[GO]:
        time.sleep(0.0002)
    calls, elapsed, used, latencies = measure(work, options, index, shared)
    with os.fdopen(pipe, "wb") as out:
        out.write(struct.pack("qqq", calls, elapsed, used))
        out.write(latencies.tobytes())


def start_client(work, options, index, shared):
    """Fork one; returns its process and the pipe that its result comes from."""
    here, there = os.pipe()
    client = multiprocessing.get_context("fork").Process(
        target=run_client, args=(work, options, index, shared, there))
    client.start()
    os.close(there)
    return client, here


def collect(clients):
    """The rates, added up, the first one's processor time a call, and all the latencies."""
    rate, processor, latencies, failed = 0.0, None, array.array("f"), False
    for client, pipe in clients:
        with os.fdopen(pipe, "rb") as source:
            data = source.read()
        client.join()
        failed |= client.exitcode != 0
        if len(data) >= 24:
            calls, elapsed, used = struct.unpack_from("qqq", data)
            rate += calls * 1e9 / elapsed
            if processor is None and calls:
                processor = used / calls / 1e3
            latencies.frombytes(data[24:])
    if failed:
        sys.exit("a client failed")
    return rate, processor, sorted(latencies)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("-a", dest="address")
    parser.add_argument("-n", dest="clients", type=int, default=1)
    parser.add_argument("-s", dest="seconds", type=float, default=0.2)
    parser.add_argument("-b", dest="bytes", type=int, default=8)
    parser.add_argument("-e", dest="elements", type=int, default=1000)
    parser.add_argument("-m", dest="module", default="multiprocessing.managers")
    parser.add_argument("-p", dest="server", type=int, help="its process, whose time counts too")
    parser.add_argument("work", choices=sorted(WORKS))
    options = parser.parse_args()
    kind = WORKS[options.work]
    options.clients = kind.clients or options.clients
    work = kind(options, connect(options))
    shared = Shared()
    clients = [start_client(work, options, i, shared) for i in range(options.clients)]
    while not all(shared[READY + 8 + i] for i in range(options.clients)):
        time.sleep(0.0005)
    shared[GO] = 1
    rate, processor, latencies = collect(clients)
    at = lambda share: round(latencies[int(len(latencies) * share)], 3) if latencies else 0.0
    print(json.dumps({"rate": round(rate, 1), "calls": len(latencies), "p50_us": at(0.5),
                      "p90_us": at(0.9), "p99_us": at(0.99), "p999_us": at(0.999),
                      "processor_us": processor and round(processor, 2)}))


if __name__ == "__main__":
    main()
