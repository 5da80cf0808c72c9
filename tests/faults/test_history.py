# SPDX-License-Identifier: MIT
"""What clients wrote down is read as it was meant, whatever became of them."""

import os
import tempfile
import unittest

import history
from history import GRACE, MAYBE, OK, RAISED


class HistoryTest(unittest.TestCase):
    def read(self, text, **kwds):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'history')
            with open(path, 'w') as file:
                file.write(text)
            return history.read(path, 'a', **kwds)

    def endings(self, read):
        return [(e.connection, e.start, e.end) for e in read.endings]

    def test_calls_with_their_answers(self):
        calls = self.read("> 1 0 list0 append (5,)\n< 2 ok None\n"
                          "> 3 0 dict0 __getitem__ ('x',)\n< 4 raised KeyError\n. 5\n").calls
        self.assertEqual([(c.name, c.method, c.args, c.outcome, c.value) for c in calls],
                         [('list0', 'append', (5,), OK, None),
                          ('dict0', '__getitem__', ('x',), RAISED, 'KeyError')])
        self.assertEqual([(c.start, c.end) for c in calls], [(1, 2), (3, 4)])

    def test_the_last_call_of_the_killed_is_maybe(self):
        read = self.read('> 1 0 q get ()\n< 2 ok 7\n> 3 0 q get ()\n', killed=9)
        self.assertEqual((read.calls[1].outcome, read.calls[1].end), (MAYBE, 9 + GRACE))

    def test_half_a_line_was_not_written(self):
        read = self.read('> 1 0 q get ()\n< 2 ok', killed=9)
        self.assertEqual(read.calls[0].outcome, MAYBE)

    def test_a_lost_call_ends_its_connection(self):
        read = self.read('> 1 0 q get ()\n< 2 ok 7\n> 3 0 q get ()\n< 4 lost\n'
                         '> 5 1 q get ()\n< 6 ok 8\n. 7\n')
        self.assertEqual([c.outcome for c in read.calls], [OK, MAYBE, OK])
        self.assertEqual(read.losses, 1)
        self.assertEqual(self.endings(read), [
            (0, 1, 4 + GRACE), (1, 7, 7 + GRACE), (None, 7, 7 + GRACE)])

    def test_the_end_of_the_killed_is_when_they_were_killed(self):
        read = self.read('> 1 0 lock0 acquire ()\n< 2 ok True\n', killed=9)
        self.assertEqual(self.endings(read), [(0, 9, 9 + GRACE), (None, 9, 9 + GRACE)])

    def test_connections_that_were_cut_may_have_ended_before(self):
        read = self.read('> 1 0 lock0 acquire ()\n< 2 ok True\n', killed=9, cut=True)
        self.assertEqual(self.endings(read), [(0, 1, 9 + GRACE), (None, 9, 9 + GRACE)])

    def test_an_answer_may_be_read_after_the_end_of_its_connection(self):
        read = self.read('> 1 0 q get ()\n< 2 ok 7\n> 3 0 q get ()\n< 8 ok 7\n> 9 0 q get ()\n'
                         '< 10 lost\n')
        self.assertEqual(self.endings(read)[0], (0, 3, 10 + GRACE))

    def test_one_that_gives_up_has_ended(self):
        read = self.read('> 1 0 lock0 acquire ()\n< 2 lost\n! 3\n')
        self.assertEqual(self.endings(read)[-1], (None, 3, 3 + GRACE))

    def test_what_is_no_record_is_not_passed_over(self):
        with self.assertRaises(ValueError):
            self.read('? 1\n')


if __name__ == '__main__':
    unittest.main()
