# SPDX-License-Identifier: MIT
"""What a manager tells of itself to Prometheus: checked by promtool, and against what was really done.

And what contrib/ has for Prometheus and Grafana: that its rules hold, and that all it asks for is there.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'interop'))

from raw import ask, open_calls  # noqa: E402
from servers import PATIENCE, ROOT, Daemon, Stock, format_address, wait_until  # noqa: E402
from test_ctl import CTL, CtlCase, environment  # noqa: E402

PROMTOOL = shutil.which('promtool')
CONTRIB = os.path.join(ROOT, 'contrib')

SAMPLE = re.compile(r'(?P<name>[a-z_]+)(?:{(?P<labels>.*)})? (?P<value>[-+.e0-9]+|NaN)')
LABEL = re.compile(r'([a-z]+)="((?:[^"\\]|\\.)*)",?')
ESCAPES = {'\\\\': '\\', '\\"': '"', '\\n': '\n'}

# A name may have all that would end a label's value, or its line, and what is not ASCII.
BAD_NAME = 'a"b\\c\n}# \u20ac'


class Counting(Daemon):
    def command(self, address):
        return super().command(address) + ['--metrics']


def unescape(text):
    return re.sub(r'\\.', lambda escape: ESCAPES[escape.group()], text)


def parse(text):
    """{(name, ((label, value), ...)): number}, the labels in their order."""
    samples = {}
    for line in text.split('\n'):
        if not line or line.startswith('# HELP ') or line.startswith('# TYPE '):
            continue
        match = SAMPLE.fullmatch(line)
        if not match:
            raise AssertionError('not a sample: %r' % line)
        labels = LABEL.findall(match['labels'] or '')
        if ','.join('%s="%s"' % label for label in labels) != (match['labels'] or ''):
            raise AssertionError('not labels: %r' % line)
        key = match['name'], tuple((name, unescape(value)) for name, value in labels)
        if key in samples:
            raise AssertionError('twice: %r' % line)
        samples[key] = float(match['value'])
    return samples


def names(text):
    """The metrics that have a type."""
    return set(re.findall(r'^# TYPE (\S+) ', text, re.MULTILINE))


class MetricsCase(CtlCase):
    kind = Counting
    registered = {'jobs': 'Queue(10)', 'door': 'Lock()', 'other_door': 'Lock()', BAD_NAME: 'Event()'}

    def setUp(self):
        self.server = self.kind(self.registered)
        self.address = format_address(self.server.address)
        self.addCleanup(self.server.kill)

    def scrape(self):
        self.text = self.ctl('metrics')
        return parse(self.text)

    def sample(self, name, **labels):
        """The number now; None where there is none."""
        return self.scrape().get(('syncmanager_' + name, tuple(labels.items())))

    def open(self):
        raw = open_calls(self.server.address)
        self.addCleanup(raw.close)
        return raw

    def ident(self, name):
        return ask(self.server.address, 'create', name)[1][0]

    def waiting(self):
        return ask(self.server.address, 'sm_info')[1]['waiting']

    def park(self, raw, ident, method, *args):
        before = self.waiting()
        raw.send_object((ident, method, args, {}))
        self.assertTrue(wait_until(lambda: self.waiting() > before))


class MetricsTest(MetricsCase):
    @unittest.skipUnless(PROMTOOL, 'there is no promtool')
    def test_promtool_has_nothing_to_say(self):
        self.use_all()
        done = subprocess.run([PROMTOOL, 'check', 'metrics'], input=self.ctl('metrics'),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              universal_newlines=True, timeout=PATIENCE)
        self.assertEqual(('', 0), (done.stdout, done.returncode))

    def use_all(self):
        """Something of everything, so that every metric has a sample."""
        first, second = self.open(), self.open()
        door = self.ident('door')
        self.assertEqual(('#RETURN', True), first.call(door, 'acquire'))
        self.park(second, door, 'acquire')
        first.call(door, 'release')
        second.receive_object()
        event = self.ident(BAD_NAME)
        self.park(second, event, 'wait')
        first.call(event, 'set')
        second.receive_object()
        first.call(event, 'no such method')

    def test_calls_are_counted_exactly(self):
        manager = self.server.connect()
        numbers = manager.list()
        for n in range(7):
            numbers.append(n)
        self.assertEqual(3, numbers[3])
        samples = self.scrape()

        def count(**labels):
            return samples.get(('syncmanager_call_duration_seconds_count', tuple(labels.items())))

        self.assertEqual(7, count(type='list', method='append'))
        self.assertEqual(1, count(type='list', method='__getitem__'))
        self.assertEqual(1, count(type='Server', method='create'))
        self.assertIsNone(count(type='list', method='pop'))

    def test_every_histogram_adds_up(self):
        self.use_all()
        samples = self.scrape()
        last = {}
        for (name, labels), value in samples.items():
            if not name.endswith('_bucket'):
                continue
            series = name[:-len('_bucket')], tuple(label for label in labels if label[0] != 'le')
            bound, before = last.get(series, (0, 0))
            self.assertLess(bound, float(dict(labels)['le']))
            self.assertLessEqual(before, value)
            last[series] = float(dict(labels)['le']), value
        self.assertGreater(len(last), 5)
        for (name, labels), (bound, value) in last.items():
            self.assertEqual((float('inf'), samples[name + '_count', labels]), (bound, value))
            self.assertGreaterEqual(samples[name + '_sum', labels], 0)

    def test_requests_are_those_of_all(self):
        before = self.sample('requests_total')
        raw = self.open()
        for _ in range(5):
            raw.call(self.ident('jobs'), 'qsize')
        after = self.sample('requests_total')
        scrape = self.sample('requests_total') - after  # makes requests of its own
        self.assertEqual(1 + 5 + 5, after - before - scrape)  # accept_connection, create, qsize

    def test_a_wait_is_as_long_as_it_was(self):
        door = self.ident('door')
        holder, waiter = self.open(), self.open()
        holder.call(door, 'acquire')
        began = time.monotonic()
        self.park(waiter, door, 'acquire')
        parked = time.monotonic()
        labels = {'type': 'lock', 'method': 'acquire', 'object': 'door'}
        self.assertIsNone(self.sample('wait_duration_seconds_count', **labels))
        released = time.monotonic()
        holder.call(door, 'release')
        self.assertEqual(('#RETURN', True), waiter.receive_object())
        ended = time.monotonic()
        self.assertEqual(1, self.sample('wait_duration_seconds_count', **labels))
        took = self.sample('wait_duration_seconds_sum', **labels)
        self.assertTrue(released - parked <= took <= ended - began, took)
        buckets = [(float(dict(of)['le']), value) for (name, of), value in self.scrape().items()
                   if name == 'syncmanager_wait_duration_seconds_bucket' and of[:3] == tuple(labels.items())]
        self.assertEqual([float(bound >= took) for bound, _ in buckets], [value for _, value in buckets])

    def test_a_name_with_what_ends_a_label_is_whole(self):
        self.use_all()
        self.assertEqual(1, self.sample('wait_duration_seconds_count', type='Event', method='wait',
                                        object=BAD_NAME))
        self.assertEqual(3, self.sample('object_calls_total', object=BAD_NAME, type='Event'))

    def test_a_registered_object_shows_what_it_holds(self):
        jobs = self.ident('jobs')
        raw = self.open()
        for n in range(4):
            raw.call(jobs, 'put', n)
        self.assertEqual(4, self.sample('object_items', object='jobs', type='Queue'))
        raw.call(jobs, 'get')
        self.assertEqual(3, self.sample('object_items', object='jobs', type='Queue'))
        self.assertEqual(5, self.sample('object_calls_total', object='jobs', type='Queue'))
        for _ in range(3):
            raw.call(jobs, 'get')
        self.park(raw, jobs, 'get')
        self.assertEqual(1, self.sample('object_calls_waiting', object='jobs', type='Queue'))

    def test_the_death_of_an_owner_is_counted_and_told(self):
        ident = ask(self.server.address, 'create', 'RLock')[1][0]
        raw = self.open()
        raw.call(ident, 'acquire')
        self.assertEqual(0, self.sample('owner_deaths_total'))
        self.assertEqual([], ask(self.server.address, 'sm_deaths')[1])
        before = time.time()
        raw.close()
        self.assertTrue(wait_until(lambda: self.sample('owner_deaths_total') == 1))
        [death] = ask(self.server.address, 'sm_deaths')[1]
        self.assertTrue(before - 1 <= death.pop('at') <= time.time() + 1)
        self.assertIsInstance(death.pop('client'), int)
        self.assertIsInstance(death.pop('process'), str)
        self.assertEqual({'pid': os.getpid(), 'host': 'local', 'ident': ident, 'type': 'RLock',
                          'name': None, 'kept': False}, death)

    def test_a_process_that_dies_with_a_lock_is_told(self):
        program = ('import sys; sys.path.insert(0, %r); from raw import open_calls\n'
                   'open_calls(%r).call(%r, "acquire")'
                   % (os.path.join(os.path.dirname(HERE), 'interop'), self.server.address,
                      self.ident('door')))
        child = subprocess.Popen([sys.executable, '-c', program])
        self.assertEqual(0, child.wait(PATIENCE))
        self.assertTrue(wait_until(lambda: self.sample('owner_deaths_total') == 1))
        [death] = ask(self.server.address, 'sm_deaths')[1]
        self.assertEqual((child.pid, None, 'lock', 'door'),
                         (death['pid'], death['client'], death['type'], death['name']))

    def test_a_deadlock_is_there_until_it_is_ended(self):
        doors = self.ident('door'), self.ident('other_door')
        raws = self.open(), self.open()
        for raw, door in zip(raws, doors):
            raw.call(door, 'acquire')
        self.park(raws[0], doors[1], 'acquire')
        self.assertEqual((0, 0), (self.sample('deadlocks'), self.sample('deadlocks_closed_total')))
        self.park(raws[1], doors[0], 'acquire')
        self.assertEqual((1, 1), (self.sample('deadlocks'), self.sample('deadlocks_closed_total')))
        raws[0].close()
        self.assertTrue(wait_until(lambda: self.sample('deadlocks') == 0))
        self.assertEqual(1, self.sample('deadlocks_closed_total'))

    def test_a_wrong_key_is_counted_by_its_reason(self):
        done = subprocess.run([CTL, '--address', self.address, 'ping'], stderr=subprocess.PIPE,
                              timeout=PATIENCE, env=environment(SYNCMANAGER_AUTHKEY='wrong'))
        self.assertEqual(2, done.returncode)
        self.assertEqual(1, self.sample('connections_refused_total', reason='key'))
        self.assertEqual(0, self.sample('connections_refused_total', reason='silent'))

    def test_the_document_names_every_metric(self):
        with open(os.path.join(ROOT, 'docs', 'metrics.md')) as file:
            rows = [line.split('|')[1] for line in file if re.match(r'\| `[a-z_`, ]+` \| \w+ \|', line)]
        documented = {'syncmanager_' + name for row in rows for name in re.findall('`([a-z_]+)`', row)}
        self.assertEqual(documented, names(self.ctl('metrics')))


class PlainTest(MetricsCase):
    """A daemon that was not asked to count."""

    kind = Daemon

    def test_what_is_there_without_counting(self):
        self.open().call(self.ident('jobs'), 'put', 1)
        samples = self.scrape()
        self.assertFalse([key for key in samples if 'duration' in key[0]])
        self.assertEqual(0, self.sample('deadlocks'))
        self.assertIsNone(self.sample('deadlocks_closed_total'))
        self.assertEqual(1, self.sample('object_items', object='jobs', type='Queue'))
        self.assertIsNone(self.sample('object_calls_total', object='jobs', type='Queue'))

    def test_objects_do_not_tell_their_calls(self):
        self.assertEqual([None] * len(self.registered), [row['calls'] for row in self.json('objects')])


class StockTest(MetricsCase):
    """On Python's own manager."""

    kind = Stock
    registered = {'jobs': 'Queue(10)'}

    def test_pythons_own_has_none(self):
        self.assertIn("a manager of Python's own does not tell", self.ctl('metrics', status=2))


class ContribTest(MetricsCase):
    def promtool(self, *words):
        done = subprocess.run([PROMTOOL, *words], cwd=os.path.join(CONTRIB, 'prometheus'),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              universal_newlines=True, timeout=60)
        self.assertEqual(0, done.returncode, done.stdout)
        return done.stdout

    @unittest.skipUnless(PROMTOOL, 'there is no promtool')
    def test_the_rules_are_rules(self):
        self.assertIn('SUCCESS', self.promtool('check', 'rules', 'alerts.yml'))

    @unittest.skipUnless(PROMTOOL, 'there is no promtool')
    def test_alerts_come_when_they_should(self):
        self.assertIn('SUCCESS', self.promtool('test', 'rules', 'alerts_test.yml'))

    @unittest.skipUnless(PROMTOOL, 'there is no promtool')
    def test_the_example_is_a_configuration(self):
        self.promtool('check', 'config', '--syntax-only', 'scrape.yml')

    def check_known(self, text):
        """Every metric in these expressions is one that a manager has."""
        asked = set(re.findall(r'\bsyncmanager_\w+', text))
        known = names(self.ctl('metrics'))
        histograms = {name + suffix for name in known if name.endswith('_duration_seconds')
                      for suffix in ('_bucket', '_sum', '_count')}
        self.assertGreater(len(asked), 5)
        self.assertEqual(set(), asked - known - histograms)

    def test_alerts_are_for_metrics_that_there_are(self):
        with open(os.path.join(CONTRIB, 'prometheus', 'alerts.yml')) as file:
            self.check_known('\n'.join(re.findall(r'expr: (?:\|\n(?: {10}.*\n)+|.*)', file.read())))

    def test_the_dashboard_asks_for_metrics_that_there_are(self):
        with open(os.path.join(CONTRIB, 'grafana', 'syncmanager.json')) as file:
            dashboard = json.load(file)
        expressions = [target['expr'] for panel in dashboard['panels'] for target in panel['targets']]
        self.assertGreater(len(expressions), 20)
        self.check_known('\n'.join(expressions))
        places = [panel['gridPos'] for panel in dashboard['panels']]
        self.assertEqual(len(places), len({(place['x'], place['y']) for place in places}))


if __name__ == '__main__':
    unittest.main()
