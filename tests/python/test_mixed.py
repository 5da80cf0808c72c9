# SPDX-License-Identifier: MIT
"""Stock clients and C clients on a manager that the package started, and its client elsewhere.

The interop tests, too, are run both ways (meson.build): on a server of the package's, and by its
clients.
"""

import multiprocessing
import os
import pickle
import subprocess
import sys
import unittest
from multiprocessing.reduction import ForkingPickler

from package import HERE, INTEROP
import syncmanager
import things
from counter import Counter
from servers import KEY, PATIENCE, Daemon, daemon_path, format_address
from test_c_client import COUNTED, PROGRAM
from test_own_types import EXAMPLES, Loaded


class Manager(things.OurManager):
    pass


Manager.register('Counter', Counter)


def without_the_package():
    environment = dict(os.environ, SYNCMANAGER_AUTHKEY=KEY.decode(), PYTHONPATH=INTEROP)
    return environment


class ServerTest(unittest.TestCase):
    maxDiff = None

    def start(self, cls):
        multiprocessing.current_process().authkey = KEY
        manager = cls(authkey=KEY)
        manager.start()
        self.addCleanup(manager.shutdown)
        return manager

    def ask(self, manager):
        """What a stock client prints on it, given two proxies of ours."""
        given = [manager.list(['here']), manager.Thing(1)]
        done = subprocess.run(
            [sys.executable, os.path.join(HERE, 'stock_client.py'),
             format_address(manager.address)],
            input=bytes(ForkingPickler.dumps(given)), stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, env=without_the_package(), timeout=3 * PATIENCE)
        self.assertEqual(['here', 'from afar'], given[0][:])
        self.assertEqual(12, given[1].add(1))
        return done.stdout.decode()

    def test_a_stock_client_has_the_same_from_it(self):
        stock = self.ask(self.start(things.StandardManager))
        self.assertTrue(stock.endswith('\nFalse\n'), stock)
        self.assertMultiLineEqual(stock, self.ask(self.start(Manager)))

    @unittest.skipUnless(os.access(PROGRAM, os.X_OK), 'there is no tests/client/against')
    def test_a_c_client_calls_a_class_that_python_has(self):
        manager = self.start(Manager)
        output = subprocess.run(
            [PROGRAM, format_address(manager.address), str(sys.version_info[1]), 'counter'],
            env=without_the_package(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, universal_newlines=True, timeout=3 * PATIENCE).stdout
        self.assertIn(COUNTED, output)


@unittest.skipIf(daemon_path() is None, 'there is no syncmanagerd')
class ClientTest(unittest.TestCase):
    """Of objects that C registered."""

    def connect(self, server, *names):
        class Client(syncmanager.SyncManager):
            pass

        for name in names:
            Client.register(name)
        multiprocessing.current_process().authkey = KEY
        client = Client(server.address, KEY)
        client.connect()
        return client

    def test_an_object_that_the_daemon_registered(self):
        with Daemon({'word': '"educative"', 'jobs': 'Queue(2)'}) as server:
            client = self.connect(server, 'word', 'jobs')
            self.assertEqual('Educative', client.word().capitalize())
            self.assertEqual("'educative'", str(client.word()))
            client.jobs().put({'page': 1})
            self.assertEqual({'page': 1}, client.jobs().get())

    def test_an_object_of_a_type_written_in_c(self):
        if not os.path.exists(os.path.join(EXAMPLES, 'maths.so')):
            self.skipTest('there is no maths.so')
        with Loaded() as server:
            total = self.connect(server, 'Total').Total(10)
            self.assertEqual(15, total.add(5))
            half = total.half()
            self.assertIsInstance(half, syncmanager.BaseProxy)
            self.assertEqual(8, half.add(1))
            again = pickle.loads(ForkingPickler.dumps(half))
            self.assertEqual(9, again.add(1))
            with self.assertRaises(TypeError):
                total.add('x')


if __name__ == '__main__':
    unittest.main()
