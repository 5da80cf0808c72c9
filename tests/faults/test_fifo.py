# SPDX-License-Identifier: MIT
"""What fifo.py finds wrong with the history of a queue."""

import unittest

import fifo
from histories import histories


class FifoTest(unittest.TestCase):
    def found(self, text):
        return [wrong.split(':')[0].split(',')[0] for wrong in fifo.check(histories('q', text)[0])]

    def accept(self, text):
        self.assertEqual(self.found(text), [])

    def test_items_that_are_got_in_order(self):
        self.accept('''
            a 1-2 put(1,) None
            a 3-4 put(2,) None
            b 5-6 get() 1
            c 5-6 get() 2
        ''')

    def test_items_put_at_the_same_time_have_no_order(self):
        self.accept('''
            a 1-3 put(1,) None
            b 2-4 put(2,) None
            c 5-6 get() 2
            c 7-8 get() 1
        ''')

    def test_an_item_that_nobody_put(self):
        self.assertEqual(self.found('b 5-6 get() 1'), ['got what was never put'])

    def test_an_item_that_was_refused(self):
        self.assertEqual(self.found('''
            a 1-2 put(1, False) Full
            b 5-6 get() 1
        '''), ['got what was never put'])

    def test_an_item_that_is_got_twice(self):
        self.assertEqual(self.found('''
            a 1-2 put(1,) None
            b 5-6 get() 1
            c 7-8 get() 1
        '''), ['got twice'])

    def test_an_item_that_is_got_too_early(self):
        self.assertEqual(self.found('''
            b 1-2 get() 1
            a 3-4 put(1,) None
        '''), ['got before it was put'])

    def test_items_in_the_wrong_order(self):
        self.assertEqual(self.found('''
            a 1-2 put(1,) None
            a 3-4 put(2,) None
            b 5-6 get() 2
            c 7-8 get() 1
        '''), ['overtaken'])

    def test_an_item_that_the_dead_gave_back(self):
        self.accept('''
            a 1-2 put(1,) None
            a 3-4 put(2,) None
            d 4-7 get() ?
            b 5-6 get() 2
            c 7-8 get() 1
        ''')

    def test_each_of_the_dead_gave_one_back(self):
        self.assertEqual(self.found('''
            a 1-2 put(1,) None
            a 3-4 put(2,) None
            a 5-6 put(3,) None
            d 4-9 get() ?
            b 7-8 get() 3
            c 9-10 get() 1
            c 11-12 get() 2
        '''), ['overtaken'])

    def test_an_item_that_is_lost(self):
        self.assertEqual(self.found('a 1-2 put(1,) None'), ['lost'])

    def test_an_item_that_was_perhaps_never_put(self):
        self.accept('a 1-5 put(1,) ?')

    def test_an_item_in_the_hands_of_the_dead(self):
        self.accept('''
            a 1-2 put(1,) None
            b 1-5 get() ?
        ''')

    def test_one_dead_consumer_takes_one_item(self):
        self.assertEqual(self.found('''
            a 1-2 put(1,) None
            a 3-4 put(2,) None
            b 1-5 get() ?
        '''), ['lost'])

    def test_a_consumer_that_was_dead_before_takes_none(self):
        self.assertEqual(self.found('''
            b 1-5 get() ?
            a 6-7 put(1,) None
        '''), ['lost'])

    def test_a_consumer_that_came_later_took_none_either(self):
        self.assertEqual(self.found('''
            a 1-2 put(1,) None
            a 3-4 put(2,) None
            c 5-6 get() 2
            b 7-8 get() ?
        '''), ['lost'])

    def test_the_dead_are_assigned_as_well_as_possible(self):
        """The first could take either, the second only the later item."""
        self.accept('''
            a 1-2 put(1,) None
            b 1-9 get() ?
            a 3-4 put(2,) None
            d 3-9 get() ?
            a 10-11 put(3,) None
            c 12-13 get() 3
        ''')


if __name__ == '__main__':
    unittest.main()
