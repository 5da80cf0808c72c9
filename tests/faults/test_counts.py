#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
import unittest

from histories import Models


class Counter(Models):
    def test_each_is_told_the_next(self):
        self.accept('counter0', """
            a 0-1 add(0,) 1
            b 0-1 add(0,) 2
            a 2-3 add(0,) 3
            b 4-5 get() 3
        """)

    def test_none_is_counted_twice(self):
        self.refuse('counter0', """
            a 0-1 add(0,) 1
            b 2-3 add(0,) 3
        """)

    def test_none_is_lost(self):
        self.refuse('counter0', """
            a 0-1 add(0,) 1
            b 0-1 add(0,) 1
        """)
        self.refuse('counter0', """
            a 0-1 add(0,) 1
            b 2-3 get() 0
        """)

    def test_what_had_ended_was_counted_before(self):
        self.refuse('counter0', """
            a 0-1 add(0,) 2
            b 2-3 add(0,) 1
        """)

    def test_a_call_without_an_answer_may_count(self):
        for value in 1, 2:
            self.accept('counter0', """
                a 0-1 add(0,) ?
                a 0-1 dies
                b 2-3 add(0,) %d
            """ % value)

    def test_it_counts_once(self):
        self.refuse('counter0', """
            a 0-1 add(0,) ?
            b 2-3 add(0,) 3
        """)
        self.refuse('counter0', """
            a 0-1 add(0,) ?
            b 2-3 get() 2
        """)

    def test_it_counts_in_its_time(self):
        self.refuse('counter0', """
            a 4-5 add(0,) ?
            b 2-3 add(0,) 2
        """)
        self.refuse('counter0', """
            a 0-1 add(0,) ?
            b 2-3 add(0,) 1
            b 4-5 add(0,) 3
        """)

    def test_each_of_several_counts_in_its_time(self):
        self.accept('counter0', """
            a 0-9 add(0,) ?
            c 0-3 add(0,) ?
            b 2-4 add(0,) 2
            b 5-6 add(0,) 4
        """)

    def test_answers_are_whole(self):
        self.accept('counter0', """
            a 0-1 text(3,) 'xxx'
            a 2-3 weigh('xx',) 2
        """)
        self.refuse('counter0', "a 0-1 text(3,) 'xx'")
        self.refuse('counter0', "a 0-1 weigh('xx',) 1")
        self.refuse('counter0', "a 0-1 add(0,) RemoteError")


if __name__ == '__main__':
    unittest.main()
