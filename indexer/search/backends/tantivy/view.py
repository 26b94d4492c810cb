"""Columns as readers see them, mapped into memory."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import orjson

from fengping.errors import StoreError
from fengping.fields import Decode
from fengping.indexer.search.backends.tantivy.frames import (
    CHANGING,
    LENGTH,
    OWN,
    PLACE,
    Array,
    ids_of,
    type_of,
)

_SOUGHT = 20
"""JSON values that are looked for one by one."""
REMEDY = "Make it anew with: fengping index"


class View:
    """The columns as they are now, of as many rows as there were when it was opened."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._mapped: dict[str, Array] = {}
        self.count = len(self._map("place", PLACE)) if folder and (folder / "place").exists() else 0
        self._values = (folder / "values").open("rb") if folder and self.count else None
        self._held: Any = b""

    def column(self, name: str) -> Array:
        """Numbers of all rows: ``id``, ``place``, those of values as put, and as changed (``NAME.now``)."""
        if name not in self._mapped:
            found = self._map(name, type_of(name)) if self.count else np.empty(0, type_of(name))
            if len(found) < self.count:
                raise StoreError(f"The column {name} beside the index is cut off.", remedy=REMEDY)
            self._mapped[name] = found[: self.count]
        return self._mapped[name]

    def now(self, name: str) -> Array:
        """Numbers of values that were changed; 0 where the value is as put."""
        return self.column(f"{name}.now")

    def rows_at(self, places: Array) -> Array:
        """Rows of documents by the places of their texts; -1 for one that has none."""
        if not self.count:
            return np.full(len(places), -1)
        held, asked, order = self.column("place"), places.astype(PLACE), np.argsort(places)
        rows = np.empty(len(places), np.int64)
        rows[order] = np.minimum(np.searchsorted(held, asked[order]), self.count - 1)  # sorted: a fourth
        return np.where(held[rows] == asked, rows, -1)

    def changed(self, *names: str) -> Array:
        """Rows in which one of these fields was changed."""
        found = [np.flatnonzero(self.now(name)) for name in names]
        return found[0] if len(found) == 1 else np.unique(np.concatenate([*found, np.empty(0, np.int64)]))

    def codes(self, name: str, rows: Array) -> Array:
        """Numbers of the values that a field has now."""
        put = self.column(name)[rows]
        return np.where(self.now(name)[rows] > 0, self.now(name)[rows], put) if name in CHANGING else put

    def values(self, name: str, codes: Array, rows: Array, decode: Decode | None = None) -> list[Any]:
        """The values that numbers stand for, in rows; as in a record, or decoded."""
        numbers, places = np.unique(codes, return_inverse=True)
        decoded = [self.value(number) for number in numbers.tolist()]
        if decode:
            decoded = [decode(value) for value in decoded]
        found = [decoded[place] for place in places.tolist()]
        if name == "group":
            own = np.flatnonzero(codes == self.code(OWN))
            for at, id in zip(own.tolist(), self.ids(rows[own]), strict=True):
                found[at] = decode(id) if decode else id
        return found

    def counted(self, name: str, rows: Array) -> Iterator[tuple[Any, int]]:
        """Values that a field has now in rows, and in how many."""
        codes = self.codes(name, rows)
        if name == "group":
            own = codes == self.code(OWN)
            yield from ((id, 1) for id in self.ids(rows[own]))
            codes = codes[~own]
        for code, count in zip(*(one.tolist() for one in np.unique(codes, return_counts=True)), strict=True):
            yield self.value(code), count

    def ids(self, rows: Array) -> list[str]:
        """Ids of the documents of rows."""
        return [id.decode("utf-8", "surrogatepass") for id in self.column("id")[rows].tolist()]

    def value(self, code: int) -> Any:
        """The value that a number stands for."""
        held = self._texts()
        if code >= len(held):  # a row was changed since the values were mapped, which only grow
            assert self._values
            held = self._held = _mapped(self._values)
        return orjson.loads(held[code + LENGTH.size : code + LENGTH.size + LENGTH.unpack_from(held, code)[0]])

    def code(self, text: bytes) -> int:
        """The number of a JSON value; 0 for one that no row has."""
        return max(0, int(self._texts().find(LENGTH.pack(len(text)) + text)))

    def texts(self) -> Iterator[tuple[bytes, int]]:
        """All JSON values, with their numbers."""
        held, at = self._texts(), 0
        while at < len(held):
            begin = at + LENGTH.size
            at, before = begin + LENGTH.unpack_from(held, at)[0], at
            yield bytes(held[begin:at]), before

    def moved(self, name: str, values: Sequence[str]) -> tuple[Array, Array]:
        """Places of documents that were put with one of *values* in a keyword field and hold none of them
        now, and of those that were put with none and hold one."""
        rows = self.changed(name)
        put, now = (self._hold(name, values, rows, self.column(one)[rows]) for one in (name, f"{name}.now"))
        places = self.column("place")[rows]
        return places[put & ~now], places[now & ~put]

    def _hold(self, name: str, values: Sequence[str], rows: Array, codes: Array) -> Array:
        """Marks those of *rows*, with these *codes* in a field, that hold one of *values*."""
        if name == "tags":
            asked = {*values}
            found = [code for code in np.unique(codes).tolist() if asked.intersection(self.value(code) or ())]
            return np.isin(codes, found)
        flags = name == "first_in_group"
        texts = [one.encode() if flags else orjson.dumps(one) for one in values]
        known = dict(self.texts()) if len(texts) > _SOUGHT else {one: self.code(one) for one in texts}
        held = np.isin(codes, [code for one in texts if (code := known.get(one, 0))])
        if name == "group":
            own = codes == self.code(OWN)
            held[own] = np.isin(self.column("id")[rows[own]], ids_of(values))
        return held

    def patch(self, records: Sequence[dict[str, Any]], places: Array) -> None:
        """Sets what was changed since they were put in *records*, whose texts lie at *places*."""
        rows = self.rows_at(places)
        for name in CHANGING if self.count else ():
            held = np.where(rows < 0, 0, self.now(name)[rows])
            for at in np.flatnonzero(held).tolist():
                value = self.value(int(held[at]))
                records[at][name] = records[at]["id"] if name == "group" and value is None else value

    def forget_values(self) -> None:
        """Maps the JSON values anew when they are next asked for: there may be more of them."""
        self._held = b""

    def _texts(self) -> Any:
        held = self._held
        if not held and self._values:
            held = self._held = _mapped(self._values)
        return held

    def _map(self, name: str, kind: np.dtype[Any]) -> Array:
        assert self._folder
        with (self._folder / name).open("rb") as file:
            mapped = _mapped(file)
        return np.frombuffer(mapped, kind, len(mapped) // kind.itemsize)


def _mapped(file: BinaryIO) -> Any:
    size = os.fstat(file.fileno()).st_size
    return mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ) if size else b""
