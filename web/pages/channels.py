"""设置 / 渠道: where messages go, as forms over ``delivery.toml``: added, changed, tried, removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response

from fengping import delivery
from fengping.delivery.senders import senders
from fengping.errors import FengpingError
from fengping.services import channels
from fengping.toml_edit import sum_of
from fengping.web.accounts.door import Admin, Filled, write_down
from fengping.web.answers import as_csv, as_json
from fengping.web.desk import AtDesk, Desk
from fengping.web.notices import go
from fengping.web.pages.alerts import OUTCOMES
from fengping.web.rendering import address, language, render, translate

router = APIRouter()
HERE = "/settings/channel"
KINDS = {
    "dingtalk": "钉钉群机器人",
    "wecom": "企业微信群机器人",
    "feishu": "飞书群机器人",
    "mail": "邮件",
    "webhook": "网络回调（webhook）",
    "file": "写进文件",
    "folder": "每条一个文件夹",
    "apprise": "Apprise（Telegram、ntfy 等）",
    "stdout": "屏幕",
}
"""Words for the kinds of channels."""
FIELDS = {
    "url": "地址",
    "secret": "加签密钥",
    "keyword": "关键词",
    "mention": "紧急时点名",
    "server": "邮件服务器",
    "port": "端口",
    "security": "加密",
    "sender": "发件人",
    "user": "登录名",
    "password": "密码",
    "to": "收件人",
    "subject_prefix": "标题前缀",
    "path": "路径",
    "most_bytes": "附件上限（字节）",
    "ca_file": "另外信任的证书文件",
    "per_minute": "每分钟至多几条",
    "timeout": "单次超时（秒）",
}
"""Words for the keys."""
HINTS = {
    "url": "整个粘贴：它本身就是密钥，存进 secrets/，以后不再显示",
    "secret": "机器人设了加签才填",
    "keyword": "机器人设了关键词才填",
    "mention": "手机号、用户号，或 all；多个用、隔开",
    "sender": "风评 <monitor@example.cn>",
    "to": "多个用、隔开",
    "port": "不填：按加密方式",
    "path": "file：var/delivery/ 里的文件名；folder：数据目录里的路径",
}
RARE = ("most_bytes", "ca_file", "per_minute", "timeout")
"""Keys that stand folded."""


@router.get("/settings/channels.json")
def as_record(desk: AtDesk) -> Response:
    """The channels as JSON, secrets masked."""
    return as_json([asdict(one) for one in channels.listed(desk.home)])


@router.get("/settings/channels.csv")
def as_table(desk: AtDesk) -> Response:
    """The channels as a table, secrets masked."""
    rows = [(one.name, one.kind, one.target, one.fault) for one in channels.listed(desk.home)]
    return as_csv(("name", "kind", "target", "fault"), rows, "channels")


@router.get(HERE)
def editor(request: Request, desk: AtDesk, was: str = "", kind: str = "dingtalk") -> Response:
    """The form of a channel, empty or of the one that *was* there."""
    table = channels.table_of(desk.home, was) if was else {}
    return render(request, "channel", _form(was, table.get("kind", kind), table), here="/settings")


@router.post(HERE)
def keep(request: Request, desk: AtDesk, by: Admin, form: Filled) -> Response:
    """Writes the channel."""
    was, kind, name = form.get("was", ""), form.get("kind", ""), form.get("name", "").strip()
    try:
        channel = channels.keep(desk.home, name, kind, form, was)
    except FengpingError as error:
        table = channels.table_of(desk.home, was) if was else {}
        values = _form(was, table.get("kind", kind), table, form) | {"refused": error, "name": name}
        return render(request, "channel", values, here="/settings", status=400)
    write_down(desk, by, "change channel" if was else "add channel", was or name, channel.kind)
    said = f"“{was or name}”" + translate("已写入 delivery.toml，试送一条看看。", language(request))
    return go(request, address(HERE, was=was or name), said)


@router.post(f"{HERE}/remove")
def remove(request: Request, desk: AtDesk, by: Admin, name: Annotated[str, Form()]) -> Response:
    """Removes a channel that nothing names any more."""
    try:
        channels.remove(desk.home, name)
    except FengpingError as error:
        table = channels.table_of(desk.home, name)
        values = _form(name, table["kind"], table) | {"refused": error}
        return render(request, "channel", values, here="/settings", status=400)
    write_down(desk, by, "remove channel", name)
    said = f"“{name}”" + translate("已删去。", language(request))
    return go(request, "/settings#channels", said)


@router.post(f"{HERE}/test")
def test(request: Request, desk: AtDesk, by: Admin, name: Annotated[str, Form()]) -> Response:
    """Sends a test message and shows the answer."""
    table = channels.table_of(desk.home, name)
    values = _form(name, table["kind"], table)
    write_down(desk, by, "test delivery", name)
    try:
        values["answers"] = delivery.send_test(desk.home, name, desk.now())
    except FengpingError as error:
        values["refused"] = error
    return render(request, "channel", values, here="/settings")


def listing(desk: Desk) -> dict[str, Any]:
    """The channels on the page of settings."""
    try:
        return {"channels": channels.listed(desk.home), "kinds": KINDS, "broken": None}
    except FengpingError as error:
        return {"channels": [], "kinds": KINDS, "broken": error}


def _form(
    was: str, kind: str, table: Mapping[str, Any], typed: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The values of a form; a secret is never one of them."""
    fields = channels.fields_of(kind)
    secrets = {field.name for field in fields if field.shape == "secret"}
    shown = {key: "、".join(v) if isinstance(v, list) else v for key, v in table.items()}
    if typed is not None:
        shown = {field.name: typed.get(field.name, "") for field in fields}
    return {
        "was": was,
        "seen": sum_of(table),
        "name": was,
        "kind": kind,
        "kinds": {one: KINDS.get(one, one) for one in sorted(senders(), key=_order)},
        "fields": [field for field in fields if field.name not in RARE],
        "rare": [field for field in fields if field.name in RARE],
        "words": FIELDS,
        "hints": HINTS,
        "given": {key: value for key, value in shown.items() if key not in secrets and value != ""},
        "stored": {key: table[key] for key in secrets if table.get(key)},
        "refused": None,
        "answers": None,
        "outcomes": OUTCOMES,
    }


def _order(kind: str) -> tuple[int, str]:
    known = list(KINDS)
    return (known.index(kind) if kind in known else len(known), kind)
