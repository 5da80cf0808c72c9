# SPDX-License-Identifier: MIT
"""What the children of test_processes.py run: functions that spawn can find by name."""

import threading
from multiprocessing import current_process

from servers import client_class


def fill(rows, name, count):
    for i in range(count):
        rows.append((name, i))


def add_up(lock, cell, count):
    for _ in range(count):
        with lock:
            cell.value += 1


def take(queue, results):
    """Take items and double them until None comes."""
    while True:
        item = queue.get()
        if item is None:
            queue.task_done()
            return
        results.put(item * 2)
        queue.task_done()


def wait_for_turn(condition, turn, mine, order):
    with condition:
        condition.wait_for(lambda: turn.value == mine)
        order.append(mine)
        turn.value += 1
        condition.notify_all()


def meet(barrier, rounds, results):
    for i in range(rounds):
        results.append((i, barrier.wait()))


def wait_for_event(event, started, results):
    started.release()
    results.append(event.wait(30))


def enter(lock, results):
    """An RLock belongs to a connection; each process has its own."""
    results.append(('before', lock.acquire(False)))


def use_nested(outer):
    outer[0].append('child')
    outer[1]['from child'] = type(outer[0]).__name__
    outer.append('done')


def give_back(queue, made):
    """Send a proxy that came in by inheritance into a queue."""
    made.append('through the queue')
    queue.put(made)


def make_own(address, key, results):
    """Connect without anything inherited."""
    current_process().authkey = key
    manager = client_class(['word'])(address, key)
    manager.connect()
    rows = manager.list([1, 2])
    rows.append(manager.word().upper())
    results.append(rows[:])


def touch_everything(proxies, results):
    (lock, rlock, semaphore, condition, event, barrier, rows, table, cell, numbers, space,
     queue) = proxies
    outcome = [lock.acquire(False), lock.release(), rlock.acquire(False), rlock.release(),
               semaphore.acquire(False), semaphore.release()]
    with condition:
        condition.notify_all()
    event.set()
    outcome += [event.is_set(), barrier.wait(), barrier.parties]
    rows.append('child')
    table['child'] = 1
    cell.value = 'child'
    numbers[0] = 42
    space.child = True
    queue.put('child')
    outcome += [rows[:], table.copy(), cell.value, numbers[:], space.child, queue.qsize()]
    outcome += [sorted(table.keys()), len(table), str(rows), threading.current_thread().name]
    results.append(outcome)


def fail_in_child(rows, results):
    for call in (lambda: rows[99], lambda: rows.remove('absent'), lambda: rows.no_such):
        try:
            call()
        except Exception as error:
            results.append((type(error).__name__, error.args))


def call_from_threads(rows, count):
    threads = [threading.Thread(target=fill, args=(rows, i, 20)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
