# SPDX-License-Identifier: MIT
"""A server of the package's, started with the options that the interop tests give the daemon."""

import argparse

import package  # noqa: F401
import syncmanager

if __name__ == '__main__':
    syncmanager.install()
    import servers

    parser = argparse.ArgumentParser()
    parser.add_argument('--address')
    parser.add_argument('--authkey-file')
    parser.add_argument('--python')
    parser.add_argument('--register', action='append', default=[])
    args = parser.parse_args()
    servers.serve_stock(args.address, args.authkey_file, *args.register)
