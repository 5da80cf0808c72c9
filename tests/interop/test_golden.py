# SPDX-License-Identifier: MIT
"""Every recording of tests/golden/ played to the daemon, whose replies must be those recorded.

The client's frames are sent as they were, but for idents: those of the daemon stand in for those
recorded.  Handshakes are made anew.  The daemon is told the recording's Python version, and listens
at the recorded address, so that proxies inside values are its own.  No Python version matters here
but the recorded one, so running these under one interpreter is enough.
"""

import collections
import glob
import gzip
import hashlib
import json
import os
import pickle
import re
import struct
import unittest

import differences
from outcomes import last_line, mask
from raw import CHALLENGE, FAILURE, WELCOME, NoAnswer, Raw, answer_to, well_formed
from servers import ROOT, Daemon, daemon_path
from symbols import Symbol, load, replace_texts

GOLDEN = os.path.join(ROOT, 'tests', 'golden')
REGISTERED = {'text': '"a string"', 'shared_list': '["one", "list", "for", "all"]',
              'shared_list_typed': '["one", "list", "for", "all"]'}

# What only a server that runs Python can answer: whole recordings, and types in others.
LEFT_OUT = {
    'pool': 'a Pool runs Python functions',
    'shm': 'SharedMemoryManager has a server of its own',
}
PYTHON_TYPES = {'Plain', 'PlainProxied', 'PlainSome', 'CannotBuild', 'lifo', 'prio', 'Pool',
                'client_only'}


class GoldenDaemon(Daemon):
    """A daemon at the recorded, relative address, which answers as the recorded version."""

    def __init__(self, version):
        self.version = version
        super().__init__(REGISTERED, address='unix:golden.sock', key=b'golden')

    def command(self, address):
        command = super().command(address)
        command[0] = os.path.abspath(command[0])
        command[command.index('--python') + 1] = self.version
        return ['/bin/sh', '-c', 'cd "$0" && exec "$@"', self.folder, *command]


class Link:
    """One recorded connection, and the one that stands in for it."""

    def __init__(self, peer):
        self.peer = peer
        self.raw = None
        self.challenge = None
        self.owed = collections.deque()  # for each request sent: its name, or None if left out


class Replay:
    """One recording, line by line."""

    def __init__(self, rows, server):
        self.rows, self.server = rows, server
        self.address = os.path.join(server.folder, 'golden.sock')
        self.links = {}
        self.idents = {}  # recorded: live
        self.recorded = {}  # live: recorded
        self.missing = set()  # recorded idents that the daemon has no object for
        self.problems = []
        self.compared = self.left_out = 0
        self.refused = set(self.find_refused())
        self.version = tuple(map(int, rows[0]['python'].split('.')[:2]))
        self.legacy = self.version < (3, 12)

    def run(self):
        for row in self.rows:
            play = getattr(self, 'play_' + row['ev'], None)
            if play is None:
                continue
            if row['ev'] != 'open' and self.links[row['conn']].raw is None:
                continue  # closed, or the server's own
            try:
                play(row, row['conn'])
            except (NoAnswer, EOFError, ConnectionError) as error:
                self.problem(row, row.get('repr', row['ev']), type(error).__name__)
                self.links[row['conn']].raw.close()
                self.links[row['conn']].raw = None
        for link in self.links.values():
            if link.raw is not None:
                link.raw.close()
        return self.problems

    def find_refused(self):
        """Lines of requests that a server of 3.8 refuses, as the daemon does not: nested Queues."""
        last = {}
        for row in self.rows:
            if row['ev'] == 'frame' and row['dir'] == 'C>S':
                last[row['conn']] = row['n']
            elif row['ev'] == 'frame' and 'manager_owned' in row['repr']:
                yield last[row['conn']]

    def problem(self, row, expected, actual):
        known = [reason for name, pattern, reason in differences.RECORDINGS
                 if name in (self.rows[0]['name'], '*') and re.search(pattern, row['phase'])]
        if not known:
            self.problems.append('line %d: %s\n    recorded: %s\n    daemon:   %s' % (
                row['n'], row['phase'], expected, actual))

    def play_open(self, row, number):
        link = self.links[number] = Link(row['peer'])
        if row['peer'] != 'server':  # the daemon does not call itself
            link.raw = Raw(self.address, key=b'golden', legacy=self.legacy, seconds=3)

    def play_auth(self, row, number):
        """A handshake that the recording does not write out."""
        link = self.links[number]
        if row['ok']:
            link.raw.handshake()
        else:
            link.raw.key = b'wrong'
            assert link.raw.answer_challenge() == FAILURE

    def play_eof(self, row, number):
        if row['dir'] == 'C>S':
            link = self.links[number]
            link.raw.close()
            link.raw = None

    def play_raw(self, row, number):
        if row['dir'] == 'C>S':
            self.links[number].raw.send_bytes(bytes.fromhex(row['hex']))

    def play_frame(self, row, number):
        link = self.links[number]
        frame = bytes.fromhex(row['hex'])
        payload = frame[12:] if frame[:4] == b'\xff\xff\xff\xff' else frame[4:]
        if row['kind'] == 'auth':
            self.play_handshake(row, link, payload)
        elif row['dir'] == 'C>S':
            self.send_request(row, link, payload)
        else:
            self.compare_reply(row, link, payload)

    # The handshake

    def play_handshake(self, row, link, payload):
        if row['dir'] == 'C>S':
            self.send_handshake(link, payload)
            return
        frame = link.raw.receive()
        if payload.startswith(CHALLENGE):
            link.challenge = payload[len(CHALLENGE):], frame[len(CHALLENGE):]
        elif payload in (WELCOME, FAILURE):
            if frame != payload:
                self.problem(row, payload, frame)
        elif frame not in self.right_answers(link.sent[len(CHALLENGE):]):
            self.problem(row, 'the right response', frame)

    def send_handshake(self, link, payload):
        """A response that was right is made anew; all else is sent as it was."""
        if link.challenge is not None and not payload.startswith(CHALLENGE):
            recorded, live = link.challenge
            link.challenge = None
            if payload in self.right_answers(recorded):
                payload = answer_to(live, b'golden', len(payload) == 16)
        link.sent = payload
        link.raw.send(payload)

    def right_answers(self, message):
        answers = [answer_to(message, b'golden', True)]
        if re.match(rb'\{\w+\}', message):
            answers.append(answer_to(message, b'golden', False))
        return answers

    # Requests and replies

    def send_request(self, row, link, payload):
        if row.get('cut'):
            payload = self.whole_payload(row)
        request = None
        if payload is not None:
            try:
                request = load(payload)
            except Exception:
                pass  # no pickle: sent as it is
            if not isinstance(request, tuple) or len(request) != 4:
                request = ()
        if request is None or row['n'] in self.refused or self.needs_python(request):
            self.leave_out(link, request)
            return
        try:
            payload = replace_texts(payload, self.idents)
        except Exception:
            pass
        link.owed.append(request)
        link.raw.send(payload)

    def needs_python(self, request):
        """A request that only Python code can carry out, or one to an object of Python code."""
        if not request:
            return False
        ident, name, args, kwds = request
        if name == 'create':
            return args[:1] and args[0] in PYTHON_TYPES or 'Barrier' in args and any(
                isinstance(arg, type) for arg in (*args, *kwds.values()))
        return name == 'sort' and 'key' in kwds or isinstance(ident, str) and ident in self.missing

    def leave_out(self, link, request):
        """Send nothing; but a list is sorted in another way, so that it is as recorded."""
        link.owed.append(None)
        self.left_out += 1
        if request and request[1] == 'sort':
            ident = self.idents[request[0]]
            _, items = link.raw.call(ident, '#GETVALUE')
            link.raw.call(ident, '__setitem__', slice(None), sorted(
                items, key=str, reverse=request[3].get('reverse', False)))

    def whole_payload(self, row):
        """A frame that was cut, made again by evaluating its argument; None if that differs."""
        match = re.match(r'l\.append\((.*)\)$', row['phase'])
        if match is None:
            return None
        head = bytes.fromhex(row['hex'])
        ident = re.search(rb'\x8c.([0-9a-f]{6,16})\x94\x8c\x06append', head).group(1).decode()
        for protocol in (4, 5):
            payload = pickle.dumps((ident, 'append', (eval(match.group(1)),), {}), protocol)
            frame = struct.pack('!i', len(payload)) + payload
            if hashlib.sha256(frame).hexdigest() == row['sha256']:
                return payload
        return None

    def compare_reply(self, row, link, payload):
        request = link.owed.popleft() if link.owed else ()
        if request is None:
            if not row.get('cut'):
                self.miss_objects(load(payload))
            return
        frame = link.raw.receive()
        if row.get('cut'):
            return
        recorded, live = load(payload), load(frame)
        self.learn_idents(request, recorded, live)
        self.compared += 1
        expected, actual = self.text(request, recorded), self.text(request, live)
        if expected != actual:
            self.problem(row, expected, actual)

    def miss_objects(self, reply):
        """A request was left out: in the place of the object that it made there is a list."""
        for request in ((None, 'create'), ()):
            ident = ident_in(request, reply)
            if isinstance(ident, str):
                self.missing.add(ident)
                with Raw(self.address, key=b'golden') as raw:
                    self.learn(ident, raw.handshake().ask('create', 'list')[1][0])

    def learn_idents(self, request, recorded, live):
        """Where the recorded server told an ident, the daemon tells its own."""
        old, new = ident_in(request, recorded), ident_in(request, live)
        if old is None:
            return
        if new is None:
            self.missing.add(old)
            return
        self.missing.discard(old)
        self.learn(old, new)

    def learn(self, old, new):
        self.idents[old] = new
        self.recorded[new] = old

    def text(self, request, reply):
        """A reply in a form that can be compared."""
        kind, payload = reply
        if not well_formed(request):
            return kind  # told something; in which words is nobody's business
        if kind in ('#TRACEBACK', '#UNSERIALIZABLE'):
            payload = re.sub(r'exposed=\{.*\}', 'exposed={..}', last_line(
                without_notes(payload), self.version))
            # Why a response is refused is told in the words of one dialect or the other.
            payload = re.sub(r'^(multiprocessing.context.AuthenticationError): .*', r'\1', payload)
        elif request[1:2] == ('get_methods',):
            payload = sorted(payload)
        elif request[1:2] == ('debug_info',):
            payload = sorted(part for part in re.split('\n(?=  [0-9a-f])', self.old_idents(payload))
                             if part.split(':')[0].strip() not in self.missing)
        text = mask(self.old_idents(repr((kind, payload))), self.version)
        return re.sub(r"\('127.0.0.1', \d+\)", "'golden.sock'", text)

    def old_idents(self, text):
        for new, old in self.recorded.items():
            text = text.replace(new, old)
        return text


def without_notes(text):
    """A traceback without what 3.14 adds after the error: where in the value it was."""
    return re.sub(r'(\nwhen serializing [^\n]*)+\s*$', '', text)


def ident_in(request, reply):
    """The ident that a reply tells of: that of create, or that in the token of a #PROXY."""
    kind, payload = reply
    if kind == '#RETURN' and request[1:2] == ('create',):
        return payload[0] if isinstance(payload, tuple) and len(payload) == 2 else None
    if kind == '#PROXY' and isinstance(payload[1], Symbol):
        return payload[1].state[2]
    return None


def read_recording(path):
    with gzip.open(path, 'rt') as file:
        return [json.loads(line) for line in file]


@unittest.skipIf(daemon_path() is None, 'there is no syncmanagerd to play to')
class GoldenTest(unittest.TestCase):
    maxDiff = None

    def check(self, path):
        rows = read_recording(path)
        name = rows[0]['name']
        if name in LEFT_OUT:
            self.skipTest(LEFT_OUT[name])
        version = '.'.join(rows[0]['python'].split('.')[:2])
        for row in rows:
            if row['ev'] == 'server':
                version = '.'.join(row['python'].split('.')[:2])
        with GoldenDaemon(version) as server:
            replay = Replay(rows, server)
            problems = replay.run()
        self.assertFalse(problems, '%d of %d replies differ, %d requests left out\n%s' % (
            len(problems), replay.compared, replay.left_out, '\n'.join(problems)))


def add_test(path):
    folder, name = path.split(os.sep)[-2:]
    fact = re.sub(r'\W', '_', '%s_of_%s' % (name.split('.jsonl')[0], folder))

    def test(self):
        self.check(path)

    setattr(GoldenTest, 'test_%s_is_answered_as_recorded' % fact, test)


for recording in sorted(glob.glob(os.path.join(GOLDEN, '*', '*.jsonl.gz'))):
    add_test(recording)


if __name__ == '__main__':
    unittest.main()
