# SPDX-License-Identifier: MIT
"""What is around a manager: folders for its socket, descriptors, transports of a program's own."""

import multiprocessing
import os
import resource
import shutil
import tempfile
import threading
import unittest
from multiprocessing import connection, managers
from unittest import mock

import package
import syncmanager
from servers import wait_until

KEY = b'surroundings'


class FolderTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='sm-')
        self.addCleanup(shutil.rmtree, self.folder)
        self.long = os.path.join(self.folder, 'l' * 60, 'm' * 60)
        os.makedirs(self.long)

    def check(self, folder):
        program = ('import syncmanager, tempfile\n'
                   'tempfile.tempdir = %r\n'
                   'with syncmanager.Manager() as manager:\n'
                   '    print(manager.list([1]))\n'
                   '    print(manager.address)\n' % folder)
        status, output = package.run('-c', program)
        self.assertEqual(0, status, output)
        result, address = output.splitlines()
        self.assertEqual('[1]', result)
        self.assertFalse(os.path.exists(os.path.dirname(address)), 'the folder is left behind')

    def test_a_manager_starts_where_paths_of_temporary_files_are_too_long(self):
        self.check(self.long)

    def test_a_manager_starts_where_there_is_no_folder_for_temporary_files(self):
        self.check(os.path.join(self.folder, 'missing'))

    def test_a_manager_without_any_folder_has_an_abstract_address(self):
        with mock.patch('tempfile.mkdtemp', side_effect=OSError), \
                mock.patch.dict(multiprocessing.process.current_process()._config):
            multiprocessing.process.current_process()._config.pop('tempdir', None)
            server = syncmanager.SyncManager(authkey=KEY).get_server()
        self.assertEqual(b'\0syncmanager-', server.address[:13])
        thread = threading.Thread(target=self.serve, args=(server,))
        thread.start()
        try:
            client = managers.SyncManager(server.address, KEY)  # the standard library's
            client.connect()
            self.assertEqual([1], client.list([1])[:])
        finally:
            server.stop_event.set()
            thread.join(package.PATIENCE)

    @staticmethod
    def serve(server):
        try:
            server.serve_forever()
        except SystemExit:
            pass
        finally:
            del multiprocessing.current_process()._manager_server


def allow_descriptors(soft, hard):
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Limits:
    def get(self):
        return resource.getrlimit(resource.RLIMIT_NOFILE)


class Manager(syncmanager.SyncManager):
    pass


Manager.register('Limits', Limits)


class DescriptorTest(unittest.TestCase):
    def test_the_server_may_have_as_many_as_the_system_allows(self):
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        manager = Manager()
        manager.start(allow_descriptors, (200, hard))
        self.addCleanup(manager.shutdown)
        self.assertEqual((hard, hard), manager.Limits().get())

    def test_clients_that_are_too_many_wait_and_then_are_served(self):
        program = ('import test_surroundings as t\n'
                   't.crowd()\n')
        status, output = package.run('-c', program, cwd=package.HERE)
        self.assertEqual(0, status, output)
        self.assertRegex(output, r'^(syncmanager: process [0-9]+: 63 connections are open, which is '
                                 r'the limit: others wait until one ends\n)+100 \[\]\n$')


def crowd():
    """A hundred threads where there is room for some sixty connections."""
    manager = syncmanager.SyncManager()
    manager.start(allow_descriptors, (128, 128))
    table = manager.dict()
    enough, errors = threading.Event(), []
    served = threading.Semaphore(0)

    def call(number):
        try:
            table[number] = number
            served.release()
            enough.wait()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=call, args=(number,)) for number in range(100)]
    for thread in threads:
        thread.start()
    for _ in range(50):
        served.acquire()
    wait_until(lambda: manager._reach().call('sm_info', ())[1]['full'], package.PATIENCE)
    enough.set()
    for thread in threads:
        thread.join()
    print(len(table), errors)
    manager.shutdown()


used = []


class Listener(connection.Listener):
    def accept(self):
        used.append('listener')
        return super().accept()


def client(*args, **kwds):
    used.append('client')
    return connection.Client(*args, **kwds)


class Uses:
    def get(self):
        return list(used)


Manager.register('Uses', Uses)


class TransportTest(unittest.TestCase):
    """A program's own listener and client, as a wrapper for TLS would be."""

    def check(self, serializer):
        context = multiprocessing.get_context('fork')
        with mock.patch.dict(managers.listener_client, {serializer: (Listener, client)}):
            del used[:]
            with Manager(serializer=serializer, ctx=context) as manager:
                numbers = manager.list([1])
                self.assertEqual(1, manager.list([numbers])[0][0])
                self.assertEqual(numbers[:], manager.list([numbers])[0][:])
                self.assertIn('client', used)
                self.assertIn('listener', manager.Uses().get())
                del numbers

    def test_one_in_place_of_pickles_is_used(self):
        self.check('pickle')

    def test_one_of_another_name_is_used(self):
        self.check('mine')

    def test_the_usual_one_is_used_again_afterwards(self):
        self.check('pickle')
        with Manager() as manager:
            self.assertIsNotNone(manager.list()._handle)


if __name__ == '__main__':
    unittest.main()
