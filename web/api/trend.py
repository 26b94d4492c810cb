"""``/api/v1/trend``: counts over time, as ``fengping trend --json`` prints them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from fengping.services import search as services
from fengping.web.answers import as_json
from fengping.web.asking import Question
from fengping.web.desk import AtDesk

router = APIRouter(tags=["counts"])


@router.get("/trend")
def trend(
    desk: AtDesk,
    asked: Question,
    by: Annotated[str, Query(description="hour, day, week or month (Chinese time).")] = "day",
    split: Annotated[str, Query(description="hosts, issues, polarity, platforms, channel, …")] = "",
) -> Response:
    """Counts over time, intervals without a document included."""
    with desk.store() as store:
        found = services.trend(desk.home, asked, by=by, split=split or None, store=store)
    return as_json(found.to_rows())
