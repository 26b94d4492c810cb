"""Mapping of table columns to title, text, time …: guessed from their names, or given by the user."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fengping.errors import UsageError, did_you_mean
from fengping.indexer.importing.rows import Row, Table
from fengping.indexer.importing.values import is_blank, parse_count, parse_published, parse_rank
from fengping.models import Precision

_ALIASES: dict[str, list[str]] = tomllib.loads(
    Path(__file__).with_name("columns.toml").read_text(encoding="utf-8")
)
FIELDS = tuple(_ALIASES)
COUNTS = ("likes", "comments", "reposts", "views")
PLACES = ("rank", "heat")
"""Counts of a hot list."""

_KNOWN = frozenset(name for names in _ALIASES.values() for name in names)
_DECORATION = re.compile(r"[(\[{【].*?[)\]}】]|[\s_\-:：*#]+")
_PLATFORM_ID = re.compile(r"[0-9A-Za-z_-]{8,}")


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of each field; several are joined, with a blank for times and a line end for texts."""

    of: dict[str, tuple[str, ...]]
    midnight_is_day: bool = False
    """Every time of the sample is midnight to the second: the file knows days, its program wrote 00:00:00."""
    is_comments: bool = False
    """The text column says that the rows are comments."""
    taken_as: str = ""
    """The format by which the file was recognised; empty where its columns were guessed."""

    def used(self) -> set[str]:
        """The columns that any field is read from."""
        return {name for names in self.of.values() for name in names}

    def value(self, row: Row, field: str) -> str:
        """The field's text in a row, blanks as the empty string."""
        names = self.of.get(field)
        if not names:
            return ""
        if len(names) == 1:
            return row.cells.get(names[0], "").strip()
        parts = [part for name in names if (part := row.cells.get(name, "").strip())]
        if field in {"published_at", "fetched_at"}:
            # A day that its program wrote with a clock, beside a column that has the real one.
            return " ".join([part.removesuffix(" 00:00:00") for part in parts])
        return "\n".join(parts)


def recognised(cells: Sequence[str]) -> int:
    """Count the *cells* that are known column names."""
    return sum(_plain(cell) in _KNOWN for cell in cells)


def guess(table: Table, given: Iterable[str]) -> Columns:
    """The columns of a table: as *given* by the user (``field=column+column``, or ``field=`` for none), the
    rest guessed.

    Raises :class:`UsageError`, naming the columns there are, for a column or field that is not there,
    and where neither a text nor a title is found.
    """
    columns = parse_given(given, table)
    plain = {_plain(column): column for column in reversed(table.columns)}
    for field, names in _ALIASES.items():
        if field in columns or field == "hour":
            continue
        used = {name for names in columns.values() for name in names}
        for name in names:
            column = plain.get(name)
            if column is not None and column not in used and _plausible(field, column, table.sample):
                columns[field] = (column,)
                break
    columns = {field: names for field, names in columns.items() if names}
    if not {"text", "title"} & columns.keys():
        raise UsageError(
            f"{table.name} has no column that looks like a text or a title; its columns are: "
            f"{', '.join(table.columns)}.",
            remedy="Name one with --map text=COLUMN.",
        )
    _add_hour(columns, plain, table.sample)
    times = [row.cells.get(name, "") for row in table.sample for name in columns.get("published_at", ())]
    midnight = [time for time in times if not is_blank(time)]
    return Columns(
        columns,
        midnight_is_day=len(midnight) > 4 and all(re.search(r"\D0?0:00(:00)?$", time) for time in midnight),
        is_comments=any("评论" in name or "回复" in name for name in columns.get("text", ())),
    )


def parse_given(given: Iterable[str], table: Table) -> dict[str, tuple[str, ...]]:
    """What a person maps, ``field=column+column`` or ``field=`` for none.

    Raises :class:`UsageError` for a column or field that is not there.
    """
    columns: dict[str, tuple[str, ...]] = {}
    for item in given:
        field, sign, names = item.partition("=")
        field = field.strip()
        if not sign:
            raise UsageError(
                f"--map {item!r} is not field=column.", remedy="Write --map text=正文, for instance."
            )
        if field not in FIELDS:
            raise UsageError(f"Unknown field {field!r} to map to.", remedy=did_you_mean(field, FIELDS))
        wanted = (
            (names.strip(),) if names.strip() in table.columns else tuple(n.strip() for n in names.split("+"))
        )
        if not names.strip():
            wanted = ()
        for name in wanted:
            if name not in table.columns:
                raise UsageError(
                    f"{table.name} has no column {name!r}; its columns are: {', '.join(table.columns)}.",
                    remedy=f"Name one of them: --map {field}=COLUMN.",
                )
        columns[field] = wanted
    return columns


def _add_hour(columns: dict[str, tuple[str, ...]], plain: dict[str, str], sample: Sequence[Row]) -> None:
    """Joins a column of hours to one of days."""
    named = columns.pop("hour", None)
    days = columns.get("published_at", ())
    if len(days) != 1:
        return
    if named is None:
        used = {name for names in columns.values() for name in names}
        found = (plain[name] for name in _ALIASES["hour"] if name in plain and plain[name] not in used)
        hours = next((column for column in found if _holds_hours(column, sample)), None)
        if hours is None or not _holds_days(days[0], sample):
            return
        named = (hours,)
    columns["published_at"] = (*days, *named)


def _plausible(field: str, column: str, sample: Sequence[Row]) -> bool:
    """True if the values of a column fit its name."""
    values = [value for row in sample if not is_blank(value := row.cells.get(column, ""))]
    if field in {"pictures", "videos"}:
        return any("http" in value for value in values)
    if field in (*COUNTS, "heat"):
        return all(_is_count(value) for value in values)
    if field == "site":
        # A flag of where a text comes from: 0 and 1, as some programs 1.0 or True.
        return not values or not all(_is_count(value) or value in {"True", "False"} for value in values)
    if field == "rank":
        # Entries that were paid for or pinned stand among the ranked ones with a word.
        return any(map(_is_rank, values))
    if field == "text" and _plain(column) in {"评论", "comment"}:
        return not all(_is_count(value) for value in values)
    if field == "post_id":
        # A running number names a row of this file; two files' rows would be taken for one document.
        long = bool(values) and all(_PLATFORM_ID.fullmatch(value) for value in values)
        return long and len(set(values)) == len(values)
    if field in {"published_at", "fetched_at"}:
        # A clock without a day; a column of times that nobody can read is taken, and its rows refused.
        return not values or not _holds_hours(column, sample)
    return True


def _is_count(value: str) -> bool:
    try:
        parse_count(value)
    except ValueError:
        return False
    return True


def _is_rank(value: str) -> bool:
    try:
        return parse_rank(value) is not None
    except ValueError:
        return False


def _precision(value: str) -> Precision | None:
    try:
        found = parse_published(value)
    except ValueError:
        return None
    return found[1] if found else None


def _holds_days(column: str, sample: Sequence[Row]) -> bool:
    values = [value for row in sample if not is_blank(value := row.cells.get(column, ""))]
    return bool(values) and all(
        _precision(value) is Precision.DAY or value.endswith(" 00:00:00") for value in values
    )


def _holds_hours(column: str, sample: Sequence[Row]) -> bool:
    values = [value for row in sample if not is_blank(value := row.cells.get(column, ""))]
    # An empty sample says nothing against it: days without hours come first in some files.
    return all(re.fullmatch(r"\d{1,2}(?:\.0)?(?:[:时点]\d{0,2}.*)?", value.strip()) for value in values)


def _plain(name: str) -> str:
    return _DECORATION.sub("", unicodedata.normalize("NFKC", name).lower())
