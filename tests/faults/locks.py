# SPDX-License-Identifier: MIT
"""Models of Lock, RLock, Semaphore and BoundedSemaphore.

What one that died was given and had not read may go back, and be had by others again.
"""

from history import MAYBE, OK, RAISED
from models import ending_steps, impossible, late_start, step

FREE = ()


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


def may_have_acquired(calls):
    return [call for call in calls if call.method == 'acquire' and call.outcome == MAYBE]


def lock_give_back(call):
    return step(call, lambda s: FREE if s == (call.life,) else None)


def lock(calls, endings):
    """Its owner's process ends: it is free. A dead process that took it is not in the way."""
    steps = [lock_step(call) for call in calls]
    steps += [lock_give_back(call) for call in may_have_acquired(calls)]
    return FREE, steps + ending_steps(
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


# Semaphore and BoundedSemaphore. State: the number of free permits, and the calls that were given
# one and may not have read it. They have no owner.

def semaphore_acquire(call):
    def apply(state):
        free, given = state
        if free == 0:
            return None
        return free - 1, given | {id(call)} if call.outcome == MAYBE else given
    return apply


def semaphore_give_back(call):
    mine = {id(call)}
    return step(call, lambda s: (s[0] + 1, s[1] - mine) if mine <= s[1] else None)


def semaphore_step(call, bound):
    if call.method == 'acquire':
        if call.outcome == OK and call.value is False:
            return step(call, lambda s: s if s[0] == 0 else None, late_start(call, 1))
        return step(call, impossible if call.outcome == RAISED else semaphore_acquire(call))
    if call.outcome == RAISED:
        return step(call, lambda s: s if s[0] == bound else None)
    return step(call, lambda s: (s[0] + 1, s[1]) if s[0] != bound else None)


def semaphore(value, bound=None):
    def model(calls, _):
        steps = [semaphore_step(call, bound) for call in calls]
        steps += [semaphore_give_back(call) for call in may_have_acquired(calls)]
        return (value, frozenset()), steps
    return model
