"""``/api/v1/documents``: pages by cursor, one by its id, and all of a question as a stream of lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import orjson
from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import StreamingResponse

from fengping.services import paging
from fengping.services import search as services
from fengping.web.asking import Question
from fengping.web.desk import AtDesk
from fengping.web.tagged import tagged

router = APIRouter(tags=["documents"])


@router.get("/documents")
def documents(
    request: Request,
    desk: AtDesk,
    asked: Question,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[str, Query(max_length=40, description="`next` of the page before.")] = "",
) -> Response:
    """Documents, newest first; `next` is null at the end, however many millions there are."""
    with desk.store() as store:
        found = paging.page(desk.home, asked, cursor=cursor, limit=limit, store=store)
    return tagged(request, {"documents": [one.to_record() for one in found.documents], "next": found.next})


@router.get("/documents.ndjson")
def stream(desk: AtDesk, asked: Question) -> Response:
    """Every document asked for, one JSON a line in the order of ids; the last line tells how many."""
    with desk.store() as store:
        where = services.build_filter(desk.home, store, asked)
        found = store.scan(where)

    def lines() -> Iterator[bytes]:
        count = 0
        for one in found:
            count += 1
            yield orjson.dumps(one.to_record(), option=orjson.OPT_APPEND_NEWLINE)
        yield orjson.dumps({"complete": True, "documents": count}, option=orjson.OPT_APPEND_NEWLINE)

    return StreamingResponse(lines(), media_type="application/x-ndjson")


@router.get("/documents/{id}")
def document(request: Request, desk: AtDesk, id: str) -> Response:
    """One document with its judgement and evidence."""
    with desk.store() as store:
        found = store.get([id])
    if not found:
        raise HTTPException(404, "No such document.")
    return tagged(request, found[0].to_record())
