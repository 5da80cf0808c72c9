# SPDX-License-Identifier: MIT
"""Whether a history of calls on one object can be put into an order that the object allows.

A history is a set of *steps*. A step takes effect at one moment between its start and its end; what
effect that is, and whether the object in its present state allows it, is said by `apply`, a
function from a state to the next, or to None where it is not possible. A call is one step, or
several where it happens in several moments (to wait on a condition is to give up the lock, to be
notified, and to take the lock again). What happens without a call, such as the end of a process,
is a step too. A step that `must` take effect does so by its end; of the others, such as the last
call of a process that was killed, either may be true.

The search is that of Wing and Gong, with the two improvements of Lowe: it goes through the history
in time and keeps the set of *all* configurations that are possible so far (a state, and which of
the steps under way have taken effect), each once; and a step takes effect no earlier than it needs
to: when it, or one that needs it, comes to its end. So the work grows with the number of calls that
are under way at a time, not with the length of the history.
"""

MOST_CONFIGURATIONS = 100000


class TooMany(Exception):
    """There are more possibilities than can be looked through: nothing is known."""


class Step:
    """`always`: every state allows it, so that there is no need to be early with it."""

    __slots__ = ('start', 'end', 'must', 'apply', 'what', 'can_wait')

    def __init__(self, start, end, apply, what, must=True, always=False):
        if end < start:
            raise ValueError('%s ends before it starts' % what)
        self.start, self.end, self.must, self.apply, self.what = start, end, must, apply, what
        self.can_wait = always or not must

    def __repr__(self):
        return '%s%s' % (self.what, '' if self.must else ' (maybe)')


class Violation:
    """The step that cannot have happened, those under way with it, and the states before it."""

    def __init__(self, step, under_way, configurations):
        self.step = step
        self.under_way = [other for other in under_way if other is not step]
        self.states = sorted({repr(state) for state, _ in configurations})

    def __str__(self):
        lines = ['not possible: %r' % self.step]
        lines += ['  beside: %r' % other for other in self.under_way[:12]]
        lines += ['  when it was: %s' % state for state in self.states[:8]]
        return '\n'.join(lines)


def events(steps):
    """Starts and ends in time. At the same moment starts are first: such steps may overlap."""
    starts = [(step.start, 0, number) for number, step in enumerate(steps)]
    ends = [(step.end, 1, number) for number, step in enumerate(steps)]
    return sorted(starts + ends)


def carry_out(configurations, under_way, bit):
    """All configurations in which the step `bit` has taken effect, others before it if need be."""
    done_with_it = set()
    seen = set(configurations)
    todo = list(configurations)
    while todo:
        state, effected = todo.pop()
        if effected & bit:
            done_with_it.add((state, effected ^ bit))
            continue
        for other, step in under_way.items():
            if effected & other:
                continue
            after = step.apply(state)
            if after is None or (after == state and step.can_wait and other != bit):
                continue  # without an effect here; where it has one, it is looked at again
            configuration = (after, effected | other)
            if configuration not in seen:
                seen.add(configuration)
                todo.append(configuration)
        if len(seen) > MOST_CONFIGURATIONS:
            raise TooMany()
    return done_with_it


def check(initial, steps):
    """None if some order explains the history, else the Violation at which none is left."""
    configurations = {(initial, 0)}
    under_way = {}
    bits = {}
    free = []
    for _, is_end, number in events(steps):
        step = steps[number]
        if not is_end:
            bit = free.pop() if free else 1 << len(under_way)
            bits[number] = bit
            under_way[bit] = step
            continue
        bit = bits.pop(number)
        after = carry_out(configurations, under_way, bit)
        if not step.must:
            after |= {(state, effected) for state, effected in configurations
                      if not effected & bit}
        if not after:
            return Violation(step, under_way.values(), configurations)
        configurations = after
        del under_way[bit]
        free.append(bit)
    return None
