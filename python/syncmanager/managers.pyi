# SPDX-License-Identifier: MIT
from multiprocessing import managers as _std
from multiprocessing.managers import *
from multiprocessing.managers import Namespace as Namespace
from multiprocessing.managers import RemoteError as RemoteError
from multiprocessing.managers import Token as Token
from typing import Any, Iterable, Optional, TypeVar

from ._server import Server as Server
from .errors import ManagerGone as ManagerGone
from .proxies import *
from .proxies import BaseProxy as BaseProxy
from .proxies import CounterProxy as CounterProxy
from .proxies import SetProxy as SetProxy

_T = TypeVar('_T')

class BaseManager(_std.BaseManager):
    keepalive_ms: Optional[int]
    sockets_only: bool
    linger_ms: int

class SyncManager(BaseManager, _std.SyncManager):
    def Counter(self, value: int = ...) -> CounterProxy: ...
    def set(self, iterable: Iterable[_T] = ..., /) -> SetProxy[_T]: ...

def Manager() -> SyncManager: ...
def __getattr__(name: str) -> Any: ...
