# SPDX-License-Identifier: MIT
"""The client in C has the same from a server of the standard library's as from the daemon."""

import os
import subprocess
import sys
import unittest

from servers import HERE, KEY, ROOT, Daemon, Stock, daemon_path, format_address

PROGRAM = os.environ.get('SYNCMANAGER_AGAINST') or os.path.join(
    ROOT, 'build', 'tests', 'client', 'against')

# What the Counter's calls print.
COUNTED = '''\
sm_call(p, "add", SM_TUPLE(sm_int(2)), &reply): 7
sm_call_kwargs(p, "add", sm_missing(), SM_DICT({sm_str("n"), sm_int(3)}), &reply): 10
sm_call(p, "add", SM_TUPLE(sm_str("x")), &reply): TypeError
sm_call(p, "fail", sm_missing(), &reply): ValueError
it failed
sm_call(p, "echo", SM_TUPLE(SM_DICT({sm_none(), SM_LIST(sm_float(1e300))})), &reply): {None: [1e+300]}
sm_call(p, "no_such_method", sm_missing(), &reply): RemoteError
Counter(10)
'''


class CounterServer(Stock):
    """CPython's own server, with a class of its own."""

    def command(self, address):
        return [sys.executable, os.path.join(HERE, 'counter.py'), address, self.key_file]


def run(server, *arguments):
    return subprocess.run(
        [PROGRAM, format_address(server.address), str(sys.version_info[1]), *arguments],
        env=dict(os.environ, SYNCMANAGER_AUTHKEY=KEY.decode()), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True,
        timeout=60).stdout


@unittest.skipUnless(os.access(PROGRAM, os.X_OK), 'there is no tests/client/against')
class ClientTest(unittest.TestCase):
    maxDiff = None

    def check(self, address):
        with CounterServer(address=address) as server:
            stock = run(server)
        if daemon_path() is None:
            self.skipTest('there is no syncmanagerd to compare with')
        with Daemon(address=address) as server:
            self.assertMultiLineEqual(stock, run(server))

    def test_every_type_over_unix_sockets(self):
        self.check(None)

    def test_every_type_over_tcp(self):
        self.check('127.0.0.1:0')

    def test_a_class_that_python_has(self):
        with CounterServer() as server:
            self.assertIn(COUNTED, run(server, 'counter'))


if __name__ == '__main__':
    unittest.main()
