# SPDX-License-Identifier: MIT
"""Models of what clients wait at for each other: Event, Barrier, Condition.

To wait is more than one step: to begin, and to be let go; what happens between them, others do.
"""

from history import MAYBE, OK, RAISED, RELAYED_GRACE
from linear import Step
from locks import FREE, is_of_connection, rlock_step, that_matter
from models import impossible, late_start, limit, step


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
