# SPDX-License-Identifier: MIT
"""Lock, RLock, Semaphore, BoundedSemaphore, Event, Condition, Barrier."""

import threading
import unittest

from cases import Interop, table

# What acquire() takes is told apart by kind: the four differ in texts and in what they check.
TIMEOUTS = '''
    lock.acquire(True, 0.01)
    lock.acquire(timeout=0.01)
    lock.acquire(False, 0.01)
    lock.acquire(True, -0.5)
    lock.acquire(True, -5)
    lock.acquire(True, 1e10)
    lock.acquire(True, 1e300)
    lock.acquire(True, 'x')
    lock.acquire(True, [])
    lock.acquire(False, 'x')
'''

ARGUMENTS = '''
    call(lock, 'acquire', False)
    call(lock, 'acquire', 0)
    call(lock, 'acquire', blocking=False)
    call(lock, 'acquire', blocking=True, timeout=0.01)
    call(lock, 'acquire', timeout=0.01)
    call(lock, 'acquire', True, timeout=0.01)
    call(lock, 'acquire', True, 0.01, 3)
    call(lock, 'acquire', True, blocking=True)
    call(lock, 'acquire', True, 0.01, timeout=1)
    call(lock, 'acquire', nonsense=1)
    call(lock, 'acquire', False, nonsense=1)
    call(lock, 'acquire', False, None)
    call(lock, 'acquire', False, -1)
    call(lock, 'release', 1, 2, 3)
    call(lock, 'release', nonsense=1)
'''

UNEXPOSED = '''
    call(thing, 'no_such_method')
    call(thing, '__enter__')
    call(thing, '__class__')
    call(thing, '__getattribute__', 'x')
    call(thing, '__str__', 1)
    call(thing, '#GETVALUE')
    call(thing, '#GETVALUE', 1)
'''


def arguments_of(maker, acquire):
    """Every form of acquire, on a lock that another thread holds: none waits for ever."""
    hold = 'lock = %s\nthreading_hold = later(lock.acquire).result()' % maker
    return hold + acquire.replace('\n    ', '\n')


def unexposed_of(maker):
    return ('thing = %s\n' % maker) + UNEXPOSED.replace('\n    ', '\n')


@table({
    'a lock is acquired once': '''
        lock = m.Lock()
        lock.acquire()
        lock.acquire(False)
        lock.acquire(True, 0.01)
        lock.release()
        lock.acquire(False)
        lock.release()
    ''',
    'a free lock is not released': '''
        lock = m.Lock()
        lock.release()
        lock.acquire()
        lock.release()
        lock.release()
    ''',
    'a lock is released by anyone': '''
        lock = m.Lock()
        later(lock.acquire).result()
        lock.release()
        later(lock.release).result()
        lock.acquire(False)
        later(lock.release).result()
    ''',
    'a release serves a waiter': '''
        lock = m.Lock()
        lock.acquire()
        waiter = later(lock.acquire)
        waiter.waits()
        lock.release()
        waiter.result()
        lock.acquire(False)
        lock.release()
    ''',
    'a lock is a context manager': '''
        lock = m.Lock()
        with lock: inside = lock.acquire(False)
        inside
        lock.acquire(False)
    ''',
    'lock timeouts': arguments_of('m.Lock()', TIMEOUTS),
    'lock arguments': arguments_of('m.Lock()', ARGUMENTS),
    'a lock takes arguments of acquire when it is free': '''
        lock = m.Lock()
        lock.acquire(True, -1)
        lock.release()
        lock.acquire(True, 0)
        lock.release()
        lock.acquire(1.5)
        lock.release()
        lock.acquire('x')
        lock.release()
        lock.acquire([])
        lock.release()
        lock.acquire(None)
        lock.release()
        lock.acquire(False, -1)
        lock.release()
        lock.acquire(2 ** 40)
    ''',
    'a lock is made without arguments': '''
        m.Lock(1)
        m.Lock(x=1)
    ''',
    'a lock takes no timeout of None or NaN': '''
        lock = m.Lock()
        call(lock, 'acquire', True, None)
        call(lock, 'acquire', True, float('nan'))
        call(lock, 'acquire', True, True)
        call(lock, 'acquire', True, False)
    ''',
    'what a lock does not expose': unexposed_of('m.Lock()'),
    'a lock has a repr': '''
        lock = m.Lock()
        str(lock)
        lock.acquire()
        str(lock)
        call(lock, '__repr__')
        call(lock, '__str__')
    ''',
})
class LockTest(Interop):
    pass


@table({
    'an rlock nests on one connection': '''
        lock = m.RLock()
        lock.acquire(), lock.acquire(), lock.acquire(False)
        later(lambda: lock.acquire(False)).result()
        lock.release(), lock.release()
        later(lambda: lock.acquire(False)).result()
        lock.release()
        lock.release()
    ''',
    'an rlock is released by its owner alone': '''
        lock = m.RLock()
        lock.acquire()
        later(lock.release).result()
        lock.release()
        later(lock.release).result()
    ''',
    'an rlock goes to a waiter after the last release': '''
        lock = m.RLock()
        lock.acquire(), lock.acquire()
        waiter = later(lambda: (lock.acquire(), lock.release()))
        lock.release()
        waiter.waits()
        lock.release()
        waiter.result()
    ''',
    'rlock timeouts': '''
        lock = m.RLock()
        lock.acquire()
        later(lambda: lock.acquire(True, 0.01)).result()
        later(lambda: lock.acquire(False, 0.01)).result()
        later(lambda: lock.acquire(True, -0.5)).result()
        later(lambda: lock.acquire(True, 1e10)).result()
        later(lambda: lock.acquire(True, 'x')).result()
        later(lambda: lock.acquire(True, float('nan'))).result()
        lock.acquire(True, -1)
        lock.acquire(True, -2)
        lock.acquire('x')
    ''',
    'rlock arguments': '''
        lock = m.RLock()
        call(lock, 'acquire', blocking=False)
        call(lock, 'acquire', timeout=0.01)
        call(lock, 'acquire', True, 0.01, 3)
        call(lock, 'acquire', nonsense=1)
        call(lock, 'acquire', True, None)
        call(lock, 'release', 1)
        call(lock, 'release', nonsense=1)
        m.RLock(1)
        m.RLock(x=1)
    ''',
    'what an rlock does not expose': unexposed_of('m.RLock()'),
})
class RLockTest(Interop):
    pass


@table({
    'a semaphore counts': '''
        s = m.Semaphore(2)
        s.acquire(), s.acquire(), s.acquire(False)
        s.release()
        s.acquire(False), s.acquire(False)
        s.release(), s.release(), s.release()
        s.acquire(False), s.acquire(False), s.acquire(False), s.acquire(False)
    ''',
    'a semaphore of zero waits for a release': '''
        s = m.Semaphore(0)
        waiter = later(s.acquire)
        waiter.waits()
        s.release()
        waiter.result()
    ''',
    'a semaphore is one by default': '''
        s = m.Semaphore()
        s.acquire(False), s.acquire(False)
        with m.Semaphore(value=1) as inside: pass
        inside
    ''',
    'a semaphore releases several at once': '''
        s = m.Semaphore(0)
        call(s, 'release', 3)
        call(s, 'release', n=2)
        [s.acquire(False) for _ in range(6)]
        call(s, 'release', 0)
        call(s, 'release', -1)
        call(s, 'release', 'x')
        call(s, 'release', 1.5)
        call(s, 'release', None)
        call(s, 'release', 1, 2)
    ''',
    'semaphore timeouts': arguments_of('m.Semaphore(1)', TIMEOUTS),
    'semaphore arguments': arguments_of('m.Semaphore(1)', ARGUMENTS),
    'a semaphore waits as long as it is told': '''
        s = m.Semaphore(0)
        s.acquire(True, 0)
        s.acquire(True, -1)
        s.acquire(0, None)
        s.acquire([], None)
        s.acquire('', 1)
    ''',
    'a semaphore is made of an initial value': '''
        m.Semaphore(-1)
        m.Semaphore('x')
        m.Semaphore(None)
        m.Semaphore([])
        m.Semaphore(1, 2)
        m.Semaphore(nonsense=1)
        m.Semaphore(value=-3)
        s = m.Semaphore(1.5)
        s.acquire(False), s.acquire(False), s.acquire(False)
        s = m.Semaphore(True)
        s.acquire(False), s.acquire(False)
        s = m.Semaphore(10 ** 30)
        s.acquire(False), s.release()
    ''',
    'what a semaphore does not expose': unexposed_of('m.Semaphore(3)'),
    'a semaphore has a repr': '''
        s = m.Semaphore(3)
        str(s)
        s.acquire()
        str(s)
    ''',
    'a bounded semaphore is not released too often': '''
        s = m.BoundedSemaphore(2)
        s.release()
        s.acquire()
        s.release()
        s.release()
        s.acquire(), s.acquire(), s.acquire(False)
        call(s, 'release', 3)
        call(s, 'release', 2)
        call(s, 'release', 0)
    ''',
    'bounded semaphore timeouts': arguments_of('m.BoundedSemaphore(1)', TIMEOUTS),
    'a bounded semaphore is made of an initial value': '''
        m.BoundedSemaphore(-1)
        m.BoundedSemaphore('x')
        m.BoundedSemaphore(1, 2)
        s = m.BoundedSemaphore()
        str(s)
        s.acquire(), s.acquire(False)
        str(s)
    ''',
})
class SemaphoreTest(Interop):
    pass


@table({
    'an event is set and cleared': '''
        e = m.Event()
        e.is_set()
        e.set()
        e.is_set(), e.wait(), e.wait(0), e.wait(None)
        e.set()
        e.clear()
        e.is_set(), e.wait(0), e.wait(0.01), e.wait(-1)
    ''',
    'setting an event serves all waiters': '''
        e = m.Event()
        waiters = [later(e.wait) for _ in range(3)]
        waiters[0].waits()
        e.set()
        [waiter.result() for waiter in waiters]
    ''',
    'event arguments': '''
        e = m.Event()
        e.wait('x')
        e.wait([])
        e.wait(float('nan'))
        e.wait(1e10)
        call(e, 'wait')  if e.is_set() else None
        call(e, 'wait', timeout=0.01)
        call(e, 'wait', 1, 2)
        call(e, 'wait', nonsense=1)
        call(e, 'set', 1)
        call(e, 'clear', 1)
        call(e, 'is_set', 1)
        e.set()
        e.wait('x')
        call(e, 'wait')
        m.Event(1)
        m.Event(x=1)
    ''',
    'what an event does not expose': unexposed_of('m.Event()') + 'call(thing, "isSet")\n',
    'an event has a repr': '''
        e = m.Event()
        str(e)
        e.set()
        str(e)
    ''',
})
class EventTest(Interop):
    pass


@table({
    'a condition is owned like an rlock': '''
        c = m.Condition()
        c.acquire(), c.acquire()
        later(lambda: c.acquire(False)).result()
        c.release(), c.release()
        c.release()
        with c: pass
        later(lambda: c.acquire(False)).result()
    ''',
    'an unowned condition is not waited on or notified': '''
        c = m.Condition()
        c.wait(0)
        c.notify()
        c.notify_all()
        c.wait('x')
    ''',
    'a wait that nobody notifies times out': '''
        c = m.Condition()
        c.acquire()
        c.wait(0.01), c.wait(0), c.wait(-1)
        c.acquire()
        c.wait(0.01)
        c.release(), c.release()
        c.release()
    ''',
    'a notify wakes one waiter': '''
        c = m.Condition()
        woken = []
        def wait():
            with c:
                entered.release()
                woken.append(c.wait(10))
        entered = m.Semaphore(0)
        waiters = [later(wait) for _ in range(3)]
        [entered.acquire() for _ in waiters]
        with c: c.notify()
        until(lambda: len(woken) == 1)
        with c: c.notify(1)
        until(lambda: len(woken) == 2)
        with c: c.notify(5)
        [waiter.result() for waiter in waiters]
        woken
    ''',
    'a notify of all wakes all': '''
        c = m.Condition()
        entered = m.Semaphore(0)
        def wait():
            with c:
                c.acquire()
                entered.release()
                return c.wait(10), c.release()
        waiters = [later(wait) for _ in range(4)]
        [entered.acquire() for _ in waiters]
        with c: c.notify_all()
        [waiter.result() for waiter in waiters]
        c.acquire(False)
    ''',
    'a woken waiter waits for the lock': '''
        c = m.Condition()
        entered = m.Semaphore(0)
        def wait():
            with c:
                entered.release()
                return c.wait()
        waiter = later(wait)
        entered.acquire()
        c.acquire()
        c.notify()
        waiter.waits()
        c.release()
        waiter.result()
    ''',
    'wait_for asks its predicate': '''
        c = m.Condition()
        with c: print(end='') if c.wait_for(lambda: 7) != 7 else None
        c.wait_for(lambda: 'at once')
        c.acquire()
        c.wait_for(lambda: False, 0.02)
        c.wait_for(lambda: 0, 0)
        c.release()
    ''',
    'condition arguments': '''
        c = m.Condition()
        c.acquire()
        c.wait('x')
        c.wait([])
        c.wait(1e10)
        c.wait(float('nan'))
        c.notify('x')
        c.notify(0)
        c.notify(-1)
        c.notify(-2)
        c.notify(1.5)
        c.notify(None)
        call(c, 'notify')
        call(c, 'notify', n=2)
        call(c, 'notify', 1, 2)
        call(c, 'notify', nonsense=2)
        call(c, 'notify_all', 1)
        call(c, 'wait', 1, 2)
        call(c, 'wait', timeout=0.01)
        call(c, 'wait', nonsense=1)
        call(c, 'acquire', blocking=False)
        call(c, 'acquire', True, 0.1)
        call(c, 'acquire', nonsense=1)
        call(c, 'release', 1)
        call(c, 'wait_for', 1)
        m.Condition(5)
        m.Condition('x')
        m.Condition(1, 2)
        m.Condition(nonsense=2)
        m.Condition(None).acquire()
        m.Condition(lock=None).acquire()
    ''',
    'a condition is made over a lock': '''
        lock = m.Lock()
        c = m.Condition(lock)
        c.acquire()
        lock.acquire(False)
        c.notify(), c.notify_all()
        lock.release()
        lock.acquire(False)
        c.release()
        c.release()
    ''',
    'what a condition does not expose': unexposed_of('m.Condition()'),
})
class ConditionTest(Interop):
    pass


@table({
    'a barrier opens when all are there': '''
        b = m.Barrier(3)
        b.parties, b.n_waiting, b.broken
        waiters = [later(b.wait) for _ in range(2)]
        until(lambda: b.n_waiting == 2)
        b.parties, b.n_waiting, b.broken
        last = b.wait()
        last, sorted(waiter.result() for waiter in waiters)
        until(lambda: b.n_waiting == 0)
    ''',
    'a barrier is used again': '''
        b = m.Barrier(2)
        other = later(lambda: [b.wait() for _ in range(5)])
        mine = [b.wait() for _ in range(5)]
        theirs = other.result()
        [sorted(pair) for pair in zip(mine, theirs)]
    ''',
    'a barrier of one opens at once': '''
        b = m.Barrier(1)
        b.wait(), b.wait(0), b.wait(-1)
        b.n_waiting, b.broken
    ''',
    'a wait that times out breaks the barrier': '''
        b = m.Barrier(2)
        b.wait(0.01)
        b.broken, b.n_waiting
        b.wait()
        b.reset()
        b.broken
        b.wait(0)
        b.broken
    ''',
    'the barrier s own timeout holds': '''
        b = m.Barrier(2, None, 0.01)
        b.wait()
        b.broken
        b = m.Barrier(2, timeout=0.01)
        b.wait()
    ''',
    'an abort breaks the barrier for its waiters': '''
        b = m.Barrier(3)
        waiters = [later(b.wait) for _ in range(2)]
        until(lambda: b.n_waiting == 2)
        b.abort()
        waiters[0].result()
        waiters[1].result()
        b.broken, b.wait.__name__
        b.wait(1)
        b.reset()
        b.broken
    ''',
    'a reset sends its waiters away': '''
        b = m.Barrier(2)
        waiter = later(b.wait)
        until(lambda: b.n_waiting == 1)
        b.reset()
        waiter.result()
        until(lambda: not b.broken)
        waiter = later(b.wait)
        sorted([b.wait(), waiter.result()])
    ''',
    'barrier arguments': '''
        m.Barrier()
        m.Barrier(2, None, 1, 2)
        m.Barrier(nonsense=1)
        m.Barrier(parties=1).wait()
        b = m.Barrier(2)
        b.wait('x')
        b.broken
        b.reset()
        call(b, 'wait', 1, 2)
        call(b, 'wait', nonsense=1)
        call(b, 'wait', timeout=0.01)
        call(b, 'abort', 1)
        call(b, 'reset', 1)
        call(b, '__getattribute__')
        call(b, '__getattribute__', 'no_such_attribute')
        call(b, '__getattribute__', 5)
        call(b, '__getattribute__', 'parties', 1)
        call(b, 'n_waiting')
    ''',
    'a barrier has parties': '''
        m.Barrier('x') if __import__('sys').version_info >= (3, 13) else None
        m.Barrier(0).parties
        m.Barrier(-1).parties
    ''',
    'a barrier has a repr': '''
        b = m.Barrier(2)
        str(b)
        b.abort()
        str(b)
    ''',
})
class BarrierTest(Interop):
    NAMES = {'threading': threading}


if __name__ == '__main__':
    unittest.main()
