"""The passage of a text that carries the charge: the sentence that shares most with the title or tells the
fault, and what follows it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from fengping.analysis.text import Span
from fengping.analysis.text.sentences import sentences
from fengping.models import Document
from fengping.reports.wording import clean

BARE = "（所收信息仅有标题，未载详情）"
APART = "（所收正文未载标题所述详情）"
UNTOLD = frozenset((BARE, APART))
"""In place of a quotation."""
MOST = 240
"""Characters of a sentence that is quoted whole, and of a passage with what speaks for the accused."""
_EXCUSES = re.compile(
    "不存在|不属实|不实|否认|澄清|并非|没有[^，。；]{0,6}(?:问题|违规|此事|闭馆)|(?:检测|检验)[^，。；]{0,8}(?:合格|符合)|符合[^，。；]{0,8}(?:标准|规定)"
    "|[为是系]正品|正品|致歉|道歉|纠正|更正|回应称|表示歉意|已(?:经)?(?:退款|下架|整改)"
)
"""Words of a sentence that speaks for whom the one before accuses."""
_NAMES = ("host:", "brand:", "negative_host:", "negative_brand:", "platform:", "regulator:", "role:")
_WORDS = re.compile(r"[一-鿿]{2,}|[0-9.]+[一-鿿%％]?|[A-Za-z]{2,}")


def chosen(document: Document, first: Callable[[str, int], int], limit: int) -> tuple[int, int] | None:
    """Begin and end in the text of the passage that carries the charge; ``None`` where no sentence does.

    *first* moves a begin back to where its sentence can be understood. The passage ends with a sentence, of
    *limit* characters or little more, and not before one that speaks for the accused.
    """
    text = document.raw.text
    spans = [span for span in sentences(text) if clean(text[span.start : span.end])]
    if not spans:
        return None
    at, carries = _carrying(document, spans)
    if not carries:
        return None
    start = first(text, spans[at].start)
    end = at
    while end + 1 < len(spans) and spans[end + 1].end - start <= limit:
        end += 1
    last = end
    for further in range(end + 1, len(spans)):
        if spans[further].end - start > MOST:
            break
        if _EXCUSES.search(text[spans[further].start : spans[further].end]):
            last = further
    return start, _behind_the_quote(text, start, spans[last].end)


def tells_fault(document: Document) -> bool:
    """True if the text, not the title alone, tells a fault."""
    before = len(document.raw.content) - len(document.raw.text)
    return any(e.label.startswith("issue:") and e.start >= before for e in document.judgement.evidence)


def _behind_the_quote(text: str, start: int, end: int) -> int:
    """*end*, or that of the quotation which is open there, if near."""
    words = text[start:end]
    if words.count("“") <= words.count("”"):
        return end
    closed = text.find("”", end) + 1
    return closed if 0 < closed <= start + MOST else end


def _carrying(document: Document, spans: Sequence[Span]) -> tuple[int, bool]:
    """The place among *spans* of the sentence that carries the charge, and whether any does."""
    raw, text = document.raw, document.raw.text
    before = len(raw.content) - len(text)
    told = [
        e.start - before
        for e in document.judgement.evidence
        if e.label.startswith("issue:") and e.start >= before
    ]
    felt = [
        e.start - before
        for e in document.judgement.evidence
        if e.label == "polarity:neg" and e.start >= before
    ]
    title = _pieces(_without_names(document))
    best, most = 0, (-1.0, 0)
    for at, span in enumerate(spans):
        shared = len(title & _pieces(text[span.start : span.end]))
        marked = any(span.start <= place < span.end for place in told)
        weak = any(span.start <= place < span.end for place in felt)
        rank = (shared + 2 * marked + weak, -at)
        if rank > most:
            best, most = at, rank
    # A title that tells the fault is not borne out by a text that shares nothing with it.
    titled = any(e.label.startswith("issue:") and e.start < before for e in document.judgement.evidence)
    return best, not titled or bool(told) or most[0] > 1


def _without_names(document: Document) -> str:
    """The title with blanks in place of those whom it names: a text that shares these alone tells nothing."""
    title = list(document.raw.title)
    for mark in document.judgement.evidence:
        if mark.label.startswith(_NAMES) and mark.end <= len(title):
            title[mark.start : mark.end] = " " * (mark.end - mark.start)
    return "".join(title)


def _pieces(text: str) -> set[str]:
    """Pairs of characters of its words, and numbers."""
    found: set[str] = set()
    for word in _WORDS.findall(text):
        if "一" <= word[0] <= "鿿":
            found |= {word[at : at + 2] for at in range(len(word) - 1)}
        else:
            found.add(word)
    return found
