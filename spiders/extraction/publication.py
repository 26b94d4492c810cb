"""Publication time of a page: from its data, the lines around title and body, or its address, in this order.

A date of publication beats one of modification; a finer statement of the same day beats a coarser one; a
time after the page was fetched is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from fengping.clock import day_start
from fengping.models import Precision
from fengping.spiders.extraction.boilerplate import has_sentence, in_other_section, opens_other_section
from fengping.spiders.extraction.markup_kernel import TIME
from fengping.spiders.extraction.times import FoundTime, cut, find_times, normalised, parse_time
from fengping.spiders.extraction.tree import TAG, Block, Document

# Names of meta elements that state a publication, best first (Open Graph, Schema.org, Dublin Core, Parse.ly,
# Sailthru, the Chinese government's site norm GB/T 国办发〔2014〕, Baidu's, Weibo's and Toutiao's cards).
_META_NAMES = (
    "weibo: article:create_at", "weibo:article:create_at", "article:create_at",
    "article:published_time", "og:article:published_time", "bytedance:published_time", "datepublished",
    "publishdate", "pubdate", "publish_date", "publish-date", "publishtime", "publish_time", "pub_date",
    "publication_date", "published_time", "og:published_time", "article:publish_time", "apub:time",
    "firstpublishedtime", "firstpublishtime", "firstcreatedtime", "parsely-pub-date", "sailthru.date",
    "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date", "date", "og:release_date", "og:time",
    "og:pubdate", "createdate", "create_date", "datecreated", "release_date", "baiduspider:pubdate",
)  # fmt: skip
_MODIFIED_NAMES = ("article:modified_time", "og:updated_time", "datemodified", "last-modified", "lastmod")
_LD_KEYS = ("datePublished", "pubDate", "uploadDate", "dateCreated")
_TIME_ELEMENT = re.compile(
    r'<(?:time\b.*\s(?:pubdate|datetime)\b|.*\sitemprop="datePublished"|(?=.*\sdatetime=).*\sclass="[^"]*publish)',
    re.S,
)
_TIME_VALUE = re.compile(r'\s(datetime|content)="([^"]+)"')

_CUE = re.compile(
    r"(?:发布|发表|发稿|刊发|刊登|公布|公开|上传|创建|成文|发文|发帖|出版|播出|首发|录入|添加|撰写|提问)(?:的)?(?:时间|日期|于)?\s*[:：]?\s*$"
    r"|(?:时\s*间|日\s*期|date)\s*[:：]?\s*$|发[布表]于?\s*$|来源\s*[:：]\s*\S{1,20}\s*$",
    re.I,
)
_CUE_AFTER = re.compile(r"^\s*(?:发布|发表|上传|来源|作者|编辑|责编|浏览|阅读|点击|\||来自|投稿|首发|IP属地)")
_OTHER_CUE = re.compile(
    r"(?:更新|修改|修订|编辑|截止|截至|有效期|有效|开始|结束|报名|活动|实施|施行|生效|登录|注册|加入|回复|最后|今天是|现在是|当前|访问|抓取|会议|出生|成立)(?:时间|日期|于|至|到)?\s*[:：]?\s*$"
)
_AROUND_TITLE = 14
"""Lines after the title, and a few before it, among which the time of publication stands."""
_SHORT = 120
_LEAST = 0.5
_EDITIONS = timedelta(hours=36)

_URL_DATES = (
    re.compile(
        r"(?<!\d)(?P<y>(?:19|20)\d\d)[-/_]?(?P<m>0[1-9]|1[0-2])[-/_]?(?P<d>0[1-9]|[12]\d|3[01])(?!\d)"
    ),
    re.compile(r"/(?P<y>(?:19|20)\d\d)[-/](?P<m>[1-9]|1[0-2])[-/](?P<d>[1-9]|[12]\d|3[01])(?!\d)"),
    re.compile(r"t(?P<y>(?:19|20)\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])_\d"),
    # A year's folder and month and day as one: /2020/1111/
    re.compile(r"/(?P<y>(?:19|20)\d\d)/(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?!\d)"),
)


@dataclass(frozen=True, slots=True)
class Publication:
    moment: datetime
    precision: Precision
    method: str
    has_year: bool = True


def find_publication(
    document: Document,
    metas: Mapping[str, str],
    ld: Mapping[str, Any],
    *,
    title_at: int | None,
    body: tuple[int, int] | None,
    url: str,
    fetched_at: datetime,
) -> Publication | None:
    """The page's time of publication; ``None`` where nothing reliable states one.

    *body* are the first and last block of the article.
    """
    from_url = url_date(url, fetched_at)
    stated = list(_stated(document, metas, ld, fetched_at))
    shown = _shown(document, title_at, body, from_url, fetched_at)
    if shown is not None and not shown.has_year and from_url is not None:
        shown = _in_year_of(shown, from_url)
    if shown or stated:
        return _agreed(shown, stated)
    if from_url:
        return Publication(from_url, Precision.DAY, "url")
    for name in _MODIFIED_NAMES:
        if (value := metas.get(name)) and (found := parse_time(value, fetched_at)):
            return Publication(*found, f"meta:{name}")
    return None


def _in_year_of(shown: Publication, day: datetime) -> Publication:
    """A date without a year in the year of the address, where it names the same day."""
    try:
        moved = shown.moment.replace(year=day.year)
    except ValueError:  # 29 February
        return shown
    return replace(shown, moment=moved, has_year=True) if abs(moved - day) <= _EDITIONS else shown


def _agreed(shown: Publication | None, stated: list[Publication]) -> Publication | None:
    """Combine the time that readers see with the finer one of the page's data.

    Data often give the time of a later edition, or of the push to a search engine, as the publication. Where
    the two are days apart, the line is more likely about something else.
    """
    stated = [one for one in stated if one.precision is not Precision.YEAR_INFERRED] or stated
    if shown is not None and not shown.has_year and stated:
        return stated[0]
    if shown is None or (stated and abs(shown.moment - stated[0].moment) > _EDITIONS):
        return stated[0]
    for other in stated:
        if cut(other.moment, shown.precision) == shown.moment:
            return other if other.precision is not Precision.DAY else shown
    return stated[0] if stated and shown.precision is Precision.DAY else shown


def _stated(
    document: Document, metas: Mapping[str, str], ld: Mapping[str, Any], fetched_at: datetime
) -> Iterator[Publication]:
    """Iterate the times in the page's data, best first."""
    for key in _LD_KEYS:
        if (value := ld.get(key)) and (found := parse_time(str(value), fetched_at)):
            yield Publication(*found, "json-ld")
    for name in _META_NAMES:
        if (value := metas.get(name)) and (found := parse_time(value, fetched_at)):
            yield Publication(*found, f"meta:{name}")
    elements = [(tag, content) for tag, content in document.named(TIME) if _TIME_ELEMENT.match(tag)]
    # More than two such elements are a list of other articles or comments.
    for tag, content in elements if len(elements) <= 2 else ():
        values = dict(_TIME_VALUE.findall(tag))
        value = values.get("datetime") or values.get("content") or TAG.sub("", content)
        if found := parse_time(value, fetched_at):
            yield Publication(*found, "time-element")


def _shown(
    document: Document,
    title_at: int | None,
    body: tuple[int, int] | None,
    from_url: datetime | None,
    fetched_at: datetime,
) -> Publication | None:
    """The likeliest time among the lines around title and body."""
    best: tuple[float, Publication] | None = None
    for block, place in _near(document.blocks, title_at, body):
        if not block.has_digit and "刚" not in block.spaced and "年" not in block.spaced:
            continue
        text = normalised(block.spaced)
        for found in find_times(text, fetched_at):
            score = place + _merit(text, found, from_url)
            if score > _LEAST and (best is None or score > best[0]):
                best = score, Publication(found.moment, found.precision, "text", found.has_year)
    return best[1] if best else None


def _near(
    blocks: list[Block], title_at: int | None, body: tuple[int, int] | None
) -> Iterator[tuple[Block, float]]:
    """Lines where a time of publication may stand, with what the place itself is worth."""
    first, last = body or (title_at or 0, title_at or 0)
    start = title_at if title_at is not None else max(first - 8, 0)
    stop = max(start + _AROUND_TITLE, min(first + 2, start + 40))
    ended = False
    for block in blocks[max(start - 6, 0) : max(stop, last + 8)]:
        if block.index > last and body is not None:
            # Other articles and comments follow, each with a time of its own.
            ended = ended or opens_other_section(block.text) or in_other_section(block.element)
            if ended or 2 * block.linked > len(block.text):
                continue
            worth = -0.6 - 0.05 * (block.index - last)
        elif block.index >= stop and block.index < last - 2:
            continue
        else:
            worth = 1.0 if body is not None and block.index >= first else 2.0
            worth -= 0.05 * abs(block.index - start) + (0.3 if block.index < start else 0.0)
        if len(block.text) <= _SHORT:
            yield block, worth


def _merit(text: str, found: FoundTime, from_url: datetime | None) -> float:
    before, after = text[: found.start], text[found.end :]
    merit = 0.0
    if _OTHER_CUE.search(before):
        return -5.0
    if _CUE.search(before):
        merit += 2.0
    elif len(text) - (found.end - found.start) > 40 or has_sentence(text):
        merit -= 2.0  # a date within a sentence
    elif not before.strip(" \t|·•/[]()【】") or _CUE_AFTER.match(after):
        merit += 1.0
    if found.precision is not Precision.DAY:
        merit += 0.8
    if not found.full:
        merit -= 0.6
    if from_url is not None:
        apart = abs(found.moment - from_url)
        merit += 1.0 if apart <= timedelta(days=1, hours=12) else -1.0
    return merit


def url_date(url: str, fetched_at: datetime) -> datetime | None:
    """The day that the path of *url* names (``/2020/1111/``, ``/20201111/``, ``2020-11/11``), 00:00 there."""
    path = url.partition("://")[2].partition("/")[2].partition("?")[0]
    for pattern in _URL_DATES:
        for match in pattern.finditer(f"/{path}"):
            try:
                day = datetime(int(match["y"]), int(match["m"]), int(match["d"]), tzinfo=UTC).date()
            except ValueError:
                continue
            start = day_start(day)
            if start <= fetched_at and day.year >= 1994:
                return start
    return None
