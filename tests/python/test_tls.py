# SPDX-License-Identifier: MIT
"""Managers of the package whose addresses begin with tls://, and what of that children are given."""

import contextlib
import multiprocessing
import os
import pickle
import socket
import ssl
import unittest

import package  # noqa: F401: where syncmanager is
import certificates
import syncmanager
from servers import KEY, Daemon
from syncmanager import _client

METHODS = multiprocessing.get_all_start_methods()


def setUpModule():
    global ca, server_files, client_files
    if not certificates.available():
        raise unittest.SkipTest('no openssl command')
    ca = certificates.Authority()
    server_files = ca.issue('server', ['localhost', '127.0.0.1'])
    client_files = ca.issue('client', subject='worker.example')


def tearDownModule():
    ca.remove()


def put_first(items, jobs):
    jobs.put(items[0])


class Hosted:
    def answer(self):
        return 42


class Manager(syncmanager.SyncManager):
    pass


Manager.register('Hosted', Hosted)


class StartedTest(unittest.TestCase):
    """A server that is started here."""

    def start(self, method='fork', **files):
        manager = Manager('tls://127.0.0.1:0', authkey=KEY, ctx=multiprocessing.get_context(method),
                          tls_ca=ca.certificate, tls_certificate=server_files.certificate,
                          tls_key=server_files.key, **files)
        manager.start()
        self.addCleanup(manager.shutdown)
        return manager

    def test_its_address_has_a_port(self):
        self.assertRegex(self.start().address, r'^tls://127\.0\.0\.1:[1-9]\d*$')

    def test_objects_in_c_and_in_python(self):
        manager = self.start()
        items = manager.list(['x' * 1000000])
        self.assertEqual('x' * 1000000, items.pop())
        with manager.Lock():
            self.assertEqual(42, manager.Hosted().answer())
        table = manager.dict(items=items)
        table['items'].append(1)
        self.assertEqual([1], items[:])

    def test_children_of_every_kind_reach_it(self):
        for method in METHODS:
            with self.subTest(method):
                manager = self.start(method)
                items, jobs = manager.list([method]), manager.Queue()
                child = multiprocessing.get_context(method).Process(target=put_first,
                                                                    args=(items, jobs))
                child.start()
                self.assertEqual(method, jobs.get(timeout=20))
                child.join()
                self.assertEqual(0, child.exitcode)

    def test_a_pickled_proxy_is_used_where_the_address_is_known(self):
        items = self.start().list([1])
        multiprocessing.current_process().authkey = KEY
        self.assertEqual([1], pickle.loads(pickle.dumps(items))[:])

    def test_clients_show_certificates_where_the_server_wants_them(self):
        manager = self.start(tls_client_ca=ca.certificate)
        self.assertEqual('server', manager._ask('sm_clients')[1][0]['tls'])
        manager.list()

    def test_a_server_without_a_certificate_does_not_start(self):
        manager = Manager('tls://127.0.0.1:0', authkey=KEY)
        with self.assertRaises(syncmanager.ManagerGone) as raised:
            manager.start()
        self.assertIn('TLS needs a certificate and its key', str(raised.exception))

    def test_files_that_are_of_no_use_are_told_of(self):
        manager = Manager('tls://127.0.0.1:0', authkey=KEY, tls_certificate='/no/such')
        with self.assertRaises(FileNotFoundError) as raised:
            manager.start()
        self.assertIn('/no/such: No such file or directory', str(raised.exception))
        with self.assertRaises(ValueError):
            Manager('tls://127.0.0.1:0', authkey=KEY, tls_certificate=server_files.key).get_server()

    def test_files_are_for_addresses_with_tls_alone(self):
        for address in None, ('127.0.0.1', 0), '/tmp/socket':
            with self.assertRaises(ValueError):
                Manager(address, tls_ca=ca.certificate)

    def test_a_context_of_ssl_is_no_argument(self):
        with self.assertRaises(TypeError):
            Manager('tls://127.0.0.1:0', ssl_context=ssl.create_default_context())


class TlsDaemon(Daemon):
    def __init__(self, *options):
        self.options = options
        super().__init__(address='tls://127.0.0.1:0')

    def command(self, address):
        return super().command(address) + [
            '--tls-certificate', server_files.certificate, '--tls-key', server_files.key,
            *self.options]


class ConnectedTest(unittest.TestCase):
    """A daemon."""

    def serve(self, *options):
        server = TlsDaemon(*options)
        self.addCleanup(server.kill)
        return server

    def connect(self, address, **files):
        manager = syncmanager.SyncManager(address, authkey=KEY, **files)
        self.addCleanup(_client.tls.pop, address, None)
        manager.connect()
        return manager

    def test_a_name_or_an_ip_address(self):
        server = self.serve()
        for address in server.address, server.address.replace('127.0.0.1', 'localhost'):
            manager = self.connect(address, tls_ca=ca.certificate)
            self.assertEqual([1], manager.list([1])[:])
        server.stop()

    def test_paths_may_be_bytes_and_path_objects_and_relative(self):
        import pathlib
        server = self.serve()
        here = os.getcwd()
        self.addCleanup(os.chdir, here)
        os.chdir(ca.folder)
        for path in 'ca.pem', b'ca.pem', pathlib.Path('ca.pem'):
            manager = self.connect(server.address, tls_ca=path)
            os.chdir(here)
            self.assertEqual([1], manager.list([1])[:])
            os.chdir(ca.folder)
        server.stop()

    def test_the_environment_says_what_no_argument_does(self):
        server = self.serve('--tls-client-ca', ca.certificate)
        names = {'SYNCMANAGER_TLS_CA': ca.certificate,
                 'SYNCMANAGER_TLS_CERTIFICATE': client_files.certificate,
                 'SYNCMANAGER_TLS_KEY': client_files.key}
        with contextlib.ExitStack() as stack:
            for name, value in names.items():
                os.environ[name] = value
                stack.callback(os.environ.pop, name)
            manager = self.connect(server.address)
        self.assertEqual('worker.example', manager._ask('sm_clients')[1][0]['tls'])
        server.stop()

    def check_ssl_error(self, words, address, **files):
        with self.assertRaises(ssl.SSLError) as raised:
            self.connect(address, **files)
        self.assertIn(words, str(raised.exception))

    def test_what_two_ends_do_not_agree_on_is_an_ssl_error(self):
        server = self.serve('--tls-client-ca', ca.certificate)
        self.check_ssl_error('who has signed', server.address)
        self.check_ssl_error('wants a certificate of its clients', server.address,
                             tls_ca=ca.certificate)
        server.stop()

    def test_a_plain_port_is_told(self):
        server = Daemon(address='127.0.0.1:0')
        self.addCleanup(server.kill)
        self.check_ssl_error('does not speak TLS', 'tls://127.0.0.1:%d' % server.address[1],
                             tls_ca=ca.certificate)

    def test_a_port_with_tls_is_told(self):
        server = self.serve()
        host, port = server.address[len('tls://'):].split(':')
        with self.assertRaises(multiprocessing.AuthenticationError) as raised:
            syncmanager.SyncManager((host, int(port)), authkey=KEY).connect()
        self.assertIn('the manager speaks TLS there', str(raised.exception))
        server.stop()

    def test_nobody_there_is_told_as_ever(self):
        with socket.socket() as sock:
            sock.bind(('127.0.0.1', 0))
            address = 'tls://127.0.0.1:%d' % sock.getsockname()[1]
        with self.assertRaises(ConnectionRefusedError):
            self.connect(address, tls_ca=ca.certificate)

    def test_a_key_that_differs_is_told_as_ever(self):
        server = self.serve()
        manager = syncmanager.SyncManager(server.address, authkey=b'wrong', tls_ca=ca.certificate)
        with self.assertRaises(multiprocessing.AuthenticationError):
            manager.connect()
        server.stop()


if __name__ == '__main__':
    unittest.main()
