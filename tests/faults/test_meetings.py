# SPDX-License-Identifier: MIT
"""What the models of events, barriers and conditions accept and refuse."""

import unittest

from histories import Models


class EventTest(Models):
    def test_those_who_wait_are_let_go(self):
        self.accept('event0', '''
            a 1-6 wait(None,) True
            b 2-3 set() None
            b 4-5 clear() None
        ''')

    def test_nobody_is_let_go_before(self):
        self.refuse('event0', 'a 1-6 wait(None,) True')

    def test_it_is_set_until_it_is_cleared(self):
        self.refuse('event0', '''
            b 2-3 set() None
            a 4-5 is_set() False
        ''')

    def test_time_is_not_over_while_it_is_set(self):
        self.refuse('event0', '''
            b 2-3 set() None
            a 4-6 wait(1.0,) False
        ''')

    def test_one_who_has_been_waiting_is_not_forgotten(self):
        self.refuse('event0', '''
            a 1-21 wait(20.0,) False
            b 10-11 set() None
            b 12-13 clear() None
        ''')


class BarrierTest(Models):
    def test_a_generation_goes_on_together(self):
        self.accept('barrier0', '''
            a 1-5 wait(None,) 0
            b 2-5 wait(None,) 1
            c 3-5 wait(None,) 2
        ''')

    def test_it_does_not_open_for_fewer(self):
        self.refuse('barrier0', '''
            a 1-5 wait(None,) 0
            b 2-5 wait(None,) 1
        ''')

    def test_indexes_are_in_order_of_arrival(self):
        self.refuse('barrier0', '''
            a 1-5 wait(None,) 1
            b 1-5 wait(None,) 1
            c 3-5 wait(None,) 2
        ''')

    def test_generations_do_not_mix(self):
        self.refuse('barrier0', '''
            a 1-2 wait(None,) 0
            b 3-5 wait(None,) 1
            c 3-5 wait(None,) 2
        ''')

    def test_it_breaks_when_time_is_over(self):
        self.accept('barrier0', '''
            a 1-3 wait(2.0,) BrokenBarrierError
            b 1-3 wait(None,) BrokenBarrierError
            c 4-5 wait(None,) BrokenBarrierError
            c 6-7 reset() None
            c 8-9 wait(0.0,) BrokenBarrierError
        ''')

    def test_it_does_not_break_for_nothing(self):
        self.refuse('barrier0', 'a 1-2 wait(5.0,) BrokenBarrierError')
        self.refuse('barrier0', 'a 1-2 wait(None,) BrokenBarrierError')

    def test_it_breaks_when_one_that_waits_dies(self):
        self.accept('barrier0', '''
            a 1-5 wait(None,) ?
            a 3-5 dies
            b 2-5 wait(None,) BrokenBarrierError
        ''')

    def test_the_dead_are_not_counted(self):
        self.refuse('barrier0', '''
            a 1-5 wait(None,) ?
            a 3-5 dies
            b 6-9 wait(None,) 1
            c 7-9 wait(None,) 2
        ''')

    def test_a_reset_makes_it_whole(self):
        self.refuse('barrier0', '''
            a 1-2 abort() None
            a 3-4 reset() None
            b 5-6 wait(None,) BrokenBarrierError
        ''')


class ConditionTest(Models):
    def test_a_notification_wakes_one(self):
        self.accept('condition0', '''
            a 1-2 acquire(True,) True
            a 3-9 wait(None,) True
            b 4-5 acquire(True,) True
            b 6-7 notify(1,) None
            b 8-9 release() None
        ''')

    def test_nobody_wakes_by_himself(self):
        self.refuse('condition0', '''
            a 1-2 acquire(True,) True
            a 3-9 wait(None,) True
        ''')

    def test_it_wakes_no_more_than_it_says(self):
        self.refuse('condition0', '''
            a 1-2 acquire(True,) True
            a 3-20 wait(None,) True
            b 4-5 acquire(True,) True
            b 6-20 wait(None,) True
            c 7-8 acquire(True,) True
            c 9-10 notify(1,) None
            c 11-12 release() None
        ''')

    def test_no_notification_is_lost(self):
        self.refuse('condition0', '''
            a 1-2 acquire(True,) True
            a 3-14 wait(10.0,) False
            b 4-5 acquire(True,) True
            b 6-7 notify(1,) None
            b 8-9 release() None
        ''')

    def test_the_dead_take_none(self):
        self.refuse('condition0', '''
            a 1-2 acquire(True,) True
            a 3-6 wait(None,) ?
            a 4-6 dies
            b 7-8 acquire(True,) True
            b 9-29 wait(20.0,) False
            c 10-11 acquire(True,) True
            c 12-13 notify(1,) None
            c 14-15 release() None
        ''')

    def test_the_notification_of_the_dead_may_go_to_the_next(self):
        self.accept('condition0', '''
            a 1-2 acquire(True,) True
            a 3-16 wait(None,) ?
            a 13-16 dies
            b 7-8 acquire(True,) True
            b 9-16 wait(None,) True
            c 10-11 acquire(True,) True
            c 12-13 notify(1,) None
            c 14-15 release() None
        ''')

    def test_the_dead_do_not_keep_the_lock(self):
        self.refuse('condition0', '''
            a 1-2 acquire(True,) True
            a 3-4 dies
            b 5-8 acquire(True, 2.0) False
        ''')

    def test_it_is_held_after_waiting(self):
        self.refuse('condition0', '''
            a 1-2 acquire(True,) True
            a 3-9 wait(None,) True
            b 4-5 acquire(True,) True
            b 6-7 notify(1,) None
            b 8-9 release() None
            c 10-11 acquire(True,) True
            a 12-13 release() None
        ''')

    def test_who_waits_has_let_go_of_it(self):
        self.refuse('condition0', '''
            a 1-2 acquire(True,) True
            a 3-20 wait(None,) True
            b 4-5 acquire(True,) True
            b 6-7 release() None
            c 8-9 acquire(False,) False
        ''')


if __name__ == '__main__':
    unittest.main()
