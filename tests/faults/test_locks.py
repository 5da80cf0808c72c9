# SPDX-License-Identifier: MIT
"""What the models of locks and semaphores accept and refuse."""

import unittest

from histories import Models


class LockTest(Models):
    def test_it_goes_from_one_to_the_next(self):
        self.accept('lock0', '''
            a 1-2 acquire(True,) True
            b 1-9 acquire(True,) True
            a 3-4 release() None
        ''')

    def test_it_never_has_two_owners(self):
        self.refuse('lock0', '''
            a 1-2 acquire(True,) True
            b 3-4 acquire(True,) True
            a 5-6 release() None
        ''')

    def test_it_is_not_refused_when_free(self):
        self.refuse('lock0', 'a 1-2 acquire(False,) False')

    def test_it_is_not_refused_when_it_came_free_within_the_time(self):
        self.refuse('lock0', '''
            a 1-2 acquire(True,) True
            b 3-10 acquire(True, 5.0) False
            a 4-5 release() None
        ''')

    def test_a_dead_owner_s_goes_on(self):
        self.accept('lock0', '''
            a 1-2 acquire(True,) True
            a 3-4 dies
            b 3-5 acquire(True,) True
        ''')

    def test_a_dead_owner_s_must_go_on(self):
        self.refuse('lock0', '''
            a 1-2 acquire(True,) True
            a 3-4 dies
            b 5-8 acquire(True, 2.0) False
        ''')

    def test_it_does_not_go_on_when_the_connection_alone_breaks(self):
        self.refuse('lock0', '''
            a 1-2 acquire(True,) True
            a 3-4 breaks
            b 5-6 acquire(True,) True
            a 7-8 release() None
        ''')

    def test_nobody_but_its_owner_s_end_frees_it(self):
        self.refuse('lock0', '''
            a 1-2 acquire(True,) True
            c 3-4 dies
            b 3-5 acquire(True,) True
        ''')

    def test_the_dead_do_not_take_it(self):
        self.refuse('lock0', '''
            a 1-2 acquire(True,) True
            b 2-5 acquire(True,) ?
            b 3-5 dies
            a 6-7 release() None
            c 8-9 acquire(False,) False
        ''')


class RLockTest(Models):
    def test_its_owner_takes_it_again(self):
        self.accept('rlock0', '''
            a 1-2 acquire(True,) True
            a 3-4 acquire(True,) True
            a 5-6 release() None
            b 6-7 acquire(False,) False
            a 8-9 release() None
            b 10-11 acquire(True,) True
        ''')

    def test_a_stranger_does_not(self):
        self.refuse('rlock0', '''
            a 1-2 acquire(True,) True
            b 3-4 acquire(False,) True
        ''')

    def test_all_levels_are_given_back(self):
        self.refuse('rlock0', '''
            a 1-2 acquire(True,) True
            a 3-4 acquire(True,) True
            a 5-6 release() None
            b 7-8 acquire(True,) True
            a 9-10 release() None
        ''')

    def test_a_stranger_does_not_release_it(self):
        self.accept('rlock0', 'a 1-2 release() RuntimeError')
        self.refuse('rlock0', '''
            a 1-2 acquire(True,) True
            b 3-4 release() None
        ''')

    def test_it_goes_with_its_connection(self):
        self.accept('rlock0', '''
            a 1-2 acquire(True,) True
            a 3-4 breaks
            b 5-6 acquire(True,) True
        ''')

    def test_it_must_go_with_its_connection(self):
        self.refuse('rlock0', '''
            a 1-2 acquire(True,) True
            a 3-4 breaks
            b 5-6 acquire(False,) False
        ''')


class SemaphoreTest(Models):
    def test_as_many_as_there_are_permits(self):
        self.accept('semaphore0', '''
            a 1-2 acquire(True,) True
            b 1-2 acquire(True,) True
            c 3-4 acquire(False,) False
        ''')

    def test_no_more_than_there_are_permits(self):
        self.refuse('semaphore0', '''
            a 1-2 acquire(True,) True
            b 1-2 acquire(True,) True
            c 1-2 acquire(True,) True
        ''')

    def test_no_permit_is_lost(self):
        self.refuse('semaphore0', '''
            a 1-2 acquire(True,) True
            b 3-4 acquire(False,) False
        ''')

    def test_a_permit_may_be_lost_with_one_that_died_in_acquire(self):
        self.accept('semaphore0', '''
            a 1-2 acquire(True,) True
            b 3-5 acquire(True,) ?
            b 4-5 dies
            c 6-7 acquire(False,) False
        ''')

    def test_no_permit_goes_to_one_that_is_long_dead(self):
        self.refuse('semaphore0', '''
            a 1-2 acquire(True,) True
            b 1-2 acquire(True,) True
            c 3-5 acquire(True,) ?
            c 4-5 dies
            a 6-7 release() None
            d 8-9 acquire(False,) False
        ''')

    def test_what_the_dead_were_given_may_come_back(self):
        self.accept('semaphore0', '''
            a 1-2 acquire(True,) True
            b 2-8 acquire(True,) ?
            c 3-4 acquire(False,) False
            c 5-6 acquire(False,) True
        ''')

    def test_it_comes_back_once(self):
        self.refuse('semaphore0', '''
            a 1-2 acquire(True,) True
            b 2-12 acquire(True,) ?
            c 3-4 acquire(False,) False
            c 5-6 acquire(False,) True
            c 7-8 acquire(False,) True
        ''')

    def test_a_bound_is_kept(self):
        self.accept('bounded0', 'a 1-2 release() ValueError')
        self.refuse('bounded0', 'a 1-2 release() None')
        self.refuse('bounded0', '''
            a 1-2 acquire(True,) True
            a 3-4 release() ValueError
        ''')


if __name__ == '__main__':
    unittest.main()
