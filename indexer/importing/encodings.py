"""Detection of the encoding of Chinese text files."""

from __future__ import annotations

import codecs
from contextlib import suppress
from typing import BinaryIO

from fengping.errors import UsageError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 1 << 18
# The most frequent characters of running text, simplified and traditional.
_FREQUENT = frozenset(
    "的一是了不在有我他这为之大来以个中上们到说国和地也子时道出而要于就下得可你年生，。、：這為來個們說國時於"
)


def guess_encoding(stream: BinaryIO, name: str) -> str:
    """The encoding of the bytes in *stream*, read from where it first leaves ASCII.

    Byte order marks decide; then whichever of UTF-8, GB18030 and Big5 gives most of the characters that
    Chinese is made of, and fewest that are none. Raises :class:`UsageError` where none fits.
    """
    sample = _read(stream)
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return encoding
    zeros = sample[:4096].count(0)
    if zeros > len(sample[:4096]) // 8:
        return "utf-16-le" if sample[1:4096:2].count(0) > zeros // 2 else "utf-16-be"
    while sample.isascii():
        following = _read(stream)
        if not following:
            return "utf-8"
        sample = following
    best = max(("utf-8", "gb18030", "big5"), key=lambda encoding: _score(sample, encoding))
    if _score(sample, best)[0]:
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


def _score(sample: bytes, encoding: str) -> tuple[bool, int, int]:
    """Score the decoding of a sample: readable at all, frequent characters, unreadable characters.

    A few broken bytes do not make a file another encoding; those rows are refused later, one by one.
    """
    # The sample may begin and end within a character.
    text = codecs.getincrementaldecoder(encoding)("replace").decode(sample)
    broken = text.count("\ufffd")
    read = sum(not character.isascii() for character in text) - broken
    frequent = sum(character in _FREQUENT for character in text)
    return read > 2 * broken, frequent - 5 * broken, -broken
