# SPDX-License-Identifier: MIT
"""What clients wrote down, read back as calls.

A client writes a line before each call and one after it, each by one write(), so that what it wrote
survives it:

    > TIME CONNECTION OBJECT METHOD ARGUMENTS     it is about to call
    < TIME ok VALUE                               it was answered
    < TIME raised NAME                            with an exception, of this class
    < TIME lost                                   the connection broke
    . TIME [CALLS]                                it has finished; so many were in shared memory
    ! TIME                                        it gives up, as it cannot know what it holds

TIME is CLOCK_MONOTONIC in nanoseconds, which all processes of a host share; CONNECTION counts the
connections that the client had. ARGUMENTS and VALUE are Python literals.

A call without an answer may have taken effect or not: *maybe*, no later than a time of grace after
its client died or saw the connection break: the server must have noticed by then.
"""

import ast

MSEC = 1000 * 1000
SECOND = 1000 * MSEC
GRACE = 1 * SECOND
RELAYED_GRACE = 3 * SECOND  # a relay may hold back what it knows
EARLY = 10 * MSEC  # by which a time limit may seem to be over too soon: clocks are coarse

OK, RAISED, MAYBE = 'ok', 'raised', 'maybe'


class Call:
    __slots__ = ('life', 'connection', 'name', 'method', 'args', 'start', 'end', 'outcome', 'value')

    def __init__(self, life, connection, name, method, args, start, end=None, outcome=MAYBE,
                 value=None):
        self.life, self.connection = life, connection
        self.name, self.method, self.args = name, method, args
        self.start, self.end = start, end
        self.outcome, self.value = outcome, value

    @property
    def owner(self):
        """Who owns an RLock that this call takes: the connection."""
        return self.life, self.connection

    def __repr__(self):
        told = {OK: '-> %r' % (self.value,), RAISED: 'raised %s' % self.value, MAYBE: '-> ?'}
        return '%s/%d %s.%s%r %s [%.6f, %.6f]' % (
            self.life, self.connection, self.name, self.method, self.args, told[self.outcome],
            self.start / SECOND, (self.end or 0) / SECOND)


class Ending:
    """The end of a connection or, `connection` None, of a process: it came to be in this time."""

    __slots__ = ('life', 'connection', 'start', 'end')

    def __init__(self, life, connection, start, end):
        self.life, self.connection, self.start, self.end = life, connection, start, end

    def __repr__(self):
        what = 'process' if self.connection is None else 'connection %d' % self.connection
        return '%s: end of %s [%.6f, %.6f]' % (self.life, what, self.start / SECOND,
                                               self.end / SECOND)


class History:
    """Of one client: its calls, the ends of its connections, its own end, and how it was."""

    def __init__(self, life, grace=GRACE):
        self.life, self.grace = life, grace
        self.calls = []
        self.endings = []
        self.losses = 0
        self.finished = None    # when it said so
        self.in_memory = 0      # calls that sent nothing, if it said so
        self.gave_up = None
        self.last_sign = None   # of the present connection: when it certainly was still there


SIMPLE = {'None': None, 'True': True, 'False': False, '()': ()}


def parse(text):
    """A literal; most are short, and ast is slow."""
    if text in SIMPLE:
        return SIMPLE[text]
    if text.isdigit():
        return int(text)
    return ast.literal_eval(text)


def complete_lines(path):
    with open(path, encoding='utf-8') as file:
        text = file.read()
    return text[:text.rfind('\n') + 1].splitlines()


def answer(history, call, time, told, value):
    call.end = time
    if told == 'lost':
        call.end = time + history.grace
        history.losses += 1
        since = history.last_sign or call.start
        history.endings.append(Ending(history.life, call.connection, since, call.end))
        history.last_sign = None
        return
    history.last_sign = call.start  # the answer may be read long after the connection has ended
    call.outcome = told
    call.value = value if told == RAISED else parse(value)


def read(path, life, killed=None, cut=False, grace=GRACE):
    """A client's history. `killed`: when SIGKILL was sent; `cut`: its connections were meddled with,
    so that the last one may have ended before that."""
    history = History(life, grace)
    call = None
    for line in complete_lines(path):
        mark, time, *rest = line.split(' ', 2)
        time = int(time)
        if mark == '>':
            connection, name, method, args = rest[0].split(' ', 3)
            call = Call(life, int(connection), name, method, parse(args), time)
            history.calls.append(call)
        elif mark == '<':
            told, _, value = rest[0].partition(' ')
            answer(history, call, time, told, value)
        elif mark == '.':
            history.finished = time
            history.in_memory = int(rest[0]) if rest else 0
        elif mark == '!':
            history.gave_up = time
        else:
            raise ValueError('%s: not a record: %r' % (path, line))
    close(history, killed, cut)
    return history


def close(history, killed, cut):
    """The end of the process ends its last connection, and leaves its last call unanswered."""
    ended = history.finished or history.gave_up or killed
    if ended is None or not history.calls:
        return
    last = history.calls[-1]
    ended = max(ended, last.start)
    if last.end is None:
        last.end = ended + history.grace
    if not history.endings or history.endings[-1].connection != last.connection:
        start = (history.last_sign or last.start) if cut else ended
        history.endings.append(Ending(history.life, last.connection, start, ended + history.grace))
    history.endings.append(Ending(history.life, None, ended, ended + history.grace))
