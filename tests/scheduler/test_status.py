"""``fengping status``: what wants a person is said, and nothing else."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from tests.commands import fengping
from tests.site.homes import list_source

from fengping.home import Home
from fengping.indexer.journal.log import JournalWriter
from fengping.models import RawDocument, document_id
from fengping.scheduler import ledger
from fengping.scheduler.status import status
from fengping.spiders.run.records import CrawlResult, Outcome, Runs
from fengping.state import State

NOW = datetime(2020, 11, 12, 8, tzinfo=UTC)


def test_a_home_without_trouble_says_none(home: Home) -> None:
    run = ledger.begin(State.open(home), "collect", NOW)
    ledger.finish(State.open(home), run, NOW, "ok", "")
    found = status(home, NOW)
    assert found.troubles == ()
    assert (found.documents, found.lag_bytes) == (0, 0)


def test_a_failed_job_a_silent_source_and_a_lagging_index_are_seen(home: Home) -> None:
    state = State.open(home)
    ledger.finish(state, ledger.begin(state, "collect", NOW), NOW, "failed", "index: disk full")
    home.sources.mkdir()
    source = list_source("http://127.0.0.1:9/list.html", "")
    for name in ("news", "late"):
        (home.sources / f"{name}.toml").write_text(source, encoding="utf-8")
    began = NOW - timedelta(days=3)
    Runs(state).end(CrawlResult("late", Outcome.FAILED, began, began, "the site blocks us", "1" * 32))
    with JournalWriter(home.journal) as writer:
        writer.append(RawDocument(document_id("x"), "late", "一条投诉", NOW))
    found = status(home, NOW)
    said = " ".join(found.troubles)
    assert "The last collect failed: index: disk full." in said
    assert "news never ran." in said
    assert "late did not run since 2020-11-09" in said
    assert found.lag_bytes > 0
    late = next(one for one in found.sources if one.source == "late")
    assert (late.outcome, late.said) == ("failed", "the site blocks us")


def test_the_command_line(home: Home) -> None:
    done = fengping(home, "status", "--json")
    record = json.loads(done.stdout)
    assert (done.returncode, record["ok"]) == (0, True)
    (home.sources).mkdir()
    (home.sources / "news.toml").write_text(list_source("http://127.0.0.1:9/a", ""), encoding="utf-8")
    done = fengping(home, "status")
    assert done.returncode == 1
    assert "news never ran." in done.stderr
