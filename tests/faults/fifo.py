# SPDX-License-Identifier: MIT
"""What a queue promises to many clients at once, where linear.py would have too many possibilities.

Every item is different, so it can be followed: it was put before it was got, it is got once, and
items that were put one after the other are not got in the other order. An item that was put and
never got must have been in the hands of a consumer that died or lost its connection: another one
for each such item, whose call was under way when the item can have been taken. So must one that
was overtaken: the server gave it to a consumer, and took it back when it saw it dead.
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
    """Items that were taken later than others that were put later: {item: those others}."""
    late = {}
    there = sorted((item for item in items if item.get), key=lambda item: item.put_end)
    last, position = None, 0
    for item in sorted(there, key=lambda item: item.put.start):
        while position < len(there) and there[position].put_end < item.put.start:
            if last is None or there[position].get.start > last.get.start:
                last = there[position]
            position += 1
        if last and item.get.end < last.get.start:
            late.setdefault(last, []).append(item)
    return late


def taken_by(lost, items):
    """The time by which a lost item was gone: a later one was got."""
    return min((item.get.end for item in items if item.get and item.put.start > lost.put_end),
               default=NEVER)


class Hands:
    """The calls of consumers that may have held an item at their end, each one item."""

    def __init__(self, calls):
        self.calls = [call for call in calls if call.method == 'get' and call.outcome == MAYBE]
        self.held = {}       # by number of the call
        self.may_hold = {}   # by item

    def take(self, item, start, end):
        """Assign the item to a call that was under way at some time from start to end."""
        self.may_hold[item] = [number for number, call in enumerate(self.calls)
                               if call.start < end and call.end > start]
        return self.assign(item, set())

    def assign(self, item, tried):
        """Find a call for an item, moving others to other calls if need be."""
        for number in self.may_hold[item]:
            if number in tried:
                continue
            tried.add(number)
            if number not in self.held or self.assign(self.held[number], tried):
                self.held[number] = item
                return True
        return False


def check(calls):
    """What is wrong with the history of a queue that has been emptied at its end."""
    by_value, wrong = follow(calls)
    items = list(by_value.values())
    hands = Hands(calls)
    for item in items:
        if not item.get and item.put.outcome == OK \
                and not hands.take(item, item.put.start, taken_by(item, items)):
            wrong.append('lost: %r' % item.put)
    while True:
        late = overtaken(items)
        if not late:
            return wrong
        for item, others in late.items():
            first = min(other.get.end for other in others)
            if not hands.take(item, max(other.get.start for other in others), first):
                wrong.append('overtaken: %r by %r' % (item.get, others[0].get))
        items = [item for item in items if item not in late]
