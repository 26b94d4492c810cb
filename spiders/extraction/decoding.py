"""Bytes of a page to text, whatever the header and the page's own ``<meta>`` claim.

Declarations of Chinese pages are often wrong (``gb2312`` over GBK or UTF-8 bytes, ``utf-8`` over GBK,
``iso-8859-1`` by a server's default), so they only break ties: what decides is which decoding yields
common Chinese characters.
"""

from __future__ import annotations

import codecs
import re

from fengping.encodings import CHINESE, MARKS, likeliest

# The WHATWG Encoding Standard reads every member of the GB family as its superset GB18030, and Big5 with
# the Hong Kong additions: https://encoding.spec.whatwg.org/#names-and-labels
_SUPERSETS = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs", "latin_1": "cp1252"}
_ALIASES = {"x-gbk": "gb18030", "gb_2312-80": "gb18030", "x-x-big5": "big5hkscs"}

_META = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?\s*([\w:.-]{2,20})""", re.I
)
# Pairs, because the second byte of a GBK or Big5 character may be an ASCII letter.
_NOT_ASCII = re.compile(rb"(?:[\x80-\xff][0-9\x40-\x7e\x80-\xff]?)+")

_SAMPLE = 60_000


def codec_name(label: str | None) -> str | None:
    """Python's name of the codec that browsers use for *label*; ``None`` for an unknown label."""
    if not label:
        return None
    label = label.strip().strip("\"'").lower()
    try:
        name = codecs.lookup(_ALIASES.get(label, label)).name
        b" ".decode(name)  # LookupError for codecs that make no text, such as base64
    except (LookupError, ValueError):
        return None
    return _SUPERSETS.get(name.replace("iso8859-1", "latin_1"), name)


def decode(data: bytes, declared: str | None = None) -> tuple[str, str]:
    """The text of *data* and the codec it was read with (Python's name). Never raises; byte order marks go.

    *declared* is the charset of the HTTP header, a hint like the one in the page. Undecodable bytes become
    U+FFFD.
    """
    for mark, name in MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace"), name
    if wide := _utf16_without_mark(data):
        return data.decode(wide, "replace"), wide
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    sample = b" ".join(_NOT_ASCII.findall(data[: 20 * _SAMPLE]))[:_SAMPLE]
    found = _META.search(data[:4096])
    hints = [codec_name(declared), codec_name(found.group(1).decode("ascii") if found else None)]
    candidates = dict.fromkeys([*(h for h in hints if h), *CHINESE])
    best = likeliest(sample, candidates)
    return data.decode(best, "replace"), best


def _utf16_without_mark(data: bytes) -> str | None:
    head = data[:400]
    if head.count(0) <= len(head) // 4 or (b"<\0" not in head and b"\0<" not in head):
        return None
    return "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
