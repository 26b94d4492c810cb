"""Parts of a text by the kind of its source: title, lead, own words, what is passed on.

A news item's title says in twenty characters what its lead tells in two hundred; a post stands under a hot
topic that is not its author's word, and passes on what others wrote. Each part is read for itself.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import NamedTuple

from fengping.models import Channel, Kind, RawDocument


class SourceKind(IntEnum):
    """Kinds of sources that differ in how much of what they say is an opinion or a charge."""

    NEWS = 0
    """Title and lead or text."""
    TITLE = 1
    """A bare title, as hot lists give."""
    POST = 2
    """Somebody's own, without a topic."""
    REVIEW = 3
    COMPLAINT = 4
    """Written to an office or a complaint board."""
    UNKNOWN = 5
    """No field tells: the text itself must."""
    REMARK = 6
    """A post under a hot topic (``#…#``), or a comment: said of what another told, and mostly no charge."""


class Parts(NamedTuple):
    """A text taken apart; what it lacks is empty."""

    head: str
    """The title; of a post the hot topics it stands under."""
    body: str
    """The lead or text; of a post its author's own words, without topics, 【】 and names called."""
    passed: str
    """Words of others that a post passes on."""


NO_PARTS = Parts("", "", "")
"""Of a text that is read as a whole."""
_BOARDS = frozenset(("12315", "12345", "tousu", "liuyan", "complain", "complaint", "complaints"))
_RUN = re.compile("[a-z0-9]+")
_LONGEST_TITLE = 80
_TOPIC = re.compile(r"#([^#\n]{1,60})#")
LEADING_TOPIC = re.compile(r"#([^#\n]{1,60})#\s*")
_NOT_OWN = re.compile(r"#[^#\n]{1,60}#|【[^】]{1,80}】|@[\w\-]{1,30}")
_PASSED = re.compile(r"//\s?@")


def kind_of(raw: RawDocument) -> SourceKind:
    """The kind that a document's fields tell: place, channel, kind, and whether it has more than a title."""
    return kind_by(raw.source, raw.site, raw.title, raw.text, raw.kind, raw.channel)


def kind_by(source: str, site: str, title: str, text: str, kind: Kind, channel: Channel) -> SourceKind:
    """The same for a document's single fields."""
    if is_board(source, site):
        return SourceKind.COMPLAINT
    return kind_told(title, text, kind, channel)


def is_board(source: str, site: str) -> bool:
    """True of a complaint board, by a whole word of its name or address: a news list of 315 is none."""
    return not _BOARDS.isdisjoint(_RUN.findall(f"{source} {site}".lower()))


def kind_told(title: str, text: str, kind: Kind | None, channel: Channel | None) -> SourceKind:
    """The same for a text of which little is known; None for a field that nobody told."""
    if channel is Channel.SHOPPING and kind is not Kind.NEWS:
        return SourceKind.REVIEW
    if title and text in ("", title):
        return SourceKind.TITLE
    if kind is Kind.NEWS and not title and is_bare(text):
        return SourceKind.TITLE
    if kind is Kind.NEWS or (kind is None and title):
        return SourceKind.NEWS
    if kind is Kind.COMMENT:
        return SourceKind.REMARK
    if channel in (Channel.WEIBO, Channel.VIDEO, Channel.FORUM):
        return SourceKind.REMARK if _TOPIC.search(text) else SourceKind.POST
    return SourceKind.UNKNOWN


def is_bare(text: str) -> bool:
    """True if *text* is as short as a title and has no second line."""
    return len(text) <= 40 and "\n" not in text.strip()


def take_apart(content: str, kind: SourceKind) -> Parts:
    """The parts of a document's content (`RawDocument.content`) of that kind."""
    if kind in (SourceKind.POST, SourceKind.REMARK):
        found = _PASSED.search(content)
        own = content[: found.start()] if found else content
        passed = content[found.end() :] if found else ""
        body = _NOT_OWN.sub(" ", own).strip()
        return Parts(" ".join(_TOPIC.findall(own)), body, passed)
    if kind in (SourceKind.REVIEW, SourceKind.UNKNOWN):
        return NO_PARTS
    if (topic := LEADING_TOPIC.match(content)) and topic.end() < len(content):
        return Parts(topic[1], content[topic.end() :], "")
    first, line_break, rest = content.partition("\n")
    if line_break and len(first) <= _LONGEST_TITLE:
        return Parts(first, rest, "")
    return Parts(content, "", "") if kind is SourceKind.TITLE else Parts("", content, "")
