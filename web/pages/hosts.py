"""主播: those of the registry with what is said of them, and the profile of one."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from fengping import events
from fengping.clock import day_of, day_start, local, parse_window
from fengping.errors import FengpingError, StoreError
from fengping.indexer import Filter, Store
from fengping.indexer.search import Keyword, Term
from fengping.services import events as event_services
from fengping.services.hosts import load_registry
from fengping.services.naming import audited
from fengping.services.overview import newest_day
from fengping.services.profile import Profile, profile
from fengping.services.search import Asked as Searched
from fengping.services.trends.movers import COLUMNS, FIGURES, Movers, movers
from fengping.web import charts
from fengping.web.answers import as_csv, as_json
from fengping.web.asking import Days
from fengping.web.charts import Mark
from fengping.web.desk import AtDesk, Desk
from fengping.web.freezing import frozen
from fengping.web.gaps import gaps
from fengping.web.narrowing import joined
from fengping.web.pages.compare import OVER_TIME
from fengping.web.pages.registry import REASONS
from fengping.web.rendering import address, language, render, state_of, translate
from fengping.web.showing import issue_names

router = APIRouter()
SPANS = (7, 28, 90, 365)
MOST = 300
LONGEST_LIST = 10_000
"""Hosts of the page, and of a file."""
TONES = ("negative", "neutral", "positive", "unjudged")


LONGEST = 3650
LONGEST_COURSE = 730
"""Days of a list, and of a profile."""
SHORTER = "Ask for a shorter period, or one that ends earlier."
EVENTS = 20
EVERY = 50_000
"""Platforms or words that a store is asked for at most."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """A period: some days up to the last one with documents, or from a day to a day."""

    days: int
    since: str
    until: str

    def ends(self, desk: Desk, store: Store, longest: int) -> tuple[date, date] | None:
        """First and last day; none where nothing is stored."""
        start, stop = parse_window(self.since or None, self.until or None)
        newest = Filter(until=desk.now())
        last = day_of(stop - timedelta(microseconds=1)) if stop else newest_day(store, newest)
        if last is None:
            return None
        first = day_of(start) if start else last - (max(1, self.days) - 1) * _DAY
        return max(min(first, last), last - (longest - 1) * _DAY), last

    def left_out(self, first: date, last: date) -> int:
        """Days that were asked for before the *first* that :meth:`ends` gave."""
        start, _ = parse_window(self.since or None, self.until or None)
        wanted = day_of(start) if start else last - (max(1, self.days) - 1) * _DAY
        return max(0, (first - wanted).days)

    def shown(self) -> dict[str, Any]:
        """As parameters of an address."""
        given = bool(self.since or self.until)
        return {"days": None if given and self.since else self.days, "since": self.since, "until": self.until}


def _asked(days: Days = 90, since: str = "", until: str = "") -> Asked:
    return Asked(days, since, until)


Period = Annotated[Asked, Depends(_asked)]


@dataclass(frozen=True, slots=True)
class Order:
    """The figure that stands first with its change, what it is compared with, and what the order goes by."""

    of: str
    against: str
    sort: str
    only: str
    """``accused``: those alone that are accused in the period."""


def _order(
    of: Literal["accused", "negative", "documents"] = "accused",
    against: Literal["previous", "year"] = "previous",
    sort: Literal["now", "rise", "fall"] = "now",
    only: Literal["", "accused"] = "",
) -> Order:
    return Order(of, against, sort, only)


Ordered = Annotated[Order, Depends(_order)]
WORDS = {"accused": "被指", "negative": "提到且为负面", "documents": "提及"}
BEFORE = {"previous": "前一期", "year": "去年同期"}
SORTS = {"now": "条数", "rise": "上升", "fall": "下降"}


@router.get("/hosts")
def hosts(request: Request, desk: AtDesk, period: Period, order: Ordered, name: str = "") -> Response:
    """The list."""
    values: dict[str, Any] = {
        "rows": [],
        "spans": SPANS,
        "name": name,
        "period": period,
        "ends": None,
        "order": order,
        "figures": [order.of, *(figure for figure in FIGURES if figure != order.of)],
        "words": WORDS,
        "befores": BEFORE,
        "sorts": SORTS,
        "moves": OVER_TIME,
    }
    registry = load_registry(desk.home)
    values["known"] = {host.name: host for host in registry.hosts}
    try:
        with desk.store() as store:
            if found := _movers(desk, store, period, order, name, MOST, (order.of,)):
                window, before = (_days(where) for where in found.wheres)
                values |= {"rows": found.hosts, "found": found.found}
                values["frozen"] = _frozen(request, desk, period, *window)
                values |= {"ends": window, "before": before, "days": found.days}
    except StoreError as error:
        values["fault"] = error
    twins = [(kind.upper(), address(f"/hosts.{kind}", state_of(request))) for kind in ("json", "csv")]
    return render(request, "hosts", values | {"twins": twins}, here="/hosts")


@router.get("/hosts.json")
def as_record(desk: AtDesk, period: Period, order: Ordered, name: str = "") -> Response:
    """The same as JSON."""
    with desk.store() as store:
        found = _movers(desk, store, period, order, name, LONGEST_LIST)
    records = [host.to_record() for host in found.hosts] if found else []
    return as_json(records, found.found - len(records) if found else 0)


@router.get("/hosts.csv")
def as_table(desk: AtDesk, period: Period, order: Ordered, name: str = "") -> Response:
    """The same as a table."""
    with desk.store() as store:
        found = _movers(desk, store, period, order, name, LONGEST_LIST)
    rows = found.rows() if found else []
    return as_csv(COLUMNS, rows, "hosts", found.found - len(rows) if found else 0)


def _frozen(request: Request, desk: Desk, period: Asked, first: date, last: date) -> str:
    if period.since and period.until:
        return ""
    return frozen(request, desk, since=str(first), until=str(last), days=None)


def _movers(
    desk: Desk,
    store: Store,
    period: Asked,
    order: Order,
    name: str,
    most: int,
    tested: Sequence[str] = FIGURES,
) -> Movers | None:
    """The hosts asked for of whose names one holds *name*; none where nothing is stored."""
    ends = period.ends(desk, store, LONGEST)
    if ends is None:
        return None
    part = name.strip().lower()
    known = load_registry(desk.home).hosts if part else ()
    others = {host.name: (*host.sure(), *host.ambiguous, *host.handles) for host in known}
    asked = Searched("", str(ends[0]), str(ends[1]), {}, desk.now())
    return movers(
        desk.home,
        asked,
        desk.now(),
        of=order.of,
        against=order.against,
        sort=order.sort,
        limit=most,
        tested=tested,
        keep=lambda host, counts: (
            (not order.only or counts[order.only][0] > 0)
            and any(part in one.lower() for one in others.get(host, (host,)))
        ),
        store=store,
    )


def _days(where: Filter) -> tuple[date, date]:
    assert where.since and where.until
    return day_of(where.since), day_of(where.until - _DAY)


@router.get("/hosts/{name}.json")
def one_record(desk: AtDesk, name: str, period: Period) -> Response:
    """The profile's days and classes as JSON; the days that are left out stand in the header."""
    with desk.store() as store:
        found = profile_of(desk, store, name, period)
    return as_json(
        {
            "host": name, "documents": found.counted.total, "negative": found.counted.negative,
            "accused": found.counted.accused,
            "days": [
                {"day": str(day_of(at)), **dict(zip(TONES, row, strict=True))} for at, row in found.days
            ],
            "issues": [{"code": code, "count": count, "usual": usual} for code, count, usual in found.issues],
        },
        days_left_out(found, period),
    )  # fmt: skip


@router.get("/hosts/{name}.csv")
def one_table(desk: AtDesk, name: str, period: Period) -> Response:
    """The profile's days as a table."""
    with desk.store() as store:
        found = profile_of(desk, store, name, period)
    rows = [(day_of(at), *row) for at, row in found.days]
    return as_csv(("day", *TONES), rows, "host", days_left_out(found, period), SHORTER)


def days_left_out(found: Profile, period: Asked) -> int:
    """Days of *period* that a profile does not go back to."""
    return period.left_out(day_of(found.since), day_of(found.until - _DAY))


def profile_of(desk: Desk, store: Store, name: str, period: Asked, *, whole: bool = False) -> Profile:
    """The profile of a host in a period; of the last days to now where nothing is stored.

    Platforms and words are the first, or with *whole* all of them.
    """
    today = day_of(desk.now())
    first, last = period.ends(desk, store, LONGEST_COURSE) or (
        today - (max(1, period.days) - 1) * _DAY,
        today,
    )
    more = {"platforms": EVERY, "words": EVERY} if whole else {}
    return profile(store, name, day_start(last), (last - first).days + 1, **more)


@router.get("/hosts/{name}")
def host(request: Request, desk: AtDesk, name: str, period: Period, names: str = "") -> Response:
    """The profile; with *names* each of the host's names is looked at in the stored texts."""
    lang = language(request)
    registry = load_registry(desk.home)
    with suppress(FengpingError):
        name = registry.find(name).name
    registered = registry.by_name.get(name)
    values: dict[str, Any] = {
        "name": name,
        "host": registered,
        "period": period,
        "spans": SPANS,
        "names": issue_names(),
        "p": None,
        "events": [],
        "n_events": None,
        "left_out": 0,
        "longest": LONGEST_COURSE,
        "unread": None,
        "newest": None,
        "chart": "",
        "holes": (),
        "unjudged": False,
        "answers": {},
        "audit": [],
        "reasons": REASONS,
    }
    try:
        with desk.store() as store:
            found = profile_of(desk, store, name, period)
            if not found.counted.total and not found.counted.accused:
                values["newest"] = newest_day(store, Filter(where={"hosts": (name,)}))
                if registered is None and values["newest"] is None:
                    raise HTTPException(404, f"There is no host {name}.")
            if names and registered:
                values["audit"] = audited(desk.home, store, name, found.since, found.until)
            values |= {"p": found, "first": day_of(found.since), **_chart(desk, store, found, lang)}
            values["left_out"] = days_left_out(found, period)
        values["last"] = day_of(found.until - _DAY)
        values["unjudged"] = any(row[-1] for _, row in found.days)
        period_of = {"since": values["first"], "until": values["last"]}

        def holding(word: str) -> str:
            """The address of the negatives of which *word* is a key word."""
            given = {"q": joined("", Keyword("keywords", word)), "accused": name, "polarity": "neg"}
            return address("/search", given, **period_of)

        def spoken(name: str) -> str:
            """The address of the documents in which *name* stands."""
            return address("/search", q=joined("", Term(name)), **period_of)

        values |= {"holding": holding, "spoken": spoken}
        values["frozen"] = _frozen(request, desk, period, values["first"], values["last"])
        try:
            asked = events.Asked(party=name, since=found.since, until=found.until)
            listed = event_services.listed(desk.home, asked, limit=EVENTS)
            answers = event_services.answers(desk.home, listed, name)
            values |= {"events": listed, "n_events": event_services.count(desk.home, asked)}
            values["answers"] = answers
        except FengpingError as error:
            values["unread"] = error
    except StoreError as error:
        values["fault"] = error
    shown = {"since": values["first"], "until": values["last"]} if values["left_out"] else period.shown()
    values["shown"] = shown
    values["twins"] = [
        (kind.upper(), address(f"/hosts/{quote(name)}.{kind}", shown)) for kind in ("json", "csv")
    ]
    return render(request, "host", values, here="/hosts")


def _chart(desk: Desk, store: Store, found: Profile, lang: str) -> dict[str, Any]:
    labels = [local(start).strftime("%m-%d") for start, _ in found.days]
    marks = []
    for (start, row), label in zip(found.days, labels, strict=True):
        day = str(day_of(start))
        link = address("/search", host=found.counted.name, since=day, until=day)
        marks.append(Mark(f"{label} {row[0]}/{sum(row)}", link))
    holes = gaps(desk, store, [start for start, _ in found.days], [sum(row) for _, row in found.days])
    chart = charts.stacked(
        translate("每日信息量", lang),
        [row for _, row in found.days],
        labels,
        marks if len(marks) <= 130 else (),
        gaps=holes or (),
        lang=lang,
    )
    return {"chart": chart, "holes": holes}
