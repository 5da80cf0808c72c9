# SPDX-License-Identifier: MIT
"""One end of the differential test: a manager that this process starts, and calls of its objects.

    started.py stock|ours fork|spawn|forkserver

Each line read is a JSON list: the typeid, the source of its arguments, and calls, each a name and
the source of its arguments.  Each is answered with a line of JSON: what came of making the object,
and then of each call, with the object's value afterwards; null ends them.  All text is Python that makes values
anew, so that the two ends share none.
"""

import json
import multiprocessing
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import package  # noqa: E402,F401
import own_values  # noqa: E402
from multiprocessing import managers  # noqa: E402
from outcomes import mask, outcome_of  # noqa: E402

# Types whose value is looked at after each call.
VALUED = {'list', 'rows', 'dict', 'set', 'Value', 'Array', 'Namespace'}


# Children of this process import this file, with other arguments, and know by this which end it is.
WHICH = os.environ.setdefault('SYNCMANAGER_STARTED', sys.argv[1])

if WHICH == 'ours':
    import syncmanager as module  # noqa: E402
else:
    module = managers


class Manager(module.SyncManager):
    pass


Manager.register('rows', list, module.ListProxy)


def start(method):
    manager = Manager(ctx=multiprocessing.get_context(method))
    manager.start()
    return manager


def read_iterator(result):
    """What an Iterator's proxy gives, in its place."""
    if isinstance(result, managers.IteratorProxy):
        return [type(result).__name__, list(result)]
    return result


class Calls:
    """The calls of one object."""

    def __init__(self, manager):
        self.manager = manager
        self.names = dict(own_values.NAMES, shared=self.share)
        self.proxy = None

    def share(self, typeid, *args):
        """An object to be an argument."""
        return getattr(self.manager, typeid)(*args)

    def make(self, typeid, args, kwds):
        def create():
            self.proxy = getattr(self.manager, typeid)(*args, **kwds)

        return outcome_of(create)

    def value(self):
        return outcome_of(self.proxy._callmethod, '#GETVALUE')

    def evaluate(self, args, kwds):
        return eval(args, self.names), eval(kwds, self.names)

    def outcomes(self, typeid, args, kwds, calls):
        yield self.attempt(lambda: self.make(typeid, *self.evaluate(args, kwds)))
        if self.proxy is None:
            return
        for name, args, kwds in calls:
            yield self.attempt(lambda: self.call(typeid, name, *self.evaluate(args, kwds)))

    def attempt(self, function):
        try:
            return function()
        except Exception as error:
            return 'cannot be made here: %r' % type(error)

    def call(self, typeid, name, args, kwds):
        outcome = outcome_of(lambda: read_iterator(self.proxy._callmethod(name, args, kwds)))
        return '%s; then %s' % (outcome, self.value()) if typeid in VALUED else outcome


def main():
    manager = start(sys.argv[2])
    print('"ready"', flush=True)
    for line in sys.stdin:
        for outcome in Calls(manager).outcomes(*json.loads(line)):
            print(json.dumps(mask(outcome)), flush=True)
        print('null' if manager._process.is_alive() else '"the manager is gone"', flush=True)
    manager.shutdown()


if __name__ == '__main__':
    main()
