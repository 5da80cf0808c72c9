# SPDX-License-Identifier: MIT
"""A stock client in a process of its own, which does what it is told until it is killed.

    with Victim(server) as victim:
        victim.do('lock = manager.lock()')
        victim.do('lock.acquire()')             # waits for it to be done; returns repr() of it
        victim.begin('lock.acquire()')          # does not wait
        victim.wait_blocked()                   # until it and the server have nothing to do
        victim.kill()

Each line is Python, run in one namespace with `manager`, a connected SyncManager that knows the
names that the server has registered; `ask(name, *args)`, a function of the server itself; `raw()`,
a new connection for calls, with nobody reading what comes; `fork()`, a child that does nothing, by
os.fork() alone; and `child(run)`, one of multiprocessing's, which does nothing after `run()`.
"""

import ast
import glob
import json
import multiprocessing
import os
import pickle
import select
import signal
import subprocess
import sys
import time
from multiprocessing import managers
from multiprocessing.connection import Client

import servers

PATIENCE = servers.PATIENCE


def states(pid):
    """What each thread of a process does: letters as in ps, and the time it has used."""
    found = []
    for path in glob.glob('/proc/%d/task/*/stat' % pid):
        try:
            with open(path) as file:
                fields = file.read().rpartition(')')[2].split()
        except OSError:
            continue
        found.append((path, fields[0], fields[11], fields[12]))
    return found


def wait_at_rest(*pids):
    """Until all of these processes sleep, and have slept since the last look but one."""
    seen = []

    def at_rest():
        seen.append([states(pid) for pid in pids])
        return (len(seen) > 5 and seen[-1] == seen[-3] == seen[-5]
                and all(state in 'STt' for process in seen[-1] for _, state, _, _ in process))
    if not servers.wait_until(at_rest):
        raise AssertionError('never at rest: %r' % seen[-1])


class Victim:
    """The end that tells."""

    def __init__(self, server, address=None, prefix=()):
        self.server = server
        self.process = subprocess.Popen(
            [*prefix, sys.executable, os.path.abspath(__file__),
             json.dumps(encode(address or server.address)), server.key.hex(), *server.registered],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.said = b''  # and not read yet
        self.greet()

    def greet(self):
        """It tells its pid once it has connected, which is not that of what it was run with."""
        self.pid = int(self.read())

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def read(self, seconds=PATIENCE):
        deadline = time.monotonic() + seconds
        while b'\n' not in self.said:
            left = max(deadline - time.monotonic(), 0)
            if not select.select([self.process.stdout], [], [], left)[0]:
                raise AssertionError('no answer within %s s' % seconds)
            more = os.read(self.process.stdout.fileno(), 65536)
            if not more:
                raise AssertionError('it has ended')
            self.said += more
        line, self.said = self.said.split(b'\n', 1)
        return line.decode()

    def begin(self, line):
        self.process.stdin.write(line.encode() + b'\n')
        self.process.stdin.flush()
        if self.read() != 'begun':
            raise RuntimeError('%s: not begun' % line)

    def end(self, seconds=PATIENCE):
        """What the line that was begun came to: repr() of a value, or `TypeName: message`."""
        return json.loads(self.read(seconds))[1]

    def do(self, line, seconds=PATIENCE):
        self.begin(line)
        return self.end(seconds)

    def must(self, line):
        """A line without which there is no test."""
        self.begin(line)
        fine, text = json.loads(self.read(6 * PATIENCE))
        if not fine:
            raise RuntimeError('%s: %s' % (line, text))
        return text

    def wait_blocked(self):
        wait_at_rest(self.pid, self.server.pid)

    def begin_blocked(self, line):
        self.begin(line)
        self.wait_blocked()

    def signal(self, number):
        os.kill(self.pid, number)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.process.wait()


def encode(address):
    return address.decode('latin-1') if isinstance(address, bytes) else address


def decode(address):
    if isinstance(address, list):
        return tuple(address)
    return address.encode('latin-1') if address[0] == '\0' else address


def run(line, namespace):
    """The last statement's value, if it is an expression."""
    tree = ast.parse(line)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, line, 'exec'), namespace)
    if last is None:
        return None
    return eval(compile(ast.Expression(last.value), line, 'eval'), namespace)


def connect(manager):
    return Client(manager.address, authkey=multiprocessing.current_process().authkey)


def raw(manager):
    conn = connect(manager)
    managers.dispatch(conn, None, 'accept_connection', ('raw',))
    return conn


def fork():
    pid = os.fork()
    while not pid:
        signal.pause()
    return pid


def child(run):
    """Its pid, when it has run."""
    context = multiprocessing.get_context('fork')
    done = context.Event()
    process = context.Process(target=lambda: (run(), done.set(), signal.pause()))
    process.start()
    done.wait()
    return process.pid


def serve(address, key, names):
    if 'VICTIM_NAME' in os.environ:  # as the kernel is to call this process
        with open('/proc/self/comm', 'w') as file:
            file.write(os.environ['VICTIM_NAME'])
    key = bytes.fromhex(key)
    multiprocessing.current_process().authkey = key
    manager = servers.client_class(names)(address=decode(json.loads(address)), authkey=key)
    manager.connect()
    namespace = {'manager': manager, 'pickle': pickle, 'os': os,
                 'ask': lambda name, *args: managers.dispatch(connect(manager), None, name, args),
                 'raw': lambda: raw(manager), 'fork': fork, 'child': child}
    print(os.getpid(), flush=True)
    for line in sys.stdin:
        print('begun', flush=True)
        try:
            answer = True, repr(run(line, namespace))
        except Exception as error:
            answer = False, '%s: %s' % (type(error).__name__, error)
        print(json.dumps(answer), flush=True)


if __name__ == '__main__':
    serve(sys.argv[1], sys.argv[2], sys.argv[3:])
