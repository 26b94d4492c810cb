"""Retention by kind: what is older than ``[retention]`` says is deleted; what is held as evidence stays."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from fengping.clock import day_of, day_start
from fengping.delivery import Outbox
from fengping.durable import write_whole
from fengping.events.evidence import keeping
from fengping.home import Home
from fengping.indexer import nicknames
from fengping.models import Kind
from fengping.scheduler import ledger
from fengping.services import erase
from fengping.state import State


@dataclass(frozen=True)
class Retained:
    """One kind of data, as it was looked at."""

    kind: str
    before: datetime
    number: int
    """Things that are old enough, deleted or (in a dry run) to be deleted."""
    held: int
    """Documents that stay because they are held as evidence."""
    unit: str


@dataclass(frozen=True)
class Asked:
    """The home, and the moment before which a kind is deleted."""

    home: Home
    before: datetime
    now: datetime
    dry: bool


Cleaner = Callable[[Asked], tuple[int, int, str]]
_KINDS: dict[str, Cleaner] = {}


def kind(name: str) -> Callable[[Cleaner], Cleaner]:
    """Registers the cleaner of a key of ``[retention]``: number, held, unit."""

    def register(cleaner: Cleaner) -> Cleaner:
        _KINDS[name] = cleaner
        return cleaner

    return register


LOCAL = ("raw", "logs")
"""Kinds that lie in each machine's own files."""


def retain(home: Home, now: datetime, *, dry: bool, kinds: Collection[str] = ()) -> list[Retained]:
    """Deletes what is older than the configuration allows, kind by kind; with *dry* only counts it.

    *kinds*: the ones that are meant; all for none.

    Raises :class:`HomeBusy` beside an indexer or an import, :class:`UsageError` while a crawl is writing.
    """
    days = home.config.retention.model_dump()
    done = []
    for name, cleaner in _KINDS.items():
        if days[name] and (not kinds or name in kinds):
            before = day_start(day_of(now) - timedelta(days=days[name]))
            number, held, unit = cleaner(Asked(home, before, now, dry))
            done.append(Retained(name, before, number, held, unit))
    return done


@kind("comments")
def _comments(asked: Asked) -> tuple[int, int, str]:
    return _documents(asked, comments=True)


@kind("journal")
def _journal(asked: Asked) -> tuple[int, int, str]:
    return _documents(asked, comments=False)


def _documents(asked: Asked, *, comments: bool) -> tuple[int, int, str]:
    wanted = erase.Wanted.make(asked.home, author="", urls=(), before=asked.before)
    found = erase.find(asked.home, wanted)
    if comments:
        # A broken line may be anything; it goes with the documents of its age.
        found = replace(found, documents=[d for d in found.documents if d.kind is Kind.COMMENT], lines=0)
        wanted = _NoLine(wanted.author, wanted.author_ids, wanted.url_ids, wanted.urls, wanted.before)
    held = set(keeping.held(asked.home, found.ids))
    found = replace(found, documents=[d for d in found.documents if d.id not in held])
    if not asked.dry and (found.documents or found.lines):
        erase.forget(asked.home, wanted, found, asked.now, keep_printed=True, elsewhere_too=False)
    return len(found.ids), len(held), "documents"


class _NoLine(erase.Wanted):
    """Documents alone, no line that is none."""

    def names(self, text: str, at: datetime | None, *, running: bool = False) -> bool:
        return False


@kind("nicknames")
def _nicknames(asked: Asked) -> tuple[int, int, str]:
    old = nicknames.Old(asked.before)
    found = nicknames.find(asked.home, old)
    held = set(keeping.held(asked.home, found))
    if found - held and not asked.dry:
        nicknames.mask(asked.home, old, found - held)
    return len(found - held), len(held), "documents"


@kind("evidence")
def _evidence(asked: Asked) -> tuple[int, int, str]:
    kept = keeping.archive(asked.home)
    old = kept.kept_before(asked.before)
    held = set(keeping.held(asked.home, old))
    going = kept.only_in(old - held)
    if going and not asked.dry:
        kept.erase(going, asked.now)
    return len(going), len(held), "documents"


@kind("raw")
def _raw(asked: Asked) -> tuple[int, int, str]:
    return _old_files(asked, asked.home.var / "responses")


@kind("logs")
def _logs(asked: Asked) -> tuple[int, int, str]:
    folder = asked.home.var / "log"
    number = _old_files(asked, folder)[0]
    path = folder / "schedule.log"
    if path.exists():
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
        since = f"{asked.before:%Y-%m-%dT%H:%M:%SZ}"
        first = next(
            (n for n, line in enumerate(lines) if line[:2] == "20" and line[:20] >= since), len(lines)
        )
        number += bool(first)
        if first and not asked.dry:
            write_whole(path, "".join(lines[first:]).encode())
    return number, 0, "files"


@kind("messages")
def _messages(asked: Asked) -> tuple[int, int, str]:
    outbox = Outbox.open(asked.home)
    return (outbox.old(asked.before) if asked.dry else outbox.forget(asked.before)), 0, "messages"


@kind("runs")
def _runs(asked: Asked) -> tuple[int, int, str]:
    state = State.open(asked.home)
    return (ledger.old(state, asked.before) if asked.dry else ledger.forget(state, asked.before)), 0, "runs"


def _old_files(asked: Asked, folder: Path) -> tuple[int, int, str]:
    """Files last written before then."""
    limit = asked.before.timestamp()
    old = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.stat().st_mtime < limit]
    if not asked.dry:
        for path in old:
            path.unlink(missing_ok=True)
    return len(old), 0, "files"
