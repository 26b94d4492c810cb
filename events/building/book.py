"""The sketches of a home's documents and the links between them, in two files that only grow.

    PATH/sketches.bin    a record of :data:`~fengping.events.matching.kernel.SKETCH` for each document
    PATH/links.bin       newer slot, older slot, log odds

Derived: both can be made anew from the store. What stands behind the lengths that the state database knows
was written by a run that died; it is cut off and comes again.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from fengping.analysis.reposts import compare as reposts
from fengping.events.building import kernel
from fengping.events.building.kernel import KEYS, LINKS, NONE
from fengping.events.matching.kernel import SKETCH, SUMS, UNDATED, Array, sums_of
from fengping.events.matching.match import LINKED, learnt_array

_LINK = np.dtype([("newer", np.int32), ("older", np.int32), ("odds", np.float32)])
_AT_ONCE = 2_000
"""Slots that a thread links at once."""


class Book:
    """Sketches and links in memory and on disk; one process at a time."""

    def __init__(self, path: Path, sketches: int = 0, links: int = 0) -> None:
        """*sketches*, *links*: how many of each are known to be whole."""
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        self.sketches = _read(path / "sketches.bin", SKETCH, sketches)
        self.links = _read(path / "links.bin", _LINK, links)
        self._weights, self._learnt = reposts.rarity(), learnt_array()
        self._posts = 0
        self._heads = np.empty(0, np.int32)
        self._nexts = self._slots = np.empty(0, np.int32)
        self._marks = np.empty(0, np.uint32)
        self._sums = np.empty((0, SUMS))
        self._lay(len(self.sketches))

    def __len__(self) -> int:
        return len(self.sketches)

    def ids(self) -> list[str]:
        """The document of each slot."""
        halves = np.column_stack((self.sketches["high"], self.sketches["low"]))
        digits = halves.astype(">u8").tobytes().hex()
        return [digits[at : at + 32] for at in range(0, len(digits), 32)]

    def add(self, fresh: Array) -> None:
        """Takes sketches in, links them, and appends both to the files."""
        start = len(self.sketches)
        self.sketches = np.concatenate((self.sketches, fresh))
        if self._posts + len(fresh) * KEYS > len(self._nexts) or 4 * len(self) > len(self._heads):
            self._lay(start, room=len(self))
        sums_of(self.sketches, self._weights, start, len(self), self._sums)
        firsts = np.empty(len(fresh) + 1, np.int64)
        self._posts = kernel.post(
            self.sketches, self._weights, start, len(self), self._heads, self._nexts, self._slots,
            self._marks, self._posts, firsts,
        )  # fmt: skip
        made = self._link(start, firsts)
        self.links = np.concatenate((self.links, made))
        _append(self.path / "sketches.bin", fresh)
        _append(self.path / "links.bin", made)

    def _link(self, start: int, firsts: Array) -> Array:
        """Links of the slots from *start* on, found in as many threads as there are processors."""
        seconds = self.sketches["seconds"].copy()  # one after the other: most are looked at for nothing else

        def piece(low: int) -> Array:
            high = min(low + _AT_ONCE, len(self))
            links, odds = np.empty(((high - low) * LINKS, 2), np.int64), np.empty((high - low) * LINKS)
            written = kernel.link(
                self.sketches, self._sums, seconds, self._weights, self._learnt, LINKED, low, high,
                self._nexts, self._slots, self._marks, firsts[low - start :], links, odds,
            )  # fmt: skip
            made = np.zeros(written, _LINK)
            made["newer"], made["older"], made["odds"] = (
                links[:written, 0],
                links[:written, 1],
                odds[:written],
            )
            return made

        with ThreadPoolExecutor(os.cpu_count()) as threads:
            return np.concatenate(
                (np.zeros(0, _LINK), *threads.map(piece, range(start, len(self), _AT_ONCE)))
            )

    def _lay(self, used: int, room: int = 0) -> None:
        room = 1 << max(14, (2 * max(used, room) - 1).bit_length())
        self._heads = np.full(4 * room, NONE, np.int32)
        self._nexts, self._slots = np.empty(room * KEYS, np.int32), np.empty(room * KEYS, np.int32)
        self._marks = np.empty(room * KEYS, np.uint32)
        self._sums = np.empty((room, SUMS))
        sums_of(self.sketches, self._weights, 0, used, self._sums)
        self._posts = kernel.post(
            self.sketches, self._weights, 0, used, self._heads, self._nexts, self._slots, self._marks, 0,
            np.empty(used + 1, np.int64),
        )  # fmt: skip

    def assign(self, pins: Mapping[int, int], joined: Sequence[tuple[int, int]]) -> Array:
        """The event of each slot as the slot that founded it. *pins*: slots that stay with another's event;
        *joined*: slots whose events are one, both by hand."""
        pinned = np.full(len(self), NONE, np.int64)
        for slot, anchor in pins.items():
            pinned[slot] = anchor
        links = np.column_stack((self.links["newer"], self.links["older"])).astype(np.int64)
        events = kernel.assign(
            self.sketches, self._sums, self._weights, self._learnt, self._in_time(), links,
            self.links["odds"].astype(np.float64), pinned,
        )  # fmt: skip
        for a, b in joined:
            events[events == events[b]] = events[a]
        return events

    def _in_time(self) -> Array:
        seconds = np.where(
            self.sketches["seconds"] == UNDATED, np.iinfo(np.int64).max, self.sketches["seconds"]
        )
        return np.lexsort((self.sketches["low"], self.sketches["high"], seconds))

    def without(self, gone: Collection[str]) -> None:
        """Takes documents out of memory and of both files."""
        ids = self.ids()
        stays = np.array([id not in gone for id in ids], np.bool_)
        places = np.cumsum(stays) - 1
        kept = (
            stays[self.links["newer"]] & stays[self.links["older"]] if len(self.links) else np.zeros(0, bool)
        )
        links = self.links[kept]
        links["newer"], links["older"] = places[links["newer"]], places[links["older"]]
        self.sketches, self.links = self.sketches[stays], links
        for name, array in (("sketches.bin", self.sketches), ("links.bin", self.links)):
            partial = self.path / f"{name}.partial"
            partial.write_bytes(array.tobytes())
            partial.replace(self.path / name)
        self._lay(len(self.sketches))


def _read(path: Path, dtype: np.dtype[np.void], count: int) -> Array:
    """The first *count* records of a file; what stands behind them is cut off."""
    size = count * dtype.itemsize
    if not count or not path.exists() or path.stat().st_size < size:
        path.unlink(missing_ok=True)
        return np.zeros(0, dtype)
    with path.open("r+b") as file:
        file.truncate(size)
    return np.fromfile(path, dtype, count)


def _append(path: Path, records: Array) -> None:
    with path.open("ab") as file:
        file.write(records.tobytes())
