"""A document as a sketch: what of it is compared with others to find one happening.

Headline, hashtags and bracketed heads say what a post is about; the rarest bigrams of its text, its telling
numbers, the provinces and the parties it names say the rest. A function of the document alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntFlag

import numpy as np

from fengping.analysis.reposts import compare as reposts
from fengping.events.matching import kernel
from fengping.events.matching.kernel import BESIDE, GRAMS, HEADS, SKETCH, UNDATED, Array
from fengping.events.matching.places import places_in

READ = 1000
"""Characters of a text that are sketched; an article says at its beginning what happened."""
WHOLE = 600
"""Compared characters of them, after folding."""
SENTENCE = 60
"""Characters of the first sentence that stand for a headline where there is none."""

_TAG = re.compile(r"#([^#\n]{1,60})#")
_BRACKETED = re.compile(r"【([^】\n]{1,80})】")
_END = re.compile(r"[\n。！？!?]")
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:万|亿)?")
_DIGIT = re.compile(r"\d")
_DATED = re.compile(r"\d{4}年|\d{1,2}月\d{1,2}[日号]|\d{1,2}[日号时点]")
_COMMON_NUMBERS = frozenset(
    {"10", "11", "12", "15", "18", "20", "24", "30", "60", "100", "315", "618", "12315"}
)


class Part(IntFlag):
    """Part of a document in an event."""

    NONE = 0
    CHARGE = 1
    """Judged negative: it may bring a charge."""
    SAID = 2
    """The encoder read an answer, an official act or a retraction in it."""
    TRADE = 4
    """Something of selling and buying is named in it."""
    ACCUSING = 8
    """A charge that accuses its parties, and does not only name them."""
    ACT = 16
    """Judged an answer, a penalty or a rule."""
    CHARGED = 32
    """Its parties are those whom it accuses, and it is no answer."""


@dataclass(frozen=True, slots=True)
class Told:
    """Input of sketching: one document."""

    id: str
    """32 hexadecimal digits (:func:`fengping.models.document_id`)."""
    title: str
    text: str
    published_at: datetime | None
    coarse: bool = False
    """Only the day of publication is known."""
    parties: Sequence[str] = ()
    part: Part = Part.CHARGE
    beside: Sequence[str] = ()
    """Names of the accused and words of complaint as the text has them: two texts may share these and tell of
    different matters."""
    matter: Sequence[str] = ()
    """Complaint classes."""


def sketches(documents: Sequence[Told]) -> Array:
    """A record of :data:`~.kernel.SKETCH` for each document, in order."""
    found = np.zeros(len(documents), SKETCH)
    if not documents:
        return found
    weights = reposts.rarity()
    kept = found["heads"], found["grams"]
    hashes = found["tags"], found["numbers"], found["parties"]
    rows = []
    for at, told in enumerate(documents):
        text = told.text[:READ]
        titled = told.title and not text.startswith(told.title)
        content = f"{told.title}\n{text}" if titled else text
        tags = _TAG.findall(content) if "#" in content else []
        plain = _codes(content)[:WHOLE]
        own = len(_codes(_TAG.sub(" ", content))) if tags else len(plain)
        head_count = kernel.keep_rarest(_codes(_head(told.title, content, tags)), weights, HEADS, kept[0][at])
        gram_count = kernel.keep_rarest(plain, weights, GRAMS, kept[1][at])
        kernel.keep_rarest(_codes("\n".join(told.beside)), weights, BESIDE, found["beside"][at])
        for into, values in zip(hashes, (_cleaned(tags), _numbers(content), told.parties), strict=True):
            if values:
                _put(into[at], [hash_of(value) for value in values])
        published = UNDATED if told.published_at is None else int(told.published_at.timestamp())
        rows.append(
            (
                int(told.id[:16], 16), int(told.id[16:], 16), published, _hash(plain.tobytes()),
                places_in(content), head_count, gram_count, len(plain), min(own, WHOLE), told.coarse,
                int(told.part), sum(1 << int(code[1:]) for code in set(told.matter)),
            )
        )  # fmt: skip
    for name, column in zip(_COLUMNS, zip(*rows, strict=True), strict=True):
        found[name] = column
    return found


_COLUMNS = (
    "high", "low", "seconds", "twin", "places", "head_count", "gram_count", "length", "own", "coarse", "kind",
    "matter",
)  # fmt: skip


def _head(title: str, content: str, tags: Sequence[str]) -> str:
    """Headline, hashtags and bracketed heads, or the first sentence where there is none."""
    heads = [*([title] if title else ()), *tags, *_BRACKETED.findall(content)]
    return "\n".join(heads) if heads else _END.split(content.strip(), maxsplit=1)[0][:SENTENCE]


def _cleaned(tags: Sequence[str]) -> list[str]:
    return [tag.strip().lower() for tag in tags]


def _put(into: Array, values: Sequence[int]) -> None:
    distinct = sorted(set(values))[: len(into)]
    into[: len(distinct)] = distinct


def _numbers(text: str) -> list[str]:
    """Numbers that tell one happening from another: no dates, no single digits, none of the trade's own."""
    if not _DIGIT.search(text):
        return []
    found = _NUMBER.findall(_DATED.sub(" ", text))
    return [number for number in found if len(number) > 1 and number not in _COMMON_NUMBERS]


def _codes(text: str) -> reposts.Codes:
    """Characters as they are compared: NFKC, small, simplified; links, mentions and marks taken out."""
    return reposts.fold(text)


def hash_of(value: str) -> int:
    """The hash by which a sketch keeps a tag, a number or a party; never 0."""
    return _hash(value.encode("utf-8", "replace"))


def _hash(data: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little") or 1
