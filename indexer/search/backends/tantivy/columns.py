"""Columns beside a tantivy index: values that change after a document is put, and those that scans read.

    columns.log       frames with a checksum each: rows of documents, and changes of rows; this is what counts
    columns/NAME      one number for each row, mapped into memory; made from the log, as all of this folder
    columns/values    JSON values one after the other: a number in a column is where its value begins
    columns.lost      names of fields of which changes were lost, until their owners have set them again

A put document is a row, in the order of its texts beside the index. A change writes a few numbers and no
document. A frame is on disk before the index commits its rows, and before a change is visible.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from fengping.durable import append_line, write_whole
from fengping.errors import StoreError
from fengping.indexer.search.backends.tantivy.checksums import is_locked
from fengping.indexer.search.backends.tantivy.frames import (
    CHANGING,
    CODE,
    GONE,
    KEPT,
    LENGTH,
    OWN,
    PLACE,
    Array,
    Frame,
    apply,
    frames,
    ids_of,
    type_of,
)
from fengping.indexer.search.backends.tantivy.table import ID, Table
from fengping.indexer.search.backends.tantivy.view import REMEDY, View
from fengping.indexer.search.protocol import Changes
from fengping.models import FIELDS, Document

Row = tuple[int, Document]
"""Place of the texts of a document, and itself."""
_AT_ONCE = 5_000
_kept = attrgetter(*(FIELDS[name].path for name in KEPT))


class Columns:
    """The columns of one generation of an index. Only its one writer may call what writes."""

    def __init__(self, folder: Path) -> None:
        self._generation = folder
        self.log = folder / "columns.log"
        self._folder = folder / "columns"
        self._view: tuple[tuple[int, int], View] | None = None
        self._made: tempfile.TemporaryDirectory[str] | None = None
        self._numbers: dict[bytes, int] | None = None
        self._table: Table | None = None
        self._uncommitted: list[Array] = []
        self._replaced: list[Array] = []
        self.spoiled = False
        """True where a write failed: the columns are to be settled."""

    def stamp(self) -> tuple[int, int]:
        """Another one after each change."""
        return self._size(), self._folder.stat().st_ino if self._folder.exists() else 0

    def view(self) -> View:
        """The columns as they are. Those that a writer left which died are read from the log, into a folder
        of this process."""
        stamp = size, folder = self.stamp()
        if self._view is None or self._view[0] != stamp:
            if not size and (self._folder / "place").exists():
                raise StoreError(f"The file {self.log} is missing.", remedy=REMEDY)
            left = not self._applied.exists() and not is_locked(self._generation)
            if size and (left or not folder):
                self._made = tempfile.TemporaryDirectory(prefix="fengping-columns-")
                if self._replay(Path(self._made.name)) != size:
                    raise StoreError(f"The file {self.log} is not what was written.", remedy=REMEDY)
                self._view = stamp, View(Path(self._made.name))
            else:
                self._view = stamp, View(self._folder if size else None)
        return self._view[1]

    @property
    def lost(self) -> frozenset[str]:
        """Fields of which changes were lost, or may be: the last writer did not end in order."""
        try:
            return frozenset(orjson.loads((self._generation / "columns.lost").read_bytes()))
        except FileNotFoundError:
            left = self._folder.exists() and not is_locked(self._generation)
            return frozenset(CHANGING) if left and not self._is_whole() else frozenset()

    def lose(self, names: Iterable[str]) -> None:
        """Notes which fields those are: none, once all are set again."""
        path = self._generation / "columns.lost"
        if left := sorted(names):
            write_whole(path, orjson.dumps(left))
        else:
            path.unlink(missing_ok=True)

    def damaged(self) -> list[str]:
        """Names of the log where it is not what was written, or of columns that are not what it says."""
        before = self.stamp()
        if not before[0]:
            return [self.log.name] if (self._folder / "place").exists() else []
        with tempfile.TemporaryDirectory(prefix="fengping-columns-") as made:
            if self._replay(Path(made)) != before[0]:
                found = [self.log.name]
            else:
                found = sorted(one.name for one in Path(made).iterdir() if not self._agrees(one))
        return found if self.stamp() == before else []  # else it was written to meanwhile

    def _agrees(self, made: Path) -> bool:
        held = self._folder / made.name
        return held.exists() and held.read_bytes() == made.read_bytes()

    def settle(self, committed: Callable[[], Array], rows: Callable[[], Iterable[Row]]) -> bool:
        """Begins to write: makes the columns fit log and index, unless the last writer ended in order.

        *committed*: places of all documents, in order; *rows* are what a log is made of that is lost. Returns
        whether changes were lost.
        """
        lost = (self.spoiled or not self._is_whole()) and self._heal(committed(), rows)
        self.spoiled = False
        self._applied.unlink(missing_ok=True)
        return lost

    def _is_whole(self) -> bool:
        """True where the last writer ended in order, and each column has a value for each row."""
        if self._ended_at() != self._size():
            return False
        found = {one.name: one.stat().st_size for one in self._folder.iterdir()}
        count = found.get("place", 0) // PLACE.itemsize
        names = ("id", "place", *KEPT, *(f"{name}.now" for name in (*CHANGING, GONE)))
        return all(found.get(name, 0) == count * type_of(name).itemsize for name in names)

    def _heal(self, committed: Array, rows: Callable[[], Iterable[Row]]) -> bool:
        """Makes the columns from the log, or both from *rows* where it lacks any. See :meth:`settle`."""
        size = self._size()
        part = self._generation / "columns.part"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        whole = self._replay(part)
        torn = whole < max(size, self._ended_at())
        if torn:
            self.lose(CHANGING)  # before anything that would hide it
            if whole < size:
                os.truncate(self.log, whole)
        shutil.rmtree(self._folder, ignore_errors=True)
        part.rename(self._folder)
        self._view = self._numbers = self._table = None
        view = self.view()
        found = view.rows_at(committed)
        if (found < 0).any():
            self.lose(CHANGING)
            self._begin_anew(rows())
            return True
        gone = np.ones(view.count, CODE)
        gone[found] = 0
        for mark in (0, 1):
            self._mark_gone(np.flatnonzero((gone == mark) & (view.now(GONE) != mark)), mark)
        return torn

    def end(self) -> None:
        """Ends writing, in order."""
        if not self.spoiled and self._folder.exists():
            self._applied.write_bytes(b"%d" % self._size())

    def append(self, rows: Sequence[Row], replaced: Sequence[str] = ()) -> None:
        """Adds a row for each document that is about to be put, in the place of those of *replaced*."""
        if replaced:
            found = self._rows_of(replaced)
            self._replaced.append(found[found >= 0])
        start = self.view().count
        columns: dict[str, Array] = {"id": ids_of([one.id for _, one in rows])}
        numbers, fresh = self._number_each([one for _, one in rows])
        columns |= numbers
        columns["place"] = np.array([place for place, _ in rows], PLACE)
        self._uncommitted.append(np.arange(start, start + len(rows)))
        self._write(Frame("", fresh, columns))

    def committed(self) -> None:
        """The index has committed all rows."""
        self._uncommitted.clear()
        if self._replaced:
            rows = np.concatenate(self._replaced)
            self._replaced.clear()
            self._mark_gone(rows)

    def rolled_back(self) -> None:
        """The index has not committed what was added since the last time."""
        rows = np.concatenate([np.empty(0, np.int64), *self._uncommitted])
        self._uncommitted.clear()
        self._replaced.clear()
        self._table = None
        if not self.spoiled:
            with contextlib.suppress(OSError):  # then they are spoiled
                self._mark_gone(rows)

    def forget(self, ids: Sequence[str]) -> None:
        """The index no longer holds these documents."""
        rows = self._rows_of(ids)
        self._mark_gone(rows[rows >= 0])

    def change(self, changes: Changes) -> int:
        """Sets values of :data:`CHANGING` fields; the number of documents that differ after it."""
        ids = [*changes]
        rows = self._rows_of(ids)
        differ = np.zeros(len(ids), np.bool_)
        for name in sorted({name for change in changes.values() for name in change}):
            asked = [n for n, row in enumerate(rows.tolist()) if row >= 0 and name in changes[ids[n]]]
            if not asked:
                continue
            values = [_json(name, changes[ids[n]][name], ids[n]) for n in asked]
            numbers, fresh = self._number(values)
            other = self.view().codes(name, rows[asked]) != numbers
            differ[asked] |= other
            if other.any():
                columns = {"rows": rows[asked][other].astype(CODE), "codes": numbers[other]}
                self._write(Frame(name, fresh, columns))
        return int(differ.sum())

    def current(self, ids: Sequence[str], name: str) -> dict[str, Any]:
        """Values that a field has now, of those of *ids* that are stored."""
        view, rows = self.view(), self._rows_of(ids)
        there = rows[rows >= 0]
        found = view.values(name, view.codes(name, there), there)
        return dict(zip(view.ids(there), found, strict=True))

    def held(self, ids: Sequence[str]) -> list[str]:
        """Those of *ids* that are stored."""
        fit = [id for id in ids if len(id.encode("utf-8", "surrogatepass")) <= ID.itemsize]
        return [id for id, row in zip(fit, self._rows_of(fit).tolist(), strict=True) if row >= 0]

    @property
    def _applied(self) -> Path:
        """The length of the log that is in the columns: of a writer that ended in order."""
        return self._folder / "applied"

    def _ended_at(self) -> int:
        try:
            return int(self._applied.read_bytes())
        except (FileNotFoundError, ValueError):
            return -1

    def _size(self) -> int:
        return self.log.stat().st_size if self.log.exists() else 0

    def _rows_of(self, ids: Sequence[str]) -> Array:
        """Rows of stored documents by their ids; -1 for others."""
        view = self.view()
        self._table = self._table or Table()
        return self._table.find(ids_of(ids), view.column("id"), view.now(GONE))

    def _number(self, texts: Sequence[bytes]) -> tuple[Array, bytes]:
        """Numbers of JSON values, and those that are new as they are to be written."""
        if self._numbers is None:
            self._numbers = dict(self.view().texts())
        known, fresh = self._numbers, []
        held = self._folder / "values"
        at = held.stat().st_size if held.exists() else 0
        if not at:
            fresh.append(LENGTH.pack(0))  # no value has the number 0
            at = LENGTH.size
        found = []
        for text in texts:
            number = known.get(text)
            if number is None:
                number = known[text] = at
                fresh.append(LENGTH.pack(len(text)) + text)
                at += LENGTH.size + len(text)
            found.append(number)
        return np.array(found, CODE), b"".join(fresh)

    def _number_each(self, documents: Sequence[Document]) -> tuple[dict[str, Array], bytes]:
        """Numbers of the kept fields of documents, by field; an equal value is looked up once."""
        columns = zip(*map(_kept, documents), strict=True)
        held: dict[str, Sequence[Any]] = dict(zip(KEPT, columns, strict=True))
        held["group"] = [None if one.group == one.id else one.group for one in documents]
        values = {name: dict.fromkeys(column) for name, column in held.items()}
        found, fresh = self._number([orjson.dumps(one) for distinct in values.values() for one in distinct])
        numbers, at = {}, iter(found.tolist())
        for name, column in held.items():
            known = dict(zip(values[name], at, strict=False))
            numbers[name] = np.fromiter(map(known.__getitem__, column), CODE, len(column))
        return numbers, fresh

    def _mark_gone(self, rows: Array, mark: int = 1) -> None:
        if len(rows):
            columns = {"rows": rows.astype(CODE), "codes": np.full(len(rows), mark, CODE)}
            self._write(Frame(GONE, b"", columns))

    def _write(self, frame: Frame) -> None:
        """Adds a frame to the log, on disk when it returns, and to the columns."""
        stamp = size, _ = self.stamp()
        try:
            append_line(self.log, frame.packed())
            self._folder.mkdir(exist_ok=True)
            apply(self._folder, frame)
            if frame.set and self._view and self._view[0] == stamp:  # as many rows, mapped: changes show
                self._view[1].forget_values()
                self._view = self.stamp(), self._view[1]
        except OSError:
            self.spoiled = True
            self._numbers = self._table = None
            if self.log.exists():
                os.truncate(self.log, size)
            raise

    def _replay(self, folder: Path) -> int:
        """Makes the columns in *folder* from the log; how much of that is what was written."""
        end = 0
        for frame, until in frames(self.log):
            apply(folder, frame)
            end = until
        return end

    def _begin_anew(self, rows: Iterable[Row]) -> None:
        """Makes a log of *rows* alone."""
        self.log.unlink(missing_ok=True)
        shutil.rmtree(self._folder, ignore_errors=True)
        self._numbers = self._table = self._view = None
        self.spoiled = False
        remaining = iter(rows)
        while part := list(islice(remaining, _AT_ONCE)):
            self.append(part)
        self.committed()


def _json(name: str, value: Any, id: str) -> bytes:
    return OWN if name == "group" and value == id else orjson.dumps(value)
