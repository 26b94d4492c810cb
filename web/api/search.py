"""``/api/v1/search``: documents, as ``fengping search --json`` prints them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from fengping.services import search as services
from fengping.web.answers import as_json
from fengping.web.asking import Question
from fengping.web.desk import AtDesk

router = APIRouter(tags=["documents"])


@router.get("/search")
def search(
    desk: AtDesk,
    asked: Question,
    limit: Annotated[int, Query(ge=0, le=1000)] = 20,
    offset: Annotated[int, Query(ge=0)] = 0,
    sort: Annotated[str, Query(description="newest, oldest or relevance.")] = "newest",
) -> Response:
    """One page of documents; the total is exact."""
    with desk.store() as store:
        found = services.search(desk.home, asked, sort=sort, limit=limit, offset=offset, store=store)
    return as_json(found.to_record())
