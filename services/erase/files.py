"""Erasure beside journal and store: side files, logs, prints, recorded pages, free pages
of the state database; found and cleaned when documents are forgotten."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import orjson
from sqlalchemy import Connection, MetaData, String, Table, inspect, select, text, update
from sqlalchemy.exc import OperationalError

from fengping.home import Home
from fengping.indexer.importing.run import side_file_time
from fengping.services.erase.matcher import Traces, blank_lines, holding
from fengping.state import State

Names = Callable[[str, datetime | None], bool]
"""True if a line that is no document, of that time, mentions a document to forget."""

CASES = "cases"
_BESIDE = {".csv", ".docx", ".gz", ".htm", ".html", ".json", ".jsonl", ".md", ".pdf", ".tsv", ".txt", ".xlsx"}
"""Files that somebody may have exported into the home or imported from there."""
_OWN = {"journal", "groups", "responses", "quarantine", "log", "alerts", "reports", CASES}
"""Folders that are dealt with apart."""
_EXACT = {"seen_urls", "imported", "engagement_readings", "corrections"}
"""Tables of which whole rows are known to go."""


def refused_rows(home: Home) -> Iterator[tuple[str, datetime | None]]:
    """Rows that imports set aside, as text, and when."""
    for path in sorted(home.quarantine.glob("import-*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            yield from ((_plain(line), side_file_time(path)) for line in lines)


def clean_lines(home: Home, traces: Traces, names: Names) -> int:
    """Takes lines about the forgotten out of quarantine and side files, and blanks them in logs; their
    number. No indexer and no import may be running."""
    count = 0
    for path in sorted(home.quarantine.glob("*.jsonl")):
        at = side_file_time(path)
        with path.open(encoding="utf-8") as lines:
            read = list(lines)
        kept = [line for line in read if not (traces.within(plain := _plain(line)) or names(plain, at))]
        if len(kept) < len(read):
            part = path.with_name(path.name + ".part")
            part.write_text("".join(kept), encoding="utf-8")
            part.replace(path)
            count += len(read) - len(kept)
    return count + sum(blank_lines(path, traces) for path in _files(home.var / "log"))


def _plain(line: str) -> str:
    """A line of a side file with the escapes of its row undone."""
    try:
        data = orjson.loads(line)["data"]
        row = orjson.loads(data)
        return "\n".join([line, *map(str, row.values())])
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        return line


def clean_files(home: Home, traces: Traces, *, keep_printed: bool) -> tuple[list[Path], list[Path]]:
    """Deletes recorded pages and printed reports that hold traces, a report in all its formats.

    Returns what was deleted, and what still holds a trace or cannot be searched: files that are not ours,
    and with *keep_printed* the prints and cases as well.
    """
    samples = _files(home.var / "responses")
    shutil.rmtree(home.var / "responses", ignore_errors=True)
    printed = [*_files(home.reports), *_files(home.root / CASES)]
    found, closed = holding(printed, traces)
    quoting = {_whole(home, path) for path in found}
    searched = {_whole(home, path) for path in printed if path not in closed}
    doomed = [path for path in printed if _whole(home, path) in quoting]
    unknown = [path for path in closed if _whole(home, path) not in searched]
    beside, locked = holding(_beside(home), traces)
    if keep_printed:
        return samples, [*found, *unknown, *beside, *locked]
    for path in doomed:
        path.unlink()
    for folder in {path.parent for path in doomed}:
        if not any(folder.iterdir()):
            folder.rmdir()
    return [*samples, *doomed], [*unknown, *beside, *locked]


def _whole(home: Home, path: Path) -> str:
    """Return the unit that a file belongs to: a case, or a report in all its formats with its figures."""
    if path.is_relative_to(home.root / CASES):
        return str(path.parent)
    if path.parent.name.endswith("-figures"):
        return str(path.parent).removesuffix("-figures")
    return str(path.with_suffix(""))


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _beside(home: Home) -> Iterator[Path]:
    """Files under the home that may be exports, or what was imported."""
    _, store = home.path_url(home.config.store)
    for at, folders, names in os.walk(home.root):
        here = Path(at)
        ours = _OWN if here == home.var else {CASES} if here == home.root else set()
        folders[:] = sorted(
            name for name in folders if name not in ours and name[0] != "." and str(here / name) != store
        )
        yield from (here / name for name in sorted(names) if Path(name).suffix in _BESIDE)


def blank_state(connection: Connection, traces: Traces) -> None:
    """Takes traces out of every text of any length that the state database holds, whoever wrote it."""
    for name in inspect(connection).get_table_names():
        if name in _EXACT or name.startswith("index_"):
            continue
        table = Table(name, MetaData(), autoload_with=connection)
        for column in table.columns:
            if isinstance(column.type, String) and column.type.length is None:
                for value in connection.scalars(select(column).distinct()).all():
                    if value and (blanked := traces.blanked(value)) != value:
                        connection.execute(update(table).where(column == value).values({column: blanked}))


def compact(state: State) -> Iterator[str]:
    """Writes the state database anew without its free pages and old log; what a person must still do."""
    if state.engine.dialect.name != "sqlite":
        yield "PostgreSQL keeps old rows in its files until it writes a table anew: VACUUM FULL does so."
        return
    try:
        with state.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM"))
            busy, *_ = connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()
    except OperationalError:
        busy = True
    if busy:
        yield "Another process uses the state database, whose free pages stay: stop it and forget again."
