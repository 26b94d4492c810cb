"""A home walked through the story by the scheduler's own loop: each job a command, the clock a number."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from tests.acceptance.story import HOSTS, SELLER, Text
from tests.acceptance.town import ASKED, FEED, LIST, SCROLLED, Town
from tests.making import LONG
from tests.scheduler.walking import AtOnce
from tests.site.homes import journaled
from typer.testing import CliRunner

from fengping import clock
from fengping.analysis import Judge
from fengping.cli.app import app
from fengping.config import AnalysisConfig
from fengping.delivery import deliver_due
from fengping.events.evidence import capture
from fengping.home import Home
from fengping.indexer import open_journal
from fengping.models import RawDocument
from fengping.scheduler.jobs import Job
from fengping.scheduler.ledger import Outcome
from fengping.scheduler.loop import Loop

LOAD, PICTURE = Judge.load, capture.picture
SOURCES = ("paper", "wire", "square")
# The quick reader alone: the figures stand beside plain counts, and a person gives events their statuses.
CONFIG = """store = "{store}"
[analysis]
reader = "off"
[crawl]
delay = 0
allow_private = true
concurrency_per_host = 8
[schedule]
crawl_every_minutes = 10
index_every_minutes = 10
weekly_to = ["office"]
notify = ["file"]
[report]
formats = {formats}
"""
FORMATS = '["json", "docx", "pdf"]' if LONG else '["json", "docx"]'
RULE = """name = "story"
kind = "frequency"
num_events = 3
min_publishers = 3
timeframe = "48h"
realert = "24h"
channels = ["duty"]
"""
WATCH = f"""name = "watched"
kind = "watch"
hosts = ["{SELLER}"]
channels = ["duty"]
"""


class Walk:
    """One home with its loop."""

    def __init__(self, root: Path, store: str, town: Town, delivery: str, *, scrolls: bool) -> None:
        for folder in ("sources", "alerts"):
            (root / folder).mkdir(parents=True)
        (root / "fengping.toml").write_text(CONFIG.format(store=store, formats=FORMATS), encoding="utf-8")
        (root / "hosts.toml").write_text(HOSTS, encoding="utf-8")
        (root / "delivery.toml").write_text(delivery, encoding="utf-8")
        for name, rule in (("story", RULE), ("watched", WATCH)):
            (root / "alerts" / f"{name}.toml").write_text(rule, encoding="utf-8")
        for name, text in zip(SOURCES, (LIST, FEED, SCROLLED if scrolls else ASKED), strict=True):
            (root / "sources" / f"{name}.toml").write_text(
                text.replace("{base}", town.base), encoding="utf-8"
            )
        self.home, self.town = Home.open(root), town
        self.ran: list[tuple[str, datetime, str]] = []
        """Command, moment, and what was wrong with it."""
        self.crawled: dict[datetime, list[RawDocument]] = {}
        """Everything crawled by a moment."""
        self._out: list[str] = []
        self.loop = Loop(self.home, self._job, AtOnce())

    def fengping(self, at: datetime, *arguments: str) -> str:
        """Runs one command at *at* to its end; its output."""
        with (
            clock_at(at),
            mock.patch.object(Judge, "load", _loaded),
            mock.patch.object(capture, "picture", picture),
        ):
            done = CliRunner().invoke(app, ["--home", str(self.home.root), *arguments])
        if done.exit_code:
            raise AssertionError(
                f"{arguments}: {done.exit_code}\n{done.output}\n{done.stderr}\n{done.exception!r}"
            )
        return done.stdout

    def tick(self, at: datetime, minutes: int = 10) -> None:
        """The loop runs from *at* on for some minutes; the town shows what is out by then."""
        for moment in (at + timedelta(minutes=n) for n in range(minutes)):
            self.town.at(moment)
            self.loop.tick(moment)
            deliver_due(self.home, moment)
        # Days pass until the next window: what runs has ended long before.
        self.loop.wait(lambda: moment)

    def deliver(self, folder: Path, texts: Iterable[Text], at: datetime) -> None:
        """Tables of texts come in."""
        rows: dict[str, list[str]] = {"weibo": [], "news": []}
        for text in texts:
            row = {
                "id": text.key,
                "title": text.title,
                "text": text.body,
                "published_at": text.at.isoformat(),
            }
            rows[text.place].append(json.dumps(row, ensure_ascii=False))
        for channel, lines in rows.items():
            file = folder / f"{channel}-{at:%m%d}.jsonl"
            file.write_text("\n".join(lines) + "\n", encoding="utf-8")
            self.fengping(
                at,
                "import",
                str(file),
                "--source",
                f"table-{channel}",
                "--kind",
                "news",
                "--channel",
                channel,
                "--yes",
            )

    def json(self, at: datetime, *arguments: str) -> Any:
        return json.loads(self.fengping(at, *arguments, "--json"))

    def _job(self, home: Home, job: Job, due: datetime, at: datetime) -> Outcome:
        command = job.command(due)
        try:
            if command[0] == "crawl":
                self._collect(at)
            else:
                self.fengping(at, *command)
        except AssertionError as error:
            self.ran.append((" ".join(command), at, str(error)))
            return Outcome("failed", str(error)[:200])
        self.ran.append((" ".join(command), at, ""))
        return Outcome("ok")

    def _collect(self, at: datetime) -> None:
        """Crawls; where nothing new is out since the last round, that one's outcome is taken as it was."""
        out = self.town.out(at)
        if out == self._out:
            self.crawled[at] = self.crawled[max(self.crawled)] if self.crawled else []
            return
        self._out = out
        self.fengping(at, "crawl", *SOURCES)
        self.crawled[at] = [d for d in journaled(self.home) if d.source in SOURCES]


class Follower(Walk):
    """A home that takes what another collected by the same moments, in place of asking the sites again."""

    def __init__(self, root: Path, store: str, leader: Walk, delivery: str) -> None:
        super().__init__(root, store, leader.town, delivery, scrolls=False)
        self._crawled, self._seen = dict(leader.crawled), 0

    def _collect(self, at: datetime) -> None:
        found = self._crawled[at]
        with open_journal(self.home).writer() as writer:
            writer.append(*found[self._seen :])
        self._seen = len(found)


def picture(url: str, way: capture.Way) -> bytes:
    """A page as a browser shows it, of that which will be gone; of others, to save the time, a stand-in."""
    return PICTURE(url, way) if url.endswith("/paper/j1.html") else b"\x89PNG stand-in for " + url.encode()


@functools.cache
def _judge(registries: tuple[Path, ...]) -> Judge:
    return LOAD(AnalysisConfig(), registries)


def _loaded(config: AnalysisConfig, registries: Sequence[Path] = (), reader: None = None) -> Judge:
    """The judge of a home, loaded once: each command has a process of its own, here they share one."""
    assert config.model_copy(update={"reader": "auto"}) == AnalysisConfig()
    return _judge(tuple(registries))


class _Clock:
    """Stands in for ``datetime`` where the clock reads it: a moment as now, everything else as it is."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def __getattr__(self, name: str) -> Any:
        return getattr(datetime, name)

    def now(self, zone: Any = None) -> datetime:
        return self._moment.astimezone(zone)


@contextmanager
def clock_at(moment: datetime) -> Iterator[None]:
    """The present moment of :mod:`fengping.clock` is *moment*."""
    with mock.patch.object(clock, "datetime", _Clock(moment)):
        yield
