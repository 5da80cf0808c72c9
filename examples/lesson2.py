#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Lesson 2: two processes take turns on one list, by two semaphores."""

from multiprocessing import Process
from multiprocessing.managers import SyncManager

from lesson import open_manager, parse_arguments


def process1(first_is_done, second_is_done, numbers):
    numbers[0] = 1
    first_is_done.release()
    second_is_done.acquire()
    print('process 1 sees list as', numbers, flush=True)


def process2(first_is_done, second_is_done, numbers):
    first_is_done.acquire()
    print('process 2 sees list as', numbers, flush=True)
    numbers[0] = 2
    second_is_done.release()


if __name__ == '__main__':
    manager = open_manager(SyncManager, parse_arguments('Lesson 2: two processes take turns.'))
    shared = (manager.Semaphore(0), manager.Semaphore(0), manager.list([0, 0, 0]))
    processes = [Process(target=target, args=shared) for target in (process1, process2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
