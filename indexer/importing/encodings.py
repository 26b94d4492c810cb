"""Detection of the encoding of Chinese text files."""

from __future__ import annotations

from contextlib import suppress
from typing import BinaryIO

from fengping.encodings import MARKS, broken_share, likeliest
from fengping.errors import UsageError

_SAMPLE = 1 << 18
_UNREADABLE = 1 / 3
"""A few broken bytes do not make a file another encoding; those rows are refused later, one by one."""


def guess_encoding(stream: BinaryIO, name: str) -> str:
    """The encoding of the bytes in *stream*, read from where it first leaves ASCII.

    Byte order marks decide; then whichever of UTF-8, GB18030 and Big5 gives most of the characters that
    Chinese is made of. Raises :class:`UsageError` where none fits.
    """
    sample = _read(stream)
    for mark, codec in MARKS:
        if sample.startswith(mark):
            return {"utf-8": "utf-8-sig"}.get(codec, "utf-16")
    zeros = sample[:4096].count(0)
    if zeros > len(sample[:4096]) // 8:
        return "utf-16-le" if sample[1:4096:2].count(0) > zeros // 2 else "utf-16-be"
    while sample.isascii():
        following = _read(stream)
        if not following:
            return "utf-8"
        sample = following
    best = likeliest(sample)
    if broken_share(sample, best) < _UNREADABLE:
        return best
    raise UsageError(
        f"The encoding of {name} is neither UTF-8, UTF-16, GB18030 nor Big5.",
        remedy="Name it with --encoding, or save the file as UTF-8.",
    )


def _read(stream: BinaryIO) -> bytes:
    """The next sample; of a file that is cut off, what is there."""
    pieces: list[bytes] = []
    with suppress(EOFError):
        while sum(map(len, pieces)) < _SAMPLE and (piece := stream.read(1 << 14)):
            pieces.append(piece)
    return b"".join(pieces)
