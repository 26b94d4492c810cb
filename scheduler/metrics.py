"""A home's figures for Prometheus, on the console's port and on that of ``run --metrics-port``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, suppress
from datetime import datetime

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from fengping.clock import day_of, now
from fengping.delivery import Outbox
from fengping.errors import ConfigError, FengpingError, StoreDown
from fengping.home import Home
from fengping.indexer import Filter, Store, open_store
from fengping.indexer.pipeline.quarantine import unjudged
from fengping.scheduler import watchman
from fengping.scheduler.in_force import open_watched
from fengping.scheduler.troubles import Look
from fengping.services import readiness
from fengping.spiders.health import Health
from fengping.state import State

OpenStore = Callable[[], AbstractContextManager[Store]]


def figures(home: Home, store: OpenStore, at: datetime) -> Iterator[Metric]:
    """Store, index, schedule, sources, messages and disk at one moment."""
    yield from _store(store)
    look = Look(home, State.open(home), at)
    with suppress(StoreDown):  # a figure that is missing says that the journal is
        yield _one("fengping_index_lag_bytes", "Bytes, or on Kafka records, of journal not read.", look.lag)
    yield _one("fengping_unjudged", "Documents that could not be judged.", unjudged(home).count)
    yield _one("fengping_schedule_up", "1 if a process runs the schedule.", look.alive)
    yield from _jobs(look)
    yield from _sources(look)
    counts = Outbox.open(home).count(at)
    letters = GaugeMetricFamily("fengping_messages", "Messages by status.", labels=["status"])
    for status, number in counts.items():
        letters.add_metric([status], number)
    yield letters
    delay = GaugeMetricFamily(
        "fengping_post_to_phone_seconds", "From a post to the channel that took its alarm.", labels=["source"]
    )
    told = readiness.told(home, at - readiness.LATELY)
    for source, seconds in {one.source: one.seconds for one in told}.items():
        delay.add_metric([source], seconds)
    yield delay
    yield _one("fengping_disk_free_ratio", "Share of the disk that is free.", look.disk_free)
    yield _one("fengping_troubles", "Things that want a person: fengping status.", len(watchman.found(look)))


def serve(home: Home, port: int) -> Callable[[], None]:
    """Serves the figures on the loopback and returns what ends it.

    Raises :class:`ConfigError` for a port that is taken.
    """
    registry = CollectorRegistry()
    registry.register(_OfHome(home))
    try:
        server, thread = start_http_server(port, "127.0.0.1", registry)
    except OSError as error:
        raise ConfigError(
            f"Port {port} cannot be used: {error.strerror}.", remedy="Choose another with --metrics-port."
        ) from None

    def end() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return end


class _OfHome(Collector):
    def __init__(self, home: Home) -> None:
        self.home = home

    def describe(self) -> Iterator[Metric]:
        return iter(())

    def collect(self) -> Iterator[Metric]:
        home = open_watched(self.home.root)  # its files may have changed since
        return figures(home, lambda: closing(open_store(home)), now())


def _one(name: str, help: str, value: float) -> Metric:
    return GaugeMetricFamily(name, help, value=float(value))


def _store(store: OpenStore) -> Iterator[Metric]:
    up = GaugeMetricFamily("fengping_store_up", "1 if the store answers.")
    documents = GaugeMetricFamily("fengping_documents", "Documents in the store.")
    try:
        with store() as opened:
            documents.add_metric([], opened.count(Filter()))
        up.add_metric([], 1)
    except FengpingError:
        up.add_metric([], 0)
    yield from (up, documents)


def _jobs(look: Look) -> Iterator[Metric]:
    ok = GaugeMetricFamily("fengping_job_ok", "1 if the last run that is over went well.", labels=["job"])
    began = GaugeMetricFamily("fengping_job_started_seconds", "Start of its last run.", labels=["job"])
    took = GaugeMetricFamily("fengping_job_duration_seconds", "Time its last run took.", labels=["job"])
    late = GaugeMetricFamily("fengping_job_late_seconds", "Time since it should have begun.", labels=["job"])
    for name, run in look.jobs.items():
        over = look.ended.get(name, run)
        ok.add_metric([name], over.status in {"ok", "running", "stopped"})
        began.add_metric([name], run.started_at.timestamp())
        if run.seconds is not None:
            took.add_metric([name], run.seconds)
    for name, place in look.places.items():
        running = name in look.jobs and look.jobs[name].status == "running"
        late.add_metric([name], 0 if running else max((look.now - place.begin_at).total_seconds(), 0))
    yield from (ok, began, took, late)


def _sources(look: Look) -> Iterator[Metric]:
    ok = GaugeMetricFamily("fengping_source_ok", "1 if the source is as usual.", labels=["source"])
    today = GaugeMetricFamily("fengping_source_documents_today", "Collected today.", labels=["source"])
    for one in look.sources:
        ok.add_metric([one.source], one.verdict.state == Health.OK)
        last = one.days[-1] if one.days else None
        today.add_metric([one.source], last.documents if last and last.day == day_of(look.now) else 0)
    yield from (ok, today)
