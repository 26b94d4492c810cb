"""The sketches of a home's documents, the links between them and the event of each, in mapped files.

    PATH/sketches.bin    a record of :data:`~fengping.events.matching.kernel.SKETCH` for each document
    PATH/links.bin       newer slot, older slot, log odds
    PATH/high.bin, …     columns of the sketches that are asked for all documents at once
    PATH/event.bin       the number in the id of each document's event
    PATH/laid.json       how much of all that is whole
    PATH/cut             a name for what is left since rows were taken out the last time

Derived: sketches and links can be made anew from the store, the rest from them and the state database. What
stands behind the lengths that the state database knows was written by a run that died; it is cut off and
comes again. Where that run took rows out as well, lengths tell nothing: all comes again.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from fengping.analysis.reposts import compare as reposts
from fengping.durable import write_whole
from fengping.events.building import kernel, slots_kernel
from fengping.events.building.chains import Chains
from fengping.events.building.kernel import LINKS, NONE
from fengping.events.building.mapped import Mapped
from fengping.events.matching import LINKED
from fengping.events.matching.kernel import PARTIES, SKETCH, SUMS, UNDATED, Array, sums_of
from fengping.events.matching.match import learnt_array

LINK = np.dtype([("newer", np.int32), ("older", np.int32), ("odds", np.float32)])
COLUMNS: dict[str, tuple[np.dtype[Any], int]] = {
    "high": (np.dtype(np.uint64), 0), "low": (np.dtype(np.uint64), 0), "seconds": (np.dtype(np.int64), 0),
    "twin": (np.dtype(np.uint64), 0), "kind": (np.dtype(np.uint8), 0),
    "parties": (np.dtype(np.uint64), PARTIES),
}  # fmt: skip
"""Columns of a sketch, their type and width."""
FREE, GONE = np.uint64(2**64 - 1), np.uint64(2**64 - 2)
"""In place of an event: none yet, and a document that was taken out."""
_AT_ONCE = 2_000
"""Slots that a thread links at once."""


class Book:
    """Sketches, links and events of documents, by slots; one process at a time."""

    def __init__(self, path: Path, sketches: int = 0, links: int = 0, laid: str = "") -> None:
        """*sketches*, *links*: how many of each are known to be whole; *laid*: what :meth:`save` gave."""
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        self._sketches = Mapped(path / "sketches.bin", SKETCH, sketches)
        self._links = Mapped(path / "links.bin", LINK, links)
        cut = path / "cut"
        self._cut = cut.read_text(encoding="ascii") if cut.exists() else ""
        same = not sketches or laid.rpartition(":")[0] == self._cut
        self.lost = not (same and self._sketches.whole and self._links.whole)
        """True if the files hold less than was known, or other rows: all must come anew."""
        if self.lost:
            self._sketches.rewrite(np.zeros(0, SKETCH))
            self._links.rewrite(np.zeros(0, LINK))
        self._weights, self._learnt = reposts.rarity(), learnt_array()
        self._known: Array | None = None
        self._torn = np.zeros(0, np.uint64)
        """Events of which a document was made free, and others were not."""
        self._laid = ""
        self.events_known = self._open_derived(laid) if laid and not self.lost else False
        """False where :meth:`name` must tell the event of every document again."""
        if not self.events_known:
            self._derive()

    def __len__(self) -> int:
        return len(self._sketches.rows)

    @property
    def links(self) -> int:
        """Number of links."""
        return len(self._links.rows)

    @property
    def events(self) -> Array:
        """The number of each slot's event, :data:`FREE` or :data:`GONE`; not to be written to."""
        return self._event.rows

    def column(self, name: str) -> Array:
        """One of :data:`COLUMNS` for all slots; not to be written to."""
        return self._columns[name].rows

    def ids(self, slots: Array) -> list[str]:
        """The documents of *slots*."""
        halves = np.column_stack((self.column("high")[slots], self.column("low")[slots]))
        digits = halves.astype(">u8").tobytes().hex()
        return [digits[at : at + 32] for at in range(0, len(digits), 32)]

    def find(self, ids: Sequence[str]) -> Array:
        """The slots of documents, :data:`~.kernel.NONE` for those that have none."""
        if self._known is None:
            self._known = np.argsort(self.column("high"), kind="stable")
        if not len(self) or not ids:
            return np.full(len(ids), NONE)
        high = np.array([int(id[:16], 16) for id in ids], np.uint64)
        low = np.array([int(id[16:], 16) for id in ids], np.uint64)
        return slots_kernel.find(self.column("high"), self.column("low"), self._known, high, low)

    def holds(self, slot: int, sketch: Array) -> bool:
        """True if a slot has this *sketch*, one record, in text, part and parties."""
        columns = (self.column(name)[slot] == sketch[name] for name in ("twin", "kind", "parties", "seconds"))
        return all(np.all(same) for same in columns)

    def add(self, fresh: Array) -> None:
        """Takes sketches in and links them; they are :data:`FREE`."""
        start = len(self)
        self._known = None
        self._changes()
        self._sketches.append(fresh)
        self._tell(fresh)
        if self._chains.full(len(self)):
            self._chains.lay(self._sketches.rows[:start], room=len(self))
        firsts = self._chains.add(self._sketches.rows, start)
        self._links.append(self._link(start, firsts))

    def without(self, slots: Array) -> None:
        """Takes documents out; those of their events and those linked to them are :data:`FREE`."""
        if not len(slots):
            return
        self._cuts()
        self._known = None
        events = self._event.rows
        gone = np.zeros(len(self), np.bool_)
        gone[slots] = True
        left = events[slots]
        mates = np.isin(events, left[left < GONE])
        links = self._links.rows
        touching = gone[links["newer"]] | gone[links["older"]]
        mates[links["newer"][touching]] = mates[links["older"][touching]] = True
        self._links.rewrite(links[~touching])
        self._torn = np.append(self._torn, np.unique(events[mates]))
        events[mates], events[slots] = FREE, GONE
        blank = np.zeros(1, SKETCH)
        blank["seconds"] = UNDATED  # near to none
        self._sketches.rows[slots] = blank
        for name, column in self._columns.items():
            column.rows[slots] = blank[name]
        self._sums.rows[slots] = 0

    def free(self, events: Iterable[int]) -> None:
        """Has whole events looked at again."""
        self.name(np.flatnonzero(np.isin(self.events, np.array([*events], np.uint64))), FREE)

    def regroup(
        self, pins: Mapping[int, int], moves: Mapping[int, int], joined: Sequence[tuple[int, int]]
    ) -> list[Array]:
        """The slots of each event that is not what it was, in time order.

        *pins*: slots that stand with another apart from their event, *moves*: slots of another's event,
        *joined*: slots whose events are one, all by hand. An
        event depends on nothing that links do not join to it, so only such parts are looked at as have a
        :data:`FREE` slot or one of those.
        """
        links = self._links.rows
        hands = np.array([*pins.items(), *moves.items(), *joined], np.int64).reshape(-1, 2)
        pairs = np.column_stack((links["newer"], links["older"]))
        label = slots_kernel.components(len(self), np.concatenate((pairs, hands.astype(np.int32))))
        wanted = np.zeros(len(self), np.bool_)
        wanted[label[self._event.rows == FREE]] = True
        wanted[label[hands.ravel()]] = True
        slots = self._in_time(np.flatnonzero(wanted[label]))
        if not len(slots):
            return []
        place = np.full(len(self), NONE, np.int64)
        place[slots] = np.arange(len(slots))
        inside = wanted[label[links["newer"]]]
        linked = np.sort(place[pairs[inside]], axis=1)
        # In an order that the arrival cannot change, as the places are: it decides between equals.
        order = np.lexsort((linked[:, 1], linked[:, 0]))
        pinned = np.full(len(slots), NONE, np.int64)
        for slot, anchor in pins.items():
            pinned[place[slot]] = place[anchor]
        found = kernel.assign(
            self._sketches.rows, self._sums.rows, self._weights, self._learnt, slots, linked[order],
            links["odds"][inside][order].astype(np.float64), pinned,
        )  # fmt: skip
        for a, b in joined:
            found[found == found[place[b]]] = found[place[a]]
        for slot, anchor in moves.items():
            found[place[slot]] = found[place[anchor]]
        torn, self._torn = self._torn, self._torn[:0]
        return _changed(slots, found, self._event.rows[slots], torn)

    def _in_time(self, slots: Array) -> Array:
        """*slots* in the order of publication, undated ones last."""
        seconds = self.column("seconds")[slots]
        late = np.where(seconds == UNDATED, np.iinfo(np.int64).max, seconds)
        return slots[np.lexsort((self.column("low")[slots], self.column("high")[slots], late))]

    def name(self, slots: Array, numbers: Array | np.uint64 | int) -> None:
        """Notes the events of *slots*."""
        self._changes()
        self._event.rows[slots] = numbers

    def save(self) -> str:
        """Has all written; a token by which the next process knows it for whole, one until it changes."""
        if self._laid:
            return self._laid
        token = f"{self._cut}:{secrets.token_hex(16)}"
        for file in (*self._columns.values(), self._event, self._sums, self._sketches, self._links):
            file.flush()
        self._chains.flush()
        whole = {"laid": token, "heads": self._chains.heads, "posts": self._chains.used}
        write_whole(self.path / "laid.json", json.dumps(whole).encode())
        self._laid = token
        return token

    def _changes(self) -> None:
        """To be called before anything is written to: what is there is not known for whole any more."""
        (self.path / "laid.json").unlink(missing_ok=True)
        self._laid = ""

    def _cuts(self) -> None:
        """To be called before rows that the state database may count are taken out or written over."""
        self._changes()
        self._cut = secrets.token_hex(16)
        write_whole(self.path / "cut", self._cut.encode())

    def _open_derived(self, laid: str) -> bool:
        file = self.path / "laid.json"
        whole = json.loads(file.read_bytes()) if file.exists() else {}
        if whole.get("laid") != laid:
            return False
        self._chains = Chains(self.path, whole["heads"], whole["posts"])
        self._open_columns(len(self))
        files = (*self._columns.values(), self._event, self._sums)
        if self._chains.whole and all(file.whole for file in files):
            self._laid = laid
        return bool(self._laid)

    def _open_columns(self, count: int) -> None:
        self._columns = {
            name: Mapped(self.path / f"{name}.bin", dtype, count, width)
            for name, (dtype, width) in COLUMNS.items()
        }
        self._event = Mapped(self.path / "event.bin", np.dtype(np.uint64), count)
        self._sums = Mapped(self.path / "sums.bin", np.dtype(np.float64), count, SUMS)

    def _derive(self) -> None:
        """Columns and chains out of the sketches, those taken out left behind."""
        self._changes()
        self._drop_gone()
        self._open_columns(0)
        self._chains = Chains(self.path, 0, 0)
        for at in range(0, len(self), 100_000):
            self._tell(self._sketches.rows[at : at + 100_000])
        self._chains.lay(self._sketches.rows, room=len(self))

    def _drop_gone(self) -> None:
        stays = self._sketches.rows["high"] != 0
        if stays.all():
            return
        self._cuts()
        places = np.cumsum(stays) - 1
        links = np.array(self._links.rows)
        links["newer"], links["older"] = places[links["newer"]], places[links["older"]]
        self._links.rewrite(links)
        self._sketches.rewrite(self._sketches.rows[stays])

    def _tell(self, fresh: Array) -> None:
        """Puts the columns of sketches behind those there are."""
        for name, column in self._columns.items():
            column.append(fresh[name])
        self._event.append(np.full(len(fresh), FREE, np.uint64))
        sums = np.empty((len(fresh), SUMS))
        sums_of(fresh, self._weights, 0, len(fresh), sums)
        self._sums.append(sums)

    def _link(self, start: int, firsts: Array) -> Array:
        """Links of the slots from *start* on, found in as many threads as there are processors."""

        def piece(low: int) -> Array:
            high = min(low + _AT_ONCE, len(self))
            links, odds = np.empty(((high - low) * LINKS, 2), np.int64), np.empty((high - low) * LINKS)
            written = kernel.link(
                self._sketches.rows, self._sums.rows, self.column("seconds"), self._weights, self._learnt,
                LINKED, low, high, self._chains.posts, firsts[low - start :], links, odds,
            )  # fmt: skip
            made = np.zeros(written, LINK)
            made["newer"], made["older"], made["odds"] = (
                links[:written, 0],
                links[:written, 1],
                odds[:written],
            )
            return made

        with ThreadPoolExecutor(os.cpu_count()) as threads:
            return np.concatenate((np.zeros(0, LINK), *threads.map(piece, range(start, len(self), _AT_ONCE))))


def _changed(slots: Array, found: Array, before: Array, torn: Array) -> list[Array]:
    """Of *slots* by what they were *found* in, those groups that were not one event *before*, or one of the
    *torn*, whose others may be elsewhere now."""
    order = np.argsort(found, kind="stable")
    starts = np.flatnonzero(np.diff(found[order], prepend=NONE))
    ends = np.append(starts[1:], len(order))
    least = np.minimum.reduceat(before[order], starts)
    most = np.maximum.reduceat(before[order], starts)
    numbers, sizes = np.unique(before, return_counts=True)
    whole = sizes[np.searchsorted(numbers, least)] == ends - starts
    same = (least == most) & (least != FREE) & whole & ~np.isin(least, torn)
    return [slots[order[a:b]] for a, b, kept in zip(starts, ends, same, strict=True) if not kept]
