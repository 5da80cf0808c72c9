# SPDX-License-Identifier: MIT
"""What each shared type promises, as states and the steps that calls take in them.

`steps_of(kind, calls, endings)` gives the initial state of an object of that kind and the steps of
its history, for linear.check(). A state is None only where a step is not possible; so every state
is a tuple, or another value that is not None.

 - A call that was not answered may have taken effect: its steps are not musts.
 - A call whose time limit ran out did so no earlier than that: the step starts then.
 - An RLock and a Condition are owned by the connection and given back when it ends; a Lock by the
   process (where the server can see it die).
"""

from history import EARLY, MAYBE, OK, RAISED, RELAYED_GRACE, SECOND
from linear import Step

ABSENT = '<absent>'
FREE = ()


def limit(call, position):
    """When the time limit at this position of the arguments is over; None: never, or at once."""
    timeout = call.args[position] if len(call.args) > position else None
    if timeout is None or timeout < 0:
        return None
    return call.start + max(0, int(timeout * SECOND) - EARLY)


def late_start(call, position):
    """The start of a step that happens when the time is over, or at once without a limit."""
    over = limit(call, position)
    return call.start if over is None else min(over, call.end)


def step(call, apply, start=None, end=None, must=None):
    must = call.outcome != MAYBE if must is None else must
    return Step(call.start if start is None else start, call.end if end is None else end, apply,
                call, must)


def ending_steps(endings, apply):
    return [Step(ending.start, ending.end, apply(ending), ending, always=True)
            for ending in endings]


def impossible(_):
    return None


# Lock. State: its owner, a process, or FREE.

def lock_step(call):
    life = call.life
    if call.method == 'acquire':
        if call.outcome == OK and call.value is False:
            return step(call, lambda s: s if s != FREE else None, late_start(call, 1))
        if call.outcome == RAISED:
            return step(call, impossible)
        return step(call, lambda s: (life,) if s == FREE else None)
    if call.outcome == RAISED:
        return step(call, lambda s: s if s == FREE else None)
    return step(call, lambda s: FREE if s != FREE else None)


def lock(calls, endings):
    """Its owner's process ends: it is free. A dead process that took it is not in the way."""
    return FREE, [lock_step(call) for call in calls] + ending_steps(
        [e for e in endings if e.connection is None],
        lambda e: lambda s: FREE if s == (e.life,) else s)


# RLock. State: (owner, depth); owner is a connection.

def rlock_acquire(owner):
    def apply(state):
        if state == FREE:
            return owner, 1
        return (owner, state[1] + 1) if state[0] == owner else None
    return apply


def rlock_release(owner):
    def apply(state):
        if state == FREE or state[0] != owner:
            return None
        return (owner, state[1] - 1) if state[1] > 1 else FREE
    return apply


def rlock_step(call):
    owner = call.owner
    if call.method == 'acquire':
        if call.outcome == OK and call.value is False:
            return step(call, lambda s: s if s != FREE and s[0] != owner else None,
                        late_start(call, 1))
        return step(call, impossible if call.outcome == RAISED else rlock_acquire(owner))
    if call.outcome == RAISED:
        return step(call, lambda s: s if s == FREE or s[0] != owner else None)
    return step(call, rlock_release(owner))


def is_of_connection(ending):
    return ending.connection is not None


def that_matter(calls, endings):
    """The ends of connections that may have held the lock, or waited, at their end."""
    depth, unsure = {}, set()
    for call in calls:
        if call.outcome == MAYBE:
            unsure.add(call.owner)
        elif call.outcome == OK and call.method in ('acquire', 'release') and call.value is not False:
            levels = 1 if call.method == 'acquire' else -1
            depth[call.owner] = depth.get(call.owner, 0) + levels
    return [ending for ending in endings if is_of_connection(ending) and (
        (ending.life, ending.connection) in unsure
        or depth.get((ending.life, ending.connection), 0) > 0)]


def rlock(calls, endings):
    def end(ending):
        owner = (ending.life, ending.connection)
        return lambda s: FREE if s != FREE and s[0] == owner else s
    return FREE, [rlock_step(call) for call in calls] + ending_steps(
        that_matter(calls, endings), end)


# Semaphore and BoundedSemaphore. State: the number of free permits. They have no owner.

def semaphore(value, bound=None):
    def one(call):
        if call.method == 'acquire':
            if call.outcome == OK and call.value is False:
                return step(call, lambda s: s if s == 0 else None, late_start(call, 1))
            if call.outcome == RAISED:
                return step(call, impossible)
            return step(call, lambda s: s - 1 if s > 0 else None)
        if call.outcome == RAISED:
            return step(call, lambda s: s if s == bound else None)
        return step(call, lambda s: s + 1 if s != bound else None)
    return lambda calls, endings: (value, [one(call) for call in calls])


# Event. State: (is it set, who waits, who was let go).

def event_enter(call):
    def apply(state):
        is_set, waiting, gone = state
        if is_set:
            return is_set, waiting, gone | {id(call)}
        return is_set, waiting | {id(call)}, gone
    return apply


def event_leave(call, let_go):
    def apply(state):
        is_set, waiting, gone = state
        if let_go:
            return (is_set, waiting, gone - {id(call)}) if id(call) in gone else None
        return (is_set, waiting - {id(call)}, gone) if id(call) in waiting else None
    return apply


def event_set(state):
    return True, frozenset(), state[2] | state[1]


def event_steps(call):
    if call.method == 'set':
        return [step(call, event_set)]
    if call.method == 'clear':
        return [step(call, lambda s: (False,) + s[1:])]
    if call.method == 'is_set':
        return [] if call.outcome == MAYBE else [
            step(call, lambda s: s if s[0] is call.value else None)]
    if call.outcome == MAYBE:
        return []
    if call.outcome == RAISED:
        return [step(call, impossible)]
    # The request is there soon: who waited then must not have been forgotten.
    enter = step(call, event_enter(call), end=min(call.end, call.start + RELAYED_GRACE))
    return [enter, step(call, event_leave(call, call.value),
                        call.start if call.value else late_start(call, 0))]


def event(calls, _):
    empty = frozenset()
    return (False, empty, empty), [s for call in calls for s in event_steps(call)]


# Barrier. State: (calls that wait in order of arrival, what became of calls, is it broken).

BROKEN = 'BrokenBarrierError'


def broken(state, stays):
    waiting, told, _ = state
    return (), told | {(call, BROKEN) for call in waiting}, stays


def barrier_arrive(call, parties):
    def apply(state):
        waiting, told, is_broken = state
        if is_broken:
            return waiting, told | {(id(call), BROKEN)}, is_broken
        waiting += (id(call),)
        if len(waiting) < parties:
            return waiting, told, is_broken
        return (), told | {(other, index) for index, other in enumerate(waiting)}, is_broken
    return apply


def barrier_leave(call):
    what = (id(call), call.value)
    return lambda s: (s[0], s[1] - {what}, s[2]) if what in s[1] else None


def barrier_break_if(ids):
    """It breaks when one that waits runs out of time or dies."""
    return lambda s: broken(s, True) if not ids.isdisjoint(s[0]) else s


def barrier_steps(call, parties):
    if call.method == 'abort':
        return [step(call, lambda s: broken(s, True))]
    if call.method == 'reset':
        return [step(call, lambda s: broken(s, False))]
    steps = [step(call, barrier_arrive(call, parties))]
    over = limit(call, 0)
    if over is not None and over <= call.end and call.outcome != OK:
        steps.append(step(call, barrier_break_if({id(call)}), over, must=False))
    if call.outcome != MAYBE:
        steps.append(step(call, barrier_leave(call)))
    return steps


def barrier(parties):
    def model(calls, endings):
        steps = [s for call in calls for s in barrier_steps(call, parties)]
        for ending in filter(is_of_connection, endings):
            ids = {id(call) for call in calls
                   if call.owner == (ending.life, ending.connection) and call.outcome == MAYBE}
            if ids:
                steps.append(Step(ending.start, ending.end, barrier_break_if(ids), ending,
                                  always=True))
        return ((), frozenset(), False), steps
    return model


# Condition. State: (the lock as an RLock's, calls that wait in order, calls that are to wake with
# their depth and why).

def condition_lock(apply):
    def with_rest(state):
        lock_after = apply(state[0])
        return None if lock_after is None else (lock_after,) + state[1:]
    return with_rest


def condition_enter(call):
    def apply(state):
        held, waiting, waking = state
        if held == FREE or held[0] != call.owner:
            return None
        return FREE, waiting + ((id(call), held[1]),), waking
    return apply


def condition_expire(call):
    def apply(state):
        held, waiting, waking = state
        mine = [entry for entry in waiting if entry[0] == id(call)]
        if not mine:
            return None
        rest = tuple(entry for entry in waiting if entry[0] != id(call))
        return held, rest, waking | {(id(call), mine[0][1], False)}
    return apply


def condition_wake(call):
    def apply(state):
        held, waiting, waking = state
        mine = [entry for entry in waking
                if entry[0] == id(call) and call.value in (None, entry[2])]
        if held != FREE or not mine:
            return None
        return (call.owner, mine[0][1]), waiting, waking - {mine[0]}
    return apply


def condition_notify(call):
    def apply(state):
        held, waiting, waking = state
        if held == FREE or held[0] != call.owner:
            return None
        n = len(waiting) if call.method == 'notify_all' else (call.args + (1,))[0]
        woken = {entry + (True,) for entry in waiting[:n]}
        return held, waiting[n:], waking | woken
    return apply


def condition_pass_on(call):
    """What notified one that died first may notify the next."""
    def apply(state):
        held, waiting, waking = state
        mine = [entry for entry in waking if entry[0] == id(call) and entry[2]]
        if mine:
            waking -= {mine[0]}
        elif held != FREE and held[0] == call.owner:
            held = FREE
        else:
            return None
        return held, waiting[1:], waking | {entry + (True,) for entry in waiting[:1]}
    return apply


def condition_not_owned(call):
    return lambda s: s if s[0] == FREE or s[0][0] != call.owner else None


def condition_steps(call):
    if call.method in ('acquire', 'release'):
        plain = rlock_step(call)
        return [Step(plain.start, plain.end, condition_lock(plain.apply), call, plain.must)]
    if call.outcome == RAISED:
        return [step(call, condition_not_owned(call))]
    if call.method in ('notify', 'notify_all'):
        return [step(call, condition_notify(call))]
    steps = [step(call, condition_enter(call))]
    steps.append(step(call, condition_wake(call)))
    if call.outcome == OK and call.value is False:
        steps.append(step(call, condition_expire(call), late_start(call, 0)))
    elif call.outcome == MAYBE:
        steps.append(step(call, condition_pass_on(call)))
        if limit(call, 0) is not None and limit(call, 0) < call.end:
            steps.append(step(call, condition_expire(call), limit(call, 0)))
    return steps


def condition_end(ending, ids):
    """Its lock is free, it takes no notification any more, nor the lock."""
    owner = (ending.life, ending.connection)

    def apply(state):
        held, waiting, waking = state
        if held != FREE and held[0] == owner:
            held = FREE
        return (held, tuple(entry for entry in waiting if entry[0] not in ids),
                frozenset(entry for entry in waking if entry[0] not in ids))
    return apply


def condition(calls, endings):
    steps = [s for call in calls for s in condition_steps(call)]
    for ending in that_matter(calls, endings):
        ids = {id(call) for call in calls if call.owner == (ending.life, ending.connection)}
        steps.append(Step(ending.start, ending.end, condition_end(ending, ids), ending,
                          always=True))
    return (FREE, (), frozenset()), steps


# Queue, JoinableQueue. State: (items, number of unfinished tasks).

def queue_put(item, maxsize):
    return lambda s: None if len(s[0]) == maxsize else (s[0] + (item,), s[1] + 1)


def queue_get(call):
    def apply(state):
        items, unfinished = state
        if not items or (call.outcome == OK and items[0] != call.value):
            return None
        return items[1:], unfinished
    return apply


def queue_step(call, maxsize):
    if call.outcome == RAISED:
        apply = {('put', 'Full'): lambda s: s if len(s[0]) == maxsize else None,
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
        return step(call, lambda s: (s[0], s[1] - 1) if s[1] > 0 else None)
    if call.method == 'join':
        return step(call, lambda s: s if s[1] == 0 else None)
    return step(call, lambda s: s if call.outcome == MAYBE or len(s[0]) == call.value else None)


def queue(maxsize):
    return lambda calls, endings: (((), 0), [queue_step(call, maxsize) for call in calls])


# What holds values: Python's own types say what a call does.

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
