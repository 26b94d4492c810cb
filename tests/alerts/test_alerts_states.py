"""States and telling: silences, recovery, grouping, quiet hours, inhibition, calm; kills and doubles."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from tests.alerts.making import START, fengping, rule_of
from tests.making import document, new_home, put
from tests.meanwhile import during

import fengping.alerts.check as module
from fengping.alerts import Checked, Moment, Rule, ledger, silences
from fengping.alerts.check import check
from fengping.alerts.decide import Cause, Status
from fengping.alerts.manners import Manners
from fengping.alerts.silences import Silence
from fengping.delivery import Outbox
from fengping.home import Home
from fengping.indexer import open_store
from fengping.indexer.search import MemoryStore
from fengping.models import Act

RULE = rule_of(name="three", num_events=3, timeframe="4h", realert="12h", channels=["file"])
WATCH = ("檀木子", "阮小满", "何白露", "楚青禾", "沈听澜")


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


@dataclass
class Desk:
    """A home under watch, checked at hours after the start."""

    home: Home
    manners: Manners = field(default_factory=Manners)
    rules: Sequence[Rule] = (RULE,)
    store: MemoryStore = field(default_factory=MemoryStore)
    made: int = 0

    def post(
        self, hours: float, count: int = 1, host: str = "檀木子", text: str = "", **values: object
    ) -> None:
        tier = str(values.pop("tier", ""))
        posts = [
            document(self.made + n, at(hours), text or f"{host}的投诉{self.made + n}", hosts=(host,),
                     negative_hosts=(host,), **values)
            for n in range(count)
        ]  # fmt: skip
        posts = [replace(one, tier=tier) for one in posts]
        self.made += count
        put(self.home, self.store, posts)

    def check(self, hours: float) -> Checked:
        outbox = Outbox.open(self.home)
        return check(self.rules, self.store, outbox, Moment(at(hours), at(hours)), self.manners)

    def told(self) -> list[str]:
        return [letter.subject for letter in Outbox.open(self.home).waiting()]

    def status(self, rule: str = "three", key: str = "檀木子") -> Status:
        with Outbox.open(self.home).state.begin() as connection:
            return ledger.standings(connection, rule)[key].status

    def silence(self, hours: float, lasting: float, *, doubled: bool = False, **matcher: str) -> int:
        wanted = {name: [value] for name, value in matcher.items()}
        silence = Silence(0, wanted, "值班员", "已知", at(hours), at(hours + lasting), doubled)
        with Outbox.open(self.home).state.begin() as connection:
            return silences.add(connection, silence)


@pytest.fixture
def desk(home: Home) -> Desk:
    return Desk(home)


def test_recovery_is_told_once_to_whom_the_alarm_was_told(desk: Desk) -> None:
    desk.post(0, 3)
    desk.check(0)
    desk.check(7.5)
    assert desk.told() == ["檀木子：4小时内负面信息3条（test）"]
    assert desk.check(8).resolved == [("three", "檀木子")]
    desk.check(9)
    assert desk.told()[1:] == ["【解除】檀木子"]
    with Outbox.open(desk.home).state.begin() as connection:
        changes = ledger.history(connection, "three", "檀木子")
    assert [row["after"] for row in changes[::-1]] == ["firing", "resolved"]


def test_a_clock_far_ahead_tells_nobody_that_all_is_over(desk: Desk) -> None:
    for host in ("檀木子", "阮小满"):
        desk.post(0, 3, host, indexed_at=at(-0.1))
    desk.check(0)
    ahead = desk.check(24 * 365)
    assert (ahead.resolved, len(ahead.unresolved)) == ([], 2)
    assert desk.told()[2:] == ["【时钟】距上次检查365天，暂不解除预警"]
    assert desk.check(24 * 365 + 1).resolved == [] and len(desk.told()) == 3
    # The clock is right again: once nothing is resolved, then what is calm.
    assert desk.check(7.9).resolved == [] and desk.status() is Status.FIRING
    assert len(desk.check(8).resolved) == 2


def test_after_a_gap_affairs_are_over_once_calm_was_watched(desk: Desk) -> None:
    desk.post(0, 3, indexed_at=at(-0.1))
    desk.check(0)
    back = 24 * 20
    assert [desk.check(back + hour).resolved for hour in (0, 2, 3.5)] == [[], [], []]
    assert desk.check(back + 4).resolved == [("three", "檀木子")]
    assert [subject[:4] for subject in desk.told()] == ["檀木子：", "【时钟】", "【解除】"]


def test_a_weekend_is_no_gap(desk: Desk) -> None:
    desk.post(0, 3)
    desk.check(0)
    assert desk.check(71).resolved == [("three", "檀木子")]


def test_a_moment_by_hand_before_the_last_check_changes_nothing(desk: Desk) -> None:
    desk.post(0, 3)
    desk.check(0)
    desk.check(2)
    desk.post(-50, 3, "阮小满")
    outbox = Outbox.open(desk.home)
    done = check(desk.rules, desk.store, outbox, Moment(at(-40), at(3)), desk.manners)
    assert (done.firings, done.resolved, done.passed) == ([], [], {"three": at(2)})
    assert (desk.status(), len(desk.told())) == (Status.FIRING, 1)


def test_what_was_silenced_from_the_first_is_neither_told_nor_recovered(desk: Desk) -> None:
    desk.silence(-1, 100, key="檀木子")
    desk.post(0, 3)
    assert len(desk.check(0).firings) == 1
    assert desk.status() is Status.SILENCED
    assert desk.check(8).resolved == [("three", "檀木子")]
    assert desk.told() == []


def test_recovery_is_told_though_silenced_meanwhile(desk: Desk) -> None:
    desk.post(0, 3)
    desk.check(0)
    desk.silence(1, 100, key="檀木子")
    desk.check(2)
    assert desk.status() is Status.SILENCED
    desk.check(8)
    assert desk.told()[-1] == "【解除】檀木子"


def test_a_silence_that_ends_while_it_fires_tells_what_it_held(desk: Desk) -> None:
    desk.silence(-1, 2, key="檀木子")
    desk.post(0, 3)
    desk.check(0)
    assert desk.told() == []
    desk.check(1.5)
    assert desk.status() is Status.FIRING
    assert desk.told() == ["【预警汇总】1次预警，此前未通知"]
    desk.check(2)
    assert len(desk.told()) == 1


def test_a_silence_until_doubled_ends_when_the_count_doubles(desk: Desk) -> None:
    desk.post(0, 3)
    desk.check(0)
    desk.silence(0.5, 100, doubled=True, key="檀木子")
    desk.post(1, 2)
    assert desk.check(1).firings == []
    desk.post(2)
    [firing] = desk.check(2).firings
    assert firing.cause is Cause.DOUBLED
    assert desk.told()[-1].startswith("【翻倍】檀木子")
    assert desk.status() is Status.FIRING


def test_a_silence_until_doubled_ends_by_an_alarm_after_the_cooldown(desk: Desk) -> None:
    desk.rules = (rule_of(name="three", num_events=2, timeframe="24h", realert="4h", channels=["file"]),)
    desk.post(0, 3)
    desk.check(0)
    desk.silence(1, 168, doubled=True, key="檀木子")
    desk.post(5, 2)
    [firing] = desk.check(5).firings
    assert (firing.cause, desk.status(), len(desk.told())) == (Cause.AGAIN, Status.SILENCED, 1)
    desk.post(10, 2)
    [firing] = desk.check(10).firings
    assert (firing.cause, firing.before + firing.count, desk.status()) == (Cause.AGAIN, 7, Status.FIRING)
    assert desk.told()[1].startswith("【后续】檀木子")


def test_a_silence_until_doubled_ends_by_whatever_brings_twice_as_many(desk: Desk) -> None:
    desk.post(0, 3)
    desk.check(0)
    desk.silence(1, 168, doubled=True, key="檀木子")
    desk.silence(1, 168, doubled=True, rule="three")
    desk.post(2, 3)
    [firing] = desk.check(2).firings
    assert (firing.cause, desk.status(), len(desk.told())) == (Cause.DOUBLED, Status.FIRING, 2)


def test_a_silence_until_doubled_goes_on_through_an_affair_of_the_same_size(desk: Desk) -> None:
    desk.post(0, 3)
    desk.check(0)
    desk.silence(1, 168, doubled=True, key="檀木子")
    assert desk.check(20).resolved
    desk.post(30, 5)
    assert len(desk.check(30).firings) == 1 and desk.status() is Status.SILENCED
    assert desk.check(50).resolved
    desk.post(60, 6)
    [firing] = desk.check(60).firings
    assert (firing.cause, desk.status()) == (Cause.FIRST, Status.FIRING)


def test_a_silence_before_any_alarm_is_measured_by_the_first(desk: Desk) -> None:
    desk.silence(-1, 168, doubled=True, key="檀木子")
    desk.post(0, 3)
    desk.check(0)
    assert desk.status() is Status.SILENCED
    desk.post(1, 3)
    desk.check(1)
    assert desk.status() is Status.FIRING


def test_a_key_that_doubles_ends_a_silence_of_several_for_itself_alone(desk: Desk) -> None:
    for host in WATCH[:2]:
        desk.post(0, 3, host)
    desk.check(0)
    desk.silence(1, 168, doubled=True, rule="three")
    desk.post(2, 3)
    desk.check(2)
    assert (desk.status(), desk.status(key=WATCH[1])) == (Status.FIRING, Status.SILENCED)
    desk.post(3, 3, WATCH[1], issues=("C03",))
    desk.post(13, 2, WATCH[2], act=Act.PENALTY)
    desk.post(13, 1, WATCH[2])
    desk.check(13)
    assert (desk.status(key=WATCH[1]), desk.status(key=WATCH[2])) == (Status.FIRING, Status.SILENCED)
    with Outbox.open(desk.home).state.begin() as connection:
        [silence] = silences.every(connection)
    assert silence.holds(at(13)) and silence.matcher == {"rule": ["three"], "but": [*WATCH[:2]]}


def test_silences_match_by_rule_key_and_class(desk: Desk) -> None:
    one = Silence(1, {"key": ["檀木子"], "class": ["C02"]}, "a", "b", at(0), at(1), False)
    assert one.matches({"key": ("檀木子",), "class": ("C02",)})
    assert not one.matches({"key": ("檀木子",), "class": ("C03",)})
    assert not one.matches({"key": ("檀木子",), "class": ()})
    assert one.holds(at(0.5))
    assert not one.holds(at(1))


def test_a_silence_of_one_class_lasts_while_the_affair_has_others_from_before(desk: Desk) -> None:
    desk.post(0, 3, issues=("C03",))
    desk.check(0)
    desk.silence(1, 100, **{"class": "C02"})
    desk.post(13, 3, issues=("C02",))
    for hour in (13, 13.5, 14):
        desk.check(hour)
    assert len(desk.told()) == 1 and desk.status() is Status.SILENCED


def test_rules_of_one_key_share_a_message(desk: Desk) -> None:
    desk.rules = (RULE, rule_of(name="two", num_events=2, timeframe="4h", channels=["file"]))
    desk.post(0, 3)
    assert len(desk.check(0).firings) == 2
    assert len(desk.told()) == 1
    outbox = Outbox.open(desk.home)
    claim = outbox.claim("file", at(0), timedelta(seconds=1))
    assert claim is not None
    assert any(line.startswith("同时：檀木子：4小时内") for line in claim.message.lines)
    assert claim.message.labels["rule"] == ("three", "two")
    assert len(claim.message.text().splitlines()) <= 20


def test_a_storm_of_keys_is_one_digest(desk: Desk) -> None:
    for host in WATCH:
        desk.post(0, 3, host)
    assert len(desk.check(0).firings) == len(WATCH)
    assert desk.told() == ["【预警汇总】5次预警"]


def test_inhibited_rules_are_told_once_nothing_speaks_for_them(desk: Desk) -> None:
    loud = rule_of(name="loud", num_events=3, timeframe="1h", channels=["file"], inhibits=["three"])
    desk.rules = (loud, RULE)
    desk.post(0, 3)
    desk.check(0)
    assert desk.told() == ["檀木子：1小时内负面信息3条（test）"]
    desk.check(2)
    assert desk.told()[1:] == ["【解除】檀木子", "【预警汇总】1次预警，此前未通知"]


def test_what_was_new_inhibits_others_no_longer_than_its_cooldown(desk: Desk) -> None:
    given = {"timeframe": "24h", "realert": "12h", "inhibits": ["three"], "channels": ["file"]}
    desk.rules = (rule_of(name="new", kind="new_term", **given), RULE)
    desk.post(0, 3, indexed_at=at(-0.1))
    desk.check(0)
    assert [one.partition("：")[0] for one in desk.told()] == ["檀木子"]
    for day in range(1, 6):  # one a day keeps it going
        desk.post(24 * day, indexed_at=at(24 * day))
        desk.check(24 * day)
    desk.post(130, 3, indexed_at=at(130))
    desk.check(130)
    assert desk.status("new") is Status.FIRING
    assert desk.told()[-1] == "檀木子：4小时内负面信息3条（test）"


def test_what_was_new_inhibits_others_at_its_own_check_without_a_cooldown_too(desk: Desk) -> None:
    new = rule_of(
        name="new", kind="new_term", timeframe="24h", realert="0h", inhibits=["three"], channels=["file"]
    )
    desk.rules = (new, RULE)
    desk.post(0, 3, indexed_at=at(-0.1))
    desk.check(0)
    with Outbox.open(desk.home).state.begin() as connection:
        marks = {kept.firing.rule: kept.told for kept in ledger.latest(connection, 9)}
    assert marks == {"new": "told", "three": "inhibited"}


def test_quiet_hours_hold_all_but_what_is_critical(desk: Desk) -> None:
    desk.manners = Manners(quiet_hours="08:00-12:00")  # the start is 08:00 in China
    desk.post(0, 3)
    desk.post(0, 3, "阮小满")
    desk.check(0)
    assert desk.told() == []
    law = rule_of(name="law", num_events=4, timeframe="4h", channels=["file"], severity="critical")
    desk.rules = (RULE, law)
    desk.post(1)
    desk.check(1)
    assert desk.told() == ["【紧急】檀木子：4小时内负面信息4条（test）"]
    desk.check(3.5)
    assert len(desk.told()) == 1
    desk.check(4)
    assert desk.told()[1:] == ["【预警汇总】2次预警，此前未通知"]


def test_a_second_alarm_does_not_count_fewer_for_what_came_late(desk: Desk) -> None:
    for hours in (1, 2, 3):
        desk.post(hours)
    desk.check(3)
    desk.post(2.5, 3)
    desk.check(3.5)
    assert desk.told() == ["檀木子：4小时内负面信息3条（test）", "【翻倍】檀木子：4小时内负面信息6条（test）"]


def lines(desk: Desk, hours: float) -> list[str]:
    """Subjects and lines of what may be sent by then, in the order in which it is."""
    outbox, found = Outbox.open(desk.home), []
    while claim := outbox.claim("file", at(hours), timedelta(days=9)):
        found += [claim.message.subject, *claim.message.lines]
    return found


def test_what_was_held_and_is_over_is_told_as_over(desk: Desk) -> None:
    desk.manners = Manners(quiet_hours="08:00-20:00")
    desk.post(0, 3)
    desk.post(8, 3, "阮小满")
    for hour in (0, 8, 9):
        desk.check(hour)
    assert desk.status() is Status.RESOLVED and lines(desk, 11.9) == []
    desk.check(12)
    told = lines(desk, 12)
    assert told[0] == "【预警汇总】2次预警，此前未通知"
    assert told[1].startswith("- 檀木子：4小时内负面信息3条（test），11-10 08:00，")
    assert told[1].endswith("，在免打扰时段，已于11-10 16:00解除（编号1）")
    assert told[2] == "- 阮小满：4小时内负面信息3条（test），11-10 16:00，在免打扰时段（编号2）"
    desk.check(16)
    assert [one for one in lines(desk, 16) if "【" in one] == ["【解除】阮小满"]


def test_nothing_but_what_is_critical_leaves_in_quiet_hours(desk: Desk) -> None:
    desk.manners = Manners(quiet_hours="09:00-20:00", all_calm="17:00")
    desk.post(0, 3)
    desk.check(0)
    assert lines(desk, 0)[0].startswith("檀木子：")
    desk.check(8)
    desk.check(9)
    assert desk.status() is Status.RESOLVED and lines(desk, 11.9) == []
    told = lines(desk, 12)
    assert [one[:4] for one in told if "【" in one] == ["【解除】", "【平安】"]
    assert any("于11-10 16:00解除。" in one for one in told)


def test_all_calm_is_told_once_a_day_at_its_time(desk: Desk) -> None:
    desk.manners = Manners(all_calm="18:00")
    for hour in (9.5, 10, 10.5, 20):
        desk.check(hour)
    assert desk.told() == ["【平安】2020-11-10 现无预警中的对象"]
    desk.post(33, 3)
    desk.check(33)
    desk.check(34)
    assert [subject[:4] for subject in desk.told()] == ["【平安】", "檀木子："]


def test_an_answer_is_no_charge(desk: Desk) -> None:
    desk.post(0, 3)
    desk.check(0)
    desk.post(1, 5, act=Act.RESPONSE)
    assert desk.check(1).firings == []
    desk.post(2, 3)
    [firing] = desk.check(2).firings
    assert firing.count == 3


PROGRAM = """
import sys
from pathlib import Path
from fengping.cli import main
main(["--home", sys.argv[1], "alerts", "check", "--at", "2020-11-10T18:00", "--json"])
"""


def prepared(home: Home) -> None:
    store = open_store(home)
    store.put([
        document(n, at(n / 10), hosts=(host,), negative_hosts=(host,))
        for n, host in enumerate(host for host in WATCH for _ in range(4))
    ])  # fmt: skip
    store.close()
    home.alerts.mkdir()
    (home.alerts / "r.toml").write_text('name = "three"\nchannels = ["file"]\n', encoding="utf-8")


def letters(home: Home) -> list[str]:
    lines = (home.var / "delivery" / "messages.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["id"] for line in lines]


@pytest.mark.long
def test_two_checks_at_once_decide_and_tell_once(home: Home) -> None:
    prepared(home)
    command = [sys.executable, "-c", PROGRAM, str(home.root)]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
    said = [process.communicate(timeout=120)[0].splitlines() for process in started]
    assert sorted(map(len, said)) == [0, len(WATCH)]
    assert len(letters(home)) == len(set(letters(home))) == 1


def test_a_check_that_another_overtook_ends_nothing(desk: Desk) -> None:
    desk.check(0)

    def overtakes() -> None:
        desk.post(1, 3)
        assert len(desk.check(1.1).firings) == 1

    with during(module, "_read", overtakes, after=True):
        assert desk.check(1.05).resolved == []
    assert desk.status() is Status.FIRING


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, float]:
    """A home after a check to its end, and the seconds that it took."""
    home = new_home(tmp_path_factory.mktemp("unbroken"))
    prepared(home)
    begun = time.monotonic()
    subprocess.run([sys.executable, "-c", PROGRAM, str(home.root)], capture_output=True, check=True)
    return home, time.monotonic() - begun


@pytest.mark.long
@pytest.mark.parametrize("part", [0.6, 0.85, 1.0])
def test_a_killed_check_leaves_a_tick_whole_or_undone(
    home: Home, part: float, unbroken: tuple[Home, float]
) -> None:
    prepared(home)
    other, whole = unbroken
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(home.root)], stdout=subprocess.DEVNULL)
    timer = threading.Timer(whole * part, process.send_signal, [signal.SIGKILL])
    timer.start()
    process.wait()
    timer.cancel()
    fengping(home, "alerts", "check", "--at", "2020-11-10T18:00")
    found = []
    for one in (home, other):
        with Outbox.open(one).state.begin() as connection:
            found.append([kept.firing.evidence for kept in ledger.latest(connection, 99)])
    assert found[0] == found[1]
    assert len(found[0]) == len(WATCH)
    assert set(letters(home)) == set(letters(other)), "a letter may be repeated, under its own id"
