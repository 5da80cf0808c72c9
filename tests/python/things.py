# SPDX-License-Identifier: MIT
"""What the tests register in Python; children import it, whatever their start method."""

import os
import sys
import threading


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


def register(manager_class):
    """A class of managers with all of these."""
    class Manager(manager_class):
        pass

    Manager.register('Thing', Thing)
    Manager.register('fails', fails)
    Manager.register('nothing', nothing)
    Manager.register('exits', exits)
    return Manager
