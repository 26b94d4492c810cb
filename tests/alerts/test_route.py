"""Alarms and routes of ``delivery.toml``: each goes by its own labels, and none is told that nobody got."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.alerts.making import rule_of
from tests.alerts.test_alerts_states import WATCH, Desk, at

from fengping.alerts import ledger
from fengping.alerts.manners import Manners
from fengping.delivery import Outbox, Severity
from fengping.home import Home
from fengping.services import dry_run, unheard

CHANNELS = '[channels.day]\nkind = "file"\n[channels.own]\nkind = "file"\n'
RULE = rule_of(name="three", num_events=3, timeframe="4h", realert="12h", channels=["alarms"])


def route(to: str, **keys: str) -> str:
    rest = "".join(f"{key} = {value}\n" for key, value in keys.items())
    return f'[[routes]]\nname = "alarms"\nto = [{to}]\n{rest}'


@pytest.fixture
def desk(home: Home) -> Desk:
    return Desk(home, rules=(RULE,))


def write(desk: Desk, *routes: str) -> None:
    (desk.home.root / "delivery.toml").write_text(CHANNELS + "".join(routes), encoding="utf-8")


def told(desk: Desk) -> list[str]:
    """Marks of all alarms, in order."""
    with Outbox.open(desk.home).state.begin() as connection:
        return [kept.told for kept in reversed(ledger.latest(connection, 99))]


def places(desk: Desk) -> dict[str, str]:
    return {letter.channel: letter.subject for letter in Outbox.open(desk.home).waiting()}


def test_hours_that_begin_by_night_free_what_is_critical_alone(desk: Desk) -> None:
    desk.manners = Manners(quiet_hours="20:00-23:00")
    write(desk, route('"day"', hours='"21:00-23:30"'))
    desk.post(0, 3)
    desk.post(0, 4, "阮小满")
    law = {"num_events": 4, "severity": "critical", "timeframe": "4h"}
    desk.rules = (RULE, rule_of(name="law", hosts=["阮小满"], channels=["alarms"], **law))
    desk.check(0)
    assert {one.subject[:4]: one.due_at for one in Outbox.open(desk.home).waiting()} == {
        "檀木子：": at(15), "【紧急】": at(13),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("hours", "due"),
    [(["21:00-22:00"], 13), (["21:00-22:00", "23:30-23:50"], 15.5), (["21:00-22:00", "22:50-07:00"], 15)],
)
def test_what_waits_for_the_end_of_quiet_hours_keeps_to_the_hours_of_routes(
    desk: Desk, hours: list[str], due: float
) -> None:
    desk.manners = Manners(quiet_hours="20:00-23:00")
    write(desk, "".join(route('"day"', hours=f'"{one}"') for one in hours))
    desk.post(0, 3)
    desk.check(0)
    assert [one.due_at for one in Outbox.open(desk.home).waiting()] == [at(due)]


def test_who_gets_an_alarm_by_night_beside_others_by_day_gets_it_all_the_same(desk: Desk) -> None:
    desk.manners = Manners(quiet_hours="22:00-08:00")
    write(desk, route('"own"', hours='"06:00-07:00"', go_on="true"), route('"day"', hours='"09:00-18:00"'))
    desk.post(11, 3)  # 19:00 in China
    desk.check(11)
    due = {one.channel: one.due_at for one in Outbox.open(desk.home).waiting()}
    assert due == {"own": at(22), "day": at(25)} and told(desk) == ["told"]


def test_who_would_get_an_alarm_is_asked_for_by_day_too(desk: Desk) -> None:
    desk.home.config_file.write_text('[alerts]\nquiet_hours = "22:00-08:00"\n', encoding="utf-8")
    home = Home.open(desk.home.root)
    home.alerts.mkdir(exist_ok=True)
    for name, severity in (("calm", "warning"), ("grave", "critical")):
        text = f'name = "{name}"\nkind = "any"\nseverity = "{severity}"\nchannels = ["alarms"]\n'
        (home.alerts / f"{name}.toml").write_text(text, encoding="utf-8")
    write(desk, route('"own"', hours='"06:00-08:00"'), route('"day"', hours='"09:00-18:00"'))
    calm, *_ = (one for one in dry_run.receivers(home, at(11), {}) if one.kind == "rule")
    assert calm.later[Severity.WARNING] == (("day", "", "09:00"),)
    assert calm.later[Severity.CRITICAL] == (("own", "", "06:00"),)
    calm_waits, grave_waits = unheard.delays(home)
    assert "18:00–09:00" in calm_waits and "18:00–06:00" in grave_waits


def test_an_alarm_outside_of_the_hours_of_its_route_waits_for_them(desk: Desk) -> None:
    write(desk, route('"day"', hours='"12:00-22:00"'))  # the start is 08:00 in China
    desk.post(0, 3)
    desk.check(0)
    [letter] = Outbox.open(desk.home).waiting()
    assert letter.due_at == at(4) and told(desk) == ["told"]
    # Its end comes behind it, not in the night.
    desk.rules = (
        rule_of(**RULE.model_dump(exclude_defaults=True) | {"recover_after": 0, "timeframe": "1h"}),
    )
    desk.check(2)
    assert [(one.subject[:4], one.due_at) for one in Outbox.open(desk.home).waiting()] == [
        ("檀木子：", at(4)), ("【解除】", at(4)),
    ]  # fmt: skip


def test_an_alarm_that_no_route_takes_is_not_told_until_one_does(desk: Desk) -> None:
    write(desk, route('"day"', match='{ host = ["阮小满"] }'))
    desk.post(0, 3)
    desk.check(0)
    assert desk.told() == [] and told(desk) == [ledger.UNHEARD]
    found = unheard.alarms(desk.home, at(0) - timedelta(days=1))
    assert [kept.firing.key for kept in found["three"]] == ["檀木子"]
    desk.check(1)
    assert desk.told() == [] and told(desk) == [ledger.UNHEARD]
    write(desk, route('"day"', match='{ host = ["阮小满"] }'), route('"own"'))
    desk.check(2)
    assert places(desk) == {"own": "【预警汇总】1次预警，此前未通知"} and told(desk) == ["told"]
    assert unheard.alarms(desk.home, at(0) - timedelta(days=1)) == {}


def test_an_alarm_that_a_route_sends_nowhere_on_purpose_is_missed_by_nobody(desk: Desk) -> None:
    write(desk, route("", match='{ host = ["檀木子"] }'), route('"day"'))
    desk.post(0, 3)
    desk.check(0)
    desk.check(1)
    assert told(desk) == ["dropped"] and unheard.alarms(desk.home, at(0)) == {}


@pytest.mark.parametrize("quiet", [False, True])
def test_a_digest_goes_to_everyone_who_gets_one_of_its_alarms(desk: Desk, quiet: bool) -> None:
    mine, yours = (f'{{ host = ["{host}"] }}' for host in WATCH[:2])
    write(desk, route('"own"', match=mine), route('"day"', match=yours))
    desk.manners = Manners(storm=2, quiet_hours="08:00-09:00" if quiet else "")
    for host in WATCH:
        desk.post(0, 3, host)
    desk.check(0)
    if quiet:
        desk.check(2)
    subject = "【预警汇总】2次预警，此前未通知" if quiet else "【预警汇总】2次预警"
    assert places(desk) == {"own": subject, "day": subject}
    claim = Outbox.open(desk.home).claim("own", at(3), timedelta(minutes=1))
    assert claim is not None and claim.message.labels["host"] == tuple(sorted(WATCH[:2]))
    by_host = {}
    with Outbox.open(desk.home).state.begin() as connection:
        for kept in ledger.latest(connection, 99):
            by_host[kept.firing.key] = kept.told
    assert by_host == {h: "told" if h in WATCH[:2] else ledger.UNHEARD for h in WATCH}


def test_a_part_of_a_digest_goes_to_those_who_get_an_alarm_that_it_names(desk: Desk) -> None:
    mine, *others = (f"某店{n}" for n in range(20))
    write(desk, route('"own"', match=f'{{ host = ["{mine}"] }}'), route('"day"'))
    desk.post(0, 3, mine)
    for host in others:
        desk.post(0, 4, host)
    desk.check(0)
    letters = [(one.channel, one.subject[-5:]) for one in Outbox.open(desk.home).waiting()]
    assert sorted(letters) == [("day", "（1/2）"), ("day", "（2/2）"), ("own", "（2/2）")]
    assert set(told(desk)) == {"told"}


def test_two_rules_of_one_key_go_each_by_its_own_route(desk: Desk) -> None:
    other = rule_of(name="two", num_events=2, timeframe="4h", channels=["alarms"], severity="critical")
    desk.rules = (RULE, other)
    write(desk, route('"own"', match='{ rule = ["three"] }'), route('"day"', match='{ rule = ["two"] }'))
    desk.post(0, 3)
    desk.check(0)
    assert set(places(desk)) == {"own", "day"} and len({*places(desk).values()}) == 1
    assert other.severity is Severity.CRITICAL


def test_the_end_is_told_to_those_whose_rule_it_is_and_what_goes_on_beside(desk: Desk) -> None:
    other = rule_of(name="two", num_events=2, timeframe="24h", channels=["alarms"])
    desk.rules = (RULE, other)
    write(desk, route('"own"', match='{ rule = ["three"] }'), route('"day"', match='{ rule = ["two"] }'))
    desk.post(0, 3)
    desk.check(0)
    assert set(places(desk)) == {"own", "day"}
    for hour in (4, 8, 9):
        desk.check(hour)
    letters = [one for one in Outbox.open(desk.home).waiting() if one.subject.startswith("【解除】")]
    assert [(one.channel, one.subject) for one in letters] == [("own", "【解除】檀木子")]
    claims = iter(lambda: Outbox.open(desk.home).claim("own", at(99), timedelta(days=9)), None)
    ends = [claim.message.lines for claim in claims if claim.message.subject.startswith("【解除】")]
    assert [lines[-1] for lines in ends] == ["同一对象仍在预警：two。"]


def test_an_alarm_bears_the_platforms_of_its_documents(desk: Desk) -> None:
    write(
        desk,
        route('"own"', match='{ platform = ["淘宝"] }'),
        route('"day"', match='{ platform = ["快手", "抖音"] }'),
    )
    desk.post(0, 3, platforms=("抖音",))
    desk.check(0)
    assert set(places(desk)) == {"day"}
    # What was held is told by the same labels.
    desk.manners = Manners(quiet_hours="08:30-12:00")
    desk.post(1, 3, "阮小满", platforms=("淘宝",))
    desk.check(1)
    desk.check(5)
    assert places(desk)["own"] == "【预警汇总】1次预警，此前未通知"


def test_what_concerns_rules_as_a_whole_goes_to_all_whom_their_alarms_may_reach(desk: Desk) -> None:
    desk.manners = Manners(all_calm="08:00")
    write(
        desk,
        route('"own"', match='{ host = ["檀木子"] }'),
        route('"day"', match='{ host = ["阮小满"], platform = ["抖音"] }'),
    )
    desk.check(1)
    assert places(desk) == dict.fromkeys(("own", "day"), "【平安】2020-11-10 现无预警中的对象")
    write(desk, route('"own"', match='{ rule = ["another"] }'), route('"day"', severity='"critical"'))
    desk.check(25)
    assert set(places(desk).values()) == {"【平安】2020-11-10 现无预警中的对象"}


def test_a_rule_that_reaches_nobody_speaks_for_no_other(desk: Desk) -> None:
    write(desk, route('"day"', severity='"warning"'))
    quiet = {"name": "quiet", "num_events": 3, "timeframe": "4h", "severity": "info"}
    desk.rules = (rule_of(**quiet, inhibits=["three"], channels=["alarms"]), RULE)
    desk.post(0, 3)
    desk.check(0)
    assert sorted(told(desk)) == ["told", "unheard"]
    desk.post(1, 3, "阮小满")
    desk.check(1)
    desk.check(2)
    assert sorted(told(desk)) == ["told", "told", "unheard", "unheard"]
