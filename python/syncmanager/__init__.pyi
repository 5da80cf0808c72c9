# SPDX-License-Identifier: MIT
from typing import Any

from . import managers as managers
from .errors import ManagerGone as ManagerGone
from .managers import *
from .managers import BaseManager as BaseManager
from .managers import BaseProxy as BaseProxy
from .managers import Manager as Manager
from .managers import SyncManager as SyncManager
from .managers import Token as Token

__version__: str

def install() -> None: ...
def __getattr__(name: str) -> Any: ...
