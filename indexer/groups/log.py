"""The log of the repost groups on disk: what was added, in order. Groups are a function of it.

    PATH/documents.bin  one record a version of a document: id, publication time, length of its text
    PATH/text.bin       the normalised characters, two bytes each, in the same order
    PATH/log            the log's name, so that what is remembered about one is never said of another
    PATH/version        the comparison that the groups were made by
    PATH/home           the home that they belong to

Characters reach the disk before the record that counts them, so a loss of power leaves at most a torn end.
"""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fengping.analysis.reposts import compare as reposts
from fengping.durable import write_whole
from fengping.errors import ForeignHome, StoreError

Records = NDArray[Any]

RECORD = np.dtype([("high", ">u8"), ("low", ">u8"), ("published", "<i8"), ("length", "<i4")])


class GroupsLog:
    """The log in *folder*, made where it is missing, cut back to its first *told* records.

    ``None`` keeps all that are whole. Raises :class:`StoreError` for one of an older comparison.
    """

    def __init__(self, folder: Path, told: int | None = None) -> None:
        self.folder = folder
        self.name = name_of(folder)
        check_version(folder)
        if not (folder / "version").exists():
            write_whole(folder / "version", reposts.VERSION.encode())
        self.records = _read(folder, told)
        """Records of the log as it was opened."""
        self._documents = (folder / "documents.bin").open("ab")
        self._characters = (folder / "text.bin").open("ab")

    def append(self, records: Records, text: reposts.Codes) -> None:
        """Adds documents with their characters; when it returns, they survive a loss of power."""
        for file, data in ((self._characters, text), (self._documents, records)):
            file.write(data.tobytes())
            file.flush()
            os.fdatasync(file.fileno())

    def text(self) -> reposts.Codes:
        """All characters, mapped from the disk: what is not looked at takes no memory."""
        file = self.folder / "text.bin"
        # A private map may be written to, which nobody does: compiled code takes arrays of that kind.
        return np.asarray(np.memmap(file, np.uint16, "c")) if file.stat().st_size else np.empty(0, np.uint16)

    def close(self) -> None:
        self._documents.close()
        self._characters.close()


def name_of(folder: Path) -> str:
    """The name of the log in *folder*, given to it at its first opening."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "log"
    if not file.exists():
        write_whole(file, secrets.token_hex(16).encode())
    return file.read_text(encoding="ascii")


def belong(folder: Path, identity: str) -> None:
    """Claims groups that no home has claimed; raises :class:`ForeignHome` for those of another."""
    file = folder / "home"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(file, identity.encode())
    elif (owner := file.read_text(encoding="ascii").strip()) != identity:
        raise ForeignHome(f"The folder of repost groups {folder}", owner, identity)


def fresh_of(folder: Path) -> Path:
    """Return the path where the log that replaces *folder* is written."""
    return folder.with_name(f"{folder.name}.new")


def install(folder: Path) -> None:
    """Puts :func:`fresh_of` in the place of *folder*; killed in between, :func:`settle` finishes it."""
    old = _old_of(folder)
    if folder.exists():
        folder.rename(old)
    fresh_of(folder).rename(folder)
    settle(folder)


def settle(folder: Path) -> None:
    """Finishes an :func:`install` that was killed."""
    old = _old_of(folder)
    if old.exists():
        if not folder.exists():
            fresh_of(folder).rename(folder)
        shutil.rmtree(old)


def _old_of(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.old")


def _read(folder: Path, told: int | None) -> Records:
    documents, characters = folder / "documents.bin", folder / "text.bin"
    for file in (documents, characters):
        file.touch()
    records = np.fromfile(documents, RECORD, documents.stat().st_size // RECORD.itemsize)[:told]
    # A page that did not reach the disk reads as zeros; no id is zero.
    torn = np.flatnonzero((records["high"] == 0) & (records["low"] == 0))
    records = records[: torn[0]] if len(torn) else records
    ends = np.cumsum(records["length"], dtype=np.int64)
    whole = int(np.searchsorted(ends, characters.stat().st_size // 2, side="right"))
    records = records[:whole]
    length = int(ends[whole - 1]) if whole else 0
    os.truncate(documents, whole * RECORD.itemsize)
    os.truncate(characters, 2 * length)
    return records


def check_version(folder: Path) -> None:
    """Raises :class:`StoreError` for groups that another comparison made; writes nothing."""
    file = folder / "version"
    if file.exists() and (found := file.read_text(encoding="ascii")) != reposts.VERSION:
        raise StoreError(
            f"The repost groups were made by {found}, this is {reposts.VERSION}: nothing more is indexed.",
            remedy="Make them anew with: fengping reindex",
        )
