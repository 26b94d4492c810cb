"""Reads closed segments whole and compares them with the manifest."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path

import zstandard

from fengping.indexer.journal import files, manifest
from fengping.indexer.journal.manifest import Manifest, Segment
from fengping.indexer.journal.tally import Tally

_CHUNK = 1 << 20


def tally(folder: Path, name: str) -> Segment:
    """Count what a closed segment holds now. Raises :class:`zstandard.ZstdError` if it is damaged."""
    path = folder / (name + files.CLOSED)
    counted = Tally()
    with path.open("rb") as file:
        reader = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
        while data := reader.read(_CHUNK):
            counted.take(data)
    return counted.segment(name, path.stat().st_size)


def trouble(folder: Path, name: str, known: Manifest, *, whole: bool) -> str:
    """Return the reason to distrust a segment; empty if there is none, or no closed segment of that name.

    With *whole* its content is read and compared; without, its size and times on disk, and its content where
    one of them differs. A sound segment that the manifest does not know so gets its line, and one whose
    content is another at the same times a line that has it read each time.
    """
    path = folder / (name + files.CLOSED)
    latest = known.latest(name)
    try:
        about = path.stat()
    except FileNotFoundError:
        gone = latest and not latest.given_up and not (folder / (name + files.PLAIN)).exists()
        lines = f" ({latest.lines:,} lines)" if latest and latest.lines else ""
        return f"{path.name} is missing{lines}" if gone else ""
    size, stamp = about.st_size, files.stamp_of(about)
    # A segment that came back after it was given up is looked at whole.
    is_known = latest and (latest.packed, latest.stamp, latest.given_up) == (size, stamp, "")
    if is_known and not whole:
        return ""
    reason, found = _compared(path, known, latest)
    if reason:
        if latest and latest.stamp == stamp:
            _note(folder, known, replace(latest, stamp=""))
    elif found and not is_known:
        _note(folder, known, replace(found, stamp=stamp))
    return reason


def _note(folder: Path, known: Manifest, segment: Segment) -> None:
    known.entries[segment.file].append(segment)
    with contextlib.suppress(OSError):  # a folder that is only read
        manifest.add(folder, segment)


def _compared(path: Path, known: Manifest, latest: Segment | None) -> tuple[str, Segment | None]:
    """The reason to distrust the content of a segment, and what it holds."""
    name = path.name.removesuffix(files.CLOSED)
    try:
        found = tally(path.parent, name)
        if latest is None or not latest.checksum:
            with path.open("rb") as file:
                if zstandard.frame_content_size(file.read(32)) != found.bytes:
                    return f"{path.name} is cut off after {found.lines:,} lines", found
    except zstandard.ZstdError as error:
        return f"{path.name} cannot be unpacked: {error}", None
    if latest and latest.checksum and found.checksum not in {one.checksum for one in known.accepted(name)}:
        return (
            f"{path.name} holds {found.lines:,} lines, {found.bytes:,} bytes with another checksum than the "
            f"{latest.lines:,} lines, {latest.bytes:,} bytes that were written"
        ), found
    return "", found
