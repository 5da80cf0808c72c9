#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Many connections to one manager that do nothing, until standard input ends.

    crowd.py COUNT ADDRESS          each has made its first request, and waits
    crowd.py -p COUNT ADDRESS       each is parked in acquire() of one lock

Prints `ready` when all are.
"""

import argparse
import os
import sys
from multiprocessing.connection import Client
from multiprocessing.managers import SyncManager

from stock import address_of


def ask(connection, *request):
    connection.send(request)
    kind, result = connection.recv()
    if kind not in ("#RETURN", "#PROXY"):
        sys.exit(f"{request}: {kind} {result}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("-p", dest="parked", action="store_true")
    parser.add_argument("count", type=int)
    parser.add_argument("address")
    options = parser.parse_args()
    key = os.environ["SYNCMANAGER_AUTHKEY"].encode()
    manager = SyncManager(address=address_of(options.address), authkey=key)
    manager.connect()
    lock = manager.Lock()
    lock.acquire()
    crowd = []
    for _ in range(options.count):
        connection = Client(address_of(options.address), authkey=key)
        ask(connection, None, "accept_connection", ("crowd",), {})
        if options.parked:
            connection.send((lock._id, "acquire", (), {}))
        crowd.append(connection)
    manager._number_of_objects()  # by now the server has read what came before
    print("ready", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
