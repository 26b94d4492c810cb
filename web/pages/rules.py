"""预警规则: written as a form, tried at once on the stored 90 days, kept in the home's files, switched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from starlette.datastructures import ImmutableMultiDict

from fengping.alerts.rules.spike import Preset
from fengping.analysis.hosts import load_names
from fengping.clock import day_of, day_start, iso, local, parse_moment
from fengping.delivery import Book, Severity
from fengping.errors import FengpingError
from fengping.indexer import Filter, Store
from fengping.sentences import put
from fengping.services import alert_history, alert_rules, unheard, watching
from fengping.services.alert_history import Explained
from fengping.services.hosts import load_registry
from fengping.services.renaming import rename_rule
from fengping.spiders.sources import Catalogue
from fengping.web import charts
from fengping.web.accounts.door import Analyst, Filled, write_down
from fengping.web.answers import as_csv, as_json
from fengping.web.charts import Mark
from fengping.web.desk import AtDesk, Desk
from fengping.web.freezing import frozen
from fengping.web.gaps import gaps
from fengping.web.narrowing import listing
from fengping.web.notices import go
from fengping.web.rendering import language, render, translate, without_token
from fengping.web.showing import issue_names

router = APIRouter()
DAYS = 90
READ = 25_000
"""Documents that a form's back-test reads, of all days where there are no more: what a person waits for."""
SHOWN = 30
KINDS = {
    "watch": "新事件",
    "spike": "突增：超过平时",
    "frequency": "次数：达到几条",
    "any": "每条都报",
    "percentage_match": "负面占比",
    "new_term": "新出现的对象",
    "flatline": "断流：低于平时",
}
SEVERITIES = {"info": "提示", "warning": "警告", "critical": "紧急"}
KEYS = {
    "host": "主播",
    "brand": "品牌",
    "class": "问题类别",
    "platform": "平台",
    "regulator": "监管部门",
    "source": "来源",
    "event": "事件",
    "none": "全部一起",
}
PRESETS = {"fewer": "少报", "balanced": "平衡", "more": "多报"}
START = {"kind": "spike", "preset": "balanced", "timeframe": "24h", "realert": "24h", "negative": "1"}
"""A new rule as the form shows it first."""


@router.get("/alerts/rule")
def editor(request: Request, desk: AtDesk, was: str = "", whole: str = "", until: str = "") -> Response:
    """The form, and what the rule in it would have told. Everything in it is in the address.

    *whole*: over all days, however long that takes. *until*: as it was told at that moment.
    """
    if (clean := without_token(request)) is not None:
        return clean
    if was:
        alert_rules.find(desk.home, was)
    given: Mapping[str, Any] = _given(request.query_params)
    values = _form(desk, was, given, request.query_params.get("seen", ""))
    try:
        with desk.store() as store:
            if values["given"].get("name") or _sent(given):
                most = None if whole else READ
                moment = _moment(desk, until)
                values |= _tried(desk, store, values["given"], was, most, moment, language(request))
                values["frozen"] = frozen(request, desk, until=f"{local(moment):%Y-%m-%dT%H:%M:%S}")
    except FengpingError as error:
        values["refused"] = error
    return render(request, "rule", values, here="/alerts")


@router.post("/alerts/rule")
def keep(request: Request, desk: AtDesk, by: Analyst, form: Filled) -> Response:
    """Writes the rule into its file."""
    given, was, seen = _given(form), form.get("was", ""), form.get("seen", "")
    try:
        with desk.store() as store:
            rule = alert_rules.keep(desk.home, store, given, was, seen)
            nothing = watching.nothing_counted(rule, store, desk.now())
    except FengpingError as error:
        stale = isinstance(error, alert_rules.RuleChanged)
        values = _form(desk, was, given, seen) | {"refused": error, "stale": stale}
        return render(request, "rule", values, here="/alerts", status=409 if stale else 400)
    write_down(desk, by, "change rule" if was else "make rule", rule.name)
    said = f"“{rule.name}”" + translate("已写入，下一次检查起生效。", language(request))
    if nothing:
        said += f" {put(nothing, lang=language(request))}"
    return go(request, "/alerts#rules", said)


@router.post("/alerts/rule/rename")
def rename(
    request: Request, desk: AtDesk, by: Analyst, was: Annotated[str, Form()], name: Annotated[str, Form()]
) -> Response:
    """Gives a rule another name, under which its alarms and states go on."""
    try:
        rename_rule(desk.home, was, name)
    except FengpingError as error:
        values = _form(desk, was, {}) | {"refused": error}
        return render(request, "rule", values, here="/alerts", status=400)
    write_down(desk, by, "rename rule", was, name.strip())
    said = f"“{name.strip()}”" + translate("已改名，用到它的都跟着改了。", language(request))
    return go(request, "/alerts#rules", said)


@router.post("/alerts/rule/switch")
def switch(
    request: Request, desk: AtDesk, by: Analyst, name: Annotated[str, Form()], on: Annotated[str, Form()] = ""
) -> Response:
    """Enables or disables a rule."""
    alert_rules.switch(desk.home, name, on=bool(on))
    write_down(desk, by, "enable rule" if on else "disable rule", name)
    said = f"“{name}”" + translate("已启用。" if on else "已停用。", language(request))
    return go(request, "/alerts#rules", said)


@router.get("/alerts/rules.json")
def as_record(desk: AtDesk) -> Response:
    """The rule files as JSON."""
    return as_json(
        [{"file": f.path.name, "fault": f.fault, "rule": dict(f.data)} for f in alert_rules.files(desk.home)]
    )


@router.get("/alerts/rules.csv")
def as_table(desk: AtDesk) -> Response:
    """The rule files as a table."""
    columns = ("name", "kind", "enabled", "num_events", "timeframe", "channels", "hosts", "query")
    rows = []
    for one in alert_rules.files(desk.home):
        data = {"enabled": True} | dict(one.data)
        cells = (data.get(name, "") for name in columns)
        rows.append(["、".join(cell) if isinstance(cell, list) else cell for cell in cells])
    return as_csv(columns, rows, "rules")


def _given(params: ImmutableMultiDict[str, str]) -> dict[str, Any]:
    """The keys of a rule's file as a form sends them: numbers as numbers, lists with 、 or commas."""
    given: dict[str, Any] = {}
    for key in alert_rules.FORM:
        values = [value.strip() for value in params.getlist(key) if value.strip()]
        if key in alert_rules.LISTS:
            given[key] = [
                part.strip()
                for value in values
                for part in value.replace("，", "、").replace(",", "、").split("、")
                if part.strip()
            ]
        elif values:
            given[key] = _number(values[0]) if key in alert_rules.NUMBERS else values[0]
    if _sent(given):
        given["negative"] = bool(params.get("negative"))
    return given


def _number(text: str) -> Any:
    """A whole or broken number; what is neither stays as it is, for the rule to refuse.

    A long number is read digit by digit: as a broken one it would become another.
    """
    try:
        return int(text)
    except ValueError:
        pass
    try:
        value = float(text)
    except ValueError:
        return text
    return int(value) if value.is_integer() else value


def _sent(given: Mapping[str, Any]) -> bool:
    """True where the form itself was sent, and not only a name or a host to begin with."""
    return "kind" in given


def _asked(desk: Desk, was: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The keys that the form stands for: as it was sent, else those of the rule *was*, else of a new rule."""
    if _sent(given):
        return dict(given)
    kept = dict(alert_rules.find(desk.home, was).data if was else START)
    lists = {key: [kept[key]] for key in alert_rules.LISTS if not isinstance(kept.get(key, []), list)}
    return {"kind": "frequency"} | kept | lists | {key: value for key, value in given.items() if value}


def _typed(value: Any) -> Any:
    """A default as it would be typed: a time span as ``24h``."""
    if not isinstance(value, timedelta):
        return value
    minutes = value // timedelta(minutes=1)
    return f"{minutes}m" if minutes % 60 else f"{minutes // 60}h"


def _form(desk: Desk, was: str, given: Mapping[str, Any], seen: str = "") -> dict[str, Any]:
    """The form's values and what can be chosen in it; *seen* is the mark of its rule when it was opened."""
    fault = None
    try:
        shown = _asked(desk, was, given)
        if was and not seen:
            seen = alert_rules.find(desk.home, was).mark
    except FengpingError as error:
        fault, shown = error, dict(START)
    kind = str(shown.get("kind", "spike"))
    model = alert_rules.model_of(kind)
    channels: list[str] = []
    try:
        channels = Book.load(desk.home).names
    except FengpingError as error:
        fault = fault or error
    return {
        "was": was,
        "seen": seen,
        "stale": False,
        "given": shown,
        "fields": alert_rules.fields_of(kind),
        "defaults": {name: _typed(field.default) for name, field in model.model_fields.items()},
        "kinds": KINDS,
        "presets": {one.value: PRESETS[one.value] for one in Preset},
        "severities": {one.value: SEVERITIES[one.value] for one in Severity},
        "keys": KEYS,
        "channels": channels,
        "hosts": [host.name for host in load_registry(desk.home).hosts],
        "platforms": [one.name for one in load_names("platforms.toml").name],
        "sources": list(Catalogue.load(desk.home).all),
        "names": issue_names(),
        "refused": fault,
        "tried": None,
        "unheard": "",
        "days": DAYS,
    }


def _moment(desk: Desk, until: str) -> datetime:
    """The moment of a back-test: now, or the one that an address was written at."""
    return min(parse_moment(until), desk.now()) if until else desk.now()


def _tried(
    desk: Desk,
    store: Store,
    given: Mapping[str, Any],
    was: str,
    most: int | None,
    moment: datetime,
    lang: str,
) -> dict[str, Any]:
    """The back-test of a form at a *moment*, beside the rule as it stands in its file."""
    rule = alert_rules.draft(desk.home, store, {"name": "新规则"} | dict(given), was)
    kept = alert_rules.find(desk.home, was).rule if was else None
    others = [kept] if kept and kept != rule else []
    found, *rest = alert_history.explain_rules(
        desk.home, [rule, *others], moment, DAYS, store, presets=True, most=most
    )
    before = rest[0] if rest else None
    unseen = (
        [] if found.firings else [h for h in rule.hosts if not store.count(Filter(where={"hosts": (h,)}))]
    )
    return {
        "tried": found,
        "before": before,
        **_course(desk, store, found, str(given.get("query", "")), lang),
        "engaged": bool(rule.min_engagement),
        "shown": SHOWN,
        "unseen": unseen,
        "unheard": unheard.nobody(Book.load(desk.home), rule),
    }


def _course(desk: Desk, store: Store, found: Explained, query: str, lang: str) -> dict[str, Any]:
    """The counts of the back-test by day, each leading to the documents that it counts."""
    counted = found.counted
    if counted is None:
        return {"chart": "", "holes": False, "whole": "", "unrelated": ""}
    assert counted.since and counted.until
    places = {day: at for at, (day, _) in enumerate(found.counts)}
    fired = Counter(places[day_of(f.fired_at)] for f in found.firings if day_of(f.fired_at) in places)
    labels = [f"{day:%m-%d}" for day, _ in found.counts]
    course = [day_start(day) for day, _ in found.counts]
    edges = [max(course[0], counted.since), *course[1:], min(course[-1] + timedelta(days=1), counted.until)]
    marks = [
        Mark(
            f"{day:%m-%d} {count} / {fired[at]}",
            listing(replace(counted, since=edges[at], until=edges[at + 1]), query),
        )
        for at, (day, count) in enumerate(found.counts)
    ]
    counts = [count for _, count in found.counts]
    holes = gaps(desk, store, course, counts)
    title = translate("规则计入的条数与触发", lang)
    chart = charts.firings(title, counts, labels, marks, sorted(fired), gaps=holes or (), lang=lang)
    unrelated = replace(counted, where={**counted.where, "relevant": ("false",)})
    return {
        "chart": chart, "holes": holes, "whole": listing(counted, query),
        "unrelated": listing(unrelated, query),
    }  # fmt: skip


@router.get("/alerts/rule.json")
def tried_record(request: Request, desk: AtDesk, was: str = "", whole: str = "", until: str = "") -> Response:
    """The back-test of the form in the address as JSON."""
    with desk.store() as store:
        return as_json(_found(desk, store, request, was, whole, until).to_record())


@router.get("/alerts/rule.csv")
def tried_table(request: Request, desk: AtDesk, was: str = "", whole: str = "", until: str = "") -> Response:
    """The firings of the back-test as a table."""
    with desk.store() as store:
        found = _found(desk, store, request, was, whole, until)
    rows = [(iso(f.fired_at), f.key, f.count, f.cause.value, found.title(f)) for f in found.firings]
    return as_csv(("fired_at", "key", "count", "cause", "title"), rows, "back-test")


def _found(desk: Desk, store: Store, request: Request, was: str, whole: str, until: str) -> Explained:
    given = {"name": "新规则"} | _asked(desk, was, _given(request.query_params))
    rule = alert_rules.draft(desk.home, store, given, was)
    most = None if whole else READ
    moment = _moment(desk, until)
    return alert_history.explain_rule(desk.home, rule, moment, DAYS, store, presets=True, most=most)
