"""Bylines: the author of a page and the source of its text."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from itertools import islice, pairwise
from typing import Any

from fengping.spiders.extraction.boilerplate import opens_other_section
from fengping.spiders.extraction.markup_kernel import ACCOUNT, AUTHOR, SOURCE
from fengping.spiders.extraction.structured import name_of
from fengping.spiders.extraction.times import normalised
from fengping.spiders.extraction.titles import site_of
from fengping.spiders.extraction.tree import TAG, Block, Document

# Words that end a name in a line of several statements: 来源：某网 作者：张三 编辑：李四 2020-11-11
_END = (
    r"(?=\s*(?:$|[|｜丨·,，;；)）\]】《]|\d{4}[-年/.]|\d{1,2}[:：]\d\d|字号|分享|收藏|打印|我要|微信|微博|原创稿|A[+-]"
    r"|(?:文章|稿件|信息)?(?:来源|來源|稿源|出处)|\s(?:作者|記者|记者|通讯员)|责任编辑|编辑|责编|责任|返回|查看更多|编审|校对|审核|发布|发表|时间|日期|浏览|阅读|点击|查看|访问|人气|评论|更新|字体|关键词|【|\[|次))"
)
_SETS_APART = re.compile(r"[:|丨/]")
_SOURCE = re.compile(
    r"(?:来源|來源|稿源|出处|转载自|转自|来自|信息来源|供稿单位)(?:于|自)?\s*[:：|丨]\s*(?P<name>[^:：]{2,40}?)"
    + _END
)
_AUTHOR = re.compile(
    r"(?:^|[\s(（【\[|丨])(?:作者|撰文|文字|采写|撰稿|文|编剧|原作者|发布者|发布人|楼主|UP主|主播|博主|发帖人)"
    r"(?:\s*[:：/丨|]\s*|(?<=作者)\s+)(?P<name>[^:：]{2,30}?)"
    + _END
    + r"|(?:^|[\s(（【\[|])(?:本报|本刊|本网|新华社|中新社|见习|实习|首席|全媒体|特约"
    r"|[\u4e00-\u9fff]{2,6})?记者"
    r"\s*[:：/丨|\s]\s*(?P<reporter>[^:：]{2,30}?)" + _END
)
_REPORTER_IN_TEXT = re.compile(
    r"[(（【]\s*[^()（）【】]{0,16}?记\s?者\s*[:：/]?\s*(?P<name>[\u4e00-\u9fff·\s、,，]{2,30}?)\s*(?:[)）】]|(?:实习生|通讯员|文/|摄影|报道|整理|综合))"
    r"|^[^。，]{0,24}?(?:电|讯)?\s*[(（]?记者\s*(?P<name2>[\u4e00-\u9fff·]{2,4}(?:[\s、]+[\u4e00-\u9fff·]{2,4}){0,3})(?=\s*(?:[)）】]|报道|摄|综合|整理))"
)
_DATE = r"(?:19|20)\d\d\s?[-年/.]\s?\d{1,2}\s?[-月/.]\s?\d{1,2}日?\s*(?:\d{1,2}[:：]\d\d(?:[:：]\d\d)?)?"
_WORD = r"[\u4e00-\u9fffA-Za-z·][^\s:：|\d\[\]()（）]{1,19}"
_COMES_FROM = re.compile(r"(?:^|\s)来自\s?(?P<name>[\u4e00-\u9fff]\S{1,15})$")
_DEVICE = re.compile(r"客户端|手机|网页|iphone|android|微博|超话|平板|版$", re.I)
_BESIDE_TIME = re.compile(
    rf"{_DATE}\s+(?P<after>{_WORD}(?: {_WORD}){{0,3}})|(?:^|\s)(?P<before>{_WORD})\s+{_DATE}"
)
_STARTS_WITH_TIME = re.compile(rf"^{_DATE}")
_MEDIA = re.compile(
    r"[网報报社台刊]$|网|新闻|日报|晚报|早报|时报|周刊|杂志|传媒|媒体|频道|客户端|公众号|发布|在线|消息|资讯|财经|科技|电视|广播|卫视|视频|出版|集团|公司|中心|委员会|协会|局|政府|办公室"
)
_NO_SOURCE = re.compile(
    r"^(?:[大中小]|网络|互联网|本站|本网|原创|网络整理|综合整理|本站原创|本站整理|整理|用户|作者本人|未知|综合|其他|其它|无|佚名|转载|来源|作者|编辑|admin\w*|administrator|匿名|小编|管理员|网友|投稿|null|none|undefined)$"
    r"|^(?:字号|字体|分享|浏览|阅读|点击|评论|收藏|打印|发布|发表|更新|已读|听新闻|来自|关注|放大|缩小|手机看|扫码|举报|返回|首页|我要|关注|订阅|微信|微博|星期|周[一二三四五六日])",
    re.I,
)
_SOURCE_METAS = (
    "contentsource",
    "article:source",
    "og:article:source",
    "source",
    "copyfrom",
    "mediaid",
    "og:source",
)
_AUTHOR_METAS = (
    "og:article:author",
    "article:author",
    "author",
    "byl",
    "parsely-author",
    "dc.creator",
    "weibo:article:author",
)
WEAK_SITES = ("", "title", "meta:og:site_name", "meta:application-name")
_LONG_CONTENT = 3_000
"""Characters of HTML in which no short text is looked for."""
_NAME = re.compile(r"^[^\d@<>{}]{2,30}$")


@dataclass(frozen=True, slots=True)
class Byline:
    author: str = ""
    author_method: str = ""
    site: str = ""
    site_method: str = ""


def find_byline(
    document: Document,
    metas: Mapping[str, str],
    ld: Mapping[str, Any],
    head: str,
    *,
    title_at: int | None,
    body: tuple[int, int] | None,
) -> Byline:
    """Author and source. The source is the 来源 that the page names, else the site's own name."""
    blocks = document.blocks
    lines = [normalised(b.spaced) for b in _near(blocks, title_at, body)]
    site, site_method = _first(_sources(lines, document, metas, ld, head))
    opening = [normalised(b.text) for b in blocks[body[0] : body[0] + 3]] if body else []
    taken = {site, name_of(ld.get("publisher")), metas.get("og:site_name", "")}
    author, author_method = _first(_authors(lines, opening, document, metas, ld, head), taken)
    if author and site_method in WEAK_SITES:
        # Accounts on a platform: the account stands beside its author, the platform in the data.
        accounts = ((t, "element") for t in _element_texts(document, ACCOUNT, lines[:14]))
        account, method = _first(accounts, {author})
        site, site_method = (account, method) if account else (site, site_method)
    return Byline(author, author_method, site, site_method)


def _near(blocks: list[Block], title_at: int | None, body: tuple[int, int] | None) -> Iterator[Block]:
    """Short lines around the title and both ends of the body, in this order."""
    first, last = body or (title_at or 0, title_at or 0)
    start = title_at if title_at is not None else max(first - 8, 0)
    stop = max(start + 14, min(first + 2, start + 40))
    if body is not None:
        stop = min(stop, last + 1)
    for at in (*range(start, stop), *range(max(start - 6, 0), start), *range(max(last - 4, stop), last + 8)):
        if at >= len(blocks) or (at > last and body and opens_other_section(blocks[at].text)):
            return
        if len(blocks[at].text) <= 120:
            yield blocks[at]


def _sources(
    lines: list[str], document: Document, metas: Mapping[str, str], ld: Mapping[str, Any], head: str
) -> Iterator[tuple[str, str]]:
    for name in _SOURCE_METAS:
        yield metas.get(name, ""), f"meta:{name}"
    for line in lines:
        for match in _SOURCE.finditer(line) if _SETS_APART.search(line) else ():
            yield _first_word(match["name"]), "text"
    for line in lines[:14]:
        if "来自" in line and (origin := _COMES_FROM.search(line)) and not _DEVICE.search(origin["name"]):
            yield origin["name"], "text"
    beside = _beside_time(lines[:14], head)
    yield from ((name.split()[0], "text") for name in beside if _MEDIA.search(name))
    yield from ((text, "element") for text in _element_texts(document, SOURCE, lines))
    yield name_of(ld.get("publisher")), "json-ld"
    yield metas.get("og:site_name", ""), "meta:og:site_name"
    yield metas.get("application-name", ""), "meta:application-name"
    yield site_of(head), "title"


def _authors(
    lines: list[str],
    opening: list[str],
    document: Document,
    metas: Mapping[str, str],
    ld: Mapping[str, Any],
    head: str,
) -> Iterator[tuple[str, str]]:
    yield name_of(ld.get("author")), "json-ld"
    for line in lines:
        for stated in _AUTHOR.finditer(line) if "者" in line or _SETS_APART.search(line) else ():
            yield stated["name"] or stated["reporter"], "text"
    for line in opening:
        if reporter := _REPORTER_IN_TEXT.search(line[:80]):
            yield reporter["name"] or reporter["name2"], "text"
    for name in _AUTHOR_METAS:
        yield metas.get(name, ""), f"meta:{name}"
    yield from ((text, "element") for text in _element_texts(document, AUTHOR, lines[:14]))
    yield from ((name, "text") for name in _beside_time(lines[:14], head) if not _MEDIA.search(name))


def _first_word(name: str) -> str:
    """Chinese sources are one word; what follows it is a button."""
    return name.strip() if name.isascii() else name.split()[0]


def _beside_time(lines: list[str], head: str) -> list[str]:
    """Names that stand without a label beside the time, or on the line above it."""
    names = []
    for line in lines:
        dated = len(line) <= 60 and ("20" in line or "19" in line)
        match = _BESIDE_TIME.search(line) if dated else None
        if match and not line[match.end() :].lstrip().startswith(":"):
            names.append(match["after"] or match["before"])
    for line, following in pairwise(lines):
        if len(line) <= 16 and line not in head and _STARTS_WITH_TIME.match(following):
            # 某某通 / 2020-11-11 20:00 某某通官方账号
            names.insert(0 if names and names[0].startswith(line) else len(names), line)
    return names


def _element_texts(document: Document, kinds: int, lines: list[str]) -> Iterator[str]:
    """Short texts of the first few elements that say they hold one of *kinds* and that stand in *lines*."""
    for _, content in islice(document.named(kinds), 8):
        if len(content) > _LONG_CONTENT:
            continue
        text = normalised(" ".join(unescape(TAG.sub(" ", content)).split()))
        if 2 <= len(text) <= 40 and any(text in line for line in lines):
            yield text


def _first(found: Iterable[tuple[str, str]], taken: Container[str] = ()) -> tuple[str, str]:
    for raw, method in found:
        name = _cleaned(raw)
        if name and name not in taken:
            return name, method
    return "", ""


def _cleaned(raw: str) -> str:
    """A name without label, office and brackets; empty where it is no name."""
    if not raw:
        return ""  # what most of a page's data say
    name = _LABEL.sub("", raw.strip())
    name = _REST.split(name)[0]
    name = _OFFICE.sub("", name)
    name = _DOING.sub("", " ".join(name.split()))
    name = name.strip(" \t:：,，、/·⋅-—_[]【】()（）《》<>|\"'")
    if not _NAME.match(name) or _NO_SOURCE.search(name) or "http" in name or name.count(" ") > 4:
        return ""
    return name


_LABEL = re.compile(r"^(?:来源|來源|稿源|作者|责任编辑|编辑|记者|文|by)\s*(?:[:：/|丨]|(?=\s))\s*", re.I)
_REST = re.compile(
    r"\s*(?:来源|责任编辑|编辑|责编|时间|日期|\d{4}[-年/.]|作者(?=[:：]))\s*[:：]?|\s*[|｜丨\[]\s*|\s原创稿|\s关注"
)
_OFFICE = re.compile(r"^\S*?(?:记者|作者|评论员|撰稿人|特派员|通讯员|编辑)[\s:：]+(?=\S)")
_DOING = re.compile(r"\s+(?:文/图|图/文|整合|报道|编译|整理|摄影|综合|摄|著)$")
