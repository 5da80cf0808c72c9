# SPDX-License-Identifier: MIT
"""Makes managers of the standard library start the daemon instead of a Python server.

All of the client stays as it is: BaseManager.start() makes what it takes for a server process,
reads the address from the pipe, and later asks the server to shut down, joins and terminates it.
Only that process is another: install() puts a `DaemonProcess` in the place of the context's
Process.
"""

import itertools
import os
import re
import select
import shutil
import subprocess
import sys
import tempfile
from multiprocessing import managers

from servers import (PATIENCE, SANITIZER_MARKS, daemon_path, format_address, parse_address)

# Managers of the tests whose callables give an object that the daemon can be told to have.
SPECS = {'get_queue': 'Queue()'}

numbers = itertools.count(1)
troubles = []  # daemons that ended badly


class NotNative(Exception):
    """The manager needs Python in its server."""


class DaemonProcess:
    """What a manager uses of its server process."""

    def __init__(self, target, args):
        registry, self.address, self.key, _, self.writer, initializer = args[:6]
        if initializer is not None:
            raise NotNative('an initializer')
        self.specs = needed_specs(registry)
        self._identity = (next(numbers),)
        self.name = ''
        self.popen = None
        self.folder = tempfile.mkdtemp(prefix='sm-')

    def start(self):
        key_file = os.path.join(self.folder, 'key')
        with open(key_file, 'wb') as file:
            file.write(bytes(self.key) + b'\n')
        address = format_address(self.address or os.path.join(self.folder, 'socket'))
        command = [daemon_path(), '--address', address, '--authkey-file', key_file,
                   '--python', '%d.%d' % sys.version_info[:2]]
        for spec in self.specs:
            command += ['--register', spec]
        with open(os.path.join(self.folder, 'stderr'), 'w') as errors:
            self.popen = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=errors,
                                          stdout=subprocess.PIPE, universal_newlines=True)
        ready, _, _ = select.select([self.popen.stdout], [], [], PATIENCE)
        line = self.popen.stdout.readline() if ready else ''
        match = re.match('listening on (.*)\n', line)
        if match is None:
            self.terminate()
            self.join()
            raise OSError('the daemon did not start: ' + self.read_errors())
        self.writer.send(parse_address(match.group(1)))

    @property
    def ident(self):
        return self.popen.pid

    pid = ident

    @property
    def exitcode(self):
        return self.popen.poll()

    def is_alive(self):
        return self.popen.poll() is None

    def terminate(self):
        self.popen.terminate()

    def kill(self):
        self.popen.kill()

    def join(self, timeout=None):
        try:
            status = self.popen.wait(timeout)
        except subprocess.TimeoutExpired:
            return
        if self.folder is not None:
            errors = self.read_errors()
            if status != 0 or any(mark in errors for mark in SANITIZER_MARKS):
                troubles.append('%s ended with status %d\n%s' % (self.name, status, errors))
            self.popen.stdout.close()
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None

    def read_errors(self):
        with open(os.path.join(self.folder, 'stderr')) as file:
            return file.read()


def needed_specs(registry):
    """What to register for a manager's own types; NotNative when Python code is needed."""
    stock = managers.SyncManager._registry
    specs = []
    for typeid, entry in registry.items():
        if typeid in stock and entry[0] is stock[typeid][0]:
            continue
        if typeid not in SPECS:
            raise NotNative('the callable of %r' % typeid)
        specs.append('%s=%s' % (typeid, SPECS[typeid]))
    return specs


class DaemonContext:
    """A multiprocessing context whose processes are daemons."""

    def __init__(self, context):
        self.context = context

    def __getattr__(self, name):
        return getattr(self.context, name)

    def Process(self, *, target, args):
        return DaemonProcess(target, args)


def install():
    """From now on, managers start the daemon."""
    original = managers.BaseManager.start

    def start(self, initializer=None, initargs=()):
        self._ctx = DaemonContext(self._ctx)
        return original(self, initializer, initargs)

    managers.BaseManager.start = start
