# SPDX-License-Identifier: MIT
"""Clients that are there and do not answer: stopped, or at the other end of a cable that is out."""

import os
import signal
import subprocess
import unittest

from deaths import on
from servers import ROOT, Daemon, format_address, parse_address
from victim import wait_at_rest

KEEPALIVE = 2  # seconds
CTL = os.environ.get('SYNCMANAGERCTL', os.path.join(ROOT, 'build', 'syncmanagerctl'))


class ImpatientDaemon(Daemon):
    """It cuts whoever is out of reach."""

    def command(self, address):
        return super().command(address) + ['--keepalive', str(KEEPALIVE)]


class CableDaemon(ImpatientDaemon):
    """In a network of its own, whose cable can be pulled. It serves a Unix socket, too."""

    def command(self, address):
        prefix = ['unshare', '--user', '--map-root-user', '--net', 'sh', '-c',
                  'ip link set lo up && exec "$@"', 'sh']
        if subprocess.call([*prefix, 'true'], stderr=subprocess.DEVNULL) != 0:
            raise unittest.SkipTest('no namespaces here')
        return prefix + super().command(address) + ['--address', '127.0.0.1:0']

    def wait_for_address(self):
        address = super().wait_for_address()
        self.remote = parse_address(self.process.stdout.readline().split()[-1])
        return address

    @property
    def inside(self):
        return ['nsenter', '--target', str(self.pid), '--user', '--net', '--preserve-credentials']

    def pull(self):
        subprocess.check_call([*self.inside, 'ip', 'link', 'set', 'lo', 'down'])


def remote_victim(scene, *lines):
    return scene.victim(*lines, address=scene.server.remote, prefix=scene.server.inside)


class UnreachableTest(unittest.TestCase):

    @on(CableDaemon, stock=None, lock='RLock()')
    def test_an_rlock_goes_when_its_owner_is_out_of_reach(self, scene):
        remote_victim(scene, 'lock = manager.lock()', 'lock.acquire()')
        waiter = scene.victim('lock = manager.lock()')
        waiter.begin_blocked('lock.acquire()')
        scene.server.pull()
        self.assertEqual(waiter.end(10 * KEEPALIVE), 'True')

    @on(CableDaemon, stock=None, jobs='Queue()')
    def test_an_item_goes_to_one_within_reach(self, scene):
        victim = remote_victim(scene, 'jobs = manager.jobs()')
        victim.begin_blocked('jobs.get()')
        scene.server.pull()
        jobs = scene.manager.jobs()
        jobs.put('job')
        self.assertEqual(jobs.get(timeout=10 * KEEPALIVE), 'job')

    @on(CableDaemon, stock=None, jobs='Queue()')
    def test_a_client_that_answers_probes_may_wait_for_long(self, scene):
        victim = remote_victim(scene, 'jobs = manager.jobs()')
        victim.begin_blocked('jobs.get()')
        self.assertFalse(scene.manager.Semaphore(0).acquire(True, 3 * KEEPALIVE))
        scene.manager.jobs().put('job')
        self.assertEqual(victim.end(), "'job'")

    @on(ImpatientDaemon, stock=None, jobs='Queue()')
    def test_what_a_stopped_client_does_not_take_goes_to_another(self, scene):
        victim = scene.victim('jobs = manager.jobs()', 'jobs.qsize()')
        victim.begin_blocked('len(jobs.get())')
        victim.signal(signal.SIGSTOP)
        jobs = scene.manager.jobs()
        jobs.put(b'x' * 8000000)
        self.assertEqual(len(jobs.get(timeout=10 * KEEPALIVE)), 8000000)

    @on(ImpatientDaemon, stock=None, jobs='Queue()')
    def test_a_stopped_client_finds_its_answer_when_it_goes_on(self, scene):
        victim = scene.victim('jobs = manager.jobs()', 'jobs.qsize()')
        victim.begin_blocked('jobs.get()')
        victim.signal(signal.SIGSTOP)
        scene.manager.jobs().put('job')
        self.assertFalse(scene.manager.Semaphore(0).acquire(True, 3 * KEEPALIVE))
        victim.signal(signal.SIGCONT)
        self.assertEqual(victim.end(), "'job'")

    @on(CableDaemon, stock=None, jobs='Queue()')
    def test_syncmanagerctl_finds_out_about_a_manager_out_of_reach(self, scene):
        ctl = subprocess.Popen(
            [*scene.server.inside, CTL, '--address', format_address(scene.server.remote),
             '--authkey-file', scene.server.key_file, '--keepalive', '1', 'call', 'jobs', 'get'],
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, universal_newlines=True)
        wait_at_rest(ctl.pid, scene.server.pid)
        scene.server.pull()
        self.assertIn('the manager is out of reach', ctl.communicate(timeout=10)[1])
        self.assertEqual(2, ctl.returncode)


if __name__ == '__main__':
    unittest.main()
