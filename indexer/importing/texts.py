"""CSV and JSON as tables, row by row, broken rows set aside one by one."""

from __future__ import annotations

import contextlib
import csv
import itertools
import json
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TextIO

import orjson

from fengping.errors import UsageError
from fengping.indexer.importing.columns import recognised
from fengping.indexer.importing.formats import recognise
from fengping.indexer.importing.limits import (
    DEEPEST,
    LONGEST_LINE,
    LONGEST_RECORD,
    TOO_DEEP,
    TOO_LONG,
    LongLine,
    Rejoined,
    bounded_lines,
)
from fengping.indexer.importing.rows import Refused, Row, Table

SAMPLE = 100
"""Rows looked at before the columns are guessed."""

_HEADER_WITHIN = 20
"""Lines among which the header is looked for; exports put titles and dates above it."""

_LONGEST_RECORD = 1_000
"""Lines of one CSV record; a quote that is never closed would swallow the rest of the file."""

_PIECE = 1 << 16
_BEGINNING = 10_000
"""Characters kept of what is too long or too deep."""

_UNDECODED = re.compile("[\udc80-\udcff]")
_ENCODING = "bytes that are not in the file's encoding"

csv.field_size_limit(2**24)


def read_json(stream: TextIO, name: str) -> Table:
    """Objects of JSON: one a line, one array of them, or a list within an object, as interfaces answer.

    Nested objects become columns ``user.name``; columns ``/name`` hold what stands beside the list, and
    ``/number`` the place in it. Raises :class:`UsageError` where the first value is no object.
    """
    head = stream.read(_PIECE).lstrip("\ufeff")
    first, end, _ = head.lstrip().partition("\n")
    if first.startswith("[") or (end and not isinstance(_read_line(1, first), _Value)):
        found = _values(itertools.chain([head], iter(lambda: stream.read(_PIECE), "")))
    else:
        lines = enumerate(bounded_lines(Rejoined(head, stream)), 1)
        found = (_read_line(number, line) for number, line in lines if line.strip())
    rows = _object_rows(found)
    sample = list(itertools.islice(rows, SAMPLE))
    good = [row for row in sample if isinstance(row, Row)]
    if not sample or not isinstance(sample[0], Row):
        raise UsageError(
            f"{name} begins with a brace and holds no JSON object that can be read.",
            remedy="Write one object a line, or one array of objects.",
        )
    columns = tuple(dict.fromkeys(column for row in good for column in row.cells))
    return Table(name, columns, tuple(good), itertools.chain(sample, rows))


class _Value(NamedTuple):
    """A value of JSON, with the text that it was read from."""

    number: int
    value: Any
    text: str


def _read_line(number: int, line: str) -> _Value | Refused:
    if isinstance(line, LongLine):
        return Refused(number, TOO_LONG, _shown(line))
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        if _UNDECODED.search(line):
            return Refused(number, _ENCODING, _shown(line))
        try:
            # Python's own reader knows NaN and half surrogate pairs, which other programs write.
            value = json.loads(line)
        except RecursionError:
            return Refused(number, TOO_DEEP, _shown(line)[:_BEGINNING])
        except ValueError as error:  # also for a number of thousands of digits
            return Refused(number, f"no valid JSON: {error}", _shown(line))
    return _Value(number, value, line)


def _object_rows(values: Iterable[_Value | Refused]) -> Iterator[Row | Refused]:
    values = iter(values)
    head = list(itertools.islice(values, 2))
    path: tuple[str, ...] | None = None
    for one in itertools.chain(head, values):
        if isinstance(one, Refused):
            yield one
        elif not isinstance(one.value, dict):
            yield Refused(one.number, "no JSON object", _shown(one.text))
        else:
            try:
                if path is None:
                    path = _path_of_items(one.value, alone=len(head) == 1)
                yield from _opened(one.number, one.value, path)
            except ValueError as error:
                yield Refused(one.number, str(error), _shown(one.text)[:_BEGINNING])


def _path_of_items(value: dict[str, Any], *, alone: bool) -> tuple[str, ...]:
    """Where the list of objects is that are the rows; empty where *value* is a row itself.

    Of a known format it is where its columns are; else, in a file of one value, where most known names are.
    """

    def known(path: tuple[str, ...]) -> tuple[bool, int]:
        row = next(_opened(1, value, path))
        return recognise(row.cells) is not None, recognised(tuple(row.cells)) if alone else 0

    lists: list[tuple[str, ...]] = [(key,) for key, item in value.items() if _is_list(item)]
    for key, item in value.items():
        if isinstance(item, dict):
            lists += [(key, inner) for inner, part in item.items() if _is_list(part)]
    return max([(), *lists], key=known)


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(part, dict) for part in value)


def _opened(number: int, value: dict[str, Any], path: tuple[str, ...]) -> Iterator[Row]:
    """The objects at *path* as rows, each with what stands beside the list; without one *value* itself."""
    items: Any = value
    for key in path:
        items = items.get(key) if isinstance(items, dict) else None
    if not path or not _is_list(items):
        yield Row(number, _flat(value))
        return
    around = _flat(value, "/")
    for place, item in enumerate(items, 1):
        yield Row(place, around | {"/number": str(place)} | _flat(item))


def _flat(value: dict[str, Any], prefix: str = "", depth: int = 1) -> dict[str, str]:
    if depth > DEEPEST:
        raise ValueError(TOO_DEEP)
    cells: dict[str, str] = {}
    for key, item in value.items():
        if isinstance(item, str):
            cells[prefix + key] = item
        elif isinstance(item, dict):
            cells |= _flat(item, f"{prefix}{key}.", depth + 1)
        elif isinstance(item, list):
            if all(isinstance(part, str) for part in item):
                cells[prefix + key] = "，".join(item)
        else:
            cells[prefix + key] = "" if item is None else str(item)
    return cells


def _values(pieces: Iterable[str]) -> Iterator[_Value | Refused]:
    """The values of one JSON array, or one after the other, without holding more of them than one."""
    decoder, buffer, number = json.JSONDecoder(), "", 0
    for piece in pieces:
        buffer += piece
        while text := buffer.lstrip(" \t\r\n,[\ufeff"):
            try:
                value, end = decoder.raw_decode(text)
            except RecursionError:
                yield Refused(number + 1, f"{TOO_DEEP}: nothing is read from here on", text[:_BEGINNING])
                return
            except ValueError:
                break
            number += 1
            yield _Value(number, value, text[:end])
            buffer = text[end:]
        if len(buffer) > LONGEST_LINE:
            yield Refused(number + 1, f"{TOO_LONG}: nothing is read from here on", buffer[:_BEGINNING])
            return
    if rest := buffer.strip(" \t\r\n,[]"):
        yield Refused(number + 1, "no valid JSON from here to the end", rest[:_BEGINNING])


def read_csv(stream: TextIO, name: str) -> Table:
    """Rows separated by commas, tabs, semicolons or bars, whichever gives the header most columns."""
    every = bounded_lines(stream)
    head = list(itertools.islice(every, _HEADER_WITHIN))
    delimiter = max(",\t;|，", key=lambda mark: _regularity(head, mark))
    at, columns = _find_header(head, delimiter)
    lines = _Lines(itertools.chain(head[at + 1 :], every), at + 1)
    rows = _csv_rows(lines, delimiter, columns)
    sample = list(itertools.islice(rows, SAMPLE))
    good = tuple(row for row in sample if isinstance(row, Row))
    return Table(name, columns, good, itertools.chain(sample, rows))


def _regularity(head: Sequence[str], mark: str) -> tuple[int, int]:
    """Known names in one row, then cells in rows of the most frequent width above one."""
    rows: list[list[str]] = []
    with contextlib.suppress(csv.Error):  # a field that is too long: what stands before it tells as much
        for cells in csv.reader(head, delimiter=mark):
            rows.append(cells)
    widths = [len(cells) for cells in rows if len(cells) > 1]
    known = max(map(recognised, rows), default=0)
    return known, max((widths.count(width) * width for width in widths), default=0)


def _find_header(head: Sequence[str], delimiter: str) -> tuple[int, tuple[str, ...]]:
    """Number of the header among the first lines (from 0) and its columns."""
    parsed = [next(csv.reader([line], delimiter=delimiter), []) for line in head]
    best = max(range(len(head)), key=lambda n: (recognised(parsed[n]), -n))
    if not recognised(parsed[best]):
        best = next(n for n, cells in enumerate(parsed) if any(cells))
    return best, unique_names(parsed[best])


def unique_names(cells: Sequence[str]) -> tuple[str, ...]:
    """Column names without blanks around them; a second 内容 is 内容_2, a nameless one 列3."""
    names: list[str] = []
    for number, cell in enumerate(cells, 1):
        name = cell.strip().lstrip("\ufeff") or f"列{number}"
        names.append(name if name not in names else f"{name}_{number}")
    return tuple(names)


class _Lines(Iterator[str]):
    """Lines that can be handed back, and those of the record being read."""

    def __init__(self, lines: Iterator[str], number: int) -> None:
        self._lines = lines
        self._back: deque[str] = deque()
        self.number = number
        self.record: list[str] = []

    def __next__(self) -> str:
        if len(self.record) >= _LONGEST_RECORD or (
            len(self.record) > 8 and sum(map(len, self.record)) > LONGEST_RECORD
        ):
            raise csv.Error("a quote is never closed")
        line = self._back.popleft() if self._back else next(self._lines)
        self.number += 1
        self.record.append(line)
        if isinstance(line, LongLine):
            raise csv.Error(TOO_LONG)
        return line

    def hand_back(self, lines: Sequence[str]) -> None:
        self._back.extendleft(reversed(lines))
        self.number -= len(lines)


def _csv_rows(lines: _Lines, delimiter: str, columns: tuple[str, ...]) -> Iterator[Row | Refused]:
    def reader(source: Iterable[str], *, strict: bool = True, quoting: int = csv.QUOTE_MINIMAL) -> Any:
        return csv.reader(source, delimiter=delimiter, strict=strict, quoting=quoting)  # type: ignore[arg-type]

    width, records = len(columns), reader(lines)
    while True:
        start = lines.number + 1
        lines.record = []
        try:
            cells = next(records, None)
        except csv.Error:
            cells = []
        if not lines.record:
            return
        if cells is None or not _fits(cells, width):
            # A stray quote: what belongs together is at least the first line, and the others follow.
            first, *rest = lines.record
            if not first.strip():
                continue
            lines.hand_back(rest)
            lines.record = [first]
            if isinstance(first, LongLine):
                records = reader(lines)
                yield Refused(start, TOO_LONG, _shown(first))
                continue
            records = reader(lines)
            cells = _mended(first, width, reader)
            if cells is None:
                found = len(next(reader([first], strict=False)))
                reason = f"{found} cells where the header has {width}"
                yield Refused(start, reason, _shown(first))
                continue
        if any(cells):
            yield _checked(Row(start, dict(zip(columns, cells, strict=False))), lines.record)


def _fits(cells: list[str], width: int) -> bool:
    """True if a record has the header's cells; empty ones beyond it are commas at the end of a line."""
    return len(cells) >= width and not any(cells[width:])


def _mended(line: str, width: int, reader: Callable[..., Any]) -> list[str] | None:
    """One line with stray quotes as cells: quotes as ordinary characters, else as Excel reads them."""
    plain: list[str] = next(reader([line], quoting=csv.QUOTE_NONE))
    if _fits(plain, width):
        return [cell[1:-1] if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell for cell in plain]
    lenient: list[str] = next(reader([line], strict=False))
    return lenient if _fits(lenient, width) else None


def _checked(row: Row, lines: Sequence[str]) -> Row | Refused:
    if any(_UNDECODED.search(cell) for cell in row.cells.values() if not cell.isascii()):
        return Refused(row.number, _ENCODING, _shown("".join(lines)))
    return row


def _shown(text: str) -> str:
    return text.rstrip("\r\n").encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
