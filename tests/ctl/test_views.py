# SPDX-License-Identifier: MIT
"""What the views of a manager answer on the wire, op for op: sm_info, sm_clients, sm_objects, sm_locks,
and debug_info, of a manager whose state is known.
"""

import itertools
import os
import pickletools
import shlex
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'interop'))

from raw import Raw, ask, open_calls  # noqa: E402
from servers import Daemon, format_address, wait_until  # noqa: E402

SIGNS = {'EMPTY_DICT': '{', 'SETITEMS': '}', 'EMPTY_LIST': '[', 'APPENDS': ']', 'MARK': '(',
         'NONE': 'None', 'NEWTRUE': 'True', 'NEWFALSE': 'False', 'TUPLE2': '2)'}


WHO = "'pid' %d 'process' str 'host' 'local'" % os.getpid()
KINDS = {'int': int, 'float': float, 'str': str}


def signs(data):
    """The ops of a pickle, each as (its sign, its argument)."""
    return [(SIGNS.get(op.name, op.name) if arg is None else repr(arg), arg)
            for op, arg, _ in pickletools.genops(data)]


def blurred(shown, expected):
    """What is only expected to be an int, a float or a str, shown as that."""
    return [sign_of if sign_of in KINDS and type(arg) is KINDS[sign_of] else sign
            for (sign, arg), sign_of in itertools.zip_longest(shown, expected[:len(shown)])]


class WireTest(unittest.TestCase):
    maxDiff = None

    def start(self, registered=None, address=None):
        self.server = Daemon(registered, address)
        self.addCleanup(self.server.kill)
        self.names = {'WHO': WHO}

    def create(self, name, typeid, *args):
        """An object, shown by this name; its ident."""
        ident, _ = ask(self.server.address, 'create', typeid, *args)[1]
        self.names[name] = repr(ident)
        return ident

    def open(self):
        raw = open_calls(self.server.address)
        self.addCleanup(raw.close)
        return raw

    def park(self, ident, method, *args):
        """A client that waits in a call."""
        raw = self.open()
        raw.send_object((ident, method, args, {}))
        self.parked = getattr(self, 'parked', 0) + 1
        self.assertTrue(wait_until(
            lambda: ask(self.server.address, 'sm_info')[1]['waiting'] == self.parked))

    def number(self, raw, name):
        """The client of a connection is shown by this name."""
        raw.send_object((None, 'sm_connection', (), {}))
        self.names[name] = repr(raw.receive_object()[1])

    def check(self, expected, function, *args):
        """The answer in signs, where any int, float or str may be `int`, `float` or `str`."""
        with Raw(self.server.address) as raw:
            raw.handshake().send_object((None, function, args, {}))
            shown = signs(raw.receive())
        for name, known in self.names.items():
            expected = expected.replace(name, known)
        expected = ['4', "'#RETURN'"] + shlex.split(expected, posix=False) + ['2)', 'STOP']
        self.assertEqual('\n'.join(expected), '\n'.join(blurred(shown, expected)))

    def test_info(self):
        self.start({'config': 'dict({"a": 1})'})
        self.create('LIST', 'list', [1])
        self.park(self.create('EVENT', 'Event'), 'wait')
        self.check("""
            { ( 'version' str 'pid' int 'uptime_s' float 'addresses' [ ( %r ] 'pages' [ ( ]
                'connections' int 'processes' int 'waiting' 1 'objects' 2 'objects_alive' 3
                'objects_in_transit' 0 'references' 2 'words' 0 'lent' 0 'watched' 0 'rings' 0
                'keys' 1
                'calls' int 'connections_ever' int 'bytes_in' int 'bytes_out' int 'owner_deaths' 0
                'references_dropped' 0 'undelivered' 0 'refused' 0 'cut' 0 'full' 0 'killed' 0
                'recalls' 0 'by_rings' 0
                'memory' { ( 'used' int 'limit' int 'connections' int 'tables' int 'objects' int
                             'shared' 0 'resident' int } }
            """ % format_address(self.server.address), 'sm_info')

    def values(self, typeid, *args, calls=()):
        """The newest values of a new object, after calls of it."""
        ident = self.create(typeid, typeid, *args)
        with open_calls(self.server.address) as raw:
            for method, *arguments in calls:
                self.assertEqual('#RETURN', raw.call(ident, method, *arguments)[0])
        return ask(self.server.address, 'sm_values', ident)[1]

    def test_values_are_the_newest_as_text(self):
        self.start()
        self.assertEqual(['3.5', "'b'", '1'], self.values('list', [1, 'b', 3.5]))
        self.assertEqual(["'b': [2]", "'a': 1"], self.values('dict', {'a': 0, 'b': [2], 'c': 3}, calls=[
            ('__delitem__', 'c'), ('__setitem__', 'a', 1)]))
        self.assertEqual(["'x'"], self.values('set', {'x'}))
        self.assertEqual(['2', '1'], self.values('Queue', calls=[('put', n) for n in range(3)] + [('get',)]))
        self.assertEqual(['3', '2'], self.values('Array', 'i', [2, 3]))
        self.assertEqual(["'n': None"], self.values('Namespace', calls=[('__setattr__', 'n', None)]))
        self.assertEqual(["Value('i', 7)"], self.values('Value', 'i', 7))
        self.assertEqual(1, len(self.values('Lock')))
        for typeid in 'list', 'dict', 'set', 'Queue', 'Namespace':
            self.assertEqual([], self.values(typeid))

    def test_values_are_cut(self):
        self.start()
        self.assertEqual([str(n) for n in range(99, 49, -1)], self.values('list', list(range(100))))
        euros, = self.values('list', ['\u20ac' * 1000])
        self.assertEqual("'" + '\u20ac' * 199, euros)
        large, = self.values('list', [list(range(100000))])
        self.assertRegex(large, '^<[0-9]+ bytes>$')

    def test_values_of_nothing_are_an_error(self):
        self.start()
        self.assertEqual('#TRACEBACK', ask(self.server.address, 'sm_values', 'abc')[0])

    def test_clients(self):
        self.start()
        event = self.create('EVENT', 'Event')
        idle = self.open()
        self.number(idle, 'IDLE')
        self.park(event, 'wait', 3600)
        self.check("""
            None [ ( { ( 'client' IDLE WHO 'uid' int 'key' None 'right' 'admin' 'state' 'idle' 'since_s' float 'calls' 2
                         'bytes_in' int 'bytes_out' int 'unsent' 0 'shares' False 'ring' False 'tls' None 'waits_for' None }
                     { ( 'client' int WHO 'uid' int 'key' None 'right' 'admin' 'state' 'waiting' 'since_s' float 'calls' 2
                         'bytes_in' int 'bytes_out' int 'unsent' 0 'shares' False 'ring' False 'tls' None
                         'waits_for' { ( 'ident' EVENT 'type' 'Event' 'method' 'wait'
                                         'waits_s' float 'left_s' float } }
                     { ( 'client' int WHO 'uid' int 'key' None 'right' 'admin' 'state' 'closing' 'since_s' float 'calls' 1
                         'bytes_in' int 'bytes_out' int 'unsent' int 'shares' False 'ring' False 'tls' None 'waits_for' None } ] 2)
            """, 'sm_clients')

    def test_clients_over_tcp(self):
        self.start(address='127.0.0.1:0')
        self.check("""
            None [ ( { ( 'client' int 'pid' None 'process' None 'host' str 'uid' None 'key' None 'right' 'admin'
                         'state' 'closing' 'since_s' float 'calls' 1
                         'bytes_in' int 'bytes_out' int 'unsent' int 'shares' False 'ring' False 'tls' None 'waits_for' None } ] 2)
            """, 'sm_clients')

    def test_objects(self):
        self.start()
        self.create('LIST', 'list', [1, 2])
        self.park(self.create('EVENT', 'Event'), 'wait')
        self.check("""
            None [ ( { ( 'ident' LIST 'type' 'list' 'name' None 'references' 1 'waiting' 0
                         'calls' None 'items' 2 'bytes' int 'value' '[1, 2]' }
                     { ( 'ident' EVENT 'type' 'Event' 'name' None 'references' 1 'waiting' 1
                         'calls' None 'items' 0 'bytes' int 'value' str } ] 2)
            """, 'sm_objects')

    def test_a_registered_object(self):
        self.start({'config': 'dict({"a": 1})'})
        self.check("""
            None [ ( { ( 'ident' str 'type' 'dict' 'name' 'config' 'references' 0 'waiting' 0
                         'calls' None 'items' 1 'bytes' int 'value' "{'a': 1}" } ] 2)
            """, 'sm_objects')

    def test_where_objects_start(self):
        self.start()
        self.create('LIST', 'list')
        self.check("None [ ( ] 2)", 'sm_objects', 1 << 40)

    def hold(self, ident, name):
        raw = self.open()
        self.number(raw, name)
        self.assertEqual(('#RETURN', True), raw.call(ident, 'acquire'))
        return raw

    def test_locks(self):
        self.start()
        lock = self.create('LOCK', 'Lock')
        self.hold(lock, 'HOLDER')
        self.park(lock, 'acquire')
        self.park(self.create('SEMAPHORE', 'Semaphore', 0), 'acquire', True, 3600)
        self.check("""
            { ( 'held' [ ( { ( 'ident' LOCK 'type' 'lock' 'client' HOLDER WHO 'gone' False
                               'held_s' float 'waiting' 1 } ]
                'waiting' [ ( { ( 'ident' LOCK 'type' 'lock' 'client' int WHO
                                  'method' 'acquire' 'waits_s' float 'left_s' None
                                  'held_by' HOLDER }
                              { ( 'ident' SEMAPHORE 'type' 'Semaphore' 'client' int WHO
                                  'method' 'acquire' 'waits_s' float 'left_s' float
                                  'held_by' None } ]
                'deadlocks' [ ( ] 'next' None }
            """, 'sm_locks')

    def test_a_deadlock(self):
        self.start()
        lock = self.create('LOCK', 'Lock')
        holder = self.hold(lock, 'HOLDER')
        holder.send_object((lock, 'acquire', (), {}))
        self.assertTrue(wait_until(lambda: ask(self.server.address, 'sm_info')[1]['waiting']))
        self.check("""
            { ( 'held' [ ( { ( 'ident' LOCK 'type' 'lock' 'client' HOLDER WHO 'gone' False
                               'held_s' float 'waiting' 1 } ]
                'waiting' [ ( { ( 'ident' LOCK 'type' 'lock' 'client' HOLDER WHO
                                  'method' 'acquire' 'waits_s' float 'left_s' None
                                  'held_by' HOLDER } ]
                'deadlocks' [ ( [ ( { ( 'ident' LOCK 'type' 'lock' 'client' HOLDER WHO
                                        'method' 'acquire' 'waits_s' float 'left_s' None } ] ]
                'next' None }
            """, 'sm_locks')

    def test_debug_info(self):
        self.start({'config': 'dict({"a": 1})'})
        ident = self.create('LIST', 'list', ['x' * 100])
        with Raw(self.server.address) as raw:
            text = raw.handshake().ask('debug_info')
        self.assertEqual(('#RETURN', "  %s:       refcount=1\n    ['%s" % (ident, 'x' * 73)), text)


if __name__ == '__main__':
    unittest.main()
