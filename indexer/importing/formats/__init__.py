"""Files of known programs, recognised by their columns. Each format is data: ``NAME.toml`` beside this file.

A field is read from the first of its entries that is not blank: a column, a constant (``=微博``), or an
address built of columns (``https://weibo.com/{user_id}/{bid}``); pictures and videos from all of them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from fengping.indexer.importing.columns import Columns, guess, parse_given
from fengping.indexer.importing.rows import Row, Table
from fengping.indexer.importing.values import is_blank

_PLACE = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of table that a program writes."""

    label: str
    has: frozenset[str]
    """Columns by which it is recognised."""
    columns: dict[str, tuple[str, ...]]
    words: Mapping[str, Mapping[str, str]]
    """What stands for a column's values in a built address."""


@dataclass(frozen=True, slots=True)
class _Named(Columns):
    """Columns of a known format; those that a person gave are read as a person's."""

    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    given: frozenset[str] = frozenset()

    def used(self) -> set[str]:
        """The columns that any field is read from."""
        entries = Columns.used(self)
        return entries | {name for entry in entries for name in _PLACE.findall(entry)}

    def value(self, row: Row, field: str) -> str:
        """The field's text in a row, blanks as the empty string."""
        if field in self.given:
            return Columns.value(self, row, field)
        found = []
        for entry in self.of.get(field, ()):
            if is_blank(value := self._filled(row, entry).strip()):
                continue
            if field not in {"pictures", "videos"}:
                return value
            found.append(value)
        return "\n".join(found)

    def _filled(self, row: Row, entry: str) -> str:
        if entry.startswith("="):
            return entry[1:]
        if "{" not in entry:
            return row.cells.get(entry, "")
        parts = {name: self._word(row, name) for name in _PLACE.findall(entry)}
        return "" if "" in parts.values() else _PLACE.sub(lambda found: parts[found[1]], entry)

    def _word(self, row: Row, name: str) -> str:
        value = row.cells.get(name, "").strip()
        return self.words[name].get(value, "") if name in self.words else value


def _load(path: Path) -> Iterator[Format]:
    declared = tomllib.loads(path.read_text(encoding="utf-8"))
    for table in declared["table"]:
        columns = {
            field: (entries,) if isinstance(entries, str) else tuple(entries)
            for field, entries in table["columns"].items()
        }
        label = f"{declared['name']} ({table['what']})"
        yield Format(label, frozenset(table["has"]), columns, table.get("words", {}))


@cache
def formats() -> tuple[Format, ...]:
    """Every known format, read with the first file that is imported."""
    return tuple(one for path in sorted(Path(__file__).parent.glob("*.toml")) for one in _load(path))


def recognise(columns: Iterable[str]) -> Format | None:
    """The format that these columns are of: all of its signature is there; of several the longest."""
    there = frozenset(columns)
    fitting = (one for one in formats() if one.has <= there)
    return max(fitting, key=lambda one: len(one.has), default=None)


def choose(table: Table, given: Iterable[str]) -> Columns:
    """The columns of a table: as *given* by a person, the rest as its format says, or guessed.

    Raises :class:`UsageError` as :func:`guess` does.
    """
    found = recognise(table.columns)
    if found is None:
        return guess(table, given)
    mapped = parse_given(given, table)
    there = {
        field: tuple(entry for entry in entries if _is_there(entry, table.columns))
        for field, entries in found.columns.items()
    }
    columns = {field: entries for field, entries in (there | mapped).items() if entries}
    return _Named(columns, taken_as=found.label, words=found.words, given=frozenset(mapped))


def _is_there(entry: str, columns: Iterable[str]) -> bool:
    return entry.startswith("=") or all(name in columns for name in _PLACE.findall(entry) or [entry])
