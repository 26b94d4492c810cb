"""The child process of one crawl: a job comes in, progress and result go out. Started by ``run``."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from fengping.errors import FengpingError
from fengping.home import Home
from fengping.spiders.framework import Proxy, proxy_of
from fengping.spiders.framework.politeness import allow_private
from fengping.spiders.kinds import spider_class
from fengping.spiders.run import worker_pool
from fengping.spiders.run.context import Job, Run, clock_of, home_of
from fengping.spiders.run.records import CrawlResult, Outcome, Runs
from fengping.spiders.sources import load_one
from fengping.spiders.sources.fields import within_hours
from fengping.state import State

Report = Callable[[dict[str, Any]], None]


def work(job: Job, report: Report) -> None:
    """Crawls one source to its end and reports ``{"progress": …}`` now and then, ``{"result": …}`` once.

    Raises :class:`FengpingError` where the crawl cannot begin.
    """
    worker_pool.prepare()
    home = home_of(job)
    source = load_one(home, job.source)
    now = clock_of(job)()
    with source_lock(home, source.name) as free:
        skipped = ""
        if not free:
            skipped = "it is being crawled already"
        elif not within_hours(source.rate.hours, now):
            skipped = f"it may be asked only from {source.rate.hours} o'clock"
        if skipped:
            result = CrawlResult(source.name, Outcome.SKIPPED, now, now, skipped, job.run_id, settled=True)
            Runs(State.open(home)).end(result)
            report({"result": result.to_record()})
            return
        crawl = home.config.crawl
        # Before the run begins: a proxy that cannot be is no run.
        settings = _settings(home, source.name, allow_private(source, crawl), proxy_of(source, crawl))
        spider = spider_class(source.kind)
        run = Run.open(job)
        run.report = report
        process = AsyncCrawlerProcess(settings)
        # Scrapy makes records of every page at level DEBUG, which its handler then drops. Here, for the
        # process above sets its own level.
        logging.getLogger("scrapy").setLevel(process.settings["LOG_LEVEL"])
        process.crawl(spider, run=run)
        process.start()


def _settings(home: Home, source: str, private: bool, proxy: Proxy | None) -> Settings:
    logs = home.var / "log"
    logs.mkdir(parents=True, exist_ok=True)
    settings = Settings()
    settings.setmodule("fengping.spiders.framework.settings", priority="project")
    settings.set("LOG_FILE", str(logs / f"crawl-{source}.log"), priority="cmdline")
    settings.set("LOG_FILE_APPEND", False, priority="cmdline")
    # The spider is given as a class; to find it by name, Scrapy would load every kind, the browser's too.
    settings.set("SPIDER_MODULES", [], priority="cmdline")
    settings.set("FENGPING_ALLOW_PRIVATE", private, priority="cmdline")
    settings.set("FENGPING_PROXY", proxy, priority="cmdline")
    return settings


@contextmanager
def source_lock(home: Home, source: str) -> Iterator[bool]:
    """Lock *source* and yield True; False if it is locked. The kernel drops the lock with the process."""
    folder = home.var / "crawl"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{source}.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def child(job: Job, channel: Connection) -> None:
    """The body of a child process: :func:`work`, reporting to *channel*; what is printed goes to a file."""
    # A Ctrl-C at the terminal reaches the parent alone, which then asks its children once to end in order.
    os.setsid()
    output = error_file(Path(job.home), job.source)
    output.parent.mkdir(parents=True, exist_ok=True)
    with output.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)

    def report(message: dict[str, Any]) -> None:
        # Where the parent is gone, the run's record in the state database remains.
        with contextlib.suppress(BrokenPipeError):
            channel.send(message)

    try:
        work(job, report)
    except FengpingError as error:
        report({"error": str(error)})
        sys.exit(error.exit_code)


def error_file(home: Path, source: str) -> Path:
    """Return the path of a child's standard error, should it crash."""
    return home / "var" / "log" / f"crawl-{source}.err"
