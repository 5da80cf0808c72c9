#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The standard library's server, or with -m that of another module: stock_server.py ADDRESS"""

import argparse
import os

from stock import address_of, manager_class


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-m", dest="module", default="multiprocessing.managers")
    parser.add_argument("address")
    options = parser.parse_args()
    manager = manager_class(options.module)(address=address_of(options.address),
                                            authkey=os.environ["SYNCMANAGER_AUTHKEY"].encode())
    server = manager.get_server()
    address = options.address if options.address.startswith("unix:") else "%s:%d" % server.address
    print("listening on", address, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
