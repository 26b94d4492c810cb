"""Telling: who speaks for whom, digests that name all, affairs that are over, numbers with documents."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.alerts.making import rule_of
from tests.alerts.test_alerts_states import RULE, Desk, at, lines
from tests.making import put

from fengping.alerts import ledger
from fengping.alerts.decide import Standing, Status
from fengping.alerts.manners import Manners
from fengping.alerts.recovery import Over
from fengping.delivery import Outbox
from fengping.delivery.senders.robot import compose
from fengping.delivery.senders.wecom import LIMIT
from fengping.errors import UsageError
from fengping.home import Home
from fengping.indexer import Filter
from fengping.models import Polarity, Precision
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
    with Outbox.open(desk.home).state.begin() as connection:
        assert "\n11-10 test 檀木子的投诉" in ledger.find(connection, 1).message


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
    desk.post(0, 3)
    desk.check(0)
    desk.post(1, 3)
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
    assert desk.told() == ["檀木子：4小时内负面信息3条（test）"]


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
    assert desk.told()[2:] == ["檀木子：4小时内负面信息3条（test）"]


@pytest.mark.parametrize("quiet", [False, True])
def test_a_digest_names_every_alarm_and_what_is_critical_stands_alone(desk: Desk, quiet: bool) -> None:
    law = rule_of(name="law", num_events=5, timeframe="4h", channels=["file"], severity="critical")
    desk.rules = (RULE, law)
    many = [f"某店{n}" for n in range(20)]
    for number, host in enumerate(many):
        desk.post(1, 3 + (number == 11), host)
    desk.post(1, 5, "龙门小铺")
    if quiet:
        desk.manners = Manners(quiet_hours="09:00-10:00")  # the start is 08:00 in China
    desk.check(1)
    desk.check(2)
    told = lines(desk, 2)
    numbers = {int(number) for one in told for number in re.findall("编号(\\d+)", one)}
    assert len(numbers) == (21 if quiet else 20)
    assert "【紧急】龙门小铺：4小时内负面信息5条（test）" in told
    first = next(n for n, one in enumerate(told) if one.startswith("【预警汇总】"))
    assert told[first + 1].startswith("- 龙门小铺：" if quiet else "- 某店11：")


def test_a_rule_that_is_silenced_inhibits_nothing(desk: Desk) -> None:
    loud = rule_of(name="loud", num_events=3, timeframe="1h", channels=["file"], inhibits=["three"])
    desk.rules = (loud, RULE)
    desk.silence(-1, 100, rule="loud", key="檀木子")
    desk.post(0, 3)
    desk.check(0)
    assert desk.told() == ["檀木子：4小时内负面信息3条（test）"]


def test_a_rule_held_by_quiet_hours_inhibits_no_critical_alarm(desk: Desk) -> None:
    loud = rule_of(name="loud", num_events=3, timeframe="1h", channels=["file"], inhibits=["law"])
    law = rule_of(name="law", num_events=3, timeframe="4h", channels=["file"], severity="critical")
    desk.rules, desk.manners = (loud, law), Manners(quiet_hours="08:00-12:00")
    desk.post(0, 3)
    desk.check(0)
    assert desk.told() == ["【紧急】檀木子：4小时内负面信息3条（test）"]
    desk.check(4)
    assert desk.told()[1:] == ["【预警汇总】1次预警，此前未通知"]


def test_a_critical_alarm_gives_way_to_a_critical_one_that_speaks_for_it(desk: Desk) -> None:
    values = {"timeframe": "4h", "realert": "12h", "channels": ["file"], "severity": "critical"}
    loud = rule_of(name="loud", num_events=3, inhibits=["law"], **values)
    desk.rules = (loud, rule_of(name="law", num_events=4, **values))
    desk.post(0, 4)
    assert len(desk.check(0).firings) == 2
    desk.check(1)
    assert desk.told() == ["【紧急】檀木子：4小时内负面信息4条（test）"]
    desk.post(0.5, 4, "阮小满")
    desk.silence(0, 1.5, rule="law", key="阮小满")
    for hour in (1, 2):
        desk.check(hour)
    # Held by the silence alone, it is told when that ends: what spoke for it was told at another check.
    assert desk.told()[1:] == [
        "【紧急】阮小满：4小时内负面信息4条（test）",
        "【预警汇总】1次预警，此前未通知",
    ]


def test_what_fires_by_a_rule_that_nobody_judges_any_more_keeps_no_calm_away(desk: Desk) -> None:
    gone = rule_of(name="gone", num_events=3, timeframe="4h", channels=["file"])
    desk.rules, desk.manners = (RULE, gone), Manners(all_calm="18:00")
    desk.post(0, 3)
    desk.check(0)
    desk.rules = (RULE,)  # the other is disabled while it fires
    assert desk.check(8).resolved == [("three", "檀木子")]
    desk.check(10)
    told = lines(desk, 10)
    assert [one[:4] for one in told if "【" in one] == ["【解除】", "【平安】"]
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
    assert kept.facts["hour"]["need"] == kept.firing.hour_need == 3 and kept.firing.count == 6
    assert "同时：檀木子：1天内负面信息6条（test）" in lines(desk, 0)


def test_recovery_names_no_rule_that_is_over_by_the_same_check(desk: Desk) -> None:
    values: dict[str, Any] = {"timeframe": "4h", "realert": "12h", "channels": ["file"]}
    desk.rules = tuple(rule_of(name=name, num_events=3, **values) for name in ("a", "b", "c"))
    desk.post(0, 3)
    desk.check(0)
    assert len(desk.check(8).resolved) == 3
    told = lines(desk, 8)
    assert [one for one in told if "【" in one] == ["【解除】檀木子"], "what was told as one is over as one"
    assert not any("仍在预警" in one for one in told)
    assert "c：自11-10 08:00起共报3条；4小时内已低于2条并持续4小时，于11-10 16:00解除。" in told


def test_recovery_names_a_later_rule_that_begins_to_fire_or_fires_on(desk: Desk) -> None:
    wide = rule_of(name="wide", num_events=3, timeframe="24h", channels=["file"])
    again = rule_of(name="zz", num_events=1, timeframe="1h", query="另", channels=["file"])
    desk.rules = (RULE, wide, again)
    desk.post(0, 3)
    desk.check(0)
    desk.post(8, text="另一件事")
    assert desk.check(8).resolved == [("three", "檀木子")]
    told = lines(desk, 8)
    assert "【解除】檀木子" in told and "同一对象仍在预警：wide、zz。" in told


def test_status_says_who_took_an_affair_and_since_when_it_is_silenced(desk: Desk) -> None:
    desk.post(0, 3)
    desk.check(0)
    desk.post(1, 3)
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


def test_an_old_alarm_keeps_its_end_when_its_key_fires_again(desk: Desk) -> None:
    desk.post(0, 3)
    desk.check(0)
    desk.check(20)
    desk.post(40, 3)
    desk.check(40)
    assert [one["status"] for one in alert.listed(desk.home, 9, now=at(40))] == ["firing", "resolved"]


def test_a_digest_of_long_lines_loses_none_in_the_narrowest_channel(desk: Desk) -> None:
    for number in range(40):
        desk.post(0, 3, f"样例第{number}家羽绒服饰直播间旗舰店城东仓库分店", source="样例资讯聚合平台头条号")
    desk.check(0)
    outbox = Outbox.open(desk.home)
    named, messages = set(), 0
    while claim := outbox.claim("file", at(0), timedelta(seconds=60)):
        text = compose(claim.message, LIMIT)
        messages += 1
        assert "余" not in text
        named |= set(re.findall("编号([0-9]+)", text))
    assert len(named) == 40 and messages > 1


def test_the_end_of_an_affair_names_what_is_needed_by_now(desk: Desk) -> None:
    over = Over(RULE, "檀木子", Standing(Status.FIRING, at(0), at(0), at(0), shown=3, need=3), (), need=12)
    assert "4小时内已低于6条" in over.course(at(9))
