"""峰值: peaks of a search, marked on its curve, each explained by what filled it and led to its documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from fengping.clock import iso, local
from fengping.errors import StoreError, UsageError
from fengping.indexer import Interval, Store
from fengping.services.search import Asked
from fengping.services.trends import peaks as services
from fengping.services.trends.campaigns import WORDS
from fengping.services.trends.peaks import Peak, Peaks, Story, Summit
from fengping.web import charts
from fengping.web.answers import as_csv, as_json
from fengping.web.asking import FIELDS, Days, Question, windowed
from fengping.web.charts import Mark
from fengping.web.desk import AtDesk, Desk
from fengping.web.freezing import frozen, window_of
from fengping.web.narrowing import chips, window, within
from fengping.web.rendering import address, language, render, state_of, translate

router = APIRouter()
SPANS = {"day": (28, 90, 365), "hour": (3, 7, 14)}
"""Days to look at, by the width of an interval."""
SHOWN = 6
LOOKED = 5_000
"""Documents through which explanations look before the page is there; others are asked for one by one."""
WIDE = 400
"""Intervals up to which each bar leads to its documents."""
KINDS = {"event": "一件事", "group": "同文", "campaign": "促销季", "word": "主题"}
CAUSES = {
    "story": "主要是一件事。",
    "stories": "几件事合占超出平时的 {p}。",
    "part": "下列合占超出平时的 {p}，其余未能归为一事。",
    "subject": "所问的内容本身变多，没有哪件事占到超出部分的一半。",
    "collected": "采集得较多，没有哪件事占到超出部分的一半。",
}
"""Causes of a peak in words; the figures stand beside them."""
_MARKS = str.maketrans({"（": " (", "）": ")", "、": ", "})
"""Marks between the words of a theme, as English has them."""
CONSUMER = "consumer:true"
"""A report counts what this finds of its query."""
By = Annotated[Literal["day", "hour"], Query()]


@dataclass(frozen=True, slots=True)
class Shown:
    """A peak as it is shown."""

    summit: Summit
    title: str
    documents: str
    """The address of its documents."""
    why: str = ""
    """The address of the page that explains it, where it is not explained yet."""
    peak: Peak | None = None
    words: tuple[tuple[str, int, str], ...] = ()
    """Word, documents of the peak with it, and their address."""
    shared: tuple[tuple[str, int, str], ...] = ()
    stories: tuple[tuple[Story, str, str, str], ...] = ()
    """A story, its title, the address of its event or else of its documents, that of those in the peak."""
    hosts: tuple[tuple[str, int, str], ...] = ()


@router.get("/peaks")
def peaks(
    request: Request,
    desk: AtDesk,
    asked: Question,
    by: By = "day",
    days: Days | None = None,
    why: datetime | None = None,
) -> Response:
    """The page; without days in the address the last *days* that hold documents.

    *why*: the start of a peak that is explained however many documents that takes.
    """
    lang = language(request)
    days = days or SPANS[by][1]
    params = state_of(request)
    kept = {name: params.get(name, []) for name in FIELDS} | {"q": asked.query}
    values: dict[str, Any] = {
        "found": None,
        "shown": [],
        "refused": None,
        "by": by,
        "days": days,
        "spans": SPANS[by],
        "kinds": KINDS,
        "causes": CAUSES,
        "chips": chips("/peaks", params),
        "window": None,
        "chart": "",
    }
    try:
        with desk.store() as store:
            given = asked
            asked, found = _found(desk, store, asked, by, days, most=LOOKED, sure=why and local(why))
        values["frozen"] = frozen(request, desk, "q", **window_of(given, asked))
        shown = [_shown(kept, asked.query, peak, found.by, lang) for peak in found.peaks]
        shown += [_waiting(kept, days, asked, summit, found.by) for summit in found.unexplained]
        shown.sort(key=lambda one: one.summit.start)
        values |= {"found": found, "shown": shown, "window": asked, "chart": _chart(kept, found, shown, lang)}
        values["holes"] = any(count is None for _, count in found.course)
    except UsageError as error:
        values["refused"] = error
    except StoreError as error:
        values["fault"] = error
    narrowed = f"({asked.query}) {CONSUMER}" if asked.query else CONSUMER
    whole = {"by": by, "days": days, "since": asked.since, "until": asked.until}
    values["as_reported"] = (
        "" if CONSUMER in asked.query else address("/peaks", {**kept, "q": narrowed}, **whole)
    )
    values["twins"] = [
        (kind.upper(), address(f"/peaks.{kind}", kept, by=by, since=asked.since, until=asked.until))
        for kind in ("json", "csv")
    ]
    return render(request, "peaks", values, here="/peaks")


@router.get("/peaks.json")
def as_record(desk: AtDesk, asked: Question, by: By = "day", days: Days | None = None) -> Response:
    """The same as JSON."""
    with desk.store() as store:
        found = _found(desk, store, asked, by, days or SPANS[by][1])[1]
    return as_json(found.to_record(), found.left_out)


@router.get("/peaks.csv")
def as_table(desk: AtDesk, asked: Question, by: By = "day", days: Days | None = None) -> Response:
    """A row a peak."""
    with desk.store() as store:
        found = _found(desk, store, asked, by, days or SPANS[by][1])[1]
    remedy = "Ask for a shorter period, or: fengping peaks --limit."
    return as_csv(services.COLUMNS, found.rows(), "peaks", found.left_out, remedy)


def _found(
    desk: Desk,
    store: Store,
    asked: Asked,
    by: str,
    days: int,
    most: int | None = None,
    sure: datetime | None = None,
) -> tuple[Asked, Peaks]:
    asked = windowed(desk, store, asked, days)
    now = desk.now()
    return asked, services.peaks(desk.home, asked, now, by=by, limit=SHOWN, most=most, sure=sure, store=store)


def _tick(start: datetime, by: Interval) -> str:
    return local(start).strftime("%m-%d %H:%M" if by is Interval.HOUR else "%m-%d")


def _title(summit: Summit, by: Interval) -> str:
    last = summit.end - timedelta(hours=1)
    ends = [local(moment).strftime("%Y-%m-%d %H:%M" if by is Interval.HOUR else "%Y-%m-%d")
            for moment in (summit.start, last)]  # fmt: skip
    return " – ".join(dict.fromkeys(ends))


def _waiting(kept: Mapping[str, Any], days: int, asked: Asked, summit: Summit, by: Interval) -> Shown:
    """A peak without its explanation."""
    inside = address("/search", {**kept, **window(summit.start, summit.end)})
    whole = {"by": by.value, "days": days, "since": asked.since, "until": asked.until}
    return Shown(
        summit, _title(summit, by), inside, address("/peaks", {**kept, **whole}, why=iso(summit.start))
    )


def _shown(kept: Mapping[str, Any], query: str, peak: Peak, by: Interval, lang: str) -> Shown:
    summit = peak.summit
    narrowed = {**kept, **window(summit.start, summit.end)}
    chosen = {name: values for name, values in narrowed.items() if values}

    def inside_of(name: str, value: str) -> str:
        return address("/search", within(chosen, **{name: value}))

    def holding(words: str) -> str:
        return address("/search", {**narrowed, "q": f"({query}) ({words})" if query else words})

    def story(one: Story) -> tuple[Story, str, str, str]:
        if one.kind in ("event", "group"):
            inside = inside_of(one.kind, one.id)
            return one, one.title, f"/events/{one.id}" if one.kind == "event" else inside, inside
        words = WORDS.get(one.id, (one.id,)) if one.kind == "campaign" else (one.id,)
        inside = holding(" OR ".join(f'"{word}"' for word in words))
        title = one.title.translate(_MARKS) if lang == "en" else one.title
        return one, title, inside, inside

    return Shown(
        summit,
        _title(summit, by),
        address("/search", narrowed),
        "",
        peak,
        tuple((one.word, one.now.count, holding(f'"{one.word}"')) for one in peak.words),
        tuple((word, count, holding(f'"{word}"')) for word, count in peak.cause.shared),
        tuple(story(one) for one in peak.stories),
        tuple((name, count, inside_of("host", name)) for name, count in peak.hosts),
    )


def _chart(kept: Mapping[str, Any], found: Peaks, shown: Sequence[Shown], lang: str) -> str:
    """The course with a triangle under the top of each peak, whose bar leads to what is said of it."""
    if not found.course:
        return ""
    tops = {one.summit.top: number for number, one in enumerate(shown, 1)}
    step = timedelta(hours=1) if found.by is Interval.HOUR else timedelta(days=1)
    marks = [
        Mark(
            f"{_tick(start, found.by)} {'–' if count is None else format(count, ',')}",
            f"#peak{tops[start]}"
            if start in tops
            else address("/search", {**kept, **window(start, start + step)}),
        )
        for start, count in found.course
    ]
    return charts.firings(
        translate("条数与峰值", lang),
        [count or 0 for _, count in found.course],
        [_tick(start, found.by) for start, _ in found.course],
        marks if len(marks) <= WIDE else (),
        [at for at, (start, _) in enumerate(found.course) if start in tops],
        gaps=[at for at, (_, count) in enumerate(found.course) if count is None],
        kind="neu",
        lang=lang,
    )
