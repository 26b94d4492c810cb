"""Tables of rows with named text cells: the common form of every kind of file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    """Line of the file, or row of the sheet, counted from 1."""
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that could not be imported, with the reason and what stood there."""

    number: int
    reason: str
    data: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A part of an archive that is no page: a picture, a script, a redirect."""

    number: int


class Remarks:
    """Values that were left out of documents which were imported all the same, by field."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.samples: dict[str, str] = {}

    def add(self, field: str, value: str) -> None:
        self.counts[field] += 1
        self.samples.setdefault(field, value)


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a file: all of a CSV or JSON Lines file, one sheet of a workbook."""

    name: str
    """File name, with the sheet's where there is one."""
    columns: tuple[str, ...]
    sample: tuple[Row, ...]
    """The first rows, which :attr:`rows` gives again."""
    rows: Iterator[Row | Refused]
    """All rows, lazily, in order; to be read once, before the file's next table."""
