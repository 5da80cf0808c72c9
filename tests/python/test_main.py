# SPDX-License-Identifier: MIT
"""`python3 -m syncmanager PROGRAM` does what `python3 PROGRAM` does."""

import os
import re
import shutil
import tempfile
import unittest

from package import run

PROGRAM = '''\
import signal, os, sys, threading

def fails(error):
    raise error

def chained():
    try:
        fails(KeyError('first'))
    except KeyError:
        fails(ValueError('second'))

def hooked():
    sys.excepthook = lambda kind, error, trace: print('hook', kind, trace.tb_frame.f_code.co_name)
    fails(ValueError('hooked'))

print(sys.argv, sys.path[0], __name__, __file__, __spec__, sorted(globals()))
print(sys.modules['__main__'].fails is fails, sys.excepthook is sys.__excepthook__)
what = sys.argv[1:]
if what == ['fails']:
    fails(ValueError('a'))
elif what == ['chained']:
    chained()
elif what == ['hooked']:
    hooked()
elif what == ['interrupted']:
    os.kill(os.getpid(), signal.SIGINT)
    threading.Event().wait()
elif what == ['exits']:
    sys.exit(7)
elif what == ['complains']:
    sys.exit('seven')
'''

WAYS = ([], ['fails'], ['chained'], ['hooked'], ['interrupted'], ['exits'], ['complains'],
        ['-m', '--help', '-x', ''])


def mask(outcome):
    status, output = outcome
    return 'status %d\n%s' % (status, re.sub('0x[0-9a-f]+', '0x...', output))


class MainTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='sm-main-')
        self.addCleanup(shutil.rmtree, self.folder)
        self.write('program.py', PROGRAM)

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w') as file:
            file.write(text)

    def check(self, *arguments):
        with self.subTest(arguments):
            self.assertMultiLineEqual(
                mask(run(*arguments, cwd=self.folder)),
                mask(run('-m', 'syncmanager', *arguments, cwd=self.folder)))

    def test_a_program_is_run_as_python_runs_it(self):
        for way in WAYS:
            self.check('program.py', *way)

    def test_a_module_is_run_as_python_runs_it(self):
        for way in WAYS[1:5]:
            self.check('-m', 'program', *way)

    def test_a_package_is_run_as_python_runs_it(self):
        self.write('package/__main__.py', PROGRAM)
        for way in WAYS[:2]:
            self.check('package', *way)
            self.check('package/', *way)

    def test_a_program_in_another_folder_finds_what_is_beside_it(self):
        self.write('there/program.py', 'import beside\n' + PROGRAM)
        self.write('there/beside.py', '')
        self.check('there/program.py')
        os.symlink('there/program.py', os.path.join(self.folder, 'link.py'))
        self.check('link.py')

    def test_what_is_not_there_is_named(self):
        self.check('nothing.py')
        self.check('-m', 'nothing')

    def test_what_is_not_python_is_shown(self):
        self.write('wrong.py', 'x = = 1\n')
        self.check('wrong.py')
        self.check('-m', 'wrong')

    def test_help_says_how(self):
        status, output = run('-m', 'syncmanager', '--help')
        self.assertEqual(status, 0)
        self.assertRegex(output, '^usage: python3 -m syncmanager PROGRAM')
        self.assertEqual(run('-m', 'syncmanager'), (0, output))

    def test_the_version_is_the_package_s(self):
        import syncmanager
        self.assertEqual(run('-m', 'syncmanager', '--version'),
                         (0, 'syncmanager %s\n' % syncmanager.__version__))

    def test_an_unknown_option_is_refused(self):
        status, output = run('-m', 'syncmanager', '--what')
        self.assertEqual(status, 2)
        self.assertIn('unknown option --what', output)


if __name__ == '__main__':
    unittest.main()
