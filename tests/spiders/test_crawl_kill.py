"""kill -9 at any point of a crawl, and again: every page stands once in the journal, none is missing."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import pytest
from tests.site.homes import journaled, list_source, make_home
from tests.site.server import Reply, Site, article, list_page, serve

from fengping.indexer import open_journal
from fengping.indexer.journal import JournalWriter
from fengping.models import RawDocument
from fengping.spiders import CrawlResult, Outcome, Runs
from fengping.spiders.run import Job, Ledger, Run, work
from fengping.spiders.seen import Memory
from fengping.spiders.sources import Catalogue
from fengping.state import State

pytestmark = [pytest.mark.slow, pytest.mark.long]

POINTS = 40
SIGNALS = 10
STEPS: list[tuple[type, str]] = [
    (Runs, "begin"), (Runs, "end"), (Ledger, "open"), (Ledger, "close"), (JournalWriter, "append"),
    (JournalWriter, "sync"), (JournalWriter, "close"), (Memory, "mark"), (Memory, "save"), (Run, "save"),
]  # fmt: skip
"""Everything that touches the journal, the state or the counts; a crawl may die before or after each."""


def die_at(step: int) -> list[int]:
    """Makes this process die, as kill -9 does it, before or after the *step*-th of :data:`STEPS`."""
    taken = [0]

    def count() -> None:
        taken[0] += 1
        if taken[0] == step:
            os._exit(9)

    for owner, name in STEPS:
        original = getattr(owner, name)

        def stepped(*args: Any, _original: Callable[..., Any] = original, **kwargs: Any) -> Any:
            count()
            result = _original(*args, **kwargs)
            count()
            return result

        setattr(owner, name, stepped)
    return taken


def crawl_and_die(home: str, step: int, counted: Any = None) -> None:
    taken = die_at(step)
    work(Job(home, "news"), lambda message: None)
    if counted is not None:
        counted.value = taken[0]


def crawl_to_the_end(home: str) -> None:
    work(Job(home, "news"), lambda message: None)


@pytest.fixture(scope="module")
def context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["fengping.spiders.run.preload"])
    return context


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serve() as running:
        for number in (1, 2, 3):
            links = {f"/p{number}-{n}.html": f"第{number}页第{n}条" for n in range(3)}
            for path, title in links.items():
                running.pages[path] = Reply(article(title, "承诺的赠品没有寄到"))
            following = f"/list{number + 1}.html" if number < 3 else ""
            running.pages[f"/list{number}.html"] = Reply(
                list_page(links, following), headers={"ETag": f'"{number}"'}
            )
        yield running


def run(context: ForkServerContext, target: Callable[..., None], *args: Any) -> int | None:
    process = context.Process(target=target, args=args)
    process.start()
    process.join()
    return process.exitcode


def check(folder: Path) -> None:
    from fengping.home import Home

    ids = Counter(document.url for document in journaled(Home.open(folder)))
    assert len(ids) == 9, f"missing: {9 - len(ids)}"
    assert set(ids.values()) == {1}, ids


def test_killed_at_any_step(context: ForkServerContext, site: Site, tmp_path: Path) -> None:
    source = list_source(site.url("/list1.html"), "pagination = { max_pages = 3 }")
    whole = make_home(tmp_path / "whole", news=source)
    counted = context.Value("i", 0)
    assert run(context, crawl_and_die, str(whole.root), 0, counted) == 0
    check(whole.root)
    steps = counted.value
    assert steps > 100
    # The last few steps depend on when the clock makes it save.
    for step in random.Random(5).sample(range(1, steps - 10), POINTS):
        home = make_home(tmp_path / f"step{step}", news=source)
        assert run(context, crawl_and_die, str(home.root), step) == 9
        assert run(context, crawl_to_the_end, str(home.root)) == 0
        check(home.root)


def test_killed_at_any_moment_again_and_again(context: ForkServerContext, site: Site, tmp_path: Path) -> None:
    """Real SIGKILLs, one after the other on the same home, each sent at a request of the site's own."""
    source = list_source(site.url("/list1.html"), "pagination = { max_pages = 3 }")
    home = make_home(tmp_path / "home", news=source)
    dice = random.Random(7)
    for _ in range(SIGNALS):
        process = context.Process(target=crawl_to_the_end, args=(str(home.root),))
        process.start()
        process.join(timeout=dice.uniform(0.1, 0.6))
        if process.is_alive() and process.pid:
            os.kill(process.pid, signal.SIGKILL)
        process.join()
    assert run(context, crawl_to_the_end, str(home.root)) == 0
    check(home.root)


def test_killed_while_its_parent_lives_nothing_is_journaled_twice(
    context: ForkServerContext, site: Site, tmp_path: Path
) -> None:
    """The parent then records the run as failed; what it had journaled is marked by the next one."""
    source = list_source(site.url("/list1.html"), "pagination = { max_pages = 3 }")
    for step in (60, 75, 90):
        home = make_home(tmp_path / f"step{step}", news=source)
        job = Job(str(home.root), "news")
        assert run(context, die_as, job, step) == 9
        runs = Runs(State.open(home))
        at = Run(home, Catalogue.load(home).all["news"], job, State.open(home)).now()
        runs.end(CrawlResult("news", Outcome.FAILED, at, at, "its process was killed", job.run_id))
        assert run(context, crawl_to_the_end, str(home.root)) == 0
        check(home.root)
        assert runs.orphans("news") == []


def test_a_run_begun_while_the_broker_was_away_has_the_journal_not_read_from_its_beginning(
    tmp_path: Path,
) -> None:
    home = make_home(tmp_path / "home", news=list_source("https://news.example/list"))
    state = State.open(home)
    before = open_journal(home).mark()
    at = datetime(2020, 11, 11, tzinfo=UTC)
    with open_journal(home).writer() as writer:
        writer.append(RawDocument("a" * 32, "news", "赠品没有寄到", at, url="https://news.example/1"))
    Runs(state).begin("killed", "news", at, "")
    assert Run.open(Job(str(home.root), "news", "next")).memory.find("a" * 32) is None
    assert len(Runs(state).orphans("news")) == 1, "the next one's own; the killed one is closed"
    Runs(state).begin("killed too", "news", at, before)
    assert Run.open(Job(str(home.root), "news", "last")).memory.find("a" * 32)


def die_as(job: Job, step: int) -> None:
    die_at(step)
    work(job, lambda message: None)


def test_a_killed_run_is_known_as_killed(context: ForkServerContext, site: Site, tmp_path: Path) -> None:
    from sqlalchemy import select

    from fengping.spiders.run import crawl_runs, source_health

    source = list_source(site.url("/list1.html"), "pagination = { max_pages = 3 }")
    home = make_home(tmp_path / "home", news=source)
    assert run(context, crawl_and_die, str(home.root), 60) == 9
    assert run(context, crawl_to_the_end, str(home.root)) == 0
    with State.open(home).begin() as connection:
        runs = connection.execute(select(crawl_runs).order_by("started_at")).all()
        health = connection.execute(select(source_health)).all()
    assert [row.outcome for row in runs] == [Outcome.KILLED, Outcome.FINISHED]
    assert {row.status: row.count for row in health}["run_killed"] == 1
