"""``/api/v1`` on what a home knows: hosts, events, alerts, sources, runs, reports, corrections."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from fengping import events as room
from fengping.clock import iso, parse_window
from fengping.errors import UsageError
from fengping.events.answers.status import status_of
from fengping.indexer.corrections import LISTS
from fengping.scheduler.status import status
from fengping.services import alert, events, source, tagging
from fengping.services import correct as corrections_of
from fengping.services.hosts import load_registry
from fengping.services.trends.phases import timeline as phases
from fengping.web.accounts.door import write_down
from fengping.web.accounts.tokens import Corrector
from fengping.web.answers import as_json
from fengping.web.desk import AtDesk
from fengping.web.tagged import tagged

router = APIRouter(tags=["home"])

Limit = Annotated[int, Query(ge=1, le=1000)]
Offset = Annotated[int, Query(ge=0, le=1_000_000)]
Text = Annotated[str, Query(max_length=200)]


@router.get("/hosts")
def hosts(request: Request, desk: AtDesk) -> Response:
    """Every host known, as ``fengping hosts list --json`` prints them."""
    found = load_registry(desk.home).hosts
    return tagged(request, [host.model_dump(by_alias=True, mode="json") for host in found])


@router.get("/events")
def listed(
    request: Request,
    desk: AtDesk,
    q: Text = "",
    since: Text = "",
    until: Text = "",
    party: Text = "",
    status: Text = "",
    happenings: bool = False,
    limit: Limit = 50,
    offset: Offset = 0,
) -> Response:
    """Events that accuse somebody, those told by most publishers first; with `happenings` the others."""
    begin, end = parse_window(since or None, until or None)
    asked = room.Asked(
        text=q, party=party, since=begin, until=end, status=status_of(status), happenings=happenings
    )
    found = events.listed(desk.home, asked, limit=limit, offset=offset)
    return tagged(request, [room.as_record(one) for one in found])


@router.get("/events/{id}")
def event(request: Request, desk: AtDesk, id: str) -> Response:
    """One event with everything known of it."""
    _found(desk, id)
    return tagged(request, room.as_record(events.show(desk.home, id)))


class Deciding(BaseModel):
    """One decision on an event."""

    model_config = ConfigDict(extra="forbid")

    act: Literal[events.ACTS]  # type: ignore[valid-type]
    value: str = Field("", max_length=1_000)
    document: str = Field("", max_length=32, description="The one that tells a step, or moves.")


@router.get("/events/{id}/decisions")
def decisions(request: Request, desk: AtDesk, id: str) -> Response:
    """What persons decided on an event, the latest first, with what was taken back."""
    _found(desk, id)
    return tagged(request, room.as_record(events.decisions(desk.home, id)))


@router.post("/events/{id}/decisions")
def decide(desk: AtDesk, by: Corrector, id: str, given: Deciding) -> Response:
    """Has the last word on an event, as `fengping affairs set` and its like; outlives every rebuild.

    `value` is the title, status, reason, names, classes, other event or number; 无 as the status of a step
    says that the document tells none.
    """
    _found(desk, id)
    made = events.decided(
        desk.home, id, given.act, given.value, given.document, by, desk.now(),
        lambda: write_down(desk, by, "decide on event", id, f"{given.act} {given.document} {given.value}"),
    )  # fmt: skip
    return as_json(room.as_record(made))


@router.get("/events/{id}/timeline")
def timeline(request: Request, desk: AtDesk, id: str) -> Response:
    """An event's course by day with its phases."""
    _found(desk, id)
    with desk.store() as store:
        return tagged(request, phases(desk.home, id, store=store).to_record())


@router.get("/alerts")
def alerts(request: Request, desk: AtDesk, limit: Limit = 50, offset: Offset = 0) -> Response:
    """Alarms, newest first."""
    return tagged(request, alert.listed(desk.home, limit, offset, now=desk.now()))


@router.get("/sources")
def sources(request: Request, desk: AtDesk) -> Response:
    """Enabled sources with their health."""
    found = source.standings(desk.home, desk.now(), ())
    return tagged(
        request,
        [
            {
                "source": one.source, "state": one.verdict.state.value, "reason": one.verdict.reason,
                "since": iso(one.since),
            }
            for one in found
        ],
    )  # fmt: skip


@router.get("/runs")
def runs(request: Request, desk: AtDesk) -> Response:
    """The last run of each job and source, and the lag of the index: ``fengping status --json``."""
    return tagged(request, status(desk.home, desk.now()).to_record())


@router.get("/reports")
def reports(request: Request, desk: AtDesk) -> Response:
    """Reports that were written into the home, newest first."""
    folder = desk.home.reports
    files = [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []
    newest = sorted(files, key=lambda path: (-path.stat().st_mtime, path.name))
    rows: list[dict[str, Any]] = [
        {"file": path.relative_to(folder).as_posix(), "bytes": path.stat().st_size} for path in newest
    ]
    return tagged(request, rows)


@router.get("/corrections")
def corrections(request: Request, desk: AtDesk, document: Text = "") -> Response:
    """Every correction ever made, those taken back included."""
    found = corrections_of.listed(desk.home, document)
    return tagged(
        request,
        [
            {
                "number": one.number, "document_id": one.document_id, "by": one.by, "note": one.note,
                "made_at": iso(one.made_at), "undone_at": iso(one.undone_at), "undone_by": one.undone_by,
                "polarity": one.polarity and one.polarity.value, "relevant": one.relevant,
                "consumer": one.consumer, "act": one.act and one.act.value,
                **{name: list(getattr(one, name)) for name in LISTS},
            }
            for one in found
        ],
    )  # fmt: skip


@router.get("/tags")
def tags(request: Request, desk: AtDesk) -> Response:
    """Tags in use, and notes, as ``fengping tag --json`` prints them."""
    with desk.store() as store:
        counts = tagging.listed(desk.home, store=store)
    return tagged(
        request,
        {"tags": [{"tag": name, "documents": n} for name, n in counts], "notes": tagging.notes(desk.home)},
    )


def _found(desk: AtDesk, id: str) -> None:
    try:
        events.find(desk.home, id)
    except UsageError as error:
        raise HTTPException(404, str(error)) from None
