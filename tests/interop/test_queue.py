# SPDX-License-Identifier: MIT
"""Queue and JoinableQueue, which are one type under two names."""

import sys
import unittest

from cases import Interop, table


@table({
    'items leave in the order they came': '''
        q = m.Queue()
        q.put(1), q.put('a'), q.put(None), q.put([1, {'k': (2,)}])
        q.qsize(), q.empty(), q.full()
        q.get(), q.get(), q.get(), q.get()
        q.qsize(), q.empty(), q.full()
    ''',
    'an empty queue gives nothing': '''
        q = m.Queue()
        q.get(False)
        q.get_nowait()
        q.get(timeout=0.01)
        q.get(True, 0)
        q.get(True, 0.01)
        q.get(block=False, timeout=5)
        q.get(0, 'x')
    ''',
    'a full queue takes nothing': '''
        q = m.Queue(1)
        q.put(1), q.full(), q.qsize()
        q.put(2, False)
        q.put_nowait(2)
        q.put(2, timeout=0.01)
        q.put(2, True, 0)
        q.put(2, block=False, timeout=5)
        q.get(), q.full(), q.put_nowait(3), q.get_nowait()
    ''',
    'a blocked get is served by a put': '''
        q = m.Queue()
        getter = later(q.get)
        getter.waits()
        q.put('x')
        getter.result()
        q.qsize()
    ''',
    'a blocked put is served by a get': '''
        q = m.Queue(1)
        q.put('first')
        putter = later(lambda: q.put('second'))
        putter.waits()
        q.get()
        putter.result()
        q.get(timeout=1)
    ''',
    'timeouts are checked': '''
        q = m.Queue()
        q.get(True, -1)
        q.get(True, -0.001)
        q.get(False, -1)
        q.get(timeout='x')
        q.get(timeout=[])
        q.get(timeout=1e10)
        q.put(1, True, -1)
        q.put(1, True, 'x')
        q.qsize()
        b = m.Queue(1)
        b.put(1, True, -1)
        b.put(1, timeout='x')
        b.put(1)
        b.put(1, timeout='x')
        b.put(1, False, -1)
        b.put(1, timeout=1e10)
        b.get(timeout=1e10)
    ''',
    'a queue of zero or less has no bound': '''
        q = m.Queue(0)
        [q.put(i) for i in range(20)][-1], q.full(), q.qsize()
        q = m.Queue(-1)
        q.put(1), q.full(), q.qsize()
        m.Queue(maxsize=1).full()
        q = m.Queue(True)
        q.put(1), q.full()
        q = m.Queue(1.5)
        q.put(1), q.full(), q.put(2), q.full()
        q.put(3, False)
    ''',
    'a queue s size is checked when it is used': '''
        q = m.Queue('x')
        q.qsize(), q.empty()
        q.full()
        q.put(1)
        q.get(False)
        q = m.Queue(None)
        q.put(1)
        m.Queue([]).full()
        m.Queue(1, 2)
        m.Queue(nonsense=1)
        m.Queue(maxsize=1, nonsense=1)
        m.JoinableQueue('x').put(1)
    ''',
    'arguments are checked': '''
        q = m.Queue()
        q.put()
        q.put(1, 2, 3, 4)
        q.put(nonsense=1)
        q.put(item=1, block=True, timeout=None)
        q.put(1, item=2)
        q.put_nowait()
        q.put_nowait(1, 2)
        q.put_nowait(item=2)
        q.get(1, 2, 3)
        q.get(nonsense=1)
        q.get_nowait(1)
        q.qsize(1)
        q.empty(1)
        q.full(x=1)
        q.task_done(1)
        q.join(1)
        q.qsize()
    ''',
    'tasks are counted by puts': '''
        q = m.JoinableQueue()
        q.join()
        q.task_done()
        q.put(1), q.put(2)
        joiner = later(q.join)
        q.get(), q.task_done()
        joiner.waits()
        q.task_done()
        joiner.result()
        q.qsize()
        q.task_done()
        q.join()
    ''',
    'both names make the same type': '''
        q = m.Queue()
        q.put(1), q.task_done(), q.join()
        type(q).__name__, type(m.JoinableQueue()).__name__
        sorted(n for n in dir(q) if not n.startswith('_'))
        sorted(n for n in dir(m.JoinableQueue(5)) if not n.startswith('_'))
    ''',
    'what a queue does not expose': '''
        q = m.Queue(3)
        call(q, 'maxsize')
        call(q, 'queue')
        call(q, '__len__')
        call(q, 'close')
        call(q, '#GETVALUE')
        call(q, '__str__')
        call(q, '_qsize')
        call(q, '__getattribute__', 'maxsize')
        str(q)
    ''',
    'a bounded queue keeps order under waiters': '''
        q = m.Queue(2)
        putter = later(lambda: [q.put(i) for i in range(50)] and None)
        [q.get(timeout=10) for _ in range(50)]
        putter.result()
        q.empty()
    ''',
    'several getters each take one item': '''
        q = m.Queue()
        getters = [later(lambda: q.get(timeout=10)) for _ in range(5)]
        [q.put(i) for i in range(5)][-1]
        sorted(getter.result() for getter in getters)
        q.empty()
    ''',
})
class QueueTest(Interop):
    pass


@unittest.skipIf(sys.version_info < (3, 13), 'Queue.shutdown came with 3.13')
@table({
    'a queue that is shut down gives what it has': '''
        q = m.Queue()
        q.put(1), q.put(2)
        q.shutdown()
        q.put(3)
        q.put_nowait(3)
        q.get(), q.get()
        q.get()
        q.get_nowait()
        q.get(timeout=5)
        q.qsize(), q.empty()
        q.shutdown()
        q.task_done(), q.task_done()
        q.join()
    ''',
    'a shutdown at once empties the queue': '''
        q = m.Queue()
        q.put(1), q.put(2)
        joiner = later(q.join)
        joiner.waits()
        q.shutdown(immediate=True)
        joiner.result()
        q.qsize()
        q.get()
        q.task_done()
    ''',
    'a shutdown wakes who waits': '''
        q = m.Queue()
        getter = later(q.get)
        getter.waits()
        q.shutdown()
        getter.result()
        b = m.Queue(1)
        b.put(1)
        putter = later(lambda: b.put(2))
        putter.waits()
        b.shutdown(True)
        putter.result()
        b.shutdown(1, 2)
        b.shutdown(nonsense=1)
    ''',
})
class ShutdownTest(Interop):
    pass


if __name__ == '__main__':
    unittest.main()
