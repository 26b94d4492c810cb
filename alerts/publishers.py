"""Publishers of documents in words: a list of titles that names no account has none that anybody knows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from fengping.events.building.candidates import EDITED
from fengping.models import Channel, Document


def publisher(document: Document) -> str:
    """The account, or the site where no account is known."""
    return document.raw.author_id or document.raw.site or document.raw.source


def is_known(author: str, channel: Channel, tier: str) -> bool:
    """True where an account is known, or the site is edited, or a medium or authority of the registry."""
    return bool(author or tier) or channel in EDITED


def unknown_of(documents: Iterable[Document]) -> list[str]:
    """Ids of those whose publisher nobody knows: their source alone counts as one."""
    return [
        one.id
        for one in documents
        if not is_known(one.raw.author_id or one.raw.author, one.raw.channel, one.tier)
    ]


def by_publisher(documents: Iterable[Document]) -> list[list[str]]:
    """Ids of documents, those of a publisher together."""
    found: dict[str, list[str]] = {}
    for document in documents:
        found.setdefault(publisher(document), []).append(document.id)
    return [*found.values()]


def in_words(groups: Sequence[Collection[str]], unknown: Collection[str]) -> str:
    """The number of publishers in Chinese; *groups*: ids of documents, those of a publisher together."""
    nobody = frozenset(unknown)
    lost = sum(id in nobody for group in groups for id in group)
    known = sum(not nobody.issuperset(group) for group in groups)
    if not lost:
        return f"{known}个发布者"
    if known:
        return f"{known}个发布者，另{lost}条发布者不详"
    return "发布者不详" if len(groups) < 2 else f"发布者不详（{len(groups)}个来源）"


def told(documents: Sequence[Document]) -> str:
    """The same of *documents*."""
    return in_words(by_publisher(documents), unknown_of(documents))
