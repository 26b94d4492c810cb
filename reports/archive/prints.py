"""Files of editions: put in place as they are entered, and handed on to the machines that share the state.

A machine that lacks them takes them from the state database, and checks them by their hashes. In the folder
of an edition a mark says which of its prints they are; without one they were never handed on. A print that
was erased on one machine goes from the others. Where the state is a file, none of this costs anything.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Set
from contextlib import contextmanager, suppress
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Integer, LargeBinary, String, Table, and_, delete, insert, select

from fengping.erasure.files import files_in
from fengping.errors import Damaged, Failed
from fengping.locks import in_turn
from fengping.state import State, metadata

MARK = ".handed-on"
GIVEN = "given"
"""Folder of an edition with copies of the files that it was made from; only where the state is shared."""
PATHS = ("background", "previous", "official", "outline", "reference_docx")
"""Wishes that name a file."""
_ID = re.compile(r"\b[0-9a-f]{32}\b")
_CHUNK = 1 << 20
_LEFT = 86_400
"""Seconds after which nobody prints into a folder any more."""

files = Table(
    "edition_files",
    metadata,
    Column("number", String(128), primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("hash", String(64), nullable=False),
)
parts = Table(
    "edition_parts",
    metadata,
    Column("number", String(128), primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)


def fresh_of(folder: Path, printer: str) -> Path:
    """The folder in which one *printer* prints an edition before it is entered: two may print at once."""
    return folder.with_name(f"{_printing(folder)}{printer}")


def discard(folder: Path, printer: str) -> None:
    """Deletes what a printer has not published, and what others left behind long ago when they died."""
    shutil.rmtree(fresh_of(folder, printer), ignore_errors=True)
    for left in folder.parent.glob(f"{_printing(folder)}*"):
        with suppress(OSError):  # another machine or process may be just as quick
            if time.time() - left.stat().st_mtime > _LEFT:
                shutil.rmtree(left)


def publish(
    state: State, connection: Connection, folder: Path, fresh: Path, wanted: Mapping[str, Any]
) -> None:
    """Puts what was printed in *fresh* in the place of an edition's files so far, and hands it on with those
    that it is *wanted* from; nothing where nothing was printed."""
    if not fresh.exists():
        return
    with _told():
        if state.is_shared:
            with in_turn(_lock(folder)):
                _keep_given(fresh, wanted)
                hand_on(connection, fresh, folder.name)
                _swap(fresh, folder)
        else:
            _swap(fresh, folder)


def names(folder: Path, ids: Set[str]) -> bool:
    """True where a file of *folder* names one of *ids*."""
    return bool(ids) and any(
        not ids.isdisjoint(_ID.findall(path.read_text(encoding="utf-8", errors="replace")))
        for path in folder.glob("*.json")
    )


def wanted_here(folder: Path, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The wishes of an edition, with its own copies in place of files that another machine was given."""
    lacking = {name: wanted[name] for name in PATHS if wanted.get(name) and not Path(wanted[name]).exists()}
    return {**wanted, **{name: str(_copy(folder, name, path)) for name, path in lacking.items()}}


def hand_on(connection: Connection, folder: Path, number: str) -> None:
    """Puts the files of *folder* into the state as those of an edition, and marks them."""
    drop(connection, [number])
    found = {}
    for path in files_in(folder):
        name = path.relative_to(folder).as_posix()
        if name == MARK:
            continue
        hashed = hashlib.sha256()
        for part, content in enumerate(_pieces(path)):
            hashed.update(content)
            connection.execute(insert(parts).values(number=number, name=name, part=part, content=content))
        found[name] = hashed.hexdigest()
        connection.execute(insert(files).values(number=number, name=name, hash=found[name]))
    (folder / MARK).write_text(_print_of(found), encoding="ascii")


def fetch(state: State, folder: Path) -> None:
    """Brings the files of an edition on this machine to what was handed on last; those that were erased
    elsewhere go."""
    if not state.is_shared:
        return
    with state.begin() as connection:
        query = select(files.c.name, files.c.hash).where(files.c.number == folder.name)
        wanted = {row.name: row.hash for row in connection.execute(query)}
    if _is_here(folder, wanted):
        return
    with _told(), in_turn(_lock(folder)):
        if _is_here(folder, wanted):
            return
        if not wanted:
            shutil.rmtree(folder)
            return
        folder.parent.mkdir(parents=True, exist_ok=True)
        taken = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            with state.begin() as connection:
                _take(connection, folder.name, taken)
            _swap(taken, folder)
        finally:
            shutil.rmtree(taken, ignore_errors=True)


def prune(state: State, folder: Path) -> None:
    """Deletes prints under *folder* that were erased on another machine."""
    if not state.is_shared:
        return
    with state.begin() as connection:
        known = set(connection.scalars(select(files.c.number).distinct()))
    for mark in folder.glob(f"*/{MARK}"):
        if mark.parent.name not in known:
            shutil.rmtree(mark.parent)


def drop(connection: Connection, numbers: Collection[str]) -> None:
    """Takes the files of editions out of the state."""
    for table in (files, parts):
        connection.execute(delete(table).where(table.c.number.in_(numbers)))


def _keep_given(folder: Path, wanted: Mapping[str, Any]) -> None:
    for name in PATHS:
        if wanted.get(name) and (path := Path(wanted[name])).is_file():
            copy = _copy(folder, name, path)
            copy.parent.mkdir(exist_ok=True)
            shutil.copyfile(path, copy)


def _copy(folder: Path, name: str, path: str | Path) -> Path:
    return folder / GIVEN / f"{name}{Path(path).suffix}"


def _is_here(folder: Path, wanted: Mapping[str, str]) -> bool:
    mark = folder / MARK
    if not wanted:
        return not mark.exists()
    known = mark.exists() and mark.read_text(encoding="ascii") == _print_of(wanted)
    return known and all((folder / name).exists() for name in wanted)


def _take(connection: Connection, number: str, into: Path) -> None:
    """Writes the files of an edition; raises :class:`Damaged` for one that is not as it was put there."""
    # One question, so that all are of one print.
    both = and_(files.c.number == parts.c.number, files.c.name == parts.c.name)
    query = select(parts.c.name, parts.c.content, files.c.hash).join(files, both)
    rows = connection.execution_options(yield_per=4).execute(
        query.where(parts.c.number == number).order_by(parts.c.name, parts.c.part)
    )
    found = {}
    for (name, wanted), pieces in groupby(rows, key=lambda row: (row.name, row.hash)):
        path, hashed = into / name, hashlib.sha256()
        within = path.resolve().is_relative_to(into.resolve())
        if within:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                for row in pieces:
                    hashed.update(row.content)
                    file.write(row.content)
        if not within or hashed.hexdigest() != wanted:
            raise Damaged(
                f"{name} of {number} is not as it was put into the state database.",
                remedy="Draft it anew, or put back a copy of the database.",
            )
        found[name] = wanted
    (into / MARK).write_text(_print_of(found), encoding="ascii")


def _pieces(path: Path) -> Iterator[bytes]:
    """The content of a file, of an empty one too."""
    with path.open("rb") as file:
        yield file.read(_CHUNK)
        while content := file.read(_CHUNK):
            yield content


def _print_of(found: Mapping[str, str]) -> str:
    said = "\n".join(f"{name} {found[name]}" for name in sorted(found))
    return hashlib.sha256(said.encode()).hexdigest()


def _printing(folder: Path) -> str:
    return f".{folder.name}.printing-"


def _swap(fresh: Path, folder: Path) -> None:
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _lock(folder: Path) -> Path:
    return folder.parents[1] / "editions.lock"


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Failed(
            f"{error.filename} cannot be written: {error.strerror}.",
            remedy="Make room, or give the folder back its permissions.",
        ) from error
