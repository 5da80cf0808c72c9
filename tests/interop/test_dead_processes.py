# SPDX-License-Identifier: MIT
"""Whose death it is: processes, their children, threads, connections and pids.

Each test runs on both servers. Those that CPython's own server does not pass say so; it is held to
that too, so that what docs/compatibility.md says of it stays true.
"""

import os
import pickle
import shutil
import subprocess
import sys
import unittest

from deaths import UnseeingDaemon, alive, kill, on
from servers import HERE, wait_until
from victim import wait_at_rest


class ForkTest(unittest.TestCase):
    """A process is not its children, and not its connections."""

    @on(stock=False, lock='Lock()', own='RLock()')
    def test_a_child_does_not_keep_what_the_dead_held(self, scene):
        victim = scene.victim('lock, own = manager.lock(), manager.own()',
                              'lock.acquire(), own.acquire()', 'held = manager.list()')
        child = scene.forked(victim, 'fork()')
        lock, own = scene.manager.lock(), scene.manager.own()
        self.assertEqual(scene.objects(), 3)
        victim.kill()
        self.assertTrue(lock.acquire(True, scene.soon))
        self.assertTrue(own.acquire(True, scene.soon))
        self.assertTrue(wait_until(lambda: scene.objects() == 2, scene.soon))
        self.assertTrue(alive(child))

    @on(stock=False, jobs='Queue()')
    def test_a_child_does_not_keep_the_dead_waiting(self, scene):
        victim = scene.victim('jobs = manager.jobs()', 'jobs.qsize()')
        scene.forked(victim, 'fork()')
        victim.begin_blocked('jobs.get()')
        victim.kill()
        wait_at_rest(scene.server.pid)
        jobs = scene.manager.jobs()
        jobs.put('job')
        self.assertEqual(jobs.get(timeout=scene.soon), 'job')

    @on(stock=False, jobs='Queue()')
    def test_a_child_does_not_keep_an_answer_that_the_dead_did_not_read(self, scene):
        jobs = scene.manager.jobs()
        jobs.put('job')
        victim = scene.victim('conn = raw()')
        scene.forked(victim, 'fork()')
        victim.must('conn.send((%r, "get", (), {}))' % jobs._token.id)
        victim.wait_blocked()
        victim.kill()
        self.assertEqual(jobs.get(timeout=scene.soon), 'job')

    @on(stock=True, lock='Lock()', own='RLock()')
    def test_a_child_that_dies_takes_nothing_from_its_parent(self, scene):
        victim = scene.victim('lock, own = manager.lock(), manager.own()',
                              'lock.acquire(), own.acquire()', 'held = manager.list()')
        child = scene.forked(victim, 'fork()')
        kill(child)
        wait_at_rest(scene.server.pid)
        self.assertFalse(scene.manager.lock().acquire(False))
        self.assertFalse(scene.manager.own().acquire(False))
        self.assertEqual(victim.do('held.append(1), lock.release(), own.release()'),
                         '(None, None, None)')

    @on(stock=True)
    def test_a_child_of_multiprocessing_holds_what_it_was_given(self, scene):
        victim = scene.victim('held = manager.list([1])')
        child = scene.forked(victim, 'child(lambda: held.append(2))')
        held = pickle.loads(eval(victim.do('pickle.dumps(held)')))
        ident = held._token.id
        victim.kill()
        del held
        wait_at_rest(scene.server.pid)
        self.assertTrue(alive(child))
        self.assertIn(ident, scene.manager._debug_info())

    @on(stock=False)
    def test_what_the_last_of_a_family_held_is_freed(self, scene):
        victim = scene.victim('held = manager.list([1])')
        child = scene.forked(victim, 'child(lambda: held.append(2))')
        victim.kill()
        wait_at_rest(scene.server.pid)
        self.assertEqual(scene.objects(), 1)
        kill(child)
        self.assertTrue(wait_until(lambda: scene.objects() == 0, scene.soon))

    @on(stock=True, jobs='Queue()')
    def test_a_child_goes_on_with_a_connection_that_nothing_was_under_way_on(self, scene):
        daemon = scene.victim('jobs = manager.jobs()', 'jobs.put("before")',
                              'os.fork() and os._exit(0)')  # from here on this is the child
        daemon.process.wait()
        wait_at_rest(scene.server.pid)
        self.assertEqual(daemon.do('jobs.put("after"), jobs.get(), jobs.get()'),
                         "(None, 'before', 'after')")

    @on(stock=True, lock='Lock()')
    def test_exec_changes_nothing(self, scene):
        victim = scene.victim('lock = manager.lock()', 'lock.acquire()')
        victim.begin('os.execv(%r, ["sleep", "1000"])' % shutil.which('sleep'))
        self.assertTrue(wait_until(lambda: name_of(victim.pid) == 'sleep'))
        wait_at_rest(scene.server.pid)
        self.assertFalse(scene.manager.lock().acquire(False))

    @on(stock=False, lock='Lock()')
    def test_what_a_process_held_before_exec_goes_when_it_dies(self, scene):
        victim = scene.victim('lock = manager.lock()', 'lock.acquire()')
        victim.begin('os.execv(%r, ["sleep", "1000"])' % shutil.which('sleep'))
        self.assertTrue(wait_until(lambda: name_of(victim.pid) == 'sleep'))
        victim.kill()
        self.assertTrue(scene.manager.lock().acquire(True, scene.soon))

    THREAD = 'import threading; t = threading.Thread(target=lock.acquire); t.start(); t.join()'

    @on(stock=True, lock='Lock()')
    def test_a_lock_outlasts_the_thread_that_acquired_it(self, scene):
        victim = scene.victim('lock = manager.lock()', self.THREAD)
        wait_at_rest(scene.server.pid)
        self.assertFalse(scene.manager.lock().acquire(False))
        self.assertEqual(victim.do('lock.release()'), 'None')

    @on(stock=None, lock='RLock()')  # the next thread may have the number of the one that ended
    def test_an_rlock_goes_with_its_thread(self, scene):
        scene.victim('lock = manager.lock()', self.THREAD)
        self.assertTrue(scene.manager.lock().acquire(True, scene.soon))

    @on(stock=False, lock='Lock()')
    def test_a_lock_that_a_thread_left_goes_when_the_process_dies(self, scene):
        victim = scene.victim('lock = manager.lock()', self.THREAD)
        victim.kill()
        self.assertTrue(scene.manager.lock().acquire(True, scene.soon))


def name_of(pid):
    with open('/proc/%d/comm' % pid) as file:
        return file.read().strip()


class StrangeProcessTest(unittest.TestCase):
    """Processes whose pids say nothing."""

    @on(UnseeingDaemon, stock=None, lock='Lock()')
    def test_a_process_of_another_namespace_is_seen_to_die(self, scene):
        victim = scene.victim('lock = manager.lock()', 'lock.acquire()', 'held = manager.list()')
        waiter = scene.victim('lock = manager.lock()', 'manager.list()')
        waiter.begin_blocked('lock.acquire()')
        victim.kill()
        self.assertEqual(waiter.end(scene.soon), 'True')
        self.assertTrue(wait_until(lambda: scene.objects() == 1, scene.soon))

    def test_one_is_not_taken_for_another_that_had_its_pid(self):
        alone = ['unshare', '--user', '--map-root-user', '--pid', '--fork', '--mount-proc',
                 '--kill-child']
        if subprocess.call(alone + ['true'], timeout=60) != 0:
            self.skipTest('no namespaces to be had here')
        status = subprocess.call(alone + [sys.executable, os.path.join(HERE, 'reuse.py')],
                                 timeout=60)
        if status == 77:
            self.skipTest('pids cannot be chosen here')
        self.assertEqual(status, 0)


if __name__ == '__main__':
    unittest.main()
