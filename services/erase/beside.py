"""Erasure outside of all rooms: free texts and pages of the state database, files that lie in the home."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    MetaData,
    String,
    Table,
    Text,
    cast,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.exc import OperationalError

from fengping.erasure import Erased, Erasure, Holder, Stage
from fengping.erasure.traces import Traces, holding
from fengping.home import Home
from fengping.reports.archive import blanking
from fengping.services import backup
from fengping.spiders.erase import CASES
from fengping.state import State

_BESIDE = {
    ".csv", ".docx", ".gz", ".htm", ".html", ".json", ".jsonl", ".md", ".ndjson", ".pdf", ".tsv", ".txt",
    ".xlsx", ".zip",
}  # fmt: skip
"""Files that somebody may have exported into the home or imported from there."""
_OWN = {
    "journal", "spool", "groups", "events", "evidence", "responses", "quarantine", "log", "alerts", "reports",
    "in-force", CASES,
}  # fmt: skip
"""Folders that a room deals with."""


def holders(tables: Collection[str]) -> tuple[Holder, ...]:
    """The last holders of their stages; *tables* are dealt with by others."""
    return (
        Holder(Stage.STATE, lambda erasure: _erase_state(erasure, tables)),
        Holder(Stage.FILES, _name_files),
    )


def _erase_state(erasure: Erasure, tables: Collection[str]) -> Erased:
    state = State.open(erasure.home)
    with state.begin() as connection:
        # A reviewer's words in the log may quote a part of them.
        said = {"audit_log": blanking(erasure.traces, erasure.documents)}
        _blank(connection, erasure.traces, tables, said)
    return Erased(later=list(_compact(state)))


def _name_files(erasure: Erasure) -> Erased:
    files = [*_beside(erasure.home)]
    found, closed = holding((path for path in files if not _is_closed(path)), erasure.traces)
    return Erased(mentioned=[*found, *closed, *filter(_is_closed, files)])


def _is_closed(path: Path) -> bool:
    """True for an export or a backup that cannot be searched."""
    return path.name.endswith((".parquet", backup.SUFFIX))


def _beside(home: Home) -> Iterator[Path]:
    """Files under the home that may be exports, backups, or what was imported."""
    _, store = home.path_url(home.config.store)
    for at, folders, names in os.walk(home.root):
        here = Path(at)
        ours = _OWN if here == home.var else {CASES} if here == home.root else set()
        folders[:] = sorted(
            name for name in folders if name not in ours and name[0] != "." and str(here / name) != store
        )
        files = (here / name for name in sorted(names))
        yield from (path for path in files if path.suffix in _BESIDE or _is_closed(path))


def _blank(
    connection: Connection,
    traces: Traces,
    tables: Collection[str],
    by_table: Mapping[str, Callable[[str], str]],
) -> None:
    """Takes traces out of every text of any length that the state database holds, whoever wrote it."""
    for name in inspect(connection).get_table_names():
        if name in tables:
            continue
        table, blank = Table(name, MetaData(), autoload_with=connection), by_table.get(name, traces.blanked)
        for column in table.columns:
            if isinstance(column.type, JSON):
                _blank_json(connection, column, traces)
            elif isinstance(column.type, String) and column.type.length is None:
                for value in connection.scalars(select(column).distinct()).all():
                    if value and (blanked := blank(value)) != value:
                        connection.execute(update(table).where(column == value).values({column: blanked}))


def _blank_json(connection: Connection, column: Column[Any], traces: Traces) -> None:
    stored = cast(column, Text)
    for written in filter(None, connection.scalars(select(stored).distinct()).all()):
        value = json.loads(written)
        if (new := _blanked(value, traces)) != value:
            connection.execute(update(column.table).where(stored == written).values({column: new}))


def _blanked(value: Any, traces: Traces) -> Any:
    """A JSON value with its texts blanked."""
    if isinstance(value, str):
        return traces.blanked(value)
    if isinstance(value, list):
        return [_blanked(one, traces) for one in value]
    if isinstance(value, dict):
        return {name: _blanked(one, traces) for name, one in value.items()}
    return value


def _compact(state: State) -> Iterator[str]:
    """Writes the state database anew without its free pages and old log; what a person must still do."""
    if state.is_shared:
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
