"""The trial post goes from the journal to each channel; where it is lost the others are told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.alerts.making import START, fengping
from tests.delivery.servers import DingTalk, Web

from fengping.delivery import Outbox, deliver_due
from fengping.home import Home
from fengping.indexer import Filter, open_store
from fengping.scheduler import watchman
from fengping.services import alert, canary, indexing
from fengping.services.home import make_home
from fengping.state import State

HOUR = timedelta(hours=1)


@pytest.fixture
def web() -> Iterator[Web]:
    with Web(DingTalk("t0ken", "")).running() as web:
        yield web


@pytest.fixture
def ready(tmp_path: Path, web: Web) -> Home:
    """A home whose alarms reach a robot that answers, and an office that does not."""
    home = Home(tmp_path)
    make_home(home)
    url = f"{web.url}/robot/send?access_token=t0ken"
    for name, address in (("duty", url), ("office", "http://127.0.0.1:9/")):
        kind = "dingtalk" if name == "duty" else "webhook"
        done = fengping(home, "deliver", "add", name, kind, f"url={address}", "--alarms")
        assert done.returncode == 0, done.stderr
    return Home.open(tmp_path)


def lost(home: Home, now: datetime) -> str:
    return canary.lost(home, now)[0]


def noticed(home: Home, channel: str) -> list[str]:
    outbox = Outbox.open(home)
    return [one.subject for one in outbox.under("operation canary") if one.channel == channel]


def test_a_trial_post_reaches_the_channels_and_no_count(ready: Home, web: Web) -> None:
    assert canary.write(ready, START) == ["duty", "office"]
    assert indexing.index(ready, START).statuses == {"trial": 1}
    alert.check(ready, START, START)
    deliver_due(ready, START + timedelta(minutes=1), within=60)
    said = [request.body.decode() for request in web.seen]
    assert len(said) == 1 and "试发" in said[0] and "内容虚构" in said[0]
    store = open_store(ready)
    assert store.count(Filter()) == 0
    alert.check(ready, START + HOUR, START + HOUR)
    assert len(Outbox.open(ready).under("canary")) == 2  # once for each channel


def test_a_rebuilt_index_holds_no_trial_post_and_tells_none_again(ready: Home) -> None:
    canary.write(ready, START)
    indexing.index(ready, START)
    alert.check(ready, START, START)
    assert indexing.reindex(ready, START + HOUR).statuses == {"trial": 1}
    alert.check(ready, START + HOUR, START + HOUR)
    assert len(Outbox.open(ready).under("canary")) == 2


def test_the_other_channels_hear_of_the_one_that_took_nothing(ready: Home) -> None:
    canary.write(ready, START)
    indexing.index(ready, START)
    alert.check(ready, START, START)
    deliver_due(ready, START + timedelta(minutes=1), within=60)
    assert lost(ready, START + HOUR / 2) == ""
    assert lost(ready, START + 2 * HOUR) == (
        "The trial post of 2020-11-10T08:00:00+08:00 has not reached office."
    )
    watchman.round(ready, State.open(ready), START + 2 * HOUR)
    assert noticed(ready, "duty") and not noticed(ready, "office")


def test_a_post_that_no_index_took_is_told_to_all(ready: Home) -> None:
    canary.write(ready, START)
    assert lost(ready, START + 2 * HOUR).endswith("is not indexed: no alarm would have been told.")
    watchman.round(ready, State.open(ready), START + 2 * HOUR)
    assert noticed(ready, "duty") and noticed(ready, "office")
    indexing.index(ready, START + 2 * HOUR)
    assert "was told by no check of the rules" in lost(ready, START + 2 * HOUR)


def test_a_home_without_a_channel_writes_none(tmp_path: Path) -> None:
    make_home(Home(tmp_path))
    done = fengping(Home(tmp_path), "deliver", "canary")
    assert done.returncode == 0 and "no alarm reaches a channel beyond this machine" in done.stderr
    assert lost(Home.open(tmp_path), START) == ""


def test_an_import_under_the_same_name_is_indexed(ready: Home, tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"text": "主播卖假货，客服不理"}\n', encoding="utf-8")
    done = fengping(ready, "import", str(tmp_path / "rows.jsonl"), "--source", "_canary", "--yes")
    assert done.returncode == 0, done.stderr
    assert indexing.index(ready, START).statuses == {"new": 1}
