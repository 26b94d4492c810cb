"""检索: the understood query, facets that are links, the curve, documents folded by event or repost group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response

from fengping import events
from fengping.clock import local, parse_window
from fengping.errors import FengpingError, StoreError, UsageError
from fengping.indexer import Bucket, Filter, Interval, Sort, Store
from fengping.indexer.search import COLUMNS, And, Expression, Since, Until, describe, flat, trends
from fengping.models import Document
from fengping.services import search as services
from fengping.services.trends.periods import interval_end
from fengping.web import charts
from fengping.web.answers import as_csv, as_json
from fengping.web.asking import FIELDS, Question, chosen
from fengping.web.charts import Mark
from fengping.web.desk import AtDesk, Desk
from fengping.web.freezing import frozen
from fengping.web.gaps import gaps
from fengping.web.narrowing import Params, as_query, chips, narrowed, toggled, window, word_of
from fengping.web.pages.correct import tone_of
from fengping.web.pages.marks import FORMS
from fengping.web.rendering import PLACES, address, language, state_of, stream, translate
from fengping.web.showing import Row, cut, issue_names, pieces, row

router = APIRouter()
PAGE = 20
MOST = 10_000
"""Documents that a page reaches; further ones are exported."""
TABLE = 5_000
"""Rows of a ``.csv``; the command exports without a limit."""
PANE = 1_500
"""Characters of a text beside the list."""
_SIZES = {"page": PAGE, "most": MOST, "table_rows": TABLE}
FACETS = {
    "倾向": "polarity",
    "被指主播": "accused",
    "被指品牌": "accused_brand",
    "问题": "issue",
    "平台": "platform",
    "渠道": "channel",
    "来源": "source",
    "标签": "tag",
}


@dataclass
class Folded:
    """Documents of one event, or of one repost group."""

    title: str
    link: str
    status: str
    about: str
    more: int
    rows: list[Row] = field(default_factory=list)


@router.get("/search")
def search(
    request: Request,
    desk: AtDesk,
    asked: Question,
    sort: str = "newest",
    offset: int = 0,
    by: str = "",
    open: str = "",
    exact: str = "",
) -> Response:
    """The page: its documents first, then what is counted of all.

    *open* is the document that stands beside the list with what made its labels; with *exact* the total is
    counted to the end whatever that costs.
    """
    lang = language(request)
    values: dict[str, Any] = {
        "found": None,
        "refused": None,
        "groups": [],
        "later": None,
        "sort": sort,
        "pane": None,
        "names": issue_names(),
        "exports": FORMS,
    }
    params = {name: given for name, given in state_of(request).items() if name not in PLACES}
    values["chips"] = chips("/search", params)
    values["narrowed"] = narrowed(params)
    values["whole_query"] = as_query(params)
    values["rule_query"] = as_query({**params, "since": (), "until": ()})
    try:
        chosen(sort, list(Sort), "sort")
        chosen(by, ["", *Interval], "by")
        with desk.store() as store:
            offset = max(0, min(offset, MOST - PAGE))
            most = None if exact else MOST
            found = services.search(
                desk.home, asked, sort=sort, limit=PAGE, offset=offset, store=store, most=most
            )
            values |= {"found": found, "offset": offset, "groups": _folded(desk, found, asked.query, lang)}
            values["later"] = partial(_counted, desk, found.where, params, by, lang)
            values["copies"] = _copies(store, found)
            if open and (one := store.get([open])):
                values |= _pane(desk, one[0], found.where.text)
            values["frozen"] = frozen(request, desk, "q")
            values |= {"everything": store.count(Filter(since=found.where.since, until=found.where.until))}
        values["understood"] = _understood(found.where, asked, lang) if asked.query else ""
    except UsageError as error:
        values |= {"refused": error, "misread": _misread(desk, asked)}
    except StoreError as error:
        values["fault"] = error
    values["whole"] = [(form, address("/search/export", params, form=form)) for form in FORMS]
    here = {**params, "offset": offset or None}
    twins = (
        ("JSON", address("/search.json", here)),
        ("CSV", address("/search.csv", params)),
        ("API", address("/api/v1/search", narrowed(params), sort=sort, offset=offset or None)),
    )
    return stream(request, "search", values | {"twins": twins, **_SIZES}, here="/search")


@router.get("/search.json")
def as_record(
    desk: AtDesk, asked: Question, sort: str = "newest", offset: int = 0, limit: int = PAGE
) -> Response:
    """The documents of the page as JSON."""
    with desk.store() as store:
        found = services.search(
            desk.home, asked, sort=sort, limit=max(0, min(limit, 1000)), offset=max(0, offset), store=store
        )
    return as_json(found.to_record(), found.total - len(found.documents))


@router.get("/search.csv")
def as_table(desk: AtDesk, asked: Question, sort: str = "newest") -> Response:
    """The first documents as a table."""
    with desk.store() as store:
        found = services.search(desk.home, asked, sort=sort, limit=TABLE, store=store)
    rows = [flat(document) for document in found.documents]
    left_out = found.total - len(rows)
    return as_csv(COLUMNS, rows, "search", left_out, "fengping export writes them all.")


def _misread(desk: Desk, asked: services.Asked) -> bool:
    """True if it is the query, and not a filter or the period beside it, that cannot be understood."""
    try:
        with desk.store() as store:
            services.build_filter(desk.home, store, replace(asked, since=None, until=None, where={}))
    except UsageError:
        return True
    except StoreError:
        pass
    return False


def _understood(where: Filter, asked: services.Asked, lang: str) -> str:
    """The query in words, with the times that stand in it."""
    since, until = parse_window(asked.since, asked.until)
    parts: list[Expression] = [] if where.text is None else [where.text]
    if where.since and where.since != since:
        parts.append(Since(where.since))
    if where.until and where.until != until:
        parts.append(Until(where.until))
    whole = And(tuple(parts)) if len(parts) > 1 else next(iter(parts), None)
    return describe(whole, "zh" if lang == "zh" else "en")


def _copies(store: Store, found: services.Found) -> dict[str, int]:
    """Documents of each repost group of the page, by the group."""
    groups = tuple(dict.fromkeys(document.group for document in found.documents))
    return dict(store.terms(Filter(where={"group": groups}), "group")) if groups else {}


def _pane(desk: Desk, document: Document, text: Expression | None) -> dict[str, Any]:
    return {
        "pane": document,
        "tone": tone_of(desk, document),
        "pieces": cut(pieces(document, text), PANE),
    }


def _folded(desk: Desk, found: services.Found, query: str, lang: str) -> list[Folded]:
    """The page's documents, those of one event together, else those of one repost group."""
    try:
        known = events.events_of_documents(desk.home, [document.id for document in found.documents])
    except FengpingError:
        known = {}
    groups: dict[str, Folded] = {}
    for document in found.documents:
        event = known.get(document.id)
        alone = event is None or event.documents < 2
        key = document.group if alone or event is None else event.id
        if key not in groups:
            groups[key] = _group(document, None if alone else event, lang)
        groups[key].rows.append(row(document, found.where.text, query))
    return list(groups.values())


def _group(document: Document, event: events.Event | None, lang: str) -> Folded:
    if event is None:
        return Folded("", "", "", "", 0)
    first = local(event.first_at).strftime("%m-%d %H:%M") if event.first_at else "–"
    words = "{n} 条，{p} 个来源，首见 {t}"
    about = translate(words, lang, n=f"{event.documents:,}", p=event.publishers, t=first)
    return Folded(event.title, f"/events/{event.id}", event.status.value, about, event.documents)


def _counted(desk: Desk, where: Filter, params: dict[str, list[str]], by: str, lang: str) -> dict[str, Any]:
    """Facets and course of all that was found; a fault is told on the page, which has begun."""
    values: dict[str, Any] = {"facets": [], "chart": "", "by": by, "holes": False, "fault": None}
    values["unjudged"] = False
    try:
        # A store lets go of the interpreter while it counts: two questions take little longer than one.
        with desk.store() as store, ThreadPoolExecutor(1) as beside:
            fields = [FIELDS[name] for name in FACETS.values()]
            found = beside.submit(store.facets, where, fields, limit=8)
            values |= _course(desk, store, where, narrowed(params), by, lang)
            return values | {"facets": _facets(found.result(), params)}
    except FengpingError as error:
        return values | {"fault": error}


def _facets(
    found: Mapping[str, Sequence[tuple[str, int]]], params: dict[str, list[str]]
) -> list[dict[str, Any]]:
    shown = []
    for title, name in FACETS.items():
        values = found[FIELDS[name]]
        most = max((count for _, count in values), default=0) or 1
        items = [
            {
                "label": word_of(name, value),
                "count": count,
                "bar": charts.meter(count / most, kind="ink"),
                "link": toggled("/search", params, name, value),
                "on": value in params.get(name, ()),
            }
            for value, count in values
        ]
        if items:
            shown.append({"title": title, "items": items})
    return shown


def _course(desk: Desk, store: Store, where: Filter, asked: Params, by: str, lang: str) -> dict[str, Any]:
    """The curve by polarity, as fine as the window allows."""
    given = Interval(by) if by in list(Interval) else None
    interval = given or Interval.DAY
    buckets = trends.trend(store, where, interval)
    if not buckets:
        return {"by": str(interval), "chart": ""}
    if given is None and (fitting := _fitting(where, buckets)) is not interval:
        interval = fitting
        buckets = trends.trend(store, where, interval)
    starts = [bucket.start for bucket in buckets]
    rows = [row for _, row in trends.by_polarity(store, where, interval, buckets)]
    unjudged, now = any(row[-1] for row in rows), desk.now()
    dated = len({local(start).year for start in starts}) > 1
    labels = [_tick(start, interval, lang, dated=dated) for start in starts]
    marks = (
        [
            Mark(f"{label} {sum(row)}", address("/search", {**asked, **_window(where, start, interval)}))
            for start, label, row in zip(starts, labels, rows, strict=True)
        ]
        if len(starts) <= 130
        else []
    )
    holes = gaps(desk, store, starts, [sum(row) for row in rows], interval)
    chart = charts.stacked(translate("条数", lang), rows, labels, marks, gaps=holes or (), lang=lang)
    return {
        "by": str(interval),
        "chart": chart,
        "holes": holes,
        "unjudged": unjudged,
        "table": [
            (label, None if start >= now else row if unjudged else row[:3])
            for start, label, row in list(zip(starts, labels, rows, strict=True))[:130]
        ],
    }


def _fitting(where: Filter, course: Sequence[Bucket]) -> Interval:
    """The interval that shows the window, or what *course*, by day, holds of it, in up to 130 steps."""
    first = where.since or min(day.start for day in course)
    last = where.until or max(day.start for day in course) + timedelta(days=1)
    span = (last - first) / timedelta(days=1)
    most = {Interval.HOUR: 2, Interval.DAY: 120, Interval.WEEK: 900}
    return next((interval for interval, days in most.items() if span <= days), Interval.MONTH)


def _tick(start: datetime, by: Interval, lang: str, *, dated: bool) -> str:
    """The label of an interval; *dated* with the year, where a curve holds more than one."""
    hour = "%d日%H时" if lang == "zh" else "%d, %Hh"
    day = "%Y-%m-%d" if dated else "%m-%d"
    form = {"hour": hour, "day": day, "week": day, "month": "%Y-%m"}[by]
    return local(start).strftime(form)


def _window(where: Filter, start: datetime, by: Interval) -> dict[str, str | None]:
    """The part of the window of *where* that lies in the interval that begins at *start*."""
    end = interval_end(start, by)
    return window(max(start, where.since or start), min(end, where.until or end))
