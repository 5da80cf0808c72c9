# SPDX-License-Identifier: MIT
"""Counter, as Python serves it where C does not: over another serializer than pickle, say."""

import operator
import threading


def _fitting(n):
    if not -2 ** 63 <= n < 2 ** 63:
        raise OverflowError('a Counter has 64 bits: %d does not fit' % n)
    return n


class Counter:
    """A signed number of 64 bits that many change together, each by one operation."""

    def __init__(self, value=0):
        self._value = _fitting(operator.index(value))
        self._lock = threading.Lock()

    def add(self, n=1):
        """Add to it; the sum."""
        with self._lock:
            self._value = _fitting(self._value + _fitting(operator.index(n)))
            return self._value

    def compare_and_set(self, old, new):
        """If it counts `old`, let it count `new`; whether it did."""
        old, new = _fitting(operator.index(old)), _fitting(operator.index(new))
        with self._lock:
            is_old = self._value == old
            if is_old:
                self._value = new
            return is_old

    def get(self):
        """What it counts."""
        return self._value

    def __reduce__(self):
        return int, (self._value,)

    def __repr__(self):
        return 'Counter(%d)' % self._value
