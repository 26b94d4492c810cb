"""``/api/v1/compare``, ``crosstab``, ``words``, ``peaks``, ``hosts/changes``: what these commands print."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from fengping.services import search as searching
from fengping.services.trends.beside import beside
from fengping.services.trends.crosstab import MOST
from fengping.services.trends.crosstab import crosstab as cross
from fengping.services.trends.movers import movers
from fengping.services.trends.peaks import peaks as find_peaks
from fengping.services.trends.words import rising
from fengping.web.asking import MAX_QUERY, Question
from fengping.web.desk import AtDesk
from fengping.web.tagged import tagged

router = APIRouter(tags=["counts"])

Text = Annotated[str, Query(max_length=MAX_QUERY)]


@router.get("/compare")
def compare(
    request: Request,
    desk: AtDesk,
    asked: Question,
    other: Text = "",
    with_since: Text = "",
    with_until: Text = "",
    against: Annotated[str, Query(description="Without another: previous or year.")] = "",
    by: Annotated[str, Query(description="Also hour, day or week in pairs of the same weekday.")] = "",
) -> Response:
    """Two searches, or two periods of one, side by side."""
    second = None
    if not against:
        second = replace(
            asked,
            query=other or asked.query,
            since=with_since or asked.since,
            until=with_until or asked.until,
        )
    period = against or "previous"
    with desk.store() as store:
        found = searching.compare(desk.home, asked, second, against=period, store=store)
        if not by:
            return tagged(request, found.to_rows())
        pairs = beside(desk.home, asked, second, desk.now(), by=by, against=period, store=store)
    return tagged(request, {"sides": found.to_rows(), **pairs.to_record()})


@router.get("/crosstab")
def crosstab(
    request: Request,
    desk: AtDesk,
    asked: Question,
    rows: Text = "hosts",
    columns: Text = "issues",
    layers: Text = "",
    limit: Annotated[int, Query(ge=1, le=MOST)] = 10,
) -> Response:
    """Counts how often values of two or three fields stand together, with n beside each share."""
    with desk.store() as store:
        found = cross(
            desk.home, asked, rows=rows, columns=columns, layers=layers or None, limit=limit, store=store
        )
    return tagged(request, found.to_record())


@router.get("/words")
def words(
    request: Request,
    desk: AtDesk,
    asked: Question,
    against: Text = "previous",
    limit: Annotated[int, Query(ge=1, le=1000)] = 20,
    at_least: Annotated[int, Query(ge=1, le=1_000_000)] = 3,
    names: bool = True,
) -> Response:
    """Words that rise against the period before, and rising names that no registry knows."""
    with desk.store() as store:
        found = rising(
            desk.home, asked, against=against, limit=limit, at_least=at_least, names=names, store=store
        )
    return tagged(request, found.to_record())


@router.get("/peaks")
def peaks(
    request: Request,
    desk: AtDesk,
    asked: Question,
    by: Text = "day",
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
) -> Response:
    """Peaks of a course, each explained by words, stories, first publisher and hosts."""
    with desk.store() as store:
        found = find_peaks(desk.home, asked, desk.now(), by=by, limit=limit, store=store)
    return tagged(request, found.to_record())


@router.get("/hosts/changes")
def host_changes(
    request: Request,
    desk: AtDesk,
    asked: Question,
    of: Annotated[str, Query(description="accused, negative or documents")] = "accused",
    against: Annotated[str, Query(description="previous or year")] = "previous",
    sort: Annotated[str, Query(description="rise, fall or now")] = "rise",
    limit: Annotated[int, Query(ge=1, le=10_000)] = 50,
) -> Response:
    """Hosts by how much changed for each against the period before."""
    with desk.store() as store:
        found = movers(
            desk.home, asked, desk.now(), of=of, against=against, sort=sort, limit=limit, store=store
        )
    return tagged(request, found.to_record())
