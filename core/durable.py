"""Files that are there whole or not at all, also after a loss of power."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from fengping.errors import foreign


def write_whole(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Puts a small file in place in one step; readers see the old one or the new."""
    part = path.with_name(path.name + ".part")
    with open(part, "wb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    replace(part, path)


def replace(part: Path, path: Path) -> None:
    """Renames *part*, whose content is on disk, to *path*; when it returns, the name is on disk as well."""
    part.replace(path)
    sync_folder(path.parent)


def append_line(path: Path, line: bytes, mode: int = 0o600) -> None:
    """Adds a line to a file that several processes add to; durable when it returns."""
    descriptor = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, mode)
    try:
        while line:  # of a disk that fills up, only a part is taken; the rest raises
            line = line[os.write(descriptor, line) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sum_of(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Makes names given in *folder* survive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def refused(root: Path) -> Iterator[str]:
    """Files and folders below *root* that this user cannot read or write, each with its owner if another."""
    waiting = [root]
    while waiting:
        path = waiting.pop()
        folder = path.is_dir() and not path.is_symlink()
        if not path.is_symlink() and not os.access(
            path, os.R_OK | os.W_OK | (os.X_OK if folder else 0), effective_ids=True
        ):
            if path.exists():
                yield foreign(path) or f"{path} is closed to it"
        elif folder:
            waiting += sorted(path.iterdir(), reverse=True)
