# SPDX-License-Identifier: MIT
"""The line that tells how far a run is.

What is to be done is known beforehand in seconds, roughly; how much slower or faster this machine
is shows by and by. The line moves every second on a terminal, and is a new one every ten elsewhere.
"""

import sys
import threading
import time

EARLY = 10  # seconds of which nothing is concluded


def clock(seconds):
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes}:{seconds:02}"


class Progress:
    def __init__(self, total):
        self.total, self.done = total, 0.0
        self.what, self.expected = "", 0.0
        self.begin = self.since = time.monotonic()
        self.terminal = sys.stderr.isatty()
        self.over = threading.Event()
        self.ticker = threading.Thread(target=self.tick, daemon=True)

    def __enter__(self):
        self.ticker.start()
        return self

    def __exit__(self, *exception):
        self.over.set()
        self.ticker.join()
        if self.terminal:
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    def step(self, what, expected):
        """This begins now, and takes so many seconds as far as is known."""
        self.done += self.expected
        self.what, self.expected, self.since = what, expected, time.monotonic()

    def line(self):
        now = time.monotonic()
        gone = now - self.begin
        done = min(self.done + min(now - self.since, self.expected), self.total)
        pace = gone / done if gone > EARLY and done else 1.0
        share = done / self.total if self.total else 1.0
        return (f"[{share:4.0%}] {clock(gone)} gone, about {clock((self.total - done) * pace)} "
                f"left: {self.what}")

    def tick(self):
        while not self.over.wait(1 if self.terminal else 10):
            line = self.line()
            print("\r\033[K" + line if self.terminal else line,
                  end="" if self.terminal else "\n", file=sys.stderr, flush=True)
