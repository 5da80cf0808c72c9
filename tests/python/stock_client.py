# SPDX-License-Identifier: MIT
"""A client that has the standard library alone, on a manager that the package started.

    stock_client.py ADDRESS    the key is SYNCMANAGER_AUTHKEY; standard input brings a pickled proxy

Prints what came of its calls.
"""

import os
import pickle
import sys
from multiprocessing import current_process
from multiprocessing.managers import BaseProxy, SyncManager

from outcomes import describe, outcome_of
from servers import parse_address


class Manager(SyncManager):
    pass


for name in 'Thing', 'fails', 'nothing', 'numbers':
    Manager.register(name)


def main():
    current_process().authkey = os.environ['SYNCMANAGER_AUTHKEY'].encode()
    manager = Manager(parse_address(sys.argv[1]))
    manager.connect()
    thing = manager.Thing(5)
    print(type(thing).__name__, thing.add(2), outcome_of(thing.fails), outcome_of(thing.lambda_))
    print(outcome_of(manager.fails, 1), str(manager.nothing()))
    numbers = manager.list([3, -1, 2])
    numbers.sort(key=abs)
    print(numbers, outcome_of(numbers.pop, 7))
    numbers.append(thing)
    print(numbers[3].add(1), describe(numbers))
    with manager.Pool(1) as pool:
        print(pool.map(abs, [-1, 2]), pool.apply_async(divmod, (7, 2)).get(20))
    given = pickle.load(sys.stdin.buffer)
    print([type(proxy).__module__ for proxy in given], isinstance(given[0], BaseProxy))
    given[0].append('from afar')
    print(given[1].add(10))
    print('syncmanager' in sys.modules)


if __name__ == '__main__':
    main()
