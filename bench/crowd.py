#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Many of something in one manager that do nothing, until standard input ends.

    crowd.py connections COUNT ADDRESS      each has made its first request, and waits
    crowd.py parked COUNT ADDRESS           connections, each parked in acquire() of one lock
    crowd.py objects COUNT ADDRESS          empty lists

Prints `ready` when all are.
"""

import argparse
import os
import pickle
import struct
import sys
from multiprocessing.connection import Client
from multiprocessing.managers import SyncManager

from stock import address_of

TOGETHER = 256  # requests on their way


def ask(connection, *request):
    connection.send(request)
    kind, result = connection.recv()
    if kind not in ("#RETURN", "#PROXY"):
        sys.exit(f"{request}: {kind} {result}")
    return result


def enter(address):
    """A connection for calls."""
    connection = Client(address, authkey=os.environ["SYNCMANAGER_AUTHKEY"].encode())
    ask(connection, None, "accept_connection", ("crowd",), {})
    return connection


def repeat(connection, request, count):
    """Many calls, some of them on their way at a time; the last reply is looked at."""
    request = pickle.dumps(request)
    frame = struct.pack("!i", len(request)) + request
    for done in range(0, count, TOGETHER):
        n = min(TOGETHER, count - done)
        os.write(connection.fileno(), frame * n)
        for _ in range(n):
            reply = connection.recv_bytes()
    kind, result = pickle.loads(reply)
    if kind != "#RETURN":
        sys.exit(f"{request}: {kind} {result}")


def make_connections(manager, address, count, parked=False):
    lock = manager.Lock()
    lock.acquire()
    crowd = []
    for _ in range(count):
        connection = enter(address)
        if parked:
            connection.send((lock._id, "acquire", (), {}))
        crowd.append(connection)
    return crowd


def make_parked(manager, address, count):
    return make_connections(manager, address, count, parked=True)


def make_objects(manager, address, count):
    """Not one after the other: a million would take minutes."""
    connection = enter(address)
    repeat(connection, (None, "create", ("list",), {}), count)
    return connection


KINDS = {"connections": make_connections, "parked": make_parked, "objects": make_objects}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("count", type=int)
    parser.add_argument("address")
    options = parser.parse_args()
    address = address_of(options.address)
    manager = SyncManager(address=address, authkey=os.environ["SYNCMANAGER_AUTHKEY"].encode())
    manager.connect()
    crowd = KINDS[options.kind](manager, address, options.count)
    manager._number_of_objects()  # by now the server has read what came before
    print("ready", flush=True)
    sys.stdin.read()
    del crowd


if __name__ == "__main__":
    main()
