# SPDX-License-Identifier: MIT
"""multiprocessing's managers, many times faster: served and called in C.

    from syncmanager import SyncManager

in place of `from multiprocessing.managers import SyncManager` is all that a program changes.
"""

try:
    import syncmanager._core as _core
except ImportError as error:
    if 'interpreter' in str(error):
        raise ImportError(
            'syncmanager works in one interpreter of a process: not in an isolated subinterpreter, '
            'nor in a second interpreter beside the first (%s). Use it in the main interpreter, or '
            'in another process.' % error, name=error.name, path=error.path) from error
    raise ImportError(
        'the C part of the package is missing, or was built for another system (%s). '
        'In a checkout of syncmanager, `make` builds it into build/python, and '
        '`pip install .` builds and installs the package; both need the headers of Python '
        '(Debian: python3-dev).' % error, name=error.name, path=error.path) from error

__version__ = _core.__version__

# Whatever is wrong with _core comes first, and then what is wrong with the standard library.
from . import _standard  # noqa: E402

_standard.check()

from . import managers  # noqa: E402
from ._install import install  # noqa: E402
from .managers import *  # noqa: E402,F401,F403

__all__ = managers.__all__ + ['install']


def __getattr__(name):
    """Whatever else can be imported from multiprocessing.managers: RemoteError, proxies, ..."""
    if name.startswith('_'):
        raise AttributeError('module %r has no attribute %r' % (__name__, name))
    return getattr(managers, name)


def __dir__():
    return sorted({*globals(), *vars(managers)})
