"""Documents as rows of a page: when, where, who, and the text with the places that made its labels."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from fengping.analysis import IssueRules
from fengping.indexer.search import Expression
from fengping.indexer.search.query.matching import highlights
from fengping.models import FIELDS, Document, Evidence, Judgement, Precision
from fengping.reading import SIGNALS

SNIPPET = 140
TITLE = 40
"""Characters of a text that stand for a title."""
Piece = tuple[str, str, str]
"""Classes of a span (none for plain text), its text, and what made it."""
CHANNELS = {
    "news": "新闻",
    "weibo": "微博",
    "wechat": "微信",
    "video": "视频",
    "client": "客户端",
    "forum": "论坛",
    "shopping": "购物",
    "other": "其他",
}
"""Words for the channels."""
SIGNAL_WORDS = {value: word for word, value in SIGNALS.items()}
"""Words for the signals and their forms."""
ACTS = {value: word for word, value in FIELDS["act"].values.items() if word != value}
"""Words for the acts, as a query knows them."""
GROUNDS = {
    "polarity": "倾向",
    "issue": "问题",
    "act": "性质",
    "signal": "信号",
    "negative_host": "被指主播",
    "negative_brand": "被指品牌",
    "host": "主播",
    "brand": "品牌",
    "platform": "平台",
    "regulator": "监管",
}
"""Words for the kinds of labels, in the order in which their grounds are told."""
_NAMES = ("acc", "named")
_VALUED = ("issue", "signal", "negative_host", "negative_brand")
_COUNTS = (("reposts", "转"), ("comments", "评"), ("likes", "赞"))


@dataclass(frozen=True, slots=True)
class Row:
    """A document in a list."""

    id: str
    published_at: datetime | None
    precision: Precision
    site: str
    author: str
    polarity: str
    negative: float | None
    snippet: Sequence[Piece]
    issues: Sequence[tuple[str, str]]
    corrected: bool
    counts: Sequence[tuple[str, int]]
    """Words for reposts, comments and likes, each with its number."""
    url: str
    query: str
    tags: Sequence[str] = ()
    group: str = ""
    title: str = ""
    """The title, or the beginning of the text where it has none."""


@functools.cache
def issue_names() -> dict[str, str]:
    """The complaint classes by code."""
    return dict(IssueRules.load().names)


def row(document: Document, text: Expression | None = None, query: str = "") -> Row:
    """*document* for a list, its text cut around the first match of *text*."""
    raw, judged = document.raw, document.judgement
    names = issue_names()
    counts = [(word, value) for name, word in _COUNTS if (value := getattr(raw.engagement, name)) is not None]
    return Row(
        document.id,
        raw.published_at,
        raw.precision,
        raw.site or raw.source,
        raw.author,
        judged.polarity.value if judged.polarity else "",
        judged.negative,
        cut(pieces(document, text)),
        [(code, names.get(code, "")) for code in judged.issues],
        bool(document.corrected_by),
        counts,
        raw.url,
        query,
        document.tags,
        document.group,
        raw.title or "".join(text for _, text, _ in cut([("", raw.text, "")], TITLE)),
    )


def pieces(document: Document, text: Expression | None = None) -> list[Piece]:
    """The whole text in pieces: matches of *text* and the spans of evidence, which may overlap."""
    content = document.raw.content
    spans = [(start, stop, "hit", "") for start, stop in _hits(document, text)]
    for one in document.judgement.evidence:
        kind = _kind(document, one.label)
        if kind and 0 <= one.start < one.end <= len(content):
            # A word of the text says more than the label of its tone, which its colour tells.
            note = "" if kind.startswith("cue") else _note(one)
            spans.append((one.start, one.end, kind, note))
    names = [span[:2] for span in spans if span[2] in _NAMES]
    inner = {edge for span in spans for edge in span[:2] if not any(a < edge < b for a, b in names)}
    edges = sorted({0, len(content), *inner})  # a name is never cut, so that its frame stays whole
    made: list[Piece] = []
    for start, stop in pairwise(edges):
        over = [span for span in spans if span[0] <= start and span[1] >= stop]
        classes = " ".join(dict.fromkeys(span[2] for span in over))
        made.append((classes, content[start:stop], "; ".join(dict.fromkeys(s[3] for s in over if s[3]))))
    return made


def grounds(document: Document) -> list[tuple[str, str, list[str]]]:
    """The kinds of labels that a text was given, for which name or class, and the words that gave them."""
    content, found = document.raw.content, dict[tuple[str, str], list[str]]()
    for one in document.judgement.evidence:
        kind, _, value = one.label.partition(":")
        words = content[one.start : one.end].strip()
        if kind in GROUNDS and words:
            said = found.setdefault((kind, value if kind in _VALUED else ""), [])
            if words not in said:
                said.append(words)
    order = list(GROUNDS)
    return [
        (GROUNDS[kind], SIGNAL_WORDS.get(value, value), found[kind, value])
        for kind, value in sorted(found, key=lambda k: order.index(k[0]))
    ]


def cut(whole: Sequence[Piece], limit: int = SNIPPET) -> list[Piece]:
    """The pieces around the first marked one, *limit* characters of them."""
    before, length = 0, sum(len(text) for _, text, _ in whole)
    for kind, text, _ in whole:
        if kind:
            break
        before += len(text)
    begin = max(0, min(before - limit // 4, length - limit)) if before < length else 0
    made: list[Piece] = [("", "…", "")] if begin else []
    at = 0
    for kind, text, note in whole:
        start, stop = max(begin - at, 0), min(begin + limit - at, len(text))
        if start < stop:
            made.append((kind, " ".join(text[start:stop].split("\n")), note))
        at += len(text)
    return [*made, ("", "…", "")] if begin + limit < length else made


def _hits(document: Document, text: Expression | None) -> list[tuple[int, int]]:
    if text is None:
        return []
    raw = document.raw
    apart = raw.content != raw.text
    shift = len(raw.title) + 1 if apart and raw.text else 0
    found = [(start + shift, stop + shift) for start, stop in highlights(text, "text", raw.text)]
    return [*highlights(text, "title", raw.title), *found] if apart else found


def _kind(document: Document, label: str) -> str:
    kind, _, value = label.partition(":")
    if kind == "host":
        return "acc" if value in document.judgement.negative_hosts else "named"
    kinds = {"issue": "cl", "polarity": "cue p" if value == "pos" else "cue", "signal": "sig"}
    return kinds.get(kind, "")


def _note(one: Evidence) -> str:
    """What a span tells of: a name, a class, or what the clause does (道歉)."""
    kind, _, value = one.label.partition(":")
    if kind != "signal":
        return value
    return SIGNAL_WORDS.get(f"{value}.{one.rule}") or SIGNAL_WORDS.get(value, value)


def charged(judged: Judgement) -> list[str]:
    """Everybody whom a text is judged to charge."""
    every = (*judged.negative_hosts, *(judged.negative_brands or ()), *(judged.accused or ()))
    return list(dict.fromkeys(every))
