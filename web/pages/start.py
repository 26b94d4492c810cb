"""The first run of an empty home: sources chosen and crawled once, a file imported, or the sample loaded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, File, Form, Request, Response, UploadFile
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse

from fengping.errors import UsageError
from fengping.models import Kind
from fengping.progress import Listener
from fengping.sentences import put
from fengping.services import starting, switching
from fengping.web.accounts.door import Analyst, LargeForm, write_down
from fengping.web.desk import AtDesk, Desk
from fengping.web.notices import go
from fengping.web.rendering import language, translate
from fengping.web.working import Done

router = APIRouter()


@router.post("/start/sources")
def choose(
    request: Request,
    desk: AtDesk,
    by: Analyst,
    name: Annotated[list[str], Form()] = [],  # noqa: B006  FastAPI copies it
) -> Response:
    """Enables the chosen sources."""
    switching.switch(desk.home, name, on=True)
    desk.reload()
    write_down(desk, by, "enable sources", ", ".join(name))
    said = translate("已开 {n} 个来源。", language(request), n=len(name))
    return go(request, "/sources", said)


@router.post("/start/crawl")
def crawl(request: Request, desk: AtDesk, by: Analyst) -> Response:
    """Crawls every enabled source once and indexes what came."""
    home, now, lang = desk.home, desk.now(), language(request)

    def make(show: Listener) -> Done:
        starting.collect(home, show)
        return Done("/", translate("采了一轮，已入库。", lang))

    write_down(desk, by, "crawl now", "all")
    return _begun(desk, translate("采集一轮", lang), now, make)


@router.post("/start/sample")
def sample(request: Request, desk: AtDesk, by: Analyst) -> Response:
    """Loads the invented posts of the demonstration."""
    home, now, lang = desk.home, desk.now(), language(request)

    def make(show: Listener) -> Done:
        starting.load_sample(home, show)
        return Done("/", translate("演示数据已载入；撤回：fengping import --list", lang))

    write_down(desk, by, "load sample", home.root.name)
    return _begun(desk, translate("载入演示数据", lang), now, make)


@router.post("/start/import")
async def take_file(
    request: Request,
    desk: AtDesk,
    by: LargeForm,
    file: Annotated[UploadFile, File()],
    source: Annotated[str, Form(max_length=64)],
    kind: Annotated[str, Form(max_length=20)] = "",
    back: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Imports a file that the browser sends, from the first page or from that of the sources."""
    if kind and kind not in list(Kind):
        raise UsageError(f"Unknown kind {kind!r}.", remedy="Choose news, post or comment, or none.")
    content = await file.read()
    home, now, lang = desk.home, desk.now(), language(request)
    path = await run_in_threadpool(starting.keep_upload, home, file.filename or "", content)

    def make(show: Listener) -> Done:
        told = starting.take_file(home, path, source.strip(), now, show, Kind(kind) if kind else None)
        write_down(desk, by, "import", path.name, told)
        return Done(here, put(told, lang=lang))

    here = "/sources" if back == "/sources" else "/"
    return await run_in_threadpool(_begun, desk, translate("导入 {x}", lang, x=path.name), now, make, here)


def _begun(
    desk: Desk, title: str, now: datetime, make: Callable[[Listener], Done], here: str = "/"
) -> Response:
    work = desk.works.begin(title, now, make, here=here)
    return RedirectResponse(f"/progress/{work.id}", 303)
