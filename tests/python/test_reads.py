# SPDX-License-Identifier: MIT
"""What clients keep of what they have read, beside others that change it."""

import multiprocessing
import os
import signal
import unittest
from multiprocessing import managers

import package  # noqa: F401
import syncmanager
from servers import Daemon, wait_until
from syncmanager import proxies

fork = multiprocessing.get_context('fork')
REGISTERED = {'row': 'list([0])', 'table': "dict({'n': 0})", 'number': "Value('i', 0)"}
ROUNDS = 40  # of each writer, before it is killed


class SocketsOnly(syncmanager.SyncManager):
    sockets_only = True


class Objects:
    """A list, a dict and a Value of a server's, which hold one number that only rises."""

    def __init__(self, running, base, module):
        class Client(base):
            pass

        Client.register('row', proxytype=module.ListProxy)
        Client.register('table', proxytype=module.DictProxy)
        Client.register('number', proxytype=module.ValueProxy)
        manager = Client(running.address, running.key)
        manager.connect()
        self.row, self.table, self.number = manager.row(), manager.table(), manager.number()

    def write(self, n):
        self.row[0] = self.table['n'] = self.number.value = n

    def read(self):
        return min(self.row[0], self.table['n'], self.number.value)


KEEPS = syncmanager.SyncManager, proxies
ASKS = SocketsOnly, proxies
STOCK = managers.SyncManager, managers


class RisingTest(unittest.TestCase):
    """Whoever reads gets what anybody was told before, at least."""

    def setUp(self):
        self.running = Daemon(REGISTERED).__enter__()
        self.addCleanup(self.running.stop)
        # What each process was told, who began to write what, how often it was read; and the end.
        self.told, self.reads = fork.RawArray('q', 8), fork.RawArray('q', 8)
        self.begun, self.over = fork.RawValue('q', 0), fork.RawValue('b', 0)
        self.processes = []

    def run_process(self, function, number, *kind):
        process = fork.Process(target=function, args=(number, *kind))
        process.start()
        self.processes.append(process)
        return process

    def read(self, number, *kind):
        objects = Objects(self.running, *kind)
        while not self.over.value:
            least = max(self.told)
            found = objects.read()
            if found < least:
                raise SystemExit('%d was read after %d' % (found, least))
            self.told[number] = found
            self.reads[number] += 3

    def write(self, number, *kind):
        objects = Objects(self.running, *kind)
        while True:
            self.begun.value += 1
            objects.write(self.begun.value)
            self.told[number] = self.begun.value

    def test_nobody_reads_less_than_anybody_was_told(self):
        calls = self.running.connect(syncmanager.SyncManager)._ask('sm_info')['calls']
        readers = [self.run_process(self.read, number, *kind)
                   for number, kind in enumerate((KEEPS, KEEPS, ASKS, STOCK))]
        for kind in KEEPS, ASKS, STOCK, KEEPS:
            begun = self.begun.value
            writer = self.run_process(self.write, 4, *kind)
            self.assertTrue(wait_until(lambda: self.begun.value > begun + ROUNDS
                                       or not all(each.is_alive() for each in readers)))
            os.kill(writer.pid, signal.SIGKILL)
            writer.join()
        written, self.over.value = self.begun.value, 1
        for each in readers:
            each.join()
        self.assertEqual([0, 0, 0, 0], [each.exitcode for each in readers])
        self.assertGreaterEqual(written, max(self.told))
        calls = self.running.connect(syncmanager.SyncManager)._ask('sm_info')['calls'] - calls
        self.assertGreater(sum(self.reads), calls)  # what was kept was read without a call


if __name__ == '__main__':
    unittest.main()
