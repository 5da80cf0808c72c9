# SPDX-License-Identifier: MIT
"""What is created, used and dropped leaves nothing behind, in the server or in its client.

SYNCMANAGER_ROUNDS is how often: 100000 unless it says otherwise.
"""

import gc
import os
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


class CounterManager(syncmanager.SyncManager):
    pass


CounterManager.register('Counter', Counter)


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


if __name__ == '__main__':
    unittest.main()
