# SPDX-License-Identifier: MIT
"""Classes and functions to register; children import them, whatever their start method."""

import os
import sys
import threading
from multiprocessing import managers

import package  # noqa: F401: the package under test can be imported then
import syncmanager


class Counter:
    def __init__(self, n=0, step=1):
        self.n = n
        self.step = step
        self.kept = None

    def add(self, k=None):
        self.n += self.step if k is None else k
        return self.n

    def get(self):
        return self.n

    def fails(self):
        raise ValueError('it failed')

    def unpicklable(self):
        return lambda: None

    def fails_unpicklably(self):
        error = ValueError('it failed')
        error.lock = threading.Lock()
        raise error

    def attribute_error(self):
        return self.missing

    def eof_error(self):
        raise EOFError('no more')

    def key_error(self):
        return {}['k']

    def exits(self):
        sys.exit(3)

    def interrupts(self):
        raise SystemExit('over')

    def itself(self):
        return self

    def row(self):
        return [1, self.n]

    def unpicklable_row(self):
        return [threading.Lock()]

    def table(self):
        return {'n': self.n}

    def nonsense(self):
        return 1.5

    def generate(self):
        yield from (1, 2, 3)

    def keep(self, proxy):
        self.kept = proxy

    def kept_length(self):
        return len(self.kept)

    def length_of(self, items):
        return len(items)

    def call(self, counter):
        return counter.get()

    def _hidden(self):
        return 1


class Gate:
    def __init__(self):
        self.event = threading.Event()
        self.waits = False

    def wait(self):
        self.waits = True
        self.event.wait()

    def waiting(self):
        return self.waits

    def open(self):
        self.event.set()


class Stuck:
    def __del__(self):
        threading.Event().wait()


class Watched:
    def __init__(self, event):
        self.event = event

    def __del__(self):
        self.event.set()


class Countdown:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return iter(range(self.n))


class Pairs:
    def keys(self):
        return ['a', 'b']

    def __getitem__(self, key):
        return key * 2


class Locks:
    def __iter__(self):
        return iter([threading.Lock(), threading.Lock()])


class Waits:
    """A key that waits for a gate."""

    def __init__(self, gate):
        self.gate = gate

    def __call__(self, x):
        self.gate.wait()
        return x


class TwiceProxy(managers.BaseProxy):
    _exposed_ = ('get',)

    def twice(self):
        return 2 * self._callmethod('get')


the_counter = Counter()
the_list = [1, 2]


def raises():
    raise LookupError('none')


def base_exception():
    raise managers.ProcessError('odd')


def nothing():
    return None


def exits():
    sys.exit('gone')


def singleton():
    return the_counter


def registered_list():
    return the_list


def registered_length():
    return len(the_list)


def misses_argument(a):
    return a


def square(x):
    return x * x


def sockets(_):
    """The sockets that this process has."""
    names = [os.readlink(entry.path) for entry in os.scandir('/proc/self/fd')
             if os.path.islink(entry.path)]
    return [name for name in names if name.startswith('socket')]


def text():
    return 'n = {}'


def exits_with(x):
    sys.exit(x)


def unknown(x):
    return x.nothing


def minus(x):
    return -x


def fail(x):
    raise ValueError('no %r' % x)


def fail_nothing():
    return None


def fail_now():
    raise ValueError('now')


def register(name, base):
    """A class of managers with all of these; a child finds it here under its name."""
    Manager = type(name, (base,), {'__module__': __name__})
    Manager.register('Counter', Counter, method_to_typeid={
        'itself': 'Counter_', 'row': 'list', 'table': 'dict', 'generate': 'Iterator',
        'nonsense': 'list', 'unpicklable_row': 'list'})
    Manager.register('Counter_', create_method=False)
    for function in (raises, base_exception, nothing, exits, singleton, registered_list,
                     registered_length, misses_argument, text):
        Manager.register(function.__name__, function)
    Manager.register('without_callable')
    Manager.register('without_create_method', Counter, create_method=False)
    Manager.register('few', Counter, exposed=('get',))
    Manager.register('proxied', Counter, TwiceProxy)
    Manager.register('Gate', Gate)
    Manager.register('Stuck', Stuck)
    Manager.register('Watched', Watched)
    return Manager


StandardManager = register('StandardManager', managers.SyncManager)
OurManager = register('OurManager', syncmanager.SyncManager)
