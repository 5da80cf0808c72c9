#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Many stock clients on one daemon at once, some of them killed while they wait.

    SYNCMANAGERD=build/syncmanagerd tests/load/load.py

What must hold at the end: every increment under the lock counted, every job taken once, no object
left behind, nothing taken along by the dead, and a daemon that ends cleanly. With a daemon built
with ThreadSanitizer it is the test that finds races.
"""

import collections
import multiprocessing
import os
import signal
import sys
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'interop'))

import servers  # noqa: E402

PROCESSES = 8
THREADS = 3
ROUNDS = 40
PATIENCE = 120  # seconds; what is stuck ends here

fork = multiprocessing.get_context('fork')


def in_threads(target, *args):
    """Run it in several threads; a failure in one of them is a failure of this process."""
    failures = []

    def body(number):
        try:
            target(number, *args)
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=body, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        sys.exit(1)


def start(target, *args):
    process = fork.Process(target=target, args=args)
    process.start()
    return process


def count(_, lock, total):
    for _ in range(ROUNDS):
        with lock:
            total[0] = total[0] + 1


def make_and_drop(number, manager):
    for i in range(ROUNDS // 4):
        names = manager.dict()
        names['values'] = manager.list(range(i))
        if len(names['values']) != i:
            raise AssertionError('a nested list lost its items')
        manager.Semaphore(number).release()


def work(_, jobs, results):
    while True:
        job = jobs.get()
        if job is None:
            return
        results.put(job)


def wait_for_ever(ready, lock, jobs):
    """Wait for a lock in one thread and for a job in another, until killed."""
    for target in (lock.acquire, jobs.get):
        threading.Thread(target=target, daemon=True).start()
    ready.release()
    signal.pause()


class Load(unittest.TestCase):
    def setUp(self):
        self.server = servers.Daemon()
        self.addCleanup(self.server.kill)
        self.manager = self.server.connect()

    def crowd(self, target, *args):
        """Run it in several threads of several processes; the result waits for all of them."""
        processes = [start(in_threads, target, *args) for _ in range(PROCESSES)]
        return lambda: self.join(processes)

    def join(self, processes):
        for process in processes:
            process.join(PATIENCE)
            if process.exitcode is None:
                process.kill()
        self.assertEqual([process.exitcode for process in processes], [0] * len(processes))

    def test_every_increment_under_a_lock_counts(self):
        total = self.manager.list([0])
        self.crowd(count, self.manager.Lock(), total)()
        self.assertEqual(total[0], PROCESSES * THREADS * ROUNDS)
        self.server.stop()

    def test_every_job_is_taken_once(self):
        jobs, results = self.manager.Queue(50), self.manager.Queue()
        done = self.crowd(work, jobs, results)
        sent = range(PROCESSES * THREADS * ROUNDS)
        for job in sent:
            jobs.put(job)
        for _ in range(PROCESSES * THREADS):
            jobs.put(None)
        done()
        taken = collections.Counter(results.get() for _ in sent)
        self.assertEqual(taken, collections.Counter(sent))
        self.assertTrue(results.empty())
        self.server.stop()

    def test_no_object_is_left_behind(self):
        before = self.manager._number_of_objects()
        self.crowd(make_and_drop, self.manager)()
        self.assertEqual(self.manager._number_of_objects(), before)
        self.server.stop()

    def test_killed_waiters_take_nothing_along(self):
        ready, lock, jobs = fork.Semaphore(0), self.manager.Lock(), self.manager.Queue()
        lock.acquire()
        processes = [start(wait_for_ever, ready, lock, jobs) for _ in range(PROCESSES)]
        for _ in processes:
            ready.acquire()
        for process in processes:
            process.kill()
            process.join()
        lock.release()
        self.assertTrue(lock.acquire(True, PATIENCE))
        jobs.put('kept')
        self.assertEqual(jobs.get(True, PATIENCE), 'kept')
        self.server.stop()


if __name__ == '__main__':
    unittest.main()
