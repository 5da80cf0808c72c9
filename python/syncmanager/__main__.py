# SPDX-License-Identifier: MIT
"""python3 -m syncmanager: run a program with this package in place of multiprocessing.managers.

The program finds what `python3 PROGRAM` would give it: sys.argv, sys.path, a `__main__` of its own,
and, when it fails, a traceback that begins with its own frames.
"""

import code
import contextlib
import importlib.machinery
import importlib.util
import io
import linecache
import marshal
import os
import pkgutil
import runpy
import sys
import textwrap
import types

import syncmanager

USAGE = """\
usage: python3 -m syncmanager PROGRAM [ARGUMENT]...
       python3 -m syncmanager -m MODULE [ARGUMENT]...
       python3 -m syncmanager -c CODE [ARGUMENT]...
       python3 -m syncmanager - [ARGUMENT]...

Runs the program as python3 would, with multiprocessing.Manager and
multiprocessing.managers replaced by syncmanager, in its children too.
PROGRAM is a file, a pipe, or a folder or archive with a __main__.py.

  -m MODULE      run a module, as python3 -m does
  -c CODE        run the code, as python3 -c does
  -              run what comes from standard input
  -h, --help     show this and exit
  -V, --version  show the version and exit
"""


def fresh_main():
    """A new, empty __main__ in place of this module."""
    main = types.ModuleType('__main__')
    main.__builtins__ = sys.modules['builtins']
    if sys.version_info < (3, 14):  # a dict of ours would hide what 3.14 computes when asked
        main.__annotations__ = {}
    sys.modules['__main__'] = main
    return main


def name_file(main, path):
    """Tell a __main__ where its code is from."""
    main.__file__ = path
    if sys.version_info < (3, 15):
        main.__cached__ = None


def begin_path_with(entry):
    """python3 puts the program's folder where it put, for us, the current one."""
    if not sys.flags.isolated and not getattr(sys.flags, 'safe_path', False):
        del sys.path[0]
        sys.path.insert(0, entry)


def read_code(path):
    """The code of a program, in Python or compiled. A pipe can be read just once."""
    with io.open_code(path) as file:
        data = file.read()
    if data.startswith(importlib.util.MAGIC_NUMBER):
        return marshal.loads(data[16:])
    return compile(data, path, 'exec', dont_inherit=True)


def exec_file(code, names):
    """Unlike -c and -m, a file has what it printed written before the error that ends it."""
    try:
        exec(code, names)
    finally:
        for stream in sys.stderr, sys.stdout:
            with contextlib.suppress(Exception):
                stream.flush()


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
    name_file(main, path)
    main.__loader__ = importlib.machinery.SourceFileLoader('__main__', path)
    exec_file(code, vars(main))


def run_text(text, name, main, execute):
    """Run a program that is in no file."""
    begin_path_with('')
    code = compile(text, name, 'exec', dont_inherit=True)
    # Tracebacks show the lines of -c from 3.13 on.
    if name == '<string>' and hasattr(linecache, '_interactive_cache'):
        linecache._register_code(code, text, name)
    execute(code, vars(main))


def run_command(text):
    """python3 -c CODE"""
    if sys.version_info >= (3, 14):
        text = textwrap.dedent(text)
    main = fresh_main()
    main.__loader__ = importlib.machinery.BuiltinImporter
    run_text(text, '<string>', main, exec)


def run_input():
    """python3 -"""
    main = fresh_main()
    main.__loader__ = importlib.machinery.BuiltinImporter
    if sys.stdin.isatty():
        begin_path_with('')
        code.interact(local=vars(main), exitmsg='')
        return
    name_file(main, '<stdin>')
    run_text(sys.stdin.buffer.read(), '<stdin>', main, exec_file)


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


def run(way, name):
    """Become a program, in one of the ways above."""
    syncmanager.install()
    try:
        way(*name)
    except SystemExit:
        raise
    except BaseException:
        hide_our_frames()
        raise


def run_path(name):
    """A file, or something that modules can be imported from."""
    if type(pkgutil.get_importer(name)) is type(None):
        run_file(name)
    else:
        run_package(name)


WITH_NAME = {'-m': run_module, '-c': run_command}


def main():
    """Look at our own options; whatever stands after the program is the program's."""
    arguments = sys.argv[1:]
    first = arguments[0] if arguments else '--help'
    if first in ('-h', '--help'):
        print(USAGE, end='')
    elif first in ('-V', '--version'):
        print('syncmanager', syncmanager.__version__)
    elif first in WITH_NAME and len(arguments) > 1:
        sys.argv[:] = [first] + arguments[2:]
        run(WITH_NAME[first], arguments[1:2])
    elif first == '-':
        sys.argv[:] = arguments
        run(run_input, ())
    elif not first.startswith('-'):
        sys.argv[:] = arguments
        run(run_path, arguments[:1])
    else:
        print('python3 -m syncmanager: unknown option %s\n%s' % (first, USAGE), end='',
              file=sys.stderr)
        sys.exit(2)


if __name__ == '__main__':
    main()
