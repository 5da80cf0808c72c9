# SPDX-License-Identifier: MIT
"""How calls become steps: what the models of all types share.

A model is a function of an object's calls and of the ends of those who called it. It gives the
object's initial state and the steps of its history, for linear.check(). Each is in a file with its
like: locks.py, meetings.py, values.py. A state is never None: that says that a step is not possible.

 - A call that was not answered may have taken effect: its steps are not musts.
 - A call whose time limit ran out did so no earlier than that: the step starts then.
 - An RLock and a Condition are owned by the connection and given back when it ends; a Lock by the
   process (where the server can see it die).
"""

from history import EARLY, MAYBE, SECOND
from linear import Step


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
