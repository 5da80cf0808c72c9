# SPDX-License-Identifier: MIT
"""A daemon with limits of a test's own, and what can be seen of it from outside."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'interop'))

import servers  # noqa: E402

MIB = 1 << 20


class Daemon(servers.Daemon):
    def __init__(self, *options, **keywords):
        self.options = options
        super().__init__(**keywords)

    def command(self, address):
        return super().command(address) + list(self.options)

    def resident(self):
        """Bytes of real memory."""
        with open('/proc/%d/statm' % self.pid) as file:
            return int(file.read().split()[1]) * os.sysconf('SC_PAGE_SIZE')


class Case(unittest.TestCase):
    def serve(self, *options, **keywords):
        daemon = Daemon(*options, **keywords)
        self.addCleanup(daemon.kill)
        return daemon
