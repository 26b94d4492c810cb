"""Gets back what of a damaged segment is certainly what was written."""

from __future__ import annotations

import contextlib
import itertools
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import zstandard

from fengping.indexer.journal import files, manifest
from fengping.indexer.journal.lines import decode
from fengping.indexer.journal.manifest import BLOCK, Segment
from fengping.models import RawDocument


def sound_documents(folder: Path, name: str, known: Segment | None) -> Iterator[RawDocument]:
    """Documents of a damaged segment whose bytes agree with the manifest, block by block.

    Of a segment without a line in the manifest nothing is certain but what was unpacked before its end.
    """
    content = _unpacked(folder, name)
    ends = [0]
    for line in content.splitlines(keepends=True):
        ends.append(ends[-1] + len(line))
    blocks = range(0, len(content), BLOCK)
    sound = [known is None or _agrees(content, at, known) for at in blocks]
    for number, (start, end) in enumerate(itertools.pairwise(ends), 1):
        if all(sound[start // BLOCK : (end - 1) // BLOCK + 1]) and content[end - 1 : end] == b"\n":
            document = decode(name, number, content[start:end]).document
            if document is not None:
                yield document


def set_aside(folder: Path, name: str, aside: Path, known: Segment | None, at: str) -> None:
    """Moves a damaged segment out of the journal; the manifest says since when it is not waited for."""
    manifest.add(folder, replace(known or manifest.unknown(name), given_up=at))
    closed = folder / (name + files.CLOSED)
    if closed.exists():
        aside.mkdir(parents=True, exist_ok=True, mode=0o700)
        closed.rename(aside / closed.name)


def _unpacked(folder: Path, name: str) -> bytes:
    content = bytearray()
    path = folder / (name + files.CLOSED)
    with contextlib.suppress(zstandard.ZstdError, FileNotFoundError), path.open("rb") as file:
        reader = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
        while data := reader.read(1 << 14):
            content += data
    return bytes(content)


def _agrees(content: bytes, at: int, known: Segment) -> bool:
    number = at // BLOCK
    block = content[at : at + BLOCK]
    whole = len(block) == BLOCK or at + len(block) == known.bytes
    return whole and f"{zlib.crc32(block):08x}" == known.blocks[8 * number : 8 * number + 8]
