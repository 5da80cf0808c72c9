# SPDX-License-Identifier: MIT
"""The client that nothing happens to: it makes the objects, frees the last that wait, and looks at
what is left. It is a client of the standard library, and its calls are in the history too."""

import re
import time
from multiprocessing import managers

from history import OK, RAISED, Call, History
from plan import kind_of

NAME = 'observer'
PATIENCE = 10.0


class Observer:
    def __init__(self, manager, key):
        self.manager = manager
        self.key = key
        self.proxies = {}
        self.history = History(NAME)
        self.items = 0

    def make(self, name, typeid, args):
        proxy = getattr(self.manager, typeid)(*args)
        self.proxies[name] = proxy
        return typeid, proxy._token.id

    def call(self, name, method, *args):
        """Call and remember it; whether it was answered, and with what."""
        call = Call(NAME, 0, name, method, args, time.monotonic_ns())
        self.history.calls.append(call)
        try:
            call.value = self.proxies[name]._callmethod(method, args)
            call.outcome = OK
        except Exception as error:
            call.outcome, call.value = RAISED, type(error).__name__
        call.end = time.monotonic_ns()
        return call.outcome == OK and call.value is not False

    def item(self):
        """An item that nobody else puts."""
        self.items -= 1
        return self.items

    def release_waiters(self):
        """One call that lets somebody go on, for each way to wait."""
        for name in self.proxies:
            kind = kind_of(name)
            if kind in ('semaphore', 'bounded'):
                self.call(name, 'release')
            elif kind == 'event':
                self.call(name, 'set')
            elif kind == 'barrier':
                self.call(name, 'abort')
            elif kind == 'condition':
                self.notify_all(name)
            elif kind in ('queue', 'jobs'):
                self.call(name, 'put', self.item(), False)
                self.call(name, 'get', False)
                self.until_it_fails(name, 'task_done')  # those of the dead are missing

    def notify_all(self, name):
        if self.call(name, 'acquire', True, 1.0):
            self.call(name, 'notify_all')
            self.call(name, 'release')

    def inspect(self, goes_on):
        """What is left is part of the history. A lock that `goes_on` is worth waiting for."""
        for name in self.proxies:
            kind = kind_of(name)
            if kind in ('lock', 'rlock'):
                if self.call(name, 'acquire', True, 4.0 if goes_on(name) else 0.1):
                    self.call(name, 'release')
            elif kind == 'condition':
                self.notify_all(name)
            elif kind in ('semaphore', 'bounded'):
                self.until_it_fails(name, 'acquire', False)
            elif kind in ('queue', 'jobs'):
                self.until_it_fails(name, 'get', False)
                self.until_it_fails(name, 'task_done')
                self.call(name, 'join')
            elif kind in ('list', 'dict'):
                self.call(name, '#GETVALUE')
            elif kind in ('value', 'counter', 'tally'):
                self.call(name, 'get')

    def until_it_fails(self, *call):
        while self.call(*call):
            pass

    def forget(self):
        """Give the references back, and begin a new history."""
        self.proxies.clear()
        self.history = History(NAME)

    def ask(self, function, *args, **kwds):
        connection = managers.listener_client['pickle'][1](self.manager.address, authkey=self.key)
        try:
            return managers.dispatch(connection, None, function, args, kwds)
        finally:
            connection.close()

    def number_of_objects(self):
        return self.ask('number_of_objects')

    def drop_for_the_dead(self):
        """Give back, in the name of clients that are gone, what they held; how much it was."""
        count = 0
        for ident, references in re.findall(r'^  (\w+): +refcount=(\d+)$',
                                            self.ask('debug_info'), re.MULTILINE):
            for _ in range(int(references)):
                self.ask('decref', ident)
                count += 1
        return count
