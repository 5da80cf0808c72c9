# SPDX-License-Identifier: MIT
"""Clients that die: nothing is lost with them, and nobody waits for them.

Each test runs on both servers. Those that CPython's own server does not pass say so; it is held to
that too, so that what docs/compatibility.md says of it stays true.
"""

import pickle
import signal
import unittest

from deaths import KeepingDaemon, on
from servers import wait_until
from victim import wait_at_rest


class WaitingTest(unittest.TestCase):
    """Killed while it waits."""

    @on(stock=False, jobs='Queue()')
    def test_an_item_goes_to_a_living_consumer(self, scene):
        victim = scene.victim('jobs = manager.jobs()')
        victim.begin_blocked('jobs.get()')
        victim.kill()
        wait_at_rest(scene.server.pid)
        jobs = scene.manager.jobs()
        jobs.put('job')
        self.assertEqual(jobs.get(timeout=scene.soon), 'job')

    @on(stock=False, lock='Lock()')
    def test_a_lock_is_never_granted_to_the_dead(self, scene):
        lock = scene.manager.lock()
        lock.acquire()
        victim = scene.victim('lock = manager.lock()')
        victim.begin_blocked('lock.acquire()')
        victim.kill()
        wait_at_rest(scene.server.pid)
        lock.release()
        self.assertTrue(lock.acquire(True, scene.soon))

    @on(stock=False, permits='Semaphore(0)')
    def test_a_permit_goes_to_a_living_waiter(self, scene):
        permits = scene.manager.permits()
        victim = scene.victim('permits = manager.permits()')
        victim.begin_blocked('permits.acquire()')
        victim.kill()
        wait_at_rest(scene.server.pid)
        permits.release()
        self.assertTrue(permits.acquire(True, scene.soon))

    @on(stock=False)
    def test_a_barrier_does_not_count_the_dead(self, scene):
        barrier = 'barrier = pickle.loads(%r)' % pickle.dumps(scene.keep(scene.manager.Barrier(2)))
        victim = scene.victim(barrier)
        victim.begin_blocked('barrier.wait()')
        victim.kill()
        wait_at_rest(scene.server.pid)
        survivor = scene.victim(barrier)
        self.assertRegex(survivor.do('barrier.wait(%f)' % scene.soon), '^BrokenBarrierError')

    @on(stock=False)
    def test_those_who_waited_with_the_dead_at_a_barrier_are_told(self, scene):
        barrier = 'barrier = pickle.loads(%r)' % pickle.dumps(scene.keep(scene.manager.Barrier(3)))
        survivor = scene.victim(barrier)
        survivor.begin_blocked('barrier.wait()')
        victim = scene.victim(barrier)
        victim.begin_blocked('barrier.wait()')
        victim.kill()
        self.assertRegex(survivor.end(scene.soon), '^BrokenBarrierError')

    @on(stock=False, condition='Condition()')
    def test_a_notification_goes_to_a_living_waiter(self, scene):
        victim = scene.victim('c = manager.condition()', 'c.acquire()')
        victim.begin_blocked('c.wait()')
        survivor = scene.victim('c = manager.condition()', 'c.acquire()')
        survivor.begin_blocked('c.wait()')
        victim.kill()
        wait_at_rest(scene.server.pid)
        condition = scene.manager.condition()
        self.assertTrue(condition.acquire(True, scene.soon))
        condition.notify()
        condition.release()
        self.assertEqual(survivor.end(scene.soon), 'True')

    @on(stock=False, condition='Condition()')
    def test_a_notified_waiter_that_died_leaves_the_lock_and_the_notification(self, scene):
        victim = scene.victim('c = manager.condition()', 'c.acquire()')
        victim.begin_blocked('c.wait()')
        survivor = scene.victim('c = manager.condition()', 'c.acquire()')
        survivor.begin_blocked('c.wait()')
        condition = scene.manager.condition()
        condition.acquire()
        condition.notify()
        victim.kill()
        wait_at_rest(scene.server.pid)
        condition.release()
        self.assertEqual(survivor.end(scene.soon), 'True')

    @on(stock=False, jobs='Queue()')
    def test_many_that_wait_take_nothing_with_them(self, scene):
        jobs = scene.manager.jobs()
        victims = [scene.victim('jobs = manager.jobs()') for _ in range(6)]
        for victim in victims:
            victim.begin('jobs.get()')
        for victim in victims:
            victim.wait_blocked()
        for victim in victims:
            victim.kill()
        wait_at_rest(scene.server.pid)
        for i in range(6):
            jobs.put(i)
        self.assertEqual([jobs.get(timeout=scene.soon) for i in range(6)], list(range(6)))


class HoldingTest(unittest.TestCase):
    """Killed while it holds a lock."""

    @on(stock=False, lock='Lock()')
    def test_a_lock_goes_to_the_next_waiter(self, scene):
        victim = scene.victim('lock = manager.lock()', 'lock.acquire()')
        waiter = scene.victim('lock = manager.lock()')
        waiter.begin_blocked('lock.acquire()')
        victim.kill()
        self.assertEqual(waiter.end(scene.soon), 'True')
        self.assertRegex(scene.server.read_errors(),
                         'warning: Lock [0-9a-f]+ released: its owner, process %d .*, has ended'
                         % victim.pid)

    @on(stock=False, lock='Lock()')
    def test_a_lock_that_nobody_waits_for_is_free(self, scene):
        victim = scene.victim('lock = manager.lock()', 'lock.acquire()')
        victim.kill()
        lock = scene.manager.lock()
        self.assertTrue(lock.acquire(True, scene.soon))

    @on(stock=True, lock='Lock()')
    def test_a_lock_is_released_by_whoever_meant_to(self, scene):
        lock = scene.manager.lock()
        scene.victim('lock = manager.lock()', 'lock.acquire()').kill()
        wait_at_rest(scene.server.pid)
        lock.release()
        with self.assertRaises(RuntimeError):
            lock.release()

    @on(stock=False, lock='RLock()')
    def test_an_rlock_goes_to_the_next_waiter(self, scene):
        victim = scene.victim('lock = manager.lock()', 'lock.acquire()', 'lock.acquire()')
        waiter = scene.victim('lock = manager.lock()')
        waiter.begin_blocked('lock.acquire()')
        victim.kill()
        self.assertEqual(waiter.end(scene.soon), 'True')
        self.assertEqual(waiter.do('lock.release()'), 'None')

    @on(stock=False, condition='Condition()')
    def test_a_condition_goes_to_the_next_waiter(self, scene):
        victim = scene.victim('c = manager.condition()', 'c.acquire()')
        waiter = scene.victim('c = manager.condition()')
        waiter.begin_blocked('c.acquire()')
        victim.kill()
        self.assertEqual(waiter.end(scene.soon), 'True')

    @on(stock=False)
    def test_a_condition_over_a_lock_does_too(self, scene):
        lock = scene.manager.Lock()
        condition = scene.manager.Condition(lock)
        victim = scene.victim('lock = pickle.loads(%r)' % pickle.dumps(lock), 'lock.acquire()')
        victim.kill()
        self.assertTrue(condition.acquire(True, scene.soon))
        self.assertFalse(condition.wait(0.001))

    @on(KeepingDaemon, stock=False, lock='RLock()')
    def test_a_stranger_never_enters_anothers_rlock(self, scene):
        victim = scene.victim('lock = manager.lock()', 'lock.acquire()')
        victim.kill()
        wait_at_rest(scene.server.pid)
        strangers = [scene.raw() for _ in range(20)]
        ident = scene.manager.lock()._token.id
        for stranger in strangers:
            stranger.send((ident, 'acquire', (False,), {}))
        self.assertEqual([stranger.recv() for stranger in strangers], [('#RETURN', False)] * 20)

    @on(KeepingDaemon, stock=True, lock='Lock()')
    def test_a_lock_may_be_kept_locked(self, scene):
        victim = scene.victim('lock = manager.lock()', 'lock.acquire()')
        victim.kill()
        self.assertFalse(scene.manager.lock().acquire(True, 0.3))

    @on(KeepingDaemon, stock=True)
    def test_references_may_be_kept(self, scene):
        victim = scene.victim('held = [manager.list() for _ in range(10)]')
        victim.kill()
        wait_at_rest(scene.server.pid)
        self.assertEqual(scene.objects(), 10)

    @on(stock=True, permits='Semaphore(1)')
    def test_a_semaphore_has_no_owner(self, scene):
        victim = scene.victim('permits = manager.permits()', 'permits.acquire()')
        victim.kill()
        self.assertFalse(scene.manager.permits().acquire(True, 0.3))

    @on(stock=True, lock='Lock()')
    def test_a_lock_that_another_has_released_is_not_the_deads(self, scene):
        victim = scene.victim('lock = manager.lock()', 'lock.acquire()')
        lock = scene.manager.lock()
        lock.release()
        lock.acquire()
        victim.kill()
        wait_at_rest(scene.server.pid)
        self.assertFalse(lock.acquire(False))

    @on(stock=False, lock='Lock()')
    def test_a_lock_of_many_is_handed_on_from_death_to_death(self, scene):
        victims = [scene.victim('lock = manager.lock()') for _ in range(5)]
        for victim in victims:
            victim.begin_blocked('lock.acquire()')
        for victim in victims:
            self.assertEqual(victim.end(scene.soon), 'True')
            victim.kill()
        self.assertTrue(scene.manager.lock().acquire(True, scene.soon))


class UndeliveredTest(unittest.TestCase):
    """Killed when the answer is on its way."""

    def call_and_die(self, scene, proxy, method):
        """A client calls, is answered, and killed before it has read the answer."""
        victim = scene.victim('conn = raw()', 'conn.send((%r, %r, (), {}))' % (
            proxy._token.id, method))
        victim.wait_blocked()
        victim.kill()
        wait_at_rest(scene.server.pid)

    @on(stock=False, permits='Semaphore(1)')
    def test_a_permit_goes_back(self, scene):
        permits = scene.manager.permits()
        self.call_and_die(scene, permits, 'acquire')
        self.assertTrue(permits.acquire(True, scene.soon))

    @on(stock=False, lock='Lock()')
    def test_a_lock_goes_back(self, scene):
        lock = scene.manager.lock()
        self.call_and_die(scene, lock, 'acquire')
        self.assertTrue(lock.acquire(True, scene.soon))

    @on(stock=None, lock='RLock()')  # which may go to a stranger whose thread has its number
    def test_an_rlock_goes_back(self, scene):
        lock = scene.manager.lock()
        self.call_and_die(scene, lock, 'acquire')
        self.assertTrue(lock.acquire(True, scene.soon))

    @on(stock=False, jobs='Queue()')
    def test_an_item_goes_back_to_its_old_place(self, scene):
        jobs = scene.manager.jobs()
        for i in range(3):
            jobs.put(i)
        self.call_and_die(scene, jobs, 'get')
        self.assertEqual([jobs.get(timeout=scene.soon) for _ in range(3)], [0, 1, 2])

    @on(stock=False, jobs='Queue()')
    def test_an_item_for_one_that_was_stopped_goes_back(self, scene):
        victim = scene.victim('jobs = manager.jobs()')
        victim.begin_blocked('jobs.get()')
        victim.signal(signal.SIGSTOP)
        jobs = scene.manager.jobs()
        jobs.put('job')
        wait_at_rest(scene.server.pid)
        victim.kill()
        self.assertEqual(jobs.get(timeout=scene.soon), 'job')

    @on(stock=False)
    def test_a_reference_goes_back(self, scene):
        victim = scene.victim('from victim import connect; conn = connect(manager)',
                              'conn.send((None, "create", ("list",), {}))')
        self.assertTrue(wait_until(lambda: scene.objects() == 1))
        victim.kill()
        self.assertTrue(wait_until(lambda: scene.objects() == 0, scene.soon))


class ReferencesTest(unittest.TestCase):
    """Killed with references to objects."""

    @on(stock=False)
    def test_a_thousand_objects_that_only_it_held_are_freed(self, scene):
        shared = scene.manager.list([1])
        victim = scene.victim('held = [manager.list(range(100)) for _ in range(1000)]',
                              'held.append(pickle.loads(%r))' % pickle.dumps(shared))
        self.assertEqual(scene.objects(), 1001)
        victim.kill()
        self.assertTrue(wait_until(lambda: scene.objects() == 1, scene.soon))
        self.assertEqual(shared[:], [1])
        self.assertIn('process %d ' % victim.pid, scene.server.read_errors())

    @on(stock=True)
    def test_what_another_holds_lives(self, scene):
        victim = scene.victim('held = manager.list([1])')
        held = pickle.loads(eval(victim.do('pickle.dumps(held)')))
        victim.kill()
        wait_at_rest(scene.server.pid)
        self.assertEqual(held[:], [1])

    @on(stock=True, shelf='list()')
    def test_what_stands_in_a_container_lives(self, scene):
        victim = scene.victim('inner = manager.list([1])', 'manager.shelf().append(inner)')
        victim.kill()
        wait_at_rest(scene.server.pid)
        self.assertEqual(scene.manager.shelf()[0][:], [1])

    @on(stock=True)
    def test_one_may_give_back_what_another_took(self, scene):
        shared = scene.manager.list([1])
        ident = shared._token.id
        taker, giver = scene.victim(), scene.victim()
        taker.do('ask("incref", %r)' % ident)
        giver.do('ask("decref", %r)' % ident)
        giver.kill()
        taker.kill()
        wait_at_rest(scene.server.pid)
        self.assertEqual(shared[:], [1])

    @on(stock=True)
    def test_what_one_took_and_another_gave_back_is_gone(self, scene):
        taker, giver = scene.victim(), scene.victim()
        ident = eval(taker.do('ask("create", "list")'))[0]
        giver.do('ask("incref", %r)' % ident)
        giver.do('ask("decref", %r), ask("decref", %r)' % (ident, ident))
        self.assertEqual(scene.objects(), 0)
        taker.kill()
        wait_at_rest(scene.server.pid)
        self.assertEqual(scene.objects(), 0)


if __name__ == '__main__':
    unittest.main()
