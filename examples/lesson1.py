#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Lesson 1: an object that a server has, used by another process.

The server registers `get_my_string`.  A child process connects to it by address, gets a proxy of
the string, and calls its methods there.  Meanwhile the main process waits on a semaphore of the
same manager.
"""

import time
from multiprocessing import Process
from multiprocessing.managers import SyncManager

from lesson import open_manager, parse_arguments


def get_my_string():
    return 'educative'


class StringManager(SyncManager):
    """A manager whose server has a string."""


StringManager.register('get_my_string', callable=get_my_string)


def child_process(address, semaphore, pause):
    manager = StringManager(address=address)
    manager.connect()
    my_string = manager.get_my_string()
    print(repr(my_string))
    print(str(my_string))
    print('child process exiting in %g seconds' % pause, flush=True)
    time.sleep(pause)
    semaphore.release()
    print(my_string.isdigit())
    print(my_string.capitalize())


if __name__ == '__main__':
    arguments = parse_arguments('Lesson 1: an object that a server has.')
    manager = open_manager(StringManager, arguments)
    semaphore = manager.Semaphore(0)
    child = Process(target=child_process, args=(manager.address, semaphore, arguments.pause))
    child.start()
    semaphore.acquire()
    child.join()
    print('Main process exiting')
