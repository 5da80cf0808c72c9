# SPDX-License-Identifier: MIT
"""What the tests register in Python; children import it, whatever their start method."""

import os
import sys
import threading
from multiprocessing import managers

import package  # noqa: F401: the package under test can be imported then
import syncmanager


class Thing:
    """Methods that do what methods should not."""

    def __init__(self, start=0):
        self.value = start

    def add(self, n):
        self.value += n
        return self.value

    def lambda_(self):
        return lambda: None

    def holds_a_lock(self):
        return {'lock': threading.Lock()}

    def fails(self):
        raise ValueError('it failed')

    def fails_with_what_cannot_be_pickled(self):
        error = ValueError('it failed')
        error.lock = threading.Lock()
        raise error

    def exits(self):
        sys.exit(3)

    def where(self):
        return os.getpid(), threading.get_ident()


def fails(*args, **kwds):
    raise LookupError('there is none: %r %r' % (args, kwds))


def nothing():
    return None


def exits():
    sys.exit('gone')


def register(name, base):
    """A class of managers with all of these; a child finds it here under its name."""
    Manager = type(name, (base,), {'__module__': __name__})
    Manager.register('Thing', Thing)
    Manager.register('fails', fails)
    Manager.register('nothing', nothing)
    Manager.register('exits', exits)
    return Manager


StandardManager = register('StandardManager', managers.SyncManager)
OurManager = register('OurManager', syncmanager.SyncManager)
