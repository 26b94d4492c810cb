"""Telling: who speaks for whom, digests that name all, affairs that are over, numbers with documents."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.alerts.making import fengping, rule_of
from tests.alerts.test_alerts_states import RULE, Desk, at, lines
from tests.making import document, put

from fengping.alerts import Moment, Ticks, late, ledger, overall
from fengping.alerts.check import check
from fengping.alerts.decide import Cause, Standing, Status
from fengping.alerts.event_lines import Beyond
from fengping.alerts.late import Late
from fengping.alerts.manners import Manners
from fengping.alerts.message import no_link
from fengping.alerts.recovery import Over
from fengping.clock import day_of, day_start
from fengping.delivery import Outbox
from fengping.delivery.senders.robot import compose
from fengping.delivery.senders.wecom import LIMIT
from fengping.errors import UsageError
from fengping.events import Status as EventStatus
from fengping.events.answers.status import Step
from fengping.home import Home
from fengping.indexer import Filter
from fengping.models import Act, Polarity, Precision
from fengping.scheduler.status import status
from fengping.services import alert, alert_desk


@pytest.fixture
def desk(home: Home) -> Desk:
    return Desk(home)


def test_the_end_of_a_silence_or_of_a_share_tells_no_number_that_was_none(desk: Desk) -> None:
    silent = {"name": "silent", "kind": "flatline", "timeframe": "12h", "reference": "4d", "max_age": "24h"}
    share = {"name": "share", "kind": "percentage_match", "timeframe": "4h", "max_percentage": 50}
    desk.rules = (
        rule_of(**silent, channels=["file"]),
        rule_of(**share, min_denominator=3, channels=["file"]),
    )
    for came in (*range(-240, -11, 6), 1, 8):
        desk.post(came, source="样例站", polarity=Polarity.NEU)
    desk.post(0, 3, source="另一站")
    for hours in (0, 4.5, 13):
        desk.check(hours)
    told = lines(desk, 13)
    assert "自11-10 08:00起；已恢复到阈值以内并持续12小时，于11-10 21:00解除。" in told
    back = "恢复到4小时内负面占比不高于25%并持续4小时"
    assert f"自11-10 08:00起共报3条；已{back}，于11-10 21:00解除。" in told
    assert any("阈值50%（规则 share，" in one for one in told)
    assert {"恢复到阈值以内并持续12小时，即解除。", f"{back}，即解除。"} <= set(told)


def test_a_late_acknowledgement_keeps_no_new_affair_quiet(desk: Desk) -> None:
    desk.post(0, 3)
    desk.check(0)
    assert desk.check(20).resolved
    desk.post(30, 3)
    desk.check(30)
    with Outbox.open(desk.home).state.begin() as connection:
        assert not ledger.acknowledge(connection, 1, "值班员", at(31))
        assert ledger.find(connection, 1).acknowledged_by == "值班员"
    assert desk.status() is Status.FIRING
    with Outbox.open(desk.home).state.begin() as connection:
        assert ledger.acknowledge(connection, 2, "值班员", at(32))
    assert desk.status() is Status.ACKNOWLEDGED


def test_a_document_dated_by_its_day_is_told_without_an_hour(desk: Desk) -> None:
    desk.post(-8, 3)
    posts = desk.store.get([id for (id,) in desk.store.columns(Filter(), ["id"])])
    put(desk.home, desk.store, [replace(one, raw=replace(one.raw, precision=Precision.DAY)) for one in posts])
    desk.check(0)
    [line] = [line for line in lines(desk, 0) if line.startswith("1. ")]
    assert "首见于test 11-10，1条" in line


def test_an_all_clear_counts_apart_what_nobody_was_told(desk: Desk) -> None:
    desk.post(0, 3)
    desk.check(0)
    desk.silence(0.5, 100, key="檀木子")
    desk.post(1, 4)
    desk.check(1)
    assert desk.check(10).resolved
    [said] = [line for line in lines(desk, 10) if line.startswith("自11-10 08:00起")]
    assert said.startswith("自11-10 08:00起共报3条，另有4条当时未通知；4小时内已低于2条")


def test_an_acknowledgement_of_an_earlier_alarm_keeps_no_later_one_quiet(desk: Desk) -> None:
    desk.post(0, 3, issues=("C02",))
    desk.check(0)
    desk.post(1, issues=("C03",))
    desk.check(1)
    with (
        pytest.raises(UsageError, match="firing 2 came after it"),
        Outbox.open(desk.home).state.begin() as connection,
    ):
        ledger.acknowledge(connection, 1, "值班员", at(2))
    assert desk.status() is Status.FIRING
    with Outbox.open(desk.home).state.begin() as connection:
        assert not ledger.find(connection, 1).acknowledged_by
        assert ledger.acknowledge(connection, 2, "值班员", at(2))
    assert desk.status() is Status.ACKNOWLEDGED


def test_what_a_silence_held_of_an_affair_that_is_over_is_not_told_with_the_next(desk: Desk) -> None:
    desk.silence(-1, 10, key="檀木子")
    desk.post(0, 3)
    desk.check(0)
    assert desk.check(8).resolved
    desk.post(30, 3)
    for hour in (30, 31):
        desk.check(hour)
    assert desk.told() == ["【预警】檀木子：4小时内负面信息3条"]


def test_what_was_inhibited_in_an_affair_that_is_over_is_not_told_with_the_next(desk: Desk) -> None:
    loud = rule_of(name="loud", num_events=3, timeframe="1h", channels=["file"], inhibits=["three"])
    desk.rules = (loud, RULE)
    desk.post(0, 3)
    desk.check(0)
    assert len(desk.check(20).resolved) == 2
    for hour in (30, 32, 33.5):
        desk.post(hour)
    for hour in (33.5, 34):
        desk.check(hour)
    assert desk.told()[2:] == ["【预警】檀木子：4小时内负面信息3条"]


@pytest.mark.parametrize("quiet", [False, True])
def test_a_digest_names_every_alarm_the_most_urgent_first(desk: Desk, quiet: bool) -> None:
    last = "龙门小铺"  # of the names, in their order
    desk.post(0, 3, last)
    desk.check(0)
    many = [f"某店{n}" for n in range(20)]
    for number, host in enumerate(many):
        desk.post(1, 3 + (number == 11), host)
    desk.post(1, 1, last, act=Act.PENALTY, regulators=("某市监局",))
    if quiet:
        desk.manners = Manners(quiet_hours="09:00-10:00")  # the start is 08:00 in China
    desk.check(1)
    desk.check(2)
    told = lines(desk, 2)
    numbers = {int(number) for one in told for number in re.findall("编号(\\d+)", one)}
    with Outbox.open(desk.home).state.begin() as connection:
        assert numbers == {kept.id for kept in ledger.latest(connection, 99)} and len(numbers) == 22
    subject = "20次预警，此前未通知" if quiet else "21个对象同时预警"
    first, second = (told.index(f"【预警汇总】{subject}（{part}/2）") for part in (1, 2))
    listed = told[first + 1 :] if quiet else told[first + 2 :]
    assert listed[0].startswith("- 某店11：") and first < second
    critical = next(one for one in told if "介入" in one)
    assert critical.startswith(f"【紧急预警】{last}" if quiet else f"- 【紧急】{last}")
    assert quiet or told[first + 1] == critical


def test_a_rule_that_is_silenced_inhibits_nothing(desk: Desk) -> None:
    loud = rule_of(name="loud", num_events=3, timeframe="1h", channels=["file"], inhibits=["three"])
    desk.rules = (loud, RULE)
    desk.silence(-1, 100, rule="loud", key="檀木子")
    desk.post(0, 3)
    desk.check(0)
    assert desk.told() == ["【预警】檀木子：4小时内负面信息3条"]
    desk.post(0.5, act=Act.PENALTY, regulators=("某市监局",))
    desk.check(0.5)
    assert desk.told()[1:] == ["【紧急预警】檀木子：4小时内负面信息4条（监管部门或中央媒体介入）"]


def test_a_rule_held_by_quiet_hours_inhibits_no_critical_alarm(desk: Desk) -> None:
    loud = rule_of(name="loud", num_events=3, timeframe="1h", channels=["file"], inhibits=["law"])
    law = rule_of(name="law", num_events=3, timeframe="4h", channels=["file"], severity="critical")
    desk.rules, desk.manners = (loud, law), Manners(quiet_hours="08:00-12:00")
    desk.post(0, 3)
    desk.check(0)
    assert desk.told() == ["【紧急预警】檀木子：4小时内负面信息3条"]
    desk.check(4)
    assert desk.told()[1:] == ["【预警汇总】1次预警，此前未通知"]


def test_a_critical_alarm_gives_way_to_a_critical_one_that_speaks_for_it(desk: Desk) -> None:
    values = {"timeframe": "4h", "realert": "12h", "channels": ["file"], "severity": "critical"}
    loud = rule_of(name="loud", num_events=3, inhibits=["law"], **values)
    desk.rules = (loud, rule_of(name="law", num_events=4, **values))
    desk.post(0, 4)
    assert len(desk.check(0).firings) == 2
    desk.check(1)
    assert desk.told() == ["【紧急预警】檀木子：4小时内负面信息4条"]
    desk.post(0.5, 4, "阮小满")
    desk.silence(0, 1.5, rule="law", key="阮小满")
    for hour in (1, 2):
        desk.check(hour)
    # Held by the silence alone, it is told when that ends: what spoke for it was told at another check.
    assert desk.told()[1:] == ["【紧急预警】阮小满：4小时内负面信息4条", "【预警汇总】1次预警，此前未通知"]


def test_what_fires_by_a_rule_that_nobody_judges_any_more_keeps_no_calm_away(desk: Desk) -> None:
    gone = rule_of(name="gone", num_events=3, timeframe="4h", channels=["file"])
    desk.rules, desk.manners = (RULE, gone), Manners(all_calm="18:00")
    desk.post(0, 3)
    desk.check(0)
    desk.rules = (RULE,)  # the other is disabled while it fires
    assert desk.check(8).resolved == [("three", "檀木子")]
    desk.check(10)
    told = lines(desk, 10)
    assert [one[:4] for one in told if "【" in one] == ["【预警】", "【解除】", "【平安】"]
    assert not any("仍在预警" in one for one in told)
    with Outbox.open(desk.home).state.begin() as connection:
        assert ledger.active(connection).keys() == {("gone", "檀木子")}


def test_a_spike_within_an_hour_tells_that_hour_and_its_threshold(desk: Desk) -> None:
    burst = rule_of(name="burst", kind="spike", channels=["file"])
    law = rule_of(name="law", num_events=3, timeframe="1h", channels=["file"], severity="critical")
    desk.rules = (burst, law)
    for hours in range(-240, 0, 6):
        desk.post(hours)
    desk.post(0, 3)
    assert [firing.hour_need for firing in desk.check(0).firings] == [3, None]
    with Outbox.open(desk.home).state.begin() as connection:
        kept = ledger.find(connection, 1)
    assert "4条；1小时内3条（阈值3），1天的阈值12未到（规则 burst，" in kept.message
    assert kept.facts["hour"]["need"] == kept.firing.hour_need == 3
    assert kept.facts["hour"]["documents"] == list(kept.firing.evidence[-3:]) and kept.firing.count == 6
    assert "同时：burst 1小时内3条（阈值3，编号1）" in lines(desk, 0)
    said = fengping(desk.home, "alerts", "show", "1").stdout
    assert f"within one hour: 3  {' '.join(kept.firing.evidence[-3:])}" in said
    assert "within one hour" not in fengping(desk.home, "alerts", "show", "2").stdout


def test_what_is_judged_anew_is_no_late_arrival(desk: Desk) -> None:
    def judged(polarity: Polarity) -> None:
        values: dict[str, Any] = {"hosts": ("檀木子",), "negative_hosts": ("檀木子",), "polarity": polarity}
        times = (at(-100), at(-100), None)
        desk.store.put(document(900 + n, time, indexed_at=at(-99), **values) for n, time in enumerate(times))

    judged(Polarity.NEU)
    desk.check(0)
    judged(Polarity.NEG)
    assert desk.check(2).late == [] and desk.told() == []
    desk.post(-100, indexed_at=at(3))
    [told] = desk.check(3.5).late
    assert (told.late, told.undated) == (1, 0)


def test_a_regulator_that_joins_is_critical_whenever_it_does(desk: Desk) -> None:
    again = rule_of(
        name="three", kind="frequency", num_events=3, timeframe="4h", realert="1h", channels=["file"]
    )
    desk.rules, desk.manners = (again,), Manners(quiet_hours="09:30-20:00")
    desk.post(0, 3)
    desk.check(0)
    desk.post(2, 3)
    desk.post(2, 1, tier="authority")
    desk.post(2, 2, "阮小满")
    desk.post(2, 1, "阮小满", tier="authority")
    desk.check(2)
    said = lines(desk, 2)
    told = [one for one in said if "预警】" in one]
    assert set(told) == {
        "【预警】檀木子：4小时内负面信息3条",
        "【紧急预警】檀木子：4小时内负面信息7条（持续，监管部门或中央媒体介入）",
        "【紧急预警】阮小满：4小时内负面信息3条（监管部门或中央媒体介入）",
    }
    with Outbox.open(desk.home).state.begin() as connection:
        assert [ledger.find(connection, number).firing.official for number in (1, 2, 3)] == [
            False,
            True,
            True,
        ]
    assert {one for one in said if one.startswith("介入：")} == {
        "介入：檀木子的投诉6（test 11-10 10:00）",
        "介入：阮小满的投诉9（test 11-10 10:00）",
    }
    assert any(one.startswith("1. 檀木子的投诉6（") for one in said)
    desk.post(4, 3)  # known by now: an ordinary one, which waits
    desk.check(4)
    assert not [one for one in lines(desk, 4) if "预警】" in one]


def test_an_event_was_seen_first_where_it_was_and_not_where_an_alarm_begins(desk: Desk) -> None:
    first = document(900, at(-3), "最早的一条")
    first = replace(first, raw=replace(first.raw, site="首发站"))
    desk.post(0, 3)
    outbox, moment = Outbox.open(desk.home), Moment(at(0), at(0))
    check(
        desk.rules, desk.store, outbox, moment, Manners(), Ticks(),
        lambda documents, party, now: {one.id: Beyond(first=first) for one in documents},
    )  # fmt: skip
    [told, *_] = [one for one in lines(desk, 0) if one.startswith("1. ")]
    assert "首见于首发站 11-10 05:00；本次最早的见于test 11-10 08:00，" in told
    with outbox.state.begin() as connection:
        assert ledger.find(connection, 1).facts["firsts"][0] == first.id


def test_what_a_backfill_would_have_raised_is_told_of_a_share_and_since_when(desk: Desk) -> None:
    share = {"name": "share", "kind": "percentage_match", "max_percentage": 50, "min_denominator": 3}
    desk.rules = (rule_of(timeframe="4h", channels=["file"], **share),)
    desk.check(0)
    for month in range(5):
        desk.post(-100 - 720 * month, 3, indexed_at=at(1))
    [told] = desk.check(2).late
    assert (told.late, len(told.would)) == (15, 4)
    message = overall.of_late([(desk.rules[0], told, {})], at(2), no_link)
    assert "会有4次预警（只回算2020-08-" in message.lines[0]


def test_a_share_of_too_many_documents_is_replayed_from_a_later_day(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(late, "MOST", 7)
    share = {"name": "share", "kind": "percentage_match", "max_percentage": 50, "min_denominator": 3}
    desk.rules = (rule_of(timeframe="4h", channels=["file"], **share),)
    desk.post(-100, 50, "阮小满", indexed_at=at(-99))  # of whom nothing came late
    desk.check(0)
    for day in range(4):
        desk.post(-100 - 24 * day, 3, indexed_at=at(1))
    [told] = desk.check(2).late
    assert (told.late, len(told.would), told.begins) == (12, 2, day_start(day_of(at(-124))))
    desk.post(-60, 9, indexed_at=at(3))
    [told] = desk.check(4).late
    assert (told.late, len(told.would)) == (9, 1), "the latest day is read whatever it holds"


def test_what_is_too_old_to_the_moment_is_told_as_late(desk: Desk) -> None:
    desk.rules = (rule_of(name="each", kind="any", channels=["file"]),)
    desk.check(0)
    desk.post(-46, indexed_at=at(1))
    done = desk.check(2)
    assert done.firings == [] and [one.late for one in done.late] == [1]
    assert desk.check(3).late == []


def test_a_late_post_that_an_alarm_shows_is_not_told_as_late_beside_it(desk: Desk) -> None:
    desk.rules = (rule_of(name="each", kind="any", timeframe="4h", channels=["file"]),)
    desk.check(0)
    desk.post(-47.5, indexed_at=at(1))
    desk.post(-45, indexed_at=at(1))
    done = desk.check(2)
    assert [one.count for one in done.firings] == [2] and done.late == []


def test_a_told_post_that_was_edited_is_no_late_arrival(desk: Desk) -> None:
    desk.rules = (rule_of(name="each", kind="any", channels=["file"]),)
    desk.check(-1)
    desk.post(0, 2)
    assert len(desk.check(0).firings) == 1
    desk.check(47)
    first, *_ = desk.store.scan(Filter())
    put(desk.home, desk.store, [replace(first, indexed_at=at(48.5))])
    desk.post(-10, indexed_at=at(48.5))
    assert [one.late for one in desk.check(49).late] == [1]


def test_what_goes_hides_nothing_that_came_late(desk: Desk) -> None:
    desk.rules = (rule_of(name="each", kind="any", channels=["file"]),)
    desk.post(-100, 3, indexed_at=at(-1))
    there = [one.id for one in desk.store.scan(Filter())]
    desk.check(0)
    desk.store.delete(there[:2])
    desk.post(-100, 2, indexed_at=at(1))
    desk.post(-100, 1, "阮小满", indexed_at=at(1))
    desk.store.delete([one.id for one in desk.store.scan(Filter(where={"hosts": ("阮小满",)}))])
    assert [one.late for one in desk.check(2).late] == [2]
    assert desk.check(3).late == []


def test_a_regulator_breaks_through_the_cooldown_of_a_share(desk: Desk) -> None:
    share = {"name": "share", "kind": "percentage_match", "max_percentage": 50, "min_denominator": 3}
    desk.rules = (rule_of(timeframe="4h", channels=["file"], **share),)
    desk.post(0, 3)
    assert len(desk.check(0).firings) == 1
    desk.post(1, 1)
    assert desk.check(1).firings == []
    desk.post(2, 1, tier="authority")
    assert [one.cause for one in desk.check(2).firings] == [Cause.OFFICIAL]


def test_late_arrivals_of_many_rules_are_all_counted() -> None:
    looks = [(rule_of(name=f"r{n}"), Late(f"r{n}", n + 1, 0, ()), {"k": "k"}) for n in range(40)]
    message = overall.of_late(looks, at(0), no_link)
    assert len(message.lines) < overall.LINES
    named = [one for one in message.lines if one.startswith("r")]
    rest = next(one for one in message.lines if one.startswith("余"))
    assert rest.startswith(f"余{40 - len(named)}条规则（r{len(named)}、")
    assert rest.endswith(f"，共{sum(range(len(named) + 1, 41))}条。")


def test_recovery_names_no_rule_that_is_over_by_the_same_check(desk: Desk) -> None:
    values: dict[str, Any] = {"timeframe": "4h", "realert": "12h", "channels": ["file"]}
    desk.rules = tuple(rule_of(name=name, num_events=3, **values) for name in ("a", "b", "c"))
    desk.post(0, 3)
    desk.check(0)
    assert len(desk.check(8).resolved) == 3
    told = lines(desk, 8)
    assert [one for one in told if "【" in one] == [
        "【预警】檀木子：4小时内负面信息3条",
        "【解除】檀木子（规则 a、b、c）",
    ], "what was told as one is over as one"
    assert not any("仍在预警" in one for one in told)
    assert "c：自11-10 08:00起共报3条；4小时内已低于2条并持续4小时，于11-10 16:00解除。" in told
    assert "此事各次预警编号：1、2、3（fengping alerts show 编号）" in told


def test_recovery_names_a_later_rule_that_begins_to_fire_or_fires_on(desk: Desk) -> None:
    wide = rule_of(name="wide", num_events=3, timeframe="24h", channels=["file"])
    again = rule_of(name="zz", num_events=1, timeframe="1h", query="另", channels=["file"])
    desk.rules = (RULE, wide, again)
    desk.post(0, 3)
    desk.check(0)
    desk.post(8, text="另一件事")
    assert desk.check(8).resolved == [("three", "檀木子")]
    told = lines(desk, 8)
    assert "【解除】檀木子（规则 three）" in told and "同一对象仍在预警：wide、zz。" in told


def test_status_says_who_took_an_affair_and_since_when_it_is_silenced(desk: Desk) -> None:
    desk.post(0, 3, issues=("C02",))
    desk.check(0)
    desk.post(1, 1, issues=("C03",))
    desk.check(1)
    with Outbox.open(desk.home).state.begin() as connection:
        assert ledger.acknowledge(connection, 2, "值班员", at(2))
    [line] = status(desk.home, at(2.5)).firing
    assert line.startswith("#2 three: 檀木子 since 2020-11-10T08:00")
    assert "taken care of by 值班员 since 2020-11-10T10:00" in line
    desk.silence(3, 24, key="檀木子")
    [line] = status(desk.home, at(4)).firing
    assert "taken care of by 值班员 since 2020-11-10T10:00" in line
    assert "silenced since 2020-11-10T11:00" in line, "since it was silenced, and not since it was taken"
    [one] = alert_desk.watched(desk.home, at(4))
    assert (one.status, one.acknowledged_by) == (Status.SILENCED, "值班员")
    assert [row["status"] for row in alert.listed(desk.home, 9, now=at(4))] == ["silenced", "silenced"]
    desk.post(5, 8)
    desk.check(5)
    [one] = alert_desk.watched(desk.home, at(28))
    assert one.acknowledged_by == "", "what is worse asks for somebody again"


def test_what_nobody_was_told_of_is_not_said_to_have_been_told(desk: Desk) -> None:
    desk.silence(-1, 5, doubled=True, key="檀木子")
    desk.post(0, 3)
    desk.check(0)
    desk.post(1, 1, tier="authority", text="闵川市监局对檀木子立案调查", regulators=("地方市场监管局",))
    desk.check(1)
    said = "\n".join(lines(desk, 1))
    assert "介入：地方市场监管局，闵川市监局对檀木子立案调查（test 11-10 09:00）" in said
    assert "此前已报" not in said and "，此前另有3条当时未通知" in said
    assert "- 檀木子：4小时内负面信息3条：檀木子的投诉1，11-10 08:00，当时静默（编号1）" in said


def test_an_answer_of_another_within_the_event_is_told_beside_a_charge_without_one(desk: Desk) -> None:
    desk.post(0, 3)
    said = Step(EventStatus.ANSWERED, at(-1), "e", "云栖客服回应羽绒服一事")
    check(
        desk.rules, desk.store, Outbox.open(desk.home), Moment(at(0), at(0)), Manners(), Ticks(),
        lambda documents, party, now: {documents[0].id: Beyond(unclaimed=said)},
    )  # fmt: skip
    told = "\n".join(lines(desk, 0))
    assert told.count("；事件中有回应：云栖客服回应羽绒服一事（11-10 07:00），未能认定为被指对象的回应") == 1
    with Outbox.open(desk.home).state.begin() as connection:
        assert ledger.find(connection, 1).facts["unclaimed"][0] == "e"


def test_an_old_alarm_keeps_its_end_when_its_key_fires_again(desk: Desk) -> None:
    desk.post(0, 3)
    desk.check(0)
    desk.check(20)
    desk.post(40, 3)
    desk.check(40)
    assert [one["status"] for one in alert.listed(desk.home, 9, now=at(40))] == ["firing", "resolved"]


def test_a_digest_of_long_lines_loses_none_in_the_narrowest_channel(desk: Desk) -> None:
    for number in range(17):
        told = f"第{number}家店的羽绒服送检后标称充绒量与实测值相差甚远客服推诿多日至今无人给出说法"
        desk.post(0, 3, f"样例第{number}家羽绒服饰直播间旗舰店城东仓库分店", told)
    desk.check(0)
    outbox = Outbox.open(desk.home)
    named, messages = set(), 0
    while claim := outbox.claim("file", at(0), timedelta(seconds=60)):
        text = compose(claim.message, LIMIT)
        messages += 1
        assert "余" not in text
        named |= set(re.findall("编号([0-9]+)", text))
    assert len(named) == 17 and messages > 1


def test_the_end_of_an_affair_names_what_is_needed_by_now(desk: Desk) -> None:
    over = Over(RULE, "檀木子", Standing(Status.FIRING, at(0), at(0), at(0), shown=3, need=3), (), need=12)
    assert "4小时内已低于6条" in over.course(at(9))
