# SPDX-License-Identifier: MIT
"""ManagerGone: what calls raise when there is no manager to answer them."""

import errno
import os
import signal
import threading
import time
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerProcess
from multiprocessing.managers import State


class ManagerGone(EOFError, ConnectionError):
    """A manager could not be reached, went away, or did not start.

    It is what the standard library would raise as well: EOFError and ConnectionError always, and
    with the `errno` of it ConnectionRefusedError, ConnectionResetError, BrokenPipeError or
    FileNotFoundError too.

    manager: the name of the manager's class, or None
    typeid: of the object that was called, or None
    address: where the manager was, or was to be
    exitcode: how its process ended, as Process.exitcode has it; None where that is not known
    """

    manager = None
    typeid = None
    address = None
    exitcode = None

    def __new__(cls, *args):
        if cls is ManagerGone and len(args) == 2:
            cls = _KINDS.get(args[0], cls)
        return OSError.__new__(cls, *args)

    def __str__(self):
        return str(self.args[-1]) if self.args else ''

    def __reduce__(self):
        return ManagerGone, self.args, self.__dict__


def _kind(base):
    return type('ManagerGone', (ManagerGone, base), {'__doc__': ManagerGone.__doc__})


_KINDS = {
    errno.ECONNREFUSED: _kind(ConnectionRefusedError),
    errno.ECONNRESET: _kind(ConnectionResetError),
    errno.EPIPE: _kind(BrokenPipeError),
    errno.ENOENT: _kind(FileNotFoundError),
}

for _class in [ManagerGone] + list(_KINDS.values()):
    _class.__module__ = 'syncmanager'
del _class

_REASONS = {
    errno.ECONNREFUSED: 'nobody listens there',
    errno.ENOENT: 'nobody listens there',
    errno.ECONNRESET: 'it went away',
    errno.EPIPE: 'it went away',
    errno.ESHUTDOWN: 'it is shutting down',
}


def ending(exitcode):
    """How a process ended, in words."""
    if exitcode >= 0:
        return 'exited with status %d' % exitcode
    try:
        return 'was ended by %s' % signal.Signals(-exitcode).name
    except ValueError:
        return 'was ended by signal %d' % -exitcode


_asking = threading.Lock()


def _exitcode_of(process, parent, shutdown):
    """Of a child of this very process, that has ended or is about to; else None, soon.

    The child is left to whoever joins it: of two threads that reap it, one learns nothing. What a
    fork server tells of its child can be read just once, so it is left to a shutdown under way.
    """
    try:
        if parent != os.getpid() or not wait([process.sentinel], 0.2):
            return None
        if isinstance(process, ForkServerProcess):
            with _asking:
                return process.exitcode if shutdown.still_active() else None
        return _wait_for_end(process.pid)
    except ChildProcessError:
        return process.exitcode
    except ValueError:  # the process object was closed
        return None


def _wait_for_end(pid):
    """A process ends just after it has closed all: unless that was its program's doing."""
    last = time.monotonic() + 0.2
    while True:
        ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)
        if ended is not None:
            return ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status
        if time.monotonic() > last:
            return None
        time.sleep(0.001)


def manager_gone(number, address, manager=None, typeid=None):
    """The ManagerGone for an errno that came from a manager's connection."""
    parent = getattr(manager, '_started_in', None)
    process = manager._process if parent is not None else None
    exitcode = _exitcode_of(process, parent, manager.shutdown) if process is not None else None
    name = type(manager).__name__ if manager is not None else None
    who = name or ('the manager of a %r' % typeid if typeid else 'the manager')
    state = getattr(manager, '_state', None)
    reason = _REASONS.get(number, 'it cannot be reached')
    if state is not None and state.value == State.SHUTDOWN:
        reason = 'it has been shut down'
    text = '%s at %r: %s' % (who, address, reason)
    if exitcode is not None:
        text += '; its process %d %s' % (process.pid, ending(exitcode))
    error = ManagerGone(number, text)
    error.manager, error.typeid, error.address = name, typeid, address
    error.exitcode = exitcode
    return error
