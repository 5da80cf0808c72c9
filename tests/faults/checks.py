# SPDX-License-Identifier: MIT
"""Which check an object's history has to pass, by the kind of the object (plan.py)."""

import counts
import fifo
import linear
import locks
import meetings
import values
from history import RAISED
from plan import kind_of

MODELS = {
    'lock': locks.lock, 'rlock': locks.rlock, 'semaphore': locks.semaphore(2),
    'bounded': locks.semaphore(2, 2), 'event': meetings.event, 'barrier': meetings.barrier(3),
    'condition': meetings.condition, 'queue': values.queue(3), 'list': values.plain_list,
    'value': values.value,
}
PARTS = {'dict': values.dict_entries, 'namespace': values.namespace_attributes}


class Verdict:
    """What came out for one object, or a part of one."""

    def __init__(self, name, text, undecided=False):
        self.name, self.text, self.undecided = name, text, undecided

    def __str__(self):
        return '%s: %s' % (self.name, self.text)


def check_steps(name, initial, steps):
    try:
        violation = linear.check(initial, steps)
    except linear.TooMany:
        return [Verdict(name, 'too many possibilities', undecided=True)]
    return [Verdict(name, str(violation))] if violation else []


NOTHING_THERE = {('borrow', 'KeyError'), ('fetch', 'Empty'), ('send', 'Full')}


def freed_early(calls):
    """An object that a proxy was made of, or that a shared dict or queue held, has to be there."""
    return ['it was gone: %r' % call for call in calls
            if call.outcome == RAISED and (call.method, call.value) not in NOTHING_THERE]


def check(name, calls, endings):
    """Verdicts on an object; `endings` are those of connections and processes that used it."""
    kind = kind_of(name)
    if kind in MODELS:
        return check_steps(name, *MODELS[kind](calls, endings))
    if kind in PARTS:
        return [verdict for part, steps in PARTS[kind](calls).items()
                for verdict in check_steps('%s[%r]' % (name, part), values.ABSENT, steps)]
    wrong = {'jobs': fifo.check, 'counter': counts.check, 'tally': counts.check}.get(kind, freed_early)(calls)
    return [Verdict(name, text) for text in wrong]


def endings_for(calls, histories, unknown):
    """The endings that matter to an object: of those that called it. Of lives that are `unknown`,
    as the server cannot see their process, its end does not count."""
    connections = {call.owner for call in calls}
    lives = {call.life for call in calls}
    return [ending for history in histories for ending in history.endings
            if (ending.life, ending.connection) in connections
            or (ending.connection is None and ending.life in lives
                and ending.life not in unknown)]


def check_all(histories, unknown, cut):
    """All verdicts on what is in the histories. What lives that were `cut` were told about
    borrowed objects proves nothing: the server gave up what it kept for their connections."""
    by_name = {}
    for history in histories:
        for call in history.calls:
            kind = kind_of(call.name)
            if kind in ('own', 'lent', 'mail'):
                if history.life not in cut:
                    by_name.setdefault('lent', []).append(call)
            else:
                by_name.setdefault(call.name, []).append(call)
    verdicts = []
    for name, calls in sorted(by_name.items()):
        endings = endings_for(calls, histories, unknown)
        verdicts += check(name, calls, endings)
    return verdicts
