# SPDX-License-Identifier: MIT
"""Certificates for tests, made when they run, by the openssl command.

    with Authority() as ca:
        server = ca.issue('server', ['localhost', '127.0.0.1'])
        ...server.certificate, server.key: files; ca.certificate: who has signed it
"""

import collections
import contextlib
import os
import shutil
import subprocess
import tempfile

Files = collections.namedtuple('Files', 'certificate key')

CONFIG = """
[ca]
default_ca = authority
[authority]
database = index
new_certs_dir = .
certificate = ca.pem
private_key = ca.key
default_md = sha256
default_days = 2
policy = policy
rand_serial = yes
unique_subject = no
[policy]
commonName = supplied
[req]
distinguished_name = name
[name]
[v3]
"""

CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']


def available():
    """Whether certificates can be made here."""
    return shutil.which('openssl') is not None


@contextlib.contextmanager
def own(host):
    """A file with a certificate that is signed by itself, for an IP address, and its key."""
    with tempfile.TemporaryDirectory(prefix='sm-own-') as folder:
        path = os.path.join(folder, 'own.pem')
        subprocess.run(['openssl', 'req', '-x509', *CURVE, '-keyout', path, '-out', path + '.crt',
                        '-days', '2', '-subj', '/CN=own', '-addext', 'subjectAltName=IP:' + host],
                       check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE)
        with open(path, 'a') as file, open(path + '.crt') as certificate:
            file.write(certificate.read())
        yield path


class Authority:
    """A certificate authority in a folder of its own."""

    def __init__(self, name='Test CA'):
        self.folder = tempfile.mkdtemp(prefix='sm-ca-')
        self.write('config', CONFIG)
        self.write('index', '')
        self.openssl('req', '-x509', *CURVE, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2',
                     '-subj', '/CN=' + name, '-addext', 'basicConstraints=critical,CA:TRUE',
                     '-addext', 'keyUsage=critical,keyCertSign,cRLSign',
                     '-addext', 'subjectKeyIdentifier=hash', '-config', 'config')
        self.certificate = self.path('ca.pem')

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.remove()

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), 'w') as file:
            file.write(text)

    def openssl(self, *arguments):
        subprocess.run(['openssl', *arguments], cwd=self.folder, check=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def issue(self, name, hosts=(), subject=None, days=None, key=CURVE):
        """A certificate, its files named after `name`, for these hosts; `days`: (first, last)."""
        names = ['%s:%s' % ('IP' if host.replace('.', '').isdigit() or ':' in host else 'DNS', host)
                 for host in hosts]
        self.write(name + '.ext', 'authorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n' +
                   ('subjectAltName=%s\n' % ','.join(names) if names else ''))
        self.openssl('req', *key, '-keyout', name + '.key', '-out', name + '.csr',
                     '-subj', '/CN=' + (subject or name), '-config', 'config')
        times = [] if days is None else ['-startdate', days[0], '-enddate', days[1]]
        self.openssl('ca', '-batch', '-config', 'config', '-in', name + '.csr', '-notext',
                     '-out', name + '.pem', '-extfile', name + '.ext', *times)
        return Files(self.path(name + '.pem'), self.path(name + '.key'))

    def issue_old(self, name, hosts=()):
        """One that has run out."""
        return self.issue(name, hosts, days=('20200101000000Z', '20200102000000Z'))
