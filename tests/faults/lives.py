# SPDX-License-Identifier: MIT
"""Client processes, and what can be done to them.

A *life* is one client process from its start to its end. Lives are named by pidfd, so that nothing
is done to a process that happens to have the pid of one that is gone.
"""

import ctypes
import json
import os
import select
import signal
import socket
import subprocess
import time

from history import GRACE, RELAYED_GRACE

HERE = os.path.dirname(os.path.abspath(__file__))
SYS_PIDFD_GETFD = 438
AF_UNSPEC = 0
C_CLIENT = 'C'

libc = ctypes.CDLL(None, use_errno=True)


class Nursery:
    """A CPython that forks clients (worker.py)."""

    def __init__(self, python, errors):
        self.process = subprocess.Popen(
            [python, os.path.join(HERE, 'worker.py')], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=errors, universal_newlines=True, bufsize=1)

    def ask(self, *words):
        print(*words, file=self.process.stdin, flush=True)
        return int(self.process.stdout.readline())

    def spawn(self, job):
        return self.ask('spawn', json.dumps(job))

    def reap(self, pid):
        return self.ask('reap', pid)

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class Programs:
    """Clients in C (worker.c)."""

    def __init__(self, program, errors):
        self.program, self.errors = program, errors

    def spawn(self, job):
        address = job['address']
        address = '%s:%d' % tuple(address) if isinstance(address, (list, tuple)) \
            else 'unix:' + address
        arguments = [self.program, address, job['plan'], job['history'], str(job['until'])]
        return os.posix_spawn(
            self.program, arguments, dict(os.environ, SYNCMANAGER_AUTHKEY=job['key']),
            file_actions=[(os.POSIX_SPAWN_DUP2, self.errors.fileno(), 2)])

    def reap(self, pid):
        _, status = os.waitpid(pid, 0)
        return status

    def close(self):
        pass


def sockets_of(pid):
    """The descriptors of a process that are sockets."""
    folder = '/proc/%d/fd' % pid
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    found = []
    for name in names:
        try:
            if os.readlink(os.path.join(folder, name)).startswith('socket:'):
                found.append(int(name))
        except OSError:
            pass
    return found


def reset(sock):
    """End a TCP connection by a reset: to connect it to nowhere does that."""
    nowhere = ctypes.create_string_buffer(AF_UNSPEC.to_bytes(2, 'little') + bytes(14))
    libc.connect(sock.fileno(), nowhere, 16)


class Life:
    def __init__(self, name, maker, job, way):
        self.name, self.maker, self.job = name, maker, job
        relayed = 'relay' in way
        self.is_known = way == 'unix'  # the server can see the end of its process
        self.pid = maker.spawn(job)
        self.pidfd = os.pidfd_open(self.pid)  # it is not reaped before reap()
        self.killed = None
        self.grace = RELAYED_GRACE if relayed else GRACE
        self.cut = relayed  # whether its connections may have ended without its doing
        self.stopped_until = None
        self.status = None

    @property
    def history(self):
        return self.job['history']

    def has_just_acquired(self):
        """Whether the last that it wrote down is that something is its own."""
        try:
            with open(self.history, 'rb') as file:
                file.seek(-64, os.SEEK_END)
                return file.read().endswith(b' ok True\n')
        except OSError:
            return False

    def has_ended(self):
        return bool(select.select([self.pidfd], [], [], 0)[0])

    def send(self, number):
        try:
            signal.pidfd_send_signal(self.pidfd, number)
        except ProcessLookupError:
            pass

    def kill(self):
        self.killed = time.monotonic_ns()
        self.send(signal.SIGKILL)

    def stop(self, seconds):
        self.stopped_until = time.monotonic() + seconds
        self.send(signal.SIGSTOP)

    def resume(self):
        self.stopped_until = None
        self.send(signal.SIGCONT)

    def cut_connections(self, abruptly):
        """End its connections behind its back; how many there were."""
        self.cut = True
        count = 0
        for number in sockets_of(self.pid):
            copy = libc.syscall(SYS_PIDFD_GETFD, self.pidfd, number, 0)
            if copy < 0:
                continue
            count += 1
            try:
                with socket.socket(fileno=copy) as sock:
                    if abruptly and sock.family == socket.AF_INET:
                        reset(sock)
                    else:
                        sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it was no longer connected
        return count

    def reap(self):
        self.status = os.waitstatus_to_exitcode(self.maker.reap(self.pid))
        os.close(self.pidfd)
        return self.status
