"""审计: everything that was written from the console, by whom and when."""

from __future__ import annotations

from dataclasses import astuple

from fastapi import APIRouter, Request, Response

from fengping.clock import iso
from fengping.web.accounts import book
from fengping.web.answers import as_csv, as_json
from fengping.web.asking import From
from fengping.web.desk import AtDesk
from fengping.web.rendering import render

router = APIRouter()
PAGE = 100


@router.get("/audit")
def audit(request: Request, desk: AtDesk, offset: From = 0) -> Response:
    """The page."""
    total, rows = book.written(desk.state(), PAGE, offset)
    twins = (("JSON", "/audit.json"), ("CSV", "/audit.csv"))
    values = {"rows": rows, "total": total, "offset": offset, "page": PAGE, "twins": twins}
    return render(request, "audit", values, here="/audit")


@router.get("/audit.json")
def as_record(desk: AtDesk) -> Response:
    """The log as JSON."""
    _, rows = book.written(desk.state(), None)
    return as_json(
        [{"at": iso(r.at), "who": r.who, "act": r.act, "target": r.target, "detail": r.detail} for r in rows]
    )


@router.get("/audit.csv")
def as_table(desk: AtDesk) -> Response:
    """The log as a table."""
    _, rows = book.written(desk.state(), None)
    return as_csv(
        ("at", "who", "act", "target", "detail"), [(iso(r.at), *astuple(r)[1:]) for r in rows], "audit"
    )
