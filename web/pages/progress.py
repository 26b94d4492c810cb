"""Work that outlasts a request: how far it is; then the page of what it made."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request, Response

from fengping.web.desk import AtDesk
from fengping.web.notices import go
from fengping.web.rendering import render

router = APIRouter()
STEPS = {
    "crawl": "采集",
    "import": "读文件",
    "sample": "备好演示数据",
    "index": "入库、判断",
    "counting": "取数、写作",
    "html": "网页",
    "pdf": "PDF",
    "docx": "Word",
    "xlsx": "Excel",
    "json": "数据",
    "md": "Markdown",
}
"""Words for the steps of work."""


@router.get("/progress/{id}")
def progress(request: Request, desk: AtDesk, id: str) -> Response:
    """The page; it asks again by itself, with and without script."""
    found = desk.works.find(id)
    if found is None:
        raise HTTPException(404, "This work is not known any more; what it made is where it belongs.")
    works = not found.ended  # asked first: an end in the middle of this is the next page's
    if found.made:
        return go(request, found.made.link, found.made.said)
    answer = render(request, "progress", {"w": found, "said": STEPS}, here=found.here)
    if works:
        answer.headers["refresh"] = "1"
    return answer
