# SPDX-License-Identifier: MIT
"""A round: new objects, clients that work on them while they are killed, stopped and cut, an end
that all must reach, and then the checks. The server goes on from round to round.

What must be as before after each round: the number of objects, and the server's descriptors and
threads.
"""

import json
import os
import random
import subprocess
import sys
import time

import checks
import history
from history import SECOND
from lives import Life
from nemesis import Nemesis
from observer import PATIENCE
from plan import COMMON, GROUP, KINDS, Planner, kind_of

HERE = os.path.dirname(os.path.abspath(__file__))
CALM = 0.5            # seconds between the last harm and the end of the plans
HELP_AFTER = 0.3      # seconds after which those that still wait are let go on
VALUES_EACH = 1000000  # values of its own for each life


class RelayProcess:
    """A bad network before an address of the server (relay.py)."""

    def __init__(self, listen, target, seed):
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(HERE, 'relay.py'), listen, target, str(seed)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, universal_newlines=True, bufsize=1)
        self.address = self.process.stdout.readline().split()[-1]

    def tell(self, word):
        print(word, file=self.process.stdin, flush=True)

    def close(self):
        """End it; how often it did what."""
        self.tell('count')
        counts = self.process.stdout.readline()
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        return json.loads(counts)


class Round:
    def __init__(self, harness, number):
        self.harness, self.options, self.number = harness, harness.options, number
        self.rng = random.Random('%d/%d' % (self.options.seed, number))
        self.observer = harness.observer
        self.lives = []       # that have not ended
        self.ended = []
        self.wrong = []
        self.relays = {}
        self.first_values = iter(range(VALUES_EACH, 1 << 62, VALUES_EACH))
        self.more = harness.server.more
        self.groups = (self.options.clients + GROUP - 1) // GROUP
        self.until = time.monotonic() + self.options.round
        self.nemesis = Nemesis(self.rng, self.options.rates, self.observer.ask)

    def path(self, name):
        return os.path.join(self.harness.folder, name)

    def run(self):
        try:
            self.be_rough()
            self.finish()
        finally:
            self.end_all()
        self.judge()
        return self

    def be_rough(self):
        self.make_objects()
        self.ways = [self.options.ways[(group + self.number) % len(self.options.ways)]
                     for group in range(self.groups)]
        slots = list(range(self.options.clients))
        empty = dict.fromkeys(slots)
        self.roughen('rough')
        while time.monotonic() < self.until - CALM:
            for slot in slots:
                if empty[slot] is None or empty[slot] in self.ended:
                    empty[slot] = self.start(slot)
            self.nemesis.act([life for life in self.lives if not life.killed])
            self.collect()
            time.sleep(0.005)

    def make_objects(self):
        self.objects = {}
        for group in range(self.groups):
            for kind, (typeid, args) in {**KINDS, **self.more}.items():
                self.make(kind, group, typeid, args)
        for kind, (typeid, args) in COMMON.items():
            self.make(kind, 0, typeid, args)

    def make(self, kind, group, typeid, args):
        name = '%s%d' % (kind, group)
        self.objects[name] = self.observer.make(name, typeid, args)

    # Clients.

    def address_for(self, way):
        """Where a client connects that comes this way: 'unix', 'tcp', with or without ' relay'."""
        transport, _, relayed = way.partition(' ')
        address = self.harness.addresses[transport]
        if not relayed:
            return address
        if way not in self.relays:
            listen = '127.0.0.1:0' if transport == 'tcp' else 'unix:' + self.path(
                'r%d.relay' % self.number)
            self.relays[way] = RelayProcess(listen, address, self.rng.getrandbits(32))
            self.relays[way].tell('rough')
        return self.relays[way].address

    def start(self, slot):
        group = slot // GROUP
        way = self.ways[group]
        name = 'r%d-%d' % (self.number, len(self.lives) + len(self.ended))
        planner = Planner(self.rng, group, next(self.first_values), self.options.pause,
                          patient_locks=way == 'unix', lending='relay' not in way,
                          more=self.more)
        with open(self.path(name + '.plan'), 'w') as file:
            for shared, (typeid, ident) in self.objects.items():
                if shared.startswith(tuple(COMMON)) or shared == kind_of(shared) + str(group):
                    file.write('object %s %s %s\n' % (shared, typeid, ident))
            file.write(planner.plan(max(0.1, self.until - time.monotonic())))
        job = {'address': self.harness.parse(self.address_for(way)), 'key': self.harness.key,
               'plan': self.path(name + '.plan'), 'history': self.path(name + '.history'),
               'until': int(self.until * SECOND)}
        life = Life(name, self.rng.choice(self.harness.makers), job, way)
        self.lives.append(life)
        return life

    def collect(self):
        """Deal with those that have ended."""
        for life in [life for life in self.lives if life.has_ended()]:
            self.lives.remove(life)
            self.ended.append(life)
            status = life.reap()
            if status not in (0, 3) and not life.killed:
                self.wrong.append('%s failed with status %d' % (life.name, status))

    def roughen(self, word):
        for relay in self.relays.values():
            relay.tell(word)

    def finish(self):
        """No harm any more: everybody must come to an end, some with the observer's help."""
        self.nemesis.let_go(self.lives)
        self.roughen('calm')
        started = time.monotonic()
        while self.lives:
            self.collect()
            waited = time.monotonic() - max(started, self.until)
            if waited > HELP_AFTER:
                self.observer.release_waiters()
            if waited > self.options.stuck_after:
                self.end_the_stuck()
            time.sleep(0.02)
        known = {str(group) for group, way in enumerate(self.ways) if way == 'unix'}
        self.observer.inspect(lambda name: name[len(kind_of(name)):] in known)

    def end_the_stuck(self):
        for life in self.lives:
            with open(life.history) as file:
                last = file.readlines()[-1:]
            self.wrong.append('%s is stuck: %s' % (life.name, ''.join(last).strip()))
        self.end_all()

    def end_all(self):
        for life in self.lives:
            life.kill()
        while self.lives:
            self.collect()
            time.sleep(0.01)

    # What came of it.

    def judge(self):
        histories = [history.read(life.history, life.name, life.killed, life.cut, life.grace)
                     for life in self.ended if os.path.exists(life.history)]
        histories.append(self.observer.history)
        self.calls = sum(len(h.calls) for h in histories)
        self.losses = sum(h.losses for h in histories)
        self.in_memory = sum(h.in_memory for h in histories)
        unknown = {life.name for life in self.ended if not life.is_known}
        cut = {life.name for life in self.ended if life.cut}
        verdicts = checks.check_all(histories, unknown, cut)
        self.undecided = [verdict for verdict in verdicts if verdict.undecided]
        self.wrong += [str(verdict) for verdict in verdicts if not verdict.undecided]
        self.cuts = self.nemesis.counts['cut']
        for relay in self.relays.values():
            self.cuts += sum(relay.close().values())
        self.observer.forget()
        self.check_references()
        self.check_resources()
        if not self.wrong and not self.options.keep:
            self.remove_files()

    def check_references(self):
        """The references of the dead are dropped; of those beyond a network, here, in their name."""
        seconds = PATIENCE
        if self.may_leave_references():
            seconds = 0.5
        if self.harness.settles(lambda: self.observer.number_of_objects() == 0, seconds):
            return
        left = self.observer.number_of_objects()
        count = self.observer.drop_for_the_dead()
        if not self.may_leave_references():
            self.wrong.append('%d objects stay, with %d references' % (left, count))
        elif self.observer.number_of_objects() != 0:
            self.wrong.append('objects stay that nobody refers to')

    def may_leave_references(self):
        return any(way.startswith('tcp') for way in self.ways)

    def check_resources(self):
        for what, count in self.harness.resources.items():
            if not self.harness.settles(lambda: self.harness.count(what) <= count, PATIENCE):
                self.wrong.append('the server has %d in /proc/PID/%s, before it were %d' % (
                    self.harness.count(what), what, count))

    def remove_files(self):
        for name in os.listdir(self.harness.folder):
            if name.startswith(('r%d-' % self.number, 'r%d.' % self.number)):
                os.unlink(self.path(name))
