"""The folder of a tantivy index: generations, the pointer to the one in use, readers and the one writer.

PATH/store.json   {"schema": 3, "generation": 2, "home": "…"}, replaced in one step when a rebuild is finished
PATH/2/           tantivy's own files
"""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray
from tantivy import (
    DocAddress,
    FieldType,
    Index,
    IndexWriter,
    Order,
    Query,
    Schema,
    Searcher,
    TextAnalyzerBuilder,
    Tokenizer,
)

from fengping.durable import refused, write_whole
from fengping.errors import UPGRADE, ForeignHome, HomeBusy, SchemaTooNew, StoreError, user_name
from fengping.indexer.search.backends.tantivy import checksums
from fengping.indexer.search.backends.tantivy.columns import Columns, Row
from fengping.indexer.search.backends.tantivy.schema import TOKENIZER, schema
from fengping.indexer.search.backends.tantivy.texts import Texts
from fengping.indexer.search.backends.tantivy.view import View
from fengping.indexer.search.fields import REBUILD_REMEDY, older_schema
from fengping.indexer.search.protocol import SCHEMA_VERSION
from fengping.models import Document
from fengping.progress import Remark, emit

WRITER_HEAP = 256_000_000
PLACES = 100_000
"""Texts checked at a time."""
_SWAPS = 3
LOCK_PATIENCE = 10.0
"""Seconds to wait for another process to finish writing."""


class Snapshot(NamedTuple):
    """What is committed at a moment."""

    searcher: Searcher
    view: View
    """The columns beside, of all documents that the searcher finds; changes made later show."""
    kept: dict[str, Query]
    """Queries that took long to find."""
    schema: Schema
    """The fields that the generation has: of an older fengping some may be missing."""


class Folder:
    """One index on disk, followed across commits and rebuilds of other processes.

    With *generation* given it stays with that one (a rebuild under way); else with the one in use.
    """

    def __init__(self, path: Path, generation: int | None = None, *, owner: str = "") -> None:
        self.path = path
        self._owner = owner
        self._pinned = generation
        self._lock = threading.RLock()
        self._index: Index | None = None
        self._opened: int | None = None
        self._seen: tuple[int, int] | None = None
        self._columns: tuple[int, Columns] | None = None
        self._writer: IndexWriter | None = None
        self._texts: tuple[int, Texts] | None = None
        self._kept: tuple[object, dict[str, Query]] = None, {}

    def texts(self) -> Texts:
        """The texts beside the generation to read."""
        with self._lock:
            generation = self.generation()
            if self._texts is None or self._texts[0] != generation:
                self._texts = generation, Texts(self.path / str(generation))
            return self._texts[1]

    def columns(self) -> Columns:
        """The columns beside the generation to read."""
        with self._lock:
            return self._columns_of(self.generation())

    def _columns_of(self, generation: int) -> Columns:
        if self._columns is None or self._columns[0] != generation:
            self._columns = generation, Columns(self.path / str(generation))
        return self._columns[1]

    def snapshot(self) -> Snapshot:
        """What is committed now, with what was changed; an empty index where nothing was ever put."""
        for _ in range(_SWAPS):
            generation = self.generation()
            try:
                return self._snapshot(generation)
            except StoreError:
                # A rebuild put another generation in its place as this one was being opened.
                if self.generation() == generation:
                    raise
        return self._snapshot(self.generation())

    def _snapshot(self, generation: int) -> Snapshot:
        with self._lock, self.translated():
            searcher = self._searcher(generation)
            columns = self._columns_of(generation)
            view = columns.view()  # after the searcher, so that it has all of its rows
            stamp = self._seen, columns.stamp()
            if self._kept[0] != stamp:
                self._kept = stamp, {}
            return Snapshot(searcher, view, self._kept[1], self._index.schema if self._index else schema())

    def _searcher(self, generation: int) -> Searcher:
        with self._lock, self.translated():
            if not (self.path / str(generation) / "meta.json").exists():
                if self.generation() != generation:
                    raise StoreError(f"The index {self.path} was rebuilt meanwhile.", remedy="Ask again.")
                return Index(schema()).searcher()
            if self._index is None or generation != self._opened:
                self._open(generation)
            assert self._index is not None
            stamp = _stamp(self.path / str(generation) / "meta.json")
            if stamp != self._seen:
                self._index.reload()
                self._seen = stamp
            return self._index.searcher()

    def generation(self) -> int:
        """The generation to read. Raises for one of a newer version."""
        return self._pinned if self._pinned is not None else int(self._pointer()["generation"])

    def _pointer(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads((self.path / "store.json").read_bytes())
        except FileNotFoundError:
            return {"schema": SCHEMA_VERSION, "generation": 1}
        if found["schema"] > SCHEMA_VERSION:
            raise SchemaTooNew(
                f"The index {self.path} was written by a newer fengping "
                f"(schema {found['schema']}, known {SCHEMA_VERSION}).",
                remedy=UPGRADE,
            )
        if self._owner and found.get("home", self._owner) != self._owner:
            raise ForeignHome(f"The index {self.path}", found["home"], self._owner)
        return found

    def _point_to(self, generation: int) -> None:
        record: dict[str, Any] = {"schema": SCHEMA_VERSION, "generation": generation}
        if self._owner:
            record["home"] = self._owner
        write_whole(self.path / "store.json", json.dumps(record).encode())

    def _open(self, generation: int) -> Index:
        if found := checksums.look_after_death(self.path / str(generation)):
            raise StoreError(
                f"The index {self.path} was left by a process that died, and {', '.join(found)} is not what "
                "was written.",
                remedy=REBUILD_REMEDY,
            )
        folder = str(self.path / str(generation))
        index = Index.open(folder) if self._is_older() else Index(schema(), folder)
        index.register_tokenizer(TOKENIZER, TextAnalyzerBuilder(Tokenizer.whitespace()).build())
        index.config_reader("manual")
        self._index, self._opened, self._seen = index, generation, None
        return index

    def _is_older(self) -> bool:
        return self._pinned is None and self._pointer()["schema"] < SCHEMA_VERSION

    def refuse_older(self) -> None:
        """Raises for a generation of an older version, which is read and never written."""
        if self._is_older():
            found = self._pointer()["schema"]
            raise StoreError(older_schema(str(self.path), found), remedy=REBUILD_REMEDY)

    @property
    def writes(self) -> bool:
        """True where this one has claimed the writer."""
        return self._writer is not None

    def claim(self) -> IndexWriter:
        """The writer, kept until :meth:`close`. Raises :class:`HomeBusy` where another process keeps it."""
        with self._lock, self.translated():
            fresh = self._writer is None
            self._writer = self._writer or self._acquire()
            if fresh or self.columns().spoiled:
                self._settle()
            return self._writer

    def _settle(self) -> None:
        """Has the columns agree with the index."""

        def committed() -> NDArray[np.uint64]:
            return np.array([place for part, _ in self._places() for place in part], np.uint64)

        if self.columns().settle(committed, self._rows):
            emit(
                Remark(
                    "The columns beside the index are not what was written: events, tags and repost groups "
                    "are set again from the state."
                )
            )

    def _rows(self) -> Iterator[Row]:
        """All documents, with their places."""
        for places, addresses in self._places():
            searcher = self._searcher(self.generation())
            for place, at in zip(places, addresses, strict=True):
                yield place, Document.from_record(orjson.loads(searcher.doc(at).get_first("record") or b""))

    @contextmanager
    def changing(self) -> Iterator[Columns]:
        """The columns, for what needs no commit. Raises as :meth:`writing`."""
        with self._lock, self.translated():
            self.claim()
            yield self.columns()

    @contextmanager
    def writing(self) -> Iterator[IndexWriter]:
        """The writer, committed at the end and rolled back by an exception; kept until :meth:`close`.

        Raises :class:`HomeBusy` where another process keeps it.
        """
        with self._lock:
            writer = self.claim()
            try:
                yield writer
                with self.translated():
                    writer.commit()
                self.columns().committed()
            except BaseException:
                writer.rollback()
                self.columns().rolled_back()
                raise

    def _acquire(self) -> IndexWriter:
        generation = self.generation()
        self.refuse_older()
        (self.path / str(generation)).mkdir(parents=True, exist_ok=True)
        unclaimed = self._owner and "home" not in self._pointer()
        if self._pinned is None and (unclaimed or not (self.path / "store.json").exists()):
            self._point_to(generation)
        index = self._open(generation)
        deadline = time.monotonic() + LOCK_PATIENCE
        while True:
            try:
                # One thread: the other processor analyses the next batch meanwhile.
                writer = index.writer(WRITER_HEAP, 1)
                checksums.mark_writing(self.path / str(generation))
                return writer
            except ValueError as error:
                if "lock" not in str(error).lower():
                    raise
                if time.monotonic() > deadline:
                    raise HomeBusy(
                        f"Another process is writing to the index {self.path}.",
                        remedy="Wait until it has finished, or stop it.",
                    ) from None
            time.sleep(0.1)

    def begin_rebuild(self) -> Folder:
        """An empty generation beside the one in use; unfinished ones of before are removed."""
        with self._lock, self.translated():
            return Folder(self.path, self.drop_unfinished() + 1, owner=self._owner)

    def drop_unfinished(self) -> int:
        """Removes rebuilds that were never finished; returns the generation in use."""
        current = int(self._pointer()["generation"])
        self._remove_all_but(current)
        return current

    def holds_deleted(self) -> bool:
        """True if a segment or the texts beside still hold documents that were deleted or replaced."""
        meta = self.path / str(self.generation()) / "meta.json"
        return self.texts().holds_replaced() or (
            meta.exists() and any(segment["deletes"] for segment in json.loads(meta.read_bytes())["segments"])
        )

    def finish_rebuild(self, fresh: Folder) -> None:
        """Makes *fresh* the generation in use and removes the others."""
        generation = fresh.generation()
        with fresh.writing():
            pass  # a rebuild of nothing is an empty index, not a missing one
        fresh.close()
        self.close()
        with self._lock, self.translated():
            self._point_to(generation)
            self._remove_all_but(generation)

    def _remove_all_but(self, generation: int) -> None:
        for found in self.path.glob("[0-9]*"):
            if found.name != str(generation):
                shutil.rmtree(found)

    def damaged(self) -> list[str]:
        """Files of the generation in use that are not what was written, by name."""
        found = checksums.damaged_files(self.path / str(self.generation()))
        if not found and not all(self.texts().is_sound(places) for places, _ in self._places()):
            found = [self.texts().name]
        return found or self.columns().damaged()

    def _places(self) -> Iterator[tuple[list[int], list[DocAddress]]]:
        """Places of the texts of all documents, in order, and where these are found, some at a time."""
        searcher, low = self._searcher(self.generation()), 0
        while True:
            rest = Query.range_query(schema(), "place", FieldType.Unsigned, low, None)
            page = searcher.search(rest, limit=PLACES, count=False, order_by_field="place", order=Order.Asc)
            places = [int(place) for place, _ in page.hits]
            if not places:
                return
            yield places, [at for _, at in page.hits]
            low = places[-1] + 1

    def size(self) -> int:
        """Bytes on disk of the generation in use."""
        folder = self.path / str(self.generation())
        return sum(file.stat().st_size for file in folder.rglob("*")) if folder.exists() else 0

    def close(self) -> None:
        """Lets running merges end and the lock go."""
        with self._lock, self.translated():
            if self._writer is not None:
                self._columns_of(self._opened or 0).end()
                self._writer.wait_merging_threads()
                checksums.unmark(self.path / str(self._opened))
            self._writer = self._index = None

    @contextmanager
    def translated(self) -> Iterator[None]:
        """tantivy speaks in ValueError and OSError."""
        try:
            yield
        except (ValueError, OSError) as error:
            if "ermission" in str(error) and (found := next(refused(self.path), "")):
                raise StoreError(
                    f"The index {self.path} cannot be used: {found}.",
                    remedy=f"chown -R {user_name(os.geteuid())} {self.path.parent}",
                ) from error
            raise StoreError(
                f"The index {self.path} cannot be used: {error}.", remedy=REBUILD_REMEDY
            ) from error


def _stamp(file: Path) -> tuple[int, int]:
    found = os.stat(file)  # noqa: PTH116  one call for both values
    return found.st_mtime_ns, found.st_ino
