"""预警: what is not calm and who takes care, what fired, silences, the delivery log and dead letters."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from types import MappingProxyType
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response

from fengping import delivery
from fengping.alerts.feedback import Verdict
from fengping.alerts.manners import ACTIONS
from fengping.alerts.rules.rule import parse_duration, span
from fengping.delivery.closing import SEALED
from fengping.delivery.log import number_of_attempts
from fengping.errors import FengpingError, UsageError
from fengping.sentences import plain
from fengping.services import alert, alert_desk, alert_rules, claiming, unheard
from fengping.services.silencing import unseen
from fengping.web.accounts.door import Analyst, write_down
from fengping.web.answers import as_json
from fengping.web.asking import From
from fengping.web.calm import calm
from fengping.web.desk import AtDesk, Desk
from fengping.web.notices import go
from fengping.web.pages.rules import KINDS, PRESETS
from fengping.web.rendering import language, render, translate
from fengping.web.showing import issue_names

router = APIRouter()
WATCHED, FIRED, SILENCED, LOGGED = 15, 30, 30, 50
"""Rows that the lists show at once."""
TOGETHER = 20
"""Keys that are offered to be claimed as a whole."""
STATES = {
    "firing": ("fire", "触发中"),
    "pending": ("pend", "待确认"),
    "acknowledged": ("ack", "已认领"),
    "silenced": ("mute", "静默"),
    "resolved": ("ok", "已解除"),
    "ok": ("ok", "平静"),
}
"""The form and the word of each state."""
OUTCOMES = {
    "accepted": ("done", "已送达"),
    "refused": ("ill", "被拒"),
    "unreached": ("ill", "没送到"),
    "unknown": ("retry", "不明"),
}
LETTERS = {
    "accepted": ("done", "已送达"),
    "dead": ("ill", "死信"),
    "waiting": ("wait", "排队"),
    "claimed": ("wait", "正在送"),
}
CAUSES = {
    "first": "第一次",
    "again": "隔够时间再报",
    "doubled": "条数翻倍",
    "graver": "更重",
    "answered": "首次回应",
}
"""Words for the reasons of an alarm."""
BECAME = {
    "told": "已发",
    "silenced": "静默未发",
    "held": "免打扰留待",
    "inhibited": "由别的规则代告",
    "unheard": "无人接收",
    "dropped": "路由写明不发",
}
"""Words for what became of an alarm that has no letter waiting."""
LASTING = {"2h": "2 小时", "24h": "24 小时", "3d": "3 天", "7d": "7 天", "30d": "30 天"}
LONGEST = timedelta(days=366)


@router.get("/alerts")
def alerts(
    request: Request,
    desk: AtDesk,
    key: str = "",
    rule: str = "",
    watched: From = 0,
    fired: From = 0,
    silenced: From = 0,
    logged: From = 0,
) -> Response:
    """The page; *key* and *rule* fill the form of a silence; the others are places in its lists."""
    places = {"watched": watched, "fired": fired, "silenced": silenced, "logged": logged}
    return _page(request, desk, {"key": key, "rule": rule}, places=places)


def _page(
    request: Request,
    desk: Desk,
    typed: Mapping[str, str],
    refused: FengpingError | None = None,
    places: Mapping[str, int] = MappingProxyType({"watched": 0, "fired": 0, "silenced": 0, "logged": 0}),
) -> Response:
    """The page with what was *typed* into a form, and why that was *refused*."""
    values: dict[str, Any] = {
        "watched": [],
        "together": {},
        "duty": alert_desk.OnDuty([], {}),
        "firings": [],
        "files": [],
        "silences": [],
        "attempts": [],
        "at": places,
        "sizes": {"watched": WATCHED, "fired": FIRED, "silenced": SILENCED, "logged": LOGGED},
        "totals": dict.fromkeys(places, 0),
        "dead": [],
        "waiting": [],
        "places": [],
        "unheard": [],
        "mistyped": [],
        "left_out": {},
        "typed": typed,
        "refused": refused,
        "states": STATES,
        "outcomes": OUTCOMES,
        "became": BECAME,
        "lasting": LASTING,
        "names": issue_names(),
        "moment": desk.now(),
        "span": span,
        "kinds": KINDS,
        "presets": PRESETS,
    }
    try:
        values["files"] = alert_rules.files(desk.home)
        duty = alert_desk.on_duty(desk.home, desk.now(), limit=WATCHED, offset=places["watched"])
        values |= {
            "duty": duty,
            "watched": duty.rows,
            "together": _first(alert_desk.together(desk.home, desk.now())),
        }
        values["totals"]["watched"] = duty.total
        values["firings"] = alert.listed(desk.home, FIRED, places["fired"], now=desk.now())
        silences = alert.silenced(desk.home)
        values["silences"] = silences[places["silenced"] :][:SILENCED]
        values["totals"] |= {"fired": alert.number(desk.home), "silenced": len(silences)}
        inhibiting = alert_rules.wrongly_inhibiting(desk.home)
        values["left_out"] = inhibiting | alert_rules.left_out(desk.home)
    except FengpingError as error:
        values["fault"] = error
    try:
        outbox = delivery.Outbox.open(desk.home)
        dead = [one for one in outbox.dead() if one.reply != SEALED]  # those nobody can send again
        values |= {"dead": dead, "waiting": outbox.waiting()}
        values["attempts"] = outbox.attempts(LOGGED, offset=places["logged"])
        values["totals"]["logged"] = number_of_attempts(outbox.state)
        values["places"] = outbox.book.names
        values["unheard"] = unheard.rules(desk.home, outbox.book)
        values["mistyped"] = unheard.mistyped(desk.home, outbox.book)
    except FengpingError as error:
        values["fault"] = error
    return render(
        request, "alerts", values | calm(desk), here="/alerts", status=400 if refused is not None else 200
    )


@router.post("/alerts/{firing:int}/acknowledge")
def acknowledge(
    request: Request,
    desk: AtDesk,
    by: Analyst,
    firing: int,
    over: Annotated[str, Form(max_length=128)] = "",
) -> Response:
    """Writes down who takes care, also *over* somebody who did so far."""
    goes_on = alert.acknowledge(desk.home, firing, by, desk.now(), over)
    write_down(desk, by, "acknowledge", f"firing {firing}", over)
    return _back(
        request, f"#{firing} ", "已认领。" if goes_on else "已写下认领人；此事已解除，别的预警照常通知。"
    )


@router.post("/alerts/{firing:int}/verdict")
def judge(
    request: Request, desk: AtDesk, by: Analyst, firing: int, verdict: Annotated[Verdict, Form()]
) -> Response:
    """Keeps what somebody says of an alarm."""
    claiming.answer(desk.home, firing, verdict, by, desk.now())
    write_down(desk, by, f"alarm {verdict.value}", f"firing {firing}")
    return _back(request, f"#{firing} ", "已记下。")


@router.post("/alerts/keys/acknowledge")
def acknowledge_key(
    request: Request,
    desk: AtDesk,
    by: Analyst,
    key: Annotated[str, Form(max_length=200)],
    hush: Annotated[str, Form()] = "",
    lasting: Annotated[str, Form(max_length=20)] = "24h",
    reason: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Writes down who takes care of all that fires for a key, and with *hush* silences it."""
    try:
        wanted = alert_desk.Hush(reason, _span(lasting)) if hush else None
        taken = alert_desk.take_over(desk.home, key, by, desk.now(), wanted)
    except UsageError as error:
        typed = {"together": key, "hush": hush, "lasting": lasting, "why": reason}
        return _page(request, desk, typed, error)
    for one in taken:
        write_down(desk, by, "acknowledge", f"firing {one.firing}", f"{one.rule}: {key}")
        if one.silence is not None:
            write_down(desk, by, "silence", f"key={key}, rule={one.rule}", f"{lasting}; {reason}")
    said = "{n} 条已一起认领，并静默。" if wanted else "{n} 条已一起认领。"
    return _back(request, f"{key} ", translate(said, language(request), n=len(taken)))


@router.post("/alerts/silences")
def silence(
    request: Request,
    desk: AtDesk,
    by: Analyst,
    reason: Annotated[str, Form(max_length=1000)] = "",
    lasting: Annotated[str, Form(max_length=20)] = "24h",
    key: Annotated[str, Form(max_length=200)] = "",
    rule: Annotated[str, Form(max_length=200)] = "",
    issue: Annotated[str, Form(max_length=20)] = "",
    until_doubled: Annotated[str, Form()] = "",
) -> Response:
    """Silences what is named until its end."""
    matcher = [f"{n}={v.strip()}" for n, v in (("key", key), ("rule", rule), ("class", issue)) if v.strip()]
    doubled = bool(until_doubled)
    try:
        span = _span(lasting)
        number = alert.silence(
            desk.home, matcher, desk.now(), by=by, reason=reason, lasting=span, until_doubled=doubled
        )
    except UsageError as error:
        typed = {"key": key, "rule": rule, "issue": issue, "lasting": lasting, "reason": reason}
        return _page(request, desk, typed | {"until_doubled": until_doubled}, error)
    write_down(desk, by, "silence", ", ".join(matcher), f"{lasting}; {reason}")
    doubts = "".join(f" {plain(one, lang=language(request))}" for one in unseen(desk.home, matcher))
    said = translate("已静默。", language(request))
    return _back(request, f"#{number} {said}{doubts}", "", "#silences")


@router.post("/alerts/silences/{number}/end")
def end_silence(request: Request, desk: AtDesk, by: Analyst, number: int) -> Response:
    """Ends a silence."""
    alert.end_silence(desk.home, number, desk.now())
    write_down(desk, by, "end silence", str(number))
    return _back(request, f"#{number} ", "静默已结束。", "#silences")


@router.post("/alerts/letters/retry")
def retry(request: Request, desk: AtDesk, by: Analyst, letter: Annotated[int, Form()]) -> Response:
    """Puts a dead letter back on its way, and sends what is due."""
    delivery.retry(desk.home, letter, desk.now())
    write_down(desk, by, "retry delivery", f"letter {letter}")
    with suppress(FengpingError):  # it is in the outbox, and the log says what became of it
        delivery.deliver_due(desk.home, desk.now())
    return _back(request, f"#{letter} ", "已重送，结果见投递记录。", "#log")


@router.post("/alerts/letters/test")
def test(
    request: Request, desk: AtDesk, by: Analyst, place: Annotated[str, Form(max_length=300)]
) -> Response:
    """Sends a test message to a channel or recipient and says how it was taken."""
    write_down(desk, by, "test delivery", place)
    told = delivery.send_test(desk.home, place.strip(), desk.now())
    words = {name: translate(word, language(request)) for name, (_, word) in OUTCOMES.items()}
    lang = language(request)
    said = "；".join(
        f"{channel} {words[v.outcome.value]} {plain(v.reply, lang=lang)}".strip() for channel, _, v in told
    )
    return _back(request, said, "", "#log")


@router.get("/alerts/{firing:int}.json")
def one_record(desk: AtDesk, firing: int) -> Response:
    """One alarm as ``fengping alerts show --json`` has it."""
    with desk.store() as store:
        return as_json(alert.show(desk.home, firing, store=store))


@router.get("/alerts/{firing:int}")
def one(request: Request, desk: AtDesk, firing: int) -> Response:
    """One alarm: its message, documents, letters, and the history of its key."""
    with desk.store() as store:
        found = alert.show(desk.home, firing, store=store)
    said = {"letters": LETTERS, "causes": CAUSES}
    values = {
        "a": found,
        "states": STATES,
        **said,
        "verdicts": {one: name for one, name in ACTIONS.items() if one is not Verdict.CLAIMED},
        "twins": [(kind.upper(), f"/alerts/{firing}.{kind}") for kind in ("json", "csv")],
    }
    beside = alert_desk.together(desk.home, desk.now(), found["key"])
    values |= {"lasting": LASTING, "together": beside}
    return render(request, "alarm", values, here="/alerts")


def _span(lasting: str) -> timedelta:
    """The time that a form names; raises :class:`UsageError`."""
    try:
        span = parse_duration(lasting)
    except ValueError as error:
        raise UsageError(f"{error}.", remedy="Write 2h, 24h or 7d.") from None
    if not timedelta(0) < span <= LONGEST:
        raise UsageError("A silence lasts a year at most.", remedy="Write 2h, 24h or 7d.")
    return span


def _first(together: Mapping[str, int]) -> dict[str, int]:
    """Those that most rules fire for."""
    return dict(sorted(together.items(), key=lambda one: -one[1])[:TOGETHER])


def _back(request: Request, what: str, said: str, place: str = "") -> Response:
    text = what + (translate(said, language(request)) if said else "")
    return go(request, f"/alerts{place}", text)
