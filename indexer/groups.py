"""Repost groups across the whole store and across days, kept on disk beside the index.

    PATH/documents.bin  one record a version of a document: id, publication time, length of its text
    PATH/text.bin       the normalised characters, two bytes each, in the same order
    PATH/book.npz       the arrays as of some earlier moment: a cache, rebuilt from the two when missing

A crash can only tear the ends of the first two; what is torn is cut off and comes again with the batch.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from fengping.analysis import reposts
from fengping.errors import StoreError
from fengping.indexer import group_kernel as kernel
from fengping.indexer.group_kernel import KEYS, Array, Book

_RECORD = np.dtype([("high", ">u8"), ("low", ">u8"), ("published", "<i8"), ("length", "<i4")])
_UNDATED = np.iinfo(np.int64).max
_SMALLEST = 1 << 12
# The cache is written again when this share of the documents is not in it; replaying is fast.
_STALE = 0.05


@dataclass(frozen=True, slots=True)
class Member:
    """What grouping needs to know of a document."""

    id: str
    """32 hexadecimal digits (:func:`fengping.models.document_id`)."""
    content: str
    published_at: datetime | None


class Groups:
    """Persistent, incremental grouping; the outcome does not depend on the order or size of batches.

    One process at a time. Raises :class:`StoreError` for a folder that an older comparison wrote.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        _check_version(path / "version")
        self._weights = reposts.rarity()
        self._count = self._posts = self._cached = 0
        records, text = self._read_log()
        self._text = _grown(text, len(text))
        self._book = _empty_book()
        self._load_cache(len(records))
        if self._count < len(records):
            self._take(records[self._count :])
        self._documents = (path / "documents.bin").open("ab")
        self._characters = (path / "text.bin").open("ab")

    def add(self, members: Sequence[Member]) -> dict[str, tuple[str, bool]]:
        """Takes documents in and returns ``id -> (group, first_in_group)``.

        Holds every id of *members*, and each earlier id whose group or rank changed by them. Adding
        the same document again changes nothing. A new version of a document (same id, other text)
        joins the group of its other versions.
        """
        texts = [reposts.normalise(member.content) for member in members]
        records = np.zeros(len(members), _RECORD)
        for number, member in enumerate(members):
            at = member.published_at
            published = _UNDATED if at is None else int(at.timestamp() * 1000)
            records[number] = (
                int(member.id[:16], 16), int(member.id[16:], 16), published, len(texts[number])
            )  # fmt: skip
        fresh = [n for n in range(len(members)) if not self._knows(records[n], texts[n])]
        begin = self._count
        if fresh:
            added = np.concatenate([texts[n] for n in fresh])
            self._characters.write(added.tobytes())
            self._characters.flush()
            self._documents.write(records[fresh].tobytes())
            self._documents.flush()
            length = int(self._book.begins[begin])
            self._text = _grown(self._text, length + len(added))
            self._text[length : length + len(added)] = added
        dirty = self._take(records[fresh])
        asked = np.empty(len(members), np.int32)
        kernel.slots_of(
            self._book, records["high"].astype(np.uint64), records["low"].astype(np.uint64), asked
        )
        return self._states(np.union1d(np.flatnonzero(dirty).astype(np.int32), asked))

    def close(self) -> None:
        """Makes what was added durable."""
        self._documents.close()
        self._characters.close()
        if self._count - self._cached > max(1000, _STALE * self._count):
            self._save_cache()

    def _knows(self, record: Any, codes: reposts.Codes) -> bool:
        return bool(
            kernel.known(
                self._book, self._text, np.uint64(record["high"]), np.uint64(record["low"]),
                np.int64(record["published"]), codes,
            )
        )  # fmt: skip

    def _take(self, records: Array) -> Array:
        """Places records whose text is in ``_text`` already; returns the marks of what changed."""
        start, end = self._count, self._count + len(records)
        self._reserve(end)
        book = self._book
        book.high[start:end] = records["high"]
        book.low[start:end] = records["low"]
        book.published[start:end] = records["published"]
        book.text_hash[start:end] = 0
        book.begins[start + 1 : end + 1] = book.begins[start] + np.cumsum(records["length"])
        dirty = np.zeros(end, np.uint8)
        self._posts = kernel.place(book, self._text, self._weights, start, end, self._posts, dirty)
        self._count = end
        return dirty

    def _states(self, slots: Array) -> dict[str, tuple[str, bool]]:
        labels = np.empty(len(slots), np.int32)
        firsts = np.empty(len(slots), np.bool_)
        kernel.state_of(self._book, slots, labels, firsts)
        return {
            self._id(slot): (self._id(label), bool(first))
            for slot, label, first in zip(slots, labels, firsts, strict=True)
        }

    def _id(self, slot: Any) -> str:
        return f"{int(self._book.high[slot]):016x}{int(self._book.low[slot]):016x}"

    def _reserve(self, count: int) -> None:
        """Room for *count* slots and their postings, chains short."""
        book = self._book
        if count < len(book.parent) and self._posts + (count - self._count) * KEYS <= len(book.post_key):
            return
        room = max(2 * len(book.parent), 1 << int(count).bit_length())
        sized = {
            name: _grown(array, room * (KEYS if name.startswith("post_") else 1) + (name == "begins"))
            for name, array in book._asdict().items()
            if not name.endswith(("_heads", "key_counts"))
        }
        heads = {
            "text_heads": np.empty(room, np.int32),
            "id_heads": np.empty(room, np.int32),
            "key_heads": np.empty(4 * room, np.int32),
            "key_counts": np.empty(4 * room, np.int32),
        }
        self._book = Book(**sized, **heads)
        kernel.rechain(self._book, self._count, self._posts)

    def _read_log(self) -> tuple[Array, reposts.Codes]:
        documents, characters = self.path / "documents.bin", self.path / "text.bin"
        for file in (documents, characters):
            file.touch()
        records = np.fromfile(documents, _RECORD, documents.stat().st_size // _RECORD.itemsize)
        ends = np.cumsum(records["length"], dtype=np.int64)
        whole = int(np.searchsorted(ends, characters.stat().st_size // 2, side="right"))
        records = records[:whole]
        length = int(ends[whole - 1]) if whole else 0
        os.truncate(documents, whole * _RECORD.itemsize)
        os.truncate(characters, 2 * length)
        return records, np.fromfile(characters, np.uint16)

    def _load_cache(self, count: int) -> None:
        file = self.path / "book.npz"
        if not file.exists():
            return
        with np.load(file) as cache:
            if int(cache["count"]) > count:
                return  # the log was cut below it: replay all
            self._count, self._posts = int(cache["count"]), int(cache["posts"])
            self._cached = self._count
            self._book = Book(**{name: cache[name] for name in Book._fields})

    def _save_cache(self) -> None:
        partial = self.path / "book.partial.npz"
        np.savez(partial, count=self._count, posts=self._posts, **self._book._asdict())
        partial.replace(self.path / "book.npz")


def _check_version(file: Path) -> None:
    if not file.exists():
        file.write_text(reposts.VERSION, encoding="ascii")
    elif (found := file.read_text(encoding="ascii")) != reposts.VERSION:
        raise StoreError(
            f"The repost groups were made by {found}, this is {reposts.VERSION}.",
            remedy="Make them anew with: fengping reindex",
        )


def _empty_book() -> Book:
    dimensions = {"begins": _SMALLEST + 1, "key_heads": 4 * _SMALLEST, "key_counts": 4 * _SMALLEST}
    types = {"begins": np.int64, "published": np.int64, "high": np.uint64, "low": np.uint64,
             "text_hash": np.uint64, "post_key": np.uint32}  # fmt: skip
    arrays = {}
    for name in Book._fields:
        size = _SMALLEST * KEYS if name.startswith("post_") else dimensions.get(name, _SMALLEST)
        fill = kernel.NONE if name.endswith("_heads") else 0
        arrays[name] = np.full(size, fill, types.get(name, np.int32))
    return Book(**arrays)


def _grown(array: Array, size: int) -> Array:
    """*array* at the beginning of one of at least *size*, with room to spare when it has to move."""
    if size <= len(array):
        return array
    larger = np.zeros(max(size, len(array) + len(array) // 2), array.dtype)
    larger[: len(array)] = array
    return larger
