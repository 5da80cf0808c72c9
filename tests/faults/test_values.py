# SPDX-License-Identifier: MIT
"""What the models of queues, lists, dicts and values accept and refuse."""

import unittest

from histories import Models


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

    def test_what_the_dead_were_given_may_come_back(self):
        self.accept('queue0', '''
            a 1-2 put(1,) None
            a 3-4 put(2,) None
            a 5-6 put(3,) None
            b 6-9 get() ?
            a 7-8 put(4,) None
            c 10-11 get() 1
            c 12-13 qsize() 3
        ''')

    def test_it_comes_back_once(self):
        self.refuse('queue0', '''
            a 1-2 put(1,) None
            b 3-6 get() ?
            c 4-5 get() 1
            c 7-8 get() 1
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

    def test_what_is_fetched_is_there(self):
        self.accept('mail0', 'a 1-2 fetch() Empty')
        self.accept('mail0', 'a 1-2 send() Full')
        self.refuse('mail0', 'a 1-2 fetch() RemoteError')


if __name__ == '__main__':
    unittest.main()
