# SPDX-License-Identifier: MIT
"""What install() replaces in multiprocessing.managers, as it was.

Whoever took these out of that module earlier goes on using them, and may pickle them: a manager
that is spawned sends its class to its server. They are found here then, no longer there.
"""

from multiprocessing.managers import BaseManager, BaseProxy, MakeProxyType, SyncManager

REPLACED = 'BaseManager', 'BaseProxy', 'MakeProxyType', 'SyncManager'

__all__ = ['BaseManager', 'BaseProxy', 'MakeProxyType', 'SyncManager']
