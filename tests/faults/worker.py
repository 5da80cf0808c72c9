#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A client of the standard library that carries out a plan (plan.py) and writes down what comes of
it (history.py), under any CPython from 3.8 on.

It is started as a nursery: one process that has imported everything, and forks a client for each
line `spawn JOB`, answering its pid; `reap PID` waits for one and answers its status. So a client
costs milliseconds, however often it is killed.
"""

import ast
import json
import multiprocessing
import os
import sys
import time
import traceback
from multiprocessing import managers

GIVEN_UP = 3
HOSTED = None, (), None, managers.BaseProxy  # a program's own class, as it is registered
LOST = (EOFError, OSError, multiprocessing.AuthenticationError)


def now():
    return time.monotonic_ns()


class Client:
    def __init__(self, job):
        self.address = job['address']
        if isinstance(self.address, list):
            self.address = tuple(self.address)
        self.key = job['key'].encode()
        multiprocessing.current_process().authkey = self.key
        self.until = job['until']
        self.record_fd = os.open(job['history'], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.connection = 0
        self.proxies = {}
        self.objects = {}  # idents of the shared ones, with their typeids
        self.manager = self.persist(self.connect)
        self.good = self.raised = False

    def record(self, text):
        os.write(self.record_fd, text.encode())

    def persist(self, function, *args):
        """What is done before the calls that are watched is tried until it succeeds."""
        while True:
            try:
                return function(*args)
            except LOST:
                if now() > self.until:
                    self.finish()
                time.sleep(0.01)

    def connect(self):
        manager = managers.SyncManager(self.address, self.key)
        manager.connect()
        return manager

    def know(self, name, typeid, ident):
        self.objects[name] = typeid, ident

    def proxy(self, name):
        if name not in self.proxies:
            typeid, ident = self.objects[name]
            token = managers.Token(typeid, self.address, ident)
            _, exposed, _, proxy_type = managers.SyncManager._registry.get(typeid, HOSTED)
            self.proxies[name] = self.persist(lambda: proxy_type(
                token, 'pickle', authkey=self.key, exposed=exposed))
        return self.proxies[name]

    def forget_connection(self):
        """The standard library keeps a broken connection for ever."""
        slot, _ = managers.BaseProxy._address_to_local.get(self.address, (None, None))
        if hasattr(slot, 'connection'):
            slot.connection.close()
            del slot.connection
        self.connection += 1

    def attempt(self, name, method, arguments, function):
        """Do it, and write down that it is about to be done, and what came of it."""
        self.record('> %d %d %s %s %s\n' % (now(), self.connection, name, method, arguments))
        self.good = self.raised = False
        try:
            value = function()
        except LOST:
            self.record('< %d lost\n' % now())
            self.forget_connection()
            return False
        except Exception as error:
            self.record('< %d raised %s\n' % (now(), type(error).__name__))
            self.raised = True
            return True
        self.record('< %d ok %r\n' % (now(), value))
        self.good = value is not False
        return True

    def call(self, mark, name, method, arguments):
        if mark[0] == '&' and not self.good or mark[0] == '|' and not self.raised:
            return
        if name.startswith('own') and name not in self.proxies:
            return  # it could not be made
        proxy = self.proxy(name)
        before = self.good, self.raised
        args = ast.literal_eval(arguments)
        answered = self.attempt(name, method, arguments, lambda: proxy._callmethod(method, args))
        if mark[0] != '+':
            self.good, self.raised = before
        if not answered and mark.endswith('!'):
            self.record('! %d\n' % now())
            os._exit(GIVEN_UP)

    def new(self, name, typeid, arguments):
        try:
            self.proxies[name] = getattr(self.manager, typeid)(*ast.literal_eval(arguments))
        except LOST:
            pass

    def drop(self, name):
        self.proxies.pop(name, None)

    def lend(self, name, table, key):
        if name in self.proxies:
            proxy = self.proxies[name]
            shared = self.proxy(table)
            self.attempt(table, 'lend', '(%s,)' % key, lambda: shared._callmethod(
                '__setitem__', (ast.literal_eval(key), proxy)))

    def borrow(self, name, table, key):
        def take():
            self.proxies[name] = shared._callmethod('__getitem__', (ast.literal_eval(key),))
        shared = self.proxy(table)
        self.attempt(table, 'borrow', '(%s,)' % key, take)

    def send(self, name, queue):
        if name in self.proxies:
            proxy = self.proxies[name]
            shared = self.proxy(queue)
            self.attempt(queue, 'send', '()', lambda: shared._callmethod('put', (proxy, False)))

    def fetch(self, name, queue):
        def take():
            self.proxies[name] = shared._callmethod('get', (False,))
        shared = self.proxy(queue)
        self.attempt(queue, 'fetch', '()', take)

    def run(self, lines):
        other = {'object': self.know, 'new': self.new, 'drop': self.drop, 'lend': self.lend,
                 'borrow': self.borrow, 'send': self.send, 'fetch': self.fetch}
        for line in lines:
            mark, rest = line.rstrip('\n').split(' ', 1)
            if mark == '~':
                time.sleep(float(rest))
            elif mark in other:
                words = rest.split(' ', 2)
                other[mark](*words)
            elif mark[0] == '+' and now() > self.until:
                break
            else:
                self.call(mark, *rest.split(' ', 2))
        self.finish()

    def finish(self):
        self.record('. %d\n' % now())
        self.proxies.clear()  # gives the references back
        os._exit(0)


def live(job):
    try:
        with open(job['plan']) as plan:
            Client(job).run(plan)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    os._exit(1)


def spawn(job):
    pid = os.fork()
    if pid == 0:
        live(json.loads(job))
    return pid


def reap(pid):
    _, status = os.waitpid(int(pid), 0)
    return status


def nursery():
    for line in iter(sys.stdin.readline, ''):
        word, rest = line.split(' ', 1)
        print({'spawn': spawn, 'reap': reap}[word](rest), flush=True)


if __name__ == '__main__':
    nursery()
