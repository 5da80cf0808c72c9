# SPDX-License-Identifier: MIT
"""The proxies of multiprocessing.managers, calling through C.

Each class is the standard one of its name with another way to its manager. On the wire it goes by
the standard one's name, so that a process without this package can use it; a process that has
imported the package makes ours of it (RebuildProxy).
"""

import errno as _errno
import os as _os
import traceback as _traceback
import types as _types
from multiprocessing import AuthenticationError as _AuthenticationError
from multiprocessing import managers as _std
from multiprocessing import process as _process
from multiprocessing import util as _util
from multiprocessing.context import get_spawning_popen as _get_spawning_popen
from multiprocessing.pool import RemoteTraceback as _RemoteTraceback

from . import _client, _core
from .errors import manager_gone as _manager_gone
from ._server import Server as _Server
from ._server import sent as _sent
from ._standard import in_c as _in_c

__all__ = [
    'AcquirerProxy', 'ArrayProxy', 'AutoProxy', 'BarrierProxy', 'BaseListProxy', 'BasePoolProxy',
    'BaseProxy', 'ConditionProxy', 'CounterProxy', 'DictProxy', 'EventProxy', 'IteratorProxy',
    'ListProxy', 'MakeProxyType', 'NamespaceProxy', 'PoolProxy', 'RebuildProxy', 'SetProxy',
    'ValueProxy',
]


class BaseProxy(_core.Proxy, _std.BaseProxy):
    """A handle of an object in a manager: calls of its methods run there."""

    # C has _handle, which it calls through. None: the manager's own proxy, one without a reference,
    # or one of another serializer: those go the standard way.
    _taker = None  # the process that has that reference

    _hold = None  # of a proxy in the server itself: keeps the object

    _isauto = False  # True: made by AutoProxy, which makes it again where it is unpickled

    # The standard proxy's own attributes change with its releases. These are ours.
    def __init__(self, token, serializer, manager=None, authkey=None, exposed=None, incref=True,
                 manager_owned=False):
        self._token = token
        self._id = token.id
        self._manager = manager
        self._serializer = serializer
        self._owned_by_manager = manager_owned
        if authkey is None:
            authkey = (_process.current_process().authkey if manager is None
                       else manager._authkey)
        self._authkey = _process.AuthenticationString(authkey)
        if not _in_c(serializer) or manager_owned or not incref:
            super().__init__(token, serializer, manager, authkey, exposed, incref, manager_owned)
            return
        self._incref()
        _util.register_after_fork(self, BaseProxy._after_fork)

    def _callmethod(self, methodname, args=(), kwds={}):
        """Call a method of the object and return a copy of its result."""
        if self._handle is not None:  # C comes here with keywords, and does without
            return _callmethod(self, methodname, args, kwds)
        return _sent.to_itself(super()._callmethod, methodname, args, kwds)

    _callmethod = _core.Method(_callmethod, None)

    _getvalue = _core.Method(_std.BaseProxy._getvalue, '#GETVALUE', 0, 0)

    def _take_answer(self, methodname, kind, payload):
        """What a call in C comes to that returned no value. The kind is None where no answer came."""
        if kind is None:
            raise self._exception(payload) from None
        if kind == '#PROXY':
            return self._take_proxy(*payload)
        try:
            error = _std.convert_to_error(kind, payload)
            if _client.is_farewell(error):
                error = _manager_gone(_errno.ESHUTDOWN, self._token.address, self._manager,
                                      self._token.typeid)
            elif kind == '#ERROR' and error.__cause__ is None:
                error.__cause__ = self._remote_traceback(methodname, error)
            raise error
        finally:
            del payload, error  # or the exception would refer to itself

    def _remote_traceback(self, methodname, error):
        """Where an exception came from that brought no traceback along."""
        where = '%s of %r at %r' % (methodname, self._token.typeid, self._token.address)
        try:
            what = ''.join(_traceback.format_exception_only(type(error), error))
        except UnicodeError:  # as 3.13 looks for names like one with a lone surrogate
            what = '%s: %a\n' % (type(error).__name__, str(error))
        return _RemoteTraceback(
            'Traceback (most recent call last):\n  in the manager: %s\n%s' % (where, what))

    def _exception(self, error):
        return _client.exception(error, self._token.address, self._manager, self._token.typeid)

    def _take_proxy(self, exposed, token):
        """A proxy of an object that a method returned; a reference to it came along."""
        handle = self._native.adopt(token.typeid, token.id)
        if self._manager is not None:
            proxytype = self._manager._registry[token.typeid][-1]
        else:
            proxytype = _proxytype_of(token.typeid)
        token.address = self._token.address
        return _client.make_proxy(handle, proxytype, token, self._serializer, self._manager,
                                  self._authkey, exposed)

    def _incref(self):
        if self._owned_by_manager or not _in_c(self._serializer):
            return super()._incref()
        self._native = _native(self._token.address, self._authkey, self._manager)
        # A child that was spawned has one since it unpickled the proxy, and is now "after a fork".
        handle = self._handle if self._taker == _os.getpid() else _client.take_handed(self._id)
        if handle is None:
            try:
                handle = self._native.take(self._token.typeid, self._id,
                                           _client.is_received(self._id))
            except _core.Error as error:
                raise self._exception(error) from None
        self._handle, self._taker = handle, _os.getpid()
        state = self._manager and self._manager._state
        self._close = _util.Finalize(self, _give_back, args=(handle, state, _client.forks),
                                     exitpriority=10)

    def _after_fork(self):
        self._manager = None
        try:
            _client.receive(self._id, self._incref)
        except Exception as error:  # the manager may have ended: whoever calls will know
            _util.info('incref failed: %s', error)

    def __reduce__(self):
        if self._hold is not None:
            _sent.note(self._hold)
        if self._handle is not None:
            self._handle.pickled()
        kwds = {}
        if _get_spawning_popen() is not None:
            kwds['authkey'] = self._authkey
        function = type(self)
        if self._isauto or (function in _by_methods and function not in _names):
            function, kwds['exposed'] = AutoProxy, self._exposed_
        return RebuildProxy, (_on_the_wire(function), self._token, self._serializer, kwds)


def _give_back(handle, state, forks):
    if state is None or state.value == _std.State.STARTED:
        # At exit nobody might be there to take the manager's answers, nor the time to send requests.
        handle.release(bool(_util.is_exiting()), _client.forks - forks)
    else:
        handle.forget()


_callmethod = BaseProxy._callmethod


def _methods(names):
    """Methods that call those of these names."""
    functions = {}
    for name in names:
        exec('def %s(self, /, *args, **kwds):\n'
             '    return self._callmethod(%r, args, kwds)' % (name, name), functions)
    return {name: _core.Method(functions[name], name) for name in names}


def _offers(standard, names=''):
    """A class of proxies has the methods of the standard one, and those of CPython 3.14's."""
    def add(cls):
        more = [name for name in names.split() if name not in standard._exposed_]
        cls._exposed_ = standard._exposed_ + tuple(more)
        for name, method in _methods(cls._exposed_).items():
            written = getattr(getattr(standard, name, None), '__module__', None) == _std.__name__
            if name not in vars(cls) and not written:
                setattr(cls, name, method)
        return cls

    return add


class IteratorProxy(BaseProxy, _std.IteratorProxy):
    """Of an iterator, such as that of a dict."""

    __next__ = _core.Method(_std.IteratorProxy.__next__, '__next__', 0, 0)


@_offers(_std.AcquirerProxy, 'locked')
class AcquirerProxy(_core.Acquirer, BaseProxy, _std.AcquirerProxy):
    """Of a Lock, RLock, Semaphore or BoundedSemaphore."""


@_offers(_std.ConditionProxy, 'locked')
class ConditionProxy(AcquirerProxy, _std.ConditionProxy):
    """Of a Condition."""

    wait = _core.Method(_std.ConditionProxy.wait, 'wait', 0, 1, None)
    notify = _core.Method(_std.ConditionProxy.notify, 'notify', 0, 1, 1)
    notify_all = _core.Method(_std.ConditionProxy.notify_all, 'notify_all', 0, 0)


class EventProxy(_core.Flag, BaseProxy, _std.EventProxy):
    """Of an Event."""


class BarrierProxy(BaseProxy, _std.BarrierProxy):
    """Of a Barrier."""

    wait = _core.Method(_std.BarrierProxy.wait, 'wait', 0, 1, None)


class NamespaceProxy(BaseProxy, _std.NamespaceProxy):
    """Of a Namespace: its attributes are the object's."""

    __getattr__ = _core.Method(_std.NamespaceProxy.__getattr__, '__getattribute__', 1, 1,
                               public=True)
    __setattr__ = _core.Method(_std.NamespaceProxy.__setattr__, '__setattr__', 2, 2, public=True)
    __delattr__ = _core.Method(_std.NamespaceProxy.__delattr__, '__delattr__', 1, 1, public=True)


class ValueProxy(BaseProxy, _std.ValueProxy):
    """Of a Value."""

    get = _core.Method(_std.ValueProxy.get, 'get', 0, 0)
    set = _core.Method(_std.ValueProxy.set, 'set', 1, 1)
    value = property(get, set)


@_offers(_std.BaseListProxy, 'clear copy')
class BaseListProxy(BaseProxy, _std.BaseListProxy):
    """Of a list, without its in-place operators."""


class ListProxy(BaseListProxy, _std.ListProxy):
    """Of a list."""

    __imul__ = _std.ListProxy.__imul__


@_offers(_std.DictProxy, '__ior__ __or__ __reversed__ __ror__ fromkeys')
class DictProxy(BaseProxy, _std.DictProxy):
    """Of a dict."""

    def __ior__(self, value):
        self._callmethod('__ior__', (value,))
        return self


@_offers(_std.ArrayProxy)
class ArrayProxy(BaseProxy, _std.ArrayProxy):
    """Of an Array."""


@_offers(_std.BasePoolProxy)
class BasePoolProxy(BaseProxy, _std.BasePoolProxy):
    """Of a Pool, without its context manager."""


class PoolProxy(BasePoolProxy, _std.PoolProxy):
    """Of a Pool."""


# CPython has it from 3.14 on.
_BaseSetProxy = getattr(_std, 'SetProxy', None) or type('_BaseSetProxy', (), {'_exposed_': ()})


@_offers(_BaseSetProxy, """
    __and__ __class_getitem__ __contains__ __iand__ __ior__ __isub__ __iter__ __ixor__ __len__
    __or__ __rand__ __ror__ __rsub__ __rxor__ __sub__ __xor__ __ge__ __gt__ __le__ __lt__
    add clear copy difference difference_update discard intersection intersection_update isdisjoint
    issubset issuperset pop remove symmetric_difference symmetric_difference_update union update
    """)
class SetProxy(BaseProxy, _BaseSetProxy):
    """Of a set."""

    __class_getitem__ = classmethod(getattr(_types, 'GenericAlias', lambda cls, item: cls))

    def __iand__(self, value):
        self._callmethod('__iand__', (value,))
        return self

    def __ior__(self, value):
        self._callmethod('__ior__', (value,))
        return self

    def __isub__(self, value):
        self._callmethod('__isub__', (value,))
        return self

    def __ixor__(self, value):
        self._callmethod('__ixor__', (value,))
        return self


class _CounterMethods(BaseProxy):
    """A Counter's calls that go by requests."""

    def add(self, n=1):
        """Add to it; the sum."""
        return self._callmethod('add', (n,))

    def compare_and_set(self, old, new):
        """If it counts `old`, let it count `new`; whether it did."""
        return self._callmethod('compare_and_set', (old, new))

    def get(self):
        """What it counts."""
        return self._callmethod('get')


_core.counts_by(_CounterMethods)


class CounterProxy(_core.Number, _CounterMethods):
    """Of a Counter: a signed number of 64 bits that many change together."""

    _exposed_ = 'add', 'compare_and_set', 'get'

    # It cannot be assigned to: `counter.value += 1` would lose what others count meanwhile.
    value = property(lambda self: self.get(), doc='What it counts.')


# A process without this package may know no such class: on the wire they are AutoProxies that name
# their methods.
_by_methods = SetProxy, CounterProxy


def MakeProxyType(name, exposed, _cache={}):
    """A class of proxies with the methods whose names are given."""
    exposed = tuple(exposed)
    key = name, exposed
    if key not in _cache:
        body = dict(_methods(exposed), _exposed_=exposed, __module__=__name__)
        _cache[key] = type(name, (BaseProxy,), body)
    return _cache[key]


def AutoProxy(token, serializer, manager=None, authkey=None, exposed=None, incref=True,
              manager_owned=False):
    """A proxy with the methods that the object has, asking the manager for them if need be."""
    if authkey is None and manager is not None:
        authkey = manager._authkey
    if authkey is None:
        authkey = _process.current_process().authkey
    if exposed is None:
        exposed = _methods_of(token, serializer, authkey)
    proxytype = MakeProxyType('AutoProxy[%s]' % token.typeid, exposed)
    proxy = proxytype(token, serializer, manager=manager, authkey=authkey, incref=incref,
                      manager_owned=manager_owned)
    proxy._isauto = True
    return proxy


def _methods_of(token, serializer, authkey):
    if _in_c(serializer):
        try:
            manager = _native(token.address, authkey)
            pair = manager.call('get_methods', (token,))
        except _core.Error as error:
            raise _client.exception(error, token.address, None, token.typeid) from None
        return _client.answer(pair)
    client = _std.listener_client[serializer][1]
    return _client.standard_request(client, token.address, authkey, 'get_methods', (token,))


# The manager whose typeids mean what they do in any.
_default_manager = None


def _native(address, authkey, manager=None):
    """A proxy's manager in C, by the options of its manager; one that has none goes by SyncManager's."""
    options = [getattr(manager, name, getattr(_default_manager, name))
               for name in ('keepalive_ms', 'sockets_only')]
    return _client.native(address, authkey, *options)


def _managers(base=_std.BaseManager):
    """All classes of managers."""
    for each in base.__subclasses__():
        yield each
        yield from _managers(each)


def _proxytype_of(typeid):
    """What makes the proxy of a result where the manager's class is not known, as in children.

    Classes of managers in this process may say so, if they agree.
    """
    if typeid in _default_manager._registry:
        return _default_manager._registry[typeid][-1]
    found = {ours(each._registry[typeid][-1]) for each in _managers() if typeid in each._registry}
    return found.pop() if len(found) == 1 else AutoProxy


_rebuild = _std.RebuildProxy


def RebuildProxy(func, token, serializer, kwds):
    """Make the proxy that a pickle tells of."""
    if _in_c(serializer):
        func = ours(func)
        for each in _by_methods:
            if func is AutoProxy and kwds.get('exposed') == each._exposed_:
                func, kwds = each, {name: kwds[name] for name in kwds if name != 'exposed'}
    server = getattr(_process.current_process(), '_manager_server', None)
    if isinstance(server, _Server) and server.address == token.address:
        return server.own_proxy(func, token, serializer, kwds)
    if 'authkey' in kwds:
        _client.remember_key(token.address, kwds['authkey'])
    elif token.address in _client.keys:
        try:
            return _make(func, token, serializer,
                         dict(kwds, authkey=_client.keys[token.address]))
        except _AuthenticationError:
            _client.keys.pop(token.address, None)  # another manager is there now
    return _make(func, token, serializer, kwds)


def _make(func, token, serializer, kwds):
    """The standard function has no reference taken for the arguments of a child that is spawned:
    later, it means, but from 3.12 on it never is."""
    if not _in_c(serializer):
        return _rebuild(func, token, serializer, kwds)
    return _client.receive(token.id, lambda: func(token, serializer, **kwds))


RebuildProxy.__module__ = _std.__name__

_shared = [name for name in __all__ if hasattr(_std, name)]
_ours = {getattr(_std, name): globals()[name] for name in _shared if name != 'RebuildProxy'}
_names = {function: name for name in _shared
          for function in (getattr(_std, name), globals()[name])}


def ours(function):
    """Our class, or function that makes proxies, for a standard one; others stay."""
    try:
        return _ours.get(function, function)
    except TypeError:
        return function


def standard(function):
    """The standard class for one of ours; others stay."""
    for theirs, own in _ours.items():
        if own is function:
            return theirs
    return function


def _on_the_wire(function):
    """What multiprocessing.managers has under the name: ours have no other name for processes
    that do not know this package."""
    name = _names.get(function)
    return function if name is None else getattr(_std, name)


_std.RebuildProxy = RebuildProxy
