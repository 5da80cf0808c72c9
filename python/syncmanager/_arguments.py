# SPDX-License-Identifier: MIT
"""What an argument of any class comes to, for methods that C serves.

Each function does with the argument what the method of the standard library does with it, so that
what the class's own code raises, or the method says of such an argument, is raised here alike. What
is returned is plain: a bool, an int, a float or a str. Where there is nothing plain to return the
argument itself is, and C says what its method says of that.
"""

import array
import operator
import sys
import threading
import time

from . import _core


def _plain_number(x):
    if isinstance(x, float):
        return float.__add__(x, 0.0)
    if hasattr(type(x), '__index__'):
        return int.__add__(operator.index(x), 0)
    return x


def _count(x, making):
    """A number that counts and compares as the plain one does; any other stays what it is.

    What raises is for the method to raise; an object that is made may never come to that.
    """
    if not making:
        try:
            x < 1
        except TypeError:
            return x
    try:
        number = _plain_number(x)
        if making or not isinstance(x, (int, float)):
            same = (x == number and x < number + 1 and not x < number
                    and x + 1 == number + 1 and x - 1 == number - 1)
        else:
            same = True
    except Exception:
        same = False
    return number if same else x


def _units(x):
    if x < 1:
        raise ValueError('n must be one or more')
    number = _count(x, False)
    if number is not x:
        return number
    total = 1
    total += x
    return float(x)


def _index(x):
    return int.__add__(operator.index(x), 0) if hasattr(type(x), '__index__') else x


def _text(x):
    return str.__str__(x) if isinstance(x, str) else x


def _name(x):
    if isinstance(x, str):
        hash(x)
    return _text(x)


def _item(x, typecode):
    return array.array(typecode, [x])[0]


def _lock_blocking(x):
    threading.Lock().acquire(x)
    # A C int: what an int is of itself, and int() until 3.9.
    if isinstance(x, int):
        return int.__ne__(x, 0)
    return bool(operator.index(x) if hasattr(type(x), '__index__') else int(x))


def _lock_timeout(x):
    # What is wrong with it shows with a lock that is free. A timeout below 0 is C's to complain
    # of, as it depends on the other argument.
    try:
        number = _plain_number(x)
    except Exception:
        number = x
    if number is x or not number < 0:
        threading.Lock().acquire(True, x)
        return int(x) if number is x else number
    return number


def _is_over(x):
    return x <= 0 if sys.version_info >= (3, 14) else not x > 0


def _wait(x):
    if _is_over(x):
        return 0
    threading.Lock().acquire(True, x)
    number = _plain_number(x)
    return int(x) if number is x else number  # until 3.9 what int() takes will do


def _wait_until(x):
    time.monotonic() + x
    return _wait(x)


def _queue_until(x):
    if x < 0:
        raise ValueError("'timeout' must be a non-negative number")
    return time.monotonic() + x


def _queue_timeout(x):
    until = _queue_until(x)
    return max(0.0, until - time.monotonic()) if isinstance(until, (int, float)) else 0


def _queue_wait(x):
    left = _queue_until(x) - time.monotonic()
    return 0 if left <= 0.0 else _wait(left)


_FUNCTIONS = {
    _core.ASK_TRUTH: bool,
    _core.ASK_INDEX: _index,
    _core.ASK_UNITS: _units,
    _core.ASK_TEXT: _text,
    _core.ASK_NAME: _name,
    _core.ASK_WAIT: _wait,
    _core.ASK_WAIT_UNTIL: _wait_until,
    _core.ASK_QUEUE_WAIT: _queue_wait,
    _core.ASK_QUEUE_TIMEOUT: _queue_timeout,
    _core.ASK_LOCK_BLOCKING: _lock_blocking,
    _core.ASK_LOCK_TIMEOUT: _lock_timeout,
}

_PLAIN = (bool, int, float, str)


def plain(ask, typecode, making, argument):
    """The plain value that the argument comes to, in a tuple; or None."""
    if ask == _core.ASK_ITEM:
        value = _item(argument, typecode)
    elif ask == _core.ASK_NUMBER:
        value = _count(argument, making)
    else:
        value = _FUNCTIONS[ask](argument)
    return (value,) if type(value) in _PLAIN else None
