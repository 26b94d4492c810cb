"""任务: the ledger of jobs, when each runs next, one begun now or paused, and how far the index is behind."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from starlette.responses import RedirectResponse

from fengping.clock import iso
from fengping.errors import FengpingError
from fengping.progress import Listener, Step
from fengping.scheduler import by_hand, service
from fengping.scheduler.status import status
from fengping.web.accounts.door import Analyst, write_down
from fengping.web.answers import as_csv, as_json
from fengping.web.desk import AtDesk
from fengping.web.notices import go
from fengping.web.rendering import language, render, translate
from fengping.web.working import Done

router = APIRouter()
RESULTS = {
    "ok": ("done", "好了"),
    "running": ("wait", "运行中"),
    "failed": ("ill", "失败"),
    "hung": ("ill", "超时中止"),
    "stopped": ("draft", "已中止"),
    "lost": ("ill", "中断"),
}
NAMES = {
    "collect": "采集",
    "index": "入库、判断",
    "alerts": "检查预警",
    "health": "看来源是否正常",
    "reader": "编码器通读",
    "events": "归并事件",
    "keep": "留证",
    "evidence": "复查存证的网址",
    "report": "报告",
    "check": "出自查样本",
    "digest": "每日简报",
    "backup": "备份",
    "retention": "到期删除",
}
"""Words for the jobs, by the first word of their names."""
Name = Annotated[str, Form(max_length=100)]


@router.get("/jobs")
def jobs(request: Request, desk: AtDesk) -> Response:
    """The page."""
    values: dict[str, Any] = {"planned": [], "status": None, "results": RESULTS, "scheduled": False}
    values["names"] = NAMES
    try:
        values["planned"] = service.planned(desk.home)
        values["scheduled"] = by_hand.is_scheduled(desk.home, desk.now())
        values["status"] = status(desk.home, desk.now())
    except FengpingError as error:
        values["fault"] = error
    values["works"] = desk.works.at("/jobs") + desk.works.at("/")
    return render(request, "jobs", values, here="/jobs")


@router.get("/jobs.json")
def as_record(desk: AtDesk) -> Response:
    """The record that ``fengping status --json`` prints."""
    return as_json(status(desk.home, desk.now()).to_record())


@router.get("/jobs.csv")
def as_table(desk: AtDesk) -> Response:
    """The jobs as a table."""
    rows = [
        (
            one.job, one.times, one.command, iso(one.next_at), one.paused,
            one.last.status if one.last else "", iso(one.last.started_at) if one.last else "",
            one.last.detail if one.last else "",
        )
        for one in service.planned(desk.home)
    ]  # fmt: skip
    columns = ("job", "times", "command", "next_at", "paused", "last", "started_at", "detail")
    return as_csv(columns, rows, "jobs")


@router.post("/jobs/run")
def run(request: Request, desk: AtDesk, by: Analyst, name: Name) -> Response:
    """Begins a job now: by the service where one runs, else here."""
    home, now, lang = desk.home, desk.now(), language(request)
    by_hand.find(home, name)
    write_down(desk, by, "run job", name)
    if by_hand.is_scheduled(home, now):
        by_hand.make_due(home, name, now)
        said = f"{name} " + translate("几秒内开始。", lang)
        return go(request, "/jobs", said)

    title = f"{translate(NAMES.get(name.partition('-')[0], name), lang)} {name}"

    def make(show: Listener) -> Done:
        show(Step("job", note=title))
        by_hand.run(home, name, desk.now)
        return Done("/jobs", f"{name} " + translate("好了", lang))

    return RedirectResponse(f"/progress/{desk.works.begin(title, now, make, here='/jobs').id}", 303)


@router.post("/jobs/pause")
def pause(
    request: Request, desk: AtDesk, by: Analyst, name: Name, on: Annotated[str, Form()] = ""
) -> Response:
    """Pauses a job, or lets it go on."""
    by_hand.pause(desk.home, name, on=bool(on))
    desk.reload()
    write_down(desk, by, "pause job" if on else "resume job", name)
    said = f"{name} " + translate(
        "已暂停，一分钟内生效。" if on else "已恢复，一分钟内生效。", language(request)
    )
    return go(request, "/jobs", said)
