"""A clock that was ahead, and times that were changed: no job stands still for it, and it is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.making import document
from tests.scheduler.test_loop import FRIDAY, configure, told, with_sources
from tests.scheduler.walking import Walk

from fengping.delivery import Outbox, tables
from fengping.home import Home
from fengping.indexer import open_journal
from fengping.models import document_id
from fengping.scheduler import ledger, plan, watchman
from fengping.scheduler.jobs import INDEX, WEEKLY
from fengping.scheduler.lease import Lease
from fengping.scheduler.ledger import Outcome
from fengping.scheduler.notices import in_chinese
from fengping.scheduler.troubles import Look
from fengping.spiders import CrawlResult, Runs
from fengping.spiders import Outcome as Crawled
from fengping.state import State

YEAR = timedelta(days=365)
HOUR = timedelta(hours=1)


def sentences(home: Home, now: datetime) -> list[str]:
    return [one.sentence for one in watchman.found(Look(home, State.open(home), now))]


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("how", ["ok", pytest.param("failed", marks=pytest.mark.long)])
def test_jobs_that_ran_under_a_clock_a_year_ahead_come_back(home: Home, how: str, restart: bool) -> None:
    walk = Walk(with_sources(home, "news"), lambda job, at: Outcome(how if at > FRIDAY + HOUR else "ok"))
    walk.to(FRIDAY, FRIDAY + timedelta(minutes=5))
    # Reports wait a tick for events: one begins and is lost with the process, or the next one goes on.
    walk.to(FRIDAY + YEAR, FRIDAY + YEAR + timedelta(minutes=2 if restart else 3))
    assert walk.of("collect") and walk.of("index")
    again = Walk(home) if restart else walk
    again.ran.clear()
    again.to(FRIDAY + timedelta(minutes=6), FRIDAY + HOUR)
    assert [due.minute for due, _ in again.of("index")] == [10, 20, 30, 40, 50]
    assert len(again.of("collect")) == 1 and len(again.of("alerts")) >= 4
    places = plan.places(State.open(home))
    assert max(place.begin_at for place in places.values()) < FRIDAY + timedelta(days=40)
    assert places[WEEKLY].due_at == datetime(2020, 11, 16, tzinfo=UTC)
    assert told(home).count("风评 时钟曾走快：任务已按现在的时间重排") == 1


def test_a_clock_put_back_a_little_runs_nothing_twice(home: Home) -> None:
    walk = Walk(home)
    walk.to(FRIDAY - timedelta(minutes=3), FRIDAY + timedelta(minutes=1), timedelta(seconds=30))
    assert len(walk.of("events")) == 1
    walk.to(FRIDAY - timedelta(seconds=90), FRIDAY + timedelta(minutes=5), timedelta(seconds=30))
    assert len(walk.of("events")) == 1 and not any("clock" in subject for subject in told(home))


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (FRIDAY + timedelta(minutes=5), "2020-11-20"),  # Monday was still to come: it goes by the new times
        (FRIDAY + timedelta(days=4), "2020-11-16"),  # Monday was missed: it is made up for
    ],
)
def test_changed_times_hold_for_what_is_still_to_come(home: Home, now: datetime, expected: str) -> None:
    Walk(home).to(FRIDAY, FRIDAY + timedelta(minutes=1))
    home = configure(home, '[schedule]\nweekly_report = "fri 08:00"\n')
    walk = Walk(home, lambda job, at: Outcome("stopped" if job == WEEKLY else "ok"))
    walk.loop.tick(now)
    assert f"{plan.places(State.open(home))[WEEKLY].due_at:%Y-%m-%d}" == expected
    assert not any("clock" in subject for subject in told(home))


def test_the_watchman_tells_what_is_dated_ahead_of_the_clock(home: Home) -> None:
    home, state = with_sources(home, "news"), State.open(home)
    with state.begin() as connection:
        for job in (INDEX, "alerts"):
            ledger.finish(
                connection, ledger.begin(connection, job, FRIDAY + YEAR), FRIDAY + YEAR, Outcome("ok")
            )
    Runs(state).end(CrawlResult("news", Crawled.FINISHED, FRIDAY + YEAR, FRIDAY + YEAR, "", document_id("a")))
    plan.settle_in(state, Walk(home).loop.scope.jobs(home), FRIDAY)
    with open_journal(home).writer() as journal:
        journal.append(document(1, None).raw)
    said = sentences(home, FRIDAY)
    assert "The clock is wrong, or was: the last runs of" in " ".join(said)
    assert "dated ahead of it, up to 2021-11-13T12:00:00+08:00." in " ".join(said)
    assert any(one.startswith("The index lags") for one in said) and "news never ran." in said
    # What ran since counts, whatever stands in the future.
    with state.begin() as connection:
        for job in (INDEX, "alerts"):
            ledger.finish(connection, ledger.begin(connection, job, FRIDAY), FRIDAY, Outcome("ok"))
    Runs(state).end(CrawlResult("news", Crawled.FINISHED, FRIDAY, FRIDAY, "", document_id("b")))
    assert sentences(home, FRIDAY) == []
    assert "news did not run since" in " ".join(sentences(home, FRIDAY + timedelta(days=2)))


def test_a_service_whose_last_sign_of_life_is_a_year_ahead_is_dead(home: Home) -> None:
    state = State.open(home)
    Lease(state, "host:1:x", lambda: 0.0).take(FRIDAY + YEAR)
    assert not Look(home, state, FRIDAY).alive and Look(home, state, FRIDAY + YEAR).alive


def test_a_trouble_that_ended_under_a_clock_ahead_is_over_and_told_anew(home: Home) -> None:
    state, sentence = State.open(home), "No source is enabled: nothing new is collected."
    watchman.round(home, state, FRIDAY + YEAR)
    with_sources(home, "news")
    Runs(state).end(CrawlResult("news", Crawled.FINISHED, FRIDAY, FRIDAY, "", document_id("b")))
    watchman.round(home, state, FRIDAY)
    subjects = [one.subject for one in Outbox.open(home).letters(tables.outbox.c.channel == "file")]
    assert f"风评 已恢复：{in_chinese(sentence)}" in subjects
