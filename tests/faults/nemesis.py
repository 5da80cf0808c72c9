# SPDX-License-Identifier: MIT
"""Who brings harm to the clients, when, and of which kind: all of it decided by a seed."""

import time

VIEWS = ['sm_clients', 'sm_locks', 'sm_objects', 'sm_info', 'sm_metrics', 'sm_deaths', 'debug_info']
LONGEST_STOP = 0.8  # seconds; well under history.GRACE


class Nemesis:
    """Acts at random times, `rates` times a second each: kill, stop, cut, expel, look."""

    def __init__(self, rng, rates, ask):
        self.rng, self.rates = rng, rates
        self.ask = ask  # a function of the server's
        self.counts = dict.fromkeys(rates, 0)
        now = time.monotonic()
        self.next = {what: now + self.pause(what) for what in rates if rates[what] > 0}

    def pause(self, what):
        return self.rng.expovariate(self.rates[what])

    def act(self, lives):
        """What is due now, each on one of the lives."""
        now = time.monotonic()
        self.let_go(lives, now)
        for what, when in self.next.items():
            if when <= now and lives:
                self.next[what] = now + self.pause(what)
                self.counts[what] += getattr(self, what)(self.choose(what, lives))

    def choose(self, what, lives):
        """Any of them; every other time one that holds something, to be killed."""
        if what == 'kill' and self.rng.random() < 0.5:
            holders = [life for life in lives if life.has_just_acquired()]
            lives = holders or lives
        return self.rng.choice(lives)

    def let_go(self, lives, now=float('inf')):
        """Continue those whose time as stopped is over."""
        for life in lives:
            if life.stopped_until is not None and life.stopped_until <= now:
                life.resume()

    def kill(self, life):
        life.kill()
        return 1

    def stop(self, life):
        if life.stopped_until is not None:
            return 0
        life.stop(self.rng.random() * LONGEST_STOP)
        return 1

    def cut(self, life):
        return 1 if life.cut_connections(self.rng.random() < 0.5) else 0

    def expel(self, life):
        """Have the server end its connections."""
        life.cut = True
        return 1 if life.is_known and self.ask('sm_kill', pid=life.pid) else 0

    def look(self, _):
        """No harm, but what the server does for it may not disturb what it does else."""
        for view in VIEWS:
            self.ask(view)
        return 1
