"""The watchman after a machine was off or a network was down: one notice, and nobody is told twice."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert
from tests.making import Disk
from tests.site.homes import list_source

from fengping import clock
from fengping.clock import day_of
from fengping.delivery import Message, Outbox, deliver_due
from fengping.home import Home
from fengping.models import document_id
from fengping.scheduler import ledger, watchman
from fengping.scheduler.notices import in_chinese
from fengping.scheduler.status import status
from fengping.services import alert, source, unheard
from fengping.services.home import doctor
from fengping.spiders import CrawlResult, Flag, Outcome, Runs
from fengping.spiders.run import source_health
from fengping.state import State

NOW = datetime(2020, 11, 12, 8, tzinfo=UTC)
LATER = NOW + timedelta(hours=2)
JOBS = ("collect", "events", "alerts", "health")
CONFIG = '[crawl]\nnotify = ["desk"]\n[schedule]\nnotify = ["desk", "night"]\n'
CHANNELS = "".join(f'[channels.{name}]\nkind = "file"\npath = "{name}.jsonl"\n' for name in ("desk", "night"))


@pytest.fixture
def watched(home: Home) -> Home:
    """A home with two sources, told to a desk; and to another, which does not hear of sources."""
    home.sources.mkdir(exist_ok=True)
    for name in ("news", "posts"):
        text = list_source("http://127.0.0.1:9/a", "")
        (home.sources / f"{name}.toml").write_text(text, encoding="utf-8")
        Runs(State.open(home)).end(CrawlResult(name, Outcome.FINISHED, NOW, NOW, "", document_id(name)))
    home.config_file.write_text(CONFIG, encoding="utf-8")
    (home.root / "delivery.toml").write_text(CHANNELS, encoding="utf-8")
    ended(home, "ok", JOBS, NOW)
    return Home.open(home.root)


def ended(home: Home, how: str, jobs: tuple[str, ...], at: datetime) -> None:
    with State.open(home).begin() as connection:
        for job in jobs:
            number = ledger.begin(connection, job, at)
            ledger.finish(connection, number, at, ledger.Outcome(how, "the disk is full"))


def fails(home: Home, name: str) -> None:
    with State.open(home).begin() as connection:
        values = {"source": name, "day": day_of(NOW), "status": "run_failed", "count": 2}
        connection.execute(insert(source_health).values(values))


def watch(home: Home, at: datetime) -> None:
    watchman.round(home, State.open(home), at)


def letters(home: Home, channel: str) -> list[dict[str, Any]]:
    """Messages as the channel wrote them, oldest first; that this sends them an hour late is left out."""
    deliver_due(home, LATER + timedelta(hours=1))
    path = home.var / "delivery" / f"{channel}.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    found = [json.loads(line) for line in lines]
    return [one | {"lines": [x for x in one["lines"] if not x.endswith("迟发。）")]} for one in found]


def test_what_failed_is_so_while_its_next_run_is_at_work(watched: Home) -> None:
    ended(watched, "failed", ("collect",), NOW + timedelta(minutes=1))
    with State.open(watched).begin() as connection:
        ledger.begin(connection, "collect", NOW + timedelta(minutes=2))
    seen = watchman.round(watched, State.open(watched), NOW + timedelta(minutes=3))
    assert [one.key for one in seen if one.key.startswith("job")] == ["job collect"]


def test_a_source_that_this_machine_could_not_keep_is_the_machines_fault(watched: Home) -> None:
    for name, flags in (("news", {Flag.NOT_KEPT: 1}), ("posts", {})):
        run = CrawlResult(name, Outcome.FAILED, NOW, NOW, "", document_id(f"{name}2"), flags=flags)
        Runs(State.open(watched)).end(run)
    seen = watchman.round(watched, State.open(watched), NOW + timedelta(minutes=3))
    assert {one.key: one.grave for one in seen if one.key.startswith("source")} == {
        "source news": True,
        "source posts": False,
    }


def test_what_begins_and_ends_at_one_moment_is_one_notice_each(watched: Home) -> None:
    ended(watched, "failed", JOBS, NOW + timedelta(minutes=1))
    watch(watched, NOW + timedelta(minutes=2))
    watch(watched, NOW + timedelta(minutes=3))
    [begun] = letters(watched, "night")
    assert begun["subject"] == "风评 4件事同时出了问题"
    said = [f"- The last {job} failed: the disk is full." for job in sorted(JOBS)]
    assert [in_chinese(one) for one in said] == sorted(begun["lines"])
    ended(watched, "ok", JOBS, LATER)
    for minutes in (0, 40):
        watch(watched, LATER + timedelta(minutes=minutes))
    over = letters(watched, "night")[-1]
    assert over["subject"] == "风评 已恢复：4件事" and len(over["lines"]) == 4
    assert len(letters(watched, "night")) == len(letters(watched, "desk")) == 2
    morning = status(watched, LATER + timedelta(hours=8))
    assert morning.troubles == () and {one.since for one in morning.over} == {NOW + timedelta(minutes=2)}
    assert sorted(one.sentence for one in morning.over) == [
        f"The last {job} failed: the disk is full." for job in sorted(JOBS)
    ]
    assert status(watched, LATER + timedelta(days=2)).over == ()


def test_a_few_are_told_one_by_one(watched: Home) -> None:
    ended(watched, "failed", JOBS[:3], NOW + timedelta(minutes=1))
    watch(watched, NOW + timedelta(minutes=2))
    assert len(letters(watched, "night")) == 3


def test_whoever_is_told_of_a_source_as_such_is_not_told_again(watched: Home) -> None:
    fails(watched, "news")
    watch(watched, NOW)
    source.notify(watched, NOW, NOW)
    assert [one["subject"] for one in letters(watched, "desk")] == ["【采集】news"]
    [told] = letters(watched, "night")
    assert told["subject"].startswith("风评 news 变差：3 轮里失败了 2 轮")
    with State.open(watched).begin() as connection:
        connection.execute(source_health.delete().where(source_health.c.source == "news"))
        values = {"source": "news", "day": day_of(NOW), "status": "run_finished", "count": 2}
        connection.execute(insert(source_health).values(values))
    for minutes in (0, 40):
        watch(watched, LATER + timedelta(minutes=minutes))
    source.notify(watched, LATER, LATER)
    assert [one["subject"] for one in letters(watched, "desk")] == ["【采集】news", "【采集】news"]
    assert letters(watched, "night")[-1]["subject"].startswith("风评 已恢复：news 变差")


def test_notices_that_no_route_takes_are_missed_and_wait(watched: Home) -> None:
    route = '[[routes]]\nname = "alarms"\nseverity = "{}"\nto = ["desk"]\n'
    critical, warning = (CHANNELS + route.format(severity) for severity in ("critical", "warning"))
    (watched.root / "delivery.toml").write_text(critical, encoding="utf-8")
    watched.config_file.write_text(CONFIG.replace('"desk", "night"', '"alarms"').replace("desk", "alarms"))
    home = Home.open(watched.root)
    fails(home, "news")
    seen = watchman.round(home, State.open(home), NOW)
    # The schedule itself works: its heartbeat does not fail for a route.
    assert [one.grave for one in seen if one.key == "unheard schedule.notify"] == [False]
    source.notify(home, NOW, NOW)
    [told] = letters(home, "desk")
    assert told["severity"] == "critical" and told["subject"].startswith("风评 任务的通知没有人收到")
    troubles = " ".join(status(home, NOW).troubles)
    assert "Nobody gets the notices of the schedule" in troubles
    assert "Nobody gets the notices of sources" in troubles
    [checked] = [one for one in doctor(home) if one.name == "receivers of notices"]
    assert not checked.ok and "alarms takes them" in checked.found
    (home.root / "delivery.toml").write_text(warning, encoding="utf-8")
    source.notify(home, LATER, LATER)
    assert letters(home, "desk")[-1]["subject"] == "【采集】news"
    assert not [one for one in status(home, LATER).troubles if "Nobody gets the notices" in one]


def test_of_sources_that_routes_name_those_that_nobody_gets_are_told(watched: Home) -> None:
    route = '[[routes]]\nname = "sources"\nmatch = {{ source = [{}] }}\nto = ["desk"]\n'
    watched.config_file.write_text(CONFIG.replace('["desk"]', '["sources"]'), encoding="utf-8")
    home = Home.open(watched.root)
    for names, told in (('"news", "posts"', ""), ('"news"', "the notices of the source 'posts':")):
        (home.root / "delivery.toml").write_text(CHANNELS + route.format(names), encoding="utf-8")
        found = " ".join(unheard.notices(home).values())
        assert told in found and bool(told) == bool(found)


@pytest.mark.parametrize("chosen", ["gone", "bad"])
def test_a_chosen_source_that_cannot_be_read_keeps_no_other_check_from_telling(
    watched: Home, chosen: str
) -> None:
    (watched.sources / "bad.toml").write_text("title = 3", encoding="utf-8")
    config = CONFIG.replace("[crawl]", f'[crawl]\nsources = ["{chosen}"]').replace('"desk", "night"', '"few"')
    route = '[[routes]]\nname = "few"\nseverity = "{}"\nmatch = {{ {} }}\nto = ["desk"]\n'
    watched.config_file.write_text(config.replace('["desk"]', '["few"]'), encoding="utf-8")
    home, book = Home.open(watched.root), watched.root / "delivery.toml"
    book.write_text(CHANNELS + route.format("critical", ""), encoding="utf-8")
    told = {one.key for one in watchman.round(home, State.open(home), NOW)}
    assert {"unheard schedule.notify", "unheard crawl.notify"} <= told
    book.write_text(CHANNELS + route.format("info", 'source = ["news", "posts", "bad"]'), encoding="utf-8")
    assert list(unheard.notices(home)) == ["schedule.notify"]


def test_of_notices_that_waited_the_newest_of_a_source_goes_out_with_its_time(watched: Home) -> None:
    route = '[[routes]]\nname = "alarms"\nseverity = "critical"\nto = ["desk"]\n'
    (watched.root / "delivery.toml").write_text(CHANNELS + route, encoding="utf-8")
    watched.config_file.write_text(CONFIG.replace('["desk"]', '["alarms"]'), encoding="utf-8")
    home = Home.open(watched.root)
    fails(home, "news")
    source.notify(home, NOW, NOW)
    with State.open(home).begin() as connection:
        connection.execute(source_health.delete())
        values = {"source": "news", "day": day_of(NOW), "status": "run_finished", "count": 2}
        connection.execute(insert(source_health).values(values))
    at = NOW + timedelta(minutes=30)
    source.notify(home, at, at)
    assert letters(home, "desk") == []
    (home.root / "delivery.toml").write_text(CHANNELS + route.replace("critical", "info"), encoding="utf-8")
    for _ in range(2):
        source.notify(home, LATER, LATER)
    [told] = [one for one in letters(home, "desk") if one["subject"] == "【采集】news"]
    [line] = told["lines"]
    assert line.startswith("news 恢复正常了，此前变差。") and line.endswith("（11-12 16:30）")


@pytest.mark.parametrize("sends", [source.notify, alert.check])
def test_what_is_sent_after_a_long_look_is_claimed_from_then_on(
    watched: Home, monkeypatch: pytest.MonkeyPatch, sends: Callable[[Home, datetime, datetime], object]
) -> None:
    outbox, minutes = Outbox.open(watched), itertools.count(0, 60)
    outbox.enqueue(Message("k", "预警"), ["desk"], NOW)
    monkeypatch.setattr(clock, "monotonic", lambda: next(minutes))
    sends(watched, NOW, NOW)
    [attempt] = outbox.attempts()
    assert attempt.outcome == "accepted" and attempt.at - NOW >= timedelta(minutes=1)


def test_what_is_no_source_s_fault_is_told_to_all_and_the_rest_not_twice(watched: Home) -> None:
    fails(watched, "news")
    fails(watched, "posts")
    ended(watched, "failed", JOBS, NOW + timedelta(minutes=1))
    watch(watched, NOW + timedelta(minutes=2))
    [told] = letters(watched, "desk")
    assert told["subject"] == "风评 4件事同时出了问题" and told["severity"] == "warning"
    assert not any("news 变差" in line for line in told["lines"])
    assert sum("news 变差" in one["subject"] for one in letters(watched, "night")) == 1


def test_a_round_that_failed_by_a_source_is_not_told_to_whoever_knows_of_it(watched: Home) -> None:
    fails(watched, "news")
    state = State.open(watched)
    Runs(state).end(CrawlResult("news", Outcome.FAILED, NOW, NOW, "", document_id("again")))
    for how, detail, at in (("failed", "exit 1, news failed: blocked", NOW), ("ok", "", LATER)):
        with state.begin() as connection:
            number = ledger.begin(connection, "collect", at)
            ledger.finish(connection, number, at, ledger.Outcome(how, detail))
        for minutes in (1, 41):
            watch(watched, at + timedelta(minutes=minutes))
    assert not any("上一次 collect" in one["subject"] for one in letters(watched, "desk"))
    told = [one["subject"] for one in letters(watched, "night")]
    assert sum("上一次 collect 失败：退出码 1" in one for one in told) == 2, "and that it is over"


def test_what_is_grave_stands_first_among_many(watched: Home, disk: Disk) -> None:
    for number in range(20):
        text = list_source("http://127.0.0.1:9/a", "")
        (watched.sources / f"s{number:02}.toml").write_text(text, encoding="utf-8")
    disk.total, disk.used, disk.free = 100, 97, 3
    watch(watched, NOW)
    told = letters(watched, "night")[0]
    assert told["lines"][0].startswith("- 磁盘快满了") and told["severity"] == "critical"
    assert told["lines"][-1].startswith("余")


@pytest.mark.parametrize("case", ["hours", "paused", "again"])
def test_a_source_is_told_at_once_where_crawl_notify_does_not_tell_it(watched: Home, case: str) -> None:
    (watched.root / "delivery.toml").write_text(
        f'{CHANNELS}[[routes]]\nname = "day"\nhours = "08:00-09:00"\nto = ["desk"]\n', encoding="utf-8"
    )
    crawl = '["day"]' if case == "hours" else '["desk"]'
    paused = 'paused = ["health"]\n' if case == "paused" else ""
    watched.config_file.write_text(
        f'[crawl]\nnotify = {crawl}\n[schedule]\nnotify = ["desk"]\n{paused}', encoding="utf-8"
    )
    home = Home.open(watched.root)
    fails(home, "news")
    if case == "again":  # taken out, and put back with the same fault
        source.notify(home, NOW, NOW)
        (home.sources / "news.toml").rename(home.root / "news.toml")
        source.notify(home, NOW, NOW)
        (home.root / "news.toml").rename(home.sources / "news.toml")
        source.notify(home, NOW, NOW)
        assert [one["subject"] for one in letters(home, "desk")].count("【采集】news") == 2
        return
    watch(home, NOW)
    assert letters(home, "desk")[0]["subject"].startswith("风评 news 变差")
