"""SQLite files as tables, in the order of their names; nothing is written to them."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from fengping.errors import UsageError
from fengping.indexer.importing.rows import Row, Table

_SAMPLE = 100


def read_database(path: Path) -> Iterator[Table]:
    """The tables of a SQLite file that hold anything. Raises :class:`UsageError` for a broken file."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            connection.text_factory = lambda value: value.decode("utf-8", "replace")
            names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
            for (name,) in names.fetchall():
                quoted = name.replace('"', '""')
                found = connection.execute(f'SELECT * FROM "{quoted}"')
                columns = tuple(column[0] for column in found.description)
                rows = (Row(number, _cells(columns, values)) for number, values in enumerate(found, 1))
                if sample := tuple(itertools.islice(rows, _SAMPLE)):
                    yield Table(f"{path.name} [{name}]", columns, sample, itertools.chain(sample, rows))
    except sqlite3.Error as error:
        raise UsageError(
            f"{path} is not a readable SQLite file: {error}.", remedy="Export its tables as CSV."
        ) from None


def _cells(columns: tuple[str, ...], values: tuple[object, ...]) -> dict[str, str]:
    return {
        column: "" if value is None or isinstance(value, bytes) else str(value)
        for column, value in zip(columns, values, strict=True)
    }
