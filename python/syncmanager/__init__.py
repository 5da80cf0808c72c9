# SPDX-License-Identifier: MIT
"""multiprocessing's managers, many times faster: served and called in C.

    from syncmanager import SyncManager

in place of `from multiprocessing.managers import SyncManager` is all that a program changes.
"""

try:
    import syncmanager._core as _core
except ImportError as error:
    raise ImportError(
        'the C part of the package is missing, or was built for another system (%s). '
        'In a checkout of syncmanager, `make` builds it into build/python, and '
        '`pip install .` builds and installs the package; both need the headers of Python '
        '(Debian: python3-dev).' % error, name=error.name, path=error.path) from error

__version__ = _core.__version__

# Whatever is wrong with _core comes first.
from ._install import install  # noqa: E402
from .managers import *  # noqa: E402,F401,F403
from .managers import __all__  # noqa: E402

__all__ = __all__ + ['install']
