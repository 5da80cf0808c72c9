# SPDX-License-Identifier: MIT
"""The server of a manager that Python starts: C for what C knows, Python for the rest.

A typeid whose registration is one of SyncManager's own is *native*: its objects live in C, and are
served there without the GIL. All others are *hosted*: what their callables return stays a Python
object, and its methods run here, in one thread for each connection that calls them, as in the
standard library's server. The messages, errors and texts are the standard server's too. A native
object visits us for a call that runs Python code, such as a list's sort(key=...): we call a copy,
whose value goes back.

Three kinds of threads: the one in serve_forever() waits for connections that need Python and starts
a thread for each; the janitor lets go of objects that no client holds any more, whatever their
finalizers do; the server in C runs in a thread that Python knows nothing of.
"""

import array
import io
import os
import resource
import secrets
import shutil
import signal
import sys
import tempfile
import threading
import weakref
from multiprocessing import connection, managers, process, util
from multiprocessing.pool import ExceptionWithTraceback
from multiprocessing.reduction import ForkingPickler
from traceback import format_exc

from . import _arguments, _client, _core, _descriptors
from ._counter import Counter

_standard = []  # typeids that C serves, and what they are registered with


def serve_in_c(registry):
    """What is registered as in this registry, of SyncManager's types, is served in C."""
    # An iterator is made by a method of another object's, never by its callable: there is none.
    _standard.extend((typeid, entry[:3]) for typeid, entry in registry.items()
                     if entry[0] is not None and typeid != 'Pool')


# What C makes objects of as Python does. Of others, their own code may have to run.
_PLAIN = {type(None), bool, int, float, str, bytes, bytearray, tuple, list, dict, set, frozenset}

# What C compares and hashes as Python does.
_KEYS = {type(None), bool, int, float, str, bytes}

# What leaves the object as it was.
_READS = {'__contains__', '__ge__', '__getitem__', '__gt__', '__le__', '__len__', '__lt__',
          '__mul__', '__add__', '__and__', '__or__', '__rand__', '__repr__', '__rmul__', '__ror__',
          '__rsub__', '__rxor__', '__str__', '__sub__', '__xor__', '#GETVALUE', 'copy', 'count',
          'difference', 'get', 'index', 'intersection', 'isdisjoint', 'issubset', 'issuperset',
          'items', 'keys', 'symmetric_difference', 'union', 'values'}

# A visit costs about as much as this number of its object's elements for each call: it is not
# worth its while to end before so many calls were served that moving the object costs no more.
_ELEMENTS_A_CALL = 16


def _is_key(key):
    kind = type(key)
    return kind in _KEYS or ((kind is tuple or kind is frozenset) and all(map(_is_key, key)))


def _fits_c(obj):
    """Whether C can hold it: a dict or set whose keys only Python can tell apart stays here."""
    return type(obj) not in (dict, set) or all(map(_is_key, obj))


def _is_for_c(argument):
    """Whether C can do without us what reads do with such an argument."""
    kind = type(argument)
    if kind is tuple or kind is frozenset:
        return all(map(_is_for_c, argument))
    return kind in _PLAIN or kind is slice


LONGEST_PATH = 107  # of a Unix socket


def _dumps(message, reducers={}):
    return sent.to_itself(_pickled, message, reducers)


def _pickled(message, reducers):
    out = io.BytesIO()
    pickler = ForkingPickler(out)
    pickler.dispatch_table.update(reducers)  # a dict of its own
    pickler.dump(message)
    return out.getvalue()


class _Sent(threading.local):
    """Of a thread that serves a connection: what keeps the objects whose proxies its last answer
    holds, until the next request. By then the client has references of its own."""

    holds = ()
    noting = False
    inside = False

    def note(self, hold):
        """A proxy of an object of this server is being pickled."""
        if self.noting:
            self.holds.append(hold)
        elif not self.inside:
            hold.pickled()  # code that runs here sends it somewhere

    def to_itself(self, function, *args):
        """Call what pickles for this server, or answers of it."""
        before, self.inside = self.inside, True
        try:
            return function(*args)
        finally:
            self.inside = before

    def dumps(self, message):
        self.noting = True
        try:
            return _dumps(message)
        finally:
            self.noting = False


sent = _Sent()


def _raise_descriptor_limit():
    """Each connection needs a descriptor, and each process that is connected."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    except (OSError, ValueError):
        pass  # then it is as it was


def _new_address():
    """Of a socket in a folder of its own, where its path is short enough; else a name."""
    try:
        path = connection.arbitrary_address('AF_UNIX')
        if len(os.fsencode(path)) <= LONGEST_PATH:
            return path
    except OSError:
        pass  # there is no such folder
    for folder in '/tmp', '/var/tmp', '/dev/shm':
        try:
            made = tempfile.mkdtemp(prefix='pymp-', dir=folder)
        except OSError:
            continue
        util.Finalize(None, shutil.rmtree, args=(made, True), exitpriority=-100)
        return os.path.join(made, 'listener')
    return '\0syncmanager-' + secrets.token_hex(16)


def _listen(core, address):
    """Listen there, or at a new address; the address as the standard listener would say it."""
    if _client.is_tls(address):
        return core.listen(address)
    if address is None:
        address = _new_address()
    elif isinstance(address, tuple) and not address[0]:
        address = '0.0.0.0', address[1]
    text = core.listen(_client.address_text(address))
    if text.startswith('unix:@'):
        return b'\0' + os.fsencode(text[len('unix:@'):])
    if text.startswith('unix:'):
        return os.fsdecode(address)
    host, port = text.rsplit(':', 1)
    return host.strip('[]'), int(port)


class _Guest:
    """A hosted object, and what its registration says of it."""

    __slots__ = ('obj', 'exposed', 'method_to_typeid', '__weakref__')


class _Visit:
    """An object of C's, one of whose calls needs Python, and the calls that run on it here."""

    def __init__(self, value):
        self.value = value
        self.calls = 0
        self.served = 0         # calls since it was last thought of leaving
        self.changed = False
        self.needed = True      # by the last call: C could not have served it
        self._lock = threading.Lock()
        self._loaded = []

    def load(self):
        with self._lock:
            if not self._loaded:
                self._loaded.append(ForkingPickler.loads(self.value))
            return self._loaded[0]

    def leave(self, obj, dumps):
        """What goes back to C: the object, pickled; b'', which is as it was; None: it stays."""
        if hasattr(obj, '__len__') and self.served * _ELEMENTS_A_CALL < len(obj):
            return None
        if not self.changed:
            return None if self.needed else b''
        self.served = 0
        try:
            return dumps(obj) if _fits_c(obj) else None
        except Exception:
            return None


class _StopEvent(threading.Event):
    """What ends serve_forever() when a program sets it."""

    def __init__(self, core):
        super().__init__()
        self._core = core

    def set(self):
        super().set()
        self._core.stop()


_cores = weakref.WeakSet()  # of this process: those that a fork must not catch at work
_forking = threading.Lock()
_standing = []              # those that stand still for the fork under way


def _before_fork():
    _forking.acquire()
    _standing.extend(_cores)
    for core in _standing:
        core.before_fork()


def _after_fork(in_child):
    while _standing:
        _standing.pop().after_fork(in_child)
    _forking.release()


def _in_parent():
    _after_fork(False)


def _in_child():
    _after_fork(True)


# An interpreter keeps what is registered longer than what would free it at its end.
os.register_at_fork(before=weakref.proxy(_before_fork), after_in_parent=weakref.proxy(_in_parent),
                    after_in_child=weakref.proxy(_in_child))


def _die_of_sigterm():
    """As whoever sent the signal expects it."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGTERM)


class _Core(_core.Server):
    """The server in C, that may be referred to weakly."""

    __slots__ = ('__weakref__',)


class Server:
    """Serves a manager's objects, in place of multiprocessing.managers.Server."""

    public = managers.Server.public
    fallback_mapping = managers.Server.fallback_mapping  # its functions' names are in messages

    # In the process of a manager that was started: whose process ends, the server serves on while
    # anybody is connected, and for so long after.
    creator = None
    linger_ms = 0
    # How long finalizers, threads and children may take when it has ended.
    last_words_ms = 5000

    def __init__(self, registry, address, authkey, serializer, keepalive_ms=None,
                 sockets_only=False):
        if not isinstance(authkey, bytes):
            raise TypeError(
                'Authkey {0!r} is type {1!s}, not bytes'.format(authkey, type(authkey)))
        self.registry = registry
        self.authkey = process.AuthenticationString(authkey)
        if self.creator:
            _raise_descriptor_limit()
        self._core = _Core(bytes(authkey), _client.in_c(keepalive_ms), self.linger_ms,
                           sockets_only, *_client.tls.get(address, _client.NO_TLS)[1:])
        self.address = _listen(self._core, address)
        if self.creator:
            self._core.follow(self.creator)
        self.stop_event = _StopEvent(self._core)
        self.mutex = threading.Lock()
        self._native = {}  # typeid to SyncManager's, of what is served in C
        self._visits = {}  # our copies of objects of C's, by the number of the visit
        self._visiting = threading.Condition()
        self._guests = weakref.WeakValueDictionary()  # by id() of their objects
        self._descriptors = _descriptors.Descriptors(_new_address)

    def own_proxy(self, proxytype, token, serializer, kwds):
        """A proxy of an object of this server, for the Python code that runs in it.

        It is not counted among the references of clients. The object lives as long as it.
        """
        kwds.update(manager_owned=True, incref=False)
        proxy = proxytype(token, serializer, **kwds)
        proxy._hold = self._core.hold(token.id)
        return proxy

    def serve_forever(self):
        """Run the server until a client asks for shutdown, or stop_event is set; then exit."""
        process.current_process()._manager_server = self
        try:
            self._start()
            try:
                self._accept()
            except (KeyboardInterrupt, SystemExit):
                pass
        finally:
            if sys.stdout != sys.__stdout__:
                util.debug('resetting stdout, stderr')
                sys.stdout = sys.__stdout__
                sys.stderr = sys.__stderr__
            self.stop_event.set()
            self._core.join()
            if self._core.had_sigterm():
                util.Finalize(None, _die_of_sigterm, exitpriority=-1000)  # the last thing
            sys.exit(0)

    def _start(self):
        for typeid, entry in self.registry.items():
            for standard, its_entry in _standard:
                if entry[:3] == its_entry:
                    self._core.register(typeid, standard)
                    self._native[typeid] = standard
                    break
        _cores.add(self._core)
        # What an initializer has done about it holds.
        if self.creator and signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
            self._core.heed_sigterm()
        if self.creator:
            self._core.end_within(self.last_words_ms)
        self._core.start()
        threading.Thread(target=self._collect, daemon=True).start()

    def _accept(self):
        while True:
            session = self._core.accept()
            if session is None:
                return
            threading.Thread(target=self._serve, args=(session,), daemon=True).start()

    def _collect(self):
        while True:
            over = self._core.collect()
            if over is None:
                return
            for number in over:
                with self._visiting:
                    self._visits.pop(number, None)

    def _serve(self, session):
        """Serve one connection. Whatever ends this thread ends the connection."""
        try:
            while True:
                request = session.next()
                if request is None:
                    return
                sent.holds = []
                kind, guest, message = request
                del request
                if kind == _core.REQUEST_CALL:
                    self._serve_call(session, guest, message)
                elif kind == _core.REQUEST_CREATE:
                    self._serve_create(session, message)
                elif kind == _core.REQUEST_VISIT:
                    self._serve_visit(session, *guest, message)
                elif kind == _core.REQUEST_ASK:
                    self._serve_ask(session, *guest)
                elif kind == _core.REQUEST_BRING:
                    self._serve_bring(session, *guest)
                else:
                    self._serve_debug_info(session, guest, message)
                del guest, message
        except SystemExit:
            pass
        finally:
            session.close()

    def _serve_create(self, session, message):
        try:
            _, _, args, kwds = ForkingPickler.loads(message)
            if args[0] in self._native and args[0] in self.registry:
                self._create_native(session, *args, **kwds)
                return
            typeid, guest, exposed = self._create(*args, **kwds)
        except Exception:
            session.answer(_dumps(('#TRACEBACK', format_exc())))
        else:
            session.answer_guest(typeid, guest, exposed)

    def _create_native(self, session, typeid, /, *args, **kwds):
        """Make an object of a type of C's, as C could not tell what is in the arguments.

        The standard library's own callables need not run one at a time, and what they go through
        may be a proxy of an object that is served here.
        """
        callable, exposed, method_to_typeid, _ = self.registry[typeid]
        obj = callable(*args, **kwds)
        kind = type(obj)
        if kind is array.array:
            args = obj.typecode, obj
        elif kind in (list, dict, set) and _fits_c(obj):
            args = obj,
        elif kind is Counter:
            args = obj.get(),
        else:
            args = None
        try:
            args = args and self._dumps_for_c(session, args)
        except Exception:
            args = None  # what is in it stays here
        if args:
            session.answer_new(typeid, args)
            return
        guest, exposed = self._adopt(obj, exposed, method_to_typeid)
        session.answer_guest(typeid, guest, exposed)

    # The typeid has no name that a keyword could have: Python 3.8 is the oldest, but the standard
    # library's create() of 3.8 takes it likewise.
    def _create(self, typeid, /, *args, **kwds):
        """Run a registered callable; the guest and the names that it exposes."""
        # One at a time, as in the standard server: callables rely on it that make what is shared
        # by all when they are first called.
        with self.mutex:
            callable, exposed, method_to_typeid, _ = self.registry[typeid]
            if callable is None:
                if kwds or len(args) != 1:
                    raise ValueError('Without callable, must have one non-keyword argument')
                obj = args[0]
            else:
                obj = callable(*args, **kwds)
            return (typeid,) + self._adopt(obj, exposed, method_to_typeid)

    def _adopt(self, obj, exposed, method_to_typeid):
        if exposed is None:
            exposed = managers.public_methods(obj)
        if method_to_typeid is not None:
            if not isinstance(method_to_typeid, dict):
                raise TypeError('Method_to_typeid {0!r}: type {1!s}, not dict'.format(
                    method_to_typeid, type(method_to_typeid)))
            exposed = list(exposed) + list(method_to_typeid)
        guest = self._guests.get(id(obj))
        if guest is None:
            guest = _Guest()
            guest.obj = obj
        guest.exposed = set(exposed)
        guest.method_to_typeid = method_to_typeid
        self._guests[id(obj)] = guest
        return guest, tuple(name.encode() for name in exposed)

    def _serve_call(self, session, guest, message):
        reply = self._call(session, guest.obj, guest.exposed, guest.method_to_typeid, message)
        if reply is not None:
            session.answer(reply)

    def _call(self, session, obj, exposed, gettypeid, message, visit=None):
        """Run a method; the pickled reply, or None where the answer was a proxy."""
        methodname = None
        try:
            ident, methodname, args, kwds = ForkingPickler.loads(message)
            if visit is not None and methodname not in _READS:
                visit.changed = True
            elif visit is not None:
                visit.needed = bool(kwds) or not all(map(_is_for_c, args))
            if visit is not None and methodname in self.fallback_mapping:
                raise AttributeError(methodname)
            if exposed is not None and methodname not in exposed:
                raise AttributeError('method %r of %r object is not in exposed=%r' %
                                     (methodname, type(obj), exposed))
            function = getattr(obj, methodname)
            try:
                res = function(*args, **kwds)
            except Exception as e:
                if session.tracebacks:
                    e = ExceptionWithTraceback(e, e.__traceback__)
                msg = ('#ERROR', e)
            else:
                typeid = gettypeid and gettypeid.get(methodname, None)
                if typeid:
                    self._answer_proxy(session, typeid, res)
                    return None
                msg = ('#RETURN', res)
        except AttributeError:
            if methodname is None:
                msg = ('#TRACEBACK', format_exc())
            else:
                try:
                    fallback = self.fallback_mapping[methodname]
                    msg = ('#RETURN', fallback(self, session, ident, obj, *args, **kwds))
                except Exception:
                    msg = ('#TRACEBACK', format_exc())
        except EOFError:
            sys.exit(0)
        except Exception:
            msg = ('#TRACEBACK', format_exc())
        try:
            return sent.dumps(msg)
        except Exception:
            return _dumps(('#UNSERIALIZABLE', format_exc()))

    def _serve_visit(self, session, number, value, message):
        """Call a method, which C has found exposed, of our copy of an object of C's."""
        with self._visiting:
            if value is not None:
                self._visits[number] = _Visit(value)
                self._visiting.notify_all()
            while number not in self._visits:
                self._visiting.wait()
            visit = self._visits[number]
            visit.calls += 1
            visit.served += 1
        try:
            try:
                obj = visit.load()
            except Exception:  # what is in it is of no class that is known here
                session.answer_visit(_dumps(('#TRACEBACK', format_exc())), visit.value)
                return
            gettypeid = {'__iter__': 'Iterator'} if type(obj) is dict else None
            reply = self._call(session, obj, None, gettypeid, message, visit)
        finally:
            with self._visiting:
                visit.calls -= 1
                last = visit.calls == 0
        if reply is None:
            return
        value = None
        if last:
            value = visit.leave(obj, lambda obj: self._dumps_for_c(session, obj))
        if value is None:
            session.answer(reply)
        else:
            session.answer_visit(reply, value)

    def _serve_ask(self, session, ask, typecode, making, argument):
        """Tell C what an argument comes to."""
        try:
            try:
                value = _arguments.plain(
                    ask, typecode, making, ForkingPickler.loads(argument))
            except Exception as e:
                if making:
                    raise
                if session.tracebacks:
                    e = ExceptionWithTraceback(e, e.__traceback__)
                session.answer(_dumps(('#ERROR', e)))
            else:
                session.answer_plain(value and _dumps(*value))
        except Exception:
            session.answer(_dumps(('#TRACEBACK', format_exc())))

    def _serve_bring(self, session, making, sent):
        """Take over the descriptors that are among the arguments of a call of C's."""
        try:
            kept = [self._descriptors.take_over(one) for one in ForkingPickler.loads(sent)]
        except Exception as e:
            if isinstance(e, EOFError) and not making:
                sys.exit(0)  # as the standard server, that gets this while it reads the request
            session.answer(_dumps(('#TRACEBACK', format_exc())))
            return
        for descriptor in kept:
            session.bring(descriptor, descriptor.key)
        session.answer_brought(_dumps([descriptor.state for descriptor in kept]))

    def _dumps_for_c(self, session, value):
        """Pickle a value of the answer that C is to store: the descriptors in it are kept here."""
        kept = []
        pickled = _dumps(value, self._descriptors.reducers(kept))
        for descriptor in kept:
            session.bring(descriptor, descriptor.key)
        return pickled

    def _answer_proxy(self, session, typeid, res):
        """Answer with a proxy of what a method in method_to_typeid returned."""
        if typeid in self._native and type(res) in _PLAIN and _fits_c(res):
            try:
                args = self._dumps_for_c(session, (res,))
            except Exception:
                pass  # what is in it stays here
            else:
                session.answer_new(typeid, args)
                return
        typeid, guest, exposed = self._create(typeid, res)
        session.answer_guest(typeid, guest, exposed)

    def _serve_debug_info(self, session, guests, message):
        guests = iter(guests)
        result = []
        try:
            _, _, (lines,), _ = ForkingPickler.loads(message)
            for ident, references, text in lines:
                if text is None:
                    text = str(next(guests).obj)[:75]
                result.append('  %s:       refcount=%s\n    %s' % (ident, references, text))
            msg = ('#RETURN', '\n'.join(result))
        except Exception:
            msg = ('#TRACEBACK', format_exc())
        session.answer(_dumps(msg))
