# SPDX-License-Identifier: MIT
"""What children get of this package; install(), its managers in place of the standard library's.

multiprocessing.Manager() and the Manager() of every context look SyncManager up in
multiprocessing.managers when they are called, so names of that module are all that is replaced.
Its proxy classes stay: what our managers make is instances of subclasses of theirs, and proxies
are pickled by their names.

Children that are forked have all that already. Children that are spawned, or forked by a fork
server, unpickle a dict of preparation data before anything of the program's is imported, and then
what they are to do. That dict gets a value that imports this package when it is unpickled, so that
the proxies among the arguments become ours, and installs it if it was installed. The fork server
itself, which may import modules beforehand, is started with preparation data written as Python
literals: there the same value installs when it is evaluated.
"""

import multiprocessing.managers
import multiprocessing.spawn
import os

from . import _client, _standard

FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# What get_preparation_data() is told to prepare when that is the fork server.
FORK_SERVER = 'ignore'

# A child's sys.path is not yet its parent's then.
IMPORT = '''\
import sys
sys.path.append({folder!r})
try:
    import syncmanager._client
finally:
    sys.path.pop()
syncmanager._client.keys.update({keys!r})
syncmanager._client.tls.update({tls!r})
'''


def code(keys, tls, install):
    """What a child runs."""
    return IMPORT.format(folder=FOLDER, keys=keys, tls=tls) + ('syncmanager.install()\n' * install)


class Preparation:
    """Imports the package where it is unpickled, and is None there."""

    def __reduce__(self):
        return exec, (code(_client.keys, _client.tls, installed),)


class InstallingPath(list):
    """A sys.path that installs where its repr() is evaluated, and is a plain list there."""

    def __repr__(self):
        return '(exec(%r), %s)[1]' % (code({}, {}, True), list.__repr__(self))

    def __reduce_ex__(self, protocol):
        return list, (list(self),)


def get_preparation_data(name):
    """multiprocessing.spawn's, and what prepares a child for this package."""
    data = standard_get_preparation_data(name)
    data['syncmanager'] = Preparation()
    if installed and name == FORK_SERVER and 'sys_path' in data:
        data['sys_path'] = InstallingPath(data['sys_path'])
    return data


installed = False
standard_get_preparation_data = multiprocessing.spawn.get_preparation_data
multiprocessing.spawn.get_preparation_data = get_preparation_data


def install():
    """Replace multiprocessing.managers and multiprocessing.Manager, here and in children.

    To be called before other modules take names out of multiprocessing.managers: a name that was
    imported earlier stays the standard library's. It serves whatever the start method of children
    is, and does nothing the second time.
    """
    global installed
    from . import managers
    if installed:
        return
    for name in _standard.REPLACED:
        setattr(multiprocessing.managers, name, getattr(managers, name))
        getattr(_standard, name).__module__ = _standard.__name__
    installed = True
