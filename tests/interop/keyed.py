# SPDX-License-Identifier: MIT
"""A daemon with several keys, and clients that have one of them."""

import os
import signal

from raw import Raw
from servers import Daemon, client_class, forget_connection, wait_until

KEYS = {
    'monitor': ('ro', b'eyes'),
    'web': ('rw', b'hands'),
    'workers': ('rw', b'tools'),
    'boss': ('admin', b'voice'),
}


def lines_of(keys):
    """The text of a key file."""
    return b''.join(b'%s %s %s\n' % (name.encode(), right.encode(), secret)
                    for name, (right, secret) in keys.items())


class Keyed(Daemon):
    """It has an address for each key too, as the standard library has one connection an address."""

    def __init__(self, registered=None, keys=None, options=(), **keywords):
        self.keys = keys or KEYS
        self.options = list(options)
        super().__init__(registered, key=lines_of(self.keys), **keywords)

    def path(self, name):
        return os.path.join(self.folder, 'of-' + name)

    def command(self, address):
        command = super().command(address) + self.options
        for name in self.keys:
            command += ['--address', 'unix:' + self.path(name)]
        return command

    def secret(self, name):
        return self.keys[name][1]

    def connect_as(self, name, manager_class=None):
        cls = manager_class or client_class(entry.split('@')[0] for entry in self.registered)
        manager = cls(address=self.path(name), authkey=self.secret(name))
        manager.connect()
        return manager

    def raw_as(self, name, address=None):
        raw = Raw(address or self.address, self.secret(name))
        try:
            return raw.handshake()
        except BaseException:
            raw.close()
            raise

    def ask_as(self, name, *request):
        with self.raw_as(name) as raw:
            return raw.ask(*request)

    def calls_as(self, name, address=None):
        return self.raw_as(name, address).accept()

    def write_keys(self, text):
        """A new file in the place of the old one, as whoever changes keys should do it."""
        with open(self.key_file + '.new', 'wb') as file:
            file.write(text)
        os.chmod(self.key_file + '.new', 0o600)
        os.rename(self.key_file + '.new', self.key_file)

    def read_anew(self, text, words='anew:'):
        """Have it read another file, and wait for what it logs of that."""
        before = self.read_errors().count(words)
        self.write_keys(text)
        self.process.send_signal(signal.SIGHUP)
        assert wait_until(lambda: self.read_errors().count(words) > before), self.read_errors()

    def kill(self):
        for name in self.keys:
            forget_connection(self.path(name))
        super().kill()
