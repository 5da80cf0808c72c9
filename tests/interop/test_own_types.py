# SPDX-License-Identifier: MIT
"""Types written in C: in a plug-in of the daemon, and in a server of a program's own.

The clients are the standard library's. SYNCMANAGER_EXAMPLES is where the examples were built.
"""

import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from multiprocessing import managers

from cases import Later
from servers import PATIENCE, ROOT, Daemon, client_class, daemon_path, parse_address, wait_until

EXAMPLES = os.environ.get('SYNCMANAGER_EXAMPLES', os.path.join(ROOT, 'build', 'examples'))

WAITER = '''
import sys
sys.path.insert(0, %r)
from servers import client_class, parse_address
manager = client_class(['Total'])(parse_address(sys.argv[1]), b'interop')
manager.connect()
from multiprocessing import current_process
current_process().authkey = b'interop'
total = manager.Total(0)
print('waits', flush=True)
total.wait_for(100)
'''


class Loaded(Daemon):
    """The daemon with the plug-in of examples/maths.c."""

    def command(self, address):
        return super().command(address) + ['--load', os.path.join(EXAMPLES, 'maths.so')]


class PluginTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if daemon_path() is None:
            raise unittest.SkipTest('there is no syncmanagerd')
        cls.server = Loaded()
        cls.manager = cls.server.connect(client_class(['Total']))

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def test_an_object_is_made_with_arguments(self):
        self.assertEqual(12, self.manager.Total(10).add(2))
        self.assertEqual(2, self.manager.Total().add(2))
        self.assertEqual(7, self.manager.Total(start=5).add(n=2))

    def test_the_proxy_has_the_methods_of_the_type(self):
        names = [name for name in dir(self.manager.Total()) if not name.startswith('_')]
        self.assertEqual(['add', 'half', 'wait_for'], names)

    def test_wrong_arguments_are_refused(self):
        for args in (('x',), (1, 2)):
            with self.subTest(args=args), self.assertRaisesRegex(Exception, 'TypeError'):
                self.manager.Total(*args)

    def test_wrong_arguments_of_methods_are_refused(self):
        total = self.manager.Total()
        for args in ((), ('x',), (1, 2)):
            with self.subTest(args=args), self.assertRaises(TypeError):
                total.add(*args)

    def test_a_parked_call_is_answered_by_anothers(self):
        total = self.manager.Total(10)
        waits = Later(lambda: total.wait_for(20))
        self.assertTrue(waits.waits())
        self.assertEqual(15, total.add(5))
        self.assertTrue(waits.waits())
        self.assertEqual(21, total.add(6))
        self.assertEqual(21, waits.result())

    def test_a_method_returns_a_new_object(self):
        total = self.manager.Total(10)
        half = total.half()
        self.assertIsInstance(half, managers.BaseProxy)
        self.assertEqual(6, half.add(1))
        self.assertEqual(10, total.add(0))

    def test_objects_go_with_their_proxies(self):
        before = self.manager._number_of_objects()
        total = self.manager.Total(1)
        half = total.half()
        self.assertEqual(before + 2, self.manager._number_of_objects())
        del total, half
        self.assertTrue(wait_until(lambda: self.manager._number_of_objects() == before))

    def test_a_proxy_is_stored_in_another_object(self):
        shared = self.manager.dict()
        shared['total'] = self.manager.Total(3)
        self.assertEqual(4, shared['total'].add(1))

    def test_a_call_of_a_client_that_died_is_withdrawn(self):
        address = 'unix:' + self.server.address
        waiter = subprocess.Popen([sys.executable, '-c', WAITER % os.path.dirname(__file__), address],
                                  stdout=subprocess.PIPE)
        self.assertEqual(b'waits\n', waiter.stdout.readline())
        waiter.kill()
        waiter.wait()
        waiter.stdout.close()
        self.assertEqual(1, self.manager.Total(1).add(0))


class LoadTest(unittest.TestCase):
    """A plug-in that cannot be had stops the daemon, and it says why."""

    def setUp(self):
        if daemon_path() is None:
            self.skipTest('there is no syncmanagerd')
        self.folder = tempfile.mkdtemp(prefix='sm-')
        self.addCleanup(shutil.rmtree, self.folder)

    def load(self, path):
        done = subprocess.run([daemon_path(), '--address', 'unix:' + self.folder + '/socket',
                               '--load', path], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              universal_newlines=True, timeout=PATIENCE,
                              env=dict(os.environ, SYNCMANAGER_AUTHKEY='key'))
        self.assertEqual(2, done.returncode)
        return done.stderr

    def build(self, text):
        if shutil.which('cc') is None:
            self.skipTest('there is no C compiler')
        path = os.path.join(self.folder, 'plugin.so')
        subprocess.run(['cc', '-shared', '-fPIC', '-I' + os.path.join(ROOT, 'include'), '-x', 'c',
                        '-', '-o', path], input='#include <syncmanager.h>\n' + text,
                       universal_newlines=True, check=True)
        return path

    def test_a_missing_file_is_told(self):
        self.assertRegex(self.load(self.folder + '/none.so'), 'none.so: .*No such file')

    def test_another_version_is_refused(self):
        path = self.build('SM_API const struct sm_plugin syncmanager_plugin = {99, 0};\n')
        self.assertIn('made for version 99 of the plug-in interface', self.load(path))

    def test_what_is_no_plug_in_is_refused(self):
        self.assertIn('syncmanager_plugin', self.load(self.build('int nothing;\n')))

    def test_an_init_that_fails_is_told(self):
        path = self.build('static int init(struct sm_server *server)\n'
                          '{ return sm_server_register(server, "x", "wrong("); }\n'
                          'SM_PLUGIN(init);\n')
        self.assertRegex(self.load(path), '^syncmanagerd: ')


class EmbeddedTest(unittest.TestCase):
    """The server of examples/embedded.c, in a thread of its process."""

    def test_a_program_serves_and_is_served(self):
        program = os.path.join(EXAMPLES, 'embedded')
        if not os.access(program, os.X_OK):
            self.skipTest('the examples are not built')
        process = subprocess.Popen([program, '127.0.0.1:0'], stdout=subprocess.PIPE,
                                   universal_newlines=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        address = parse_address(process.stdout.readline().split()[-1])
        multiprocessing.current_process().authkey = b'secret'
        manager = client_class(['jobs'])(address, b'secret')
        manager.connect()
        jobs = manager.jobs()
        for job in ({'page': 1}, 'two', None):
            jobs.put(job)
        self.assertEqual("job {'page': 1}\njob 'two'\n", process.stdout.read())
        self.assertEqual(0, process.wait(PATIENCE))


if __name__ == '__main__':
    unittest.main()
