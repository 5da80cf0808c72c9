# SPDX-License-Identifier: MIT
"""Tests as tables: small scripts that must come out the same on both servers.

A table is a dict of facts: what holds, and a script that shows it.  Each statement of a script is a
step; its outcome (see outcomes.py) is written down, and the transcript of the daemon is compared
with the stock server's.

    @table({
        'a lock is not acquired twice': '''
            lock = m.Lock()
            lock.acquire()
            lock.acquire(False)
        ''',
    })
    class LockTest(Interop):
        pass

A script sees `m`, the connected manager, what its class adds with NAMES, and the helpers of
`Script`. Each script runs in a thread, and so on connections, of its own.  When it is over all that
it made must be gone again: the last line of a transcript is the number of objects it left behind.
"""

import ast
import gc
import textwrap
import threading
import unittest

import differences
from outcomes import describe, describe_error
from servers import PATIENCE, Daemon, Stock, daemon_path, wait_until


class Later:
    """A call under way in a thread, and so on a connection, of its own."""

    def __init__(self, call):
        self.value = self.error = None
        self.thread = threading.Thread(target=self.run, args=(call,), daemon=True)
        self.thread.start()

    def run(self, call):
        try:
            self.value = call()
        except Exception as error:
            self.error = error.with_traceback(None)

    def result(self):
        """Wait for the outcome, and have it: the value, or the exception."""
        self.thread.join(PATIENCE)
        if self.thread.is_alive():
            raise TimeoutError('no answer')
        if self.error is not None:
            raise self.error
        return self.value

    def waits(self, seconds=0.05):
        """Whether there is no answer yet, having given it some time."""
        self.thread.join(seconds)
        return self.thread.is_alive()


class Script:
    """One run of a script against one server."""

    def __init__(self, server, text, names):
        self.server = server
        self.steps = list(split_steps(text))
        self.transcript = []
        self.vacuous = []
        self.step = None
        self.names = dict(names, later=Later, until=wait_until, server=server,
                          call=lambda proxy, name, *args, **kwds:
                          proxy._callmethod(name, args, kwds))

    def run(self):
        """Run it to its end, or until the server has not answered for too long."""
        thread = threading.Thread(target=self.run_steps, daemon=True)
        thread.start()
        thread.join(PATIENCE * 1.5)
        if thread.is_alive():
            source = self.step
            self.server.kill()
            thread.join(PATIENCE)
            self.transcript.append('no answer to: %s' % source)
        elif not self.server.alive():
            self.transcript.append('the server died:\n' + self.server.read_errors()[-4000:])
        return '\n'.join(self.transcript) + '\n'

    def run_steps(self):
        try:
            manager = self.names['m'] = self.server.connect()
            before = manager._number_of_objects()
            for source, code, is_expression in self.steps:
                self.step = source
                self.transcript += ['>>> ' + source, self.run_step(code, is_expression)]
            self.names.clear()
            gc.collect()
            left = manager._number_of_objects() - before
            self.transcript.append('left behind: %d' % left)
        except Exception as error:
            self.transcript.append('the script broke off: ' + describe_error(error))

    def run_step(self, code, is_expression):
        try:
            if is_expression:
                return describe(eval(code, self.names))
            exec(code, self.names)
            return ''
        except (NameError, SyntaxError) as error:
            self.vacuous.append(str(error))
            return describe_error(error)
        except Exception as error:
            return describe_error(error)


def split_steps(text):
    """The statements of a script: source, code, whether it has a value."""
    text = textwrap.dedent(text).strip('\n')
    lines = text.split('\n')
    for node in ast.parse(text).body:
        source = '\n'.join(lines[node.lineno - 1:node.end_lineno])
        is_expression = isinstance(node, ast.Expr)
        if is_expression:
            code = compile(ast.Expression(node.value), '<case>', 'eval')
        else:
            code = compile(ast.Module([node], []), '<case>', 'exec')
        yield source, code, is_expression


class Interop(unittest.TestCase):
    """Tests that run on a stock server first, then on the daemon."""

    REGISTERED = {}
    NAMES = {}
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.servers = {}

    @classmethod
    def tearDownClass(cls):
        for server in cls.servers.values():
            if server.alive():
                server.stop()

    def server(self, kind):
        """The class's server of that kind; a new one when the last has died."""
        server = self.servers.get(kind)
        if server is None or not server.alive():
            if server is not None:
                server.kill()
            server = self.servers[kind] = kind(self.REGISTERED)
        return server

    def each_server(self):
        """Stock first; then the daemon, without which the test is skipped."""
        yield self.server(Stock)
        if daemon_path() is None:
            self.skipTest('there is no syncmanagerd to compare with')
        yield self.server(Daemon)

    def compare(self, run):
        """run(server) gives the same text on both servers."""
        expected = None
        for server in self.each_server():
            text = run(server)
            if server.name == 'stock':
                expected = text
            else:
                self.assertMultiLineEqual(expected, text, 'stock (-) and daemon (+) differ')

    def compare_script(self, text):
        def run(server):
            script = Script(server, text, self.NAMES)
            transcript = script.run()
            if server.name == 'stock':
                self.assertFalse(script.vacuous, 'the script itself is wrong')
                for trouble in ('no answer', 'the server died', 'broke off'):
                    self.assertNotIn(trouble, transcript)
            return transcript

        self.compare(run)


def table(cases):
    """Give a test class a test for each row of a table."""
    def add_tests(cls):
        for fact, script in cases.items():
            name = 'test_' + ''.join(c if c.isalnum() else '_' for c in fact)
            assert not hasattr(cls, name), name
            setattr(cls, name, make_test(fact, script))
        return cls

    return add_tests


def make_test(fact, script):
    def test(self):
        reason = differences.CASES.get(fact)
        if reason:
            self.skipTest('differs on purpose: ' + reason)
        self.compare_script(script)

    test.__doc__ = fact
    return test
