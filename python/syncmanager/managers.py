# SPDX-License-Identifier: MIT
"""multiprocessing.managers, served and called in C.

All that the standard module has is here. Classes of managers and proxies are subclasses of the
standard ones, whose states, signatures and messages they keep.
"""

import multiprocessing as _mp
import os as _os
import signal as _signal
import sys as _sys
from multiprocessing import managers as _std
from multiprocessing import util as _util
from multiprocessing.managers import *  # noqa: F401,F403: SharedMemoryManager where there is one
from multiprocessing.managers import ProcessError, State, Token
from multiprocessing.pool import ExceptionWithTraceback as _ExceptionWithTraceback

from . import _client, _core, proxies as _proxies
from ._counter import Counter as _Counter
from ._server import Server, serve_in_c as _serve_in_c
from ._standard import in_c as _in_c
from .errors import ManagerGone, ending as _ending
from .proxies import *  # noqa: F401,F403
from .proxies import AutoProxy, CounterProxy, SetProxy, ours as _ours, standard as _standard

__all__ = ['BaseManager', 'SyncManager', 'Manager', 'BaseProxy', 'Token', 'ManagerGone']
__all__ += [name for name in _std.__all__ if name not in __all__]

# What is not ours is the standard module's: Namespace, RemoteError, dispatch(), ...
for _name, _thing in vars(_std).items():
    if getattr(_thing, '__module__', None) == _std.__name__ and not _name.startswith('_'):
        globals().setdefault(_name, _thing)
del _name, _thing


class _NotStarted(Exception):
    """The child has told why; args[0] is the exception."""


def _raise_not_started(error):
    raise _NotStarted(error)


class _Failure:
    """What a child that cannot serve sends in place of its address: raises in the parent."""

    def __init__(self, error):
        self.error = error

    def __reduce__(self):
        return _raise_not_started, (_ExceptionWithTraceback(self.error, self.error.__traceback__),)


def _send_failure(writer, error):
    try:
        writer.send(_Failure(error))
    except Exception:  # it cannot be pickled
        text = RuntimeError('%s: %s' % (type(error).__name__, error))
        writer.send(_Failure(text.with_traceback(error.__traceback__)))


class BaseManager(_std.BaseManager):
    """A manager: a server process, and the way to it."""

    _registry = {}
    # How long the other end of a TCP connection may be out of reach, both ways: a manager whose
    # client this is, and clients of the server. None: a minute; 0: for ever.
    keepalive_ms = None

    # Whether processes of one user on one host, of which either may be the server, share no memory.
    sockets_only = False

    # How long the server, when its creator has ended and nobody is connected, waits for others.
    linger_ms = 30000

    _tls = _client.NO_TLS  # its files
    _native = None  # the manager in C at `_address`, once it is known
    _started_in = None  # the pid of the process that started the server, if it did

    def __init__(self, *args, tls_ca=None, tls_certificate=None, tls_key=None, tls_client_ca=None,
                 **kwds):
        """Beside what the standard one takes, of a manager whose address begins with tls://:

        tls_ca: who must have signed the certificate of the server (else whom the system trusts)
        tls_certificate, tls_key: its own, of the server that it starts, or of this client of one
        tls_client_ca: who must have signed those of the clients of the server that it starts
        """
        super().__init__(*args, **kwds)
        self._tls = _client.tls_files(self._address, tls_ca, tls_certificate, tls_key, tls_client_ca)
        if _client.is_tls(self._address):
            self._Client = _client.TlsClient

    def __getstate__(self):
        state = self.__dict__.copy()
        state.pop('_native', None)
        return state

    @classmethod
    def _Server(cls, registry, address, authkey, serializer):
        """The server: other serializers and transports are left to the standard one."""
        if not _in_c(serializer):
            return _std.Server(registry, address, authkey, serializer)
        return Server(registry, address, authkey, serializer, cls.keepalive_ms, cls.sockets_only)

    def get_server(self):
        """The server, to be run in this process by its serve_forever()."""
        if self._state.value == State.STARTED:
            raise ProcessError('Already started server')
        if self._state.value == State.SHUTDOWN:
            raise ProcessError('Manager has shut down')
        with _client.tls_of(self._address, self._tls):
            return self._Server(self._registry, self._address, self._authkey, self._serializer)

    def _reach(self):
        """The manager in C."""
        if self._native is None:
            self._native = _client.native(self._address, self._authkey, self.keepalive_ms,
                                          self.sockets_only)
        return self._native

    def _ask(self, name, args=(), kwds={}):
        """Call a function of the server."""
        try:
            return _client.answer(self._reach().call(name, args, kwds))
        except _core.Error as error:
            raise _client.exception(error, self._address, self) from None

    def connect(self):
        """Use the server that runs at the address."""
        if not _in_c(self._serializer):
            return super().connect()
        self._native = None
        _client.remember_tls(self._address, self._tls)
        self._ask('dummy')
        self._state.value = State.STARTED
        _client.remember_key(self._address, self._authkey)

    def start(self, initializer=None, initargs=()):
        """Start the server in a child process."""
        try:
            with _client.tls_of(self._address, self._tls):
                super().start(initializer, initargs)
        except _NotStarted as failed:
            error = failed.args[0]
        except EOFError:
            error = None
        else:
            self._started_in = _os.getpid()
            _client.remember_key(self._address, self._authkey)
            _client.remember_tls(self._address, self._tls)  # it has a port now
            return
        raise self._not_started(error) from error

    def _not_started(self, error):
        self._process.join()
        text = 'the process %s' % _ending(self._process.exitcode)
        if error is not None:
            text = '%s: %s' % (type(error).__name__, error)
        text = '%s at %r did not start: %s' % (type(self).__name__, self._address, text)
        number = getattr(error, 'errno', None)
        gone = ManagerGone(text) if number is None else ManagerGone(number, text)
        gone.manager, gone.address = type(self).__name__, self._address
        gone.exitcode = self._process.exitcode
        return gone

    @classmethod
    def _run_server(cls, registry, address, authkey, serializer, writer, initializer=None,
                    initargs=()):
        Server.creator, Server.linger_ms = _mp.parent_process().pid, cls.linger_ms
        if callable(_signal.getsignal(_signal.SIGTERM)):
            _signal.signal(_signal.SIGTERM, _signal.SIG_DFL)  # its parent's handler
        try:
            super()._run_server(registry, address, authkey, serializer, writer, initializer,
                                initargs)
        except Exception as error:
            if writer.closed:
                raise
            _send_failure(writer, error)
            _sys.exit(1)

    def _create(self, typeid, /, *args, **kwds):
        """Make an object: its token, and the names of its methods. A reference comes along."""
        if not _in_c(self._serializer):
            return super()._create(typeid, *args, **kwds)
        assert self._state.value == State.STARTED, 'server not yet started'
        ident, exposed = self._ask('create', (typeid,) + args, kwds)
        return Token(typeid, self._address, ident), exposed

    def _debug_info(self):
        """A text about each object of the server."""
        return super()._debug_info() if not _in_c(self._serializer) else self._ask('debug_info')

    def _number_of_objects(self):
        """The number of objects that clients refer to."""
        if not _in_c(self._serializer):
            return super()._number_of_objects()
        return self._ask('number_of_objects')

    @classmethod
    def register(cls, typeid, callable=None, proxytype=None, exposed=None, method_to_typeid=None,
                 create_method=True):
        """Make a type of objects known under a name."""
        proxytype = AutoProxy if proxytype is None else _ours(proxytype)
        super().register(typeid, callable, proxytype, exposed, method_to_typeid, False)
        if create_method:
            setattr(cls, typeid, _creator(typeid, proxytype))


def _creator(typeid, proxytype):
    """The method of managers that makes objects of a type."""
    def create(self, /, *args, **kwds):
        _util.debug('requesting creation of a shared %r object', typeid)
        token, exposed = self._create(typeid, *args, **kwds)
        if not _in_c(self._serializer):
            return _standard_proxy(self, proxytype, token, exposed)
        handle = self._reach().adopt(typeid, token.id)
        return _client.make_proxy(handle, proxytype, token, self._serializer, self,
                                  self._authkey, exposed)

    create.__name__ = typeid
    create.__qualname__ = typeid
    create.__doc__ = 'Make a shared object of type %r, and return a proxy of it.' % typeid
    return create


def _standard_proxy(manager, proxytype, token, exposed):
    """The same over another serializer, which is left to the standard library."""
    proxy = _standard(proxytype)(token, manager._serializer, manager=manager,
                                 authkey=manager._authkey, exposed=exposed)
    _client.standard_request(manager._Client, token.address, manager._authkey, 'decref',
                             (token.id,))
    return proxy


class SyncManager(BaseManager, _std.SyncManager):
    """A manager with the types of the standard SyncManager (locks, queues, lists, dicts, ...), and
    Counter."""


for _typeid, (_callable, _, _, _proxytype) in _std.SyncManager._registry.items():
    # What is exposed follows from the proxies, ours.
    SyncManager.register(_typeid, _callable, _proxytype,
                         create_method=hasattr(_std.SyncManager, _typeid))
del _typeid, _callable, _proxytype, _
SyncManager.register('set', set, SetProxy)  # CPython has it from 3.14 on
SyncManager.register('Counter', _Counter, CounterProxy)
_serve_in_c(_std.SyncManager._registry)
_serve_in_c(SyncManager._registry)

_proxies._default_manager = SyncManager


def Manager():
    """A started SyncManager, by the default start method: as multiprocessing.Manager()."""
    manager = SyncManager(ctx=_mp.get_context())
    manager.start()
    return manager
