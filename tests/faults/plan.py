# SPDX-License-Identifier: MIT
"""Plans: what a client does, decided beforehand by a seed, for clients in any language.

A plan is text. A line is a call, MARK OBJECT METHOD ARGUMENTS, or something else:

    +  a scene begins with this call
    &  call if the first call of the scene was answered, and not with False
    |  call if the first call of the scene raised an exception
    ~  SECONDS: pause
    object NAME TYPEID IDENT: a shared object, by its ident
    new NAME TYPEID ARGUMENTS, drop NAME: make an object of one's own, give it back
    lend NAME DICT KEY, borrow NAME DICT KEY: put a proxy into a shared dict, look one up there
    send NAME QUEUE, fetch NAME QUEUE: put a proxy into a shared queue, take one out

After a mark, ! says that the client must end if the connection breaks in this call: a Lock belongs
to the process, and it would not know whether it has it. A client ends at a scene's beginning, when
its time is over.

Clients work in groups of SIZE on objects of their group, named KIND and the number of the group, so
that few calls on an object are under way at once and its history can be checked in full. One queue,
`jobs0`, is everybody's.
"""

GROUP = 6

# What there is in a group: the typeid and its arguments.
KINDS = {
    'lock': ('Lock', ()), 'rlock': ('RLock', ()), 'semaphore': ('Semaphore', (2,)),
    'bounded': ('BoundedSemaphore', (2,)), 'event': ('Event', ()), 'barrier': ('Barrier', (3,)),
    'condition': ('Condition', ()), 'queue': ('JoinableQueue', (3,)), 'list': ('list', ()),
    'dict': ('dict', ()), 'value': ('Value', ('i', 0)), 'namespace': ('Namespace', ()),
    'lent': ('dict', ()), 'mail': ('Queue', (4,)),
}
COMMON = {'jobs': ('Queue', (50,))}
# In a group, where the server has it: of all of ours, and of package_server.py.
COUNTER = {'counter': ('Counter', ())}
TALLY = {'tally': ('Tally', ())}


def kind_of(name):
    return name.rstrip('0123456789')


class Planner:
    """Writes the plan of one client."""

    def __init__(self, rng, group, first_value, pause, patient_locks=True,
                 lending=True, more=()):
        self.rng, self.group, self.value, self.pause = rng, group, first_value, pause
        self.patient_locks, self.lending = patient_locks, lending
        self.scenes = {**SCENES, **{scene: MORE_SCENES[scene] for scene in MORE_SCENES
                                    if scene.__name__ in more}}
        self.lines = []
        self.seconds = 0.0
        self.made = 0

    def unique(self):
        self.value += 1
        return self.value

    def call(self, mark, kind, method, *args):
        group = 0 if kind in COMMON else self.group
        self.lines.append('%s %s%d %s %r' % (mark, kind, group, method, args))

    def think(self, times=1.0):
        seconds = self.rng.expovariate(1.0) * self.pause * times
        self.seconds += seconds
        self.lines.append('~ %.6f' % seconds)

    def hold(self):
        """Pause while holding something: long enough to be killed with it now and then."""
        self.think(self.rng.choice([0.2, 0.2, 0.2, 5.0]))

    def timeout(self):
        """Seconds, or None."""
        return self.rng.choice([0.0, 0.0, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.5, None])

    def wait(self, patient=True):
        """The arguments of an acquire()."""
        timeout = self.timeout()
        if timeout == 0.0:
            return (False,)
        if timeout is None:
            return (True,) if patient else (True, 1.0)
        return (True, timeout)

    def plan(self, seconds):
        names, weights = zip(*self.scenes.items())
        while self.seconds < seconds:
            scene, = self.rng.choices(names, weights)
            scene(self)
            self.think()
        return '\n'.join(self.lines) + '\n'

    # Locks and their like.

    def lock(self):
        self.call('+!', 'lock', 'acquire', *self.wait(self.patient_locks))
        self.hold()
        if self.rng.random() < 0.3:
            self.call('&', 'list', 'append', self.unique())
        self.call('&!', 'lock', 'release')

    def rlock(self):
        if self.rng.random() < 0.1:
            self.call('+', 'rlock', 'release')  # a stranger's
            return
        self.call('+', 'rlock', 'acquire', *self.wait())
        self.hold()
        if self.rng.random() < 0.5:
            self.call('&', 'rlock', 'acquire', True, 0.5)
            self.call('&', 'rlock', 'release')
        self.call('&', 'rlock', 'release')

    def semaphore(self):
        kind = self.rng.choice(['semaphore', 'bounded'])
        if self.rng.random() < 0.04:
            self.call('+', kind, 'release')  # in place of those that died with theirs
            return
        self.call('+', kind, 'acquire', *self.wait())
        self.hold()
        self.call('&', kind, 'release')

    def condition(self):
        self.call('+', 'condition', 'acquire', True)
        choice = self.rng.random()
        if choice < 0.5:
            self.call('&', 'condition', 'wait', self.timeout())
        elif choice < 0.9:
            self.call('&', 'condition', 'notify', self.rng.randint(1, 3))
        else:
            self.call('&', 'condition', 'notify_all')
        self.hold()
        self.call('&', 'condition', 'release')

    def event(self):
        method = self.rng.choice(['set', 'clear', 'is_set', 'wait', 'wait'])
        self.call('+', 'event', method, *([self.timeout()] if method == 'wait' else []))

    def barrier(self):
        if self.rng.random() < 0.03:
            self.call('+', 'barrier', 'abort')
        else:
            timeout = self.rng.choice([0.0, 0.1, 0.5, 2.0, None, None])
            self.call('+', 'barrier', 'wait', timeout)
        if self.rng.random() < 0.6:
            self.call('|', 'barrier', 'reset')

    # Queues.

    def queue(self):
        choice = self.rng.random()
        if choice < 0.005:
            self.call('+', 'queue', 'join')
        elif choice < 0.08:
            self.call('+', 'queue', 'qsize')
        elif choice < 0.54:
            self.call('+', 'queue', 'put', self.unique(), *self.wait())
        else:
            self.call('+', 'queue', 'get', *self.wait())
            self.think(0.3)
            self.call('&', 'queue', 'task_done')

    def jobs(self):
        if self.rng.random() < 0.5:
            self.call('+', 'jobs', 'put', self.unique(), *self.wait())
        else:
            self.call('+', 'jobs', 'get', *self.wait())

    # What holds values.

    def list(self):
        index = self.rng.randrange(6)
        calls = [('append', self.unique()), ('append', self.unique()), ('pop',), ('pop', index),
                 ('__len__',), ('__getitem__', index), ('__setitem__', index, self.unique()),
                 ('insert', index, self.unique()), ('#GETVALUE',), ('reverse',),
                 ('__delitem__', index)]
        self.call('+', 'list', *self.rng.choice(calls))

    def dict(self):
        key = self.rng.choice('abcdef')
        calls = [('__setitem__', key, self.unique()), ('__getitem__', key), ('get', key, None),
                 ('pop', key, None), ('setdefault', key, self.unique()), ('__contains__', key),
                 ('__delitem__', key), ('update', {key: self.unique()}), ('#GETVALUE',)]
        self.call('+', 'dict', *self.rng.choice(calls))

    def scalar(self):
        if self.rng.random() < 0.5:
            self.call('+', 'value', *self.rng.choice([('get',), ('set', self.unique())]))
            return
        name = self.rng.choice('xy')
        self.call('+', 'namespace', *self.rng.choice([
            ('__setattr__', name, self.unique()), ('__getattribute__', name),
            ('__delattr__', name)]))

    def counter(self):
        """In memory where there is some: nothing waits, and all are counted."""
        for _ in range(self.rng.randint(1, 20)):
            self.call('+', 'counter', 'add')
        self.call('+', 'counter', 'get')

    def tally(self):
        """One call after the other, so that the connection is lent; some take long, or much room."""
        for _ in range(self.rng.randint(1, 30)):
            seconds = self.rng.choice([0.01, 0.06, 0.12]) if self.rng.random() < 0.02 else 0
            self.call('+', 'tally', 'add', seconds)
        choice = self.rng.random()
        if choice < 0.02:
            self.call('+', 'tally', 'text', self.rng.randrange(400000))
        elif choice < 0.04:
            self.call('+', 'tally', 'weigh', 'x' * self.rng.randrange(40000))

    # Objects that come and go.

    def own(self):
        """Make some, use them, give them back: at once, or with one's end."""
        self.made += 1
        name = 'own%d' % self.made
        typeid, args = self.rng.choice([('list', ([1, 2],)), ('dict', ()), ('Queue', ()),
                                        ('Event', ()), ('RLock', ())])
        self.lines.append('new %s %s %r' % (name, typeid, args))
        self.think(0.3)
        if self.rng.random() < 0.9:
            self.lines.append('drop %s' % name)

    def lend(self):
        """A list that many come to hold, and that may not go before the last of them. In a queue
        nobody else may hold it: its sender lets go at once."""
        if not self.lending:
            return
        key = self.rng.choice('pqrs')
        self.made += 1
        name = 'own%d' % self.made
        way = self.rng.choice([('lend %s lent%d %r', 'borrow %s lent%d %r', name, self.group, key),
                               ('send %s mail%d', 'fetch %s mail%d', name, self.group)])
        if self.rng.random() < 0.4:
            self.lines.append('new %s list %r' % (name, ([self.unique()],)))
            self.lines.append(way[0] % way[2:])
        else:
            self.lines.append(way[1] % way[2:])
            self.think(0.3)
            self.lines.append('+ %s __len__ ()' % name)
        self.lines.append('drop %s' % name)


SCENES = {
    Planner.lock: 3, Planner.rlock: 3, Planner.semaphore: 4, Planner.condition: 3,
    Planner.event: 2, Planner.barrier: 2, Planner.queue: 4, Planner.jobs: 5, Planner.list: 6,
    Planner.dict: 5, Planner.scalar: 3, Planner.own: 0.5, Planner.lend: 1,
}
MORE_SCENES = {Planner.counter: 4, Planner.tally: 8}
