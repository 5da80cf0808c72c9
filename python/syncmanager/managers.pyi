# SPDX-License-Identifier: MIT
from multiprocessing import managers as _std
from multiprocessing.managers import *
from multiprocessing.managers import Namespace as Namespace
from multiprocessing.managers import RemoteError as RemoteError
from multiprocessing.managers import Token as Token
from multiprocessing.context import BaseContext
from os import PathLike
from typing import Any, Iterable, Optional, TypeVar, Union

from ._server import Server as Server
from .errors import ManagerGone as ManagerGone
from .proxies import *
from .proxies import BaseProxy as BaseProxy
from .proxies import CounterProxy as CounterProxy
from .proxies import SetProxy as SetProxy

_T = TypeVar('_T')
_Path = Union[str, bytes, PathLike[str], PathLike[bytes]]

class BaseManager(_std.BaseManager):
    keepalive_ms: Optional[int]
    sockets_only: bool
    linger_ms: int

    def __init__(
        self,
        address: Any = ...,
        authkey: Optional[bytes] = ...,
        serializer: str = ...,
        ctx: Optional[BaseContext] = ...,
        *,
        shutdown_timeout: float = ...,
        tls_ca: Optional[_Path] = ...,
        tls_certificate: Optional[_Path] = ...,
        tls_key: Optional[_Path] = ...,
        tls_client_ca: Optional[_Path] = ...,
    ) -> None: ...

class SyncManager(BaseManager, _std.SyncManager):
    def Counter(self, value: int = ...) -> CounterProxy: ...
    def set(self, iterable: Iterable[_T] = ..., /) -> SetProxy[_T]: ...

def Manager() -> SyncManager: ...
def __getattr__(name: str) -> Any: ...
