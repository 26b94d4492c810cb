"""Checks of the machine, the schedule, the sources and the index."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta

from fengping.clock import iso
from fengping.errors import ConfigError, StoreError
from fengping.events.building.opening import left_since
from fengping.indexer import arrivals, open_journal
from fengping.indexer.pipeline.quarantine import unjudged
from fengping.indexer.pipeline.standing import check_groups
from fengping.indexer.pipeline.unjudged import elsewhere
from fengping.scheduler import ledger
from fengping.scheduler.faults import not_in_force
from fengping.scheduler.jobs import EVENTS, INDEX, jobs_of
from fengping.scheduler.roles import is_paused
from fengping.scheduler.troubles import AHEAD, Look, Trouble, register
from fengping.services import unset
from fengping.services.indexing import check_judge
from fengping.spiders import Catalogue, Runs
from fengping.spiders.health import Health

LATE = timedelta(days=1)
"""Time after which a source that did not run is told."""
SOURCE = "source "
"""Begin of the key of a trouble with the health of a source, of which ``crawl.notify`` is told too."""
FILES = "configuration "
"""Begin of the key of a trouble with a file of the owner's: its end is certain, and told at once."""
SECRET = "secret "
"""Begin of the key of a trouble with a secret that is not there: known to the service alone."""
FREE = 0.10
GONE = timedelta(days=3)
"""Time after which a consumer of the change log is told that has not read."""
_READS = {"events": "affairs update", "alarms": "alerts check", "reader": "rejudge --unread"}


@register
def _files(look: Look) -> Iterator[Trouble]:
    for name, sentence in not_in_force(look.home.root).items():
        yield Trouble(f"{FILES}{name}", sentence)


@register
def _service(look: Look) -> Iterator[Trouble]:
    if look.lease and not look.alive:
        yield Trouble(
            "service",
            f"The schedule stands still: its process ended without a word at {iso(look.lease.at)}.",
            True,
        )


@register
def _late(look: Look) -> Iterator[Trouble]:
    grace = timedelta(minutes=look.config.misfire_grace_minutes)
    for name, place in look.places.items():
        run = look.jobs.get(name)
        if is_paused(look.home, name):
            continue
        if look.now - place.begin_at > grace and not (run and run.status == "running"):
            yield Trouble(f"late {name}", f"{name} was due at {iso(place.due_at)} and has not begun.", True)


@register
def _failed(look: Look) -> Iterator[Trouble]:
    for name, run in look.ended.items():
        if run.status not in {"ok", "stopped"} and (name in look.places or not look.places):
            yield Trouble(f"job {name}", f"The last {name} {run.status}: {run.detail.rstrip('.')}.")


@register
def _no_source(look: Look) -> Iterator[Trouble]:
    if not Catalogue.load(look.home).active():
        yield Trouble("sources", "No source is enabled: nothing new is collected.")


@register
def _sources(look: Look) -> Iterator[Trouble]:
    for one in look.sources:
        run = look.crawls.get(one.source)
        if run is None and look.lease and look.now - one.since < LATE:
            continue  # a new source waits for its first round
        if run is not None and one.verdict.state != Health.OK:
            state, ours = one.verdict.state.value, not run.is_kept
            sentence = f"{one.source} is {state}: {one.verdict.reason}."
            yield Trouble(f"{SOURCE}{one.source}", sentence, grave=ours)
        if run is None:
            yield Trouble(f"never {one.source}", f"{one.source} never ran.")
        elif look.now - run.started_at > LATE:
            yield Trouble(f"still {one.source}", f"{one.source} did not run since {iso(run.started_at)}.")


@register
def _clock(look: Look) -> Iterator[Trouble]:
    latest = look.now + AHEAD
    ahead = {name: run.started_at for name, run in look.jobs.items() if run.started_at > latest}
    for name, at in Runs(look.state).after(latest).items():
        since = look.crawls.get(name)
        if since is None or look.now - since.started_at > LATE:
            ahead[name] = at
    if ahead:
        yield Trouble(
            "clock",
            f"The clock is wrong, or was: the last runs of {', '.join(ahead)} are dated ahead of it, "
            f"up to {iso(max(ahead.values()))}.",
        )


_TRIED = 50
"""Runs of the indexer that are looked at where none has ended well."""


@register
def _lag(look: Look) -> Iterator[Trouble]:
    if look.lag and INDEX in look.places:
        usual = timedelta(minutes=max(3 * look.config.index_every_minutes, 60))
        last = ledger.latest(look.state, status="ok").get(INDEX)
        if last is None:
            # It has been waited for since it was first tried, or since it was due.
            tried = ledger.history(look.state, _TRIED, INDEX)
            since = min((run.started_at for run in tried), default=look.places[INDEX].due_at)
        else:
            since = last.started_at
        if not -AHEAD <= look.now - since <= usual:
            when = f"since {iso(last.started_at)}" if last else "yet"
            yield Trouble(
                "index", f"The index lags: {look.lag:,} {look.unit} of journal, none read {when}.", True
            )


@register
def _consumers(look: Look) -> Iterator[Trouble]:
    with look.state.begin() as connection:
        behind = arrivals.behind(connection)
    for name, since in behind.items():
        if not -AHEAD <= look.now - since <= GONE:
            yield Trouble(
                f"consumer {name}",
                f"The consumer {name} has not read what was indexed since {iso(since)}; the change log is "
                f"kept for it. Run: fengping {_READS.get(name, name)}",
                True,
            )


@register
def _events(look: Look) -> Iterator[Trouble]:
    with look.state.begin() as connection:
        since = left_since(connection)
    if since is None:
        return
    left, limit = iso(since), jobs_of(look.home)[EVENTS].limit
    if is_paused(look.home, EVENTS):
        yield Trouble(
            "events",
            f"Events wait to be built anew since {left}, and the job events is paused: rules that go by "
            "events are not checked.",
            True,
        )
    elif look.now - since > limit:
        yield Trouble(
            "events",
            f"Events wait to be built anew since {left}: rules that go by events are not checked.",
            True,
        )


@register
def _judge(look: Look) -> Iterator[Trouble]:
    try:
        check_judge(look.home)
    except ConfigError as error:
        yield Trouble("judge", str(error), True)


@register
def _groups(look: Look) -> Iterator[Trouble]:
    try:
        check_groups(look.home)
    except StoreError as error:
        yield Trouble("groups", str(error), True)


@register
def _secrets(look: Look) -> Iterator[Trouble]:
    if look.within or not look.alive:  # the service's own environment counts
        for number, sentence in enumerate(unset.sentences(look.home)):
            yield Trouble(f"{SECRET}{number}", sentence)


@register
def _unjudged(look: Look) -> Iterator[Trouble]:
    if (found := unjudged(look.home)).count:
        yield Trouble("unjudged", found.sentence)
    for one in elsewhere(look.home):
        yield Trouble(f"unjudged {one.node}"[:128], one.sentence)


@register
def _disk(look: Look) -> Iterator[Trouble]:
    if (share := look.disk_free) < FREE:
        left = shutil.disk_usage(look.home.root).free / 2**30
        yield Trouble("disk", f"The disk is nearly full: {100 * share:.0f} % are free, {left:.1f} GiB.", True)


@register
def _journal(look: Look) -> Iterator[Trouble]:
    for path, reason in look.damaged.items():
        yield Trouble(f"journal {path}"[:128], f"{reason}.")


@register
def _spool(look: Look) -> Iterator[Trouble]:
    if any(path.stat().st_size for path in look.home.spool.glob("*.jsonl*")):
        aside = open_journal(look.home).aside()
        if aside.too_large:
            yield Trouble("spool large", aside.too_large)
        if aside.others or not aside.too_large:
            sentence = f"Documents wait in {look.home.spool} for the journal's broker."
            yield Trouble("spool", sentence, True)


LOCAL = (_files, _disk, _spool)
"""Those of one machine alone, which look at nothing that others have too."""
