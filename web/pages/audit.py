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
ACTS = {
    "account": "设账户",
    "acknowledge": "认领预警",
    "alarm claimed": "凭链接认领预警",
    "alarm other": "指预警不是同一件事",
    "alarm useless": "指预警无用",
    "add channel": "加渠道",
    "change channel": "改渠道",
    "remove channel": "删渠道",
    "add host": "登记主播",
    "add names": "补主播别名",
    "add source": "加来源",
    "guess source": "猜来源",
    "try source": "试采来源",
    "add recipient": "加收件人",
    "change recipient": "改收件人",
    "remove recipient": "删收件人",
    "add route": "加路由",
    "change route": "改路由",
    "move route": "挪路由",
    "remove route": "删路由",
    "make rule": "新建规则",
    "change rule": "改规则",
    "rename rule": "规则改名",
    "enable rule": "启用规则",
    "disable rule": "停用规则",
    "enable source": "启用来源",
    "disable source": "停用来源",
    "enable sources": "启用多个来源",
    "correct": "校正",
    "undo correction": "撤销校正",
    "crawl now": "立即采集",
    "draft edition": "起草报告",
    "strike in edition": "审阅删去",
    "reword in edition": "审阅改写",
    "add in edition": "审阅补充",
    "undo change of edition": "撤销审阅改动",
    "edition reviewed": "审阅完毕",
    "edition signed": "签发报告",
    "send edition": "送出报告",
    "test edition": "试送报告",
    "open sealed edition": "查阅封存件",
    "import": "导入文件",
    "intake": "接口送入",
    "judge anew": "重新判别",
    "keep evidence": "存证",
    "new signing key": "换签名密钥",
    "tag": "加标签",
    "untag": "去标签",
    "load sample": "载入样例",
    "login": "登录",
    "login refused": "登录被拒",
    "password": "改密码",
    "remove account": "删账户",
    "merge events": "合并事件",
    "split event": "拆分事件",
    "decide on event": "定事件",
    "watch event": "关注事件",
    "unwatch event": "取消关注事件",
    "pause job": "暂停任务",
    "resume job": "恢复任务",
    "run job": "立即运行任务",
    "save query": "存检索式",
    "replace query": "改检索式",
    "rename query": "检索式改名",
    "remove query": "删检索式",
    "rename": "改名",
    "retry delivery": "重新投递",
    "test delivery": "试投递",
    "silence": "静默",
    "end silence": "结束静默",
}
"""Words for the acts that are written down; the files have the acts themselves."""


@router.get("/audit")
def audit(request: Request, desk: AtDesk, offset: From = 0) -> Response:
    """The page."""
    total, rows = book.written(desk.state(), PAGE, offset)
    twins = (("JSON", "/audit.json"), ("CSV", "/audit.csv"))
    values = {"rows": rows, "total": total, "offset": offset, "page": PAGE, "twins": twins, "acts": ACTS}
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
