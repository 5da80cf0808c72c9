# SPDX-License-Identifier: MIT
"""syncmanager.install() and `python3 -m syncmanager` reach every child."""

import os
import tempfile
import unittest

from package import FOLDER, HERE, run

PROGRAM = os.path.join(HERE, 'installed.py')
ALL_OURS = 'True True' + 3 * ' [True, True, True]' + '\n'

PRELOADED = '''\
import sys
import multiprocessing.managers
print(multiprocessing.managers.SyncManager is getattr(sys.modules.get('syncmanager'),
                                                      'SyncManager', None), flush=True)
'''

PRELOADS = '''\
import multiprocessing
import syncmanager

def nothing():
    pass

if __name__ == '__main__':
    syncmanager.install()
    context = multiprocessing.get_context('forkserver')
    context.set_forkserver_preload(['preloaded'])
    child = context.Process(target=nothing)
    child.start()
    child.join()
'''


class InstallTest(unittest.TestCase):
    def test_children_have_what_was_installed(self):
        for method in ('fork', 'spawn', 'forkserver'):
            with self.subTest(method):
                self.assertEqual(run(PROGRAM, method), (0, ALL_OURS))

    def test_children_of_a_program_run_by_the_package_have_it(self):
        for method in ('fork', 'spawn', 'forkserver'):
            with self.subTest(method):
                self.assertEqual(run('-m', 'syncmanager', PROGRAM, method), (0, ALL_OURS))

    def test_children_have_it_when_they_cannot_find_the_package(self):
        """Only the parent's sys.path knows where it is, and that is set after."""
        code = ("import sys; sys.path.insert(0, %r); import runpy; "
                "sys.argv[:] = [%r, 'spawn']; runpy.run_path(%r, run_name='__main__')")
        program = code % (FOLDER, PROGRAM, PROGRAM)
        environment = dict(os.environ)
        del environment['PYTHONPATH']
        self.assertEqual(run('-c', program, env=environment), (0, ALL_OURS))

    def test_what_the_fork_server_preloads_has_it(self):
        with tempfile.TemporaryDirectory(prefix='sm-install-') as folder:
            for name, text in ('preloaded.py', PRELOADED), ('program.py', PRELOADS):
                with open(os.path.join(folder, name), 'w') as file:
                    file.write(text)
            environment = dict(os.environ, PYTHONPATH=os.environ['PYTHONPATH'] + ':' + folder)
            self.assertEqual(run('program.py', cwd=folder, env=environment), (0, 'True\n'))

    def test_every_context_makes_our_managers(self):
        status, output = run('-c', (
            'import multiprocessing, syncmanager\n'
            'syncmanager.install()\n'
            'for method in multiprocessing.get_all_start_methods():\n'
            '    with multiprocessing.get_context(method).Manager() as manager:\n'
            '        print(type(manager) is syncmanager.SyncManager)\n'))
        self.assertEqual((status, output), (0, 3 * 'True\n'))

    def test_installing_twice_changes_nothing(self):
        status, output = run('-c', (
            'import multiprocessing.managers as standard, multiprocessing.spawn as spawn\n'
            'import syncmanager\n'
            'syncmanager.install()\n'
            'before = dict(vars(standard)), spawn.get_preparation_data\n'
            'syncmanager.install()\n'
            'print(before == (dict(vars(standard)), spawn.get_preparation_data))\n'))
        self.assertEqual((status, output), (0, 'True\n'))


    def test_a_manager_class_imported_earlier_stays_as_it_was(self):
        status, output = run('-c', (
            'import multiprocessing\n'
            'from multiprocessing.managers import SyncManager\n'
            'import syncmanager\n'
            'syncmanager.install()\n'
            'if __name__ == "__main__":\n'
            '    for method in multiprocessing.get_all_start_methods():\n'
            '        with SyncManager(ctx=multiprocessing.get_context(method)) as manager:\n'
            '            print(type(manager) is syncmanager.SyncManager, manager.list([1]))\n'))
        self.assertEqual((status, output), (0, 3 * 'False [1]\n'))


class MissingTest(unittest.TestCase):
    def test_without_the_extension_the_import_says_how_to_build(self):
        with tempfile.TemporaryDirectory(prefix='sm-missing-') as folder:
            os.mkdir(os.path.join(folder, 'syncmanager'))
            source = os.path.join(FOLDER, 'syncmanager')
            for name in os.listdir(source):
                if name.endswith('.py'):
                    os.symlink(os.path.join(source, name),
                               os.path.join(folder, 'syncmanager', name))
            environment = dict(os.environ, PYTHONPATH=folder)
            for content in None, b'', b'not a library', b'\x7fELF\x02\x01\x01' + bytes(57):
                if content is not None:
                    with open(os.path.join(folder, 'syncmanager', '_core.abi3.so'), 'wb') as file:
                        file.write(content)
                status, output = run('-c', 'import syncmanager', env=environment)
                self.assertEqual(status, 1, output)
                self.assertRegex(output.splitlines()[-1], '^ImportError: .*`make`.*`pip install .`')


if __name__ == '__main__':
    unittest.main()
