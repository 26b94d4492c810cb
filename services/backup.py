"""Backups of a home: one compressed file with a checksum for everything in it, and a home made from it again.

The index is left out: it is built anew from the journal. The state comes first and the journal then: what is
collected meanwhile stands in the journal and is found by the next indexing.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import zstandard
from sqlalchemy import text

from fengping.clock import local
from fengping.durable import replace, sum_of
from fengping.errors import Damaged, Failed, UsageError
from fengping.home import Home
from fengping.indexer import import_lock
from fengping.indexer.journal import manifest
from fengping.indexer.journal.files import CLOSED, PLAIN
from fengping.services import indexing
from fengping.state import State
from fengping.toml_edit import set_key

SUFFIX = ".tar.zst"
_NAME = re.compile(r"fengping-\d{8}-\d{6}\.tar\.zst")
_CONTENTS = "CONTENTS.json"
_REBUILT = re.compile(
    r"var/(index|groups|log|in-force|delivery/lock)([./-]|$)|.*\.(lock|part)$|.*/__pycache__(/|$)"
)
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Backup:
    """A file that was made."""

    path: Path
    files: int
    size: int
    """Bytes of what is in it."""
    removed: tuple[Path, ...]
    """Earlier backups that made room."""
    remark: str
    """A sentence on what is not in it; empty for nothing."""


def make(home: Home, target: Path, now: datetime, *, keep: int | None = None) -> Backup:
    """Writes a backup into the folder *target*, whole or not at all, and keeps the last *keep* of them there.

    Raises :class:`HomeBusy` beside an import, :class:`UsageError` for a folder within ``var/``.
    """
    target = target if target.is_absolute() else home.root / target
    if target.resolve().is_relative_to(home.var.resolve()):
        raise UsageError(f"{target} is part of the home's own data.", remedy="Choose a folder elsewhere.")
    target.mkdir(parents=True, exist_ok=True)
    path = target / f"fengping-{local(now):%Y%m%d-%H%M%S}{SUFFIX}"
    part = path.with_name(path.name + ".part")
    contents: dict[str, dict[str, Any]] = {}
    try:
        with import_lock(home), part.open("wb") as file, tempfile.TemporaryDirectory(dir=target) as folder:
            remark = " ".join(filter(None, [_without_journal(home), *_links(home, target)]))
            with (
                zstandard.ZstdCompressor(level=6, write_checksum=True).stream_writer(
                    file, closefd=False
                ) as packed,
                tarfile.open(fileobj=packed, mode="w|") as tar,
            ):
                if (database := _database(home)) is None:
                    said = "The state stands in PostgreSQL and is not in it: back it up with pg_dump."
                    remark = f"{said} {remark}".rstrip()
                else:
                    copy = Path(folder) / "state.db"
                    _copy_database(State.open(home).engine.url.database or "", copy)
                    _add(tar, copy, database, contents)
                named = set(manifest.load(home.journal).entries)
                for found, name in _files(home, target, database):
                    _add(tar, found, name, contents)
                _add_manifest(tar, home, named, now, contents)
                _close(tar, home, now, contents)
            file.flush()
            os.fsync(file.fileno())
        replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    removed = _thin(target, keep) if keep else ()
    return Backup(path, len(contents), sum(one["size"] for one in contents.values()), removed, remark)


def _without_journal(home: Home) -> str:
    if not home.config.journal.startswith("file:"):
        kept = "the topic's copies alone keep it, which fengping doctor counts."
        return f"The journal stands on Kafka and is not in it: {kept}"
    if not home.journal.resolve().is_relative_to(home.root.resolve()):
        return f"The journal in {home.journal} is not in it, for it lies beside the home: copy it."
    return ""


def _links(home: Home, target: Path) -> Iterator[str]:
    """A sentence on each folder of the home that is a link to one elsewhere."""
    for at, folders, _ in _walk(home, target):
        links = (at / name for name in folders if (at / name).is_symlink())
        yield from (f"{link} is a link, and what it leads to is not in it: copy that." for link in links)


def newest(folder: Path) -> Path:
    """The newest backup in *folder*; raises :class:`UsageError` where there is none."""
    made = [path for path in folder.iterdir() if _NAME.fullmatch(path.name)]
    if not made:
        raise UsageError(f"{folder} holds no backup.", remedy="Name the file that fengping backup made.")
    return max(made, key=lambda path: path.name)


def verify(path: Path) -> int:
    """Reads a backup whole and compares every checksum; how many files it holds."""
    with tempfile.TemporaryDirectory() as folder:
        return len(_unpack(path, Path(folder)))


@dataclass(frozen=True)
class Restored:
    """A home that was made from a backup."""

    files: int
    is_indexed: bool
    engines: tuple[str, ...] = ()
    """Keys of its parts that stand on servers, where its deployment may be at work."""


def restore(path: Path, root: Path, now: datetime, *, index: bool = True) -> Restored:
    """Makes the home *root* from a backup and builds its index, unless any part of it stands on a server.

    Raises :class:`UsageError` where *root* is not empty, :class:`Damaged` for a backup that is not what was
    written: then nothing is left behind.
    """
    root = root.absolute()
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise UsageError(
            f"{root} is not empty.", remedy="Restore into a folder that is empty or not there yet."
        )
    root.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{root.name}-", dir=root.parent))
    try:
        contents = _unpack(path, folder)
        if root.exists():
            root.rmdir()
        folder.rename(root)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    home = Home.open(root)
    if (database := _database(home)) and Path(home.path_url(home.config.state)[1]) != root / database:
        # It stood elsewhere, where the home that was backed up may still work by it.
        set_key(home.config_file, "state", f"sqlite:{database}")
        home = Home.open(root)
    for name in ("journal", "reports"):
        (home.var / name).mkdir(parents=True, exist_ok=True)
    if database is not None:
        # Whoever ran the schedule when it was made runs another home: this one waits for nobody.
        with State.open(home).begin() as connection:
            connection.execute(text("DELETE FROM schedule_lease"))
    served = {"journal": "kafka", "state": "postgresql", "store": "elasticsearch"}
    engines = tuple(name for name, one in served.items() if getattr(home.config, name).startswith(one))
    # To a server it is the same deployment: an index made from this journal would take the place of its own.
    is_indexed = index and not engines
    if is_indexed:
        indexing.reindex(home, now, allow_loss=True)
    return Restored(len(contents), is_indexed, engines)


def _database(home: Home) -> str | None:
    """The state database's name within the home; ``None`` where it is no file of it."""
    scheme, rest = home.path_url(home.config.state)
    if scheme != "sqlite":
        return None
    path = Path(os.path.normpath(rest))
    return str(path.relative_to(home.root)) if path.is_relative_to(home.root) else "var/state.db"


def _walk(home: Home, target: Path) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Folders of the home that a backup holds, each with the folders and files in it."""
    for folder, folders, names in os.walk(home.root):
        at = Path(folder)
        folders[:] = sorted(
            name
            for name in folders
            if (at / name) != target and not _REBUILT.match(f"{(at / name).relative_to(home.root)}/")
        )
        yield at, folders, names


def _files(home: Home, target: Path, database: str | None) -> Iterator[tuple[Path, str]]:
    beside = {f"{database}{end}" for end in ("", "-wal", "-shm")} if database else set()
    for at, _, names in _walk(home, target):
        for name in sorted(names):
            path = at / name
            inside = str(path.relative_to(home.root))
            if path == home.journal / manifest.NAME:
                continue  # comes last, for what was closed meanwhile
            if (path.is_file() or name.endswith(PLAIN)) and not (inside in beside or _REBUILT.match(inside)):
                yield path, inside


def _copy_database(source: str, copy: Path) -> None:
    """A consistent copy of a SQLite database that others are writing to."""
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(copy)) as still:
        live.backup(still)


def _add(tar: tarfile.TarFile, path: Path, name: str, contents: dict[str, dict[str, Any]]) -> None:
    if name in contents:
        return
    try:
        file = path.open("rb")
    except FileNotFoundError:
        if name.endswith(PLAIN):  # a segment that was closed meanwhile
            closed = path.with_name(path.name.removesuffix(PLAIN) + CLOSED)
            _add(tar, closed, name.removesuffix(PLAIN) + CLOSED, contents)
        return
    with file:
        info = tar.gettarinfo(arcname=name, fileobj=file)
        info.uid = info.gid = 0
        info.uname = info.gname = ""
        reader = _Hashing(file, info.size)
        tar.addfile(info, reader)  # type: ignore[arg-type]
        contents[name] = {"size": info.size, "sha256": reader.digest.hexdigest()}


class _Hashing:
    """Reads as much as stood there at first, also of a file that grows, and sums it up."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file, self._left = file, size
        self.digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        data = self._file.read(min(size, self._left))
        self._left -= len(data)
        self.digest.update(data)
        return data


def _add_manifest(
    tar: tarfile.TarFile, home: Home, named: set[str], now: datetime, contents: dict[str, dict[str, Any]]
) -> None:
    """The journal's manifest, without segments that were closed after the journal was read."""
    if not (home.journal / manifest.NAME).is_file() or not home.journal.is_relative_to(home.root):
        return
    folder = home.journal.relative_to(home.root)
    here = {Path(name).name.partition(".")[0] for name in contents if Path(name).parent == folder}
    data = manifest.lines_of(home.journal, named | here)
    _add_bytes(tar, str(folder / manifest.NAME), data, now)
    contents[str(folder / manifest.NAME)] = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _close(tar: tarfile.TarFile, home: Home, now: datetime, contents: dict[str, Any]) -> None:
    record = {"home": home.identity, "at": local(now).isoformat(timespec="seconds"), "files": contents}
    _add_bytes(tar, _CONTENTS, json.dumps(record, ensure_ascii=False, indent=1).encode(), now)


def _add_bytes(tar: tarfile.TarFile, name: str, data: bytes, now: datetime) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode = len(data), int(now.timestamp()), 0o600
    tar.addfile(info, io.BytesIO(data))


def _unpack(path: Path, folder: Path) -> dict[str, Any]:
    """Unpacks a backup and returns its contents; raises :class:`Damaged` where they are not as written."""
    sums: dict[str, str] = {}
    contents: dict[str, Any] | None = None
    try:
        with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as plain:
            with tarfile.open(fileobj=plain, mode="r|") as tar:
                for member in tar:
                    if member.name == _CONTENTS:
                        contents = json.load(tar.extractfile(member) or io.BytesIO())
                        continue
                    _extract(tar, member, folder)
                    sums[member.name] = sum_of(folder / member.name)
            while plain.read(_CHUNK):  # to the end, for its checksum
                pass
    except FileNotFoundError:
        raise UsageError(f"{path} is not there.", remedy="fengping backup FOLDER makes one.") from None
    except (zstandard.ZstdError, tarfile.TarError, ValueError, EOFError) as error:
        raise Damaged(f"{path} is no whole backup: {error}.", remedy="Take an earlier one.") from None
    if contents is None or sums != {name: one["sha256"] for name, one in contents["files"].items()}:
        raise Damaged(f"{path} is not what was written.", remedy="Take an earlier one.")
    files: dict[str, Any] = contents["files"]
    return files


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """Writes one plain file into *folder*; raises :class:`tarfile.TarError` for anything else.

    Not by ``TarFile.extract``: its filters came with 3.11.4, and Debian 12 has 3.11.2.
    """
    path, content = folder / member.name, tar.extractfile(member) if member.isreg() else None
    if content is None or not path.resolve().is_relative_to(folder.resolve()):
        raise tarfile.TarError(f"{member.name} is no file of a home")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        shutil.copyfileobj(content, file)
    path.chmod(member.mode & 0o777 | 0o600)
    os.utime(path, (member.mtime, member.mtime))


def _thin(target: Path, keep: int) -> tuple[Path, ...]:
    made = sorted(path for path in target.iterdir() if _NAME.fullmatch(path.name))
    old = tuple(made[:-keep])
    for path in old:
        try:
            path.unlink()
        except OSError as error:
            raise Failed(
                f"{path} cannot be deleted: {error.strerror}.", remedy="Delete it by hand."
            ) from None
    return old
