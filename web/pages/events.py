"""事件: the list, and one with its chain, answers, turning points and documents; merged and split here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response
from starlette.responses import RedirectResponse

from fengping import events
from fengping.clock import day_of, day_start, iso, parse_window
from fengping.errors import StoreError, UsageError
from fengping.events import Asked, Dossier, Event, Status, as_record
from fengping.events.answers.status import status_of
from fengping.home import Home
from fengping.indexer import Filter, Interval, Store
from fengping.indexer.search import COLUMNS, Keyword, flat, trends
from fengping.models import Polarity
from fengping.services import events as services
from fengping.services import evidence
from fengping.services.events import decided
from fengping.web import charts
from fengping.web.accounts.door import Analyst, write_down
from fengping.web.answers import as_csv, as_json
from fengping.web.asking import FIELDS, From
from fengping.web.charts import Mark
from fengping.web.desk import AtDesk, Desk
from fengping.web.gaps import gaps
from fengping.web.narrowing import joined, window
from fengping.web.notices import go
from fengping.web.pages.marks import zipped
from fengping.web.rendering import PLACES, address, language, render, state_of, translate
from fengping.web.showing import CHANNELS, issue_names, row

router = APIRouter()
PAGE = 50
MOST = 10_000
"""Events of a file."""
MENTIONS = 12
NEAR = 30
"""Events of the same party that are offered for a merge."""
AROUND, BESIDE = timedelta(days=30), 12
"""Time around an event within which events of its party are shown beside it, and how many."""
KEPT = 12
"""Documents kept as evidence that are listed."""
FINDINGS = {"kept": "已存", "unchanged": "原页未变", "changed": "原页已改", "gone": "原页已删"}
"""Words for what a later look at the address of a kept document found."""
COUNTS = {"likes": "赞", "comments": "评", "reposts": "转"}
"""Words for the counts that engagement adds up."""
FIGURES = ("accused", "accused_brand", "host", "platform", "channel", "issue")
"""Parameters of the search by which an event's documents are counted."""
LONGEST = 366
"""Days of a course."""


def _asked(
    q: str = "", party: str = "", since: str = "", until: str = "", status: str = "", happenings: str = ""
) -> Asked:
    start, stop = parse_window(since or None, until or None)
    return Asked(q, party, start, stop, status_of(status), happenings=bool(happenings))


Wanted = Annotated[Asked, Depends(_asked)]


@router.get("/events")
def listed(request: Request, desk: AtDesk, asked: Wanted, offset: From = 0) -> Response:
    """The list."""
    given = request.query_params
    params = {name: values for name, values in state_of(request).items() if name not in PLACES}
    values = {
        "rows": services.listed(desk.home, asked, limit=PAGE, offset=offset),
        "total": services.count(desk.home, asked),
        "offset": offset,
        "page": PAGE,
        "most": MOST,
        "statuses": [one.value for one in Status],
        **{name: given.get(name, "") for name in ("status", "party", "since", "until", "happenings")},
        "watched": services.watched(desk.home) if not state_of(request) else [],
        "twins": [(kind.upper(), address(f"/events.{kind}", params)) for kind in ("json", "csv")],
    }
    return render(request, "events", values, here="/events")


def _records(desk: Desk, asked: Asked) -> tuple[list[dict[str, Any]], int]:
    """Events of a file, and how many it leaves out."""
    found = services.listed(desk.home, asked, limit=MOST)
    left_out = services.count(desk.home, asked) - len(found) if len(found) == MOST else 0
    return [as_record(one) for one in found], left_out


@router.get("/events.json")
def list_record(desk: AtDesk, asked: Wanted) -> Response:
    """The list as JSON, all of it up to :data:`MOST`."""
    return as_json(*_records(desk, asked))


@router.get("/events.csv")
def list_table(desk: AtDesk, asked: Wanted) -> Response:
    """The same as a table."""
    columns = (
        "id",
        "title",
        "first_at",
        "last_at",
        "documents",
        "charges",
        "publishers",
        "accused",
        "status",
    )
    records, left_out = _records(desk, asked)
    flat = [record | {"accused": "、".join(record["accused"])} for record in records]
    rows = [[record[name] for name in columns] for record in flat]
    return as_csv(columns, rows, "events", left_out, "Ask for a shorter period.")


@router.get("/events/{identity}.json")
def one_record(desk: AtDesk, identity: str) -> Response:
    """One event as JSON, everything known of it."""
    with desk.store() as store:
        found = events.event(desk.home, store, identity)
    kept = [
        {"document": one.document, "finding": one.finding, "since": iso(one.since)}
        for one in evidence.found_of(desk.home, found.documents)
    ]
    return as_json(as_record(found) | {"evidence": kept})


@router.get("/events/{identity}.csv")
def one_table(desk: AtDesk, identity: str) -> Response:
    """The way to the file of all its documents; the index knows none of a document alone in its event."""
    found = services.find(desk.home, identity)
    if found.documents > 1:
        return RedirectResponse(address("/search/export", event=found.id, form="csv"), 303)
    with desk.store() as store:
        documents = store.get(services.documents_of(desk.home, found.id))
    return as_csv(COLUMNS, [flat(document) for document in documents], f"event-{found.id}")


@router.get("/events/{identity}/evidence.zip")
def evidence_of(desk: AtDesk, identity: str) -> Response:
    """Everything kept of the event's documents, with the list of its hashes."""
    found = services.find(desk.home, identity)
    return zipped(desk.home, found.id)


@router.get("/events/{identity}")
def one(request: Request, desk: AtDesk, identity: str) -> Response:
    """One event."""
    lang = language(request)
    values: dict[str, Any] = {"d": None, "names": issue_names(), "rows": [], "chart": "", "said": CHANNELS}
    values |= {
        "whole": "",
        "charges": "",
        "shown": "",
        "statuses": [(one.name.lower(), one.value) for one in Status],
    }
    try:
        with desk.store() as store:
            found = events.event(desk.home, store, identity)
            own = [mention.id for mention in found.knowledge.chain if not mention.copy]
            values |= {"rows": [row(one) for one in store.get(own[:MENTIONS])], "n_own": found.knowledge.own}
            answering = store.get(found.answers[:MENTIONS])
            answering.sort(key=lambda document: document.raw.published_at or document.raw.fetched_at)
            values["answers"] = [row(document) for document in answering]
            values |= _figures(store, found) | _course(desk, store, found, lang)
            values |= _evidence(desk, store, found, own)
        parties = ("accused", "accused_brand", "host")
        known = {name for figure in parties for name, *_ in values["figures"][figure]}
        values["others"] = [name for name in found.event.parties if name not in known]
        values |= {"d": found, "e": found.event, "k": found.knowledge}
        values["engaged"] = [translate(COUNTS[name], lang) for name in found.knowledge.engaged]
    except StoreError as error:
        values |= {"fault": error, "e": services.find(desk.home, identity)}
    values["watched"] = values["e"].id in {event.id for event in services.watched(desk.home)}
    party = values["e"].parties[0] if values["e"].parties else ""
    near = services.listed(desk.home, Asked(party=party), limit=NEAR) if party else []
    values["near"] = [event for event in near if event.id != values["e"].id]
    values["decisions"] = services.decisions(desk.home, values["e"].id)
    values["kin"] = services.of_one_affair(desk.home, values["e"].id)
    values |= _around(desk.home, values["e"], party)
    values["twins"] = [(kind.upper(), f"/events/{identity}.{kind}") for kind in ("json", "csv")]
    return render(request, "event", values, here="/events")


def _around(home: Home, event: Event, party: str) -> dict[str, Any]:
    """Values for the events of the same party shortly before and after: those that most publishers tell, in
    the order of time, and the number of all."""
    begun = event.first_at
    if not party or begun is None or event.last_at is None:
        return {"around": []}
    first, last = day_start(day_of(begun - AROUND)), day_start(day_of(event.last_at + AROUND))
    asked = Asked(party=party, since=first, until=last + timedelta(days=1))
    found = [one for one in services.listed(home, asked, limit=BESIDE + 1) if one.id != event.id]
    beside = sorted(found[:BESIDE], key=lambda one: one.first_at or begun)
    every = address("/events", party=party, **window(first, last + timedelta(days=1)))
    return {"around": beside, "n_around": services.count(home, asked) - 1, "every_around": every}


def _figures(store: Store, found: Dossier) -> dict[str, Any]:
    """Values that the event's documents hold, each with their number and the address that lists them.

    A document alone in its event bears no mark of it in the index, and is itself what a figure leads to.
    """
    k, alone = found.knowledge, len(found.documents) == 1
    where, here = Filter(where={"event": (found.event.id,)}), {"event": found.event.id}
    fields = [*(FIELDS[name] for name in FIGURES), "regulators"]
    read = (k.accused, k.accused_brands, k.named, k.platforms, k.channels, k.issues, k.regulators)
    every = {} if alone else store.facets(where, fields, limit=MOST)
    counted = {field: every.get(field, known) for field, known in zip(fields, read, strict=True)}
    accused = {name for name, _ in counted["negative_hosts"]}
    counted["hosts"] = [(name, count) for name, count in counted["hosts"] if name not in accused]

    def listed(**given: Any) -> str:
        return f"/documents/{found.documents[0]}" if alone else address("/search", here, **given)

    figures = {
        name: [(value, count, listed(**{name: value})) for value, count in counted[FIELDS[name]]]
        for name in FIGURES
    }
    figures["regulator"] = [
        (value, count, listed(q=joined("", Keyword("regulators", value))))
        for value, count in counted["regulators"]
    ]
    shown = " OR ".join(f"{name}:>=0" for name in ("likes", "comments", "reposts"))
    return {
        "figures": figures,
        "whole": listed(),
        "charges": listed(polarity="neg"),
        "shown": listed(q=shown),
    }


def _evidence(desk: Desk, store: Store, found: Dossier, chain: Sequence[str]) -> dict[str, Any]:
    """Values for the evidence of an event: what is kept and waits, and what of the *chain* is not kept."""
    kept = evidence.found_of(desk.home, found.documents)
    held = {one.document for one in kept}
    shown = {document.id: document for document in store.get([one.document for one in kept[:KEPT]])}
    listed = [(one, row(shown[one.document])) for one in kept[:KEPT] if one.document in shown]
    waits = evidence.awaited(desk.home, found.documents)
    return {"kept": listed, "n_kept": len(kept), "awaited": waits, "findings": FINDINGS,
            "unkept": [id for id in chain if id not in held]}  # fmt: skip


def _course(desk: Desk, store: Store, found: Dossier, lang: str) -> dict[str, Any]:
    """Documents a day, each day leading to its own."""
    where = Filter(where={"event": (found.event.id,)})
    buckets = trends.trend(store, where, Interval.DAY)
    if not 2 <= len(buckets) <= LONGEST:
        return {}
    negative = replace(where, where={**where.where, "polarity": (Polarity.NEG.value,)})
    charges = {bucket.start: bucket.count for bucket in store.histogram(negative, Interval.DAY)}
    days = []
    for bucket in buckets:
        here = {"event": found.event.id, **window(bucket.start, bucket.start + timedelta(days=1))}
        links = address("/search", here), address("/search", here, polarity="neg")
        days.append((day_of(bucket.start), charges.get(bucket.start, 0), bucket.count, links))
    holes = gaps(desk, store, [bucket.start for bucket in buckets], [bucket.count for bucket in buckets])
    chart = charts.stacked(
        translate("每日信息量", lang),
        [(charged, count - charged, 0) for _, charged, count, _ in days],
        [f"{day:%m-%d}" for day, *_ in days],
        [Mark(f"{day:%m-%d} {charged} / {count}", links[0]) for day, charged, count, links in days],
        gaps=holes or (),
        lang=lang,
    )
    return {"chart": chart, "days": days, "holes": holes}


@router.post("/events/{identity}/watch")
def watch(
    request: Request, desk: AtDesk, by: Analyst, identity: str, on: Annotated[str, Form()] = ""
) -> Response:
    """Puts it on the list of watched events, or takes it off."""
    with desk.store() as store:
        services.watch(desk.home, identity, on=bool(on), by=by, now=desk.now(), store=store)
    write_down(desk, by, "watch event" if on else "unwatch event", identity)
    said = translate("已关注，今日页会列出。" if on else "不再关注。", language(request))
    return go(request, f"/events/{identity}", said)


@router.post("/events/{identity}/merge")
def merge(
    request: Request, desk: AtDesk, by: Analyst, identity: str, other: Annotated[str, Form()]
) -> Response:
    """Makes one event of two."""
    made = services.merge(
        desk.home, [identity, other.strip()], desk.now(), by=by,
        kept=lambda: write_down(desk, by, "merge events", identity, other),
    )  # fmt: skip
    return _made(request, f"{identity} + {other}", made)


@router.post("/events/{identity}/split")
def split(
    request: Request,
    desk: AtDesk,
    by: Analyst,
    identity: str,
    document: Annotated[list[str], Form()] = [],  # noqa: B006
) -> Response:
    """Takes documents out into an event of their own."""
    if not document:
        raise UsageError("No document is chosen.", remedy="Tick some, then say what to do with them.")
    made = services.split(
        desk.home, identity, document, desk.now(), by=by,
        kept=lambda: write_down(desk, by, "split event", identity, ", ".join(document)),
    )  # fmt: skip
    return _made(request, identity, made)


@router.post("/events/{identity}/decide")
def decide(
    request: Request,
    desk: AtDesk,
    by: Analyst,
    identity: str,
    act: Annotated[str, Form()],
    value: Annotated[str, Form()] = "",
    document: Annotated[str, Form()] = "",
) -> Response:
    """Has the last word on a value, a step, a document or a link, or takes it back."""
    made = decided(
        desk.home, identity, act, value.strip(), document.strip(), by, desk.now(),
        lambda: write_down(desk, by, "decide on event", identity, f"{act} {document} {value}".strip()),
    )  # fmt: skip
    return _made(request, identity, made)


def _made(request: Request, of: str, made: services.Handled) -> Response:
    waits = ""
    if made.waiting:
        waits = "已记下，正在进行的归并结束后生效。"
    elif made.elsewhere:
        waits = "已记下，由建立索引的机器在下次归并时生效。"
    lang = language(request)
    outcome = translate("：", lang) + translate(waits, lang) if waits else f" → {made.event.id}"
    return go(request, f"/events/{made.event.id}", of + outcome)
