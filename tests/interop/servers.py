# SPDX-License-Identifier: MIT
"""The two servers that every test here runs on, and the client that talks to them.

`Stock` is CPython's own manager server, run in a process of its own by the interpreter that runs
the test: it says what is right.  `Daemon` is the program under test: the environment's
SYNCMANAGERD, else build/syncmanagerd of the checkout.  Both are started with the same
registrations, NAME: SPEC as the daemon takes them, and both print `listening on ADDRESS` when they
are ready.

    with Stock({'jobs': 'Queue(100)'}) as server:
        server.connect().jobs().put(1)

Run as a program, this file is the stock server:  servers.py ADDRESS KEYFILE [NAME=SPEC]...
"""

import gc
import multiprocessing
import os
import queue
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from multiprocessing import managers

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
KEY = b'interop'
PATIENCE = 10.0  # seconds within which anything that should happen has happened

SANITIZER_MARKS = ('ERROR: AddressSanitizer', 'ERROR: LeakSanitizer', 'WARNING: ThreadSanitizer',
                   'runtime error:')


def daemon_path():
    """The daemon to test, or None when there is none; a path asked for by name must exist."""
    path = os.environ.get('SYNCMANAGERD')
    if path:
        if not os.access(path, os.X_OK):
            raise FileNotFoundError('SYNCMANAGERD names %r, which cannot be run' % path)
        return path
    path = os.path.join(ROOT, 'build', 'syncmanagerd')
    return path if os.access(path, os.X_OK) else None


def client_class(registered=()):
    """A SyncManager that knows the names, too, as a client knows them: without a callable."""
    class Manager(managers.SyncManager):
        pass

    for name in registered:
        Manager.register(name)
    return Manager


def wait_until(condition, seconds=PATIENCE):
    """Ask until the condition holds; False when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.001)
    return True


def exit_status(pid, seconds=PATIENCE):
    """How a forked child ends: its status, or a signal's number, negative. It must, in time."""
    ended = []
    if not wait_until(lambda: ended.extend(os.waitpid(pid, os.WNOHANG)) or ended[-2], seconds):
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        raise AssertionError('child %d hangs' % pid)
    status = ended[-1]
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def forget_connection(address):
    """Drop this thread's connection to a server that is gone, lest another has its address.

    The standard library keeps a connection for each address, and never makes a new one.
    """
    slot, _ = managers.BaseProxy._address_to_local.get(address, (None, None))
    if hasattr(slot, 'connection'):
        slot.connection.close()
        del slot.connection


class Server:
    """A server in a process of its own, from construction to stop()."""

    def __init__(self, registered=None, address=None, key=KEY):
        self.registered = dict(registered or {})
        self.key = key
        self.folder = tempfile.mkdtemp(prefix='sm-')
        self.key_file = os.path.join(self.folder, 'key')
        with open(self.key_file, 'wb') as file:
            file.write(key)
        os.chmod(self.key_file, 0o600)
        self.address = None
        self.errors = open(os.path.join(self.folder, 'stderr'), 'w+')
        self.process = subprocess.Popen(
            self.command(address or 'unix:' + os.path.join(self.folder, 'socket')),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.errors,
            universal_newlines=True)
        try:
            self.address = self.wait_for_address()
        except BaseException:
            self.kill()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        if exc_info[0] is None:
            self.stop()
        else:
            self.kill()

    @property
    def pid(self):
        return self.process.pid

    def registrations(self):
        return ['%s=%s' % item for item in self.registered.items()]

    def wait_for_address(self):
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
        line = self.process.stdout.readline().rstrip('\n') if ready else ''
        word = 'listening on '
        if not line.startswith(word):
            raise RuntimeError('%s did not start: %r\n%s' % (self.name, line, self.read_errors()))
        return parse_address(line[len(word):])

    def connect(self, manager_class=None):
        """A manager of the standard library, connected.

        Proxies of one object are one entry of the standard client's, so that an old one, when it is
        collected at last, closes the connection that a new one uses.  None is left from before.
        """
        gc.collect()
        multiprocessing.current_process().authkey = self.key
        cls = manager_class or client_class(self.registered)
        manager = cls(address=self.address, authkey=self.key)
        manager.connect()
        return manager

    def alive(self):
        return self.process.poll() is None

    def read_errors(self):
        self.errors.flush()
        with open(self.errors.name) as file:
            return file.read()

    def stop(self):
        """End the server as a user would, and complain if it does not end well."""
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError('%s does not end on SIGTERM' % self.name)
        errors = self.read_errors()
        self.kill()
        self.judge(status, errors)

    def judge(self, status, errors):
        pass

    def kill(self):
        """End the server at once; harmless when it has ended."""
        forget_connection(self.address)
        if self.alive():
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.errors.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Stock(Server):
    """CPython's own server."""

    name = 'stock'

    def command(self, address):
        return [sys.executable, os.path.join(HERE, 'servers.py'), address, self.key_file,
                *self.registrations()]


class Daemon(Server):
    """The program under test."""

    name = 'daemon'

    def command(self, address):
        command = [daemon_path(), '--address', address, '--authkey-file', self.key_file,
                   '--python', '%d.%d' % sys.version_info[:2]]
        for registration in self.registrations():
            command += ['--register', registration]
        return command

    def judge(self, status, errors):
        """It ends with status 0, and no sanitizer has found anything."""
        marks = [mark for mark in SANITIZER_MARKS if mark in errors]
        if status != 0 or marks:
            raise AssertionError('the daemon ended with status %d\n%s' % (status, errors[-8000:]))


def parse_address(text):
    """The address in the form that the standard library takes: unix:PATH, unix:@NAME, HOST:PORT;
    that of one with TLS stays as it is."""
    if text.startswith('tls://'):
        return text
    if text.startswith('unix:@'):
        return b'\0' + os.fsencode(text[len('unix:@'):])
    if text.startswith('unix:'):
        return text[len('unix:'):]
    host, port = text.rsplit(':', 1)
    return host, int(port)


def format_address(address):
    if isinstance(address, tuple):
        return '%s:%d' % address
    if isinstance(address, bytes):
        return 'unix:@' + os.fsdecode(address[1:])
    if address.startswith('tls://'):
        return address
    return 'unix:' + address


def stock_register(manager_class, name, spec):
    """Register one object for all callers, as the daemon's --register does.

    It exposes what the type's own proxy class does, but ways to attributes, and its public methods.
    """
    constructors = {
        'Queue': queue.Queue, 'JoinableQueue': queue.Queue, 'Event': threading.Event,
        'Lock': threading.Lock, 'RLock': threading.RLock, 'Semaphore': threading.Semaphore,
        'BoundedSemaphore': threading.BoundedSemaphore, 'Condition': threading.Condition,
        'Barrier': threading.Barrier, 'Value': managers.Value, 'Array': managers.Array,
        'Namespace': managers.Namespace}
    thing = eval(spec, constructors)
    word = spec.split('(')[0]
    typeid = word if word in constructors else type(thing).__name__
    _, exposed, mapping, _ = manager_class._registry.get(typeid, (None,) * 4)
    if '__getattribute__' in (exposed or ()):
        exposed = ()  # a proxy made of the names would call it for every attribute, for ever
    names = dict.fromkeys([*(exposed or ()), *managers.public_methods(thing)])
    manager_class.register(name, callable=lambda: thing, exposed=tuple(names),
                           method_to_typeid=mapping)


def serve_stock(address, key_file, *registrations):
    """Be a stock server until SIGTERM."""
    with open(key_file, 'rb') as file:
        key = file.read()
    multiprocessing.current_process().authkey = key
    manager_class = client_class()
    for registration in registrations:
        stock_register(manager_class, *registration.split('=', 1))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server = manager_class(parse_address(address), key).get_server()
    print('listening on', format_address(server.address), flush=True)
    server.serve_forever()


if __name__ == '__main__':
    serve_stock(*sys.argv[1:])
