# SPDX-License-Identifier: MIT
"""The check of a Counter, and of what a program has registered that counts (package_server.py).

Each add() answers what it has counted to. So what was answered has one order, in which no call may
come before one that had ended when it began. A number that nobody was told was counted by a call
that was not answered, one for each number, in the time between its neighbours.

There are too many of these calls for linear.py: which of them happened is not to be told.
"""

from history import MAYBE, OK


def in_order(told):
    """Those that came too late: calls by what they were told, and when each could begin to count."""
    wrong, latest = [], None
    for call in told:
        if latest is not None and call.end < latest.start:
            wrong.append('%r came before %r, and was told more' % (call, latest))
        if latest is None or call.start > latest.start:
            latest = call
    return wrong


def windows(told):
    """Each number that nobody was told, and when it was counted: no earlier, no later."""
    ends = [float('inf')]
    for call in reversed(told):
        ends.append(min(ends[-1], call.end))
    ends.reverse()  # ends[i]: when one of told[i:] first ended
    value, start = 0, 0
    for i, call in enumerate(told):
        for missing in range(value + 1, call.value + (call.method == 'get')):
            yield missing, start, ends[i]
        value = max(value, call.value)
        start = max(start, call.start)


def uncounted(told, unanswered):
    """Both get later from number to number: who must be the first of those that may be it is it."""
    left = sorted(unanswered, key=lambda call: call.end)
    for number, start, end in windows(told):
        who = next((call for call in left if call.start <= end and call.end >= start), None)
        if who is None:
            yield '%d was counted by nobody' % number
        else:
            left.remove(who)


def answers_wrongly(call):
    if call.outcome == OK and call.method == 'text':
        return call.value != 'x' * call.args[0]
    if call.outcome == OK and call.method == 'weigh':
        return call.value != len(call.args[0])
    return call.outcome not in (OK, MAYBE)


def check(calls):
    wrong = ['%.200r' % call for call in calls if answers_wrongly(call)]
    adds = [call for call in calls if call.method == 'add']
    told = sorted((call for call in calls if call.outcome == OK and call.method in ('add', 'get')),
                  key=lambda call: (call.value, call.method == 'get', call.start))
    numbers = [call.value for call in told if call.method == 'add']
    wrong += ['two were told %d' % a for a, b in zip(numbers, numbers[1:]) if a == b]
    wrong += in_order(told)
    return wrong + list(uncounted(told, [call for call in adds if call.outcome == MAYBE]))
