# SPDX-License-Identifier: MIT
"""python3 -m syncmanager: run a program with this package in place of multiprocessing.managers.

The program finds what `python3 PROGRAM` would give it: sys.argv, sys.path, a `__main__` of its own,
and, when it fails, a traceback that begins with its own frames.
"""

import importlib.machinery
import io
import os
import pkgutil
import runpy
import sys
import types

import syncmanager

USAGE = """\
usage: python3 -m syncmanager PROGRAM [ARGUMENT]...
       python3 -m syncmanager -m MODULE [ARGUMENT]...

Runs the program as python3 would, with multiprocessing.Manager and
multiprocessing.managers replaced by syncmanager, in its children too.

  -m MODULE      run a module, as python3 -m does
  -h, --help     show this and exit
  -V, --version  show the version and exit
"""


def fresh_main():
    """A new, empty __main__ in place of this module."""
    main = types.ModuleType('__main__')
    main.__builtins__ = sys.modules['builtins']
    main.__annotations__ = {}
    sys.modules['__main__'] = main
    return main


def begin_path_with(entry):
    """python3 puts the program's folder where it put, for us, the current one."""
    if not sys.flags.isolated and not getattr(sys.flags, 'safe_path', False):
        del sys.path[0]
        sys.path.insert(0, entry)


def read_code(path):
    """The code of a program, in Python or compiled."""
    with io.open_code(path) as file:
        code = pkgutil.read_code(file)
    if code is None:
        with io.open_code(path) as file:
            code = compile(file.read(), path, 'exec', dont_inherit=True)
    return code


def run_file(program):
    """python3 PROGRAM"""
    path = os.path.abspath(program) if sys.version_info >= (3, 9) else program
    begin_path_with(os.path.dirname(os.path.realpath(path)))
    try:
        code = read_code(path)
    except OSError as error:
        print('%s: can\'t open file %r: [Errno %d] %s'
              % (sys.executable, path, error.errno, error.strerror), file=sys.stderr)
        sys.exit(2)
    main = fresh_main()
    main.__file__ = path
    main.__cached__ = None
    main.__loader__ = importlib.machinery.SourceFileLoader('__main__', path)
    exec(code, vars(main))


def run_package(program):
    """python3 FOLDER, or an archive: what has a __main__.py in it"""
    begin_path_with(os.path.join(os.getcwd(), program) if sys.version_info >= (3, 9) else program)
    fresh_main()
    runpy._run_module_as_main('__main__', False)


def run_module(name):
    """python3 -m MODULE"""
    fresh_main()
    runpy._run_module_as_main(name)


def hide_our_frames():
    """Let what shows the error that ends the program see the frames that python3 would have."""
    shown = sys.excepthook

    def hook(kind, error, trace):
        while trace.tb_frame.f_code.co_filename != __file__:
            trace = trace.tb_next
        while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
            trace = trace.tb_next
        shown(kind, error.with_traceback(trace), trace)

    sys.excepthook = hook


def run(arguments):
    """Become the program that the arguments name."""
    is_module = arguments[0] == '-m'
    name = arguments[is_module]
    sys.argv[:] = arguments[is_module:]
    syncmanager.install()
    try:
        if is_module:
            run_module(name)
        elif type(pkgutil.get_importer(name)) is type(None):
            run_file(name)
        else:
            run_package(name)
    except SystemExit:
        raise
    except BaseException:
        hide_our_frames()
        raise


def main():
    """Look at our own options; whatever stands after the program is the program's."""
    arguments = sys.argv[1:]
    first = arguments[0] if arguments else '--help'
    if first in ('-h', '--help'):
        print(USAGE, end='')
    elif first in ('-V', '--version'):
        print('syncmanager', syncmanager.__version__)
    elif first == '-m' and len(arguments) > 1 or not first.startswith('-'):
        run(arguments)
    else:
        print('python3 -m syncmanager: unknown option %s\n%s' % (first, USAGE), end='',
              file=sys.stderr)
        sys.exit(2)


if __name__ == '__main__':
    main()
