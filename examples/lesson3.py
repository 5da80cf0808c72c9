#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Lesson 3: a plain list inside a shared list is a copy.

What a proxy takes and gives goes by value.  A change to what came out is seen by nobody, until it
is assigned again.
"""

from multiprocessing.managers import SyncManager

from lesson import open_manager, parse_arguments

if __name__ == '__main__':
    manager = open_manager(SyncManager, parse_arguments('Lesson 3: plain lists are copies.'))
    outer = manager.list()
    inner = [1, 2]

    outer.append(inner)
    inner.append(3)
    print('appended, then changed:', outer)

    outer[0].append(4)
    print('changed where it came out:', outer)

    row = outer[0]
    row.append(5)
    outer[0] = row
    print('assigned again:', outer)
