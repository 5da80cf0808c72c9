# SPDX-License-Identifier: MIT
"""What the lessons share: where their manager is.

Without arguments a lesson starts a server of the standard library's, and ends it when it is
through. With an address it connects to a syncmanagerd that runs:

    export SYNCMANAGER_AUTHKEY=secret
    syncmanagerd --address 127.0.0.1:55555 --register 'get_my_string="educative"' &
    python3 examples/lesson1.py 127.0.0.1:55555

Nothing else is different, and nothing else is needed: the client is the standard library's.
"""

import argparse
import os
from multiprocessing import current_process


def parse_address(text):
    """HOST:PORT, unix:PATH or unix:@NAME, as the standard library takes addresses."""
    if text.startswith('unix:@'):
        return b'\0' + os.fsencode(text[len('unix:@'):])
    if text.startswith('unix:'):
        return text[len('unix:'):]
    host, port = text.rsplit(':', 1)
    return host, int(port)


def parse_arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument('address', nargs='?', default=os.environ.get('SYNCMANAGER_ADDRESS'),
                        help='where syncmanagerd listens: HOST:PORT or unix:PATH; '
                             'default: SYNCMANAGER_ADDRESS, else a server of our own')
    parser.add_argument('--authkey-file', metavar='FILE',
                        help='what the key is in; default: SYNCMANAGER_AUTHKEY is the key')
    parser.add_argument('--pause', type=float, default=5, metavar='SECONDS',
                        help='how long a lesson sleeps (%(default)s)')
    return parser.parse_args()


def open_manager(manager_class, arguments):
    """A manager of that class, connected or started."""
    if arguments.address is None:
        manager = manager_class()
        manager.start()
        return manager
    # Proxies that come out of containers, and children, use the key of their process.
    current_process().authkey = read_key(arguments)
    manager = manager_class(address=parse_address(arguments.address))
    manager.connect()
    return manager


def read_key(arguments):
    if arguments.authkey_file is None:
        return os.environ['SYNCMANAGER_AUTHKEY'].encode()
    with open(arguments.authkey_file, 'rb') as file:
        key = file.read()
    return key[:-1] if key.endswith(b'\n') else key
