"""Which encoding a file of Chinese text is in."""

from __future__ import annotations

import codecs
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

    Byte order marks decide; then UTF-8 where the bytes are UTF-8; then whichever of GB18030 and Big5
    gives more of the characters that Chinese is made of. Raises :class:`UsageError` where none fits.
    """
    sample = stream.read(_SAMPLE)
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return encoding
    zeros = sample[:4096].count(0)
    if zeros > len(sample[:4096]) // 8:
        return "utf-16-le" if sample[1:4096:2].count(0) > zeros // 2 else "utf-16-be"
    while sample.isascii():
        following = stream.read(_SAMPLE)
        if not following:
            return "utf-8"
        sample = following
    # The first bytes may be the end of a character that began in the block before.
    if any(_decodes(sample[skip:], "utf-8") is not None for skip in range(4)):
        return "utf-8"
    found = {encoding: _decodes(sample, encoding) for encoding in ("gb18030", "big5")}
    scores = {
        encoding: sum(character in _FREQUENT for character in text)
        for encoding, text in found.items()
        if text
    }
    if not scores:
        raise UsageError(
            f"The encoding of {name} is neither UTF-8, UTF-16, GB18030 nor Big5.",
            remedy="Name it with --encoding, or save the file as UTF-8.",
        )
    return max(scores, key=lambda encoding: scores[encoding])


def _decodes(data: bytes, encoding: str) -> str | None:
    """*data* as text, its last character perhaps cut off; ``None`` where it is not in *encoding*."""
    try:
        return codecs.getincrementaldecoder(encoding)().decode(data)
    except UnicodeDecodeError:
        return None
