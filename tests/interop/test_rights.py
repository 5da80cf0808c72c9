# SPDX-License-Identifier: MIT
"""Every method of every type, called by who may only read: it reads, or it is refused and changes
nothing.  What a method does is said here once more, by hand: a method that is not here fails.
"""

import sys
import unittest

from keyed import Keyed
from servers import daemon_path

# method: its arguments.  READS change nothing; WRITES may.
READS = {
    'list': {
        '__add__': ([1],), '__contains__': (1,), '__getitem__': (0,), '__len__': (),
        '__mul__': (2,), '__reversed__': (), '__rmul__': (2,), 'copy': (), 'count': (1,),
        'index': (1,)},
    'dict': {
        '__contains__': ('a',), '__getitem__': ('a',), '__len__': (), '__or__': ({'b': 1},),
        '__reversed__': (), '__ror__': ({'b': 1},), 'copy': (), 'fromkeys': ([1],), 'get': ('a',),
        'items': (), 'keys': (), 'values': ()},
    'set': {
        '__and__': ({1},), '__class_getitem__': (1,), '__contains__': (1,), '__iter__': (),
        '__len__': (), '__or__': ({1},), '__rand__': ({1},), '__ror__': ({1},), '__rsub__': ({1},),
        '__rxor__': ({1},), '__sub__': ({1},), '__xor__': ({1},), '__ge__': ({1},),
        '__gt__': ({1},), '__le__': ({1},), '__lt__': ({1},), 'copy': (), 'difference': ({1},),
        'intersection': ({1},), 'isdisjoint': ({1},), 'issubset': ({1},), 'issuperset': ({1},),
        'symmetric_difference': ({1},), 'union': ({1},)},
    'Array': {'__len__': (), '__getitem__': (0,)},
    'Value': {'get': ()},
    'Namespace': {'__getattribute__': ('x',)},
    'Queue': {'empty': (), 'full': (), 'qsize': (), 'join': ()},
    'JoinableQueue': {'empty': (), 'full': (), 'qsize': (), 'join': ()},
    'Event': {'is_set': (), 'wait': (0.001,), 'isSet': ()},
    'Lock': {'locked': (), 'locked_lock': ()},
    'RLock': {'locked': ()},
    'Semaphore': {'locked': ()},
    'BoundedSemaphore': {'locked': ()},
    'Condition': {'locked': ()},
    'Barrier': {'__getattribute__': ('parties',)},
    'Counter': {'get': ()},
    'Iterator': {},
}
LOCKING = {'acquire': (False,), 'release': (), 'acquire_lock': (False,), 'release_lock': ()}
WRITES = {
    'list': {
        '__delitem__': (0,), '__imul__': (2,), '__setitem__': (0, 9), 'append': (9,), 'clear': (),
        'extend': ([9],), 'insert': (0, 9), 'pop': (), 'remove': (1,), 'reverse': (), 'sort': ()},
    'dict': {
        '__delitem__': ('a',), '__ior__': ({'b': 1},), '__setitem__': ('b', 1), 'clear': (),
        'pop': ('a',), 'popitem': (), 'setdefault': ('b', 1), 'update': ({'b': 1},)},
    'set': {
        '__iand__': (set(),), '__ior__': ({9},), '__isub__': ({1},), '__ixor__': ({1},),
        'add': (9,), 'clear': (), 'difference_update': ({1},), 'discard': (1,),
        'intersection_update': (set(),), 'pop': (), 'remove': (1,),
        'symmetric_difference_update': ({1},), 'update': ({9},)},
    'Array': {'__setitem__': (0, 9)},
    'Value': {'set': (9,)},
    'Namespace': {'__setattr__': ('x', 9), '__delattr__': ('x',)},
    'Queue': {
        'get': (False,), 'get_nowait': (), 'put': (9,), 'put_nowait': (9,), 'task_done': (),
        'shutdown': ()},
    'JoinableQueue': {
        'get': (False,), 'get_nowait': (), 'put': (9,), 'put_nowait': (9,), 'task_done': (),
        'shutdown': ()},
    'Event': {'set': (), 'clear': ()},
    'Lock': LOCKING,
    'RLock': LOCKING,
    'Semaphore': LOCKING,
    'BoundedSemaphore': LOCKING,
    'Condition': dict(LOCKING, wait=(0.001,), notify=(), notify_all=(), notifyAll=(), wait_for=()),
    'Barrier': {'wait': (0.001,), 'abort': (), 'reset': ()},
    'Counter': {'add': (1,), 'compare_and_set': (0, 9)},
    'Iterator': {'__next__': (), 'send': (1,), 'throw': (ValueError,), 'close': ()},
}
MADE = {
    'list': ([1, 2],), 'dict': ({'a': 1},), 'set': ([1, 2],), 'Array': ('i', [1, 2]),
    'Value': ('i', 1), 'Barrier': (2,), 'Iterator': ([1, 2],)}
SPECS = {
    'list': 'list([1, 2])', 'dict': 'dict({"a": 1})', 'set': 'set([1, 2])',
    'Array': 'Array("i", [1, 2])', 'Value': 'Value("i", 1)', 'Barrier': 'Barrier(2)',
    'Iterator': 'Iterator([1, 2])', 'Namespace': 'Namespace(x=1)'}
FALLBACKS = '__str__', '__repr__'
CONSTANTS = {'str': '"some text"', 'bytes': 'b"some"', 'int': '7', 'float': '1.5', 'tuple': '(1, 2)'}

if sys.version_info < (3, 9):
    del READS['set']['__class_getitem__']  # its answer is of a class that is not there yet


def shown(answer):
    """An answer as text, without the addresses that the repr() of iterators has."""
    kind, value = answer
    return repr((kind, type(value), list(value)) if hasattr(value, '__next__') else answer)


@unittest.skipUnless(daemon_path(), 'there is no daemon')
class Rights(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        registered = {'registered_' + name: SPECS.get(name, name + '()') for name in READS}
        registered.update({'constant_' + name: spec for name, spec in CONSTANTS.items()})
        cls.server = Keyed(registered)
        cls.reader = cls.server.calls_as('monitor')
        cls.writer = cls.server.calls_as('web')

    @classmethod
    def tearDownClass(cls):
        cls.reader.close()
        cls.writer.close()
        cls.server.stop()

    def create(self, typeid):
        keywords = {'x': 1} if typeid == 'Namespace' else {}
        kind, answer = self.writer.call(None, 'create', typeid, *MADE.get(typeid, ()), **keywords)
        self.assertEqual('#RETURN', kind, answer)
        return answer

    def state(self, ident):
        return [self.writer.call(ident, name) for name in FALLBACKS]

    def check(self, typeid, ident, names):
        known = dict(READS[typeid], **WRITES[typeid])
        for name in names:
            with self.subTest(typeid=typeid, method=name):
                if (typeid, name) == ('dict', '__iter__'):
                    continue  # a test of its own
                if name == '__class_getitem__' and name not in known:
                    continue
                self.assertIn(name, known)
                if name in READS[typeid]:
                    args = READS[typeid][name]
                    self.assertEqual(shown(self.writer.call(ident, name, *args)),
                                     shown(self.reader.call(ident, name, *args)))
                else:
                    self.check_refused(ident, name, WRITES[typeid][name])

    def check_refused(self, ident, name, args):
        before = self.state(ident)
        kind, error = self.reader.call(ident, name, *args)
        self.assertEqual(('#ERROR', PermissionError), (kind, type(error)))
        self.assertIn("the key 'monitor' (ro) may not call ", str(error))
        self.assertIn('.%s()' % name, str(error))
        self.assertEqual(before, self.state(ident))

    def test_methods_of_objects_that_were_made(self):
        for typeid in READS:
            self.check(typeid, *self.create(typeid))

    def test_methods_of_objects_that_are_registered(self):
        for typeid in READS:
            kind, (ident, names) = self.reader.call(None, 'create', 'registered_' + typeid)
            self.check(typeid, ident, names)

    def test_all_of_what_never_changes_is_read(self):
        for name in CONSTANTS:
            kind, (ident, names) = self.reader.call(None, 'create', 'constant_' + name)
            self.assertTrue(names)
            for method in names:
                with self.subTest(type=name, method=method):
                    self.assertEqual(shown(self.writer.call(ident, method)),
                                     shown(self.reader.call(ident, method)))

    def test_values_are_seen(self):
        for typeid in READS:
            ident, _ = self.create(typeid)
            for name in FALLBACKS + ('#GETVALUE',):
                with self.subTest(typeid=typeid, method=name):
                    self.assertEqual(repr(self.writer.call(ident, name)),
                                     repr(self.reader.call(ident, name)))

    def test_a_dict_is_gone_through_by_an_iterator_of_one_s_own(self):
        ident, _ = self.create('dict')
        iterators = []
        for raw in self.reader, self.writer:
            kind, (_, token) = raw.call(ident, '__iter__')
            self.assertEqual('#PROXY', kind)
            iterators.append(token.id)
        mine, others = iterators
        self.check_refused(others, '__next__', ())
        self.assertEqual(('#RETURN', 'a'), self.reader.call(mine, '__next__'))
        kind, error = self.reader.call(mine, '__next__')
        self.assertEqual(('#ERROR', StopIteration), (kind, type(error)))

    def test_nothing_is_made(self):
        before = self.writer.call(None, 'number_of_objects')
        for typeid in READS:
            kind, error = self.reader.call(None, 'create', typeid, *MADE.get(typeid, ()))
            self.assertEqual(('#ERROR', PermissionError), (kind, type(error)))
            self.assertIn("create('%s')" % typeid, str(error))
        self.assertEqual(before, self.writer.call(None, 'number_of_objects'))

    def test_who_writes_may_call_what_changes_something(self):
        for typeid in READS:
            for name in self.create(typeid)[1]:
                ident, _ = self.create(typeid)
                args = dict(READS[typeid], **WRITES[typeid]).get(name, ())
                if name == 'join' or (typeid, name) == ('Barrier', 'wait'):
                    continue  # it may wait
                with self.subTest(typeid=typeid, method=name):
                    _, answer = self.writer.call(ident, name, *args)
                    self.assertNotIsInstance(answer, PermissionError)


if __name__ == '__main__':
    unittest.main(argv=sys.argv)
