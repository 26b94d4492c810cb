"""Checksums of a tantivy index's files: each ends with a footer that holds the CRC-32 of the rest."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import struct
import zlib
from pathlib import Path

from fengping.durable import write_whole

_MAGIC = 1337
_TAIL = struct.Struct("<II")
_CHUNK = 1 << 20
_CHECKED = {".fast", ".fieldnorm", ".idx", ".pos", ".store", ".term", ".del", ".temp"}
_MARK = "writing"
_LOCK = ".tantivy-writer.lock"
"""The file that tantivy locks while a writer is open."""


def damaged_files(folder: Path) -> list[str]:
    """Files of the index in *folder* that are not what was written, or are missing, by name."""
    return sorted(name for name in _files(folder) if not _is_sound(folder / name))


def _files(folder: Path) -> set[str]:
    """Names of the files that the last commit rests on."""
    meta = folder / "meta.json"
    if not meta.exists():
        return set()
    try:
        segments = json.loads(meta.read_bytes())["segments"]
    except (ValueError, KeyError, TypeError):
        return {"meta.json"}
    found = {path.name for path in folder.iterdir() if path.suffix in _CHECKED}
    needed = set()
    for segment in segments:
        name = segment["segment_id"].replace("-", "")
        needed |= {one for one in found if one.startswith(name)}
        needed |= {f"{name}.{part}" for part in ("store", "term", "idx", "fast")}
        if deletes := segment["deletes"]:
            needed.add(f"{name}.{deletes['opstamp']}.del")
    return needed


def _is_sound(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            file.seek(size - _TAIL.size)
            length, magic = _TAIL.unpack(file.read(_TAIL.size))
            end = size - _TAIL.size - length
            if magic != _MAGIC or end < 0:
                return False
            file.seek(end)
            expected = int(json.loads(file.read(length))["crc"])
            file.seek(0)
            crc, left = 0, end
            while left and (data := file.read(min(left, _CHUNK))):
                crc, left = zlib.crc32(data, crc), left - len(data)
            return left == 0 and crc == expected
    except (OSError, ValueError, KeyError, TypeError, struct.error):
        return False


def mark_writing(folder: Path) -> None:
    """Notes that the index in *folder* is being written, by whoever holds its lock."""
    write_whole(folder / _MARK, b"")


def unmark(folder: Path) -> None:
    """Notes that writing ended in order, or that the files were looked at."""
    (folder / _MARK).unlink(missing_ok=True)


def ended_uncleanly(folder: Path) -> bool:
    """True if the last process that wrote the index died, and nobody looked at the files since.

    The kernel drops a lock with its process. Numbers of processes would not do: two containers over one home
    do not see each other's.
    """
    return (folder / _MARK).exists() and not is_locked(folder)


def is_locked(folder: Path) -> bool:
    """True while a process writes the index in *folder*."""
    try:
        with (folder / _LOCK).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def look_after_death(folder: Path) -> list[str]:
    """:func:`damaged_files` where the last writer died; nothing otherwise. Looks once where all is well."""
    if not ended_uncleanly(folder):
        return []
    found = damaged_files(folder)
    if not found:
        with contextlib.suppress(OSError):  # a folder that is only read
            unmark(folder)
    return found
