# SPDX-License-Identifier: MIT
"""Each model accepts what its type may do, and refuses what it may not: a check that cannot fail
would be none.

A history is lines of `CLIENT START-END METHOD(ARGUMENTS) RESULT` in seconds; RESULT is a value, an
exception's name, or `?` where none came. `CLIENT START-END dies` is the end of its process and of its
connection, `breaks` that of its connection alone.
"""

import re
import unittest

import checks
from history import MAYBE, OK, RAISED, SECOND, Call, Ending, parse

LINE = re.compile(r'(\w+) +([\d.]+)-([\d.]+) +([#\w]+)(?:(\(.*\)) +(.+))?$')


def result(text):
    if text == '?':
        return MAYBE, None
    if text[0].isupper() and text not in ('None', 'True', 'False'):
        return RAISED, text
    return OK, parse(text)


def histories(name, text):
    """The calls on the object, and the ends of connections and processes."""
    calls, endings = [], []
    for line in text.strip().splitlines():
        life, start, end, method, args, value = LINE.match(line.strip()).groups()
        start, end = (int(float(time) * SECOND) for time in (start, end))
        if method in ('dies', 'breaks'):
            endings.append(Ending(life, 0, start, end))
        if method == 'dies':
            endings.append(Ending(life, None, start, end))
        if value:
            outcome, value = result(value)
            calls.append(Call(life, 0, name, method, parse(args), start, end, outcome, value))
    return calls, endings


class Models(unittest.TestCase):
    def accept(self, name, text):
        self.assertEqual([str(v) for v in checks.check(name, *histories(name, text))], [])

    def refuse(self, name, text):
        self.assertNotEqual(checks.check(name, *histories(name, text)), [])


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

    def test_a_bound_is_kept(self):
        self.accept('bounded0', 'a 1-2 release() ValueError')
        self.refuse('bounded0', 'a 1-2 release() None')
        self.refuse('bounded0', '''
            a 1-2 acquire(True,) True
            a 3-4 release() ValueError
        ''')


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


class QueueTest(Models):
    def test_first_in_first_out(self):
        self.accept('queue0', '''
            a 1-2 put(1,) None
            a 3-4 put(2,) None
            b 5-6 get() 1
            b 7-8 get() 2
        ''')
        self.refuse('queue0', '''
            a 1-2 put(1,) None
            a 3-4 put(2,) None
            b 5-6 get() 2
        ''')

    def test_nothing_is_got_twice(self):
        self.refuse('queue0', '''
            a 1-2 put(1,) None
            b 3-4 get() 1
            c 3-4 get() 1
        ''')

    def test_it_holds_what_it_has_room_for(self):
        self.accept('queue0', '''
            a 1-2 put(1,) None
            a 3-4 put(2,) None
            a 5-6 put(3,) None
            a 7-8 put(4, False) Full
        ''')
        self.refuse('queue0', 'a 7-8 put(4, False) Full')

    def test_it_is_empty_only_when_it_is(self):
        self.refuse('queue0', '''
            a 1-2 put(1,) None
            a 3-4 get(False,) Empty
        ''')

    def test_join_waits_for_all_tasks(self):
        self.accept('queue0', '''
            a 1-2 put(1,) None
            b 3-4 get() 1
            a 3-9 join() None
            b 5-6 task_done() None
        ''')
        self.refuse('queue0', '''
            a 1-2 put(1,) None
            b 3-4 get() 1
            a 5-6 join() None
        ''')

    def test_no_task_is_done_that_was_not_put(self):
        self.refuse('queue0', 'a 1-2 task_done() None')


class ValuesTest(Models):
    def test_list(self):
        self.accept('list0', '''
            a 1-2 append(5,) None
            b 1-2 insert(0, 6) None
            c 3-4 #GETVALUE() [6, 5]
            c 5-6 pop() 5
            c 7-8 __getitem__(3,) IndexError
        ''')

    def test_an_append_is_not_lost(self):
        self.refuse('list0', '''
            a 1-2 append(5,) None
            b 1-2 append(6,) None
            c 3-4 __len__() 1
        ''')

    def test_everybody_sees_the_same_order(self):
        self.refuse('list0', '''
            a 1-2 append(5,) None
            b 1-2 append(6,) None
            c 3-4 __getitem__(0,) 5
            d 5-6 __getitem__(0,) 6
        ''')

    def test_dict(self):
        self.accept('dict0', '''
            a 1-2 __setitem__('x', 5) None
            b 1-2 __setitem__('y', 6) None
            b 3-4 update({'x': 7},) None
            c 5-6 #GETVALUE() {'x': 7, 'y': 6}
            c 7-8 pop('x', None) 7
            c 9-10 __getitem__('x',) KeyError
        ''')

    def test_each_key_has_its_history(self):
        self.refuse('dict0', '''
            a 1-2 __setitem__('x', 5) None
            b 1-2 __setitem__('y', 6) None
            c 3-4 get('x', None) 6
        ''')

    def test_a_key_that_was_set_is_there(self):
        self.refuse('dict0', '''
            a 1-2 __setitem__('x', 5) None
            c 3-4 #GETVALUE() {}
        ''')

    def test_a_value_that_was_set_last_is_there(self):
        self.accept('value0', '''
            a 1-2 set(5,) None
            a 3-4 get() 5
        ''')
        self.refuse('value0', '''
            a 1-2 set(5,) None
            a 3-4 set(6,) None
            a 5-6 get() 5
        ''')

    def test_namespace(self):
        self.accept('namespace0', '''
            a 1-2 __setattr__('x', 5) None
            a 3-4 __getattribute__('x',) 5
            a 5-6 __delattr__('x',) None
            a 7-8 __getattribute__('x',) AttributeError
        ''')
        self.refuse('namespace0', '''
            a 1-2 __setattr__('x', 5) None
            a 3-4 __getattribute__('x',) AttributeError
        ''')

    def test_what_is_borrowed_is_there(self):
        self.accept('lent0', "a 1-2 borrow('p',) KeyError")
        self.refuse('lent0', "a 1-2 borrow('p',) RemoteError")


if __name__ == '__main__':
    unittest.main()
