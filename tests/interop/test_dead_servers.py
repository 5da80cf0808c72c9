# SPDX-License-Identifier: MIT
"""Servers that are killed, and servers whose creator is: nobody waits, nothing is left behind."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from deaths import alive, kill, on
from servers import ROOT, format_address, wait_until
from victim import wait_at_rest

BUILD = os.path.join(ROOT, 'build')
CREATOR = os.environ.get('SYNCMANAGER_CREATOR', os.path.join(BUILD, 'tests/client/creator'))
CTL = os.environ.get('SYNCMANAGERCTL', os.path.join(BUILD, 'syncmanagerctl'))
AT_ONCE = 1.0  # seconds

WAITS = ['lock.acquire()', 'lock.acquire(True, 60)', 'jobs.get()', 'barrier.wait()', 'event.wait()',
         'condition.acquire() and condition.wait()']
SETUP = ('lock, jobs, event, condition, barrier = manager.lock(), manager.jobs(), manager.event(),'
         ' manager.condition(), manager.Barrier(2)')


class DeadServerTest(unittest.TestCase):
    @on(stock=True, lock='Lock()', jobs='Queue()', event='Event()',
        condition='Condition()')
    def test_a_client_that_waits_is_told_at_once(self, scene):
        scene.manager.lock().acquire()
        waiting = [scene.victim(SETUP) for _ in WAITS]
        for victim, call in zip(waiting, WAITS):
            victim.begin_blocked(call)
        kill(scene.server.pid)
        killed = time.monotonic()
        for victim in waiting:
            self.assertRegex(victim.end(), '^(EOFError|ConnectionResetError|BrokenPipeError)')
        self.assertLess(time.monotonic() - killed, AT_ONCE)

    @on(stock=True, jobs='Queue()')
    def test_a_client_in_c_that_waits_is_told_at_once(self, scene):
        client = subprocess.Popen(
            [CTL, '--address', format_address(scene.server.address), '--authkey-file',
             scene.server.key_file, 'call', 'jobs', 'get'],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)
        wait_at_rest(client.pid, scene.server.pid)
        kill(scene.server.pid)
        killed = time.monotonic()
        _, errors = client.communicate(timeout=10)
        self.assertLess(time.monotonic() - killed, AT_ONCE)
        self.assertEqual(client.returncode, 2)
        self.assertIn('the manager went away', errors)


class DeadCreatorTest(unittest.TestCase):
    def start(self, *command):
        """A process that has started a manager: it, the manager's pid, and its address."""
        creator = subprocess.Popen(command, stdout=subprocess.PIPE, universal_newlines=True)
        self.addCleanup(creator.stdout.close)
        self.addCleanup(creator.wait)
        self.addCleanup(creator.kill)
        address = creator.stdout.readline().rstrip('\n')
        with open('/proc/%d/task/%d/children' % (creator.pid, creator.pid)) as file:
            manager = max(int(pid) for pid in file.read().split())
        self.addCleanup(kill, manager)
        return creator, manager, address

    def test_the_manager_ends_and_its_socket_goes(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'socket')
            for address in (['unix:' + path], []):
                creator, manager, address = self.start(CREATOR, *address)
                path = address[len('unix:'):]
                self.assertTrue(os.path.exists(path))
                creator.kill()
                self.assertTrue(wait_until(lambda: not alive(manager)))
                self.assertFalse(os.path.exists(path))
        self.assertFalse(os.path.exists(os.path.dirname(path)))

    def test_a_manager_that_is_stopped_ends_when_it_goes_on(self):
        creator, manager, address = self.start(CREATOR)
        os.kill(manager, signal.SIGSTOP)
        creator.kill()
        creator.wait()
        os.kill(manager, signal.SIGCONT)
        self.assertTrue(wait_until(lambda: not alive(manager)))
        self.assertFalse(os.path.exists(address[len('unix:'):]))

    def test_the_stock_manager_lives_on(self):
        program = ('import multiprocessing, signal\n'
                   'manager = multiprocessing.get_context("fork").Manager()\n'
                   'print("unix:" + manager.address, flush=True)\nsignal.pause()')
        creator, manager, address = self.start(sys.executable, '-c', program)
        creator.kill()
        creator.wait()
        wait_at_rest(manager)
        self.assertTrue(alive(manager))
        self.assertTrue(os.path.exists(address[len('unix:'):]))


if __name__ == '__main__':
    unittest.main()
