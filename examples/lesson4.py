#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Lesson 4: a shared list inside a shared list is shared.

What is stored is the proxy, so a change is seen wherever the inner list is reached from: through
the outer one, by its own proxy, and in another process.
"""

from multiprocessing import Process
from multiprocessing.managers import SyncManager

from lesson import open_manager, parse_arguments


def change(outer):
    outer[0].append('from the child')
    outer[1]['key'] = 'from the child'


if __name__ == '__main__':
    manager = open_manager(SyncManager, parse_arguments('Lesson 4: shared lists are shared.'))
    outer = manager.list()
    inner = manager.list([1, 2])
    table = manager.dict()

    outer.append(inner)
    outer.append(table)
    inner.append(3)
    print('changed by its own proxy:', outer[0])

    outer[0].append(4)
    print('changed where it came out:', inner)

    child = Process(target=change, args=(outer,))
    child.start()
    child.join()
    print('changed by a child:', inner, table)

    del inner
    print('kept alive by the outer list:', outer.pop(0))
    print('what is left:', [dict(item.items()) for item in outer])
