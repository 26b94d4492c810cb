"""Homes on which trials are made, the commands that are tried on them, and what a reader sees afterwards."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from devtools.deployment import fleet
from fengping.delivery import deliver_due
from fengping.errors import FengpingError
from fengping.home import Home
from fengping.indexer import Filter, open_store
from fengping.indexer.journal import Journal, JournalWriter
from fengping.indexer.pipeline import run as pipeline
from fengping.models import RawDocument, document_id
from fengping.services import alert, integrity

NOW = fleet.NOW
BASE = 150
NEW = 60
_DAYS = ("--from", "2020-11-08", "--to", "2020-11-12")
_CONFIG = """
store = "{store}"
[analysis]
batch = 20
workers = 1
[crawl]
delay = 0
allow_private = true
concurrency_per_host = 1
frontier = "{frontier}"
frontier_lease = 2
"""
_SOURCE = """
kind = "list"
urls = ["{url}"]
[selectors]
items = "li"
[selectors.item]
link = "a::attr(href)"
title = "a"
"""

Truth = dict[str, tuple[int, Any]]
"""The number of times each thing is there, and its content, by its name."""


@dataclass(frozen=True)
class Command:
    """A command, and what makes a home ready for it."""

    name: str
    arguments: tuple[str, ...]
    prepare: Callable[[Home], object] = lambda home: None
    codes: frozenset[int] = frozenset({0})
    """Codes with which a second run may end."""
    journals: bool = False
    """True where it leaves documents that an index run has yet to take up."""
    then: tuple[str, ...] = ()
    """A second command that belongs to it."""


@dataclass
class Tally:
    """The outcome of the trials of one kind."""

    tried: int = 0
    hit: int = 0
    """Trials whose fault came while the command ran."""
    survived: int = 0
    lost: int = 0
    doubled: int = 0
    changed: int = 0
    """Trials that left another text, group or judgement than an unbroken run."""
    damaged: int = 0
    silent: int = 0
    """Trials in which a command ended with 0 and no word on stderr while something was missing or wrong."""
    traceback: int = 0
    seeds: list[int] = field(default_factory=list)
    """Of trials that did not survive."""

    def note(self, seed: int, faults: set[str]) -> None:
        """Counts one trial; *faults* may hold sentences beside the names of counts."""
        self.tried += 1
        self.survived += not faults
        for name in ("lost", "doubled", "changed", "damaged", "silent", "traceback"):
            setattr(self, name, getattr(self, name) + (name in faults))
        if faults:
            self.seeds.append(seed)


def documents(start: int, stop: int) -> list[RawDocument]:
    """Invented posts, some of them reposts of one story, whose ids are those of their addresses."""
    return [
        replace(one, id=document_id(one.url), canonical_url=one.url)
        for one in fleet.documents(stop)[start:stop]
    ]


def _write(home: Home, start: int, stop: int) -> None:
    with JournalWriter(home.journal) as writer:
        writer.append(*documents(start, stop))


def _damage(home: Home) -> None:
    last = max(home.journal.glob("*.jsonl.zst"))
    last.write_bytes(last.read_bytes()[: last.stat().st_size // 2])


def commands(folder: Path) -> dict[str, Command]:
    """The commands that write, by name; *folder* holds what they read."""
    rows = folder / "rows.csv"
    lines = [
        f"{d.text},{d.published_at},https://sample.example/i/{n}" for n, d in enumerate(documents(0, NEW))
    ]
    rows.write_text("\n".join(["正文,时间,链接", *lines]), encoding="utf-8")
    doomed = documents(3, 4)[0]
    found = (
        Command("index", ("index",), lambda home: _write(home, BASE, BASE + NEW)),
        Command("reindex", ("reindex",)),
        Command("import", ("import", str(rows), "--source", "vendor", "--yes"), journals=True),
        Command("forget", ("forget", "--url", doomed.url, "--yes"), codes=frozenset({0, 1})),
        Command("correct", ("correct", documents(5, 6)[0].id, "--polarity", "pos", "--by", "trial")),
        Command("repair", ("repair", "--yes"), _damage),
        Command("alerts check", ("alerts", "check", "--at", NOW.isoformat())),
        Command("report", ("report", "custom", *_DAYS, "--format", "json,html,xlsx")),
        Command("crawl", ("crawl",), journals=True),
    )
    return {command.name: command for command in found}


def make_base(root: Path, site: str, *, store: str = "tantivy", frontier: str = "", size: int = BASE) -> Home:
    """A home with *size* indexed documents, an alert rule, and a source at the address *site*."""
    home = fleet.make_home(root, _CONFIG.format(store=store, frontier=frontier))
    (home.sources / "news.toml").write_text(_SOURCE.format(url=site), encoding="utf-8")
    _write(home, 0, size)
    settle(home)
    return home


def settle(home: Home) -> int:
    """Indexes and sends what is left, so that homes can be compared; returns the documents it indexed."""
    with closing(open_store(home)) as store:
        summary = pipeline.index(home, store, indexed_at=NOW)
    # A sender that died left its letter unsent, or sent and unnoted, for a time.
    deliver_due(home, datetime.now(UTC) + timedelta(days=1))
    return summary.lines


def truth(home: Home) -> Truth:
    """Everything that a reader sees: documents, alarms, messages by their ids, printed reports."""
    with closing(open_store(home)) as store:
        read = [
            (d.id, (d.raw.text, d.group, d.first_in_group, d.judgement.polarity))
            for d in store.scan(Filter())
        ]
    times = Counter(id for id, _ in read)
    seen: Truth = {f"document {id}": (times[id], said) for id, said in read}
    alarms = Counter(f"alarm {row['rule']} {row['key']}" for row in alert.listed(home, 1_000))
    seen |= {name: (number, None) for name, number in alarms.items()}
    messages = home.var / "delivery" / "messages.jsonl"
    for line in messages.read_bytes().splitlines() if messages.exists() else ():
        # One that is sent again carries the same id, by which whoever gets it tells it from another.
        record = orjson.loads(line)
        seen[f"message {record['id']}"] = 1, record["text"]
    for file in (one for one in home.reports.rglob("*") if one.is_file()):
        seen[f"report {file.name}"] = 1, hashlib.sha256(file.read_bytes()).hexdigest()
    return seen


def differences(expected: Truth, found: Truth) -> set[str]:
    """Those of ``lost``, ``doubled`` and ``changed`` that hold."""
    names = set()
    for name in expected.keys() | found.keys():
        wanted, wanted_content = expected.get(name, (0, None))
        times, content = found.get(name, (0, None))
        if times != wanted:
            names.add("lost" if times < wanted else "doubled")
        elif content != wanted_content:
            names.add("changed")
    return names


def faults_left(home: Home, command: Command, expected: Truth) -> set[str]:
    """Names of the counts to which *command*, ended, adds, and the sentence of a check that failed."""
    found: set[str] = set()
    try:
        if settle(home) and not command.journals and command.name != "repair":
            found.add("lost")
        found |= differences(expected, truth(home))
        for check in (integrity.check_state_whole, integrity.check_index_whole):
            check(home)
        if Journal(home.journal).damaged(whole=True):
            found.add("damaged")
    except FengpingError as error:
        found |= {"damaged", str(error)}
    return found


def traceback_in(home: Home, *said: str) -> bool:
    """True where what was said, or a log of *home*, holds a traceback."""
    logs = (file for file in (home.var / "log").rglob("*") if file.is_file())
    return any("Traceback" in text for text in said) or any(b"Traceback" in one.read_bytes() for one in logs)


def start(
    home: Home, arguments: tuple[str, ...], environment: dict[str, str] | None = None
) -> subprocess.Popen[str]:
    """Starts a command in a session of its own, with *environment* beside this process's."""
    return subprocess.Popen(
        [sys.executable, "-m", "fengping", "--home", str(home.root), *arguments],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        env=os.environ | (environment or {}), start_new_session=True,
    )  # fmt: skip
