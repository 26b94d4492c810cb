"""Front doors of rooms: names that a room's ``__init__`` offers, each loaded on first use."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any


def front_door(room: str, names: Mapping[str, str]) -> Callable[[str], Any]:
    """The module ``__getattr__`` of *room*; *names* maps each name to the module in it that has it.

    A name must not be that of a module of the room: once imported, the module would stand in its place.
    """

    def get(name: str) -> Any:
        if name not in names:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(f"{room}.{names[name]}"), name)
        setattr(sys.modules[room], name, value)
        return value

    return get
