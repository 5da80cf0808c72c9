# SPDX-License-Identifier: MIT
"""A program with this package in place of multiprocessing.managers: whose managers it has.

    installed.py METHOD                     calls syncmanager.install()
    -m syncmanager installed.py METHOD      knows nothing of the package

Prints what itself, its child and its child's child find under the standard names.
"""

import sys

if __name__ == '__main__' and 'syncmanager' not in sys.modules:
    import syncmanager
    syncmanager.install()

import multiprocessing  # noqa: E402
from multiprocessing.managers import BaseManager, BaseProxy, ListProxy, SyncManager  # noqa: E402

CLASSES = BaseManager, BaseProxy, SyncManager


def tell(generations, found):
    ours = sys.modules['syncmanager']
    found.append([cls is getattr(ours, cls.__name__) for cls in CLASSES])
    if generations > 1:
        child = multiprocessing.Process(target=tell, args=(generations - 1, found))
        child.start()
        child.join()


if __name__ == '__main__':
    multiprocessing.set_start_method(sys.argv[1])
    with multiprocessing.Manager() as manager:
        results = manager.list()
        tell(3, results)
        print(type(manager) is SyncManager, isinstance(results, ListProxy), *results)
