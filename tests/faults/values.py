# SPDX-License-Identifier: MIT
"""Models of what holds values: Queue, JoinableQueue, list, dict, Value, Namespace."""

from history import MAYBE, OK, RAISED
from models import impossible, late_start, step

ABSENT = '<absent>'


# Queue, JoinableQueue. State: (items, number of unfinished tasks, what was given to those who may
# not have read it). The last may come back to its place, one over the size of the queue.

def queue_put(item, maxsize):
    return lambda s: None if len(s[0]) >= maxsize else (s[0] + (item,), s[1] + 1, s[2])


def queue_get(call):
    def apply(state):
        items, unfinished, given = state
        if not items or (call.outcome == OK and items[0] != call.value):
            return None
        if call.outcome == MAYBE:
            given |= {(id(call), items[0])}
        return items[1:], unfinished, given
    return apply


def queue_give_back(call):
    def apply(state):
        items, unfinished, given = state
        mine = [entry for entry in given if entry[0] == id(call)]
        if not mine:
            return None
        return (mine[0][1],) + items, unfinished, given - {mine[0]}
    return apply


def queue_step(call, maxsize):
    if call.outcome == RAISED:
        apply = {('put', 'Full'): lambda s: s if len(s[0]) >= maxsize else None,
                 ('get', 'Empty'): lambda s: s if not s[0] else None,
                 ('task_done', 'ValueError'): lambda s: s if s[1] == 0 else None}
        positions = {'put': 2, 'get': 1}
        start = late_start(call, positions[call.method]) if call.method in positions else None
        return step(call, apply.get((call.method, call.value), impossible), start)
    if call.method == 'put':
        return step(call, queue_put(call.args[0], maxsize))
    if call.method == 'get':
        return step(call, queue_get(call))
    if call.method == 'task_done':
        return step(call, lambda s: (s[0], s[1] - 1, s[2]) if s[1] > 0 else None)
    if call.method == 'join':
        return step(call, lambda s: s if s[1] == 0 else None)
    return step(call, lambda s: s if call.outcome == MAYBE or len(s[0]) == call.value else None)


def queue(maxsize):
    def model(calls, _):
        steps = [queue_step(call, maxsize) for call in calls]
        steps += [step(call, queue_give_back(call)) for call in calls
                  if call.method == 'get' and call.outcome == MAYBE]
        return ((), 0, frozenset()), steps
    return model


# list, dict: Python's own types say what a call does.

def effect(container, call):
    """Do it: ('ok', value) or ('raised', name), as the client would be told."""
    try:
        if call.method == '#GETVALUE':
            return OK, container.copy()
        return OK, getattr(container, call.method)(*call.args)
    except Exception as error:
        return RAISED, type(error).__name__


def told(call, outcome):
    return call.outcome == MAYBE or (call.outcome, call.value) == outcome


def list_step(call):
    def apply(state):
        rows = list(state)
        return tuple(rows) if told(call, effect(rows, call)) else None
    return step(call, apply)


def plain_list(calls, _):
    return (), [list_step(call) for call in calls]


def entry_step(call, key):
    """What a call does to one entry of a dict, or what it says about it."""
    def apply(state):
        table = {} if state == ABSENT else {key: state}
        if call.method == '#GETVALUE':
            return state if call.outcome == MAYBE or call.value.get(key, ABSENT) == state else None
        outcome = effect(table, call)
        return table.get(key, ABSENT) if told(call, outcome) else None
    return step(call, apply)


def keys_of(call):
    """The keys that a call is about; None: all of them."""
    if call.method in ('#GETVALUE', 'clear'):
        return None
    return set(call.args[0]) if call.method == 'update' else {call.args[0]}


def dict_entries(calls):
    """Each entry is an object of its own, and has a history of its own: {key: steps}.

    A call about several is one step in each. That they happen at the same moment is not held."""
    keys = set().union(*[keys_of(call) or () for call in calls]) if calls else set()
    return {key: [entry_step(call, key) for call in calls
                  if keys_of(call) is None or key in keys_of(call)] for key in sorted(keys)}


def value_step(call):
    if call.method == 'set':
        return step(call, lambda s: call.args)
    return step(call, lambda s: s if told(call, (OK, s[0])) else None)


def value(calls, _):
    return (0,), [value_step(call) for call in calls]


def attribute_step(call):
    def apply(state):
        if call.method == '__setattr__':
            return call.args[1] if told(call, (OK, None)) else None
        outcome = (RAISED, 'AttributeError') if state == ABSENT else (
            OK, state if call.method == '__getattribute__' else None)
        if not told(call, outcome):
            return None
        return ABSENT if call.method == '__delattr__' else state
    return step(call, apply)


def namespace_attributes(calls):
    names = sorted({call.args[0] for call in calls})
    return {name: [attribute_step(call) for call in calls if call.args[0] == name]
            for name in names}
