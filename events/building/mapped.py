"""Records in files that are mapped, not read: the system keeps in memory what it has room for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from fengping.durable import replace
from fengping.events.matching.kernel import Array


class Mapped:
    """One array on disk, by rows; one process at a time."""

    def __init__(self, path: Path, dtype: np.dtype[Any], count: int, width: int = 0) -> None:
        """*count*: rows known to be whole; what stands behind them is cut off. *width*: values in a row,
        where that is not one record."""
        self._path, self._dtype, self._width = path, dtype, width
        self._row = dtype.itemsize * (width or 1)
        self.whole = not count or (path.exists() and path.stat().st_size >= count * self._row)
        """False where the file has lost rows; it is empty then."""
        self._resize(count if self.whole else 0)

    def append(self, rows: Array) -> None:
        """Adds rows at the end."""
        count = len(self.rows)
        self._resize(count + len(rows))
        self.rows[count:] = rows

    def reserve(self, count: int) -> None:
        """Makes room for *count* rows; new ones are zero."""
        if count > len(self.rows):
            self._resize(count)

    def rewrite(self, rows: Array) -> None:
        """Puts *rows* in place of all."""
        part = self._path.with_name(f"{self._path.name}.part")
        with part.open("wb") as file:
            np.ascontiguousarray(rows).tofile(file)
            file.flush()
            os.fsync(file.fileno())
        count = len(rows)
        replace(part, self._path)
        self._map(count)

    def flush(self) -> None:
        """Has the kernel write what was changed."""
        base = self.rows.base
        while base is not None and not isinstance(base, np.memmap):
            base = getattr(base, "base", None)
        if isinstance(base, np.memmap):
            base.flush()

    def _resize(self, count: int) -> None:
        with self._path.open("ab") as file:
            file.truncate(count * self._row)
        self._map(count)

    def _map(self, count: int) -> None:
        shape = (count, self._width) if self._width else (count,)
        if not count:
            self.rows: Array = np.zeros(shape, self._dtype)
            return
        # As a plain array: compiled code is made for each class of arrays.
        self.rows = np.asarray(np.memmap(self._path, self._dtype, "r+", shape=shape))
