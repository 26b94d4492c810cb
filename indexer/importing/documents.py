"""Rows of a table as raw documents. Pure but for the salt that hides authors."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from fengping.analysis import canonical_url
from fengping.clock import day_start, local
from fengping.indexer.importing.columns import COUNTS, PLACES, Columns
from fengping.indexer.importing.rows import Refused, Remarks, Row
from fengping.indexer.importing.values import is_blank, parse_count, parse_published, parse_rank
from fengping.models import Channel, Engagement, Kind, Media, MediaKind, Precision, RawDocument, document_id
from fengping.platform_fields import media_in, shown_region
from fengping.privacy import hash_author, realm, shown_author

# Words in the name of a platform or source that tell its channel; the first that occurs counts.
_CHANNEL_WORDS = {
    Channel.WEIBO: ("微博", "weibo"),
    Channel.WECHAT: ("微信", "公众号", "wechat", "weixin"),
    Channel.VIDEO: ("抖音", "快手", "视频", "哔哩", "b站", "douyin", "kuaishou", "bilibili", "video"),
    Channel.FORUM: (
        "论坛",
        "贴吧",
        "知乎",
        "问答",
        "豆瓣",
        "社区",
        "小红书",
        "tieba",
        "zhihu",
        "douban",
        "xiaohongshu",
        "forum",
        "bbs",
    ),
    Channel.SHOPPING: ("电商", "购物", "淘宝", "天猫", "京东", "拼多多", "taobao", "tmall", "shopping"),
    Channel.CLIENT: ("客户端", "app", "client"),
    Channel.NEWS: ("新闻", "网媒", "报刊", "报纸", "日报", "晚报", "早报", "资讯", "门户", "电视台", "news"),
}
_CHANNEL_HOSTS = {
    "weibo.com": Channel.WEIBO, "weibo.cn": Channel.WEIBO, "weixin.qq.com": Channel.WECHAT,
    "douyin.com": Channel.VIDEO, "kuaishou.com": Channel.VIDEO, "bilibili.com": Channel.VIDEO,
    "ixigua.com": Channel.VIDEO, "tieba.baidu.com": Channel.FORUM, "zhihu.com": Channel.FORUM,
    "douban.com": Channel.FORUM, "tianya.cn": Channel.FORUM, "xiaohongshu.com": Channel.FORUM,
    "taobao.com": Channel.SHOPPING,
    "tmall.com": Channel.SHOPPING, "jd.com": Channel.SHOPPING, "pinduoduo.com": Channel.SHOPPING,
}  # fmt: skip

_KIND_WORDS = {
    Kind.COMMENT: ("评论", "回复", "跟帖", "comment", "reply"),
    Kind.NEWS: ("新闻", "文章", "资讯", "news", "article"),
    Kind.POST: ("帖", "微博", "博文", "笔记", "视频", "原创", "转发", "post"),
}


@dataclass(frozen=True, slots=True)
class Import:
    """Settings that hold for all rows of one import."""

    source: str
    fetched_at: datetime
    salt: bytes
    channel: Channel | None = None
    """``None``: guessed from platform, address and source."""
    kind: Kind | None = None
    file: str = ""
    """Name of the file being read; like the source's, it may tell the channel."""
    platform: str = ""
    """Platform of the source's authors, if it is one that is crawled too."""
    mask: bool = False
    """True if nicknames are masked."""
    remarks: Remarks = field(default_factory=Remarks)
    """Cells that are no count or address although their column says so."""


@dataclass(frozen=True, slots=True)
class Found:
    """Fields of one document as a row or page gives them; empty where it gives none."""

    title: str = ""
    text: str = ""
    url: str = ""
    published_at: datetime | None = None
    precision: Precision | None = None
    fetched_at: datetime | None = None
    site: str = ""
    platform: str = ""
    author: str = ""
    author_id: str = ""
    post_id: str = ""
    parent: str = ""
    """The platform's id of the post that a comment stands under."""
    kind: Kind | None = None
    engagement: Engagement = field(default_factory=Engagement)
    region: str = ""
    media: tuple[Media, ...] = ()
    rank: int | None = None
    heat: int | None = None


def documents(
    rows: Iterable[Row | Refused], columns: Columns, terms: Import
) -> Iterator[RawDocument | Refused]:
    """A document or a reason for each row, in order."""
    for row in rows:
        if isinstance(row, Refused):
            yield row
            continue
        try:
            yield assemble(_read(row, columns, terms), terms)
        except ValueError as error:
            yield Refused(row.number, str(error), _shown(row))


def assemble(found: Found, terms: Import) -> RawDocument:
    """The document: identity, channel, kind and hidden author filled in.

    Raises ``ValueError`` where there is neither title nor text.
    """
    if not found.title and not found.text:
        raise ValueError("neither title nor text")
    url, canonical = _address(found.url, terms)
    host = canonical.removeprefix("https://").partition("/")[0]
    channel = terms.channel or guess_channel(found.platform, host, found.site, terms.source, terms.file)
    kind = terms.kind or found.kind
    if kind is None:
        kind = Kind.NEWS if channel in {Channel.NEWS, Channel.CLIENT} else Kind.POST
    platform = found.platform or terms.source
    parent = ""
    if kind is Kind.COMMENT and (canonical or found.parent):
        parent = document_id(canonical) if canonical else document_id(platform, found.parent)
    known_on = realm(found.platform, host, terms.platform or terms.source)
    # As in crawls, a byline is nobody's account.
    author = found.author_id or ("" if kind is Kind.NEWS else found.author)
    return RawDocument(
        id=_identity(found, kind, canonical, parent, terms),
        source=terms.source,
        text=found.text,
        fetched_at=found.fetched_at or terms.fetched_at,
        title=found.title,
        url=url,
        canonical_url=canonical,
        channel=channel,
        kind=kind,
        parent_id=parent,
        author=shown_author(found.author, kind, mask=terms.mask),
        author_id=hash_author(terms.salt, known_on, author),
        site=found.site or host,
        published_at=found.published_at,
        precision=found.precision or Precision.SECOND,
        engagement=found.engagement,
        region=found.region,
        media=found.media,
        rank=found.rank,
        heat=found.heat,
    )


def guess_channel(platform: str, host: str, *names: str) -> Channel:
    """The channel: by the platform named, the host of the address, then names of site, source, file."""
    found = _named_channel(platform) or _host_channel(host)
    return found or next(filter(None, map(_named_channel, names)), Channel.OTHER)


@lru_cache(maxsize=4096)
def _named_channel(name: str) -> Channel | None:
    lower = name.lower()
    for channel, words in _CHANNEL_WORDS.items():
        if lower == channel.value or any(word in lower for word in words):
            return channel
    return None


@lru_cache(maxsize=4096)
def _host_channel(host: str) -> Channel | None:
    while host:
        if host in _CHANNEL_HOSTS:
            return _CHANNEL_HOSTS[host]
        host = host.partition(".")[2]
    return None


def _read(row: Row, columns: Columns, terms: Import) -> Found:
    cells = {field: text for field in columns.of if not is_blank(text := columns.value(row, field))}
    value = cells.get
    published_at, precision = _moment(value("published_at", ""), columns, terms)
    parent = value("parent_id", "")
    return Found(
        title=value("title", ""),
        text=value("text", ""),
        url=value("url", ""),
        published_at=published_at,
        precision=precision,
        fetched_at=_moment(value("fetched_at", ""), columns, terms)[0],
        site=value("site", ""),
        platform=value("channel", ""),
        author=value("author", ""),
        author_id=value("author_id", ""),
        post_id=value("post_id", ""),
        parent=parent,
        kind=_kind(value("kind", "")) or (Kind.COMMENT if columns.is_comments or parent else None),
        engagement=Engagement(**{name: _count(name, cells[name], terms) for name in COUNTS if name in cells}),
        region=shown_region(value("region", "")),
        media=(
            *media_in(value("pictures", ""), MediaKind.IMAGE),
            *media_in(value("videos", ""), MediaKind.VIDEO),
        ),
        **{name: _count(name, cells[name], terms) for name in PLACES if name in cells},
    )


def _address(url: str, terms: Import) -> tuple[str, str]:
    try:
        return (url, canonical_url(url)) if url else ("", "")
    except ValueError:
        terms.remarks.add("url", url)
        return "", ""


def _count(name: str, text: str, terms: Import) -> int | None:
    try:
        return parse_rank(text) if name == "rank" else parse_count(text)
    except ValueError:
        terms.remarks.add(name, text)
        return None


def _identity(found: Found, kind: Kind, canonical: str, parent: str, terms: Import) -> str:
    """By address; a comment by its post and what it says, for its address is the post's."""
    said = (found.title, found.text, str(found.published_at))
    if kind is Kind.COMMENT:
        own = (found.post_id,) if found.post_id else (found.author, *said)
        return document_id(parent or terms.source, *own)
    # The front page of a site is where a row was found, not the document itself.
    if "/" in canonical.removeprefix("https://") or "?" in canonical:
        return document_id(canonical)
    if found.post_id:
        return document_id(found.platform or terms.source, found.post_id)
    return document_id(terms.source, *said)


@lru_cache(maxsize=4096)
def _kind(named: str) -> Kind | None:
    for kind, words in _KIND_WORDS.items():
        if any(word in named.lower() for word in words):
            return kind
    return None


def _moment(text: str, columns: Columns, terms: Import) -> tuple[datetime | None, Precision | None]:
    found = parse_published(text) if text else None
    if found is None:
        return None, None
    moment, precision = found
    if not local(moment).year >= 1990 or moment > terms.fetched_at + timedelta(days=2):
        raise ValueError(f"{text!r} lies before 1990 or in the future")
    if columns.midnight_is_day and moment == day_start(local(moment).date()):
        precision = Precision.DAY
    return moment, precision


def _shown(row: Row) -> str:
    return json.dumps(dict(row.cells), ensure_ascii=False)
