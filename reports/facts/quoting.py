"""Reading collected text for a report: references, excerpts, publishers. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from urllib.parse import urlsplit

from fengping.analysis.text.sentences import sentences
from fengping.clock import exactly
from fengping.models import Document
from fengping.reports.chapters.topics import CHANNELS, NAMED
from fengping.reports.facts.excerpts import APART, BARE, MOST, chosen
from fengping.reports.wording import Reference, clean

Said = Callable[[str], str]
"""Words of a document as a report may print them."""
SENTENCE = 90
"""Characters of a sentence that the digest quotes."""
EXCERPT = 120
"""Characters of a quotation: enough to recognise the matter, not the whole text."""
CONTEXT = MOST
"""Characters of a sentence and the one before it."""


_JOINS = re.compile("[”’」』，、]*(?:并|而|且|但|随后|对此|其)")
"""A sentence that begins so goes on with the one before."""
_HANDLE = re.compile(r"@[^\s@，。：！？“”]{1,20}[ \u3000]$")
"""An account, behind whose name a platform writes a blank that ends no sentence."""
_ENDS = "。！？!?；;"
_CLOSING = "”’」』 "
_PAUSE = re.compile("[，、；;]|(?<=[。！？!?])")
"""Places at which a passage may be cut: before the mark of a pause, behind that of an end."""
_UNCUT = re.compile(r"〔[^〔〕]*〕|[0-9a-zA-Z][0-9a-zA-Z.,:/%％-]*[万亿]?[余多]?[元块条件个人次名岁倍]?")
"""Characters that say something else when they are parted: a number with its unit, a Latin word, a mask."""


def in_context(document: Document, sentence: str) -> str:
    """*sentence* of *document*, with the one before it where it goes on with that and both are short."""
    whole, words = clean(document.raw.text), clean(sentence)
    at = whole.find(words)
    if at >= 0:
        words = _to_the_quotes_end(whole, at, at + len(words))
    if at < 1 or not _JOINS.match(words):
        return words
    before = whole[:at].rstrip(_ENDS + _CLOSING)
    start = max(before.rfind(mark) for mark in _ENDS) + 1
    joined = whole[start : at + len(words)].lstrip(_CLOSING)
    return joined if len(joined) <= CONTEXT else f"…{words}"


def _to_the_quotes_end(whole: str, start: int, end: int) -> str:
    """``whole[start:end]``, with what follows where a quotation that begins there ends soon after."""
    words = whole[start:end]
    if words.count("“") > words.count("”"):
        closed = whole.find("”", end) + 1
        return whole[start:closed] if 0 < closed <= start + CONTEXT else words
    return words


def shorten(text: str, limit: int = EXCERPT) -> str:
    """*text* on one line, cut with an ellipsis where it pauses, else between words; never within a number or
    a mask."""
    line = clean(text)
    return line if len(line) <= limit else f"{_whole_words(line, limit - 1)}…"


def _whole_words(line: str, most: int) -> str:
    """The beginning of *line* of *most* characters or fewer, at least a third of them."""
    pauses = [pause.start() for pause in _PAUSE.finditer(line, most // 3, most + 1)]
    if pauses:
        return line[: pauses[-1]]
    cut = next((word.start() for word in _UNCUT.finditer(line) if word.start() < most < word.end()), most)
    return line[: cut if cut > most // 3 else most]


def _as_it_is(text: str) -> str:
    return text


def reference(document: Document, said: Said = _as_it_is) -> Reference:
    """A document as evidence: its title, or the beginning of its text, as it may be *said*."""
    raw = document.raw
    published = exactly(raw.published_at, raw.precision) if raw.published_at else ""
    title = shorten(said(clean(raw.title or raw.text)), 60)
    return Reference(raw.id, title, raw.url, published, digest_of(document))


def digest_of(document: Document) -> str:
    """SHA-256 of title and text: what was taken in, whatever the site says later."""
    return hashlib.sha256(
        f"{document.raw.title}\n{document.raw.text}".encode(errors="surrogatepass")
    ).hexdigest()


def where_published(document: Document) -> str:
    """``微博``, ``网站·某报``, ``网站·news.example.cn``; never the name of a private account."""
    raw = document.raw
    name, site = CHANNELS[raw.channel], raw.site
    if not site and name not in NAMED:
        site = _host(raw.url)
    return f"{name}·{shorten(site, 40)}" if site else name


def _host(url: str) -> str:
    """The host of an address without ``www.``; empty where there is none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:  # half an address in brackets
        return ""


def excerpt(document: Document, said: Said = _as_it_is) -> str:
    """The passage of a document's text that carries the charge, as it may be *said*.

    The title is printed beside it, so it is not quoted: where there is no text, or none that tells anything
    of the charge, a remark says so.
    """
    text = document.raw.text
    if not text.strip() and document.raw.title:
        return BARE
    found = chosen(document, _understood_from, EXCERPT)
    if found is None:
        return APART if document.raw.title else shorten(said(clean(text)))
    start, end = found
    start += len(text[start:]) - len(text[start:].lstrip(_CLOSING))
    words = said(clean(text[start:end]))
    whole = shorten(words) if len(words) > CONTEXT else words
    more = "…" if clean(text[end:]) and not whole.endswith("…") else ""
    return f"{'…' if clean(text[:start]) else ''}{whole}{more}"


def _understood_from(text: str, start: int) -> int:
    """The begin of the sentence before that at *start*, where this goes on with it and it is short."""
    earlier = max((span.start for span in sentences(text) if span.start < start), default=start)
    before = text[:start]
    joined = _JOINS.match(text[start:]) or _HANDLE.search(before) or before.rstrip().endswith("…")
    return earlier if joined and start - earlier < EXCERPT // 2 else start
