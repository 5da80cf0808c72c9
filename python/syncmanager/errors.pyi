# SPDX-License-Identifier: MIT
from typing import Any, Optional

class ManagerGone(EOFError, ConnectionError):
    manager: Optional[str]
    typeid: Optional[str]
    address: Any
    exitcode: Optional[int]

def ending(exitcode: int) -> str: ...
def manager_gone(
    number: int, address: Any, manager: Any = ..., typeid: Optional[str] = ...
) -> ManagerGone: ...
