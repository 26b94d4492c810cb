"""设置 / 收件人、路由: who is told, as forms over ``delivery.toml``; a dry run says who would get what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response

from fengping.analysis.hosts import load_names
from fengping.clock import SHANGHAI, local
from fengping.delivery import Book, Severity
from fengping.errors import FengpingError, UsageError
from fengping.services import dry_run, routing
from fengping.services.dry_run import Told
from fengping.services.renaming import rename_target
from fengping.services.routing import LABELS
from fengping.toml_edit import sum_of
from fengping.web.accounts.door import Admin, Filled, write_down
from fengping.web.answers import as_csv, as_json
from fengping.web.desk import AtDesk, Desk
from fengping.web.freezing import frozen
from fengping.web.notices import go
from fengping.web.pages.rules import SEVERITIES
from fengping.web.rendering import language, render, translate, without_token
from fengping.web.showing import issue_names

router = APIRouter()
WHO = "/settings/who"
RECIPIENT, ROUTE = "/settings/recipient", "/settings/route"
KINDS = {"rule": "规则", "report": "报告", "notice": "通知", "route": "路由", "recipient": "收件人"}
KEYS = {
    "schedule.notify": "时间表的通知",
    "crawl.notify": "来源的通知",
    "schedule.weekly_to": "周报",
}
"""Words for what the configuration sends."""
CONDITIONS = {"host": "主播", "class": "问题类别", "platform": "平台", "rule": "规则", "source": "来源"}
"""Words for the labels that a route looks at."""


@router.get(WHO)
def who(request: Request, desk: AtDesk) -> Response:
    """A dry run of delivery, about a host, a class and a time of day."""
    values = _dry(desk, request.query_params, None) | _known(desk)
    return render(request, "who", values | _fixed(request, desk, values), here="/settings")


@router.get(f"{WHO}.json")
def as_record(request: Request, desk: AtDesk) -> Response:
    """The dry run as JSON."""
    return as_json([one.to_record() for one in _told(desk, request.query_params, None)])


@router.get(f"{WHO}.csv")
def as_table(request: Request, desk: AtDesk) -> Response:
    """The dry run as a table."""
    rows = []
    for one in _told(desk, request.query_params, None):
        gets = ("、".join(dry_run.listed(one, severity)) for severity in Severity)
        rows.append((one.kind, one.name, "、".join(one.to), *gets, one.fault))
    return as_csv(("kind", "name", "to", *(s.value for s in Severity), "fault"), rows, "who")


@router.get(RECIPIENT)
def recipient(request: Request, desk: AtDesk, was: str = "") -> Response:
    """The form of a recipient, and who would get what by it."""
    return _editor(request, desk, "recipient", was)


@router.get(ROUTE)
def route(request: Request, desk: AtDesk, was: str = "") -> Response:
    """The form of a route, and who would get what by it."""
    return _editor(request, desk, "route", was)


@router.post(RECIPIENT)
def keep_recipient(request: Request, desk: AtDesk, by: Admin, form: Filled) -> Response:
    """Writes the recipient."""
    return _kept(request, desk, by, "recipient", form)


@router.post(ROUTE)
def keep_route(request: Request, desk: AtDesk, by: Admin, form: Filled) -> Response:
    """Writes the route."""
    return _kept(request, desk, by, "route", form)


@router.post(f"{RECIPIENT}/remove")
def remove_recipient(request: Request, desk: AtDesk, by: Admin, name: Annotated[str, Form()]) -> Response:
    """Removes a recipient that nothing names any more."""
    try:
        routing.remove_recipient(desk.home, name)
    except FengpingError as error:
        return _refused(request, desk, "recipient", name, None, error)
    write_down(desk, by, "remove recipient", name)
    return _back(request, name, "已删去。")


@router.post("/settings/rename")
def rename(
    request: Request, desk: AtDesk, by: Admin, was: Annotated[str, Form()], name: Annotated[str, Form()]
) -> Response:
    """Gives a channel, a recipient or all routes of a name another one; whatever sends there follows."""
    rename_target(desk.home, was, name)
    write_down(desk, by, "rename", was, name.strip())
    return _back(request, name.strip(), "已改名，用到它的都跟着改了。")


@router.post(f"{ROUTE}/remove")
def remove_route(request: Request, desk: AtDesk, by: Admin, was: Annotated[str, Form()]) -> Response:
    """Removes a route."""
    try:
        name = routing.remove_route(desk.home, was)
    except FengpingError as error:
        return _refused(request, desk, "route", was, None, error)
    write_down(desk, by, "remove route", name)
    return _back(request, name, "已删去。")


@router.post(f"{ROUTE}/up")
def up(request: Request, desk: AtDesk, by: Admin, was: Annotated[str, Form()]) -> Response:
    """Lets a route be asked before the one above it."""
    name = routing.move_up(desk.home, was)
    write_down(desk, by, "move route", name)
    return _back(request, name, "已上移，先匹配它。")


def listing(desk: Desk) -> dict[str, Any]:
    """Recipients and routes on the page of settings."""
    values: dict[str, Any] = {
        "recipients": {},
        "routes": [],
        "severities": SEVERITIES,
        "conditions": CONDITIONS,
    }
    try:
        return values | {"recipients": routing.recipients(desk.home), "routes": routing.routes(desk.home)}
    except FengpingError:
        return values  # the list of channels above says what is wrong


@router.get("/settings/routing.json")
def routing_record(desk: AtDesk) -> Response:
    """Recipients and routes as JSON, in the order of the file."""
    return as_json([dict(zip(_COLUMNS, row, strict=True)) for row in _rows(desk)])


@router.get("/settings/routing.csv")
def routing_table(desk: AtDesk) -> Response:
    """The same as a table."""
    cells = [["、".join(c) if isinstance(c, tuple) else c for c in row] for row in _rows(desk)]
    return as_csv(_COLUMNS, cells, "routing")


_COLUMNS = ("name", "kind", "severity", "hours", "match", "to", "go_on")


def _rows(desk: Desk) -> list[tuple[Any, ...]]:
    found = listing(desk)
    rows: list[tuple[Any, ...]] = [
        (name, "recipient", "", "", (), to, False) for name, to in found["recipients"].items()
    ]
    for route in (one.route for one in found["routes"]):
        match = tuple(f"{label}={value}" for label, values in route.match.items() for value in values)
        rows.append((route.name, "route", route.severity.value, route.hours, match, route.to, route.go_on))
    return rows


def _editor(request: Request, desk: Desk, kind: str, was: str) -> Response:
    if (clean := without_token(request)) is not None:
        return clean
    params = request.query_params
    # A form that is tried while it is written leaves out what is empty.
    typed = params if {"typed", "to"} & params.keys() else None
    values = _form(desk, kind, was, typed)
    try:
        draft = _draft(desk, kind, was, {**typed, "seen": ""}) if typed else None
        values |= _dry(desk, params, draft)
        values |= {"mine": draft.name if draft else values["name"], "drafted": draft is not None}
        values |= _fixed(request, desk, values)
    except FengpingError as error:
        values["refused"] = error
    return render(request, "routing", values, here="/settings")


def _kept(request: Request, desk: Desk, by: str, kind: str, form: Mapping[str, str]) -> Response:
    was = form.get("was", "")
    try:
        draft = _draft(desk, kind, was, form)
        routing.keep(desk.home, draft)
    except FengpingError as error:
        return _refused(request, desk, kind, was, form, error)
    write_down(desk, by, f"{'change' if was else 'add'} {kind}", draft.name, form.get("to", ""))
    return _back(request, draft.name, "已写入 delivery.toml。")


def _refused(
    request: Request, desk: Desk, kind: str, was: str, form: Mapping[str, str] | None, error: FengpingError
) -> Response:
    values = _form(desk, kind, was, form) | {"refused": error}
    if kind == "recipient" and was:  # whoever reads the refusal has seen what the file has
        values["seen"] = sum_of(list(routing.recipients(desk.home).get(was, ())))
    return render(request, "routing", values, here="/settings", status=400)


def _back(request: Request, name: str, said: str) -> Response:
    told = f"“{name}”" + translate(said, language(request))
    return go(request, "/settings#routing", told)


def _draft(desk: Desk, kind: str, was: str, given: Mapping[str, str]) -> routing.Draft:
    if kind == "recipient":
        return routing.draft_recipient(
            desk.home, given.get("name", ""), given.get("to", ""), was, given.get("seen") or None
        )
    return routing.draft_route(desk.home, given, was)


def _form(desk: Desk, kind: str, was: str, typed: Mapping[str, str] | None) -> dict[str, Any]:
    """The values of a form: what was typed, else what the file has."""
    values: dict[str, Any] = {"kind": kind, "was": was, "name": was, "movable": False, "mine": "", "rest": {}}
    values |= {"drafted": False, "seen": typed.get("seen", "") if typed else ""}
    words: dict[str, str] = {}
    if kind == "route" and was:
        entry = routing.find(desk.home, was)
        found = entry.route
        values |= {"name": found.name, "movable": entry.movable}
        values["rest"] = {label: v for label, v in found.match.items() if label not in LABELS}
        words = {label: "、".join(found.match.get(label, ())) for label in LABELS} | {
            "severity": found.severity.value, "hours": found.hours, "to": "、".join(found.to),
            "go_on": "1" if found.go_on else "", "nobody": "" if found.to else "1",
        }  # fmt: skip
    elif was:
        to = routing.recipients(desk.home).get(was, ())
        words = {"to": "、".join(to)}
        values["seen"] = values["seen"] or sum_of(list(to))
    if typed is not None:
        words = {key: typed.get(key, "") for key in (*LABELS, "severity", "hours", "to", "go_on", "nobody")}
    values |= {
        "given": words,
        "typed": typed.get("name", "") if typed else "",
        "refused": None,
        "told_rows": [],
    }
    return values | _known(desk) | {"severities": SEVERITIES, "conditions": CONDITIONS}


def _known(desk: Desk) -> dict[str, Any]:
    """Names that a form offers."""
    values: dict[str, Any] = {"known": [], "names": issue_names(), "kinds": KINDS, "keys": KEYS}
    values["platforms"] = [one.name for one in load_names("platforms.toml").name]
    try:
        values["known"] = Book.load(desk.home).names
    except FengpingError as error:
        values["refused"] = error
    return values


def _dry(desk: Desk, asked: Mapping[str, str], draft: routing.Draft | None) -> dict[str, Any]:
    values: dict[str, Any] = {
        "told_rows": [],
        "asked": dict(asked),
        "severities": SEVERITIES,
        "held_until": "",
        "refused": None,
    }
    try:
        values["told_rows"] = _told(desk, asked, draft)
        moment = _moment(desk, asked)
        values["at"] = f"{local(moment):%H:%M}"
        if held := dry_run.quiet_for(desk.home)(moment):
            values["held_until"] = f"{local(moment + held):%H:%M}"
    except FengpingError as error:
        values["refused"] = error
    return values | {"all": list(Severity), "mine": ""}


def _fixed(request: Request, desk: Desk, values: Mapping[str, Any]) -> dict[str, str]:
    """The page's address with the time of day of its dry run."""
    return {"frozen": frozen(request, desk, for_time=values["at"])} if "at" in values else {}


def _told(desk: Desk, asked: Mapping[str, str], draft: routing.Draft | None) -> list[Told]:
    labels = {}
    for label, key in (("host", "for_host"), ("class", "for_class"), ("platform", "for_platform")):
        if value := asked.get(key, "").strip():
            labels[label] = (value,)
    routing.check_labels(desk.home, labels)
    return dry_run.receivers(desk.home, _moment(desk, asked), labels, draft.book if draft else None)


def _moment(desk: Desk, asked: Mapping[str, str]) -> datetime:
    """Now, or the time of day that is asked for."""
    if not (text := asked.get("for_time", "").strip()):
        return desk.now()
    try:
        return datetime.combine(local(desk.now()).date(), time.fromisoformat(text), SHANGHAI)
    except ValueError:
        raise UsageError(f"{text!r} is no time of day.", remedy="Write it as 22:30.") from None
