# SPDX-License-Identifier: MIT
"""A process dies, and another gets its pid before the server has noticed.

Run by test_dead_processes.py in a PID namespace of its own, where pids can be chosen. Ends with
status 0 when the one was not taken for the other, and 77 when pids cannot be chosen here.
"""

import contextlib
import os
import signal
import sys

from deaths import Scene
from servers import Daemon, wait_until
from victim import Victim, wait_at_rest

LAST_PID = '/proc/sys/kernel/ns_last_pid'


def main():
    if not os.access(LAST_PID, os.W_OK):
        return 77
    with contextlib.ExitStack() as stack:
        scene = Scene(stack, Daemon, {'lock': 'Lock()'})
        victim = scene.victim('lock = manager.lock()', 'lock.acquire()', 'held = manager.list()')
        server = scene.server.pid
        os.kill(server, signal.SIGSTOP)
        victim.kill()
        with open(LAST_PID, 'w') as file:
            file.write(str(victim.pid - 1))
        other = stack.enter_context(Later(scene.server))
        if other.process.pid != victim.pid:
            return 77
        wait_at_rest(other.process.pid)  # it has connected, and waits to be asked for the key
        os.kill(server, signal.SIGCONT)
        other.meet()
        assert other.must('lock = manager.lock(); lock.acquire(True, 5)') == 'True'
        wait_at_rest(server)
        assert not scene.manager.lock().acquire(False)  # the one who died had none of this
        assert wait_until(lambda: scene.objects() == 1)
        assert other.must('mine = manager.list(); mine.append(1)') == 'None'
        other.kill()
        assert scene.manager.lock().acquire(True, 5)
        assert wait_until(lambda: scene.objects() == 0)
    return 0


class Later(Victim):
    """One that need not have connected yet."""

    def greet(self):
        pass

    def meet(self):
        super().greet()


if __name__ == '__main__':
    sys.exit(main())
