# SPDX-License-Identifier: MIT
"""The standard library's own multiprocessing on an address with TLS: by the package's syncmanager.tls,
which is loaded here as a file of its own, and by stunnel."""

import importlib.util
import multiprocessing
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import unittest
from multiprocessing import connection, managers

import certificates
from servers import KEY, ROOT, Daemon, forget_connection, wait_until

FILE = os.path.join(ROOT, 'python', 'syncmanager', 'tls.py')


def load():
    """syncmanager.tls, without the package."""
    spec = importlib.util.spec_from_file_location('stock_tls', FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def setUpModule():
    global ca, server_files, client_files, tls
    if not certificates.available():
        raise unittest.SkipTest('no openssl command')
    ca = certificates.Authority()
    server_files = ca.issue('server', ['localhost', '127.0.0.1'])
    client_files = ca.issue('client', subject='worker.example')
    tls = load()


def tearDownModule():
    ca.remove()


class TlsDaemon(Daemon):
    def __init__(self, *options, **keywords):
        self.options = options
        super().__init__(address='tls://127.0.0.1:0', **keywords)

    def command(self, address):
        return super().command(address) + [
            '--tls-certificate', server_files.certificate, '--tls-key', server_files.key,
            *self.options]


def append_own_pid(items, count):
    for _ in range(count):
        items.append(os.getpid())


class Case(unittest.TestCase):
    def serve(self, *options, **keywords):
        server = TlsDaemon(*options, **keywords)
        self.addCleanup(server.kill)
        return server

    def context(self, files=None):
        context = ssl.create_default_context(cafile=ca.certificate)
        if files:
            context.load_cert_chain(files.certificate, files.key)
        return context


class HelperTest(Case):
    """Two lines, and multiprocessing connects by TLS."""

    def install(self, context):
        self.addCleanup(setattr, connection, 'SocketClient', connection.SocketClient)
        tls.install(context)

    def test_a_manager_is_used_as_ever(self):
        server = self.serve(registered={'jobs': 'Queue(10)'})
        self.install(self.context())
        manager = server.connect()
        items = manager.list([1])
        items.append('x' * 1000000)
        self.assertEqual([1, 'x' * 1000000], items[:])
        manager.jobs().put(2)
        self.assertEqual(2, manager.jobs().get())
        with manager.Lock():
            pass
        table = manager.dict(items=items)
        self.assertEqual(1, table['items'][0])
        server.stop()

    def test_forked_children_connect_by_themselves(self):
        server = self.serve()
        self.install(self.context())
        items = server.connect().list()
        context = multiprocessing.get_context('fork')
        children = [context.Process(target=append_own_pid, args=(items, 10)) for _ in range(3)]
        for child in children:
            child.start()
        for child in children:
            child.join()
        self.assertEqual({child.pid for child in children}, set(items[:]))
        self.assertEqual(30, len(items))
        server.stop()

    def test_a_client_shows_its_certificate(self):
        server = self.serve('--tls-client-ca', ca.certificate)
        self.install(self.context(client_files))
        manager = server.connect()
        manager.list()  # a connection that stays
        conn = manager._Client(manager.address, authkey=KEY)
        rows = managers.dispatch(conn, None, 'sm_clients')[1]
        self.assertEqual({'worker.example'}, {row['tls'] for row in rows})
        conn.close()
        server.stop()

    def test_sighup_takes_a_renewed_certificate_and_drops_nobody(self):
        for name in server_files:
            shutil.copy(name, name + '.old')
            self.addCleanup(os.rename, name + '.old', name)
        server = self.serve()
        self.install(self.context())
        items = server.connect().list()
        address = server.address[len('tls://'):].split(':')

        def shown():
            with socket.create_connection(address) as plain:
                with self.context().wrap_socket(plain, server_hostname=address[0]) as conn:
                    return conn.getpeercert()['subject'][0][0][1]

        self.assertEqual('server', shown())
        renewed = ca.issue('renewed', ['127.0.0.1'])
        for new, old in zip(renewed, server_files):
            os.rename(new, old)
        server.process.send_signal(signal.SIGHUP)
        self.assertTrue(wait_until(lambda: shown() == 'renewed'))
        items.append(1)  # on the connection that there was
        self.assertEqual([1], items[:])
        self.assertEqual('renewed', shown())
        server.stop()

    def test_a_certificate_that_is_not_trusted_is_refused(self):
        server = self.serve()
        self.install(ssl.create_default_context())
        self.assertRaises(ssl.SSLError, server.connect)
        server.stop()

    def test_a_plain_port_is_told_from_one_with_tls(self):
        server = Daemon(address='127.0.0.1:0')
        self.addCleanup(server.kill)
        self.install(self.context())
        self.assertRaises(ssl.SSLError, connection.Client, 'tls://127.0.0.1:%d' % server.address[1])
        server.stop()

    def test_other_addresses_are_reached_as_before(self):
        server = Daemon()
        self.addCleanup(server.kill)
        self.install(self.context())
        self.assertEqual([1], server.connect().list([1])[:])
        server.stop()

    def test_what_is_no_address_is_refused(self):
        for address in 'tls://', 'tls://host', 'tls://host:', 'tls://host:x', 'http://host:1':
            self.assertRaises(ValueError, tls.connect, address, self.context())


@unittest.skipUnless(shutil.which('stunnel'), 'no stunnel')
class StunnelTest(Case):
    def tunnel(self, server, *lines):
        """A plain port from which stunnel goes to the server."""
        with socket.socket() as sock:
            sock.bind(('127.0.0.1', 0))
            port = sock.getsockname()[1]
        config = ca.path('stunnel-%d.conf' % port)
        with open(config, 'w') as file:
            print('foreground=yes', 'pid=', 'debug=err', '[manager]', 'client=yes',
                  'accept=127.0.0.1:%d' % port, 'connect=' + server.address[len('tls://'):],
                  'CAfile=' + ca.certificate, 'verifyChain=yes', 'checkHost=localhost', *lines,
                  sep='\n', file=file)
        process = subprocess.Popen(['stunnel', config], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)

        def listens():
            with socket.socket() as sock:
                return sock.connect_ex(('127.0.0.1', port)) == 0

        self.assertTrue(wait_until(listens))
        return '127.0.0.1', port

    def use(self, address):
        self.addCleanup(forget_connection, address)
        multiprocessing.current_process().authkey = KEY
        manager = managers.SyncManager(address, authkey=KEY)
        manager.connect()
        items = manager.list([1])
        items.append('x' * 1000000)
        self.assertEqual([1, 'x' * 1000000], items[:])
        with manager.Lock():
            pass
        return manager

    def test_a_manager_is_used_as_ever(self):
        server = self.serve()
        self.use(self.tunnel(server))
        server.stop()

    def test_stunnel_shows_a_certificate(self):
        server = self.serve('--tls-client-ca', ca.certificate)
        manager = self.use(self.tunnel(server, 'cert=' + client_files.certificate,
                                       'key=' + client_files.key))
        conn = manager._Client(manager.address, authkey=KEY)
        rows = managers.dispatch(conn, None, 'sm_clients')[1]
        self.assertEqual({'worker.example'}, {row['tls'] for row in rows})
        conn.close()
        server.stop()


if __name__ == '__main__':
    sys.exit(unittest.main())
