# SPDX-License-Identifier: MIT
"""Every kind of Python value goes in and comes out the same, in every pickle protocol."""

import pickle
import unittest
from multiprocessing.reduction import ForkingPickler

import samples
from cases import Interop
from outcomes import describe, outcome_of
from raw import NoAnswer, open_calls


def ask(calls, request, protocol):
    """One request, pickled as that protocol does; the reply as text."""
    calls.send_object(request, protocol)
    frame = calls.receive()
    return outcome_of(pickle.loads, frame)


class PickleTest(Interop):
    def compare_table(self, rows, prepare):
        """One test for many rows: prepare(manager) gives what is called with each of them."""
        def transcript(server):
            run = prepare(server.connect())
            return '\n'.join('%s\n    %s' % (row, outcome_of(run, row)) for row in rows)

        self.compare(transcript)

    def test_a_value_in_a_list_comes_out_the_same(self):
        def prepare(manager):
            shared = manager.list([None])

            def run(row):
                shared[0] = samples.make(row)
                return shared[0]
            return run

        self.compare_table(samples.VALUES, prepare)

    def test_a_value_comes_out_as_it_went_in(self):
        """What the daemon gives is what was put in, not only what the stock server gives."""
        for server in self.each_server():
            shared = server.connect().list()
            for row in samples.VALUES:
                with self.subTest(server=server.name, value=row):
                    value = samples.make(row)
                    expected = describe(pickle.loads(ForkingPickler.dumps(value)))
                    shared[:] = [samples.make(row)]
                    self.assertEqual(describe(shared[0]), expected)

    def test_a_value_goes_through_every_type(self):
        def prepare(manager):
            queue, table, space = manager.Queue(), manager.dict(), manager.Namespace()
            holder, rows = manager.Value('x', None), manager.list()

            def run(row):
                value = samples.make(row)
                queue.put(value)
                outcomes = [queue.get()]
                table['key'] = value
                outcomes += [table['key'], table.copy(), table.pop('key')]
                space.x = value
                outcomes.append(space.x)
                holder.value = value
                outcomes.append(holder.value)
                # Items of a list are values of their own: what they share is not looked at here.
                rows[:] = [value, [value]]
                outcomes += [*rows[:], rows.pop(0), rows[0], *rows * 2]
                return [describe(outcome) for outcome in outcomes]
            return run

        self.compare_table(samples.VALUES, prepare)

    def test_equal_values_are_found(self):
        def prepare(manager):
            shared = manager.list()

            def run(row):
                shared[:] = [None, samples.make(row), 'end']
                found = samples.make(row) in shared, shared.index(samples.make(row))
                count = shared.count(samples.make(row))
                shared.remove(samples.make(row))
                return found, count, len(shared)
            return run

        self.compare_table(samples.EQUAL, prepare)

    def test_equal_values_are_one_key(self):
        def prepare(manager):
            table = manager.dict()

            def run(row):
                try:
                    hash(samples.make(row))
                except TypeError:
                    return 'not hashable'
                table.clear()
                table[samples.make(row)] = 1
                table[samples.make(row)] = 2
                return len(table), table[samples.make(row)], samples.make(row) in table
            return run

        self.compare_table(samples.EQUAL, prepare)

    def test_an_item_of_a_shared_value_comes_out_whole(self):
        """What is stored in one message and sent in parts keeps what its parts share."""
        rows = ['[shared_list(), recursive_dict()]', '[[x, x] for x in [Plain(a=[1])]]',
                '[many_shared(), "a", "a", many_shared()]', '[recursive_object(), recursive_set()]',
                '[(x, x) for x in ["text" * 3, b"bytes" * 3, (1, 2), frozenset({5})]]',
                '[Point(1, 2)] * 3 + [OwnError("x"), OwnError("x")]']

        def prepare(manager):
            def run(row):
                value = samples.make(row)
                shared = manager.list(value)
                table = manager.dict(dict(enumerate(value)))
                return ([describe(item) for item in shared], shared[::-1], shared[1:],
                        [describe(table[key]) for key in table.keys()], table.items())
            return run

        self.compare_table(rows, prepare)

    def test_big_values_come_through(self):
        rows = ['"x" * 16383', '"x" * 16384', '"x" * 3000000', 'b"x" * 5000000',
                'list(range(200000))', '[str(i) for i in range(50000)]',
                '{i: (i, str(i)) for i in range(30000)}']

        def prepare(manager):
            queue = manager.Queue()

            def run(row):
                value = samples.make(row)
                queue.put(value)
                return queue.get() == value
            return run

        self.compare_table(rows, prepare)

    def test_every_protocol_is_read(self):
        rows = [(value, protocol) for value in samples.VALUES for protocol in range(6)]

        def transcript(server):
            manager = server.connect()
            shared = manager.list()
            ident = shared._token.id
            connection = open_calls(server.address)
            lines = []
            for row, protocol in rows:
                try:
                    pickle.dumps(samples.make(row), protocol)
                except Exception:
                    continue  # this protocol cannot carry it
                request = (ident, '__setitem__', (slice(None), [samples.make(row)]), {})
                stored = ask(connection, request, protocol)
                got = ask(connection, (ident, '__getitem__', (0,), {}), protocol)
                lines.append('%s in protocol %d\n    %s\n    %s' % (row, protocol, stored, got))
            connection.close()
            return '\n'.join(lines)

        self.compare(transcript)

    def test_old_opcodes_are_read(self):
        """Opcodes that no pickler of today writes."""
        frames = {
            'INST': b'(i%s\nBare\n.', 'OBJ': b'(c%s\nBare\no.', 'GLOBAL': b'c%s\nPlain\n.',
            'REDUCE': b'c%s\nfunction\n(I1\nI2\ntR.', 'BUILD': b'(i%s\nBare\n(dS\'a\'\nI1\nsb.',
            'NEWOBJ': b'\x80\x02c%s\nBare\n)\x81.', 'DUP': b'(I1\n2t.#%s',
            'POP': b'I1\nI2\n0.#%s', 'POP_MARK': b'I1\n(I2\nI3\n1.#%s',
            'LONG': b'L123456789012345678901L\n.#%s', 'bool': b'(I01\nI00\nI7\nl.#%s',
            'FLOAT': b'F1.5\n.#%s', 'FLOAT nan': b'Fnan\n.#%s', 'STRING': b'S\'a\\\'b\\x41\'\n.#%s',
            'UNICODE': b'V\\u20acx\n.#%s', 'memo': b'(lp5\nI1\nag5\na.#%s',
            'SHORT_BINSTRING': b'U\x03abc.#%s', 'BINSTRING': b'T\x03\x00\x00\x00abc.#%s',
            'BINPUT': b']q\x01(h\x01h\x01e.#%s',
            'LONG_BINPUT': b']r\x01\x01\x00\x00(j\x01\x01\x00\x00e.#%s',
            'LONG1 of nothing': b'\x80\x02\x8a\x00.#%s',
            'LONG4': b'\x80\x02\x8b\x02\x00\x00\x00\xff\x7f.#%s',
            'long LONG1': b'\x80\x02\x8a\x04\x01\x00\x00\x00.#%s', 'BINUNICODE8':
            b'\x80\x04\x8d\x01\x00\x00\x00\x00\x00\x00\x00a.#%s', 'BINBYTES8':
            b'\x80\x04\x8e\x01\x00\x00\x00\x00\x00\x00\x00a.#%s',
            'frames': b'\x80\x04\x95\x02\x00\x00\x00\x00\x00\x00\x00K\x05.#%s',
            'DICT': b'(I1\nI2\nd.#%s', 'LIST': b'(I1\nI2\nl.#%s', 'BYTEARRAY8':
            b'\x80\x05\x96\x01\x00\x00\x00\x00\x00\x00\x00a.#%s', 'PROTO 6': b'\x80\x06N.#%s',
            'an unknown opcode': b'\xff.#%s', 'no STOP': b'I1\n#%s',
            'missing memo': b'g7\n.#%s', 'EXT1': b'\x80\x02\x82\x01.#%s',
            'PERSID': b'Pid\n.#%s', 'BINPERSID': b'I1\nQ.#%s', 'NEXT_BUFFER': b'\x80\x05\x97.#%s',
        }
        frames = {name: frame.replace(b'%s', samples.__name__.encode()).split(b'#')[0]
                  for name, frame in frames.items()}

        def transcript(server):
            manager = server.connect()
            shared = manager.list([0])
            return '\n'.join('%s: %s' % (name, self.put_raw(server, shared._token.id, frame))
                             for name, frame in frames.items())

        self.compare(transcript)

    def put_raw(self, server, ident, frame):
        """Make the pickle the value of l[0] = ..., and read it back."""
        version, body = (frame[:2], frame[2:]) if frame[:1] == b'\x80' else (b'', frame)
        body, end = (body[:-1], b't(dt.') if body[-1:] == b'.' else (body, b't(dt')
        start = b'(V%s\nV__setitem__\n(I0\n' % ident.encode()
        with open_calls(server.address) as calls:
            calls.socket.settimeout(2)
            calls.send(version + start + body + end)
            try:
                kind, _ = calls.receive_object()
            except (EOFError, NoAnswer):
                return 'no reply'  # 3.8 and 3.9 leave the connection open
            if kind != '#RETURN':
                return kind  # what a broken pickle is told is the unpickler's own
            return describe(calls.call(ident, '__getitem__', 0))


if __name__ == '__main__':
    unittest.main()
