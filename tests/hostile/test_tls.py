#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What may happen to an address with TLS: handshakes that are cut, slow or garbage, floods of records,
and all that two ends may not agree on, of which both are told within a second."""

import os
import random
import re
import signal
import socket
import ssl
import struct
import subprocess
import tempfile
import time
import unittest

from daemons import Case  # first: it knows where the others are
import certificates
from raw import CHALLENGE, Raw
from servers import KEY, ROOT, Daemon, Stock, wait_until

CTL = os.environ.get('SYNCMANAGERCTL', os.path.join(ROOT, 'build', 'syncmanagerctl'))
HOSTS = ['localhost', '127.0.0.1']


def setUpModule():
    global ca, server_files
    if not certificates.available():
        raise unittest.SkipTest('no openssl command')
    ca = certificates.Authority()
    unittest.addModuleCleanup(ca.remove) if hasattr(unittest, 'addModuleCleanup') else None
    server_files = ca.issue('server', HOSTS)


def tearDownModule():
    ca.remove()


def port_of(address):
    return int(address.rsplit(':', 1)[1])


class TlsCase(Case):
    def serve_tls(self, *options, files=None):
        files = files or server_files
        return self.serve('--tls-certificate', files.certificate, '--tls-key', files.key, *options,
                          address='tls://127.0.0.1:0')

    def ping(self, address, *options, ca_file=None, status=0):
        """What syncmanagerctl says, and the seconds that it takes."""
        start = time.monotonic()
        done = subprocess.run(
            [CTL, '--address', address, '--tls-ca', ca_file or ca.certificate, *options, 'ping'],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True, timeout=20,
            env=dict(os.environ, SYNCMANAGER_AUTHKEY=KEY.decode()))
        self.assertEqual(status, done.returncode, done.stderr)
        return done.stderr if status else done.stdout, time.monotonic() - start

    def check_served(self, server):
        self.assertRegex(self.ping(server.address)[0], 'answers in')

    def check_log(self, server, pattern):
        self.assertTrue(wait_until(lambda: re.search(pattern, server.read_errors()), 1),
                        server.read_errors())

    def connect(self, server):
        sock = socket.create_connection(('127.0.0.1', port_of(server.address)), 10)
        self.addCleanup(sock.close)
        return sock


class Disagreements(TlsCase):
    """Both ends are told, in words, within a second."""

    def check(self, address, words, *options, ca_file=None):
        said, seconds = self.ping(address, *options, ca_file=ca_file, status=2)
        self.assertIn(words, said)
        self.assertLess(seconds, 1.5 if 'SANITIZED' not in os.environ else 10)

    def test_an_unknown_signer(self):
        server = self.serve_tls()
        with certificates.Authority('another') as other:
            self.check(server.address, "it is not known here who has signed the manager's certificate",
                       ca_file=other.certificate)
        self.check_log(server, "refused: the client does not know who has signed")
        server.stop()

    def test_a_certificate_for_another_host(self):
        server = self.serve_tls(files=ca.issue('elsewhere', ['elsewhere.example']))
        self.check(server.address, 'is not for this IP address')
        self.check_log(server, "refused: the client does not accept this server's certificate")
        by_name = server.address.replace('127.0.0.1', 'localhost')
        self.check(by_name, "the manager's certificate is not for the host 'localhost'")
        server.stop()

    def test_a_client_without_a_certificate(self):
        server = self.serve_tls('--tls-client-ca', ca.certificate)
        self.check(server.address, 'the manager wants a certificate of its clients')
        self.check_log(server, 'refused: the client has shown no certificate')
        server.stop()

    def test_a_client_with_a_certificate_of_somebody_else(self):
        server = self.serve_tls('--tls-client-ca', ca.certificate)
        with certificates.Authority('another') as other:
            files = other.issue('stranger')
            self.check(server.address, "does not know who has signed this client's certificate",
                       '--tls-certificate', files.certificate, '--tls-key', files.key)
        self.check_log(server, "refused: it is not known here who has signed the client's")
        server.stop()

    def test_a_tls_client_on_a_plain_port(self):
        server = self.serve(address='127.0.0.1:0')
        self.check('tls://127.0.0.1:%d' % server.address[1], 'the manager does not speak TLS there')
        self.check_log(server, 'refused: it speaks TLS, and an address without tls:// does not')
        server.stop()

    def test_a_plain_client_on_a_tls_port(self):
        server = self.serve_tls()
        self.check(server.address[len('tls://'):],
                   'the manager speaks TLS there: its address begins with tls://')
        self.check_log(server, 'refused: it says nothing: a client without TLS')
        server.stop()

    def test_a_stock_client_on_a_tls_port(self):
        server = self.serve_tls()
        start = time.monotonic()
        with Raw(('127.0.0.1', port_of(server.address))) as raw:
            self.assertIn(b'this port speaks TLS alone', raw.receive())
            self.assertRaises(EOFError, raw.receive)
        self.assertLess(time.monotonic() - start, 1)
        server.stop()

    def test_versions_that_do_not_meet(self):
        server = self.serve_tls()
        done = subprocess.run(
            ['openssl', 's_client', '-connect', server.address[len('tls://'):], '-tls1_1', '-cipher',
             'DEFAULT@SECLEVEL=0'], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=10)
        self.assertIn(b'protocol version', done.stdout)
        self.check_log(server, 'refused: there is no version of TLS that both ends accept')
        server.stop()

    def test_a_server_of_an_old_version(self):
        old = subprocess.Popen(
            ['openssl', 's_server', '-accept', '0', '-tls1_1', '-cipher', 'DEFAULT@SECLEVEL=0',
             '-cert', server_files.certificate, '-key', server_files.key],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            universal_newlines=True)
        self.addCleanup(old.stdout.close)
        self.addCleanup(old.wait)
        self.addCleanup(old.stdin.close)
        self.addCleanup(old.kill)
        for line in old.stdout:
            if line.startswith('ACCEPT '):
                port = int(line.rsplit(':', 1)[1])
                break
        self.check('tls://127.0.0.1:%d' % port, 'there is no version of TLS that both ends accept')

    def test_nobody_there(self):
        with socket.socket() as sock:
            sock.bind(('127.0.0.1', 0))
            port = sock.getsockname()[1]
        self.check('tls://127.0.0.1:%d' % port, 'no manager is there')

    def test_another_key(self):
        server = self.serve_tls()
        start = time.monotonic()
        done = subprocess.run(
            [CTL, '--address', server.address, '--tls-ca', ca.certificate, 'ping'],
            stderr=subprocess.PIPE, universal_newlines=True, timeout=20,
            env=dict(os.environ, SYNCMANAGER_AUTHKEY='wrong'))
        self.assertIn("the key is not the manager's", done.stderr)
        self.assertLess(time.monotonic() - start, 1.5)
        server.stop()


class Files(unittest.TestCase):
    """A server that could not serve does not start, and says why."""

    def check(self, pattern, *options):
        with self.assertRaises(RuntimeError) as raised:
            class Bad(Daemon):
                def command(self, address):
                    return super().command(address) + list(options)
            Bad(address='tls://127.0.0.1:0').kill()
        self.assertRegex(str(raised.exception), pattern)

    def test_none(self):
        self.check(r'tls://127.0.0.1:0: TLS needs a certificate and its key \(--tls-certificate\)')

    def test_one_that_is_not_there(self):
        self.check('/no/such: No such file or directory', '--tls-certificate', '/no/such')

    def test_a_key_that_may_not_be_read(self):
        self.check('/no/key: No such file or directory', '--tls-certificate',
                   server_files.certificate, '--tls-key', '/no/key')

    def test_one_that_has_run_out(self):
        files = ca.issue_old('old', HOSTS)
        self.check(r'old.pem: the certificate ran out on Jan +2 00:00:00 2020 GMT',
                   '--tls-certificate', files.certificate, '--tls-key', files.key)

    def test_a_key_of_another_certificate(self):
        other = ca.issue('other', HOSTS)
        self.check(r'other.key: the key does not fit the certificate in \S+server.pem',
                   '--tls-certificate', server_files.certificate, '--tls-key', other.key)

    def test_a_key_of_another_kind(self):
        other = ca.issue('rsa', HOSTS, key=['-newkey', 'rsa:2048', '-nodes'])
        self.check(r'rsa.key: the key does not fit the certificate in \S+server.pem',
                   '--tls-certificate', server_files.certificate, '--tls-key', other.key)

    def test_a_key_with_a_passphrase(self):
        ca.openssl('pkey', '-in', server_files.key, '-aes256', '-passout', 'pass:secret', '-out',
                   'locked.key')
        self.check('locked.key: the key has a passphrase', '--tls-certificate',
                   server_files.certificate, '--tls-key', ca.path('locked.key'))

    def test_what_is_no_certificate(self):
        self.check('server.key: there is no certificate in it', '--tls-certificate',
                   server_files.key)

    def test_what_is_no_key(self):
        self.check('server.pem: there is no key in it', '--tls-certificate',
                   server_files.certificate)

    def test_no_certificates_of_clients(self):
        self.check('server.key: there is no certificate in it', '--tls-certificate',
                   server_files.certificate, '--tls-key', server_files.key, '--tls-client-ca',
                   server_files.key)


class Encrypted(Raw):
    """A client whose connection is encrypted already."""

    def __init__(self, sock):
        self.key, self.legacy, self.socket = KEY, False, sock


class Renewal(TlsCase):
    """SIGHUP has the certificate read anew, and what is there is no certificate."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.files = certificates.Files(*(os.path.join(self.folder.name, name)
                                          for name in ('certificate', 'key')))
        self.put(server_files)
        self.server = self.serve_tls(files=self.files)

    def put(self, files):
        """As whoever renews it does: a new file, renamed to the old one's name."""
        for source, target in zip(files, self.files):
            with open(source, 'rb') as old, open(target + '.new', 'wb') as new:
                new.write(old.read())
            os.rename(target + '.new', target)

    def read_anew(self, words):
        before = self.server.read_errors().count(words)
        self.server.process.send_signal(signal.SIGHUP)
        self.assertTrue(wait_until(lambda: self.server.read_errors().count(words) > before),
                        self.server.read_errors())

    def open(self):
        """A connection, and the name in the certificate that the server has shown for it."""
        context = ssl.create_default_context(cafile=ca.certificate)
        sock = context.wrap_socket(self.connect(self.server), server_hostname='localhost')
        raw = Encrypted(sock)
        self.addCleanup(raw.close)
        raw.handshake().accept()
        return raw, dict(name[0] for name in sock.getpeercert()['subject'])['commonName']

    def check_answered(self, *raws):
        for raw in raws:
            self.assertEqual(('#RETURN', None), raw.call(None, 'dummy'))

    def test_a_file_that_will_not_do_is_refused_in_words_and_the_old_one_stays(self):
        old, name = self.open()
        garbage = os.path.join(self.folder.name, 'garbage')
        with open(garbage, 'w') as file:
            file.write('no certificate')
        other = ca.issue('other', HOSTS)
        for files in ((garbage, garbage), (server_files.certificate, other.key)):
            self.put(files)
            self.read_anew('the certificates stay as they were')
            new, name = self.open()
            self.assertEqual('server', name)
            self.check_answered(old, new)
        os.unlink(self.files.certificate)
        self.read_anew('the certificates stay as they were')
        self.check_answered(old, self.open()[0])
        self.server.stop()


def client_hello():
    """What a client begins with, as ssl writes it."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context(cafile=ca.certificate)
    try:
        context.wrap_bio(incoming, outgoing, server_hostname='localhost').do_handshake()
    except ssl.SSLWantReadError:
        return outgoing.read()


class Hostile(TlsCase):
    def ended(self, sock, seconds=5):
        """Whether the server closes the connection in time; what it says first is read."""
        sock.settimeout(seconds)
        try:
            while sock.recv(65536):
                pass
            return True
        except ConnectionError:
            return True
        except socket.timeout:
            return False

    def test_garbage(self):
        server = self.serve_tls()
        for garbage in (b'\0', b'GET / HTTP/1.1\r\n\r\n', b'\xff' * 100000, bytes(65536),
                        b'\x16\x03\x01\xff\xff' + b'x' * 100, struct.pack('!i', 10) + b'x' * 10,
                        b'\x15\x03\x01\x00\x02\x02\x28', b'\x14\x03\x03\x00\x01\x01',
                        b'\x17\x03\x03\x00\x02xx', b'\x80\x2e\x01\x03\x01' + bytes(60)):
            with self.subTest(garbage[:8]):
                sock = self.connect(server)
                try:
                    sock.sendall(garbage)
                except ConnectionError:
                    pass
                self.assertTrue(self.ended(sock))
        self.check_served(server)
        server.stop()

    def test_a_handshake_that_is_changed_anywhere(self):
        server = self.serve_tls('--log-level', 'error')
        hello = client_hello()
        rng = random.Random(13)
        for at in list(range(0, 60)) + rng.sample(range(60, len(hello)), 60):
            sock = self.connect(server)
            changed = bytearray(hello)
            changed[at] ^= 1 << rng.randrange(8)
            sock.sendall(changed)
            sock.shutdown(socket.SHUT_WR)
            self.assertTrue(self.ended(sock), at)
            sock.close()
        self.check_served(server)
        server.stop()

    def test_a_handshake_that_is_cut_anywhere(self):
        server = self.serve_tls('--log-level', 'error')
        hello = client_hello()
        for at in range(0, len(hello), 7):
            sock = self.connect(server)
            sock.sendall(hello[:at])
            if at % 2:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
            sock.close()
        self.check_served(server)
        server.stop()

    def test_a_handshake_that_comes_byte_by_byte(self):
        server = self.serve_tls()
        plain = self.connect(server)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = ssl.create_default_context(cafile=ca.certificate).wrap_bio(
            incoming, outgoing, server_hostname='localhost')
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                for byte in outgoing.read():
                    plain.sendall(bytes([byte]))
                incoming.write(plain.recv(1))
        for byte in outgoing.read():
            plain.sendall(bytes([byte]))
        challenge = b''
        while len(challenge) < 20:
            try:
                challenge += tls.read(100)
            except ssl.SSLWantReadError:
                incoming.write(plain.recv(1))
        self.assertIn(CHALLENGE, challenge)
        server.stop()

    def test_a_slow_handshake_is_cut_as_a_slow_stranger_is(self):
        server = self.serve_tls()
        sock = self.connect(server)
        sock.sendall(client_hello()[:50])
        start = time.monotonic()
        self.assertTrue(self.ended(sock, 15))
        self.assertGreater(time.monotonic() - start, 9)  # LIMIT_HANDSHAKE_TIME
        self.check_log(server, 'cut: no authentication and request in time')
        self.check_served(server)
        server.stop()

    def wrap(self, server, version=None):
        context = ssl.create_default_context(cafile=ca.certificate)
        if version:
            context.maximum_version = version
        return context.wrap_socket(self.connect(server), server_hostname='localhost')

    def test_records_with_nothing_in_them(self):
        server = self.serve_tls()
        s_client = subprocess.Popen(
            ['openssl', 's_client', '-quiet', '-connect', server.address[len('tls://'):]],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        s_client.stdin.close()
        s_client.wait(20)
        self.check_served(server)
        server.stop()

    def s_client(self, server, commands, *options):
        """What happens when openssl's client is given these commands, one after the other."""
        client = subprocess.Popen(
            ['openssl', 's_client', '-connect', server.address[len('tls://'):], *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(client.stdout.close)
        self.addCleanup(client.kill)
        self.assertTrue(any(b'CHALLENGE' in line or b'---' in line for line in client.stdout))
        try:
            for command in commands:
                client.stdin.write(command)
                client.stdin.flush()
        except BrokenPipeError:
            pass
        return client

    def test_renegotiation_is_off(self):
        server = self.serve_tls()
        client = self.s_client(server, [b'R\n'], '-tls1_2', '-legacy_renegotiation')
        out = client.communicate(timeout=20)[0]
        self.assertIn(b'no renegotiation', out)
        self.check_served(server)
        server.stop()

    def test_version_1_2_is_taken(self):
        server = self.serve_tls()
        sock = self.wrap(server, ssl.TLSVersion.TLSv1_2)
        self.assertEqual(sock.version(), 'TLSv1.2')
        self.assertIn(CHALLENGE, sock.recv(100))
        sock.close()
        server.stop()

    def test_a_client_that_ends_without_a_word_has_ended(self):
        server = self.serve_tls()
        sock = self.wrap(server)
        self.assertIn(CHALLENGE, sock.recv(100))
        sock.close()
        self.assertTrue(wait_until(lambda: 'connections' in self.ping(server.address)[0] or True))
        self.check_served(server)
        server.stop()


if __name__ == '__main__':
    unittest.main()
