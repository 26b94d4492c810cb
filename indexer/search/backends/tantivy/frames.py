"""Entries of the log of columns, and the files of columns that are made from them."""

from __future__ import annotations

import mmap
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from fengping.errors import UsageError
from fengping.indexer.search.backends.tantivy.table import ID

Array = NDArray[Any]

CHANGING = ("event", "tags", "group", "first_in_group")
"""Fields whose changes are written here alone."""
KEPT = (
    *CHANGING, "source", "channel", "kind", "lang", "site", "precision", "polarity", "relevant", "consumer",
    "act", "hosts", "negative_hosts", "brands", "negative_brands", "platforms", "regulators", "issues",
    "tier", "model", "corrected_by",
)  # fmt: skip
"""Fields of which each row holds the value as it was put."""
GONE = "gone"
"""Column that marks rows whose document was deleted, or never committed."""
CODE = np.dtype("<u4")
PLACE = np.dtype("<u8")
OWN = b"null"
"""The group of a document that has its own id for one."""
LENGTH = struct.Struct("<I")
"""Length of a JSON value."""
_TYPES = {"id": ID, "place": PLACE}
_HEAD = struct.Struct("<II")


@dataclass(frozen=True, slots=True)
class Frame:
    """An entry of the log: new rows, or values *set* in one column of rows that there are."""

    set: str
    values: bytes
    columns: Mapping[str, Array]

    def packed(self) -> bytes:
        """The entry with its length and checksum."""
        columns = [(name, one.dtype.str, len(one)) for name, one in self.columns.items()]
        head = orjson.dumps([self.set, len(self.values), columns])
        parts = [
            LENGTH.pack(len(head)),
            head,
            self.values,
            *(one.tobytes() for one in self.columns.values()),
        ]
        payload = b"".join(parts)
        return _HEAD.pack(len(payload), zlib.crc32(payload)) + payload

    @classmethod
    def unpacked(cls, payload: bytes) -> Frame:
        """The inverse of :meth:`packed`, without length and checksum."""
        at = LENGTH.size + LENGTH.unpack_from(payload)[0]
        name, size, columns = orjson.loads(payload[LENGTH.size : at])
        values, at = payload[at : at + size], at + size
        found: dict[str, Array] = {}
        for column, kind, count in columns:
            found[column] = np.frombuffer(payload, kind, count, at)
            at += found[column].nbytes
        return cls(name, values, found)


def type_of(name: str) -> np.dtype[Any]:
    """The type of a column's values."""
    return _TYPES.get(name, CODE)


def ids_of(ids: Sequence[str]) -> Array:
    """Ids as they stand in a column. Raises :class:`UsageError` for one that is too long for it."""
    found = [id.encode("utf-8", "surrogatepass") for id in ids]
    if max(map(len, found), default=0) > ID.itemsize:
        raise UsageError(f"The id of a document has more than {ID.itemsize} bytes.")
    return np.array(found, ID)


def frames(log: Path) -> Iterator[tuple[Frame, int]]:
    """Entries of a log up to the first that is not what was written, each with its end."""
    if not log.exists():
        return
    with log.open("rb") as file:
        end = 0
        while len(head := file.read(_HEAD.size)) == _HEAD.size:
            length, crc = _HEAD.unpack(head)
            payload = file.read(length)
            if len(payload) < length or zlib.crc32(payload) != crc:
                return
            end += _HEAD.size + length
            yield Frame.unpacked(payload), end


def apply(folder: Path, frame: Frame) -> None:
    """Writes an entry of the log into the columns."""
    _add(folder / "values", frame.values)
    if not frame.set:
        nothing = bytes(CODE.itemsize * len(frame.columns["place"]))
        for name in (*CHANGING, GONE):
            _add(folder / f"{name}.now", nothing)
        for name, column in frame.columns.items():  # the place comes last: readers count rows by it
            _add(folder / name, column.tobytes())
        return
    with (folder / f"{frame.set}.now").open("r+b") as file, mmap.mmap(file.fileno(), 0) as mapped:
        np.frombuffer(mapped, CODE)[frame.columns["rows"]] = frame.columns["codes"]


def _add(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)
