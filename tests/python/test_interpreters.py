# SPDX-License-Identifier: MIT
"""One interpreter of a process can use the package; others are told so."""

import sys
import unittest

import package

CREATE = '''
import sys
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters

def create(isolated):
    if sys.version_info >= (3, 13):
        return interpreters.create('isolated' if isolated else 'legacy')
    return interpreters.create(isolated=isolated) if sys.version_info >= (3, 9) else (
        interpreters.create())

def say_in(interpreter):
    interpreters.run_string(interpreter, """if True:
        import sys
        try:
            import syncmanager
        except ImportError as error:
            print(error, flush=True)
        else:
            print('imported', flush=True)
        """)
'''

SECOND = CREATE + '''
import syncmanager
manager = syncmanager.Manager()
shared = manager.list([1])
say_in(create(False))
shared.append(2)
manager.shutdown()
try:
    shared.append(3)
except syncmanager.ManagerGone:
    print('gone', flush=True)
'''

SOLE = CREATE + '''
first = create(False)
say_in(first)
interpreters.destroy(first)
say_in(create(False))
'''

# Each class has a descriptor, which is closed as the class goes.
ENDS = CREATE + '''
import os

interpreter = create(False)
first = os.dup(0)
interpreters.run_string(interpreter, """if True:
    import select
    import syncmanager
    from multiprocessing import managers, reduction
    from syncmanager import _core, proxies

    for each in (reduction.ForkingPickler, managers.AcquirerProxy, managers.EventProxy, _core.Error,
                 _core.Handle, _core.Manager, _core.Method, _core.Proxy, _core.Acquirer, _core.Flag,
                 proxies.BaseProxy, proxies.ListProxy):
        each.kept = select.epoll()
        print(each.kept.fileno(), each.__name__)
    """)
interpreters.destroy(interpreter)
print('open:', [fd for fd in os.listdir('/proc/self/fd') if int(fd) > first][:-1])
'''

ISOLATED = CREATE + '''
say_in(create(True))
import os
os._exit(0)
'''


def run(code):
    """Without the warning that interpreters are left at the end."""
    return package.run('-W', 'ignore', '-c', code)


class InterpretersTest(unittest.TestCase):
    def test_a_second_interpreter_is_refused_and_the_first_goes_on(self):
        status, text = run(SECOND)
        self.assertRegex(text, r'\Asyncmanager works in one interpreter of a process: .*'
                               r'\(syncmanager\._core is imported by another interpreter of this '
                               r'process\)\. Use it in the main interpreter, or in another '
                               r'process\.\ngone\n\Z')
        self.assertEqual(status, 0)

    @unittest.skipIf(sys.version_info < (3, 9), '3.8 never frees the modules of an interpreter')
    def test_another_interpreter_may_follow_the_first(self):
        self.assertEqual(run(SOLE), (0, 'imported\nimported\n'))

    @unittest.skipIf(sys.version_info < (3, 9), '3.8 never frees the modules of an interpreter')
    def test_an_interpreter_that_ends_leaves_nothing(self):
        status, text = run(ENDS)
        self.assertEqual((status, text.splitlines()[-1]), (0, 'open: []'), text)

    @unittest.skipIf(sys.version_info < (3, 12), 'all interpreters share the GIL before 3.12')
    def test_an_isolated_interpreter_is_refused_in_words(self):
        status, text = run(ISOLATED)
        self.assertRegex(text, r'\Asyncmanager works in one interpreter of a process: not in an '
                               r'isolated subinterpreter, .*does not support loading in '
                               r'subinterpreters\)\. Use it in the main interpreter')
        self.assertEqual(status, 0)


if __name__ == '__main__':
    unittest.main()
