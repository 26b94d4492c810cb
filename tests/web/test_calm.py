"""都平静 is said where somebody looked, and nowhere else."""

from __future__ import annotations

import os
import re
from datetime import datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from tests.commands import fengping
from tests.site.homes import list_source
from tests.web.conftest import NOW, client_of

from fengping.delivery import Outbox
from fengping.home import Home
from fengping.indexer import open_journal
from fengping.models import RawDocument, document_id
from fengping.scheduler.lease import Lease
from fengping.services import alert, calm
from fengping.spiders import CrawlResult, Outcome, Runs
from fengping.state import State
from fengping.web.rendering import english

QUIET = 'name = "夜班"\nkind = "frequency"\nnum_events = 500\n'
DAY = timedelta(days=1)
PAGES = ("/", "/alerts")


@pytest.fixture
def watched(stocked: Home) -> Home:
    """A home with a source that ran, an index that is up to date, and a rule that was checked."""
    stocked.sources.mkdir(exist_ok=True)
    (stocked.sources / "news.toml").write_text(list_source("http://127.0.0.1:9/a", ""), encoding="utf-8")
    stocked.alerts.mkdir(exist_ok=True)
    (stocked.alerts / "night.toml").write_text(QUIET, encoding="utf-8")
    alert.check(stocked, NOW, NOW)
    return stocked


def ran(home: Home, at: datetime, outcome: Outcome = Outcome.FINISHED) -> None:
    Runs(State.open(home)).end(CrawlResult("news", outcome, at, at, "", document_id(f"{at}")))


def said(home: Home, *words: str) -> bool:
    """True if both pages say all of *words*, and not that it is calm."""
    with client_of(home) as client:
        pages = [client.get(page).text for page in PAGES]
    return all(word in page for page in pages for word in words) and not any("都平静" in p for p in pages)


def test_calm_is_said_where_somebody_looks(watched: Home) -> None:
    ran(watched, NOW)
    # One round by hand says nothing of what comes after it.
    assert said(watched, "没有进程按时间表采集、入库、检查规则；上次检查是 2020-11-12 10:30")
    assert Lease(State.open(watched), f"here:{os.getpid()}:1", lambda: 0.0).take(NOW) is None
    with client_of(watched) as client:
        for page in PAGES:
            text = client.get(page).text
            assert "都平静" in text and "还不能说平静" not in text


def test_a_home_that_never_collected_is_not_calm(watched: Home) -> None:
    assert said(watched, "还没有采集过", "<code>fengping run</code>", "/start/crawl")


def test_a_round_that_failed_collected_nothing(watched: Home) -> None:
    ran(watched, NOW, Outcome.FAILED)
    assert said(watched, "还没有采集过")


def test_rounds_that_all_failed_since_the_night_are_told(watched: Home) -> None:
    assert Lease(State.open(watched), f"here:{os.getpid()}:1", lambda: 0.0).take(NOW) is None
    ran(watched, NOW - timedelta(hours=9))
    ran(watched, NOW - timedelta(hours=4), Outcome.FAILED)
    ran(watched, NOW - timedelta(hours=1), Outcome.SKIPPED)
    assert said(watched, "2020-11-12 01:30 以后没有再采集")
    # The message of a calm day is in doubt as well.
    watched.config_file.write_text('[alerts]\nall_calm = "09:00"\n', encoding="utf-8")
    home = Home.open(watched.root)
    alert.check(home, NOW + timedelta(minutes=1), NOW + timedelta(minutes=1))
    assert [one.subject[:4] for one in Outbox.open(home).attempts(1)] == ["【存疑】"]
    # Another source that keeps its hours is quiet by plan.
    (home.sources / "other.toml").write_text(list_source("http://127.0.0.1:9/b", ""), encoding="utf-8")
    at = NOW - timedelta(hours=9)
    Runs(State.open(home)).end(CrawlResult("other", Outcome.FINISHED, at, at, "", document_id("other")))
    assert calm.while_checking(home, NOW, running=True).lacks == ()


def test_yesterday_is_not_today(watched: Home) -> None:
    ran(watched, NOW - DAY)
    assert said(watched, "今天还没有采集；上次 2020-11-11 10:30", "fengping run")


def test_a_schedule_that_stopped_this_morning_is_told(watched: Home) -> None:
    ran(watched, NOW - timedelta(hours=2))
    assert said(watched, "2020-11-12 08:30 以后没有再采集")
    # A source that keeps hours is quiet by plan while the schedule runs.
    assert Lease(State.open(watched), f"here:{os.getpid()}:1", lambda: 0.0).take(NOW) is None
    with client_of(watched) as client:
        assert all("都平静" in client.get(page).text for page in PAGES)


def test_what_is_not_indexed_may_be_an_alarm(watched: Home) -> None:
    ran(watched, NOW)
    with open_journal(watched).writer() as writer:
        writer.append(RawDocument(document_id("x"), "late", "一条投诉", NOW))
    assert said(watched, "有采到的信息还没有入库")


def test_rules_that_nobody_checks_find_nothing(watched: Home) -> None:
    ran(watched, NOW)
    (watched.alerts / "day.toml").write_text(QUIET.replace("夜班", "白班"), encoding="utf-8")
    assert said(watched, "规则还没有全部检查过")
    for path in watched.alerts.glob("*.toml"):
        path.unlink()
    assert said(watched, "没有启用的规则")


def test_beside_an_alarm_there_may_be_more(watched: Home) -> None:
    (watched.alerts / "night.toml").write_text(QUIET.replace("500", "5"), encoding="utf-8")
    alert.check(watched, NOW, NOW)
    assert said(watched, "可能不止这些", "还没有采集过")


def test_the_message_of_a_calm_day_says_what_is_missing(watched: Home) -> None:
    watched.config_file.write_text('[alerts]\nall_calm = "09:00"\n', encoding="utf-8")
    home = Home.open(watched.root)
    alert.check(home, NOW, NOW)
    ran(home, NOW + DAY)
    alert.check(home, NOW + DAY, NOW + DAY, running=True)
    letters = [*reversed(Outbox.open(home).attempts(9))]
    assert [one.subject[:4] for one in letters] == ["【存疑】", "【平安】"]


def test_a_calm_day_has_the_grounds_of_the_console(stocked: Home) -> None:
    """Posts that were imported just now and checked by hand: the page is in doubt, and so is the message."""
    stocked.alerts.mkdir(exist_ok=True)
    (stocked.alerts / "night.toml").write_text(QUIET + 'channels = ["file"]\n', encoding="utf-8")
    stocked.config_file.write_text('[alerts]\nall_calm = "09:00"\n', encoding="utf-8")
    home = Home.open(stocked.root)
    Runs(State.open(home)).end(CrawlResult("news", Outcome.FINISHED, NOW, NOW, "", document_id("n")))
    assert fengping(home, "alerts", "check", "--at", f"{NOW:%Y-%m-%dT%H:%M:%SZ}").returncode == 0
    text = (home.var / "delivery" / "messages.jsonl").read_text(encoding="utf-8")
    assert "【存疑】" in text and "【平安】" not in text and "没有进程按时间表采集" in text
    assert re.search("自[0-9: -]+起入库[1-9][0-9]*条信息。", text)
    assert said(home, "没有进程按时间表采集")


def test_no_source_is_told_in_english_too(client: TestClient) -> None:
    for page in PAGES:
        text = client.get(page, params={"lang": "en"}).text
        assert "No source is enabled" in text and "All calm" not in text
    assert set(calm.WORDS.values()) <= english().keys()
