# SPDX-License-Identifier: MIT
"""What a queue promises to many clients at once, where linear.py would have too many possibilities.

Every item is different, so it can be followed: it was put before it was got, it is got once, and
items that were put one after the other are not got in the other order. An item that was put and
never got must have been in the hands of a consumer that died or lost its connection: another one
for each such item, whose call was under way when the item can have been taken.
"""

from history import MAYBE, OK

NEVER = 1 << 62


class Item:
    """When it can have been put, and when it can have been taken."""

    __slots__ = ('put', 'get', 'put_end')

    def __init__(self, put):
        self.put, self.get, self.put_end = put, None, put.end


def follow(calls):
    """The items by value, and what is wrong with single ones."""
    items = {call.args[0]: Item(call) for call in calls
             if call.method == 'put' and call.outcome in (OK, MAYBE)}
    wrong = []
    for call in calls:
        if call.method != 'get' or call.outcome != OK:
            continue
        item = items.get(call.value)
        if item is None:
            wrong.append('got what was never put: %r' % call)
        elif item.get:
            wrong.append('got twice: %r and %r' % (item.get, call))
        else:
            item.get = call
            item.put_end = min(item.put_end, call.end)
            if call.end < item.put.start:
                wrong.append('got before it was put: %r' % call)
    return items, wrong


def overtaken(items):
    """Items that were put later and taken earlier than others."""
    wrong = []
    there = sorted((item for item in items.values() if item.get), key=lambda item: item.put_end)
    later = sorted(there, key=lambda item: item.put.start)
    last, position = None, 0
    for item in later:
        while position < len(there) and there[position].put_end < item.put.start:
            if last is None or there[position].get.start > last.get.start:
                last = there[position]
            position += 1
        if last and item.get.end < last.get.start:
            wrong.append('%r, put before %r, got after it: %r, %r' % (
                last.put, item.put, last.get, item.get))
    return wrong


def taken_by(lost, items):
    """The time by which a lost item was gone: a later one was got."""
    return min((item.get.end for item in items.values()
                if item.get and item.put.start > lost.put_end), default=NEVER)


def assign(lost, takers, given, tried):
    """Find a taker for a lost item, moving others to other takers if need be."""
    for number, taker in takers[lost]:
        if number in tried:
            continue
        tried.add(number)
        if number not in given or assign(given[number], takers, given, tried):
            given[number] = lost
            return True
    return False


def unexplained(items, calls):
    """Items that are gone without a consumer that may have taken them along."""
    lost = [item for item in items.values() if not item.get and item.put.outcome == OK]
    maybe = [(number, call) for number, call in enumerate(calls)
             if call.method == 'get' and call.outcome == MAYBE]
    takers = {}
    for item in lost:
        gone = taken_by(item, items)
        takers[item] = [(number, call) for number, call in maybe
                        if call.start < gone and call.end > item.put.start]
    given = {}
    return ['lost: %r' % item.put for item in lost if not assign(item, takers, given, set())]


def check(calls):
    """What is wrong with the history of a queue that has been emptied at its end."""
    items, wrong = follow(calls)
    return wrong + overtaken(items) + unexplained(items, calls)
