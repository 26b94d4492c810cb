"""Repost groups across the whole store and across days, kept on disk beside the index.

    PATH/…              the log: what was added (:mod:`fengping.indexer.groups.log`)
    PATH/book.npz       the arrays as of some earlier moment: a cache, made anew from the log when missing

A crash can only tear the end of the log; what is torn is cut off and comes again with the batch.
"""

from __future__ import annotations

import mmap
import tempfile
import zipfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from fengping.analysis.reposts import compare as reposts
from fengping.indexer.groups import book_kernel
from fengping.indexer.groups.book_kernel import HEAD, NONE, POST, Array, Book
from fengping.indexer.groups.kernel import KEYS, place, work_for
from fengping.indexer.groups.log import RECORD, GroupsLog

_UNDATED = np.iinfo(np.int64).max
_SMALLEST = 1 << 12
# The cache is written again when this share of the documents is not in it; replaying is fast.
_STALE = 0.05
_AT_ONCE = 50_000
_MAPPED = 64 * 2**20
"""Bytes from which on an array is mapped from disk."""


@dataclass(frozen=True, slots=True)
class Member:
    """The fields of a document that grouping needs."""

    id: str
    """32 hexadecimal digits (:func:`fengping.models.document_id`)."""
    content: str
    published_at: datetime | None


class Groups:
    """Persistent, incremental grouping; the outcome does not depend on the order or size of batches.

    One process at a time. Raises :class:`StoreError` for a folder that an older comparison wrote.
    """

    def __init__(self, path: Path, told: int | None = None) -> None:
        """*told*: how many records a run got to tell the store of; what stands behind them is cut off and
        comes again, so that its effects are told. ``None`` keeps all."""
        self.path = path
        self._log = GroupsLog(path, told)
        self.log = self._log.name
        self._weights = reposts.rarity()
        self.count = self._posts = self._cached = 0
        records, self._text = self._log.records, self._log.text()
        self._book = _empty_book()
        self._load_cache(len(records))
        self._work = work_for(len(self._book.unit), book_kernel.latest_of(self._book, self.count), 0)
        if self.count < len(records):
            self._take(records[self.count :])

    def add(self, members: Sequence[Member]) -> dict[str, tuple[str, bool]]:
        """Takes documents in and returns ``id -> (group, first_in_group)``.

        Holds every id of *members*, and each earlier id whose group or rank changed by them. Adding
        the same document again changes nothing. A new version of a document (same id, other text)
        stays in the group of its first version that is long enough to tell a story.
        """
        texts = [reposts.normalise(member.content) for member in members]
        records = np.zeros(len(members), RECORD)
        records["high"], records["low"] = _halves(member.id for member in members).T
        records["published"] = [
            _UNDATED if member.published_at is None else int(member.published_at.timestamp() * 1000)
            for member in members
        ]
        records["length"] = list(map(len, texts))
        high, low = records["high"].astype(np.uint64), records["low"].astype(np.uint64)
        known = np.zeros(len(members), np.bool_)
        joined = np.concatenate(texts) if texts else np.empty(0, np.uint16)
        book_kernel.known(
            self._book, self._text, high, low, records["published"].astype(np.int64), joined,
            np.cumsum([0, *records["length"]]), known,
        )  # fmt: skip
        if not known.all():
            added = joined[np.repeat(~known, records["length"])]
            self._log.append(records[~known], added)
            self._text = self._log.text()
        changed = self._take(records[~known])
        asked = np.empty(len(members), np.int32)
        book_kernel.slots_of(self._book, high, low, asked)
        return self._states(np.union1d(changed, asked))

    def without(self, ids: Collection[str], fresh: Path) -> tuple[Groups, dict[str, tuple[str, bool]]]:
        """These groups as if *ids* had never been added, as a log in *fresh*; what that changes for others,
        as :meth:`add` gives it. This one is closed."""
        self.close()
        kept = np.flatnonzero(~self._of(ids)).astype(np.int32)
        book, before = self._book, self._named(kept)
        lengths = np.diff(book.begins[: self.count + 1])
        records = np.zeros(len(kept), RECORD)
        columns = (book.high[kept], book.low[kept], book.published[kept], lengths[kept])
        for name, values in zip(RECORD.names or (), columns, strict=True):
            records[name] = values
        stays = np.zeros(self.count, np.bool_)
        stays[kept] = True
        text = self._text[: int(book.begins[self.count])][np.repeat(stays, lengths)]
        self._text, self._book = text[:0], _empty_book()  # two books at once are more than needed
        log = GroupsLog(fresh)
        log.append(records, text)
        log.close()
        groups = Groups(fresh)
        slots = np.arange(groups.count, dtype=np.int32)
        changed = np.logical_or.reduce([a != b for a, b in zip(before, groups._named(slots), strict=True)])
        return groups, groups._states(slots[changed])

    def _of(self, ids: Collection[str]) -> Array:
        """Marks the slots of *ids*."""
        halves = _halves(ids)
        high, low = self._book.high[: self.count], self._book.low[: self.count]
        # Of two hashes, the first half of one beside the second of the other is no chance to reckon with.
        return np.isin(high, halves[:, 0]) & np.isin(low, halves[:, 1])

    def _named(self, slots: Array) -> tuple[Array, Array, Array]:
        """Both halves of the label, and the rank, of each slot."""
        labels, firsts = np.empty(len(slots), np.int32), np.empty(len(slots), np.bool_)
        book_kernel.state_of(self._book, slots, labels, firsts)
        return self._book.high[labels], self._book.low[labels], firsts

    def everything(self) -> Iterator[dict[str, tuple[str, bool]]]:
        """All documents as :meth:`add` gives them, some at a time."""
        for start in range(0, self.count, _AT_ONCE):
            yield self._states(np.arange(start, min(start + _AT_ONCE, self.count), dtype=np.int32))

    def holds(self, ids: Collection[str]) -> bool:
        """True if any of *ids* was ever added."""
        return bool(self._of(ids).any())

    def close(self) -> None:
        """Lets go of the files."""
        self._log.close()
        if self.count - self._cached > max(1000, _STALE * self.count):
            self._save_cache()

    def _take(self, records: Array) -> Array:
        """Places records whose text is in ``_text`` already; returns the slots that changed."""
        start, end = self.count, self.count + len(records)
        self._reserve(end)
        book = self._book
        book.high[start:end] = records["high"]
        book.low[start:end] = records["low"]
        book.published[start:end] = records["published"]
        book.text_hash[start:end] = 0
        book.begins[start + 1 : end + 1] = book.begins[start] + np.cumsum(records["length"])
        work = self._work
        self._posts = place(book, work, self._text, self._weights, start, end, self._posts)
        self.count = end
        return np.array(work.changed[: work.numbers[2]])

    def _states(self, slots: Array) -> dict[str, tuple[str, bool]]:
        labels = np.empty(len(slots), np.int32)
        firsts = np.empty(len(slots), np.bool_)
        book_kernel.state_of(self._book, slots, labels, firsts)
        return dict(zip(self._ids(slots), zip(self._ids(labels), firsts.tolist(), strict=True), strict=True))

    def _ids(self, slots: Array) -> list[str]:
        halves = np.column_stack((self._book.high[slots], self._book.low[slots]))
        digits = halves.astype(">u8").tobytes().hex()
        return [digits[at : at + 32] for at in range(0, len(digits), 32)]

    def _reserve(self, count: int) -> None:
        """Room for *count* slots and their postings, chains short."""
        book = self._book
        if count < len(book.unit) and self._posts + (count - self.count) * KEYS <= len(book.posts):
            return
        room = max(2 * len(book.unit), 1 << int(count).bit_length())
        sized = {
            name: _grown(self.path, array, room * (KEYS if name == "posts" else 1) + (name == "begins"))
            for name, array in book._asdict().items()
            if not name.endswith("_heads")
        }
        heads = {
            "text_heads": np.empty(room, np.int32),
            "id_heads": np.empty(room, np.int32),
            "key_heads": np.empty(4 * room, HEAD),
        }
        self._book = Book(**sized, **heads)
        book_kernel.rechain(self._book, self.count, self._posts)
        self._work = work_for(room, int(self._work.numbers[3]), int(self._work.numbers[1]))

    def _load_cache(self, count: int) -> None:
        file = self.path / "book.npz"
        if not file.exists():
            return
        try:
            with np.load(file) as cache:
                # An older version's has no such number: made anew.
                cached, used = int(cache["count"]), int(cache["used"])
                if cached <= count:
                    book = Book(**{name: _kept(self.path, name, cache[name]) for name in Book._fields})
                    self._book, self._posts, self.count, self._cached = book, used, cached, cached
                    return
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            pass  # a loss of power left half of it
        # Of a log that was longer before its end was cut off: what is added next would not be in it.
        file.unlink()

    def _save_cache(self) -> None:
        partial = self.path / "book.partial.npz"
        np.savez(partial, count=self.count, used=self._posts, **self._book._asdict())
        partial.replace(self.path / "book.npz")


def _halves(ids: Iterable[str]) -> Array:
    """(n, 2) the ids as two numbers each."""
    return np.frombuffer(bytes.fromhex("".join(ids)), ">u8").astype(np.uint64).reshape(-1, 2)


def _empty_book() -> Book:
    dimensions = {"begins": _SMALLEST + 1, "posts": _SMALLEST * KEYS, "key_heads": 4 * _SMALLEST}
    types: dict[str, Any] = {"begins": np.int64, "published": np.int64, "high": np.uint64, "low": np.uint64,
             "led": np.uint8, "text_hash": np.uint64, "posts": POST, "key_heads": HEAD}  # fmt: skip
    arrays: dict[str, Array] = {}
    for name in Book._fields:
        fill = NONE if name in ("text_heads", "id_heads") else 0
        arrays[name] = np.full(dimensions.get(name, _SMALLEST), fill, types.get(name, np.int32))
    arrays["key_heads"]["next"] = arrays["key_heads"]["lead"] = NONE
    return Book(**arrays)


def _kept(folder: Path, name: str, array: Array) -> Array:
    """*array* out of the cache. Heads of chains, written to all over, stay in memory."""
    return array if name.endswith("_heads") else _grown(folder, array[:0], len(array), array)


def _grown(folder: Path, array: Array, size: int, content: Array | None = None) -> Array:
    """An array of at least *size* that begins with *array*, or with *content*; a large one is mapped from a
    file without a name in *folder*, so that the disk and not the memory bounds what may be held."""
    if size <= len(array):
        return array
    content = array if content is None else content
    if size * array.itemsize < _MAPPED:
        larger = np.zeros(size, array.dtype)
    else:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.truncate(size * array.itemsize)
            larger = np.frombuffer(mmap.mmap(file.fileno(), size * array.itemsize), array.dtype)
    larger[: len(content)] = content
    return larger
