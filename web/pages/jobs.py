"""任务: the ledger of jobs, when each runs next, and how far the index is behind."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from fengping.errors import FengpingError
from fengping.scheduler import service
from fengping.scheduler.status import status
from fengping.web.answers import as_json
from fengping.web.desk import AtDesk
from fengping.web.rendering import render

router = APIRouter()


@router.get("/jobs")
def jobs(request: Request, desk: AtDesk) -> Response:
    """The page."""
    values: dict[str, Any] = {"planned": [], "status": None, "twins": (("JSON", "/jobs.json"),)}
    try:
        values["planned"] = service.planned(desk.home)
        values["status"] = status(desk.home, desk.now())
    except FengpingError as error:
        values["fault"] = str(error)
    return render(request, "jobs", values, here="/jobs")


@router.get("/jobs.json")
def as_record(desk: AtDesk) -> Response:
    """The record that ``fengping status --json`` prints."""
    return as_json(status(desk.home, desk.now()).to_record())
