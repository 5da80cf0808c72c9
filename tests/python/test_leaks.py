# SPDX-License-Identifier: MIT
"""What is created, used and dropped leaves nothing behind, in the server or in its client.

SYNCMANAGER_ROUNDS is how often: 100000 unless it says otherwise.
"""

import gc
import os
import threading
import unittest

import package  # noqa: F401
import syncmanager
from servers import wait_until

ROUNDS = int(os.environ.get('SYNCMANAGER_ROUNDS', 100000))
HOSTED_ROUNDS = ROUNDS // 10  # they take turns at the interpreter
MOST = 1 << 20  # bytes by which a process may grow, however many rounds: what malloc keeps


class Counter:
    def __init__(self, n):
        self.n = n

    def add(self, n):
        self.n += n
        return self.n


class Stuck:
    """It takes its time to end: whoever gives it back does nothing else meanwhile."""

    ending = threading.Event()
    go_on = threading.Event()

    def __del__(self):
        self.ending.set()
        self.go_on.wait(package.PATIENCE)


class Tracked:
    alive = 0

    def __init__(self):
        Tracked.alive += 1

    def __del__(self):
        Tracked.alive -= 1


class Watch:
    def wait(self):
        return Stuck.ending.wait(package.PATIENCE)

    def let_go(self):
        Stuck.go_on.set()

    def alive(self):
        return Tracked.alive


class CounterManager(syncmanager.SyncManager):
    pass


for made in Counter, Stuck, Tracked, Watch:
    CounterManager.register(made.__name__, made)


def memory(pid):
    """The bytes that a process has in memory of its own."""
    with open('/proc/%d/statm' % pid) as file:
        _, resident, shared, *_ = map(int, file.read().split())
    return (resident - shared) * os.sysconf('SC_PAGE_SIZE')


def use_list(manager):
    numbers = manager.list([1, 2, 3])
    numbers.append('four')
    assert len(numbers) == 4


def use_dict(manager):
    table = manager.dict()
    table['key'] = [1.5, None]
    assert table['key'] == [1.5, None]


def use_lock(manager):
    lock = manager.Lock()
    with lock:
        assert not lock.acquire(False)


def use_queue(manager):
    queue = manager.Queue()
    queue.put(b'item')
    assert queue.get() == b'item'


def use_nested(manager):
    outer = manager.list([manager.list([1])])
    assert outer[0][0] == 1


def use_an_error(manager):
    try:
        manager.list().pop()
    except IndexError:
        return
    raise AssertionError


def use_counter(manager):
    assert manager.Counter(1).add(2) == 3


@unittest.skipUnless(os.path.exists('/proc/self/statm'), 'there is no /proc to ask')
class LeakTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.manager = CounterManager()
        cls.manager.start()

    @classmethod
    def tearDownClass(cls):
        cls.manager.shutdown()

    def repeat(self, use, rounds):
        for _ in range(rounds):
            use(self.manager)
        gc.collect()
        self.assertTrue(wait_until(lambda: self.manager._number_of_objects() == 0))

    def check(self, use, rounds):
        self.repeat(use, rounds // 5)
        pids = os.getpid(), self.manager._process.pid
        before = [memory(pid) for pid in pids]
        self.repeat(use, rounds)
        for what, pid, was in zip(('client', 'server'), pids, before):
            self.assertLess(memory(pid) - was, MOST, what)

    def test_lists_leave_nothing(self):
        self.check(use_list, ROUNDS)

    def test_dicts_leave_nothing(self):
        self.check(use_dict, HOSTED_ROUNDS)

    def test_locks_leave_nothing(self):
        self.check(use_lock, HOSTED_ROUNDS)

    def test_queues_leave_nothing(self):
        self.check(use_queue, HOSTED_ROUNDS)

    def test_lists_in_lists_leave_nothing(self):
        self.check(use_nested, HOSTED_ROUNDS)

    def test_errors_leave_nothing(self):
        self.check(use_an_error, HOSTED_ROUNDS)

    def test_hosted_objects_leave_nothing(self):
        self.check(use_counter, HOSTED_ROUNDS)

    def test_dropped_objects_do_not_pile_up_behind_one_that_takes_its_time(self):
        watch = self.manager.Watch()
        self.addCleanup(watch.let_go)
        self.manager.Stuck()
        self.assertTrue(watch.wait())
        for _ in range(1000):
            self.manager.Tracked()
        self.assertLess(watch.alive(), 70)  # DROPPED_MANY, and those that are on their way


if __name__ == '__main__':
    unittest.main()
