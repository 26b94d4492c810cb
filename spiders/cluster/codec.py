"""Requests as they stand in Redis: pickled so that any Python reads them, and read with nothing else."""

from __future__ import annotations

import io
import pickle
import sys
from dataclasses import is_dataclass
from enum import Enum
from typing import Any

_PLAIN = {
    ("datetime", "datetime"), ("datetime", "timedelta"), ("datetime", "timezone"), ("builtins", "set"),
    ("builtins", "frozenset"),
}  # fmt: skip


class _Pickler(pickle.Pickler):
    def reducer_override(self, value: Any) -> Any:
        # By its value: Python 3.11.2 writes a call of getattr, and whoever may call that may call anything.
        if isinstance(value, Enum):
            return type(value), (value.value,)
        return NotImplemented


class _Unpickler(pickle.Unpickler):
    """Reads requests and nothing else: whoever can write to Redis must not run code here.

    That is plain values and records of our own, by their plain name: a path through a module would reach what
    it imports. Whoever takes a request has loaded what its kind puts in, so nothing is imported.
    """

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _PLAIN:
            return super().find_class(module, name)
        found = getattr(sys.modules.get(module), name, None) if module.startswith("fengping.") else None
        if isinstance(found, type) and found.__module__ == module and _is_record(found):
            return found
        raise pickle.UnpicklingError(f"{module}.{name} has no place in a request")


def _is_record(found: type) -> bool:
    return is_dataclass(found) or issubclass(found, Enum)


class Codec:
    """Requests as bytes."""

    @staticmethod
    def dumps(value: Any) -> bytes:
        written = io.BytesIO()
        _Pickler(written, protocol=5).dump(value)
        return written.getvalue()

    @staticmethod
    def loads(data: bytes) -> Any:
        told = _Unpickler(io.BytesIO(data)).load()
        if isinstance(told, dict):
            told.pop("_class", None)  # Scrapy would import the module that it names, a program too
        return told
