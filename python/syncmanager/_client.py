# SPDX-License-Identifier: MIT
"""Managers as C reaches them: one for each address and key, shared by all that call there.

Errors of the library become the exceptions that the standard library would raise.
"""

import contextlib
import errno
import os
import socket
import sys
import threading
import weakref
from multiprocessing import AuthenticationError, connection, popen_fork, process
from multiprocessing import managers as _std

from . import _core
from .errors import manager_gone


class Native(_core.Manager):
    """A manager that may be referred to weakly."""

    __slots__ = ('__weakref__',)


_FOR_EVER = 0xffffffff

_natives = weakref.WeakValueDictionary()


def in_c(keepalive_ms):
    """The library's form of BaseManager.keepalive_ms."""
    if keepalive_ms is None:
        return 0
    if not 0 <= keepalive_ms < _FOR_EVER:
        raise ValueError('keepalive_ms is %r, not None or 0 to %d' % (keepalive_ms, _FOR_EVER - 1))
    return int(keepalive_ms) or _FOR_EVER


def native(address, authkey, keepalive_ms=None, sockets_only=False):
    """The manager at an address of multiprocessing's, or one with TLS: of all calls, the first one's."""
    files = tls.get(address, NO_TLS)
    key = address, bytes(authkey), files
    try:
        found = _natives.get(key)
        if found is None:
            found = _natives.setdefault(key, Native(address_text(address), key[1],
                                                    in_c(keepalive_ms), sockets_only, *files[:3]))
    except _core.Error as error:
        raise exception(error, address) from None
    return found


# The files of managers that were started or reached here, by address: whom they trust, their
# certificate and its key, and who signs their clients' certificates. Each is a path in full, or
# None. Whoever unpickles a proxy here uses them, and children are given them.
tls = {}

NO_TLS = None, None, None, None


def is_tls(address):
    """Whether it is the address of a manager with TLS: 'tls://HOST:PORT'."""
    return isinstance(address, str) and address.startswith('tls://')


def tls_files(address, *paths):
    """These files of a manager at that address, as `tls` has them."""
    files = tuple(None if path is None else os.path.abspath(os.fsdecode(path)) for path in paths)
    if files != NO_TLS and not is_tls(address):
        raise ValueError('tls_ca, tls_certificate, tls_key and tls_client_ca are for addresses that '
                         'begin with tls://, not for %r' % (address,))
    return files


def remember_tls(address, files):
    """The manager at this address has these files."""
    if files != NO_TLS:
        tls[address] = files


@contextlib.contextmanager
def tls_of(address, files):
    """Meanwhile a server at this address has these files, and a child of this process knows them."""
    before = tls.pop(address, NO_TLS)
    remember_tls(address, files)
    try:
        yield
    finally:
        tls.pop(address, None)
        remember_tls(address, before)


# The keys of managers that were started, reached or unpickled here with a key of their own, by
# address. A pickled proxy has none along, but for children that are being spawned.
keys = {}


def remember_key(address, authkey):
    """The manager at this address has this key."""
    if authkey != process.current_process().authkey:
        keys[address] = bytes(authkey)
    else:
        keys.pop(address, None)


def address_text(address):
    """An address as the library has it."""
    if is_tls(address):
        return address
    if connection.address_type(address) == 'AF_INET':
        host, port = address
        if ':' in host:
            host = '[%s]' % host
        elif host:
            host = socket.gethostbyname(host)  # multiprocessing knows IPv4 alone
        return '%s:%d' % (host, port)
    path = os.fsdecode(address)
    if path[0] == '\0':
        return 'unix:@' + path[1:]
    return 'unix:./' + path if path[0] == '@' else 'unix:' + path


def answer(pair):
    """The value that a manager's function returned; what it raised is raised."""
    kind, result = pair
    if kind == '#RETURN':
        return result
    try:
        raise _std.convert_to_error(kind, result)
    finally:
        del result, pair


def is_farewell(error):
    """Whether an exception is what a manager in C ends waiting calls with as it ends."""
    return type(error) is EOFError and error.args == ('the manager is shutting down',)


def exception(error, address, manager=None, typeid=None):
    """What to raise for a call of the library's that came to nothing."""
    status, message, number, reason, kind, traceback = error.args
    if status == _core.ECLOSED:
        return manager_gone(number, address, manager, typeid)
    if status == _core.ETLS:
        return tls_error(message)
    if reason:
        return AuthenticationError(reason)
    if status == _core.ESYSTEM:
        return OSError(number, message) if number else OSError(message)
    if status == _core.ERAISED:
        return _std.RemoteError(traceback or '%s: %s\n' % (kind, message))
    return OSError(message)


def tls_error(message):
    """What the standard library raises where TLS fails."""
    try:
        import ssl
    except ImportError:
        return ConnectionAbortedError(errno.ECONNABORTED, message)
    return ssl.SSLError(ssl.SSL_ERROR_SSL, message)


class TlsClient:
    """What the standard library needs of a connection to tell a server its last word."""

    def __init__(self, address, authkey):
        self._manager = native(address, authkey)

    def send(self, request):
        self._answer = self._manager.call(*request[1:])

    def recv(self):
        return self._answer

    def close(self):
        pass


def standard_request(client, address, authkey, name, args):
    """Call a function of a manager as the standard library does, over a connection of its own."""
    conn = client(address, authkey=authkey)
    try:
        return _std.dispatch(conn, None, name, args)
    finally:
        conn.close()


class _Hand(threading.local):
    """What the proxy under construction is to know."""

    handle = None    # a reference that it is to take, instead of one more
    received = None  # the ident of one that another process has counted as sent


_hand = _Hand()


def take_handed(ident):
    """The reference that was handed over, if it is to this object; else None."""
    handle = _hand.handle
    if handle is None or handle.ident != ident:
        return None
    _hand.handle = None
    return handle


def receive(ident, make):
    """Call what makes a proxy that another process has sent, or takes the reference of one."""
    before = _hand.received
    _hand.received = ident
    try:
        return make()
    finally:
        _hand.received = before


def is_received(ident):
    """Whether the proxy that takes a reference is one that was sent here: once of each."""
    if _hand.received != ident:
        return False
    _hand.received = None
    return True


def make_proxy(handle, proxytype, token, serializer, manager, authkey, exposed):
    """A proxy that takes a reference over, or has taken its own: any callable may be its type."""
    before = _hand.handle
    _hand.handle = handle
    try:
        return proxytype(token, serializer, manager=manager, authkey=authkey, exposed=exposed)
    finally:
        if _hand.handle is not None:
            _hand.handle.release(False)
        _hand.handle = before


# How often this process has forked children of multiprocessing's, each with all proxies there were:
# until a child takes references of its own, those are as good as sent to it.
forks = 0


def _before_fork():
    global forks
    if sys._getframe(1).f_code is popen_fork.Popen._launch.__code__:
        forks += 1


def _forked():
    for each in list(_natives.values()):
        each.forked()


# An interpreter keeps what is registered longer than what would free it at its end.
os.register_at_fork(before=weakref.proxy(_before_fork), after_in_child=weakref.proxy(_forked))
