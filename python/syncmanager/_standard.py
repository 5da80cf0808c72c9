# SPDX-License-Identifier: MIT
"""The standard library as it was, and as it has to be.

First: what install() replaces in multiprocessing.managers. Whoever took it out of that module
earlier goes on using it, and may pickle it: a manager that is spawned sends its class to its
server. It is found here then, no longer there.

Second: what the package stands on that no document promises. A release of Python may change any of
it; whoever imports the package there is told what, instead of meeting it at some call.
"""

import importlib
import sys
from multiprocessing import connection, managers
from multiprocessing.managers import BaseManager, BaseProxy, MakeProxyType, SyncManager

REPLACED = 'BaseManager', 'BaseProxy', 'MakeProxyType', 'SyncManager'

__all__ = ['BaseManager', 'BaseProxy', 'MakeProxyType', 'SyncManager']

# The name; the parameters that a function must have, in this order, more may follow; the names
# that its code must use, "" where it does not matter; what for.
NEEDED = (
    ('multiprocessing.managers.BaseManager.__init__', 'self address authkey serializer ctx',
     '_address _authkey _state _serializer _Client', 'our managers are made by it, and read these'),
    ('multiprocessing.managers.BaseManager.start', 'self initializer initargs',
     '_process _address _state _run_server shutdown', 'starts the process of our server'),
    ('multiprocessing.managers.BaseManager._run_server',
     'cls registry address authkey serializer writer initializer initargs', '_Server',
     'runs in that process, and makes our server'),
    ('multiprocessing.managers.BaseManager.register',
     'cls typeid callable proxytype exposed method_to_typeid create_method', '_registry',
     'keeps what is registered'),
    ('multiprocessing.managers.BaseManager._create', 'self typeid', '', 'managers override it'),
    ('multiprocessing.managers.BaseManager._debug_info', 'self', '', 'programs call it'),
    ('multiprocessing.managers.BaseManager._number_of_objects', 'self', '', 'programs call it'),
    ('multiprocessing.managers.BaseManager._registry', '', '', 'has what is registered'),
    ('multiprocessing.managers.BaseProxy.__init__',
     'self token serializer manager authkey exposed incref manager_owned', '_incref',
     'makes proxies that have no reference, and those of other serializers than pickle'),
    ('multiprocessing.managers.BaseProxy._callmethod', 'self methodname args kwds', '',
     'their calls; the methods of all standard proxies are calls of it'),
    ('multiprocessing.managers.BaseProxy._incref', 'self', '', 'their references'),
    ('multiprocessing.managers.RebuildProxy', 'func token serializer kwds', '',
     'what pickled proxies name'),
    ('multiprocessing.managers.AutoProxy', 'token serializer manager authkey exposed incref', '',
     'pickled proxies name it'),
    ('multiprocessing.managers.MakeProxyType', 'name exposed', '', 'ours stands in for it'),
    ('multiprocessing.managers.Server', '', '', 'the server of other serializers than pickle'),
    ('multiprocessing.managers.Server.public', '', '', 'names the functions of a server'),
    ('multiprocessing.managers.State.STARTED', '', '', 'whether there is a server'),
    ('multiprocessing.managers.State.SHUTDOWN', '', '', 'whether there was one'),
    ('multiprocessing.managers.dispatch', 'c id methodname args kwds', '',
     'calls servers of other serializers than pickle'),
    ('multiprocessing.managers.convert_to_error', 'kind result', '', 'the exception of an answer'),
    ('multiprocessing.managers.listener_client', '', '', 'other serializers than pickle'),
    ('multiprocessing.managers.public_methods', 'obj', '', 'what an object exposes'),
    ('multiprocessing.context.BaseContext.Manager', 'self', 'SyncManager',
     'makes our manager once install() was called'),
    ('multiprocessing.context.get_spawning_popen', '', '',
     'a pickled proxy takes its key along to a child'),
    ('multiprocessing.connection.address_type', 'address', '', 'kinds of addresses'),
    ('multiprocessing.connection.arbitrary_address', 'family', '', 'an address for a server'),
    ('multiprocessing.connection.answer_challenge', 'connection authkey', '',
     'hands out descriptors'),
    ('multiprocessing.connection.deliver_challenge', 'connection authkey', '', 'the same'),
    ('multiprocessing.pool.ExceptionWithTraceback', '', '', 'exceptions of hosted methods'),
    ('multiprocessing.pool.RemoteTraceback', '', '', 'where an exception came from'),
    ('multiprocessing.process.AuthenticationString', '', '', 'keys, that are not pickled'),
    ('multiprocessing.reduction.ForkingPickler', '', '', 'what calls and answers are pickled by'),
    ('multiprocessing.reduction.send_handle', 'conn handle destination_pid', '',
     'hands out descriptors'),
    ('multiprocessing.resource_sharer.DupFd.detach', 'self', '_id recv_handle',
     'takes descriptors over'),
    ('multiprocessing.resource_sharer._resource_sharer._address', '', '',
     'tells what was pickled here'),
    ('multiprocessing.spawn.get_preparation_data', 'name', '', 'prepares children for the package'),
    ('multiprocessing.util.Finalize', '', '', 'gives references back, ends managers'),
    ('multiprocessing.util.Finalize.still_active', 'self', '', 'whether a shutdown is under way'),
    ('multiprocessing.util.is_exiting', '', '', 'whether anybody would wait'),
    ('multiprocessing.util.register_after_fork', 'obj func', '', "a child's own references"),
)


_PICKLE = connection.Listener, connection.Client


def in_c(serializer):
    """Whether C serves and calls by it: not when a program has put a transport of its own there."""
    return serializer == 'pickle' and managers.listener_client['pickle'] == _PICKLE


def find(path):
    """What a dotted name stands for: modules first, then attributes."""
    module, rest = 'multiprocessing', path.split('.')[1:]
    thing = importlib.import_module('%s.%s' % (module, rest[0]))
    for name in rest[1:]:
        thing = getattr(thing, name)
    return thing


def differences():
    """What of it is not as it has to be, in words."""
    for path, parameters, uses, purpose in NEEDED:
        wanted = tuple(parameters.split())
        try:
            thing = find(path)
        except (ImportError, AttributeError):
            yield 'there is no %s (%s)' % (path, purpose)
            continue
        if not wanted and not uses:
            continue
        code = getattr(thing, '__code__', None)
        if code is None:
            yield '%s is no function in Python (%s)' % (path, purpose)
            continue
        taken = code.co_varnames[:code.co_argcount]
        if taken[:len(wanted)] != wanted:
            yield '%s takes (%s) and not (%s) (%s)' % (
                path, ', '.join(taken), ', '.join(wanted), purpose)
        for name in uses.split():
            if name not in code.co_names:
                yield '%s does not use %s (%s)' % (path, name, purpose)


def check():
    """Raise an ImportError when the package cannot work with this standard library."""
    found = list(differences())
    if found:
        raise ImportError('this release of syncmanager does not fit multiprocessing of Python %s: %s'
                          % (sys.version.split()[0], '; '.join(found)), name='multiprocessing')
