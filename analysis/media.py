"""The tier of a publisher: central, provincial, market, authority, association, platform, self-media.

``registry/media.toml`` lists publishers. A document's author counts first (a newspaper's account on a site
is the newspaper), then its site, then its address; an unlisted author on a platform is self-media.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Literal
from urllib.parse import urlsplit

from fengping.analysis.hosts import REGISTRY
from fengping.models import Channel, RawDocument
from fengping.toml import Strict, load_toml

SELF = "self"
_OPEN = frozenset({Channel.WEIBO, Channel.WECHAT, Channel.VIDEO, Channel.FORUM, Channel.SHOPPING})
"""Channels in which anybody publishes."""
_DECORATION = re.compile(r"[\s@·\-_]+|(?:官方)?(?:微博|账号|客户端|APP)$", re.IGNORECASE)


class Publisher(Strict):
    """One publisher."""

    name: str
    tier: Literal["central", "provincial", "market", "authority", "association", "platform"]
    names: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()


class MediaFile(Strict):
    """``media.toml``."""

    version: int
    media: tuple[Publisher, ...]


@cache
def _known() -> tuple[dict[str, str], dict[str, str]]:
    """Tier by name and by domain."""
    file = load_toml(MediaFile, REGISTRY / "media.toml")
    names: dict[str, str] = {_plain(name): one.tier for one in file.media for name in (one.name, *one.names)}
    return names, {domain: one.tier for one in file.media for domain in one.domains}


def tier_of(raw: RawDocument) -> str:
    """The tier of a document's publisher; empty where nothing is known of it."""
    names, _ = _known()
    author = names.get(_plain(raw.author), "") if raw.author else ""
    if author:
        return author
    if raw.author and raw.channel in _OPEN:
        return SELF
    return (
        (names.get(_plain(raw.site), "") if raw.site else "")
        or _of_host(raw.site)
        or _of_host(_host(raw.canonical_url or raw.url))
    )


def is_listed(author: str) -> bool:
    """True if *author* is the name of a publisher of the registry, and no person's."""
    return _plain(author) in _known()[0]


@lru_cache(maxsize=4096)
def _of_host(host: str) -> str:
    """The tier of the longest listed domain that *host* is or stands below."""
    domains = _known()[1]
    parts = host.casefold().split(".")
    return next((t for at in range(len(parts)) if (t := domains.get(".".join(parts[at:])))), "")


def _host(url: str) -> str:
    slashes = url.find("//")
    path = url.find("/", slashes + 2) if slashes >= 0 else -1
    return _host_of_origin(url[:path] if path >= 0 else url)


@lru_cache(maxsize=4096)
def _host_of_origin(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _plain(name: str) -> str:
    return (_DECORATION.sub("", name) or name).casefold()
