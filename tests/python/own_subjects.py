# SPDX-License-Identifier: MIT
"""What the differential test of the package calls: the subjects of tests/interop, whose arguments
are often objects of users' own classes.

A call that would wait gets a timeout that is short, whatever it is an object of.
"""

import re
import sys

import subjects
from own_values import OwnValues


class Own:
    """Makes a subject draw such arguments."""

    def __init__(self, rng):
        super().__init__(rng)
        self.values = OwnValues(rng)

    def make(self):
        self.values.change()
        return super().make()

    def draw_args(self, drawers):
        args = super().draw_args(drawers)
        return tuple(self.values.own() if self.rng.random() < 0.25 else arg for arg in args)


class OwnList(Own, subjects.ListSubject):
    def calls(self):
        """Sorting that fails may leave any order behind, so another list follows at once."""
        for calls in super().calls():
            for call in calls:
                yield [call]
                if call[0] == 'sort':
                    yield [('__setitem__', (slice(None), self.values.list()), {})]
                    break


class OwnRows(OwnList):
    typeid = 'rows'


class OwnDict(Own, subjects.DictSubject):
    methods = dict(subjects.DictSubject.methods, __iter__='')

    def key(self):
        return self.values.own() if self.rng.random() < 0.4 else self.values.plain()


class OwnSet(Own, subjects.SetSubject):
    typeid = 'set'

    def make(self):
        super().make()
        return (self.keys(),), {}

    def spec(self):
        return None

    def key(self):
        return self.values.own() if self.rng.random() < 0.4 else self.values.plain()

    def calls(self):
        """Which of several items pop() takes, and in what order they are shown, is not defined."""
        while True:
            yield self.draw()


class Waiting(Own):
    """Of a subject whose calls wait: only these are drawn."""

    def draw_args(self, drawers):
        return subjects.Subject.draw_args(self, drawers)

    def moment(self):
        return self.values.moment()

    def yes(self):
        return self.values.own()

    def count(self):
        return self.values.own_number()

    def calls(self):
        while True:
            name = self.rng.choice(list(self.methods))
            yield [(name, self.draw_args(self.methods[name]), {})]


class OwnQueue(Waiting, subjects.QueueSubject):
    methods = {'put': 'any yes moment', 'put_nowait': 'any', 'get': 'yes moment', 'get_nowait': '',
               'qsize': '', 'empty': '', 'full': '', 'task_done': ''}

    def make(self):
        super().make()
        return (self.count() if self.rng.random() < 0.7 else 0,), {}


class OwnJoinableQueue(OwnQueue):
    typeid = 'JoinableQueue'


class OwnLock(Waiting, subjects.LockSubject):
    """To a lock, a timeout of -1 is none."""

    methods = {'acquire': 'yes moment', 'release': ''}

    def moment(self):
        moment = super().moment()
        return 0 if moment == -1.0 else moment


class OwnRLock(OwnLock):
    typeid = 'RLock'


class OwnSemaphore(Waiting, subjects.SemaphoreSubject):
    """Counts of other kinds than ints and floats are told of in docs/compatibility.md. Before 3.12,
    release(n) goes round as often as n's own __index__ says."""

    methods = {'acquire': 'yes moment', 'release': '?units'}

    def count(self):
        while True:
            count = super().count()
            if 'added' not in count.source:
                return count

    def units(self):
        while True:
            count = self.count()
            if not re.search("index_huge|Decimal|Fraction|2.0j|'float', 'index", count.source):
                return count

    def make(self):
        super().make()
        return ((self.count(),) if self.rng.random() < 0.8 else ()), {}


class OwnBoundedSemaphore(OwnSemaphore):
    typeid = 'BoundedSemaphore'


class OwnEvent(Waiting, subjects.EventSubject):
    methods = {'set': '', 'clear': '', 'is_set': '', 'wait': 'moment'}


class OwnCondition(OwnLock, subjects.ConditionSubject):
    typeid = 'Condition'
    methods = {'acquire': 'yes moment', 'release': '', 'wait': 'moment', 'notify': '?count',
               'notify_all': ''}


class OwnBarrier(Waiting, subjects.BarrierSubject):
    methods = {'wait': 'moment', 'abort': '', 'reset': '', '__getattribute__': 'attribute'}

    def make(self):
        super().make()
        return self.rng.choice([(self.count(),), (self.count(), None, self.moment()),
                                (2, None, self.moment()), (1,)]), {}


class OwnValue(Own, subjects.ValueSubject):
    pass


class OwnArray(Own, subjects.ArraySubject):
    def make(self):
        code, items = super().make()[0]
        if code not in 'uw':
            items = [self.values.own_number() if self.rng.random() < 0.2 else i for i in items]
        return (code, items), {}

    def item(self):
        return self.values.own_number() if self.rng.random() < 0.5 else super().item()


class OwnNamespace(Own, subjects.NamespaceSubject):
    def name(self):
        return self.values.text() if self.rng.random() < 0.3 else super().name()

    def draw_args(self, drawers):
        """A str whose class compares it in its own way is taken for the text that it is."""
        while True:
            args = super().draw_args(drawers)
            if not re.search('equal|hash', ''.join(getattr(arg, 'source', '') for arg in args[:1])):
                return args


SUBJECTS = {
    'list': OwnList, 'rows': OwnRows, 'dict': OwnDict, 'Queue': OwnQueue,
    'JoinableQueue': OwnJoinableQueue, 'Lock': OwnLock, 'RLock': OwnRLock,
    'Semaphore': OwnSemaphore, 'BoundedSemaphore': OwnBoundedSemaphore, 'Event': OwnEvent,
    'Condition': OwnCondition, 'Barrier': OwnBarrier, 'Value': OwnValue, 'Array': OwnArray,
    'Namespace': OwnNamespace}
if sys.version_info >= (3, 14):
    SUBJECTS['set'] = OwnSet
