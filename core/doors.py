"""Front doors of rooms: names that a room's ``__init__`` offers, each loaded on first use."""

from __future__ import annotations

import ast
import functools
import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


@functools.cache
def offered(room: str) -> dict[str, str]:
    """What the ``__init__`` of *room* imports for type checkers: names, and the module of each."""
    tree = ast.parse(Path(str(sys.modules[room].__file__)).read_text(encoding="utf-8"))
    found = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {
        one.name: str(at.module) for at in found for one in at.names if f"{at.module}".startswith(f"{room}.")
    }


def front_door(room: str) -> Callable[[str], Any]:
    """The module ``__getattr__`` of *room*.

    A name must not be that of a module of the room: once imported, the module would stand in its place.
    """

    def get(name: str) -> Any:
        if name not in offered(room):
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(offered(room)[name]), name)
        setattr(sys.modules[room], name, value)
        return value

    return get
