# SPDX-License-Identifier: MIT
"""The file descriptors in what clients store: of Connections, sockets, and whatever else pickles a
DupFd.

A DupFd says where a process hands out a copy of a descriptor, once. A server takes that copy over
and keeps it as long as a value that C stores names it. In the value is a DupFd that says where this
server hands out copies, as often as anybody asks: so whoever reads the value, a client of the
standard library too, gets a descriptor of its own each time.
"""

import copyreg
import os
import secrets
import socket
import struct
import threading
import time
import weakref
from multiprocessing import connection, process, reduction, resource_sharer, util
from multiprocessing.resource_sharer import DupFd

# What a client may take for each thing that it sends, in seconds.
_PATIENCE = 10

# Anybody may connect to an address that is no file, and each connection takes a thread. So many
# connections may have shown no key yet. The next one waits until the oldest has had its time, which
# is more than an honest client takes. The kernel holds fewer than there are places: none waits twice.
_LOBBY = 64
_LOBBY_TIME = 5  # seconds
_BACKLOG = 32


class _Lobby:
    """The connections that have shown no key yet."""

    def __init__(self):
        self._changed = threading.Condition()
        self._since = {}  # when each socket came, the oldest first

    def enter(self, client):
        """Wait until there is a place."""
        with self._changed:
            while len(self._since) >= _LOBBY:
                oldest, since = next(iter(self._since.items()))
                left = since + _LOBBY_TIME - time.monotonic()
                if left <= 0:
                    _cut(oldest)
                self._changed.wait(max(left, _LOBBY_TIME / 10))
            self._since[client] = time.monotonic()

    def leave(self, client):
        """Make room; the socket's descriptor, which is the caller's."""
        with self._changed:
            del self._since[client]
            self._changed.notify()
            return client.detach()


def _cut(client):
    try:
        client.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # it has gone by itself


class Descriptor:
    """One that is kept."""

    __slots__ = ('fd', 'key', 'state', '__weakref__')

    def __init__(self, fd, address):
        self.fd = fd
        self.key = secrets.token_hex(16)
        self.state = {'_id': (address, self.key)}  # of a DupFd of it
        os.set_inheritable(fd, False)

    def __del__(self):
        os.close(self.fd)


class Descriptors:
    """Those that a server keeps."""

    def __init__(self, new_address):
        self._new_address = new_address
        self._kept = weakref.WeakValueDictionary()  # by their keys
        self._lock = threading.Lock()
        self._lobby = _Lobby()
        self._address = None

    def take_over(self, sent):
        """Keep what this DupFd stands for."""
        address = self._start()
        kept = Descriptor(sent.detach(), address)
        self._kept[kept.key] = kept
        return kept

    def reducers(self, kept):
        """How values are pickled for C: `kept`, a list, gets what the DupFds that are made for
        this pickle stand for."""
        def reduce(sent):
            if sent._id[0] != resource_sharer._resource_sharer._address:
                return sent.__reduce_ex__(2)
            kept.append(self.take_over(sent))
            return copyreg.__newobj__, (DupFd,), kept[-1].state
        return {DupFd: reduce}

    def _start(self):
        """Hand out copies; the address."""
        with self._lock:
            if self._address is None:
                listener = socket.socket(socket.AF_UNIX)
                address = self._new_address()
                listener.bind(address)
                listener.listen(_BACKLOG)
                if address[0] != '\0':
                    util.Finalize(None, os.unlink, args=(address,), exitpriority=0)
                key = process.current_process().authkey
                threading.Thread(target=self._accept, args=(listener, key), daemon=True).start()
                self._address = address
            return self._address

    def _accept(self, listener, authkey):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:  # no descriptor is left: it waits, as all others do
                time.sleep(0.1)
                continue
            self._lobby.enter(client)
            try:
                threading.Thread(target=self._serve, args=(client, authkey), daemon=True).start()
            except RuntimeError:  # no thread is left: the client gets an EOFError
                os.close(self._lobby.leave(client))

    def _serve(self, client, authkey):
        patience = struct.pack('@ll', _PATIENCE, 0)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, patience)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, patience)
        with connection.Connection(client.fileno()) as conn:
            try:
                try:
                    connection.deliver_challenge(conn, authkey)
                    connection.answer_challenge(conn, authkey)
                finally:
                    self._lobby.leave(client)
                key, pid = conn.recv()
                kept = self._kept.get(key)
                if kept is not None:  # else it gets an EOFError, as from any DupFd that is used up
                    reduction.send_handle(conn, kept.fd, pid)
            except Exception:
                pass  # the client's: it gets an error of its own
