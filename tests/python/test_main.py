# SPDX-License-Identifier: MIT
"""`python3 -m syncmanager PROGRAM` does what `python3 PROGRAM` does."""

import os
import py_compile
import re
import shutil
import sys
import tempfile
import unittest
import zipfile

from package import run

PROGRAM = '''\
import signal, os, sys, threading

def fails(error):
    raise error

limit: 'int' = 3

def chained():
    try:
        fails(KeyError('first'))
    except KeyError:
        fails(ValueError('second'))

def hooked():
    sys.excepthook = lambda kind, error, trace: print('hook', kind, trace.tb_frame.f_code.co_name)
    fails(ValueError('hooked'))

print(sys.argv, sys.path[0], __name__, globals().get('__file__'), __spec__, sorted(globals()))
print(sys.modules['__main__'].__annotations__)
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


# CPython 3.13.0 has a way of its own to show the lines of a command in a traceback.
LINES_UNKNOWN = sys.version_info[:3] == (3, 13, 0)


def mask(outcome):
    status, output = outcome
    output = re.sub('0x[0-9a-f]+', '0x...', output)
    return 'status %d\n%s' % (status, re.sub('/proc/[a-z0-9]+/fd', '/proc/self/fd', output))


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

    def check(self, *arguments, text=''):
        with self.subTest(arguments):
            self.assertMultiLineEqual(
                mask(run(*arguments, text=text, cwd=self.folder)),
                mask(run('-m', 'syncmanager', *arguments, text=text, cwd=self.folder)))

    def check_pipe(self, *arguments):
        """A program in a pipe of its own, as a shell's <(...) gives it."""
        outcomes = []
        for before in (), ('-m', 'syncmanager'):
            reading, writing = os.pipe()
            with open(reading), open(writing, 'w') as file:
                file.write(PROGRAM)
                file.close()
                outcome = mask(run(*before, '/dev/fd/%d' % reading, *arguments, cwd=self.folder,
                                   pass_fds=[reading]))
            outcome = re.sub('/dev/fd/[0-9]+', '/dev/fd/N', outcome)
            outcomes.append(outcome.replace(' /proc/self/fd ', ' /dev/fd '))
        self.assertMultiLineEqual(*outcomes)

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

    def test_an_archive_is_run_as_python_runs_it(self):
        with zipfile.ZipFile(os.path.join(self.folder, 'archive.pyz'), 'w') as archive:
            archive.writestr('__main__.py', PROGRAM)
        for way in WAYS[:2]:
            self.check('archive.pyz', *way)

    def test_code_is_run_as_python_runs_it(self):
        for way in WAYS:
            if not LINES_UNKNOWN or way[:1] not in (['fails'], ['chained'], ['hooked'],
                                                    ['interrupted']):
                self.check('-c', PROGRAM, *way)
        self.check('-c', 'x = = 1')
        self.check('-c', '')

    def test_standard_input_is_run_as_python_runs_it(self):
        for way in WAYS:
            self.check('-', *way, text=PROGRAM)
            self.check('/dev/stdin', *way, text=PROGRAM)
        self.check('-', text='x = = 1')
        self.check('/dev/stdin', text='x = = 1')

    def test_a_pipe_is_run_as_python_runs_it(self):
        for way in WAYS[:2]:
            self.check_pipe(*way)

    def test_compiled_code_is_run_as_python_runs_it(self):
        py_compile.compile(os.path.join(self.folder, 'program.py'),
                           os.path.join(self.folder, 'program.pyc'))
        self.check('program.pyc', 'exits')

    def test_code_and_input_have_our_managers(self):
        # No Python starts children by other methods whose program came from standard input.
        code = ('import multiprocessing; '
                'print(multiprocessing.get_context("fork").Manager().list([1]))')
        kind = 'import multiprocessing.managers as m; print(m.SyncManager.__module__)'
        for text in code, kind:
            expected = '[1]\n' if text is code else 'syncmanager.managers\n'
            self.assertEqual((0, expected), run('-m', 'syncmanager', '-c', text))
            for program in '-', '/dev/stdin':
                self.assertEqual((0, expected), run('-m', 'syncmanager', program, text=text))

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
