# SPDX-License-Identifier: MIT
"""Managers with TLS, for programs that use the standard library's own multiprocessing.

    import ssl, syncmanager.tls
    syncmanager.tls.install(ssl.create_default_context(cafile='ca.pem'))

From then on multiprocessing connects to addresses that begin with tls:// by TLS:

    manager = multiprocessing.managers.SyncManager('tls://jobs.example:5000', authkey=b'...')
    manager.connect()

A child that is forked can do the same; one that is spawned has to install it, too. The managers of
this package need none of that. This file needs nothing else of it, and may be used alone.
"""

import io
import socket
from multiprocessing import connection

__all__ = ['Connection', 'connect', 'install']

SCHEME = 'tls://'


class Connection(connection.Connection):
    """A connection of multiprocessing's over a socket with TLS, whose it is."""

    def __init__(self, sock):
        super().__init__(sock.fileno())
        self._sock = sock

    def _close(self, _close=None):
        self._sock.close()

    def _send(self, buf, write=None):
        self._sock.sendall(buf)

    def _recv(self, size, read=None):
        buf = io.BytesIO()
        while size:
            chunk = self._sock.recv(min(size, 1 << 20))
            if not chunk:
                if buf.tell() == 0:
                    raise EOFError
                raise OSError('got end of file during message')
            buf.write(chunk)
            size -= len(chunk)
        return buf

    def _poll(self, timeout):
        return self._sock.pending() > 0 or super()._poll(timeout)


def connect(address, context):
    """A Connection to tls://HOST:PORT, without authentication."""
    host, colon, port = address[len(SCHEME):].rpartition(':')
    if not address.startswith(SCHEME) or not colon or not port.isdigit():
        raise ValueError('%r is not tls://HOST:PORT' % (address,))
    if host[:1] == '[':
        host = host[1:-1]
    sock = socket.create_connection((host, int(port)))
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return Connection(context.wrap_socket(sock, server_hostname=host))
    except BaseException:
        sock.close()
        raise


def install(context):
    """Have multiprocessing connect to addresses that begin with tls:// by TLS, as the
    ssl.SSLContext says; to others as before."""
    def SocketClient(address):
        if isinstance(address, str) and address.startswith(SCHEME):
            return connect(address, context)
        return _standard(address)

    connection.SocketClient = SocketClient


_standard = connection.SocketClient
